//! A view, indexed by name, after checking that it shows everything exactly once.

use crate::broken::{Broken, ensure};
use kanban_core::{BoardView, Card, Column, Field, Label, Life, Member};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What somebody sees.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sight {
    /// The board's name, and those that lost.
    pub name: (String, Vec<String>),
    /// What the board is for.
    pub description: String,
    /// The labels that the board defines.
    pub labels: BTreeMap<String, Arc<Label>>,
    /// The members of the board.
    pub members: BTreeMap<String, Arc<Member>>,
    /// The fields that hold several values.
    pub torn: BTreeSet<Field>,
    /// Every column, hidden ones included.
    pub columns: BTreeMap<String, Arc<Column>>,
    /// Every card, deleted ones included.
    pub cards: BTreeMap<String, Arc<Card>>,
    /// Visible columns, left to right.
    pub order: Vec<String>,
    /// The cards shown in each visible column, top to bottom.
    pub lanes: BTreeMap<String, Vec<String>>,
}

impl Sight {
    /// Takes a view apart.
    ///
    /// # Errors
    /// I2 and I6: everything appears once, and where it belongs.
    pub fn of(view: &BoardView) -> Result<Self, Broken> {
        let mut sight = Self {
            name: (view.name.clone(), view.other_names.clone()),
            description: view.description.clone(),
            labels: view.labels.iter().map(|l| (l.id.to_string(), l.clone())).collect(),
            members: view.members.iter().map(|m| (m.id.to_string(), m.clone())).collect(),
            torn: view.conflicted_fields.iter().cloned().collect(),
            columns: BTreeMap::new(),
            cards: BTreeMap::new(),
            order: Vec::new(),
            lanes: BTreeMap::new(),
        };
        for shown in &view.columns {
            sight.add_column(&shown.column, shown.column.is_visible())?;
            let id = shown.column.id.to_string();
            for card in &shown.cards {
                sight.add_card(card, Life::OnBoard)?;
                ensure(card.column == shown.column.id, "I2", || {
                    format!("card {} says it stands in {}, but {id} shows it", card.id, card.column)
                })?;
            }
            let cards = shown.cards.iter().map(|card| card.id.to_string()).collect();
            sight.lanes.insert(id.clone(), cards);
            sight.order.push(id);
        }
        for (columns, life) in
            [(&view.archived_columns, Life::Archived), (&view.deleted_columns, Life::Deleted)]
        {
            for column in columns {
                sight.add_column(column, !column.is_visible() && column.life == life)?;
            }
        }
        for card in &view.archived_cards {
            sight.add_card(card, Life::Archived)?;
        }
        for card in &view.deleted_cards {
            sight.add_card(card, Life::Deleted)?;
        }
        Ok(sight)
    }

    fn add_column(&mut self, column: &Arc<Column>, belongs_here: bool) -> Result<(), Broken> {
        ensure(belongs_here, "I7", || {
            format!("column {} is listed in the wrong place", column.id)
        })?;
        self.torn.extend(column.conflicted_fields.iter().cloned());
        let twice = self.columns.insert(column.id.to_string(), column.clone());
        ensure(twice.is_none(), "I2", || format!("column {} appears twice", column.id))
    }

    fn add_card(&mut self, card: &Arc<Card>, life: Life) -> Result<(), Broken> {
        ensure(card.life == life, "I2", || {
            format!("card {} is {:?} but listed as {life:?}", card.id, card.life)
        })?;
        self.torn.extend(card.conflicted_fields.iter().cloned());
        let twice = self.cards.insert(card.id.to_string(), card.clone());
        ensure(twice.is_none(), "I2", || format!("card {} appears twice", card.id))
    }

    /// A card that is not in the trash.
    pub fn living(&self, id: &str) -> Option<&Card> {
        self.cards.get(id).map(|card| &**card).filter(|card| card.life != Life::Deleted)
    }

    /// Whether a column is on the screen.
    pub fn shows(&self, column: &str) -> bool {
        self.lanes.contains_key(column)
    }

    /// The cards shown in a column, top to bottom.
    pub fn lane(&self, column: &str) -> Vec<&str> {
        self.lanes.get(column).into_iter().flatten().map(String::as_str).collect()
    }

    /// The living cards placed in a column in order, archived ones included.
    pub fn placed_in(&self, column: &str) -> Vec<&Card> {
        let cards = self.cards.values().map(|card| &**card);
        let mut placed: Vec<&Card> =
            cards.filter(|c| c.column.as_str() == column && c.life != Life::Deleted).collect();
        placed.sort_by_key(|card| (card.position.as_str(), card.id.as_str()));
        placed
    }
}
