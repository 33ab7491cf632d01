//! Everything that bytes can be instead of a board ends in one clear sentence, never in a panic
//! and never in an empty board.

use crate::team::*;
use automerge::transaction::Transactable;
use automerge::{Automerge, AutomergeError, ObjType, ROOT, ReadDoc, ScalarValue};
use kanban_core::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

fn replica() -> Replica {
    Replica::new(ActorId::from([42; 16]))
}

fn saved() -> Vec<u8> {
    let mut team = Team::sharing("todo: write, review | done: plan");
    team.ana().describes("write", "Everything a newcomer asks.");
    team.ana().board.save()
}

/// What a person is told.
fn refusal(bytes: &[u8]) -> String {
    let error = Board::open(bytes, replica()).expect_err("is refused");
    let sentence = error.to_string();
    assert!(sentence.len() > 20 && !sentence.contains('\n'), "{sentence:?}");
    sentence
}

/// The board after another program wrote to the document with plain Automerge.
fn edited_elsewhere(edit: impl FnOnce(&mut Automerge)) -> Vec<u8> {
    let mut document = Automerge::load(&saved()).unwrap();
    edit(&mut document);
    document.save()
}

fn write(
    document: &mut Automerge,
    edit: impl FnOnce(&mut automerge::transaction::Transaction<'_>) -> Result<(), AutomergeError>,
) {
    document.transact(edit).unwrap();
}

#[test]
fn a_board_cut_off_at_any_byte_is_refused() {
    let bytes = saved();
    assert!(Board::open(&bytes, replica()).is_ok());
    for length in 0..bytes.len() {
        let sentence = refusal(&bytes[..length]);
        let expected = if length == 0 { "empty" } else { "damaged or cut short" };
        assert!(sentence.contains(expected), "{length} bytes: {sentence}");
    }
}

#[test]
fn a_board_with_any_byte_changed_is_refused() {
    let bytes = saved();
    for index in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[index] ^= 0x40;
        refusal(&damaged);
    }
}

#[test]
fn bytes_that_are_not_automerge_are_named_as_such() {
    for text in ["{\"name\": \"Board\"}", "PK\u{3}\u{4}", "x"] {
        assert!(refusal(text.as_bytes()).contains("not an Automerge document"));
    }
}

#[test]
fn an_automerge_document_that_is_not_a_board_is_refused() {
    let mut document = Automerge::new();
    write(&mut document, |tx| {
        for key in ["meta", "cols", "cards", "labels", "members"] {
            tx.put_object(ROOT, key, ObjType::Map)?;
        }
        tx.put(ROOT, "v", 1_u64)
    });
    assert!(refusal(&document.save()).contains("not a board"));
    assert!(refusal(&Automerge::new().save()).contains("not a board"));
}

#[test]
fn a_board_without_an_id_is_refused() {
    let genesis = {
        let board = Board::create(replica(), BoardId::parse("b").unwrap(), "B", NOW);
        let mut first = board.changes_since(&[]).remove(0);
        first.bytes().to_vec()
    };
    assert!(refusal(&genesis).contains("no id"));
}

#[test]
fn another_board_than_the_one_asked_for_is_refused() {
    let wanted = BoardId::parse("wanted").unwrap();
    let error = Board::open_expecting(&saved(), &wanted, replica()).unwrap_err();
    assert_eq!(error.to_string(), "this is board team, not board wanted");
}

