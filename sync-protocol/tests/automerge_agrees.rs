//! Sync messages and chunks mean to us what they mean to Automerge, and hostile ones mean nothing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use automerge::sync::{self, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, Change, ObjType, ROOT};
use proptest::prelude::*;
use sync_protocol::*;

/// Who edits next, and how many keys; then whether the two exchange messages.
type Script = Vec<(bool, u8, bool)>;

fn scripts() -> impl Strategy<Value = Script> {
    proptest::collection::vec((any::<bool>(), 0..4_u8, any::<bool>()), 1..25)
}

fn document(actor: u8) -> Automerge {
    Automerge::new().with_actor(ActorId::from([actor; 16]))
}

/// Records one change of some operations.
fn edit(document: &mut Automerge, keys: u8) {
    let mut transaction = document.transaction();
    for key in 0..=keys {
        transaction.put(ROOT, format!("key {key}"), "some text that takes some bytes").unwrap();
    }
    let list = transaction.put_object(ROOT, "list", ObjType::List).unwrap();
    transaction.insert(&list, 0, i64::from(keys)).unwrap();
    transaction.commit();
}

/// All the messages that two documents exchange over a script.
fn conversation(script: &Script) -> Vec<Vec<u8>> {
    let mut documents = [document(1), document(2)];
    let mut states = [sync::State::new(), sync::State::new()];
    let mut messages = Vec::new();
    for (second, keys, exchange) in script {
        edit(&mut documents[usize::from(*second)], *keys);
        let mut quiet = !exchange;
        while !quiet {
            quiet = true;
            for from in [0, 1] {
                let message = documents[from].generate_sync_message(&mut states[from]);
                if let Some(message) = message {
                    quiet = false;
                    messages.push(message.clone().encode());
                    let to = 1 - from;
                    documents[to].receive_sync_message(&mut states[to], message).unwrap();
                }
            }
        }
    }
    messages
}

/// All chunks of a message.
fn chunks_of<'a>(message: &'a SyncMessage<'_>) -> Vec<Chunk<'a>> {
    message.changes.iter().flat_map(|part| chunks(part)).map(Result::unwrap).collect()
}

