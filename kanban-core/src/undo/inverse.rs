//! What takes a change back: worked out from what it wrote, what was there before, and what is there
//! now.

mod place;
mod record;

use super::log::Log;
use super::traces::{Trace, Traces};
use super::{Superseded, key_in_words};
use crate::board::Board;
use crate::ids::{CardId, ColumnId};
use crate::part::{PartId, Target, field_value};
use crate::plan::{Planner, Scalar, Write, delete};
use crate::read::Reader;
use crate::registers::{Effective, Registers};
use crate::replica::Timestamp;
use crate::schema::key;
use automerge::{Automerge, Change, ChangeHash, ObjId, ReadDoc};

/// The writes that take a change back.
pub(super) struct Inverse<'a> {
    pub planner: Planner<'a>,
    pub document: &'a Automerge,
    pub change: &'a Change,
    hash: ChangeHash,
    log: &'a Log,
    pub writes: Vec<Write>,
    /// What was edited and gets the mark of an edit in the end.
    pub touched: Vec<Target>,
    left: Vec<Superseded>,
}

/// A card or column: where its registers are and what they say now.
struct Placed<'m> {
    target: Target,
    object: ObjId,
    registers: &'m Registers,
    effective: Effective,
}

impl<'a> Inverse<'a> {
    pub fn of(board: &'a Board, log: &'a Log, change: &'a Change, now: Timestamp) -> Self {
        let (planner, document) = (board.planner(now), board.document());
        let hash = change.hash();
        let (writes, touched, left) = (Vec::new(), Vec::new(), Vec::new());
        let mut inverse = Self { planner, document, change, hash, log, writes, touched, left };
        let model = inverse.planner.model;
        let traces = Traces::of(model, change);
        let person_placed = traces.places_a_card();
        for (text, trace) in traces.texts {
            if !is_new(&traces.cards, &traces.parts, &trace.target) {
                inverse.text(&text, trace);
            }
        }
        for name in &traces.board.keys {
            inverse.field(&Target::Board, name);
        }
        for (id, trace) in &traces.labels {
            inverse.record(Target::Label(id.clone()), trace);
        }
        for (id, trace) in &traces.members {
            inverse.record(Target::Member(id.clone()), trace);
        }
        for (id, trace) in &traces.columns {
            inverse.column(id, trace, person_placed);
        }
        for ((card, part), trace) in &traces.parts {
            if !traces.cards.get(card).is_some_and(|trace| trace.created) {
                inverse.record(Target::Part(card.clone(), part.clone()), trace);
            }
        }
        for (id, trace) in &traces.cards {
            inverse.card(id, trace, person_placed);
        }
        inverse
    }

