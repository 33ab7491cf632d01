//! A relay in a process of its own, to be killed.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// The program, and the example of a relay with rules, which whoever builds all has too.
const PROGRAM: &str = env!("CARGO_BIN_EXE_sync-server");
const EXAMPLE: &str = "examples/own_application";

pub struct Relay {
    program: PathBuf,
    child: Child,
    address: String,
    data: PathBuf,
    options: Vec<String>,
}

impl Relay {
    /// Starts the program and waits until it says where it listens.
    pub fn start(data: &Path) -> Self {
        Self::start_at(data, "127.0.0.1:0")
    }

    pub fn start_at(data: &Path, address: &str) -> Self {
        Self::start_with(data, address, &[])
    }

    pub fn start_with(data: &Path, address: &str, options: &[&str]) -> Self {
        Self::start_in(data, address, options, &[])
            .unwrap_or_else(|line| panic!("the relay said {line:?}"))
    }

    /// A relay with rules: its `url` is for those who may write, its `readers_url` for others.
    pub fn start_with_rules(data: &Path) -> Self {
        let program = Path::new(PROGRAM).with_file_name(EXAMPLE);
        assert!(program.exists(), "{program:?} is missing: `cargo build --examples` makes it");
        Self::start_program(&program, data, "127.0.0.1:0", &[], &[], Stdio::null())
            .unwrap_or_else(|line| panic!("the relay said {line:?}"))
    }

    /// Starts it with variables of its environment.
    ///
    /// # Errors
    /// What it said instead of where it listens.
    pub fn start_in(
        data: &Path,
        address: &str,
        options: &[&str],
        environment: &[(&str, OsString)],
    ) -> Result<Self, String> {
        // Nobody reads what it logs, so a pipe would fill up and block it.
        let log = Stdio::null();
        Self::start_program(Path::new(PROGRAM), data, address, options, environment, log)
    }

    /// Starts it and keeps all that it logs.
    pub fn start_logging(data: &Path, options: &[&str], log: &Path) -> Self {
        let options = [options, &["--log", "trace"]].concat();
        let log = File::create(log).unwrap().into();
        Self::start_program(Path::new(PROGRAM), data, "127.0.0.1:0", &options, &[], log)
            .unwrap_or_else(|line| panic!("the relay said {line:?}"))
    }

    fn start_program(
        program: &Path,
        data: &Path,
        address: &str,
        options: &[&str],
        environment: &[(&str, OsString)],
        log: Stdio,
    ) -> Result<Self, String> {
        let mut arguments = vec!["--listen", address, "--data", data.to_str().unwrap()];
        arguments.extend(options);
        let mut command = command(program, &arguments);
        let mut child = command.envs(environment.iter().cloned()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some((_, address)) = line.trim().split_once(" listens on http://") else {
            child.wait().unwrap();
            return Err(line);
        };
        let address = address.to_owned();
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        Ok(Self { program: program.to_owned(), child, address, data: data.to_owned(), options })
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it has had so far, in bytes.
    pub fn peak_memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
    }

    pub fn url(&self) -> String {
        let has_rules = self.program.ends_with(EXAMPLE);
        let path = if has_rules { "boards/sync?token=letmein" } else { "sync" };
        format!("ws://{}/{path}", self.address)
    }

    pub fn readers_url(&self) -> String {
        format!("ws://{}/boards/sync?token=guest", self.address)
    }

    /// SIGKILL: nothing is drained, nothing is flushed.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, on the same address and data.
    pub fn restart(&mut self) {
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        *self = Self::start_program(
            &self.program,
            &self.data,
            &self.address,
            &options,
            &[],
            Stdio::null(),
        )
        .unwrap_or_else(|line| panic!("the relay said {line:?}"));
    }

    /// What Ctrl-C sends.
    pub fn interrupt(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Runs the program, which must end by itself: whether it succeeded, and what it said on both
/// outputs.
pub fn run(arguments: &[&str]) -> (bool, String, String) {
    let child = command(Path::new(PROGRAM), arguments).spawn().unwrap();
    let id = child.id().to_string();
    let (ended, end) = mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if end.recv_timeout(Duration::from_secs(60)) == Err(RecvTimeoutError::Timeout) {
            Command::new("kill").args(["-KILL", &id]).status().unwrap();
            panic!("the program serves, and should not");
        }
    });
    let output = child.wait_with_output().unwrap();
    drop(ended);
    watchdog.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn command(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}
