//! A board and its client on one relay, without a socket or a clock.

use crate::held::Held;
use crate::presence::{Other, Shown, from_state, to_state};
use kanban_core::{
    Applied, Board, BoardEvent, Command, CommandError, Expected, Replica, Timestamp,
};
use std::collections::VecDeque;
use std::time::Duration;
use sync_protocol::client::{Client, ClientOptions, Input, Output, PeerPresence, Resume, Status};
use sync_protocol::{DocumentId, PeerId};

/// A board that is kept in sync with one relay.
///
/// The same contract as [`Client`]: hand it what [happened](Self::handle), do what it
/// [asks for](Self::poll_output), come back at the [time](Self::poll_timeout) that it names.
///
/// ```
/// use kanban_client::{BoardClient, BoardOutput};
/// use kanban_core::{ActorId, Board, BoardId, Command, Replica, Timestamp};
/// use std::time::Duration;
/// use sync_protocol::client::{ClientOptions, Input, Resume};
/// use sync_protocol::{DocumentId, PeerId};
/// let now = Timestamp::from_unix_seconds(1_700_000_000);
/// let replica = Replica::new(ActorId::from([1; 16])).by("ana");
/// let board = Board::create(replica, BoardId::parse("release")?, "Release", now);
///
/// let document = DocumentId::from_bytes([7; 16]);
/// let options = ClientOptions::new(PeerId::parse("ana-1")?, 1);
/// let mut client = BoardClient::with_board(document, board, options, Resume::default());
/// client.apply(&Command::RenameBoard { name: "Next release".into() }, now)?;
/// // Store the board here, then say so.
/// client.handle(Input::Changed, Duration::ZERO);
/// client.handle(Input::Reconnect, Duration::ZERO);
/// let outputs: Vec<_> = std::iter::from_fn(|| client.poll_output()).collect();
/// assert!(outputs.contains(&BoardOutput::Dial));
/// assert_eq!(client.status().pending, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct BoardClient {
    document: DocumentId,
    held: Held,
    client: Client,
    outputs: VecDeque<BoardOutput>,
}

