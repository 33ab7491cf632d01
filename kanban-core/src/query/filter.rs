//! What cards must be like to be shown.

use super::due::DueIs;
use crate::date::DateOrTime;
use crate::ids::{ColumnId, LabelId, MemberId};
use crate::replica::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What cards to show.
///
/// Each kind of condition that is set must be met; of several alternatives within one kind (two
/// labels, or a label and "no label") one is enough. A filter without conditions keeps every card
/// on the board and none from the shelf.
///
/// ```
/// use kanban_core::{Filter, LabelId, Timestamp};
/// let now = Timestamp::from_unix_seconds(1_777_000_000);
/// let late_and_red = Filter::new().label(LabelId::parse("red")?).overdue_at(now, 7200).text("docs");
///
/// // Written as JSON it crosses to JavaScript; what is left out sets no condition.
/// let json = r#"{
///     "labels": ["red"],
///     "due": [{ "is": "overdue", "now": 1777000000, "utcOffsetSeconds": 7200 }],
///     "text": "docs"
/// }"#;
/// assert_eq!(serde_json::from_str::<Filter>(json)?, late_and_red);
/// assert!(serde_json::from_str::<Filter>(r#"{"label": "red"}"#).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Filter {
    /// Words and phrases that must occur, as in [`Board::search`](crate::Board::search).
    pub text: String,
    /// Columns, one of which the card must stand in.
    pub columns: BTreeSet<ColumnId>,
    /// Labels, one of which the card must carry. One that the board does not define is on no card.
    pub labels: BTreeSet<LabelId>,
    /// A card without any label will do.
    pub no_label: bool,
    /// Members, one of whom the card must be assigned to. To one that the board does not list no
    /// card is.
    pub assignees: BTreeSet<MemberId>,
    /// A card that nobody is assigned to will do.
    pub unassigned: bool,
    /// Conditions on the due date, one of which must be met.
    pub due: Vec<DueIs>,
    /// Whether the card must be done, or must not.
    pub done: Option<bool>,
    /// Whether people must have left something to decide on the card (its place, its deletion, a
    /// field), or must not.
    pub conflicted: Option<bool>,
    /// Where to look.
    pub scope: Scope,
}

/// Which cards a [`Filter`] looks at.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// board.apply(&Command::ArchiveCard { card: CardId::parse("docs")? }, now)?;
/// assert_eq!(board.find(&Filter::new()).len(), 0);
/// assert_eq!(board.find(&Filter::new().scope(Scope::BoardAndShelf)).len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Scope {
    /// Those on the board.
    #[default]
    Board,
    /// Archived ones.
    Shelf,
    /// Both.
    BoardAndShelf,
}

