//! The Yjs sync protocol, as y-websocket and as Hocuspocus frame it.

use super::{Role, Talk};
use crate::Outcome;
use crate::chain::{Work, YJS_CLIENT};
use crate::crowd::Frames;
use crate::socket::binary;
use std::ops::Range;
use std::rc::Rc;

const SYNC: u64 = 0;
const SYNC_REPLY: u64 = 4;
const AUTH: u64 = 2;
const SYNC_STATUS: u64 = 8;
const STEP_1: u64 = 0;
const STEP_2: u64 = 1;
const UPDATE: u64 = 2;
/// No structs and no deletions.
const NOTHING: [u8; 2] = [0, 0];

/// A client of Yjs.
pub struct YjsTalk {
    work: Rc<Work>,
    /// Hocuspocus names the document in every message.
    document: Option<String>,
    role: Role,
    position: usize,
    is_authenticated: bool,
    is_ready: bool,
}

impl YjsTalk {
    pub fn new(work: Rc<Work>, hocuspocus_document: Option<String>, role: Role) -> Self {
        Self {
            work,
            is_authenticated: hocuspocus_document.is_none(),
            document: hocuspocus_document,
            role,
            position: role.position(),
            is_ready: false,
        }
    }

    fn say(&self, out: &mut Vec<u8>, step: u64, content: &[u8]) {
        let mut payload = Vec::with_capacity(content.len() + 32);
        if let Some(document) = &self.document {
            put_bytes(&mut payload, document.as_bytes());
        }
        put(&mut payload, SYNC);
        put(&mut payload, step);
        put_bytes(&mut payload, content);
        binary(out, &payload);
    }

    fn synced(&mut self, bytes: &mut &[u8], out: &mut Vec<u8>) -> Outcome<()> {
        let step = get(bytes)?;
        let content = get_bytes(bytes)?;
        match (step, self.role) {
            (STEP_1, Role::Writer { from }) => {
                self.say(out, STEP_2, self.work.yjs.saved(from).unwrap_or_default());
            }
            (STEP_1, _) => self.say(out, STEP_2, &NOTHING),
            (STEP_2 | UPDATE, Role::Writer { .. }) => self.is_ready |= step == STEP_2,
            (STEP_2 | UPDATE, _) => {
                self.follow(content)?;
                self.is_ready |= step == STEP_2;
            }
            _ => return Err("an unknown step of syncing".into()),
        }
        Ok(())
    }

    fn follow(&mut self, update: &[u8]) -> Outcome<()> {
        let Some(clocks) = clocks_of(update)? else { return Ok(()) };
        let yjs = &self.work.yjs;
        let position = yjs.position_of(clocks.end).ok_or("an update that ends in the board")?;
        let has = match self.position {
            0 => 0,
            position => yjs.first_clock + position as u64 - 1,
        };
        if clocks.start > has {
            return Err("an update before the one that it builds on".into());
        }
        self.position = self.position.max(position);
        Ok(())
    }
}

impl Talk for YjsTalk {
    fn open(&mut self, out: &mut Vec<u8>) {
        if let Some(document) = &self.document {
            let mut payload = Vec::new();
            put_bytes(&mut payload, document.as_bytes());
            put(&mut payload, AUTH);
            put(&mut payload, 0);
            put_bytes(&mut payload, b"token");
            binary(out, &payload);
        }
        if self.is_authenticated && self.role != Role::Opener {
            self.ask(out);
        }
    }

    fn ask(&mut self, out: &mut Vec<u8>) {
        let mut state = Vec::new();
        match self.role.position() {
            0 => put(&mut state, 0),
            position => {
                put(&mut state, 1);
                put(&mut state, YJS_CLIENT);
                put(&mut state, self.work.yjs.first_clock + position as u64 - 1);
            }
        }
        self.say(out, STEP_1, &state);
    }

