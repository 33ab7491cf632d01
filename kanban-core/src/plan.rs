//! Planning: a command and the read model give the writes of one change, or a refusal.
//!
//! Pure: nothing here touches the document, so a refused command cannot leave anything behind.

mod bulk;
mod cards;
mod columns;
mod fields;
mod order;
mod records;
mod revert;

pub(crate) use cards::{ARCHIVED_ALONE, ARCHIVED_WITH_COLUMN};
pub(crate) use revert::Version;

use crate::command::{Command, CommandError, DESCRIPTION_CHARS_MAX, TITLE_CHARS_MAX};
use crate::date::DateOrTime;
use crate::field::{Field, FieldValue};
use crate::ids::{CardId, ColumnId, LabelId, MemberId};
use crate::import::CardDraft;
use crate::model::{CardState, ColumnState, Model};
use crate::part::PartId;
pub(crate) use crate::part::Target;
use crate::placement::{Kind, Stamped};
use crate::position::{Position, PositionTag};
use crate::read::Reader;
use crate::registers::{Effective, Registers, winner};
use crate::replica::{TextUnit, Timestamp};
use crate::schema::key;
use crate::view::Life;
use smol_str::{SmolStr, format_smolstr};

/// A scalar to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar {
    Str(SmolStr),
    Count(u64),
    Flag(bool),
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
    /// Creates a label, member or part of a card, with a `Text` if it holds one.
    CreateRecord {
        target: Target,
        values: Vec<(&'static str, Scalar)>,
        text: Option<(&'static str, String)>,
    },
    /// Creates a card with everything that belongs to it.
    CreateCardAtOnce {
        card: Box<CardDraft>,
        placement: Stamped,
    },
    /// Puts a label or member on a card: the key that stands for it.
    Mark(CardId, SmolStr),
    Unmark(CardId, SmolStr),
    /// Replaces a stretch of a description or comment.
    Splice {
        target: Target,
        at: usize,
        remove: usize,
        insert: String,
    },
    /// Records the difference between a description or comment and a new text.
    SetText {
        target: Target,
        text: String,
    },
}

/// Who plans: the model and document to read, the moment, the actor's tag for keys, and a tag for this one command's sort
/// or relocation.
pub(crate) struct Planner<'a> {
    pub model: &'a Model,
    pub reader: Reader<'a>,
    pub now: Timestamp,
    pub tag: PositionTag,
    pub batch_tag: SmolStr,
    pub text_unit: TextUnit,
}

type Plan = Result<Vec<Write>, CommandError>;

