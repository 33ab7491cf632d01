//! How many cards stand in each column.

use super::filter::Filter;
use super::find::Sieve;
use crate::board::Board;
use crate::ids::ColumnId;
use crate::view::BoardView;
use serde::Serialize;

/// How many cards stand in a column.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// board.apply(&Command::SetWipLimit { column: ColumnId::parse("todo")?, limit: Some(0) }, now)?;
/// let todo: ColumnCounts = board.counts(&Filter::new()).remove(0);
/// assert_eq!((todo.shown, todo.wip_limit, todo.over_limit), (1, Some(0), Some(1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ColumnCounts {
    /// The column.
    pub column: ColumnId,
    /// All cards shown in it.
    pub shown: u64,
    /// Those that match the filter.
    pub matching: u64,
    /// Those that are done, matching or not.
    pub done: u64,
    /// How many the column should hold at most.
    pub wip_limit: Option<u64>,
    /// By how many the cards shown exceed that limit; none if they do not. A limit only warns:
    /// cards may always be added.
    pub over_limit: Option<u64>,
}

impl Board {
    /// Counts the cards of every visible column, left to right. Archived cards do not count.
    ///
    /// ```
    /// # use kanban_core::{ActorId, Board, BoardId, CardId, ColumnId, Command, Replica, Slot, Timestamp};
    /// use kanban_core::Filter;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// # let ana = Replica::new(ActorId::from([1; 16]));
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// # let todo = ColumnId::parse("todo")?;
    /// # board.apply(&Command::CreateColumn { column: todo.clone(), name: "To do".into(), at: Slot::Last }, now)?;
    /// # board.apply(&Command::CreateCard { card: CardId::parse("docs")?, column: todo, at: Slot::Last, title: "Write docs".into(), description: String::new() }, now)?;
    /// let counts = board.counts(&Filter::new().done(true));
    /// assert_eq!((counts[0].shown, counts[0].matching, counts[0].over_limit), (1, 0, None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn counts(&self, filter: &Filter) -> Vec<ColumnCounts> {
        counts(&self.view(), filter)
    }
}

pub(crate) fn counts(view: &BoardView, filter: &Filter) -> Vec<ColumnCounts> {
    let sieve = Sieve::new(view, filter);
    let of_column = view.columns.iter().map(|it| {
        let shown = it.cards.len() as u64;
        let wip_limit = it.column.wip_limit;
        ColumnCounts {
            column: it.column.id.clone(),
            shown,
            matching: it.cards.iter().filter(|card| sieve.keeps(card)).count() as u64,
            done: it.cards.iter().filter(|card| card.done).count() as u64,
            wip_limit,
            over_limit: wip_limit.and_then(|limit| shown.checked_sub(limit)).filter(|it| *it > 0),
        }
    });
    of_column.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::samples::{archived, board, card, labelled};
    use crate::view::{Card, Column};
    use std::sync::Arc;

    #[test]
    fn a_column_counts_what_it_shows_what_matches_and_what_is_done() {
        let done = Card { done: true, ..labelled("a", &["red"]) };
        let view = board(&[
            ("todo", vec![done, labelled("b", &["red"]), card("c", "C"), archived(card("d", "D"))]),
            ("done", vec![]),
        ]);
        let red = Filter::new().label(crate::query::samples::label("red"));
        let counts: Vec<_> =
            counts(&view, &red).iter().map(|it| (it.shown, it.matching, it.done)).collect();
        assert_eq!(counts, [(3, 2, 1), (0, 0, 0)]);
    }

    #[test]
    fn a_limit_is_exceeded_by_what_is_shown_whatever_the_filter() {
        let mut view = board(&[("todo", vec![card("a", "A"), card("b", "B")])]);
        let nothing = Filter::new().text("nothing");
        for (limit, excess) in [(None, None), (Some(3), None), (Some(2), None), (Some(0), Some(2))]
        {
            let column = Column { wip_limit: limit, ..(*view.columns[0].column).clone() };
            view.columns[0].column = Arc::new(column);
            let counts = counts(&view, &nothing);
            assert_eq!((counts[0].wip_limit, counts[0].over_limit), (limit, excess));
        }
    }
}
