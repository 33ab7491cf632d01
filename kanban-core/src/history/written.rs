//! What a change wrote, sorted by what it belongs to.

use crate::ids::{CardId, ColumnId, LabelId, MemberId};
use crate::model::{Model, Owner};
use crate::part::{PartId, Target};
use crate::read::Keys;
use automerge::legacy::{Key, ObjectId, OpId, OpType};
use automerge::{ActorId, Automerge, ExpandedChange, ObjId, Prop, ReadDoc, ScalarValue};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Maps nest three deep in a board: anything deeper is another program's.
const DEPTH_MAX: usize = 8;

/// What a change did to one thing.
#[derive(Debug, Default)]
pub(super) struct Writes {
    /// It made the thing.
    pub made: bool,
    /// It changed characters of its description, or of a comment's text.
    pub text: bool,
    pub keys: BTreeMap<SmolStr, Written>,
}

/// What a change did to one register.
#[derive(Debug)]
pub(super) struct Written {
    /// The map that holds it.
    pub object: ObjId,
    /// What it holds now; none if it was cleared.
    pub value: Option<ScalarValue>,
    /// Whether it holds anything now: a scalar or an object.
    pub is_set: bool,
    /// The operations whose values it held before.
    pub before: Vec<OpId>,
    /// A value was cleared and stored: somebody's decision, though it may confirm what was there.
    pub decided: bool,
}

impl Written {
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Some(ScalarValue::Str(text)) => Some(text),
            _ => None,
        }
    }

    pub fn flag(&self) -> bool {
        self.value == Some(ScalarValue::Boolean(true))
    }

    /// The value as people read it.
    pub fn shown(&self) -> Option<String> {
        match &self.value {
            Some(ScalarValue::Str(text)) => Some(text.to_string()),
            Some(ScalarValue::Uint(count)) => Some(count.to_string()),
            Some(ScalarValue::Int(count)) => Some(count.to_string()),
            _ => None,
        }
    }
}

impl Writes {
    pub fn get(&self, key: &str) -> Option<&Written> {
        self.keys.get(key)
    }

    /// Whether the change stored something under `key`.
    pub fn sets(&self, key: &str) -> bool {
        self.get(key).is_some_and(|written| written.is_set)
    }

    /// Whether the change cleared `key`.
    pub fn clears(&self, key: &str) -> bool {
        self.get(key).is_some_and(|written| !written.is_set)
    }
}

/// Everything that a change wrote to the things of a board.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub targets: BTreeMap<Target, Writes>,
    /// It wrote something that belongs to no thing of a board.
    pub elsewhere: bool,
}

/// Finds out what objects are.
pub(super) struct Owners<'a> {
    document: &'a Automerge,
    model: &'a Model,
    /// Objects that the model does not know: those of another program, or hidden behind a twin.
    found: BTreeMap<ObjId, Option<Owner>>,
}

impl<'a> Owners<'a> {
    pub fn new(document: &'a Automerge, model: &'a Model) -> Self {
        Self { document, model, found: BTreeMap::new() }
    }

    fn owner(&mut self, object: &ObjId) -> Option<Owner> {
        self.owner_within(object, DEPTH_MAX)
    }

    fn owner_within(&mut self, object: &ObjId, depth: usize) -> Option<Owner> {
        if let Some(owner) = self.model.owners.get(object) {
            return Some(owner.clone());
        }
        if let Some(owner) = self.found.get(object) {
            return owner.clone();
        }
        let parent = self.document.parents(object).ok().and_then(|mut parents| parents.next());
        let owner = parent.filter(|_| depth > 0).and_then(|parent| match parent.prop {
            Prop::Map(name) => child_of(&self.owner_within(&parent.obj, depth - 1)?, &name),
            Prop::Seq(_) => None,
        });
        self.found.insert(object.clone(), owner.clone());
        owner
    }

    /// Sorts the operations of a change.
    pub fn sort(&mut self, change: &ExpandedChange) -> Sorted {
        let mut sorted = Sorted::default();
        let mut last: Option<(&ObjectId, ObjId, Option<Owner>)> = None;
        for operation in &change.operations {
            let (object, owner) = match &last {
                Some((id, object, owner)) if *id == &operation.obj => (object, owner),
                _ => {
                    let object = object_id(&operation.obj);
                    let owner = self.owner(&object);
                    let (_, object, owner) = last.insert((&operation.obj, object, owner));
                    (&*object, &*owner)
                }
            };
            match (&operation.key, owner) {
                (_, None) => sorted.elsewhere = true,
                (Key::Map(name), Some(owner)) => {
                    let own = (change.start_op.get(), &change.actor_id);
                    sorted.take(owner, object, name, operation, own);
                }
                (Key::Seq(_), Some(owner)) => sorted.take_text(owner),
            }
        }
        sorted
    }
}

