//! A disk that fails, stalls or fills up: nobody is told of what is not stored.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::{ActorId, Automerge, ChangeHash};
use common::Peer;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::Duration;
use sync_protocol::{DocumentId, Message, StorageId, SyncMessage, decode};
use sync_server::Server;
use sync_server::store::{
    Append, Beginning, Compaction, RecordWrite, Records, SetAside, SledStore, Store, StoreError,
    StoredDocument,
};
use tokio::time::timeout;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);

/// A store on a disk that does what a test wants.
struct Disk {
    store: SledStore,
    calls: AtomicUsize,
    /// The call that fails, and all after it; counted from 1.
    fails_at: usize,
    /// Whether the data of the call that fails is stored all the same.
    stores_what_fails: bool,
    gate: Mutex<Gate>,
    opened: Condvar,
    is_full: AtomicBool,
}

#[derive(Default)]
struct Gate {
    is_closed: bool,
    /// Told whenever somebody waits at the gate.
    waits: Option<mpsc::Sender<()>>,
    /// Whoever waited fails.
    is_broken: bool,
}

impl Disk {
    fn at(path: &Path) -> Self {
        Self {
            store: SledStore::open(path).unwrap(),
            calls: AtomicUsize::new(0),
            fails_at: usize::MAX,
            stores_what_fails: false,
            gate: Mutex::default(),
            opened: Condvar::new(),
            is_full: AtomicBool::new(false),
        }
    }

    fn call<T>(&self, call: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if number < self.fails_at {
            return call();
        }
        if number == self.fails_at && self.stores_what_fails {
            call()?;
        }
        Err(failed())
    }

    fn closes(&self) -> mpsc::Receiver<()> {
        let (waits, waiting) = mpsc::channel();
        *self.gate.lock().unwrap() = Gate { is_closed: true, waits: Some(waits), is_broken: false };
        waiting
    }

    fn breaks(&self) {
        *self.gate.lock().unwrap() = Gate { is_broken: true, ..Gate::default() };
        self.opened.notify_all();
    }
}

fn failed() -> StoreError {
    let source = std::io::Error::other("the disk is gone");
    StoreError::Failed { path: "data".into(), source: source.into() }
}

impl Store for Disk {
    fn id(&self) -> &StorageId {
        self.store.id()
    }
    fn is_durable(&self) -> bool {
        true
    }
    fn append(&self, appends: &[Append]) -> Result<(), StoreError> {
        let mut gate = self.gate.lock().unwrap();
        while gate.is_closed {
            gate.waits.iter().for_each(|waits| _ = waits.send(()));
            gate = self.opened.wait(gate).unwrap();
        }
        if gate.is_broken {
            return Err(failed());
        }
        drop(gate);
        self.call(|| self.store.append(appends))
    }
    fn compact(&self, compaction: &Compaction) -> Result<bool, StoreError> {
        self.call(|| self.store.compact(compaction))
    }
    fn load(&self, document: DocumentId) -> Result<Option<StoredDocument>, StoreError> {
        self.call(|| self.store.load(document))
    }
    fn beginning(&self, document: DocumentId) -> Result<Beginning, StoreError> {
        self.call(|| self.store.beginning(document))
    }
    fn set_aside(&self, aside: &SetAside) -> Result<(), StoreError> {
        self.store.set_aside(aside)
    }
    fn put_back(&self, document: DocumentId) -> Result<(), StoreError> {
        self.store.put_back(document)
    }
    fn aside(&self, document: DocumentId) -> Result<Option<SetAside>, StoreError> {
        self.store.aside(document)
    }
    fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        self.store.documents()
    }
    fn records(&self) -> Result<Records, StoreError> {
        self.store.records()
    }
    fn write_records(&self, records: &[RecordWrite]) -> Result<(), StoreError> {
        self.store.write_records(records)
    }
    fn is_low_on_space(&self, _: bool) -> bool {
        self.is_full.load(Ordering::SeqCst)
    }
}

