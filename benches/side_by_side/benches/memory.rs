//! Prints how much memory writing a whole board takes at its peak, beside what stays.
//!
//! Fails if ours takes more than three times what stays: a browser tab that holds a board must be
//! able to import it too.

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
    println!("| import | saved | in memory | peak | peak / in memory |");
    println!("|---|---|---|---|---|");
    for size in [&SMALL, &LARGE_PLAIN, &LARGE] {
        let draft = OurBoard::draft(&Draft::of(size));
        let taken = taken_by(|| OurBoard::write(&draft), |board| board.save().len());
        worst = worst.max(print_row("kanban-core", size, &taken));
    }
    print_contender::<LoroBoard>();
    print_contender::<YrsBoard>();
    if worst > TIMES_MAX {
        eprintln!("importing took {worst:.2} times what stays; at most {TIMES_MAX} is promised");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Without descriptions, which their boards leave out; with the names that the workload needs.
fn print_contender<C: Contender>() {
    for size in [&SMALL, &LARGE_PLAIN] {
        let draft = Draft::of(size);
        let taken = taken_by(|| C::import(&draft), |board| board.save().len());
        print_row(C::NAME, size, &taken);
    }
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
        "| {who}, {} | {:.2} MB | {:.1} MB | {:.1} MB | {times:.2} |",
        size.name,
        taken.saved as f64 / 1e6,
        taken.stays as f64 / 1e6,
        taken.peak as f64 / 1e6,
    );
    times
}
