//! What waits to be written to one socket.
//!
//! Sync frames are only made when there is room (see [`relay::Room`](crate::relay::Room)), so a
//! slow peer costs a bounded number of bytes; of ephemeral messages the oldest give way.

use crate::hub::RoomSender;
use crate::rate::Spent;
use crate::relay::{ConnectionId, RoomFrame};
use crate::room_task::RoomInput;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use sync_protocol::DocumentId;
use tokio::sync::Notify;

/// How many bytes may wait before no more frames are made for the connection. One frame may exceed
/// it: a document's first sync can be longer than this.
pub const OUTBOX_BYTES: usize = 1024 * 1024;

/// The frames for one connection, filled by rooms and emptied by its writer.
#[derive(Debug)]
pub struct Outbox {
    connection: ConnectionId,
    queue: Mutex<Queue>,
    filled: Notify,
    answered: Notify,
    /// What the connection has cost since it was charged for it last.
    spent_us: AtomicU32,
    spent_bytes: AtomicU32,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Frame>,
    /// Of the frames that wait and of those being written.
    bytes: usize,
    /// Rooms that have more to say, once there is room.
    held_back: BTreeMap<DocumentId, RoomSender>,
    end: Option<End>,
}

#[derive(Debug)]
struct Frame {
    bytes: RoomFrame,
    is_ephemeral: bool,
}

/// Why and how a connection ends, for the close frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The code of RFC 6455.
    pub code: u16,
    /// A sentence, for people.
    pub reason: String,
}

/// What the writer is to do.
#[derive(Debug)]
pub enum Next {
    /// Write these.
    Frames(Vec<RoomFrame>),
    /// Close the connection.
    End(End),
}

impl Outbox {
    /// An empty outbox.
    pub fn new(connection: ConnectionId) -> Self {
        let (filled, answered) = (Notify::new(), Notify::new());
        let (spent_us, spent_bytes) = (AtomicU32::new(0), AtomicU32::new(0));
        Self { connection, queue: Mutex::default(), filled, answered, spent_us, spent_bytes }
    }

    /// Takes note that somebody has worked for the connection.
    pub fn worked(&self, work: Duration) {
        spend(&self.spent_us, work.as_micros());
    }

    /// What the connection has cost since this was asked last.
    pub fn take_spent(&self) -> Spent {
        let work = Duration::from_micros(self.spent_us.swap(0, Ordering::Relaxed).into());
        Spent { work, bytes: self.spent_bytes.swap(0, Ordering::Relaxed) as usize }
    }

    /// Whose it is.
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// Whether a room may add frames. If not, the room is told once it may.
    pub fn has_room(&self, document: DocumentId, room: &RoomSender) -> bool {
        let mut queue = self.queue();
        let has_room = queue.bytes < OUTBOX_BYTES;
        if !has_room {
            queue.held_back.insert(document, room.clone());
        }
        has_room
    }

    /// Whether so much waits that the client should read before it asks for more.
    pub fn is_full(&self) -> bool {
        self.queue().bytes >= OUTBOX_BYTES
    }

    /// Adds a frame.
    pub fn push(&self, frame: impl Into<RoomFrame>) {
        let bytes = frame.into();
        self.add(&mut self.queue(), Frame { bytes, is_ephemeral: false });
    }

    /// Adds an ephemeral message; if there is no room, the oldest give way, or this one. Returns how
    /// many did.
    pub fn push_ephemeral(&self, frame: impl Into<RoomFrame>) -> usize {
        let bytes = frame.into();
        let mut gave_way = 0;
        let mut queue = self.queue();
        while queue.bytes + bytes.len() > OUTBOX_BYTES {
            let oldest = queue.frames.iter().position(|frame| frame.is_ephemeral);
            let Some(dropped) = oldest.and_then(|oldest| queue.frames.remove(oldest)) else {
                return gave_way + 1;
            };
            queue.bytes -= dropped.bytes.len();
            gave_way += 1;
        }
        self.add(&mut queue, Frame { bytes, is_ephemeral: true });
        gave_way
    }

