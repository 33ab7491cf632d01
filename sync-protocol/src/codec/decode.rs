//! From a frame to a message.

use super::reader::{Field, Map};
use super::{
    DecodeError, FRAME_BYTES_MAX, LABEL_CHARS_MAX, REASON_CHARS_MAX, STORAGES_MAX, VERSIONS_MAX,
};
use crate::document_url::parse_head;
use crate::ids::{DocumentId, IdError, PeerId, SessionId, StorageId};
use crate::message::{
    DocumentSync, DocumentUnavailable, Ephemeral, Join, Leave, Message, PROTOCOL_VERSION, Peer,
    PeerMetadata, Ping, Pong, Refusal, RemoteHeads, RemoteHeadsChanged, RemoteSubscriptionChange,
    ShownToken,
};
use crate::sync_message::HASHES_MAX;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Reads a frame. Its payload is borrowed: nothing is copied that can be large.
///
/// A message of a type that this version does not know is [`Message::Unknown`], not an error.
///
/// # Errors
/// [`DecodeError`] if the frame is no message of automerge-repo or exceeds a limit; close the
/// connection then.
///
/// ```
/// use sync_protocol::{DecodeError, Leave, Message, PeerId, decode, encode};
/// let message = Message::Leave(Leave { sender: PeerId::parse("alice")? });
/// assert_eq!(decode(&encode(&message)), Ok(message));
/// assert_eq!(decode(b"\xa0"), Err(DecodeError::NoType));
/// # Ok::<(), sync_protocol::IdError>(())
/// ```
pub fn decode(frame: &[u8]) -> Result<Message<'_>, DecodeError> {
    if frame.len() > FRAME_BYTES_MAX {
        return Err(DecodeError::TooLarge { bytes: frame.len() });
    }
    let map = Map::of_frame(frame)?;
    let kind = map.get("type").ok_or(DecodeError::NoType)?.text()?;
    Ok(match &*kind {
        "join" => Message::Join(join(&map)?),
        "peer" => Message::Peer(peer(&map)?),
        "error" => Message::Error(refusal(&map)?),
        "request" => Message::Request(document_sync(&map)?),
        "sync" => Message::Sync(document_sync(&map)?),
        "doc-unavailable" => Message::DocumentUnavailable(DocumentUnavailable {
            sender: sender(&map)?,
            target: target(&map)?,
            document: document(&map)?,
        }),
        "ephemeral" => Message::Ephemeral(ephemeral(&map)?),
        "remote-subscription-change" => {
            Message::RemoteSubscriptionChange(RemoteSubscriptionChange {
                sender: sender(&map)?,
                target: target(&map)?,
                add: storages(&map, "add")?,
                remove: storages(&map, "remove")?,
            })
        }
        "remote-heads-changed" => Message::RemoteHeadsChanged(RemoteHeadsChanged {
            sender: sender(&map)?,
            target: target(&map)?,
            document: document(&map)?,
            heads: remote_heads(&map)?,
        }),
        "token" => Message::Token(ShownToken {
            sender: sender(&map)?,
            token: map.require("token")?.text()?.into_owned(),
        }),
        "ping" => Message::Ping(Ping { sender: sender(&map)? }),
        "pong" => Message::Pong(Pong { sender: sender(&map)?, target: target(&map)? }),
        "leave" => Message::Leave(Leave { sender: sender(&map)? }),
        other => Message::Unknown { kind: label(other) },
    })
}

fn join(map: &Map<'_>) -> Result<Join, DecodeError> {
    let versions = match map.get("supportedProtocolVersions") {
        Some(field) => field.texts(VERSIONS_MAX)?.iter().map(|version| label(version)).collect(),
        None => vec![SmolStr::new_static(PROTOCOL_VERSION)],
    };
    Ok(Join { sender: sender(map)?, metadata: metadata(map)?, versions })
}

fn peer(map: &Map<'_>) -> Result<Peer, DecodeError> {
    Ok(Peer {
        sender: sender(map)?,
        target: target(map)?,
        metadata: metadata(map)?,
        version: label(&map.require("selectedProtocolVersion")?.text()?),
    })
}

