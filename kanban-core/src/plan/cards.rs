//! Planning commands about one card.

use super::order::Gap;
use super::*;
use crate::command::Slot;
use crate::placement::Placement;

/// `shelf` of a card that was archived by itself; one archived with its column comes back with it.
pub(crate) const ARCHIVED_ALONE: &str = "card";
pub(crate) const ARCHIVED_WITH_COLUMN: &str = "column";

impl Planner<'_> {
    pub(super) fn create_card(
        &self,
        card: &CardId,
        column: &ColumnId,
        at: &Slot<CardId>,
        title: &str,
        description: &str,
    ) -> Plan {
        check_length("title", title, TITLE_CHARS_MAX)?;
        check_length("description", description, DESCRIPTION_CHARS_MAX)?;
        let (position, mut writes) = self.place_for_new(card, column, at)?;
        writes.push(Write::CreateCard {
            card: card.clone(),
            title: title.to_owned(),
            description: description.to_owned(),
            placement: Stamped {
                generation: 0,
                kind: Kind::Move,
                column: Some(column.clone()),
                position,
            },
        });
        Ok(writes)
    }

    /// The key of a card that does not exist yet, and the writes that make room for it.
    pub(crate) fn place_for_new(
        &self,
        card: &CardId,
        column: &ColumnId,
        at: &Slot<CardId>,
    ) -> Result<(Position, Vec<Write>), CommandError> {
        if self.model.cards.contains_key(card) {
            return Err(CommandError::DuplicateCard { card: card.clone() });
        }
        self.visible_column(column)?;
        let gap = self.card_gap(column, at, None)?;
        Ok(self.position_in(column, &gap, None))
    }

    pub(super) fn edit_description(
        &self,
        id: &CardId,
        at: usize,
        remove: usize,
        insert: &str,
    ) -> Plan {
        let state = self.living_card(id)?;
        let target = Target::Card(id.clone());
        let edit = self.splice(target.clone(), &state.view.description, at, remove, insert)?;
        let Some(edit) = edit else {
            return Ok(Vec::new());
        };
        Ok(vec![edit, touch(target, &state.registers)])
    }

    pub(super) fn set_description(&self, id: &CardId, text: &str) -> Plan {
        let state = self.living_card(id)?;
        check_length("description", text, DESCRIPTION_CHARS_MAX)?;
        if state.view.description == text {
            return Ok(Vec::new());
        }
        let target = Target::Card(id.clone());
        let edit = Write::SetText { target: target.clone(), text: text.to_owned() };
        Ok(vec![edit, touch(target, &state.registers)])
    }

    pub(super) fn move_card(&self, id: &CardId, column: &ColumnId, to: &Slot<CardId>) -> Plan {
        let state = self.living_card(id)?;
        if state.view.column != *column {
            self.visible_column(column)?;
        }
        let gap = self.card_gap(column, to, Some(id))?;
        let stands_there = state.view.column == *column && state.view.life == Life::OnBoard;
        if stands_there && gap.holds(&state.view.position, id) {
            return Ok(Vec::new());
        }
        let (position, mut writes) = self.position_in(column, &gap, Some(id));
        let placement = card_effective(state).placed(Some(column.clone()), position);
        writes.push(place(Target::Card(id.clone()), &placement));
        Ok(writes)
    }

    pub(super) fn delete_card(&self, id: &CardId) -> Plan {
        let state = self.living_card(id)?;
        let target = Target::Card(id.clone());
        Ok(delete(&target, &card_effective(state)).into())
    }

    pub(super) fn restore_card(&self, id: &CardId) -> Plan {
        let state = self.card(id)?;
        if state.view.life != Life::Deleted {
            return Err(CommandError::CardNotDeleted { card: id.clone() });
        }
        let target = Target::Card(id.clone());
        Ok(restore(&target, &state.registers, &card_effective(state)))
    }

    pub(super) fn keep_card(&self, id: &CardId) -> Plan {
        let state = self.living_card(id)?;
        if !state.view.deleted_concurrently {
            let what = format!("card {id}");
            return Err(CommandError::NothingToKeep { what });
        }
        let target = Target::Card(id.clone());
        Ok(keep(&target, &state.registers, &card_effective(state)))
    }

    pub(super) fn pick_card(&self, id: &CardId, placement: &Placement) -> Plan {
        let state = self.living_card(id)?;
        let undecided = state.registers.undecided(state.effective.as_ref());
        if !undecided.iter().any(|s| s.placement().as_ref() == Some(placement)) {
            let what = format!("card {id}");
            return Err(CommandError::NoSuchChoice { what });
        }
        let decision = card_effective(state)
            .decided(Some(placement.column.clone()), placement.position.clone());
        Ok(vec![decide(Target::Card(id.clone()), &decision)])
    }

    pub(super) fn keep_card_placement(&self, id: &CardId) -> Plan {
        let state = self.living_card(id)?;
        if state.registers.undecided(state.effective.as_ref()).is_empty() {
            let what = format!("card {id}");
            return Err(CommandError::NoSuchChoice { what });
        }
        let effective = card_effective(state);
        let decision = effective.decided(effective.column.clone(), effective.position.clone());
        Ok(vec![decide(Target::Card(id.clone()), &decision)])
    }

    pub(super) fn archive_card(&self, id: &CardId) -> Plan {
        let state = self.living_card(id)?;
        if state.view.life == Life::Archived {
            return Ok(Vec::new());
        }
        Ok(shelve(Target::Card(id.clone()), &state.registers, ARCHIVED_ALONE).into())
    }

    pub(super) fn unarchive_card(&self, id: &CardId) -> Plan {
        let state = self.living_card(id)?;
        if state.view.life == Life::OnBoard {
            return Ok(Vec::new());
        }
        Ok(unshelve(Target::Card(id.clone()), &state.registers).into())
    }

    /// The neighbours of a slot in a column, the moving card left out.
    pub(super) fn card_gap(
        &self,
        column: &ColumnId,
        slot: &Slot<CardId>,
        moving: Option<&CardId>,
    ) -> Result<Gap<CardId>, CommandError> {
        let Some(lane) = self.model.lanes.get(column) else {
            return match slot {
                Slot::First | Slot::Last => Ok(Gap::default()),
                Slot::Before(anchor) | Slot::After(anchor) => Err(CommandError::AnchorElsewhere {
                    anchor: anchor.clone(),
                    column: column.clone(),
                }),
            };
        };
        let anchor_position = |anchor: &CardId| match self.model.cards.get(anchor) {
            Some(s) if s.view.column == *column && s.view.life == Life::OnBoard => {
                Ok(s.view.position.clone())
            }
            _ => Err(CommandError::AnchorElsewhere {
                anchor: anchor.clone(),
                column: column.clone(),
            }),
        };
        Gap::find(&lane.shown, slot, moving, anchor_position)
    }
}

/// Puts a card or column on the shelf: an edit like any other.
pub(super) fn shelve(target: Target, registers: &Registers, how: &str) -> [Write; 2] {
    [Write::Put(target.clone(), key::SHELF, str(how)), touch(target, registers)]
}

/// Takes a card or column from the shelf.
pub(super) fn unshelve(target: Target, registers: &Registers) -> [Write; 2] {
    [Write::Delete(target.clone(), key::SHELF), touch(target, registers)]
}
