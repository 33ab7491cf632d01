//! How the board looked, what has changed since, and going back.

use crate::sentences::{commands_and_sentences, item_id, label_id, link_id, list_id, member_id};
use crate::team::*;
use kanban_core::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

#[test]
fn heads_of_a_moment_contain_what_was_made_up_to_then_and_builds_on_nothing_later() {
    let mut team = Team::sharing("todo: x | done:");
    let at = |hour: i64| Timestamp::from_unix_seconds(1_700_000_000 + hour * 3600);
    let rename = |name: &str| Command::RenameBoard { name: name.into() };
    let board = &mut team.ana().board;
    let start = board.heads();
    board.apply(&rename("one"), at(1)).unwrap();
    // A clock that runs a day ahead.
    board.apply(&rename("two"), at(24)).unwrap();
    board.apply(&rename("three"), at(2)).unwrap();
    assert_eq!(board.heads_at(at(0)), start);
    assert_eq!(board.view_at(&board.heads_at(at(1))).unwrap().name, "one");
    assert_eq!(board.view_at(&board.heads_at(at(3))).unwrap().name, "one");
    assert_eq!(board.heads_at(at(24)), board.heads());
    assert!(board.heads_at(Timestamp::from_unix_seconds(-1)).is_empty());
    assert!(board.view_at(&[]).unwrap().columns.is_empty());
}

#[test]
fn unknown_heads_are_refused_by_name() {
    let mut team = Team::sharing("todo: x | done:");
    let unknown = [ChangeHash([7; 32])];
    let board = &mut team.ana().board;
    let error = board.view_at(&unknown).unwrap_err().to_string();
    assert!(error.contains(&unknown[0].to_string()), "{error}");
    assert!(board.card_at(&id("x"), &unknown).is_err());
    assert!(board.difference(&unknown, &[]).is_err());
    assert!(board.revert_card(&id("x"), &unknown, NOW).is_err());
}

#[test]
fn the_difference_between_two_points_names_what_looks_different() {
    let mut team = Team::sharing("todo: x, y | done:");
    let ana = team.ana();
    let before = ana.board.heads();
    ana.moves("x").to("done");
    ana.does(Command::RenameBoard { name: "Crew".into() });
    let moved = |from: &str, to: &str| BoardEvent::CardMoved {
        card: id("x"),
        from: column_id(from),
        to: column_id(to),
    };
    let after = ana.board.heads();
    let forth = ana.board.difference(&before, &after).unwrap();
    assert_eq!(forth, [BoardEvent::BoardEdited, moved("todo", "done")]);
    let back = ana.board.difference(&after, &before).unwrap();
    assert_eq!(back, [BoardEvent::BoardEdited, moved("done", "todo")]);
    assert!(ana.board.difference(&after, &after).unwrap().is_empty());
}

/// A card with something in every field.
fn filled() -> Team {
    let mut team = Team::sharing("todo: x, y | done:");
    let commands = commands_and_sentences();
    let wanted = [
        "edited the description of *Write docs*",
        "created label Bug",
        "put label Bug on *Write docs*",
        "added Ana",
        "assigned *Write docs* to Ana",
        "set the due date of *Write docs* to 2026-05-01",
        "marked *Write docs* as done",
        "set the cover of *Write docs* to red",
        "added checklist Steps on *Write docs*",
        "added item Proofread on *Write docs*",
        "ticked Proofread on *Write docs*",
        "attached link Spec on *Write docs*",
    ];
    for (command, _) in commands.into_iter().filter(|(_, told)| wanted.contains(told)) {
        team.ana().does(command);
    }
    team.sync();
    team
}

/// What reverting brings back.
fn fields(card: &Card) -> Card {
    let mut fields = card.clone();
    fields.comments.clear();
    fields.conflicted_fields.clear();
    fields
}

#[test]
fn reverting_brings_back_every_field_but_the_place_and_the_comments() {
    let mut team = filled();
    let ana = team.ana();
    let (before, then) = (ana.board.heads(), ana.card("x").clone());
    use Command as C;
    let x = || id("x");
    for command in [
        C::RenameCard { card: x(), title: "other".into() },
        C::SetDescription { card: x(), text: "other".into() },
        C::RemoveLabel { card: x(), label: label_id("bug") },
        C::Unassign { card: x(), member: member_id("ana") },
        C::SetDue { card: x(), due: None },
        C::SetStart { card: x(), start: Some(DateOrTime::parse("2026-01-01").unwrap()) },
        C::SetDone { card: x(), done: false },
        C::SetCover { card: x(), cover: None },
        C::SetItemText { card: x(), item: item_id("proof"), text: "other".into() },
        C::SetItemDone { card: x(), item: item_id("proof"), done: false },
        C::DeleteChecklist { card: x(), checklist: list_id() },
        C::DeleteLink { card: x(), link: link_id() },
        C::AddChecklist {
            card: x(),
            checklist: ChecklistId::parse("later").unwrap(),
            name: "Later".into(),
        },
        C::MoveCard { card: x(), column: column_id("done"), to: Slot::Last },
    ] {
        ana.does(command);
    }
    let changes = ana.board.changes_since(&[]).len();
    assert!(ana.board.revert_card(&id("x"), &before, NOW).unwrap().change.is_some());
    assert_eq!(ana.board.changes_since(&[]).len(), changes + 1);
    let now = ana.card("x");
    assert_eq!(now.column, column_id("done"));
    let mut there = fields(&then);
    there.column = now.column.clone();
    there.position = now.position.clone();
    assert_eq!(fields(now), there);
    let again = ana.board.revert_card(&id("x"), &before, NOW).unwrap();
    assert_eq!(again.change, None);
    team.sync();
}

#[test]
fn a_card_deleted_for_good_comes_back_by_reverting_with_all_its_fields() {
    let mut team = filled();
    let ana = team.ana();
    let (before, then) = (ana.board.heads(), ana.card("x").clone());
    ana.deletes("x");
    let error = ana.board.revert_card(&id("x"), &before, NOW).unwrap_err();
    assert!(matches!(error, HistoryError::Command(CommandError::CardDeleted { .. })));
    ana.does(Command::PurgeCard { card: id("x") });
    let gone = ana.board.heads();
    ana.board.revert_card(&id("x"), &before, NOW).unwrap();
    assert_eq!(fields(ana.card("x")), fields(&then));
    team.sync();
    team.all_see("todo: x, y | done:");
    let error = team.ana().board.revert_card(&id("x"), &gone, NOW).unwrap_err();
    assert!(matches!(error, HistoryError::NoSuchVersion { .. }));
}

#[test]
fn reverting_merges_with_what_others_type_meanwhile() {
    let mut team = Team::sharing("todo: x | done:");
    team.ana().describes("x", "one two");
    team.sync();
    let before = team.ana().board.heads();
    team.ana().describes("x", "one two three");
    team.sync();
    team.ben().describes("x", "zero one two three");
    team.ana().board.revert_description(&id("x"), &before, NOW).unwrap();
    team.sync();
    assert_eq!(team.cleo().card("x").description, "zero one two");
}

#[test]
fn a_card_that_is_reverted_while_somebody_deletes_it_stays() {
    let mut team = Team::sharing("todo: x | done:");
    let before = team.ana().board.heads();
    team.ana().renames("x", "other");
    team.sync();
    team.ben().deletes("x");
    team.ana().board.revert_card(&id("x"), &before, NOW).unwrap();
    team.sync();
    team.all_see("todo: x! | done:");
}
