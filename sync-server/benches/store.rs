//! What opening a document costs, what its index takes, and how many commits a disk makes. Prints a
//! table; `cargo bench -p kanban-sync-server`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "a benchmark")]

use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ChangeHash, ObjType, ROOT};
use std::sync::Arc;
use std::time::{Duration, Instant};
use sync_protocol::{ChangeGraph, DocumentId, PeerId, chunks};
use sync_server::compaction::compaction_of;
use sync_server::relay::Room;
use sync_server::store::{Append, IndexEntry, SledStore, Store, StoredChange};

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const WRITERS: u8 = 64;
const SECONDS: u64 = 10;

/// Eight people who add cards and move them, 50 changes each at a time.
fn history(changes: usize) -> (Vec<StoredChange>, Vec<ChangeHash>) {
    let mut document = Automerge::new();
    let mut cards = Vec::new();
    for change in 0..changes {
        if change % 50 == 0 {
            document.set_actor(ActorId::from([(change / 50 % 8) as u8 + 1; 16]));
        }
        let mut transaction = document.transaction();
        let place = format!("column-{}|{change:x}", change % 7);
        if change % 5 == 0 {
            let key = format!("card-{change}");
            let card = transaction.put_object(ROOT, key, ObjType::Map).unwrap();
            transaction.put(&card, "title", format!("Card number {change}")).unwrap();
            transaction.put(&card, "pos", place).unwrap();
            cards.push(card);
        } else {
            transaction.put(&cards[(change * 7919) % cards.len()], "pos", place).unwrap();
        }
        transaction.commit();
    }
    let mut graph = ChangeGraph::new();
    let stored = document.get_changes(&[]).into_iter().map(|change| {
        let raw =
            chunks(change.raw_bytes()).next().unwrap().unwrap().change().unwrap().into_owned();
        let entry = IndexEntry::of(&raw, &graph).unwrap();
        graph.insert(raw.hash, &raw.header).unwrap();
        StoredChange { entry, bytes: raw.bytes.into() }
    });
    (stored.collect(), document.get_heads())
}

fn open_time(store: &SledStore, heads: &[ChangeHash]) -> Duration {
    let open = || {
        let start = Instant::now();
        let stored = store.load(DOCUMENT).unwrap().unwrap();
        let room = Room::restore(DOCUMENT, PeerId::parse("relay").unwrap(), stored).unwrap();
        let took = start.elapsed();
        assert_eq!(room.heads(), heads);
        took
    };
    let mut times: Vec<Duration> = (0..9).map(|_| open()).collect();
    times.sort();
    times[times.len() / 2]
}

fn open_documents() {
    for changes in [10_000, 100_000] {
        let directory = tempfile::tempdir().unwrap();
        let (history, heads) = history(changes);
        let raw: usize = history.iter().map(|change| change.bytes.len()).sum();
        let store = SledStore::open(directory.path()).unwrap();
        for part in history.chunks(1000) {
            let (changes, heads) = (part.to_vec(), heads.clone());
            store.append(&[Append { document: DOCUMENT, changes, heads }]).unwrap();
        }
        drop(store);
        let store = SledStore::open(directory.path()).unwrap();
        let before = open_time(&store, &heads);
        let start = Instant::now();
        let compaction = compaction_of(&store, DOCUMENT).unwrap().unwrap();
        let made = start.elapsed();
        let start = Instant::now();
        assert!(store.compact(&compaction).unwrap());
        let stored = start.elapsed();
        let (snapshot, index) = (compaction.snapshot.len(), compaction.index.len());
        // The log is kept for one more generation, and must cost nothing.
        let kept = open_time(&store, &heads);
        let mut document = sync_server::compaction::load(&compaction.snapshot).unwrap();
        document.set_actor(ActorId::from([9; 16]));
        let mut transaction = document.transaction();
        transaction.put(ROOT, "one", "more").unwrap();
        transaction.commit();
        let more = document.get_last_local_change().unwrap();
        let raw_more = chunks(more.raw_bytes()).next().unwrap().unwrap().change().unwrap();
        let mut graph = ChangeGraph::new();
        for change in &history {
            let change = chunks(&change.bytes).next().unwrap().unwrap().change().unwrap();
            graph.insert(change.hash, &change.header).unwrap();
        }
        let entry = IndexEntry::of(&raw_more, &graph).unwrap();
        let change = StoredChange { entry, bytes: more.raw_bytes().into() };
        let heads = document.get_heads();
        let append = Append { document: DOCUMENT, changes: vec![change], heads: heads.clone() };
        store.append(&[append]).unwrap();
        let compaction = compaction_of(&store, DOCUMENT).unwrap().unwrap();
        assert!(store.compact(&compaction).unwrap());
        let after = open_time(&store, &heads);
        println!("{changes} changes, {raw} bytes raw, {snapshot} as a snapshot");
        println!("  open: {before:.1?} from the log, {kept:.1?} compacted once, {after:.1?} twice");
        println!("  compact: {made:.1?} to make and check, {stored:.1?} to store");
        let entries: usize = history.iter().map(|change| change.entry.stored_len()).sum();
        let per = |bytes: usize| bytes as f64 / changes as f64;
        println!(
            "  index: {:.1} bytes a change in the log, {:.1} packed",
            per(entries),
            per(index)
        );
    }
}

/// As the relay does it: many rooms hand in what they have, one thread commits it together.
fn commits() {
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path()).unwrap();
    type Job = (Append, tokio::sync::oneshot::Sender<()>);
    let (jobs, mut incoming) = tokio::sync::mpsc::channel::<Job>(1024);
    std::thread::spawn(move || {
        let mut batch = Vec::new();
        while incoming.blocking_recv_many(&mut batch, 1024) > 0 {
            let (appends, done): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
            store.append(&appends).unwrap();
            done.into_iter().for_each(|done| _ = done.send(()));
        }
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let count = runtime.block_on(async {
        let end = Instant::now() + Duration::from_secs(SECONDS);
        let write = |writer: u8| {
            let jobs = jobs.clone();
            tokio::spawn(async move {
                let mut count: u64 = 0;
                while Instant::now() < end {
                    let (done, stored) = tokio::sync::oneshot::channel();
                    jobs.send((commit(writer, count), done)).await.unwrap();
                    stored.await.unwrap();
                    count += 1;
                }
                count
            })
        };
        let tasks: Vec<_> = (0..WRITERS).map(write).collect();
        let mut total = 0;
        for task in tasks {
            total += task.await.unwrap();
        }
        total
    });
    println!("{WRITERS} writers: {} durable commits/s", count / SECONDS);
}

fn commit(writer: u8, count: u64) -> Append {
    let bytes: Vec<u8> = (0..200).map(|n| (n * (count + 1)) as u8).collect();
    let (hash, actor) = (ChangeHash([writer; 32]), ActorId::from([writer; 16]));
    let (deps, seq, start_op) = (vec![count as u32], count + 1, count + 1);
    let entry = IndexEntry { hash, deps, actor, seq, start_op, operations: 1 };
    let changes = vec![StoredChange { entry, bytes: Arc::from(bytes) }];
    Append { document: DocumentId::from_bytes([writer; 16]), changes, heads: vec![hash] }
}

fn main() {
    open_documents();
    commits();
}