    /// The document as the change found it.
    pub fn before(&self) -> Reader<'a> {
        Reader::at(self.document, self.change.deps())
    }

    /// The writes, and what is left as it is because somebody else has moved on.
    pub fn finish(mut self) -> (Vec<Write>, Vec<Superseded>) {
        if self.writes.is_empty() {
            return (self.writes, self.left);
        }
        let mut touches: Vec<Write> = Vec::new();
        for target in &self.touched {
            for touch in self.planner.touch(target) {
                if !touches.contains(&touch) {
                    touches.push(touch);
                }
            }
        }
        self.writes.extend(touches);
        (self.writes, self.left)
    }

    fn card(&mut self, id: &CardId, trace: &Trace, person_placed: bool) {
        let Some(state) = self.planner.model.cards.get(id) else {
            return;
        };
        let target = Target::Card(id.clone());
        if trace.created {
            return self.uncreate(target);
        }
        let effective = crate::plan::card_effective(state);
        let object = state.object.clone();
        let placed = Placed { target, object, registers: &state.registers, effective };
        self.placed(&placed, trace, person_placed);
    }

    fn column(&mut self, id: &ColumnId, trace: &Trace, person_placed: bool) {
        let model = self.planner.model;
        let Some((state, object)) =
            model.columns.get(id).and_then(|s| Some((s, s.object.clone()?)))
        else {
            return;
        };
        let target = Target::Column(id.clone());
        if trace.created {
            let cards = self.planner.cards_placed_in(id);
            if state.registers.is_alive() && !cards.is_empty() {
                let what = format!("column {id} holds cards and");
                return self.left.push(Superseded { what, author: None, at: self.planner.now });
            }
            return self.uncreate(target);
        }
        let effective = crate::plan::column_effective(state);
        let placed = Placed { target, object, registers: &state.registers, effective };
        self.placed(&placed, trace, person_placed);
    }

    /// Deletes what the change created, unless somebody else has worked on it.
    fn uncreate(&mut self, target: Target) {
        if self.is_dead(&target) {
            return;
        }
        if let Some(other) = self.worker(&target) {
            return self.leave(&target, "", Some(other));
        }
        let model = self.planner.model;
        match &target {
            Target::Card(id) => {
                let effective = model.card(id).map(crate::plan::card_effective);
                self.writes.extend(effective.iter().flat_map(|e| delete(&target, e)));
            }
            Target::Column(id) => {
                let effective = model.columns.get(id).map(crate::plan::column_effective);
                self.writes.extend(effective.iter().flat_map(|e| delete(&target, e)));
            }
            _ => self.delete_record(target),
        }
    }

    /// Whether a thing, or the card that it belongs to, is deleted.
    fn is_dead(&self, target: &Target) -> bool {
        let model = self.planner.model;
        let card = |id| model.cards.get(id).is_none_or(|state| !state.registers.is_alive());
        let record = || model.record(target).is_none_or(|record| !record.is_alive());
        match target {
            Target::Board => false,
            Target::Column(id) => {
                model.columns.get(id).is_none_or(|state| !state.registers.is_alive())
            }
            Target::Card(id) => card(id),
            Target::Label(_) | Target::Member(_) => record(),
            Target::Part(id, _) => card(id) || record(),
        }
    }

    /// Leaves what is deleted: putting a value back would bring it to life. Says whether it is so.
    pub(super) fn leave_dead(&mut self, target: &Target) -> bool {
        let is_dead = self.is_dead(target);
        if is_dead {
            let model = self.planner.model;
            let key = match target {
                Target::Card(_) | Target::Column(_) => key::TRASH,
                _ => key::GONE,
            };
            let object = model.object_of(target);
            let marks =
                object.map(|object| self.planner.reader.values_and_operations(&object, key));
            let mark = marks.and_then(|mut marks| marks.pop());
            let by = mark.and_then(|(_, by)| self.document.hash_for_opid(&by));
            self.leave(target, "", by);
        }
        is_dead
    }

    fn delete_record(&mut self, target: Target) {
        self.writes.push(Write::PutAnew(target.clone(), key::GONE, Scalar::Flag(true)));
        self.writes.push(Write::Delete(target.clone(), key::TOUCH));
        if let Target::Part(card, _) = target {
            self.touched.push(Target::Card(card));
        }
    }

    /// Puts a single value back.
    fn field(&mut self, target: &Target, name: &str) {
        let Some(object) = self.planner.model.object_of(target) else {
            return;
        };
        if let Some(other) = self.stranger(&object, &[name]) {
            let what = format!("the {} of ", key_in_words(name));
            return self.leave(target, &what, Some(other));
        }
        let value = |reader: Reader<'_>| {
            let values = reader.values(&object, name);
            values.iter().rev().find_map(|value| field_value(reader, value))
        };
        let (former, now) = (value(self.before()), value(self.planner.reader));
        if former == now || self.leave_dead(target) {
            return;
        }
        let mark = name.starts_with(key::LABEL_PREFIX) || name.starts_with(key::MEMBER_PREFIX);
        let write = match (target, known(name), former) {
            (Target::Card(id), _, Some(_)) if mark => Write::Mark(id.clone(), name.into()),
            (Target::Card(id), _, None) if mark => Write::Unmark(id.clone(), name.into()),
            (_, Some(name), Some(former)) => Write::PutAnew(target.clone(), name, former.into()),
            (_, Some(name), None) => Write::Delete(target.clone(), name),
            (_, None, _) => return,
        };
        self.writes.push(write);
        self.touched.push(target.clone());
    }

    fn may_replace(&self, change: &ChangeHash) -> bool {
        self.log.may_replace(change, &self.hash) || self.brings_back_what_was_there(change)
    }

    /// Whether this is a redo of something that the change to take back had seen in effect: after
    /// several undos, the redo of one command does not stand in the way of the redo of the next.
    fn brings_back_what_was_there(&self, change: &ChangeHash) -> bool {
        let brought_back = self.log.brought_back_by(change);
        brought_back.is_some_and(|change| *change == self.hash || self.was_there(change))
    }

    /// The change behind a value of one of these keys that must not be replaced.
    fn stranger(&self, object: &ObjId, keys: &[&str]) -> Option<ChangeHash> {
        keys.iter().find_map(|key| self.stranger_at(self.planner.reader, object, key))
    }

    fn stranger_at(&self, reader: Reader<'_>, object: &ObjId, key: &str) -> Option<ChangeHash> {
        let values = reader.values_and_operations(object, key).into_iter();
        let mut changes = values.filter_map(|(_, by)| self.document.hash_for_opid(&by));
        changes.find_map(|change| self.stranger_behind(change, object, key))
    }

    /// An undo of this person's own stands for what it uncovered: taking that away as well must not
    /// take away what somebody else had put there.
    fn stranger_behind(&self, by: ChangeHash, object: &ObjId, key: &str) -> Option<ChangeHash> {
        if by == self.hash || self.was_there(&by) || self.brings_back_what_was_there(&by) {
            return None;
        }
        if !self.may_replace(&by) {
            return Some(by);
        }
        let change = self.document.get_change_by_hash(&self.log.taken_back_by(by))?;
        self.stranger_at(Reader::at(self.document, change.deps()), object, key)
    }

    /// Somebody else's change to a thing that the change to take back had not seen, other than a
    /// machine's placement. What it wrote may be gone: others have worked on the thing all the same.
    fn worker(&self, target: &Target) -> Option<ChangeHash> {
        let model = self.planner.model;
        let since = self.document.get_changes(self.change.deps());
        let mut others = since.into_iter().filter(|change| !self.may_replace(&change.hash()));
        let work = others.find(|change| Traces::of(model, change).work_on(target));
        work.map(|change| change.hash())
    }

    /// Whether the change to take back had seen this one: what it left in place it did not write.
    fn was_there(&self, change: &ChangeHash) -> bool {
        let (document, heads) = (self.document, self.change.deps());
        heads.contains(change) || document.get_changes_meta(heads).iter().all(|m| m.hash != *change)
    }

    fn leave(&mut self, target: &Target, of: &str, by: Option<ChangeHash>) {
        let meta = by.and_then(|change| self.document.get_change_meta_by_hash(&change));
        let author = meta.as_ref().and_then(|meta| meta.author.as_ref());
        let at = meta
            .as_ref()
            .map_or(self.planner.now, |meta| Timestamp::from_unix_seconds(meta.timestamp));
        let author = author.map(|author| author.as_bytes().to_vec());
        self.left.push(Superseded { what: format!("{of}{}", target.in_words()), author, at });
    }
}

/// Whether the change created the card or part that a text belongs to: then it goes as a whole.
fn is_new(
    cards: &std::collections::BTreeMap<CardId, Trace>,
    parts: &std::collections::BTreeMap<(CardId, PartId), Trace>,
    target: &Target,
) -> bool {
    let card = |id: &CardId| cards.get(id).is_some_and(|trace| trace.created);
    match target {
        Target::Card(id) => card(id),
        Target::Part(id, part) => {
            let part = parts.get(&(id.clone(), part.clone()));
            card(id) || part.is_some_and(|trace| trace.created)
        }
        _ => false,
    }
}

/// The keys of single values, as constants of this program.
fn known(name: &str) -> Option<&'static str> {
    const KNOWN: [&str; 13] = [
        key::NAME,
        key::TITLE,
        key::COLOUR,
        key::WIP,
        key::START,
        key::DUE,
        key::DONE,
        key::COVER,
        key::TEXT,
        key::URL,
        key::SHELF,
        key::BY,
        key::AT,
    ];
    KNOWN.into_iter().find(|known| *known == name)
}
