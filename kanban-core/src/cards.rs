//! A list of cards that views share.

use crate::ids::CardId;
use crate::position::Position;
use crate::view::Card;
use serde::Serialize;
use std::ops::Deref;
use std::sync::Arc;

/// Cards in order. A list that did not change is the same allocation in the next view, and copying one
/// costs nothing that grows with it.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let before = board.view();
/// board.apply(&Command::RenameColumn { column: ColumnId::parse("todo")?, name: "Soon".into() }, now)?;
/// let after = board.view();
/// assert!(Cards::ptr_eq(&before.columns[0].cards, &after.columns[0].cards));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "Array<Card>"))]
#[serde(transparent)]
pub struct Cards(Arc<Vec<Arc<Card>>>);

impl Cards {
    /// Whether two are the same allocation, and so the same cards.
    ///
    /// ```
    /// # use kanban_core::Cards;
    /// let cards = Cards::default();
    /// assert!(Cards::ptr_eq(&cards, &cards.clone()));
    /// assert!(!Cards::ptr_eq(&cards, &Cards::default()));
    /// ```
    pub fn ptr_eq(one: &Self, other: &Self) -> bool {
        Arc::ptr_eq(&one.0, &other.0)
    }
}

/// For those that keep a list in the order of places.
impl Cards {
    pub(crate) fn insert(&mut self, card: Arc<Card>) {
        let at = self.0.partition_point(|other| place(other) < place(&card));
        Arc::make_mut(&mut self.0).insert(at, card);
    }

    pub(crate) fn remove(&mut self, card: &Card) {
        if let Ok(at) = self.0.binary_search_by(|other| place(other).cmp(&place(card))) {
            Arc::make_mut(&mut self.0).remove(at);
        }
    }
}

fn place(card: &Card) -> (&Position, &CardId) {
    (&card.position, &card.id)
}

impl PartialEq for Cards {
    fn eq(&self, other: &Self) -> bool {
        Self::ptr_eq(self, other) || self.0 == other.0
    }
}

impl Deref for Cards {
    type Target = [Arc<Card>];

    fn deref(&self) -> &[Arc<Card>] {
        &self.0
    }
}

impl FromIterator<Arc<Card>> for Cards {
    fn from_iter<I: IntoIterator<Item = Arc<Card>>>(cards: I) -> Self {
        Self(Arc::new(cards.into_iter().collect()))
    }
}

impl From<Vec<Arc<Card>>> for Cards {
    fn from(cards: Vec<Arc<Card>>) -> Self {
        Self(Arc::new(cards))
    }
}

impl<'a> IntoIterator for &'a Cards {
    type Item = &'a Arc<Card>;
    type IntoIter = std::slice::Iter<'a, Arc<Card>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
