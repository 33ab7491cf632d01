//! The automerge-repo protocol.

use super::{Role, Talk};
use crate::Outcome;
use crate::chain::Work;
use crate::crowd::Frames;
use crate::socket::binary;
use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;
use sync_protocol::{
    BloomFilter, ChangeHash, DocumentId, DocumentSync, Handshake, Have, Message, PeerId,
    PeerMetadata, SyncFlags, SyncFormat, SyncMessage, acknowledgement, decode, encode,
};

/// Stands for a head in a frame that is made once and filled in often.
const SOME_HEAD: ChangeHash = ChangeHash([0xab; 32]);

/// A client of automerge-repo.
pub struct AutomergeTalk {
    work: Rc<Work>,
    own: PeerId,
    server: Option<PeerId>,
    document: DocumentId,
    role: Role,
    position: usize,
    is_ready: bool,
    /// An acknowledgement as a frame, and where its heads go.
    acknowledgement: Vec<u8>,
    heads_at: Vec<usize>,
    acknowledged: usize,
    /// The head that the server has told last, and the last that was asked for.
    told: Option<ChangeHash>,
    asked: Option<ChangeHash>,
}

impl AutomergeTalk {
    pub fn new(work: Rc<Work>, name: &str, document: u64, role: Role) -> Outcome<Self> {
        let mut id = [0x5a; 16];
        id.iter_mut().zip(document.to_be_bytes()).for_each(|(byte, part)| *byte = part);
        let position = role.position();
        Ok(Self {
            work,
            own: PeerId::parse(name)?,
            server: None,
            document: DocumentId::from_bytes(id),
            role,
            position,
            is_ready: false,
            acknowledgement: Vec::new(),
            heads_at: Vec::new(),
            acknowledged: position,
            told: None,
            asked: None,
        })
    }

    fn frame(&self, sync: SyncMessage<'_>, is_request: bool) -> Outcome<Vec<u8>> {
        self.frame_of(sync.encode(), is_request)
    }

    fn frame_of(&self, data: Vec<u8>, is_request: bool) -> Outcome<Vec<u8>> {
        let sync = DocumentSync {
            sender: self.own.clone(),
            target: self.server.clone().ok_or("the server has not introduced itself")?,
            document: self.document,
            data: data.into(),
        };
        let message = if is_request { Message::Request(sync) } else { Message::Sync(sync) };
        let mut frame = Vec::new();
        binary(&mut frame, &encode(&message));
        Ok(frame)
    }

    fn introduced(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Outcome<()> {
        let Message::Peer(peer) = decode(payload)? else {
            return Err("the server does not introduce itself".into());
        };
        self.server = Some(peer.sender);
        self.acknowledgement = self.frame_of(acknowledgement(&[SOME_HEAD]), false)?;
        let heads = self.acknowledgement.windows(32).enumerate();
        self.heads_at =
            heads.filter(|(_, bytes)| *bytes == SOME_HEAD.0).map(|(at, _)| at).collect();
        if self.role != Role::Opener {
            self.ask(out);
        }
        Ok(())
    }

    fn synced(&mut self, data: &[u8]) -> Outcome<()> {
        let message = SyncMessage::decode(data)?;
        let told = match message.heads.as_slice() {
            [head] => self.work.automerge.position_of(head),
            _ => None,
        };
        match self.role {
            Role::Writer { from } => {
                self.position = told.unwrap_or(0).max(self.position);
                self.is_ready |= told.is_some_and(|told| told >= from);
            }
            Role::Opener => self.position = told.unwrap_or(0).max(self.position),
            Role::Reader { from } => {
                for blob in &message.changes {
                    self.received(blob)?;
                }
                self.told = message.heads.first().copied();
                self.is_ready |= told.is_some_and(|told| told >= from);
            }
        }
        Ok(())
    }

    /// automerge-repo's server tells its heads only until a client has named what it lacks.
    fn ask_for_more(&mut self, out: &mut Vec<u8>) {
        let chain = &self.work.automerge;
        let Some(told) = self.told.filter(|told| chain.position_of(told) > Some(self.position))
        else {
            return;
        };
        if self.asked == Some(told) {
            return;
        }
        self.asked = Some(told);
        let own: Vec<ChangeHash> = chain.head(self.position).into_iter().collect();
        let asking = SyncMessage { need: vec![told], ..message(&own, &own, &[]) };
        if let Ok(frame) = self.frame(asking, false) {
            out.extend(frame);
        }
    }

    fn received(&mut self, blob: &[u8]) -> Outcome<()> {
        let chain = &self.work.automerge;
        if let Some(position) = chain.follow(self.position, blob) {
            self.position = position;
            return Ok(());
        }
        // Some changes twice, or a whole document.
        for known in &*self.work.automerge.positions_in(blob)? {
            if *known > self.position + 1 {
                return Err(format!("change {known} came after {}", self.position).into());
            }
            self.position = self.position.max(*known);
        }
        Ok(())
    }
}

impl Talk for AutomergeTalk {
    fn open(&mut self, out: &mut Vec<u8>) {
        let metadata = PeerMetadata { is_ephemeral: true, ..PeerMetadata::default() };
        binary(out, &Handshake::new(self.own.clone(), metadata).join());
    }

