//! Planning: a command and the read model give the writes of one change, or a refusal.
//!
//! Pure: nothing here touches the document, so a refused command cannot leave anything behind.

mod cards;
mod columns;
mod order;

pub(crate) use cards::{ARCHIVED_ALONE, ARCHIVED_WITH_COLUMN};

use crate::command::{Command, CommandError, TITLE_CHARS_MAX};
use crate::ids::{CardId, ColumnId};
use crate::model::{CardState, ColumnState, Model};
use crate::placement::{Kind, Stamped};
use crate::position::{Position, PositionTag};
use crate::registers::{Effective, Registers, winner};
use crate::replica::TextUnit;
use crate::schema::key;
use crate::view::Life;
use smol_str::SmolStr;

/// What a write is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Board,
    Column(ColumnId),
    Card(CardId),
}

/// A scalar to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar {
    Str(SmolStr),
    Count(u64),
}

/// One write of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Write {
    /// Stores a value.
    Put(Target, &'static str, Scalar),
    /// Stores a value as a new operation even if it is the value already there: as a mere put it
    /// would record nothing, and a concurrent delete would win.
    PutAnew(Target, &'static str, Scalar),
    Delete(Target, &'static str),
    CreateColumn {
        column: ColumnId,
        name: String,
        placement: Stamped,
    },
    CreateCard {
        card: CardId,
        title: String,
        description: String,
        placement: Stamped,
    },
    SpliceDescription {
        card: CardId,
        at: usize,
        remove: usize,
        insert: String,
    },
    /// Records the difference between this stretch of the description and a new text.
    SetDescription {
        card: CardId,
        text: String,
    },
}

/// Who plans: the model to read, the actor's tag for keys, and a tag for this one command's sort
/// or relocation.
pub(crate) struct Planner<'a> {
    pub model: &'a Model,
    pub tag: PositionTag,
    pub batch_tag: SmolStr,
    pub text_unit: TextUnit,
}

type Plan = Result<Vec<Write>, CommandError>;

impl Planner<'_> {
    /// The writes that `command` asks for; none if it would change nothing.
    pub fn plan(&self, command: &Command) -> Plan {
        use Command as C;
        match command {
            C::RenameBoard { name } => self.rename_board(name),
            C::CreateColumn { column, name, at } => self.create_column(column, name, at),
            C::RenameColumn { column, name } => self.rename_column(column, name),
            C::MoveColumn { column, to } => self.move_column(column, to),
            C::DeleteColumn { column, cards } => self.delete_column(column, cards.as_ref()),
            C::RestoreColumn { column } => self.restore_column(column),
            C::KeepColumn { column } => self.keep_column(column),
            C::PickColumnPosition { column, position } => self.pick_column(column, position),
            C::KeepColumnPosition { column } => self.keep_column_position(column),
            C::ArchiveColumn { column } => self.archive_column(column),
            C::UnarchiveColumn { column } => self.unarchive_column(column),
            C::SortColumns { by } => self.sort_columns(*by),
            C::CreateCard { card, column, at, title, description } => {
                self.create_card(card, column, at, title, description)
            }
            C::RenameCard { card, title } => self.rename_card(card, title),
            C::EditDescription { card, at, remove, insert } => {
                self.edit_description(card, *at, *remove, insert)
            }
            C::SetDescription { card, text } => self.set_description(card, text),
            C::MoveCard { card, column, to } => self.move_card(card, column, to),
            C::DeleteCard { card } => self.delete_card(card),
            C::RestoreCard { card } => self.restore_card(card),
            C::KeepCard { card } => self.keep_card(card),
            C::PickCardPlacement { card, placement } => self.pick_card(card, placement),
            C::KeepCardPlacement { card } => self.keep_card_placement(card),
            C::ArchiveCard { card } => self.archive_card(card),
            C::UnarchiveCard { card } => self.unarchive_card(card),
            C::SortCards { column, by } => self.sort_cards(column, *by),
        }
    }

    fn rename_board(&self, name: &str) -> Plan {
        let board = &self.model.board;
        let write = rename(Target::Board, key::NAME, (&board.name, &board.other_names), name)?;
        Ok(write.into_iter().collect())
    }

    /// A card that is not in the trash.
    fn living_card(&self, id: &CardId) -> Result<&CardState, CommandError> {
        let state = self.card(id)?;
        if !state.view.life.is_alive() {
            return Err(CommandError::CardDeleted { card: id.clone() });
        }
        Ok(state)
    }

    fn card(&self, id: &CardId) -> Result<&CardState, CommandError> {
        let state = self.model.cards.get(id);
        state.ok_or_else(|| CommandError::UnknownCard { card: id.clone() })
    }

    /// A column that people can see.
    fn visible_column(&self, id: &ColumnId) -> Result<&ColumnState, CommandError> {
        let state = self.column(id)?;
        if !state.view.is_visible() {
            return Err(CommandError::ColumnHidden { column: id.clone() });
        }
        Ok(state)
    }

    /// A column that somebody created, in whatever state.
    fn created_column(&self, id: &ColumnId) -> Result<&ColumnState, CommandError> {
        let state = self.column(id)?;
        match state.object {
            Some(_) => Ok(state),
            None => Err(CommandError::UnknownColumn { column: id.clone() }),
        }
    }

    fn column(&self, id: &ColumnId) -> Result<&ColumnState, CommandError> {
        let state = self.model.columns.get(id);
        state.ok_or_else(|| CommandError::UnknownColumn { column: id.clone() })
    }
}

