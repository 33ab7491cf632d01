//! What an undo or redo should do, by what its author had done and who had seen what since.
//!
//! Nothing here reads a document's history: a person's events, in the order in which they gave them,
//! say what they can take back ([`Log`]), and the acts of everybody say what of it is still theirs
//! to take back ([`Undoing::verdicts`]). A register goes back only if what is in force there is the
//! undone command's own, or was there when it was given, or was put there by an undo that itself
//! only uncovered such a thing: another person's value never goes, also not by way of two undos.

use crate::acts::Screen;
use crate::history::{Act, Deed, Event, Events, History, Oracle, Register, Thing};
use crate::place::{shown, winner};
use crate::raw::Raw;
use std::collections::BTreeSet;
use std::sync::Arc;

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

/// The registers of a thing on a screen.
fn raw(screen: &Screen, thing: &Thing) -> Raw {
    let raw = match thing {
        Thing::Board => None,
        Thing::Column(id) => screen.raw.columns.get(id),
        Thing::Card(id) => screen.raw.cards.get(id),
    };
    raw.cloned().unwrap_or_default()
}

/// The name that a screen shows.
fn name(screen: &Screen, thing: &Thing) -> Option<String> {
    let sight = &screen.sight;
    match thing {
        Thing::Board => Some(sight.name.0.clone()),
        Thing::Column(id) => sight.columns.get(id).map(|column| column.name.clone()),
        Thing::Card(id) => sight.cards.get(id).map(|card| card.title.clone()),
    }
}

/// An event that is to be taken back.
struct Undone<'a, 'b> {
    all: &'b Undoing<'a>,
    number: usize,
    event: &'b Event,
    before: Arc<Screen>,
    /// What its author knew.
    oracle: Oracle<'b>,
    /// Machines' writes beside a person's placement of a card only made room for it.
    places_a_card: bool,
}

impl<'a, 'b> Undone<'a, 'b> {
    fn new(all: &'b Undoing<'a>, number: usize, event: &'b Event) -> Self {
        let oracle = Oracle::knowing(all.history, &event.past);
        let before = event.before.clone().unwrap_or_default();
        let places = |(thing, act): &(Thing, Act)| {
            matches!(thing, Thing::Card(_)) && matches!(act, Act::Place(_))
        };
        let places_a_card = event.acts.iter().any(places);
        Self { all, number, event, before, oracle, places_a_card }
    }

    fn verdict(&self, thing: &Thing) -> Verdict {
        let acts: Vec<&Act> =
            self.event.acts.iter().filter(|(t, _)| t == thing).map(|(_, act)| act).collect();
        let did = |kind: fn(&Act) -> bool| acts.iter().any(|act| kind(act));
        if *thing != Thing::Board && self.oracle.acts_on(thing).is_empty() {
            return self.uncreated(thing);
        }
        if did(|act| matches!(act, Act::Delete | Act::Confirm | Act::Flag)) {
            return self.revived(thing, did(|act| *act == Act::Delete));
        }
        if did(|act| matches!(act, Act::Place(_))) {
            return self.moved(thing);
        }
        if did(|act| matches!(act, Act::Name(_))) {
            return self.named(thing);
        }
        if did(|act| matches!(act, Act::Shelve | Act::Unshelve)) {
            return self.shelved(thing);
        }
        if did(|act| matches!(act, Act::Type(_) | Act::Erase(..))) {
            return self.written(thing, &acts);
        }
        match did(|act| matches!(act, Act::Refine(_) | Act::Unrefine)) && !self.places_a_card {
            true => self.refined(thing),
            false => Verdict::Nothing,
        }
    }

    fn is_alive(&self, thing: &Thing) -> bool {
        *thing == Thing::Board || self.all.oracle.is_alive(thing)
    }

    fn is_strange(&self, thing: &Thing, register: Register) -> bool {
        self.all.is_strange(thing, register, self.number)
    }

    /// What was created is deleted, unless somebody else has worked on it, or put cards into it.
    fn uncreated(&self, thing: &Thing) -> Verdict {
        let occupied = match thing {
            Thing::Column(id) => !self.all.now.sight.placed_in(id).is_empty(),
            _ => false,
        };
        match self.is_alive(thing) {
            false => Verdict::Nothing,
            true if occupied || self.worked_on(thing) => Verdict::Left,
            true => Verdict::Back(vec![Act::Delete]),
        }
    }

    fn worked_on(&self, thing: &Thing) -> bool {
        self.all.others_worked_on(thing, self.event, self.number)
    }

