//! What is measured with whom, in which order. Rounds take turns, so that a machine that changes
//! its pace meanwhile changes it for everybody.

use crate::chain::Work;
use crate::durable::{self, Rate};
use crate::fanout::{self, Load, Pace};
use crate::idle::Idle;
use crate::options::{HELP, Options};
use crate::server::{Kind, beside_this_program, pin_generator, prepare};
use crate::table::Table;
use crate::{Outcome, broadcast, cold_start, idle, stored};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Beyond the longest history: the fastest server must not run out of changes.
const LIVE_CHANGES: usize = 150_000;
const CARDS: usize = 1000;
const CARDS_OF_A_LARGE_BOARD: usize = 10_000;
const CARDS_OF_A_SMALL_BOARD: usize = 10;
/// automerge-repo sends ten times a second whatever has come together, so it needs more of it.
const WINDOW_OF_AUTOMERGE_REPO: usize = 500;
const PER_SECOND: u32 = 20;
const WRITERS: usize = 200;
/// One in five.
const STUCK_SHARE: usize = 5;

type Scene = fn(&Options) -> Outcome<()>;

/// Does what was asked for.
pub fn run(options: &Options) -> Outcome<()> {
    if options.command == "serve-broadcast" {
        return broadcast::serve(options.port);
    }
    let known = ["fanout", "durable", "idle", "stored", "cold-start", "stuck", "all"];
    if !known.contains(&options.command.as_str()) {
        return Err(HELP.into());
    }
    let wanted = |name: &str| options.command == name || options.command == "all";
    prepare(&options.kinds)?;
    pin_generator()?;
    let scenes: [(&str, Scene); 6] = [
        ("fanout", fan_out),
        ("durable", keep),
        ("idle", idle),
        ("stored", stored),
        ("cold-start", cold_start),
        ("stuck", stuck),
    ];
    scenes.iter().filter(|(name, _)| wanted(name)).try_for_each(|(_, scene)| scene(options))
}

const FANOUT_COLUMNS: [&str; 10] = [
    "changes/s",
    "deliveries/s",
    "p50 ms",
    "p99 ms",
    "server cores",
    "RSS MB before",
    "RSS MB after",
    "join s",
    "generator cores",
    "foreign cores",
];

fn fan_out(options: &Options) -> Outcome<()> {
    let directory = directory()?;
    let longest = options.histories.iter().max().copied().unwrap_or(0);
    let saved: Vec<usize> = options.histories.iter().map(|history| history + 1).collect();
    let work = Rc::new(Work::make(&directory, CARDS, longest + LIVE_CHANGES, &saved)?);
    for history in &options.histories {
        let (mut closed, mut open) = (Table::new(&FANOUT_COLUMNS), Table::new(&FANOUT_COLUMNS));
        for _ in 0..options.rounds {
            for clients in &options.readers {
                for kind in &options.kinds {
                    let row = format!("{} | {clients} | {history}", kind.title());
                    let load = Load { stuck: 0, ..load(options, *kind, *clients, *history) };
                    closed.add(&row, measure(&load, &work));
                    let (pace, length) = (Pace::PerSecond(PER_SECOND), options.length * 2);
                    open.add(&row, measure(&Load { pace, length, ..load }, &work));
                }
            }
        }
        println!("\nClosed loop, {} changes on their way:", options.window);
        closed.print("server | clients | history");
        println!("{PER_SECOND} changes a second:");
        open.print("server | clients | history");
    }
    Ok(())
}

fn load(options: &Options, kind: Kind, clients: usize, history: usize) -> Load {
    let window = match kind {
        Kind::AutomergeRepo => options.window.max(WINDOW_OF_AUTOMERGE_REPO),
        _ => options.window,
    };
    let (pace, length) = (Pace::Window(window), options.length);
    Load { kind, clients, stuck: 0, history, pace, length }
}

fn measure(load: &Load, work: &Rc<Work>) -> Outcome<Vec<f64>> {
    let measured = fanout::run(load, work, &directory()?)?;
    Ok(vec![
        measured.changes_per_second,
        measured.deliveries_per_second,
        measured.p50_ms,
        measured.p99_ms,
        measured.server_cores,
        measured.rss_before_mb,
        measured.rss_mb,
        measured.join_seconds,
        measured.generator_cores,
        measured.foreign_cores,
    ])
}

