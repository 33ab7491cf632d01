//! Making whole boards at once.

mod draft;
mod trello;

pub(crate) use draft::create_card_at_once;
pub use draft::{ArchivedDraft, BoardDraft, CardDraft, ColumnDraft, DraftError};
pub use trello::{ImportReport, TrelloError, from_trello};