/// What to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BoardOutput {
    /// Open a socket; the one before is gone.
    Dial,
    /// Send a binary frame.
    Send(Vec<u8>),
    /// Send a ping, whose pong is [`Input::Heard`].
    Ping,
    /// Close the socket, or stop opening it.
    HangUp,
    /// [`BoardClient::status`] is another.
    StatusChanged,
    /// The board that was asked for is here: store it and show it.
    BoardArrived,
    /// Changes of others are part of the board now: store it, and show what looks different.
    Received(Vec<BoardEvent>),
    /// [`BoardClient::others`] are others, or show something else.
    PresenceChanged,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// There is no board to change.
    #[error("the board has not arrived from the relay yet")]
    NoBoard,
    /// The board refuses the command.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl BoardClient {
    /// A client of a board that is here, called `document` on the relay; offline until
    /// [`Input::Reconnect`].
    pub fn with_board(
        document: DocumentId,
        board: Board,
        options: ClientOptions,
        resume: Resume,
    ) -> Self {
        Self::new(document, Held::board(board), options, resume)
    }

    /// A client of a board that the relay has; offline until [`Input::Reconnect`]. It arrives as a
    /// whole: until then there is none.
    pub fn joining(document: DocumentId, replica: Replica, options: ClientOptions) -> Self {
        Self::new(document, Held::nothing(replica), options, Resume::default())
    }

    fn new(document: DocumentId, held: Held, options: ClientOptions, resume: Resume) -> Self {
        let client = Client::new(document, &held, options, resume);
        Self { document, held, client, outputs: VecDeque::new() }
    }

    /// What the relay calls the board.
    pub fn document(&self) -> DocumentId {
        self.document
    }

    /// The board, if it is here.
    pub fn board(&self) -> Option<&Board> {
        self.held.get()
    }

    /// The board, to undo, or to take in what another copy on this device has stored. Store it, then
    /// hand in [`Input::Changed`], as after [`apply`](Self::apply).
    pub fn board_mut(&mut self) -> Option<&mut Board> {
        self.held.get_mut()
    }

    /// Carries out a command. Store the board, then hand in [`Input::Changed`]: what the relay
    /// has heard of must not be lost here.
    ///
    /// # Errors
    /// [`ApplyError`]; then nothing is recorded.
    pub fn apply(&mut self, command: &Command, at: Timestamp) -> Result<Applied, ApplyError> {
        self.apply_if(command, &Expected::new(), at)
    }

    /// The same, if what the caller expects is so.
    ///
    /// # Errors
    /// [`ApplyError`]; then nothing is recorded.
    pub fn apply_if(
        &mut self,
        command: &Command,
        expected: &Expected,
        at: Timestamp,
    ) -> Result<Applied, ApplyError> {
        let board = self.held.get_mut().ok_or(ApplyError::NoBoard)?;
        Ok(board.apply_if(command, expected, at)?)
    }

    /// Takes note of what happened at `now`, a time since a moment of the caller's choice.
    pub fn handle(&mut self, input: Input<'_>, now: Duration) {
        self.client.handle(input, &mut self.held, now);
        let news = self.held.take_news();
        // Before the acknowledgement, so that whoever stores in order acknowledges what is stored.
        if news.arrived {
            self.outputs.push_back(BoardOutput::BoardArrived);
        } else if news.applied > 0 {
            self.outputs.push_back(BoardOutput::Received(news.events));
        }
        self.forward();
    }

    fn forward(&mut self) {
        while let Some(output) = self.client.poll_output() {
            self.outputs.push_back(match output {
                Output::Dial => BoardOutput::Dial,
                Output::Send(frame) => BoardOutput::Send(frame),
                Output::Ping => BoardOutput::Ping,
                Output::HangUp => BoardOutput::HangUp,
                Output::StatusChanged => BoardOutput::StatusChanged,
                Output::PresenceChanged => BoardOutput::PresenceChanged,
                // What applications of other kinds say to each other.
                Output::Said { .. } => continue,
            });
        }
    }

    /// Shows this to everybody who has the board open, from now on, while there is a connection;
    /// `None` shows nothing, and looks at who else is here. It is never stored. Before the first call
    /// nothing is shown, and nobody is seen.
    ///
    /// Returns `false`, and goes on with what was shown, if it is more than
    /// [`PRESENCE_BYTES_MAX`](sync_protocol::client::PRESENCE_BYTES_MAX).
    ///
    /// ```
    /// # use kanban_client::BoardClient;
    /// # use kanban_core::{ActorId, Replica};
    /// # use sync_protocol::{DocumentId, PeerId, client::ClientOptions};
    /// # use std::time::Duration;
    /// # let replica = Replica::new(ActorId::from([1; 16]));
    /// # let options = ClientOptions::new(PeerId::parse("ana-1")?, 1);
    /// # let mut client = BoardClient::joining(DocumentId::from_bytes([7; 16]), replica, options);
    /// let shown = serde_json::json!({ "name": "Ana", "card": "docs", "doing": "editing" });
    /// client.show(shown.as_object(), Duration::ZERO);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn show(&mut self, shown: Option<&Shown>, now: Duration) -> bool {
        let is_shown = self.client.show(shown.map(to_state), now);
        self.forward();
        is_shown
    }

    /// Who else has the board open and shows it, in no order that means anything.
    pub fn others(&self) -> Vec<Other> {
        let other = |(peer, presence): (&PeerId, &PeerPresence)| Other {
            peer: peer.clone(),
            shown: from_state(&presence.state),
        };
        self.client.others().map(other).collect()
    }

    /// Shows the relay a newer token, on the connection that is open; see
    /// [`Client::show_token`](sync_protocol::client::Client::show_token).
    pub fn show_token(&mut self, token: &str) -> bool {
        let is_shown = self.client.show_token(token);
        self.forward();
        is_shown
    }

    /// The next thing to do. Call it after every [`handle`](Self::handle), [`show`](Self::show) and
    /// [`show_token`](Self::show_token) until there is none.
    pub fn poll_output(&mut self) -> Option<BoardOutput> {
        self.outputs.pop_front()
    }

    /// When to hand in [`Input::Tick`], by the clock of `now`.
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.client.poll_timeout()
    }

    /// How things stand with the relay.
    pub fn status(&self) -> &Status {
        self.client.status()
    }

    /// What to keep beside the board, once the board is stored.
    pub fn resume(&self) -> Resume {
        self.client.resume()
    }
}