impl Filter {
    /// Keeps every card on the board.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// // The board has one card.
    /// assert_eq!(board.find(&Filter::new()).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps cards in which these words and phrases occur, as in
    /// [`Board::search`](crate::Board::search). Replaces an earlier text; an empty one keeps all.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// // The board has one card, “Write docs”.
    /// assert_eq!(board.find(&Filter::new().text("docs")).len(), 1);
    /// assert!(board.find(&Filter::new().text("tests")).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Keeps cards in this column, or in another that is asked for.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// // The board has one card, in “To do”.
    /// let in_done = Filter::new().column(ColumnId::parse("done")?);
    /// assert!(board.find(&in_done).is_empty());
    /// assert_eq!(board.find(&in_done.column(ColumnId::parse("todo")?)).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn column(mut self, column: ColumnId) -> Self {
        self.columns.insert(column);
        self
    }

    /// Keeps cards with this label, or with another that is asked for.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// // The board has one card, without a label.
    /// let bugs = Filter::new().label(LabelId::parse("bug")?);
    /// assert!(board.find(&bugs).is_empty());
    /// assert_eq!(board.find(&bugs.no_label()).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn label(mut self, label: LabelId) -> Self {
        self.labels.insert(label);
        self
    }

    /// Keeps cards without a label, beside those with one that is asked for.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// // The board has one card, without a label.
    /// assert_eq!(board.find(&Filter::new().no_label()).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn no_label(mut self) -> Self {
        self.no_label = true;
        self
    }

    /// Keeps cards assigned to this member, or to another who is asked for.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// // The board has one card, assigned to nobody.
    /// let of_ana = Filter::new().assignee(MemberId::parse("ana")?);
    /// assert!(board.find(&of_ana).is_empty());
    /// assert_eq!(board.find(&of_ana.unassigned()).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn assignee(mut self, member: MemberId) -> Self {
        self.assignees.insert(member);
        self
    }

    /// Keeps cards that nobody is assigned to, beside those of members who are asked for.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// // The board has one card, assigned to nobody.
    /// assert_eq!(board.find(&Filter::new().unassigned()).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn unassigned(mut self) -> Self {
        self.unassigned = true;
        self
    }

    /// Keeps cards whose due date meets this condition, or another one that is asked for.
    ///
    /// ```
    /// use kanban_core::{DueIs, Filter, Timestamp};
    /// let (now, utc_offset_seconds) = (Timestamp::from_unix_seconds(1_777_000_000), 0);
    /// let urgent = Filter::new()
    ///     .due(DueIs::Overdue { now, utc_offset_seconds })
    ///     .due(DueIs::WithinDays { days: 1, now, utc_offset_seconds });
    /// assert_eq!(urgent, Filter::new().overdue_at(now, 0).due_within_days(1, now, 0));
    /// ```
    #[must_use]
    pub fn due(mut self, condition: DueIs) -> Self {
        if !self.due.contains(&condition) {
            self.due.push(condition);
        }
        self
    }

    /// Keeps cards that are overdue at `now`: [`DueIs::Overdue`].
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let (card, due) = (CardId::parse("docs")?, Some(DateOrTime::parse("1970-01-01")?));
    /// board.apply(&Command::SetDue { card, due }, now)?;
    /// let next_day = Timestamp::from_unix_seconds(86_400);
    /// assert!(board.find(&Filter::new().overdue_at(now, 0)).is_empty());
    /// assert_eq!(board.find(&Filter::new().overdue_at(next_day, 0)).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn overdue_at(self, now: Timestamp, utc_offset_seconds: i32) -> Self {
        self.due(DueIs::Overdue { now, utc_offset_seconds })
    }

    /// Keeps cards that are due today or in the `days` days after: [`DueIs::WithinDays`].
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let (card, due) = (CardId::parse("docs")?, Some(DateOrTime::parse("1970-01-03")?));
    /// board.apply(&Command::SetDue { card, due }, now)?;
    /// assert!(board.find(&Filter::new().due_within_days(1, now, 0)).is_empty());
    /// assert_eq!(board.find(&Filter::new().due_within_days(2, now, 0)).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn due_within_days(self, days: u32, now: Timestamp, utc_offset_seconds: i32) -> Self {
        self.due(DueIs::WithinDays { days, now, utc_offset_seconds })
    }

    /// Keeps cards that are due from `first` to `last`: [`DueIs::Between`].
    ///
    /// ```
    /// use kanban_core::{DateOrTime, Filter};
    /// let day = DateOrTime::parse("2026-05-01")?;
    /// let on_that_day = Filter::new().due_between(day.clone(), day, 7200);
    /// let from_then_on = Filter::new().due_between(DateOrTime::parse("2026-05-01")?, None, 7200);
    /// assert_ne!(on_that_day, from_then_on);
    /// # Ok::<(), kanban_core::DateError>(())
    /// ```
    #[must_use]
    pub fn due_between(
        self,
        first: impl Into<Option<DateOrTime>>,
        last: impl Into<Option<DateOrTime>>,
        utc_offset_seconds: i32,
    ) -> Self {
        let (first, last) = (first.into(), last.into());
        self.due(DueIs::Between { first, last, utc_offset_seconds })
    }

    /// Keeps cards without a due date, beside those whose due date meets what is asked for.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// // The board has one card, without a due date.
    /// assert_eq!(board.find(&Filter::new().no_due_date()).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn no_due_date(self) -> Self {
        self.due(DueIs::Missing)
    }

    /// Keeps cards that are done, or those that are not.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// // The board has one card, which is not done.
    /// assert_eq!(board.find(&Filter::new().done(false)).len(), 1);
    /// assert!(board.find(&Filter::new().done(true)).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn done(mut self, done: bool) -> Self {
        self.done = Some(done);
        self
    }

    /// Keeps cards on which people left something to decide, or those on which they did not.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "doing", "name": "Doing" }, { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut ana = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// # let mut ben = ana.fork(Replica::new(ActorId::from([2; 16])).by("ben"));
    /// let card = CardId::parse("docs")?;
    /// ana.apply(&Command::RenameCard { card: card.clone(), title: "Docs".into() }, now)?;
    /// ben.apply(&Command::RenameCard { card, title: "Manual".into() }, now)?;
    /// ana.merge(&ben)?;
    /// assert_eq!(ana.find(&Filter::new().conflicted(true)).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn conflicted(mut self, conflicted: bool) -> Self {
        self.conflicted = Some(conflicted);
        self
    }

    /// Looks on the board, on the shelf, or on both.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// board.apply(&Command::ArchiveCard { card: CardId::parse("docs")? }, now)?;
    /// assert_eq!(board.find(&Filter::new().scope(Scope::Shelf)).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_the_way_to_javascript_and_back() {
        let now = Timestamp::from_unix_seconds(7);
        let filter = Filter::new()
            .text("“docs” ｱ")
            .column(ColumnId::parse("todo").unwrap())
            .label(LabelId::parse("red").unwrap())
            .no_label()
            .assignee(MemberId::parse("ana").unwrap())
            .unassigned()
            .overdue_at(now, -3600)
            .due_within_days(3, now, 0)
            .due_between(DateOrTime::parse("2026-05-01").unwrap(), None, 0)
            .no_due_date()
            .done(false)
            .conflicted(true)
            .scope(Scope::BoardAndShelf);
        let json = serde_json::to_string(&filter).unwrap();
        assert_eq!(serde_json::from_str::<Filter>(&json).unwrap(), filter, "{json}");
        assert!(json.contains(r#""noLabel":true"#) && json.contains(r#""scope":"boardAndShelf""#));
        assert_eq!(serde_json::from_str::<Filter>("{}").unwrap(), Filter::new());
    }

    #[test]
    fn asking_twice_for_the_same_is_asking_once() {
        let once = Filter::new().no_due_date();
        assert_eq!(once.clone().no_due_date(), once);
    }
}
