//! A board that works offline and syncs with a relay.
//!
//! [`BoardClient`] is pure: what happens goes in, what to do comes out, so it runs in a browser as
//! well. The feature `native` adds [`LiveBoard`], which gives it a WebSocket, a clock and a
//! [`BoardFile`].
//!
//! ```
//! use kanban_client::{BoardClient, LiveBoard, entropy, options};
//! use kanban_core::{Board, BoardId, Command, Replica, Timestamp};
//! use sync_protocol::{DocumentId, client::Resume};
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let now = Timestamp::from_unix_seconds(1_700_000_000);
//! let replica = Replica::from_entropy(entropy()).by("ana");
//! let board = Board::create(replica, BoardId::parse("release")?, "Release", now);
//!
//! let document = DocumentId::from_bytes(entropy());
//! let client = BoardClient::with_board(document, board, options(), Resume::default());
//! let live = LiveBoard::connect("ws://127.0.0.1:3030/sync", client, None)?;
//! // At once, whether the relay can be reached or not.
//! live.apply(Command::RenameBoard { name: "Release 2".into() }).await?;
//! println!("{} changes wait for the relay", live.status().borrow().pending);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod board_client;
mod held;
#[cfg(feature = "native")]
mod native;
mod presence;

pub use board_client::{ApplyError, BoardClient, BoardOutput};
pub use held::{ARRIVING_BYTES_MAX, DeliveryError};
#[cfg(feature = "native")]
pub use native::{
    BoardFile, ConnectError, FileError, Kept, LiveBoard, LiveError, entropy, options,
};
pub use presence::{Other, Shown};
