//! Whichever call to the file system fails, nobody is told of what is not stored, and the store opens
//! afterwards with everything that somebody was told of.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
mod faults;
mod session;

use faults::{Faults, MANNERS};
use session::{Told, everything_is_there, session, starts};
use std::path::{Path, PathBuf};

/// What a relay has left that was killed, and what people were told before.
async fn left_by_a_kill(directory: &Path) -> (PathBuf, Told) {
    let (faults, mut told) = (Faults::none(directory), Told::default());
    let mut relay = starts(&faults).unwrap();
    session(&relay, 1, &mut told, &faults).await;
    relay.kill();
    assert_eq!(told.0.len(), 5, "the session works if no call fails");
    (faults.data, told)
}

/// Each call fails that a relay makes from its start to its end, one in each run; in each manner if
/// `KANBAN_MANNERS=8` says so, otherwise the manners take turns.
async fn each_call_fails_once(before: Option<(PathBuf, Told)>, expected: &[&str]) {
    let manners = std::env::var("KANBAN_MANNERS").map_or(1, |manners| manners.parse().unwrap());
    let calls = made_in_a_run(usize::MAX, 0, before.as_ref()).await;
    let is_made = |call: &str| calls.iter().any(|made| made.starts_with(call));
    let unseen: Vec<_> = expected.iter().filter(|call| !is_made(call)).collect();
    assert!(unseen.is_empty(), "no {unseen:?} among {calls:?}");
    for fails_at in 1..=calls.len() {
        for manner in (fails_at..).take(manners) {
            made_in_a_run(fails_at, manner % MANNERS, before.as_ref()).await;
        }
    }
    println!("each of {} calls has failed, in {manners} of {MANNERS} manners", calls.len());
}

/// The calls that a relay makes while it serves a session and one of them fails. Whatever people were
/// told of is there afterwards.
async fn made_in_a_run(
    fails_at: usize,
    manner: usize,
    before: Option<&(PathBuf, Told)>,
) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let faults = Faults::new(directory.path(), fails_at, manner);
    let mut told = Told::default();
    if let Some((data, told_before)) = before {
        std::fs::create_dir(&faults.data).unwrap();
        copy(data, &faults.data);
        told.0.clone_from(&told_before.0);
    }
    if let Some(mut relay) = starts(&faults) {
        drop(session(&relay, 10, &mut told, &faults).await);
        if faults.is_killed {
            relay.kill();
        } else {
            relay.interrupt();
            relay.wait();
        }
    }
    everything_is_there(&told, &faults);
    faults.made()
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

#[tokio::test]
async fn whichever_call_stalls_a_kill_loses_nothing_that_two_who_build_on_each_other_were_told() {
    let directory = tempfile::tempdir().unwrap();
    let faults = Faults::none(directory.path());
    let relay = starts(&faults).unwrap();
    let at_start = faults.made().len();
    drop(relay);
    let mut runs = 0;
    for stalls_at in at_start + 1.. {
        let directory = tempfile::tempdir().unwrap();
        let faults = Faults::stalling(directory.path(), stalls_at);
        let mut told = Told::default();
        let mut relay = starts(&faults).unwrap();
        let (ana, ben) = session(&relay, 1, &mut told, &faults).await;
        let has_stalled = faults.has_failed();
        let mut people = [ana, ben];
        for person in &mut people {
            // Both go on while nothing reaches the disk.
            person.edits("title", "not saved");
            person.speaks().await;
        }
        relay.kill();
        for person in &mut people {
            while person.takes().await {
                told.hears(person);
            }
        }
        everything_is_there(&told, &faults);
        if !has_stalled {
            break;
        }
        runs += 1;
    }
    println!("{runs} runs, in each of which the relay was killed in the middle of another call");
    assert!(runs > 10, "a relay makes more calls");
}
