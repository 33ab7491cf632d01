//! What a card, column and board hold beside place and title, and what becomes of it when people
//! change it at the same time.

use crate::team::{Team, id};
use kanban_core::*;
use serde_json::json;

pub fn on_x(extra: serde_json::Value) -> serde_json::Value {
    let mut command = json!({ "card": "x" });
    command.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    command
}

/// A board whose card x has a label, an assignee, a checklist, a comment and a link.
pub fn furnished() -> Team {
    let mut team = Team::sharing("todo: x, y | done:");
    let ana = team.ana();
    ana.says(json!({ "type": "createLabel", "label": "bug", "name": "Bug", "colour": "red" }));
    ana.says(json!({ "type": "addMember", "member": "ana", "name": "Ana", "colour": "" }));
    ana.says(json!({ "type": "addMember", "member": "ben", "name": "Ben", "colour": "" }));
    for command in [
        json!({ "type": "addLabel", "label": "bug" }),
        json!({ "type": "assign", "member": "ana" }),
        json!({ "type": "addChecklist", "checklist": "steps", "name": "Steps" }),
        json!({ "type": "addItem", "checklist": "steps", "item": "one", "text": "One", "at": "last" }),
        json!({ "type": "addItem", "checklist": "steps", "item": "two", "text": "Two", "at": "last" }),
        json!({ "type": "addComment", "comment": "c1", "by": "ana", "text": "Nice" }),
        json!({ "type": "attachLink", "link": "u1", "url": "https://example.org", "name": "Spec" }),
    ] {
        ana.says(on_x(command));
    }
    team.sync();
    team
}

fn items(card: &Card) -> Vec<String> {
    let item = |item: &ChecklistItem| format!("{}{}", if item.done { "+" } else { "" }, item.text);
    card.checklists.iter().flat_map(|list| list.items.iter().map(item)).collect()
}

#[test]
fn a_card_holds_all_that_a_card_of_the_talk_and_of_trello_holds() {
    let mut team = furnished();
    let ana = team.ana();
    ana.says(on_x(json!({ "type": "setStart", "start": "2026-05-01" })));
    ana.says(on_x(json!({ "type": "setDue", "due": "2026-05-08T17:00:00+02:00" })));
    ana.says(on_x(json!({ "type": "setDone", "done": true })));
    ana.says(on_x(json!({ "type": "setCover", "cover": "green" })));
    ana.says(json!({ "type": "setWipLimit", "column": "todo", "limit": 1 }));
    ana.says(json!({ "type": "setColumnColour", "column": "todo", "colour": "blue" }));
    ana.says(json!({ "type": "setBoardDescription", "text": "What we do" }));
    team.sync();
    let board = &team.ben().board;
    let card = board.card(&id("x")).unwrap();
    assert_eq!(card.start.as_ref().unwrap().as_str(), "2026-05-01");
    assert_eq!(card.due.as_ref().unwrap().as_str(), "2026-05-08T17:00:00+02:00");
    assert!(card.done);
    assert_eq!(card.cover.as_deref(), Some("green"));
    assert_eq!(items(card), ["One", "Two"]);
    assert_eq!(
        (card.comments[0].text.as_str(), card.comments[0].at.unix_seconds()),
        ("Nice", 1_700_000_000)
    );
    assert_eq!(card.links[0].url, "https://example.org");
    let view = board.view();
    assert_eq!(view.description, "What we do");
    assert_eq!(view.labels[0].name, "Bug");
    assert_eq!(view.members.iter().map(|m| &*m.name).collect::<Vec<_>>(), ["Ana", "Ben"]);
    let column = &view.columns[0].column;
    assert_eq!((column.wip_limit, column.colour.as_deref()), (Some(1), Some("blue")));
}

#[test]
fn ticks_reorders_and_new_items_of_one_checklist_all_hold() {
    let mut team = furnished();
    team.ana().says(on_x(json!({ "type": "setItemDone", "item": "one", "done": true })));
    team.ana().says(on_x(json!({ "type": "setItemText", "item": "two", "text": "Second" })));
    team.ben().says(on_x(
        json!({ "type": "moveItem", "item": "one", "checklist": "steps", "to": "last" }),
    ));
    team.cleo().says(on_x(json!({
        "type": "addItem", "checklist": "steps", "item": "zero", "text": "Zero", "at": { "before": "one" }
    })));
    team.sync();
    assert_eq!(items(team.ana().card("x")), ["Zero", "Second", "+One"]);
}

