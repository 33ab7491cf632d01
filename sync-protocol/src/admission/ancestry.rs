//! Which changes a change builds on.
//!
//! Being known is not enough for what an operation refers to: a client may have the change and not
//! yet what the change never said it builds on, and Automerge panics there.

use crate::graph::{ChangeGraph, Position};
use automerge::ActorId;
use std::collections::{BTreeMap, BTreeSet};

/// A walk over the history looks at no more changes in a row than this, or than there are actors.
const CHECKPOINT_EVERY: usize = 200;

/// How many of the latest clocks are kept: about as many people write offline at once.
const RECENT_MAX: usize = 8;

/// For each actor, how many of its changes are covered.
type Clock = Vec<u32>;

/// The changes of a document in the order of their positions, as far as this module needs them.
#[derive(Debug, Clone, Default)]
pub(super) struct Ancestry {
    spans: Vec<Span>,
    /// The maker of each change.
    makers: Vec<u32>,
    /// By number.
    actors: Vec<ActorId>,
    /// The numbers in the order of their actors. No map: that would hold each actor once more, and
    /// set aside space for eleven where most documents have one or two. A new actor costs as much as
    /// its clock does.
    numbers: Vec<u32>,
    /// The positions of each actor's changes, by sequence number.
    changes: Vec<Vec<Position>>,
    /// How many of each actor's changes there are up to the last that has operations.
    written: Vec<u32>,
    /// The changes that none builds on.
    tips: BTreeSet<Position>,
    checkpoints: BTreeMap<Position, Clock>,
    /// The clocks of some of the latest changes beside the newest.
    recent: Vec<(Position, Clock)>,
    operations: u32,
    max_op: u32,
}

/// 8 bytes for each change: the number of its first operation, where its operations start in the
/// index, each 24 bits, and how far the next checkpoint is.
#[derive(Debug, Clone, Copy)]
struct Span(u64);

impl Span {
    fn new(start_op: u32, first: u32, since: usize) -> Self {
        Self(u64::from(start_op) | u64::from(first) << 24 | (since.min(0xffff) as u64) << 48)
    }

    fn start_op(self) -> u32 {
        (self.0 & 0xff_ffff) as u32
    }

    fn first(self) -> u32 {
        (self.0 >> 24 & 0xff_ffff) as u32
    }

    /// How many changes in a row lie between this and checkpoints.
    fn since(self) -> usize {
        (self.0 >> 48) as usize
    }
}

/// What a new change builds on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Covered {
    /// Everything that is known: the usual case, for which nothing needs to be walked.
    All,
    By(Clock),
}

impl Ancestry {
    /// How many changes there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// How many operations there are.
    pub fn operations(&self) -> u32 {
        self.operations
    }

    /// The highest number of an operation.
    pub fn max_op(&self) -> u32 {
        self.max_op
    }

    /// The number of an actor that has changes.
    pub fn actor(&self, actor: &ActorId) -> Option<u32> {
        self.numbers.get(self.place(actor).ok()?).copied()
    }

    /// Where an actor's number is among the others, or would be.
    fn place(&self, actor: &ActorId) -> Result<usize, usize> {
        self.numbers.binary_search_by(|number| self.actors.get(*number as usize).cmp(&Some(actor)))
    }

    /// What a change covers that builds directly on those at `deps`, ascending.
    pub fn covered(&mut self, graph: &ChangeGraph, deps: &[Position]) -> Covered {
        match deps.len() == self.tips.len() && deps.iter().all(|dep| self.tips.contains(dep)) {
            true => Covered::All,
            false => Covered::By(self.clock(graph, deps)),
        }
    }

    /// Whether all of an actor's operations are covered. Automerge looks back to before an actor's
    /// empty changes and goes on from there.
    pub fn covers_operations(&self, covered: &Covered, actor: u32) -> bool {
        let written = self.written.get(actor as usize);
        match covered {
            Covered::All => true,
            Covered::By(clock) => clock.get(actor as usize) >= written,
        }
    }

    /// Where the operation with this id stands in the index, if it is covered.
    pub fn find(&self, covered: &Covered, actor: u32, number: u32) -> Option<u32> {
        let changes = self.changes.get(actor as usize)?;
        let starts_before = |position: &Position| {
            self.span(*position).is_some_and(|span| span.start_op() <= number)
        };
        let seq = changes.partition_point(starts_before);
        let position = *changes.get(seq.checked_sub(1)?)?;
        if let Covered::By(clock) = covered
            && clock.get(actor as usize).is_none_or(|known| (*known as usize) < seq)
        {
            return None;
        }
        let span = self.span(position)?;
        let offset = number - span.start_op();
        (offset < self.length(position)).then_some(span.first() + offset)
    }

    /// The id of the operation at a place in the index, to compare it with others.
    pub fn id(&self, operation: u32) -> Option<(u32, &ActorId)> {
        let after = self.spans.partition_point(|span| span.first() <= operation);
        let position = after.checked_sub(1)?;
        let span = self.spans.get(position)?;
        let actor = self.actors.get(*self.makers.get(position)? as usize)?;
        Some((span.start_op() + (operation - span.first()), actor))
    }

