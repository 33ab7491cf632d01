//! The commands that make a difference on a screen: a few kinds, each with the few arguments that
//! lead somewhere else.

use crate::acts::{Screen, token};
use crate::expect::{Outcome, outcome};
use kanban_core::{
    Card, CardId, Column, ColumnCards, ColumnId, Command, Life, Placement, Slot, SortBy,
};

/// A kind of command, as people name what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A new card at the end of the first column.
    Create,
    /// A card to the end of every other column.
    Move,
    /// A card to the other end of its column.
    Reorder,
    /// A card's title.
    Rename,
    /// A character at the start of a card's description.
    Describe,
    /// A card into the trash.
    Delete,
    /// A card out of the trash.
    Restore,
    /// A card that somebody deleted meanwhile stays.
    Keep,
    /// A card onto the shelf, or back.
    Archive,
    /// One of several places of a card: each of the others, or the one shown.
    Resolve,
    /// The cards of a column by title, in the direction that changes something.
    Sort,
    /// A column: its cards to the next column, or deleted with it.
    DeleteColumn,
    /// A column out of the trash.
    RestoreColumn,
    /// A column that somebody deleted meanwhile stays.
    KeepColumn,
    /// A column's name.
    RenameColumn,
    /// The first column to the end.
    MoveColumn,
    /// A column and its cards onto the shelf, or back.
    ArchiveColumn,
    /// One's own last command, taken back. It is no command, so [`commands`] leaves it out.
    Undo,
}

/// Every kind that concerns a card or deletes a column.
pub const WHOLE: &[Kind] = &[
    Kind::Create,
    Kind::Move,
    Kind::Reorder,
    Kind::Rename,
    Kind::Describe,
    Kind::Delete,
    Kind::Restore,
    Kind::Keep,
    Kind::Archive,
    Kind::Resolve,
    Kind::Sort,
    Kind::DeleteColumn,
    Kind::RestoreColumn,
    Kind::KeepColumn,
    Kind::Undo,
];

/// What moves, life and choices of cards depend on: the rules that several commands of each side
/// and a third person put to the test.
pub const FEW: &[Kind] = &[
    Kind::Move,
    Kind::Describe,
    Kind::Delete,
    Kind::Restore,
    Kind::Keep,
    Kind::Resolve,
    Kind::Undo,
];

/// What places a card: people's moves, and the sorts and relocations that must give way to them.
pub const MACHINES: &[Kind] =
    &[Kind::Move, Kind::Reorder, Kind::Sort, Kind::DeleteColumn, Kind::RestoreColumn, Kind::Undo];

/// Everything that people do to columns, and the card moves that cross it.
pub const COLUMNS: &[Kind] = &[
    Kind::Move,
    Kind::RenameColumn,
    Kind::MoveColumn,
    Kind::ArchiveColumn,
    Kind::DeleteColumn,
    Kind::RestoreColumn,
    Kind::KeepColumn,
    Kind::Undo,
];

/// The commands of these kinds that record something on this screen, in a fixed order.
pub fn commands(kinds: &[Kind], number: usize, screen: &Screen) -> Vec<Command> {
    let menu = Menu { number, screen };
    let all = kinds.iter().flat_map(|kind| menu.of(*kind));
    // What is refused, or is so already, leads nowhere.
    all.filter(|command| outcome(command, screen) == Outcome::Recorded).collect()
}

struct Menu<'a> {
    number: usize,
    screen: &'a Screen,
}

