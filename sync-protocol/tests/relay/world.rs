//! A relay made of this crate and clients made of Automerge's own sync, joined by queues that a
//! seeded dice empties in any order.

use automerge::sync::{self, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ROOT};
use std::collections::VecDeque;
use sync_protocol::*;

use crate::support::{Dice, Relay};

/// What kind of client it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Usual,
    /// Takes messages with this crate's own sync.
    Ours,
    /// Knows no flags, so it is sent change by change and sends like that.
    Old,
    /// Takes no changes, only publishes.
    Publisher,
    /// May read only; the relay drops its changes.
    Reader,
}

enum Sync {
    Automerge(sync::State),
    Ours(ClientSync),
}

impl Sync {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Ours => Self::Ours(ClientSync::new()),
            Kind::Publisher => Self::Automerge(sync::State::new_read_only()),
            _ => Self::Automerge(sync::State::new()),
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Automerge(state) => state.encode(),
            Self::Ours(sync) => {
                let shared_heads = sync.shared_heads().to_vec();
                sync::State { shared_heads, ..sync::State::new() }.encode()
            }
        }
    }

    fn decode(kind: Kind, kept: &[u8], document: &Automerge) -> Self {
        let state = sync::State::decode(kept).unwrap();
        match kind {
            Kind::Ours => Self::Ours(ClientSync::resuming(&state.shared_heads, document)),
            _ => Self::Automerge(state),
        }
    }
}

pub struct Client {
    pub kind: Kind,
    pub document: Automerge,
    sync: Option<Sync>,
    /// What a client keeps of its sync state across connections.
    kept: Option<Vec<u8>>,
    edits: usize,
    to_relay: VecDeque<Vec<u8>>,
    from_relay: VecDeque<Vec<u8>>,
}

impl Client {
    /// How many messages it sends: one or none.
    fn speak(&mut self) -> usize {
        let message = match &mut self.sync {
            Some(Sync::Automerge(state)) => {
                self.document.generate_sync_message(state).map(sync::Message::encode)
            }
            Some(Sync::Ours(sync)) => sync.next_message(&self.document),
            None => None,
        };
        let Some(bytes) = message else { return 0 };
        let bytes = self.in_transit(&bytes);
        self.to_relay.push_back(bytes);
        1
    }

    fn listen(&mut self, bytes: &[u8]) -> usize {
        let bytes = self.in_transit(bytes);
        match self.sync.as_mut().unwrap() {
            Sync::Automerge(state) => {
                let message = sync::Message::decode(&bytes).unwrap();
                self.document.receive_sync_message(state, message).unwrap();
            }
            Sync::Ours(sync) => _ = sync.receive(&mut self.document, &bytes).unwrap(),
        }
        self.speak()
    }

    fn in_transit(&self, bytes: &[u8]) -> Vec<u8> {
        let mut message = SyncMessage::decode(bytes).unwrap();
        if self.kind == Kind::Old {
            assert_eq!(message.format, SyncFormat::Changes, "it would not be understood");
            message.flags = None;
        }
        message.encode()
    }
}

pub struct World {
    pub relay: Relay,
    pub clients: Vec<Client>,
    /// Messages put on the wire, both ways.
    pub messages: usize,
}

impl World {
    /// Clients that are not connected, each with a document of its own without changes.
    pub fn new(kinds: &[Kind]) -> Self {
        let client = |(index, kind): (usize, &Kind)| Client {
            kind: *kind,
            document: Automerge::new().with_actor(ActorId::from([index as u8 + 1; 16])),
            sync: None,
            kept: None,
            edits: 0,
            to_relay: VecDeque::new(),
            from_relay: VecDeque::new(),
        };
        Self {
            relay: Relay::new(),
            clients: kinds.iter().enumerate().map(client).collect(),
            messages: 0,
        }
    }

    pub fn edit(&mut self, index: usize) {
        let client = &mut self.clients[index];
        client.edits += 1;
        // Unlike any other value: putting the same one again would be no change.
        let value = format!("edit {} of client {index}", client.edits);
        let mut transaction = client.document.transaction();
        transaction.put(ROOT, format!("key {}", client.edits % 5), value).unwrap();
        transaction.commit();
        self.messages += client.speak();
    }

    pub fn connect(&mut self, index: usize) {
        let client = &mut self.clients[index];
        if client.sync.is_some() {
            return;
        }
        client.sync = Some(match client.kept.take() {
            Some(kept) if client.kind != Kind::Publisher => {
                Sync::decode(client.kind, &kept, &client.document)
            }
            _ => Sync::new(client.kind),
        });
        let access = match client.kind {
            Kind::Reader => Access::ReadOnly,
            _ => Access::ReadWrite,
        };
        self.relay.connect(index, access);
        self.messages += client.speak();
    }