fn keep(options: &Options) -> Outcome<()> {
    let directory = directory()?;
    let work = Rc::new(Work::make(&directory, CARDS, LIVE_CHANGES, &[1])?);
    let mut table = Table::new(&["a second", "p50 ms", "p99 ms", "server cores"]);
    let values = |rate: Rate| vec![rate.per_second, rate.p50_ms, rate.p99_ms, rate.server_cores];
    for _ in 0..options.rounds {
        table.add("fdatasync of 350 bytes appended", durable::bare_disk(&directory).map(values));
        for writers in [1, WRITERS] {
            let row = format!("edit to acknowledged, {writers} documents");
            let rate = durable::acknowledged(writers, options.length * 2, &work, &directory);
            table.add(&row, rate.map(values));
        }
    }
    println!("\nDurable:");
    table.print("what");
    Ok(())
}

fn idle(options: &Options) -> Outcome<()> {
    let directory = directory()?;
    let work = Rc::new(Work::make(&directory, CARDS_OF_A_SMALL_BOARD, 0, &[1])?);
    let columns = ["RSS MB started", "RSS MB before", "RSS MB after", "KB each", "join s"];
    let mut table = Table::new(&columns);
    for _ in 0..options.rounds {
        for kind in &options.kinds {
            let measured = idle::run(*kind, options.clients, &work, &directory);
            table.add(
                kind.title(),
                measured.map(|idle| {
                    let Idle { started_mb, before_mb, after_mb, kb_each, seconds } = idle;
                    vec![started_mb, before_mb, after_mb, kb_each, seconds]
                }),
            );
        }
    }
    println!("\n{0} clients with {0} documents, idle:", options.clients);
    table.print("server");
    Ok(())
}

fn stored(options: &Options) -> Outcome<()> {
    let directory = directory()?;
    let mut table = Table::new(&["start ms", "RSS MB", "database MB"]);
    for _ in 0..options.rounds {
        for documents in [0, 1000, 100_000] {
            let stored = stored::run(documents, &directory);
            let values =
                |stored: stored::Stored| vec![stored.start_ms, stored.rss_mb, stored.disk_mb];
            table.add(&format!("{documents}"), stored.map(values));
        }
    }
    println!("\nA relay that starts, with documents that nobody opens:");
    table.print("stored documents");
    Ok(())
}

fn cold_start(options: &Options) -> Outcome<()> {
    let directory = directory()?;
    let mut table = Table::new(&[
        "first ms",
        "again ms",
        "KB",
        "all at once s",
        "others' p99 ms before",
        "others' p99 ms meanwhile",
        "RSS MB before",
        "peak MB",
    ]);
    for history in [0, 10_000] {
        let position = history + 1;
        let changes = history + LIVE_CHANGES / 10;
        let work = Work::make(&directory, CARDS_OF_A_LARGE_BOARD, changes, &[position])?;
        let work = Rc::new(work);
        for _ in 0..options.rounds {
            for kind in options.kinds.iter().filter(|kind| **kind != Kind::Broadcast) {
                let row = format!("{} | {position}", kind.title());
                let opened = cold_start::run(*kind, position, options.clients, &work, &directory);
                table.add(
                    &row,
                    opened.map(|opening| {
                        vec![
                            opening.first_ms,
                            opening.again_ms,
                            opening.kilobytes,
                            opening.all_seconds,
                            opening.peace_p99_ms,
                            opening.crowd_p99_ms,
                            opening.before_mb,
                            opening.peak_mb,
                        ]
                    }),
                );
            }
        }
    }
    println!(
        "\nOpening a board of 10,000 cards after a restart, then {} at once:",
        options.clients
    );
    table.print("server | changes");
    Ok(())
}

fn stuck(options: &Options) -> Outcome<()> {
    let work = Rc::new(Work::make(&directory()?, CARDS, LIVE_CHANGES, &[1])?);
    let mut table = Table::new(&FANOUT_COLUMNS);
    let kinds = options.kinds.iter().filter(|kind| matches!(kind, Kind::Ours | Kind::Broadcast));
    let kinds: Vec<&Kind> = kinds.collect();
    for _ in 0..options.rounds {
        for kind in &kinds {
            for stuck in [0, options.clients / STUCK_SHARE] {
                // Long enough to fill what the system buffers for those who do not read.
                let length = options.length.max(Duration::from_secs(2)) * 5;
                let load = load(options, **kind, options.clients, 0);
                let row = format!("{} | {stuck}", kind.title());
                table.add(&row, measure(&Load { stuck, length, ..load }, &work));
            }
        }
    }
    println!("\nClosed loop, {} clients, some of which never read:", options.clients);
    table.print("server | stuck");
    Ok(())
}

/// Where prepared work and the servers' data are: on the disk that programs are built on, which
/// is a real one, unlike many systems' directory for temporary files.
fn directory() -> Outcome<PathBuf> {
    let directory = beside_this_program("relay_load")?;
    std::fs::create_dir_all(&directory)?;
    Ok(directory)
}
