//! A room, its store, and clients, joined by queues that a seeded dice empties.

use super::Dice;
use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ChangeHash, ROOT};
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;
use sync_protocol::client::{Client, ClientOptions, Connection, Input, Output};
use sync_protocol::{Access, DocumentId, Handshake, PeerId, PeerMetadata};
use sync_server::compaction::{compaction_of, load};
use sync_server::relay::{
    ConnectionId, History, HistoryForm, Incoming, Received, Room, RoomFrame, read,
};
use sync_server::store::{MemoryStore, Store};

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);

pub struct Person {
    document: Automerge,
    client: Client,
    edits: usize,
    starts: u8,
    socket: Option<Socket>,
}

/// A connection, seen from both ends.
struct Socket {
    id: ConnectionId,
    peer: Option<PeerId>,
    has_entered: bool,
    /// The relay cannot write to it at the moment.
    is_stalled: bool,
    to_relay: VecDeque<Vec<u8>>,
    to_client: VecDeque<Vec<u8>>,
}

pub struct World {
    pub clients: Vec<Person>,
    room: Room,
    store: MemoryStore,
    handshake: Handshake,
    message_bytes_max: usize,
    connections: u64,
    now: Duration,
    messages: usize,
    pub compactions: usize,
    pub fetches: usize,
}

fn own() -> PeerId {
    PeerId::parse("relay").unwrap()
}

fn start(index: usize, starts: u8, document: &Automerge, kept: Option<Client>) -> Client {
    let peer = PeerId::parse(&format!("client-{index}-{starts}")).unwrap();
    let options = ClientOptions::new(peer, index as u64);
    let resume = kept.map(|client| client.resume()).unwrap_or_default();
    Client::new(DOCUMENT, document, options, resume)
}

impl World {
    pub fn new(clients: usize, message_bytes_max: usize) -> Self {
        let person = |index: usize| {
            let document = Automerge::new().with_actor(ActorId::from([index as u8 + 1; 16]));
            let client = start(index, 0, &document, None);
            Person { document, client, edits: 0, starts: 0, socket: None }
        };
        let mut world = Self {
            clients: (0..clients).map(person).collect(),
            room: Room::new(DOCUMENT, own()).sending_at_most(message_bytes_max),
            store: MemoryStore::default(),
            handshake: Handshake::new(
                own(),
                PeerMetadata { is_durable: true, ..PeerMetadata::default() },
            ),
            message_bytes_max,
            connections: 0,
            now: Duration::ZERO,
            messages: 0,
            compactions: 0,
            fetches: 0,
        };
        (0..clients).for_each(|index| world.tell(index, Input::Reconnect));
        world
    }

    pub fn edit(&mut self, index: usize) {
        let person = &mut self.clients[index];
        person.edits += 1;
        let value = format!("edit {} of client {index}", person.edits);
        let mut transaction = person.document.transaction();
        transaction.put(ROOT, format!("key {}", person.edits % 5), value).unwrap();
        transaction.commit();
        self.tell(index, Input::Changed);
    }

    /// Hands an input to a client and does what it asks for.
    fn tell(&mut self, index: usize, input: Input<'_>) {
        let person = &mut self.clients[index];
        person.client.handle(input, &mut person.document, self.now);
        while let Some(output) = self.clients[index].client.poll_output() {
            match output {
                Output::Dial => {
                    self.connections += 1;
                    let socket = Socket {
                        id: ConnectionId(self.connections),
                        peer: None,
                        has_entered: false,
                        is_stalled: false,
                        to_relay: VecDeque::new(),
                        to_client: VecDeque::new(),
                    };
                    self.clients[index].socket = Some(socket);
                    let person = &mut self.clients[index];
                    person.client.handle(Input::Opened, &mut person.document, self.now);
                }
                Output::Send(frame) => {
                    self.messages += 1;
                    let socket = self.clients[index].socket.as_mut().unwrap();
                    socket.to_relay.push_back(frame);
                }
                Output::HangUp => self.hang_up(index),
                Output::Ping
                | Output::StatusChanged
                | Output::PresenceChanged
                | Output::Said { .. } => {}
            }
        }
    }

