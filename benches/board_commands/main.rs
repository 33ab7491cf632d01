//! What a board costs beside raw Automerge doing the same writes, reads and loads.
//!
//! Every group has two rows, `board` and `raw automerge`; the ratio between them is the figure of
//! interest. `benches/README.md` explains the boards and keeps the numbers.

mod raw;
mod reference;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use kanban_core::{Board, CardId, Change, ChangeHash, ColumnId, Command, Slot, SortBy};
use raw::RawBoard;
use reference::{LARGE, LARGE_PLAIN, NOW, Reference, SMALL, replica};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// After so many steps a copy starts again from the reference board, so that both sides measure
/// the same history however often criterion runs them.
const STEPS_PER_COPY: u64 = 2_000;

/// Times `step` on copies of a board; making the copies is not timed, nor is each copy's first step:
/// an actor's first change costs Automerge milliseconds, once.
fn timed<B>(copy: impl Fn() -> B, iterations: u64, mut step: impl FnMut(&mut B, u64)) -> Duration {
    let mut total = Duration::ZERO;
    let mut done = 0;
    while done < iterations {
        let mut board = copy();
        let steps = STEPS_PER_COPY.min(iterations - done);
        step(&mut board, 0);
        let begin = Instant::now();
        for number in 1..=steps {
            step(&mut board, number);
        }
        total += begin.elapsed();
        done += steps;
    }
    total
}

/// One row for our board and one for raw Automerge, on the same reference board.
fn side_by_side(
    group: &mut BenchmarkGroup<'_, WallTime>,
    reference: &Reference,
    mut ours: impl FnMut(&mut Board, u64),
    mut raw: impl FnMut(&mut RawBoard, u64),
) {
    let raw_start = RawBoard::load(&reference.bytes);
    group.bench_function(format!("{}/board", reference.name), |bencher| {
        bencher.iter_custom(|n| timed(|| reference.board.fork(replica(4)), n, &mut ours));
    });
    group.bench_function(format!("{}/raw automerge", reference.name), |bencher| {
        bencher.iter_custom(|n| timed(|| raw_start.clone(), n, &mut raw));
    });
}

/// The n-th card and a column to move it to.
fn drag(reference: &Reference, number: u64) -> (CardId, ColumnId) {
    let card = reference.card(number * 7);
    (card, reference.column(number * 3 + 1))
}

fn local_commands(criterion: &mut Criterion) {
    for reference in [Reference::build(&SMALL), Reference::build(&LARGE)] {
        let mut group = criterion.benchmark_group("move");
        side_by_side(
            &mut group,
            &reference,
            |board, n| {
                let (card, column) = drag(&reference, n);
                let command = Command::MoveCard { card, column, to: Slot::Last };
                black_box(board.apply(&command, NOW).expect("moves"));
            },
            |raw, n| {
                let (card, column) = drag(&reference, n);
                raw.put(&card, "pos", &format!("W2{column}/{}.k3QzV", reference::base62(n)));
            },
        );
        group.finish();

        let mut group = criterion.benchmark_group("edit");
        side_by_side(
            &mut group,
            &reference,
            |board, n| {
                let card = reference.card(n * 7);
                let command = Command::RenameCard { card, title: reference::title(n) };
                black_box(board.apply(&command, NOW).expect("renames"));
            },
            |raw, n| raw.rename(&reference.card(n * 7), &reference::title(n), n + 1),
        );
        group.finish();

        let mut group = criterion.benchmark_group("create");
        side_by_side(
            &mut group,
            &reference,
            |board, n| {
                let command = Command::CreateCard {
                    card: reference::card_id(1_000_000 + n),
                    column: reference.column(n),
                    at: Slot::Last,
                    title: reference::title(n),
                    description: String::new(),
                };
                black_box(board.apply(&command, NOW).expect("creates"));
            },
            |raw, n| {
                let place = format!("V2{}/{}.k3QzV", reference.column(n), reference::base62(n));
                raw.create(&reference::card_id(1_000_000 + n), &place, &reference::title(n));
            },
        );
        group.finish();

        let mut group = criterion.benchmark_group("sort a column");
        side_by_side(
            &mut group,
            &reference,
            |board, n| {
                let by = if n % 2 == 0 { SortBy::Title } else { SortBy::TitleDescending };
                let command = Command::SortCards { column: reference.column(0), by };
                black_box(board.apply(&command, NOW).expect("sorts"));
            },
            |raw, n| {
                let cards = reference.cards_in_first_column.iter();
                let places = cards.enumerate().map(|(place, card)| {
                    let (key, column) = (reference::base62(place as u64), reference.column(0));
                    let base = format!("V2{column}/{key}.k3QzV");
                    (card, format!("{base}|Vabcdefgh/{column}/W.k3Qz{n}x{key}"))
                });
                raw.put_all("ord", places);
            },
        );
        group.finish();
    }
}

