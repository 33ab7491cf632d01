//! Drives one room: inputs in turns, the store in between, frames out.

mod input;
mod open;
mod store;
mod turn_away;

pub use input::{Entering, May, RoomInput, Step, Visitor};

use crate::hub::{Hub, acknowledged};
use crate::outbox::Outbox;
use crate::quarantine::QUARANTINED;
use crate::relay::{Acknowledged, ConnectionId, Room};
use crate::store::SetAside;
use futures_util::future::OptionFuture;
use open::Opened;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::{compaction_due, needs_index};
use sync_protocol::{DocumentId, sentence};
use tokio::sync::{mpsc, oneshot};
use tracing::{error, warn};

/// How many inputs make a turn at most, so that nobody waits for a flood to end.
const TURN_MAX: usize = 1024;

/// For how many inputs a room keeps space between turns.
const TURN_KEPT: usize = 16;

/// What a client is told whose room has failed.
pub const LOST: &str = "the relay has lost its hold of a document; connect again";

/// What a client is told whose changes were not taken while the disk was full.
const ROOM_AGAIN: &str = "the relay takes changes again; connect again to send yours";

/// What a client is told who may change a document, of which it sent changes while it could not.
const MAY_WRITE: &str = "you may change the document now; connect again to send what you changed";

/// What a room's task works with, beside what it finds in the hub. There is one for each document
/// that is open, so what is large is boxed, and so is what is seldom waited for.
pub struct RoomTask {
    pub hub: Hub,
    pub document: DocumentId,
    /// Weak: a room must not keep itself alive.
    pub room: mpsc::WeakSender<RoomInput>,
    pub acknowledged: Arc<Mutex<Acknowledged>>,
}

/// Those in the room, and how many have entered so far.
#[derive(Default)]
struct Doors {
    /// Ascending. No map, as that sets aside space for eleven where most rooms have one or two.
    inside: Vec<(ConnectionId, Inside)>,
    entered: u64,
    /// Whether a compaction is under way.
    compacting: bool,
    /// No compaction before there are so many more changes than a snapshot holds.
    compact_after: usize,
    /// When changes were stored last.
    stored_at: Duration,
    /// The document is set aside: the room must end.
    is_set_aside: bool,
}

struct Inside {
    outbox: Arc<Outbox>,
    follows: Arc<AtomicBool>,
}

impl Doors {
    fn outbox(&self, connection: ConnectionId) -> Option<&Arc<Outbox>> {
        self.inside(connection).map(|inside| &inside.outbox)
    }

    fn inside(&self, connection: ConnectionId) -> Option<&Inside> {
        let (_, inside) = self.inside.get(self.place(connection).ok()?)?;
        Some(inside)
    }

    fn enter(&mut self, connection: ConnectionId, inside: Inside) {
        match self.place(connection) {
            Ok(place) => _ = self.inside.get_mut(place).map(|known| known.1 = inside),
            Err(place) => self.inside.insert(place, (connection, inside)),
        }
    }

    fn leave(&mut self, connection: ConnectionId) {
        if let Ok(place) = self.place(connection) {
            self.inside.remove(place);
        }
    }

    /// Where a connection is, or would be.
    fn place(&self, connection: ConnectionId) -> Result<usize, usize> {
        self.inside.binary_search_by_key(&connection, |(inside, _)| *inside)
    }

    fn end(&self, reason: &str) {
        self.inside.iter().for_each(|(_, inside)| inside.outbox.end(1011, reason));
    }
}

/// However a room ends, whoever is still inside must not wait for it: a new connection opens a new
/// room, from what is stored.
impl Drop for Doors {
    fn drop(&mut self) {
        self.end(LOST);
    }
}

impl RoomTask {
    pub async fn run(&self, inputs: &mut mpsc::Receiver<RoomInput>) {
        let opened = Box::pin(self.open()).await;
        let entered = match self.room_of(opened) {
            Some(room) => self.serve(room, inputs).await,
            None => Some(0),
        };
        if let Some(entered) = entered {
            Box::pin(self.turn_away(inputs, entered)).await;
        }
    }

    /// What is served, if anything is. A function of its own, so that the task does not keep what
    /// the document was opened with.
    fn room_of(&self, opened: Opened) -> Option<Box<Room>> {
        match opened {
            Opened::Serves(room) => return Some(room),
            Opened::SetAside(SetAside { document, changes, reason }) => {
                warn!(%document, "asked for, and set aside with {changes} changes: {reason}");
            }
            Opened::Damaged(reason) => {
                self.hub.metrics().documents_damaged.inc();
                error!(document = %self.document, "{reason}");
            }
        }
        None
    }

