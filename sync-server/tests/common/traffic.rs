//! What has gone to and fro between one client and the relay.

use std::sync::{Arc, Mutex};
use sync_protocol::{ChunkKind, Message, SyncMessage, chunks, decode};

/// Copies share what they have seen.
#[derive(Clone, Default)]
pub struct Traffic(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    connections: usize,
    sent: Vec<ChunkKind>,
    received: Vec<ChunkKind>,
}

impl Traffic {
    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.0.lock().unwrap().connections
    }

    /// The kinds of the chunks that the client has sent.
    pub fn sent(&self) -> Vec<ChunkKind> {
        self.0.lock().unwrap().sent.clone()
    }

    /// The kinds of the chunks that the relay has sent.
    pub fn received(&self) -> Vec<ChunkKind> {
        self.0.lock().unwrap().received.clone()
    }

    pub(super) fn connects(&self) {
        self.0.lock().unwrap().connections += 1;
    }

    pub(super) fn sends(&self, frame: &[u8]) {
        self.0.lock().unwrap().sent.extend(kinds(frame));
    }

    pub(super) fn receives(&self, frame: &[u8]) {
        self.0.lock().unwrap().received.extend(kinds(frame));
    }
}

fn kinds(frame: &[u8]) -> Vec<ChunkKind> {
    let (Message::Sync(sync) | Message::Request(sync)) = decode(frame).unwrap() else {
        return Vec::new();
    };
    let message = SyncMessage::decode(&sync.data).unwrap();
    let chunks = message.changes.iter().flat_map(|part| chunks(part));
    chunks.map(|chunk| chunk.unwrap().kind()).collect()
}
