//! How the program is started.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What `--help` prints.
pub const HELP: &str = "\
A relay for Automerge documents: keeps them, and passes changes on between those who have them open.

Usage: sync-server [options]

  --listen ADDRESS   where to listen for WebSockets and HTTP   [127.0.0.1:3030]
  --data DIRECTORY   where to keep the documents               [./data]
  --web-dir DIRECTORY  files to serve to browsers, index.html first
  --version          print the version
  --help             print this

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
    /// Files to serve to browsers.
    pub web_dir: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 3030));
        Self { listen, data: PathBuf::from("./data"), web_dir: None }
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
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next().map_err(wrong)? {
        match argument {
            Long("listen") => {
                let text = parser.value().and_then(|value| value.string()).map_err(wrong)?;
                config.listen = text.replace("localhost", "127.0.0.1").parse().map_err(|_| {
                    ConfigError(format!("{text:?} is no address; one looks like 127.0.0.1:3030"))
                })?;
            }
            Long("data") => config.data = parser.value().map_err(wrong)?.into(),
            Long("web-dir") => config.web_dir = Some(parser.value().map_err(wrong)?.into()),
            Long("help") | Short('h') => return Ok(Start::Help),
            Long("version") | Short('V') => return Ok(Start::Version),
            other => return Err(wrong(other.unexpected())),
        }
    }
    Ok(Start::Serve(config))
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
    fn what_makes_no_sense_is_refused_in_a_sentence() {
        for (arguments, found) in [
            (&["--listen", "3030"][..], "\"3030\" is no address"),
            (&["--data"], "missing argument for option '--data'"),
            (&["--prot", "1"], "invalid option '--prot'"),
            (&["board"], "unexpected argument \"board\""),
        ] {
            let error = parsed(arguments).unwrap_err();
            assert!(error.starts_with(found), "{error}");
            assert!(error.ends_with("lists the options"));
        }
    }
}
