//! Loads the relay, and others beside it, with clients that really take part.
//!
//! See `benches/README.md` for what is measured and how to read it.

mod broadcast;
mod chain;
mod cold_start;
mod crowd;
mod durable;
mod fanout;
mod histogram;
mod idle;
mod options;
mod scenarios;
mod server;
mod socket;
mod stored;
mod table;
mod talk;

use std::process::ExitCode;

/// Whatever goes wrong ends the run with a sentence.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    match options::parse().and_then(|options| scenarios::run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kanban-relay-load: {error}");
            ExitCode::FAILURE
        }
    }
}
