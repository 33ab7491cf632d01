//! Making whole boards at once.

mod draft;
mod trello;

pub use draft::{ArchivedDraft, BoardDraft, CardDraft, ColumnDraft, DraftError};
pub use trello::{ImportReport, TrelloError, from_trello};
