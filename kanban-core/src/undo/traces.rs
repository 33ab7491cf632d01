//! What a change wrote to, sorted by what it belongs to.

use crate::ids::{CardId, ColumnId, LabelId, MemberId};
use crate::model::{Model, Owner};
use crate::part::{PartId, Target};
use crate::read::Keys;
use crate::schema::key;
use automerge::legacy::{ElementId, Key, ObjectId, OpId, OpType};
use automerge::{ActorId, Change, ExpandedChange, ObjId};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// What a change did to one thing.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub created: bool,
    /// A person's placement was stored, and not only deleted.
    pub placed: bool,
    pub keys: BTreeSet<SmolStr>,
}

/// What a change did to one text.
#[derive(Debug)]
pub(super) struct TextTrace {
    pub target: Target,
    /// Elements it inserted, as counters of its own actor.
    pub inserted: Vec<u64>,
    /// Elements it deleted.
    pub deleted: Vec<(u64, ActorId)>,
}

/// What a change wrote to.
#[derive(Debug, Default)]
pub(super) struct Traces {
    pub board: Trace,
    pub labels: BTreeMap<LabelId, Trace>,
    pub members: BTreeMap<MemberId, Trace>,
    pub columns: BTreeMap<ColumnId, Trace>,
    pub cards: BTreeMap<CardId, Trace>,
    pub parts: BTreeMap<(CardId, PartId), Trace>,
    pub texts: BTreeMap<ObjId, TextTrace>,
}

impl Traces {
    pub fn of(model: &Model, change: &Change) -> Self {
        let mut traces = Self::default();
        let ExpandedChange { operations, start_op, .. } = change.decode();
        for (operation, counter) in operations.iter().zip(start_op.get()..) {
            let ObjectId::Id(OpId(number, actor)) = &operation.obj else {
                continue;
            };
            let object = ObjId::Id(*number, actor.clone(), 0);
            let Some(owner) = model.owners.get(&object) else {
                continue;
            };
            match &operation.key {
                Key::Map(name) => {
                    traces.take_key(owner, name, &operation.action);
                }
                Key::Seq(element) => {
                    let is_deletion = operation.action == OpType::Delete;
                    let element = match element {
                        ElementId::Id(OpId(number, actor)) if is_deletion => {
                            Some((*number, actor.clone()))
                        }
                        _ => None,
                    };
                    traces.take_element(owner, object, counter, element);
                }
            }
        }
        traces
    }

    fn take_key(&mut self, owner: &Owner, name: &str, action: &OpType) {
        let made = matches!(action, OpType::Make(_));
        let created = Trace { created: true, ..Trace::default() };
        let trace = match owner {
            Owner::Cards | Owner::Columns | Owner::Labels | Owner::Members if !made => return,
            Owner::Cards => {
                return drop(CardId::parse(name).map(|id| self.cards.insert(id, created)));
            }
            Owner::Columns => {
                return drop(ColumnId::parse(name).map(|id| self.columns.insert(id, created)));
            }
            Owner::Labels => {
                return drop(LabelId::parse(name).map(|id| self.labels.insert(id, created)));
            }
            Owner::Members => {
                return drop(MemberId::parse(name).map(|id| self.members.insert(id, created)));
            }
            Owner::Board => &mut self.board,
            Owner::Column(id) => self.columns.entry(id.clone()).or_default(),
            Owner::Label(id) => self.labels.entry(id.clone()).or_default(),
            Owner::Member(id) => self.members.entry(id.clone()).or_default(),
            Owner::Part(card, part) => self.parts.entry((card.clone(), part.clone())).or_default(),
            Owner::Card(id) => match PartId::of_key(name) {
                Some(part) if made => {
                    self.parts.insert((id.clone(), part), created);
                    return;
                }
                Some(_) => return,
                None => self.cards.entry(id.clone()).or_default(),
            },
            Owner::BoardText(_) | Owner::ColumnText(..) | Owner::CardText(..) => return,
        };
        trace.placed |= name == key::POS && *action != OpType::Delete;
        trace.keys.insert(SmolStr::new(name));
    }

    fn take_element(
        &mut self,
        owner: &Owner,
        text: ObjId,
        counter: u64,
        deleted: Option<(u64, ActorId)>,
    ) {
        let target = match owner {
            Owner::BoardText(Keys::DESCRIPTION) => Target::Board,
            Owner::CardText(id, Keys::DESCRIPTION) => Target::Card(id.clone()),
            Owner::Part(card, part @ PartId::Comment(_)) => {
                Target::Part(card.clone(), part.clone())
            }
            _ => return,
        };
        let empty = TextTrace { target, inserted: Vec::new(), deleted: Vec::new() };
        let trace = self.texts.entry(text).or_insert(empty);
        match deleted {
            Some(element) => trace.deleted.push(element),
            None => trace.inserted.push(counter),
        }
    }

    /// Whether a person placed a card, so that machines' writes beside it only made room.
    pub fn places_a_card(&self) -> bool {
        self.cards.values().any(|trace| trace.created || trace.placed)
    }

    /// Whether somebody worked on a thing, or on what belongs to it. A machine's placement is none.
    pub fn work_on(&self, target: &Target) -> bool {
        let is_work = |trace: &Trace| trace.created || trace.keys.iter().any(|key| key != key::ORD);
        let text = |text: &TextTrace| match (&text.target, target) {
            (Target::Part(card, _), Target::Card(id)) => card == id,
            (one, other) => one == other,
        };
        let own = match target {
            Target::Board => Some(&self.board),
            Target::Label(id) => self.labels.get(id),
            Target::Member(id) => self.members.get(id),
            Target::Column(id) => self.columns.get(id),
            Target::Card(id) => self.cards.get(id),
            Target::Part(card, part) => self.parts.get(&(card.clone(), part.clone())),
        };
        let part = |((card, _), trace): (&(CardId, PartId), &Trace)| {
            *target == Target::Card(card.clone()) && is_work(trace)
        };
        own.is_some_and(is_work) || self.parts.iter().any(part) || self.texts.values().any(text)
    }
}
