//! What a person opens or imports as a board.

use crate::catching;
use crate::hostile::writer::{arrive, chunk};
use kanban_core::{
    ActorId, Board, BoardDraft, BoardId, Change, CsvOptions, MarkdownOptions, Replica, Timestamp,
    from_trello,
};
use sync_protocol::{Admission, Inserted, chunks};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

fn replica(number: u8) -> Replica {
    Replica::new(ActorId::from([number; 16])).by("ana")
}

fn id() -> BoardId {
    BoardId::parse("release").expect("an id")
}

/// The first byte says what the others are.
pub fn import_files(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    match kind % 5 {
        0 => {
            if let Ok((board, _)) = from_trello(rest, replica(1), id(), NOW) {
                is_a_board(&board);
            }
        }
        1 => json(&String::from_utf8_lossy(rest)),
        // As it is: the checksum of nearly everything is wrong.
        2 => _ = Board::open(rest, replica(1)).map(|board| is_a_board(&board)),
        3 => file(rest),
        _ => delivery(rest),
    }
}

fn json(text: &str) {
    if let Ok(draft) = BoardDraft::from_json(text) {
        let written = draft.to_json();
        assert_eq!(BoardDraft::from_json(&written).expect("it is ours"), draft);
    }
    if let Ok(board) = Board::from_json(replica(1), id(), text, NOW) {
        is_a_board(&board);
    }
}

/// It is shown, exported, imported, saved and opened as the same.
fn is_a_board(board: &Board) {
    let text = board.to_json();
    let again = Board::from_json(replica(2), id(), &text, NOW).expect("we read what we write");
    assert_eq!(again.to_json(), text);
    let view = board.view();
    _ = (board.to_csv(&CsvOptions::new()), board.to_markdown(&MarkdownOptions::new()));
    let opened = Board::open(&board.save(), replica(3)).expect("what is saved is opened");
    assert_eq!(opened.view(), view);
}

/// A document with this content, of changes that a relay admits.
fn file(content: &[u8]) {
    let bytes = chunk(0, content);
    let Some(Ok(document)) = chunks(&bytes).next() else { return };
    let Ok(changes) = catching(|| document.document_changes()) else { return };
    let mut admission = Admission::new();
    let is_admitted = |change: &Change| {
        let raw = arrive(change.raw_bytes());
        raw.is_some_and(|raw| matches!(admission.insert(&raw), Ok(Inserted::At(_))))
    };
    if changes.iter().all(is_admitted) {
        _ = Board::open(&bytes, replica(1)).map(|board| is_shown(&board));
    }
}

/// Some change that a relay admits, to somebody's board.
fn delivery(content: &[u8]) {
    let mut board =
        Board::from_json(replica(1), id(), crate::seeds::board_json(), NOW).expect("a board");
    let mut admission = Admission::new();
    for change in board.changes_since(&[]) {
        let raw = arrive(change.raw_bytes()).expect("a change");
        assert!(matches!(admission.insert(&raw), Ok(Inserted::At(_))));
    }
    let bytes = chunk(1, content);
    let Some(raw) = arrive(&bytes) else { return };
    if let Ok(Inserted::At(_)) = admission.insert(&raw)
        && board.receive_bytes([&raw.bytes]).is_ok()
    {
        is_shown(&board);
    }
}

/// Whatever the document holds, it has a view, the same when it is opened again.
fn is_shown(board: &Board) {
    let opened = Board::open(&board.save(), replica(3)).expect("what is saved is opened");
    assert_eq!(opened.view(), board.view());
    _ = (board.to_json(), board.to_csv(&CsvOptions::new()));
}
