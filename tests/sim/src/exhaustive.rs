//! Every interleaving of a few commands and syncs on a small board, with every check of `World`.
//!
//! `beginning` makes the boards, `vocabulary` says which commands make a difference on a screen,
//! `order` which step may follow which so that no script is counted twice, and `walk` goes
//! through the tree of all scripts. A script starts where everybody knows the same, ends with its
//! last command, and then everybody gets everything and must agree. Since random scripts
//! (`run`(crate::run)) go far but thinly, and these go near but leave nothing out, a rule that is
//! wrong with few commands cannot hide here.
//!
//! People are alike but for their actors, by whose order Automerge decides between concurrent
//! values. So whoever begins is ana, but of two who begin without knowing of each other each gets
//! to say either's part.

pub mod beginning;
pub mod order;
pub mod vocabulary;
mod walk;

use crate::run::{Campaign, Failure};
use crate::tally::Tally;
use beginning::Beginning;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use vocabulary::{COLUMNS, FEW, Kind, MACHINES, WHOLE};
use walk::Walk;

/// What to go through.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// The board to start from.
    pub beginning: Beginning,
    /// How many people.
    pub people: usize,
    /// How many commands they give in all.
    pub commands: usize,
    /// Of which kinds.
    pub kinds: &'static [Kind],
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { beginning, people, commands, kinds } = self;
        let (beginning, kinds) = (beginning.name(), kinds.len());
        write!(f, "{people} people, {commands} commands of {kinds} kinds, {beginning}")
    }
}

const fn two(beginning: Beginning, commands: usize, kinds: &'static [Kind]) -> Scope {
    Scope { beginning, people: 2, commands, kinds }
}

const fn three(beginning: Beginning, commands: usize, kinds: &'static [Kind]) -> Scope {
    Scope { beginning, people: 3, commands, kinds }
}

/// Seconds: for the normal suite.
pub const NARROW: &[Scope] = &[
    two(Beginning::OneCard, 3, WHOLE),
    two(Beginning::TwoCards, 2, WHOLE),
    two(Beginning::DeletedCard, 2, WHOLE),
    two(Beginning::TornCard, 2, WHOLE),
    two(Beginning::RecoveredColumn, 2, WHOLE),
    two(Beginning::RecoveredColumn, 2, COLUMNS),
    two(Beginning::TwoCards, 3, MACHINES),
    two(Beginning::FlaggedCard, 4, FEW),
    three(Beginning::OneCard, 3, FEW),
];

/// Minutes, in release mode: more than a million interleavings.
pub const WIDE: &[Scope] = &[
    two(Beginning::OneCard, 4, WHOLE),
    two(Beginning::DeletedCard, 4, WHOLE),
    two(Beginning::FlaggedCard, 4, WHOLE),
    two(Beginning::TwoCards, 3, WHOLE),
    two(Beginning::TornCard, 3, WHOLE),
    two(Beginning::RecoveredColumn, 3, WHOLE),
    two(Beginning::RecoveredColumn, 3, COLUMNS),
    two(Beginning::TwoCards, 4, MACHINES),
    two(Beginning::OneCard, 5, FEW),
    two(Beginning::FlaggedCard, 5, FEW),
    three(Beginning::OneCard, 4, FEW),
    three(Beginning::FlaggedCard, 4, FEW),
    three(Beginning::TornCard, 3, FEW),
];

/// Goes through everything within these scopes on all processors. The result does not depend on how
/// many there are, unless there are too many failures. Each scope is told with how many
/// interleavings it has, as soon as it is done; none is begun after a failure.
pub fn every(scopes: &[Scope], mut tell: impl FnMut(&Scope, usize)) -> Campaign {
    let mut campaign = Campaign { tally: Tally::default(), failures: Vec::new() };
    for (seed, scope) in scopes.iter().enumerate() {
        let walk = every_within(scope, seed as u64);
        campaign.tally.add(&walk.tally);
        tell(scope, walk.interleavings());
        let failures = walk.broken.into_iter();
        let failures = failures.filter_map(|run| Failure::titled(scope.to_string(), run));
        campaign.failures.extend(failures);
        // The next scope would mostly find the same again.
        if !campaign.failures.is_empty() {
            break;
        }
    }
    campaign
}

fn every_within(scope: &Scope, seed: u64) -> Walk {
    let (walk, starts) = Walk::starts(scope, seed);
    let next = AtomicUsize::new(0);
    let result = Mutex::new(walk);
    let work = || {
        while let Some(start) = starts.get(next.fetch_add(1, Ordering::Relaxed)) {
            let part = Walk::from(scope, seed, start);
            let Ok(mut walk) = result.lock() else { return };
            walk.add(part);
            if walk.has_failed_enough() {
                return;
            }
        }
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..processors {
            scope.spawn(work);
        }
    });
    result.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
}
