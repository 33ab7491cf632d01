//! Who did what and when.

use crate::team::*;
use kanban_core::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// What a person is told, newest first.
pub fn told(person: &Person, query: &ActivityQuery) -> Vec<String> {
    let activities = person.board.activities(query);
    let line = |activity: &Activity| {
        let deeds: Vec<String> = activity.deeds.iter().map(ToString::to_string).collect();
        deeds.join("; ")
    };
    activities.iter().map(line).collect()
}

/// The newest activity in words.
pub fn latest(person: &Person) -> String {
    told(person, &ActivityQuery::all().limit(1)).remove(0)
}

#[test]
fn an_activity_says_who_and_when_in_which_change() {
    let mut team = Team::sharing("todo: x | done:");
    let ben = team.ben();
    let change = ben.does(Command::DeleteCard { card: id("x") }).change.unwrap();
    let activity = ben.board.activities(&ActivityQuery::all()).remove(0);
    assert_eq!(activity.author.as_deref(), Some("ben".as_bytes()));
    assert_eq!((activity.at, activity.change), (NOW, change));
    let json = serde_json::to_value(&activity).unwrap();
    assert_eq!(json["deeds"][0]["card"]["name"], "x");
    assert_eq!(json["deeds"][0]["act"]["type"], "deleted");
}

#[test]
fn a_move_is_told_from_where_its_author_saw_the_card() {
    let mut team = Team::sharing("todo: x | doing: | done:");
    team.ana().moves("x").to("doing");
    team.ben().moves("x").to("done");
    team.sync();
    let seen = told(team.cleo(), &ActivityQuery::all().limit(2));
    assert!(seen.contains(&"moved *x* from todo to doing".to_owned()), "{seen:?}");
    assert!(seen.contains(&"moved *x* from todo to done".to_owned()), "{seen:?}");
    let shown = team.cleo().card("x").column.to_string();
    let other = if shown == "done" { "doing" } else { "done" };
    team.cleo().picks("x", other);
    assert_eq!(latest(team.cleo()), format!("decided that *x* stands in {other}"));
    team.cleo().moves("x").to("todo");
    assert_eq!(latest(team.cleo()), format!("moved *x* from {other} to todo"));
}

#[test]
fn a_move_of_a_relocated_card_is_told_from_where_it_was_shown() {
    let mut team = Team::sharing("todo: x, y | review: | done:");
    let ana = team.ana();
    ana.does(Command::MoveAllCards { column: column_id("todo"), to: column_id("review") });
    ana.moves("x").to("done");
    assert_eq!(latest(ana), "moved *x* from review to done");
    for round in 0..300 {
        ana.does(Command::RenameBoard { name: format!("{round}") });
    }
    let all = told(ana, &ActivityQuery::all().of_card(id("x")));
    assert_eq!(
        all,
        [
            "moved *x* from review to done",
            "moved 2 cards from todo to review",
            "created *x* in todo",
        ]
    );
}

#[test]
fn deleting_a_column_with_its_cards_is_two_deeds_however_many_cards() {
    let mut team = Team::sharing("todo: a, b, c | done:");
    team.ana().deletes_column("todo", Some(ColumnCards::Delete));
    assert_eq!(latest(team.ana()), "deleted column todo; deleted 3 cards");
}

#[test]
fn keeping_a_card_and_restoring_it_are_told_apart() {
    for edit in [true, false] {
        let mut team = Team::sharing("todo: x | done:");
        team.ana().deletes("x");
        if edit {
            team.ben().describes("x", "more");
        } else {
            team.ben().moves("x").to("done");
        }
        team.sync();
        team.cleo().keeps("x");
        assert_eq!(latest(team.cleo()), "kept *x*");
        team.cleo().deletes("x");
        team.cleo().restores("x");
        assert_eq!(latest(team.cleo()), "restored *x*");
    }
}