#[test]
fn a_board_of_a_newer_schema_can_be_read_and_synced_but_not_written() {
    let bytes = edited_elsewhere(|document| write(document, |tx| tx.put(ROOT, "v", 2_u64)));
    let opened = Board::open(&bytes, replica()).unwrap();
    let mut synced = Board::open(&saved(), replica()).unwrap();
    let heads = synced.heads();
    // There is something to undo and something to redo.
    for title in ["One", "Two"] {
        let rename = Command::RenameCard { card: id("write"), title: title.into() };
        synced.apply(&rename, NOW).unwrap();
    }
    synced.undo(NOW).unwrap();
    synced.receive(Automerge::load(&bytes).unwrap().get_changes(&heads)).unwrap();
    for mut board in [opened, synced.fork(replica()), synced] {
        assert_eq!(board.newer_schema(), Some(2));
        let (heads, view) = (board.heads(), board.view());
        let rename = Command::RenameBoard { name: "Later".into() };
        let error = board.apply(&rename, NOW).unwrap_err().to_string();
        assert!(error.contains("schema 2") && error.contains("update the program"), "{error}");
        refuses_every_way_of_writing(&mut board);
        assert_eq!((heads, view), (board.heads(), board.view()));
    }
}

fn refuses_every_way_of_writing(board: &mut Board) {
    let read_only = |error: &CommandError| matches!(error, CommandError::ReadOnly { .. });
    let rename = Command::RenameBoard { name: "Later".into() };
    let seen = Expected::new().unchanged_since(&board.heads());
    assert!(read_only(&board.apply_if(&rename, &seen, NOW).unwrap_err()));
    if !board.undoable().is_empty() {
        let undone = board.undo(NOW).unwrap_err();
        assert!(matches!(&undone, UndoError::Command(error) if read_only(error)), "{undone}");
        let redone = board.redo(NOW).unwrap_err();
        assert!(matches!(&redone, UndoError::Command(error) if read_only(error)), "{redone}");
    }
    // The card as it was before somebody described it.
    let early = board.changes_since(&[]).iter().map(|change| change.hash()).find(|change| {
        let card = board.card_at(&id("write"), &[*change]).unwrap();
        card.is_some_and(|card| card.description.is_empty())
    });
    let reverted = [
        board.revert_card(&id("write"), &[early.unwrap()], NOW),
        board.revert_description(&id("write"), &[early.unwrap()], NOW),
    ];
    for reverted in reverted {
        let error = reverted.unwrap_err();
        assert!(matches!(&error, HistoryError::Command(error) if read_only(error)), "{error}");
    }
    let successor = BoardId::parse("next").unwrap();
    assert!(read_only(&board.retire(&successor, NOW).unwrap_err()));
    moves_no_card_in_or_out(board, read_only);
}

fn moves_no_card_in_or_out(board: &mut Board, read_only: impl Fn(&CommandError) -> bool) {
    let actor = Replica::new(ActorId::from([77; 16]));
    let mut other = Board::create(actor, BoardId::parse("other").unwrap(), "Other", NOW);
    let (column, name, at) = (column_id("todo"), "To do".into(), Slot::Last);
    other.apply(&Command::CreateColumn { column, name, at }, NOW).unwrap();
    let (card, column, at, title) = (id("theirs"), column_id("todo"), Slot::Last, "T".into());
    let description = String::new();
    other.apply(&Command::CreateCard { card, column, at, title, description }, NOW).unwrap();
    let (heads, todo) = (other.heads(), column_id("todo"));
    let taken = board.take_card(&other, &id("theirs"), &id("new"), &todo, &Slot::Last, NOW);
    assert!(read_only(&taken.unwrap_err()));
    let came =
        other.move_card_to(board, &id("theirs"), &id("new"), &todo, &Slot::Last, NOW).unwrap_err();
    assert!(read_only(&came));
    let left = board.move_card_to(&mut other, &id("write"), &id("new"), &todo, &Slot::Last, NOW);
    assert!(read_only(&left.unwrap_err()));
    assert_eq!(other.heads(), heads, "neither half is done");
}

#[test]
fn a_save_that_lacks_changes_is_refused_and_says_how_many() {
    let mut board = Board::open(&saved(), replica()).unwrap();
    let before = board.heads();
    for name in ["one", "two"] {
        let name = name.to_owned();
        board.apply(&Command::RenameBoard { name }, NOW).unwrap();
    }
    let mut bytes = saved();
    bytes.extend(board.changes_since(&before)[1].clone().bytes().iter());
    assert!(refusal(&bytes).contains("lacks 1 change"));
}

