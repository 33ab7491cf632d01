//! What "saved" costs: from an edit to the relay's acknowledgement, which says that the disk has it.

use crate::Outcome;
use crate::chain::Work;
use crate::crowd::{Crowd, Frames};
use crate::histogram::Histogram;
use crate::server::{Kind, Running};
use crate::talk::Role;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// As long as the frame of one change.
const RECORD_BYTES: usize = 350;
const RECORDS: usize = 500;
const JOIN: Duration = Duration::from_secs(30);
/// More than one writer gets through in a measurement.
const FRAMES_MAX: usize = 20_000;

/// How often something happened, and how long it took.
pub struct Rate {
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub server_cores: f64,
}

impl Rate {
    fn of(times: &Histogram, seconds: f64, server: Duration) -> Self {
        Self {
            per_second: times.len() as f64 / seconds,
            p50_ms: times.quantile_ms(0.5),
            p99_ms: times.quantile_ms(0.99),
            server_cores: server.as_secs_f64() / seconds,
        }
    }
}

/// The least that it could cost: a record appended and flushed, on the same file system.
pub fn bare_disk(directory: &Path) -> Outcome<Rate> {
    let path = tempfile::NamedTempFile::new_in(directory)?;
    let mut file = File::options().append(true).open(path.path())?;
    let mut times = Histogram::default();
    let start = Instant::now();
    for _ in 0..RECORDS {
        let begun = Instant::now();
        file.write_all(&[0x5a; RECORD_BYTES])?;
        file.sync_data()?;
        times.add(begun.elapsed(), 1);
    }
    Ok(Rate::of(&times, start.elapsed().as_secs_f64(), Duration::ZERO))
}

/// So many writers, each on a document of its own, each waiting for its acknowledgement before it
/// goes on.
pub fn acknowledged(
    writers: usize,
    length: Duration,
    work: &Rc<Work>,
    directory: &Path,
) -> Outcome<Rate> {
    let data = tempfile::tempdir_in(directory)?;
    let server = Running::start(Kind::Ours, Some(data.path()))?;
    let mut crowd = Crowd::new()?;
    for document in 0..writers {
        crowd.join(&server, work, document as u64, Role::Writer { from: 1 })?;
    }
    crowd.until(JOIN, 0..writers, |writer| writer.talk.is_ready())?;
    let most = work.automerge.len().min(FRAMES_MAX * 2 / (writers + 1) + 1000);
    let frames: Vec<Frames> = crowd
        .sessions()
        .iter()
        .map(|writer| writer.talk.frames(1..most))
        .collect::<Outcome<_>>()?;
    let mut times = Histogram::default();
    let mut sent = vec![Instant::now(); writers];
    let mut next: Vec<(usize, usize)> = (0..writers).map(|writer| (writer, 1)).collect();
    let (start, cpu) = (Instant::now(), server.cpu()?);
    while start.elapsed() < length {
        for (writer, position) in next.drain(..) {
            let frame = frames.get(writer).map(|frames| frames.get(position - 1));
            let frame = frame.filter(|frame| !frame.is_empty()).ok_or("changes have run out")?;
            sent.get_mut(writer).into_iter().for_each(|sent| *sent = Instant::now());
            let socket = &mut crowd.session(writer)?.socket;
            socket.outgoing().extend_from_slice(frame);
            socket.flush()?;
        }
        crowd.turn(Duration::from_millis(50), |writer, _, after, now| {
            times.add(sent.get(writer).map_or(Duration::ZERO, |sent| now - *sent), 1);
            next.push((writer, after));
        })?;
    }
    Ok(Rate::of(&times, start.elapsed().as_secs_f64(), server.cpu()? - cpu))
}