    fn hang_up(&mut self, index: usize) {
        if let Some(socket) = self.clients[index].socket.take() {
            self.room.leave(socket.id);
        }
    }

    pub fn drop_connection(&mut self, index: usize) {
        if self.clients[index].socket.is_some() {
            self.hang_up(index);
            self.tell(index, Input::Closed);
        }
    }

    /// The program ends and starts again, with what it keeps.
    pub fn restart_client(&mut self, index: usize) {
        self.hang_up(index);
        let person = &mut self.clients[index];
        person.starts += 1;
        let actor = [index as u8 + 1, person.starts].repeat(8);
        person.document.set_actor(ActorId::from(actor));
        let next = start(index, person.starts, &person.document, None);
        let kept = std::mem::replace(&mut person.client, next);
        person.client = start(index, person.starts, &person.document, Some(kept));
        self.tell(index, Input::Reconnect);
    }

    pub fn stall_or_resume(&mut self, index: usize) {
        if let Some(socket) = &mut self.clients[index].socket {
            socket.is_stalled = !socket.is_stalled;
        }
    }

    pub fn pass_time(&mut self, dice: &mut Dice) {
        self.now += Duration::from_millis(dice.below(12_000) as u64);
        self.room.tick(self.now);
        for index in 0..self.clients.len() {
            let timeout = self.clients[index].client.poll_timeout();
            if timeout.is_some_and(|timeout| timeout <= self.now) {
                self.tell(index, Input::Tick);
            }
        }
    }

    pub fn deliver_to_client(&mut self, index: usize) {
        let socket = self.clients[index].socket.as_mut();
        if let Some(frame) = socket.and_then(|socket| socket.to_client.pop_front()) {
            self.tell(index, Input::Frame(&frame));
        }
    }

    pub fn deliver_to_relay(&mut self, index: usize) {
        let Some(socket) = self.clients[index].socket.as_mut() else { return };
        let Some(frame) = socket.to_relay.pop_front() else { return };
        let Some(peer) = socket.peer.clone() else {
            let (introduced, answer) = self.handshake.accept(&frame).unwrap();
            socket.peer = Some(introduced.peer);
            socket.to_client.push_back(answer);
            return;
        };
        let Incoming::Sync { document, is_request, message, changes } =
            read(&frame, &peer).unwrap()
        else {
            panic!("clients only sync");
        };
        assert_eq!(document, DOCUMENT);
        if !socket.has_entered {
            socket.has_entered = true;
            self.room.enter(socket.id, peer, Access::ReadWrite);
        }
        let received = Received { is_request, message, changes };
        if self.room.needs_index(&received) {
            let snapshot = self.store.beginning(DOCUMENT).unwrap().snapshot;
            self.room.build_index(snapshot.as_ref()).unwrap();
        }
        let refused = self.room.receive(socket.id, received, self.now).unwrap();
        assert!(refused.is_empty(), "{refused:?}");
    }

    /// A turn of the room, up to the store and back.
    pub fn store(&mut self) {
        if let Some(append) = self.room.unstored() {
            self.store.append(&[append]).unwrap();
            self.room.stored();
        }
        self.turn();
        self.fetch();
    }

    /// Everybody who can be written to is sent what there is.
    pub fn turn(&mut self) {
        for listener in self.room.listeners() {
            let mut sockets = self.clients.iter_mut().filter_map(|person| person.socket.as_mut());
            let socket = sockets.find(|socket| socket.id == listener).unwrap();
            if !socket.is_stalled {
                let frames = self.room.messages_for(listener, self.now);
                self.messages += frames.len();
                socket.to_client.extend(frames.into_iter().map(RoomFrame::into_bytes));
            }
        }
    }

