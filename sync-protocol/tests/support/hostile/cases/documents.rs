//! Whole documents that are not what they say.

#[allow(clippy::wildcard_imports, reason = "these are parts of one thing")]
use super::*;
use crate::hostile::writer::{numbers, sums};

type Columns = Vec<(u64, Vec<u8>)>;

/// The content of a document chunk, taken apart.
#[derive(Clone)]
struct Parts {
    actors: Vec<Vec<u8>>,
    heads: Vec<Vec<u8>>,
    changes: Columns,
    operations: Columns,
    rest: Vec<u8>,
}

fn take<'a>(bytes: &mut &'a [u8], count: u64) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count as usize);
    *bytes = rest;
    taken
}

fn number(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let byte = take(bytes, 1)[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

fn prefixed(bytes: &mut &[u8]) -> Vec<u8> {
    let length = number(bytes);
    take(bytes, length).to_vec()
}

impl Parts {
    fn of(mut bytes: &[u8]) -> Self {
        let bytes = &mut bytes;
        let list = |bytes: &mut &[u8]| -> Vec<(u64, u64)> {
            (0..number(bytes)).map(|_| (number(bytes), number(bytes))).collect()
        };
        let actors = (0..number(bytes)).map(|_| prefixed(bytes)).collect();
        let heads = (0..number(bytes)).map(|_| take(bytes, 32).to_vec()).collect();
        let (changes, operations) = (list(bytes), list(bytes));
        let mut read = |columns: Vec<(u64, u64)>| -> Columns {
            columns.into_iter().map(|(id, length)| (id, take(bytes, length).to_vec())).collect()
        };
        let (changes, operations) = (read(changes), read(operations));
        Self { actors, heads, changes, operations, rest: bytes.to_vec() }
    }

    fn content(&self) -> Vec<u8> {
        let mut out = leb(self.actors.len() as u64);
        for actor in &self.actors {
            out.extend(leb(actor.len() as u64));
            out.extend(actor);
        }
        out.extend(leb(self.heads.len() as u64));
        self.heads.iter().for_each(|head| out.extend(head));
        for columns in [&self.changes, &self.operations] {
            out.extend(leb(columns.len() as u64));
            for (id, bytes) in columns {
                out.extend(leb(*id));
                out.extend(leb(bytes.len() as u64));
            }
        }
        let columns = self.changes.iter().chain(&self.operations);
        columns.for_each(|(_, bytes)| out.extend(bytes));
        out.extend(&self.rest);
        out
    }

    fn bytes(&self) -> Vec<u8> {
        chunk(0, &self.content())
    }

    fn but(&self, forge: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut forged = self.clone();
        forge(&mut forged);
        forged.bytes()
    }
}

fn set(columns: &mut Columns, id: u64, bytes: Vec<u8>) {
    columns.retain(|(known, _)| known & !8 != id & !8);
    let at = columns.partition_point(|(known, _)| *known < id);
    columns.insert(at, (id, bytes));
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut out, bytes).unwrap();
    out.finish().unwrap()
}

fn run(count: i64, value: &[u8]) -> Vec<u8> {
    [sleb(count), value.to_vec()].concat()
}

impl Corpus<'_> {
    pub(super) fn documents(&mut self) {
        let mut document = automerge::Automerge::new();
        document.apply_changes(self.world.changes.clone()).unwrap();
        let saved = document.save();
        let honest = Parts::of(content(&saved));
        assert!(honest.bytes() == saved, "taken apart and put together");
        self.damaged_documents(&saved, &honest);
        self.lying_documents(&honest);
        self.document_bombs(&honest);
        let inside = content(&saved);
        let kind = "bundle";
        self.add(
            kind,
            "a bundle of changes",
            vec![chunk(3, inside), chunk(3, &[]), chunk(3, &[0; 64])],
        );
        self.add(kind, "a chunk of an unknown kind", vec![chunk(4, inside), chunk(255, inside)]);
    }

    fn damaged_documents(&mut self, saved: &[u8], honest: &Parts) {
        let kind = "document";
        let flipped = |at: usize| {
            let mut bytes = saved.to_vec();
            bytes[at] ^= 1;
            bytes
        };
        let last = saved.len() - 1;
        self.add(
            kind,
            "a document with a wrong checksum",
            vec![flipped(4), flipped(7), flipped(last)],
        );
        let inside = content(saved);
        let cut = |count: usize| chunk(0, &inside[..count]);
        let cuts = vec![cut(0), cut(1), cut(inside.len() / 2), cut(inside.len() - 40)];
        self.add(kind, "a document that is cut short", cuts);
        let followed = |bytes: &[u8]| [saved, bytes].concat();
        let tails = vec![followed(&[0]), followed(&[0x85, 0x6f]), followed(&[0xff; 100])];
        self.add(kind, "a document with bytes behind it", tails);
        self.add(
            kind,
            "a document with other heads",
            vec![
                honest.but(|parts| parts.heads[0][0] ^= 1),
                honest.but(|parts| parts.heads[0][31] ^= 0x80),
                honest.but(|parts| parts.heads.push(vec![7; 32])),
            ],
        );
        self.add(
            kind,
            "a document whose actors are unsorted or doubled",
            vec![
                honest.but(|parts| parts.actors.reverse()),
                honest.but(|parts| parts.actors[1] = parts.actors[0].clone()),
                honest.but(|parts| parts.actors.truncate(1)),
            ],
        );
    }

    fn lying_documents(&mut self, honest: &Parts) {
        let kind = "document";
        let change = |id, bytes| honest.but(|parts| set(&mut parts.changes, id, bytes));
        self.add(
            kind,
            "a document whose changes lie",
            vec![
                change(0x01, numbers(&[Some(9), Some(1)])),
                change(0x01, numbers(&[Some(0)])),
                change(0x03, sums(&[Some(1), Some(5)])),
                change(0x13, sums(&[Some(3), Some(4)])),
                change(0x13, sums(&[Some(1 << 40), Some(1)])),
                change(0x43, sums(&[Some(77)])),
            ],
        );
        let operation = |id, bytes| honest.but(|parts| set(&mut parts.operations, id, bytes));
        self.add(
            kind,
            "a document whose operations lie",
            vec![
                operation(0x42, run(15, &[9])),
                operation(0x21, run(15, &[77])),
                operation(0x23, run(15, &sleb(1 << 40))),
                operation(0x42, Vec::new()),
                operation(0x77, vec![1]),
            ],
        );
    }

    fn document_bombs(&mut self, honest: &Parts) {
        let kind = "document";
        let operation = |id, bytes| honest.but(|parts| set(&mut parts.operations, id, bytes));
        let counts = [1 << 18, 1 << 24, 1 << 40];
        let runs = counts.map(|count| operation(0x42, run(count, &[1])));
        self.add(kind, "a document of too many operations", runs.into());
        let change = |id, bytes| honest.but(|parts| set(&mut parts.changes, id, bytes));
        let runs = counts.map(|count| change(0x03, run(count, &[1])));
        self.add(kind, "a document of too many changes", runs.into());
        let zeros = deflated(&vec![0; 129 << 20]);
        self.add(
            kind,
            "a document of deflated zeros",
            vec![operation(0x57 | 8, zeros.clone()), change(0x57 | 8, zeros)],
        );
        let cut = deflated(&[5; 1000]);
        self.add(
            kind,
            "a document of a damaged deflated column",
            vec![operation(0x57 | 8, cut[..3].to_vec()), operation(0x57 | 8, vec![0xff; 40])],
        );
    }
}
