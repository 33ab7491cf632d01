//! From a message to a frame.

use super::writer::Writer;
use crate::document_url::head_to_text;
use crate::ids::{PeerId, StorageId};
use crate::message::{Message, PeerMetadata, Ping, Pong, RemoteHeads};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of a frame besides its payload: four keys, two peer ids, a document id.
const ENVELOPE_BYTES: usize = 192;

/// Writes a frame.
///
/// `leave` and unknown messages are written too, so that a recorded conversation can be replayed.
pub fn encode(message: &Message<'_>) -> Vec<u8> {
    let target = match message {
        Message::Join(_)
        | Message::Leave(_)
        | Message::Token(_)
        | Message::Ping(_)
        | Message::Unknown { .. } => None,
        Message::Pong(pong) => Some(&pong.target),
        Message::Error(refusal) => refusal.target.as_ref(),
        Message::Peer(peer) => Some(&peer.target),
        Message::Request(sync) | Message::Sync(sync) => Some(&sync.target),
        Message::DocumentUnavailable(unavailable) => Some(&unavailable.target),
        Message::Ephemeral(ephemeral) => Some(&ephemeral.target),
        Message::RemoteSubscriptionChange(change) => Some(&change.target),
        Message::RemoteHeadsChanged(change) => Some(&change.target),
    };
    let (entries, rest) = entries_besides_target(message);
    let mut frame = head(entries, target);
    frame.extend(rest);
    frame
}

/// One message for many peers, encoded once.
///
/// Only `targetId` differs between them. It is the first key of the map, so everything after it is
/// the same bytes, which a relay can share between its connections.
///
/// ```
/// use sync_protocol::{Message, PeerId, DocumentId, DocumentUnavailable, SharedFrame, encode};
/// let (relay, alice) = (PeerId::parse("relay")?, PeerId::parse("alice")?);
/// let document = DocumentId::from_bytes([1; 16]);
/// let to = |target: &PeerId| {
///     let (sender, target) = (relay.clone(), target.clone());
///     Message::DocumentUnavailable(DocumentUnavailable { sender, target, document })
/// };
/// let shared = SharedFrame::new(&to(&relay));
/// assert_eq!(shared.frame_for(&alice), encode(&to(&alice)));
/// # Ok::<(), sync_protocol::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedFrame {
    entries: usize,
    rest: Arc<[u8]>,
}

impl SharedFrame {
    /// Encodes everything of a message but its target, which is ignored.
    pub fn new(message: &Message<'_>) -> Self {
        let (entries, rest) = entries_besides_target(message);
        Self { entries, rest: rest.into() }
    }

    /// The whole frame for one peer, copied together: cheapest for small messages.
    pub fn frame_for(&self, target: &PeerId) -> Vec<u8> {
        let mut frame = self.prefix_for(target);
        frame.extend_from_slice(&self.rest);
        frame
    }

    /// The frame's first bytes, which are one peer's own; [`suffix`](Self::suffix) follows them.
    pub fn prefix_for(&self, target: &PeerId) -> Vec<u8> {
        head(self.entries, Some(target))
    }

    /// The frame's other bytes, the same for every peer: for writing large messages uncopied.
    pub fn suffix(&self) -> &Arc<[u8]> {
        &self.rest
    }
}

fn head(entries: usize, target: Option<&PeerId>) -> Vec<u8> {
    let mut writer = Writer::with_capacity(ENVELOPE_BYTES);
    match target {
        Some(target) => writer.map(entries + 1).text("targetId").text(target.as_str()),
        None => writer.map(entries),
    };
    writer.into_bytes()
}

