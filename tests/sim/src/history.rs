//! The oracle: what happened, who had seen what, and what must be true of that.
//!
//! It knows no document and no merge. An event is a command that was carried out; its past is the
//! set of events known where that happened. Every rule is one question: which acts of a kind stand,
//! because nobody who had seen them undid them?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Numbers of events.
pub type Events = BTreeSet<usize>;

/// What an act is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// The board itself.
    Board,
    /// A column.
    Column(String),
    /// A card.
    Card(String),
}

/// What a command does to one thing, as its merge rules see it. What machines write (a sort, the
/// relocation of a deleted column's cards) is no act at all: it may change nothing of this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A person wants the thing: a creation, move, edit, restore, keep or choice.
    Keep,
    /// A delete.
    Delete,
    /// A person's placement, with the value that was stored.
    Place(String),
    /// A title or name.
    Name(String),
    /// A keep or restore: takes away the marks of deletes.
    Confirm,
    /// Archives.
    Shelve,
    /// Brings back from the shelf.
    Unshelve,
    /// Inserts a character into the description that no other event inserts.
    Type(char),
    /// Removes a character from the description.
    Erase(char),
}

/// A command that was carried out.
#[derive(Debug, Clone)]
pub struct Event {
    /// Who did it.
    pub who: usize,
    /// What its author knew.
    pub past: Events,
    /// What it did.
    pub acts: Vec<(Thing, Act)>,
    /// The change that records it.
    pub change: Vec<u8>,
}

/// Everything that happened, by number.
pub type History = BTreeMap<usize, Arc<Event>>;

/// What must be true for somebody who knows certain events.
pub struct Oracle<'a> {
    acts: BTreeMap<&'a Thing, Vec<(usize, &'a Event, &'a Act)>>,
}

impl<'a> Oracle<'a> {
    /// The truth of whoever knows exactly these events.
    pub fn knowing(history: &'a History, known: &Events) -> Self {
        let mut acts: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (number, event) in history.iter().filter(|(number, _)| known.contains(number)) {
            for (thing, act) in &event.acts {
                acts.entry(thing).or_default().push((*number, &**event, act));
            }
        }
        Self { acts }
    }

    /// Everything that exists or existed.
    pub fn things(&self) -> impl Iterator<Item = &'a Thing> {
        self.acts.keys().copied()
    }

    /// The acts of a kind that nobody undid who had seen them.
    fn standing(
        &self,
        thing: &Thing,
        kind: impl Fn(&Act) -> bool,
        undoes: impl Fn(&Act) -> bool,
    ) -> Vec<(&'a Event, &'a Act)> {
        let acts = self.acts.get(thing).map_or(&[][..], Vec::as_slice);
        let undone = |number: usize| {
            acts.iter().any(|(_, event, a)| undoes(a) && event.past.contains(&number))
        };
        let standing = acts.iter().filter(|(number, _, act)| kind(act) && !undone(*number));
        standing.map(|(_, event, act)| (*event, *act)).collect()
    }

    /// I3: somebody wants the thing and no known delete had seen that.
    pub fn is_alive(&self, thing: &Thing) -> bool {
        let wanted = self.standing(thing, |a| *a == Act::Keep, |a| *a == Act::Delete);
        !wanted.is_empty()
    }

    /// A known delete that nobody who saw it confirmed the thing against.
    pub fn has_delete_mark(&self, thing: &Thing) -> bool {
        let marks = self.standing(thing, |a| *a == Act::Delete, |a| *a == Act::Confirm);
        !marks.is_empty()
    }

    /// Archived, and nobody who saw that brought it back.
    pub fn is_shelved(&self, thing: &Thing) -> bool {
        let shelved = self.standing(thing, |a| *a == Act::Shelve, |a| *a == Act::Unshelve);
        !shelved.is_empty()
    }

    /// I4: the placements that no known placement or delete had seen.
    pub fn placements(&self, thing: &Thing) -> BTreeSet<&'a str> {
        self.placers(thing).into_iter().map(|(value, _)| value).collect()
    }

    /// The placements that stand, with whoever made them.
    pub fn placers(&self, thing: &Thing) -> BTreeSet<(&'a str, usize)> {
        let places = |a: &Act| matches!(a, Act::Place(_));
        let standing = self.standing(thing, places, |a| places(a) || *a == Act::Delete);
        standing.into_iter().filter_map(|(event, act)| Some((text(act)?, event.who))).collect()
    }

    /// How many placements were ever made, and how many of those stand.
    pub fn placement_counts(&self, thing: &Thing) -> (usize, usize) {
        let places = |a: &Act| matches!(a, Act::Place(_));
        let all = self.standing(thing, places, |_| false).len();
        (all, self.standing(thing, places, |a| places(a) || *a == Act::Delete).len())
    }

    /// I5: the titles or names that nobody who had seen them changed.
    pub fn names(&self, thing: &Thing) -> BTreeSet<&'a str> {
        let names = |a: &Act| matches!(a, Act::Name(_));
        let standing = self.standing(thing, names, names);
        standing.into_iter().filter_map(|(_, act)| text(act)).collect()
    }

    /// I5: the characters of the description that nobody removed, in no particular order.
    pub fn characters(&self, thing: &Thing) -> BTreeSet<char> {
        let acts = self.acts.get(thing).map_or(&[][..], Vec::as_slice);
        let erased = |c: char| acts.iter().any(|(_, _, act)| **act == Act::Erase(c));
        let typed = acts.iter().filter_map(|(_, _, act)| match act {
            Act::Type(c) => Some(*c),
            _ => None,
        });
        typed.filter(|c| !erased(*c)).collect()
    }
}

fn text(act: &Act) -> Option<&str> {
    match act {
        Act::Place(text) | Act::Name(text) => Some(text),
        _ => None,
    }
}

/// The events among `delivered` that can be known: those whose whole past was delivered too.
pub fn known_of(history: &History, delivered: &Events) -> Events {
    let arrived =
        |number: &&usize| history.get(*number).is_some_and(|e| e.past.is_subset(delivered));
    delivered.iter().filter(arrived).copied().collect()
}