#[test]
fn a_card_deleted_for_good_has_no_name_in_its_history() {
    let mut team = Team::sharing("todo: secret | done:");
    let ana = team.ana();
    ana.deletes("secret");
    ana.does(Command::PurgeCard { card: id("secret") });
    let seen = told(ana, &ActivityQuery::all().of_card(id("secret")));
    assert_eq!(
        seen,
        [
            "deleted a card for good",
            "deleted a card deleted for good",
            "created a card deleted for good in todo",
        ]
    );
}

#[test]
fn an_undo_says_what_it_took_back() {
    let mut team = Team::sharing("todo: x | done:");
    let ana = team.ana();
    ana.moves("x").to("done");
    ana.board.undo(NOW).unwrap();
    assert_eq!(latest(ana), "undid: moved *x* from todo to done; moved *x* from done to todo");
    ana.board.redo(NOW).unwrap();
    assert!(latest(ana).starts_with("redid: "), "{}", latest(ana));
}

#[test]
fn an_import_is_told_with_its_counts() {
    let draft: BoardDraft = serde_json::from_str(
        r#"{ "name": "B", "columns": [{ "id": "a", "name": "A", "cards":
            [{ "id": "x", "title": "1" }, { "id": "y", "title": "2" }] }] }"#,
    )
    .unwrap();
    let replica = Replica::new(ActorId::from([1; 16])).by("ana");
    let board = Board::from_draft(replica, BoardId::parse("b").unwrap(), &draft, NOW).unwrap();
    let told: Vec<String> = board
        .activities(&ActivityQuery::all())
        .iter()
        .map(|activity| activity.deeds[0].to_string())
        .collect();
    assert_eq!(told, ["imported 2 cards", "imported 1 column", "created the board B"]);
}

#[test]
fn a_long_or_broken_title_is_told_in_one_short_line() {
    let mut team = Team::sharing("todo: x | done:");
    let ana = team.ana();
    ana.renames("x", &format!("two\nlines{}", "!".repeat(1_000)));
    ana.deletes("x");
    let line = latest(ana);
    assert!(line.starts_with("deleted *two lines!!!") && line.ends_with("!…*"), "{line}");
    assert!(line.chars().count() < 100);
}

#[test]
fn queries_choose_by_card_author_and_what_somebody_has_seen() {
    let mut team = Team::sharing("todo: x, y | done:");
    let seen = team.ben().board.heads();
    team.ana().moves("x").to("done");
    team.ben().renames("y", "why");
    team.sync();
    let ana = team.ana();
    let since = ActivityQuery::all().since(seen);
    assert_eq!(ana.board.activities(&since).len(), 2);
    assert_eq!(told(ana, &since.clone().by("ben")), ["renamed *y* to *why*"]);
    assert_eq!(told(ana, &since.of_card(id("x"))), ["moved *x* from todo to done"]);
    let of_y = ActivityQuery::all().of_card(id("y"));
    assert_eq!(told(ana, &of_y.clone().limit(1)), ["renamed *y* to *why*"]);
    assert_eq!(told(ana, &of_y), ["renamed *y* to *why*", "created *why* in todo"]);
    let unknown = ActivityQuery::all().since([ChangeHash([7; 32])]);
    assert_eq!(ana.board.activities(&unknown), ana.board.activities(&ActivityQuery::all()));
}

#[test]
fn provenance_says_who_made_a_card_and_who_changed_it_last() {
    let mut team = Team::sharing("todo: x, y | done:");
    let created = team.ana().board.provenance(&id("x")).unwrap();
    assert_eq!(created.created, created.updated);
    assert_eq!(created.created.author.as_deref(), Some("ana".as_bytes()));
    team.ben().renames("x", "ex");
    let purge = |team: &mut Team, who: &str| {
        team.person(who).deletes("x");
        team.person(who).does(Command::PurgeCard { card: id("x") });
    };
    let by = |person: &Person| person.board.provenance(&id("x")).unwrap().updated.author.unwrap();
    assert_eq!(by(team.ben()), b"ben");
    team.sync();
    team.cleo().sorts("todo");
    assert_eq!(by(team.cleo()), b"ben");
    purge(&mut team, "cleo");
    assert_eq!(by(team.cleo()), b"cleo");
    assert!(team.cleo().board.provenance(&id("nobody")).is_none());
}
