//! Boards, files and the relay together, over real sockets.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use kanban_client::{BoardClient, BoardFile, LiveBoard, entropy, options};
use kanban_core::*;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use sync_protocol::DocumentId;
use sync_protocol::client::{Connection, Resume};
use sync_server::Server;
use sync_server::store::SledStore;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const AT: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

struct Relay {
    address: SocketAddr,
    data: PathBuf,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Relay {
    async fn start(data: &Path) -> Self {
        let address = "127.0.0.1:0".parse().unwrap();
        let mut relay = Self { address, data: data.to_owned(), running: None };
        relay.comes_back().await;
        relay
    }

    async fn comes_back(&mut self) {
        let store = SledStore::open(&self.data).unwrap();
        let server = Server::builder().store(store).bind(self.address).await.unwrap();
        self.address = server.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = async move {
            let until = async { _ = stopped.await };
            server.run(until).await.unwrap();
        };
        self.running = Some((stop, tokio::spawn(serve)));
    }

    async fn goes_away(&mut self) {
        let (stop, running) = self.running.take().unwrap();
        stop.send(()).unwrap();
        running.await.unwrap();
    }

    fn url(&self) -> String {
        format!("ws://{}/sync", self.address)
    }
}

fn replica() -> Replica {
    Replica::from_entropy(entropy())
}

fn document() -> DocumentId {
    DocumentId::from_bytes([5; 16])
}

/// Makes a board in a file, and opens it.
fn ana(relay: &Relay, path: &Path) -> LiveBoard {
    let board = Board::create(replica(), BoardId::parse("b").unwrap(), "Release", AT);
    let file = BoardFile::create(path, document(), &board).unwrap();
    let client = BoardClient::with_board(document(), board, options(), Resume::default());
    LiveBoard::connect(&relay.url(), client, Some(file)).unwrap()
}

/// Opens a board that was in a file.
fn again(relay: &Relay, path: &Path) -> LiveBoard {
    let (file, kept) = BoardFile::open(path, replica()).unwrap();
    let board = kept.board.unwrap();
    let client = BoardClient::with_board(file.document(), board, options(), kept.resume);
    LiveBoard::connect(&relay.url(), client, Some(file)).unwrap()
}

fn joins(relay: &Relay) -> LiveBoard {
    let client = BoardClient::joining(document(), replica(), options());
    LiveBoard::connect(&relay.url(), client, None).unwrap()
}

fn adds_column(id: &str) -> Command {
    let (column, name) = (ColumnId::parse(id).unwrap(), id.to_owned());
    Command::CreateColumn { column, name, at: Slot::Last }
}

async fn columns(live: &LiveBoard) -> Vec<String> {
    let view = live.view().await.unwrap().unwrap();
    view.columns.iter().map(|column| column.column.name.clone()).collect()
}

async fn is_offline(live: &LiveBoard) {
    let mut status = live.status();
    let offline = status.wait_for(|status| matches!(status.connection, Connection::Offline { .. }));
    offline.await.unwrap();
}

#[tokio::test]
async fn what_one_person_does_another_sees_and_the_relay_keeps() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(&directory.path().join("relay")).await;
    let ana = ana(&relay, &directory.path().join("ana.kanban"));
    let ben = joins(&relay);
    ben.arrived().await.unwrap();
    let mut events = ben.events();
    ana.apply(adds_column("todo")).await.unwrap();
    ana.saved().await.unwrap();
    let column = ColumnId::parse("todo").unwrap();
    assert_eq!(events.recv().await.unwrap(), BoardEvent::ColumnCreated { column });
    assert_eq!(columns(&ben).await, columns(&ana).await);
    ana.close().await.unwrap();
    ben.close().await.unwrap();
}

#[tokio::test]
async fn what_people_did_while_the_relay_was_away_is_exchanged_when_it_is_back() {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(&directory.path().join("relay")).await;
    let path = directory.path().join("ana.kanban");
    let ana = ana(&relay, &path);
    let ben = joins(&relay);
    ben.arrived().await.unwrap();
    relay.goes_away().await;
    is_offline(&ana).await;
    is_offline(&ben).await;
    ana.apply(adds_column("from-ana")).await.unwrap();
    ben.apply(adds_column("from-ben")).await.unwrap();
    assert_eq!(ana.status().borrow().pending, 1);
    // Ana's program ends meanwhile; the change is in her file.
    ana.close().await.unwrap();
    let ana = again(&relay, &path);
    assert_eq!(ana.status().borrow().pending, 1, "the others are known to be stored");
    relay.comes_back().await;
    for live in [&ana, &ben] {
        live.reconnect().await.unwrap();
        live.saved().await.unwrap();
    }
    let mut events = ana.events();
    while columns(&ana).await.len() < 2 {
        events.recv().await.unwrap();
    }
    assert_eq!(columns(&ana).await, columns(&ben).await);
    ana.close().await.unwrap();
    ben.close().await.unwrap();
}