impl Menu<'_> {
    fn of(&self, kind: Kind) -> Vec<Command> {
        use Command as C;
        match kind {
            Kind::Create => self.create().into_iter().collect(),
            Kind::Move => self.living().flat_map(|card| self.moves(card)).collect(),
            Kind::Reorder => self.living().filter_map(|card| self.reorder(card)).collect(),
            Kind::Rename => {
                let title = self.title();
                let rename = |c: &Card| C::RenameCard { card: c.id.clone(), title: title.clone() };
                self.living().map(rename).collect()
            }
            Kind::Describe => {
                let insert = String::from(token(self.number));
                let edit = |c: &Card| C::EditDescription {
                    card: c.id.clone(),
                    at: 0,
                    remove: 0,
                    insert: insert.clone(),
                };
                self.living().map(edit).collect()
            }
            Kind::Delete => self.cards(|card| C::DeleteCard { card }),
            Kind::Restore => self.cards(|card| C::RestoreCard { card }),
            Kind::Keep => self.cards(|card| C::KeepCard { card }),
            Kind::Archive => {
                let turn = |c: &Card| match c.life {
                    Life::Archived => C::UnarchiveCard { card: c.id.clone() },
                    _ => C::ArchiveCard { card: c.id.clone() },
                };
                self.living().map(turn).collect()
            }
            Kind::Resolve => self.living().flat_map(resolve).collect(),
            Kind::Sort => {
                let sort = |(column, by): (ColumnId, SortBy)| C::SortCards { column, by };
                let ways = |column: &Column| {
                    [SortBy::Title, SortBy::TitleDescending].map(|by| (column.id.clone(), by))
                };
                // The one that changes nothing falls away, and with two cards that is one of the two.
                self.visible().flat_map(ways).map(sort).collect()
            }
            Kind::DeleteColumn => self.visible().flat_map(|c| self.delete_column(c)).collect(),
            Kind::RestoreColumn => self.columns(|column| C::RestoreColumn { column }),
            Kind::KeepColumn => self.columns(|column| C::KeepColumn { column }),
            Kind::RenameColumn => {
                let name = self.title();
                self.columns(|column| C::RenameColumn { column, name: name.clone() })
            }
            Kind::MoveColumn => {
                let first = self.visible().next();
                let last = |c: &Column| C::MoveColumn { column: c.id.clone(), to: Slot::Last };
                first.map(last).into_iter().collect()
            }
            Kind::ArchiveColumn => {
                let turn = |c: &Column| match c.life {
                    Life::Archived => C::UnarchiveColumn { column: c.id.clone() },
                    _ => C::ArchiveColumn { column: c.id.clone() },
                };
                self.screen.sight.columns.values().map(|column| turn(column)).collect()
            }
            Kind::Undo => Vec::new(),
        }
    }

    fn create(&self) -> Option<Command> {
        Some(Command::CreateCard {
            card: CardId::parse(&format!("c{}", self.number)).ok()?,
            column: self.visible().next()?.id.clone(),
            at: Slot::Last,
            title: self.title(),
            description: String::new(),
        })
    }

    fn moves(&self, card: &Card) -> Vec<Command> {
        let others = self.visible().filter(|column| column.id != card.column);
        let to = |column: &Column| Command::MoveCard {
            card: card.id.clone(),
            column: column.id.clone(),
            to: Slot::Last,
        };
        others.map(to).collect()
    }

    fn reorder(&self, card: &Card) -> Option<Command> {
        let lane = self.screen.sight.lane(card.column.as_str());
        let first = lane.first().filter(|_| lane.len() > 1)?;
        let to = if *first == card.id.as_str() { Slot::Last } else { Slot::First };
        Some(Command::MoveCard { card: card.id.clone(), column: card.column.clone(), to })
    }

    fn delete_column(&self, column: &Column) -> Vec<Command> {
        let order = self.screen.sight.order.iter().chain(&self.screen.sight.order);
        let next = order.skip_while(|id| *id != column.id.as_str()).nth(1);
        let next = next.and_then(|id| ColumnId::parse(id).ok());
        let fates = match self.screen.sight.placed_in(column.id.as_str()).is_empty() {
            true => vec![None],
            false => next
                .map(ColumnCards::MoveTo)
                .into_iter()
                .chain([ColumnCards::Delete])
                .map(Some)
                .collect(),
        };
        let delete = |cards| Command::DeleteColumn { column: column.id.clone(), cards };
        fates.into_iter().map(delete).collect()
    }

    fn cards(&self, command: impl Fn(CardId) -> Command) -> Vec<Command> {
        self.screen.sight.cards.values().map(|card| command(card.id.clone())).collect()
    }

    fn columns(&self, command: impl Fn(ColumnId) -> Command) -> Vec<Command> {
        self.screen.sight.columns.values().map(|column| command(column.id.clone())).collect()
    }

    fn living(&self) -> impl Iterator<Item = &Card> {
        let cards = self.screen.sight.cards.values().map(|card| &**card);
        cards.filter(|card| card.life != Life::Deleted)
    }

    fn visible(&self) -> impl Iterator<Item = &Column> {
        let sight = &self.screen.sight;
        sight.order.iter().filter_map(|id| sight.columns.get(id)).map(|column| &**column)
    }

    /// Another one at every step, and by turns before and behind all others.
    fn title(&self) -> String {
        format!("{} {}", if self.number.is_multiple_of(2) { "apple" } else { "zest" }, self.number)
    }
}

fn resolve(card: &Card) -> Vec<Command> {
    let pick = |placement: &Placement| Command::PickCardPlacement {
        card: card.id.clone(),
        placement: placement.clone(),
    };
    let picks = card.other_placements.iter().map(pick);
    // Without a choice it would be refused, unless the other places are in the same column.
    picks.chain([Command::KeepCardPlacement { card: card.id.clone() }]).collect()
}
