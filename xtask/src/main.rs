//! The project's front door: `cargo xtask run`, `cargo xtask test` and what [`HELP`] lists.
//!
//! Each command does its whole set-up, so that it works on a fresh clone. What a command needs and
//! cannot get is an error that says what to install, never a step left out.

mod alike;
mod audit;
mod checks;
mod fuzz;
mod licences;
mod npm;
mod package_bench;
mod release;
mod shell;
mod tools;
mod wasm;
mod web;

use shell::{cargo, cargo_command, run};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask run        the web board, on a relay on this machine; options of the relay may follow, as in
                       `run --auth open`, which asks nobody for an account
cargo xtask story      replay a real board between two people who were offline (needs no set-up)
cargo xtask test       everything that must hold before a commit: format, lints, tests, docs, and
                       the relay with JavaScript clients and a browser (needs Node.js)
cargo xtask documents  of `test`: the documentation with its examples, and the web board, built
cargo xtask web        build the web board alone, in examples/web/dist
cargo xtask npm        build the npm package `kanban-crdt` alone, in wasm-bindings/npm
cargo xtask npm --twice
                       the same, and once more from nothing: what would be published must be the
                       same to the last byte
cargo xtask consumers  the npm package in every bundler and runtime that it is said to run in (installs
                       700 MB; three minutes)
cargo xtask program    build the relay with the web board inside, compressed, as one file
cargo xtask bench      measure board commands beside raw Automerge, and an edit's way to somebody
                       else beside a bare socket and one write (some 8 minutes); then `compare`
cargo xtask bench-package   the npm package beside raw Automerge in the same program, and beside
                       @automerge/automerge, Loro and Yjs, in Node.js
cargo xtask compare    the same boards and work with Loro and yrs, in one table (some 10 minutes to
                       compile, one to run)
cargo xtask release    package and verify the crates, build them with the oldest Rust they promise,
                       and compare the public API (installs a nightly compiler and a tool)
cargo xtask api        write down the public API of kanban-core, which `release` compares
cargo xtask fuzz       crafted bytes for everything that reads some, one minute each, or
                       `[--seconds N] [TARGET...]` (installs a nightly compiler and a tool)
cargo xtask audit      known faults and licences of what we depend on (installs a tool; needs the
                       network, or `--if-reachable`, which says what it could not look at)
cargo xtask campaign   the property test over 20,000 fresh scripts, every small script of two or
                       three people, 25,000 networks around a relay, 200 kills of it, 250,000 crafted
                       changes, and 4,000 sessions of clients of every kind (three hours)";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let done = match command.as_str() {
        "run" => web::serve(std::env::args().skip(2)),
        "story" => cargo("run --release --example two_people"),
        "test" => checks::all(),
        "documents" => checks::documents(),
        "program" => web::release(),
        "npm" if std::env::args().nth(2).as_deref() == Some("--twice") => npm::twice(),
        "consumers" => checks::consumers(),
        "npm" => npm::build().map(|package| println!("{}", package.display())),
        "web" => web::build().map(|page| println!("{}", page.display())),
        "bench" => cargo("bench --package kanban --bench board_commands --bench sync_round_trip --bench admission")
            .and_then(|()| checks::relay_load())
            .and_then(|()| checks::side_by_side()),
        "bench-package" => package_bench::run_it(),
        "compare" => checks::side_by_side(),
        "fuzz" => fuzz::all(std::env::args().skip(2)),
        "audit" => audit::all(std::env::args().skip(2)),
        "campaign" => campaign(),
        "release" => release::check(),
        "api" => release::write_api(),
        "" | "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(format!("there is no command {other:?}\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// What takes too long for every change, with fresh seeds.
fn campaign() -> Result<(), String> {
    cargo("run --release --package kanban-sim -- --seeds 1000..21000")?;
    cargo("run --release --package kanban-sim -- --every")?;
    cargo("run --release --package kanban-sim -- --networks 20000..30000")?;
    let mut long = cargo_command("test --release --test replicas_agree hundreds_of_commands");
    long.env("KANBAN_LONG_STEPS", "3000");
    run(long)?;
    let mut changes = cargo_command("test --release --package kanban-sync-protocol");
    changes.args(["--test", "hostile_changes", "--test", "honest_changes"]);
    changes.env("KANBAN_EXECUTIONS", "250000").env("KANBAN_SEEDS", "1000..1250");
    run(changes)?;
    let mut networks = cargo_command("test --package kanban-sync-server --test room_worlds");
    networks.env("KANBAN_SEEDS", "1000..6000");
    run(networks)?;
    let mut kills = cargo_command("test --package kanban-sync-server --test kill -- --nocapture");
    kills.env("KANBAN_KILLS", "200");
    run(kills)?;
    checks::many_sessions()
}
