//! Replicas that work apart, with lost, doubled and disordered post, restarts and partial syncs,
//! agree with a causal oracle after every step, and with each other.
//!
//! `KANBAN_SEED=7` runs one seed, `KANBAN_SEEDS=0..20000` a range, `KANBAN_STEPS=200` longer
//! scripts. `cargo run --release -p kanban-sim -- --seeds 0..20000` is the wide campaign.

use kanban_sim::{Campaign, Habits, Tally};
use std::ops::Range;

/// Places and lives, titles and texts, undo.
const SEEDS: Range<u64> = 0..1000;
/// The same with fields, labels and what belongs to a card, and with whole columns of cards.
const SEEDS_WITH_FIELDS: Range<u64> = 1000..1500;
const STEPS: usize = 60;

#[test]
fn replicas_that_work_apart_lose_nothing_and_agree() {
    let tally = run(SEEDS, Habits::WithoutFields);
    tally.iter().for_each(interesting_things_happened);
}

#[test]
fn replicas_that_set_fields_apart_lose_no_value_and_agree() {
    let tally = run(SEEDS_WITH_FIELDS, Habits::Everything);
    tally.iter().for_each(fields_met);
}

/// S15. `cargo xtask campaign` gives each of them a thousand.
#[test]
fn three_people_who_work_apart_for_hundreds_of_commands_lose_nothing_and_agree() {
    let steps = std::env::var("KANBAN_LONG_STEPS").ok();
    let steps = steps.map_or(600, |steps| steps.parse().expect("KANBAN_LONG_STEPS is a number"));
    let campaign = Campaign::of(10822..10823, steps, Habits::Everything);
    assert!(campaign.failures.is_empty(), "{}", campaign.failures[0]);
    assert!(campaign.tally.of("boards opened anew") > 0);
}

/// What the seeds met; nothing if somebody chose others.
fn run(seeds: Range<u64>, habits: Habits) -> Option<Tally> {
    let chosen = seeds_from_environment();
    let campaign = Campaign::of(chosen.clone().unwrap_or(seeds), steps(), habits);
    println!("{}", campaign.tally);
    let failures: String = campaign.failures.iter().map(|failure| format!("\n{failure}")).collect();
    assert!(campaign.failures.is_empty(), "{habits:?}: {failures}");
    chosen.is_none().then_some(campaign.tally)
}

/// Two people had listed one member without knowing of each other, and one of them took that back:
/// the other's entry went too, and did not come back with a redo.
#[test]
fn whoever_takes_an_entry_back_leaves_the_one_that_somebody_else_made() {
    for seed in [142, 2657] {
        let campaign = Campaign::of(seed..seed + 1, STEPS, Habits::Everything);
        assert!(campaign.failures.is_empty(), "{}", campaign.failures[0]);
    }
}

/// Two cards of one column had come by the same key: one had left, its key was drawn again, and
/// somebody who had not heard of that confirmed its old place. Nothing fits between equal keys.
#[test]
fn a_drop_between_two_cards_with_one_key_lands_between_them() {
    for seed in [2986, 6358] {
        let campaign = Campaign::of(seed..seed + 1, STEPS, Habits::NeverUndo);
        assert!(campaign.failures.is_empty(), "{}", campaign.failures[0]);
    }
}

/// Three columns had been deleted at the same time into each other. Dragging one that was shown only
/// for its cards' sake brought it back, and a card that two relocations had sent to different columns
/// went along, when the one into a living column won.
#[test]
fn a_column_that_comes_back_moves_no_card() {
    for seed in [1024, 1853, 2871] {
        let campaign = Campaign::of(seed..seed + 1, STEPS, Habits::NeverUndo);
        assert!(campaign.failures.is_empty(), "{}", campaign.failures[0]);
    }
}

/// An undone relocation shows a card in another column than its placement names. A reorder there came
/// within reach of a relocation that had not known the card was there.
#[test]
fn a_drop_after_an_undone_relocation_stays_where_it_was_dropped() {
    let campaign = Campaign::of(2444..2445, STEPS, Habits::WithoutFields);
    assert!(campaign.failures.is_empty(), "{}", campaign.failures[0]);
}

/// Somebody had moved a card inside a sorted column and then deleted it, while somebody else deleted
/// the column and took that back. The card was where its deleter had put it, which the oracle had not
/// expected, but only thanks to the sort: without one, the undo put it where it had been before.
#[test]
fn an_undone_relocation_leaves_a_card_where_somebody_put_it_before_deleting_it() {
    let campaign = Campaign::of(3703..3704, STEPS, Habits::Everything);
    assert!(campaign.failures.is_empty(), "{}", campaign.failures[0]);
}

/// A card that only an edit had kept was kept by command, and that undone: the place which the command
/// had written down stayed, and stood beside a relocation as somebody's choice.
#[test]
fn undoing_a_keep_leaves_no_choice_that_nobody_made() {
    let campaign = Campaign::of(15027..15028, STEPS, Habits::Everything);
    assert!(campaign.failures.is_empty(), "{}", campaign.failures[0]);
}

/// A deleted checklist was shown for an item that had been restored. Renaming it kept it, and it
/// stayed, empty, when the renaming and then the restoring had been undone: whoever works on what is
/// deleted and still shown keeps it.
#[test]
fn what_was_deleted_and_shown_stays_once_somebody_has_worked_on_it() {
    let campaign = Campaign::of(10822..10823, STEPS, Habits::Everything);
    assert!(campaign.failures.is_empty(), "{}", campaign.failures[0]);
}

