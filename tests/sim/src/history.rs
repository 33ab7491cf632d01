//! The oracle: what happened, who had seen what, and what must be true of that.
//!
//! It knows no document and no merge. An event is a command that was carried out; its past is the
//! set of events known where that happened. Every rule is one question: which acts of a kind stand,
//! because nobody who had seen them undid them?

use crate::acts::Screen;
use kanban_core::{ChangeHash, Field, FieldValue};
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
    /// A label that the board defines.
    Label(String),
    /// A member of the board.
    Member(String),
    /// A checklist, item, comment or link: its card, and the key of the card that holds it.
    Part(String, String),
    /// A field other than a name or title.
    Field(Field),
    /// Whether a label or member is on a card: the card, and the key that stands for it.
    Mark(String, String),
}

impl Thing {
    /// What it belongs to, and cannot be without; nothing but the board, if none.
    pub fn owner(&self) -> Option<Thing> {
        match self {
            Thing::Part(card, _) | Thing::Mark(card, _) => Some(Thing::Card(card.clone())),
            Thing::Field(field) => Some(owner_of(field)),
            _ => None,
        }
    }

    /// Everything that it belongs to, the nearest first.
    pub fn owners(&self) -> impl Iterator<Item = Thing> + use<> {
        std::iter::successors(self.owner(), Thing::owner)
    }
}

fn owner_of(field: &Field) -> Thing {
    use Field::*;
    let part = |card: &kanban_core::CardId, key: String| Thing::Part(card.to_string(), key);
    match field {
        ColumnName { column } | ColumnColour { column } | ColumnWipLimit { column } => {
            Thing::Column(column.to_string())
        }
        LabelName { label } | LabelColour { label } => Thing::Label(label.to_string()),
        MemberName { member } | MemberColour { member } => Thing::Member(member.to_string()),
        CardTitle { card }
        | CardStart { card }
        | CardDue { card }
        | CardDone { card }
        | CardCover { card } => Thing::Card(card.to_string()),
        ChecklistName { card, checklist } => part(card, format!("kl:{checklist}")),
        ItemText { card, item } | ItemDone { card, item } => part(card, format!("k:{item}")),
        LinkUrl { card, link } | LinkName { card, link } => part(card, format!("u:{link}")),
        _ => Thing::Board,
    }
}

/// What a command does to one thing, as its merge rules see it. What machines write (a sort, the
/// relocation of a deleted column's cards) replaces nothing but what machines wrote.
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
    /// Gives a field a value, or takes it away.
    Set(Option<FieldValue>),
    /// A keep or restore: takes away the marks of deletes.
    Confirm,
    /// Archives.
    Shelve,
    /// Brings back from the shelf.
    Unshelve,
    /// Marks as deleted without deleting: a keep was undone.
    Flag,
    /// Takes back the keep with this number, and with it the placement that it had written.
    Unkeep(usize),
    /// A machine's placement, with the value that was stored.
    Refine(String),
    /// Takes machines' placements away.
    Unrefine,
    /// Inserts a character into the description. Only who undoes an erasure types one again.
    Type(char),
    /// Removes from the description the character that an event inserted.
    Erase(char, usize),
}

/// What an event was besides its acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// The beginning of a board, which is nobody's to undo.
    Beginning,
    /// A command.
    Command,
    /// Took back what the event with this number did.
    Undo(usize),
    /// Brought back what the undo with this number took.
    Redo(usize),
}

/// What acts replace each other: those of one kind on one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Register {
    /// Placements by people.
    Place,
    /// Places of checklists and items, which keep them when they are deleted.
    PartPlace,
    /// Titles and names.
    Name,
    /// Values of fields.
    Value,
    /// Marks of edits, where only the last one counts.
    Touch,
    /// Marks of archiving.
    Shelf,
    /// Marks of deletes.
    Mark,
    /// Placements by machines.
    Machine,
}

impl Register {
    fn holds(self, act: &Act) -> bool {
        match self {
            Self::Place | Self::PartPlace => matches!(act, Act::Place(_)),
            Self::Name => matches!(act, Act::Name(_)),
            Self::Value => matches!(act, Act::Set(Some(_))),
            Self::Touch => *act == Act::Keep,
            Self::Shelf => *act == Act::Shelve,
            Self::Mark => matches!(act, Act::Delete | Act::Flag),
            Self::Machine => matches!(act, Act::Refine(_)),
        }
    }

