//! What each concurrent case of columns gives: scenarios of the merge design, by their numbers.

use crate::team::*;
use kanban_core::*;

/// S6
#[test]
fn a_card_moved_into_a_column_that_somebody_deletes_keeps_the_column_visible() {
    let mut team = Team::sharing("todo: x, y | review: r1, r2 | done:");
    team.ben().moves("x").to("review");
    team.ana().deletes_column("review", to("todo"));
    team.sync();
    team.all_see("todo: y, r1, r2 | ~review: x | done:");
    team.cleo().moves("x").to("done");
    team.sync();
    team.all_see("todo: y, r1, r2 | done: x");
}

/// S6
#[test]
fn a_card_reordered_in_a_column_that_somebody_deletes_goes_along_and_can_be_put_back() {
    let mut team = Team::sharing("todo: t | review: x, y | done:");
    team.ana().moves("y").at_the_top_of("review");
    team.ben().deletes_column("review", to("todo"));
    team.sync();
    team.all_see("todo: t, x, y?review | done:");
    // No machine settles it, neither a sort nor another relocation.
    team.ana().does(Command::SortCards { column: column_id("todo"), by: SortBy::TitleDescending });
    team.sync();
    team.all_see("todo: y?review, x, t | done:");
    team.ben().deletes_column("todo", to("done"));
    team.sync();
    team.all_see("done: y?review, x, t");
    team.cleo().picks("y", "review");
    team.sync();
    team.all_see("~review: y | done: x, t");
}

/// S6
#[test]
fn restoring_a_column_leaves_its_former_cards_where_they_are() {
    let mut team = Team::sharing("todo: y | review: r1, r2 | done:");
    team.ana().deletes_column("review", to("todo"));
    team.sync();
    team.ben().does(Command::RestoreColumn { column: column_id("review") });
    team.sync();
    team.all_see("todo: y, r1, r2 | review: | done:");
}

/// S6
#[test]
fn cards_deleted_with_their_column_by_one_and_moved_with_it_by_another_are_restorable() {
    let mut team = Team::sharing("todo: | review: r1 | done:");
    team.ana().deletes_column("review", to("todo"));
    team.ben().deletes_column("review", Some(ColumnCards::Delete));
    team.sync();
    team.all_see("todo: | done:");
    team.ana().restores("r1");
    team.sync();
    team.all_see("todo: r1 | done:");
}

/// S7
#[test]
fn a_column_renamed_by_one_and_deleted_by_another_stays_with_its_name_flagged() {
    let mut team = Team::sharing("todo: | done:");
    team.ana().deletes_column("todo", None);
    team.ben().does(Command::RenameColumn { column: column_id("todo"), name: "Next".into() });
    team.sync();
    team.all_see("todo!: | done:");
    assert_eq!(team.ana().column("todo").name, "Next");
    team.ana().does(Command::KeepColumn { column: column_id("todo") });
    team.sync();
    team.all_see("todo: | done:");
}

/// S8
#[test]
fn different_columns_moved_at_once_both_hold_and_no_column_doubles() {
    let mut team = Team::sharing("c1: | c2: | c3: | c4:");
    team.ana().moves_column("c1", Slot::Last);
    team.ben().moves_column("c3", Slot::First);
    team.sync();
    team.all_see("c3: | c2: | c4: | c1:");
}

/// S8
#[test]
fn one_column_moved_by_two_people_has_one_place_and_a_choice() {
    let mut team = Team::sharing("c1: | c2: | c3: | c4:");
    team.ana().moves_column("c2", Slot::First);
    team.ben().moves_column("c2", Slot::Last);
    team.sync();
    team.all_see_one_of(&["c2: | c1: | c3: | c4:", "c1: | c3: | c4: | c2:"]);
    let other = team.cleo().column("c2").other_positions.clone();
    assert_eq!(other.len(), 1);
    let before = team.cleo().sees();
    let position = other[0].clone();
    team.cleo().does(Command::PickColumnPosition { column: column_id("c2"), position });
    team.sync();
    assert_ne!(team.ana().sees(), before);
    assert!(team.ana().column("c2").other_positions.is_empty());
}

/// S8
#[test]
fn one_column_moved_by_two_people_to_the_same_place_is_no_conflict() {
    let mut team = Team::sharing("c1: | c2: | c3:");
    team.ana().moves_column("c1", Slot::Last);
    team.ben().moves_column("c1", Slot::Last);
    team.sync();
    team.all_see("c2: | c3: | c1:");
    assert!(team.ana().column("c1").other_positions.is_empty());
}

#[test]
fn a_column_archived_with_its_cards_comes_back_with_them() {
    let mut team = Team::sharing("todo: x, y, z | done:");
    team.ana().archives("y");
    team.ana().does(Command::ArchiveColumn { column: column_id("todo") });
    team.sync();
    team.all_see("done:");
    team.ben().does(Command::UnarchiveColumn { column: column_id("todo") });
    team.sync();
    team.all_see("todo: x, z | done:");
}

#[test]
fn columns_sorted_by_one_and_moved_by_another_are_sorted_but_for_the_moved_one() {
    let mut team = Team::sharing("d: | c: | b: | a:");
    team.ana().does(Command::SortColumns { by: SortBy::Title });
    team.ben().moves_column("b", Slot::First);
    team.sync();
    let seen = team.ana().sees();
    let others: Vec<&str> = seen.split(" | ").filter(|c| *c != "b:").collect();
    assert_eq!(others, ["a:", "c:", "d:"]);
}