#[test]
fn whoever_ticks_an_item_keeps_it_when_its_list_is_deleted_at_the_same_time() {
    let mut team = furnished();
    team.ana().says(on_x(json!({ "type": "deleteChecklist", "checklist": "steps" })));
    team.ben().says(on_x(json!({ "type": "setItemDone", "item": "two", "done": true })));
    team.sync();
    assert_eq!(items(team.cleo().card("x")), ["+Two"]);
    team.ana().says(on_x(json!({ "type": "deleteChecklist", "checklist": "steps" })));
    team.sync();
    assert!(team.ben().card("x").checklists.is_empty());
    team.cleo().says(on_x(json!({ "type": "restoreChecklist", "checklist": "steps" })));
    team.sync();
    assert_eq!(items(team.ana().card("x")), ["One", "+Two"]);
}

#[test]
fn of_two_lists_for_one_item_it_stands_in_exactly_one() {
    let mut team = furnished();
    for list in ["a", "b"] {
        team.ana().says(on_x(json!({ "type": "addChecklist", "checklist": list, "name": list })));
    }
    team.sync();
    let to = |list| json!({ "type": "moveItem", "item": "one", "checklist": list, "to": "first" });
    team.ana().says(on_x(to("a")));
    team.ben().says(on_x(to("b")));
    team.cleo().says(on_x(
        json!({ "type": "moveItem", "item": "one", "checklist": "steps", "to": "last" }),
    ));
    team.sync();
    let lists = &team.ana().card("x").checklists;
    let holders: Vec<&str> = lists
        .iter()
        .filter(|list| list.items.iter().any(|item| item.id.as_str() == "one"))
        .map(|list| list.id.as_str())
        .collect();
    assert!(
        holders == ["a"] || holders == ["b"],
        "a move between lists beats a reorder: {holders:?}"
    );
}

#[test]
fn an_edited_comment_outlives_its_deletion_and_edits_merge_by_character() {
    let mut team = furnished();
    team.ana().says(on_x(json!({ "type": "deleteComment", "comment": "c1" })));
    team.ben().says(on_x(json!({ "type": "setComment", "comment": "c1", "text": "Nice!" })));
    team.cleo().says(on_x(json!({ "type": "setComment", "comment": "c1", "text": "Very Nice" })));
    team.sync();
    assert_eq!(team.ana().card("x").comments[0].text, "Very Nice!");
}

#[test]
fn adding_a_label_again_wins_over_taking_it_off_and_a_date_over_its_removal() {
    let mut team = furnished();
    team.ana().says(on_x(json!({ "type": "setDue", "due": "2026-05-01" })));
    team.sync();
    team.ana().says(on_x(json!({ "type": "removeLabel", "label": "bug" })));
    team.ben().says(on_x(json!({ "type": "removeLabel", "label": "bug" })));
    team.ben().says(on_x(json!({ "type": "addLabel", "label": "bug" })));
    team.ana().says(on_x(json!({ "type": "setDue", "due": null })));
    team.ben().says(on_x(json!({ "type": "setDue", "due": "2026-05-02" })));
    team.sync();
    let card = team.cleo().card("x");
    assert!(card.labels.contains(&LabelId::parse("bug").unwrap()));
    assert_eq!(card.due.as_ref().unwrap().as_str(), "2026-05-02");
}

#[test]
fn two_due_dates_are_a_conflict_with_names_and_times_until_somebody_picks() {
    let mut team = furnished();
    team.ana().says(on_x(json!({ "type": "setDue", "due": "2026-05-01" })));
    team.ben().says(on_x(json!({ "type": "setDue", "due": "2026-05-02" })));
    team.sync();
    let field = Field::CardDue { card: id("x") };
    let cleo = team.cleo();
    assert_eq!(cleo.card("x").conflicted_fields, std::slice::from_ref(&field));
    let choices = cleo.board.field_choices(&field);
    let authors: Vec<_> = choices.iter().map(|choice| choice.author.as_deref().unwrap()).collect();
    assert_eq!(authors.len(), 2);
    assert!(authors.contains(&b"ana".as_slice()) && authors.contains(&b"ben".as_slice()));
    assert!(choices[1].shown && !choices[0].shown);
    assert_eq!(cleo.board.conflicts().len(), 1);
    let lost = choices[0].value.clone();
    cleo.does(Command::PickField { field: field.clone(), value: lost.clone() });
    team.sync();
    let ana = team.ana();
    assert!(ana.card("x").conflicted_fields.is_empty() && ana.board.conflicts().is_empty());
    assert_eq!(FieldValue::Text(ana.card("x").due.as_ref().unwrap().to_string()), lost);
    assert!(matches!(ana.cannot(Command::KeepField { field }), CommandError::NoSuchValue));
}

