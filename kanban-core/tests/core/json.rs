//! A board comes back from its JSON text as it was.

mod random;

use crate::dice::Dice;
use kanban_core::*;
use proptest::prelude::*;
use random::{random_board, shown};
use std::error::Error;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

fn import(text: &str) -> Result<Board, BoardJsonError> {
    let replica = Replica::new(ActorId::from([7; 16]));
    Board::from_json(replica, BoardId::parse("imported").unwrap(), text, NOW)
}

fn envelope(board: &str) -> String {
    format!("{{ \"format\": \"kanban-board\", \"version\": 1,\n\"board\": {board} }}")
}

/// An error and its causes, as whoever reports it prints them.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn comes_back_the_same(board: &Board) {
    let text = board.to_json();
    let copy = import(&text).unwrap();
    assert_eq!(copy.to_json(), text);
    assert_eq!(shown(&copy), shown(board));
    let reopened = Board::open(&copy.save(), Replica::new(ActorId::from([8; 16]))).unwrap();
    assert_eq!(reopened.to_json(), text);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_board_comes_back_from_its_text_as_it_was(seed: u64) {
        comes_back_the_same(&random_board(&mut Dice(seed)));
    }
}

/// Else the property above would say little.
#[test]
fn random_boards_have_everything_that_is_hard_to_carry() {
    let mut found = [0; 8];
    for seed in 0..100 {
        let view = random_board(&mut Dice(seed)).view();
        let columns = || view.columns.iter().map(|column| &column.column);
        let cards = || view.columns.iter().flat_map(|c| &c.cards).chain(&view.archived_cards);
        let shown_though = |life| columns().filter(|c| c.recovered && c.life == life).count();
        let orderly = |card: &Card| card.links.is_sorted_by_key(|link| link.id.clone());
        let counts = [
            shown_though(Life::Archived),
            shown_though(Life::Deleted),
            view.archived_columns.len(),
            view.deleted_columns.len(),
            view.archived_cards.len(),
            cards().filter(|card| !orderly(card)).count(),
            cards().filter(|card| !card.other_placements.is_empty()).count(),
            cards().flat_map(|c| &c.checklists).filter(|list| list.items.len() > 1).count(),
        ];
        found.iter_mut().zip(counts).for_each(|(found, count)| *found += count);
    }
    assert!(found.iter().all(|count| *count > 2), "{found:?}");
}

#[test]
fn a_real_board_comes_back_from_its_text_as_it_was() {
    for export in [
        &include_bytes!("../../../examples/data/trello-small.json")[..],
        include_bytes!("../../../examples/data/trello-medium.json"),
    ] {
        let replica = Replica::new(ActorId::from([1; 16]));
        let (board, _) = from_trello(export, replica, BoardId::parse("b").unwrap(), NOW).unwrap();
        comes_back_the_same(&board);
    }
}

#[test]
fn the_example_of_the_format_is_what_a_board_writes() {
    let page = include_str!("../../../docs/export.md");
    let (_, rest) = page.split_once("```json\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let board = import(example).unwrap();
    assert_eq!(board.to_json(), example);
    assert_eq!(board.view().columns.len(), 2);
    // Every field that a draft can have is in it: whoever adds one adds it to the page.
    for field in FIELDS {
        assert!(example.contains(&format!("\"{field}\":")), "{field}");
        assert!(page.contains(&format!("`{field}`")), "{field}");
    }
}

const FIELDS: [&str; 28] = [
    "format",
    "version",
    "board",
    "name",
    "description",
    "labels",
    "members",
    "columns",
    "id",
    "colour",
    "wipLimit",
    "archived",
    "cards",
    "title",
    "assignees",
    "start",
    "due",
    "done",
    "cover",
    "origin",
    "checklists",
    "items",
    "text",
    "comments",
    "by",
    "at",
    "links",
    "url",
];

#[test]
fn links_keep_their_order_and_not_that_of_their_ids() {
    let text = envelope(
        r#"{ "name": "B", "columns": [{ "id": "l", "name": "L", "cards": [{ "id": "c", "title": "C", "links": [
            { "id": "z", "url": "https://example.org/1" }, { "id": "a", "url": "https://example.org/2", "name": "Two" }] }] }] }"#,
    );
    let board = import(&text).unwrap();
    let view = board.view();
    let ids: Vec<_> = view.columns[0].cards[0].links.iter().map(|link| link.id.as_str()).collect();
    assert_eq!(ids, ["z", "a"]);
    comes_back_the_same(&board);
}

#[test]
fn an_archived_column_that_shows_a_card_comes_back_archived() {
    let text = envelope(
        r#"{ "name": "B", "columns": [{ "id": "l", "name": "L", "archived": true, "cards": [
            { "id": "c", "title": "C" }, { "id": "d", "title": "D", "archived": "withColumn" },
            { "id": "e", "title": "E", "archived": "alone" }] }] }"#,
    );
    let mut board = import(&text).unwrap();
    assert!(board.view().columns[0].column.recovered);
    comes_back_the_same(&board);
    let column = ColumnId::parse("l").unwrap();
    board.apply(&Command::UnarchiveColumn { column }, NOW).unwrap();
    let cards: Vec<_> = board.view().columns[0].cards.iter().map(|c| c.title.clone()).collect();
    assert_eq!(cards, ["C", "D"]);
}

