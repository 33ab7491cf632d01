//! One writer, many readers of one document.
//!
//! A delivery is one change that one reader has read and checked. It is late by the time from the
//! write that carried it to the end of the read that brought it.

use crate::Outcome;
use crate::chain::Work;
use crate::crowd::Crowd;
use crate::histogram::Histogram;
use crate::server::{Kind, Running, machine_cpu, own_cpu};
use crate::talk::Role;
use std::collections::VecDeque;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Left out of the numbers: just-in-time compilers, caches and windows settle.
const WARM_UP: Duration = Duration::from_millis(700);
/// How long everybody may take to get what was sent.
const DRAIN: Duration = Duration::from_secs(20);
const JOIN: Duration = Duration::from_secs(60);
/// How long a server may be busy with a history that it has just been given.
const CALM_MAX: Duration = Duration::from_secs(180);
/// Of a core, what a server that has nothing to do may take.
const CALM_CORES: f64 = 0.05;
/// For so many seconds in a row.
const CALM_SECONDS: usize = 3;

/// How the writer goes on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// As soon as fewer changes than the window are on their way to the slowest reader.
    Window(usize),
    /// So many changes a second, whatever happens.
    PerSecond(u32),
}

/// What to measure.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub kind: Kind,
    /// The writer included.
    pub clients: usize,
    /// Of the readers, how many never read.
    pub stuck: usize,
    /// How many changes the document has had.
    pub history: usize,
    pub pace: Pace,
    pub length: Duration,
}

/// What was measured.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    pub changes_per_second: f64,
    pub deliveries_per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub server_cores: f64,
    pub generator_cores: f64,
    /// What else ran on the machine.
    pub foreign_cores: f64,
    pub rss_before_mb: f64,
    pub rss_mb: f64,
    pub join_seconds: f64,
}

/// The processor time of everybody at one moment.
struct Clocks {
    at: Instant,
    server: Duration,
    own: Duration,
    machine: Duration,
}

impl Clocks {
    fn read(server: &Running) -> Outcome<Self> {
        let (own, machine) = (own_cpu()?, machine_cpu()?);
        Ok(Self { at: Instant::now(), server: server.cpu()?, own, machine })
    }
}

/// How far everybody is.
struct Progress {
    /// When each change was sent, from `first` on.
    sent: VecDeque<Instant>,
    /// How many readers have each of them.
    reached: VecDeque<usize>,
    /// The position after which `sent` begins: all readers are at least here.
    done: usize,
    readers: usize,
    latencies: Histogram,
    is_measuring: bool,
}

impl Progress {
    fn moved(&mut self, before: usize, after: usize, now: Instant) {
        for position in before..after {
            let Some(index) = position.checked_sub(self.done) else { continue };
            let Some(reached) = self.reached.get_mut(index) else { continue };
            *reached += 1;
            if let Some(sent) = self.sent.get(index).filter(|_| self.is_measuring) {
                self.latencies.add(now.saturating_duration_since(*sent), 1);
            }
        }
        while self.reached.front() == Some(&self.readers) {
            self.reached.pop_front();
            self.sent.pop_front();
            self.done += 1;
        }
    }
}

/// Starts a server, loads it, and stops it.
pub fn run(load: &Load, work: &Rc<Work>, directory: &Path) -> Outcome<Measured> {
    let data = tempfile::tempdir_in(directory)?;
    let server = Running::start(load.kind, (load.kind == Kind::Ours).then(|| data.path()))?;
    let mut crowd = Crowd::new()?;
    let joined = join(&mut crowd, &server, work, load)?;
    let mut measured = drive(&mut crowd, &server, work, load)?;
    measured.join_seconds = joined.as_secs_f64();
    Ok(measured)
}

fn join(crowd: &mut Crowd, server: &Running, work: &Rc<Work>, load: &Load) -> Outcome<Duration> {
    let from = load.history + 1;
    let writer = crowd.join(server, work, 1, Role::Writer { from })?;
    crowd.until(JOIN, writer..writer + 1, |writer| writer.talk.is_ready())?;
    if load.history > 0 {
        calm(crowd, server)?;
    }
    let start = Instant::now();
    for _ in 1..load.clients {
        crowd.join(server, work, 1, Role::Reader { from })?;
    }
    crowd.until(JOIN, 1..load.clients, |reader| reader.talk.is_ready())?;
    let took = start.elapsed();
    // A broadcast does not say when it has everybody; the others' first words may go on.
    let settled = Instant::now() + Duration::from_millis(300);
    while Instant::now() < settled {
        crowd.turn(Duration::from_millis(20), |_, _, _, _| {})?;
    }
    for reader in load.clients - load.stuck..load.clients {
        crowd.session(reader)?.is_stuck = true;
    }
    Ok(took)
}

/// Waits until the server has done what a history that was uploaded a moment ago gives it to do: ours
/// compacts it and checks it in full, and a core is busy with that for many seconds.
///
/// Only its processor time says so for every kind of server alike. Ours begins a check at once when
/// one is due, and compacts two seconds after the last change, so the third quiet second is one after
/// both. After a check it rests nine times as long as that took: to wait until nothing at all is due
/// would take minutes, and a server that has run for long may always have something due.
fn calm(crowd: &mut Crowd, server: &Running) -> Outcome<()> {
    let give_up = Instant::now() + CALM_MAX;
    let mut seconds = 0;
    while seconds < CALM_SECONDS {
        let (begun, cpu) = (Instant::now(), server.cpu()?);
        if begun > give_up {
            let kind = server.kind.title();
            return Err(format!("{kind} is still busy with the history after {CALM_MAX:?}").into());
        }
        while begun.elapsed() < Duration::from_secs(1) {
            crowd.turn(Duration::from_millis(20), |_, _, _, _| {})?;
        }
        let took = server.cpu()?.saturating_sub(cpu);
        let is_calm = took.as_secs_f64() < CALM_CORES * begun.elapsed().as_secs_f64();
        seconds = if is_calm { seconds + 1 } else { 0 };
    }
    Ok(())
}

