//! Events: what a command or a merge made different, for a screen that is already drawn.

use crate::ids::{CardId, ColumnId};
use crate::view::{Card, Column, Life};
use serde::Serialize;

/// Something that looks different now. Read the card or column again to draw it.
///
/// Events are derived by comparing what was shown with what is shown, so a change that makes no
/// difference to the view (a losing concurrent title that was already known, say) gives none, and
/// whatever no event names looks exactly as before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum BoardEvent {
    /// The board's name or description changed.
    BoardEdited,
    /// A card appeared that this replica did not know.
    CardCreated {
        /// The card.
        card: CardId,
    },
    /// A card stands in another place, in the same column if `from` equals `to`.
    CardMoved {
        /// The card.
        card: CardId,
        /// The column it stood in.
        from: ColumnId,
        /// The column it stands in.
        to: ColumnId,
    },
    /// A card's title, description or labels changed.
    CardEdited {
        /// The card.
        card: CardId,
    },
    /// A card went to the shelf.
    CardArchived {
        /// The card.
        card: CardId,
    },
    /// A card came back from the shelf.
    CardUnarchived {
        /// The card.
        card: CardId,
    },
    /// A card was deleted.
    CardDeleted {
        /// The card.
        card: CardId,
    },
    /// A deleted card is alive again.
    CardRestored {
        /// The card.
        card: CardId,
    },
    /// What people decided about a card at the same time changed: another placement or title to
    /// choose, a concurrent delete to confirm, or one of them settled.
    CardChoicesChanged {
        /// The card.
        card: CardId,
    },
    /// A column appeared that this replica did not know.
    ColumnCreated {
        /// The column.
        column: ColumnId,
    },
    /// A column stands in another place on the board.
    ColumnMoved {
        /// The column.
        column: ColumnId,
    },
    /// A column's name, colour or limit changed.
    ColumnEdited {
        /// The column.
        column: ColumnId,
    },
    /// A column went to the shelf.
    ColumnArchived {
        /// The column.
        column: ColumnId,
    },
    /// A column came back from the shelf.
    ColumnUnarchived {
        /// The column.
        column: ColumnId,
    },
    /// A column was deleted.
    ColumnDeleted {
        /// The column.
        column: ColumnId,
    },
    /// A deleted column is alive again.
    ColumnRestored {
        /// The column.
        column: ColumnId,
    },
    /// A deleted or archived column is shown again because a card stands in it (`recovered`), or
    /// is no longer.
    ColumnRecovered {
        /// The column.
        column: ColumnId,
        /// Whether it is shown for its cards' sake now.
        recovered: bool,
    },
    /// What people decided about a column at the same time changed.
    ColumnChoicesChanged {
        /// The column.
        column: ColumnId,
    },
}

/// What makes `new` look different from `old`.
pub(crate) fn card_events(old: Option<&Card>, new: &Card, events: &mut Vec<BoardEvent>) {
    use BoardEvent::*;
    let card = || new.id.clone();
    let Some(old) = old else {
        events.push(CardCreated { card: card() });
        match new.life {
            Life::OnBoard => {}
            Life::Archived => events.push(CardArchived { card: card() }),
            Life::Deleted => events.push(CardDeleted { card: card() }),
        }
        return;
    };
    match (old.life, new.life) {
        (Life::Deleted, Life::OnBoard) => events.push(CardRestored { card: card() }),
        (Life::Deleted, Life::Archived) => {
            events.push(CardRestored { card: card() });
            events.push(CardArchived { card: card() });
        }
        (Life::OnBoard, Life::Archived) => events.push(CardArchived { card: card() }),
        (Life::Archived, Life::OnBoard) => events.push(CardUnarchived { card: card() }),
        (Life::OnBoard | Life::Archived, Life::Deleted) => {
            events.push(CardDeleted { card: card() })
        }
        _ => {}
    }
    if old.column != new.column || old.position != new.position {
        events.push(CardMoved { card: card(), from: old.column.clone(), to: new.column.clone() });
    }
    if old.title != new.title || old.description != new.description || old.labels != new.labels {
        events.push(CardEdited { card: card() });
    }
    if old.other_placements != new.other_placements
        || old.other_titles != new.other_titles
        || old.deleted_concurrently != new.deleted_concurrently
    {
        events.push(CardChoicesChanged { card: card() });
    }
}

/// What makes `new` look different from `old`.
pub(crate) fn column_events(old: Option<&Column>, new: &Column, events: &mut Vec<BoardEvent>) {
    use BoardEvent::*;
    let column = || new.id.clone();
    let recovered = new.recovered;
    let Some(old) = old else {
        events.push(ColumnCreated { column: column() });
        if recovered {
            events.push(ColumnRecovered { column: column(), recovered });
        }
        return;
    };
    match (old.life, new.life) {
        (Life::Deleted, Life::OnBoard) => events.push(ColumnRestored { column: column() }),
        (Life::Deleted, Life::Archived) => {
            events.push(ColumnRestored { column: column() });
            events.push(ColumnArchived { column: column() });
        }
        (Life::OnBoard, Life::Archived) => events.push(ColumnArchived { column: column() }),
        (Life::Archived, Life::OnBoard) => events.push(ColumnUnarchived { column: column() }),
        (Life::OnBoard | Life::Archived, Life::Deleted) => {
            events.push(ColumnDeleted { column: column() });
        }
        _ => {}
    }
    if old.recovered != recovered {
        events.push(ColumnRecovered { column: column(), recovered });
    }
    if old.position != new.position {
        events.push(ColumnMoved { column: column() });
    }
    if old.name != new.name || old.colour != new.colour || old.wip_limit != new.wip_limit {
        events.push(ColumnEdited { column: column() });
    }
    if old.other_positions != new.other_positions
        || old.other_names != new.other_names
        || old.deleted_concurrently != new.deleted_concurrently
    {
        events.push(ColumnChoicesChanged { column: column() });
    }
}
