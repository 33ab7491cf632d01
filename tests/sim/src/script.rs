//! Scripts: what people might do, drawn from a seed and from what each of them sees.
//!
//! People work apart for a while, each giving several commands, and mostly on the same few cards;
//! then some of the changes travel. The first rounds fill the board.

use crate::command::Whim;
use crate::random::Random;
use crate::step::Step;
use crate::undo::Log;
use crate::world::{FIRST_STEP, World};
use std::collections::VecDeque;

/// What people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habits {
    /// Everything that they can.
    Everything,
    /// What seeds stood for before people cared for fields, labels and the parts of cards, and for
    /// whole columns of cards: some are known to meet something rare.
    WithoutFields,
    /// What seeds stood for before there was an undo.
    NeverUndo,
}

/// Draws one step after the other.
#[derive(Debug)]
pub struct Script {
    random: Random,
    people: usize,
    planned: VecDeque<Planned>,
    left: usize,
    whim: Whim,
    habits: Habits,
    /// What decides whether somebody undoes instead; none if nobody ever does. Apart from the
    /// rest, so that a seed gives the same commands with and without.
    undoing: Option<Random>,
}

/// What a step will be about; the rest is drawn when it is its turn.
#[derive(Debug, Clone)]
enum Planned {
    Furnish,
    Define,
    Act(usize),
    Post(usize),
    Everything(usize),
    Exactly(Step),
}

impl Script {
    /// A script of about so many steps.
    pub fn new(seed: u64, steps: usize, habits: Habits) -> Self {
        let mut random = Random::new(seed);
        let people = 2 + random.weighted([5, 4, 2]);
        let mut planned: VecDeque<_> = std::iter::repeat_n(Planned::Furnish, 8).collect();
        if habits == Habits::Everything {
            planned.extend(std::iter::repeat_n(Planned::Define, 9));
        }
        planned.extend((1..people).map(|to| Planned::Exactly(Step::Merge { to, from: 0 })));
        let undoing = (habits != Habits::NeverUndo).then(|| Random::new(!seed));
        Self { random, people, planned, left: steps, whim: Whim::default(), habits, undoing }
    }

    /// How many people take part, and whether they start from one copy of the board.
    pub fn cast(&mut self) -> (usize, bool) {
        (self.people, self.random.chance(80))
    }

    /// The next step, if the script is not over.
    pub fn next(&mut self, number: usize, world: &World) -> Option<Step> {
        loop {
            let Some(planned) = self.planned.pop_front() else {
                if self.left == 0 {
                    return None;
                }
                self.plan_round(world);
                continue;
            };
            return Some(match planned {
                Planned::Exactly(step) => step,
                Planned::Furnish => {
                    let command = self.whim.furnish(&mut self.random, number, world);
                    Step::Act { who: 0, command }
                }
                Planned::Define => {
                    let command = self.whim.define(&mut self.random, number, world);
                    Step::Act { who: 0, command }
                }
                Planned::Act(who) if self.undoes() => Step::Undo { who },
                Planned::Act(who) if self.redoes(who, world) => Step::Redo { who },
                Planned::Act(who) => {
                    let command = self.whim.command(&mut self.random, number, who, world);
                    Step::Act { who, command }
                }
                Planned::Post(to) => Step::Deliver { to, steps: self.post(to, world) },
                Planned::Everything(to) => {
                    let mut steps: Vec<usize> = world.history.keys().copied().collect();
                    self.random.shuffle(&mut steps);
                    Step::Deliver { to, steps }
                }
            });
        }
    }

    fn undoes(&mut self) -> bool {
        self.undoing.as_mut().is_some_and(|random| random.chance(15))
    }

    /// Mostly where there is something to redo.
    fn redoes(&mut self, who: usize, world: &World) -> bool {
        let undone = !Log::of(&world.history, who).redo.is_empty();
        let percent = if undone { 40 } else { 1 };
        self.undoing.as_mut().is_some_and(|random| random.chance(percent))
    }

    /// Work apart, then some post.
    fn plan_round(&mut self, world: &World) {
        let fields = self.habits == Habits::Everything;
        self.whim = Whim::new(&mut self.random, world, fields);
        let mut round = Vec::new();
        for who in 0..self.people {
            let commands = 2 + self.random.below(3);
            round.extend([who].repeat(commands).into_iter().map(Planned::Act));
        }
        self.random.shuffle(&mut round);
        for _ in 0..=self.people {
            let to = self.random.below(self.people);
            let from = (to + 1 + self.random.below(self.people - 1)) % self.people;
            round.push(match self.random.weighted([60, 20, 12, 8]) {
                0 => Planned::Post(to),
                1 => Planned::Exactly(Step::Pull { to, from }),
                2 => Planned::Exactly(Step::Merge { to, from }),
                _ => Planned::Exactly(Step::Restart { who: to }),
            });
        }
        self.left = self.left.saturating_sub(round.len());
        if self.left == 0 {
            round.push(Planned::Exactly(Step::CompareMerges));
            round.extend((0..self.people).map(Planned::Everything));
            round.push(Planned::Exactly(Step::Agree));
        }
        self.planned.extend(round);
    }

    /// Some of the changes that somebody lacks, in any order, some of them twice.
    fn post(&mut self, to: usize, world: &World) -> Vec<usize> {
        let Some(peer) = world.peers.get(to) else { return Vec::new() };
        let lacking = world.history.keys().filter(|n| !peer.delivered.contains(n));
        let mut lacking: Vec<usize> = lacking.copied().collect();
        self.random.shuffle(&mut lacking);
        let share = [25, 50, 100].get(self.random.below(3)).copied().unwrap_or(100);
        lacking.truncate((lacking.len() * share).div_ceil(100));
        let again = self.random.below(3);
        let all: Vec<usize> = world.history.keys().copied().collect();
        lacking.extend((0..again).filter_map(|_| self.random.pick(&all).copied()));
        self.random.shuffle(&mut lacking);
        lacking
    }
}

/// The number of the first step of a script.
pub fn first_step() -> usize {
    FIRST_STEP
}
