//! Single changes, whose checksum is always right: anybody can compute it.

use crate::Start;
use crate::hostile::harm::harm;
use crate::hostile::writer::{arrive, chunk};
use automerge::{AutoCommit, Automerge, Change, ReadDoc};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write;
use sync_protocol::*;

/// Longer changes are read, applied, saved and loaded, but not written again, edited and read in every
/// way: that takes the time of a thousand others.
const OPERATIONS_USED: u64 = 300;

/// The first byte says whether the change is deflated; the others are its content.
pub fn change_chunk(data: &[u8]) {
    let Some((form, content)) = data.split_first() else { return };
    match form % 8 {
        0 => deflated(content),
        _ => change(&chunk(1, content)),
    }
}

/// A deflated change is the same change.
fn deflated(content: &[u8]) {
    let plain = chunk(1, content);
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).expect("memory");
    let body = encoder.finish().expect("memory");
    let mut bytes = plain[..8].to_vec();
    bytes.push(2);
    let mut length = body.len();
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend(body);
    let (plain, deflated) = (arrive(&plain), arrive(&bytes));
    assert_eq!(plain, deflated);
}

/// What is admitted by its bytes Automerge reads as we do and writes as it was; what is admitted to a
/// document does no harm to it.
fn change(bytes: &[u8]) {
    let Start { world, admission, .. } = Start::get();
    let Some(raw) = arrive(bytes) else { return };
    let verdict = check_change(&raw);
    let outcome = admission.clone().insert(&raw);
    if verdict.is_err() {
        assert!(outcome.is_err(), "admitted to a document, and not by itself");
        return;
    }
    let change = Change::from_bytes(raw.bytes.to_vec()).expect("Automerge reads what is admitted");
    let header = ChangeHeader {
        deps: change.deps().to_vec(),
        actor: change.actor_id().clone(),
        seq: change.seq(),
        start_op: change.start_op().get(),
        operations: change.len() as u64,
        time_seconds: change.timestamp(),
    };
    assert_eq!((raw.hash, &raw.header), (change.hash(), &header));
    if header.operations <= OPERATIONS_USED {
        let written = Change::from(change.decode());
        assert_eq!(written.hash(), raw.hash, "it is written otherwise");
    }
    if let Ok(Inserted::At(_)) = outcome {
        if header.operations <= OPERATIONS_USED {
            assert_eq!(harm(&world.changes, bytes), None);
        } else {
            survives(&world.changes, &change);
        }
    }
}

/// The document with the change is saved and loaded.
fn survives(before: &[Change], change: &Change) {
    let mut document = Automerge::new();
    document.apply_changes(before.iter().chain([change]).cloned()).expect("it is admitted");
    assert!(document.get_change_by_hash(&change.hash()).is_some());
    let mut loaded = AutoCommit::load(&document.save()).expect("what was saved is loaded");
    assert_eq!(loaded.get_heads(), document.get_heads());
}
