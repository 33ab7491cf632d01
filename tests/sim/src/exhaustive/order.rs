//! Which step may follow which, so that no two scripts are the same one told differently.
//!
//! A script stands for all that differ from it only in the order of steps that do not touch: of
//! those, the one counts in which everybody goes as early as they can, the lowest number first. A
//! sync counts only if it brings something that its receiver acts on or passes on.

use crate::step::Step;

/// What somebody does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Gives a command.
    Act(usize),
    /// Gets all that another has.
    Pull {
        /// Who gets it.
        to: usize,
        /// Whose it is.
        from: usize,
    },
}

impl Turn {
    /// What a step is to others; none if it is no turn of a script.
    pub fn of(step: &Step) -> Option<Self> {
        match *step {
            Step::Act { who, .. } | Step::Undo { who } | Step::Redo { who } => Some(Self::Act(who)),
            Step::Pull { to, from } => Some(Self::Pull { to, from }),
            _ => None,
        }
    }

    /// Whose board it changes.
    fn whose(self) -> usize {
        match self {
            Self::Act(who) | Self::Pull { to: who, .. } => who,
        }
    }

    fn touches(self, who: usize) -> bool {
        match self {
            Self::Act(actor) => actor == who,
            Self::Pull { to, from } => to == who || from == who,
        }
    }

    /// Neither changes what the other touches.
    fn commutes_with(self, other: Self) -> bool {
        !self.touches(other.whose()) && !other.touches(self.whose())
    }
}

/// The turns of a script so far.
#[derive(Debug, Clone)]
pub struct Order {
    turns: Vec<Turn>,
    /// From whom each person got something that they have not used yet.
    unused: Vec<Vec<usize>>,
    /// How many commands may still be given.
    left: usize,
}

impl Order {
    /// The beginning of a script of so many commands.
    pub fn new(people: usize, commands: usize) -> Self {
        Self { turns: Vec::new(), unused: vec![Vec::new(); people], left: commands }
    }

    /// How many commands may still be given.
    pub fn left(&self) -> usize {
        self.left
    }

    /// The turns that may come next.
    pub fn turns(&self) -> Vec<Turn> {
        let people = 0..self.unused.len();
        let pulls = people.clone().flat_map(|to| people.clone().map(move |from| (to, from)));
        let pulls = pulls.filter(|(to, from)| to != from).map(|(to, from)| Turn::Pull { to, from });
        let all = people.clone().map(Turn::Act).chain(pulls);
        all.filter(|turn| self.admits(*turn)).collect()
    }

    fn admits(&self, turn: Turn) -> bool {
        self.is_worth_it(turn) && self.comes_in_turn(turn) && self.is_first_of_its_name(turn)
    }

    /// Everybody who holds something unused still gets to use it, and at least two people act.
    fn is_worth_it(&self, turn: Turn) -> bool {
        let after = self.followed_by(turn);
        let holding = after.unused.iter().filter(|unused| !unused.is_empty()).count();
        let alone = |turn: &Turn| turn.whose() == 0;
        let repeated = match turn {
            // The first of two syncs from one person, with nothing done between them, was useless.
            Turn::Pull { to, from } => self.unused.get(to).is_some_and(|u| u.contains(&from)),
            Turn::Act(_) => false,
        };
        !repeated && holding <= after.left && !(after.left == 0 && after.turns.iter().all(alone))
    }

    /// No earlier turn of somebody with a higher number could as well come after this one; and of
    /// a sync both ways, whoever has the lower number gets theirs first.
    fn comes_in_turn(&self, turn: Turn) -> bool {
        let earlier = self.turns.iter().rev();
        let mut passed = earlier.take_while(|other| turn.commutes_with(**other));
        if passed.any(|other| other.whose() > turn.whose()) {
            return false;
        }
        let Turn::Pull { to, from } = turn else { return true };
        let last = self.turns.iter().rev().find(|t| t.touches(to) || t.touches(from));
        to > from || last != Some(&Turn::Pull { to: from, from: to })
    }

