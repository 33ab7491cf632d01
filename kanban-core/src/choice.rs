//! Who placed a card where: the choices behind a conflict, with their authors.

use crate::board::Board;
use crate::conflict::stamp;
use crate::ids::CardId;
use crate::placement::{Placement, Stamped};
use crate::read::Reader;
use crate::registers::winner;
use crate::replica::Timestamp;
use crate::schema::key;
use automerge::{Automerge, ChangeHash, ObjId};
use serde::Serialize;

/// One of the placements that people gave a card without knowing of each other.
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
/// let to = |column| Command::MoveCard { card: card.clone(), column, to: Slot::Last };
/// ana.apply(&to(ColumnId::parse("doing")?), now)?;
/// ben.apply(&to(ColumnId::parse("done")?), now)?;
/// ana.merge(&ben)?;
/// let choices = ana.placement_choices(&card);
/// let in_force = choices.iter().find(|choice| choice.in_force).unwrap();
/// assert_eq!(in_force.placement.column, ana.card(&card).unwrap().column);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlacementChoice {
    /// Where they put it. [`Command::PickCardPlacement`](crate::Command::PickCardPlacement) takes
    /// it.
    pub placement: Placement,
    /// Whether this is the one in force. A relocation by a machine may still show the card in
    /// another column.
    pub in_force: bool,
    /// Who, as given to [`Replica::by`](crate::Replica::by).
    #[serde(serialize_with = "crate::author::serialize")]
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub author: Option<Vec<u8>>,
    /// When, by their clock.
    pub at: Timestamp,
    /// The change that recorded it.
    #[serde(serialize_with = "crate::hashes::one::serialize")]
    #[cfg_attr(feature = "typescript", ts(type = "ChangeHash"))]
    pub change: ChangeHash,
}

impl Board {
    /// The placements of a card that no known move or delete has superseded: one if all agree,
    /// none if it is unknown or deleted. Concurrent placements of one column at different
    /// positions are listed too.
    ///
    /// Costs about 10 µs a choice; ask when somebody opens the card, not for every card.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let choices = board.placement_choices(&CardId::parse("docs")?);
    /// assert_eq!(choices.len(), 1);
    /// assert_eq!(choices[0].placement.column.as_str(), "todo");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn placement_choices(&self, card: &CardId) -> Vec<PlacementChoice> {
        let Some(state) = self.model().cards.get(card) else {
            return Vec::new();
        };
        let document = self.document();
        let reader = Reader::now(document);
        let stored: Vec<(Stamped, ObjId)> = reader
            .values_and_operations(&state.object, key::POS)
            .into_iter()
            .filter_map(|(value, operation)| {
                Some((Stamped::parse(&value.text(reader)?)?, operation))
            })
            .collect();
        let values: Vec<Stamped> = stored.iter().map(|(stamped, _)| stamped.clone()).collect();
        let winner = winner(&values);
        stored
            .iter()
            .filter_map(|(stamped, operation)| {
                choice(document, stamped, operation, Some(stamped) == winner)
            })
            .collect()
    }
}

fn choice(
    document: &Automerge,
    stamped: &Stamped,
    operation: &ObjId,
    in_force: bool,
) -> Option<PlacementChoice> {
    let by = stamp(document, operation)?;
    let (author, at, change) = (by.author, by.at, by.change);
    Some(PlacementChoice { placement: stamped.placement()?, in_force, author, at, change })
}
