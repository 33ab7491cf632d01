//! A live board whose relay cannot be reached.
#![cfg(feature = "native")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use kanban_client::{BoardClient, BoardFile, ConnectError, LiveBoard, options};
use kanban_core::*;
use sync_protocol::DocumentId;
use sync_protocol::client::{Connection, Resume};

const AT: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

fn board() -> Board {
    let replica = Replica::new(ActorId::from([1; 16]));
    Board::create(replica, BoardId::parse("b").unwrap(), "Release", AT)
}

fn client(board: Board) -> BoardClient {
    let document = DocumentId::from_bytes([5; 16]);
    BoardClient::with_board(document, board, options(), Resume::default())
}

/// Where nobody listens: the port was free a moment ago.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("ws://{}/sync", listener.local_addr().unwrap())
}

#[tokio::test]
async fn what_is_done_without_a_relay_is_on_the_disk_and_pending() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("release.kanban");
    let file = BoardFile::create(&path, DocumentId::from_bytes([5; 16]), &board()).unwrap();
    let live = LiveBoard::connect(&nowhere(), client(board()), Some(file)).unwrap();
    let mut events = live.events();
    live.apply(Command::RenameBoard { name: "Next".into() }).await.unwrap();
    assert_eq!(events.recv().await.unwrap(), BoardEvent::BoardEdited);
    let on_disk = Board::open(&std::fs::read(&path).unwrap(), Replica::new(ActorId::from([2; 16])));
    assert_eq!(on_disk.unwrap().name(), "Next");
    let mut status = live.status();
    let offline = status.wait_for(|status| matches!(status.connection, Connection::Offline { .. }));
    assert_eq!(offline.await.unwrap().pending, 3);
    assert_eq!(live.view().await.unwrap().unwrap().name, "Next");
    live.close().await.unwrap();
    BoardFile::open(&path, Replica::new(ActorId::from([3; 16]))).unwrap();
}

#[tokio::test]
async fn a_board_that_cannot_be_stored_is_closed_and_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("release.kanban");
    let file = BoardFile::create(&path, DocumentId::from_bytes([5; 16]), &board()).unwrap();
    let live = LiveBoard::connect(&nowhere(), client(board()), Some(file)).unwrap();
    drop(directory);
    let applied = live.apply(Command::RenameBoard { name: "Next".into() }).await;
    assert_eq!(applied.unwrap_err().to_string(), "the board is closed");
    let closed = live.close().await.unwrap_err();
    let cause = std::error::Error::source(&closed).unwrap().to_string();
    assert!(cause.starts_with("there is no directory"), "{cause}");
}

#[tokio::test]
async fn an_address_that_is_no_relay_s_is_refused_at_once() {
    let refused = |url| LiveBoard::connect(url, client(board()), None).unwrap_err();
    assert!(matches!(refused("https://example.com"), ConnectError::NotAWebSocket { .. }));
    if !cfg!(feature = "tls") {
        assert!(matches!(refused("wss://example.com/sync"), ConnectError::NoTls { .. }));
    }
}
