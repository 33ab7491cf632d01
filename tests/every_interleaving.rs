//! Every order of a few commands and syncs on small boards keeps every promise.
//!
//! `replicas_agree.rs` draws long scripts at random; this goes through all short ones. The bound
//! here takes seconds. `cargo run --release -p kanban-sim -- --every` goes through more than a
//! million interleavings, with up to five commands and three people; so does
//! `KANBAN_EVERY=wide cargo test --release --test every_interleaving`.

use kanban_sim::exhaustive::{NARROW, WIDE, every};

#[test]
fn no_order_of_a_few_commands_and_syncs_breaks_a_promise() {
    let wide = std::env::var("KANBAN_EVERY").is_ok_and(|bound| bound == "wide");
    let campaign = every(if wide { WIDE } else { NARROW }, |scope, count| {
        println!("{count:>9}  {scope}");
    });
    println!("{}", campaign.tally);
    let failures: String = campaign.failures.iter().map(|failure| format!("\n{failure}")).collect();
    assert!(campaign.failures.is_empty(), "{failures}");
    for (what, least) in LEAST {
        let found = campaign.tally.of(what);
        assert!(found >= *least, "{what}: only {found} of {least}\n{}", campaign.tally);
    }
    let found = campaign.tally.of("interleavings");
    assert!(!wide || found >= 1_000_000, "only {found} interleavings");
}

/// Half of what the narrow bound met when it was chosen: fewer, and the test has become trivial.
const LEAST: &[(&str, u64)] = &[
    ("interleavings", 12000),
    ("interleavings that end with two places", 300),
    ("interleavings that end with two titles", 30),
    ("interleavings that end with a flagged card", 1300),
    ("interleavings that end with a flagged column", 35),
    ("interleavings that end with a recovered column", 500),
    ("interleavings that end with several machines' places", 100),
    ("archive card: Recorded", 350),
    ("archive column: Recorded", 35),
    ("create card: Recorded", 350),
    ("delete card: Recorded", 1200),
    ("delete column and cards: Recorded", 600),
    ("delete column, move cards: Recorded", 450),
    ("delete empty column: Recorded", 450),
    ("dismiss card places: Recorded", 80),
    ("edit description: Recorded", 1200),
    ("keep card: Recorded", 400),
    ("keep column: Recorded", 1),
    ("move card: Recorded", 1800),
    ("move column: Recorded", 14),
    ("pick card place: Recorded", 45),
    ("rename card: Recorded", 400),
    ("rename column: Recorded", 35),
    ("restore card: Recorded", 240),
    ("restore column: Recorded", 270),
    ("sort cards: Recorded", 200),
    ("unarchive card: Recorded", 45),
    ("unarchive column: Recorded", 1),
    ("undo: Recorded", 1500),
    ("undo in part", 20),
    ("undo to exactly what was there", 600),
    ("redo: Recorded", 230),
    ("boards opened anew", 7500),
    ("views compared", 13000),
];
