//! Making whole boards at once.

mod draft;
mod trello;

pub use draft::{ArchivedDraft, BoardDraft, CardDraft, ColumnDraft, DraftError};
pub(crate) use draft::{check_draft, create_card_at_once};
pub use trello::{ImportReport, TrelloError, from_trello};