    /// Loses whatever is on the way. The client may keep what it thinks both have.
    pub fn disconnect(&mut self, index: usize, keeps_state: bool) {
        let client = &mut self.clients[index];
        client.kept = client.sync.take().filter(|_| keeps_state).map(|sync| sync.encode());
        client.to_relay.clear();
        client.from_relay.clear();
        self.relay.disconnect(index);
    }

    /// A publisher begins to take changes, over the connection that it has.
    pub fn becomes_usual(&mut self, index: usize) {
        let client = &mut self.clients[index];
        client.kind = Kind::Usual;
        if let Some(Sync::Automerge(state)) = &mut client.sync {
            state.set_read_only(false);
        }
        self.messages += client.speak();
    }

    /// A client drops its document and opens it anew, over the connection that it has.
    pub fn forget(&mut self, index: usize) {
        let client = &mut self.clients[index];
        let actor = [client.document.get_actor().to_bytes(), &[0]].concat();
        client.document = Automerge::new().with_actor(ActorId::from(actor));
        client.kept = None;
        client.sync = client.sync.take().map(|_| Sync::new(client.kind));
        self.messages += client.speak();
    }

    /// A client opens its document anew from its storage, which may be behind, over the connection
    /// that it has.
    pub fn reopen(&mut self, index: usize, dice: &mut Dice) {
        let client = &mut self.clients[index];
        let changes = client.document.get_changes(&[]);
        let kept = changes.len() - dice.below(changes.len().min(3) + 1);
        let actor = [client.document.get_actor().to_bytes(), &[0]].concat();
        client.document = Automerge::new().with_actor(ActorId::from(actor));
        client.document.apply_changes(changes.into_iter().take(kept)).unwrap();
        client.kept = None;
        client.sync = client.sync.take().map(|_| Sync::new(client.kind));
        self.messages += client.speak();
    }

    /// The relay comes back with what it had stored.
    pub fn crash(&mut self) {
        self.come_back_with(self.relay.graph.stored_len());
    }

    /// The relay comes back with an older state of its log: a backup.
    pub fn restore(&mut self, dice: &mut Dice) {
        self.come_back_with(dice.below(self.relay.graph.stored_len() + 1));
    }

    fn come_back_with(&mut self, length: usize) {
        for index in 0..self.clients.len() {
            self.disconnect(index, true);
        }
        self.relay.come_back_with(length);
    }

    pub fn deliver_to_relay(&mut self, index: usize) -> bool {
        let Some(bytes) = self.clients[index].to_relay.pop_front() else { return false };
        let added = self.relay.receive(index, &bytes).expect("an honest client is not cut off");
        assert_eq!(added.refused, []);
        self.relay_speaks();
        true
    }

    pub fn deliver_to_client(&mut self, index: usize) -> bool {
        let Some(bytes) = self.clients[index].from_relay.pop_front() else { return false };
        self.messages += self.clients[index].listen(&bytes);
        true
    }

    pub fn store(&mut self) {
        self.relay.store();
        self.relay_speaks();
    }

    /// Connects everybody and delivers in any order until nothing is on the way, storing now and
    /// then.
    pub fn settle(&mut self, dice: &mut Dice, messages_max: usize) {
        for index in 0..self.clients.len() {
            self.connect(index);
        }
        self.messages = 0;
        loop {
            let order = dice.below(self.clients.len());
            let mut busy = false;
            for offset in 0..self.clients.len() {
                let index = (order + offset) % self.clients.len();
                busy |= match dice.below(2) {
                    0 => self.deliver_to_relay(index) || self.deliver_to_client(index),
                    _ => self.deliver_to_client(index) || self.deliver_to_relay(index),
                };
            }
            if dice.below(4) == 0 || !busy {
                busy |= self.relay.graph.stored_len() < self.relay.graph.len();
                self.store();
            }
            assert!(self.messages <= messages_max, "{} messages", self.messages);
            if !busy {
                break;
            }
        }
        // Quiet means quiet: nobody has anything to say.
        let messages = self.messages;
        self.relay_speaks();
        for client in &mut self.clients {
            assert_eq!(client.speak(), 0);
            assert!(client.to_relay.is_empty() && client.from_relay.is_empty());
        }
        assert_eq!(self.messages, messages);
    }

    pub fn heads(&self, index: usize) -> Vec<ChangeHash> {
        self.clients[index].document.get_heads()
    }

    fn relay_speaks(&mut self) {
        for index in 0..self.clients.len() {
            if let Some(bytes) = self.relay.speak(index) {
                self.clients[index].from_relay.push_back(bytes);
                self.messages += 1;
            }
        }
    }
}