/// How many entries a message has besides its target, and their bytes.
fn entries_besides_target(message: &Message<'_>) -> (usize, Vec<u8>) {
    let payload = match message {
        Message::Request(sync) | Message::Sync(sync) => sync.data.len(),
        Message::Ephemeral(ephemeral) => ephemeral.data.len(),
        _ => 0,
    };
    let mut writer = Writer::with_capacity(ENVELOPE_BYTES + payload);
    writer.text("type").text(message.kind());
    let entries = match message {
        Message::Join(join) => {
            writer.text("senderId").text(join.sender.as_str());
            metadata(&mut writer, &join.metadata);
            writer.text("supportedProtocolVersions").list(join.versions.len());
            for version in &join.versions {
                writer.text(version);
            }
            4
        }
        Message::Peer(peer) => {
            writer.text("senderId").text(peer.sender.as_str());
            metadata(&mut writer, &peer.metadata);
            writer.text("selectedProtocolVersion").text(&peer.version);
            4
        }
        Message::Error(refusal) => {
            let sender = refusal.sender.as_ref();
            if let Some(sender) = sender {
                writer.text("senderId").text(sender.as_str());
            }
            writer.text("message").text(&refusal.reason);
            2 + usize::from(sender.is_some())
        }
        Message::Request(sync) | Message::Sync(sync) => {
            writer.text("senderId").text(sync.sender.as_str());
            writer.text("documentId").text(&sync.document.to_string());
            writer.text("data").bytes(&sync.data);
            4
        }
        Message::DocumentUnavailable(unavailable) => {
            writer.text("senderId").text(unavailable.sender.as_str());
            writer.text("documentId").text(&unavailable.document.to_string());
            3
        }
        Message::Ephemeral(ephemeral) => {
            writer.text("senderId").text(ephemeral.author.as_str());
            writer.text("documentId").text(&ephemeral.document.to_string());
            writer.text("sessionId").text(ephemeral.session.as_str());
            writer.text("count").whole_number(ephemeral.count);
            writer.text("data").bytes(&ephemeral.data);
            6
        }
        Message::RemoteSubscriptionChange(change) => {
            writer.text("senderId").text(change.sender.as_str());
            storages(&mut writer, "add", &change.add);
            storages(&mut writer, "remove", &change.remove);
            4
        }
        Message::RemoteHeadsChanged(change) => {
            writer.text("senderId").text(change.sender.as_str());
            writer.text("documentId").text(&change.document.to_string());
            remote_heads(&mut writer, &change.heads);
            4
        }
        Message::Leave(leave) => {
            writer.text("senderId").text(leave.sender.as_str());
            2
        }
        Message::Token(shown) => {
            writer.text("senderId").text(shown.sender.as_str());
            writer.text("token").text(&shown.token);
            3
        }
        Message::Ping(Ping { sender }) | Message::Pong(Pong { sender, .. }) => {
            writer.text("senderId").text(sender.as_str());
            2
        }
        Message::Unknown { .. } => 1,
    };
    (entries, writer.into_bytes())
}

fn metadata(writer: &mut Writer, metadata: &PeerMetadata) {
    let optional = [metadata.storage.is_some(), metadata.is_durable, metadata.answers_pings];
    let optional = optional.into_iter().filter(|is_said| *is_said).count();
    writer.text("peerMetadata").map(1 + optional);
    if let Some(storage) = &metadata.storage {
        writer.text("storageId").text(storage.as_str());
    }
    writer.text("isEphemeral").bool(metadata.is_ephemeral);
    if metadata.is_durable {
        writer.text("durable").bool(true);
    }
    if metadata.answers_pings {
        writer.text("pings").bool(true);
    }
}

fn storages(writer: &mut Writer, key: &str, storages: &[StorageId]) {
    writer.text(key).list(storages.len());
    for storage in storages {
        writer.text(storage.as_str());
    }
}

fn remote_heads(writer: &mut Writer, storages: &BTreeMap<StorageId, RemoteHeads>) {
    writer.text("newHeads").map(storages.len());
    for (storage, known) in storages {
        writer.text(storage.as_str()).map(2).text("heads").list(known.heads.len());
        for head in &known.heads {
            writer.text(&head_to_text(head));
        }
        writer.text("timestamp").whole_number(known.timestamp_ms);
    }
}