    fn take(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Outcome<()> {
        let mut bytes = payload;
        if self.document.is_some() {
            get_bytes(&mut bytes)?;
        }
        match get(&mut bytes)? {
            SYNC | SYNC_REPLY => self.synced(&mut bytes, out)?,
            AUTH if !self.is_authenticated => {
                self.is_authenticated = true;
                if self.role != Role::Opener {
                    self.ask(out);
                }
            }
            SYNC_STATUS if matches!(self.role, Role::Writer { .. }) => self.position += 1,
            // Who is looking at what, and such.
            _ => {}
        }
        Ok(())
    }

    fn frames(&self, changes: Range<usize>) -> Outcome<Frames> {
        let one = |position| {
            let mut frame = Vec::new();
            self.say(&mut frame, UPDATE, self.work.yjs.update(position));
            frame
        };
        Ok(changes.map(one).collect())
    }

    fn batch(&self, changes: Range<usize>) -> Outcome<Vec<u8>> {
        Ok(self.frames(changes)?.into_bytes())
    }

    fn has_joined(&self) -> bool {
        self.is_authenticated
    }

    fn is_ready(&self) -> bool {
        self.is_ready
    }

    fn position(&self) -> usize {
        self.position
    }
}

/// The clocks of the writer's items in an update; `None` if there are none.
fn clocks_of(update: &[u8]) -> Outcome<Option<Range<u64>>> {
    let mut bytes = update;
    let mut clocks = None;
    for _ in 0..get(&mut bytes)? {
        let structs = get(&mut bytes)?;
        let client = get(&mut bytes)?;
        let start = get(&mut bytes)?;
        let mut end = start;
        for _ in 0..structs {
            end += skip_struct(&mut bytes)?;
        }
        if client == YJS_CLIENT && structs > 0 {
            clocks = Some(start..end);
        }
    }
    Ok(clocks)
}

/// Skips one struct of an update of version 1; returns how many clocks it takes.
fn skip_struct(bytes: &mut &[u8]) -> Outcome<u64> {
    let info = byte(bytes)?;
    let content = info & 0x1f;
    if content == 0 || content == 10 {
        return get(bytes);
    }
    for origin in [0x80, 0x40] {
        if info & origin != 0 {
            get(bytes)?;
            get(bytes)?;
        }
    }
    if info & 0xc0 == 0 {
        match get(bytes)? {
            1 => _ = get_bytes(bytes)?,
            _ => {
                get(bytes)?;
                get(bytes)?;
            }
        }
        if info & 0x20 != 0 {
            get_bytes(bytes)?;
        }
    }
    match content {
        1 => get(bytes),
        7 => {
            // A map; other types have a name.
            get(bytes)?;
            Ok(1)
        }
        8 => {
            let values = get(bytes)?;
            for _ in 0..values {
                match byte(bytes)? {
                    119 => _ = get_bytes(bytes)?,
                    other => return Err(format!("a value of type {other}").into()),
                }
            }
            Ok(values)
        }
        other => Err(format!("content of type {other}").into()),
    }
}

fn byte(bytes: &mut &[u8]) -> Outcome<u8> {
    let (first, rest) = bytes.split_first().ok_or("a message that is cut short")?;
    *bytes = rest;
    Ok(*first)
}

fn get(bytes: &mut &[u8]) -> Outcome<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let next = byte(bytes)?;
        number |= u64::from(next & 0x7f) << shift;
        if next < 0x80 {
            return Ok(number);
        }
    }
    Err("a number that is too long".into())
}

fn get_bytes<'a>(bytes: &mut &'a [u8]) -> Outcome<&'a [u8]> {
    let length = get(bytes)? as usize;
    let (taken, rest) = bytes.split_at_checked(length).ok_or("a message that is cut short")?;
    *bytes = rest;
    Ok(taken)
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work() -> Rc<Work> {
        let cache = tempfile::tempdir().unwrap();
        Rc::new(Work::make(cache.path(), 3, 20, &[1, 11]).unwrap())
    }

    #[test]
    fn an_update_counts_as_the_changes_that_it_carries() {
        let work = work();
        let mut reader = YjsTalk::new(work.clone(), None, Role::Reader { from: 1 });
        for position in 1..=20 {
            reader.follow(work.yjs.update(position)).unwrap();
            assert_eq!(reader.position(), position + 1);
        }
        let mut opener = YjsTalk::new(work.clone(), None, Role::Opener);
        opener.follow(work.yjs.saved(11).unwrap()).unwrap();
        assert_eq!(opener.position(), 11);
    }

    #[test]
    fn an_update_that_skips_a_change_is_an_error() {
        let work = work();
        let mut reader = YjsTalk::new(work.clone(), None, Role::Reader { from: 1 });
        assert!(reader.follow(work.yjs.update(2)).is_err());
    }
}
