//! Prints the table of `benches/README.md`: one workload, three libraries, medians of rounds in
//! which the three take turns, so that whatever else the machine does meets them alike.
//!
//! Not criterion: it measures one row to its end before the next, and the ratio of two rows is what
//! is wanted here. `ROUNDS` in the environment changes the number of rounds.

use flate2::{Compression, write::DeflateEncoder};
use kanban_side_by_side::{
    Contender, LARGE_PLAIN, LoroBoard, OurBoard, Reference, SMALL, Size, YrsBoard,
};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

/// Steps of one kind on one copy of a board; the row is their mean, so that a rare slow one counts.
const STEPS: usize = 300;

/// What each of two people does apart from the other.
const MOVES_APART: usize = 1_000;

const ROWS: [&str; 8] = [
    "move, and the column read",
    "remote move, and the column read",
    "create a card",
    "merge 1,000 + 1,000 moves",
    "open, and draw",
    "saved board",
    "saved board, deflated",
    "update of one move",
];

fn main() {
    // `cargo test --benches` runs this with other arguments.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(9);
    println!("| {rounds} rounds, medians | board | ours | Loro 1.17.1 | yrs 0.28.1 | spread |");
    println!("|---|---|---|---|---|---|");
    for size in [&SMALL, &LARGE_PLAIN] {
        print_rows(size, rounds);
    }
}

fn print_rows(size: &Size, rounds: usize) {
    let (ours, loro, yrs) = (Lane::build(size), Lane::build(size), Lane::build(size));
    let mut results: [Results; 3] = Default::default();
    for _ in 0..rounds {
        let [to_us, to_loro, to_yrs] = &mut results;
        Lane::<OurBoard>::round(&ours, to_us);
        Lane::<LoroBoard>::round(&loro, to_loro);
        Lane::<YrsBoard>::round(&yrs, to_yrs);
    }
    for row in ROWS {
        let cells: Vec<Cell> = results.iter_mut().map(|lane| lane.cell(row)).collect();
        let ours = cells.first().expect("three lanes").median;
        let texts = cells.iter().enumerate().map(|(lane, cell)| match lane {
            0 => cell.text(row),
            _ => format!("{} ({:.2})", cell.text(row), ours / cell.median),
        });
        let texts: Vec<String> = texts.collect();
        let spread = cells.iter().map(|cell| cell.spread).fold(0.0, f64::max);
        println!("| {row} | {} | {} | ±{:.0} % |", size.name, texts.join(" | "), spread * 100.0);
    }
}

/// One contender with everything prepared that is not timed.
struct Lane<C: Contender> {
    reference: Reference<C>,
    /// Somebody else's moves, as they arrive one by one.
    arriving: Vec<Vec<Vec<u8>>>,
    bytes_per_move: f64,
    /// A saved board with the moves of one, and what the other sends to it.
    apart: (Vec<u8>, Vec<Vec<u8>>),
}

trait Recording {
    fn record_steps(&mut self) {}
}
impl Recording for OurBoard {}
impl Recording for LoroBoard {}
impl Recording for YrsBoard {
    fn record_steps(&mut self) {
        self.recording = true;
    }
}

impl<C: Contender + Recording> Lane<C> {
    fn build(size: &Size) -> Self {
        let reference = Reference::<C>::build(size);

        let mut other = reference.open(9);
        other.record_steps();
        let arriving = (0..=STEPS).map(|number| {
            let before = other.version();
            let (card, column) = reference.drag(number);
            other.move_to_end(card, column);
            other.last_step(&before)
        });
        let arriving: Vec<Vec<Vec<u8>>> = arriving.collect();
        let mut seen = reference.open(4);
        arriving.iter().for_each(|update| seen.receive(update));
        assert_eq!(seen.draw(), other.draw(), "what is timed does what it should");
        let bytes = |steps: &[Vec<Vec<u8>>]| steps.iter().flatten().map(Vec::len).sum::<usize>();
        let bytes_per_move = bytes(&arriving) as f64 / arriving.len() as f64;

        let (mut ana, mut ben) = (reference.open(5), reference.open(6));
        let start = ben.version();
        for number in 0..MOVES_APART {
            let (card, column) = reference.drag(number);
            ana.move_to_end(card, column);
            // Cards that Ana moved too: half of these on the large board, all on the small one.
            let (card, column) = reference.drag(number * 2 + 1);
            ben.move_to_end(card, reference.column(column + 1));
        }
        let apart = (ana.save(), ben.since(&start));
        ben.receive(&ana.since(&start));
        ana.receive(&apart.1);
        assert_eq!(ana.draw(), ben.draw(), "what is timed does what it should");
        Self { reference, arriving, bytes_per_move, apart }
    }