/// The placement in force, or for a card without a readable one a stand-in at its shown place.
fn effective_of(effective: Option<&Effective>, column: Option<ColumnId>) -> Effective {
    effective.cloned().unwrap_or_else(|| {
        let position = Position::last();
        let base = Stamped { generation: 0, kind: Kind::Reorder, column, position };
        let (column, position) = (base.column.clone(), base.position.clone());
        let named = base.clone();
        Effective { base, column, position, rank: None, named, highest_generation: 0 }
    })
}

fn card_effective(state: &CardState) -> Effective {
    effective_of(state.effective.as_ref(), Some(state.view.column.clone()))
}

fn column_effective(state: &ColumnState) -> Effective {
    effective_of(state.effective.as_ref(), None)
}

fn str(text: impl AsRef<str>) -> Scalar {
    Scalar::Str(SmolStr::new(text))
}

/// The mark of an edit: it keeps what it marks alive against a delete that has not seen it.
fn touch(target: Target, registers: &Registers) -> Write {
    let next = registers.touch.map_or(1, |touch| touch.saturating_add(1));
    Write::Put(target, key::TOUCH, Scalar::Count(next))
}

/// A person's placement.
fn place(target: Target, placement: &Stamped) -> Write {
    Write::Put(target, key::POS, str(placement.encode()))
}

/// A person's decision, recorded even where it confirms what is stored.
fn decide(target: Target, placement: &Stamped) -> Write {
    Write::PutAnew(target, key::POS, str(placement.encode()))
}

fn delete(target: &Target, effective: &Effective) -> [Write; 3] {
    let place = str(effective.trashed().encode());
    [
        Write::PutAnew(target.clone(), key::TRASH, place),
        Write::Delete(target.clone(), key::POS),
        Write::Delete(target.clone(), key::TOUCH),
    ]
}

fn restore(target: &Target, registers: &Registers, effective: &Effective) -> Vec<Write> {
    let place = former_place(registers, effective);
    vec![
        decide(target.clone(), &place),
        Write::Delete(target.clone(), key::TRASH),
        Write::Delete(target.clone(), key::SHELF),
    ]
}

/// Takes away the mark of a delete. What is alive only by an edit gets its former place back; a
/// placement that is there stays untouched, so that no concurrent one is superseded.
fn keep(target: &Target, registers: &Registers, effective: &Effective) -> Vec<Write> {
    let life = if registers.pos_present {
        match touch(target.clone(), registers) {
            Write::Put(target, key, value) => Write::PutAnew(target, key, value),
            other => other,
        }
    } else {
        decide(target.clone(), &former_place(registers, effective))
    };
    vec![Write::Delete(target.clone(), key::TRASH), life]
}

/// The place that a delete wrote down, under the same stamp: coming back is not a move.
fn former_place(registers: &Registers, effective: &Effective) -> Stamped {
    winner(&registers.trash).cloned().unwrap_or_else(|| effective.trashed())
}

/// A new title or name; nothing if it is the one already there and nobody disagrees.
fn rename(
    target: Target,
    key: &'static str,
    (shown, others): (&str, &[String]),
    new: &str,
) -> Result<Option<Write>, CommandError> {
    check_length("title", new, TITLE_CHARS_MAX)?;
    if shown == new && others.is_empty() {
        return Ok(None);
    }
    // With others to settle, the value may be one that is stored already.
    let write = if others.is_empty() { Write::Put } else { Write::PutAnew };
    Ok(Some(write(target, key, str(new))))
}

fn check_length(what: &'static str, text: &str, limit: usize) -> Result<(), CommandError> {
    let chars = text.chars().count();
    if chars > limit {
        return Err(CommandError::TooLong { what, chars, limit });
    }
    Ok(())
}
