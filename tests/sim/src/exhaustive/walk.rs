//! The walk through the tree of scripts, depth first. Scripts share the world of their common
//! beginning, so each step is carried out once.

use super::Scope;
use super::order::{Order, Turn};
use super::vocabulary::{Kind, commands};
use crate::acts::Screen;
use crate::broken::Broken;
use crate::run::{FAILURES_MAX, Run, guarded};
use crate::step::Step;
use crate::tally::Tally;
use crate::undo::{Expected, Undoing};
use crate::world::{FIRST_STEP, World};

/// After so many commands the tree is cut into parts for all processors.
const COMMANDS_BEFORE_THE_CUT: usize = 2;

/// A part of the tree, and what was met there.
#[derive(Debug)]
pub struct Walk {
    seed: u64,
    scope: Scope,
    /// The script from the very first step to where the walk is.
    path: Vec<(usize, Step)>,
    /// What was met.
    pub tally: Tally,
    /// The scripts that broke a promise.
    pub broken: Vec<Run>,
}

/// Where the walk through a part starts.
#[derive(Debug, Clone)]
pub struct Start {
    path: Vec<(usize, Step)>,
    place: Place,
}

#[derive(Debug, Clone)]
struct Place {
    world: World,
    order: Order,
}

/// What was counted where everybody agreed.
const INTERLEAVINGS: &str = "interleavings";

impl Walk {
    fn new(scope: &Scope, seed: u64) -> Self {
        let (path, tally, broken) = (Vec::new(), Tally::default(), Vec::new());
        Self { seed, scope: *scope, path, tally, broken }
    }

    /// Walks the stem of the tree and returns where its parts start.
    pub fn starts(scope: &Scope, seed: u64) -> (Self, Vec<Start>) {
        let mut walk = Self::new(scope, seed);
        let mut starts = Vec::new();
        if let Some(root) = walk.root() {
            let until = scope.commands.saturating_sub(COMMANDS_BEFORE_THE_CUT).max(1);
            walk.grow(&root, until, &mut |walk, place| {
                starts.push(Start { path: walk.path.clone(), place: place.clone() });
            });
        }
        (walk, starts)
    }

    /// Walks through a part.
    pub fn from(scope: &Scope, seed: u64, start: &Start) -> Self {
        let mut walk = Self { path: start.path.clone(), ..Self::new(scope, seed) };
        walk.grow(&start.place, 0, &mut Self::agree);
        walk
    }

    /// Adds what was met elsewhere.
    pub fn add(&mut self, other: Self) {
        self.tally.add(&other.tally);
        self.broken.extend(other.broken);
    }

    /// More failures would mostly be the same ones.
    pub fn has_failed_enough(&self) -> bool {
        self.broken.len() >= FAILURES_MAX
    }

    /// How many scripts were gone through to the end.
    pub fn interleavings(&self) -> usize {
        usize::try_from(self.tally.of(INTERLEAVINGS)).unwrap_or(usize::MAX)
    }

    /// The board that everybody starts from.
    fn root(&mut self) -> Option<Place> {
        let Scope { beginning, people, commands, .. } = self.scope;
        let world = guarded(|| World::new(self.seed, people, true));
        let begun = world.and_then(|world| Ok((world, beginning.steps(people)?)));
        let (world, steps) = begun.map_err(|broken| self.note(broken)).ok()?;
        let order = Order::new(people, commands);
        let mut place = Place { world: world.opening_only_to_agree(), order };
        for step in steps {
            place = self.go(&place, step)?;
        }
        Some(place)
    }

    /// Goes on from a place until so many commands are left.
    fn grow(&mut self, place: &Place, until: usize, end: &mut impl FnMut(&mut Self, &Place)) {
        for turn in place.order.turns() {
            let order = place.order.followed_by(turn);
            for step in self.steps(turn, &place.world) {
                if self.has_failed_enough() {
                    return;
                }
                let length = self.path.len();
                if let Some(Place { world, .. }) = self.go(place, step) {
                    let place = Place { world, order: order.clone() };
                    match turn {
                        Turn::Act(_) if order.left() == until => end(self, &place),
                        _ => self.grow(&place, until, end),
                    }
                }
                self.path.truncate(length);
            }
        }
    }

