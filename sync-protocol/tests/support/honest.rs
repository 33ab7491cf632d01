//! Random sessions of several people with Automerge itself. What it refuses to do is not done.
#![allow(dead_code, reason = "each test uses a part of it")]

use crate::support::Dice;
use automerge::marks::{ExpandMark, Mark};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, Change, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use sync_protocol::{ChangeHash, RawChange, chunks};

/// A change as it arrives.
pub fn raw(change: &Change) -> RawChange<'_> {
    chunks(change.raw_bytes()).next().unwrap().unwrap().change().unwrap()
}

/// All changes, each after those that it builds on and after its actor's earlier ones, otherwise in
/// random order.
pub fn all_in_some_order(changes: &[Change], dice: &mut Dice) -> Vec<RawChange<'static>> {
    let mut waiting: Vec<RawChange<'static>> =
        changes.iter().map(|change| raw(change).into_owned()).collect();
    let mut done: Vec<RawChange<'static>> = Vec::new();
    let mut known: std::collections::BTreeSet<ChangeHash> = Default::default();
    while !waiting.is_empty() {
        let seq =
            |actor: &ActorId| done.iter().filter(|done| done.header.actor == *actor).count() as u64;
        let ready = |change: &RawChange<'_>| {
            change.header.deps.iter().all(|dep| known.contains(dep))
                && change.header.seq == seq(&change.header.actor) + 1
        };
        let ready: Vec<usize> =
            (0..waiting.len()).filter(|index| ready(&waiting[*index])).collect();
        let change = waiting.swap_remove(ready[dice.below(ready.len())]);
        known.insert(change.hash);
        done.push(change);
    }
    done
}

/// Some people, each with a copy of one document.
pub struct Session {
    people: Vec<AutoCommit>,
    dice: Dice,
    actors: u64,
}

impl Session {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut first = AutoCommit::new().with_actor(actor(seed, 0));
        let text = first.put_object(ROOT, "text", ObjType::Text).unwrap();
        first.splice_text(&text, 0, 0, "Hello, wörld! 👋🏽").unwrap();
        first.put_object(ROOT, "list", ObjType::List).unwrap();
        first.put_object(ROOT, "map", ObjType::Map).unwrap();
        first.put(ROOT, "counter", ScalarValue::counter(3)).unwrap();
        first.commit();
        let count = 2 + dice.below(3) as u64;
        let mut people: Vec<AutoCommit> =
            (1..count).map(|number| first.fork().with_actor(actor(seed, number))).collect();
        people.push(first);
        Self { people, dice, actors: count }
    }

    pub fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            let person = self.dice.below(self.people.len());
            match self.dice.below(12) {
                0..=7 => self.edit(person),
                8..=9 => self.merge(person),
                10 => self.come_back(person),
                _ => self.look_back(person),
            }
        }
    }

    /// Everybody's work together.
    pub fn merged(&mut self) -> AutoCommit {
        let mut all = AutoCommit::new();
        self.people.iter_mut().for_each(|person| _ = all.merge(person).unwrap());
        all
    }

    fn merge(&mut self, into: usize) {
        let from = self.dice.below(self.people.len());
        if from != into {
            let mut other = self.people[from].fork();
            self.people[into].merge(&mut other).unwrap();
        }
    }

    /// Closes the document and opens it again, as another actor.
    fn come_back(&mut self, person: usize) {
        self.actors += 1;
        let saved = self.people[person].save();
        let loaded = AutoCommit::load(&saved).unwrap();
        self.people[person] = loaded.with_actor(actor(self.dice.0, self.actors));
    }

    /// Works on the document as it was, but not on texts: Automerge 0.12 then inserts after marks
    /// that were not there yet, and whoever takes the change before those marks panics.
    fn look_back(&mut self, person: usize) {
        let changes = self.people[person].get_changes(&[]);
        let heads = [changes[self.dice.below(changes.len())].hash()];
        self.people[person].isolate(&heads);
        self.edit_without(person, Some(ObjType::Text));
        self.people[person].integrate();
    }

    fn edit(&mut self, person: usize) {
        self.edit_without(person, None);
    }

    fn edit_without(&mut self, person: usize, without: Option<ObjType>) {
        for _ in 0..=self.dice.below(6) {
            let mut objects = objects(&mut self.people[person]);
            objects.retain(|(_, kind)| Some(*kind) != without);
            let (object, kind) = objects[self.dice.below(objects.len())].clone();
            let (document, dice) = (&mut self.people[person], &mut self.dice);
            match kind {
                ObjType::Map | ObjType::Table => edit_map(document, dice, &object),
                ObjType::List => edit_list(document, dice, &object),
                ObjType::Text => edit_text(document, dice, &object),
            }
        }
        let document = &mut self.people[person];
        match self.dice.below(8) {
            0 => _ = document.empty_change(CommitOptions::default().with_message("nothing")),
            1 => _ = document.commit_with(CommitOptions::default().with_time(1_700_000_000)),
            2 => _ = document.commit_with(CommitOptions::default().with_message("a message")),
            _ => _ = document.commit(),
        }
    }
}

