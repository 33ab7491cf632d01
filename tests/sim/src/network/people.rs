//! What people do with a board, drawn from what they see.

use crate::random::Random;
use kanban_core::{BoardView, CardId, ColumnId, Command, Slot};

/// One command that makes sense on what `view` shows, as far as its author can tell. `number` makes
/// new things' names unique.
pub fn command(view: &BoardView, random: &mut Random, number: usize) -> Option<Command> {
    let columns: Vec<&ColumnId> = view.columns.iter().map(|column| &column.column.id).collect();
    let cards: Vec<&CardId> =
        view.columns.iter().flat_map(|column| column.cards.iter().map(|card| &card.id)).collect();
    let column = random.pick(&columns).map(|column| (*column).clone());
    let card = random.pick(&cards).map(|card| (*card).clone());
    let slot = if random.chance(50) { Slot::First } else { Slot::Last };
    Some(match random.weighted([6, 10, 4, 2, 1, 1]) {
        0 => Command::CreateCard {
            card: CardId::parse(&format!("c{number}")).ok()?,
            column: column?,
            at: slot,
            title: format!("card {number}"),
            description: String::new(),
        },
        1 => Command::MoveCard { card: card?, column: column?, to: slot },
        2 => Command::RenameCard { card: card?, title: format!("title {number}") },
        3 => Command::DeleteCard { card: card? },
        4 => Command::CreateColumn {
            column: ColumnId::parse(&format!("k{number}")).ok()?,
            name: format!("column {number}"),
            at: Slot::Last,
        },
        _ => Command::RenameColumn { column: column?, name: format!("name {number}") },
    })
}