    /// What somebody can do when it is their turn.
    fn steps(&mut self, turn: Turn, world: &World) -> Vec<Step> {
        match turn {
            Turn::Act(who) => match world.screen(who) {
                Ok(screen) => {
                    let commands = commands(self.scope.kinds, self.number(), &screen);
                    let steps = commands.into_iter().map(|command| Step::Act { who, command });
                    steps.chain(self.undo(who, world, &screen)).collect()
                }
                Err(broken) => {
                    self.note(broken);
                    Vec::new()
                }
            },
            Turn::Pull { to, from } => {
                let known = |who: usize| world.peers.get(who).map(|peer| &peer.known);
                let brings =
                    known(to).zip(known(from)).is_some_and(|(to, from)| !from.is_subset(to));
                brings.then_some(Step::Pull { to, from }).into_iter().collect()
            }
        }
    }

    /// An undo and a redo, unless they would be refused. Whoever made the beginning can undo that.
    fn undo(&self, who: usize, world: &World, screen: &Screen) -> Vec<Step> {
        let peer = world.peers.get(who).filter(|_| self.scope.kinds.contains(&Kind::Undo));
        let undoing = peer.map(|p| Undoing::new(&world.history, &p.known, who, screen));
        let recorded = |redo: bool| {
            let expected = undoing.as_ref().map(|undoing| undoing.expected(redo));
            matches!(expected, Some(Expected::Recorded(..)))
        };
        let undo = recorded(false).then_some(Step::Undo { who });
        undo.into_iter().chain(recorded(true).then_some(Step::Redo { who })).collect()
    }

    /// One step, with all its checks; none if a promise broke.
    fn go(&mut self, place: &Place, step: Step) -> Option<Place> {
        let Place { mut world, order } = place.clone();
        let number = self.number();
        let result = guarded(|| world.perform(number, &step));
        self.path.push((number, step));
        self.tally.add(&std::mem::take(&mut world.tally));
        result.map_err(|broken| self.note(broken)).ok()?;
        Some(Place { world, order })
    }

    /// The end of a script.
    fn agree(&mut self, place: &Place) {
        let length = self.path.len();
        if let Some(Place { world, .. }) = self.go(place, Step::Agree) {
            self.count_end(&world);
        }
        self.path.truncate(length);
    }

    fn count_end(&mut self, world: &World) {
        self.tally.count(INTERLEAVINGS, 1);
        let Ok(screen) = world.screen(0) else { return };
        let (cards, columns) = (&screen.sight.cards, &screen.sight.columns);
        for (what, holds) in [
            ("two places", cards.values().any(|card| !card.other_placements.is_empty())),
            ("two titles", cards.values().any(|card| !card.other_titles.is_empty())),
            ("a flagged card", cards.values().any(|card| card.deleted_concurrently)),
            ("a flagged column", columns.values().any(|column| column.deleted_concurrently)),
            ("a recovered column", columns.values().any(|column| column.recovered)),
            ("several machines' places", screen.raw.cards.values().any(|raw| raw.ord.len() > 1)),
        ] {
            self.tally.count(format!("{INTERLEAVINGS} that end with {what}"), usize::from(holds));
        }
    }

    fn number(&self) -> usize {
        FIRST_STEP + self.path.len()
    }

    /// Keeps the script that leads here.
    fn note(&mut self, broken: Broken) {
        let (seed, cast) = (self.seed, (self.scope.people, true));
        let (steps, tally) = (self.path.clone(), Tally::default());
        self.broken.push(Run { seed, cast, steps, result: Err(broken), tally });
    }
}