#[test]
fn damaged_changes_are_refused_by_number_and_none_is_applied() {
    let mut board = Board::open(&saved(), replica()).unwrap();
    let mut other = Board::open(&saved(), Replica::new(ActorId::from([43; 16]))).unwrap();
    let before = other.heads();
    let name = "Renamed".to_owned();
    other.apply(&Command::RenameBoard { name }, NOW).unwrap();
    let good = other.changes_since(&before)[0].clone().bytes().to_vec();
    let heads = board.heads();
    let error = board.receive_bytes([good.clone(), good[..good.len() - 1].to_vec()]).unwrap_err();
    assert_eq!(error.to_string(), "change 1 of the delivery is damaged");
    assert_eq!(board.heads(), heads);
    board.receive_bytes([good]).unwrap();
    assert_eq!(board.name(), "Renamed");
}

#[test]
fn a_second_replica_with_the_same_actor_is_refused_without_harm() {
    let mut board = Board::open(&saved(), replica()).unwrap();
    let mut twin = Board::open(&saved(), replica()).unwrap();
    for (board, name) in [(&mut board, "one"), (&mut twin, "two")] {
        let name = name.to_owned();
        board.apply(&Command::RenameBoard { name }, NOW).unwrap();
    }
    let (heads, view) = (board.heads(), board.view());
    let error = board.merge(&twin).unwrap_err();
    assert!(error.to_string().contains("do not fit"), "{error}");
    assert_eq!((heads, view), (board.heads(), board.view()));
}

#[test]
fn more_changes_than_may_wait_are_refused_and_can_be_sent_again_in_order() {
    let mut board = Board::open(&saved(), replica()).unwrap();
    let mut other = Board::open(&saved(), Replica::new(ActorId::from([43; 16]))).unwrap();
    let before = other.heads();
    for number in 0..WAITING_CHANGES_MAX + 2 {
        let name = format!("Name {number}");
        other.apply(&Command::RenameBoard { name }, NOW).unwrap();
    }
    let changes = other.changes_since(&before);
    let error = board.receive(changes[1..].to_vec()).unwrap_err();
    assert!(error.to_string().contains("257 changes"), "{error}");

    let received = board.receive(changes[2..].to_vec()).unwrap();
    assert_eq!((received.applied, received.waiting), (0, 256));
    assert_eq!(board.missing().len(), 1);
    let received = board.receive(changes[..2].to_vec()).unwrap();
    assert_eq!((received.applied, received.waiting), (258, 0));
    assert_eq!(board.view(), other.view());
}

#[test]
fn odd_types_in_any_place_give_a_board_that_still_shows_every_card() {
    let scalars = [
        ScalarValue::Null,
        ScalarValue::Int(-7),
        ScalarValue::F64(f64::NAN),
        ScalarValue::Boolean(true),
        ScalarValue::Bytes(vec![0, 255]),
        ScalarValue::Timestamp(i64::MIN),
        ScalarValue::Str("///|||".into()),
        ScalarValue::Str("".into()),
    ];
    let keys = ["pos", "ord", "touch", "trash", "shelf", "title", "desc", "l:odd", "k:x"];
    for (parent, id) in [("cards", "write"), ("cols", "todo")] {
        for key in keys.into_iter().chain(["name", "wip", "colour"]) {
            for scalar in &scalars {
                let bytes = edited_elsewhere(|document| {
                    write(document, |tx| {
                        let (_, map) = tx.get(ROOT, parent)?.unwrap();
                        let (_, object) = tx.get(&map, id)?.unwrap();
                        tx.put(&object, key, scalar.clone())
                    });
                });
                shows_every_card(&bytes, &format!("{parent}/{id}/{key} = {scalar:?}"));
            }
            for kind in [ObjType::Map, ObjType::List, ObjType::Text] {
                let bytes = edited_elsewhere(|document| {
                    write(document, |tx| {
                        let (_, map) = tx.get(ROOT, parent)?.unwrap();
                        let (_, object) = tx.get(&map, id)?.unwrap();
                        tx.put_object(&object, key, kind).map(drop)
                    });
                });
                shows_every_card(&bytes, &format!("{parent}/{id}/{key} = {kind:?}"));
            }
        }
    }
}

