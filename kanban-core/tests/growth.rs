//! S14: ten thousand moves into one gap leave the order exact, the keys short and the file small.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use kanban_core::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);
const MOVES: usize = 10_000;
const CARDS: usize = 40;
/// How many moves somebody makes before it is the next one's turn.
const TURN: usize = 100;
const KEY_BYTES_MAX: usize = 64;
const BYTES_PER_MOVE_MAX: usize = 30;

/// Where every card is dropped. The first card, `fixed`, never moves itself.
#[derive(Debug, Clone, Copy)]
enum Gap {
    AfterFixed,
    BeforeFixed,
    Top,
}

fn card(number: usize) -> CardId {
    CardId::parse(&format!("card{number}")).unwrap()
}

fn column() -> ColumnId {
    ColumnId::parse("todo").unwrap()
}

fn replica(number: u8) -> Replica {
    Replica::new(ActorId::from([number; 16]))
}

fn start() -> Board {
    let mut draft = BoardDraft::new("Growth");
    let mut todo = ColumnDraft::new(column(), "To do");
    todo.cards = (0..CARDS).map(|number| CardDraft::new(card(number), "A card")).collect();
    draft.columns = vec![todo];
    Board::from_draft(replica(100), BoardId::parse("growth").unwrap(), &draft, NOW).unwrap()
}

fn moves_into_one_gap(gap: Gap, people: u8) {
    let first = start();
    let size = first.save().len();
    let mut boards: Vec<Board> = (0..people).map(|number| first.fork(replica(number))).collect();
    let mut order: Vec<CardId> = first.cards_in(&column()).map(|card| card.id.clone()).collect();
    let (mut longest, mut half) = (0, None);
    for step in 0..MOVES {
        let who = step / TURN % boards.len();
        if step % TURN == 0 {
            let previous = boards[(who + boards.len() - 1) % boards.len()].clone();
            boards[who].merge(&previous).unwrap();
        }
        // Never the one that stands in the gap already: that would record nothing.
        let moving = card(1 + step % (CARDS - 1));
        let to = match gap {
            Gap::AfterFixed => Slot::After(card(0)),
            Gap::BeforeFixed => Slot::Before(card(0)),
            Gap::Top => Slot::First,
        };
        let command = Command::MoveCard { card: moving.clone(), column: column(), to };
        let applied = boards[who].apply(&command, NOW).unwrap();
        assert!(applied.change.is_some() || step == 0, "step {step}");
        longest = longest.max(boards[who].card(&moving).unwrap().position.as_str().len());
        order.retain(|card| *card != moving);
        let fixed = order.iter().position(|other| *other == card(0)).unwrap();
        let at = match gap {
            Gap::AfterFixed => fixed + 1,
            Gap::BeforeFixed => fixed,
            Gap::Top => 0,
        };
        order.insert(at, moving);
        if step == MOVES / 2 {
            half = Some(boards[who].fork(replica(200)));
        }
    }
    let last = &boards[(MOVES - 1) / TURN % boards.len()];
    let found: Vec<CardId> = last.cards_in(&column()).map(|card| card.id.clone()).collect();
    assert_eq!(found, order, "{gap:?}, {people} people");
    let bytes = last.save().len().saturating_sub(size) / MOVES;
    println!("{gap:?}, {people} people: longest key {longest} bytes, {bytes} bytes a move");
    assert!(longest < KEY_BYTES_MAX, "{gap:?}: a key of {longest} bytes");
    assert!(bytes < BYTES_PER_MOVE_MAX, "{gap:?}: {bytes} bytes a move");
    let mut half = half.unwrap();
    half.merge(last).unwrap();
    assert_eq!(half.view(), last.view());
}

#[test]
fn right_after_a_fixed_card() {
    moves_into_one_gap(Gap::AfterFixed, 1);
}

#[test]
fn right_before_a_fixed_card() {
    moves_into_one_gap(Gap::BeforeFixed, 1);
}

#[test]
fn always_to_the_top() {
    moves_into_one_gap(Gap::Top, 1);
}

#[test]
fn five_people_in_turn_right_after_a_fixed_card() {
    moves_into_one_gap(Gap::AfterFixed, 5);
}

#[test]
fn five_people_in_turn_right_before_a_fixed_card() {
    moves_into_one_gap(Gap::BeforeFixed, 5);
}

#[test]
fn five_people_in_turn_always_to_the_top() {
    moves_into_one_gap(Gap::Top, 5);
}
