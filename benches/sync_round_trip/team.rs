//! Two people with one board, and a relay between them.

use super::reference::{Reference, replica};
use kanban_client::{BoardClient, LiveBoard, options};
use kanban_core::{Applied, Board, Command, Slot};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use sync_protocol::DocumentId;
use sync_protocol::client::Resume;
use sync_server::Server;
use sync_server::store::Store;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);

pub struct Team {
    ana: LiveBoard,
    ben: LiveBoard,
    edits: AtomicU64,
}

impl Team {
    pub async fn start(board: &Board, store: impl Store + 'static) -> Self {
        let address = "127.0.0.1:0".parse().expect("an address");
        let server = Server::builder().store(store).bind(address).await.expect("listens");
        let url = format!("ws://{}/sync", server.address());
        tokio::spawn(server.run(std::future::pending()));
        let join = |number: u8| {
            let copy = board.fork(replica(number));
            let client = BoardClient::with_board(DOCUMENT, copy, options(), Resume::default());
            LiveBoard::connect(&url, client, None).expect("an address")
        };
        let ana = join(10);
        ana.saved().await.expect("saved");
        let ben = join(11);
        ben.saved().await.expect("saved");
        Self { ana, ben, edits: AtomicU64::new(0) }
    }

    /// From the command to the event on the other's board, after which both are quiet.
    pub async fn edit_until_seen(&self, reference: &Reference) -> Duration {
        let mut seen = self.ben.events();
        let begin = Instant::now();
        self.edit(reference).await;
        seen.recv().await.expect("an event");
        let took = begin.elapsed();
        self.ana.saved().await.expect("saved");
        took
    }

    /// From the command to its author being told that the relay has stored it.
    pub async fn edit_until_saved(&self, reference: &Reference) -> Duration {
        let mut seen = self.ben.events();
        let begin = Instant::now();
        self.edit(reference).await;
        self.ana.saved().await.expect("saved");
        let took = begin.elapsed();
        seen.recv().await.expect("an event");
        took
    }

    /// Moves the next card to another column. A move to where it stands already would be none, and
    /// nobody would hear of it.
    async fn edit(&self, reference: &Reference) -> Applied {
        loop {
            let number = self.edits.fetch_add(1, Ordering::Relaxed);
            let (card, column) = (reference.card(number * 7), reference.column(number * 3 + 1));
            let command = Command::MoveCard { card, column, to: Slot::Last };
            let applied = self.ana.apply(command).await.expect("a move");
            if applied.change.is_some() {
                return applied;
            }
        }
    }
}