fn drive(crowd: &mut Crowd, server: &Running, work: &Rc<Work>, load: &Load) -> Outcome<Measured> {
    let from = load.history + 1;
    let frames = crowd.session(0)?.talk.frames(from..work.automerge.len())?;
    let mut progress = Progress {
        sent: VecDeque::new(),
        reached: VecDeque::new(),
        done: from,
        readers: load.clients - 1 - load.stuck,
        latencies: Histogram::default(),
        is_measuring: false,
    };
    let rss_before_mb = server.rss_kb()? / 1024.0;
    let start = Instant::now();
    let mut sent = 0;
    let mut begin = None;
    let mut end = None;
    while end.is_none() {
        let now = Instant::now();
        let ran_out = sent == frames.len();
        if begin.is_none() && (now >= start + WARM_UP || sent > frames.len() / 4) {
            begin = Some((Clocks::read(server)?, progress.done));
            progress.is_measuring = true;
        }
        let wait = match &begin {
            Some((begun, _)) if now >= begun.at + load.length || ran_out => {
                end = Some((Clocks::read(server)?, progress.done));
                // At a pace, what comes late must not be left out because it is late.
                progress.is_measuring = matches!(load.pace, Pace::PerSecond(_));
                break;
            }
            _ => {
                let (due, wait) = due(load.pace, start, now, from + sent - progress.done);
                let due = due.saturating_sub(match load.pace {
                    Pace::Window(_) => 0,
                    Pace::PerSecond(_) => sent,
                });
                let due = due.min(frames.len() - sent);
                let writer = crowd.session(0)?;
                if load.kind.sends_batches() && due > 0 {
                    let batch = writer.talk.batch(from + sent..from + sent + due)?;
                    writer.socket.outgoing().extend(batch);
                } else {
                    (sent..sent + due).for_each(|index| {
                        writer.socket.outgoing().extend_from_slice(frames.get(index));
                    });
                }
                for _ in 0..due {
                    progress.sent.push_back(now);
                    progress.reached.push_back(0);
                    sent += 1;
                }
                crowd.session(0)?.socket.flush()?;
                wait
            }
        };
        crowd.turn(wait, |client, before, after, now| {
            if client > 0 {
                progress.moved(before, after, now);
            }
        })?;
    }
    let rss_mb = server.rss_kb()? / 1024.0;
    drain(crowd, load, from + sent, &mut progress)?;
    let (Some((begin, done_at_begin)), Some((end, done_at_end))) = (begin, end) else {
        return Err("nothing was measured".into());
    };
    let seconds = (end.at - begin.at).as_secs_f64();
    let cores = |later: Duration, earlier| later.saturating_sub(earlier).as_secs_f64() / seconds;
    let (server_cores, generator_cores) =
        (cores(end.server, begin.server), cores(end.own, begin.own));
    let changes_per_second = (done_at_end - done_at_begin) as f64 / seconds;
    Ok(Measured {
        changes_per_second,
        deliveries_per_second: changes_per_second * progress.readers as f64,
        p50_ms: progress.latencies.quantile_ms(0.5),
        p99_ms: progress.latencies.quantile_ms(0.99),
        server_cores,
        generator_cores,
        foreign_cores: cores(end.machine, begin.machine) - server_cores - generator_cores,
        rss_before_mb,
        rss_mb,
        join_seconds: 0.0,
    })
}

/// How many changes to send now (at a pace: should have been sent by now), and how long to wait
/// for sockets afterwards.
fn due(pace: Pace, start: Instant, now: Instant, on_their_way: usize) -> (usize, Duration) {
    match pace {
        Pace::Window(window) => (window.saturating_sub(on_their_way), Duration::from_millis(50)),
        Pace::PerSecond(rate) => {
            let elapsed = (now - start).as_secs_f64();
            let due = (elapsed * f64::from(rate)) as usize + 1;
            let next = due as f64 / f64::from(rate) - elapsed;
            (due, Duration::from_secs_f64(next.clamp(0.0, 0.05)))
        }
    }
}

/// Every reader must get every change.
fn drain(crowd: &mut Crowd, load: &Load, last: usize, progress: &mut Progress) -> Outcome<()> {
    let give_up = Instant::now() + DRAIN;
    while progress.done < last {
        if Instant::now() > give_up {
            let lost = last - progress.done;
            return Err(format!("the slowest reader still lacks {lost} changes").into());
        }
        crowd.turn(Duration::from_millis(20), |client, before, after, now| {
            if client > 0 {
                progress.moved(before, after, now);
            }
        })?;
    }
    let readers = crowd.sessions().get(1..load.clients - load.stuck).unwrap_or_default();
    match readers.iter().all(|reader| reader.talk.position() == last) {
        true => Ok(()),
        false => Err("a reader has more or less than was sent".into()),
    }
}
