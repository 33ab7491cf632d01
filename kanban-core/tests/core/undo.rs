//! Undo and redo: what they bring back, what they leave alone, and when they refuse. What happens
//! beside other people is in `undo_together`, with lists, items and members in `undo_parts`.

use crate::team::{Team, to};
use kanban_core::*;
use serde_json::json;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_100);

fn undo(team: &mut Team, who: &str) -> Undone {
    team.person(who).board.undo(NOW).unwrap_or_else(|error| panic!("{who}: {error}"))
}

fn redo(team: &mut Team, who: &str) -> Undone {
    team.person(who).board.redo(NOW).unwrap_or_else(|error| panic!("{who}: {error}"))
}

fn refused(team: &mut Team, who: &str) -> UndoError {
    let board = &mut team.person(who).board;
    let view = board.view();
    let error = board.undo(NOW).expect_err("is refused");
    assert_eq!(board.view(), view);
    error
}

#[test]
fn a_move_goes_back_to_its_place_and_forth_again() {
    let mut team = Team::sharing("todo: a, x, b | done: d");
    team.ana().moves("x").to("done");
    undo(&mut team, "ana");
    team.sync();
    team.all_see("todo: a, x, b | done: d");
    redo(&mut team, "ana");
    team.sync();
    team.all_see("todo: a, b | done: d, x");
    undo(&mut team, "ana");
    team.sync();
    team.all_see("todo: a, x, b | done: d");
}

/// S12
#[test]
fn a_move_that_somebody_else_has_moved_on_stays() {
    let mut team = Team::sharing("todo: x | doing: | done:");
    team.ana().moves("x").to("doing");
    team.sync();
    team.ben().moves("x").to("done");
    team.sync();
    match refused(&mut team, "ana") {
        UndoError::Superseded { by, .. } => {
            assert_eq!(by.what, "the place of card x");
            assert_eq!(by.author.as_deref(), Some(b"ben".as_slice()));
        }
        other => panic!("{other}"),
    }
    team.all_see("todo: | doing: | done: x");
}

/// S12
#[test]
fn two_people_who_undo_their_own_concurrent_moves_agree_on_the_old_place() {
    let mut team = Team::sharing("todo: a, x, b | doing: | done:");
    team.ana().moves("x").to("doing");
    team.ben().moves("x").to("done");
    undo(&mut team, "ana");
    undo(&mut team, "ben");
    team.sync();
    team.all_see("todo: a, x, b | doing: | done:");
}

#[test]
fn an_undone_delete_brings_the_card_back_with_what_others_added() {
    let mut team = Team::sharing("todo: a, x, b | done:");
    team.ana().deletes("x");
    team.ben().describes("x", "still needed");
    team.sync();
    team.all_see("todo: a, x!, b | done:");
    undo(&mut team, "ana");
    team.sync();
    team.all_see("todo: a, x, b | done:");
    assert_eq!(team.cleo().card("x").description, "still needed");
    team.ana().deletes("x");
    team.sync();
    undo(&mut team, "ana");
    team.sync();
    team.all_see("todo: a, x, b | done:");
}

#[test]
fn undo_of_text_takes_only_my_characters() {
    let mut team = Team::sharing("todo: x");
    team.ana().describes("x", "The plan.");
    team.sync();
    team.ana().describes("x", "The new plan.");
    team.sync();
    team.ben().describes("x", "The new, better plan. Soon!");
    team.sync();
    undo(&mut team, "ana");
    team.sync();
    assert_eq!(team.cleo().card("x").description, "The , betterplan. Soon!");
    redo(&mut team, "ana");
    team.sync();
    assert_eq!(team.cleo().card("x").description, "The new, better plan. Soon!");
}

