//! What a board can be asked over HTTP, and what its webhooks do, without a socket, a clock or a disk.
//!
//! Requests are values ([`ask`]), which [`plan`] turns into commands of
//! [`kanban_core`]; [`show`] writes the answers, and a [`Problem`] says what is in the way. A
//! [`hook::Hook`] is told what happened and says what to send when. The program
//! `kanban-gateway` adds the rest.
//!
//! ```
//! use kanban_core::{Board, BoardId, CardId, Command, Replica, Timestamp};
//! use kanban_gateway::{ask::NewCard, plan, show};
//! let now = Timestamp::from_unix_seconds(1_700_000_000);
//! let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [{ "id": "todo", "name": "To do" }] }"#)?;
//! let replica = Replica::from_entropy([1; 16]).by("ci");
//! let mut board = Board::from_draft(replica, BoardId::parse("b")?, &draft, now)?;
//!
//! let ask: NewCard = serde_json::from_str(r#"{ "title": "The build fails", "column": "to do" }"#)?;
//! let plan = plan::add(&board, &ask, CardId::parse("build")?)?;
//! for command in &plan.commands {
//!     board.apply(command, now)?;
//! }
//! let shown = show::card(&board, &plan.card)?;
//! assert_eq!((&shown["title"], &shown["columnName"]), (&"The build fails".into(), &"To do".into()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod access;
pub mod ask;
pub mod find;
pub mod heads;
pub mod hook;
pub mod news;
pub mod openapi;
pub mod plan;
pub mod show;

mod problem;
pub use problem::Problem;
