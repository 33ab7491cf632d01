//! What is run, and how often.

use crate::chain::Work;
use crate::fanout::{Load, Measured, Pace, run};
use crate::server::{Kind, beside_this_program, pin_generator, prepare};
use crate::table::Table;
use crate::{Outcome, broadcast};
use lexopt::prelude::*;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

const HELP: &str = "\
Usage: kanban-relay-load fanout [options]

  --only NAMES       of ours, broadcast, automerge-repo, hocuspocus, y-websocket   [all]
  --rounds N         how often everything is measured, taking turns                [5]
  --readers N,N      clients of one document, the writer included                  [10,50,200]
  --history N,N      changes that the document has had                             [0]
  --seconds S        how long each measurement lasts                               [2]
";

/// Live changes beyond the longest history: the fastest server must not run out of them.
const LIVE_CHANGES: usize = 150_000;
const CARDS: usize = 1000;
/// automerge-repo sends ten times a second whatever has come together.
const WINDOW_OF_AUTOMERGE_REPO: usize = 500;
const WINDOW: usize = 64;
const PER_SECOND: u32 = 20;

/// What to do.
pub struct Options {
    command: String,
    port: u16,
    pub kinds: Vec<Kind>,
    pub rounds: usize,
    pub clients: Vec<usize>,
    pub histories: Vec<usize>,
    pub length: Duration,
}

/// Reads the arguments.
pub fn parse() -> Outcome<Options> {
    let mut options = Options {
        command: String::new(),
        port: 0,
        kinds: Kind::ALL.to_vec(),
        rounds: 5,
        clients: vec![10, 50, 200],
        histories: vec![0],
        length: Duration::from_secs(2),
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("only") => {
                let names = parser.value()?.string()?;
                let known = |name: &str| Kind::ALL.into_iter().find(|kind| kind.name() == name);
                options.kinds = names
                    .split(',')
                    .map(|name| known(name).ok_or(format!("there is no {name}")))
                    .collect::<Result<_, _>>()?;
            }
            Long("rounds") => options.rounds = parser.value()?.parse()?,
            Long("readers") => options.clients = numbers(&parser.value()?.string()?)?,
            Long("history") => options.histories = numbers(&parser.value()?.string()?)?,
            Long("seconds") => {
                options.length = Duration::from_secs_f64(parser.value()?.parse()?);
            }
            Long("help") => return Err(HELP.into()),
            Value(command) if options.command.is_empty() => options.command = command.string()?,
            Value(port) => options.port = port.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

fn numbers(list: &str) -> Outcome<Vec<usize>> {
    Ok(list.split(',').map(str::parse).collect::<Result<_, _>>()?)
}

impl Options {
    pub fn run(self) -> Outcome<()> {
        match self.command.as_str() {
            "serve-broadcast" => broadcast::serve(self.port),
            "fanout" => self.fanout(),
            _ => Err(HELP.into()),
        }
    }

    fn fanout(&self) -> Outcome<()> {
        prepare(&self.kinds)?;
        let directory = directory()?;
        let longest = self.histories.iter().max().copied().unwrap_or(0);
        let saved: Vec<usize> = self.histories.iter().map(|history| history + 1).collect();
        let work = Work::make(&directory, CARDS, longest + LIVE_CHANGES, &saved)?;
        let work = Rc::new(work);
        pin_generator()?;
        let columns = [
            "changes/s", "deliveries/s", "p50 ms", "p99 ms", "server cores", "RSS MB", "join s",
            "generator cores", "foreign cores",
        ];
        for history in &self.histories {
            let mut closed = Table::new(&columns);
            let mut open = Table::new(&columns);
            for _ in 0..self.rounds {
                for clients in &self.clients {
                    for kind in &self.kinds {
                        let row = format!("{} | {clients} | {history}", kind.title());
                        let window = match kind {
                            Kind::AutomergeRepo => WINDOW_OF_AUTOMERGE_REPO,
                            _ => WINDOW,
                        };
                        let mut load = Load {
                            kind: *kind,
                            clients: *clients,
                            stuck: 0,
                            history: *history,
                            pace: Pace::Window(window),
                            length: self.length,
                        };
                        closed.add(&row, run(&load, &work, &directory).map(fields));
                        load.pace = Pace::PerSecond(PER_SECOND);
                        load.length = self.length * 2;
                        open.add(&row, run(&load, &work, &directory).map(fields));
                    }
                }
            }
            println!("\nClosed loop, {WINDOW} changes on their way:");
            closed.print("server | clients | history");
            println!("{PER_SECOND} changes a second:");
            open.print("server | clients | history");
        }
        Ok(())
    }
}

fn fields(measured: Measured) -> Vec<f64> {
    vec![
        measured.changes_per_second,
        measured.deliveries_per_second,
        measured.p50_ms,
        measured.p99_ms,
        measured.server_cores,
        measured.rss_mb,
        measured.join_seconds,
        measured.generator_cores,
        measured.foreign_cores,
    ]
}

/// Where prepared work and the servers' data are: on the disk that programs are built on, which
/// is a real one, unlike many systems' directory for temporary files.
fn directory() -> Outcome<PathBuf> {
    let directory = beside_this_program("relay_load")?;
    std::fs::create_dir_all(&directory)?;
    Ok(directory)
}