#[test]
fn keeping_one_value_while_another_is_picked_is_a_conflict_again() {
    let mut team = furnished();
    team.ana().renames("x", "A");
    team.ben().renames("x", "B");
    team.sync();
    let field = Field::CardTitle { card: id("x") };
    let lost = team.ana().board.field_choices(&field)[0].value.clone();
    team.ana().does(Command::KeepField { field: field.clone() });
    team.ben().does(Command::PickField { field: field.clone(), value: lost });
    team.sync();
    assert_eq!(team.cleo().board.field_choices(&field).len(), 2);
}

#[test]
fn a_renamed_label_outlives_its_deletion_and_a_restored_one_is_back_on_its_cards() {
    let mut team = furnished();
    let bug = || LabelId::parse("bug").unwrap();
    team.ana().does(Command::DeleteLabel { label: bug() });
    team.ben().does(Command::RenameLabel { label: bug(), name: "Fault".into() });
    team.sync();
    assert_eq!(team.cleo().board.labels().next().unwrap().name, "Fault");
    team.ana().does(Command::DeleteLabel { label: bug() });
    team.sync();
    assert_eq!(team.ben().board.labels().count(), 0);
    assert_eq!(team.ben().board.deleted_labels().count(), 1);
    team.ben().does(Command::RestoreLabel { label: bug() });
    team.sync();
    assert_eq!(team.cleo().board.labels().count(), 1);
}

#[test]
fn two_people_who_list_the_same_member_at_once_list_one_member_and_lose_no_name() {
    let mut team = Team::sharing("todo: x");
    let cleo = || MemberId::parse("cleo").unwrap();
    let add = |name: &str| Command::AddMember {
        member: cleo(),
        name: name.into(),
        colour: String::new(),
    };
    team.ana().does(add("Cleo"));
    team.ben().does(add("Cleopatra"));
    team.ben().does(Command::RenameMember { member: cleo(), name: "Cleo P.".into() });
    team.sync();
    let board = &team.cleo().board;
    assert_eq!(board.members().count(), 1);
    let field = Field::MemberName { member: cleo() };
    let names: Vec<_> =
        board.field_choices(&field).into_iter().map(|c| c.value.to_string()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.contains(&"Cleo".to_owned()) && names.contains(&"Cleo P.".to_owned()));
    team.cleo().does(Command::RenameMember { member: cleo(), name: "C.".into() });
    team.sync();
    assert_eq!(team.ana().board.view().members[0].name, "C.");
    assert!(team.ana().board.conflicts().is_empty());
}

#[test]
fn every_edit_of_a_part_keeps_a_card_that_is_deleted_at_the_same_time() {
    for command in [
        json!({ "type": "setItemDone", "item": "one", "done": true }),
        json!({ "type": "addComment", "comment": "c2", "by": "ben", "text": "Wait" }),
        json!({ "type": "removeLabel", "label": "bug" }),
        json!({ "type": "setDue", "due": "2026-05-01" }),
        json!({ "type": "deleteLink", "link": "u1" }),
    ] {
        let mut team = furnished();
        team.ana().deletes("x");
        team.ben().says(on_x(command));
        team.sync();
        assert!(team.cleo().card("x").deleted_concurrently);
    }
}

#[test]
fn a_card_deleted_for_good_is_empty_everywhere_and_one_edited_meanwhile_is_not_gone() {
    let mut team = furnished();
    assert!(matches!(
        team.ana().cannot(Command::PurgeCard { card: id("x") }),
        CommandError::NotDeleted { .. }
    ));
    team.ana().deletes("x");
    team.sync();
    team.ana().does(Command::PurgeCard { card: id("x") });
    team.ben().restores("x");
    team.sync();
    let card = team.cleo().card("x");
    assert!(card.life.is_alive() && card.title.is_empty() && card.comments.is_empty());
    team.cleo().deletes("x");
    team.cleo().does(Command::PurgeCard { card: id("x") });
    team.sync();
    assert_eq!(team.ana().card("x").life, Life::Purged);
    assert!(team.ana().board.view().deleted_cards.is_empty());
    team.ana().cannot(Command::RestoreCard { card: id("x") });
}

