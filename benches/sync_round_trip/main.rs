//! How long until somebody else sees an edit, beside the two things that nobody can do without: a
//! WebSocket message through a server, and one write that reaches the disk.
//!
//! `benches/README.md` says what the rows do and keeps the numbers.

mod echo;
mod no_disk;
#[path = "../board_commands/reference.rs"]
#[allow(dead_code, reason = "other benchmarks use the rest")]
mod reference;
mod team;

use criterion::{Criterion, criterion_group, criterion_main};
use echo::Echo;
use no_disk::NoDisk;
use reference::{Reference, SMALL};
use std::fs::File;
use std::io::Write;
use std::time::Duration;
use sync_server::store::SledStore;
use team::Team;
use tokio::runtime::Runtime;

/// A move's sync message as a frame, about.
const FRAME_BYTES: usize = 350;

fn round_trip(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let reference = Reference::build(&SMALL);
    let directory = tempfile::tempdir().expect("a directory");
    let mut group = criterion.benchmark_group("sync_round_trip");
    group.sample_size(50).measurement_time(Duration::from_secs(8));

    let mut file = File::create(directory.path().join("file")).expect("a file");
    group.bench_function("fdatasync", |bencher| {
        bencher.iter(|| {
            file.write_all(&[7; FRAME_BYTES]).expect("written");
            file.sync_data().expect("on the disk");
        });
    });

    let mut echo = runtime.block_on(Echo::start());
    group.bench_function("bare websocket", |bencher| {
        bencher.iter(|| runtime.block_on(echo.send_and_receive(&[7; FRAME_BYTES])));
    });

    // Each row with a team and a store of its own, so that all begin with the same history.
    for kind in ["durable", "in memory"] {
        let start = || match kind {
            "durable" => {
                let data = tempfile::tempdir_in(directory.path()).expect("a directory").keep();
                let store = SledStore::open(&data).expect("a store");
                runtime.block_on(Team::start(&reference.board, store))
            }
            _ => runtime.block_on(Team::start(&reference.board, NoDisk::default())),
        };
        group.bench_function(format!("edit to seen by another/{kind}"), |bencher| {
            let team = start();
            bencher
                .iter_custom(|n| timed(n, || runtime.block_on(team.edit_until_seen(&reference))));
        });
        group.bench_function(format!("edit to acknowledged/{kind}"), |bencher| {
            let team = start();
            bencher
                .iter_custom(|n| timed(n, || runtime.block_on(team.edit_until_saved(&reference))));
        });
    }
    group.finish();
}

/// Only what `edit` says it took: waiting until everybody is quiet again is not part of it.
fn timed(iterations: u64, mut edit: impl FnMut() -> Duration) -> Duration {
    (0..iterations).map(|_| edit()).sum()
}

criterion_group!(benches, round_trip);
criterion_main!(benches);
