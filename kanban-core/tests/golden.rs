//! A saved board of every schema that was ever released opens and shows what it showed.
//!
//! `UPDATE_GOLDEN=1 cargo test -p kanban-core --test golden` writes the file of a *new* schema; the
//! files of released ones are never written again.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use kanban_core::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// Something of everything that schema 1 knows, conflicts included.
const ANA: [&str; 15] = [
    r#"{"type":"createLabel","label":"bug","name":"Bug","colour":"red"}"#,
    r#"{"type":"addMember","member":"ana","name":"Ana","colour":"green"}"#,
    r#"{"type":"createColumn","column":"todo","name":"To do","at":"last"}"#,
    r#"{"type":"createColumn","column":"done","name":"Done","at":"last"}"#,
    r#"{"type":"setWipLimit","column":"todo","limit":2}"#,
    r#"{"type":"createCard","card":"docs","column":"todo","at":"last","title":"Docs","description":"日本語"}"#,
    r#"{"type":"createCard","card":"old","column":"todo","at":"last","title":"Old","description":""}"#,
    r#"{"type":"addLabel","card":"docs","label":"bug"}"#,
    r#"{"type":"assign","card":"docs","member":"ana"}"#,
    r#"{"type":"addChecklist","card":"docs","checklist":"steps","name":"Steps"}"#,
    r#"{"type":"addItem","card":"docs","checklist":"steps","item":"one","text":"One","at":"last"}"#,
    r#"{"type":"addComment","card":"docs","comment":"c1","by":"ana","text":"Nice"}"#,
    r#"{"type":"attachLink","card":"docs","link":"u1","url":"https://example.org","name":"Spec"}"#,
    r#"{"type":"setDue","card":"docs","due":"2026-05-01"}"#,
    r#"{"type":"sortCards","column":"todo","by":"titleDescending"}"#,
];

fn apply(board: &mut Board, command: &str) {
    board.apply(&serde_json::from_str(command).unwrap(), NOW).unwrap();
}

fn board() -> Board {
    let replica = |actor, name: &str| Replica::new(ActorId::from([actor; 16])).by(name);
    let id = BoardId::parse("golden").unwrap();
    let mut ana = Board::create(replica(1, "ana"), id, "Golden", NOW);
    for command in ANA {
        apply(&mut ana, command);
    }
    let mut ben = ana.fork(replica(2, "ben"));
    apply(&mut ana, r#"{"type":"moveCard","card":"docs","column":"done","to":"first"}"#);
    apply(&mut ana, r#"{"type":"deleteCard","card":"old"}"#);
    apply(&mut ben, r#"{"type":"renameCard","card":"old","title":"Still needed"}"#);
    apply(&mut ben, r#"{"type":"setDue","card":"docs","due":"2026-05-02"}"#);
    apply(&mut ben, r#"{"type":"archiveCard","card":"docs"}"#);
    apply(&mut ana, r#"{"type":"setDue","card":"docs","due":"2026-05-03T17:00:00Z"}"#);
    ana.merge(&ben).unwrap();
    ana
}

#[test]
fn boards_of_every_released_schema_open_and_show_what_they_showed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
    for schema in 1..=SCHEMA_VERSION {
        let path = |ending| format!("{folder}/schema-{schema}.{ending}");
        if std::env::var_os("UPDATE_GOLDEN").is_some()
            && !std::fs::exists(path("automerge")).unwrap()
        {
            let view = serde_json::to_string_pretty(&board().view()).unwrap();
            std::fs::write(path("automerge"), board().save()).unwrap();
            std::fs::write(path("json"), view + "\n").unwrap();
        }
        let bytes = std::fs::read(path("automerge")).expect("a golden file for every schema");
        let opened = Board::open(&bytes, Replica::new(ActorId::from([3; 16]))).unwrap();
        let expected = std::fs::read_to_string(path("json")).unwrap();
        let found = serde_json::to_string_pretty(&opened.view()).unwrap() + "\n";
        assert!(found == expected, "schema {schema} shows:\n{found}");
        assert_eq!(opened.heads(), board().heads(), "today's commands record the same changes");
    }
}

#[test]
fn an_old_board_can_be_worked_on() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/schema-1.automerge");
    let bytes = std::fs::read(path).unwrap();
    let mut board = Board::open(&bytes, Replica::new(ActorId::from([4; 16])).by("ben")).unwrap();
    assert!(!board.conflicts().is_empty());
    // Ben's last command archived the card.
    board.undo(NOW).unwrap();
    assert_eq!(board.view().archived_cards.len(), 0);
    apply(&mut board, r#"{"type":"keepCard","card":"old"}"#);
}
