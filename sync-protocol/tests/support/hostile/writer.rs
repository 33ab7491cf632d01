//! Writes changes by hand, so that every field can be forged under a correct checksum.

use sha2::{Digest, Sha256};
use sync_protocol::{ChangeHash, RawChange, chunks};

pub fn unsigned(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub fn signed(out: &mut Vec<u8>, mut number: i64) {
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if (number == 0 && byte & 0x40 == 0) || (number == -1 && byte & 0x40 != 0) {
            return out.push(byte);
        }
        out.push(byte | 0x80);
    }
}

fn prefixed(out: &mut Vec<u8>, bytes: &[u8]) {
    unsigned(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A chunk of `kind` with a correct checksum.
pub fn chunk(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut hashed = vec![kind];
    prefixed(&mut hashed, content);
    let hash = Sha256::digest(&hashed);
    let mut out = vec![0x85, 0x6f, 0x4a, 0x83];
    out.extend_from_slice(&hash[..4]);
    out.extend(hashed);
    out
}

/// The content of a chunk.
pub fn content(chunk: &[u8]) -> &[u8] {
    let mut at = 9;
    while chunk[at] & 0x80 != 0 {
        at += 1;
    }
    &chunk[at + 1..]
}

/// Run-length encodes values that are written already; `None` is null.
pub fn runs(values: &[Option<Vec<u8>>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut literal: Vec<&[u8]> = Vec::new();
    let flush = |out: &mut Vec<u8>, literal: &mut Vec<&[u8]>| {
        if !literal.is_empty() {
            signed(out, -(literal.len() as i64));
            literal.drain(..).for_each(|value| out.extend_from_slice(value));
        }
    };
    for run in values.chunk_by(|one, other| one == other) {
        match &run[0] {
            Some(value) if run.len() == 1 => literal.push(value),
            Some(value) => {
                flush(&mut out, &mut literal);
                signed(&mut out, run.len() as i64);
                out.extend_from_slice(value);
            }
            None => {
                flush(&mut out, &mut literal);
                signed(&mut out, 0);
                unsigned(&mut out, run.len() as u64);
            }
        }
    }
    flush(&mut out, &mut literal);
    if values.iter().all(Option::is_none) { Vec::new() } else { out }
}

pub fn numbers(values: &[Option<u64>]) -> Vec<u8> {
    let write = |value: &u64| {
        let mut out = Vec::new();
        unsigned(&mut out, *value);
        out
    };
    runs(&values.iter().map(|value| value.as_ref().map(write)).collect::<Vec<_>>())
}

pub fn sums(values: &[Option<i64>]) -> Vec<u8> {
    let mut before = 0_i64;
    let mut write = |value: &i64| {
        let mut out = Vec::new();
        signed(&mut out, value.wrapping_sub(before));
        before = *value;
        out
    };
    runs(&values.iter().map(|value| value.as_ref().map(&mut write)).collect::<Vec<_>>())
}

pub fn texts(values: &[Option<&[u8]>]) -> Vec<u8> {
    let write = |value: &&[u8]| {
        let mut out = Vec::new();
        prefixed(&mut out, value);
        out
    };
    runs(&values.iter().map(|value| value.as_ref().map(write)).collect::<Vec<_>>())
}

pub fn flags(values: &[bool]) -> Vec<u8> {
    let mut out = Vec::new();
    if values.first() == Some(&true) {
        out.push(0);
    }
    for run in values.chunk_by(|one, other| one == other) {
        unsigned(&mut out, run.len() as u64);
    }
    out
}

/// An operation's id in a change: the actor's place in its list, and the number.
pub type Id = (u64, i64);

#[derive(Clone, Debug)]
pub struct Op {
    pub object: Option<Id>,
    pub key: Option<Vec<u8>>,
    pub element: Option<(Option<u64>, i64)>,
    pub insert: bool,
    pub action: u64,
    pub value_type: u64,
    pub value: Vec<u8>,
    pub predecessors: Vec<Id>,
    pub expand: bool,
    pub mark: Option<Vec<u8>>,
}

impl Op {
    fn new(action: u64) -> Self {
        Self {
            object: None,
            key: None,
            element: None,
            insert: false,
            action,
            value_type: 0,
            value: Vec::new(),
            predecessors: Vec::new(),
            expand: false,
            mark: None,
        }
    }

    /// Of whatever kind, under a key of the root.
    pub fn at(key: &str, action: u64) -> Self {
        Self { key: Some(key.into()), ..Self::new(action) }
    }

    /// Sets a key of the root.
    pub fn put(key: &str) -> Self {
        Self::at(key, 1).with_value(6, b"value")
    }

    /// Inserts a character after an element; `None` is the beginning.
    pub fn insert(object: Id, after: Option<Id>) -> Self {
        let op = Self { insert: true, object: Some(object), ..Self::new(1) };
        op.after(after).with_value(6, b"x")
    }

    pub fn after(self, after: Option<Id>) -> Self {
        let element = after.map_or((None, 0), |(actor, number)| (Some(actor), number));
        Self { element: Some(element), key: None, ..self }
    }

    pub fn within(self, object: Id) -> Self {
        Self { object: Some(object), ..self }
    }

    pub fn over(self, predecessors: &[Id]) -> Self {
        Self { predecessors: predecessors.to_vec(), ..self }
    }

    pub fn with_value(self, kind: u64, value: &[u8]) -> Self {
        Self { value_type: (value.len() as u64) << 4 | kind, value: value.to_vec(), ..self }
    }

    pub fn doing(self, action: u64) -> Self {
        Self { action, value_type: 0, value: Vec::new(), ..self }
    }

    pub fn begin_mark(object: Id, after: Option<Id>) -> Self {
        Self { mark: Some(b"bold".to_vec()), ..Self::insert(object, after).doing(7) }
            .with_value(2, b"")
    }

    pub fn end_mark(object: Id, after: Option<Id>) -> Self {
        Self::insert(object, after).doing(7)
    }
}

/// A change in the making.
#[derive(Clone, Debug)]
pub struct Forged {
    pub deps: Vec<ChangeHash>,
    pub actor: Vec<u8>,
    pub seq: u64,
    pub start_op: u64,
    pub time: i64,
    pub message: Vec<u8>,
    pub others: Vec<Vec<u8>>,
    /// Column specifications and their bytes.
    pub columns: Vec<(u64, Vec<u8>)>,
    pub extra: Vec<u8>,
}

impl Forged {
    pub fn with(mut self, ops: &[Op]) -> Self {
        self.columns = columns(ops);
        self
    }

    /// Replaces a column's bytes, or adds it in its place.
    pub fn column(mut self, specification: u64, bytes: &[u8]) -> Self {
        self.columns.retain(|(known, _)| *known != specification);
        let at = self.columns.partition_point(|(known, _)| *known < specification);
        self.columns.insert(at, (specification, bytes.to_vec()));
        self
    }

    pub fn without(mut self, specification: u64) -> Self {
        self.columns.retain(|(known, _)| *known != specification);
        self
    }

    pub fn content(&self) -> Vec<u8> {
        let mut out = Vec::new();
        unsigned(&mut out, self.deps.len() as u64);
        self.deps.iter().for_each(|dep| out.extend_from_slice(&dep.0));
        prefixed(&mut out, &self.actor);
        unsigned(&mut out, self.seq);
        unsigned(&mut out, self.start_op);
        signed(&mut out, self.time);
        prefixed(&mut out, &self.message);
        unsigned(&mut out, self.others.len() as u64);
        self.others.iter().for_each(|other| prefixed(&mut out, other));
        unsigned(&mut out, self.columns.len() as u64);
        for (specification, bytes) in &self.columns {
            unsigned(&mut out, *specification);
            unsigned(&mut out, bytes.len() as u64);
        }
        self.columns.iter().for_each(|(_, bytes)| out.extend_from_slice(bytes));
        out.extend_from_slice(&self.extra);
        out
    }

    pub fn bytes(&self) -> Vec<u8> {
        chunk(1, &self.content())
    }
}

/// The columns of operations as Automerge lays them out.
pub fn columns(ops: &[Op]) -> Vec<(u64, Vec<u8>)> {
    let all =
        |each: &dyn Fn(&Op) -> Option<u64>| numbers(&ops.iter().map(each).collect::<Vec<_>>());
    let preds: Vec<Id> = ops.iter().flat_map(|op| op.predecessors.clone()).collect();
    let expands: Vec<bool> = ops.iter().map(|op| op.expand).collect();
    let columns = [
        (0x01, all(&|op| op.object.map(|(actor, _)| actor))),
        (0x02, all(&|op| op.object.map(|(_, number)| number as u64))),
        (0x11, all(&|op| op.element.and_then(|(actor, _)| actor))),
        (0x13, sums(&ops.iter().map(|op| op.element.map(|(_, n)| n)).collect::<Vec<_>>())),
        (0x15, texts(&ops.iter().map(|op| op.key.as_deref()).collect::<Vec<_>>())),
        (0x34, flags(&ops.iter().map(|op| op.insert).collect::<Vec<_>>())),
        (0x42, all(&|op| Some(op.action))),
        (0x56, all(&|op| Some(op.value_type))),
        (0x57, ops.iter().flat_map(|op| op.value.clone()).collect()),
        (0x70, all(&|op| Some(op.predecessors.len() as u64))),
        (0x71, numbers(&preds.iter().map(|(actor, _)| Some(*actor)).collect::<Vec<_>>())),
        (0x73, sums(&preds.iter().map(|(_, number)| Some(*number)).collect::<Vec<_>>())),
        (0x94, if expands.contains(&true) { flags(&expands) } else { Vec::new() }),
        (0xa5, texts(&ops.iter().map(|op| op.mark.as_deref()).collect::<Vec<_>>())),
    ];
    columns.into_iter().filter(|(_, bytes)| !bytes.is_empty()).collect()
}

/// A change as it arrives. `None` if already its header cannot be read.
pub fn arrive(bytes: &[u8]) -> Option<RawChange<'static>> {
    Some(chunks(bytes).next()?.ok()?.change().ok()?.into_owned())
}
