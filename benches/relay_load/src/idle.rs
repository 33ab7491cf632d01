//! What a connection with its document costs when nothing happens.

use crate::Outcome;
use crate::chain::Work;
use crate::crowd::Crowd;
use crate::server::{Kind, Running};
use crate::talk::Role;
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Whoever needs longer is not measured.
const PATIENCE: Duration = Duration::from_secs(60);
const SETTLE: Duration = Duration::from_secs(2);
/// So many come first and are not counted: a server that has only just started reads its own code from
/// the disk for them, and sets aside memory for its threads and its store, which is the same for any
/// number of connections.
const EARLY: usize = 100;

/// What was measured.
pub struct Idle {
    pub started_mb: f64,
    pub before_mb: f64,
    pub after_mb: f64,
    pub kb_each: f64,
    pub seconds: f64,
}

/// Connects so many clients, each of which brings a small board of its own.
pub fn run(kind: Kind, clients: usize, work: &Rc<Work>, directory: &Path) -> Outcome<Idle> {
    let data = tempfile::tempdir_in(directory)?;
    let server = Running::start(kind, (kind == Kind::Ours).then(|| data.path()))?;
    let started = server.rss_kb()?;
    let mut crowd = Crowd::new()?;
    join(&mut crowd, &server, work, 0..EARLY)?;
    let before = server.rss_kb()?;
    let seconds = join(&mut crowd, &server, work, EARLY..EARLY + clients)?;
    let after = server.rss_kb()?;
    Ok(Idle {
        started_mb: started / 1024.0,
        before_mb: before / 1024.0,
        after_mb: after / 1024.0,
        kb_each: (after - before) / clients as f64,
        seconds,
    })
}

/// Connects these, waits until they are done and the server has settled, and tells how long they took.
fn join(
    crowd: &mut Crowd,
    server: &Running,
    work: &Rc<Work>,
    clients: Range<usize>,
) -> Outcome<f64> {
    let start = Instant::now();
    for client in clients.clone() {
        crowd.join(server, work, client as u64, Role::Writer { from: 1 })?;
        // Who listens to nobody while others connect would not answer in time.
        crowd.turn(Duration::ZERO, |_, _, _, _| {})?;
        if start.elapsed() > PATIENCE {
            return Err(format!("{client} connections took longer than {PATIENCE:?}").into());
        }
    }
    crowd.until(PATIENCE, clients, |client| client.talk.is_ready())?;
    let seconds = start.elapsed().as_secs_f64();
    let settled = Instant::now() + SETTLE;
    while Instant::now() < settled {
        crowd.turn(Duration::from_millis(50), |_, _, _, _| {})?;
    }
    Ok(seconds)
}
