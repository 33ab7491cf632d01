//! Finding cards with a filter.

use super::filter::{Filter, Scope};
use super::text::Terms;
use crate::board::Board;
use crate::ids::{LabelId, MemberId};
use crate::order::gathered;
use crate::view::{BoardView, Card, Life};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Board {
    /// The cards that match, in board order: column by column, top to bottom, then the shelf.
    ///
    /// Costs a step per card, and one per character if the filter asks for text.
    ///
    /// ```
    /// # use kanban_core::{ActorId, Board, BoardId, CardId, ColumnId, Command, Replica, Slot, Timestamp};
    /// use kanban_core::Filter;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// # let ana = Replica::new(ActorId::from([1; 16]));
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// # let todo = ColumnId::parse("todo")?;
    /// # board.apply(&Command::CreateColumn { column: todo.clone(), name: "To do".into(), at: Slot::Last }, now)?;
    /// # board.apply(&Command::CreateCard { card: CardId::parse("docs")?, column: todo.clone(), at: Slot::Last, title: "Write docs".into(), description: String::new() }, now)?;
    /// let open = Filter::new().column(todo).unassigned().done(false);
    /// assert_eq!(board.find(&open)[0].title, "Write docs");
    /// assert!(board.find(&open.conflicted(true)).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn find(&self, filter: &Filter) -> Vec<Arc<Card>> {
        find(&self.view(), filter)
    }
}

pub(crate) fn find(view: &BoardView, filter: &Filter) -> Vec<Arc<Card>> {
    let sieve = Sieve::new(view, filter);
    cards(view).filter(|card| sieve.keeps(card)).cloned().collect()
}

/// The cards on the board and then those on the shelf, in order.
pub(crate) fn cards(view: &BoardView) -> impl Iterator<Item = &Arc<Card>> {
    view.columns.iter().flat_map(|column| &column.cards).chain(&view.archived_cards)
}

/// A filter made ready for the cards of one board.
pub(crate) struct Sieve<'a> {
    filter: &'a Filter,
    terms: Terms,
    labels: BTreeSet<&'a LabelId>,
    members: BTreeSet<&'a MemberId>,
}

impl<'a> Sieve<'a> {
    pub(crate) fn new(view: &'a BoardView, filter: &'a Filter) -> Self {
        Self {
            filter,
            terms: Terms::parse(&filter.text),
            labels: gathered(view.labels.iter().map(|label| &label.id)),
            members: gathered(view.members.iter().map(|member| &member.id)),
        }
    }

    pub(crate) fn keeps(&self, card: &Card) -> bool {
        // Text last: it is the one condition that costs more than a few comparisons.
        self.has_life(card)
            && (self.filter.columns.is_empty() || self.filter.columns.contains(&card.column))
            && self.has_label(card)
            && self.has_assignee(card)
            && (self.filter.due.is_empty() || self.filter.due.iter().any(|due| due.keeps(card)))
            && self.filter.done.is_none_or(|done| card.done == done)
            && self.filter.conflicted.is_none_or(|it| is_conflicted(card) == it)
            && (self.terms.is_empty() || self.terms.find_in(card).is_some())
    }

    fn has_life(&self, card: &Card) -> bool {
        match card.life {
            Life::OnBoard => self.filter.scope != Scope::Shelf,
            Life::Archived => self.filter.scope != Scope::Board,
            Life::Deleted | Life::Purged => false,
        }
    }

    fn has_label(&self, card: &Card) -> bool {
        let (asked, none) = (&self.filter.labels, self.filter.no_label);
        // A label that the board does not define is not shown, so nobody would find it here.
        let mut shown = card.labels.iter().filter(|id| self.labels.contains(id)).peekable();
        (asked.is_empty() && !none)
            || (none && shown.peek().is_none())
            || shown.any(|id| asked.contains(id))
    }

    fn has_assignee(&self, card: &Card) -> bool {
        let (asked, nobody) = (&self.filter.assignees, self.filter.unassigned);
        let mut shown = card.assignees.iter().filter(|id| self.members.contains(id)).peekable();
        (asked.is_empty() && !nobody)
            || (nobody && shown.peek().is_none())
            || shown.any(|id| asked.contains(id))
    }
}

