//! The past of a real Trello board: as it stood halfway through its log, and what people did to it afterwards.
//!
//! The log says where a card was before a drag, and the export says where everything ended; together they give every
//! state in between exactly (see `timeline.rs`). One thing is lost: when a card is deleted, Trello erases all it ever
//! logged of that card except the deletion. Such cards are listed in [`History::erased`] and are in no board here.

mod timeline;

use timeline::{Action, Export, Life, Moment};

/// A board's past and what happened since.
#[derive(Debug, PartialEq)]
pub struct History {
    /// The board after the first half of the actions.
    pub midpoint: PastBoard,
    /// When that was: the date of the last action of the first half, ISO 8601.
    pub midpoint_date: String,
    /// What people did afterwards, oldest first. Replayed on [`History::midpoint`], it gives [`History::end`].
    pub later: Vec<LaterStep>,
    /// The board as it was exported.
    pub end: PastBoard,
    /// Cards of which Trello remembers nothing but the deletion.
    pub erased: Vec<ErasedCard>,
}

/// A board at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct PastBoard {
    pub name: String,
    /// From left to right.
    pub columns: Vec<PastColumn>,
}

/// A column at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct PastColumn {
    pub id: String,
    pub name: String,
    pub archived: bool,
    /// From top to bottom, archived ones in their places.
    pub cards: Vec<PastCard>,
}

/// A card at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct PastCard {
    pub id: String,
    pub title: String,
    pub description: String,
    pub archived: bool,
}

/// One thing a person did.
#[derive(Debug, Clone, PartialEq)]
pub struct LaterStep {
    /// The member's full name.
    pub who: String,
    /// ISO 8601, UTC.
    pub when: String,
    pub what: What,
}

/// What a person did. `next_card` is the open card directly below afterwards, `None` at the bottom of the column.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A drag, within a column or to another; Trello logs most of the latter as two actions.
    Drag {
        card: String,
        to_column: String,
        next_card: Option<String>,
    },
    Create {
        card: String,
        title: String,
        description: String,
        column: String,
        next_card: Option<String>,
    },
    Rename {
        card: String,
        title: String,
    },
    Describe {
        card: String,
        description: String,
    },
    Archive {
        card: String,
    },
    Unarchive {
        card: String,
        column: String,
        next_card: Option<String>,
    },
    Delete {
        card: String,
    },
    CreateColumn {
        column: String,
        name: String,
        next_column: Option<String>,
    },
    RenameColumn {
        column: String,
        name: String,
    },
    /// `next_column` is the column directly to the right afterwards, archived ones included.
    MoveColumn {
        column: String,
        next_column: Option<String>,
    },
    ArchiveColumn {
        column: String,
    },
    UnarchiveColumn {
        column: String,
    },
}

/// A card whose log Trello erased when it was deleted: its title, its creation and its moves are unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct ErasedCard {
    pub id: String,
    /// The column it was deleted from.
    pub column: String,
    pub who: String,
    pub when: String,
}

impl History {
    /// Reconstructs the past from a Trello export.
    ///
    /// Trello exports at most the latest 1,000 actions. That is enough: what is older than the log was there from its
    /// beginning on.
    ///
    /// # Errors
    /// If the file is no JSON, or an action, card or list lacks what every export has.
    pub fn read(json: &str) -> serde_json::Result<Self> {
        let log = Log::new(Export::read(json)?);
        let (middle, end) = (log.export.actions.len() / 2, log.export.actions.len());
        Ok(Self {
            midpoint: log.board_at(middle),
            midpoint_date: log
                .export
                .actions
                .iter()
                .take(middle)
                .next_back()
                .map_or(String::new(), |a| a.date.clone()),
            later: (middle..end).flat_map(|number| log.steps(number)).collect(),
            end: log.board_at(end),
            erased: log.erased(),
        })
    }
}

struct Log {
    export: Export,
    columns: Vec<Life>,
    cards: Vec<Life>,
}

impl Log {
    fn new(export: Export) -> Self {
        Self { columns: timeline::columns(&export), cards: timeline::cards(&export), export }
    }

    fn board_at(&self, moment: Moment) -> PastBoard {
        let column = |column: &Life| PastColumn {
            id: column.id.clone(),
            name: column.name.at(moment).clone(),
            archived: *column.archived.at(moment),
            cards: self.cards_at(moment, &column.id),
        };
        PastBoard {
            name: self.export.name.clone(),
            columns: in_order(&self.columns, moment).into_iter().map(column).collect(),
        }
    }

    fn cards_at(&self, moment: Moment, column: &str) -> Vec<PastCard> {
        let here = self.cards.iter().filter(|card| card.column.at(moment) == column);
        let card = |card: &Life| PastCard {
            id: card.id.clone(),
            title: card.name.at(moment).clone(),
            description: card.description.at(moment).clone(),
            archived: *card.archived.at(moment),
        };
        in_order(here, moment).into_iter().map(card).collect()
    }

