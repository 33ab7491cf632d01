//! The board cut into rows: one per member, label or due date.

use super::due::DueGroup;
use super::filter::Filter;
use super::find::Sieve;
use crate::board::Board;
use crate::ids::{LabelId, MemberId};
use crate::order::sort_by;
use crate::parts::{Label, Member};
use crate::replica::Timestamp;
use crate::tagged::tagged;
use crate::view::{BoardView, Card, ColumnView};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

tagged! { "by";
/// What to cut the board into rows by.
///
/// ```
/// use kanban_core::GroupBy;
/// assert_eq!(serde_json::from_str::<GroupBy>(r#"{"by":"assignee"}"#)?, GroupBy::Assignee);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "by", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum GroupBy {
    /// A row per member.
    Assignee,
    /// A row per label.
    Label,
    /// A row per [`DueGroup`].
    Due {
        /// The reader's clock.
        now: Timestamp,
        /// How far that clock is ahead of UTC.
        utc_offset_seconds: i32,
    },
}
}

/// What the cards of a swimlane have in common.
///
/// ```
/// use kanban_core::{DueGroup, Group};
/// let json = serde_json::to_string(&Group::Due { due: DueGroup::Today })?;
/// assert_eq!(json, r#"{"group":"due","due":"today"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "group", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Group {
    /// They are assigned to a member.
    Member {
        /// The member.
        member: Arc<Member>,
    },
    /// They carry a label.
    Label {
        /// The label.
        label: Arc<Label>,
    },
    /// They are due at about the same time.
    Due {
        /// When.
        due: DueGroup,
    },
    /// They are assigned to nobody, carry no label, or have no due date.
    None,
}

/// A row of the board.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let lanes: Vec<Swimlane> = board.swimlanes(GroupBy::Assignee, &Filter::new());
/// assert_eq!(lanes[0].group, Group::None);
/// assert_eq!(lanes[0].columns[0].cards[0].title, "Write docs");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Swimlane {
    /// What its cards have in common.
    pub group: Group,
    /// Every column of the board, left to right, each with the cards of this row, top to bottom.
    pub columns: Vec<ColumnView>,
}

impl Swimlane {
    /// How many cards stand in it.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// // The board has one card, without a label.
    /// let lanes = board.swimlanes(GroupBy::Label, &Filter::new());
    /// assert_eq!(lanes[0].card_count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn card_count(&self) -> usize {
        self.columns.iter().map(|column| column.cards.len()).sum()
    }

    /// Whether no card stands in it.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// // The board has one card, which is not done.
    /// assert!(board.swimlanes(GroupBy::Label, &Filter::new().done(true))[0].is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.card_count() == 0
    }
}

impl Board {
    /// The board as rows, each with those of its cards that match.
    ///
    /// There is a row for every member or label that the board defines, by name and then id, or
    /// for every [`DueGroup`], soonest first; the last row is [`Group::None`]. A row without cards
    /// is there all the same, so that a card can be dropped in it; see [`Swimlane::is_empty`]. A
    /// card with two labels is in both of their rows. The shelf has no rows: archived cards are
    /// left out whatever the filter says.
    ///
    /// ```
    /// # use kanban_core::{ActorId, Board, BoardId, CardId, ColumnId, Command, Replica, Slot, Timestamp};
    /// use kanban_core::{Filter, Group, GroupBy};
    /// # let now = Timestamp::from_unix_seconds(0);
    /// # let ana = Replica::new(ActorId::from([1; 16]));
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// # let todo = ColumnId::parse("todo")?;
    /// # board.apply(&Command::CreateColumn { column: todo.clone(), name: "To do".into(), at: Slot::Last }, now)?;
    /// # board.apply(&Command::CreateCard { card: CardId::parse("docs")?, column: todo, at: Slot::Last, title: "Write docs".into(), description: String::new() }, now)?;
    /// let lanes = board.swimlanes(GroupBy::Assignee, &Filter::new());
    /// let unassigned = lanes.last().expect("there is always a last row");
    /// assert_eq!(unassigned.group, Group::None);
    /// assert_eq!(unassigned.columns[0].cards[0].title, "Write docs");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn swimlanes(&self, by: GroupBy, filter: &Filter) -> Vec<Swimlane> {
        swimlanes(&self.view(), by, filter)
    }
}

pub(crate) fn swimlanes(view: &BoardView, by: GroupBy, filter: &Filter) -> Vec<Swimlane> {
    let sieve = Sieve::new(view, filter);
    let rows = Rows::new(view, by);
    let empty = vec![Vec::new(); view.columns.len()];
    let mut lanes: Vec<Vec<Vec<Arc<Card>>>> = vec![empty; rows.groups.len()];
    for (index, column) in view.columns.iter().enumerate() {
        for card in column.cards.iter().filter(|card| sieve.keeps(card)) {
            for row in rows.of(card) {
                if let Some(cards) = lanes.get_mut(row).and_then(|lane| lane.get_mut(index)) {
                    cards.push(card.clone());
                }
            }
        }
    }
    let columns = |cards: Vec<Vec<Arc<Card>>>| {
        let columns = view.columns.iter().map(|it| it.column.clone()).zip(cards);
        columns.map(|(column, cards)| ColumnView { column, cards: cards.into() }).collect()
    };
    let lanes = rows.groups.iter().cloned().zip(lanes);
    lanes.map(|(group, cards)| Swimlane { group, columns: columns(cards) }).collect()
}

/// The groups, and in which of them a card belongs.
struct Rows<'a> {
    by: GroupBy,
    groups: Vec<Group>,
    members: BTreeMap<&'a MemberId, usize>,
    labels: BTreeMap<&'a LabelId, usize>,
}

