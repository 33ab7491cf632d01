//! Real Trello exports become boards, and nothing of them is dropped.

use kanban_core::*;

const MEDIUM: &[u8] = include_bytes!("../../../examples/data/trello-medium.json");
const SMALL: &[u8] = include_bytes!("../../../examples/data/trello-small.json");

fn import(json: &[u8]) -> Result<(Board, ImportReport), TrelloError> {
    let replica = Replica::new(ActorId::from([1; 16]));
    let id = BoardId::parse("imported").unwrap();
    from_trello(json, replica, id, Timestamp::from_unix_seconds(1_700_000_000))
}

/// What Trello shows: the open lists and their open cards, by `pos`.
fn shown_by_trello(json: &[u8]) -> Vec<(String, Vec<String>)> {
    let file: serde_json::Value = serde_json::from_slice(json).unwrap();
    let by_pos = |list: &serde_json::Value| {
        let mut open: Vec<_> =
            list.as_array().unwrap().iter().filter(|e| e["closed"] == false).cloned().collect();
        open.sort_by(|a, b| a["pos"].as_f64().unwrap().total_cmp(&b["pos"].as_f64().unwrap()));
        open
    };
    let cards = by_pos(&file["cards"]);
    let titles = |list: &str| {
        let inside = cards.iter().filter(|card| card["idList"] == list);
        inside.map(|card| card["name"].as_str().unwrap().to_owned()).collect()
    };
    by_pos(&file["lists"])
        .iter()
        .map(|l| (l["name"].as_str().unwrap().to_owned(), titles(l["id"].as_str().unwrap())))
        .collect()
}

#[test]
fn a_real_export_shows_the_columns_and_cards_that_trello_showed() {
    for json in [MEDIUM, SMALL] {
        let (board, _) = import(json).unwrap();
        let view = board.view();
        let shown: Vec<(String, Vec<String>)> = view
            .columns
            .iter()
            .map(|c| {
                (c.column.name.clone(), c.cards.iter().map(|card| card.title.clone()).collect())
            })
            .collect();
        assert_eq!(shown, shown_by_trello(json));
    }
}

#[test]
fn every_card_of_a_real_export_is_there_with_its_description_or_in_the_archive() {
    for json in [MEDIUM, SMALL] {
        let (board, report) = import(json).unwrap();
        let file: serde_json::Value = serde_json::from_slice(json).unwrap();
        let cards = file["cards"].as_array().unwrap();
        assert_eq!((report.cards, board.cards().count()), (cards.len(), cards.len()));
        let archived = cards.iter().filter(|card| card["closed"] == true).count();
        assert_eq!(
            (report.archived_cards, board.view().archived_cards.len()),
            (archived, archived)
        );
        for card in cards {
            let found = board.card(&CardId::parse(card["id"].as_str().unwrap()).unwrap()).unwrap();
            assert_eq!(
                (&*found.title, &*found.description),
                (card["name"].as_str().unwrap(), card["desc"].as_str().unwrap())
            );
        }
    }
}

#[test]
fn an_import_reads_back_the_same_and_is_written_in_few_changes() {
    let (board, _) = import(MEDIUM).unwrap();
    let copy = Board::open(&board.save(), Replica::new(ActorId::from([2; 16]))).unwrap();
    assert_eq!(board.view(), copy.view());
    assert!(board.changes_since(&[]).len() < 6);
}

#[test]
fn a_card_in_an_unknown_list_goes_to_a_recovered_column_with_a_note() {
    let json = br#"{ "name": "B", "lists": [{ "id": "l1", "name": "To do", "closed": false, "pos": 1 }],
        "cards": [{ "id": "c1", "idList": "l1", "name": "here" }, { "id": "c2", "idList": "gone", "name": "lost" }] }"#;
    let (board, report) = import(json).unwrap();
    let view = board.view();
    assert_eq!(view.columns[1].column.name, "Recovered");
    assert_eq!(view.columns[1].cards[0].title, "lost");
    assert!(
        report.notes[0].contains("lost") && report.notes[0].contains("gone"),
        "{:?}",
        report.notes
    );
}

#[test]
fn open_cards_of_an_archived_list_are_archived_and_come_back_with_it() {
    let json = br#"{ "name": "B", "lists": [{ "id": "l1", "name": "Old", "closed": true }],
        "cards": [{ "id": "c1", "idList": "l1", "name": "open" }, { "id": "c2", "idList": "l1", "name": "shut", "closed": true }] }"#;
    let (mut board, _) = import(json).unwrap();
    assert!(board.view().columns.is_empty());
    assert_eq!(board.view().archived_cards.len(), 2);
    let column = ColumnId::parse("l1").unwrap();
    board.apply(&Command::UnarchiveColumn { column }, Timestamp::default()).unwrap();
    let view = board.view();
    let shown: Vec<&str> = view.columns[0].cards.iter().map(|card| &*card.title).collect();
    assert_eq!(shown, ["open"]);
}

#[test]
fn what_is_no_trello_export_is_refused_in_one_sentence() {
    for (json, says) in [
        (&b""[..], "empty"),
        (b"PK\x03\x04", "not JSON"),
        (b"{\"users\": []}", "no Trello board"),
        (b"[1, 2]", "no Trello board"),
        (&SMALL[..SMALL.len() / 2], "ends in the middle"),
    ] {
        let sentence = import(json).unwrap_err().to_string();
        assert!(sentence.contains(says) && !sentence.contains('\n'), "{sentence}");
    }
}

#[test]
fn a_draft_with_one_id_twice_is_refused_by_name() {
    let draft: BoardDraft = serde_json::from_str(
        r#"{ "name": "B", "columns": [
            { "id": "a", "name": "A", "cards": [{ "id": "x", "title": "1" }] },
            { "id": "b", "name": "B", "cards": [{ "id": "x", "title": "2" }] } ] }"#,
    )
    .unwrap();
    let replica = Replica::new(ActorId::from([1; 16]));
    let id = BoardId::parse("b").unwrap();
    let error = Board::from_draft(replica, id, &draft, Timestamp::default()).unwrap_err();
    assert!(error.to_string().contains("two cards with the id x"), "{error}");
}
