//! Planning commands about one column.

use super::cards::{ARCHIVED_ALONE, ARCHIVED_WITH_COLUMN, shelve, unshelve};
use super::order::Gap;
use super::*;
use crate::command::{ColumnCards, Slot};

impl Planner<'_> {
    pub(super) fn create_column(&self, column: &ColumnId, name: &str, at: &Slot<ColumnId>) -> Plan {
        let known = self.model.columns.get(column);
        if known.is_some_and(|state| state.object.is_some()) {
            let column = column.clone();
            return Err(CommandError::DuplicateColumn { column });
        }
        check_length("name", name, TITLE_CHARS_MAX)?;
        let position = self.column_position(&self.column_gap(at, None)?);
        Ok(vec![Write::CreateColumn {
            column: column.clone(),
            name: name.to_owned(),
            placement: Stamped { generation: 0, kind: Kind::Move, column: None, position },
        }])
    }

    pub(super) fn move_column(&self, id: &ColumnId, to: &Slot<ColumnId>) -> Plan {
        self.visible_column(id)?;
        let state = self.created_column(id)?;
        let gap = self.column_gap(to, Some(id))?;
        if gap.holds(&state.view.position, id) {
            return Ok(Vec::new());
        }
        let placement = column_effective(state).placed(None, self.column_position(&gap));
        Ok(vec![place(Target::Column(id.clone()), &placement)])
    }

    pub(super) fn delete_column(&self, id: &ColumnId, cards: Option<&ColumnCards>) -> Plan {
        let state = self.visible_column(id)?;
        let held = self.cards_placed_in(id);
        let mut writes = match cards {
            Some(ColumnCards::MoveTo(target)) => self.relocate(id, target, &held)?,
            Some(ColumnCards::Delete) => held
                .iter()
                .flat_map(|(card, state)| {
                    delete(&Target::Card((*card).clone()), &card_effective(state))
                })
                .collect(),
            None if held.is_empty() => Vec::new(),
            None => {
                return Err(CommandError::ColumnNotEmpty { column: id.clone(), cards: held.len() });
            }
        };
        // A column that is shown only for its cards' sake goes when they go.
        if state.registers.is_alive() {
            let target = Target::Column(id.clone());
            writes.extend(delete(&target, &column_effective(state)));
        }
        Ok(writes)
    }

    pub(super) fn restore_column(&self, id: &ColumnId) -> Plan {
        let state = self.created_column(id)?;
        if state.view.life != Life::Deleted {
            return Err(CommandError::ColumnNotDeleted { column: id.clone() });
        }
        let target = Target::Column(id.clone());
        Ok(restore(&target, &state.registers, &column_effective(state)))
    }

    pub(super) fn keep_column(&self, id: &ColumnId) -> Plan {
        let state = self.created_column(id)?;
        if !state.view.deleted_concurrently {
            let what = format!("column {id}");
            return Err(CommandError::NothingToKeep { what });
        }
        let target = Target::Column(id.clone());
        Ok(keep(&target, &state.registers, &column_effective(state)))
    }

    pub(super) fn pick_column(&self, id: &ColumnId, position: &Position) -> Plan {
        self.visible_column(id)?;
        let state = self.created_column(id)?;
        let losing = state.registers.losing();
        if !losing.iter().any(|stamped| stamped.position == *position) {
            let what = format!("column {id}");
            return Err(CommandError::NoSuchChoice { what });
        }
        let decision = column_effective(state).decided(None, position.clone());
        Ok(vec![decide(Target::Column(id.clone()), &decision)])
    }

    pub(super) fn keep_column_position(&self, id: &ColumnId) -> Plan {
        self.visible_column(id)?;
        let state = self.created_column(id)?;
        if state.registers.losing().is_empty() {
            let what = format!("column {id}");
            return Err(CommandError::NoSuchChoice { what });
        }
        let effective = column_effective(state);
        let decision = effective.decided(None, effective.position.clone());
        Ok(vec![decide(Target::Column(id.clone()), &decision)])
    }

    pub(super) fn archive_column(&self, id: &ColumnId) -> Plan {
        self.visible_column(id)?;
        let state = self.created_column(id)?;
        let mut writes = Vec::new();
        for (card, state) in self.cards_placed_in(id) {
            if state.view.life == Life::OnBoard {
                let target = Target::Card(card.clone());
                writes.extend(shelve(target, &state.registers, ARCHIVED_WITH_COLUMN));
            }
        }
        if state.view.life == Life::OnBoard {
            let target = Target::Column(id.clone());
            writes.extend(shelve(target, &state.registers, ARCHIVED_ALONE));
        }
        Ok(writes)
    }

    pub(super) fn unarchive_column(&self, id: &ColumnId) -> Plan {
        let state = self.created_column(id)?;
        if !state.view.life.is_alive() {
            return Err(CommandError::ColumnHidden { column: id.clone() });
        }
        if state.registers.shelf.is_none() {
            return Ok(Vec::new());
        }
        let mut writes: Vec<Write> = unshelve(Target::Column(id.clone()), &state.registers).into();
        for (card, state) in self.cards_placed_in(id) {
            if state.registers.shelf.as_deref() == Some(ARCHIVED_WITH_COLUMN) {
                writes.extend(unshelve(Target::Card(card.clone()), &state.registers));
            }
        }
        Ok(writes)
    }

    /// The visible neighbours of a slot on the board, the moving column left out.
    fn column_gap(
        &self,
        slot: &Slot<ColumnId>,
        moving: Option<&ColumnId>,
    ) -> Result<Gap<ColumnId>, CommandError> {
        let visible = self.model.visible_columns();
        let anchor_position = |anchor: &ColumnId| match self.model.columns.get(anchor) {
            Some(state) if state.view.is_visible() => Ok(state.view.position.clone()),
            _ => Err(CommandError::ColumnAnchorHidden { anchor: anchor.clone() }),
        };
        Gap::find(&visible, slot, moving, anchor_position)
    }

    fn column_position(&self, gap: &Gap<ColumnId>) -> Position {
        gap.position(self.tag, |key| self.model.is_taken(None, key))
    }
}
