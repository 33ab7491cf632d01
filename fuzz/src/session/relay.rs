//! A room, its store, and members who send what they like.

use crate::hostile::writer::{Op, arrive, chunk};
use crate::hostile::{ANA, BEN};
use crate::{Start, catching};
use arbitrary::{Result, Unstructured};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Automerge, ROOT};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use sync_protocol::*;
use sync_server::compaction::{compaction_of, load};
use sync_server::relay::{ConnectionId, History, HistoryForm, Incoming, Received, Room, read};
use sync_server::store::{MemoryStore, Store};

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const STEPS_MAX: usize = 120;

/// What peers have to send: honest changes, which are never to be lost, and others.
struct Pool {
    honest: Vec<RawChange<'static>>,
    hostile: Vec<Vec<u8>>,
}

static POOL: LazyLock<Pool> = LazyLock::new(|| {
    let world = &Start::get().world;
    let mut people = Vec::new();
    for number in 0..3_u8 {
        let mut person = AutoCommit::new().with_actor(ActorId::from([0xc0 + number; 16]));
        person.apply_changes(world.changes.clone()).expect("they are honest");
        for edit in 0..3 {
            person.put(ROOT, format!("key {edit}"), i64::from(number)).expect("the root is a map");
            person.commit();
            if let Some(mut other) = people.pop() {
                person.merge(&mut other).expect("they are honest");
                people.push(other);
            }
        }
        people.push(person);
    }
    let mut all = AutoCommit::new();
    people.iter_mut().for_each(|person| _ = all.merge(person).expect("they are honest"));
    let changes = all.get_changes(&[]);
    let honest = changes.iter().filter_map(|change| arrive(change.raw_bytes())).collect();
    Pool { honest, hostile: forged() }
});

/// Some that are refused, and some that make sense in the end. None takes an honest actor's next
/// number: the relay cannot know better, and that person's own change would be kept out.
fn forged() -> Vec<Vec<u8>> {
    let (text, list, map) = ((1, 1), (1, 5), (1, 7));
    let ops = [
        vec![Op::put("key")],
        vec![Op::put("k").within(map).over(&[(1, 8)])],
        vec![Op::put("k").within(map).over(&[(1, 99)])],
        vec![Op::put("k").within((1, 99))],
        vec![Op::insert(text, Some((1, 2))), Op::insert(text, Some((0, 16)))],
        vec![Op::insert(list, Some((1, 99)))],
        vec![Op::begin_mark(text, Some((1, 2))), Op::end_mark(text, Some((1, 3)))],
        vec![Op::end_mark(text, Some((1, 3)))],
        vec![Op::at("n", 5).with_value(4, &[3]).over(&[(1, 9)])],
        vec![Op::at("deep", 0), Op::at("deeper", 0).within((0, 16))],
    ];
    let world = &Start::get().world;
    let forged = ops.into_iter().map(|ops| world.forged(&[ANA, BEN]).with(&ops).bytes());
    forged.collect()
}

struct Relay {
    room: Room,
    store: MemoryStore,
    peers: BTreeMap<ConnectionId, PeerId>,
    now: Duration,
    /// What was stored, which is never lost again.
    stored: BTreeSet<ChangeHash>,
}

pub fn run(script: &[u8]) {
    let mut relay = Relay::new();
    let mut input = Unstructured::new(script);
    for _ in 0..STEPS_MAX {
        if input.is_empty() || relay.step(&mut input).is_err() {
            break;
        }
    }
    relay.everybody_gets_everything();
}

fn own() -> PeerId {
    PeerId::parse("relay").expect("a name")
}

impl Relay {
    fn new() -> Self {
        let room = Room::new(DOCUMENT, own()).sending_at_most(400);
        let (peers, now, stored) = (BTreeMap::new(), Duration::ZERO, BTreeSet::new());
        Self { room, store: MemoryStore::default(), peers, now, stored }
    }

    fn step(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        let connection = ConnectionId(input.int_in_range(0..=3)?);
        match input.int_in_range(0..=15)? {
            0 | 1 => self.enter(connection, input)?,
            2 => self.leave(connection),
            3 => {
                self.now += Duration::from_millis(input.int_in_range(0..=70_000)?);
                self.room.tick(self.now);
            }
            4 => self.store(),
            5 => self.turn(),
            6 => self.crash(),
            7 => self.compact(input.arbitrary()?),
            8 => _ = self.room.set_read_only(input.ratio(1, 2)?),
            9 => self.fetch(),
            10 => {
                let length = input.int_in_range(0..=200)?;
                let frame = input.bytes(length)?.to_vec();
                self.frame(connection, &frame);
            }
            _ => {
                let frame = self.sync(connection, input)?;
                self.frame(connection, &frame);
            }
        }
        assert!(self.room.stored_len() == self.stored.len());
        Ok(())
    }