fn actor(seed: u64, number: u64) -> ActorId {
    let mut bytes = seed.to_le_bytes().to_vec();
    bytes.extend(number.to_le_bytes());
    bytes.rotate_left((number % 16) as usize);
    ActorId::from(bytes)
}

/// The objects of a document, up to eight deep.
fn objects(document: &mut AutoCommit) -> Vec<(ObjId, ObjType)> {
    let mut found = vec![(ROOT, ObjType::Map)];
    let mut level = vec![(ROOT, ObjType::Map)];
    for _ in 0..8 {
        let mut next = Vec::new();
        for (object, kind) in &level {
            if *kind == ObjType::Map {
                for item in document.map_range(object, ..) {
                    for (value, id) in document.get_all(object, item.key.as_ref()).unwrap() {
                        next.extend(value.to_objtype().map(|kind| (id, kind)));
                    }
                }
            } else {
                for index in 0..document.length(object) {
                    for (value, id) in document.get_all(object, index).unwrap_or_default() {
                        next.extend(value.to_objtype().map(|kind| (id, kind)));
                    }
                }
            }
        }
        found.extend(next.iter().cloned());
        level = next;
    }
    found
}

fn scalar(dice: &mut Dice) -> ScalarValue {
    match dice.below(14) {
        0 => ScalarValue::Null,
        1 => ScalarValue::Boolean(dice.below(2) == 0),
        2 => ScalarValue::Int(-5),
        3 => ScalarValue::Int(i64::MIN),
        4 => ScalarValue::Uint(u64::MAX),
        5 => ScalarValue::F64(f64::NAN),
        6 => ScalarValue::Bytes(vec![0, 255]),
        7 => ScalarValue::Timestamp(-1),
        8 | 9 => ScalarValue::counter(dice.below(100) as i64 - 50),
        10 => ScalarValue::Unknown { type_code: 11, bytes: vec![1, 2, 3] },
        _ => ScalarValue::Str("a value".into()),
    }
}

fn kind(dice: &mut Dice) -> ObjType {
    [ObjType::Map, ObjType::List, ObjType::Text][dice.below(3)]
}

fn edit_map(document: &mut AutoCommit, dice: &mut Dice, object: &ObjId) {
    let keys = ["a", "b", "counter", "ä", "text", ""];
    let key = keys[dice.below(5)];
    match dice.below(10) {
        0..=4 => _ = document.put(object, key, scalar(dice)),
        5 => _ = document.put_object(object, key, kind(dice)),
        6 | 7 => _ = document.delete(object, key),
        _ => _ = document.increment(object, key, dice.below(9) as i64 - 4),
    }
}

fn edit_list(document: &mut AutoCommit, dice: &mut Dice, object: &ObjId) {
    let length = document.length(object);
    let index = dice.below(length + 1);
    match dice.below(10) {
        _ if index == length => _ = document.insert(object, index, scalar(dice)),
        0 | 1 => _ = document.insert(object, index, scalar(dice)),
        2 => _ = document.insert_object(object, index, kind(dice)),
        3 => _ = document.put_object(object, index, kind(dice)),
        4 | 5 => _ = document.put(object, index, scalar(dice)),
        6 => _ = document.delete(object, index),
        7 => {
            let values = (0..dice.below(4)).map(|_| scalar(dice).into());
            let values: Vec<automerge::hydrate::Value> = values.collect();
            _ = document.splice(object, index, (length - index).min(2) as isize, values);
        }
        _ => _ = document.increment(object, index, 2),
    }
}

fn edit_text(document: &mut AutoCommit, dice: &mut Dice, object: &ObjId) {
    let length = document.length(object);
    let index = dice.below(length + 1);
    let end = index + dice.below(length - index + 1);
    let expands = [ExpandMark::None, ExpandMark::Before, ExpandMark::After, ExpandMark::Both];
    let expand = expands[dice.below(4)];
    match dice.below(12) {
        0..=2 => {
            let text = ["x", "aaaa", "two words", "é👩‍👩‍👧", ""][dice.below(5)];
            let delete = (length - index).min(dice.below(4)) as isize;
            _ = document.splice_text(object, index, delete, text);
        }
        3 | 4 if end > 0 => {
            let mark = Mark::new("bold".to_owned(), true, index, end);
            _ = document.mark(object, mark, expand);
        }
        5 if end > index => _ = document.unmark(object, "bold", index, end, expand),
        6 => _ = document.split_block(object, index),
        7 => _ = document.join_block(object, index),
        8 => _ = document.replace_block(object, index),
        9 => _ = document.update_text(object, "Hello, new world"),
        10 if index < length => _ = document.put(object, index, "longer than one"),
        11 if index < length => _ = document.delete(object, index),
        _ => _ = document.insert(object, index, "wide element"),
    }
}
