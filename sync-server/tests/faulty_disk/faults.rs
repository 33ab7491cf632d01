//! Calls to the file system that fail.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A call fails alone or with all after it, with or without having done something; and afterwards the
/// process is asked to end, or killed.
pub const MANNERS: usize = 8;

/// What the system says: an error of the device, and no space left.
const ERRORS: [&str; 2] = ["5", "28"];

/// How the calls of a process to the file system go.
pub struct Faults {
    /// The process keeps its data here.
    pub data: PathBuf,
    calls: PathBuf,
    fails_at: usize,
    /// How many calls fail from that one on.
    fails: usize,
    does_half: bool,
    stalls: bool,
    /// Whether the process gets no time to end.
    pub is_killed: bool,
}

impl Faults {
    /// This call fails, in one of [`MANNERS`].
    pub fn new(directory: &Path, fails_at: usize, manner: usize) -> Self {
        let directory = directory.canonicalize().unwrap();
        let (data, calls) = (directory.join("data"), directory.join("calls"));
        let fails = if manner.is_multiple_of(2) { 1 } else { usize::MAX };
        let does_half = (manner / 2).is_multiple_of(2);
        let is_killed = manner >= MANNERS / 2;
        Self { data, calls, fails_at, fails, does_half, stalls: false, is_killed }
    }

    /// This call and all after it do not return.
    pub fn stalling(directory: &Path, from: usize) -> Self {
        Self { stalls: true, ..Self::new(directory, from, 1) }
    }

    pub fn none(directory: &Path) -> Self {
        Self::new(directory, usize::MAX, 0)
    }

    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let error = ERRORS.get(self.fails_at % 2).unwrap();
        let mut environment = vec![
            ("LD_PRELOAD", library().into()),
            ("FAULTY_DISK", self.data.clone().into()),
            ("FAULTY_DISK_CALLS", self.calls.clone().into()),
            ("FAULTY_DISK_FAILS_AT", self.fails_at.to_string().into()),
            ("FAULTY_DISK_FAILS", self.fails.to_string().into()),
            ("FAULTY_DISK_ERROR", error.into()),
        ];
        let switches = [("FAULTY_DISK_HALF", self.does_half), ("FAULTY_DISK_STALLS", self.stalls)];
        let switches = switches.into_iter().filter(|(_, is_set)| *is_set);
        environment.extend(switches.map(|(name, _)| (name, "1".into())));
        environment
    }

    /// The calls that the process made.
    pub fn made(&self) -> Vec<String> {
        let calls = std::fs::read_to_string(&self.calls).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    pub fn has_failed(&self) -> bool {
        self.made().len() >= self.fails_at
    }

    pub fn context(&self) -> String {
        let made = self.made();
        let call = made.get(self.fails_at.wrapping_sub(1)).map_or("none", String::as_str);
        let half = if self.does_half { " after it did half" } else { "" };
        format!("call {} ({call}{half}), {} times", self.fails_at, self.fails)
    }
}

/// What stands in for the system's functions.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let build = ["build", "--quiet", "--package", "kanban-faulty-disk"];
        assert!(Command::new(env!("CARGO")).args(build).status().unwrap().success());
        let program = Path::new(env!("CARGO_BIN_EXE_sync-server"));
        program.with_file_name("libkanban_faulty_disk.so")
    })
}
