//! Taking one change's characters out of a text, and putting back those that it deleted.
//!
//! Characters are found by the operations that inserted them. Automerge's cursors would do the same
//! one by one, but asking for one whose character is deleted at the end of a text trips an assertion
//! of 0.12 in debug builds.

use super::inverse::Inverse;
use super::traces::TextTrace;
use crate::order::{gathered, sort_by};
use crate::plan::Write;
use automerge::iter::ListRange;
use automerge::{ObjId, ReadDoc};
use std::collections::{BTreeMap, BTreeSet};

/// A character of a text, and the operation that inserted it.
struct Element {
    id: ObjId,
    character: String,
}

/// A stretch to replace, by the text as it is now.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edit {
    at: usize,
    remove: usize,
    insert: String,
}

impl Inverse<'_> {
    /// Removes what the change inserted, as far as it is still there, and inserts where it stood
    /// what the change deleted.
    pub(super) fn text(&mut self, text: &ObjId, trace: TextTrace) {
        let now = elements(self.document.list_range(text, ..));
        let before = elements(self.document.list_range_at(text, .., self.change.deps()));
        let mut edits = self.removals(&now, &trace);
        edits.extend(self.insertions(&now, &before, &trace));
        if edits.is_empty() || self.leave_dead(&trace.target) {
            return;
        }
        // From the end, so that no edit shifts one that is still to come.
        sort_by(&mut edits, |one, other| other.at.cmp(&one.at));
        for Edit { at, remove, insert } in edits {
            self.writes.push(Write::Splice { target: trace.target.clone(), at, remove, insert });
        }
        self.touched.push(trace.target);
    }

    fn removals(&self, now: &[Element], trace: &TextTrace) -> Vec<Edit> {
        let actor = self.change.actor_id();
        let mine: BTreeSet<ObjId> =
            gathered(trace.inserted.iter().map(|counter| ObjId::Id(*counter, actor.clone(), 0)));
        let mut edits: Vec<Edit> = Vec::new();
        let mut at = 0;
        for element in now {
            let width = self.planner.text_unit.length_of(&element.character);
            if mine.contains(&element.id) {
                match edits.last_mut().filter(|edit| edit.at + edit.remove == at) {
                    Some(edit) => edit.remove += width,
                    None => edits.push(Edit { at, remove: width, insert: String::new() }),
                }
            }
            at += width;
        }
        edits
    }

    /// Puts back what the change deleted: between the nearest characters around it that are still
    /// there, next to the nearer one.
    ///
    /// Others may be missing between these as well: deleted since, or typed bit by bit, undone and
    /// redone, so that copies stand in their place. Nothing tells a copy from what somebody else
    /// wrote there, but of somebody who types on it stands on the side where more is missing.
    fn insertions(&self, now: &[Element], before: &[Element], trace: &TextTrace) -> Vec<Edit> {
        let mut stretch_of: BTreeMap<&ObjId, (usize, usize)> = BTreeMap::new();
        let mut length = 0;
        for element in now {
            let start = length;
            length += self.planner.text_unit.length_of(&element.character);
            stretch_of.insert(&element.id, (start, length));
        }
        let object =
            |(counter, actor): &(u64, automerge::ActorId)| ObjId::Id(*counter, actor.clone(), 0);
        let deleted: BTreeSet<ObjId> = gathered(trace.deleted.iter().map(object));
        let mut edits = Vec::new();
        let mut gap = Gap::default();
        for element in before {
            if let Some((start, end)) = stretch_of.get(&element.id) {
                edits.extend(std::mem::replace(&mut gap, Gap::behind(*end)).edit(*start));
            } else if deleted.contains(&element.id) {
                gap.insert.push_str(&element.character);
                gap.missing_after = 0;
            } else if gap.insert.is_empty() {
                gap.missing_before += 1;
            } else {
                gap.missing_after += 1;
            }
        }
        edits.extend(gap.edit(length));
        edits
    }
}

/// What is missing between two characters that are still there.
#[derive(Default)]
struct Gap {
    /// Where the character before it ends.
    start: usize,
    /// How many other missing characters stood before and after what is put back.
    missing_before: usize,
    missing_after: usize,
    insert: String,
}

impl Gap {
    fn behind(start: usize) -> Self {
        Self { start, ..Self::default() }
    }

    /// What puts the characters back, if there are any; the character after the gap begins at `end`.
    fn edit(self, end: usize) -> Option<Edit> {
        let at = if self.missing_before <= self.missing_after { self.start } else { end };
        (!self.insert.is_empty()).then_some(Edit { at, remove: 0, insert: self.insert })
    }
}

fn elements(range: ListRange<'_>) -> Vec<Element> {
    let element = |item: automerge::iter::ListRangeItem<'_>| {
        let id = item.id();
        let character = item.value.into_value().as_str().unwrap_or_default().to_owned();
        Element { id, character }
    };
    range.map(element).collect()
}
