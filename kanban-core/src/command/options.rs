//! What commands are told besides what they are about.

use crate::ids::ColumnId;
use serde::{Deserialize, Serialize};

/// Where to put something among its neighbours.
///
/// ```
/// use kanban_core::{CardId, Slot};
/// let card = CardId::parse("write-docs")?;
/// let below = Slot::After(card);
/// # let _ = below; Ok::<(), kanban_core::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
// Closed: every place among neighbours has one of these names.
pub enum Slot<I> {
    /// Top of a column, or leftmost on the board.
    First,
    /// Bottom of a column, or rightmost on the board.
    Last,
    /// Directly before a neighbour.
    Before(I),
    /// Directly after a neighbour.
    After(I),
}

/// What becomes of the cards of a deleted column.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let (todo, done) = (ColumnId::parse("todo")?, ColumnId::parse("done")?);
/// let cards = Some(ColumnCards::MoveTo(done.clone()));
/// board.apply(&Command::DeleteColumn { column: todo, cards }, now)?;
/// assert_eq!(board.cards_in(&done).count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
// Closed: cards either stay on the board or do not, and whoever asks people must offer both.
pub enum ColumnCards {
    /// They go to the end of another column, archived ones included. A card that somebody moves to
    /// another column meanwhile goes there; one that somebody deletes meanwhile stays deleted; one
    /// that somebody only reorders goes along, and its place in the deleted column is listed as a
    /// choice.
    MoveTo(ColumnId),
    /// They are deleted too, and can be restored one by one.
    Delete,
}

/// What to sort by.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [
/// #         { "id": "c1", "title": "Write docs" }, { "id": "c2", "title": "Ask Ben" }] }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let todo = ColumnId::parse("todo")?;
/// board.apply(&Command::SortCards { column: todo.clone(), by: SortBy::Title }, now)?;
/// let titles: Vec<&str> = board.cards_in(&todo).map(|card| &*card.title).collect();
/// assert_eq!(titles, ["Ask Ben", "Write docs"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum SortBy {
    /// Title or name, A to Z; upper and lower case alike.
    Title,
    /// Title or name, Z to A.
    TitleDescending,
    /// Due date, earliest first; without one last. Columns have none and stay as they are.
    Due,
    /// Creation, oldest first, by the document's own count of operations and not by any clock: whoever
    /// creates something after they have heard of another thing creates it later, whatever their
    /// clocks say. Of two that people create without knowing of each other, either may come first,
    /// the same one for everybody. What an import brings in counts from the import.
    Created,
    /// Name of the first label by name; without one last. Columns have none and stay as they are.
    Label,
}
