//! Whichever call to the file system fails, nobody is told of what is not stored, and the store opens
//! afterwards with everything that somebody was told of.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::{ActorId, Automerge, ChangeHash};
use common::{Peer, Relay, noise};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;
use sync_protocol::DocumentId;
use sync_server::store::{SledStore, Store};
use sync_server::verify::verify;
use tokio::time::timeout;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);

/// In how many manners each call fails: once or with all after it, and with or without having done
/// something. `KANBAN_MANNERS=4` for all of them; otherwise they take turns.
const MANNERS: usize = 4;

/// What the system says: an error of the device, and no space left.
const ERRORS: [&str; 2] = ["5", "28"];

/// How the calls of a process to the file system go.
struct Faults {
    /// The process may use files here; they are its data.
    data: PathBuf,
    calls: PathBuf,
    fails_at: usize,
    /// How many calls fail from that one on.
    fails: usize,
    does_half: bool,
}

impl Faults {
    fn new(directory: &Path, fails_at: usize, manner: usize) -> Self {
        let directory = directory.canonicalize().unwrap();
        let (data, calls) = (directory.join("data"), directory.join("calls"));
        let fails = if manner.is_multiple_of(2) { 1 } else { usize::MAX };
        Self { data, calls, fails_at, fails, does_half: (manner / 2).is_multiple_of(2) }
    }

    fn none(directory: &Path) -> Self {
        Self::new(directory, usize::MAX, 0)
    }

    fn environment(&self) -> Vec<(&'static str, std::ffi::OsString)> {
        let error = ERRORS.get(self.fails_at % 2).unwrap();
        let mut environment = vec![
            ("LD_PRELOAD", library().into()),
            ("FAULTY_DISK", self.data.clone().into()),
            ("FAULTY_DISK_CALLS", self.calls.clone().into()),
            ("FAULTY_DISK_FAILS_AT", self.fails_at.to_string().into()),
            ("FAULTY_DISK_FAILS", self.fails.to_string().into()),
            ("FAULTY_DISK_ERROR", error.into()),
        ];
        if self.does_half {
            environment.push(("FAULTY_DISK_HALF", "".into()));
        }
        environment
    }

