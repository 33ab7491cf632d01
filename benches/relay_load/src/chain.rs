//! Work made in advance: a board, and a long line of changes to it, each a card's new place.

use crate::Outcome;
use automerge::transaction::Transactable;
use automerge::{AutoCommit, ChangeHash, ObjType, ROOT};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;
use sync_protocol::{ChunkKind, chunks};
use yrs::{Doc, Map, MapPrelim, ReadTxn, StateVector, Transact};

/// The Yjs client that makes all changes.
pub const YJS_CLIENT: u64 = 1;

/// Where every card is at first. No change goes there: putting what is there already is none.
const FIRST_PLACE: &str = "1inbox/V.0000000";

/// The same work for every protocol. A position is a number of changes; the first makes the board.
pub struct Work {
    pub automerge: Chain,
    pub yjs: YjsChain,
}

/// Automerge changes, each building on the one before.
pub struct Chain {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    hashes: Vec<ChangeHash>,
    positions: HashMap<ChangeHash, usize>,
    saved: BTreeMap<usize, Vec<u8>>,
    /// The last bytes that were looked into, and what was in them: a relay sends many the same.
    looked_into: RefCell<(Vec<u8>, Rc<[usize]>)>,
}

/// Yjs updates, each building on the one before.
pub struct YjsChain {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// How far the client's clock is once the board is made. Each change takes one more.
    pub first_clock: u64,
    saved: BTreeMap<usize, Vec<u8>>,
}

impl Work {
    /// A board with `cards`, and `changes` to it; whole documents for the positions `saved`.
    pub fn make(cache: &Path, cards: usize, changes: usize, saved: &[usize]) -> Outcome<Self> {
        let automerge = Chain::cached(cache, cards, changes, saved)?;
        Ok(Self { automerge, yjs: YjsChain::make(cards, changes, saved)? })
    }
}

/// The card that a change moves, and where to. Neighbours in time are different cards.
fn step(number: usize, cards: usize) -> (usize, String) {
    let card = number.wrapping_mul(7919) % cards;
    (
        card,
        format!("2done{:02}/V.{:07x}", number % 50, number.wrapping_mul(0x9e37_79b1) & 0xfff_ffff),
    )
}

fn title(card: usize) -> String {
    format!("Card {card:05} that needs some work")
}

impl Chain {
    /// Making a change costs a hundred times what reading it does, so it is done once.
    fn cached(cache: &Path, cards: usize, changes: usize, saved: &[usize]) -> Outcome<Self> {
        let (mut line, mut document) = (Vec::new(), None);
        let name = |what: String| cache.join(format!("board-{cards}-{changes}{what}"));
        let files: Vec<_> =
            saved.iter().map(|at| (*at, name(format!("-{at}.automerge")))).collect();
        let line_file = name(".changes".to_owned());
        if !line_file.exists() || files.iter().any(|(_, file)| !file.exists()) {
            eprintln!("making {changes} changes to a board of {cards} cards, once");
            let mut making = AutoCommit::new().with_actor([7; 8].into());
            let objects = automerge_board(&mut making, cards)?;
            for position in 0..=changes {
                if position > 0 {
                    let (card, place) = step(position, cards);
                    making.put(objects.get(card).ok_or("no card")?, "pos", place)?;
                }
                making.commit();
                let change = making.get_last_local_change().ok_or("no change was made")?;
                line.extend_from_slice(change.raw_bytes());
                for (_, file) in files.iter().filter(|(at, _)| *at == position + 1) {
                    fs::write(file, making.save())?;
                }
            }
            document = Some(making);
            fs::write(&line_file, &line)?;
        }
        drop(document);
        Self::read(fs::read(line_file)?, files.into_iter())
    }

    fn read(
        bytes: Vec<u8>,
        saved: impl Iterator<Item = (usize, std::path::PathBuf)>,
    ) -> Outcome<Self> {
        let (mut ends, mut hashes, mut end) = (Vec::new(), Vec::new(), 0);
        for chunk in chunks(&bytes) {
            let chunk = chunk?;
            end += chunk.bytes().len();
            ends.push(end);
            hashes.push(chunk.change()?.hash);
        }
        let positions = hashes.iter().enumerate().map(|(index, hash)| (*hash, index + 1)).collect();
        let saved = saved.map(|(at, file)| Ok((at, fs::read(file)?))).collect::<Outcome<_>>()?;
        let nothing: Rc<[usize]> = Rc::new([]);
        let looked_into = RefCell::new((Vec::new(), nothing));
        Ok(Self { bytes, ends, hashes, positions, saved, looked_into })
    }

    /// How many changes there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The chunks of some changes, given as positions before the first and after the last.
    pub fn chunks(&self, changes: Range<usize>) -> &[u8] {
        let start = changes.start.checked_sub(1).and_then(|last| self.ends.get(last));
        let end = changes.end.checked_sub(1).and_then(|last| self.ends.get(last));
        self.bytes.get(start.copied().unwrap_or(0)..end.copied().unwrap_or(0)).unwrap_or_default()
    }

