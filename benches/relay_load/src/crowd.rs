//! Many clients on one thread.

use crate::Outcome;
use crate::chain::Work;
use crate::server::{Kind, Running};
use crate::socket::Socket;
use crate::talk::automerge::AutomergeTalk;
use crate::talk::plain::PlainTalk;
use crate::talk::yjs::YjsTalk;
use crate::talk::{Role, Talk};
use mio::{Events, Interest, Poll, Token};
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::{Duration, Instant};

const BUFFER_BYTES: usize = 1024 * 1024;

/// Frames made in advance, one behind the other.
#[derive(Default)]
pub struct Frames {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Frames {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// All of them.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The bytes of one.
    pub fn get(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).and_then(|last| self.ends.get(last)).copied();
        let end = self.ends.get(index).copied().unwrap_or(0);
        self.bytes.get(start.unwrap_or(0)..end).unwrap_or_default()
    }
}

impl FromIterator<Vec<u8>> for Frames {
    fn from_iter<T: IntoIterator<Item = Vec<u8>>>(frames: T) -> Self {
        let mut all = Self::default();
        for frame in frames {
            all.bytes.extend(frame);
            all.ends.push(all.bytes.len());
        }
        all
    }
}

/// One client: its socket and what it says.
pub struct Session {
    pub socket: Socket,
    pub talk: Box<dyn Talk>,
    /// It never reads again.
    pub is_stuck: bool,
}

/// All clients.
pub struct Crowd {
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    sessions: Vec<Session>,
}

impl Crowd {
    pub fn new() -> Outcome<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(2048),
            buffer: vec![0; BUFFER_BYTES],
            sessions: Vec::new(),
        })
    }

    /// Connects a client; returns its number.
    pub fn join(
        &mut self,
        server: &Running,
        work: &Rc<Work>,
        document: u64,
        role: Role,
    ) -> Outcome<usize> {
        let number = self.sessions.len();
        let work = work.clone();
        let room = format!("board-{document}");
        let (path, mut talk): (_, Box<dyn Talk>) = match server.kind {
            Kind::Ours | Kind::AutomergeRepo => {
                let path = if server.kind == Kind::Ours { "sync" } else { "" };
                let name = format!("client-{number}-of-the-load");
                (path.to_owned(), Box::new(AutomergeTalk::new(work, &name, document, role)?))
            }
            Kind::Hocuspocus => (String::new(), Box::new(YjsTalk::new(work, Some(room), role))),
            Kind::YWebsocket => (room, Box::new(YjsTalk::new(work, None, role))),
            Kind::Broadcast => (room, Box::new(PlainTalk::new(work, role))),
        };
        let mut socket = Socket::connect(server.port, &path)?;
        talk.open(socket.outgoing());
        socket.leftover(|payload, out| talk.take(payload, out))?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut socket.stream, Token(number), interest)?;
        socket.flush()?;
        self.sessions.push(Session { socket, talk, is_stuck: false });
        Ok(number)
    }

    pub fn session(&mut self, number: usize) -> Outcome<&mut Session> {
        Ok(self.sessions.get_mut(number).ok_or("there is no such client")?)
    }

    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// Waits for sockets once and serves them. `moved` hears of each client's new position.
    pub fn turn(
        &mut self,
        wait: Duration,
        mut moved: impl FnMut(usize, usize, usize, Instant),
    ) -> Outcome<()> {
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        for event in &self.events {
            let number = event.token().0;
            let Some(session) = self.sessions.get_mut(number) else { continue };
            if event.is_readable() && !session.is_stuck {
                let Session { socket, talk, .. } = session;
                let before = talk.position();
                socket
                    .read(&mut self.buffer, |payload, out| talk.take(payload, out))
                    .map_err(|error| format!("client {number}: {error}"))?;
                talk.after_read(socket.outgoing());
                let after = talk.position();
                if after != before {
                    moved(number, before, after, Instant::now());
                }
            }
            session.socket.flush()?;
        }
        Ok(())
    }

    /// Serves everybody until all of `clients` are as wanted.
    pub fn until(
        &mut self,
        patience: Duration,
        clients: impl Iterator<Item = usize>,
        wanted: impl Fn(&Session) -> bool,
    ) -> Outcome<()> {
        let start = Instant::now();
        let mut waited: Vec<usize> = clients.collect();
        loop {
            let sessions = &self.sessions;
            waited.retain(|number| !sessions.get(*number).is_some_and(&wanted));
            if waited.is_empty() {
                return Ok(());
            }
            if start.elapsed() > patience {
                return Err(
                    format!("{} clients still wait after {patience:?}", waited.len()).into()
                );
            }
            self.turn(Duration::from_millis(20), |_, _, _, _| {})?;
        }
    }
}
