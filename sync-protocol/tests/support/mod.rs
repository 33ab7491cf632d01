//! Dice, and a relay made of this crate that keeps its log in memory.
#![allow(dead_code, unused_imports, reason = "each test uses a part of it")]

pub mod dice;

pub use dice::Dice;
use std::collections::BTreeMap;
use std::time::Duration;
use sync_protocol::*;

pub struct Relay {
    pub graph: Admission,
    log: Vec<Vec<u8>>,
    peers: BTreeMap<usize, PeerSync>,
    pub now: Duration,
    /// How often a peer was told what all that follow are told.
    pub shared: usize,
}

impl Relay {
    pub fn new() -> Self {
        let (graph, log, peers) = (Admission::new(), Vec::new(), BTreeMap::new());
        Self { graph, log, peers, now: Duration::ZERO, shared: 0 }
    }

    pub fn connect(&mut self, peer: usize, access: Access) {
        self.peers.insert(peer, PeerSync::new(access));
    }

    pub fn disconnect(&mut self, peer: usize) {
        self.peers.remove(&peer);
    }

    /// A peer says that it starts over.
    pub fn restart(&mut self, peer: usize) {
        self.peers.get_mut(&peer).unwrap().restart().unwrap();
    }

    /// Everything that came is stored.
    pub fn store(&mut self) {
        self.graph.mark_stored(self.log.len());
    }

    /// Starts anew with the first `length` changes that it had stored.
    pub fn come_back_with(&mut self, length: usize) {
        self.peers.clear();
        self.log.truncate(length);
        let mut graph = ChangeGraph::new();
        for bytes in &self.log {
            let change = chunks(bytes).next().unwrap().unwrap().change().unwrap();
            let inserted = graph.insert(change.hash, &change.header).unwrap();
            assert!(matches!(inserted, Inserted::At(_)));
        }
        self.graph = Admission::of_stored(graph);
        self.store();
    }

    /// Takes a sync message of a peer.
    pub fn receive(&mut self, from: usize, bytes: &[u8]) -> Result<Added, TooManyResends> {
        let message = SyncMessage::decode(bytes).unwrap();
        let mut changes = Vec::new();
        for chunk in message.changes.iter().flat_map(|part| chunks(part)).map(Result::unwrap) {
            if chunk.kind() == ChunkKind::Document {
                for change in chunk.document_changes().unwrap() {
                    let chunk = chunks(change.raw_bytes()).next().unwrap().unwrap();
                    changes.push(chunk.change().unwrap().into_owned());
                }
            } else {
                changes.push(chunk.change().unwrap().into_owned());
            }
        }
        if !changes.is_empty() {
            self.graph.build(&self.log).unwrap();
        }
        let peer = self.peers.get_mut(&from).unwrap();
        let added = peer.receive(&mut self.graph, &message, changes, self.now)?;
        self.log.extend(added.changes.iter().map(|change| change.bytes.to_vec()));
        assert_eq!(self.log.len(), self.graph.len());
        Ok(added)
    }

    /// When something that a peer sent has waited too long.
    pub fn poll_timeout(&self, peer: usize) -> Option<Duration> {
        self.peers[&peer].poll_timeout()
    }

    /// The time has come to drop it.
    pub fn tick(&mut self, peer: usize) {
        self.peers.get_mut(&peer).unwrap().tick(&self.graph, self.now);
    }

    /// What a peer is to be told.
    pub fn speak(&mut self, to: usize) -> Option<Vec<u8>> {
        let peer = self.peers.get_mut(&to)?;
        let follows_from = peer.follows_from(&self.graph);
        let outgoing = peer.next_message(&self.graph);
        if let Some(from) = follows_from {
            assert_eq!(Outgoing::since(&self.graph, from), outgoing, "all are told the same");
            self.shared += usize::from(outgoing.is_some());
        }
        let outgoing = outgoing?;
        assert_eq!(peer.next_message(&self.graph), None, "everything is said at once");
        let chunks = outgoing.changes.iter().map(|position| &*self.log[*position]);
        Some(outgoing.with_chunks(chunks).encode())
    }
}