/// The moves that another replica makes, one change each.
fn remote_moves(reference: &Reference) -> (Vec<ChangeHash>, Vec<Change>) {
    let mut other = Board::open(&reference.bytes, replica(9)).expect("opens");
    let heads = other.heads();
    for number in 0..=STEPS_PER_COPY {
        let (card, column) = drag(reference, number);
        let command = Command::MoveCard { card, column, to: Slot::Last };
        other.apply(&command, NOW).expect("moves");
    }
    let changes = other.changes_since(&heads);
    (heads, changes)
}

fn remote_changes(criterion: &mut Criterion) {
    for reference in [Reference::build(&SMALL), Reference::build(&LARGE)] {
        let (_, changes) = remote_moves(&reference);
        let change = |n: u64| changes.get(n as usize % changes.len()).cloned();
        let mut group = criterion.benchmark_group("remote change");
        side_by_side(
            &mut group,
            &reference,
            |board, n| {
                black_box(board.receive(change(n)).expect("merges"));
            },
            |raw, n| raw.apply(change(n)),
        );
        group.finish();
    }
}

fn whole_boards(criterion: &mut Criterion) {
    for size in [&SMALL, &LARGE, &LARGE_PLAIN] {
        let reference = Reference::build(size);
        let mut group = criterion.benchmark_group("open");
        group.bench_function(format!("{}/board", reference.name), |bencher| {
            bencher.iter_with_large_drop(|| Board::open(&reference.bytes, replica(1)));
        });
        group.bench_function(format!("{}/board with first view", reference.name), |bencher| {
            bencher.iter_with_large_drop(|| {
                let board = Board::open(&reference.bytes, replica(1)).expect("opens");
                (board.view(), board)
            });
        });
        group.bench_function(format!("{}/raw automerge", reference.name), |bencher| {
            bencher.iter_with_large_drop(|| RawBoard::load(&reference.bytes));
        });
        group.bench_function(format!("{}/raw automerge, read once", reference.name), |bencher| {
            bencher.iter_with_large_drop(|| {
                let raw = RawBoard::load(&reference.bytes);
                (raw.read_once(), raw)
            });
        });
        group.finish();

        let mut group = criterion.benchmark_group("import");
        group.sample_size(10);
        group.bench_function(format!("{}/board", reference.name), |bencher| {
            bencher.iter_with_large_drop(|| reference.import());
        });
        group.bench_function(format!("{}/raw automerge", reference.name), |bencher| {
            bencher.iter_with_large_drop(|| RawBoard::import(&reference.draft));
        });
        group.finish();
    }
}

/// Bytes are not timed, so they are printed.
fn print_sizes(_: &mut Criterion) {
    for size in [&SMALL, &LARGE, &LARGE_PLAIN] {
        let mut board = Reference::build(size).board;
        let (heads, before) = (board.heads(), board.save().len());
        let reference = Reference::build(size);
        let moves = 10_000;
        for number in 0..moves {
            let (card, column) = drag(&reference, number);
            let command = Command::MoveCard { card, column, to: Slot::Last };
            board.apply(&command, NOW).expect("moves");
        }
        let live: usize = board.changes_since(&heads).iter().map(|c| c.raw_bytes().len()).sum();
        let grown = board.save().len() - before;
        println!(
            "sizes/{}: {before} bytes saved; 10,000 more moves: {:.1} bytes each in save, {:.1} live",
            size.name,
            grown as f64 / moves as f64,
            live as f64 / moves as f64,
        );
    }
}

/// Long enough for ratios that repeat, short enough to be run before and after every change.
fn quick() -> Criterion {
    let quick = Criterion::default().sample_size(30);
    quick.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3))
}

criterion_group! {
    name = benches;
    config = quick();
    targets = print_sizes, local_commands, remote_changes, whole_boards
}
criterion_main!(benches);
