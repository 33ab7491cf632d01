//! Several changes, honest and forged, each upon what was admitted before.

use crate::Start;
use crate::hostile::harm::harm;
use crate::hostile::writer::{Forged, Id, Op, arrive, chunk, content};
use crate::hostile::{ANA, BEN, EVE};
use arbitrary::{Result, Unstructured};
use automerge::marks::{ExpandMark, Mark};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ChangeHash, ObjType, ROOT, ReadDoc, ScalarValue};
use sync_protocol::{Admission, Inserted};

const STEPS_MAX: usize = 10;
const OPS_MAX: usize = 6;

/// What is admitted, one after the other, is applied, edited, saved and loaded, with the same heads and
/// changes; and what an honest person makes of it is admitted.
pub fn admit_apply_save_load(data: &[u8]) {
    let mut history = History::new();
    let mut input = Unstructured::new(data);
    for _ in 0..STEPS_MAX {
        if input.is_empty() || history.step(&mut input).is_err() {
            break;
        }
    }
    history.does_no_harm();
}

struct History {
    admission: Admission,
    changes: Vec<Change>,
    /// Something in it was not written by Automerge.
    is_forged: bool,
    /// Somebody who has everything from the beginning, and takes the rest in now and then.
    honest: AutoCommit,
}

impl History {
    fn new() -> Self {
        let Start { world, admission, .. } = Start::get();
        let (admission, changes) = (admission.clone(), world.changes.clone());
        let mut honest = AutoCommit::new().with_actor(ActorId::from([0xcc; 16]));
        honest.apply_changes(changes.clone()).expect("they are honest");
        Self { admission, changes, is_forged: false, honest }
    }

    fn step(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        match input.int_in_range(0..=7)? {
            0 => {
                let all = self.changes.clone();
                self.honest.apply_changes(all).expect("what is admitted is applied");
            }
            1 | 2 => self.edit(input)?,
            3 => self.alter(input)?,
            _ => self.forge(input)?,
        }
        Ok(())
    }

    /// An edit of what the honest person has.
    fn edit(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let document = &mut self.honest;
        for _ in 0..=input.int_in_range(0..=2)? {
            let at = |length: usize, input: &mut Unstructured<'_>| input.int_in_range(0..=length);
            let key = *input.choose(&["text", "list", "map", "n", "gone", "elsewhere", "key"])?;
            let object = document.get(ROOT, key).expect("the root is a map");
            let object = object.and_then(|(value, id)| Some((value.to_objtype()?, id)));
            // What Automerge refuses to do is not done.
            match object {
                Some((ObjType::Text, id)) => {
                    let length = document.length(&id);
                    let (from, to) = (at(length, input)?, at(length, input)?);
                    if input.arbitrary()? {
                        _ = document.splice_text(&id, from, 0, "é👩‍👧 ab");
                    } else if from < to {
                        let mark = Mark::new("bold".to_owned(), true, from, to);
                        _ = document.mark(&id, mark, ExpandMark::Both);
                    } else {
                        _ = document.splice_text(&id, to, (from - to) as isize, "x");
                    }
                }
                Some((ObjType::List, id)) => {
                    let length = document.length(&id);
                    let index = at(length, input)?;
                    match index < length && input.arbitrary()? {
                        true => _ = document.delete(&id, index),
                        false => _ = document.insert(&id, index, 7),
                    }
                }
                Some((_, id)) => _ = document.put(&id, "k", input.arbitrary::<i64>()?),
                None if input.arbitrary()? => _ = document.increment(ROOT, key, 1),
                None if input.arbitrary()? => _ = document.delete(ROOT, key),
                None => _ = document.put(ROOT, key, ScalarValue::counter(3)),
            }
        }
        document.commit();
        let heads = document.get_heads();
        for change in document.get_changes(self.admission.heads()) {
            let raw = arrive(change.raw_bytes()).expect("Automerge writes chunks");
            let outcome = self.admission.insert(&raw);
            match outcome {
                Ok(Inserted::At(_)) => self.changes.push(change),
                Ok(Inserted::Known) => {}
                other => panic!("an honest change is refused: {other:?}: {:#?}", change.decode()),
            }
        }
        assert!(heads.iter().all(|head| self.admission.contains(head)));
        Ok(())
    }

    /// A change that is there, with bytes changed and under another actor.
    fn alter(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let change = input.choose(&self.changes)?;
        let mut bytes = content(change.raw_bytes()).to_vec();
        for _ in 0..=input.int_in_range(0..=3)? {
            let at = input.int_in_range(0..=bytes.len() - 1)?;
            match input.int_in_range(0..=2)? {
                0 => bytes[at] = input.arbitrary()?,
                1 => bytes.insert(at, input.arbitrary()?),
                _ if bytes.len() > 1 => _ = bytes.remove(at),
                _ => {}
            }
        }
        self.arrives(&chunk(1, &bytes));
        Ok(())
    }