#[test]
fn a_copy_has_everything_but_comments_and_stands_below_its_original() {
    let mut team = furnished();
    team.ana().does(Command::DuplicateCard { card: id("x"), copy: id("x2") });
    team.sync();
    team.all_see("todo: x, x2, y | done:");
    let (original, copy) = (team.ben().card("x").clone(), team.ben().card("x2").clone());
    assert_eq!(
        (&copy.title, &copy.labels, &copy.assignees),
        (&original.title, &original.labels, &original.assignees)
    );
    assert_eq!((&copy.checklists, &copy.links), (&original.checklists, &original.links));
    assert!(copy.comments.is_empty());
    team.ana().says(json!({ "type": "setItemDone", "card": "x2", "item": "one", "done": true }));
    assert!(!team.ana().card("x").checklists[0].items[0].done);
}

#[test]
fn move_all_and_archive_all_do_not_beat_a_person_who_moves_one_card() {
    let mut team = Team::sharing("todo: a, b, c | doing: | done:");
    team.ana().says(json!({ "type": "moveAllCards", "column": "todo", "to": "done" }));
    team.ben().moves("b").to("doing");
    team.sync();
    team.all_see("todo: | doing: b | done: a, c");
    team.ana().says(json!({ "type": "archiveAllCards", "column": "done" }));
    team.ben().moves("a").to("doing");
    team.sync();
    team.all_see("todo: | doing: b | done:");
    team.ben().says(json!({ "type": "unarchiveCard", "card": "a" }));
    team.sync();
    team.all_see("todo: | doing: b, a | done:");
}

#[test]
fn a_column_sorts_by_due_date_creation_and_label() {
    let mut team = Team::sharing("todo: c, a, b");
    let ana = team.ana();
    ana.says(json!({ "type": "createLabel", "label": "l", "name": "Alpha", "colour": "" }));
    ana.says(json!({ "type": "addLabel", "card": "b", "label": "l" }));
    ana.says(json!({ "type": "setDue", "card": "a", "due": "2026-05-01" }));
    ana.says(json!({ "type": "setDue", "card": "b", "due": "2026-04-30T23:00:00Z" }));
    for (by, expected) in
        [("due", "todo: b, a, c"), ("created", "todo: c, a, b"), ("label", "todo: b, a, c")]
    {
        ana.says(json!({ "type": "sortCards", "column": "todo", "by": by }));
        assert_eq!(ana.sees(), expected, "{by}");
    }
}

#[test]
fn a_column_deleted_for_good_must_be_deleted_first_and_leave_no_card_behind() {
    let mut team = Team::sharing("todo: x | done:");
    let todo = || ColumnId::parse("todo").unwrap();
    assert!(matches!(
        team.ana().cannot(Command::PurgeColumn { column: todo() }),
        CommandError::NotDeleted { .. }
    ));
    team.ana().deletes_column("todo", Some(ColumnCards::Delete));
    let error = team.ana().cannot(Command::PurgeColumn { column: todo() });
    assert!(matches!(error, CommandError::ColumnHasDeletedCards { cards: 1, .. }), "{error}");
    team.ana().does(Command::PurgeCard { card: id("x") });
    team.ana().does(Command::PurgeColumn { column: todo() });
    team.sync();
    assert!(team.ben().board.view().deleted_columns.is_empty());
    team.ben().cannot(Command::RestoreColumn { column: todo() });
}

#[test]
fn what_a_command_an_undo_and_a_delivery_answer_crosses_a_boundary_as_json() {
    fn crosses<T>(value: &T) -> serde_json::Value
    where
        T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        let json = serde_json::to_value(value).unwrap();
        assert_eq!(&serde_json::from_value::<T>(json.clone()).unwrap(), value);
        json
    }
    let mut team = furnished();
    let applied = team.ana().does(Command::DeleteCard { card: id("y") });
    let hash = applied.change.unwrap().to_string();
    assert_eq!(crosses(&applied)["change"], *hash);
    let nothing = team.ana().does(Command::RenameCard { card: id("x"), title: "x".into() });
    assert!(crosses(&nothing)["change"].is_null());
    let now = Timestamp::from_unix_seconds(0);
    let undone = team.ana().board.undo(now).unwrap();
    assert_eq!(crosses(&undone)["of"], *hash);
    let mut ben = team.ben().board.clone();
    crosses(&ben.merge(&team.ana().board).unwrap());
    let query = ActivityQuery::all().of_card(id("x")).since(ben.heads()).limit(3).by("ana");
    assert_eq!(crosses(&query)["since"][0], *ben.heads()[0].to_string());
    assert_eq!(serde_json::from_str::<ActivityQuery>("{}").unwrap(), ActivityQuery::all());
    assert_eq!(crosses(&TextUnit::CodePoint), "codePoint");
    crosses(&ImportReport::default());
    assert!(serde_json::from_value::<Applied>(json!({ "change": "12", "events": [] })).is_err());
}