#[test]
fn a_text_typed_bit_by_bit_undone_and_redone_reads_as_it_was_typed() {
    let typed = [
        ["", "a", "ab", "abc", "abc d"],
        ["(z)", "(az)", "(abz)", "(abcz)", "(abc dz)"],
        ["z", "cz", "bcz", "abcz", "> abcz"],
    ];
    for steps in typed {
        let mut team = Team::sharing("todo: x");
        for step in steps {
            team.ana().describes("x", step);
        }
        for step in steps.iter().rev().skip(1) {
            undo(&mut team, "ana");
            assert_eq!(team.ana().card("x").description, *step);
        }
        for step in &steps[1..] {
            redo(&mut team, "ana");
            assert_eq!(team.ana().card("x").description, *step, "{steps:?}");
        }
    }
}

#[test]
fn characters_that_i_deleted_come_back_where_they_stood_in_every_text_unit() {
    for unit in [TextUnit::CodePoint, TextUnit::Utf16, TextUnit::Utf8] {
        let replica = Replica::new(ActorId::from([7; 16])).by("ana").counting_text_in(unit);
        let mut board = Board::create(replica, BoardId::parse("b").unwrap(), "B", NOW);
        let set = |text: &str| Command::SetBoardDescription { text: text.into() };
        board.apply(&set("日本語 🙂 and ünïcode"), NOW).unwrap();
        board.apply(&set("日語 and 👍 unicode"), NOW).unwrap();
        board.undo(NOW).unwrap();
        assert_eq!(board.view().description, "日本語 🙂 and ünïcode");
        board.redo(NOW).unwrap();
        assert_eq!(board.view().description, "日語 and 👍 unicode");
    }
}

#[test]
fn a_field_goes_back_unless_somebody_else_has_set_it_since() {
    let mut team = Team::sharing("todo: x");
    team.ana().renames("x", "One");
    team.ana().renames("x", "Two");
    undo(&mut team, "ana");
    assert_eq!(team.ana().card("x").title, "One");
    undo(&mut team, "ana");
    assert_eq!(team.ana().card("x").title, "x");
    redo(&mut team, "ana");
    assert_eq!(team.ana().card("x").title, "One");
    team.sync();
    team.ben().renames("x", "Ben's");
    team.sync();
    assert!(matches!(refused(&mut team, "ana"), UndoError::Superseded { .. }));
    undo(&mut team, "ben");
    team.sync();
    assert_eq!(team.ana().card("x").title, "One");
}

#[test]
fn a_new_card_is_taken_back_unless_somebody_has_worked_on_it() {
    let mut team = Team::sharing("todo: a");
    team.ana().creates("x").to("todo");
    undo(&mut team, "ana");
    team.sync();
    team.all_see("todo: a");
    redo(&mut team, "ana");
    team.sync();
    team.all_see("todo: a, x");
    team.ben().says(json!({ "type": "addComment", "card": "x", "comment": "c", "by": "ben", "text": "Mine too" }));
    team.sync();
    refused(&mut team, "ana");
    team.all_see("todo: a, x");
}

#[test]
fn an_undone_column_deletion_brings_the_cards_back_that_nobody_moved_on() {
    let mut team = Team::sharing("todo: a, b, c | doing: | done: d");
    team.ana().deletes_column("todo", to("done"));
    team.sync();
    team.all_see("doing: | done: d, a, b, c");
    team.ben().moves("b").to("doing");
    team.sync();
    let undone = undo(&mut team, "ana");
    assert_eq!(undone.left.len(), 1, "{undone:?}");
    team.sync();
    team.all_see("todo: a, c | doing: b | done: d");
    redo(&mut team, "ana");
    team.sync();
    team.all_see("doing: b | done: d, a, c");
}

#[test]
fn an_undone_sort_puts_the_cards_back_as_they_were() {
    let mut team = Team::sharing("todo: c, a, b | done:");
    team.ana().sorts("todo");
    team.sync();
    team.ben().moves("a").to("done");
    team.sync();
    let undone = undo(&mut team, "ana");
    assert_eq!(undone.left.len(), 1);
    team.sync();
    team.all_see("todo: c, b | done: a");
}