    /// Ends the connection once everything that waits is written.
    pub fn end(&self, code: u16, reason: impl Into<String>) {
        let end = End { code, reason: reason.into() };
        self.queue().end.get_or_insert(end);
        self.filled.notify_one();
    }

    /// Drops everything: nobody reads any more.
    pub fn abandon(&self) {
        self.give_up(1000, "");
    }

    /// Drops everything that waits and ends the connection: nobody seems to read any more.
    pub fn give_up(&self, code: u16, reason: &str) {
        let mut queue = self.queue();
        queue.frames.clear();
        queue.held_back.clear();
        queue.end = Some(End { code, reason: reason.to_owned() });
        self.filled.notify_one();
    }

    /// The client has answered the last ping before the end, or never will.
    pub fn answer(&self) {
        self.answered.notify_one();
    }

    /// Waits for [`answer`](Self::answer).
    pub async fn answered(&self) {
        self.answered.notified().await;
    }

    /// Waits for something to write.
    pub async fn next(&self) -> Next {
        loop {
            {
                let mut queue = self.queue();
                if !queue.frames.is_empty() {
                    // Taken with its space, which an idle connection need not keep.
                    let frames = std::mem::take(&mut queue.frames);
                    return Next::Frames(frames.into_iter().map(|frame| frame.bytes).collect());
                }
                if let Some(end) = &queue.end {
                    return Next::End(end.clone());
                }
            }
            self.filled.notified().await;
        }
    }

    /// So many bytes have been written: rooms that were held back may go on.
    pub async fn written(&self, bytes: usize) {
        let resumed = {
            let mut queue = self.queue();
            queue.bytes = queue.bytes.saturating_sub(bytes);
            match queue.bytes < OUTBOX_BYTES {
                true => std::mem::take(&mut queue.held_back),
                false => BTreeMap::new(),
            }
        };
        for room in resumed.into_values() {
            // A room that is gone has nothing to say.
            let _ = room.send(RoomInput::HasRoom).await;
        }
    }

    fn add(&self, queue: &mut Queue, frame: Frame) {
        if queue.end.is_some() {
            return;
        }
        queue.bytes += frame.bytes.len();
        spend(&self.spent_bytes, frame.bytes.len() as u128);
        queue.frames.push_back(frame);
        self.filled.notify_one();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Every change to the queue is complete before the guard is dropped.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds without ever starting over: who is not charged for long owes an hour, or 4 GiB, at most.
fn spend(spent: &AtomicU32, more: u128) {
    let more = u32::try_from(more).unwrap_or(u32::MAX);
    let add = |spent: u32| Some(spent.saturating_add(more));
    _ = spent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_ephemeral_messages_the_oldest_give_way_and_no_sync_frame_ever_does() {
        let outbox = Outbox::new(ConnectionId(1));
        outbox.push(vec![0; OUTBOX_BYTES / 2]);
        let add = |number| outbox.push_ephemeral(vec![number; OUTBOX_BYTES / 8]);
        assert_eq!((1..=9).map(add).sum::<usize>(), 5, "so many gave way");
        let Next::Frames(frames) = outbox.next().await else { panic!("there are frames") };
        let numbers: Vec<u8> = frames.into_iter().map(|frame| frame.into_bytes()[0]).collect();
        assert_eq!(numbers, [0, 6, 7, 8, 9]);
    }

    #[tokio::test]
    async fn what_waits_is_written_before_the_end_and_nothing_is_added_after_it() {
        let outbox = Outbox::new(ConnectionId(1));
        outbox.push(vec![1]);
        outbox.end(1001, "going");
        outbox.push(vec![2]);
        assert!(matches!(outbox.next().await, Next::Frames(frames) if frames == [vec![1].into()]));
        assert!(matches!(outbox.next().await, Next::End(end) if end.code == 1001));
    }
}