fn refusal(map: &Map<'_>) -> Result<Refusal, DecodeError> {
    let reason = map.require("message")?.text()?;
    Ok(Refusal {
        sender: map.get("senderId").map(|field| id(field, PeerId::parse)).transpose()?,
        target: map.get("targetId").map(|field| id(field, PeerId::parse)).transpose()?,
        reason: reason.chars().take(REASON_CHARS_MAX).collect(),
    })
}

fn document_sync<'a>(map: &Map<'a>) -> Result<DocumentSync<'a>, DecodeError> {
    Ok(DocumentSync {
        sender: sender(map)?,
        target: target(map)?,
        document: document(map)?,
        data: map.require("data")?.bytes()?,
    })
}

fn ephemeral<'a>(map: &Map<'a>) -> Result<Ephemeral<'a>, DecodeError> {
    Ok(Ephemeral {
        author: sender(map)?,
        target: target(map)?,
        document: document(map)?,
        session: id(map.require("sessionId")?, SessionId::parse)?,
        count: map.require("count")?.whole_number()?,
        data: map.require("data")?.bytes()?,
    })
}

/// automerge-repo's own documentation calls the field `metadata`, its code `peerMetadata`.
fn metadata(map: &Map<'_>) -> Result<PeerMetadata, DecodeError> {
    let Some(field) = map.get("peerMetadata").or_else(|| map.get("metadata")) else {
        return Ok(PeerMetadata::default());
    };
    let map = field.map()?;
    Ok(PeerMetadata {
        storage: map.get("storageId").map(|field| id(field, StorageId::parse)).transpose()?,
        is_ephemeral: flag(&map, "isEphemeral")?,
        is_durable: flag(&map, "durable")?,
        answers_pings: flag(&map, "pings")?,
    })
}

fn flag(map: &Map<'_>, name: &'static str) -> Result<bool, DecodeError> {
    Ok(map.get(name).map(Field::bool).transpose()?.unwrap_or(false))
}

fn sender(map: &Map<'_>) -> Result<PeerId, DecodeError> {
    id(map.require("senderId")?, PeerId::parse)
}

fn target(map: &Map<'_>) -> Result<PeerId, DecodeError> {
    id(map.require("targetId")?, PeerId::parse)
}

fn document(map: &Map<'_>) -> Result<DocumentId, DecodeError> {
    let field = map.require("documentId")?;
    let document = match field.is_bytes() {
        true => DocumentId::try_from(&*field.bytes()?),
        false => DocumentId::parse(&field.text()?),
    };
    document.map_err(DecodeError::NotADocumentId)
}

fn id<T>(field: Field<'_>, parse: fn(&str) -> Result<T, IdError>) -> Result<T, DecodeError> {
    let name = field.name();
    parse(&field.text()?).map_err(|source| DecodeError::NotAnId { field: name, source })
}

fn storages(map: &Map<'_>, name: &'static str) -> Result<Vec<StorageId>, DecodeError> {
    let Some(field) = map.get(name) else {
        return Ok(Vec::new());
    };
    let not_an_id = |source| DecodeError::NotAnId { field: name, source };
    let texts = field.texts(STORAGES_MAX)?;
    texts.iter().map(|text| StorageId::parse(text).map_err(not_an_id)).collect()
}

fn remote_heads(map: &Map<'_>) -> Result<BTreeMap<StorageId, RemoteHeads>, DecodeError> {
    const FIELD: &str = "newHeads";
    let storages = map.require(FIELD)?.map()?;
    let mut heads = BTreeMap::new();
    for (storage, field) in storages.fields(FIELD) {
        let not_an_id = |source| DecodeError::NotAnId { field: FIELD, source };
        let storage = StorageId::parse(storage).map_err(not_an_id)?;
        let map = field.map()?;
        let wrong = DecodeError::WrongType { field: "heads", expected: "a list of change hashes" };
        let texts = map.require("heads")?.texts(HASHES_MAX)?;
        let parsed: Option<Vec<_>> = texts.iter().map(|text| parse_head(text)).collect();
        let timestamp_ms = map.require("timestamp")?.whole_number()?;
        heads.insert(storage, RemoteHeads { heads: parsed.ok_or(wrong)?, timestamp_ms });
    }
    Ok(heads)
}

/// A short text that is compared and shown.
fn label(text: &str) -> SmolStr {
    text.chars().take(LABEL_CHARS_MAX).collect()
}
