//! What takes a change back: worked out from what it wrote, what was there before, and what is there
//! now.

use super::log::Log;
use super::traces::{Trace, Traces};
use super::{Superseded, key_in_words};
use crate::ids::{CardId, ColumnId};
use crate::part::{PartId, Target, field_value};
use crate::placement::Stamped;
use crate::plan::{Planner, Scalar, Write, decide, delete, former_place, keep};
use crate::read::Reader;
use crate::registers::{Effective, Registers, winner};
use crate::replica::Timestamp;
use crate::schema::key;
use automerge::{Change, ChangeHash, ObjId, ReadDoc};

/// The writes that take a change back.
pub(super) struct Inverse<'a> {
    pub planner: Planner<'a>,
    /// The document as the change found it.
    pub before: Reader<'a>,
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
    pub fn of(planner: Planner<'a>, before: Reader<'a>, log: &'a Log, change: &'a Change) -> Self {
        let hash = change.hash();
        let (writes, touched, left) = (Vec::new(), Vec::new(), Vec::new());
        let mut inverse = Self { planner, before, change, hash, log, writes, touched, left };
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
            let by = mark.and_then(|(_, by)| self.planner.reader.document.hash_for_opid(&by));
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

    /// Place, life and fields of a card or column.
    fn placed(&mut self, thing: &Placed<'_>, trace: &Trace, person_placed: bool) {
        let has = |name: &str| trace.keys.contains(name);
        let before = Registers::read(self.before, &thing.object);
        if has(key::TRASH) {
            self.life(thing, &before, has(key::SHELF));
        } else {
            if has(key::POS) {
                self.position(thing, &before);
            }
            if has(key::ORD) && !person_placed {
                self.refinement(thing, &before);
            }
            if has(key::SHELF) {
                self.field(&thing.target, key::SHELF);
            }
        }
        let place_and_life = [key::POS, key::ORD, key::TOUCH, key::TRASH, key::SHELF];
        for name in trace.keys.iter().filter(|name| !place_and_life.contains(&name.as_str())) {
            self.field(&thing.target, name);
        }
    }

    /// Takes back a delete, a restore or a keep.
    fn life(&mut self, thing: &Placed<'_>, before: &Registers, shelved: bool) {
        let target = &thing.target;
        let is_alive = thing.registers.is_alive();
        if !before.is_alive() {
            // It was a restore: delete again, if nobody else has worked on it since.
            if is_alive {
                if let Some(other) = self.worker(target) {
                    return self.leave(target, "", Some(other));
                }
                self.writes.extend(delete(target, &thing.effective));
                let shelf = before.shelf.clone().map(Scalar::Str);
                let shelf = shelf.map(|how| Write::Put(target.clone(), key::SHELF, how));
                self.writes.extend(shelf);
            }
            return;
        }
        if let Some(other) = self.stranger(&thing.object, &[key::TRASH]) {
            return self.leave(target, "", Some(other));
        }
        let after = [self.hash];
        let after =
            Registers::read(Reader::at(self.planner.reader.document, &after), &thing.object);
        // Undoing a restore put it on the shelf again.
        let is_on = thing.registers.trash_present && thing.registers.shelf.is_some();
        let comes_down = shelved && before.shelf.is_none() && is_on;
        if comes_down && self.stranger(&thing.object, &[key::SHELF]).is_none() {
            self.writes.push(Write::Delete(target.clone(), key::SHELF));
        }
        match (thing.registers.trash_present, is_alive) {
            // It was a delete, and still is: back to the former place, with all that was added. The
            // mark of somebody else's delete, which the card had survived, stays.
            (true, false) => {
                let place = former_place(thing.registers, &thing.effective);
                self.writes.push(decide(target.clone(), &place));
                self.writes.push(match before.trash_present && after.trash_present {
                    true => {
                        let mark = Scalar::Str(place.encode());
                        Write::PutAnew(target.clone(), key::TRASH, mark)
                    }
                    false => Write::Delete(target.clone(), key::TRASH),
                });
            }
            (true, true) => self.writes.extend(keep(target, thing.registers, &thing.effective)),
            // It was a keep: the flag comes back.
            (false, true) if before.trash_present && !after.trash_present => {
                let place = Scalar::Str(thing.effective.trashed().encode());
                self.writes.push(Write::PutAnew(target.clone(), key::TRASH, place));
            }
            _ => self.leave(target, "", None),
        }
    }

    /// Takes back a move or a decision between places.
    fn position(&mut self, thing: &Placed<'_>, before: &Registers) {
        let stranger = self.stranger(&thing.object, &[key::POS]);
        let Some(former) = before.effective() else {
            return;
        };
        if stranger.is_some() || !thing.registers.pos_present || thing.registers.pos.len() > 1 {
            return self.leave(&thing.target, "the place of ", stranger);
        }
        let place = thing.effective.decided(former.column, former.position);
        self.writes.push(decide(thing.target.clone(), &place));
    }

    /// Takes back what a sort or relocation wrote. It is a machine's write, so it is simply left
    /// where somebody has placed the card since.
    fn refinement(&mut self, thing: &Placed<'_>, before: &Registers) {
        if let Some(other) = self.stranger(&thing.object, &[key::ORD, key::POS]) {
            return self.leave(&thing.target, "the place of ", Some(other));
        }
        let (Some(former), Some(base)) = (before.effective(), thing.registers.base()) else {
            return;
        };
        let target = thing.target.clone();
        // A delete takes a person's placement out of `pos`, but restoring brings it back: what was
        // put somewhere and then deleted comes back there, and not where it had been before.
        if self.was_put_and_deleted(thing) {
            if !thing.registers.ord.is_empty() {
                self.writes.push(Write::Delete(target, key::ORD));
            }
            return;
        }
        let stands_there = (&base.column, &base.position) == (&former.column, &former.position);
        if former.rank.is_none() && stands_there {
            return self.writes.push(Write::Delete(target, key::ORD));
        }
        // Where machines had placed it before, or this person has moved it and taken that back, its
        // former place is not that of a person's placement.
        let rank = former.rank.or(thing.effective.rank).unwrap_or(0);
        let tag = &self.planner.batch_tag;
        let refinement = thing.effective.refined(rank, tag, former.column, former.position);
        let refinement = Scalar::Str(refinement.encode());
        self.writes.push(Write::PutAnew(target, key::ORD, refinement));
    }

    /// Whether the place in force is what a delete wrote down, and whoever deleted it had seen it
    /// placed by somebody else than the author of the change to take back.
    fn was_put_and_deleted(&self, thing: &Placed<'_>) -> bool {
        if thing.registers.pos_present {
            return false;
        }
        let reader = self.planner.reader;
        let marks = reader.values_and_operations(&thing.object, key::TRASH).into_iter();
        let marks = marks.filter_map(|(value, by)| {
            let place = value.text(reader).and_then(|text| Stamped::parse(&text));
            place.map(|place| (place, by))
        });
        // The same that `winner` takes.
        let mark = marks.max_by_key(|(place, _)| place.intent());
        let delete = mark.and_then(|(_, by)| reader.document.hash_for_opid(&by));
        let delete = delete.and_then(|delete| reader.document.get_change_by_hash(&delete));
        delete.is_some_and(|delete| {
            let seen = Reader::at(reader.document, delete.deps());
            self.stranger_at(seen, &thing.object, key::POS).is_some()
        })
    }

    /// A label, member or part of a card.
    fn record(&mut self, target: Target, trace: &Trace) {
        if self.planner.model.record(&target).is_none() {
            return;
        }
        if trace.created {
            return self.uncreate(target);
        }
        if let Target::Part(card, _) = &target
            && self.leave_dead(&Target::Card(card.clone()))
        {
            return;
        }
        for name in &trace.keys {
            match name.as_str() {
                key::TOUCH => {}
                key::GONE => self.gone(&target),
                key::POS => self.part_position(&target),
                name => self.field(&target, name),
            }
        }
    }

    /// Takes back a delete or restore of a record.
    fn gone(&mut self, target: &Target) {
        let Some(record) = self.planner.model.record(target) else {
            return;
        };
        let maps: Vec<ObjId> = record.maps().cloned().collect();
        let holds =
            |reader: Reader<'_>, key| maps.iter().any(|map| !reader.values(map, key).is_empty());
        // What somebody's edit had kept was there, in spite of the mark.
        let was_gone = holds(self.before, key::GONE) && !holds(self.before, key::TOUCH);
        let keys: &[&str] = if was_gone { &[key::GONE, key::TOUCH] } else { &[key::GONE] };
        if let Some(other) = maps.iter().find_map(|map| self.stranger(map, keys)) {
            return self.leave(target, "", Some(other));
        }
        if was_gone {
            return self.delete_record(target.clone());
        }
        if !holds(self.planner.reader, key::GONE) {
            return;
        }
        self.writes.push(Write::Delete(target.clone(), key::GONE));
        self.touched.push(target.clone());
    }

    fn part_position(&mut self, target: &Target) {
        let Some(record) = self.planner.model.record(target) else {
            return;
        };
        if let Some(other) = self.stranger(&record.object, &[key::POS]) {
            return self.leave(target, "the place of ", Some(other));
        }
        let former = self.before.values(&record.object, key::POS);
        let former = self.before.texts(&former);
        let former: Vec<Stamped> = former.iter().filter_map(|text| Stamped::parse(text)).collect();
        let former = winner(&former).cloned();
        if let Some(former) = former {
            if self.leave_dead(target) {
                return;
            }
            let place = self.planner.moved(record, former.column, former.position);
            self.writes.push(decide(target.clone(), &place));
            self.touched.push(target.clone());
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
        let (former, now) = (value(self.before), value(self.planner.reader));
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
        let mut changes = values.filter_map(|(_, by)| reader.document.hash_for_opid(&by));
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
        let document = self.planner.reader.document;
        let change = document.get_change_by_hash(&self.log.taken_back_by(by))?;
        self.stranger_at(Reader::at(document, change.deps()), object, key)
    }

    /// Somebody else's change to a thing that the change to take back had not seen, other than a
    /// machine's placement. What it wrote may be gone: others have worked on the thing all the same.
    fn worker(&self, target: &Target) -> Option<ChangeHash> {
        let (document, model) = (self.planner.reader.document, self.planner.model);
        let since = document.get_changes(self.before.heads.unwrap_or_default());
        let mut others = since.into_iter().filter(|change| !self.may_replace(&change.hash()));
        let work = others.find(|change| Traces::of(model, change).work_on(target));
        work.map(|change| change.hash())
    }

    /// Whether the change to take back had seen this one: what it left in place it did not write.
    fn was_there(&self, change: &ChangeHash) -> bool {
        let heads = self.before.heads.unwrap_or_default();
        let document = self.planner.reader.document;
        heads.contains(change) || document.get_changes_meta(heads).iter().all(|m| m.hash != *change)
    }

    fn leave(&mut self, target: &Target, of: &str, by: Option<ChangeHash>) {
        let document = self.planner.reader.document;
        let meta = by.and_then(|change| document.get_change_meta_by_hash(&change));
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
