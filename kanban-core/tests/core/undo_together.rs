//! Undo and redo beside other people: what goes back, and what stays because it is somebody else's.

use crate::team::*;
use kanban_core::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_100);

fn undoes(person: &mut Person) {
    person.board.undo(NOW).unwrap();
}

fn redoes(person: &mut Person) {
    person.board.redo(NOW).unwrap();
}

fn cannot_undo(person: &mut Person) {
    let (heads, view) = (person.board.heads(), person.board.view());
    let error = person.board.undo(NOW).unwrap_err();
    assert!(matches!(error, UndoError::Superseded { .. }), "{error}");
    assert_eq!((heads, view), (person.board.heads(), person.board.view()));
}

#[test]
fn undoing_a_deleted_column_brings_back_the_cards_that_it_sent_elsewhere() {
    let mut team = Team::sharing("todo: x | done: y");
    team.ana().deletes_column("todo", Some(ColumnCards::MoveTo(column_id("done"))));
    undoes(team.ana());
    team.sync();
    team.all_see("todo: x | done: y");
    redoes(team.ana());
    team.sync();
    team.all_see("done: y, x");
}

#[test]
fn undoing_a_deleted_column_leaves_a_card_where_somebody_put_it_before_deleting_it() {
    let dropped = [
        ("todo", "todo: x, a, b | doing: c | done:"),
        ("doing", "todo: a, b | doing: x, c | done:"),
    ];
    for sorted in [false, true] {
        for (column, expected) in dropped {
            let mut team = Team::sharing("todo: b, a, x | doing: c | done:");
            if sorted {
                team.cleo().sorts("todo");
            } else {
                team.cleo().moves("a").at_the_top_of("todo");
            }
            team.sync();
            team.ana().deletes_column("todo", to("done"));
            team.ben().moves("x").at_the_top_of(column);
            team.ben().deletes("x");
            team.sync();
            undoes(team.ana());
            team.sync();
            team.ben().restores("x");
            team.sync();
            team.all_see(expected);
        }
    }
}

#[test]
fn undoing_a_deleted_column_brings_back_a_card_that_was_deleted_where_the_column_had_sent_it() {
    let mut team = Team::sharing("todo: x, y | done: a");
    team.ana().deletes_column("todo", to("done"));
    team.sync();
    team.ben().deletes("x");
    team.sync();
    undoes(team.ana());
    team.sync();
    team.ben().restores("x");
    team.sync();
    team.all_see("todo: x, y | done: a");
}

#[test]
fn two_undos_do_not_take_away_what_somebody_else_did_between_the_two_commands() {
    let mut team = Team::sharing("todo: x | doing: | done:");
    team.ana().moves("x").to("doing");
    team.sync();
    team.ben().moves("x").to("done");
    team.sync();
    team.ana().moves("x").to("todo");
    undoes(team.ana());
    cannot_undo(team.ana());
    team.sync();
    team.all_see("todo: | doing: | done: x");
}

#[test]
fn a_new_card_that_somebody_else_has_worked_on_stays_also_if_its_author_worked_on_it_since() {
    let mut team = Team::sharing("todo: | done:");
    team.ana().creates("x").at_the_end_of("todo");
    team.sync();
    team.ben().renames("x", "Ben's title");
    team.sync();
    team.ana().renames("x", "Ana's title");
    undoes(team.ana());
    cannot_undo(team.ana());
    assert_eq!(team.ana().card("x").title, "Ben's title");
}

#[test]
fn a_new_card_goes_with_an_undo_although_somebody_has_sorted_its_column() {
    let mut team = Team::sharing("todo: z | done:");
    team.ana().creates("x").at_the_end_of("todo");
    team.sync();
    team.ben().sorts("todo");
    team.sync();
    undoes(team.ana());
    team.sync();
    team.all_see("todo: z | done:");
}

#[test]
fn undoing_an_edit_does_not_bring_back_what_somebody_has_deleted_since() {
    let mut team = Team::sharing("todo: x | done:");
    team.ana().renames("x", "Ana's title");
    team.sync();
    team.ben().deletes("x");
    team.sync();
    cannot_undo(team.ana());
    team.all_see("todo: | done:");
}

#[test]
fn undoing_the_delete_of_a_flagged_card_leaves_it_flagged() {
    let mut team = Team::sharing("todo: x | done:");
    team.ana().deletes("x");
    team.ben().renames("x", "kept");
    team.sync();
    team.all_see("todo: x! | done:");
    team.ben().deletes("x");
    undoes(team.ben());
    team.sync();
    team.all_see("todo: x! | done:");
    redoes(team.ben());
    team.sync();
    team.all_see("todo: | done:");
}

#[test]
fn undoing_a_delete_that_somebody_has_taken_back_flags_nothing() {
    let mut team = Team::sharing("todo: x | done:");
    team.ana().deletes("x");
    team.ben().renames("x", "kept");
    team.sync();
    team.ben().deletes("x");
    team.sync();
    team.ana().restores("x");
    team.sync();
    cannot_undo(team.ben());
    team.all_see("todo: x | done:");
}

#[test]
fn undoing_a_move_and_then_a_sort_puts_every_card_where_it_was() {
    let mut team = Team::sharing("todo: z, y, x | done:");
    team.ana().sorts("todo");
    team.ana().moves("z").to("done");
    undoes(team.ana());
    assert_eq!(team.ana().sees(), "todo: x, y, z | done:");
    undoes(team.ana());
    team.sync();
    team.all_see("todo: z, y, x | done:");
}

#[test]
fn redoing_a_restore_takes_the_card_off_the_shelf_again() {
    let mut team = Team::sharing("todo: x | done:");
    team.ana().archives("x");
    team.ana().deletes("x");
    team.ana().restores("x");
    undoes(team.ana());
    redoes(team.ana());
    team.sync();
    team.all_see("todo: x | done:");
}

#[test]
fn several_undos_and_as_many_redos_end_where_they_began() {
    let mut team = Team::sharing("todo: x | doing: | done:");
    team.ana().moves("x").to("doing");
    let to_done = Some(ColumnCards::MoveTo(column_id("done")));
    team.ana().deletes_column("doing", to_done);
    for _ in 0..2 {
        undoes(team.ana());
    }
    assert_eq!(team.ana().sees(), "todo: x | doing: | done:");
    for _ in 0..2 {
        redoes(team.ana());
    }
    team.sync();
    team.all_see("todo: | done: x");
}
