//! Changes from other replicas: which can be applied, which must wait, which are refused, and what
//! they touch.
//!
//! Everything is decided before anything is applied, so a refused delivery leaves the board as it
//! was.

use crate::error::MergeError;
use crate::ids::{BoardId, CardId, ColumnId, LabelId, MemberId};
use crate::model::{Model, Owner};
use crate::part::PartId;
use crate::read::{Keys, Stored};
use crate::schema::{key, meta_object};
use crate::touched::{Over, Touched, Written};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{Automerge, Change, ChangeHash, ExpandedChange, ObjId, ReadDoc, ScalarValue};
use std::collections::{BTreeMap, BTreeSet};

/// How many changes may wait for others that they build on.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let mut ben = board.fork(Replica::new(ActorId::from([2; 16])));
/// ben.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
/// let seen = ben.heads();
/// for turn in 0..=WAITING_CHANGES_MAX {
///     ben.apply(&Command::RenameBoard { name: format!("Launch {turn}") }, now)?;
/// }
/// let refused = board.receive(ben.changes_since(&seen)).unwrap_err();
/// assert!(matches!(refused, MergeError::TooManyWaiting { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const WAITING_CHANGES_MAX: usize = 256;

/// How many bytes of changes may wait for others that they build on.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let mut ben = board.fork(Replica::new(ActorId::from([2; 16])));
/// ben.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
/// let seen = ben.heads();
/// ben.apply(&Command::RenameBoard { name: "Party".into() }, now)?;
/// let later = ben.changes_since(&seen);
/// assert!(later[0].raw_bytes().len() < WAITING_BYTES_MAX);
/// assert_eq!(board.receive(later)?.waiting, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const WAITING_BYTES_MAX: usize = 1024 * 1024;

/// Changes that arrived before something they build on.
///
/// They wait here and not inside Automerge, which would queue without bound and write what it
/// queues into every save.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waiting {
    changes: BTreeMap<ChangeHash, Change>,
}

impl Waiting {
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// What must arrive before everything here can be applied.
    pub fn missing(&self, document: &Automerge) -> Vec<ChangeHash> {
        let missing: BTreeSet<ChangeHash> = self
            .changes
            .values()
            .flat_map(|change| change.deps())
            .filter(|hash| !is_known(document, hash) && !self.changes.contains_key(hash))
            .copied()
            .collect();
        missing.into_iter().collect()
    }
}

/// New changes in an order in which they can be applied, and what then goes on waiting.
pub(crate) struct Sorted {
    pub ready: Vec<Change>,
    pub waiting: Waiting,
}

/// Sorts what arrived and what was waiting into ready and waiting; drops what is known.
///
/// # Errors
/// [`MergeError::TooManyWaiting`] if more would wait than the limits allow.
pub(crate) fn sort(
    document: &Automerge,
    waiting: &Waiting,
    arrived: Vec<Change>,
) -> Result<Sorted, MergeError> {
    if let ([change], true) = (&arrived[..], waiting.changes.is_empty())
        && document.get_missing_deps(change.deps()).is_empty()
    {
        // Live, changes come one by one, and each in its turn.
        let ready = if is_known(document, &change.hash()) { Vec::new() } else { arrived };
        return Ok(Sorted { ready, waiting: Waiting::default() });
    }
    let mut pending = waiting.changes.clone();
    // Kept in the order of arrival: usually it is the right one already.
    let mut order: Vec<ChangeHash> = Vec::new();
    for change in arrived {
        let hash = change.hash();
        if !is_known(document, &hash) && pending.insert(hash, change).is_none() {
            order.push(hash);
        }
    }
    order.extend(waiting.changes.keys());
    let mut blocked_by: BTreeMap<ChangeHash, usize> = BTreeMap::new();
    let mut unblocks: BTreeMap<ChangeHash, Vec<ChangeHash>> = BTreeMap::new();
    let mut next: Vec<ChangeHash> = Vec::new();
    for hash in order.iter().rev() {
        let deps = pending.get(hash).map(|change| change.deps().to_vec());
        let unknown: Vec<ChangeHash> =
            deps.unwrap_or_default().into_iter().filter(|dep| !is_known(document, dep)).collect();
        if unknown.is_empty() {
            next.push(*hash);
        }
        blocked_by.insert(*hash, unknown.len());
        for dep in unknown {
            unblocks.entry(dep).or_default().push(*hash);
        }
    }
    let mut ready = Vec::with_capacity(next.len());
    while let Some(hash) = next.pop() {
        ready.extend(pending.remove(&hash));
        for waiter in unblocks.remove(&hash).unwrap_or_default() {
            if let Some(count) = blocked_by.get_mut(&waiter) {
                *count -= 1;
                if *count == 0 {
                    next.push(waiter);
                }
            }
        }
    }
    let bytes: usize = pending.values().map(|change| change.raw_bytes().len()).sum();
    if pending.len() > WAITING_CHANGES_MAX || bytes > WAITING_BYTES_MAX {
        return Err(MergeError::TooManyWaiting { changes: pending.len(), bytes });
    }
    let waiting = Waiting { changes: pending };
    Ok(Sorted { ready, waiting })
}

fn is_known(document: &Automerge, hash: &ChangeHash) -> bool {
    // Many times cheaper than asking for the change or what is known about it.
    document.get_missing_deps(&[*hash]).is_empty()
}

/// What one delivery touches, worked out change by change before they are applied.
pub(crate) struct Decoder<'a> {
    model: &'a Model,
    board: &'a BoardId,
    /// Objects that the delivery itself creates.
    created: BTreeMap<ObjId, Owner>,
    pub touched: Touched,
    /// The delivery says which schema the board has.
    pub version: bool,
    /// The delivery replaces a map of the schema: everything must be read again.
    pub everything: bool,
}

