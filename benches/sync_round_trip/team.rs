//! Two people with one board, and a relay between them.

use super::reference::{Reference, replica};
use kanban_client::{BoardClient, LiveBoard, options};
use kanban_core::{Applied, Board, Command, Slot};
use std::time::{Duration, Instant};
use sync_protocol::DocumentId;
use sync_protocol::client::Resume;
use sync_server::Server;
use sync_server::store::Store;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);

pub struct Team {
    ana: LiveBoard,
    ben: LiveBoard,
}

impl Team {
    pub async fn start(board: &Board, store: impl Store + 'static) -> Self {
        let address = "127.0.0.1:0".parse().expect("an address");
        let server = Server::bind(address, store, None).await.expect("listens");
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
        Self { ana, ben }
    }

    /// From the command to the event on the other's board, after which both are quiet.
    pub async fn edit_until_seen(&self, reference: &Reference, number: u64) -> Duration {
        let mut seen = self.ben.events();
        let begin = Instant::now();
        self.edit(reference, number).await;
        seen.recv().await.expect("an event");
        let took = begin.elapsed();
        self.ana.saved().await.expect("saved");
        took
    }

    /// From the command to its author being told that the relay has stored it.
    pub async fn edit_until_saved(&self, reference: &Reference, number: u64) -> Duration {
        let mut seen = self.ben.events();
        let begin = Instant::now();
        self.edit(reference, number).await;
        self.ana.saved().await.expect("saved");
        let took = begin.elapsed();
        seen.recv().await.expect("an event");
        took
    }

    /// Moves a card, each time to somewhere else.
    async fn edit(&self, reference: &Reference, number: u64) -> Applied {
        let to = if number.is_multiple_of(2) { Slot::First } else { Slot::Last };
        let (card, column) = (reference.card(1), reference.column(number));
        self.ana.apply(Command::MoveCard { card, column, to }).await.expect("a move")
    }
}