    /// The calls that the process made.
    fn made(&self) -> Vec<String> {
        let calls = std::fs::read_to_string(&self.calls).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    fn has_failed(&self) -> bool {
        self.made().len() >= self.fails_at
    }

    fn context(&self) -> String {
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

fn pairs<'a>(environment: &'a [(&'static str, std::ffi::OsString)]) -> Vec<(&'a str, &'a OsStr)> {
    environment.iter().map(|(name, value)| (*name, value.as_os_str())).collect()
}

/// What somebody was told of: heads that the relay named, and changes that it passed on.
#[derive(Default)]
struct Told(BTreeSet<ChangeHash>);

impl Told {
    fn hears(&mut self, peer: &Peer) {
        self.0.extend(peer.acknowledged());
        let own = peer.document.get_actor();
        let changes = peer.document.get_changes(&[]);
        let others = changes.iter().filter(|change| change.actor_id() != own);
        self.0.extend(others.map(|change| change.hash()));
    }
}

/// Takes until `is_there`; none if the relay has closed, or a call has failed and nothing comes.
async fn takes_until(
    peer: &mut Peer,
    told: &mut Told,
    faults: &Faults,
    is_there: impl Fn(&Peer) -> bool,
) -> Option<()> {
    while !is_there(peer) {
        match timeout(Duration::from_millis(100), peer.takes()).await {
            Ok(true) => told.hears(peer),
            Ok(false) => return None,
            Err(_) if faults.has_failed() => return None,
            Err(_) => {}
        }
    }
    Some(())
}

async fn joins(relay: &Relay, name: &str, actor: u8) -> Peer {
    let document = Automerge::new().with_actor(ActorId::from([actor; 16]));
    Peer::connect(&relay.url(), name, DOCUMENT, document).await
}

/// Two people take turns with changes small and large; then both leave, and a third opens what is
/// stored. None if the relay stopped answering before.
async fn session(relay: &Relay, actor: u8, told: &mut Told, faults: &Faults) -> Option<()> {
    let mut people = [joins(relay, "ana", actor).await, joins(relay, "ben", actor + 1).await];
    for (round, length) in [20, 20, 90_000, 20, 20].into_iter().enumerate() {
        let [one, other] = &mut people;
        one.edits("title", &noise(round, length));
        one.speaks().await;
        let is_saved = |peer: &Peer| peer.acknowledged() == peer.document.get_heads();
        takes_until(one, told, faults, is_saved).await?;
        let expected = one.document.get_heads();
        takes_until(other, told, faults, |peer| peer.document.get_heads() == expected).await?;
        people.reverse();
    }
    let expected = people.map(|person| person.document.get_heads());
    let mut cleo = joins(relay, "cleo", actor + 2).await;
    takes_until(&mut cleo, told, faults, |cleo| expected.contains(&cleo.document.get_heads())).await
}

/// A relay serves a session while its calls fail as planned; none if it cannot open its store.
async fn serves(faults: &Faults, actor: u8, told: &mut Told) -> Option<Relay> {
    let environment = faults.environment();
    let options = ["--compact-at", "64"];
    let relay =
        Relay::start_in(&faults.data, "127.0.0.1:0", &options, &pairs(&environment)).ok()?;
    session(&relay, actor, told, faults).await;
    Some(relay)
}

/// The store opens, by a process whose calls work, and has everything that somebody was told of.
fn everything_is_there(told: &Told, faults: &Faults) {
    let context = faults.context();
    let store =
        SledStore::open(&faults.data).unwrap_or_else(|error| panic!("{context}: {error:?}"));
    let stored = store.load(DOCUMENT).unwrap_or_else(|error| panic!("{context}: {error:?}"));
    let entries = stored.unwrap_or_default().entries().unwrap();
    let stored: BTreeSet<ChangeHash> = entries.iter().map(|entry| entry.hash).collect();
    let lost = told.0.difference(&stored).count();
    assert_eq!(lost, 0, "{context}: of {} changes told of, {lost} are lost", told.0.len());
    verify(&store, DOCUMENT).unwrap_or_else(|error| panic!("{context}: {error:?}"));
}

/// What a relay has left that was killed, and what people were told before.
async fn left_by_a_kill(directory: &Path) -> (PathBuf, Told) {
    let (faults, mut told) = (Faults::none(directory), Told::default());
    let mut relay = serves(&faults, 1, &mut told).await.unwrap();
    relay.kill();
    assert_eq!(told.0.len(), 5, "the session works if no call fails");
    (faults.data, told)
}

/// Each call fails that a relay makes from its start to its end, one in each run.
async fn each_call_fails_once(before: Option<(PathBuf, Told)>, expected: &[&str]) {
    let manners = std::env::var("KANBAN_MANNERS").map_or(1, |manners| manners.parse().unwrap());
    let mut runs = 0;
    for fails_at in 1.. {
        let mut is_beyond = false;
        for manner in (fails_at..).take(manners) {
            let directory = tempfile::tempdir().unwrap();
            let faults = Faults::new(directory.path(), fails_at, manner % MANNERS);
            let mut told = Told::default();
            if let Some((data, told_before)) = &before {
                std::fs::create_dir(&faults.data).unwrap();
                copy(data, &faults.data);
                told.0.clone_from(&told_before.0);
            }
            if let Some(mut relay) = serves(&faults, 10, &mut told).await {
                relay.interrupt();
                relay.wait();
            }
            everything_is_there(&told, &faults);
            is_beyond = !faults.has_failed();
            if is_beyond {
                let made = faults.made();
                let is_made = |call: &str| made.iter().any(|made| made.starts_with(call));
                let unseen: Vec<_> = expected.iter().filter(|call| !is_made(call)).collect();
                assert!(unseen.is_empty(), "no {unseen:?} among {made:?}");
                break;
            }
            runs += 1;
        }
        if is_beyond {
            break;
        }
    }
    println!("{runs} runs, in each of which one call of a relay failed, or that and all after it");
    assert!(runs > 20, "a relay makes more calls");
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[tokio::test]
async fn whichever_call_to_the_file_system_fails_nobody_is_told_of_what_is_lost() {
    each_call_fails_once(None, &["mkdir", "open64", "write", "pwrite64", "fdatasync"]).await;
}

#[tokio::test]
async fn whichever_call_fails_after_a_kill_everything_from_before_is_there_too() {
    let directory = tempfile::tempdir().unwrap();
    let before = left_by_a_kill(directory.path()).await;
    each_call_fails_once(Some(before), &["open64", "read", "rename", "fdatasync"]).await;
}
