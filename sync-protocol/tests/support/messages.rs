//! Messages of every kind, drawn at random.
#![allow(dead_code, reason = "each test uses a part of it")]

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::borrow::Cow;
use sync_protocol::*;

pub fn peer() -> impl Strategy<Value = PeerId> {
    "\\PC{1,40}".prop_map(|text| PeerId::parse(&text).unwrap())
}

fn storage() -> impl Strategy<Value = StorageId> {
    "[a-z0-9-]{1,36}".prop_map(|text| StorageId::parse(&text).unwrap())
}

fn document() -> impl Strategy<Value = DocumentId> {
    any::<[u8; 16]>().prop_map(DocumentId::from_bytes)
}

fn metadata() -> impl Strategy<Value = PeerMetadata> {
    (proptest::option::of(storage()), any::<[bool; 3]>()).prop_map(
        |(storage, [is_ephemeral, is_durable, answers_pings])| PeerMetadata {
            storage,
            is_ephemeral,
            is_durable,
            answers_pings,
        },
    )
}

fn data() -> impl Strategy<Value = Cow<'static, [u8]>> {
    vec(any::<u8>(), 0..300).prop_map(Cow::Owned)
}

pub fn sync() -> impl Strategy<Value = DocumentSync<'static>> {
    (peer(), peer(), document(), data()).prop_map(|(sender, target, document, data)| DocumentSync {
        sender,
        target,
        document,
        data,
    })
}

fn heads() -> impl Strategy<Value = RemoteHeads> {
    (vec(any::<[u8; 32]>(), 0..4), 0..1_u64 << 53).prop_map(|(heads, timestamp_ms)| RemoteHeads {
        heads: heads.into_iter().map(ChangeHash).collect(),
        timestamp_ms,
    })
}

pub fn message() -> impl Strategy<Value = Message<'static>> {
    prop_oneof![
        peer().prop_map(|sender| Message::Ping(Ping { sender })),
        (peer(), peer()).prop_map(|(sender, target)| Message::Pong(Pong { sender, target })),
        (peer(), metadata(), vec("[0-9]{1,3}", 1..4)).prop_map(|(sender, metadata, versions)| {
            let versions = versions.iter().map(|version| version.into()).collect();
            Message::Join(Join { sender, metadata, versions })
        }),
        (peer(), peer(), metadata()).prop_map(|(sender, target, metadata)| {
            Message::Peer(Peer { sender, target, metadata, version: "1".into() })
        }),
        (proptest::option::of(peer()), proptest::option::of(peer()), "\\PC*").prop_map(
            |(sender, target, reason)| {
                let reason = reason.chars().take(REASON_CHARS_MAX).collect();
                Message::Error(Refusal { sender, target, reason })
            }
        ),
        sync().prop_map(Message::Request),
        sync().prop_map(Message::Sync),
        (peer(), peer(), document()).prop_map(|(sender, target, document)| {
            Message::DocumentUnavailable(DocumentUnavailable { sender, target, document })
        }),
        (peer(), peer(), document(), "[a-z0-9]{1,11}", 0..1_u64 << 53, data()).prop_map(
            |(author, target, document, session, count, data)| {
                let session = SessionId::parse(&session).unwrap();
                Message::Ephemeral(Ephemeral { author, target, document, session, count, data })
            }
        ),
        (peer(), peer(), vec(storage(), 0..5), vec(storage(), 0..5)).prop_map(
            |(sender, target, add, remove)| {
                let change = RemoteSubscriptionChange { sender, target, add, remove };
                Message::RemoteSubscriptionChange(change)
            }
        ),
        (peer(), peer(), document(), btree_map(storage(), heads(), 0..4)).prop_map(
            |(sender, target, document, heads)| {
                let change = RemoteHeadsChanged { sender, target, document, heads };
                Message::RemoteHeadsChanged(change)
            }
        ),
        peer().prop_map(|sender| Message::Leave(Leave { sender })),
    ]
}