/// Whether people left something to decide on the card.
fn is_conflicted(card: &Card) -> bool {
    card.deleted_concurrently
        || !card.other_placements.is_empty()
        || !card.other_titles.is_empty()
        || !card.conflicted_fields.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Field;
    use crate::ids::ColumnId;
    use crate::query::samples::{archived, assigned, board, card, label, labelled, member};

    fn ids(view: &BoardView, filter: Filter) -> String {
        let found = find(view, &filter);
        found.iter().map(|card| card.id.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn column(id: &str) -> ColumnId {
        ColumnId::parse(id).unwrap()
    }

    #[test]
    fn without_conditions_every_card_on_the_board_is_found_in_order() {
        let view = board(&[
            ("todo", vec![card("z", "Z"), archived(card("m", "M")), card("a", "A")]),
            ("done", vec![card("b", "B")]),
        ]);
        assert_eq!(ids(&view, Filter::new()), "z a b");
        assert_eq!(ids(&view, Filter::new().scope(Scope::Shelf)), "m");
        assert_eq!(ids(&view, Filter::new().scope(Scope::BoardAndShelf)), "z a b m");
        assert_eq!(ids(&view, Filter::new().column(column("done"))), "b");
        let both = Filter::new().column(column("done")).column(column("todo"));
        assert_eq!(ids(&view, both), "z a b");
    }

    #[test]
    fn one_label_of_several_is_enough_and_none_can_be_asked_for_beside_them() {
        let view = board(&[(
            "todo",
            vec![
                labelled("red", &["red"]),
                labelled("both", &["red", "blue"]),
                labelled("blue", &["blue"]),
                labelled("gone", &["undefined"]),
                card("bare", "Bare"),
            ],
        )]);
        assert_eq!(ids(&view, Filter::new().label(label("red"))), "red both");
        let either = Filter::new().label(label("red")).label(label("blue"));
        assert_eq!(ids(&view, either), "red both blue");
        assert_eq!(ids(&view, Filter::new().no_label()), "gone bare");
        assert_eq!(
            ids(&view, Filter::new().no_label().label(label("blue"))),
            "both blue gone bare"
        );
        assert_eq!(ids(&view, Filter::new().label(label("undefined"))), "");
    }

    #[test]
    fn nobody_can_be_asked_for_beside_somebody() {
        let view = board(&[(
            "todo",
            vec![assigned("a", &["ana"]), assigned("b", &["ana", "ben"]), assigned("c", &[])],
        )]);
        assert_eq!(ids(&view, Filter::new().assignee(member("ben"))), "b");
        assert_eq!(ids(&view, Filter::new().assignee(member("ben")).unassigned()), "b c");
        assert_eq!(ids(&view, Filter::new().assignee(member("stranger"))), "");
    }

    #[test]
    fn kinds_of_conditions_must_all_be_met() {
        let mut urgent = labelled("urgent", &["red"]);
        urgent.title = "Write docs".into();
        let view = board(&[("todo", vec![urgent, labelled("other", &["red"])])]);
        let filter = Filter::new().label(label("red")).unassigned().text("DOCS");
        assert_eq!(ids(&view, filter.clone()), "urgent");
        assert_eq!(ids(&view, filter.done(true)), "");
    }

    #[test]
    fn whatever_people_left_to_decide_makes_a_card_conflicted() {
        let moved = {
            let placement = crate::placement::Placement {
                column: column("done"),
                position: crate::position::Position::last(),
            };
            Card { other_placements: vec![placement], ..card("moved", "A") }
        };
        let retitled = Card { other_titles: vec!["B".into()], ..card("retitled", "A") };
        let deleted = Card { deleted_concurrently: true, ..card("deleted", "A") };
        let field = Field::CardDue { card: card("due", "").id };
        let due = Card { conflicted_fields: vec![field], ..card("due", "A") };
        let view = board(&[("todo", vec![moved, retitled, card("calm", "A"), deleted, due])]);
        assert_eq!(ids(&view, Filter::new().conflicted(true)), "moved retitled deleted due");
        assert_eq!(ids(&view, Filter::new().conflicted(false)), "calm");
    }
}
