//! Planning commands that touch many cards, copy one, or delete for good.

use super::cards::{ARCHIVED_ALONE, shelve};
use super::*;
use crate::command::Slot;
use crate::import::CardDraft;
use crate::part::{PartId, Record};
use crate::schema::key;
use smol_str::format_smolstr;

/// The keys of a column that a person fills, and those that say where it was.
const COLUMN_KEYS: [&str; 6] = [key::NAME, key::COLOUR, key::WIP, key::ORD, key::SHELF, key::TRASH];

const CARD_KEYS: [&str; 8] =
    [key::TITLE, key::START, key::DUE, key::DONE, key::COVER, key::ORD, key::SHELF, key::TRASH];

impl Planner<'_> {
    pub(super) fn move_all_cards(&self, from: &ColumnId, to: &ColumnId) -> Plan {
        self.visible_column(from)?;
        self.relocate(from, to, &self.cards_placed_in(from))
    }

    pub(super) fn archive_all_cards(&self, column: &ColumnId) -> Plan {
        self.visible_column(column)?;
        let cards = self.cards_placed_in(column).into_iter();
        let shown = cards.filter(|(_, state)| state.view.life == Life::OnBoard);
        let shelved = shown.flat_map(|(card, state)| {
            shelve(Target::Card(card.clone()), &state.registers, ARCHIVED_ALONE)
        });
        Ok(shelved.collect())
    }

    pub(super) fn duplicate_card(&self, id: &CardId, copy: &CardId) -> Plan {
        let state = self.living_card(id)?;
        if self.model.cards.contains_key(copy) {
            return Err(CommandError::DuplicateCard { card: copy.clone() });
        }
        let column = &state.view.column;
        let at = match state.view.life {
            Life::OnBoard => Slot::After(id.clone()),
            _ => Slot::Last,
        };
        let gap = self.card_gap(column, &at, None)?;
        let (position, mut writes) = self.position_in(column, &gap, None);
        let mut draft = CardDraft::of(&state.view);
        draft.id = copy.clone();
        draft.comments.clear();
        draft.origin = None;
        let column = Some(column.clone());
        let placement = Stamped { generation: 0, kind: Kind::Move, column, position };
        writes.push(Write::CreateCardAtOnce { card: Box::new(draft), placement });
        Ok(writes)
    }

    pub(super) fn purge_card(&self, id: &CardId) -> Plan {
        let state = self.card(id)?;
        if state.view.life != Life::Deleted {
            return Err(CommandError::NotDeleted { what: format!("card {id}") });
        }
        let target = Target::Card(id.clone());
        let mut writes: Vec<Write> =
            CARD_KEYS.iter().map(|key| Write::Delete(target.clone(), key)).collect();
        // The texts stay, emptied: what somebody types into one meanwhile must not be lost.
        if !state.view.description.is_empty() {
            writes.push(Write::SetText { target, text: String::new() });
        }
        let labels = state.view.labels.iter();
        let labels = labels.map(|label| format_smolstr!("{}{label}", key::LABEL_PREFIX));
        let members = state.view.assignees.iter();
        let members = members.map(|member| format_smolstr!("{}{member}", key::MEMBER_PREFIX));
        writes.extend(labels.chain(members).map(|mark| Write::Unmark(id.clone(), mark)));
        for (part, record) in &state.parts {
            writes.extend(self.purge_part(Target::Part(id.clone(), part.clone()), part, record));
        }
        Ok(writes)
    }

    fn purge_part(&self, target: Target, part: &PartId, record: &Record) -> Vec<Write> {
        let mut writes = vec![
            Write::PutAnew(target.clone(), key::GONE, Scalar::Flag(true)),
            Write::Delete(target.clone(), key::TOUCH),
        ];
        let keys: &[&str] = match part {
            PartId::Checklist(_) => &[key::NAME],
            PartId::Item(_) => &[key::TEXT, key::DONE],
            PartId::Link(_) => &[key::URL, key::NAME],
            PartId::Comment(_) => {
                if !record.text(key::TEXT, self.reader).is_empty() {
                    let target = target.clone();
                    writes.push(Write::SetText { target, text: String::new() });
                }
                &[key::BY]
            }
        };
        writes.extend(keys.iter().map(|key| Write::Delete(target.clone(), key)));
        writes
    }

    pub(super) fn purge_column(&self, id: &ColumnId) -> Plan {
        let state = self.created_column(id)?;
        if state.view.life != Life::Deleted || state.view.is_visible() {
            return Err(CommandError::NotDeleted { what: format!("column {id}") });
        }
        let views = self.model.cards.values().map(|state| &state.view);
        let stood_here = views.filter(|card| card.life != Life::Purged && card.column == *id);
        let cards = stood_here.count();
        if cards > 0 {
            return Err(CommandError::ColumnHasDeletedCards { column: id.clone(), cards });
        }
        let target = Target::Column(id.clone());
        Ok(COLUMN_KEYS.iter().map(|key| Write::Delete(target.clone(), key)).collect())
    }
}