    /// Serves until everybody has left, or something fails; or the document is set aside, then it
    /// returns how many have entered so far.
    async fn serve(
        &self,
        mut room: Box<Room>,
        inputs: &mut mpsc::Receiver<RoomInput>,
    ) -> Option<u64> {
        let mut checks = self.hub.checks().opened(self.document, room.stored_len());
        let mut doors = Doors::default();
        let mut turn = Vec::new();
        let mut is_low = self.hub.committer().is_low().is_on();
        self.set_read_only(&mut room, &doors, is_low);
        loop {
            let due = [room.poll_timeout(), compaction_due(&room, &doors)].into_iter().flatten();
            let wait = due.min().map(|at| at.saturating_sub(self.now()));
            // A room in which nothing happens waits for no time, so it need not have a timer.
            let rest = OptionFuture::from(wait.map(|wait| Box::pin(tokio::time::sleep(wait))));
            tokio::select! {
                // Smaller than `recv_many`, which keeps a future of its own.
                _ = poll_fn(|context| inputs.poll_recv_many(context, &mut turn, TURN_MAX)) => {}
                Some(()) = rest => {}
                () = self.hub.committer().is_low().turned(is_low) => {
                    is_low = !is_low;
                    self.set_read_only(&mut room, &doors, is_low);
                }
            }
            if turn.is_empty() && inputs.is_closed() {
                return None;
            }
            if turn.iter().any(|input| needs_index(&room, input)) {
                room = Box::pin(self.with_index(room)).await?;
            }
            let drains = self.take(&mut room, &mut doors, turn.drain(..))?;
            turn.shrink_to(TURN_KEPT);
            if doors.is_set_aside {
                return Some(doors.set_aside());
            }
            let mut stored = 0;
            if let Some(append) = room.unstored() {
                stored = append.changes.len();
                if let Err(failed) = Box::pin(self.hub.committer().append(append)).await {
                    doors.end(&failed.to_string());
                    return None;
                }
                room.stored();
                if self.is_full(&room) {
                    self.set_read_only(&mut room, &doors, is_low);
                }
                checks.grew(room.stored_len());
                doors.stored_at = self.now();
                acknowledged(&self.acknowledged).told(room.heads());
            }
            self.speak(&mut room, &doors);
            self.hub.metrics().changes_acknowledged.inc_by(stored as u64);
            self.fetch(&mut room);
            self.compact(&room, &mut doors);
            drains.into_iter().for_each(|drain| _ = drain.send(()));
            if room.is_empty() && self.hub.retire(self.document, doors.entered) {
                return None;
            }
        }
    }

    /// Takes a turn's inputs; returns who wants to know when they are done with. None if the room
    /// has panicked, and must not be used any more.
    fn take(
        &self,
        room: &mut Room,
        doors: &mut Doors,
        turn: impl Iterator<Item = RoomInput>,
    ) -> Option<Vec<oneshot::Sender<()>>> {
        let mut drains = Vec::new();
        for input in turn {
            match input {
                RoomInput::Enter(entering) => {
                    doors.entered += 1;
                    let Entering { visitor, may: May { access, others }, follows } = *entering;
                    let Visitor { peer, storage, subscribed, outbox } = visitor;
                    let connection = outbox.connection();
                    room.enter(connection, peer, access);
                    room.refuse_authors(connection, others);
                    storage.into_iter().for_each(|storage| room.keeps_in(connection, storage));
                    room.subscribe(connection, subscribed);
                    doors.enter(connection, Inside { outbox, follows });
                }
                RoomInput::May(changed) => {
                    let (connection, May { access, others }) = *changed;
                    room.refuse_authors(connection, others);
                    if room.set_access(connection, access) {
                        let outbox = doors.outbox(connection);
                        outbox.inspect(|outbox| outbox.end(1012, MAY_WRITE));
                    }
                }
                RoomInput::Received(step) => self.receive(room, doors, *step)?,
                RoomInput::Subscribed(subscribed) => {
                    let (connection, storages) = *subscribed;
                    room.subscribe(connection, storages);
                }
                RoomInput::Heard(heard) => {
                    let (connection, heard) = *heard;
                    room.hear(connection, heard.heads);
                }
                RoomInput::Said(said) => {
                    let (connection, ephemeral) = *said;
                    let mut dropped = 0;
                    for (other, frame) in room.forward(connection, &ephemeral) {
                        let outbox = doors.outbox(other);
                        dropped += outbox.map_or(0, |outbox| outbox.push_ephemeral(frame));
                    }
                    self.hub.metrics().ephemeral_dropped.inc_by(dropped as u64);
                }
                // Whose it is: they are still among the listeners.
                RoomInput::HasRoom => {}
                RoomInput::Leave(connection) => {
                    room.leave(connection);
                    doors.leave(connection);
                }
                RoomInput::Fetched(fetched) => match *fetched {
                    Ok(history) => room.fetched(history, self.now()),
                    Err(reason) => {
                        error!(document = %self.document, "{reason}");
                        for connection in room.parked() {
                            room.leave(connection);
                            let outbox = doors.outbox(connection);
                            outbox.inspect(|outbox| outbox.end(1011, LOST));
                        }
                    }
                },
                RoomInput::Compacted(compacted) => {
                    doors.compacting = false;
                    // What did not work will not work better with the next change.
                    doors.compact_after = room.tail_len().saturating_mul(2);
                    if let Some(snapshot) = compacted {
                        doors.compact_after = 0;
                        room.compacted(*snapshot);
                    }
                }
                // Whoever entered in the same turn is to be told too.
                RoomInput::SetAside => doors.is_set_aside = true,
                RoomInput::PutBack => {}
                RoomInput::Drain(drain) => drains.push(drain),
            }
        }
        room.tick(self.now());
        Some(drains)
    }

