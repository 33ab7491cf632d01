//! Taking back where a card or column was put, and whether it was there.

use super::{Inverse, Placed};
use crate::placement::Stamped;
use crate::plan::{Scalar, Write, decide, delete, former_place, keep};
use crate::read::Reader;
use crate::registers::Registers;
use crate::schema::key;
use crate::undo::traces::Trace;
use automerge::ReadDoc;

impl Inverse<'_> {
    /// Place, life and fields of a card or column.
    pub(super) fn placed(&mut self, thing: &Placed<'_>, trace: &Trace, person_placed: bool) {
        let has = |name: &str| trace.keys.contains(name);
        let before = Registers::read(self.before(), &thing.object);
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
        let after = Registers::read(Reader::at(self.document, &after), &thing.object);
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
                // What had been alive by an edit alone is so again: the place that keeping wrote
                // down would stand beside a relocation as somebody's choice.
                let wrote_place = !before.pos_present && after.pos_present;
                let by_edit = thing.registers.touch.is_some();
                if wrote_place && by_edit && self.stranger(&thing.object, &[key::POS]).is_none() {
                    self.writes.push(Write::Delete(target.clone(), key::POS));
                }
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
        let delete = mark.and_then(|(_, by)| self.document.hash_for_opid(&by));
        let delete = delete.and_then(|delete| self.document.get_change_by_hash(&delete));
        delete.is_some_and(|delete| {
            let seen = Reader::at(self.document, delete.deps());
            self.stranger_at(seen, &thing.object, key::POS).is_some()
        })
    }
}
