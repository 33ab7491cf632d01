//! Whole documents, whose checksum is always right.

use crate::hostile::harm::harm;
use crate::hostile::writer::{arrive, chunk};
use crate::{Start, catching};
use automerge::Change;
use std::time::Duration;
use sync_protocol::*;

/// Longer ones are expanded and admitted, and not used.
const OPERATIONS_USED: u64 = 300;

/// The bytes are the content of a document chunk. Its changes are admitted one by one, to no document
/// and to one that is there, and those that are do no harm.
pub fn document_chunk(data: &[u8]) {
    let bytes = chunk(0, data);
    let Some(Ok(chunk)) = chunks(&bytes).next() else { return };
    // Automerge may panic here; that it is caught, and within limits, is the promise.
    let Ok(changes) = catching(|| chunk.document_changes()) else { return };
    let changes: Vec<RawChange<'static>> =
        changes.iter().filter_map(|change| arrive(change.raw_bytes())).collect();
    do_no_harm(Vec::new(), Admission::new(), changes.clone());
    let Start { world, admission, .. } = Start::get();
    do_no_harm(world.changes.clone(), admission.clone(), changes);
}

fn do_no_harm(mut before: Vec<Change>, mut admission: Admission, changes: Vec<RawChange<'static>>) {
    let added = Pen::new().add(&mut admission, changes, Duration::ZERO).changes;
    let operations: u64 = added.iter().map(|change| change.header.operations).sum();
    let Some((last, others)) = added.split_last() else { return };
    if operations > OPERATIONS_USED {
        return;
    }
    let read = |change: &RawChange<'_>| {
        Change::from_bytes(change.bytes.to_vec()).expect("Automerge reads what is admitted")
    };
    before.extend(others.iter().map(read));
    assert_eq!(harm(&before, &last.bytes), None);
}
