//! The board as text.

use kanban_core::{Board, CardId};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The board, a line for each card.
pub fn listing(board: &Board) -> String {
    let width = id_width(board);
    let mut text = format!("{}\n", board.name());
    for column in board.columns() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{}", column.name);
        for card in board.cards_in(&column.id) {
            let _ = write!(text, "  {}  {}", short(&card.id, width), card.title);
            for other in &card.other_placements {
                let name = board.column(&other.column).map_or("a deleted column", |it| &it.name);
                let _ = write!(text, " (somebody moved it to {name})");
            }
            text.push('\n');
        }
    }
    text
}

/// How many characters tell all shown cards apart; at least four.
pub fn id_width(board: &Board) -> usize {
    let ids = || {
        let columns = board.columns();
        columns.flat_map(|column| board.cards_in(&column.id)).map(|card| &card.id)
    };
    let tells_apart = |width: &usize| {
        let mut seen = BTreeSet::new();
        ids().all(|id| seen.insert(short(id, *width)))
    };
    let longest = ids().map(|id| id.as_str().len()).max().unwrap_or_default();
    (4..longest).find(tells_apart).unwrap_or(longest.max(4))
}

/// The start of an id.
pub fn short(id: &CardId, width: usize) -> &str {
    // Ids are ASCII.
    id.as_str().get(..width).unwrap_or(id.as_str())
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use kanban_core::*;

    pub const AT: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

    pub fn card(id: &str) -> CardId {
        CardId::parse(id).unwrap()
    }

    pub fn column(id: &str) -> ColumnId {
        ColumnId::parse(id).unwrap()
    }

    pub fn board() -> Board {
        let replica = Replica::new(ActorId::from([1; 16]));
        let mut board = Board::create(replica, BoardId::parse("b").unwrap(), "Release", AT);
        for (id, name) in [("todo", "To do"), ("doing", "Doing"), ("done", "Done")] {
            let (column, name) = (column(id), name.to_owned());
            board.apply(&Command::CreateColumn { column, name, at: Slot::Last }, AT).unwrap();
        }
        let cards = [
            ("docs1", "todo", "Write docs"),
            ("review", "todo", "Review"),
            ("write", "doing", "Write"),
        ];
        for (id, into, title) in cards {
            let (card, column, at) = (card(id), column(into), Slot::Last);
            let (title, description) = (title.to_owned(), String::new());
            let add = Command::CreateCard { card, column, at, title, description };
            board.apply(&add, AT).unwrap();
        }
        board
    }

    #[test]
    fn a_listing_has_a_line_for_each_card_under_its_column() {
        let expected = "Release\n\nTo do\n  docs  Write docs\n  revi  Review\n\n\
                        Doing\n  writ  Write\n\nDone\n";
        assert_eq!(listing(&board()), expected);
    }

    #[test]
    fn ids_are_shown_long_enough_to_tell_cards_apart() {
        let mut board = board();
        let (title, description) = ("More docs".to_owned(), String::new());
        let (card, column, at) = (card("docs2"), column("done"), Slot::Last);
        board.apply(&Command::CreateCard { card, column, at, title, description }, AT).unwrap();
        assert!(listing(&board).contains("docs1  Write docs"));
    }
}
