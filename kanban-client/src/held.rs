//! The document of a client: a board, or what has arrived of one.

use automerge::{Automerge, AutomergeError, Change, ChangeHash};
use kanban_core::{Board, BoardEvent, MergeError, OpenError, Replica};
use sync_protocol::client::Document;

/// The most bytes of changes that are kept while they are no board yet. A board is one as soon as
/// its first two changes are there, so this is far more than it takes.
pub const ARRIVING_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Why a delivery was refused. Nothing of it was applied, and the relay still has it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// The board refuses it.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// The document is no board.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It is not a board so far, and too large to wait for the rest.
    #[error("{bytes} bytes of changes are not a board yet; at most {ARRIVING_BYTES_MAX} are kept")]
    TooMuch {
        /// How many bytes have arrived.
        bytes: usize,
    },
    /// What has arrived does not fit together.
    #[error("the changes do not fit together")]
    Document(#[source] Box<AutomergeError>),
}

/// What a client has of a board.
#[derive(Debug)]
pub(crate) struct Held {
    content: Content,
    /// What the deliveries since the last [`Self::take_news`] did.
    news: News,
}

/// What deliveries did.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// There is a board now.
    pub arrived: bool,
    /// How many changes were applied to the board that was there.
    pub applied: usize,
    pub events: Vec<BoardEvent>,
}

#[derive(Debug)]
enum Content {
    Board(Box<Board>),
    Arriving { changes: Vec<Change>, document: Box<Automerge>, replica: Replica },
}

impl Held {
    pub fn board(board: Board) -> Self {
        Self { content: Content::Board(Box::new(board)), news: News::default() }
    }

    pub fn nothing(replica: Replica) -> Self {
        // Nothing is written to it, so the actor that it draws at random never shows.
        let document = Box::new(Automerge::new());
        let content = Content::Arriving { changes: Vec::new(), document, replica };
        Self { content, news: News::default() }
    }

    pub fn get(&self) -> Option<&Board> {
        match &self.content {
            Content::Board(board) => Some(board),
            Content::Arriving { .. } => None,
        }
    }

    pub fn get_mut(&mut self) -> Option<&mut Board> {
        match &mut self.content {
            Content::Board(board) => Some(board),
            Content::Arriving { .. } => None,
        }
    }

    pub fn take_news(&mut self) -> News {
        std::mem::take(&mut self.news)
    }
}

impl Document for Held {
    type Error = DeliveryError;

    fn automerge(&self) -> &Automerge {
        match &self.content {
            Content::Board(board) => board.document(),
            Content::Arriving { document, .. } => document,
        }
    }

    fn missing(&self) -> Vec<ChangeHash> {
        match &self.content {
            Content::Board(board) => board.missing(),
            Content::Arriving { .. } => Vec::new(),
        }
    }

    fn receive(&mut self, new: Vec<Change>) -> Result<(), DeliveryError> {
        let (changes, document, replica) = match &mut self.content {
            Content::Board(board) => {
                let received = board.receive(new)?;
                self.news.applied += received.applied;
                self.news.events.extend(received.events);
                return Ok(());
            }
            Content::Arriving { changes, document, replica } => (changes, document, replica),
        };
        let all = changes.iter().chain(&new);
        let bytes: Vec<u8> = all.flat_map(|change| change.raw_bytes()).copied().collect();
        match Board::open(&bytes, replica.clone()) {
            Ok(board) => {
                self.content = Content::Board(Box::new(board));
                self.news.arrived = true;
                Ok(())
            }
            // The rest may be on its way; nothing is shown before.
            Err(OpenError::NoBoardId | OpenError::Incomplete { .. }) => {
                if bytes.len() > ARRIVING_BYTES_MAX {
                    return Err(DeliveryError::TooMuch { bytes: bytes.len() });
                }
                let applied = document.apply_changes(new.clone());
                applied.map_err(|error| DeliveryError::Document(Box::new(error)))?;
                changes.extend(new);
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}