/// Every card is somewhere (an odd `shelf` archives it, an odd `trash` only flags it), the reader
/// that follows along agrees with the one that starts afresh, and commands still work.
fn shows_every_card(bytes: &[u8], what: &str) {
    let opened = Board::open(bytes, replica()).unwrap_or_else(|e| panic!("{what}: {e}"));
    let mut following = Board::open(&saved(), replica()).unwrap();
    let changes = opened.changes_since(&following.heads());
    following.receive(changes).unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(opened.view(), following.view(), "{what}");
    let view = opened.view();
    let shown: usize = view.columns.iter().map(|column| column.cards.len()).sum();
    assert_eq!(shown + view.archived_cards.len(), 3, "{what}: {view:#?}");

    let todo = column_id("todo");
    let card = id("write");
    for command in [
        Command::MoveCard { card: card.clone(), column: column_id("done"), to: Slot::First },
        Command::SetDescription { card: card.clone(), text: "New text".into() },
        Command::RenameCard { card: card.clone(), title: "New title".into() },
        Command::SortCards { column: column_id("done"), by: SortBy::TitleDescending },
        Command::DeleteColumn { column: todo, cards: to("done") },
        Command::DeleteCard { card: card.clone() },
        Command::RestoreCard { card },
    ] {
        let applied = following.apply(&command, NOW);
        // An archived or recovered column may refuse; nothing else may.
        if let Err(error) = applied {
            assert!(matches!(error, CommandError::ColumnHidden { .. }), "{what}: {error}");
        }
    }
    let reopened = Board::open(&following.save(), replica()).unwrap();
    assert_eq!(reopened.view(), following.view(), "{what}");
    let written = reopened.card(&id("write")).unwrap();
    assert_eq!((&*written.title, &*written.description), ("New title", "New text"), "{what}");
    assert_eq!(written.life, Life::OnBoard, "{what}");
}

