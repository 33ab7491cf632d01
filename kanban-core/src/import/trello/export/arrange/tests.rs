//! Everything of a file has its place, or a note.

use super::*;
use crate::import::trello::export::read_export;

const SMALL: &str = include_str!("../../../../../../examples/data/trello-small.json");
const MEDIUM: &str = include_str!("../../../../../../examples/data/trello-medium.json");

#[test]
fn the_small_board_has_its_archived_list_and_its_archived_card() {
    let board = arranged(SMALL);
    assert_eq!(board.notes.sentences, Vec::<String>::new());
    let last = board.columns.last().expect("five columns");
    assert_eq!(
        (last.name.as_str(), last.archived, last.cards.len()),
        ("some archived list", true, 0)
    );
    let cards = || board.columns.iter().flat_map(|column| &column.cards);
    let archived = cards().filter(|card| card.archived == ArchivedHow::ByItself);
    assert_eq!((cards().count(), archived.count()), (10, 1));
    assert!(
        board.labels.iter().any(|label| label.name == "red"),
        "a label without a name has its colour's"
    );
}

#[test]
fn the_medium_board_has_every_column_and_card_in_its_place() {
    let board = arranged(MEDIUM);
    assert_eq!(board.notes.sentences, Vec::<String>::new());
    let names: Vec<_> = board.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(
        names,
        ["Meetingroom", "Parents", "Product Backlog", "Sprint Backlog", "Doing", "Review", "Done"]
    );
    assert_eq!(board.columns.iter().map(|column| column.cards.len()).sum::<usize>(), 81);
}

#[test]
fn cards_go_by_position_and_keep_the_order_of_the_file_where_it_says_nothing() {
    for (cards, order) in [
        ("a:3 b:1 c:2", "b c a"),
        ("a b c", "a b c"),
        ("a:1 b:1 c:1", "a b c"),
        ("a:140737488355328 b:0.000001 c:-5", "c b a"),
        ("a:2 b c:1", "c a b"),
        ("a b:1 c:0", "a c b"),
    ] {
        assert_eq!(ids(&cards_in_one_list(cards)), order, "{cards}");
    }
}

#[test]
fn an_archived_card_keeps_its_place_among_the_open_ones() {
    let board = arranged(
        r#"{"lists": [{"id": "t"}], "cards": [
            {"id": "a", "idList": "t", "pos": 2}, {"id": "b", "idList": "t", "pos": 2, "closed": true},
            {"id": "c", "idList": "t", "pos": 1}]}"#,
    );
    assert_eq!(ids(&board), "c a b");
    assert_eq!(board.columns[0].cards[2].archived, ArchivedHow::ByItself);
}

#[test]
fn a_card_archived_by_itself_in_an_archived_list_says_so() {
    let board = arranged(
        r#"{"lists": [{"id": "t", "closed": true, "softLimit": 3}], "cards": [
            {"id": "a", "idList": "t", "closed": true}, {"id": "b", "idList": "t"}]}"#,
    );
    let how: Vec<_> = board.columns[0].cards.iter().map(|card| card.archived).collect();
    assert_eq!(how, [ArchivedHow::ByItself, ArchivedHow::WithItsColumn]);
    assert_eq!(board.columns[0].wip_limit, Some(3));
}

#[test]
fn a_card_whose_list_is_not_in_the_file_is_recovered_and_named() {
    let board = arranged(
        r#"{"lists": [{"id": "recovered", "name": "Recovered"}], "cards": [
            {"id": "a", "idList": "gone", "name": "Write", "pos": 2}, {"id": "b", "name": "", "pos": 1}]}"#,
    );
    let last = board.columns.last().expect("two columns");
    assert_eq!(
        (last.id.as_str(), last.name.as_str(), last.cards.len()),
        ("recovered-", "Recovered", 2)
    );
    assert_eq!(
        board.notes.sentences,
        [
            "The card “Write” (a) names the list gone, which the file does not contain; it is in the column “Recovered”.",
            "The card “” (b) names no list; it is in the column “Recovered”.",
        ]
    );
}

#[test]
fn the_first_of_two_cards_with_one_id_is_kept() {
    let board = arranged(
        r#"{"lists": [{"id": "t"}], "cards": [
            {"id": "a", "idList": "t", "name": "first"}, {"id": "a", "idList": "t", "name": "second"}]}"#,
    );
    assert_eq!(board.columns[0].cards.len(), 1);
    assert_eq!(board.columns[0].cards[0].title, "first");
    assert_eq!(
        board.notes.sentences,
        ["The card a is in the file more than once; “second” is left out, the first is kept."]
    );
}

#[test]
fn an_unusable_id_is_replaced_the_same_way_wherever_it_stands() {
    let json = r#"{"lists": [{"id": "to/do", "name": "Todo"}], "labels": [{"id": "ü", "color": "red"}],
        "members": [{"id": "a b", "username": "ana"}], "cards": [
        {"id": "", "idList": "to/do", "name": "one", "idLabels": ["ü", "ü", "none"], "idMembers": ["a b", "ben"]},
        {"idList": "to/do", "name": "two"}, {"id": "card-1", "idList": "to/do", "name": "three"}]}"#;
    let board = arranged(json);
    assert_eq!(ids(&board), "card-1- card-2 card-1");
    assert_eq!(board.columns.len(), 1);
    let card = &board.columns[0].cards[0];
    assert_eq!(card.labels, [board.labels[0].id.clone()]);
    assert_eq!(card.members, [board.members[0].id.clone(), "ben".into()]);
    assert_eq!(board.members[1].name, "Former member");
    assert_eq!(board.notes.sentences.len(), 7, "{:#?}", board.notes);
    assert_eq!(board, arranged(json), "the same file gives the same board");
}

fn arranged(json: &str) -> Arranged {
    arrange(read_export(json.as_bytes()).expect("an export"))
}

/// "a:3 b" is a card `a` at position 3 and a card `b` without one.
fn cards_in_one_list(cards: &str) -> Arranged {
    let card = |text: &str| {
        let (id, position) = text.split_once(':').unwrap_or((text, "null"));
        format!(r#"{{"id": "{id}", "idList": "t", "pos": {position}}}"#)
    };
    let cards: Vec<_> = cards.split(' ').map(card).collect();
    arranged(&format!(r#"{{"lists": [{{"id": "t"}}], "cards": [{}]}}"#, cards.join(",")))
}

fn ids(board: &Arranged) -> String {
    let ids: Vec<_> = board.columns[0].cards.iter().map(|card| card.id.as_str()).collect();
    ids.join(" ")
}