#[test]
fn everything_optional_may_be_missing_and_unknown_fields_are_passed_over() {
    let text = envelope(
        r#"{ "name": "", "votes": 3, "columns": [{ "id": "l", "name": "L" }, { "id": "m", "name": "M", "cards": [
            { "id": "c", "title": "", "mood": { "deep": [1] }, "checklists": [{ "id": "k", "name": "" }],
              "comments": [{ "id": "o", "at": 0, "text": "" }] }] }] }"#,
    );
    let board = import(&format!("\u{feff}{text}")).unwrap();
    comes_back_the_same(&board);
    assert_eq!(board.cards().count(), 1);
}

#[test]
fn the_longest_texts_come_back_and_longer_ones_are_refused_by_name() {
    let card = |title: &str| {
        let board = serde_json::json!({ "name": "B", "columns": [{ "id": "l", "name": "L",
            "cards": [{ "id": "c", "title": title }] }] });
        envelope(&board.to_string())
    };
    comes_back_the_same(&import(&card(&"🙂".repeat(TITLE_CHARS_MAX))).unwrap());
    let error = import(&card(&"🙂".repeat(TITLE_CHARS_MAX + 1))).unwrap_err();
    assert_eq!(
        chain(&error),
        "the text cannot become a board: the title of c has 16385 characters; the limit is 16384"
    );
}

#[test]
fn what_is_no_board_is_refused_in_one_sentence_that_says_what_it_is() {
    for (text, says) in [
        ("", "ends in the middle of the board, at line 1"),
        ("{\n\"format\": \"kanban-board\",", "ends in the middle of the board, at line 2"),
        ("Name,Due", "is not JSON from line 1, column 1 on"),
        ("{} {}", "is not JSON from line 1, column 4 on"),
        ("[1, 2]", "no board of this library: `format` is no text"),
        ("3", "no board of this library"),
        ("{\"lists\": []}", "`format` is missing"),
        ("{\"format\": \"trello\", \"version\": 1}", "`format` is \"trello\" instead of"),
        ("{\"format\": \"kanban-board\"}", "the text's version is missing"),
        ("{\"format\": \"kanban-board\", \"version\": \"1\"}", "version is \"1\""),
        ("{\"format\": \"kanban-board\", \"version\": 0}", "version is 0;"),
        ("{\"format\": \"kanban-board\", \"version\": 2, \"board\": 1}", "has version 2, and"),
        ("{\"format\": \"kanban-board\", \"version\": 1}", "missing field `board`"),
        (&envelope("{ \"name\": \"B\" }"), "line 2, column 24: missing field `columns`"),
        (&envelope("{ \"name\": \"B\",\n\"columns\": [{ \"id\": \"a/b\" }] }"), "line 3"),
        (
            &envelope(
                "{ \"name\": \"B\", \"columns\": [{ \"id\": \"a\", \"name\": \"\" }, { \"id\": \"a\", \"name\": \"\" }] }",
            ),
            "two columns with the id a",
        ),
        (
            &envelope(
                "{ \"name\": \"B\", \"columns\": [{ \"id\": \"a\", \"name\": \"\", \"cards\": [{ \"id\": \"c\", \"title\": \"\", \"due\": \"soon\" }] }] }",
            ),
            "\"soon\" is not a date",
        ),
    ] {
        let sentence = chain(&import(text).unwrap_err());
        assert!(sentence.contains(says) && !sentence.contains('\n'), "{text}: {sentence}");
    }
}

#[test]
fn a_text_cut_off_anywhere_is_refused() {
    let text = random_board(&mut Dice(3)).to_json();
    for (cut, _) in text.trim_end().char_indices().step_by(37) {
        assert!(import(&text[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_template_has_the_cards_and_checklists_of_a_board_and_nothing_of_its_history() {
    let page = include_str!("../../../docs/export.md");
    let (_, rest) = page.split_once("```json\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let board = import(example).unwrap();
    let template = board.to_draft().as_template();
    let replica = Replica::new(ActorId::from([9; 16]));
    let copy = Board::from_draft(replica, BoardId::parse("next").unwrap(), &template, NOW).unwrap();
    let (before, after) = (board.view(), copy.view());
    let columns = |view: &BoardView| -> Vec<_> {
        let columns = view.columns.iter().map(|column| &column.column);
        columns.map(|c| (c.id.clone(), c.name.clone(), c.wip_limit, c.colour.clone())).collect()
    };
    assert_eq!(columns(&after), columns(&before));
    assert_eq!((&after.labels, &after.description), (&before.labels, &before.description));
    assert!(after.members.is_empty());
    let on_the_shelf = (after.archived_cards.len(), after.archived_columns.len());
    assert_eq!(on_the_shelf, (0, 0));
    let manual = CardId::parse("manual").unwrap();
    let (before, after) = (board.card(&manual).unwrap(), copy.card(&manual).unwrap());
    assert_eq!(
        (&after.title, &after.description, &after.labels, &after.cover, &after.links),
        (&before.title, &before.description, &before.labels, &before.cover, &before.links)
    );
    assert_eq!((&after.start, &after.due, after.done), (&None, &None, false));
    assert!(after.assignees.is_empty() && after.comments.is_empty());
    let (ticked, unticked) = (&before.checklists[0], &after.checklists[0]);
    assert!(ticked.items.iter().any(|item| item.done));
    assert!(unticked.items.iter().all(|item| !item.done));
    let texts =
        |list: &Checklist| list.items.iter().map(|item| item.text.clone()).collect::<Vec<_>>();
    assert_eq!((&unticked.name, texts(unticked)), (&ticked.name, texts(ticked)));
}