fn check_change(raw: &RawChange<'_>, change: &Change) {
    assert_eq!(raw.hash, change.hash());
    assert_eq!(*raw.bytes, *change.raw_bytes());
    let header = ChangeHeader {
        deps: change.deps().to_vec(),
        actor: change.actor_id().clone(),
        seq: change.seq(),
        start_op: change.start_op().get(),
        operations: change.len() as u64,
        time_seconds: change.timestamp(),
    };
    assert_eq!(raw.header, header);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_message_of_a_conversation_is_read_as_automerge_reads_it(script in scripts()) {
        for bytes in conversation(&script) {
            let ours = SyncMessage::decode(&bytes).unwrap();
            let theirs = sync::Message::decode(&bytes).unwrap();
            prop_assert_eq!(&ours.heads, &theirs.heads);
            prop_assert_eq!(&ours.need, &theirs.need);
            prop_assert_eq!(ours.have.len(), theirs.have.len());
            for (ours, theirs) in ours.have.iter().zip(&theirs.have) {
                prop_assert_eq!(&ours.last_sync, &theirs.last_sync);
                prop_assert_eq!(ours.since.is_empty(), theirs.bloom.to_bytes().is_empty());
            }
            prop_assert!(ours.changes.iter().map(|part| &**part).eq(theirs.changes.iter()));
            prop_assert_eq!(ours.format == SyncFormat::Blob, theirs.version == sync::MessageVersion::V2);
            prop_assert_eq!(ours.sender_reads_blobs(), theirs.flags.is_some());
            prop_assert_eq!(ours.encode(), bytes);
        }
    }

    #[test]
    fn every_change_of_a_conversation_is_read_as_automerge_reads_it(script in scripts()) {
        for bytes in conversation(&script) {
            let message = SyncMessage::decode(&bytes).unwrap();
            for chunk in chunks_of(&message) {
                if chunk.kind() == ChunkKind::Document {
                    for change in chunk.document_changes().unwrap() {
                        let chunk = chunks(change.raw_bytes()).next().unwrap().unwrap();
                        check_change(&chunk.change().unwrap(), &change);
                    }
                } else {
                    let change = Change::from_bytes(chunk.bytes().to_vec()).unwrap();
                    check_change(&chunk.change().unwrap(), &change);
                }
            }
        }
    }

    #[test]
    fn a_message_cut_anywhere_is_refused_or_lacks_only_its_flags(
        script in scripts(),
        cut: prop::sample::Index,
    ) {
        for bytes in conversation(&script) {
            let length = cut.index(bytes.len());
            match SyncMessage::decode(&bytes[..length]) {
                Ok(message) => prop_assert_eq!((length, message.flags), (bytes.len() - 3, None)),
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }

    #[test]
    fn damaged_messages_never_panic(
        script in scripts(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        for mut bytes in conversation(&script) {
            for (index, byte) in &damage {
                let index = index.index(bytes.len());
                bytes[index] = *byte;
            }
            let Ok(message) = SyncMessage::decode(&bytes) else { continue };
            let again = message.encode();
            prop_assert_eq!(SyncMessage::decode(&again), Ok(message.clone()));
            for chunk in message.changes.iter().flat_map(|part| chunks(part)) {
                let _ = chunk.map(|chunk| chunk.change().map(|change| change.hash));
            }
        }
    }

    #[test]
    fn bytes_that_are_no_message_never_panic(bytes: Vec<u8>, first in 0x42..0x44_u8) {
        let _ = SyncMessage::decode(&bytes);
        let _ = SyncMessage::decode(&[&[first], &bytes[..]].concat());
        for chunk in chunks(&bytes) {
            let _ = chunk.map(|chunk| chunk.change().map(|change| change.hash));
        }
    }
}

#[test]
fn two_documents_in_sync_exchange_the_canonical_acknowledgement() {
    let mut documents = [document(1), document(2)];
    edit(&mut documents[0], 3);
    let mut states = [sync::State::new(), sync::State::new()];
    let mut last = Vec::new();
    for turn in 0..8 {
        let (from, to) = (turn % 2, 1 - turn % 2);
        if let Some(message) = documents[from].generate_sync_message(&mut states[from]) {
            last = message.clone().encode();
            documents[to].receive_sync_message(&mut states[to], message).unwrap();
        }
    }
    assert_eq!(last, acknowledgement(&documents[1].get_heads()));
    assert_eq!(last.len(), 74);
}

#[test]
fn a_large_change_travels_deflated_and_keeps_its_hash() {
    let mut document = document(1);
    let mut transaction = document.transaction();
    transaction.put(ROOT, "text", "many words ".repeat(10_000)).unwrap();
    transaction.commit();
    let mut change = document.get_last_local_change().unwrap();
    let deflated = change.bytes().into_owned();
    let chunk = chunks(&deflated).next().unwrap().unwrap();
    assert_eq!(chunk.kind(), ChunkKind::DeflatedChange);
    assert_eq!(chunk.bytes().len(), deflated.len());
    check_change(&chunk.change().unwrap(), &change);
}

#[test]
fn a_small_change_that_inflates_without_end_is_refused() {
    let mut document = document(1);
    let mut transaction = document.transaction();
    transaction.put(ROOT, "text", "x".repeat(8 * 1024 * 1024)).unwrap();
    transaction.commit();
    let mut change = document.get_last_local_change().unwrap();
    let bomb = change.bytes().into_owned();
    assert!(bomb.len() < 32 * 1024);
    let error = chunks(&bomb).next().unwrap().unwrap().change().unwrap_err();
    assert!(matches!(error, ChunkError::TooLarge { .. }), "{error}");
    let error = chunks(change.raw_bytes()).next().unwrap().unwrap().change().unwrap_err();
    assert!(matches!(error, ChunkError::TooLarge { .. }), "{error}");
}

#[test]
fn a_document_and_the_changes_after_it_are_split() {
    let mut document = document(1);
    edit(&mut document, 1);
    let mut bytes = document.save();
    let saved = bytes.len();
    edit(&mut document, 2);
    let change = document.get_last_local_change().unwrap();
    bytes.extend_from_slice(change.raw_bytes());
    let parts: Vec<Chunk<'_>> = chunks(&bytes).map(Result::unwrap).collect();
    let kinds: Vec<ChunkKind> = parts.iter().map(Chunk::kind).collect();
    assert_eq!(kinds, [ChunkKind::Document, ChunkKind::Change]);
    assert_eq!(parts[0].bytes().len(), saved);
    assert_eq!(parts[0].document_changes().unwrap().len(), 1);
    assert!(matches!(parts[0].change(), Err(ChunkError::OtherKind { .. })));
    assert!(matches!(parts[1].document_changes(), Err(ChunkError::OtherKind { .. })));
}

#[test]
fn a_document_without_changes_expands_to_none() {
    let bytes = document(1).save();
    assert!(chunks(&bytes).next().unwrap().unwrap().document_changes().unwrap().is_empty());
    assert_eq!(chunks(&[]).count(), 0);
}

#[test]
fn damaged_chunks_are_refused_and_nothing_follows_them() {
    let mut document = document(1);
    edit(&mut document, 1);
    let change = document.get_last_local_change().unwrap().raw_bytes().to_vec();
    let refused = |bytes: &[u8]| {
        let mut iterator = chunks(bytes);
        let result = iterator.next().unwrap();
        let error = result.and_then(|chunk| match chunk.kind() {
            ChunkKind::Document => chunk.document_changes().map(|_| ()),
            _ => chunk.change().map(|_| ()),
        });
        error.unwrap_err()
    };
    for length in 1..change.len() {
        let error = refused(&change[..length]);
        assert!(
            matches!(error, ChunkError::NotAChunk { .. } | ChunkError::Damaged { .. }),
            "{length}: {error}"
        );
    }
    for damaged in 4..change.len() {
        let mut bytes = change.clone();
        bytes[damaged] ^= 0x40;
        refused(&bytes);
    }
    let of_kind = |kind: u8| {
        let mut bytes = change.clone();
        bytes[8] = kind;
        refused(&bytes)
    };
    assert!(matches!(of_kind(0), ChunkError::WrongChecksum));
    assert!(matches!(of_kind(2), ChunkError::Inflate(_)));
    assert!(matches!(of_kind(3), ChunkError::Bundle));
    assert!(matches!(of_kind(4), ChunkError::UnknownKind { kind: 4 }));
    let mut both = change.clone();
    both[0] = 0;
    both.extend(&change);
    assert_eq!(chunks(&both).count(), 1);
    assert_eq!(refused(&both).to_string(), "a chunk starts with 85 6f 4a 83, not 00 6f 4a 83");
}

#[test]
fn bytes_hidden_behind_a_deflated_stream_are_refused() {
    let mut document = document(1);
    let mut transaction = document.transaction();
    transaction.put(ROOT, "text", "word ".repeat(100)).unwrap();
    transaction.commit();
    let deflated = document.get_last_local_change().unwrap().bytes().into_owned();
    let length = deflated.len() - 10;
    assert_eq!(usize::from(deflated[9]), length, "the length takes one byte");
    let mut hiding = deflated.clone();
    hiding[9] += 1;
    hiding.push(0);
    let error = chunks(&hiding).next().unwrap().unwrap().change().unwrap_err();
    assert!(matches!(error, ChunkError::Inflate(_)), "{error}");
}

#[test]
fn the_sync_messages_that_crash_automerge_are_refused() {
    // 15 bytes with a huge number of probes: Automerge aborts. 10 with no bits: division by zero.
    let probes = [0x42, 0, 0, 1, 0, 8, 1, 10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0];
    assert!(SyncMessage::decode(&probes).is_err());
    let no_bits = [0x42, 0, 0, 1, 0, 3, 1, 0, 7, 0];
    assert!(SyncMessage::decode(&no_bits).is_err());
    for count in [HASHES_MAX + 1, usize::MAX >> 1] {
        let mut bytes = vec![0x42];
        let mut rest = count;
        while rest >= 0x80 {
            bytes.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        bytes.push(rest as u8);
        let error = SyncMessage::decode(&bytes).unwrap_err();
        assert_eq!(error.to_string(), "the heads of a sync message cannot be read");
    }
    let error = SyncMessage::decode(&[0x41]).unwrap_err();
    assert_eq!(error.to_string(), "a sync message starts with 42 or 43, not 41");
}

#[test]
fn unsorted_and_repeated_heads_are_put_in_order() {
    let mut bytes = vec![0x42, 3];
    bytes.extend([[9; 32], [1; 32], [9; 32]].concat());
    bytes.extend([0, 0, 0]);
    let message = SyncMessage::decode(&bytes).unwrap();
    assert_eq!(message.heads, [ChangeHash([1; 32]), ChangeHash([9; 32])]);
    assert_eq!(message.flags, None);
}

#[test]
fn flags_of_older_versions_are_read_as_no_flags_but_blobs() {
    let message = SyncMessage::decode(&[0x42, 0, 0, 0, 0, 1, 0x02]).unwrap();
    assert!(message.sender_reads_blobs());
    assert_eq!(message.flags, Some(SyncFlags::default()));
    let message = SyncMessage::decode(&[0x42, 0, 0, 0, 0, 2, 0x02, 0x83]).unwrap();
    assert!(message.has_flags(SyncFlags::SYNC_RESET.with(SyncFlags::READ_ONLY)));
    assert!(!message.has_flags(SyncFlags::SUPPORTS_SYNC_RESET));
}
