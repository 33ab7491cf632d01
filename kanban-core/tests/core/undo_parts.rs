//! Lists, items and members that several people define, delete, move and take back at once.

use crate::team::{Team, id};
use kanban_core::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_100);

fn list(name: &str) -> ChecklistId {
    ChecklistId::parse(name).unwrap()
}

fn item(name: &str) -> ItemId {
    ItemId::parse(name).unwrap()
}

fn adds_list(checklist: &str) -> Command {
    Command::AddChecklist { card: id("x"), checklist: list(checklist), name: checklist.into() }
}

fn names_list(checklist: &str, name: &str) -> Command {
    Command::RenameChecklist { card: id("x"), checklist: list(checklist), name: name.into() }
}

fn deletes_list(checklist: &str) -> Command {
    Command::DeleteChecklist { card: id("x"), checklist: list(checklist) }
}

fn adds_item(checklist: &str, name: &str) -> Command {
    let (card, text, at) = (id("x"), name.into(), Slot::Last);
    Command::AddItem { card, checklist: list(checklist), item: item(name), text, at }
}

fn moves_item(name: &str, checklist: &str, to: Slot<ItemId>) -> Command {
    Command::MoveItem { card: id("x"), item: item(name), checklist: list(checklist), to }
}

fn lists_member(name: &str) -> Command {
    let (member, name) = (MemberId::parse("cleo").unwrap(), name.into());
    Command::AddMember { member, name, colour: String::new() }
}

/// A card x with the list `steps` that has the items one and two.
fn listed() -> Team {
    let mut team = Team::sharing("todo: x | done:");
    team.ana().does(adds_list("steps"));
    team.ana().does(adds_item("steps", "one"));
    team.ana().does(adds_item("steps", "two"));
    team.sync();
    team
}

/// The lists of card x with their items, as somebody sees them.
fn lists(team: &mut Team, who: &str) -> String {
    let card = team.person(who).card("x");
    let told = card.checklists.iter().map(|list| {
        let items: Vec<&str> = list.items.iter().map(|item| item.id.as_str()).collect();
        format!("{}: {}", list.name, items.join(", "))
    });
    told.collect::<Vec<_>>().join(" | ")
}

#[test]
fn redoing_a_delete_does_not_take_the_list_that_somebody_had_kept_by_a_rename() {
    let mut team = listed();
    team.ana().does(deletes_list("steps"));
    team.ben().does(names_list("steps", "Plan"));
    team.sync();
    assert_eq!(lists(&mut team, "ana"), "Plan: ");
    team.ana().board.undo(NOW).unwrap();
    assert_eq!(lists(&mut team, "ana"), "Plan: one, two");
    team.ana().board.redo(NOW).unwrap();
    team.sync();
    assert_eq!(lists(&mut team, "ben"), "Plan: ");
}

#[test]
fn undoing_a_second_delete_brings_an_item_back_that_had_survived_the_first() {
    let mut team = listed();
    let deletes = || Command::DeleteItem { card: id("x"), item: item("one") };
    team.ana().does(deletes());
    let ticks = Command::SetItemDone { card: id("x"), item: item("one"), done: true };
    team.ben().does(ticks);
    team.sync();
    team.ana().does(deletes());
    assert_eq!(lists(&mut team, "ana"), "steps: two");
    team.ana().board.undo(NOW).unwrap();
    team.sync();
    assert_eq!(lists(&mut team, "ben"), "steps: one, two");
}

#[test]
fn undoing_a_move_of_an_item_puts_it_where_it_was_shown_not_where_a_lesser_move_put_it() {
    let mut team = listed();
    team.ana().does(adds_list("other"));
    team.sync();
    team.make_busy("ben");
    team.ana().does(moves_item("one", "other", Slot::Last));
    team.ben().does(moves_item("one", "steps", Slot::Last));
    team.sync();
    let shown = lists(&mut team, "cleo");
    assert_eq!(shown, "steps: two | other: one");
    team.cleo().does(moves_item("one", "steps", Slot::First));
    team.cleo().board.undo(NOW).unwrap();
    team.sync();
    assert_eq!(lists(&mut team, "ana"), shown);
}

#[test]
fn the_names_of_a_deleted_list_that_an_item_keeps_are_still_to_be_decided() {
    let mut team = listed();
    team.ana().does(names_list("steps", "Plan"));
    team.ben().does(names_list("steps", "Tasks"));
    team.sync();
    team.ana().does(deletes_list("steps"));
    team.ben().does(adds_item("steps", "three"));
    team.sync();
    let field = Field::ChecklistName { card: id("x"), checklist: list("steps") };
    let conflicts = team.cleo().board.conflicts();
    let is_it = |conflict: &Conflict| match conflict {
        Conflict::Field { field: listed, choices } => *listed == field && choices.len() == 2,
        _ => false,
    };
    assert!(conflicts.iter().any(is_it), "{conflicts:?}");
}

#[test]
fn a_member_whom_one_of_two_takes_off_again_stays_listed_by_the_other() {
    for busy in ["ana", "ben"] {
        let mut team = Team::sharing("todo: x");
        team.make_busy(busy);
        team.ana().does(lists_member("Cleo"));
        team.ana().board.undo(NOW).unwrap();
        team.ben().does(lists_member("Cleopatra"));
        team.sync();
        let members = team.cleo().board.view().members;
        assert_eq!(members.len(), 1);
        // Bringing the entry back changes nothing: it is there, with both names.
        team.ana().board.redo(NOW).unwrap();
        team.sync();
        assert_eq!(team.cleo().board.view().members.len(), 1);
    }
}

#[test]
fn of_the_names_that_two_people_list_one_member_under_either_can_be_chosen() {
    for busy in ["ana", "ben"] {
        for chosen in ["Cleo", "Cleopatra"] {
            let mut team = Team::sharing("todo: x");
            team.make_busy(busy);
            team.ana().does(lists_member("Cleo"));
            team.ben().does(lists_member("Cleopatra"));
            team.sync();
            let field = Field::MemberName { member: MemberId::parse("cleo").unwrap() };
            let keeps = team.cleo().board.view().members[0].name == chosen;
            team.cleo().does(match keeps {
                true => Command::KeepField { field },
                false => Command::PickField { field, value: FieldValue::Text(chosen.into()) },
            });
            team.sync();
            let view = team.ana().board.view();
            assert_eq!((&*view.members[0].name, view.conflicted_fields), (chosen, Vec::new()));
        }
    }
}
