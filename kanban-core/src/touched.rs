//! What changes or a command wrote to, and what the registers hold now as far as that is certain.
//!
//! Asking Automerge what a register holds costs more than everything else that brings the read
//! model up to date. Two writes tell by themselves: a local one, which replaces every value that
//! the document has, and a remote one over the very value that the read model knows as the only one.

use crate::ids::{CardId, ColumnId, LabelId, MemberId};
use crate::model::CardState;
use crate::part::PartId;
use crate::read::{Keys, Reader, Stored};
use crate::records::Owners;
use automerge::ObjId;
use std::collections::{BTreeMap, BTreeSet};

/// What changes or a command wrote to.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub board: Keys,
    pub columns: BTreeMap<ColumnId, Keys>,
    pub cards: BTreeMap<CardId, CardTouched>,
    pub labels: BTreeSet<LabelId>,
    pub members: BTreeSet<MemberId>,
}

/// What of one card was written to.
#[derive(Debug, Default)]
pub(crate) struct CardTouched {
    /// Registers to be read.
    pub keys: Keys,
    /// Parts to be read.
    pub parts: BTreeSet<PartId>,
    /// Writes that tell what their register holds, in the order in which they were made. They are
    /// taken over before anything is read, which settles what they leave open.
    pub written: Vec<Written>,
}

/// A write that tells what its register holds now, if what it replaced was all there was.
#[derive(Debug)]
pub(crate) struct Written {
    pub keys: Keys,
    /// `None`: the register was emptied.
    pub value: Option<Stored>,
    pub over: Over,
}

/// What a write replaced.
#[derive(Debug)]
pub(crate) enum Over {
    /// All that the register held: the write was made here.
    Everything,
    /// One value, by the operation that had stored it; and the operation of the write.
    One { replaced: ObjId, by: ObjId },
}

impl Touched {
    pub fn board(&mut self, keys: Keys) {
        self.board = self.board.with(keys);
    }

    pub fn column(&mut self, id: &ColumnId, keys: Keys) {
        let entry = self.columns.entry(id.clone()).or_default();
        *entry = entry.with(keys);
    }

    pub fn card(&mut self, id: &CardId, keys: Keys) {
        let card = self.cards.entry(id.clone()).or_default();
        card.keys = card.keys.with(keys);
    }

    pub fn part(&mut self, card: &CardId, part: &PartId) {
        self.cards.entry(card.clone()).or_default().parts.insert(part.clone());
    }

    pub fn written(&mut self, card: &CardId, written: Written) {
        self.cards.entry(card.clone()).or_default().written.push(written);
    }
}

impl CardState {
    /// Takes over what was written and reads the rest. [`settle`](Self::settle) must follow.
    pub fn take_over(&mut self, reader: Reader<'_>, touched: CardTouched, owners: &mut Owners) {
        let mut unclear = touched.keys;
        for written in touched.written {
            let (held, by) = match written.over {
                Over::Everything => (true, None),
                Over::One { replaced, by } => (self.pos_by == Some(replaced), Some(by)),
            };
            if unclear.has(written.keys) || !held {
                unclear = unclear.with(written.keys);
                continue;
            }
            self.absorb(reader, written.keys, written.value.as_slice(), owners);
            if written.keys == Keys::POS {
                self.pos_by = by;
            }
        }
        self.read(reader, unclear, owners);
        self.read_parts(reader, &touched.parts, owners);
    }
}
