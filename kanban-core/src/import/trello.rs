//! Boards from Trello's JSON export.

mod export;
mod values;

use crate::board::Board;
use crate::ids::BoardId;
use crate::import::draft::DraftError;
use crate::replica::{Replica, Timestamp};
use export::{arrange, read_export};
use serde::{Deserialize, Serialize};
use values::draft_and_report;

pub use export::TrelloError;

/// What an import found, and what it could not carry over.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// let json = br#"{ "name": "Release", "lists": [],
///                  "cards": [{ "id": "c1", "idList": "gone", "name": "Write docs" }] }"#;
/// let (_, report) = from_trello(json, ana, BoardId::parse("b1")?, now)?;
/// assert_eq!((report.cards, report.columns), (1, 1));
/// assert!(report.notes.iter().any(|note| note.contains("Recovered")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ImportReport {
    /// Columns, archived ones included.
    pub columns: usize,
    /// How many of the columns are archived.
    pub archived_columns: usize,
    /// Cards, archived ones included.
    pub cards: usize,
    /// How many of the cards are archived.
    pub archived_cards: usize,
    /// Labels that the board defines.
    pub labels: usize,
    /// Members, with those who left the board and are on its cards or commented.
    pub members: usize,
    /// Checklists of all cards.
    pub checklists: usize,
    /// Items of all checklists.
    pub checklist_items: usize,
    /// Comments on all cards.
    pub comments: usize,
    /// Links of all cards: Trello's attachments that have an address.
    pub links: usize,
    /// What is not as it was in the file and what was left behind, by number or name, in sentences for a person.
    pub notes: Vec<String>,
}

/// Makes a board out of a Trello export (*Print, export and share → Export as JSON*).
///
/// Carries over labels, members, columns with limits and colours, and cards with everything a card
/// of ours has: description, labels, assignees, dates, whether it is done, cover colour,
/// checklists, comments with author and time (to the second), attachments as links. All of it in
/// its order, archived things in their places; open cards of an archived list are archived with
/// their column and come back when it does. Trello's ids are kept where they are ids.
///
/// Nothing is dropped silently: a card whose list is not in the file goes to a column *Recovered*,
/// somebody who left the board and is on a card is listed as a member, and what a board has no place
/// for (custom fields, votes, files stored at Trello) is counted in the report's notes.
///
/// ```
/// # use kanban_core::{ActorId, BoardId, Replica, Timestamp};
/// let json = br#"{ "name": "Release", "lists": [{ "id": "l1", "name": "To do", "pos": 1 }],
///                  "cards": [{ "id": "c1", "idList": "l1", "name": "Write docs", "pos": 1 }] }"#;
/// let replica = Replica::new(ActorId::from([1; 16]));
/// let now = Timestamp::from_unix_seconds(1_700_000_000);
/// let (board, report) = kanban_core::from_trello(json, replica, BoardId::parse("b1")?, now)?;
/// assert_eq!((board.name(), report.cards), ("Release", 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`TrelloError`] says in one sentence why the file is no Trello export and what to do.
pub fn from_trello(
    json: &[u8],
    replica: Replica,
    id: BoardId,
    now: Timestamp,
) -> Result<(Board, ImportReport), TrelloError> {
    let (draft, report) = draft_and_report(arrange(read_export(json)?));
    let board = Board::from_draft(replica, id, &draft, now).map_err(|error| match error {
        DraftError::TooLong { what, of, chars, limit } => {
            TrelloError::TooLong { what, of, chars, limit }
        }
        other => TrelloError::Board(Box::new(other)),
    })?;
    Ok((board, report))
}
