//! A document whose newest snapshot is damaged is made from what the snapshot was made from: the one
//! before, or none, and the changes from there.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::{ActorId, Automerge, ChangeHash};
use common::{Peer, Relay, grown, run};
use std::path::Path;
use sync_protocol::DocumentId;
use sync_server::compaction::{CompactError, compaction_of, load, snapshot_of};
use sync_server::store::{SledStore, Store, StoreError};
use sync_server::verify::verify;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);

/// A document in a directory, and what it should be.
struct Kept {
    directory: tempfile::TempDir,
    document: Automerge,
}

impl Kept {
    /// With so many snapshots, 20 changes each, and 3 changes behind the last.
    fn with_snapshots(snapshots: usize) -> Self {
        let document = Automerge::new().with_actor(ActorId::from([1; 16]));
        let mut kept = Self { directory: tempfile::tempdir().unwrap(), document };
        for _ in 0..snapshots {
            kept.grows(20);
            assert!(kept.compacts());
        }
        kept.grows(3);
        kept
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn store(&self) -> SledStore {
        let opened = std::iter::repeat_with(|| SledStore::open(self.path()));
        // sled's own threads let go of the lock a moment after the last store was dropped.
        let mut opened = opened.filter(|opened| !matches!(opened, Err(StoreError::InUse { .. })));
        opened.next().unwrap().unwrap()
    }

    fn grows(&mut self, count: usize) {
        let append = grown(&mut self.document, DOCUMENT, count);
        self.store().append(&[append]).unwrap();
    }

    fn compacts(&self) -> bool {
        let store = self.store();
        let compaction = compaction_of(&store, DOCUMENT).unwrap();
        compaction.is_some_and(|compaction| store.compact(&compaction).unwrap())
    }

    /// Changes a byte in the last value of a kind: `s` is snapshots, `p` changes.
    fn damages_last(&self, kind: u8) {
        self.damages(kind, |values| values.pop());
    }

    /// Changes a byte in the first value of a kind.
    fn damages_first(&self, kind: u8) {
        self.damages(kind, |values| Some(values.remove(0)));
    }

    fn damages(
        &self,
        kind: u8,
        which: impl Fn(&mut Vec<(sled::IVec, sled::IVec)>) -> Option<(sled::IVec, sled::IVec)>,
    ) {
        drop(self.store());
        let config = sled::Config::default().path(self.path()).segment_size(16 * 1024 * 1024);
        let database = std::iter::repeat_with(|| config.open()).find_map(Result::ok).unwrap();
        let tree = database.open_tree("documents").unwrap();
        let prefix = [&DOCUMENT.as_bytes()[..], &[kind]].concat();
        let mut values = tree.scan_prefix(prefix).map(|entry| entry.unwrap()).collect();
        let (key, value) = which(&mut values).unwrap();
        let mut value = value.to_vec();
        value[20] ^= 1;
        tree.insert(key, value).unwrap();
    }

    /// What the store has of it, put together as a room is: from the index and the tail, and what
    /// comes before.
    fn whole(&self) -> Vec<ChangeHash> {
        let store = self.store();
        let stored = store.load(DOCUMENT).unwrap().unwrap();
        let beginning = store.beginning(DOCUMENT).unwrap();
        assert_eq!(beginning.end(), stored.log_start, "there is no gap");
        let tail = stored.log.iter().flat_map(|change| change.bytes.to_vec());
        let bytes: Vec<u8> = beginning.bytes().into_iter().chain(tail).collect();
        load(&bytes).unwrap().get_heads()
    }

    fn verified(&self) -> Result<usize, String> {
        verify(&self.store(), DOCUMENT)
    }
}

#[test]
fn a_document_that_was_compacted_once_opens_from_its_snapshot_and_tail() {
    let kept = Kept::with_snapshots(1);
    let stored = kept.store().load(DOCUMENT).unwrap().unwrap();
    assert_eq!((stored.log_start, stored.log.len()), (20, 3));
    assert_eq!(stored.snapshot.unwrap().changes, 20);
    assert_eq!(kept.verified(), Ok(23));
}

#[tokio::test]
async fn without_its_newest_snapshot_a_document_is_served_whole_to_new_clients_and_old() {
    for snapshots in [1, 2] {
        let kept = Kept::with_snapshots(snapshots);
        kept.damages_last(b's');
        let relay = Relay::start(kept.path());
        let expected = kept.document.get_heads();
        let mut old = Peer::of_old(&relay.url(), "old", DOCUMENT, Automerge::new()).await;
        old.settles().await;
        assert_eq!(old.document.get_heads(), expected, "{snapshots}");
        let own = Automerge::new().with_actor(ActorId::from([2; 16]));
        let mut new = Peer::connect(&relay.url(), "new", DOCUMENT, own).await;
        new.settles().await;
        assert_eq!(new.document.get_heads(), expected, "{snapshots}");
        // And it takes changes, which it checks against the whole history.
        let change = new.edits("key", "after the damage");
        new.speaks().await;
        new.settles().await;
        while old.document.get_heads() != [change] {
            assert!(old.takes().await);
        }
        drop(relay);
        let (succeeded, _, said) = run(&["verify", "--data", kept.path().to_str().unwrap()]);
        assert!(!succeeded && said.contains(&format!("document {DOCUMENT} is damaged")), "{said}");
    }
}

#[test]
fn a_snapshot_made_in_place_of_a_damaged_one_holds_the_same_changes() {
    for snapshots in [1, 2] {
        let kept = Kept::with_snapshots(snapshots);
        let whole = snapshot_of(&kept.store(), DOCUMENT).unwrap().unwrap();
        kept.damages_last(b's');
        let made = snapshot_of(&kept.store(), DOCUMENT).unwrap().unwrap();
        assert_eq!(made.changes, whole.changes);
        let heads = |bytes: &[u8]| load(bytes).unwrap().get_heads();
        assert_eq!(heads(&made.bytes), heads(&whole.bytes));
    }
}

#[test]
fn the_next_compaction_replaces_a_damaged_snapshot_and_keeps_what_both_were_made_from() {
    for snapshots in [1, 2] {
        let mut kept = Kept::with_snapshots(snapshots);
        kept.damages_last(b's');
        assert!(kept.verified().unwrap_err().contains("is damaged"));
        assert!(kept.compacts());
        assert_eq!(kept.verified(), Ok(20 * snapshots + 3), "it has healed");
        kept.grows(2);
        // If the new one is damaged too, everything that it was made from is there.
        kept.damages_last(b's');
        assert_eq!(kept.whole(), kept.document.get_heads(), "{snapshots}");
        assert!(kept.verified().unwrap_err().contains("is damaged"));
    }
}

#[test]
fn a_document_with_nothing_new_and_a_damaged_snapshot_stays_as_it_is() {
    let kept = Kept::with_snapshots(1);
    assert!(kept.compacts());
    kept.damages_last(b's');
    assert!(!kept.compacts());
    assert_eq!(kept.whole(), kept.document.get_heads());
}

#[test]
fn a_document_with_two_damaged_snapshots_is_not_compacted() {
    let kept = Kept::with_snapshots(2);
    kept.damages_first(b's');
    assert_eq!(kept.whole(), kept.document.get_heads());
    assert!(kept.verified().unwrap_err().contains("is damaged"));
    kept.damages_last(b's');
    let store = kept.store();
    let refused = compaction_of(&store, DOCUMENT);
    let is_damaged = |error: &CompactError| {
        matches!(error, CompactError::Store(StoreError::DamagedDocument { .. }))
    };
    assert!(refused.as_ref().is_err_and(is_damaged), "{refused:?}");
    assert!(matches!(store.beginning(DOCUMENT), Err(StoreError::DamagedDocument { .. })));
}

#[test]
fn a_damaged_change_that_a_snapshot_replaced_is_named_and_harms_nobody() {
    for snapshots in [1, 2] {
        let kept = Kept::with_snapshots(snapshots);
        kept.damages_first(b'p');
        assert!(kept.verified().unwrap_err().contains("a change is damaged"));
        assert_eq!(kept.whole(), kept.document.get_heads());
        assert!(kept.compacts());
        assert_eq!(kept.verified(), Ok(20 * snapshots + 3), "it is needed no longer");
    }
}
