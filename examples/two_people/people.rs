//! Ana and Ben, each with a replica of the board, and a record of what they did to it.

use kanban_core::{
    ActorId, Board, CardId, ChangeHash, ColumnCards, ColumnId, Command, CommandError, Replica,
    Slot, SortBy, Timestamp,
};

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    Ana,
    Ben,
}

/// One thing that one of them did, and the change that records it.
#[derive(Debug, Clone)]
pub struct Deed {
    pub who: Person,
    pub at: Timestamp,
    pub change: ChangeHash,
    pub what: Did,
}

/// What they did, as far as the audit needs to know it.
#[derive(Debug, Clone)]
pub enum Did {
    Moved(Move),
    Created { card: CardId, column: ColumnId },
    Renamed { card: CardId, title: String },
    Described { card: CardId, text: String },
    AddedLine { card: CardId, line: String },
    Archived { card: CardId },
    Sorted { column: ColumnId, order: Vec<CardId> },
    DeletedColumn { column: ColumnId, cards: Vec<CardId>, to: ColumnId },
}

/// A drag that put a card somewhere else.
#[derive(Debug, Clone)]
pub struct Move {
    pub card: CardId,
    pub from: ColumnId,
    pub to: ColumnId,
    /// The card it was dropped on top of; none for the bottom of the column.
    pub before: Option<CardId>,
}

/// Two replicas of one board that do not hear of each other until they [meet](crate::meeting::Place::meet).
pub struct Team {
    ana: Board,
    ben: Board,
    /// Everything both did, in the order of their clocks.
    pub deeds: Vec<Deed>,
}

impl Person {
    pub const BOTH: [Person; 2] = [Person::Ana, Person::Ben];

    pub fn name(self) -> &'static str {
        match self {
            Person::Ana => "Ana",
            Person::Ben => "Ben",
        }
    }

    pub fn other(self) -> Self {
        match self {
            Person::Ana => Person::Ben,
            Person::Ben => Person::Ana,
        }
    }

    /// Fixed actors make every run the same. A real program draws 16 random bytes.
    pub fn replica(self) -> Replica {
        let byte = match self {
            Person::Ana => 0xA0,
            Person::Ben => 0xB0,
        };
        Replica::new(ActorId::from([byte; 16])).by(self.name())
    }
}

impl Did {
    /// The drag, if it was one.
    pub fn as_move(&self) -> Option<&Move> {
        match self {
            Did::Moved(drag) => Some(drag),
            _ => None,
        }
    }
}

impl Move {
    pub fn is_within_a_column(&self) -> bool {
        self.from == self.to
    }
}

/// Whether the command changed anything: a drop where the card stands already does not.
type Done = Result<bool, CommandError>;

impl Team {
    /// The two replicas as they part.
    pub fn of(ana: Board, ben: Board) -> Self {
        Self { ana, ben, deeds: Vec::new() }
    }

    pub fn board(&self, who: Person) -> &Board {
        match who {
            Person::Ana => &self.ana,
            Person::Ben => &self.ben,
        }
    }

    /// Whether the card is known on this person's replica.
    pub fn has(&self, who: Person, card: &CardId) -> bool {
        self.board(who).card(card).is_some()
    }

    pub fn moves(&mut self, who: Person, at: Timestamp, drag: Move) -> Done {
        let command = Command::MoveCard {
            card: drag.card.clone(),
            column: drag.to.clone(),
            to: slot(drag.before.clone()),
        };
        self.does(who, at, &command, |_| Did::Moved(drag))
    }

    pub fn creates(
        &mut self,
        who: Person,
        at: Timestamp,
        (card, title, description): (CardId, String, String),
        (column, before): (ColumnId, Option<CardId>),
    ) -> Done {
        let command = Command::CreateCard {
            card: card.clone(),
            column: column.clone(),
            at: slot(before),
            title,
            description,
        };
        self.does(who, at, &command, |_| Did::Created { card, column })
    }

    pub fn renames(&mut self, who: Person, at: Timestamp, card: CardId, title: String) -> Done {
        let command = Command::RenameCard { card: card.clone(), title: title.clone() };
        self.does(who, at, &command, |_| Did::Renamed { card, title })
    }

    pub fn describes(&mut self, who: Person, at: Timestamp, card: CardId, text: String) -> Done {
        let command = Command::SetDescription { card: card.clone(), text: text.clone() };
        self.does(who, at, &command, |_| Did::Described { card, text })
    }

    /// Adds a line to the end of a card's description. It ends with a line break, for the next one to stand by itself.
    pub fn adds_line(&mut self, who: Person, at: Timestamp, card: CardId, line: String) -> Done {
        let end = self.board(who).card(&card).map_or(0, |card| card.description.chars().count());
        let insert = format!("{line}\n");
        let command = Command::EditDescription { card: card.clone(), at: end, remove: 0, insert };
        self.does(who, at, &command, |_| Did::AddedLine { card, line })
    }

    pub fn archives(&mut self, who: Person, at: Timestamp, card: CardId) -> Done {
        let command = Command::ArchiveCard { card: card.clone() };
        self.does(who, at, &command, |_| Did::Archived { card })
    }

    /// Sorts a column by title, A to Z.
    pub fn sorts(&mut self, who: Person, at: Timestamp, column: ColumnId) -> Done {
        let command = Command::SortCards { column: column.clone(), by: SortBy::Title };
        self.does(who, at, &command, |board| Did::Sorted {
            order: board.cards_in(&column).map(|card| card.id.clone()).collect(),
            column,
        })
    }

    /// Deletes a column whose cards go to another one.
    pub fn deletes_column(
        &mut self,
        who: Person,
        at: Timestamp,
        column: ColumnId,
        to: ColumnId,
    ) -> Done {
        let placed = self.board(who).cards().filter(|card| card.column == column);
        let cards: Vec<CardId> = placed.map(|card| card.id.clone()).collect();
        let command = Command::DeleteColumn {
            column: column.clone(),
            cards: Some(ColumnCards::MoveTo(to.clone())),
        };
        self.does(who, at, &command, |_| Did::DeletedColumn { column, cards, to })
    }

    fn does(
        &mut self,
        who: Person,
        at: Timestamp,
        command: &Command,
        what: impl FnOnce(&Board) -> Did,
    ) -> Done {
        let board = self.replica(who);
        let Some(change) = board.apply(command, at)?.change else {
            return Ok(false);
        };
        let what = what(board);
        self.deeds.push(Deed { who, at, change, what });
        Ok(true)
    }

    /// The person's replica after it was online.
    pub fn comes_back_with(&mut self, who: Person, board: Board) {
        *self.replica(who) = board;
    }

    fn replica(&mut self, who: Person) -> &mut Board {
        match who {
            Person::Ana => &mut self.ana,
            Person::Ben => &mut self.ben,
        }
    }
}

fn slot(before: Option<CardId>) -> Slot<CardId> {
    before.map_or(Slot::Last, Slot::Before)
}
