//! Hostile changes by the kinds that `docs/security.md` lists, and what each would do to a client.
#![allow(dead_code, reason = "each test uses a part of it")]

pub mod cases;
pub mod harm;
pub mod writer;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, Change, ObjType, ROOT, ScalarValue};
use sync_protocol::{Admission, ChangeHash, Inserted};
use writer::{Forged, Op};

pub const ANA: [u8; 16] = [0xaa; 16];
pub const BEN: [u8; 16] = [0xbb; 16];
pub const EVE: [u8; 16] = [0xee; 16];

/// A small document of Ana's and Ben's.
pub struct World {
    pub changes: Vec<Change>,
    /// Ana's change. Its operations: 1 text, 2 to 4 its characters, 5 list, 6 its element, 7 map,
    /// 8 a key of it, 9 a counter, 10 a key that 11 deletes, 12 an increment of the counter.
    pub first: ChangeHash,
    /// Ben's change, on Ana's: 13 map, 14 text, 15 its character.
    pub second: ChangeHash,
}

impl World {
    pub fn new() -> Self {
        let mut ana = AutoCommit::new().with_actor(ActorId::from(ANA));
        let text = ana.put_object(ROOT, "text", ObjType::Text).unwrap();
        ana.splice_text(&text, 0, 0, "abc").unwrap();
        let list = ana.put_object(ROOT, "list", ObjType::List).unwrap();
        ana.insert(&list, 0, 1).unwrap();
        let map = ana.put_object(ROOT, "map", ObjType::Map).unwrap();
        ana.put(&map, "k", "v").unwrap();
        ana.put(ROOT, "n", ScalarValue::counter(1)).unwrap();
        ana.put(ROOT, "gone", 1).unwrap();
        ana.delete(ROOT, "gone").unwrap();
        ana.increment(ROOT, "n", 1).unwrap();
        let first = ana.commit_with(CommitOptions::default().with_time(1)).unwrap();
        let mut ben = ana.fork().with_actor(ActorId::from(BEN));
        ben.put_object(ROOT, "elsewhere", ObjType::Map).unwrap();
        let other = ben.put_object(ROOT, "other", ObjType::Text).unwrap();
        ben.splice_text(&other, 0, 0, "z").unwrap();
        let second = ben.commit_with(CommitOptions::default().with_time(2)).unwrap();
        Self { changes: ben.get_changes(&[]), first, second }
    }

    pub fn admission(&self) -> Admission {
        let mut admission = Admission::new();
        for change in &self.changes {
            let change = writer::arrive(change.raw_bytes()).unwrap();
            assert!(matches!(admission.insert(&change), Ok(Inserted::At(_))));
        }
        admission
    }

    /// Eve's change on everything, which names the others in `others`.
    pub fn forged(&self, others: &[[u8; 16]]) -> Forged {
        Forged {
            deps: vec![self.second],
            actor: EVE.to_vec(),
            seq: 1,
            start_op: 16,
            time: 3,
            message: Vec::new(),
            others: others.iter().map(|other| other.to_vec()).collect(),
            columns: Vec::new(),
            extra: Vec::new(),
        }
    }

    /// A change that nothing is wrong with.
    pub fn honest(&self) -> Forged {
        self.forged(&[]).with(&[Op::put("key")])
    }
}
