//! The boards from which all interleavings start: small, and each with something to disagree about.

use crate::acts::token;
use crate::broken::Broken;
use crate::step::Step;
use kanban_core::{CardId, ColumnId, Command, IdError, Slot};

/// A board that everybody has before the first command that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// Two columns, one card.
    OneCard,
    /// Two columns, two cards in the second, out of order.
    TwoCards,
    /// Two columns, one card on the board and one in the trash.
    DeletedCard,
    /// Three columns, a card that two people moved to different ones.
    TornCard,
    /// Two columns, a card that one deleted while another edited it.
    FlaggedCard,
    /// Three columns, of which one is deleted but shown for a card's sake.
    RecoveredColumn,
}

impl Beginning {
    /// In words, for the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneCard => "one card",
            Self::TwoCards => "two cards",
            Self::DeletedCard => "a deleted card",
            Self::TornCard => "a torn card",
            Self::FlaggedCard => "a flagged card",
            Self::RecoveredColumn => "a recovered column",
        }
    }

    /// The steps that lead to it, up to where everybody knows them.
    ///
    /// # Errors
    /// Only if a name in here is no id.
    pub fn steps(self, people: usize) -> Result<Vec<Step>, Broken> {
        let steps = self.work();
        let mut steps =
            steps.map_err(|error| Broken { invariant: "script", detail: error.to_string() })?;
        steps.extend((1..people).map(|to| Step::Pull { to, from: 0 }));
        Ok(steps)
    }

    /// What ana and ben do; in the end ana knows it all.
    fn work(self) -> Result<Vec<Step>, IdError> {
        let columns = match self {
            Self::OneCard | Self::TwoCards | Self::DeletedCard | Self::FlaggedCard => {
                &["doing", "todo"][..]
            }
            Self::TornCard | Self::RecoveredColumn => &["doing", "done", "todo"],
        };
        let mut steps = Vec::new();
        for column in columns {
            steps.push(column_first(column)?);
        }
        steps.push(creates("x", "plum")?);
        let share = Step::Pull { to: 1, from: 0 };
        let gather = Step::Pull { to: 0, from: 1 };
        match self {
            Self::OneCard => {}
            Self::TwoCards => steps.push(creates("y", "fig")?),
            Self::DeletedCard => steps.extend([creates("y", "fig")?, deletes(0, "y")?]),
            Self::TornCard => {
                steps.extend([share, moves(0, "x", "doing")?, moves(1, "x", "done")?, gather]);
            }
            Self::FlaggedCard => {
                let edit = Step::Act {
                    who: 1,
                    command: Command::EditDescription {
                        card: CardId::parse("x")?,
                        at: 0,
                        remove: 0,
                        insert: token(0).into(),
                    },
                };
                steps.extend([share, deletes(0, "x")?, edit, gather]);
            }
            Self::RecoveredColumn => {
                let delete = Step::Act {
                    who: 0,
                    command: Command::DeleteColumn {
                        column: ColumnId::parse("done")?,
                        cards: None,
                    },
                };
                steps.extend([share, delete, moves(1, "x", "done")?, gather]);
            }
        }
        Ok(steps)
    }
}

fn column_first(name: &str) -> Result<Step, IdError> {
    let column = ColumnId::parse(name)?;
    let command = Command::CreateColumn { column, name: name.to_owned(), at: Slot::First };
    Ok(Step::Act { who: 0, command })
}

fn creates(card: &str, title: &str) -> Result<Step, IdError> {
    let command = Command::CreateCard {
        card: CardId::parse(card)?,
        column: ColumnId::parse("todo")?,
        at: Slot::Last,
        title: title.to_owned(),
        description: String::new(),
    };
    Ok(Step::Act { who: 0, command })
}

fn moves(who: usize, card: &str, column: &str) -> Result<Step, IdError> {
    let (card, column) = (CardId::parse(card)?, ColumnId::parse(column)?);
    Ok(Step::Act { who, command: Command::MoveCard { card, column, to: Slot::Last } })
}

fn deletes(who: usize, card: &str) -> Result<Step, IdError> {
    Ok(Step::Act { who, command: Command::DeleteCard { card: CardId::parse(card)? } })
}