    /// SIGKILL: what was not stored is gone.
    pub fn crash(&mut self) {
        let room = match self.store.load(DOCUMENT).unwrap() {
            Some(stored) => Room::restore(DOCUMENT, own(), stored).unwrap(),
            None => Room::new(DOCUMENT, own()),
        };
        self.room = room.sending_at_most(self.message_bytes_max);
        for index in 0..self.clients.len() {
            if self.clients[index].socket.take().is_some() {
                self.tell(index, Input::Closed);
            }
        }
    }

    fn stored(&self) -> BTreeSet<ChangeHash> {
        let stored = self.store.load(DOCUMENT).unwrap().unwrap_or_default();
        stored.entries().unwrap().iter().map(|entry| entry.hash).collect()
    }

    /// What is stored gets a snapshot; the room hears of it, unless it is too late.
    pub fn compact(&mut self, room_hears: bool) {
        let Some(compaction) = compaction_of(&self.store, DOCUMENT).unwrap() else { return };
        assert!(self.store.compact(&compaction).unwrap());
        self.compactions += 1;
        let stored = self.store.load(DOCUMENT).unwrap().unwrap();
        if room_hears {
            self.room.compacted(stored.snapshot.unwrap());
        }
    }

    /// The room is given what it asked the store for.
    pub fn fetch(&mut self) {
        let Some(form) = self.room.unfetched() else { return };
        self.fetches += 1;
        let snapshot = self.store.beginning(DOCUMENT).unwrap().snapshot.unwrap();
        let changes = || {
            let loaded = load(&snapshot.bytes).unwrap().get_changes(&[]);
            loaded.iter().map(|change| (change.hash(), change.raw_bytes().into())).collect()
        };
        let changes = (form == HistoryForm::Changes).then(changes);
        self.room.fetched(History { snapshot, changes }, self.now);
        self.turn();
    }

    pub fn nobody_was_told_of_what_a_crash_could_lose(&self) {
        let stored = self.stored();
        for person in &self.clients {
            let lacking = person.document.get_changes(&[]).into_iter();
            let lacking = lacking.filter(|change| !stored.contains(&change.hash())).count();
            assert!(person.client.status().pending >= lacking, "acknowledged and not stored");
            let others = person.document.get_changes(&[]);
            let mine = |actor: &ActorId| actor.to_bytes()[0];
            let own = mine(person.document.get_actor());
            for change in others.iter().filter(|change| mine(change.actor_id()) != own) {
                assert!(stored.contains(&change.hash()), "told before it was stored");
            }
        }
    }

    /// Lets everything arrive; then all have the same, nothing waits, and it is quiet.
    pub fn settle(&mut self, dice: &mut Dice, context: &str) {
        for person in &mut self.clients {
            person.socket.iter_mut().for_each(|socket| socket.is_stalled = false);
        }
        for index in 0..self.clients.len() {
            self.tell(index, Input::Reconnect);
        }
        self.messages = 0;
        for _ in 0..4_000 {
            let index = dice.below(self.clients.len());
            match dice.below(4) {
                0 => self.deliver_to_relay(index),
                1 => self.deliver_to_client(index),
                _ => self.store(),
            }
            self.nobody_is_offline();
        }
        let before = self.messages;
        assert!(before <= 200 * self.clients.len(), "{context}: {before} messages");
        let expected = self.room.heads().to_vec();
        for person in &self.clients {
            assert_eq!(person.document.get_heads(), expected, "{context}");
            assert_eq!(person.client.status().pending, 0, "{context}");
        }
        self.turn();
        assert_eq!(self.messages, before, "{context}: quiet means quiet");
        let socket =
            |person: &Person| person.socket.as_ref().map(|s| s.to_relay.len() + s.to_client.len());
        assert!(self.clients.iter().all(|person| socket(person) == Some(0)), "{context}");
    }

    fn nobody_is_offline(&mut self) {
        for index in 0..self.clients.len() {
            let status = self.clients[index].client.status();
            assert!(!matches!(status.connection, Connection::Refused { .. }), "{status:?}");
            if matches!(status.connection, Connection::Offline { .. }) {
                self.tell(index, Input::Reconnect);
            }
        }
    }
}
