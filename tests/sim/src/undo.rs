//! What an undo or redo should do, by what its author had done and who had seen what since.
//!
//! Nothing here reads a document's history: a person's events, in the order in which they gave them,
//! say what they can take back ([`Log`]), and the acts of everybody say what of it is still theirs
//! to take back ([`Undoing::verdicts`]). A register goes back only if what is in force there is the
//! undone command's own, or was there when it was given, or was put there by an undo that itself
//! only uncovered such a thing: another person's value never goes, also not by way of two undos.

mod verdict;

use crate::acts::Screen;
use crate::history::{Act, Deed, Event, Events, History, Oracle, Register, Thing};
use crate::place::{shown, winner};
use crate::raw::Raw;
use std::collections::BTreeSet;
use verdict::{Undone, raw};

/// What one person can undo and redo: their events in effect, and their undos since the last
/// command, each oldest first.
#[derive(Debug, Default)]
pub struct Log {
    /// Commands, and redos, that can be undone.
    pub undo: Vec<usize>,
    /// Undos that can be redone.
    pub redo: Vec<usize>,
}

impl Log {
    /// Goes through everything that somebody did. They always know that themselves.
    pub fn of(history: &History, who: usize) -> Self {
        let mut log = Self::default();
        for (number, event) in history.iter().filter(|(_, event)| event.who == who) {
            match event.deed {
                Deed::Beginning => {}
                Deed::Command => {
                    log.undo.push(*number);
                    log.redo.clear();
                }
                Deed::Undo(of) => {
                    log.undo.retain(|other| *other != of);
                    log.redo.push(*number);
                }
                Deed::Redo(of) => {
                    log.redo.retain(|other| *other != of);
                    log.undo.push(*number);
                }
            }
        }
        log
    }
}

/// What becomes of one thing that an undone event had changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It goes back, by these acts. Values of placements are left empty.
    Back(Vec<Act>),
    /// A machine's placement of it goes.
    Uncovered,
    /// It stays, because somebody else has moved on.
    Left,
    /// There is nothing to take back.
    Nothing,
}

/// What should become of an undo or redo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// One change that takes this event back, thing by thing.
    Recorded(usize, Vec<(Thing, Verdict)>),
    /// An error: somebody has moved on from all that this event did.
    Superseded(usize),
    /// An error: there is nothing to take back.
    NothingLeft,
}

/// One person's view of what they did.
pub struct Undoing<'a> {
    history: &'a History,
    known: &'a Events,
    oracle: Oracle<'a>,
    now: &'a Screen,
    log: Log,
    who: usize,
}

impl<'a> Undoing<'a> {
    /// What somebody who knows certain events has before them.
    pub fn new(history: &'a History, known: &'a Events, who: usize, now: &'a Screen) -> Self {
        let oracle = Oracle::knowing(history, known);
        Self { history, known, oracle, now, log: Log::of(history, who), who }
    }

    /// What they can undo and redo.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// What should become of an undo, or of a redo.
    pub fn expected(&self, redo: bool) -> Expected {
        let candidates = if redo { &self.log.redo } else { &self.log.undo };
        for number in candidates.iter().rev() {
            let verdicts = self.verdicts(*number);
            let works =
                |(_, v): &(Thing, Verdict)| matches!(v, Verdict::Back(_) | Verdict::Uncovered);
            if verdicts.iter().any(works) {
                return Expected::Recorded(*number, verdicts);
            }
            if verdicts.iter().any(|(_, verdict)| *verdict == Verdict::Left) {
                return Expected::Superseded(*number);
            }
            // What had no effect, or has none any more, is passed over.
        }
        Expected::NothingLeft
    }

    /// Whether everything that its author came to know since this event was their own and has been
    /// taken back, and nothing after it was passed over: then an undo shows what was there before.
    pub fn is_last(&self, number: usize, redo: bool) -> bool {
        let Some(event) = self.history.get(&number) else { return false };
        let candidates = if redo { &self.log.redo } else { &self.log.undo };
        let since = self.known.difference(&event.past).filter(|other| **other != number);
        let mine = |other: &usize| self.history.get(other).is_some_and(|e| e.who == self.who);
        candidates.last() == Some(&number)
            && since.into_iter().all(mine)
            && (redo || self.log.undo.iter().all(|other| *other <= number))
    }

