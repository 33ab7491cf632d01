//! How the program is started.

pub(crate) mod file;
mod options;
mod values;

pub use crate::auth::{Algorithm, AuthConfig, AuthError, AuthMode, JwtConfig};
pub use crate::tls::{TlsError, TlsFiles};
pub use options::{ConfigOption, options};

use crate::auth::Origins;
use crate::commands::{Command, PeopleCommand, document};
use crate::limits::Limits;
use crate::relay::COMPACT_BYTES_MIN;
use crate::space::MinFree;
use options::FILE;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

const USAGE: &str = "\
A relay for Automerge documents: keeps them, and passes changes on between those who have them open.

Usage: sync-server [options]
       sync-server COMMAND [--data DIRECTORY]

";

const ABOUT: &str = "  --version
      print the version and what it was built from
  --help
      print this

In brackets: what holds if nothing is said, why, and the variable of the environment that says it. A
flag beats the variable, that the file, and that the default.

Commands, for a directory that a relay serves at the moment or that nobody uses:

  verify                   check everything; name what is damaged and exit with 1
  backup DIRECTORY         copy everything to a new directory, each document as it is at one moment
  restore BACKUP           make the data directory from a backup; only while nobody uses it
  export DOCUMENT FILE     write one document to a file that every Automerge program reads
  import FILE              keep the document in a file under a new address, and print it
  recheck DOCUMENT         check a document that was set aside; if it passes, it is in service again
  user add NAME            make an account, the first an administrator's, and print its password
  user invite              print an invitation to make an account
  user list                list the accounts
  user password NAME       give an account another password, print it, and sign it out everywhere
  user sign-out NAME       sign an account out everywhere
  user admin NAME [no]     have an account look after the others, or no longer
  user delete NAME [HEIR]  delete an account; what only it owned goes to HEIR
  give DOCUMENT NAME       make an account the owner of a document, also of one that was deleted

Clients connect to ws://ADDRESS/sync. /health answers 200 while the relay serves. Ctrl-C stores what
has arrived, says goodbye to everybody and ends; a second one ends at once. Unless --auth says otherwise,
whoever reaches the address and knows a document's id can read and change it.
";

/// What `--help` prints.
pub fn help() -> String {
    format!("{USAGE}{}{ABOUT}", options::help())
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// Serve.
    Serve(Box<Config>),
    /// Do something with the data in a directory.
    Run {
        /// What.
        command: Command,
        /// The directory.
        data: PathBuf,
    },
    /// Print what [`help`] says.
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
    /// Where to say how the relay is.
    pub metrics: MetricsAt,
    /// What to log, as a filter of `tracing_subscriber`.
    pub log: String,
    /// In which form.
    pub log_format: LogFormat,
    /// What sockets may cost.
    pub limits: Limits,
    /// Whether changes are checked before they are stored and passed on.
    pub admits: bool,
    /// Who may connect.
    pub auth: AuthConfig,
    /// From which pages.
    pub origins: Origins,
    /// The certificate to speak TLS with, if the relay does.
    pub tls: Option<TlsFiles>,
}

/// Where the relay answers those who look after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsAt {
    /// There, unless another program does.
    IfFree(SocketAddr),
    /// There, or the relay does not start.
    Address(SocketAddr),
    /// Nowhere.
    Off,
}

/// The form of what is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// An object a line.
    Json,
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
            metrics: MetricsAt::IfFree(SocketAddr::from(([127, 0, 0, 1], 3039))),
            log: "info".to_owned(),
            log_format: LogFormat::default(),
            limits: Limits::default(),
            admits: true,
            auth: AuthConfig::default(),
            origins: Origins::default(),
            tls: None,
        }
    }
}

/// Why the arguments make no sense, in a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}; `sync-server --help` lists the options")]
pub struct ConfigError(String);

/// Reads the arguments, without the program's name, and the file that they name. What the environment
/// says is nothing to it.
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
    parse_with(arguments, |_| None)
}