    /// Takes a step of syncing; none if that made the room panic. Its sender is closed then, and
    /// everybody else when the room is dropped: they connect anew, to a room of what is stored.
    fn receive(
        &self,
        room: &mut Room,
        doors: &Doors,
        Step { connection, received, frame }: Step,
    ) -> Option<()> {
        let now = self.now();
        let outbox = doors.outbox(connection);
        let take = AssertUnwindSafe(|| {
            #[cfg(test)]
            crate::faults::in_room(&frame);
            room.receive(connection, received, now)
        });
        let taken = catch_unwind(take);
        outbox.inspect(|outbox| outbox.worked(self.now().saturating_sub(now)));
        let (goes_on, reason) = match taken {
            Ok(Ok(refused)) => {
                for refused in refused {
                    self.hub.metrics().changes_refused.inc();
                    warn!(document = %self.document, "{}", sentence(&refused));
                }
                return Some(());
            }
            Ok(Err(too_many)) => {
                warn!(document = %self.document, "{too_many}");
                room.leave(connection);
                (Some(()), too_many.to_string())
            }
            Err(_panic) => {
                self.hub.quarantine().add(&frame, "taking changes into a document");
                (None, QUARANTINED.to_owned())
            }
        };
        outbox.inspect(|outbox| outbox.end(1008, reason));
        goes_on
    }

    fn is_full(&self, room: &Room) -> bool {
        self.hub.most().are_reached(room.stored_len(), room.stored_bytes())
    }

    /// Nobody may change the document while there is no space, or if it is as large as one may be.
    fn set_read_only(&self, room: &mut Room, doors: &Doors, is_low: bool) {
        if self.is_full(room) {
            let (changes, bytes) = (room.stored_len(), room.stored_bytes());
            warn!(document = %self.document, "full, with {changes} changes in {bytes} bytes");
            self.hub.metrics().documents_full.inc();
        }
        for connection in room.set_read_only(is_low || self.is_full(room)) {
            let outbox = doors.outbox(connection);
            outbox.inspect(|outbox| outbox.end(1012, ROOM_AGAIN));
        }
    }

    fn speak(&self, room: &mut Room, doors: &Doors) {
        let Some(own) = self.room.upgrade() else {
            return;
        };
        for connection in room.listeners() {
            let Some(Inside { outbox, follows }) = doors.inside(connection) else {
                continue;
            };
            if outbox.has_room(self.document, &own) {
                let frames = room.messages_for(connection, self.now());
                frames.into_iter().for_each(|frame| outbox.push(frame));
                follows.store(room.follows(connection), Ordering::Relaxed);
            }
        }
    }

    fn now(&self) -> Duration {
        self.hub.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::Next;

    #[tokio::test]
    async fn a_room_that_fails_leaves_nobody_waiting() {
        let outbox = Arc::new(Outbox::new(ConnectionId(1)));
        let mut doors = Doors::default();
        let inside = Inside { outbox: outbox.clone(), follows: Arc::default() };
        doors.enter(ConnectionId(1), inside);
        let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _doors = doors;
            panic!("a room fails");
        }));
        assert!(failed.is_err());
        assert!(matches!(outbox.next().await, Next::End(end) if end.reason == LOST));
    }
}