#[test]
fn labels_checklists_and_archiving_go_back_too() {
    let mut team = Team::sharing("todo: x");
    let ana = team.ana();
    ana.says(json!({ "type": "createLabel", "label": "bug", "name": "Bug", "colour": "red" }));
    let commands = [
        json!({ "type": "addLabel", "card": "x", "label": "bug" }),
        json!({ "type": "addChecklist", "card": "x", "checklist": "l", "name": "List" }),
        json!({ "type": "addItem", "card": "x", "checklist": "l", "item": "i", "text": "I", "at": "last" }),
        json!({ "type": "setItemDone", "card": "x", "item": "i", "done": true }),
        json!({ "type": "addItem", "card": "x", "checklist": "l", "item": "j", "text": "J", "at": "last" }),
        json!({ "type": "moveItem", "card": "x", "item": "i", "checklist": "l", "to": "last" }),
        json!({ "type": "deleteItem", "card": "x", "item": "i" }),
        json!({ "type": "deleteChecklist", "card": "x", "checklist": "l" }),
        json!({ "type": "setDue", "card": "x", "due": "2026-05-01" }),
        json!({ "type": "setDue", "card": "x", "due": null }),
        json!({ "type": "removeLabel", "card": "x", "label": "bug" }),
        json!({ "type": "archiveCard", "card": "x" }),
        json!({ "type": "unarchiveCard", "card": "x" }),
        json!({ "type": "duplicateCard", "card": "x", "copy": "y" }),
        json!({ "type": "deleteCard", "card": "x" }),
        json!({ "type": "restoreCard", "card": "x" }),
        json!({ "type": "deleteLabel", "label": "bug" }),
        json!({ "type": "setWipLimit", "column": "todo", "limit": 3 }),
        json!({ "type": "deleteColumn", "column": "todo", "cards": "delete" }),
    ];
    let mut looks = vec![look(&ana.board)];
    for command in &commands {
        ana.says(command.clone());
        looks.push(look(&ana.board));
    }
    for (index, expected) in looks.iter().enumerate().rev().skip(1) {
        ana.board.undo(NOW).unwrap();
        assert_eq!(look(&ana.board), *expected, "undoing {}", commands[index]);
    }
    for (index, expected) in looks.iter().enumerate().skip(1) {
        ana.board.redo(NOW).unwrap();
        assert_eq!(look(&ana.board), *expected, "redoing {}", commands[index - 1]);
    }
    assert!(matches!(ana.board.redo(NOW), Err(UndoError::NothingToRedo)));
}

/// What people see of the board, order included; keys, former places and trash left out.
fn look(board: &Board) -> String {
    format!("{:#?}", board.to_draft())
}

#[test]
fn undo_goes_by_the_person_and_survives_saving_and_another_device() {
    let mut team = Team::sharing("todo: x | done:");
    team.ana().moves("x").to("done");
    team.sync();
    let saved = team.ana().board.save();
    let mut phone = Board::open(&saved, Replica::new(ActorId::from([99; 16])).by("ana")).unwrap();
    phone.undo(NOW).unwrap();
    team.ben().board.merge(&phone).unwrap();
    assert_eq!(team.ben().sees(), "todo: x | done:");
    let mut stranger =
        Board::open(&saved, Replica::new(ActorId::from([98; 16])).by("dora")).unwrap();
    assert!(matches!(stranger.undo(NOW), Err(UndoError::NothingToUndo)));
}

#[test]
fn an_earlier_command_can_be_undone_alone() {
    let mut team = Team::sharing("todo: x, y | done:");
    let ana = team.ana();
    ana.moves("x").to("done");
    let first = *ana.board.undoable().last().unwrap();
    ana.moves("y").to("done");
    ana.board.undo_change(&first, NOW).unwrap();
    assert_eq!(ana.sees(), "todo: x | done: y");
    assert!(matches!(ana.board.undo_change(&first, NOW), Err(UndoError::NotUndoable { .. })));
}

#[test]
fn undoing_into_a_column_that_is_gone_brings_the_column_back_into_view() {
    let mut team = Team::sharing("todo: x | done:");
    team.ana().moves("x").to("done");
    team.sync();
    team.ben().deletes_column("todo", None);
    team.sync();
    undo(&mut team, "ana");
    team.sync();
    team.all_see("~todo: x | done:");
    assert!(team.cleo().column("todo").recovered);
}
