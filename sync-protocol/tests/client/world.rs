//! Clients with sockets, disks and clocks that fail, around a relay made of this crate.

use crate::support::{Dice, Relay};
use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT};
use std::collections::VecDeque;
use std::time::Duration;
use sync_protocol::client::{Client, ClientOptions, Connection, Input, Output, Resume};
use sync_protocol::*;

pub fn document_id() -> DocumentId {
    DocumentId::from_bytes([9; 16])
}

pub fn relay_peer() -> PeerId {
    PeerId::parse("relay").unwrap()
}

/// A program with its disk.
pub struct Person {
    pub client: Client,
    pub document: Automerge,
    disk: (Automerge, Vec<u8>),
    socket: Socket,
    runs: u8,
    edits: usize,
}

enum Socket {
    None,
    Dialling,
    Open { to_relay: VecDeque<Vec<u8>>, from_relay: VecDeque<Vec<u8>> },
}

impl Person {
    fn name(index: usize) -> PeerId {
        PeerId::parse(&format!("person {index}")).unwrap()
    }

    fn new(index: usize, document: Automerge, kept: &[u8], runs: u8) -> Self {
        let options = ClientOptions::new(Self::name(index), index as u64 * 1000 + u64::from(runs));
        let options = match index % 2 {
            0 => options.pinging_every(Duration::from_secs(20)),
            _ => options,
        };
        let actor = ActorId::from([&[index as u8 + 1; 16][..], &[runs]].concat());
        let document = document.with_actor(actor);
        Self {
            client: Client::new(document_id(), &document, options, Resume::decode(kept).unwrap()),
            disk: (document.clone(), kept.to_vec()),
            document,
            socket: Socket::None,
            runs,
            edits: 0,
        }
    }
}

pub struct World {
    pub relay: Relay,
    pub people: Vec<Person>,
    pub now: Duration,
}

impl World {
    pub fn new(people: usize) -> Self {
        let nothing = Resume::default().encode();
        let person = |index| Person::new(index, Automerge::new(), &nothing, 0);
        Self {
            relay: Relay::new(),
            people: (0..people).map(person).collect(),
            now: Duration::from_secs(1000),
        }
    }

    pub fn tell(&mut self, index: usize, input: Input<'_>) {
        let person = &mut self.people[index];
        person.client.handle(input, &mut person.document, self.now);
        while let Some(output) = person.client.poll_output() {
            match (output, &mut person.socket) {
                (Output::Dial, socket @ Socket::None) => *socket = Socket::Dialling,
                (Output::Send(frame), Socket::Open { to_relay, .. }) => to_relay.push_back(frame),
                (Output::HangUp, socket) => {
                    *socket = Socket::None;
                    self.relay.disconnect(index);
                }
                (Output::Ping | Output::StatusChanged | Output::Said { .. }, _) => {}
                (output, _) => panic!("{output:?} makes no sense now"),
            }
        }
    }

    pub fn edit(&mut self, index: usize) {
        let person = &mut self.people[index];
        person.edits += 1;
        let value = format!("edit {} in run {} of person {index}", person.edits, person.runs);
        let mut transaction = person.document.transaction();
        transaction.put(ROOT, format!("key {}", person.edits % 5), value).unwrap();
        transaction.commit();
        // Stored before it is sent.
        person.disk.0 = person.document.clone();
        self.tell(index, Input::Changed);
    }

    /// Writes the document, then what is known of the relay; the second may be missed.
    pub fn save(&mut self, index: usize, completely: bool) {
        let person = &mut self.people[index];
        person.disk.0 = person.document.clone();
        if completely {
            person.disk.1 = person.client.resume().encode();
        }
    }

    /// The program ends without a word, and starts again with what was on its disk.
    pub fn crash(&mut self, index: usize) {
        let person = &self.people[index];
        let (document, kept) = person.disk.clone();
        let runs = person.runs + 1;
        self.people[index] = Person::new(index, document, &kept, runs);
        self.relay.disconnect(index);
    }

    /// A socket opens or cannot be opened.
    pub fn dial(&mut self, index: usize, succeeds: bool) {
        let socket = &mut self.people[index].socket;
        if !matches!(socket, Socket::Dialling) {
            return;
        }
        if !succeeds {
            *socket = Socket::None;
            return self.tell(index, Input::Closed);
        }
        *socket = Socket::Open { to_relay: VecDeque::new(), from_relay: VecDeque::new() };
        self.tell(index, Input::Opened);
    }