    /// The number of the last operation that a change has, or that it builds on if it has none.
    pub fn last_op(&self, position: Position) -> u32 {
        let start_op = self.span(position).map_or(1, Span::start_op);
        (start_op + self.length(position)).saturating_sub(1)
    }

    /// Adds the next change.
    pub fn push(
        &mut self,
        graph: &ChangeGraph,
        deps: &[Position],
        actor: &ActorId,
        covered: Covered,
        (start_op, length): (u32, u32),
    ) {
        let position = self.spans.len() as Position;
        let maker = match self.actor(actor) {
            Some(maker) => maker,
            None => self.add_actor(actor),
        };
        let since = deps.iter().filter_map(|dep| self.span(*dep)).map(Span::since).max();
        let mut since = since.map_or(1, |since| since + 1);
        let is_checkpoint = since > CHECKPOINT_EVERY.max(self.actors.len()) || since > 0xffff;
        let clock = match covered {
            Covered::By(clock) => Some(clock),
            Covered::All if is_checkpoint => Some(self.clock(graph, deps)),
            Covered::All => None,
        };
        if let Some(changes) = self.changes.get_mut(maker as usize) {
            push_tightly(changes, position);
            if length > 0
                && let Some(written) = self.written.get_mut(maker as usize)
            {
                *written = changes.len() as u32;
            }
            if let Some(mut clock) = clock {
                clock.resize(self.actors.len(), 0);
                clock
                    .get_mut(maker as usize)
                    .into_iter()
                    .for_each(|seq| *seq = changes.len() as u32);
                if is_checkpoint {
                    since = 0;
                    self.checkpoints.insert(position, clock.clone());
                }
                self.remember(position, clock, deps);
            }
        }
        push_tightly(&mut self.spans, Span::new(start_op, self.operations, since));
        push_tightly(&mut self.makers, maker);
        deps.iter().for_each(|dep| _ = self.tips.remove(dep));
        self.tips.insert(position);
        self.operations += length;
        self.max_op = self.max_op.max((start_op + length).saturating_sub(1));
    }

    fn add_actor(&mut self, actor: &ActorId) -> u32 {
        let number = self.actors.len() as u32;
        // An actor is added once: the place is not taken.
        let (Ok(place) | Err(place)) = self.place(actor);
        self.numbers.insert(place, number);
        self.actors.push(actor.clone());
        self.changes.push(Vec::new());
        self.written.push(0);
        number
    }

    /// Keeps the clock of a change for the one that builds on it next.
    fn remember(&mut self, position: Position, clock: Clock, deps: &[Position]) {
        self.recent.retain(|(known, _)| !deps.contains(known));
        if self.recent.len() == RECENT_MAX {
            self.recent.remove(0);
        }
        self.recent.push((position, clock));
    }

    fn clock(&self, graph: &ChangeGraph, deps: &[Position]) -> Clock {
        let mut known: Clock = vec![0; self.actors.len()];
        let mut walked = known.clone();
        let mut ahead: BTreeSet<Position> = deps.iter().copied().collect();
        while let Some(position) = ahead.pop_last() {
            let recent = self.recent.iter().find(|(recent, _)| *recent == position);
            let kept = recent.map(|(_, clock)| clock).or_else(|| self.checkpoints.get(&position));
            if let Some(kept) = kept {
                known.iter_mut().zip(kept).for_each(|(seq, kept)| *seq = (*seq).max(*kept));
                continue;
            }
            let Some((maker, seq)) = self.name(position) else { continue };
            // What is known includes all that it builds on; what was walked does not.
            if known.get(maker).is_some_and(|known| *known >= seq) {
                continue;
            }
            walked.get_mut(maker).into_iter().for_each(|walked| *walked = (*walked).max(seq));
            ahead.extend(graph.deps(position as usize));
        }
        known.iter_mut().zip(walked).for_each(|(seq, walked)| *seq = (*seq).max(walked));
        known
    }

    /// A change's maker and sequence number.
    fn name(&self, position: Position) -> Option<(usize, u32)> {
        let maker = *self.makers.get(position as usize)? as usize;
        let before = self.changes.get(maker)?.partition_point(|change| *change < position);
        Some((maker, before as u32 + 1))
    }

    fn span(&self, position: Position) -> Option<Span> {
        self.spans.get(position as usize).copied()
    }

    fn length(&self, position: Position) -> u32 {
        let end = self.span(position + 1).map_or(self.operations, Span::first);
        end - self.span(position).map_or(end, Span::first)
    }

    /// About how many bytes of memory this takes.
    pub fn bytes(&self) -> usize {
        let actors = self.actors.iter().map(|actor| actor.to_bytes().len() + 60);
        let changes = self.changes.iter().map(|changes| 4 * changes.capacity());
        let clocks = self.checkpoints.values().chain(self.recent.iter().map(|(_, clock)| clock));
        8 * self.spans.capacity()
            + 4 * self.makers.capacity()
            + actors.sum::<usize>()
            + changes.sum::<usize>()
            + clocks.map(|clock| 4 * clock.capacity() + 32).sum::<usize>()
            + 16 * self.tips.len()
    }
}

/// Pushes onto a list that keeps an eighth free at most: a relay holds many for long.
pub(super) fn push_tightly<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(list.len() / 8 + 4);
    }
    list.push(item);
}