#[test]
fn odd_maps_in_place_of_the_schema_s_maps_never_panic() {
    for key in ["v", "meta", "cols", "cards", "labels", "members"] {
        for kind in [ObjType::Map, ObjType::List, ObjType::Text] {
            let bytes = edited_elsewhere(|document| {
                write(document, |tx| tx.put_object(ROOT, key, kind).map(drop));
            });
            match Board::open(&bytes, replica()) {
                Ok(board) => drop(board.view()),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

#[test]
fn a_card_object_deleted_by_another_program_is_gone_for_those_who_follow_and_those_who_open() {
    let bytes = edited_elsewhere(|document| {
        write(document, |tx| {
            let (_, cards) = tx.get(ROOT, "cards")?.unwrap();
            tx.delete(&cards, "write")
        });
    });
    let opened = Board::open(&bytes, replica()).unwrap();
    let mut following = Board::open(&saved(), replica()).unwrap();
    let received = following.receive(opened.changes_since(&following.heads())).unwrap();
    assert_eq!(received.events, [BoardEvent::CardDeleted { card: id("write") }]);
    assert_eq!(opened.view(), following.view());
}

#[test]
fn titles_written_as_text_by_another_program_are_read_and_followed() {
    let mut document = Automerge::load(&saved()).unwrap();
    let mut following = Board::open(&saved(), replica()).unwrap();
    let title = {
        let (_, cards) = document.get(ROOT, "cards").unwrap().unwrap();
        let (_, card) = document.get(&cards, "write").unwrap().unwrap();
        let made = document.transact::<_, _, AutomergeError>(|tx| {
            let text = tx.put_object(&card, "title", ObjType::Text)?;
            tx.splice_text(&text, 0, 0, "Typed")?;
            Ok(text)
        });
        made.unwrap().result
    };
    following.receive(document.get_changes(&following.heads())).unwrap();
    assert_eq!(following.card(&id("write")).unwrap().title, "Typed");
    write(&mut document, |tx| tx.splice_text(&title, 5, 0, " on"));
    following.receive(document.get_changes(&following.heads())).unwrap();
    assert_eq!(following.card(&id("write")).unwrap().title, "Typed on");
}

#[test]
fn commands_that_make_no_sense_are_refused_and_leave_no_trace() {
    let mut team = Team::sharing("todo: write, review | done: plan");
    team.ana().deletes("review");
    let ana = team.ana();
    let write = || id("write");
    let nowhere = || column_id("nowhere");
    let refused = [
        Command::MoveCard { card: id("nobody"), column: column_id("done"), to: Slot::Last },
        Command::MoveCard { card: write(), column: nowhere(), to: Slot::Last },
        Command::MoveCard { card: write(), column: column_id("done"), to: Slot::Before(write()) },
        Command::MoveCard { card: write(), column: column_id("todo"), to: Slot::After(id("plan")) },
        Command::MoveCard { card: id("review"), column: column_id("done"), to: Slot::Last },
        Command::RenameCard { card: id("review"), title: "t".into() },
        Command::RenameCard { card: write(), title: "x".repeat(TITLE_CHARS_MAX + 1) },
        Command::EditDescription { card: write(), at: 1, remove: 0, insert: "x".into() },
        Command::EditDescription { card: write(), at: usize::MAX, remove: 2, insert: "".into() },
        Command::SetDescription { card: write(), text: "x".repeat(DESCRIPTION_CHARS_MAX + 1) },
        Command::DeleteCard { card: id("review") },
        Command::RestoreCard { card: write() },
        Command::KeepCard { card: write() },
        Command::KeepCardPlacement { card: write() },
        Command::CreateColumn { column: column_id("todo"), name: "x".into(), at: Slot::Last },
        Command::DeleteColumn { column: column_id("todo"), cards: None },
        Command::DeleteColumn { column: column_id("todo"), cards: to("todo") },
        Command::DeleteColumn { column: column_id("todo"), cards: to("nowhere") },
        Command::DeleteColumn { column: nowhere(), cards: None },
        Command::RestoreColumn { column: column_id("todo") },
        Command::KeepColumn { column: column_id("todo") },
        Command::MoveColumn { column: column_id("todo"), to: Slot::After(nowhere()) },
        Command::SortCards { column: nowhere(), by: SortBy::Title },
    ];
    for command in refused {
        let error = ana.cannot(command.clone());
        assert!(error.to_string().len() > 15, "{command:?}: {error}");
    }
}

#[test]
fn commands_that_would_change_nothing_record_nothing() {
    let mut team = Team::sharing("todo: a, b, c | done:");
    let heads = team.ana().board.heads();
    let in_todo = |card: &str, to: Slot<CardId>| Command::MoveCard {
        card: id(card),
        column: column_id("todo"),
        to,
    };
    for command in [
        in_todo("a", Slot::First),
        in_todo("c", Slot::Last),
        in_todo("b", Slot::After(id("a"))),
        in_todo("b", Slot::Before(id("c"))),
        in_todo("b", Slot::Before(id("b"))),
        Command::RenameCard { card: id("a"), title: "a".into() },
        Command::SetDescription { card: id("a"), text: String::new() },
        Command::SortCards { column: column_id("todo"), by: SortBy::Title },
        Command::MoveColumn { column: column_id("todo"), to: Slot::First },
        Command::UnarchiveCard { card: id("a") },
        Command::RenameBoard { name: "Team".into() },
    ] {
        let applied = team.ana().does(command.clone());
        assert_eq!((applied.change, applied.events.len()), (None, 0), "{command:?}");
    }
    assert_eq!(team.ana().board.heads(), heads);
}
