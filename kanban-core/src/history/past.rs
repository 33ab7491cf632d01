//! What registers held before a change wrote them.

use super::written::Written;
use crate::ids::ColumnId;
use crate::order::sort_by;
use crate::placement::Stamped;
use crate::read::Reader;
use crate::registers::{Registers, winner};
use crate::schema::key;
use automerge::legacy::OpId;
use automerge::{Automerge, ChangeHash, ExpandedChange, ObjId};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// The texts that operations stored, as far as changes were walked; what was not is read from the
/// document as it was at that point, which costs some 20 times as much.
pub(super) struct Past {
    /// By actor and counter.
    texts: BTreeMap<OpId, SmolStr>,
    /// Maps of cards and columns that a machine ever placed.
    refined: BTreeSet<ObjId>,
    /// Everything since the first change was walked.
    whole: bool,
}

impl Past {
    /// Nothing was walked: the changes come in any order.
    pub fn unread() -> Self {
        Self { texts: BTreeMap::new(), refined: BTreeSet::new(), whole: false }
    }

    /// All changes will be walked, each after those that it builds on.
    pub fn from_the_beginning() -> Self {
        Self { whole: true, ..Self::unread() }
    }

    /// Remembers what a change stored.
    pub fn walk(&mut self, change: &ExpandedChange) {
        use automerge::ScalarValue;
        use automerge::legacy::{Key, ObjectId, OpType};
        if !self.whole {
            return;
        }
        for (operation, counter) in change.operations.iter().zip(change.start_op.get()..) {
            let (Key::Map(name), OpType::Put(ScalarValue::Str(text))) =
                (&operation.key, &operation.action)
            else {
                continue;
            };
            if is_asked_for(name) {
                self.texts.insert(OpId(counter, change.actor_id.clone()), text.clone());
            }
            if name == key::ORD
                && let ObjectId::Id(OpId(counter, actor)) = &operation.obj
            {
                self.refined.insert(ObjId::Id(*counter, actor.clone(), 0));
            }
        }
    }

    /// The texts that a register held before, the one shown last.
    pub fn texts(&self, at: At<'_>, written: &Written, key: &str) -> Vec<SmolStr> {
        let mut before: Vec<&OpId> = written.before.iter().collect();
        sort_by(&mut before, Ord::cmp);
        let known: Option<Vec<SmolStr>> =
            before.iter().map(|operation| self.texts.get(operation).cloned()).collect();
        known.unwrap_or_else(|| {
            let reader = at.reader();
            reader.texts(&reader.values(&written.object, key))
        })
    }

    /// The column where a card was shown, when somebody placed it anew.
    pub fn column_before(&self, at: At<'_>, written: &Written) -> Option<ColumnId> {
        let stored = self.placements(at, written);
        if stored.is_empty() || !self.whole || self.refined.contains(&written.object) {
            return Registers::read(at.reader(), &written.object).effective()?.column;
        }
        winner(&stored)?.column.clone()
    }

    /// The placements by people that a register held before.
    pub fn placements(&self, at: At<'_>, written: &Written) -> Vec<Stamped> {
        let texts = self.texts(at, written, key::POS);
        texts.iter().filter_map(|text| Stamped::parse(text)).collect()
    }
}

/// The moment before a change.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub document: &'a Automerge,
    /// What the change builds on.
    pub deps: &'a [ChangeHash],
}

impl<'a> At<'a> {
    pub fn reader(self) -> Reader<'a> {
        Reader::at(self.document, self.deps)
    }

    /// Whether something keeps a card or column alive.
    pub fn is_alive(self, object: &ObjId) -> bool {
        Registers::read(self.reader(), object).is_alive()
    }
}

/// Registers whose former values deeds tell.
fn is_asked_for(name: &str) -> bool {
    matches!(name, key::POS | key::ORD | key::TITLE | key::NAME | key::TEXT)
}
