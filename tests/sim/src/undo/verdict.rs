//! What becomes of each thing that an event had changed, when the event is to be taken back.

use super::{Undoing, Verdict};
use crate::acts::Screen;
use crate::history::{Act, Event, Oracle, Register, Thing};
use crate::place::{shown, winner};
use crate::raw::Raw;
use kanban_core::FieldValue;
use std::sync::Arc;

/// The registers of a thing on a screen.
pub(super) fn raw(screen: &Screen, thing: &Thing) -> Raw {
    let raw = match thing {
        Thing::Column(id) => screen.raw.columns.get(id),
        Thing::Card(id) => screen.raw.cards.get(id),
        _ => None,
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
        _ => None,
    }
}

/// The value that a screen shows, or would show if what the field belongs to were there.
fn value(screen: &Screen, thing: &Thing) -> Option<FieldValue> {
    match thing {
        Thing::Field(field) => screen.raw.fields.get(field).and_then(|all| all.last()).cloned(),
        Thing::Mark(card, key) => {
            let card = screen.sight.cards.get(card)?;
            let labels = card.labels.iter().map(|id| format!("l:{id}"));
            let members = card.assignees.iter().map(|id| format!("m:{id}"));
            labels.chain(members).any(|mark| mark == *key).then_some(FieldValue::Flag(true))
        }
        _ => None,
    }
}

/// An event that is to be taken back.
pub(super) struct Undone<'a, 'b> {
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
    pub(super) fn new(all: &'b Undoing<'a>, number: usize, event: &'b Event) -> Self {
        let oracle = Oracle::knowing(all.history, &event.past);
        let before = event.before.clone().unwrap_or_default();
        let places = |(thing, act): &(Thing, Act)| {
            matches!(thing, Thing::Card(_)) && matches!(act, Act::Place(_))
        };
        let places_a_card = event.acts.iter().any(places);
        Self { all, number, event, before, oracle, places_a_card }
    }

    pub(super) fn verdict(&self, thing: &Thing) -> Verdict {
        let acts: Vec<&Act> =
            self.event.acts.iter().filter(|(t, _)| t == thing).map(|(_, act)| act).collect();
        let did = |kind: fn(&Act) -> bool| acts.iter().any(|act| kind(act));
        let is_new =
            |thing: &Thing| *thing != Thing::Board && self.oracle.acts_on(thing).is_empty();
        // What belongs to something new goes with it.
        if thing.owners().any(|owner| is_new(&owner)) {
            return Verdict::Nothing;
        }
        if let Thing::Field(_) | Thing::Mark(..) = thing {
            return self.valued(thing);
        }
        if let Thing::Label(_) | Thing::Member(_) | Thing::Part(..) = thing
            && !is_new(thing)
        {
            return self.recorded(thing, &acts);
        }
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
        match thing {
            Thing::Board => true,
            Thing::Field(_) | Thing::Mark(..) => thing.owners().all(|owner| self.is_alive(&owner)),
            Thing::Part(card, _) => {
                let card = Thing::Card(card.clone());
                self.all.oracle.is_alive(thing) && self.all.oracle.is_alive(&card)
            }
            thing => self.all.oracle.is_alive(thing),
        }
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
                // What an edit alone had kept is kept by the edit alone again.
                let placed = |(of, act): &(Thing, Act)| of == thing && matches!(act, Act::Place(_));
                let goes = self.event.acts.iter().any(placed)
                    && raw(&self.before, thing).pos.is_empty()
                    && !now.pos.is_empty()
                    && !now.touch.is_empty()
                    && !self.is_strange(thing, Register::Place);
                let unkept = goes.then_some(Act::Unkeep(self.number));
                Verdict::Back([Act::Flag].into_iter().chain(unkept).collect())
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

    fn valued(&self, thing: &Thing) -> Verdict {
        if self.is_strange(thing, Register::Value) {
            return Verdict::Left;
        }
        let former = value(&self.before, thing);
        match self.is_alive(thing) {
            _ if former == value(self.all.now, thing) => Verdict::Nothing,
            true => Verdict::Back(vec![Act::Set(former)]),
            false => Verdict::Left,
        }
    }

    /// Life, place or text of a label, a member or a part of a card.
    fn recorded(&self, thing: &Thing, acts: &[&Act]) -> Verdict {
        let did = |kind: fn(&Act) -> bool| acts.iter().any(|act| kind(act));
        if thing.owner().is_some_and(|owner| !self.is_alive(&owner)) {
            return Verdict::Left;
        }
        if did(|act| matches!(act, Act::Delete | Act::Confirm)) {
            let was_dead = !self.oracle.is_alive(thing);
            let edited = was_dead && self.is_strange(thing, Register::Touch);
            return match was_dead {
                _ if edited || self.is_strange(thing, Register::Mark) => Verdict::Left,
                true => Verdict::Back(vec![Act::Delete]),
                false if self.all.oracle.in_force(thing, Register::Mark).is_empty() => {
                    Verdict::Nothing
                }
                false => Verdict::Back(vec![Act::Keep, Act::Confirm]),
            };
        }
        if did(|act| matches!(act, Act::Place(_))) {
            return match self.is_strange(thing, Register::PartPlace) {
                true => Verdict::Left,
                false => self.edited(thing, [Act::Place(String::new())]),
            };
        }
        self.written(thing, acts)
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
        let goes_bare = stands_there && former.rank.is_empty()
            || self.all.put_and_deleted(thing, self.number).is_some();
        match is.ord.is_empty() && goes_bare {
            true => Verdict::Nothing,
            false => Verdict::Uncovered,
        }
    }
}