impl<'a> Rows<'a> {
    fn new(view: &'a BoardView, by: GroupBy) -> Self {
        let (mut members, mut labels) = (BTreeMap::new(), BTreeMap::new());
        let mut groups: Vec<Group> = match by {
            GroupBy::Assignee => {
                let mut sorted: Vec<&Arc<Member>> = view.members.iter().collect();
                sort_by(&mut sorted, |one, other| {
                    (&one.name, &one.id).cmp(&(&other.name, &other.id))
                });
                members.extend(sorted.iter().enumerate().map(|(row, member)| (&member.id, row)));
                sorted.into_iter().map(|it| Group::Member { member: it.clone() }).collect()
            }
            GroupBy::Label => {
                let mut sorted: Vec<&Arc<Label>> = view.labels.iter().collect();
                sort_by(&mut sorted, |one, other| {
                    (&one.name, &one.id).cmp(&(&other.name, &other.id))
                });
                labels.extend(sorted.iter().enumerate().map(|(row, label)| (&label.id, row)));
                sorted.into_iter().map(|it| Group::Label { label: it.clone() }).collect()
            }
            GroupBy::Due { .. } => DueGroup::ALL.map(|due| Group::Due { due }).into(),
        };
        groups.push(Group::None);
        Self { by, groups, members, labels }
    }

    fn of(&self, card: &Card) -> Vec<usize> {
        let mut rows: Vec<usize> = match self.by {
            GroupBy::Assignee => {
                card.assignees.iter().filter_map(|id| self.members.get(id).copied()).collect()
            }
            GroupBy::Label => {
                card.labels.iter().filter_map(|id| self.labels.get(id).copied()).collect()
            }
            GroupBy::Due { now, utc_offset_seconds } => {
                let due = DueGroup::of(card, now, utc_offset_seconds);
                DueGroup::ALL.iter().position(|group| Some(*group) == due).into_iter().collect()
            }
        };
        if rows.is_empty() {
            rows.push(self.groups.len() - 1);
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::DateOrTime;
    use crate::query::filter::Scope;
    use crate::query::samples::{archived, assigned, board, card, labelled};

    fn written(view: &BoardView, by: GroupBy, filter: &Filter) -> Vec<String> {
        let name = |group: &Group| match group {
            Group::Member { member } => member.name.clone(),
            Group::Label { label } => label.name.clone(),
            Group::Due { due } => format!("{due:?}"),
            Group::None => "-".into(),
        };
        let cards = |column: &ColumnView| {
            column.cards.iter().map(|card| card.id.as_str()).collect::<Vec<_>>().join(" ")
        };
        let columns = |lane: &Swimlane| lane.columns.iter().map(cards).collect::<Vec<_>>();
        let lanes = swimlanes(view, by, filter);
        lanes.iter().map(|it| format!("{}: {}", name(&it.group), columns(it).join(" | "))).collect()
    }

    #[test]
    fn a_card_with_two_labels_is_in_both_rows_and_one_without_in_the_last() {
        let view = board(&[
            ("todo", vec![labelled("b", &["red", "blue"]), labelled("a", &["red"])]),
            ("done", vec![card("c", "C"), labelled("d", &["undefined"])]),
        ]);
        assert_eq!(
            written(&view, GroupBy::Label, &Filter::new()),
            ["Blue: b | ", "Green:  | ", "Red: b a | ", "-:  | c d"]
        );
    }

    #[test]
    fn rows_of_members_are_by_name_and_then_id_however_the_board_lists_them() {
        let mut view = board(&[("todo", vec![assigned("a", &["ben"]), assigned("b", &[])])]);
        let other_ana =
            Member { id: MemberId::parse("ana2").unwrap(), ..(*view.members[0]).clone() };
        view.members.insert(0, Arc::new(other_ana));
        view.members.reverse();
        let lanes = swimlanes(&view, GroupBy::Assignee, &Filter::new());
        let ids = lanes.iter().map(|lane| match &lane.group {
            Group::Member { member } => member.id.as_str(),
            _ => "-",
        });
        assert_eq!(ids.collect::<Vec<_>>(), ["ana", "ana2", "ben", "-"]);
        assert_eq!(lanes.iter().map(Swimlane::card_count).collect::<Vec<_>>(), [0, 0, 1, 1]);
        assert!(lanes[0].is_empty());
    }

    #[test]
    fn rows_by_due_date_go_from_late_to_later() {
        let due = |id: &str, text: &str, done: bool| Card {
            due: Some(DateOrTime::parse(text).unwrap()),
            done,
            ..card(id, id)
        };
        let view = board(&[(
            "todo",
            vec![
                due("late", "2026-04-30", false),
                due("made", "2026-04-30", true),
                due("today", "2026-05-01", true),
                due("soon", "2026-05-07", false),
                due("far", "2026-05-08", false),
                card("free", "Free"),
            ],
        )]);
        let now = DateOrTime::parse("2026-05-01T10:00:00Z").unwrap().starts_at(0);
        let by = GroupBy::Due { now, utc_offset_seconds: 0 };
        assert_eq!(
            written(&view, by, &Filter::new()),
            ["Overdue: late", "Today: today", "Week: soon", "Later: far", "Past: made", "-: free"]
        );
    }

    #[test]
    fn rows_hold_what_the_filter_keeps_and_nothing_from_the_shelf() {
        let view = board(&[("todo", vec![labelled("a", &["red"]), archived(card("b", "B"))])]);
        let filter = Filter::new().scope(Scope::BoardAndShelf);
        assert_eq!(written(&view, GroupBy::Label, &filter), ["Blue: ", "Green: ", "Red: a", "-: "]);
        assert_eq!(
            written(&view, GroupBy::Label, &filter.text("nothing")),
            ["Blue: ", "Green: ", "Red: ", "-: "]
        );
    }
}
