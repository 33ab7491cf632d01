//! How the program is started.

use crate::commands::{Command, document};
use crate::relay::COMPACT_BYTES_MIN;
use crate::space::{MinFree, MinFreeError};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What `--help` prints.
pub const HELP: &str = "\
A relay for Automerge documents: keeps them, and passes changes on between those who have them open.

Usage: sync-server [options]
       sync-server COMMAND [--data DIRECTORY]

  --listen ADDRESS     where to listen for WebSockets and HTTP   [127.0.0.1:3030]
  --data DIRECTORY     where to keep the documents               [./data]
  --store KIND         durable: on the disk; memory: until it ends, for trying things out  [durable]
  --min-free AMOUNT    take no changes when less is free on the disk: 512M, 5%  [256M and 2%]
  --compact-at AMOUNT  make a snapshot of a document after so many bytes of changes, or as many as
                       its last one has, whichever is more, in a quiet moment   [64K]
  --web-dir DIRECTORY  files to serve to browsers, index.html first
  --version            print the version
  --help               print this

Commands, for a directory that a relay serves at the moment or that nobody uses:

  verify                   check everything; name what is damaged and exit with 1
  backup DIRECTORY         copy everything to a new directory, each document as it is at one moment
  restore BACKUP           make the data directory from a backup; only while nobody uses it
  export DOCUMENT FILE     write one document to a file that every Automerge program reads
  import FILE              keep the document in a file under a new address, and print it

Clients connect to ws://ADDRESS/sync. /health answers 200 while the relay serves. Ctrl-C stores what
has arrived, says goodbye to everybody and ends. There are no accounts yet: whoever reaches the
address and knows a document's id can read and change it, so listen on other addresses than
127.0.0.1 only where you trust everybody.
";

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// Serve.
    Serve(Config),
    /// Do something with the data in a directory.
    Run {
        /// What.
        command: Command,
        /// The directory.
        data: PathBuf,
    },
    /// Print [`HELP`].
    Help,
    /// Print the version.
    Version,
}

/// Where to listen and what to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where to listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the documents are kept.
    pub data: PathBuf,
    /// How they are kept.
    pub store: StoreKind,
    /// How much of the disk stays free.
    pub min_free: MinFree,
    /// How many bytes of changes are worth a snapshot, at least.
    pub compact_bytes_min: usize,
    /// Files to serve to browsers.
    pub web_dir: Option<PathBuf>,
}

/// How documents are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StoreKind {
    /// On the disk: what was acknowledged survives a power cut.
    #[default]
    Durable,
    /// In memory: everything is lost when the program ends.
    Memory,
}

impl Default for Config {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 3030));
        Self {
            listen,
            data: PathBuf::from("./data"),
            store: StoreKind::default(),
            min_free: MinFree::default(),
            compact_bytes_min: COMPACT_BYTES_MIN,
            web_dir: None,
        }
    }
}

/// Why the arguments make no sense, in a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}; `sync-server --help` lists the options")]
pub struct ConfigError(String);

/// Reads the arguments, without the program's name.
///
/// # Errors
/// [`ConfigError`] if there is an option that does not exist, or without its value.
///
/// ```
/// use sync_server::config::{Start, parse};
/// let start = parse(["--listen".into(), "[::1]:80".into()])?;
/// assert!(matches!(start, Start::Serve(config) if config.listen.port() == 80));
/// # Ok::<(), sync_server::config::ConfigError>(())
/// ```
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Start, ConfigError> {
    use lexopt::prelude::*;
    let wrong = |error: lexopt::Error| ConfigError(error.to_string());
    let mut config = Config::default();
    let mut words: Vec<OsString> = Vec::new();
    let text = |parser: &mut lexopt::Parser| {
        parser.value().and_then(|value| value.string()).map_err(wrong)
    };
    // The first option that only serving has.
    let mut serving = None;
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next().map_err(wrong)? {
        let name = match &argument {
            Long(name) if *name != "data" => Some(format!("--{name}")),
            _ => None,
        };
        match argument {
            Long("listen") => {
                let text = text(&mut parser)?;
                config.listen = text.replace("localhost", "127.0.0.1").parse().map_err(|_| {
                    ConfigError(format!("{text:?} is no address; one looks like 127.0.0.1:3030"))
                })?;
            }
            Long("store") => {
                config.store = match text(&mut parser)?.as_str() {
                    "durable" => StoreKind::Durable,
                    "memory" => StoreKind::Memory,
                    other => {
                        return Err(ConfigError(format!(
                            "--store is durable or memory, not {other:?}"
                        )));
                    }
                };
            }
            Long("min-free") => config.min_free = amount("--min-free", &text(&mut parser)?)?,
            Long("compact-at") => {
                let MinFree { bytes, .. } = amount("--compact-at", &text(&mut parser)?)?;
                config.compact_bytes_min = usize::try_from(bytes).unwrap_or(usize::MAX);
            }
            Long("data") => config.data = parser.value().map_err(wrong)?.into(),
            Long("web-dir") => config.web_dir = Some(parser.value().map_err(wrong)?.into()),
            Long("help") | Short('h') => return Ok(Start::Help),
            Long("version") | Short('V') => return Ok(Start::Version),
            Value(word) => words.push(word),
            other => return Err(wrong(other.unexpected())),
        }
        serving = serving.or(name);
    }
    if words.is_empty() {
        return Ok(Start::Serve(config));
    }
    match serving {
        Some(option) => Err(ConfigError(format!("{option} is for serving, not for a command"))),
        None => Ok(Start::Run { command: command(&words)?, data: config.data }),
    }
}