    /// What a person did with this action; nothing if it is about labels, dates, comments and the like, or the first
    /// half of a drag.
    fn steps(&self, number: usize) -> Vec<LaterStep> {
        let Some(action) = self.export.actions.get(number) else {
            return Vec::new();
        };
        let card = action.card_id().and_then(|id| self.cards.iter().find(|card| card.id == id));
        let list = action.data.list.as_ref();
        let column = list.and_then(|list| self.columns.iter().find(|column| column.id == list.id));
        let what = match (action.kind.as_str(), card, column) {
            ("updateCard", Some(card), _) => self.card_changes(number, action, card),
            ("updateList", _, Some(column)) => self.column_changes(number + 1, action, column),
            (_, Some(card), _) if action.creates_card() => vec![What::Create {
                card: card.id.clone(),
                title: card.name.at(number + 1).clone(),
                description: card.description.at(number + 1).clone(),
                column: card.column.at(number + 1).clone(),
                next_card: self.card_below(number + 1, card),
            }],
            (_, Some(card), _) if action.deletes_card() => {
                vec![What::Delete { card: card.id.clone() }]
            }
            (_, _, Some(column)) if action.creates_column() => vec![What::CreateColumn {
                column: column.id.clone(),
                name: column.name.at(number + 1).clone(),
                next_column: self.column_to_the_right(number + 1, column),
            }],
            _ => Vec::new(),
        };
        let step = |what| LaterStep { who: action.who().into(), when: action.date.clone(), what };
        what.into_iter().map(step).collect()
    }

    fn card_changes(&self, number: usize, action: &Action, card: &Life) -> Vec<What> {
        let (old, now, id) = (&action.data.old, number + 1, || card.id.clone());
        let mut changes = Vec::new();
        if action.moves() && !self.is_first_half_of_a_drag(number, action) {
            changes.push(What::Drag {
                card: id(),
                to_column: card.column.at(now).clone(),
                next_card: self.card_below(now, card),
            });
        }
        if old.name.is_some() {
            changes.push(What::Rename { card: id(), title: card.name.at(now).clone() });
        }
        if old.desc.is_some() {
            changes
                .push(What::Describe { card: id(), description: card.description.at(now).clone() });
        }
        match old.closed {
            Some(false) => changes.push(What::Archive { card: id() }),
            Some(true) => changes.push(What::Unarchive {
                card: id(),
                column: card.column.at(now).clone(),
                next_card: self.card_below(now, card),
            }),
            None => {}
        }
        changes
    }

    fn column_changes(&self, now: Moment, action: &Action, column: &Life) -> Vec<What> {
        let (old, id) = (&action.data.old, || column.id.clone());
        let moved = || What::MoveColumn {
            column: id(),
            next_column: self.column_to_the_right(now, column),
        };
        let renamed = || What::RenameColumn { column: id(), name: column.name.at(now).clone() };
        let closed = old.closed.map(|was_archived| match was_archived {
            false => What::ArchiveColumn { column: id() },
            true => What::UnarchiveColumn { column: id() },
        });
        [old.pos.map(|_| moved()), old.name.as_ref().map(|_| renamed()), closed]
            .into_iter()
            .flatten()
            .collect()
    }

    /// A drag to another column is logged as a change of the column, and some 20 to 60 milliseconds later a change of
    /// the position. Between the two the card stands where nobody put it, so only the second counts.
    fn is_first_half_of_a_drag(&self, number: usize, action: &Action) -> bool {
        const DRAG_MILLISECONDS_MAX: i64 = 1000;
        let later = self.export.actions.iter().skip(number + 1);
        let next_move =
            later.take_while(|later| match (action.milliseconds(), later.milliseconds()) {
                (Some(first), Some(second)) => second - first <= DRAG_MILLISECONDS_MAX,
                _ => false,
            });
        let mut next_move =
            next_move.filter(|later| later.card_id() == action.card_id() && later.moves());
        action.data.old.id_list.is_some()
            && next_move
                .next()
                .is_some_and(|next| next.data.old.id_list.is_none() && next.who() == action.who())
    }

    fn card_below(&self, moment: Moment, card: &Life) -> Option<String> {
        let column = self.cards_at(moment, card.column.at(moment)).into_iter();
        let mut below = column.skip_while(|other| other.id != card.id).skip(1);
        below.find(|other| !other.archived).map(|other| other.id)
    }

    fn column_to_the_right(&self, moment: Moment, column: &Life) -> Option<String> {
        let columns = in_order(&self.columns, moment).into_iter();
        columns.skip_while(|other| other.id != column.id).nth(1).map(|other| other.id.clone())
    }

    fn erased(&self) -> Vec<ErasedCard> {
        let deletions = self.export.actions.iter().filter(|action| action.deletes_card());
        let erased = deletions.filter_map(|action| {
            let id = action.card_id()?;
            let column = action.data.list.as_ref()?.id.clone();
            let known = self.cards.iter().any(|card| card.id == id);
            let (who, when) = (action.who().to_owned(), action.date.clone());
            (!known).then(|| ErasedCard { id: id.to_owned(), column, who, when })
        });
        erased.collect()
    }
}

/// What exists at a moment, by position; the id, which begins with the time of creation, decides between equal ones.
fn in_order<'a>(lives: impl IntoIterator<Item = &'a Life>, moment: Moment) -> Vec<&'a Life> {
    let mut existing: Vec<_> = lives.into_iter().filter(|life| life.exists_at(moment)).collect();
    let position = |life: &Life| life.position.at(moment).unwrap_or(f64::INFINITY);
    existing.sort_by(|a, b| position(a).total_cmp(&position(b)).then_with(|| a.id.cmp(&b.id)));
    existing
}

#[cfg(test)]
mod tests;