    fn ask(&mut self, out: &mut Vec<u8>) {
        let chain = &self.work.automerge;
        let head = self.role.position();
        let heads: Vec<ChangeHash> = chain.head(head).into_iter().collect();
        let whole = match self.role {
            Role::Writer { from } => chain.saved(from).unwrap_or_default(),
            _ => &[],
        };
        let is_request = self.role == Role::Opener;
        if let Ok(frame) = self.frame(message(&heads, &heads, whole), is_request) {
            out.extend(frame);
        }
    }

    fn take(&mut self, payload: &[u8], out: &mut Vec<u8>) -> Outcome<()> {
        if self.server.is_none() {
            return self.introduced(payload, out);
        }
        match data_of(payload) {
            Some(data) => self.synced(data),
            None => match decode(payload)? {
                Message::Error(refusal) => Err(refusal.reason.into()),
                _ => Ok(()),
            },
        }
    }

    fn after_read(&mut self, out: &mut Vec<u8>) {
        if !matches!(self.role, Role::Reader { .. }) {
            return;
        }
        self.ask_for_more(out);
        if self.position == self.acknowledged {
            return;
        }
        self.acknowledged = self.position;
        let Some(head) = self.work.automerge.head(self.position) else { return };
        for at in &self.heads_at {
            let place = self.acknowledgement.get_mut(*at..at + 32);
            place.into_iter().for_each(|place| place.copy_from_slice(&head.0));
        }
        out.extend_from_slice(&self.acknowledgement);
    }

    fn frames(&self, changes: Range<usize>) -> Outcome<Frames> {
        changes.map(|position| self.batch(position..position + 1)).collect()
    }

    fn batch(&self, changes: Range<usize>) -> Outcome<Vec<u8>> {
        let chain = &self.work.automerge;
        let head = chain.head(changes.end).ok_or("the changes have run out")?;
        // Named as shared already: nothing overtakes on one socket, so the server has it when it
        // reads that. A client's filter would say the same in more bytes.
        self.frame(message(&[head], &[head], chain.chunks(changes)), false)
    }

    fn has_joined(&self) -> bool {
        self.server.is_some()
    }

    fn is_ready(&self) -> bool {
        self.is_ready
    }

    fn position(&self) -> usize {
        self.position
    }
}

fn message<'a>(heads: &[ChangeHash], shared: &[ChangeHash], changes: &'a [u8]) -> SyncMessage<'a> {
    SyncMessage {
        format: SyncFormat::Blob,
        heads: heads.to_vec(),
        need: Vec::new(),
        have: vec![Have { last_sync: shared.to_vec(), since: BloomFilter::default() }],
        changes: if changes.is_empty() { Vec::new() } else { vec![Cow::Borrowed(changes)] },
        flags: Some(SyncFlags::SUPPORTS_SYNC_RESET),
    }
}

/// The payload of a `sync`, without reading what a client of one document knows: decoding ids
/// would cost the generator more than the rest of the frame.
fn data_of(payload: &[u8]) -> Option<&[u8]> {
    let key = payload.windows(5).take(512).position(|bytes| bytes == b"\x64data")? + 5;
    let (kind, rest) = payload.get(key..)?.split_first()?;
    let (width, short) = match kind {
        0x40..=0x57 => (0, usize::from(kind - 0x40)),
        0x58 => (1, 0),
        0x59 => (2, 0),
        0x5a => (4, 0),
        _ => return None,
    };
    let (length, data) = rest.split_at_checked(width)?;
    let length = length.iter().fold(short, |length, byte| length << 8 | usize::from(*byte));
    data.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(from: usize) -> AutomergeTalk {
        let cache = tempfile::tempdir().unwrap();
        let work = Rc::new(Work::make(cache.path(), 3, 20, &[1, 11]).unwrap());
        AutomergeTalk::new(work, "reader", 1, Role::Reader { from }).unwrap()
    }

    #[test]
    fn a_reader_counts_the_changes_of_a_batch_and_of_a_whole_document() {
        let mut reader = reader(1);
        let chain = reader.work.clone();
        reader.received(chain.automerge.chunks(1..6)).unwrap();
        assert_eq!(reader.position(), 6);
        reader.received(chain.automerge.chunks(3..9)).unwrap();
        assert_eq!(reader.position(), 9);
        reader.received(chain.automerge.saved(11).unwrap()).unwrap();
        assert_eq!(reader.position(), 11);
    }

    #[test]
    fn a_batch_that_skips_a_change_is_an_error() {
        let mut reader = reader(1);
        let chain = reader.work.clone();
        assert!(reader.received(chain.automerge.chunks(2..4)).is_err());
    }

    #[test]
    fn the_payload_is_found_without_decoding_the_frame() {
        let document = DocumentId::from_bytes([1; 16]);
        for length in [10, 200, 300, 70_000] {
            let (sender, target) = (PeerId::parse("a").unwrap(), PeerId::parse("b").unwrap());
            let data = vec![0x43; length].into();
            let frame = encode(&Message::Sync(DocumentSync { sender, target, document, data }));
            assert_eq!(data_of(&frame), Some(&vec![0x43; length][..]));
        }
    }
}
