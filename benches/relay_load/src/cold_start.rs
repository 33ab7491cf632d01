//! Opening a large board from a relay that has just been started.

use crate::Outcome;
use crate::chain::Work;
use crate::crowd::Crowd;
use crate::histogram::Histogram;
use crate::server::{Kind, Running};
use crate::talk::Role;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

const BOARD: u64 = 1;
/// The document of the two who must not notice that others open the board.
const THEIRS: u64 = 2;
const PATIENCE: Duration = Duration::from_secs(120);
/// Hocuspocus stores two seconds after the last change, or when the last client has gone.
const STORED_AFTER: Duration = Duration::from_secs(4);
/// The two edit at this pace.
const EDIT_EVERY: Duration = Duration::from_millis(50);
/// They edit in peace for so long, to compare with.
const PEACE: Duration = Duration::from_secs(2);

/// What was measured.
#[derive(Default)]
pub struct Opening {
    pub first_ms: f64,
    pub again_ms: f64,
    pub kilobytes: f64,
    pub all_seconds: f64,
    pub peace_p99_ms: f64,
    pub crowd_p99_ms: f64,
    pub before_mb: f64,
    pub peak_mb: f64,
}

/// Lets a server store the board as it is at `position`, starts it again and opens the board: one
/// client, a second one, and after another start `clients` at once.
pub fn run(
    kind: Kind,
    position: usize,
    clients: usize,
    work: &Rc<Work>,
    directory: &Path,
) -> Outcome<Opening> {
    let data = tempfile::tempdir_in(directory)?;
    store(kind, position, work, data.path())?;
    let mut opening = Opening::default();
    {
        let server = Running::start(kind, Some(data.path()))?;
        let mut crowd = Crowd::new()?;
        (opening.first_ms, opening.kilobytes) = open(&mut crowd, &server, position, work)?;
        (opening.again_ms, _) = open(&mut crowd, &server, position, work)?;
        drop(crowd);
        server.stop()?;
    }
    let server = Running::start(kind, Some(data.path()))?;
    rush(&mut opening, &server, position, clients, work)?;
    Ok(opening)
}

fn store(kind: Kind, position: usize, work: &Rc<Work>, data: &Path) -> Outcome<()> {
    let server = Running::start(kind, Some(data))?;
    let mut crowd = Crowd::new()?;
    let writer = crowd.join(&server, work, BOARD, Role::Writer { from: position })?;
    crowd.until(PATIENCE, writer..writer + 1, |writer| writer.talk.is_ready())?;
    drop(crowd);
    std::thread::sleep(STORED_AFTER);
    server.stop()
}

fn open(
    crowd: &mut Crowd,
    server: &Running,
    position: usize,
    work: &Rc<Work>,
) -> Outcome<(f64, f64)> {
    let client = crowd.join(server, work, BOARD, Role::Opener)?;
    crowd.until(PATIENCE, client..client + 1, |client| client.talk.has_joined())?;
    let start = Instant::now();
    ask(crowd, client)?;
    crowd.until(PATIENCE, client..client + 1, |client| client.talk.position() == position)?;
    let took = start.elapsed().as_secs_f64() * 1e3;
    Ok((took, crowd.session(client)?.socket.bytes_read as f64 / 1e3))
}

fn ask(crowd: &mut Crowd, client: usize) -> Outcome<()> {
    let session = crowd.session(client)?;
    session.talk.ask(session.socket.outgoing());
    session.socket.flush()
}

/// Two people who edit another document, one writing and one reading.
struct Pair {
    writer: usize,
    reader: usize,
    from: usize,
    sent: Vec<Instant>,
    latencies: Histogram,
}

impl Pair {
    fn join(crowd: &mut Crowd, server: &Running, from: usize, work: &Rc<Work>) -> Outcome<Self> {
        let writer = crowd.join(server, work, THEIRS, Role::Writer { from })?;
        crowd.until(PATIENCE, writer..writer + 1, |writer| writer.talk.is_ready())?;
        let reader = crowd.join(server, work, THEIRS, Role::Reader { from })?;
        crowd.until(PATIENCE, reader..reader + 1, |reader| reader.talk.is_ready())?;
        Ok(Self { writer, reader, from, sent: Vec::new(), latencies: Histogram::default() })
    }

    /// They go on until `done`, or for so long.
    fn edit(
        &mut self,
        crowd: &mut Crowd,
        longest: Duration,
        done: impl Fn(&Crowd) -> bool,
    ) -> Outcome<Histogram> {
        self.latencies = Histogram::default();
        let start = Instant::now();
        let mut next = start;
        while start.elapsed() < longest && !done(crowd) {
            if Instant::now() >= next {
                let position = self.from + self.sent.len();
                let writer = crowd.session(self.writer)?;
                let frame = writer.talk.batch(position..position + 1)?;
                writer.socket.outgoing().extend(frame);
                writer.socket.flush()?;
                self.sent.push(Instant::now());
                next += EDIT_EVERY;
            }
            self.turn(crowd, next.saturating_duration_since(Instant::now()))?;
        }
        // What is late counts too.
        let last = self.from + self.sent.len();
        let start = Instant::now();
        while crowd.session(self.reader)?.talk.position() < last && start.elapsed() < PATIENCE {
            self.turn(crowd, Duration::from_millis(20))?;
        }
        Ok(std::mem::take(&mut self.latencies))
    }

    fn turn(&mut self, crowd: &mut Crowd, wait: Duration) -> Outcome<()> {
        let Self { reader, from, sent, latencies, .. } = self;
        crowd.turn(wait, |client, before, after, now| {
            if client == *reader {
                for sent in sent.get(before - *from..after - *from).unwrap_or_default() {
                    latencies.add(now - *sent, 1);
                }
            }
        })
    }
}

fn rush(
    opening: &mut Opening,
    server: &Running,
    position: usize,
    clients: usize,
    work: &Rc<Work>,
) -> Outcome<()> {
    let mut crowd = Crowd::new()?;
    let mut pair = Pair::join(&mut crowd, server, position, work)?;
    let mut openers = Vec::new();
    for _ in 0..clients {
        openers.push(crowd.join(server, work, BOARD, Role::Opener)?);
        crowd.turn(Duration::ZERO, |_, _, _, _| {})?;
    }
    crowd.until(PATIENCE, openers.iter().copied(), |client| client.talk.has_joined())?;
    opening.peace_p99_ms = pair.edit(&mut crowd, PEACE, |_| false)?.quantile_ms(0.99);
    opening.before_mb = server.rss_kb()? / 1024.0;
    let start = Instant::now();
    for opener in &openers {
        ask(&mut crowd, *opener)?;
    }
    let have_all = |crowd: &Crowd| {
        let opened = crowd.sessions().iter().skip(2);
        opened.filter(|session| session.talk.position() < position).count() == 0
    };
    let disturbed = pair.edit(&mut crowd, PATIENCE, have_all)?;
    opening.all_seconds = start.elapsed().as_secs_f64();
    opening.crowd_p99_ms = disturbed.quantile_ms(0.99);
    opening.peak_mb = server.peak_kb()? / 1024.0;
    if !have_all(&crowd) {
        return Err(format!("not everybody had the board after {PATIENCE:?}").into());
    }
    Ok(())
}