    fn forge(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let hashes: Vec<ChangeHash> = self.changes.iter().map(Change::hash).collect();
        let mut deps = match input.ratio(3, 4)? {
            true => self.admission.heads().to_vec(),
            false => vec![*input.choose(&hashes)?],
        };
        deps.sort();
        let actor = *input.choose(&[EVE, EVE, ANA, BEN, [0xdd; 16]])?;
        let mut others: Vec<Vec<u8>> = [ANA, BEN, EVE, [0xcc; 16]]
            .into_iter()
            .filter(|other| *other != actor)
            .map(|other| other.to_vec())
            .collect();
        others.truncate(input.int_in_range(0..=3)?);
        let next = self.admission.max_op() + 1;
        let near = |input: &mut Unstructured<'_>| -> Result<u64> {
            Ok((next + input.int_in_range(0..=4)?).saturating_sub(input.int_in_range(0..=2)?))
        };
        let start_op = if input.ratio(3, 4)? { next } else { near(input)? };
        let seq = self.admission.seq(&ActorId::from(actor)) + 1;
        let count = input.int_in_range(1..=OPS_MAX)?;
        let ops = (0..count).map(|_| op(input, start_op as i64)).collect::<Result<Vec<Op>>>()?;
        let forged = Forged {
            deps,
            actor: actor.to_vec(),
            seq,
            start_op,
            others,
            ..Start::get().world.honest()
        };
        self.arrives(&forged.with(&ops).bytes());
        Ok(())
    }

    fn arrives(&mut self, bytes: &[u8]) {
        let Some(raw) = arrive(bytes) else { return };
        if let Ok(Inserted::At(_)) = self.admission.insert(&raw) {
            let change = Change::from_bytes(raw.bytes.into_owned());
            self.changes.push(change.expect("Automerge reads what is admitted"));
            self.is_forged = true;
        }
    }

    fn does_no_harm(&self) {
        if let (true, Some((last, before))) = (self.is_forged, self.changes.split_last()) {
            assert_eq!(harm(before, last.raw_bytes()), None);
        }
    }
}

/// An operation that may make sense.
fn op(input: &mut Unstructured<'_>, start_op: i64) -> Result<Op> {
    let object = id(input, start_op)?;
    let within = |op: Op, input: &mut Unstructured<'_>| -> Result<Op> {
        Ok(if input.arbitrary()? { op.within(object) } else { op })
    };
    let after = if input.ratio(3, 4)? { Some(id(input, start_op)?) } else { None };
    let key = *input.choose(&["text", "list", "map", "n", "key", "k", ""])?;
    let op = match input.int_in_range(0..=8)? {
        0 => within(Op::put(key), input)?,
        // Objects, deletions, increments, marks and what there is not.
        1 => within(Op::at(key, input.int_in_range(0..=8)?), input)?,
        2 | 3 => Op::insert(object, after),
        4 => Op { insert: false, ..Op::insert(object, after) },
        5 => Op::begin_mark(object, after),
        6 => Op::end_mark(object, after),
        7 => Op { insert: input.arbitrary()?, ..Op::insert(object, after) }
            .doing(input.int_in_range(0..=8)?),
        _ => within(Op::put(key).with_value(input.int_in_range(0..=15)?, input.bytes(2)?), input)?,
    };
    let op = Op { expand: input.ratio(1, 8)?, ..op };
    let op = match input.int_in_range(0..=7)? {
        0 => op.with_value(input.int_in_range(0..=15)?, &[input.arbitrary()?]),
        1 => op.with_value(8, &[input.int_in_range(0..=127)?]),
        _ => op,
    };
    let count = *input.choose(&[0, 0, 1, 1, 1, 2])?;
    let mut over = (0..count).map(|_| id(input, start_op)).collect::<Result<Vec<Id>>>()?;
    over.sort_by_key(|(actor, number)| (*number, *actor));
    Ok(op.over(&over))
}

/// An operation's id: one of the world, or of this change.
fn id(input: &mut Unstructured<'_>, start_op: i64) -> Result<Id> {
    let actor = input.int_in_range(0..=3)?;
    let number = match input.int_in_range(0..=3)? {
        0 => start_op + input.int_in_range(0..=OPS_MAX as i64)?,
        1 => input.int_in_range(16..=40)?,
        _ => input.int_in_range(1..=15)?,
    };
    Ok((actor, number))
}
