//! Somebody's machine: a board with its client, and a disk that survives the program.

use crate::tally::Tally;
use kanban_client::{BoardClient, BoardOutput};
use kanban_core::{ActorId, Board, BoardId, Replica, Timestamp};
use std::collections::VecDeque;
use std::time::Duration;
use sync_protocol::client::{ClientOptions, Connection, Input, Resume};
use sync_protocol::{ChangeHash, DocumentId, PeerId};
use sync_server::relay::ConnectionId;

/// The board that everybody works on.
pub const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);

/// How long a client waits before it asks a silent relay for a sign of life.
const PING_EVERY: Duration = Duration::from_secs(20);

pub struct Machine {
    index: usize,
    starts: u8,
    /// How far its clock is off.
    skew_seconds: i64,
    pub client: BoardClient,
    disk: Option<(Vec<u8>, Resume)>,
    /// The heads of the board that is on the disk.
    stored_at: Vec<ChangeHash>,
    pub link: Option<ConnectionId>,
    /// For when the world has promised to wake it.
    pub wakes_at: Option<Duration>,
    /// The heads up to which it was last looked at.
    looked_at: Vec<ChangeHash>,
    /// What it has got or made since it was last told that everything is saved.
    unsaved: Vec<ChangeHash>,
}

impl Machine {
    /// The first machine brings the board, the others open it by its address.
    pub fn new(index: usize, skew_seconds: i64) -> Self {
        let client = match index {
            0 => {
                let id = BoardId::parse("b").expect("a letter is an id");
                let at = Timestamp::from_unix_seconds(1_700_000_000);
                let board = Board::create(replica(0, 0), id, "Release", at);
                BoardClient::with_board(DOCUMENT, board, options(0, 0), Resume::default())
            }
            _ => BoardClient::joining(DOCUMENT, replica(index, 0), options(index, 0)),
        };
        let mut machine = Self {
            index,
            starts: 0,
            skew_seconds,
            client,
            disk: None,
            stored_at: Vec::new(),
            link: None,
            wakes_at: None,
            looked_at: Vec::new(),
            unsaved: Vec::new(),
        };
        machine.store();
        machine
    }

    /// Writes the board down, and what the relay has of it.
    pub fn store(&mut self) {
        let Some(board) = self.client.board() else { return };
        let resume = self.client.resume();
        let heads = board.heads();
        match &mut self.disk {
            Some((_, kept)) if self.stored_at == heads => *kept = resume,
            _ => self.disk = Some((board.save(), resume)),
        }
        self.stored_at = heads;
    }

    /// The program ends, without warning, and starts again with what is on the disk.
    pub fn restart(&mut self) {
        self.starts += 1;
        let (index, starts) = (self.index, self.starts);
        self.client = match &self.disk {
            Some((bytes, resume)) => {
                let board = Board::open(bytes, replica(index, starts));
                let board = board.expect("what a board saved opens");
                let options = options(index, starts);
                BoardClient::with_board(DOCUMENT, board, options, resume.clone())
            }
            None => BoardClient::joining(DOCUMENT, replica(index, starts), options(index, starts)),
        };
        self.link = None;
        self.looked_at.clear();
        self.unsaved.clear();
    }

    /// Its clock, in seconds since 1970.
    pub fn clock(&self, now: Duration) -> Timestamp {
        let since = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        Timestamp::from_unix_seconds(1_700_000_000 + self.skew_seconds + since)
    }

    /// Hands something to the client; returns what it wants done with its socket. What it learned
    /// is stored first.
    pub fn handle(
        &mut self,
        input: Input<'_>,
        now: Duration,
        tally: &mut Tally,
    ) -> VecDeque<BoardOutput> {
        self.client.handle(input, now);
        let outputs: VecDeque<BoardOutput> =
            std::iter::from_fn(|| self.client.poll_output()).collect();
        let learned = |output: &BoardOutput| {
            matches!(output, BoardOutput::BoardArrived | BoardOutput::Received(_))
        };
        if outputs.iter().any(learned) {
            tally.count("deliveries", 1);
        }
        if !outputs.is_empty() {
            self.store();
        }
        outputs
    }

    /// The changes that it has got or made since it was last asked.
    pub fn new_changes(&mut self) -> Vec<(ChangeHash, bool)> {
        let Some(board) = self.client.board() else { return Vec::new() };
        let changes = board.changes_since(&self.looked_at);
        self.looked_at = board.heads();
        let is_own = |actor: &ActorId| actor.to_bytes().first() == Some(&tag(self.index));
        // The first change of every board is built into the library.
        let changes = changes.iter().filter(|change| !change.deps().is_empty());
        let changes = changes.map(|change| (change.hash(), is_own(change.actor_id())));
        let changes: Vec<(ChangeHash, bool)> = changes.collect();
        self.unsaved.extend(changes.iter().map(|(hash, _)| *hash));
        changes
    }

    /// The changes that its client calls saved and did not when this was last asked.
    pub fn newly_saved(&mut self) -> Vec<ChangeHash> {
        let status = self.client.status();
        match status.pending == 0 && status.connection == Connection::Online {
            true => std::mem::take(&mut self.unsaved),
            false => Vec::new(),
        }
    }
}

fn tag(index: usize) -> u8 {
    u8::try_from(index + 1).expect("there are few machines")
}

fn replica(index: usize, starts: u8) -> Replica {
    Replica::new(ActorId::from([tag(index), starts].repeat(4)))
}

fn options(index: usize, starts: u8) -> ClientOptions {
    let peer = PeerId::parse(&format!("machine-{index}-{starts}")).expect("a short name");
    ClientOptions::new(peer, index as u64 * 1000 + u64::from(starts)).pinging_every(PING_EVERY)
}