/// A relay in threads of its own, which the power can leave.
struct Relay {
    runtime: Option<tokio::runtime::Runtime>,
    url: String,
}

impl Relay {
    async fn serves(disk: Arc<Disk>) -> Self {
        let (told, address) = tokio::sync::oneshot::channel();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.spawn(async move {
            let address = "127.0.0.1:0".parse().unwrap();
            let server =
                Server::builder().store(disk).compacting_at(2).bind(address).await.unwrap();
            told.send(server.address()).unwrap();
            // A store that fails is what the test is about.
            _ = server.run(std::future::pending()).await;
        });
        let url = format!("ws://{}/sync", address.await.unwrap());
        Self { runtime: Some(runtime), url }
    }

    async fn joins(&self, name: &str, actor: u8) -> Peer {
        let document = Automerge::new().with_actor(ActorId::from([actor; 16]));
        Peer::connect(&self.url, name, DOCUMENT, document).await
    }

    /// Nothing is drained: all tasks end where they are.
    fn loses_power(mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.runtime.take().into_iter().for_each(|runtime| runtime.shutdown_background());
    }
}

fn stored(store: &SledStore) -> BTreeSet<ChangeHash> {
    let stored = store.load(DOCUMENT).unwrap().unwrap_or_default();
    stored.entries().unwrap().iter().map(|entry| entry.hash).collect()
}

/// What a peer was told or sent is stored.
fn was_told_the_truth(peer: &Peer, store: &SledStore, context: &str) {
    let stored = stored(store);
    for head in peer.acknowledged() {
        assert!(
            stored.contains(&head),
            "{context}: {} was told of a change that is not stored",
            peer.name
        );
    }
    let own = peer.document.get_actor();
    for change in peer.document.get_changes(&[]).iter().filter(|change| change.actor_id() != own) {
        assert!(
            stored.contains(&change.hash()),
            "{context}: {} was sent a change that is not stored",
            peer.name
        );
    }
}

/// Whether something came. A relay that cannot read a document keeps the connection and says no
/// more, so once the disk has failed nobody waits for long.
async fn takes(peer: &mut Peer, disk: &Disk) -> bool {
    loop {
        match timeout(Duration::from_millis(100), peer.takes()).await {
            Ok(came) => return came,
            Err(_) if disk.calls.load(Ordering::SeqCst) >= disk.fails_at => return false,
            Err(_) => {}
        }
    }
}

/// Two people take turns, each upon the other's last change, as long as the relay answers.
async fn script(ana: &mut Peer, ben: &mut Peer, disk: &Disk, context: &str) {
    for round in 0..6 {
        ana.edits("title", &format!("{round} by ana, and some more text to fill the log"));
        ana.speaks().await;
        for (one, other) in [(0, 1), (1, 0)] {
            let both = [&mut *ana, &mut *ben];
            while both[one].acknowledged() != both[one].document.get_heads() {
                if !takes(both[one], disk).await {
                    return;
                }
                was_told_the_truth(both[one], &disk.store, context);
            }
            let expected = both[one].document.get_heads();
            while both[other].document.get_heads() != expected {
                if !takes(both[other], disk).await {
                    return;
                }
                was_told_the_truth(both[other], &disk.store, context);
            }
            if one == 0 {
                both[other].edits("title", &format!("{round} by ben"));
                both[other].speaks().await;
            }
        }
    }
}

#[tokio::test]
async fn whichever_call_to_the_store_fails_nobody_is_told_of_what_is_not_there() {
    let mut last = 0;
    for fails_at in 1.. {
        let directory = tempfile::tempdir().unwrap();
        let stores_what_fails = fails_at % 2 == 0;
        let disk = Disk { fails_at, stores_what_fails, ..Disk::at(directory.path()) };
        let disk = Arc::new(disk);
        let relay = Relay::serves(disk.clone()).await;
        let mut ana = relay.joins("ana", 1).await;
        let mut ben = relay.joins("ben", 2).await;
        let context = format!("call {fails_at}");
        script(&mut ana, &mut ben, &disk, &context).await;
        if disk.calls.load(Ordering::SeqCst) < fails_at {
            break;
        }
        // What was on its way when the relay ended arrives too.
        drop(relay);
        while ana.takes().await {}
        while ben.takes().await {}
        was_told_the_truth(&ana, &disk.store, &context);
        was_told_the_truth(&ben, &disk.store, &context);
        last = fails_at;
    }
    println!("each of {last} calls has failed once");
    assert!(last > 12, "the script calls the store more often");
}

