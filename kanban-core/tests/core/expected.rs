//! Programs that act on what they read a while ago, and say so.

use crate::fields::{furnished, on_x};
use crate::team::{Team, id};
use kanban_core::*;
use serde_json::json;

#[test]
fn a_program_that_acts_on_an_old_read_is_refused_with_what_is_there_now() {
    let mut team = Team::sharing("todo: x, y | done:");
    let seen = team.ana().board.heads();
    team.ben().moves("x").to("done");
    team.ben().renames("y", "Why");
    team.sync();
    let ana = &mut team.ana().board;
    let now = Timestamp::from_unix_seconds(0);
    let move_x = Command::MoveCard {
        card: id("x"),
        column: ColumnId::parse("todo").unwrap(),
        to: Slot::Last,
    };
    let in_todo = Expected::new().card_in(id("x"), ColumnId::parse("todo").unwrap());
    let error = ana.apply_if(&move_x, &in_todo, now).unwrap_err().to_string();
    assert_eq!(error, "the column of x has changed: done; look again");
    let since = Expected::new().unchanged_since(&seen);
    let error = ana.apply_if(&move_x, &since, now).unwrap_err().to_string();
    assert_eq!(error, "place of card x has changed: done; look again");
    let rename = |card, title: &str| Command::RenameCard { card: id(card), title: title.into() };
    let error = ana.apply_if(&rename("y", "Y"), &since, now).unwrap_err().to_string();
    assert_eq!(error, "title of card y has changed: Why; look again");
    ana.apply_if(&rename("x", "X"), &since, now).unwrap();
    let json = serde_json::to_string(&since).unwrap();
    assert_eq!(serde_json::from_str::<Expected>(&json).unwrap(), since);
}

/// What a program that asks for `command` is told when ben has done this since it looked; when nobody
/// has done anything, it may.
#[track_caller]
fn refused_after(meanwhile: &[serde_json::Value], command: serde_json::Value) -> String {
    let mut team = furnished();
    let command: Command = serde_json::from_value(command).unwrap();
    let since = Expected::new().unchanged_since(&team.ana().board.heads());
    let now = Timestamp::from_unix_seconds(0);
    let mut untouched =
        Board::open(&team.ana().board.save(), Replica::new(ActorId::from([7; 16]))).unwrap();
    untouched.apply_if(&command, &since, now).unwrap();
    for command in meanwhile {
        team.ben().says(command.clone());
    }
    team.sync();
    let before = team.ana().board.heads();
    let error = team.ana().board.apply_if(&command, &since, now).unwrap_err();
    assert!(matches!(error, CommandError::Changed { .. }), "{error}");
    assert_eq!(team.ana().board.heads(), before);
    error.to_string()
}

fn edits_of_x() -> Vec<serde_json::Value> {
    [
        json!({ "type": "renameCard", "title": "Ex" }),
        json!({ "type": "setDescription", "text": "More" }),
        json!({ "type": "setDue", "due": "2026-05-01" }),
        json!({ "type": "setComment", "comment": "c1", "text": "Nicer" }),
        json!({ "type": "addComment", "comment": "c2", "by": "ben", "text": "Wait" }),
        json!({ "type": "setItemDone", "item": "one", "done": true }),
        json!({ "type": "removeLabel", "label": "bug" }),
        json!({ "type": "deleteLink", "link": "u1" }),
    ]
    .into_iter()
    .map(on_x)
    .collect()
}

#[test]
fn a_program_does_not_delete_or_archive_a_card_that_somebody_edited_since_it_looked() {
    for edit in edits_of_x() {
        for kind in ["deleteCard", "archiveCard"] {
            let command = on_x(json!({ "type": kind }));
            let said = refused_after(std::slice::from_ref(&edit), command);
            assert_eq!(said, "card x has changed: edited since; look again", "{edit}");
        }
    }
    let moved = on_x(json!({ "type": "moveCard", "column": "done", "to": "last" }));
    let said = refused_after(&[moved], on_x(json!({ "type": "deleteCard" })));
    assert_eq!(said, "place of card x has changed: done; look again");
    let there_and_back = ["archiveCard", "unarchiveCard"].map(|kind| on_x(json!({ "type": kind })));
    refused_after(&there_and_back, on_x(json!({ "type": "deleteCard" })));
    let there_and_back = ["deleteCard", "restoreCard"].map(|kind| on_x(json!({ "type": kind })));
    refused_after(&there_and_back, on_x(json!({ "type": "archiveCard" })));
}

#[test]
fn a_program_does_not_delete_a_column_with_what_somebody_changed_in_it_since_it_looked() {
    let create = json!({
        "type": "createCard", "card": "new", "column": "todo", "at": "last", "title": "New", "description": "",
    });
    let rename = json!({ "type": "renameColumn", "column": "todo", "name": "Next" });
    let moved = on_x(json!({ "type": "moveCard", "column": "todo", "to": "last" }));
    let delete = json!({ "type": "deleteColumn", "column": "todo", "cards": "delete" });
    let relocate =
        json!({ "type": "deleteColumn", "column": "todo", "cards": { "moveTo": "done" } });
    let archive = json!({ "type": "archiveColumn", "column": "todo" });
    for edit in edits_of_x().into_iter().chain([create.clone(), rename.clone(), moved.clone()]) {
        refused_after(std::slice::from_ref(&edit), delete.clone());
        refused_after(std::slice::from_ref(&edit), archive.clone());
    }
    // Edits move along with their cards.
    for change in [create, rename, moved] {
        refused_after(&[change], relocate.clone());
    }
}

#[test]
fn a_program_does_not_delete_a_part_that_somebody_changed_since_it_looked() {
    let comment = on_x(json!({ "type": "setComment", "comment": "c1", "text": "Nicer" }));
    let said = refused_after(&[comment], on_x(json!({ "type": "deleteComment", "comment": "c1" })));
    assert!(said.ends_with("has changed: edited since; look again"), "{said}");
    let list = on_x(json!({ "type": "deleteChecklist", "checklist": "steps" }));
    let three = json!({ "type": "addItem", "checklist": "steps", "item": "three", "text": "Three", "at": "last" });
    for change in [
        json!({ "type": "setItemDone", "item": "two", "done": true }),
        json!({ "type": "moveItem", "item": "one", "checklist": "steps", "to": "last" }),
        json!({ "type": "renameChecklist", "checklist": "steps", "name": "Plan" }),
        three,
    ] {
        refused_after(&[on_x(change)], list.clone());
    }
    let rename = json!({ "type": "renameLabel", "label": "bug", "name": "Fault" });
    refused_after(&[rename], json!({ "type": "deleteLabel", "label": "bug" }));
}

#[test]
fn a_program_may_delete_a_card_beside_which_others_were_edited() {
    let mut team = furnished();
    let since = Expected::new().unchanged_since(&team.ana().board.heads());
    team.ben().renames("y", "Why");
    team.ben().says(json!({ "type": "renameLabel", "label": "bug", "name": "Fault" }));
    team.sync();
    let delete = Command::DeleteCard { card: id("x") };
    team.ana().board.apply_if(&delete, &since, Timestamp::from_unix_seconds(0)).unwrap();
}

#[test]
fn a_program_does_not_sort_a_column_that_somebody_arranged_since_it_looked() {
    let to = |slot| on_x(json!({ "type": "moveCard", "column": "todo", "to": slot }));
    let sort = json!({ "type": "sortCards", "column": "todo", "by": "titleDescending" });
    let said = refused_after(&[to("last"), to("first")], sort);
    assert_eq!(said, "place of card x has changed: todo; look again");
}