    fn enter(&mut self, connection: ConnectionId, input: &mut Unstructured<'_>) -> Result<()> {
        let peer = PeerId::parse(&format!("peer {}", connection.0)).expect("a name");
        let access = if input.ratio(1, 5)? { Access::ReadOnly } else { Access::ReadWrite };
        self.room.enter(connection, peer.clone(), access);
        self.peers.insert(connection, peer);
        if input.arbitrary()? {
            let storage = StorageId::parse(&format!("storage {}", connection.0)).expect("a name");
            self.room.keeps_in(connection, storage);
        }
        Ok(())
    }

    fn leave(&mut self, connection: ConnectionId) {
        self.room.leave(connection);
        self.peers.remove(&connection);
    }

    /// A step of syncing, put together from what there is.
    fn sync(&self, connection: ConnectionId, input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
        let hashes = |input: &mut Unstructured<'_>| -> Result<Vec<ChangeHash>> {
            let mut hashes = match input.int_in_range(0..=3)? {
                0 => Vec::new(),
                1 => self.room.heads().to_vec(),
                _ => {
                    let count = input.int_in_range(0..=3)?;
                    let chosen = (0..count).map(|_| Ok(input.choose(&POOL.honest)?.hash));
                    chosen.collect::<Result<_>>()?
                }
            };
            if input.ratio(1, 8)? {
                hashes.push(ChangeHash([input.arbitrary()?; 32]));
            }
            hashes.sort();
            hashes.dedup();
            Ok(hashes)
        };
        let (heads, need) = (hashes(input)?, hashes(input)?);
        let have = match input.int_in_range(0..=2)? {
            0 => Vec::new(),
            1 => vec![Have::default()],
            _ => {
                let last_sync = hashes(input)?;
                vec![Have { last_sync, since: BloomFilter::of(&hashes(input)?) }]
            }
        };
        let mut changes: Vec<Vec<u8>> = Vec::new();
        for _ in 0..input.int_in_range(0..=5)? {
            changes.push(match input.int_in_range(0..=7)? {
                0 => input.choose(&POOL.hostile)?.clone(),
                1 => {
                    let length = input.int_in_range(0..=150)?;
                    chunk(input.ratio(7, 8)?.into(), input.bytes(length)?)
                }
                _ => input.choose(&POOL.honest)?.bytes.to_vec(),
            });
        }
        let flags = match input.int_in_range(0..=3)? {
            0 => None,
            1 => Some(SyncFlags::SYNC_RESET),
            2 => Some(SyncFlags::READ_ONLY),
            _ => Some(SyncFlags::SUPPORTS_SYNC_RESET),
        };
        let format = if flags.is_some() { SyncFormat::Blob } else { SyncFormat::Changes };
        if format == SyncFormat::Blob {
            changes = vec![changes.concat()];
        }
        let changes = changes.into_iter().map(Into::into).collect();
        let message = SyncMessage { format, heads, need, have, changes, flags };
        let sender = self.peers.get(&connection).cloned().unwrap_or_else(own);
        let data = message.encode().into();
        let sync = DocumentSync { sender, target: own(), document: DOCUMENT, data };
        Ok(encode(&match input.ratio(1, 8)? {
            true => Message::Request(sync),
            false => Message::Sync(sync),
        }))
    }

    /// A frame of a member; one that makes no sense ends its connection.
    fn frame(&mut self, connection: ConnectionId, frame: &[u8]) {
        let Some(peer) = self.peers.get(&connection).cloned() else { return };
        match catching(|| read(frame, &peer)) {
            Ok(Incoming::Sync { is_request, message, changes, .. }) => {
                self.receive(connection, Received { is_request, message, changes });
            }
            Ok(Incoming::Subscription(change)) => {
                let storages: BTreeSet<StorageId> = change.add.into_iter().collect();
                self.room.subscribe(connection, Arc::new(storages));
            }
            Ok(Incoming::RemoteHeads(heard)) => self.room.hear(connection, heard.heads),
            Ok(Incoming::Ephemeral(ephemeral)) => _ = self.room.forward(connection, &ephemeral),
            Ok(Incoming::Nothing | Incoming::Ping | Incoming::Renewal(_)) => {}
            Err(_) => self.leave(connection),
        }
    }

    fn receive(&mut self, connection: ConnectionId, received: Received) {
        if self.room.needs_index(&received) {
            let snapshot = self.store.beginning(DOCUMENT).expect("memory").snapshot;
            self.room.build_index(snapshot.as_ref()).expect("what was admitted is admitted again");
        }
        let Ok(refused) = self.room.receive(connection, received, self.now) else {
            return self.leave(connection);
        };
        for refused in refused {
            let hash = match refused {
                AddError::Contradiction { hash, .. } | AddError::Refused { hash, .. } => hash,
                AddError::TooManyWaiting => continue,
                other => panic!("{other}"),
            };
            let is_honest = POOL.honest.iter().any(|honest| honest.hash == hash);
            assert!(!is_honest, "an honest change is refused: {hash}");
        }
    }

    fn store(&mut self) {
        if let Some(append) = self.room.unstored() {
            let new: Vec<ChangeHash> =
                append.changes.iter().map(|change| change.entry.hash).collect();
            self.store.append(&[append]).expect("memory");
            self.room.stored();
            assert!(new.into_iter().all(|hash| self.stored.insert(hash)), "stored twice");
        }
    }

    /// Everybody is told what there is.
    fn turn(&mut self) {
        for listener in self.room.listeners() {
            for frame in self.room.messages_for(listener, self.now) {
                decode(&frame.into_bytes()).expect("a client reads what a relay says");
            }
        }
    }

    fn crash(&mut self) {
        self.peers.clear();
        let stored = self.store.load(DOCUMENT).expect("memory");
        let room = match stored {
            Some(stored) => Room::restore(DOCUMENT, own(), stored).expect("what was stored"),
            None => Room::new(DOCUMENT, own()),
        };
        self.room = room.sending_at_most(400);
    }

    fn compact(&mut self, room_hears: bool) {
        let compaction = compaction_of(&self.store, DOCUMENT).expect("what is admitted is saved");
        let Some(compaction) = compaction else { return };
        assert!(self.store.compact(&compaction).expect("memory"));
        let stored = self.store.load(DOCUMENT).expect("memory").expect("it was compacted");
        if let (true, Some(snapshot)) = (room_hears, stored.snapshot) {
            self.room.compacted(snapshot);
        }
    }

    fn fetch(&mut self) {
        let Some(form) = self.room.unfetched() else { return };
        let snapshot = self.store.beginning(DOCUMENT).expect("memory").snapshot;
        let snapshot = snapshot.expect("what the room lacks is in a snapshot");
        let changes = (form == HistoryForm::Changes).then(|| {
            let loaded = load(&snapshot.bytes).expect("it was saved").get_changes(&[]);
            loaded.iter().map(|change| (change.hash(), change.raw_bytes().into())).collect()
        });
        self.room.fetched(History { snapshot, changes }, self.now);
        self.turn();
    }

    /// Whatever has happened, somebody with all honest changes and somebody with none end with the
    /// same, and nothing that was stored is missing.
    fn everybody_gets_everything(&mut self) {
        self.crash();
        let mut with_all = Automerge::new().with_actor(ActorId::from([1; 16]));
        let changes = POOL
            .honest
            .iter()
            .map(|change| Change::from_bytes(change.bytes.to_vec()).expect("it is honest"));
        with_all.apply_changes(changes).expect("they are honest");
        let mut with_none = Automerge::new().with_actor(ActorId::from([2; 16]));
        self.syncs(ConnectionId(10), &mut with_all);
        self.syncs(ConnectionId(11), &mut with_none);
        assert_eq!(with_all.get_heads(), self.room.heads());
        assert_eq!(with_none.get_heads(), self.room.heads());
        let held: BTreeSet<ChangeHash> =
            with_none.get_changes(&[]).iter().map(|change| change.hash()).collect();
        assert_eq!(held, self.stored, "nothing is lost");
        let loaded = Automerge::load(&with_none.save()).expect("what was saved is loaded");
        assert_eq!(loaded.get_heads(), with_none.get_heads());
    }

    fn syncs(&mut self, connection: ConnectionId, document: &mut Automerge) {
        let peer = PeerId::parse(&format!("peer {}", connection.0)).expect("a name");
        self.room.enter(connection, peer.clone(), Access::ReadWrite);
        self.peers.insert(connection, peer.clone());
        let mut sync = ClientSync::new();
        for round in 0.. {
            assert!(round < 200, "they never come to rest");
            let message = sync.next_message(document);
            let is_quiet = message.is_none();
            if let Some(data) = message {
                let (sender, data) = (peer.clone(), data.into());
                let sync = DocumentSync { sender, target: own(), document: DOCUMENT, data };
                self.frame(connection, &encode(&Message::Sync(sync)));
            }
            self.store();
            let mut frames = self.room.messages_for(connection, self.now);
            if self.room.unfetched().is_some() {
                // Asked for once, so the store gives all there is.
                let snapshot = self.store.beginning(DOCUMENT).expect("memory").snapshot;
                let history = History { snapshot: snapshot.expect("a snapshot"), changes: None };
                self.room.fetched(history, self.now);
                frames.extend(self.room.messages_for(connection, self.now));
            }
            if is_quiet && frames.is_empty() {
                return;
            }
            for frame in frames {
                let frame = frame.into_bytes();
                let Ok(Message::Sync(message)) = decode(&frame) else { continue };
                sync.receive(document, &message.data).expect("a client takes what a relay sends");
            }
        }
    }
}
