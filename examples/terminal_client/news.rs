//! Events as lines of text.

use kanban_core::{Board, BoardEvent, CardId, ColumnId};

/// What happened, with titles and names instead of ids. `None` for what a line cannot show.
pub fn line(board: &Board, event: &BoardEvent) -> Option<String> {
    use BoardEvent::*;
    let card = |id: &CardId| board.card(id).map_or("a card", |card| &card.title);
    let column = |id: &ColumnId| board.column(id).map_or("a column", |column| &column.name);
    let place = |id: &CardId| board.card(id).map_or("a column", |card| column(&card.column));
    Some(match event {
        BoardEdited => format!("The board is called {} now", board.name()),
        CardCreated { card: id } => format!("{}: new in {}", card(id), place(id)),
        CardMoved { card: id, from, to } if from == to => {
            format!("{}: another place in {}", card(id), column(to))
        }
        CardMoved { card: id, from, to } => {
            format!("{}: {} → {}", card(id), column(from), column(to))
        }
        CardEdited { card: id, .. } => format!("{}: edited", card(id)),
        CardArchived { card: id } => format!("{}: archived", card(id)),
        CardUnarchived { card: id } => format!("{}: back from the archive", card(id)),
        CardDeleted { card: id } => format!("{}: deleted", card(id)),
        CardRestored { card: id } => format!("{}: restored in {}", card(id), place(id)),
        CardChoicesChanged { card: id } => {
            format!("{}: people decided differently at the same time, or settled it", card(id))
        }
        ColumnCreated { column: id } => format!("New column {}", column(id)),
        ColumnMoved { column: id } => format!("Column {}: another place", column(id)),
        ColumnEdited { column: id } => format!("Column {}: edited", column(id)),
        ColumnArchived { column: id } => format!("Column {}: archived", column(id)),
        ColumnUnarchived { column: id } => format!("Column {}: back from the archive", column(id)),
        ColumnDeleted { column: id } => format!("Column {}: deleted", column(id)),
        ColumnRestored { column: id } => format!("Column {}: restored", column(id)),
        ColumnRecovered { column: id, recovered: true } => {
            format!("Column {}: shown again for its cards", column(id))
        }
        ColumnRecovered { column: id, recovered: false } => {
            format!("Column {}: no longer shown", column(id))
        }
        ColumnChoicesChanged { column: id } => {
            format!("Column {}: people decided differently, or settled it", column(id))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::tests::{board, card, column};

    #[test]
    fn a_move_is_told_with_titles_and_names() {
        let (card, from, to) = (card("review"), column("todo"), column("done"));
        let moved = BoardEvent::CardMoved { card, from, to };
        assert_eq!(line(&board(), &moved).unwrap(), "Review: To do → Done");
    }

    #[test]
    fn a_new_card_is_told_with_its_column() {
        let created = BoardEvent::CardCreated { card: card("write") };
        assert_eq!(line(&board(), &created).unwrap(), "Write: new in Doing");
    }
}