    /// Takes out of force whatever of this kind its author had seen.
    fn is_cleared_by(self, act: &Act) -> bool {
        let also = match self {
            Self::Place if matches!(act, Act::Unkeep(_)) => return true,
            Self::Place | Self::Touch => Act::Delete,
            Self::Value => Act::Set(None),
            Self::Shelf => Act::Unshelve,
            Self::Mark => Act::Confirm,
            Self::Machine => Act::Unrefine,
            Self::Name | Self::PartPlace => return self.holds(act),
        };
        self.holds(act) || *act == also
    }
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
    /// Whether it was a command, or took one back.
    pub deed: Deed,
    /// What its author had before them; nothing in the beginning.
    pub before: Option<Arc<Screen>>,
    /// The change that records it.
    pub change: Vec<u8>,
    /// That change's hash.
    pub hash: Option<ChangeHash>,
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
    ) -> Vec<(usize, &'a Event, &'a Act)> {
        let acts = self.acts.get(thing).map_or(&[][..], Vec::as_slice);
        let undone = |number: usize| {
            acts.iter().any(|(_, event, a)| undoes(a) && event.past.contains(&number))
        };
        let standing = acts.iter().filter(|(number, _, act)| kind(act) && !undone(*number));
        standing.map(|(number, event, act)| (*number, *event, *act)).collect()
    }

    /// The acts of one kind that are in force: nobody who had seen them replaced them.
    pub fn in_force(&self, thing: &Thing, register: Register) -> Vec<(usize, &'a Act)> {
        let standing =
            self.standing(thing, |a| register.holds(a), |a| register.is_cleared_by(a)).into_iter();
        standing.map(|(number, _, act)| (number, act)).collect()
    }

    /// I3: somebody wants the thing and no known delete had seen that. Whoever takes back a keep has
    /// taken back what they did with the thing since: it was placed only because it was kept.
    pub fn is_alive(&self, thing: &Thing) -> bool {
        let wanted = self.standing(thing, |a| *a == Act::Keep, |a| *a == Act::Delete);
        let all = self.acts_on(thing);
        let unkept = |number: usize, event: &Event| {
            let places = |(t, act): &(Thing, Act)| t == thing && matches!(act, Act::Place(_));
            let only_placed = event.acts.iter().any(places);
            all.iter().any(|(_, undo, act)| match act {
                Act::Unkeep(keep) => {
                    *keep == number || (only_placed && undo.past.contains(&number))
                }
                _ => false,
            })
        };
        wanted.iter().any(|(number, event, _)| !unkept(*number, event))
    }

    /// A known delete that nobody who saw it confirmed the thing against.
    pub fn has_delete_mark(&self, thing: &Thing) -> bool {
        let marks = self.standing(thing, |a| Register::Mark.holds(a), |a| *a == Act::Confirm);
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
        let standing = self.standing(thing, places, |a| Register::Place.is_cleared_by(a));
        standing.into_iter().filter_map(|(_, event, act)| Some((text(act)?, event.who))).collect()
    }

    /// How many placements were ever made, and how many of those stand.
    pub fn placement_counts(&self, thing: &Thing) -> (usize, usize) {
        let places = |a: &Act| matches!(a, Act::Place(_));
        let all = self.standing(thing, places, |_| false).len();
        (all, self.standing(thing, places, |a| Register::Place.is_cleared_by(a)).len())
    }

    /// I5: the titles or names that nobody who had seen them changed.
    pub fn names(&self, thing: &Thing) -> BTreeSet<&'a str> {
        self.in_force(thing, Register::Name).into_iter().filter_map(|(_, act)| text(act)).collect()
    }

    /// I4 for checklists and items.
    pub fn part_placements(&self, thing: &Thing) -> BTreeSet<&'a str> {
        let standing = self.in_force(thing, Register::PartPlace).into_iter();
        standing.filter_map(|(_, act)| text(act)).collect()
    }

    /// I5: the values of a field that nobody who had seen them replaced.
    pub fn values(&self, thing: &Thing) -> BTreeSet<&'a FieldValue> {
        let standing = self.in_force(thing, Register::Value).into_iter();
        let value = |act: &'a Act| match act {
            Act::Set(value) => value.as_ref(),
            _ => None,
        };
        standing.filter_map(|(_, act)| value(act)).collect()
    }

    /// I13: the placements by machines that no known one replaced.
    pub fn refinements(&self, thing: &Thing) -> BTreeSet<&'a str> {
        let standing = self.in_force(thing, Register::Machine).into_iter();
        standing.filter_map(|(_, act)| text(act)).collect()
    }

    /// I5: the characters of the description that nobody removed, with who typed them.
    pub fn typed(&self, thing: &Thing) -> BTreeSet<(char, usize)> {
        let acts = self.acts.get(thing).map_or(&[][..], Vec::as_slice);
        let erased: BTreeSet<(char, usize)> = acts
            .iter()
            .filter_map(|(_, _, act)| match act {
                Act::Erase(c, number) => Some((*c, *number)),
                _ => None,
            })
            .collect();
        let typed = acts.iter().filter_map(|(number, _, act)| match act {
            Act::Type(c) => Some((*c, *number)),
            _ => None,
        });
        typed.filter(|element| !erased.contains(element)).collect()
    }

    /// Every act on a thing that is in force or was, with its event.
    pub fn acts_on(&self, thing: &Thing) -> &[(usize, &'a Event, &'a Act)] {
        self.acts.get(thing).map_or(&[], Vec::as_slice)
    }
}

fn text(act: &Act) -> Option<&str> {
    match act {
        Act::Place(text) | Act::Name(text) | Act::Refine(text) => Some(text),
        _ => None,
    }
}

/// The events among `delivered` that can be known: those whose whole past was delivered too.
pub fn known_of(history: &History, delivered: &Events) -> Events {
    let arrived =
        |number: &&usize| history.get(*number).is_some_and(|e| e.past.is_subset(delivered));
    delivered.iter().filter(arrived).copied().collect()
}
