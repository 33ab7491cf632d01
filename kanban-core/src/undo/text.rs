//! Taking one change's characters out of a text, and putting back those that it deleted.

use super::inverse::Inverse;
use super::traces::TextTrace;
use crate::plan::Write;
use automerge::{ActorId, Cursor, ObjId, ReadDoc};

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
        let mut edits = self.removals(text, &trace.inserted);
        edits.extend(self.insertions(text, &trace.deleted));
        if edits.is_empty() {
            return;
        }
        // From the end, so that no edit shifts one that is still to come.
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.at));
        for Edit { at, remove, insert } in edits {
            self.writes.push(Write::Splice { target: trace.target.clone(), at, remove, insert });
        }
        self.touched.push(trace.target);
    }

    fn removals(&self, text: &ObjId, inserted: &[u64]) -> Vec<Edit> {
        let document = self.planner.reader.document;
        let now: Vec<char> = document.text(text).unwrap_or_default().chars().collect();
        let unit = self.planner.text_unit;
        // Where each character starts in the unit that positions count.
        let mut starts = std::collections::BTreeMap::new();
        let mut at = 0;
        for character in now {
            let width = unit.length_of(character.encode_utf8(&mut [0; 4]));
            starts.insert(at, width);
            at += width;
        }
        let removal = |counter: &u64| {
            let cursor = cursor(*counter, self.change.actor_id())?;
            let at = document.get_cursor_position(text, &cursor, None).ok()?;
            // A character that somebody else has deleted stands for the next one: leave that.
            let found = document.get_cursor(text, at, None).ok()?;
            let is_there = found.to_string() == cursor.to_string();
            let remove = *starts.get(&at)?;
            is_there.then_some(Edit { at, remove, insert: String::new() })
        };
        inserted.iter().filter_map(removal).collect()
    }

    fn insertions(&self, text: &ObjId, deleted: &[(u64, ActorId)]) -> Vec<Edit> {
        let document = self.planner.reader.document;
        let Some(heads) = self.before.heads else {
            return Vec::new();
        };
        let before = document.text_at(text, heads).unwrap_or_default();
        let unit = self.planner.text_unit;
        let mut characters = std::collections::BTreeMap::new();
        let mut at = 0;
        for character in before.chars() {
            characters.insert(at, character);
            at += unit.length_of(character.encode_utf8(&mut [0; 4]));
        }
        let mut places: Vec<(usize, usize, char)> = Vec::new();
        for (counter, actor) in deleted {
            let Some(cursor) = cursor(*counter, actor) else { continue };
            let stood = document.get_cursor_position(text, &cursor, Some(heads));
            let stands = document.get_cursor_position(text, &cursor, None);
            let (Ok(stood), Ok(stands)) = (stood, stands) else { continue };
            // One that is there again was not deleted by everybody who knew it; leave it alone.
            let again = document.get_cursor(text, stands, None);
            if again.is_ok_and(|found| found.to_string() == cursor.to_string()) {
                continue;
            }
            let Some(character) = characters.get(&stood) else { continue };
            places.push((stands, stood, *character));
        }
        places.sort_unstable();
        places.dedup();
        let mut edits: Vec<Edit> = Vec::new();
        for (at, _, character) in places {
            match edits.last_mut().filter(|edit| edit.at == at) {
                Some(edit) => edit.insert.push(character),
                None => edits.push(Edit { at, remove: 0, insert: character.into() }),
            }
        }
        edits
    }
}

/// The cursor of the element that this operation inserted.
fn cursor(counter: u64, actor: &ActorId) -> Option<Cursor> {
    Cursor::try_from(format!("{counter}@{actor}").as_str()).ok()
}