impl<'a> Decoder<'a> {
    pub fn new(model: &'a Model, board: &'a BoardId) -> Self {
        Self {
            model,
            board,
            created: BTreeMap::new(),
            touched: Touched::default(),
            version: false,
            everything: false,
        }
    }

    /// Notes what a change touches.
    ///
    /// # Errors
    /// [`MergeError::OtherBoard`] if it says so of itself.
    pub fn decode(&mut self, change: &Change) -> Result<(), MergeError> {
        let ExpandedChange { operations, actor_id, start_op, .. } = change.decode();
        for (operation, counter) in operations.iter().zip(start_op.get()..) {
            let object = object_id(&operation.obj);
            let Key::Map(name) = &operation.key else {
                self.touch_text(&object);
                continue;
            };
            self.check(&object, name, &operation.action)?;
            let by = ObjId::Id(counter, actor_id.clone(), 0);
            self.touch_key(&object, name, operation, by);
        }
        Ok(())
    }

    /// Refuses a change that makes the document another board.
    fn check(&self, object: &ObjId, name: &str, action: &OpType) -> Result<(), MergeError> {
        if *object != meta_object() || name != key::BOARD {
            return Ok(());
        }
        let found = match action {
            OpType::Put(ScalarValue::Str(found)) if found == self.board.as_str() => return Ok(()),
            OpType::Put(ScalarValue::Str(found)) => found.to_string(),
            OpType::Delete => "nothing".to_owned(),
            _ => "something that is no id".to_owned(),
        };
        Err(MergeError::OtherBoard { expected: self.board.clone(), found })
    }

    fn touch_key(&mut self, object: &ObjId, name: &str, operation: &Op, by: ObjId) {
        if *object == ObjId::Root {
            self.version |= name == key::VERSION;
            self.everything |= name != key::VERSION;
            return;
        }
        let keys = Keys::of(name);
        let written = written(keys, operation, &by);
        let made = matches!(operation.action, OpType::Make(_)).then_some(by);
        match self.owner(object).cloned() {
            Some(Owner::Board) => {
                self.touched.board(keys);
                self.create(made, Owner::BoardText(keys));
            }
            Some(Owner::Columns) => {
                let Ok(id) = ColumnId::parse(name) else {
                    return;
                };
                self.touched.column(&id, Keys::ALL);
                self.create(made, Owner::Column(id));
            }
            Some(Owner::Cards) => {
                let Ok(id) = CardId::parse(name) else {
                    return;
                };
                self.touched.card(&id, Keys::ALL);
                self.create(made, Owner::Card(id));
            }
            Some(Owner::Column(id)) => {
                self.touched.column(&id, keys);
                self.create(made, Owner::ColumnText(id, keys));
            }
            Some(Owner::Card(id)) => match PartId::of_key(name) {
                Some(part) => {
                    self.touched.part(&id, &part);
                    self.create(made, Owner::Part(id, part));
                }
                None => {
                    match written {
                        Some(written) => self.touched.written(&id, written),
                        None => self.touched.card(&id, keys),
                    }
                    self.create(made, Owner::CardText(id, keys));
                }
            },
            Some(Owner::Labels) => {
                let Ok(id) = LabelId::parse(name) else {
                    return;
                };
                self.touched.labels.insert(id.clone());
                self.create(made, Owner::Label(id));
            }
            Some(Owner::Members) => {
                let Ok(id) = MemberId::parse(name) else {
                    return;
                };
                self.touched.members.insert(id.clone());
                self.create(made, Owner::Member(id));
            }
            Some(owner @ (Owner::Label(_) | Owner::Member(_) | Owner::Part(..))) => {
                self.touch_record(&owner);
                self.create(made, owner);
            }
            _ => {}
        }
    }

    fn create(&mut self, made: Option<ObjId>, owner: Owner) {
        if let Some(object) = made {
            self.created.insert(object, owner);
        }
    }

    fn touch_text(&mut self, object: &ObjId) {
        match self.owner(object).cloned() {
            Some(Owner::BoardText(keys)) => self.touched.board(keys),
            Some(Owner::ColumnText(id, keys)) => self.touched.column(&id, keys),
            Some(Owner::CardText(id, keys)) => self.touched.card(&id, keys),
            Some(owner) => self.touch_record(&owner),
            None => {}
        }
    }

    fn touch_record(&mut self, owner: &Owner) {
        match owner {
            Owner::Label(id) => drop(self.touched.labels.insert(id.clone())),
            Owner::Member(id) => drop(self.touched.members.insert(id.clone())),
            Owner::Part(card, part) => self.touched.part(card, part),
            _ => {}
        }
    }

    fn owner(&self, object: &ObjId) -> Option<&Owner> {
        self.created.get(object).or_else(|| self.model.owners.get(object))
    }
}

/// What a move by itself tells about its register: one value in the place of one other.
fn written(keys: Keys, operation: &Op, by: &ObjId) -> Option<Written> {
    let OpType::Put(value) = &operation.action else {
        return None;
    };
    let (Some(replaced), 1) = (operation.pred.get(0), operation.pred.len()) else {
        return None;
    };
    (keys == Keys::POS).then(|| Written {
        keys,
        value: Some(Stored::of_scalar(value)),
        over: Over::One { replaced: operation_id(replaced), by: by.clone() },
    })
}

fn operation_id(OpId(counter, actor): &OpId) -> ObjId {
    ObjId::Id(*counter, actor.clone(), 0)
}

fn object_id(object: &ObjectId) -> ObjId {
    match object {
        ObjectId::Root => ObjId::Root,
        ObjectId::Id(id) => operation_id(id),
    }
}