    pub fn lose_connection(&mut self, index: usize) {
        if matches!(self.people[index].socket, Socket::Open { .. }) {
            self.people[index].socket = Socket::None;
            self.relay.disconnect(index);
            self.tell(index, Input::Closed);
        }
    }

    /// The relay comes back with the first `length` changes that it had stored.
    pub fn relay_comes_back_with(&mut self, length: usize) {
        self.relay.come_back_with(length);
        for index in 0..self.people.len() {
            self.lose_connection(index);
        }
    }

    pub fn deliver_to_relay(&mut self, index: usize) -> bool {
        let Socket::Open { to_relay, from_relay } = &mut self.people[index].socket else {
            return false;
        };
        let Some(frame) = to_relay.pop_front() else { return false };
        match decode(&frame).unwrap() {
            Message::Join(_) => {
                let relay = Handshake::new(
                    relay_peer(),
                    PeerMetadata { is_durable: true, ..PeerMetadata::default() },
                );
                let (_, answer) = relay.accept(&frame).unwrap();
                from_relay.push_back(answer);
                self.relay.connect(index, Access::ReadWrite);
            }
            message @ (Message::Request(_) | Message::Sync(_)) => {
                let is_request = message.kind() == "request";
                let (Message::Request(sync) | Message::Sync(sync)) = message else { return true };
                assert_eq!(sync.target, relay_peer());
                if is_request {
                    self.relay.restart(index);
                }
                let added = self.relay.receive(index, &sync.data);
                assert_eq!(added.expect("an honest client is not cut off").refused, []);
                if is_request && self.relay.graph.heads().is_empty() {
                    from_relay.push_back(encode(&Message::DocumentUnavailable(
                        DocumentUnavailable {
                            sender: relay_peer(),
                            target: Person::name(index),
                            document: document_id(),
                        },
                    )));
                }
                self.relay_speaks();
            }
            other => panic!("a client does not say {}", other.kind()),
        }
        true
    }

    pub fn deliver_to_client(&mut self, index: usize) -> bool {
        let Socket::Open { from_relay, .. } = &mut self.people[index].socket else {
            return false;
        };
        let Some(frame) = from_relay.pop_front() else { return false };
        self.tell(index, Input::Frame(&frame));
        true
    }

    pub fn store(&mut self) {
        self.relay.store();
        self.relay_speaks();
    }

    fn relay_speaks(&mut self) {
        for (index, person) in self.people.iter_mut().enumerate() {
            let Socket::Open { from_relay, .. } = &mut person.socket else { continue };
            if let Some(data) = self.relay.speak(index) {
                from_relay.push_back(encode(&Message::Sync(DocumentSync {
                    sender: relay_peer(),
                    target: Person::name(index),
                    document: document_id(),
                    data: data.into(),
                })));
            }
        }
    }

    pub fn wait(&mut self, time: Duration) {
        self.now += time;
        for index in 0..self.people.len() {
            if self.people[index].client.poll_timeout().is_some_and(|due| due <= self.now) {
                self.tell(index, Input::Tick);
            }
        }
    }

    /// Delivers in any order, and stores now and then, until everybody is online and nothing is on
    /// the way. Every dial succeeds.
    pub fn settle(&mut self, dice: &mut Dice) {
        for _ in 0..10_000 {
            let mut busy = false;
            for index in 0..self.people.len() {
                self.tell(index, Input::Reconnect);
                self.dial(index, true);
                busy |= match dice.below(2) {
                    0 => self.deliver_to_relay(index) || self.deliver_to_client(index),
                    _ => self.deliver_to_client(index) || self.deliver_to_relay(index),
                };
            }
            if dice.below(4) == 0 || !busy {
                busy |= self.relay.graph.stored_len() < self.relay.graph.len();
                self.store();
            }
            let online = |person: &Person| person.client.status().connection == Connection::Online;
            if !busy && self.people.iter().all(online) {
                return;
            }
        }
        panic!("the world does not come to rest");
    }

    /// Whether the relay has stored all that a person has.
    pub fn has_stored_everything_of(&self, index: usize) -> bool {
        let heads = self.people[index].document.get_heads();
        self.relay.graph.stored_positions(&heads).len() == heads.len()
    }
}
