//! What documents cost that are stored and that nobody has open.

use crate::Outcome;
use crate::server::{Kind, Running};
use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ROOT};
use std::path::Path;
use std::time::Instant;
use sync_protocol::{ChangeGraph, DocumentId, chunks};
use sync_server::store::{Append, IndexEntry, SledStore, Store, StoredChange};

const AT_ONCE: usize = 1000;
const TITLE: &str = "A card of a board that nobody has open";

/// What was measured.
pub struct Stored {
    pub start_ms: f64,
    pub rss_mb: f64,
    pub disk_mb: f64,
}

/// Starts the relay where so many documents of ten changes are stored.
pub fn run(documents: usize, directory: &Path) -> Outcome<Stored> {
    let data = tempfile::tempdir_in(directory)?;
    fill(documents, data.path())?;
    let start = Instant::now();
    let server = Running::start(Kind::Ours, Some(data.path()))?;
    let start_ms = start.elapsed().as_secs_f64() * 1000.0;
    let rss_mb = server.rss_kb()? / 1024.0;
    let disk = std::fs::metadata(data.path().join("db"))?.len();
    Ok(Stored { start_ms, rss_mb, disk_mb: disk as f64 / 1_048_576.0 })
}

fn fill(documents: usize, data: &Path) -> Outcome<()> {
    let mut document = Automerge::new().with_actor(ActorId::from([1; 16]));
    for number in 0..10 {
        let put = document.transact::<_, _, automerge::AutomergeError>(|transaction| {
            transaction.put(ROOT, format!("card {number}"), TITLE)
        });
        put.map_err(|failure| failure.error)?;
    }
    let (changes, heads) = (stored(&document)?, document.get_heads());
    let store = SledStore::open(data)?;
    let numbers: Vec<u128> = (0..documents as u128).collect();
    for numbers in numbers.chunks(AT_ONCE) {
        let appends: Vec<Append> = numbers
            .iter()
            .map(|number| Append {
                // Far from each other, as ids drawn at random are.
                document: DocumentId::from_bytes(
                    number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes(),
                ),
                changes: changes.clone(),
                heads: heads.clone(),
            })
            .collect();
        store.append(&appends)?;
    }
    Ok(())
}

fn stored(document: &Automerge) -> Outcome<Vec<StoredChange>> {
    let mut graph = ChangeGraph::new();
    let mut stored = Vec::new();
    for change in document.get_changes(&[]) {
        let chunk = chunks(change.raw_bytes()).next().ok_or("a change is no chunk")??;
        let raw = chunk.change()?;
        let entry = IndexEntry::of(&raw, &graph).ok_or("a change comes too early")?;
        graph.insert(raw.hash, &raw.header)?;
        stored.push(StoredChange { entry, bytes: raw.bytes.into() });
    }
    Ok(stored)
}
