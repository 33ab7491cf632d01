//! A client and a relay that says what it likes.

use crate::Start;
use arbitrary::{Result, Unstructured};
use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ROOT};
use std::time::Duration;
use sync_protocol::client::{Client, ClientOptions, Input, Output, Resume};
use sync_protocol::*;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const STEPS_MAX: usize = 150;

struct Side {
    document: Automerge,
    client: Client,
    now: Duration,
    edits: usize,
}

fn peer(name: &str) -> PeerId {
    PeerId::parse(name).expect("a name")
}

/// Nothing that it holds is lost, and what it asks for comes to an end.
pub fn run(script: &[u8]) {
    let mut input = Unstructured::new(script);
    let document = Automerge::new().with_actor(ActorId::from([1; 16]));
    let client = start(&document, Resume::default());
    let mut side = Side { document, client, now: Duration::ZERO, edits: 0 };
    for _ in 0..STEPS_MAX {
        if input.is_empty() || side.step(&mut input).is_err() {
            break;
        }
    }
    let own = |change: &Change| *change.actor_id() == ActorId::from([1; 16]);
    let kept = side.document.get_changes(&[]).iter().filter(|change| own(change)).count();
    assert_eq!(kept, side.edits, "nothing is lost");
    let loaded = Automerge::load(&side.document.save()).expect("what was saved is loaded");
    assert_eq!(loaded.get_heads(), side.document.get_heads());
}

fn start(document: &Automerge, resume: Resume) -> Client {
    let options = ClientOptions::new(peer("ana"), 7).pinging_every(Duration::from_secs(5));
    Client::new(DOCUMENT, document, options, resume)
}

impl Side {
    fn step(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        match input.int_in_range(0..=15)? {
            0 => self.handle(Input::Reconnect),
            1 => self.handle(Input::Opened),
            2 => self.handle(Input::Closed),
            3 => self.handle(Input::Heard),
            4 => {
                self.now += Duration::from_millis(input.int_in_range(0..=40_000)?);
                self.handle(Input::Tick);
            }
            5 => self.edit(),
            6 if input.arbitrary()? => {
                let state = [("name".to_owned(), input.bytes(1)?.to_vec())].into();
                _ = self.client.show(Some(state), self.now);
            }
            6 => _ = self.client.say(input.bytes(3)?),
            7 => {
                let resume = Resume::decode(&self.client.resume().encode());
                self.client = start(&self.document, resume.expect("it is its own"));
            }
            8 => {
                let length = input.int_in_range(0..=200)?;
                let frame = input.bytes(length)?.to_vec();
                self.handle(Input::Frame(&frame));
            }
            9 | 10 => {
                let metadata =
                    PeerMetadata { is_durable: input.arbitrary()?, ..PeerMetadata::default() };
                let relay = Handshake::new(peer("relay"), metadata);
                let join = Handshake::new(peer("ana"), PeerMetadata::default()).join();
                let (_, answer) = relay.accept(&join).expect("an honest join");
                self.handle(Input::Frame(&answer));
            }
            _ => {
                let frame = encode(&self.message(input)?);
                self.handle(Input::Frame(&frame));
            }
        }
        Ok(())
    }

    fn handle(&mut self, input: Input<'_>) {
        self.client.handle(input, &mut self.document, self.now);
        let mut outputs = 0;
        while let Some(output) = self.client.poll_output() {
            outputs += 1;
            assert!(outputs < 20, "it never comes to rest");
            if let Output::Send(frame) = output {
                decode(&frame).expect("a relay reads what a client says");
            }
        }
        let status = self.client.status();
        assert!(status.pending <= self.document.get_changes(&[]).len());
    }

    fn edit(&mut self) {
        self.edits += 1;
        let mut transaction = self.document.transaction();
        transaction.put(ROOT, "key", self.edits as i64).expect("the root is a map");
        transaction.commit();
        self.handle(Input::Changed);
    }

    /// What a relay could say, with changes that it has admitted.
    fn message(&self, input: &mut Unstructured<'_>) -> Result<Message<'static>> {
        let (sender, target, document) = (peer("relay"), peer("ana"), DOCUMENT);
        let others = &Start::get().world.changes;
        let hashes = |input: &mut Unstructured<'_>| -> Result<Vec<ChangeHash>> {
            let mut hashes = match input.int_in_range(0..=4)? {
                0 => Vec::new(),
                1 => vec![others[0].hash()],
                2 => others.iter().map(Change::hash).collect(),
                3 => vec![ChangeHash([input.arbitrary()?; 32])],
                _ => self.document.get_heads(),
            };
            hashes.sort();
            Ok(hashes)
        };
        Ok(match input.int_in_range(0..=7)? {
            0 => Message::DocumentUnavailable(DocumentUnavailable { sender, target, document }),
            1 => Message::Ephemeral(Ephemeral {
                author: peer("ben"),
                target,
                document,
                session: SessionId::parse("s").expect("a name"),
                count: input.arbitrary()?,
                data: input.bytes(2)?.to_vec().into(),
            }),
            2 => {
                let reason = "no".to_owned();
                Message::Error(Refusal { sender: Some(sender), target: Some(target), reason })
            }
            _ => {
                let (heads, need, last_sync) = (hashes(input)?, hashes(input)?, hashes(input)?);
                let have = match input.int_in_range(0..=2)? {
                    0 => Vec::new(),
                    1 => vec![Have::default()],
                    _ => vec![Have { last_sync, since: BloomFilter::of(&hashes(input)?) }],
                };
                // Each after those that it builds on: what lacks some waits outside of Automerge.
                let count = input.int_in_range(0..=others.len())?;
                let changes = others[..count].iter().flat_map(|change| change.raw_bytes().to_vec());
                let changes: Vec<u8> = changes.collect();
                let flags = SyncFlags::SUPPORTS_SYNC_RESET;
                let flags = *input.choose(&[
                    flags,
                    flags.with(SyncFlags::SYNC_RESET),
                    flags.with(SyncFlags::READ_ONLY),
                ])?;
                let message = SyncMessage {
                    format: SyncFormat::Blob,
                    heads,
                    need,
                    have,
                    changes: vec![changes.into()],
                    flags: Some(flags),
                };
                let data = message.encode().into();
                Message::Sync(DocumentSync { sender, target, document, data })
            }
        })
    }
}