/// The same with an environment: a flag beats the variable, that the file, and that the default.
///
/// A variable that is set to nothing is not set. Variables that name no option are left alone:
/// whoever runs containers sets some that begin as these do.
///
/// # Errors
/// As for [`parse`].
///
/// ```
/// use sync_server::config::{Start, parse_with};
/// let environment = |name: &str| (name == "KANBAN_DATA").then(|| "/srv/boards".into());
/// let start = parse_with([], environment)?;
/// assert!(matches!(start, Start::Serve(config) if config.data.ends_with("boards")));
/// # Ok::<(), sync_server::config::ConfigError>(())
/// ```
pub fn parse_with(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Start, ConfigError> {
    use lexopt::prelude::*;
    let wrong = |error: lexopt::Error| ConfigError(error.to_string());
    let (mut flags, mut words) = (Said::new(), Vec::new());
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next().map_err(wrong)? {
        let option = match &argument {
            Long(name) => options().find(|option| option.name == *name),
            _ => None,
        };
        match (argument, option) {
            (_, Some(option)) => {
                let value = match option.is_switch() {
                    true => OsString::from("true"),
                    false => parser.value().map_err(wrong)?,
                };
                flags.insert(option.name, (value, format!("--{}", option.name)));
            }
            (Long("help") | Short('h'), _) => return Ok(Start::Help),
            (Long("version") | Short('V'), _) => return Ok(Start::Version),
            (Value(word), _) => words.push(word),
            (other, _) => return Err(wrong(other.unexpected())),
        }
    }
    let is_for_commands = |name: &&str| [FILE, "data"].contains(name);
    if let Some(option) = flags.keys().find(|name| !is_for_commands(name))
        && !words.is_empty()
    {
        return Err(ConfigError(format!("--{option} is for serving, not for a command")));
    }
    let config = config(flags, environment)?;
    if words.is_empty() {
        return Ok(Start::Serve(Box::new(config)));
    }
    Ok(Start::Run { command: command(&words)?, data: config.data })
}

/// What was said of options: the value, and where.
type Said = BTreeMap<&'static str, (OsString, String)>;

fn config(
    flags: Said,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Config, ConfigError> {
    let mut said = Said::new();
    for option in options() {
        let variable = option.environment();
        if let Some(value) = environment(&variable).filter(|value| !value.is_empty()) {
            said.insert(option.name, (value, variable));
        }
    }
    said.extend(flags);
    if let Some((path, _)) = said.get(FILE).cloned() {
        for (option, value, line) in file::read(path.as_ref()).map_err(ConfigError)? {
            let place = format!("{}:{line}: {}", path.display(), option.name);
            said.entry(option.name).or_insert((value, place));
        }
    }
    let mut config = Config::default();
    for option in options() {
        if let Some((value, place)) = said.get(option.name) {
            (option.set)(&mut config, value)
                .map_err(|error| ConfigError(format!("{place}: {error}")))?;
        }
    }
    if config.limits.ping_every >= config.limits.idle_timeout {
        let error = "ping-every must be less than idle-timeout: who only listens would be closed";
        return Err(ConfigError(error.to_owned()));
    }
    makes_sense(&config)?;
    Ok(config)
}

/// What no option can know by itself.
fn makes_sense(config: &Config) -> Result<(), ConfigError> {
    let error = |words: String| Err(ConfigError(words));
    let is_set = |path: &PathBuf| !path.as_os_str().is_empty();
    if config.tls.as_ref().is_some_and(|tls| is_set(&tls.certificate) != is_set(&tls.key)) {
        return error("--tls-cert and --tls-key are given together or not at all".to_owned());
    }
    let AuthConfig { mode, is_public, jwt, .. } = &config.auth;
    match mode {
        AuthMode::Open if !config.listen.ip().is_loopback() && !is_public => error(format!(
            "on {} everybody who reaches it could read and change every document whose id they \
             know: choose --auth accounts or jwt, or say --public if that is meant",
            config.listen
        )),
        AuthMode::Jwt if jwt.key.is_some() == jwt.keys.is_some() => error(
            "--auth jwt needs a key to check tokens with: either --jwt-key or --jwt-keys"
                .to_owned(),
        ),
        AuthMode::Jwt if jwt.audience.is_none() => error(
            "--auth jwt needs --jwt-audience: otherwise a token for any other service of the same \
             provider would do"
                .to_owned(),
        ),
        _ => Ok(()),
    }
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
        ("recheck", [id]) => {
            let document = document(&id.to_string_lossy()).map_err(ConfigError)?;
            Ok(Command::Recheck { document })
        }
        ("recheck", _) => Err(takes("a document")),
        _ => {
            let words: Option<Vec<&str>> = words.iter().map(|word| word.to_str()).collect();
            let command = words.and_then(|words| PeopleCommand::parse(&words));
            let none = || Err(format!("there is no command {verb:?}"));
            command.unwrap_or_else(none).map(Command::People).map_err(ConfigError)
        }
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
            (&["--listen", "3030"][..], "--listen: \"3030\" is no address"),
            (&["--data"], "missing argument for option '--data'"),
            (&["--prot", "1"], "invalid option '--prot'"),
            (&["board"], "there is no command \"board\""),
            (&["backup"], "backup takes the directory to make"),
            (&["verify", "--listen", "[::1]:80"], "--listen is for serving, not for a command"),
            (&["export", "mine", "file"], "\"mine\" is no document"),
            (&["--store", "cloud"], "--store: it is durable or memory, not \"cloud\""),
            (&["--min-free", "much"], "--min-free: \"much\": it is an amount like 256M"),
        ] {
            let error = parsed(arguments).unwrap_err();
            assert!(error.starts_with(found), "{error}");
            assert!(error.ends_with("lists the options"));
        }
    }

    #[test]
    fn a_flag_beats_the_environment_that_the_file_and_that_the_default() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("relay.toml");
        std::fs::write(&path, "listen = \"[::1]:1\"\ndata = \"f\"\nidle-timeout = \"2m\"").unwrap();
        let variables = BTreeMap::from([
            ("KANBAN_CONFIG", path.clone().into_os_string()),
            ("KANBAN_LISTEN", "[::1]:2".into()),
            ("KANBAN_DATA", "e".into()),
            ("KANBAN_WEB_DIR", "".into()),
            ("KANBAN_PORT", "tcp://10.0.0.1:80".into()),
        ]);
        let environment = |name: &str| variables.get(name).cloned();
        let arguments = ["--listen", "[::1]:3"].map(OsString::from);
        let Ok(Start::Serve(config)) = parse_with(arguments, environment) else { panic!("serves") };
        assert_eq!((config.listen.port(), config.data), (3, PathBuf::from("e")));
        assert_eq!(config.limits.idle_timeout.as_secs(), 120);
        assert_eq!(config.limits.ping_every, Limits::default().ping_every);
        assert_eq!(config.web_dir, None, "a variable that is empty says nothing");
    }

    #[test]
    fn an_error_says_where_the_wrong_value_stands() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("relay.toml");
        std::fs::write(&path, "\nstore = \"cloud\"").unwrap();
        let of_file = parsed(&["--config", path.to_str().unwrap()]).unwrap_err();
        assert!(of_file.contains("relay.toml:2: store: it is durable or memory"), "{of_file}");
        let environment = |name: &str| (name == "KANBAN_STORE").then(|| "cloud".into());
        let of_variable = parse_with([], environment).unwrap_err().to_string();
        assert!(of_variable.starts_with("KANBAN_STORE: it is durable"), "{of_variable}");
        let missing = parsed(&["--config", "/nowhere/relay.toml"]).unwrap_err();
        assert!(missing.starts_with("the configuration /nowhere/relay.toml cannot be read"));
        let both = parsed(&["--ping-every", "65s"]).unwrap_err();
        assert!(both.starts_with("ping-every must be less than idle-timeout"), "{both}");
    }

    #[test]
    fn help_has_every_option_with_its_default_and_its_variable() {
        let help = help().split_whitespace().collect::<Vec<_>>().join(" ");
        for option in options() {
            let default = if option.default.is_empty() { "none" } else { option.default };
            let ConfigOption { name, value, what, why, .. } = option;
            let value = if value.is_empty() { String::new() } else { format!("{value} ") };
            let found =
                format!("--{name} {value}{what} [{default}: {why}; {}]", option.environment());
            assert!(help.contains(&found), "{found}");
        }
    }
}
