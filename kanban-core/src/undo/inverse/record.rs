//! Taking back what was done to a label, a member or a part of a card.

use super::Inverse;
use crate::part::Target;
use crate::placement::Stamped;
use crate::plan::{Write, decide};
use crate::read::Reader;
use crate::registers::winner;
use crate::schema::key;
use crate::undo::traces::Trace;
use automerge::ObjId;

impl Inverse<'_> {
    /// A label, member or part of a card.
    pub(super) fn record(&mut self, target: Target, trace: &Trace) {
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
        let was_gone = holds(self.before(), key::GONE) && !holds(self.before(), key::TOUCH);
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
        let former = self.before().values(&record.object, key::POS);
        let former = self.before().texts(&former);
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
}