    /// The head of whoever is at `position`.
    pub fn head(&self, position: usize) -> Option<ChangeHash> {
        self.hashes.get(position.checked_sub(1)?).copied()
    }

    /// The position of whoever has this head.
    pub fn position_of(&self, head: &ChangeHash) -> Option<usize> {
        self.positions.get(head).copied()
    }

    /// The position after `bytes` if they are exactly the changes that follow `position`.
    pub fn follow(&self, position: usize, bytes: &[u8]) -> Option<usize> {
        let start = position.checked_sub(1).and_then(|last| self.ends.get(last)).copied();
        let start = start.unwrap_or(0);
        let end = start + bytes.len();
        if self.bytes.get(start..end)? != bytes {
            return None;
        }
        // Batches are short beside the chain.
        let ahead = self.ends.get(position..)?;
        let within = ahead.iter().take(4096).position(|at| *at == end);
        Some(position + 1 + within.or_else(|| ahead.binary_search(&end).ok())?)
    }

    /// The positions of the changes in chunks of whatever kind.
    pub fn positions_in(&self, blob: &[u8]) -> Outcome<Rc<[usize]>> {
        let mut looked_into = self.looked_into.borrow_mut();
        if looked_into.0 != blob {
            let mut hashes = Vec::new();
            for chunk in chunks(blob) {
                let chunk = chunk?;
                match chunk.kind() {
                    ChunkKind::Document => {
                        hashes.extend(chunk.document_changes()?.iter().map(|change| change.hash()));
                    }
                    _ => hashes.push(chunk.change()?.hash),
                }
            }
            let known =
                |hash: &ChangeHash| self.position_of(hash).ok_or("a change that nobody made");
            *looked_into = (blob.to_vec(), hashes.iter().map(known).collect::<Result<_, _>>()?);
        }
        Ok(looked_into.1.clone())
    }

    /// The whole document at `position`, if it was asked for.
    pub fn saved(&self, position: usize) -> Option<&[u8]> {
        self.saved.get(&position).map(Vec::as_slice)
    }
}

fn automerge_board(document: &mut AutoCommit, cards: usize) -> Outcome<Vec<automerge::ObjId>> {
    let list = document.put_object(ROOT, "cards", ObjType::Map)?;
    let card = |index: usize| {
        let card = document.put_object(&list, format!("c{index:05}"), ObjType::Map)?;
        document.put(&card, "title", title(index))?;
        document.put(&card, "pos", FIRST_PLACE)?;
        Ok(card)
    };
    (0..cards).map(card).collect()
}

impl YjsChain {
    fn make(cards: usize, changes: usize, saved: &[usize]) -> Outcome<Self> {
        let doc = Doc::with_client_id(YJS_CLIENT);
        let list = doc.get_or_insert_map("cards");
        let (mut bytes, mut ends, mut kept) = (Vec::new(), Vec::new(), BTreeMap::new());
        let objects: Vec<_> = {
            let mut board = doc.transact_mut();
            let card = |index: usize| {
                let place = FIRST_PLACE.to_owned();
                let card = MapPrelim::from([("title", title(index)), ("pos", place)]);
                list.insert(&mut board, format!("c{index:05}"), card)
            };
            let objects = (0..cards).map(card).collect();
            bytes.extend(board.encode_update_v1());
            objects
        };
        let first_clock = doc.transact().state_vector().get(&yrs::block::ClientID::new(YJS_CLIENT));
        for position in 1..=changes + 1 {
            ends.push(bytes.len());
            if saved.contains(&position) {
                let whole = doc.transact().encode_state_as_update_v1(&StateVector::default());
                kept.insert(position, whole);
            }
            if position <= changes {
                let (card, place) = step(position, cards);
                let mut edit = doc.transact_mut();
                objects.get(card).ok_or("no card")?.insert(&mut edit, "pos", place);
                bytes.extend(edit.encode_update_v1());
            }
        }
        Ok(Self { bytes, ends, first_clock: u64::from(first_clock), saved: kept })
    }

    /// The update that is the change after `position`.
    pub fn update(&self, position: usize) -> &[u8] {
        let start = position.checked_sub(1).and_then(|last| self.ends.get(last)).copied();
        let end = self.ends.get(position).copied().unwrap_or(0);
        self.bytes.get(start.unwrap_or(0)..end).unwrap_or_default()
    }

    /// The whole document at `position`, if it was asked for.
    pub fn saved(&self, position: usize) -> Option<&[u8]> {
        self.saved.get(&position).map(Vec::as_slice)
    }

    /// The position at which the client's clock is `clock`.
    pub fn position_of(&self, clock: u64) -> Option<usize> {
        clock.checked_sub(self.first_clock).map(|changes| changes as usize + 1)
    }
}
