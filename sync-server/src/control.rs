//! How a command reaches the relay that has the data directory open: a socket in that directory.
//!
//! Who may use it is who may open the socket's file: the user that the relay runs as. A route over
//! HTTP was ruled out: behind a proxy on the same machine the whole world comes from loopback.

use crate::commands::{Command, Outcome, PeopleCommand};
use crate::hub::WeakHub;
use crate::people::WeakPeople;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The socket, in the data directory.
#[cfg(unix)]
const NAME: &str = "control.sock";

/// The longest request: two paths.
#[cfg(unix)]
const REQUEST_BYTES_MAX: u64 = 16 * 1024;

#[cfg(unix)]
mod unix {
    use super::*;
    use crate::store::SledStore;
    use std::io::{self, Read, Write};
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;
    use tracing::{info, warn};

    /// How long somebody may take to say what they want.
    const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

    /// A relay that takes commands, until this is dropped.
    #[derive(Debug)]
    pub struct Control {
        path: PathBuf,
        stopped: Arc<AtomicBool>,
    }

    impl Control {
        /// Takes commands for the store in `data` on a thread of its own, one after another.
        ///
        /// # Errors
        /// What the system said, if the socket cannot be made: its path may be too long.
        pub fn listen(
            data: &Path,
            store: Arc<SledStore>,
            hub: WeakHub,
            people: Option<WeakPeople>,
        ) -> io::Result<Self> {
            let path = data.join(NAME);
            // Whoever has the store open is alone: what is there is left from a crash.
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let listener = UnixListener::bind(&path)?;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
            let stopped = Arc::new(AtomicBool::new(false));
            let is_stopped = stopped.clone();
            // Weak: a relay that has ended must not keep the directory locked.
            let store = Arc::downgrade(&store);
            std::thread::spawn(move || {
                for socket in listener.incoming() {
                    if is_stopped.load(Ordering::Relaxed) {
                        return;
                    }
                    let (Ok(socket), Some(store)) = (socket, store.upgrade()) else {
                        continue;
                    };
                    if let Err(error) = answer(socket, &store, &hub, people.as_ref()) {
                        warn!("somebody with a command went away: {error}");
                    }
                }
            });
            Ok(Self { path, stopped })
        }
    }

    impl Drop for Control {
        fn drop(&mut self) {
            self.stopped.store(true, Ordering::Relaxed);
            // Wakes the thread. If nobody can connect any more, it has ended.
            _ = UnixStream::connect(&self.path);
            _ = std::fs::remove_file(&self.path);
        }
    }

    fn answer(
        mut socket: UnixStream,
        store: &Arc<SledStore>,
        hub: &WeakHub,
        people: Option<&WeakPeople>,
    ) -> io::Result<()> {
        socket.set_read_timeout(Some(REQUEST_TIMEOUT))?;
        let mut request = Vec::new();
        Read::by_ref(&mut socket).take(REQUEST_BYTES_MAX).read_to_end(&mut request)?;
        if request.is_empty() {
            return Ok(());
        }
        let words: Vec<&OsStr> = request.split(|byte| *byte == 0).map(OsStr::from_bytes).collect();
        let outcome = match command(&words) {
            Some(command) => {
                info!("asked to {}", words.first().unwrap_or(&OsStr::new("")).display());
                let people = people.and_then(WeakPeople::upgrade);
                let outcome = command.perform(store, people);
                if let (true, Command::Recheck { document }) = (outcome.is_well, command) {
                    hub.upgrade().inspect(|hub| hub.put_back(document));
                }
                outcome
            }
            None => Outcome::failed("the relay does not know this command; is it as new?"),
        };
        let mark = if outcome.is_well { b'+' } else { b'-' };
        socket.write_all(&[mark])?;
        socket.write_all(outcome.text.as_bytes())
    }

    /// Has the relay that serves `data` do something.
    ///
    /// # Errors
    /// What the system said, if the relay cannot be reached.
    pub fn ask(data: &Path, command: &Command) -> io::Result<Outcome> {
        let mut socket = UnixStream::connect(data.join(NAME))?;
        let words = words(command)?;
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        socket.write_all(&words.join(&0))?;
        socket.shutdown(std::net::Shutdown::Write)?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer)?;
        match answer.split_at_checked(1) {
            Some((mark, text)) => Ok(Outcome { is_well: mark == "+", text: text.to_owned() }),
            None => Err(io::Error::other("the relay ended before it was done")),
        }
    }

    fn words(command: &Command) -> io::Result<Vec<std::ffi::OsString>> {
        // The relay may run in another directory.
        let absolute = |path: &Path| std::path::absolute(path).map(Into::into);
        Ok(match command {
            Command::Verify => vec!["verify".into()],
            Command::Backup { to } => vec!["backup".into(), absolute(to)?],
            Command::Restore { from } => vec!["restore".into(), absolute(from)?],
            Command::Export { document, file } => {
                vec!["export".into(), document.to_string().into(), absolute(file)?]
            }
            Command::Import { file } => vec!["import".into(), absolute(file)?],
            Command::Recheck { document } => vec!["recheck".into(), document.to_string().into()],
            Command::People(command) => command.words().into_iter().map(Into::into).collect(),
        })
    }

    fn command(words: &[&OsStr]) -> Option<Command> {
        match words {
            [verb] if *verb == "verify" => Some(Command::Verify),
            [verb, to] if *verb == "backup" => Some(Command::Backup { to: to.into() }),
            [verb, document, file] if *verb == "export" => {
                let document = document.to_str()?.parse().ok()?;
                Some(Command::Export { document, file: file.into() })
            }
            [verb, file] if *verb == "import" => Some(Command::Import { file: file.into() }),
            [verb, document] if *verb == "recheck" => {
                let document = document.to_str()?.parse().ok()?;
                Some(Command::Recheck { document })
            }
            words => {
                let words: Option<Vec<&str>> = words.iter().map(|word| word.to_str()).collect();
                PeopleCommand::parse(&words?)?.ok().map(Command::People)
            }
        }
    }
}

#[cfg(unix)]
pub use unix::{Control, ask};

#[cfg(not(unix))]
mod elsewhere {
    use super::*;
    use crate::store::SledStore;
    use std::io;
    use std::sync::Arc;

    /// Nothing: here a command needs the relay to be stopped.
    #[derive(Debug)]
    pub struct Control;

    impl Control {
        /// Does nothing.
        pub fn listen(
            _: &Path,
            _: Arc<SledStore>,
            _: WeakHub,
            _: Option<WeakPeople>,
        ) -> io::Result<Self> {
            Ok(Self)
        }
    }

    /// Cannot.
    pub fn ask(_: &Path, _: &Command) -> io::Result<Outcome> {
        Err(io::Error::other("stop it first"))
    }
}

#[cfg(not(unix))]
pub use elsewhere::{Control, ask};
