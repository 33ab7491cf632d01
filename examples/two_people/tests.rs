//! The run keeps every promise, and the audit notices when one is broken.

use super::*;
use kanban_core::{ActorId, Change, Command, Replica, Slot};
use verdict::Fate;

#[test]
fn nothing_is_lost_duplicated_or_undone() {
    let run = run();
    let merged = run.team.board(Person::Ana);
    let audit = Audit::of(&run.before(), &run.team.deeds, merged);
    assert!(audit.is_clean(), "{:?}", (&audit.lost, &audit.duplicated, &audit.misplaced));
    assert!(Agreement::of(merged, run.team.board(Person::Ben)).is_complete());
    let every_fate = [Fate::InForce, Fate::Superseded, Fate::Listed, Fate::Undone];
    let counted: usize = every_fate.iter().map(|fate| audit.moves_that_are(*fate)).sum();
    assert_eq!(counted, audit.moves.len());
    // What makes the run worth telling: it has moves that only a choice keeps, and a recovered column.
    assert!(audit.moves_that_are(Fate::Listed) > 0);
    let deleted = column(&run.start, DELETED).expect("a column");
    assert!(merged.column(&deleted).is_some_and(|column| column.recovered));
}

#[test]
fn the_same_log_gives_the_same_board_every_time() {
    assert_eq!(run().team.board(Person::Ana).heads(), run().team.board(Person::Ben).heads());
}

#[test]
fn the_relay_is_killed_between_the_two_and_nothing_is_lost() {
    let run = run();
    let done_by = |who| {
        let deeds = run.team.deeds.iter().filter(move |deed| deed.who == who);
        deeds.map(|deed| deed.change).collect::<Vec<_>>()
    };
    let hashes = |changes: &[Change]| changes.iter().map(Change::hash).collect::<Vec<_>>();
    assert_eq!(run.meeting.acknowledged, done_by(Person::Ana).len());
    assert_eq!(hashes(&run.meeting.from_ana), done_by(Person::Ana));
    assert_eq!(hashes(&run.meeting.from_ben), done_by(Person::Ben));
}

#[test]
fn a_merge_that_drops_the_end_of_somebodys_work_is_caught() {
    let run = run();
    let from_ana = &run.meeting.from_ana;
    // Just before a move of Ana's that holds in the full merge.
    let whole = Audit::of(&run.before(), &run.team.deeds, run.team.board(Person::Ana));
    let in_force = whole
        .moves
        .iter()
        .rfind(|(deed, _, fate)| deed.who == Person::Ana && *fate == Fate::InForce);
    let (deed, _, _) = in_force.expect("a move in force");
    let kept = from_ana.iter().take_while(|change| change.hash() != deed.change);
    let kept: Vec<&Change> = kept.collect();
    assert!(kept.len() < from_ana.len());

    let mut merged = run.start.clone();
    merged.receive(kept.into_iter().cloned()).expect("her changes");
    merged.receive(run.meeting.from_ben.iter().cloned()).expect("his changes");
    let audit = Audit::of(&run.before(), &run.team.deeds, &merged);
    assert!(!audit.is_clean());
    let undone = audit.moves.iter().filter(|(_, _, fate)| *fate == Fate::Undone);
    assert!(undone.map(|(deed, _, _)| deed.change).any(|change| change == deed.change));
}

#[test]
fn a_card_that_never_arrives_is_lost() {
    let run = run();
    let mut merged = run.start.clone();
    merged.receive(run.meeting.from_ana.iter().cloned()).expect("her changes");
    let audit = Audit::of(&run.before(), &run.team.deeds, &merged);
    let created_by_ben =
        run.team.deeds.iter().filter(|deed| {
            deed.who == Person::Ben && matches!(deed.what, people::Did::Created { .. })
        });
    assert_eq!(audit.lost.len(), created_by_ben.count());
    assert!(audit.edits_that_are(Fate::Undone) > 0);
}

#[test]
fn a_card_put_elsewhere_by_what_nobody_did_is_a_move_undone() {
    let run = run();
    let audit = Audit::of(&run.before(), &run.team.deeds, run.team.board(Person::Ana));
    for fate in [Fate::InForce, Fate::Listed] {
        let moved = audit.moves.iter().find(|(_, _, found)| *found == fate);
        let (deed, drag, _) = moved.expect("such a move");
        let ghost = Replica::new(ActorId::from([9; 16]));
        let saved = run.team.board(Person::Ana).save();
        let mut doctored = Board::open(&saved, ghost).expect("a board");
        let elsewhere = column(&run.start, "Parents").expect("a column");
        let command =
            Command::MoveCard { card: drag.card.clone(), column: elsewhere, to: Slot::Last };
        doctored.apply(&command, deed.at).expect("a move");
        let audit = Audit::of(&run.before(), &run.team.deeds, &doctored);
        let found = audit.moves.iter().find(|(other, _, _)| other.change == deed.change);
        assert_eq!(found.map(|(_, _, fate)| *fate), Some(Fate::Undone), "{fate:?}");
    }
}

#[test]
fn the_app_that_sends_whole_columns_keeps_every_move_online_and_not_offline() {
    let run = run();
    let (midpoint, deeds) = (&run.history.midpoint, &run.team.deeds);
    let moves = deeds.iter().filter(|deed| deed.what.as_move().is_some()).count();
    assert!(comparison::online(midpoint, deeds).undone.is_empty());
    for first in Person::BOTH {
        let outcome = comparison::offline(midpoint, deeds, first);
        assert!(!outcome.undone.is_empty());
        assert_eq!(outcome.in_force + outcome.superseded + outcome.undone.len(), moves);
        assert_eq!((outcome.lost, outcome.duplicated), (0, 0));
    }
}

#[test]
fn the_story_fits_a_terminal() {
    let mut story = String::new();
    assert!(tell(&mut story).expect("a story"));
    assert!(story.lines().count() <= 120, "{} lines", story.lines().count());
    for line in story.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

fn run() -> Run {
    Run::of(TRELLO).expect("a run")
}
