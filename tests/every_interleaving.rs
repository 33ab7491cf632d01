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

const LEAST: &[(&str, u64)] = &[];