    /// People are alike in the beginning, so they come in by their numbers.
    fn is_first_of_its_name(&self, turn: Turn) -> bool {
        let newcomer = self.turns.iter().map(|turn| turn.whose() + 1).max().unwrap_or(0);
        turn.whose() <= newcomer
    }

    /// The script with one more turn.
    pub fn followed_by(&self, turn: Turn) -> Self {
        let mut after = self.clone();
        after.turns.push(turn);
        match turn {
            Turn::Act(who) => {
                after.left = after.left.saturating_sub(1);
                after.use_up(who);
            }
            Turn::Pull { to, from } => {
                // What came from the receiver is nothing to pass on to them.
                let passed_on = self.unused.get(from).is_some_and(|u| u.iter().any(|s| *s != to));
                if passed_on {
                    after.use_up(from);
                }
                if let Some(unused) = after.unused.get_mut(to) {
                    unused.push(from);
                }
            }
        }
        after
    }

    fn use_up(&mut self, who: usize) {
        if let Some(unused) = self.unused.get_mut(who) {
            unused.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeSet, VecDeque};

    fn scripts(people: usize, commands: usize) -> Vec<Vec<Turn>> {
        let mut open = VecDeque::from([Order::new(people, commands)]);
        let mut over = Vec::new();
        while let Some(order) = open.pop_front() {
            match order.left {
                0 => over.push(order.turns),
                _ => open.extend(order.turns().into_iter().map(|t| order.followed_by(t))),
            }
        }
        // A sync must bring something; here everybody's commands count, there the world does it.
        over.retain(|turns| told(people, turns).is_some());
        over
    }

    /// For every command of everybody the commands that they knew; none if a sync brought nothing.
    fn told(people: usize, turns: &[Turn]) -> Option<Vec<Vec<Vec<usize>>>> {
        let mut known = vec![vec![0; people]; people];
        let mut told = vec![Vec::new(); people];
        for turn in turns {
            match *turn {
                Turn::Act(who) => {
                    told[who].push(known[who].clone());
                    known[who][who] += 1;
                }
                Turn::Pull { to, from } => {
                    let before = known[to].clone();
                    known[to] = (0..people).map(|p| before[p].max(known[from][p])).collect();
                    if known[to] == before {
                        return None;
                    }
                }
            }
        }
        Some(told)
    }

    #[test]
    fn two_people_with_two_commands_have_three_ways_to_know_of_each_other() {
        use Turn::*;
        let all = scripts(2, 2);
        assert_eq!(all.len(), 2);
        assert!(all.contains(&vec![Act(0), Act(1)]));
        assert!(all.contains(&vec![Act(0), Pull { to: 1, from: 0 }, Act(1)]));
    }

    #[test]
    fn no_two_scripts_of_two_people_tell_the_same() {
        for commands in 2..=5 {
            let all = scripts(2, commands);
            let different: BTreeSet<_> = all.iter().map(|turns| told(2, turns)).collect();
            assert_eq!(all.len(), different.len(), "{commands} commands");
        }
    }

    /// Every way in which two people can know of each other's commands, by brute force.
    #[test]
    fn the_scripts_of_two_people_tell_everything_that_begins_with_the_first() {
        fn grow(turns: &mut Vec<Turn>, left: usize, all: &mut BTreeSet<Vec<Vec<Vec<usize>>>>) {
            let Some(told) = told(2, turns) else { return };
            if left == 0 {
                let both = told.iter().all(|commands| !commands.is_empty());
                let first = told[0].first().is_some_and(|knew| knew.iter().all(|n| *n == 0));
                if both && first {
                    all.insert(told);
                }
                return;
            }
            for turn in [
                Turn::Act(0),
                Turn::Act(1),
                Turn::Pull { to: 0, from: 1 },
                Turn::Pull { to: 1, from: 0 },
            ] {
                turns.push(turn);
                grow(turns, left - usize::from(matches!(turn, Turn::Act(_))), all);
                turns.pop();
            }
        }
        for commands in 2..=4 {
            let mut all = BTreeSet::new();
            grow(&mut Vec::new(), commands, &mut all);
            let found = scripts(2, commands).iter().filter_map(|turns| told(2, turns)).collect();
            assert_eq!(all, found, "{commands} commands");
        }
    }
}
