//! What a store reads from its disk.

use automerge::ChangeHash;
use sync_protocol::{DocumentId, GraphBuilder, PeerId};
use sync_server::fuzzing;
use sync_server::relay::Room;
use sync_server::store::{IndexEntry, SnapshotInfo, StoredDocument, pack, unpack};

/// The first byte says what the others are. What is read is written as it was, or so that the same is
/// read again.
pub fn storage_records(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    match kind % 7 {
        0 => index(bytes),
        1 => log(bytes),
        2 => {
            if let Some(written) = fuzzing::manifest(bytes) {
                // Nothing follows the snapshots if there are none; all else is written as it was.
                assert_eq!(fuzzing::manifest(&written), Some(written.clone()));
                assert_eq!(written, bytes);
            }
        }
        3 => {
            if let Some(written) = fuzzing::writes(bytes) {
                assert_eq!(written, bytes);
            }
        }
        4 => journal(bytes),
        5 => record(bytes),
        _ => document(bytes),
    }
}

/// A length, so much of a key, and a value.
fn record(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first() else { return };
    let Some((key, value)) = rest.split_at_checked(usize::from(*length)) else { return };
    if let Some((again, Some(written))) = fuzzing::directory_record(key, value) {
        assert_eq!(again, key);
        assert_eq!(fuzzing::directory_record(key, &written), Some((again, Some(written))));
    }
}

/// An index is read as it was written if it makes a history; no room opens another.
fn index(bytes: &[u8]) {
    let Ok(entries) = unpack(bytes) else { return };
    let mut builder = GraphBuilder::new();
    for entry in &entries {
        if builder.push(entry.hash, &entry.deps, &entry.actor, entry.seq, entry.last_op()).is_err()
        {
            return;
        }
    }
    assert_eq!(unpack(&pack(&entries)), Ok(entries));
}

fn log(bytes: &[u8]) {
    let Some(changes) = fuzzing::log_value(bytes) else { return };
    assert_eq!(fuzzing::log_value(&fuzzing::to_log_value(&changes)), Some(changes));
}

/// A journal ends where the first thing stands that is not the next entry.
fn journal(bytes: &[u8]) {
    _ = fuzzing::journal(bytes);
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let entries = [fuzzing::journal_entry(7, first), fuzzing::journal_entry(8, second)];
    let [Some(one), Some(other)] = entries else { return };
    let mut whole = [one, other].concat();
    assert_eq!(fuzzing::journal(&whole), [(7, first.to_vec()), (8, second.to_vec())]);
    let at = bytes.len() % whole.len();
    whole[at] ^= 1;
    assert!(fuzzing::journal(&whole).len() < 2);
}

/// A document whose index and log are these bytes: a room opens it or says why not.
fn document(bytes: &[u8]) {
    let Some((sizes, rest)) = bytes.split_first_chunk::<3>() else { return };
    let (index, log) = rest.split_at(rest.len().min(usize::from(sizes[0]) * 4));
    let log = fuzzing::log_value(log).unwrap_or_default();
    let entries = unpack(index).unwrap_or_default();
    let changes = if sizes[1] == 255 { entries.len() } else { usize::from(sizes[1]) };
    let snapshot = (!index.is_empty()).then_some(SnapshotInfo { changes, bytes: 1 });
    let log_start = if sizes[2] == 255 { changes } else { usize::from(sizes[2]) };
    let entries: Vec<IndexEntry> =
        entries.into_iter().chain(log.iter().map(|change| change.entry.clone())).collect();
    let heads = heads(&entries);
    let stored = StoredDocument {
        index: index.to_vec(),
        snapshot,
        log_start,
        log,
        heads,
        ..Default::default()
    };
    let read = stored.entries();
    let relay = PeerId::parse("relay").expect("a name");
    let room = Room::restore(DocumentId::from_bytes([7; 16]), relay, stored);
    if let Ok(mut room) = room {
        assert_eq!(room.stored_len(), read.expect("its index is read").len());
        _ = room.build_index(None);
    }
}

/// The entries that no other builds on.
fn heads(entries: &[IndexEntry]) -> Vec<ChangeHash> {
    let is_head = |position: usize| {
        !entries.iter().any(|entry| entry.deps.iter().any(|dep| *dep as usize == position))
    };
    (0..entries.len()).filter(|at| is_head(*at)).map(|at| entries[at].hash).collect()
}
