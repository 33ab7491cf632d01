//! Prints how much memory writing a whole board takes at its peak, beside what stays.
//!
//! Fails if ours takes more than three times what stays: a browser tab that holds a board must be
//! able to import it too.

use automerge::Automerge;
use kanban_side_by_side::{
    Contender, Draft, LARGE, LARGE_PLAIN, LoroBoard, OurBoard, SMALL, Size, YrsBoard,
};
use peak_alloc::PeakAlloc;
use std::process::ExitCode;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const TIMES_MAX: f64 = 3.0;

/// Bytes, without what stood there before.
struct Taken {
    stays: usize,
    peak: usize,
    saved: usize,
}

fn main() -> ExitCode {
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let mut worst: f64 = 0.0;
    println!("| | board | saved | in memory | peak | peak / in memory |");
    println!("|---|---|---|---|---|---|");
    for size in [&SMALL, &LARGE_PLAIN, &LARGE] {
        let draft = OurBoard::draft(&Draft::of(size));
        let taken = taken_by(|| OurBoard::write(&draft), |board| board.save().len());
        worst = worst.max(print_row("import, kanban-core", size, &taken));
        print_open::<OurBoard>(size);
        // What of it is Automerge's; the rest is the read model.
        let bytes = OurBoard::write(&draft).save();
        let load = || Automerge::load(&bytes).expect("loads");
        print_row("open, its document alone", size, &taken_by(load, |_| bytes.len()));
    }
    // Their boards leave descriptions out.
    for size in [&SMALL, &LARGE_PLAIN] {
        print_import::<LoroBoard>(size);
        print_open::<LoroBoard>(size);
        print_import::<YrsBoard>(size);
        print_open::<YrsBoard>(size);
    }
    if worst > TIMES_MAX {
        eprintln!("importing took {worst:.2} times what stays; at most {TIMES_MAX} is promised");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// With the names that the workload needs, 24 bytes a card or less.
fn print_import<C: Contender>(size: &Size) {
    let draft = Draft::of(size);
    let taken = taken_by(|| C::import(&draft), |board| board.save().len());
    print_row(&format!("import, {}", C::NAME), size, &taken);
}

/// Drawn once, which is when Loro decodes what it opened; the drawing itself is gone again.
fn print_open<C: Contender>(size: &Size) {
    let written = C::import(&Draft::of(size));
    let (bytes, names) = (written.save(), written.names().clone());
    drop(written);
    let open = || {
        let board = C::open(&bytes, 4, &names);
        drop(board.draw());
        board
    };
    print_row(&format!("open, {}", C::NAME), size, &taken_by(open, |_| bytes.len()));
}

fn taken_by<B>(make: impl FnOnce() -> B, save: impl FnOnce(&B) -> usize) -> Taken {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let board = make();
    let stays = MEMORY.current_usage() - before;
    let peak = MEMORY.peak_usage() - before;
    Taken { stays, peak, saved: save(&board) }
}

fn print_row(who: &str, size: &Size, taken: &Taken) -> f64 {
    let times = taken.peak as f64 / taken.stays as f64;
    println!(
        "| {who} | {} | {:.2} MB | {:.1} MB | {:.1} MB | {times:.2} |",
        size.name,
        taken.saved as f64 / 1e6,
        taken.stays as f64 / 1e6,
        taken.peak as f64 / 1e6,
    );
    times
}
