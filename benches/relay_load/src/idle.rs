//! What a connection with its document costs when nothing happens.

use crate::Outcome;
use crate::chain::Work;
use crate::crowd::Crowd;
use crate::server::{Kind, Running};
use crate::talk::Role;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Whoever needs longer is not measured.
const PATIENCE: Duration = Duration::from_secs(60);
const SETTLE: Duration = Duration::from_secs(2);

/// What was measured.
pub struct Idle {
    pub before_mb: f64,
    pub after_mb: f64,
    pub kb_each: f64,
    pub seconds: f64,
}

/// Connects so many clients, each of which brings a small board of its own.
pub fn run(kind: Kind, clients: usize, work: &Rc<Work>, directory: &Path) -> Outcome<Idle> {
    let data = tempfile::tempdir_in(directory)?;
    let server = Running::start(kind, (kind == Kind::Ours).then(|| data.path()))?;
    let before = server.rss_kb()?;
    let mut crowd = Crowd::new()?;
    let start = Instant::now();
    for client in 0..clients {
        crowd.join(&server, work, client as u64, Role::Writer { from: 1 })?;
        // Who listens to nobody while others connect would not answer in time.
        crowd.turn(Duration::ZERO, |_, _, _, _| {})?;
        if start.elapsed() > PATIENCE {
            return Err(format!("{client} connections took longer than {PATIENCE:?}").into());
        }
    }
    crowd.until(PATIENCE, 0..clients, |client| client.talk.is_ready())?;
    let seconds = start.elapsed().as_secs_f64();
    let settled = Instant::now() + SETTLE;
    while Instant::now() < settled {
        crowd.turn(Duration::from_millis(50), |_, _, _, _| {})?;
    }
    let after = server.rss_kb()?;
    let kb_each = (after - before) / clients as f64;
    Ok(Idle { before_mb: before / 1024.0, after_mb: after / 1024.0, kb_each, seconds })
}