impl Planner<'_> {
    /// The writes that `command` asks for; none if it would change nothing.
    ///
    /// One table, without a wildcard: a command that nobody planned must not compile.
    pub fn plan(&self, command: &Command) -> Plan {
        use Command as C;
        use PartId::{Checklist, Comment, Item, Link};
        let text = |text: &Option<String>| text.clone().map(FieldValue::Text);
        let date = |date: &Option<DateOrTime>| {
            date.as_ref().map(|date| FieldValue::Text(date.as_str().to_owned()))
        };
        match command {
            // Planned one by one, each on what those before it left.
            C::Batch { .. } => Err(CommandError::NotInBatch),
            C::RenameBoard { name } => self.rename(Field::BoardName, name),
            C::SetBoardDescription { text } => self.set_board_description(text),
            C::EditBoardDescription { at, remove, insert } => {
                self.edit_board_description(*at, *remove, insert)
            }
            C::KeepField { field } => self.keep_field(field),
            C::PickField { field, value } => self.pick_field(field, value),
            C::CreateLabel { label, name, colour } => self.create_label(label, name, colour),
            C::RenameLabel { label, name } => {
                self.rename(Field::LabelName { label: label.clone() }, name)
            }
            C::ColourLabel { label, colour } => {
                self.rename(Field::LabelColour { label: label.clone() }, colour)
            }
            C::DeleteLabel { label } => self.delete_label(label),
            C::RestoreLabel { label } => self.restore_label(label),
            C::AddMember { member, name, colour } => self.add_member(member, name, colour),
            C::RenameMember { member, name } => {
                self.rename(Field::MemberName { member: member.clone() }, name)
            }
            C::ColourMember { member, colour } => {
                self.rename(Field::MemberColour { member: member.clone() }, colour)
            }
            C::RemoveMember { member } => self.remove_member(member),
            C::RestoreMember { member } => self.restore_member(member),
            C::CreateColumn { column, name, at } => self.create_column(column, name, at),
            C::RenameColumn { column, name } => {
                self.rename(Field::ColumnName { column: column.clone() }, name)
            }
            C::SetWipLimit { column, limit } => {
                let field = Field::ColumnWipLimit { column: column.clone() };
                self.set_field(&field, limit.map(FieldValue::Count))
            }
            C::SetColumnColour { column, colour } => {
                let field = Field::ColumnColour { column: column.clone() };
                self.set_field(&field, colour.clone().map(FieldValue::Text))
            }
            C::MoveColumn { column, to } => self.move_column(column, to),
            C::DeleteColumn { column, cards } => self.delete_column(column, cards.as_ref()),
            C::RestoreColumn { column } => self.restore_column(column),
            C::KeepColumn { column } => self.keep_column(column),
            C::PickColumnPosition { column, position } => self.pick_column(column, position),
            C::KeepColumnPosition { column } => self.keep_column_position(column),
            C::ArchiveColumn { column } => self.archive_column(column),
            C::UnarchiveColumn { column } => self.unarchive_column(column),
            C::PurgeColumn { column } => self.purge_column(column),
            C::SortColumns { by } => self.sort_columns(*by),
            C::SortCards { column, by } => self.sort_cards(column, *by),
            C::MoveAllCards { column, to } => self.move_all_cards(column, to),
            C::ArchiveAllCards { column } => self.archive_all_cards(column),
            C::CreateCard { card, column, at, title, description } => {
                self.create_card(card, column, at, title, description)
            }
            C::EditDescription { card, at, remove, insert } => {
                self.edit_description(card, *at, *remove, insert)
            }
            C::SetDescription { card, text } => self.set_description(card, text),
            C::MoveCard { card, column, to } => self.move_card(card, column, to),
            C::DuplicateCard { card, copy } => self.duplicate_card(card, copy),
            C::DeleteCard { card } => self.delete_card(card),
            C::RestoreCard { card } => self.restore_card(card),
            C::KeepCard { card } => self.keep_card(card),
            C::PurgeCard { card } => self.purge_card(card),
            C::PickCardPlacement { card, placement } => self.pick_card(card, placement),
            C::KeepCardPlacement { card } => self.keep_card_placement(card),
            C::ArchiveCard { card } => self.archive_card(card),
            C::UnarchiveCard { card } => self.unarchive_card(card),
            C::RenameCard { card, title } => {
                self.rename(Field::CardTitle { card: card.clone() }, title)
            }
            C::SetStart { card, start } => {
                self.set_field(&Field::CardStart { card: card.clone() }, date(start))
            }
            C::SetDue { card, due } => {
                self.set_field(&Field::CardDue { card: card.clone() }, date(due))
            }
            C::SetDone { card, done } => {
                let field = Field::CardDone { card: card.clone() };
                self.set_flag(&field, *done)
            }
            C::SetCover { card, cover } => {
                self.set_field(&Field::CardCover { card: card.clone() }, text(cover))
            }
            C::AddLabel { card, label } => {
                self.label(label)?;
                self.mark_label(card, label, true)
            }
            C::RemoveLabel { card, label } => self.mark_label(card, label, false),
            C::Assign { card, member } => {
                self.member(member)?;
                self.mark_member(card, member, true)
            }
            C::Unassign { card, member } => self.mark_member(card, member, false),
            C::AddChecklist { card, checklist, name } => self.add_checklist(card, checklist, name),
            C::RenameChecklist { card, checklist, name } => {
                let (card, checklist) = (card.clone(), checklist.clone());
                self.rename(Field::ChecklistName { card, checklist }, name)
            }
            C::MoveChecklist { card, checklist, to } => self.move_checklist(card, checklist, to),
            C::DeleteChecklist { card, checklist } => {
                self.delete_part(card, Checklist(checklist.clone()))
            }
            C::RestoreChecklist { card, checklist } => {
                self.restore_part(card, Checklist(checklist.clone()))
            }
            C::AddItem { card, checklist, item, text, at } => {
                self.add_item(card, checklist, item, text, at)
            }
            C::SetItemText { card, item, text } => {
                let (card, item) = (card.clone(), item.clone());
                self.rename(Field::ItemText { card, item }, text)
            }
            C::SetItemDone { card, item, done } => {
                let (card, item) = (card.clone(), item.clone());
                self.set_flag(&Field::ItemDone { card, item }, *done)
            }
            C::MoveItem { card, item, checklist, to } => self.move_item(card, item, checklist, to),
            C::DeleteItem { card, item } => self.delete_part(card, Item(item.clone())),
            C::RestoreItem { card, item } => self.restore_part(card, Item(item.clone())),
            C::AddComment { card, comment, by, text } => self.add_comment(card, comment, by, text),
            C::SetComment { card, comment, text } => self.set_comment(card, comment, text),
            C::DeleteComment { card, comment } => self.delete_part(card, Comment(comment.clone())),
            C::RestoreComment { card, comment } => {
                self.restore_part(card, Comment(comment.clone()))
            }
            C::AttachLink { card, link, url, name } => self.attach_link(card, link, url, name),
            C::SetLink { card, link, url, name } => self.set_link(card, link, url, name),
            C::DeleteLink { card, link } => self.delete_part(card, Link(link.clone())),
            C::RestoreLink { card, link } => self.restore_part(card, Link(link.clone())),
        }
    }

    fn rename(&self, field: Field, text: &str) -> Plan {
        self.set_field(&field, Some(FieldValue::Text(text.to_owned())))
    }

    fn set_flag(&self, field: &Field, flag: bool) -> Plan {
        self.set_field(field, Some(FieldValue::Flag(flag)))
    }

    fn mark_label(&self, card: &CardId, label: &LabelId, on: bool) -> Plan {
        let is_there = self.living_card(card)?.view.labels.contains(label);
        self.mark_card(card, format_smolstr!("{}{label}", key::LABEL_PREFIX), is_there, on)
    }

    fn mark_member(&self, card: &CardId, member: &MemberId, on: bool) -> Plan {
        let is_there = self.living_card(card)?.view.assignees.contains(member);
        self.mark_card(card, format_smolstr!("{}{member}", key::MEMBER_PREFIX), is_there, on)
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
        let state = self.model.card(id);
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

pub(crate) fn card_effective(state: &CardState) -> Effective {
    effective_of(state.effective.as_ref(), Some(state.view.column.clone()))
}

pub(crate) fn column_effective(state: &ColumnState) -> Effective {
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
pub(crate) fn decide(target: Target, placement: &Stamped) -> Write {
    Write::PutAnew(target, key::POS, str(placement.encode()))
}

pub(crate) fn delete(target: &Target, effective: &Effective) -> [Write; 3] {
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
pub(crate) fn keep(target: &Target, registers: &Registers, effective: &Effective) -> Vec<Write> {
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
pub(crate) fn former_place(registers: &Registers, effective: &Effective) -> Stamped {
    winner(&registers.trash).cloned().unwrap_or_else(|| effective.trashed())
}

fn check_length(what: &'static str, text: &str, limit: usize) -> Result<(), CommandError> {
    let chars = text.chars().count();
    if chars > limit {
        return Err(CommandError::TooLong { what, chars, limit });
    }
    Ok(())
}
