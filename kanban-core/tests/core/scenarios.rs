//! What each concurrent case gives: the scenarios of the merge design, by their numbers.

use crate::team::*;
use kanban_core::*;

/// S1
#[test]
fn a_card_moved_to_two_columns_at_once_is_in_one_of_them_and_the_other_can_be_picked() {
    let mut team = Team::sharing("todo: x | doing: | done:");
    team.ana().moves("x").to("doing");
    team.ben().moves("x").to("done");
    team.sync();
    team.all_see_one_of(&["todo: | doing: x?done | done:", "todo: | doing: | done: x?doing"]);

    let loser = team.ana().card("x").other_placements[0].column.clone();
    team.cleo().picks("x", loser.as_str());
    team.sync();
    assert_eq!(team.ana().card("x").column, loser);
    assert!(team.ana().card("x").other_placements.is_empty());
}

/// S2
#[test]
fn two_people_filling_one_gap_each_keep_their_cards_together_and_in_order() {
    let layout = "todo: p, q | ana: a1, a2, a3 | ben: b1, b2, b3 | cleo: z";
    let mut team = Team::sharing(layout);
    for card in ["a1", "a2", "a3"] {
        team.ana().moves(card).before("q");
    }
    for card in ["b3", "b2", "b1"] {
        team.ben().moves(card).after("p");
    }
    team.sync();
    team.all_see_one_of(&[
        "todo: p, a1, a2, a3, b1, b2, b3, q | ana: | ben: | cleo: z",
        "todo: p, b1, b2, b3, a1, a2, a3, q | ana: | ben: | cleo: z",
    ]);

    let order: Vec<String> =
        team.cleo().board.cards_in(&column_id("todo")).map(|c| c.id.to_string()).collect();
    for pair in order.windows(2) {
        team.cleo().moves("z").after(&pair[0]);
        let seen = team.cleo().sees();
        assert!(seen.contains(&format!("{}, z, {}", pair[0], pair[1])), "{seen}");
    }
    team.sync();
}

/// S3
#[test]
fn a_card_moved_by_one_and_edited_by_another_has_both() {
    let mut team = Team::sharing("todo: x | done:");
    team.ana().moves("x").to("done");
    team.ben().renames("x", "Ben's title");
    team.ben().describes("x", "Ben's text");
    team.sync();
    team.all_see("todo: | done: x");
    let card = team.cleo().card("x");
    assert_eq!((&*card.title, &*card.description), ("Ben's title", "Ben's text"));
}

/// S4
#[test]
fn a_card_deleted_by_one_and_moved_by_another_is_where_it_was_moved_flagged() {
    for busy in [None, Some("ana"), Some("ben")] {
        for order in [[(0, 1), (1, 2)], [(1, 2), (0, 2)]] {
            let mut team = Team::sharing("todo: x | done:");
            if let Some(busy) = busy {
                team.make_busy(busy);
            }
            team.ana().deletes("x");
            team.ben().moves("x").to("done");
            team.exchange(&order);
            team.sync();
            team.all_see("todo: | done: x!");
            team.cleo().deletes("x");
            team.sync();
            team.all_see("todo: | done:");
        }
    }
}

/// S5
#[test]
fn a_card_deleted_by_one_and_edited_by_another_stays_in_its_place_with_the_edit_flagged() {
    let mut team = Team::sharing("todo: w, x, y | done:");
    team.ana().deletes("x");
    team.ben().renames("x", "edited");
    team.sync();
    team.all_see("todo: w, x!, y | done:");
    assert_eq!(team.ana().card("x").title, "edited");
}

/// S5
#[test]
fn a_card_deleted_by_two_people_is_gone_without_a_flag() {
    let mut team = Team::sharing("todo: x, y | done:");
    team.ana().deletes("x");
    team.ben().deletes("x");
    team.sync();
    team.all_see("todo: y | done:");
    assert!(!team.ana().card("x").deleted_concurrently);
}

/// S5
#[test]
fn a_deleted_card_stays_deleted_when_old_changes_arrive_again() {
    let mut team = Team::sharing("todo: x, y | done:");
    team.ben().renames("x", "older");
    let old = team.ben().board.changes_since(&[]);
    team.sync();
    team.ana().deletes("x");
    team.sync();
    for name in ["ana", "ben", "cleo"] {
        team.person(name).board.receive(old.clone()).unwrap();
    }
    team.sync();
    team.all_see("todo: y | done:");
}

/// S9
#[test]
fn a_card_moved_during_a_sort_goes_where_it_was_moved_and_the_others_are_sorted() {
    let cards: Vec<String> = (0..50).rev().map(|n| format!("card{n:02}")).collect();
    let mut team = Team::sharing(&format!("todo: {} | done:", cards.join(", ")));
    team.ana().sorts("todo");
    team.ben().moves("card17").to("done");
    team.sync();
    let sorted: Vec<String> = (0..50).filter(|n| *n != 17).map(|n| format!("card{n:02}")).collect();
    team.all_see(&format!("todo: {} | done: card17", sorted.join(", ")));
}