fn amount(option: &str, text: &str) -> Result<MinFree, ConfigError> {
    text.parse().map_err(|error: MinFreeError| ConfigError(format!("{option} {text:?}: {error}")))
}

fn command(words: &[OsString]) -> Result<Command, ConfigError> {
    let verb = words.first().map(|verb| verb.to_string_lossy()).unwrap_or_default();
    let takes = |what: &str| ConfigError(format!("{verb} takes {what}"));
    match (&*verb, words.get(1..).unwrap_or_default()) {
        ("verify", []) => Ok(Command::Verify),
        ("verify", _) => Err(takes("nothing but --data")),
        ("backup", [to]) => Ok(Command::Backup { to: to.into() }),
        ("backup", _) => Err(takes("the directory to make")),
        ("restore", [from]) => Ok(Command::Restore { from: from.into() }),
        ("restore", _) => Err(takes("the directory of a backup")),
        ("export", [id, file]) => {
            let document = document(&id.to_string_lossy()).map_err(ConfigError)?;
            Ok(Command::Export { document, file: file.into() })
        }
        ("export", _) => Err(takes("a document and the file to make")),
        ("import", [file]) => Ok(Command::Import { file: file.into() }),
        ("import", _) => Err(takes("a file")),
        _ => Err(ConfigError(format!("there is no command {verb:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Start, String> {
        parse(arguments.iter().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn without_arguments_it_serves_this_machine_only() {
        let Ok(Start::Serve(config)) = parsed(&[]) else { panic!("it serves") };
        assert_eq!(config.listen.to_string(), "127.0.0.1:3030");
        assert_eq!(config.data, PathBuf::from("./data"));
        assert_eq!(config.web_dir, None);
    }

    #[test]
    fn a_command_knows_its_directory_wherever_the_option_stands() {
        let backup = Command::Backup { to: "copy".into() };
        let start = Start::Run { command: backup, data: "mine".into() };
        assert_eq!(parsed(&["backup", "copy", "--data", "mine"]), Ok(start.clone()));
        assert_eq!(parsed(&["--data", "mine", "backup", "copy"]), Ok(start));
        let Ok(Start::Run { data, .. }) = parsed(&["verify"]) else { panic!("it verifies") };
        assert_eq!(data, PathBuf::from("./data"));
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_a_sentence() {
        for (arguments, found) in [
            (&["--listen", "3030"][..], "\"3030\" is no address"),
            (&["--data"], "missing argument for option '--data'"),
            (&["--prot", "1"], "invalid option '--prot'"),
            (&["board"], "there is no command \"board\""),
            (&["backup"], "backup takes the directory to make"),
            (&["verify", "--listen", "[::1]:80"], "--listen is for serving, not for a command"),
            (&["export", "mine", "file"], "\"mine\" is no document"),
            (&["--store", "cloud"], "--store is durable or memory, not \"cloud\""),
            (&["--min-free", "much"], "--min-free \"much\": it is an amount like 256M"),
        ] {
            let error = parsed(arguments).unwrap_err();
            assert!(error.starts_with(found), "{error}");
            assert!(error.ends_with("lists the options"));
        }
    }
}
