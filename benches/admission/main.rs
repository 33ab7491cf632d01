//! What it costs to admit a change, beside what everybody must do with it anyway, and beside the
//! library's own way to find out whether it is canonically encoded.
//!
//! `benches/README.md` says what the rows do and keeps the numbers.

#[path = "../board_commands/reference.rs"]
#[allow(dead_code, reason = "other benchmarks use the rest")]
mod reference;

use automerge::Change;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use reference::{LARGE, Reference};
use std::time::Duration;
use sync_protocol::{Admission, ChangeGraph, RawChange, check_change, chunks};

/// The moves of the large board: one operation each, after those that made it.
fn changes() -> Vec<RawChange<'static>> {
    let board = Reference::build(&LARGE).board;
    let raw = |change: &Change| {
        let chunk = chunks(change.raw_bytes()).next().expect("a chunk").expect("is whole");
        chunk.change().expect("a change").into_owned()
    };
    board.changes_since(&[]).iter().map(raw).collect()
}

fn admission(criterion: &mut Criterion) {
    let changes = changes();
    let mut group = criterion.benchmark_group("admission");
    group.sample_size(20).measurement_time(Duration::from_secs(4));
    group.throughput(Throughput::Elements(changes.len() as u64));
    let insert = |mut admission: Admission| {
        for change in &changes {
            admission.insert(change).expect("admitted");
        }
        admission
    };

    group.bench_function("structure and encoding", |bencher| {
        bencher.iter(|| changes.iter().for_each(|change| check_change(change).expect("honest")));
    });
    group.bench_function("encoding, by the library", |bencher| {
        bencher.iter(|| {
            for change in &changes {
                let parsed = Change::from_bytes(change.bytes.to_vec()).expect("a change");
                assert_eq!(Change::from(parsed.decode()).raw_bytes(), &*change.bytes);
            }
        });
    });
    group.bench_function("graph alone", |bencher| {
        bencher.iter(|| insert(Admission::unchecked(ChangeGraph::new())));
    });
    group.bench_function("graph and admission", |bencher| {
        bencher.iter(|| insert(Admission::new()));
    });
    group.finish();

    let (operations, bytes) = insert(Admission::new()).index_size();
    let (changes, each) = (changes.len(), bytes as f64 / operations as f64);
    println!("{changes} changes, {operations} operations: {each:.1} bytes of index each");
}

criterion_group!(benches, admission);
criterion_main!(benches);
