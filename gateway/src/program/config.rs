//! How the program is started.

use kanban_gateway::hook::Retry;
use lexopt::prelude::*;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What `--help` prints.
pub const HELP: &str = "\
Boards over HTTP, for scripts, bots and CI. Whoever asks shows a token of the relay, and may do there what
the relay lets them.

Usage: kanban-gateway [options]

  --relay ADDRESS          the relay [ws://127.0.0.1:3030]
  --listen ADDRESS         where to listen for HTTP; port 0 takes a free one [127.0.0.1:3040]
  --data DIRECTORY         where to keep copies of boards, and webhooks [./gateway-data]
  --max-boards COUNT       how many boards are open at a time [256]
  --idle-timeout TIME      after so long a board that nobody uses is closed [10m]
  --max-connections COUNT  how many sockets may be open [1024]
  --max-webhooks COUNT     how many webhooks a board may have [20]
  --webhook-retry TIME     the pause after a webhook's first failure; it doubles, up to two hours [5s]
  --webhook-give-up TIME   after so long without success a webhook is disabled [1440m]
  --allow-private-webhooks let webhooks go to this machine and its network, and unencrypted
  --log FILTER             what to log: error, warn, info, debug, or by part [info]
  --version, --help

Each option is also a variable of the environment: KANBAN_GATEWAY_RELAY and so on; a flag beats it. A time
is a number with ms, s or m. Behind another address than this machine's, put TLS before it: tokens pass.
";

/// The start of the variables that set options.
const VARIABLES: &str = "KANBAN_GATEWAY_";

const OPTIONS: [&str; 11] = [
    "relay",
    "listen",
    "data",
    "max-boards",
    "idle-timeout",
    "max-connections",
    "max-webhooks",
    "webhook-retry",
    "webhook-give-up",
    "allow-private-webhooks",
    "log",
];

/// What was asked for.
#[derive(Debug, Clone)]
pub enum Start {
    /// Serve.
    Serve(Box<Config>),
    /// Print this.
    Say(String),
}

/// Where to listen, and for whom.
#[derive(Debug, Clone)]
pub struct Config {
    /// The relay, as it was written.
    pub relay: String,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where to keep things.
    pub data: PathBuf,
    /// How many boards are open.
    pub boards_max: usize,
    /// When an unused one is closed.
    pub idle_timeout: Duration,
    /// How many sockets are open.
    pub connections_max: usize,
    /// How many webhooks a board has.
    pub hooks_max: usize,
    /// When webhooks are tried again.
    pub retry: Retry,
    /// Whether webhooks may go to private addresses.
    pub allow_private: bool,
    /// What to log.
    pub log: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            relay: "ws://127.0.0.1:3030".to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 3040)),
            data: "./gateway-data".into(),
            boards_max: 256,
            idle_timeout: Duration::from_secs(600),
            connections_max: 1024,
            hooks_max: 20,
            retry: Retry::default(),
            allow_private: false,
            log: "info".to_owned(),
        }
    }
}

/// Reads the command line and the environment.
///
/// # Errors
/// What cannot be understood, in a sentence.
pub fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Start, String> {
    let mut config = Config::default();
    for option in OPTIONS {
        let variable = format!("{VARIABLES}{}", option.to_uppercase().replace('-', "_"));
        if let Some(value) = environment(&variable).filter(|value| !value.is_empty()) {
            let value = value.into_string().map_err(|_| format!("{variable} is no text"))?;
            config.set(option, &value).map_err(|error| format!("{variable}: {error}"))?;
        }
    }
    let mut parser = lexopt::Parser::from_args(arguments);
    let unusual = |error: lexopt::Error| format!("{error}; --help lists the options");
    while let Some(argument) = parser.next().map_err(unusual)? {
        match argument {
            Long("help") | Short('h') => return Ok(Start::Say(HELP.to_owned())),
            Long("version") => {
                let version = env!("CARGO_PKG_VERSION");
                return Ok(Start::Say(format!("kanban-gateway {version}\n")));
            }
            Long("allow-private-webhooks") => config.allow_private = true,
            Long(name) if OPTIONS.contains(&name) => {
                let name = name.to_owned();
                let value = parser.value().and_then(|value| value.string()).map_err(unusual)?;
                config.set(&name, &value).map_err(|error| format!("--{name}: {error}"))?;
            }
            other => return Err(unusual(other.unexpected())),
        }
    }
    Ok(Start::Serve(Box::new(config)))
}