impl Sorted {
    fn take(
        &mut self,
        owner: &Owner,
        object: &ObjId,
        name: &SmolStr,
        operation: &automerge::legacy::Op,
        own: (u64, &ActorId),
    ) {
        let is_object = matches!(operation.action, OpType::Make(_));
        let child = if is_object { child_of(owner, name) } else { None };
        if let Some(child) = child.filter(|child| child != owner)
            && let Some(target) = target_of_map(child)
        {
            self.targets.entry(target).or_default().made = true;
            return;
        }
        let Some(target) = target_of_map(owner.clone()) else {
            self.elsewhere = true;
            return;
        };
        let writes = self.targets.entry(target).or_default();
        let entry = writes.keys.entry(name.clone());
        let written = entry.or_insert_with(|| Written {
            object: object.clone(),
            value: None,
            is_set: false,
            before: Vec::new(),
            decided: false,
        });
        let before = operation.pred.iter();
        // What the change itself stored a moment before does not count.
        let before = before.filter(|id| !(id.actor() == own.1 && id.counter() >= own.0)).cloned();
        written.before.extend(before);
        match &operation.action {
            OpType::Put(value) => {
                let cleared = !written.is_set && !written.before.is_empty();
                written.decided |= cleared && operation.pred.is_empty();
                written.value = Some(value.clone());
                written.is_set = true;
            }
            OpType::Make(_) => {
                written.value = None;
                written.is_set = true;
            }
            OpType::Delete => {
                written.value = None;
                written.is_set = false;
            }
            _ => {}
        }
    }

    fn take_text(&mut self, owner: &Owner) {
        let (target, is_description) = match owner {
            Owner::BoardText(keys) => (Target::Board, *keys == Keys::DESCRIPTION),
            Owner::ColumnText(id, _) => (Target::Column(id.clone()), false),
            Owner::CardText(id, keys) => (Target::Card(id.clone()), *keys == Keys::DESCRIPTION),
            Owner::Label(id) => (Target::Label(id.clone()), false),
            Owner::Member(id) => (Target::Member(id.clone()), false),
            Owner::Part(card, part) => (Target::Part(card.clone(), part.clone()), true),
            _ => return self.elsewhere = true,
        };
        self.targets.entry(target).or_default().text |= is_description;
    }
}

/// What an object under `name` in an object of this owner is.
fn child_of(parent: &Owner, name: &str) -> Option<Owner> {
    let keys = Keys::of(name);
    match parent {
        Owner::Board => Some(Owner::BoardText(keys)),
        Owner::Columns => ColumnId::parse(name).ok().map(Owner::Column),
        Owner::Cards => CardId::parse(name).ok().map(Owner::Card),
        Owner::Labels => LabelId::parse(name).ok().map(Owner::Label),
        Owner::Members => MemberId::parse(name).ok().map(Owner::Member),
        Owner::Column(id) => Some(Owner::ColumnText(id.clone(), keys)),
        Owner::Card(id) => Some(match PartId::of_key(name) {
            Some(part) => Owner::Part(id.clone(), part),
            None => Owner::CardText(id.clone(), keys),
        }),
        Owner::Label(_) | Owner::Member(_) | Owner::Part(..) => Some(parent.clone()),
        Owner::BoardText(_) | Owner::ColumnText(..) | Owner::CardText(..) => None,
    }
}

/// The thing whose map has this owner.
fn target_of_map(owner: Owner) -> Option<Target> {
    match owner {
        Owner::Board => Some(Target::Board),
        Owner::Column(id) => Some(Target::Column(id)),
        Owner::Card(id) => Some(Target::Card(id)),
        Owner::Label(id) => Some(Target::Label(id)),
        Owner::Member(id) => Some(Target::Member(id)),
        Owner::Part(card, part) => Some(Target::Part(card, part)),
        _ => None,
    }
}

fn object_id(object: &ObjectId) -> ObjId {
    match object {
        ObjectId::Root => ObjId::Root,
        ObjectId::Id(OpId(counter, actor)) => ObjId::Id(*counter, actor.clone(), 0),
    }
}
