//! SIGKILL at random moments while eight people write: whatever its author saw acknowledged is
//! there afterwards.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use common::Relay;
use kanban_client::{BoardClient, LiveBoard, entropy, options};
use kanban_core::{ActorId, Board, BoardId, CardId, ColumnId, Command, Replica, Slot, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::client::Resume;
use sync_protocol::{ChangeHash, DocumentId};
use sync_server::store::{SledStore, Store};
use sync_server::verify::verify;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

const WRITERS: u8 = 8;
/// `KANBAN_KILLS` sets another number for a campaign.
const KILLS: usize = 25;
const PATIENCE: Duration = Duration::from_secs(120);

/// Changes that their author saw acknowledged.
type Acknowledged = Arc<std::sync::Mutex<BTreeSet<ChangeHash>>>;

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_700_000_000)
}

fn document(number: u8) -> DocumentId {
    DocumentId::from_bytes([number; 16])
}

/// A column of one's own on one of two boards: four people write to each.
fn board(number: u8) -> Board {
    let replica = Replica::new(ActorId::from([100 + number; 16]));
    let mut board = Board::create(replica, BoardId::parse("board").unwrap(), "Board", now());
    for writer in 0..WRITERS {
        let (column, name) = (column(writer), format!("Column {writer}"));
        board.apply(&Command::CreateColumn { column, name, at: Slot::Last }, now()).unwrap();
    }
    board
}

fn column(writer: u8) -> ColumnId {
    ColumnId::parse(&format!("column-{writer}")).unwrap()
}

/// Adds cards until told to stop, and notes which changes the relay has acknowledged.
async fn write(writer: u8, url: String, noted: Acknowledged, stop: watch::Receiver<bool>) -> Board {
    let number = writer % 2;
    let mut copy = board(number);
    copy = copy.fork(Replica::new(ActorId::from([writer + 1; 16])));
    let client = BoardClient::with_board(document(number), copy, options(), Resume::default());
    let live = LiveBoard::connect(&url, client, None).unwrap();
    let mut written = Vec::new();
    for count in 0.. {
        if *stop.borrow() {
            break;
        }
        let card = CardId::parse(&format!("card-{writer}-{count}")).unwrap();
        let title = format!("Card {count} of {writer}");
        let applied = live
            .apply(Command::CreateCard {
                card,
                column: column(writer),
                at: Slot::Last,
                title,
                description: String::new(),
            })
            .await
            .unwrap();
        written.push(applied.change.unwrap());
        // One at a time while the relay keeps up; on through its absence.
        if timeout(Duration::from_millis(20), live.saved()).await.is_ok() {
            noted.lock().unwrap().extend(written.drain(..));
        }
        _ = live.reconnect().await;
    }
    timeout(PATIENCE, live.saved())
        .await
        .unwrap_or_else(|_| panic!("{writer} is not saved"))
        .unwrap();
    noted.lock().unwrap().extend(written);
    live.with_board(|board| board.unwrap().clone()).await.unwrap()
}

fn stored(data: &std::path::Path) -> BTreeSet<ChangeHash> {
    let store = SledStore::open(data).unwrap();
    let documents = [0, 1].into_iter().filter_map(|number| store.load(document(number)).unwrap());
    let entries = documents.flat_map(|document| document.entries().unwrap());
    entries.map(|entry| entry.hash).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_its_author_saw_acknowledged_outlives_every_kill() {
    let kills = std::env::var("KANBAN_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    // Documents are compacted all the time, so that kills come in the middle of that too.
    let mut relay = Relay::start_with(directory.path(), "127.0.0.1:0", &["--compact-at", "64"]);
    let noted = Acknowledged::default();
    let (stop, stopped) = watch::channel(false);
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(writer, relay.url(), noted.clone(), stopped.clone())))
        .collect();
    for kill in 0..kills {
        // At any moment: the point is not to know what the relay is doing.
        sleep(Duration::from_millis(u64::from(entropy()[0]) * 2)).await;
        relay.kill();
        let acknowledged = noted.lock().unwrap().clone();
        let stored = stored(directory.path());
        let lost = acknowledged.difference(&stored).count();
        assert_eq!(lost, 0, "kill {kill}: {lost} of {} acknowledged lost", acknowledged.len());
        relay.restart();
    }
    stop.send(true).unwrap();
    let mut boards = Vec::new();
    for writer in writers {
        boards.push(writer.await.unwrap());
    }
    let count = noted.lock().unwrap().len();
    relay.kill();
    assert_eq!(noted.lock().unwrap().difference(&stored(directory.path())).count(), 0);
    let store = SledStore::open(directory.path()).unwrap();
    let mut compactions = 0;
    for document in store.documents().unwrap() {
        verify(&store, document).unwrap();
        compactions += store.compactions(document).unwrap();
    }
    println!("{kills} kills, {count} changes acknowledged, none lost, {compactions} compactions");
    assert!(compactions > 0);
    assert!(count >= kills, "too few to prove anything");
}
