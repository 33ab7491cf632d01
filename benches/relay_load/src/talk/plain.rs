//! The bare broadcast: every frame is a change.

use super::{Role, Talk};
use crate::Outcome;
use crate::chain::Work;
use crate::crowd::Frames;
use crate::socket::binary;
use std::ops::Range;
use std::rc::Rc;

/// A client that only listens.
pub struct PlainTalk {
    work: Rc<Work>,
    position: usize,
}

impl PlainTalk {
    pub fn new(work: Rc<Work>, role: Role) -> Self {
        Self { work, position: role.position() }
    }
}

impl Talk for PlainTalk {
    fn open(&mut self, _out: &mut Vec<u8>) {}

    fn ask(&mut self, _out: &mut Vec<u8>) {}

    fn take(&mut self, payload: &[u8], _out: &mut Vec<u8>) -> Outcome<()> {
        let followed = self.work.automerge.follow(self.position, payload);
        self.position = followed.ok_or("a broadcast lost or damaged a frame")?;
        Ok(())
    }

    fn frames(&self, changes: Range<usize>) -> Outcome<Frames> {
        let one = |position| {
            let mut frame = Vec::new();
            binary(&mut frame, self.work.automerge.chunks(position..position + 1));
            frame
        };
        Ok(changes.map(one).collect())
    }

    fn batch(&self, changes: Range<usize>) -> Outcome<Vec<u8>> {
        Ok(self.frames(changes)?.into_bytes())
    }

    fn has_joined(&self) -> bool {
        true
    }

    fn is_ready(&self) -> bool {
        true
    }

    fn position(&self) -> usize {
        self.position
    }
}