impl Config {
    fn set(&mut self, option: &str, value: &str) -> Result<(), String> {
        match option {
            "relay" => self.relay = value.to_owned(),
            "listen" => {
                let wrong = |_| format!("{value:?} is no address; one looks like 127.0.0.1:3040");
                self.listen = value.parse().map_err(wrong)?;
            }
            "data" => self.data = value.into(),
            "max-boards" => self.boards_max = count(value)?,
            "idle-timeout" => self.idle_timeout = time(value)?,
            "max-connections" => self.connections_max = count(value)?,
            "max-webhooks" => self.hooks_max = count(value)?,
            "webhook-retry" => self.retry.first = in_millis(time(value)?),
            "webhook-give-up" => self.retry.give_up = in_millis(time(value)?),
            "allow-private-webhooks" => {
                let wrong = |_| format!("{value:?} is neither true nor false");
                self.allow_private = value.parse().map_err(wrong)?;
            }
            "log" => self.log = value.to_owned(),
            _ => return Err("there is no such option".to_owned()),
        }
        Ok(())
    }
}

fn in_millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| format!("{text:?} is no number of things; one looks like 256"))
}

fn time(text: &str) -> Result<Duration, String> {
    let units = [("ms", 1), ("s", 1000), ("m", 60 * 1000)];
    let unit = units.iter().find_map(|(unit, ms)| Some((text.strip_suffix(unit)?, *ms)));
    let time = unit.and_then(|(number, ms)| Some(u64::from(number.parse::<u32>().ok()?) * ms));
    let time = time.filter(|ms| *ms > 0).map(Duration::from_millis);
    time.ok_or_else(|| format!("{text:?} is no time; one looks like 500ms, 30s or 5m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &[&str], variable: Option<(&str, &str)>) -> Result<Config, String> {
        let environment = |name: &str| {
            variable.filter(|(known, _)| *known == name).map(|(_, value)| value.into())
        };
        match parse(line.iter().map(OsString::from), environment)? {
            Start::Serve(config) => Ok(*config),
            Start::Say(text) => Err(text),
        }
    }

    #[test]
    fn without_arguments_it_serves_this_machine_only() {
        let config = parsed(&[], None).unwrap();
        assert!(config.listen.ip().is_loopback() && !config.allow_private);
    }

    #[test]
    fn a_flag_beats_the_environment_and_that_the_default() {
        let variable = Some(("KANBAN_GATEWAY_IDLE_TIMEOUT", "2m"));
        let config = parsed(&["--max-boards", "3"], variable).unwrap();
        assert_eq!((config.boards_max, config.idle_timeout.as_secs()), (3, 120));
        let config = parsed(&["--idle-timeout=90s"], variable).unwrap();
        assert_eq!(config.idle_timeout.as_secs(), 90);
    }

    #[test]
    fn what_makes_no_sense_is_refused_in_a_sentence() {
        for (line, found) in [
            (&["--listen", "3040"][..], "--listen: \"3040\" is no address"),
            (&["--max-boards", "0"], "--max-boards: \"0\" is no number of things"),
            (&["--idle-timeout", "5"], "--idle-timeout: \"5\" is no time"),
            (&["--prot", "1"], "invalid option '--prot'"),
            (&["board"], "unexpected argument \"board\""),
        ] {
            let error = parsed(line, None).unwrap_err();
            assert!(error.starts_with(found), "{error}");
        }
    }

    #[test]
    fn help_names_every_option() {
        for option in OPTIONS {
            assert!(HELP.contains(&format!("--{option} ")), "{option}");
        }
    }
}
