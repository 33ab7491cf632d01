//! What is asked for.

use crate::Outcome;
use crate::server::Kind;
use lexopt::prelude::*;
use std::time::Duration;

/// What `--help` prints.
pub const HELP: &str = "\
Usage: kanban-relay-load fanout|durable|idle|stored|cold-start|stuck|all [options]

  --only NAMES       of broadcast, ours, hocuspocus, y-websocket, automerge-repo   [all]
  --rounds N         how often everything is measured, taking turns                [5]
  --readers N,N      fanout: clients of one document, the writer included          [10,50,200]
  --history N,N      fanout: changes that the document has had                     [0,10000,100000]
  --window N         closed loop: changes on their way (automerge-repo: at least 500)  [64]
  --seconds S        how long each measurement lasts                               [2]
  --clients N        idle, cold-start, stuck: how many clients                     [1000]
";

/// What to do.
pub struct Options {
    pub command: String,
    /// For the broadcast server, which is this program too.
    pub port: u16,
    pub kinds: Vec<Kind>,
    pub rounds: usize,
    pub readers: Vec<usize>,
    pub histories: Vec<usize>,
    pub window: usize,
    pub length: Duration,
    pub clients: usize,
}

/// Reads the arguments.
pub fn parse() -> Outcome<Options> {
    let mut options = Options {
        command: String::new(),
        port: 0,
        kinds: Kind::ALL.to_vec(),
        rounds: 5,
        readers: vec![10, 50, 200],
        histories: vec![0, 10_000, 100_000],
        window: 64,
        length: Duration::from_secs(2),
        clients: 1000,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("only") => options.kinds = kinds(&parser.value()?.string()?)?,
            Long("rounds") => options.rounds = parser.value()?.parse()?,
            Long("readers") => options.readers = numbers(&parser.value()?.string()?)?,
            Long("history") => options.histories = numbers(&parser.value()?.string()?)?,
            Long("window") => options.window = parser.value()?.parse()?,
            Long("seconds") => {
                options.length = Duration::from_secs_f64(parser.value()?.parse()?);
            }
            Long("clients") => options.clients = parser.value()?.parse()?,
            Long("help") => return Err(HELP.into()),
            Value(command) if options.command.is_empty() => options.command = command.string()?,
            Value(port) => options.port = port.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}

fn kinds(names: &str) -> Outcome<Vec<Kind>> {
    let known = |name: &str| Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let found = names.split(',').map(|name| known(name).ok_or(format!("there is no {name}")));
    Ok(found.collect::<Result<_, _>>()?)
}

fn numbers(list: &str) -> Outcome<Vec<usize>> {
    Ok(list.split(',').map(str::parse).collect::<Result<_, _>>()?)
}