    fn round(&self, results: &mut Results) {
        let reference = &self.reference;

        let mut board = reference.open(4);
        results.steps("move, and the column read", |number| {
            let (card, column) = reference.drag(number);
            board.move_to_end(card, column);
            black_box(board.order(column));
        });

        let mut board = reference.open(4);
        results.steps("remote move, and the column read", |number| {
            board.receive(self.arriving.get(number).expect("as many as steps"));
            black_box(board.order(reference.drag(number).1));
        });

        let mut board = reference.open(4);
        results.steps("create a card", |number| {
            let column = reference.column(number);
            board.create(1_000_000 + number as u64, column, "write docs fix login page after");
            black_box(board.order(column));
        });

        let (bytes, update) = &self.apart;
        let mut ana = C::open(bytes, 5, &reference.names);
        drop(ana.draw());
        let columns = reference.names.columns.len();
        results.once("merge 1,000 + 1,000 moves", || {
            ana.receive(update);
            (0..columns).for_each(|column| drop(black_box(ana.order(column))));
        });

        // Dropped outside of the timing.
        let mut opened = None;
        results.once("open, and draw", || {
            let board = C::open(&reference.bytes, 4, &reference.names);
            let drawing = board.draw();
            opened = Some((board, drawing));
        });

        results.add("saved board", reference.bytes.len() as f64);
        results.add("saved board, deflated", deflated(&reference.bytes) as f64);
        results.add("update of one move", self.bytes_per_move);
    }
}

/// Automerge deflates what it saves, yrs does not: whoever stores a board may do so.
fn deflated(bytes: &[u8]) -> usize {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
    deflate.write_all(bytes).expect("memory takes everything");
    deflate.finish().expect("memory takes everything").len()
}

/// Seconds or bytes, by row.
#[derive(Default)]
struct Results(BTreeMap<&'static str, Vec<f64>>);

impl Results {
    fn add(&mut self, row: &'static str, value: f64) {
        self.0.entry(row).or_default().push(value);
    }

    /// The first step is not timed: an actor's first change costs Automerge milliseconds, once.
    fn steps(&mut self, row: &'static str, mut step: impl FnMut(usize)) {
        step(0);
        let begin = Instant::now();
        (1..=STEPS).for_each(&mut step);
        self.add(row, begin.elapsed().as_secs_f64() / STEPS as f64);
    }

    fn once(&mut self, row: &'static str, work: impl FnOnce()) {
        let begin = Instant::now();
        work();
        self.add(row, begin.elapsed().as_secs_f64());
    }

    fn cell(&mut self, row: &str) -> Cell {
        let values = self.0.get_mut(row).expect("every round has every row");
        values.sort_unstable_by(f64::total_cmp);
        let at = |part: f64| {
            let index = (part * (values.len() - 1) as f64).round() as usize;
            values.get(index).copied().expect("within the rounds")
        };
        let median = at(0.5);
        Cell { median, spread: (at(0.75) - at(0.25)) / 2.0 / median }
    }
}

struct Cell {
    median: f64,
    /// Half of the distance between the quartiles, as a part of the median.
    spread: f64,
}

impl Cell {
    fn text(&self, row: &str) -> String {
        match self.median {
            bytes if row.starts_with("saved board") => format!("{:.0} kB", bytes / 1e3),
            bytes if row == "update of one move" => format!("{bytes:.0} B"),
            time if time < 1e-3 => format!("{:.1} µs", time * 1e6),
            time if time < 1e-2 => format!("{:.2} ms", time * 1e3),
            time => format!("{:.1} ms", time * 1e3),
        }
    }
}