/// S10
#[test]
fn a_move_to_another_column_beats_a_reorder_made_at_the_same_time() {
    for busy in ["ana", "ben"] {
        let mut team = Team::sharing("todo: w, x | done:");
        team.make_busy(busy);
        team.ana().moves("x").at_the_top_of("todo");
        team.ben().moves("x").to("done");
        team.sync();
        // Listed on purpose: what lost might have been a move followed by a reorder.
        team.all_see("todo: w | done: x?todo");
    }
}

/// S11
#[test]
fn a_card_moved_to_three_columns_has_one_place_and_two_choices_in_whatever_order_people_meet() {
    let orders = [
        [(0, 1), (1, 2), (0, 2)],
        [(1, 2), (0, 1), (1, 2)],
        [(2, 0), (2, 1), (0, 1)],
        [(0, 2), (0, 1), (2, 1)],
    ];
    let mut seen: Vec<String> = Vec::new();
    for order in orders {
        let mut team = Team::sharing("todo: x | a: | b: | c:");
        team.ana().moves("x").to("a");
        team.ben().moves("x").to("b");
        team.cleo().moves("x").to("c");
        team.exchange(&order);
        team.sync();
        assert_eq!(team.ana().card("x").other_placements.len(), 2);
        seen.push(team.ana().sees());
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
}

/// S13
#[test]
fn a_conflict_settled_in_two_ways_at_once_still_lists_the_other_choice() {
    let mut team = Team::sharing("todo: x | doing: | done:");
    team.ana().moves("x").to("doing");
    team.ben().moves("x").to("done");
    team.sync();
    let shown = team.ana().card("x").column.clone();
    let other = team.ana().card("x").other_placements[0].column.clone();
    team.ana().picks("x", shown.as_str());
    team.ben().picks("x", other.as_str());
    team.sync();
    let card = team.cleo().card("x");
    let mut columns = vec![card.column.to_string(), card.other_placements[0].column.to_string()];
    columns.sort();
    assert_eq!(columns, ["doing", "done"]);
}

/// S16
#[test]
fn people_who_open_one_template_independently_end_with_the_cards_of_both() {
    let mut team = Team::sharing("todo: | done:");
    team.ana().creates("a").at_the_end_of("todo");
    team.ben().creates("b").at_the_end_of("done");
    team.sync();
    team.all_see("todo: a | done: b");
}

/// S16
#[test]
fn a_board_with_another_id_is_refused_and_nothing_changes() {
    let mut team = Team::sharing("todo: x | done:");
    let replica = Replica::new(ActorId::from([77; 16]));
    let now = Timestamp::from_unix_seconds(0);
    let other = Board::create(replica, BoardId::parse("other").unwrap(), "Other", now);
    let (heads, view) = (team.ana().board.heads(), team.ana().board.view());
    let error = team.ana().board.merge(&other).unwrap_err();
    assert!(error.to_string().contains("board other"), "{error}");
    let error = team.ana().board.receive(other.changes_since(&[])).unwrap_err();
    assert!(error.to_string().contains("board other"), "{error}");
    assert_eq!((heads, view), (team.ana().board.heads(), team.ana().board.view()));
}

/// S16b
#[test]
fn a_deleted_card_is_not_revived_by_a_sort_or_a_relocation() {
    let mut team = Team::sharing("todo: z, x, a | done:");
    team.ana().deletes("x");
    team.ben().sorts("todo");
    team.cleo().deletes_column("todo", to("done"));
    team.sync();
    team.all_see("done: z, a");
    let mut sorted = Team::sharing("todo: z, x, a | done:");
    sorted.ana().deletes("x");
    sorted.ben().sorts("todo");
    sorted.sync();
    sorted.all_see("todo: a, z | done:");
}

/// S16b
#[test]
fn a_deleted_card_is_not_revived_by_moving_all_cards() {
    for ben_is_busy in [false, true] {
        let mut team = Team::sharing("todo: z, x, a | done: y");
        if ben_is_busy {
            team.make_busy("ben");
        }
        team.ana().deletes("x");
        let (column, to) = (column_id("todo"), column_id("done"));
        team.ben().does(Command::MoveAllCards { column, to });
        team.sync();
        team.all_see("todo: | done: y, z, a");
        assert!(!team.cleo().card("x").deleted_concurrently);
    }
}

/// S16b
#[test]
fn a_deleted_card_is_not_revived_by_a_rekey() {
    let mut team = Team::sharing("todo: y, x, a, b, c, z | done:");
    team.ana().deletes("x");
    let ben = team.ben();
    let before = ben.card("x").position.clone();
    // Each between the two that were moved last: the one way to make keys long.
    let mut ring = ["a", "b", "c"];
    for step in 0..1_000 {
        let [first, second, third] = ring;
        match step % 2 {
            0 => ben.moves(first).after(second),
            _ => ben.moves(first).before(second),
        }
        ring = [second, third, first];
        if ben.card("x").position != before {
            break;
        }
    }
    assert_ne!(ben.card("x").position, before, "the cards around got other keys");
    team.sync();
    assert_eq!(team.cleo().card("x").life, Life::Deleted);
    assert_eq!(team.cleo().board.cards_in(&column_id("todo")).count(), 5);
}

/// S16b
#[test]
fn a_card_moved_and_then_sorted_stays_there_while_others_reorder_and_sort_the_old_column() {
    for ben_sorts in [false, true] {
        let mut team = Team::sharing("todo: z, x, a | done: y, b");
        team.make_busy("ben");
        team.ana().moves("x").to("done");
        team.ana().sorts("done");
        team.ana().moves("x").at_the_top_of("done");
        if ben_sorts {
            team.ben().sorts("todo");
        } else {
            team.ben().moves("x").at_the_top_of("todo");
        }
        team.sync();
        assert_eq!(team.cleo().card("x").column, column_id("done"));
    }
}

/// S16b
#[test]
fn a_conflict_survives_a_sort() {
    let mut team = Team::sharing("todo: x | doing: c, b | done: c2, b2");
    team.ana().moves("x").to("doing");
    team.ben().moves("x").to("done");
    team.sync();
    let column = team.cleo().card("x").column.clone();
    team.cleo().sorts(column.as_str());
    team.sync();
    assert_eq!(team.ana().card("x").other_placements.len(), 1);
}

/// S16b
#[test]
fn a_card_kept_by_one_and_deleted_again_by_another_is_flagged_and_not_lost() {
    for edit_only in [false, true] {
        let mut team = Team::sharing("todo: x | done:");
        team.ana().deletes("x");
        if edit_only {
            team.ben().renames("x", "edited");
        } else {
            team.ben().moves("x").to("done");
        }
        team.sync();
        team.ana().keeps("x");
        team.ben().deletes("x");
        team.sync();
        let place = if edit_only { "todo: x! | done:" } else { "todo: | done: x!" };
        team.all_see(place);
    }
}

/// S18
#[test]
fn the_same_move_made_by_two_people_is_no_conflict() {
    let mut team = Team::sharing("todo: x | done: y");
    team.ana().moves("x").to("done");
    team.ben().moves("x").to("done");
    team.sync();
    team.all_see("todo: | done: y, x");
}

#[test]
fn archiving_is_not_deleting() {
    let mut team = Team::sharing("todo: x, y, z | done:");
    team.ana().archives("x");
    team.ben().moves("x").to("done");
    team.ana().archives("y");
    team.ben().renames("y", "edited");
    team.ana().archives("z");
    team.ben().deletes("z");
    team.sync();
    team.all_see("todo: | done:");
    let archived = |team: &mut Team, card: &str| {
        let card = team.cleo().card(card).clone();
        (card.life, card.column.to_string(), card.deleted_concurrently)
    };
    assert_eq!(archived(&mut team, "x"), (Life::Archived, "done".into(), false));
    assert_eq!(archived(&mut team, "y"), (Life::Archived, "todo".into(), false));
    assert_eq!(archived(&mut team, "z"), (Life::Archived, "todo".into(), true));
    assert_eq!(team.cleo().card("y").title, "edited");

    team.cleo().deletes("y");
    team.cleo().restores("y");
    team.sync();
    team.all_see("todo: y | done:");
}

#[test]
fn a_reorder_of_a_relocated_card_shows() {
    let mut team = Team::sharing("todo: p, q | review: r");
    team.ana().deletes_column("review", to("todo"));
    team.ana().moves("r").before("q");
    team.sync();
    team.all_see("todo: p, r, q");
}

#[test]
fn a_title_that_two_of_four_people_wrote_at_once_is_listed_once() {
    let mut team = Team::sharing("todo: x | done:");
    let saved = team.ana().board.save();
    for (number, title) in [(1, "a"), (2, "b"), (3, "a"), (4, "c")] {
        let replica = Replica::new(ActorId::from([number; 16]));
        let mut other = Board::open(&saved, replica).unwrap();
        let rename = Command::RenameCard { card: id("x"), title: title.into() };
        other.apply(&rename, Timestamp::default()).unwrap();
        team.ana().board.merge(&other).unwrap();
    }
    assert_eq!(team.ana().card("x").other_titles, ["a", "b"]);
}

/// Found by the simulation (seed 3884): the delete took the higher generation out of force, the move
/// handed it out a second time, and Cleo's relocation spoke about the move.
#[test]
fn a_move_lands_where_it_was_dropped_even_after_a_delete_took_the_higher_generation_away() {
    let mut team = Team::sharing("todo: c, d | done:");
    team.cleo().moves("c").to("done");
    team.cleo().deletes_column("done", to("todo"));
    team.cleo().deletes("c");
    team.ana().moves("c").to("todo");
    team.sync();
    team.ana().does(Command::RestoreColumn { column: column_id("done") });
    team.ana().moves("c").to("done");
    team.sync();
    team.all_see("todo: d | done: c!");
}
