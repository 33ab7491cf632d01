//! Runs many scripts and prints what they met:
//! `kanban-sim [--seeds FROM..TO] [--steps N]` random ones, `kanban-sim --every` all small ones,
//! `kanban-sim --every --narrow` those of the normal suite,
//! `kanban-sim --networks FROM..TO` whole networks with a relay.

use kanban_sim::network::{Networks, Weather};
use kanban_sim::{Campaign, exhaustive};
use std::process::ExitCode;

/// What the wide bound promises.
const INTERLEAVINGS_MIN: u64 = 1_000_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value_of = |name: &str| {
        let mut arguments = arguments.iter().skip_while(|argument| *argument != name);
        arguments.nth(1).cloned()
    };
    if let Some(text) = value_of("--networks") {
        return networks(&text);
    }
    let seeds = value_of("--seeds").map_or(Some(0..1000), |text| range(&text));
    let steps = value_of("--steps").map_or(Some(60), |text| text.parse().ok());
    let (Some(seeds), Some(steps)) = (seeds, steps) else {
        eprintln!(
            "usage: kanban-sim [--seeds FROM..TO] [--steps N] | kanban-sim --every [--narrow]"
        );
        return ExitCode::from(2);
    };
    let given = |name: &str| arguments.iter().any(|argument| argument == name);
    let scopes = if given("--narrow") { exhaustive::NARROW } else { exhaustive::WIDE };
    let campaign = match given("--every") {
        true => exhaustive::every(scopes, |scope, count| println!("{count:>9}  {scope}")),
        false => Campaign::run(seeds, steps),
    };
    println!("{}", campaign.tally);
    let found = campaign.tally.of("interleavings");
    if given("--every") {
        println!("{found} interleavings in all");
    }
    for failure in &campaign.failures {
        println!("{failure}");
    }
    // Fewer would be a bound that has shrunk unnoticed.
    if given("--every") && !given("--narrow") && found < INTERLEAVINGS_MIN {
        println!("that is fewer than {INTERLEAVINGS_MIN}");
        return ExitCode::FAILURE;
    }
    match campaign.failures.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn networks(text: &str) -> ExitCode {
    let Some(seeds) = range(text) else {
        eprintln!("usage: kanban-sim --networks FROM..TO");
        return ExitCode::from(2);
    };
    let mut failed = false;
    for weather in [Weather::Tcp, Weather::Foul] {
        let networks = Networks::run(seeds.clone(), weather);
        println!("{weather:?}\n{}", networks.tally);
        networks.failures.iter().for_each(|failure| println!("{failure}"));
        failed |= !networks.failures.is_empty();
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn range(text: &str) -> Option<std::ops::Range<u64>> {
    let (from, to) = text.split_once("..")?;
    Some(from.parse().ok()?..to.parse().ok()?)
}
