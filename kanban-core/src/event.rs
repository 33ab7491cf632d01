//! Events: what a command or a merge made different, for a screen that is already drawn.

use crate::field::CardField;
use crate::ids::{CardId, ColumnId, LabelId, MemberId};
use crate::order::gathered;
use crate::view::{Card, Column, Life};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Something that looks different now. Read the card or column again to draw it.
///
/// Events are derived by comparing what was shown with what is shown, so a change that makes no
/// difference to the view (a losing concurrent title that was already known, say) gives none, and
/// whatever no event names looks exactly as before.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let (card, to) = (CardId::parse("docs")?, ColumnId::parse("done")?);
/// let drop = Command::MoveCard { card, column: to, to: Slot::Last };
/// let events = board.apply(&drop, now)?.events;
/// let [BoardEvent::CardMoved { from, to, .. }] = &events[..] else { panic!("{events:?}") };
/// assert_eq!((from.as_str(), to.as_str()), ("todo", "done"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum BoardEvent {
    /// The board's name or description changed, or what people decided about them at the same
    /// time.
    BoardEdited,
    /// A label was defined, changed, deleted or restored, or what people decided about it at the
    /// same time changed.
    LabelChanged {
        /// The label.
        label: LabelId,
    },
    /// A member was added, changed, removed or restored, or what people decided about them at the
    /// same time changed.
    MemberChanged {
        /// The member.
        member: MemberId,
    },
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
    /// A card's own fields or what belongs to it changed.
    CardEdited {
        /// The card.
        card: CardId,
        /// Which of them.
        fields: BTreeSet<CardField>,
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
    /// A card was deleted for good.
    CardPurged {
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
    /// A column was deleted for good.
    ColumnPurged {
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
            Life::Purged => events.push(CardPurged { card: card() }),
        }
        return;
    };
    match Turn::between(old.life, new.life) {
        Some(Turn::Restored { archived }) => {
            events.push(CardRestored { card: card() });
            events.extend(archived.then(|| CardArchived { card: card() }));
        }
        Some(Turn::Archived) => events.push(CardArchived { card: card() }),
        Some(Turn::Unarchived) => events.push(CardUnarchived { card: card() }),
        Some(Turn::Deleted) => events.push(CardDeleted { card: card() }),
        Some(Turn::Purged) => events.push(CardPurged { card: card() }),
        None => {}
    }
    if old.column != new.column || old.position != new.position {
        events.push(CardMoved { card: card(), from: old.column.clone(), to: new.column.clone() });
    }
    let fields = changed_fields(old, new);
    if !fields.is_empty() {
        events.push(CardEdited { card: card(), fields });
    }
    if old.other_placements != new.other_placements
        || old.other_titles != new.other_titles
        || old.conflicted_fields != new.conflicted_fields
        || old.deleted_concurrently != new.deleted_concurrently
    {
        events.push(CardChoicesChanged { card: card() });
    }
}

fn changed_fields(old: &Card, new: &Card) -> BTreeSet<CardField> {
    let fields = [
        (CardField::Title, old.title != new.title),
        (CardField::Description, old.description != new.description),
        (CardField::Labels, old.labels != new.labels),
        (CardField::Assignees, old.assignees != new.assignees),
        (CardField::Start, old.start != new.start),
        (CardField::Due, old.due != new.due),
        (CardField::Done, old.done != new.done),
        (CardField::Cover, old.cover != new.cover),
        (CardField::Checklists, old.checklists != new.checklists),
        (CardField::Comments, old.comments != new.comments),
        (CardField::Links, old.links != new.links),
    ];
    gathered(fields.into_iter().filter_map(|(field, changed)| changed.then_some(field)))
}

/// How a life went on.
enum Turn {
    Archived,
    Unarchived,
    Deleted,
    Purged,
    Restored { archived: bool },
}

impl Turn {
    fn between(old: Life, new: Life) -> Option<Self> {
        match (old, new) {
            (old, new) if old == new => None,
            (_, Life::Purged) => Some(Turn::Purged),
            (_, Life::Deleted) => Some(Turn::Deleted),
            (old, new) if !old.is_alive() => {
                Some(Turn::Restored { archived: new == Life::Archived })
            }
            (_, Life::Archived) => Some(Turn::Archived),
            (_, Life::OnBoard) => Some(Turn::Unarchived),
        }
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
    match Turn::between(old.life, new.life) {
        Some(Turn::Restored { archived }) => {
            events.push(ColumnRestored { column: column() });
            events.extend(archived.then(|| ColumnArchived { column: column() }));
        }
        Some(Turn::Archived) => events.push(ColumnArchived { column: column() }),
        Some(Turn::Unarchived) => events.push(ColumnUnarchived { column: column() }),
        Some(Turn::Deleted) => events.push(ColumnDeleted { column: column() }),
        Some(Turn::Purged) => events.push(ColumnPurged { column: column() }),
        None => {}
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
        || old.conflicted_fields != new.conflicted_fields
        || old.deleted_concurrently != new.deleted_concurrently
    {
        events.push(ColumnChoicesChanged { column: column() });
    }
}
