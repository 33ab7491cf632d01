//! The relay in a process of its own, so that it can be killed: this program, started again in another role.

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use sync_server::Server;
use sync_server::config::{self, Config, Start};

/// The argument that asks for the other role; those of the relay follow. Nobody types it by accident.
const ROLE: &str = "play-the-relay";

/// The tests are a program too: in it, this test takes the role that `main` has here.
const ROLE_OF_TESTS: &str = "relay::tests::a_relay_serves_until_it_is_killed";

/// What the relay's own program prints as well, before the address.
const READY: &str = "sync-server listens on http://";

/// A relay starts in milliseconds; one that takes this long never will.
const START_MAX: Duration = Duration::from_secs(60);

/// A relay that serves until it is [killed](Relay::kill) or dropped.
pub struct Relay {
    process: Child,
    address: SocketAddr,
    data: PathBuf,
}

impl Relay {
    /// Starts a relay on a free port, and waits until it serves.
    pub fn start(data: &Path) -> Result<Self, Box<dyn Error>> {
        Self::start_at(data, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    fn start_at(data: &Path, listen: SocketAddr) -> Result<Self, Box<dyn Error>> {
        let mut command = this_program()?;
        command.arg(ROLE).arg("--listen").arg(listen.to_string()).arg("--data").arg(data);
        // The pipe to it is its leash: when we are gone, however we went, it ends.
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let said = process.stdout.take();
        let mut relay = Self { process, address: listen, data: data.to_owned() };
        let (found, address) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(said?).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once(READY) {
                    // Whoever waited may have given up.
                    found.send(address.trim().parse()).ok();
                }
            }
            Some(())
        });
        let address = address.recv_timeout(START_MAX);
        relay.address = address.map_err(|_| format!("no relay came to serve on {listen}"))??;
        Ok(relay)
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("ws://{}/sync", self.address)
    }

    /// Kills it with SIGKILL: it cannot finish, flush or say goodbye.
    pub fn kill(&mut self) -> io::Result<ExitStatus> {
        self.process.kill()?;
        self.process.wait()
    }

    /// Starts it again, on the same address and directory.
    pub fn restart(&mut self) -> Result<(), Box<dyn Error>> {
        *self = Self::start_at(&self.data, self.address)?;
        Ok(())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended already.
        self.kill().ok();
    }
}

/// The relay's arguments, if this process was started to be one.
pub fn role() -> Option<Vec<OsString>> {
    let mut arguments = std::env::args_os();
    arguments.find(|argument| argument == ROLE)?;
    Some(arguments.collect())
}

/// Serves until whoever started this process is gone.
pub fn play(arguments: Vec<OsString>) -> Result<(), Box<dyn Error>> {
    let Start::Serve(config) = config::parse(arguments)? else {
        return Err(format!("{ROLE} takes only --listen and --data").into());
    };
    tokio::runtime::Runtime::new()?.block_on(serve(&config))
}

async fn serve(config: &Config) -> Result<(), Box<dyn Error>> {
    let server = Server::open(config).await?;
    println!("{READY}{}", server.address());
    let (gone, parent_is_gone) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        io::copy(&mut io::stdin(), &mut io::sink()).ok();
        gone.send(()).ok();
    });
    server.run(async { _ = parent_is_gone.await }).await?;
    Ok(())
}

/// This program again, to be given a role.
fn this_program() -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    if cfg!(test) {
        command.args(["--nocapture", "--exact", ROLE_OF_TESTS, "--"]);
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    #[test]
    fn a_relay_serves_until_it_is_killed() {
        if let Some(arguments) = role() {
            return play(arguments).expect("a relay");
        }
        let directory = tempfile::tempdir().expect("a directory");
        let mut relay = Relay::start(directory.path()).expect("a relay");
        let address = relay.address;
        assert!(TcpStream::connect(address).is_ok());
        let ended = relay.kill().expect("a process");
        #[cfg(unix)]
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(9));
        assert!(!ended.success());
        assert!(TcpStream::connect(address).is_err());
        relay.restart().expect("the same relay");
        assert_eq!(relay.address, address);
        drop(relay);
        assert!(TcpStream::connect(address).is_err());
    }

    #[test]
    fn a_relay_ends_when_whoever_started_it_is_gone() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut relay = Relay::start(directory.path()).expect("a relay");
        // What the system does for a process that ends.
        drop(relay.process.stdin.take());
        assert!(relay.process.wait().expect("a process").success());
    }
}