#[tokio::test]
async fn two_who_build_on_each_other_while_the_disk_stalls_are_told_nothing_that_a_power_cut_takes()
{
    for round in 1..6 {
        let directory = tempfile::tempdir().unwrap();
        let disk = Arc::new(Disk::at(directory.path()));
        let relay = Relay::serves(disk.clone()).await;
        let mut ana = relay.joins("ana", 1).await;
        let mut ben = relay.joins("ben", 2).await;
        for number in 0..round {
            ana.edits("title", &format!("{number} of ana"));
            ana.speaks().await;
            ana.settles().await;
            while ben.document.get_heads() != ana.document.get_heads() {
                assert!(ben.takes().await);
            }
            ben.edits("title", &format!("{number} of ben"));
            ben.speaks().await;
            ben.settles().await;
            while ana.document.get_heads() != ben.document.get_heads() {
                assert!(ana.takes().await);
            }
        }
        let waits = disk.closes();
        let lost = [ana.edits("title", "lost"), ben.edits("title", "lost too")];
        ana.speaks().await;
        ben.speaks().await;
        tokio::task::spawn_blocking(move || waits.recv().unwrap()).await.unwrap();
        // Both go on while nothing reaches the disk.
        ana.edits("title", "lost again");
        ana.speaks().await;
        relay.loses_power();
        while ana.takes().await {}
        while ben.takes().await {}
        disk.breaks();
        let context = format!("after {round} rounds");
        was_told_the_truth(&ana, &disk.store, &context);
        was_told_the_truth(&ben, &disk.store, &context);
        let stored = stored(&disk.store);
        assert!(lost.iter().all(|hash| !stored.contains(hash)));
    }
}

#[tokio::test]
async fn while_the_disk_is_almost_full_all_can_read_and_nothing_is_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let disk = Arc::new(Disk::at(directory.path()));
    let relay = Relay::serves(disk.clone()).await;
    let mut ana = relay.joins("ana", 1).await;
    ana.edits("title", "Write");
    ana.speaks().await;
    ana.settles().await;
    disk.is_full.store(true, Ordering::SeqCst);
    // The relay says so by itself.
    while !is_read_only(&ana.hears().await.unwrap()) {}
    ana.edits("title", "Write on");
    ana.speaks().await;
    let mut ben = relay.joins("ben", 2).await;
    while ben.document.get_heads().is_empty() {
        assert!(ben.takes().await);
    }
    assert_eq!(ben.document.get_heads(), ben.acknowledged());
    let before = stored(&disk.store);
    assert_eq!(before.len(), 1);
    // A client that knows nothing of the flag sends its change, and is hung up on afterwards.
    let mut cleo = Peer::connect(&relay.url, "cleo", DOCUMENT, ana.document.fork()).await;
    while !cleo.acknowledged().is_empty() && cleo.acknowledged() != ben.acknowledged() {
        assert!(cleo.takes().await);
    }
    disk.is_full.store(false, Ordering::SeqCst);
    while stored(&disk.store).len() == before.len() {
        // Whoever is hung up on connects again.
        if !ana.takes().await {
            ana = Peer::connect(&relay.url, "ana", DOCUMENT, ana.document).await;
        }
    }
    ana.settles().await;
    assert_eq!(stored(&disk.store).len(), 2);
}

fn is_read_only(frame: &[u8]) -> bool {
    let Message::Sync(sync) = decode(frame).unwrap() else { return false };
    let message = SyncMessage::decode(&sync.data).unwrap();
    message.has_flags(sync_protocol::SyncFlags::READ_ONLY)
}