    /// What becomes of everything that this event had changed.
    pub fn verdicts(&self, number: usize) -> Vec<(Thing, Verdict)> {
        let Some(event) = self.history.get(&number) else { return Vec::new() };
        let things: BTreeSet<&Thing> = event.acts.iter().map(|(thing, _)| thing).collect();
        let undone = Undone::new(self, number, event);
        things.into_iter().map(|thing| (thing.clone(), undone.verdict(thing))).collect()
    }

    /// Whether something in force in this register is not this event's to take away.
    fn is_strange(&self, thing: &Thing, register: Register, undone: usize) -> bool {
        let in_force = self.oracle.in_force(thing, register);
        in_force.into_iter().any(|(number, _)| self.is_foreign(thing, register, undone, number))
    }

    fn is_foreign(&self, thing: &Thing, register: Register, undone: usize, number: usize) -> bool {
        let past = |number| self.history.get(&number).map(|event| &event.past);
        if self.was_there(undone, self.command_behind(number)) {
            return false;
        }
        let Some(event) = self.history.get(&number) else { return true };
        if event.who != self.who || self.log.undo.contains(&number) {
            return true;
        }
        // An undo uncovers what was there before the event that it took back.
        let Deed::Undo(of) = event.deed else {
            return self.was_foreign(thing, register, undone, &event.past);
        };
        past(of).is_some_and(|past| self.was_foreign(thing, register, undone, past))
    }

    /// A redo of a command that is in effect stands for that command.
    fn command_behind(&self, number: usize) -> usize {
        let deed = |number| self.history.get(&number).map(|event| event.deed);
        match deed(number) {
            Some(Deed::Redo(undo)) if self.log.undo.contains(&number) => match deed(undo) {
                // The undone one was perhaps a redo itself, and no longer is in effect.
                Some(Deed::Undo(mut of)) => {
                    while let Some(Deed::Redo(undo)) = deed(of) {
                        let Some(Deed::Undo(earlier)) = deed(undo) else { break };
                        of = earlier;
                    }
                    of
                }
                _ => number,
            },
            _ => number,
        }
    }

    /// Whether it is the event itself, or its author had seen it.
    fn was_there(&self, event: usize, other: usize) -> bool {
        event == other || self.history.get(&event).is_some_and(|e| e.past.contains(&other))
    }

    fn was_foreign(
        &self,
        thing: &Thing,
        register: Register,
        undone: usize,
        known: &Events,
    ) -> bool {
        let in_force = Oracle::knowing(self.history, known).in_force(thing, register);
        in_force.into_iter().any(|(number, _)| self.is_foreign(thing, register, undone, number))
    }

    /// Where something stands that a machine had placed, if not where it stood before: somebody else
    /// has put it somewhere meanwhile and it was deleted there. Coming back is no move, so that a
    /// person's placement must outlive the delete, and no machine may go past it. Of several
    /// deletes, the one counts whose place is in force.
    pub fn put_and_deleted(&self, thing: &Thing, undone: usize) -> Option<(String, String)> {
        let raw = self.raw(thing);
        let base = winner(&raw.trash).filter(|_| raw.pos.is_empty())?;
        let marks = self.oracle.in_force(thing, Register::Mark).into_iter();
        let mut deletes = marks.filter_map(|(number, _)| self.history.get(&number));
        let was_put = deletes.any(|delete| {
            let found = delete.before.as_deref().map(|before| verdict::raw(before, thing));
            let found = found.as_ref().and_then(shown);
            found.is_some_and(|found| (found.column, found.key) == (base.column, base.key))
                && self.was_foreign(thing, Register::Place, undone, &delete.past)
        });
        was_put.then(|| (base.column.to_owned(), base.key.to_owned()))
    }

    /// Whether anybody, other than by what was taken back, has worked on a thing without this
    /// event's author having known when they did it. A machine's placement is no work on a thing.
    fn others_worked_on(&self, thing: &Thing, undone: &Event, number: usize) -> bool {
        self.oracle.acts_on(thing).iter().any(|(other, event, act)| {
            let machine = matches!(act, Act::Refine(_) | Act::Unrefine);
            let mine = event.who == self.who && !self.log.undo.contains(other);
            let seen = *other == number || undone.past.contains(other);
            let stands_for_seen = self.was_there(number, self.command_behind(*other));
            !machine && !mine && !seen && !stands_for_seen
        })
    }

    fn raw(&self, thing: &Thing) -> Raw {
        raw(self.now, thing)
    }
}