/// A text was typed bit by bit, undone and redone, and came back in another order.
#[test]
fn a_redone_text_reads_as_it_was_typed() {
    let campaign = Campaign::of(13518..13519, STEPS, Habits::Everything);
    assert!(campaign.failures.is_empty(), "{}", campaign.failures[0]);
}

/// Half of what these seeds met when they were chosen: fewer, and the test has become trivial.
fn interesting_things_happened(tally: &Tally) {
    for (what, least) in [
        ("card placement conflicts", 2000),
        ("card delete flags", 2000),
        ("card title conflicts", 150),
        ("column place conflicts", 100),
        ("column delete flags", 300),
        ("recovered columns", 1000),
        ("cards that several machines placed at once", 5000),
        ("changes that waited", 4000),
        ("boards opened anew", 5000),
        ("views compared", 5000),
        ("placements offered as a choice", 300),
        ("placements in the same column", 150),
        ("undo: Recorded", 2800),
        ("undo: Superseded", 250),
        ("undo in part", 25),
        ("undo to exactly what was there", 2000),
        ("redo: Recorded", 1000),
        ("redo: Superseded", 100),
    ] {
        let found = tally.of(what);
        assert!(found >= least, "{what}: only {found} of {least}\n{tally}");
    }
    for kind in [
        "archive card",
        "archive column",
        "create card",
        "create column",
        "delete card",
        "delete column and cards",
        "delete column, move cards",
        "delete empty column",
        "dismiss card places",
        "dismiss column places",
        "edit description",
        "keep card",
        "keep column",
        "move card",
        "move column",
        "pick card place",
        "pick column place",
        "rename board",
        "rename card",
        "rename column",
        "restore card",
        "restore column",
        "set description",
        "sort cards",
        "sort columns",
        "unarchive card",
        "unarchive column",
    ] {
        let found = tally.of(&format!("{kind}: Recorded"));
        assert!(found >= 10, "{kind}: only {found}\n{tally}");
    }
    assert!(tally.of("move card: Nothing") > 100 && tally.of("move card: Refused") > 100);
}

/// Half of what the seeds with fields met when they were chosen.
fn fields_met(tally: &Tally) {
    for (what, least) in [
        ("add checklist: Recorded", 300),
        ("add comment: Recorded", 300),
        ("add item: Recorded", 600),
        ("add label: Recorded", 250),
        ("add member: Recorded", 250),
        ("archive all cards: Recorded", 70),
        ("assign: Recorded", 70),
        ("attach link: Recorded", 300),
        ("colour column: Recorded", 100),
        ("colour label: Recorded", 20),
        ("colour member: Recorded", 20),
        ("create label: Recorded", 500),
        ("delete checklist: Recorded", 80),
        ("delete comment: Recorded", 50),
        ("delete item: Recorded", 70),
        ("delete label: Recorded", 30),
        ("delete link: Recorded", 50),
        ("describe board: Recorded", 50),
        ("duplicate card: Recorded", 100),
        ("keep value: Recorded", 15),
        ("move all cards: Recorded", 70),
        ("move checklist: Recorded", 40),
        ("move item: Recorded", 100),
        ("pick value: Recorded", 20),
        ("remove member: Recorded", 30),
        ("rename checklist: Recorded", 90),
        ("rename label: Recorded", 20),
        ("rename member: Recorded", 30),
        ("restore checklist: Recorded", 10),
        ("restore comment: Recorded", 5),
        ("restore item: Recorded", 20),
        ("restore label: Recorded", 3),
        ("restore link: Recorded", 11),
        ("restore member: Recorded", 7),
        ("set comment: Recorded", 100),
        ("set cover: Recorded", 60),
        ("set done: Recorded", 40),
        ("set due date: Recorded", 300),
        ("set item: Recorded", 80),
        ("set limit: Recorded", 100),
        ("set link: Recorded", 70),
        ("set start: Recorded", 50),
        ("sort cards: Recorded", 100),
        ("take label off: Recorded", 14),
        ("tick item: Recorded", 50),
        ("unassign: Recorded", 2),
        ("fields that end with several values", 20),
        ("labels and members taken off and put on again", 20),
        ("parts, labels and members that outlive a delete", 200),
        ("undo: Recorded", 1450),
        ("undo: Superseded", 60),
        ("redo: Recorded", 550),
        ("undo to exactly what was there", 1050),
    ] {
        let found = tally.of(what);
        assert!(found >= least, "{what}: only {found} of {least}\n{tally}");
    }
}

fn seeds_from_environment() -> Option<Range<u64>> {
    if let Ok(seed) = std::env::var("KANBAN_SEED") {
        let seed: u64 = seed.parse().expect("KANBAN_SEED is a number");
        return Some(seed..seed + 1);
    }
    let range = std::env::var("KANBAN_SEEDS").ok()?;
    let (from, to) = range.split_once("..").expect("KANBAN_SEEDS is FROM..TO");
    let number = |text: &str| text.parse().expect("KANBAN_SEEDS is two numbers");
    Some(number(from)..number(to))
}

fn steps() -> usize {
    let steps = std::env::var("KANBAN_STEPS").ok();
    steps.map_or(STEPS, |steps| steps.parse().expect("KANBAN_STEPS is a number"))
}
