//! What boards record is admitted by a relay. `KANBAN_TRELLO` names a folder of Trello exports that
//! are imported too.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "../../sync-protocol/tests/support/mod.rs"]
mod support;

use kanban_core::*;
use support::Dice;
use sync_protocol::{Admission, ChangeGraph, Inserted, RawChange, chunks};

const AT: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

fn replica(number: u8) -> Replica {
    Replica::new(ActorId::from([number; 16])).by(format!("person {number}").as_str())
}

fn raws(board: &Board) -> Vec<RawChange<'static>> {
    let raw = |change: &Change| {
        let chunk = chunks(change.raw_bytes()).next().unwrap().unwrap();
        chunk.change().unwrap().into_owned()
    };
    board.changes_since(&[]).iter().map(raw).collect()
}

fn admit(board: &Board) -> Admission {
    let mut admission = Admission::new();
    for change in raws(board) {
        let outcome = admission.insert(&change);
        assert!(matches!(outcome, Ok(Inserted::At(_))), "{outcome:?}");
    }
    let mut graph = ChangeGraph::new();
    raws(board).iter().for_each(|raw| _ = graph.insert(raw.hash, &raw.header).unwrap());
    let mut from_snapshot = Admission::of_stored(graph);
    from_snapshot.build([board.save()]).unwrap();
    assert_eq!(from_snapshot.index_size().0, admission.index_size().0);
    admission
}

fn card(number: usize) -> CardId {
    CardId::parse(&format!("card-{number:011}")).unwrap()
}

fn column(number: usize) -> ColumnId {
    ColumnId::parse(&format!("column-{number}")).unwrap()
}

/// A board of ten columns.
fn board_with(cards: usize) -> Board {
    let mut board = Board::create(replica(1), BoardId::parse("b").unwrap(), "Release", AT);
    for number in 0..10 {
        let (column, name) = (column(number), format!("Column {number}"));
        board.apply(&Command::CreateColumn { column, name, at: Slot::Last }, AT).unwrap();
    }
    for number in 0..cards {
        let (card, column) = (card(number), column(number % 10));
        let (title, description) = (format!("Card {number}"), "Some words.".repeat(number % 3));
        let create = Command::CreateCard { card, column, at: Slot::Last, title, description };
        board.apply(&create, AT).unwrap();
    }
    board
}

fn moves(board: &mut Board, cards: usize, count: usize, dice: &mut Dice) {
    for _ in 0..count {
        let (card, column) = (card(dice.below(cards)), column(dice.below(10)));
        let to = [Slot::First, Slot::Last][dice.below(2)].clone();
        _ = board.apply(&Command::MoveCard { card, column, to }, AT);
    }
}

#[test]
fn boards_that_were_worked_on_apart_and_merged_are_admitted() {
    for seed in 0..4 {
        let mut dice = Dice(seed);
        let mut boards = vec![board_with(20)];
        let forks: Vec<Board> = (2..5).map(|number| boards[0].fork(replica(number))).collect();
        boards.extend(forks);
        for _ in 0..12 {
            let board = dice.below(boards.len());
            moves(&mut boards[board], 20, 1 + dice.below(6), &mut dice);
            let card = card(dice.below(20));
            let delete = Command::DeleteCard { card: card.clone() };
            _ = boards[board].apply(&delete, AT);
            if dice.below(2) == 0 {
                _ = boards[board].undo(AT);
            }
            let other = boards[dice.below(boards.len())].clone();
            boards[board].merge(&other).unwrap();
        }
        boards.iter().for_each(|board| _ = admit(board));
    }
}

#[test]
fn imported_boards_are_admitted() {
    let mut files: Vec<Vec<u8>> = Vec::new();
    if let Some(folder) = std::env::var_os("KANBAN_TRELLO") {
        let entries = std::fs::read_dir(folder).unwrap();
        files.extend(entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()));
    }
    files.push(
        br#"{ "name": "Release", "lists": [{ "id": "l1", "name": "To do", "pos": 1 }],
        "cards": [{ "id": "c1", "idList": "l1", "name": "Write docs", "pos": 1, "desc": "Long." }] }"#
            .to_vec(),
    );
    for file in files {
        let (board, report) =
            from_trello(&file, replica(1), BoardId::parse("b").unwrap(), AT).unwrap();
        let (operations, bytes) = admit(&board).index_size();
        println!("{} cards: {operations} operations, {bytes} bytes of index", report.cards);
    }
}

#[test]
fn a_saved_board_of_the_first_schema_is_admitted() {
    let saved = include_bytes!("../../kanban-core/tests/golden/schema-1.automerge");
    admit(&Board::open(saved, replica(9)).unwrap());
}
