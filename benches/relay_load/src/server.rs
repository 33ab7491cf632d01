//! The servers as processes, and what they take of the machine.

use crate::Outcome;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// `/proc` counts time in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;
/// The core that servers run on; the generator has the other.
const SERVER_CORE: &str = "0";
const GENERATOR_CORE: &str = "1";

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ours,
    Broadcast,
    AutomergeRepo,
    Hocuspocus,
    YWebsocket,
}

impl Kind {
    pub const ALL: [Self; 5] =
        [Self::Broadcast, Self::Ours, Self::Hocuspocus, Self::YWebsocket, Self::AutomergeRepo];

    /// As in tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::Ours => "sync-server",
            Self::Broadcast => "bare broadcast",
            Self::AutomergeRepo => "automerge-repo 2.5.6",
            Self::Hocuspocus => "Hocuspocus 4.7.0",
            Self::YWebsocket => "@y/websocket-server 0.1.1",
        }
    }

    /// As in options.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Broadcast => "broadcast",
            Self::AutomergeRepo => "automerge-repo",
            Self::Hocuspocus => "hocuspocus",
            Self::YWebsocket => "y-websocket",
        }
    }

    /// Whether its own client puts all it has to say into one message. It waits a tenth of a
    /// second for more; one message a change keeps its server from answering anybody.
    pub fn sends_batches(self) -> bool {
        self == Self::AutomergeRepo
    }

    fn script(self) -> Option<&'static str> {
        match self {
            Self::Ours | Self::Broadcast => None,
            Self::AutomergeRepo => Some("automerge_repo.mjs"),
            Self::Hocuspocus => Some("hocuspocus.mjs"),
            Self::YWebsocket => Some("y_websocket.mjs"),
        }
    }
}

/// A server that listens. Dropped, it is killed.
pub struct Running {
    pub kind: Kind,
    pub port: u16,
    process: Child,
}

impl Running {
    /// Starts a server and waits until it listens. `data` is where it keeps documents; without
    /// it the others keep none, and ours cannot be started.
    pub fn start(kind: Kind, data: Option<&Path>) -> Outcome<Self> {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = on_core(SERVER_CORE);
        match (kind, kind.script()) {
            (_, Some(script)) => {
                command.arg("node").arg(others().join(script)).arg(port.to_string()).args(data);
            }
            (Kind::Ours, _) => {
                let data = data.ok_or("the relay needs a directory")?;
                command.arg(beside_this_program("sync-server")?);
                command.arg("--listen").arg(format!("127.0.0.1:{port}")).arg("--data").arg(data);
            }
            _ => {
                _ = command
                    .arg(std::env::current_exe()?)
                    .arg("serve-broadcast")
                    .arg(port.to_string())
            }
        }
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("no output to wait for")?;
        let running = Self { kind, port, process };
        for line in BufReader::new(output).lines() {
            let line = line?;
            if line.contains("listen") || line.contains("running at") {
                return Ok(running);
            }
        }
        Err(format!("{} does not start", kind.title()).into())
    }

    /// Ends it as a system does, and waits for that.
    pub fn stop(mut self) -> Outcome<()> {
        let pid = self.process.id().to_string();
        Command::new("kill").arg(&pid).status()?;
        let start = Instant::now();
        while self.process.try_wait()?.is_none() {
            if start.elapsed() > Duration::from_secs(30) {
                return Err(format!("{} does not stop", self.kind.title()).into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The processor time that it has taken.
    pub fn cpu(&self) -> Outcome<Duration> {
        cpu_of(&self.process.id().to_string())
    }

    /// Its memory in KB, now.
    pub fn rss_kb(&self) -> Outcome<f64> {
        self.status("VmRSS:")
    }

    /// Its memory in KB, at most so far.
    pub fn peak_kb(&self) -> Outcome<f64> {
        self.status("VmHWM:")
    }

    fn status(&self, key: &str) -> Outcome<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        let number = line.and_then(|line| line.split_whitespace().next());
        Ok(number.ok_or("the server is gone")?.parse()?)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// The processor time that the generator has taken.
pub fn own_cpu() -> Outcome<Duration> {
    cpu_of("self")
}

/// The processor time that everything on the machine has taken.
pub fn machine_cpu() -> Outcome<Duration> {
    let stat = fs::read_to_string("/proc/stat")?;
    let first = stat.lines().next().ok_or("/proc/stat is empty")?;
    let mut fields = first.split_whitespace().skip(1).map(str::parse::<f64>);
    let mut busy = 0.0;
    for (index, field) in fields.by_ref().take(8).enumerate() {
        // The fourth and fifth are idle.
        busy += if matches!(index, 3 | 4) { 0.0 } else { field? };
    }
    Ok(Duration::from_secs_f64(busy / TICKS_PER_SECOND))
}

fn cpu_of(pid: &str) -> Outcome<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is a name in brackets, which may hold spaces.
    let after = stat.rsplit_once(')').ok_or("an odd /proc/stat")?.1;
    let times = after.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    let ticks = times.sum::<Result<f64, _>>()?;
    Ok(Duration::from_secs_f64(ticks / TICKS_PER_SECOND))
}

/// Moves the generator to its core.
pub fn pin_generator() -> Outcome<()> {
    let pid = std::process::id().to_string();
    let mut taskset = Command::new("taskset");
    taskset.args(["-a", "-p", "-c", GENERATOR_CORE, &pid]).stdout(Stdio::null());
    if !taskset.status()?.success() {
        return Err("taskset cannot pin the generator: two cores are needed".into());
    }
    Ok(())
}

fn on_core(core: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core]);
    command
}

fn others() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("others")
}

/// Where built programs are.
pub fn beside_this_program(name: &str) -> Outcome<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.parent().ok_or("this program is nowhere")?.join(name))
}

/// Builds the relay and installs the others, if they are to be measured.
pub fn prepare(kinds: &[Kind]) -> Outcome<()> {
    if kinds.contains(&Kind::Ours) {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--release", "--package", "kanban-sync-server"]);
        // Where this program was built, however that was chosen.
        build.arg("--target-dir").arg(beside_this_program("..")?);
        if !build.current_dir(env!("CARGO_MANIFEST_DIR")).status()?.success() {
            return Err("the relay does not build".into());
        }
    }
    let is_missing = !others().join("node_modules").exists();
    if is_missing && kinds.iter().any(|kind| kind.script().is_some()) {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(others());
        if !npm.status()?.success() {
            return Err("npm cannot install the other relays".into());
        }
    }
    Ok(())
}