    /// A delete, restore or keep.
    fn revived(&self, thing: &Thing, deleted: bool) -> Verdict {
        let now = self.all.raw(thing);
        let alive = self.is_alive(thing);
        if !self.oracle.is_alive(thing) {
            // It brought the thing back.
            let was_shelved = !raw(&self.before, thing).shelf.is_empty();
            let shelve = (was_shelved && now.shelf.is_empty()).then_some(Act::Shelve);
            return match alive {
                false => Verdict::Nothing,
                true if self.worked_on(thing) => Verdict::Left,
                true => Verdict::Back([Act::Delete].into_iter().chain(shelve).collect()),
            };
        }
        let marked = self.all.oracle.has_delete_mark(thing);
        let place = || Act::Place(String::new());
        if self.is_strange(thing, Register::Mark) {
            return Verdict::Left;
        }
        match (marked, alive) {
            // Somebody else's mark, which the thing had survived, stays.
            (true, false) if deleted && self.oracle.has_delete_mark(thing) => {
                Verdict::Back(vec![Act::Keep, place(), Act::Flag])
            }
            (true, _) => {
                let homeless = now.pos.is_empty().then(place);
                let acts = [Act::Keep, Act::Confirm].into_iter().chain(homeless);
                Verdict::Back(acts.chain(self.comes_down(thing)).collect())
            }
            // It was a keep: the mark comes back.
            (false, _) if !deleted && self.oracle.has_delete_mark(thing) => {
                Verdict::Back(vec![Act::Flag])
            }
            // Somebody else has brought it back already.
            (false, _) => Verdict::Left,
        }
    }

    /// Undoing a restore puts a thing on the shelf again; redoing that takes it off.
    fn comes_down(&self, thing: &Thing) -> Option<Act> {
        let shelved = self.event.acts.contains(&(thing.clone(), Act::Shelve));
        let is_shelved = !self.all.raw(thing).shelf.is_empty();
        let comes_down = shelved && is_shelved && !self.is_strange(thing, Register::Shelf);
        comes_down.then_some(Act::Unshelve)
    }

    /// Only what is nobody else's place and the one place there is goes back.
    fn moved(&self, thing: &Thing) -> Verdict {
        let torn = self.all.raw(thing).pos.len() != 1;
        match torn || self.is_strange(thing, Register::Place) {
            true => Verdict::Left,
            false => Verdict::Back(vec![Act::Keep, Act::Place(String::new())]),
        }
    }

    fn named(&self, thing: &Thing) -> Verdict {
        let former = name(&self.before, thing);
        if self.is_strange(thing, Register::Name) {
            return Verdict::Left;
        }
        match former {
            former if former == name(self.all.now, thing) => Verdict::Nothing,
            Some(former) if *thing == Thing::Board => Verdict::Back(vec![Act::Name(former)]),
            former => self.edited(thing, former.map(Act::Name)),
        }
    }

    /// What somebody has deleted meanwhile does not come back for the sake of an edit taken back.
    fn edited(&self, thing: &Thing, acts: impl IntoIterator<Item = Act>) -> Verdict {
        match self.is_alive(thing) {
            true => Verdict::Back([Act::Keep].into_iter().chain(acts).collect()),
            false => Verdict::Left,
        }
    }

    fn shelved(&self, thing: &Thing) -> Verdict {
        if self.is_strange(thing, Register::Shelf) {
            return Verdict::Left;
        }
        let (was, is) = (raw(&self.before, thing).shelf, self.all.raw(thing).shelf);
        match was.last() {
            was if was == is.last() => Verdict::Nothing,
            Some(_) => self.edited(thing, [Act::Shelve]),
            None => self.edited(thing, [Act::Unshelve]),
        }
    }

    /// What it typed goes as far as it is there; what it erased is typed again.
    fn written(&self, thing: &Thing, acts: &[&Act]) -> Verdict {
        let typed = self.all.oracle.typed(thing);
        let inverse = |act: &&Act| match **act {
            Act::Type(c) if typed.contains(&(c, self.number)) => Some(Act::Erase(c, self.number)),
            Act::Erase(c, _) => Some(Act::Type(c)),
            _ => None,
        };
        let acts: Vec<Act> = acts.iter().filter_map(inverse).collect();
        match acts.is_empty() {
            true => Verdict::Nothing,
            false => self.edited(thing, acts),
        }
    }

    /// What a machine placed goes back, unless a person or another machine has placed it since.
    fn refined(&self, thing: &Thing) -> Verdict {
        let strange = [Register::Place, Register::Machine]
            .into_iter()
            .any(|register| self.is_strange(thing, register));
        if strange {
            return Verdict::Left;
        }
        let (was, is) = (raw(&self.before, thing), self.all.raw(thing));
        let Some(former) = shown(&was) else { return Verdict::Nothing };
        let base = winner(&is.pos).or_else(|| winner(&is.trash));
        let stands_there =
            base.is_some_and(|base| (base.column, base.key) == (former.column, former.key));
        match is.ord.is_empty() && stands_there && former.rank.is_empty() {
            true => Verdict::Nothing,
            false => Verdict::Uncovered,
        }
    }
}
