//! The writing half of one WebSocket.

use crate::large::{LARGE_BYTES, LargeFrames};
use crate::metrics::Metrics;
use crate::outbox::{End, Next, Outbox};
use crate::relay::RoomFrame;
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket};
use futures_util::stream::SplitSink;
use futures_util::{FutureExt, SinkExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval_at, timeout};
use tracing::info;

/// How long a socket may take no bytes before the connection ends.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// What the last ping before the end carries, and its answer too.
pub const LAST_PING: &[u8] = b"goodbye";
/// How long its answer may take.
const LAST_ANSWER_MAX: Duration = Duration::from_secs(2);
/// How fast a socket must take what is more than a few bytes: an old mobile network.
const BYTES_PER_SECOND_MIN: usize = 16 * 1024;
/// "Try again later": the client is too slow, or there are too many; not wrong (RFC 6455's registry).
pub const TRY_AGAIN: u16 = 1013;
/// The code of an end for which nobody is there to read it.
const NOBODY: u16 = 1000;

/// What writers share.
#[derive(Debug, Clone)]
pub struct Writing {
    /// Leave to write large frames.
    pub large: Arc<LargeFrames>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// How often a client is asked whether it is still there; jitter spreads the clients.
    pub ping_every: Duration,
}

/// Starts the task that writes what rooms put into the outbox, and pings, until the end.
///
/// Most of the time it waits for the outbox only, so whatever else it waits for is boxed.
pub fn start_writing(
    mut sink: SplitSink<WebSocket, Frame>,
    outbox: Arc<Outbox>,
    writing: Writing,
) -> JoinHandle<()> {
    // Connections that began together after a restart must not be pinged together.
    let Writing { large, metrics, ping_every } = writing;
    let jitter = ping_every.mul_f64((outbox.connection().0 * 617 % 5000) as f64 / 25_000.0);
    let mut pings = interval_at(Instant::now() + ping_every + jitter, ping_every);
    tokio::spawn(async move {
        let end = loop {
            let next = tokio::select! {
                next = outbox.next() => Some(next),
                _ = pings.tick() => None,
            };
            let is_written = match next {
                None => Box::pin(ping(&mut sink, Bytes::new())).await,
                Some(Next::Frames(frames)) => {
                    let (count, bytes) = (frames.len(), frames.iter().map(RoomFrame::len).sum());
                    let step = Box::pin(write_all(&mut sink, frames, &outbox, &large)).await;
                    match step {
                        Step::Done => metrics.sent.add(count, bytes),
                        Step::Stuck => metrics.closed(TRY_AGAIN),
                        Step::Broken => {}
                    }
                    step == Step::Done
                }
                Some(Next::End(end)) => break Some(end),
            };
            if !is_written {
                break None;
            }
        };
        match end {
            Some(end) => {
                if end.code != NOBODY {
                    metrics.closed(end.code);
                }
                Box::pin(finish(&mut sink, &outbox, end)).await;
            }
            None => outbox.abandon(),
        }
    })
}

/// Asks whether the client is there; whether the socket took it.
async fn ping(sink: &mut SplitSink<WebSocket, Frame>, payload: Bytes) -> bool {
    matches!(timeout(WRITE_TIMEOUT, sink.send(Frame::Ping(payload))).await, Ok(Ok(())))
}

/// Closes the connection.
///
/// A close frame waits until the client has read everything before it: automerge-repo 2.5 in Node
/// that reads changes and a close frame at once loses its hold of the document, which takes no
/// edits then until the program is started anew.
async fn finish(sink: &mut SplitSink<WebSocket, Frame>, outbox: &Outbox, end: End) {
    if ping(sink, Bytes::from_static(LAST_PING)).await {
        _ = timeout(LAST_ANSWER_MAX, outbox.answered()).await;
    }
    _ = timeout(WRITE_TIMEOUT, close(sink, end.code, &end.reason)).await;
}

/// Writes frames in as few steps as the socket allows. A client that is there and takes nothing is
/// told why that ends it.
async fn write_all(
    sink: &mut SplitSink<WebSocket, Frame>,
    frames: Vec<RoomFrame>,
    outbox: &Outbox,
    large: &LargeFrames,
) -> Step {
    let mut buffered = 0;
    for frame in frames {
        let bytes = frame.len();
        buffered += bytes;
        let step = if bytes > LARGE_BYTES {
            Box::pin(write_large(sink, frame, large)).await
        } else {
            let frame = Frame::Binary(frame.into_bytes().into());
            step(buffered, sink.feed(frame)).await
        };
        if step != Step::Done {
            return failed(step, sink, outbox).await;
        }
        outbox.written(bytes).await;
    }
    match step(buffered, sink.flush()).await {
        Step::Done => Step::Done,
        step => failed(step, sink, outbox).await,
    }
}

/// Writes a frame that costs as much as many others.
async fn write_large(
    sink: &mut SplitSink<WebSocket, Frame>,
    frame: RoomFrame,
    large: &LargeFrames,
) -> Step {
    let bytes = frame.len();
    let _leave = large.leave(bytes).await;
    let turn = large.turn().await;
    let frame = Frame::Binary(frame.into_bytes().into());
    let fed = step(bytes, sink.feed(frame)).await;
    if fed != Step::Done {
        return fed;
    }
    // A socket that takes it all does so at once; one that does not must not hold up the others.
    let at_once = sink.flush().now_or_never();
    drop(turn);
    match at_once {
        Some(Ok(())) => Step::Done,
        Some(Err(_)) => Step::Broken,
        None => step(bytes, sink.flush()).await,
    }
}

/// What came of writing something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Done,
    /// The socket is gone.
    Broken,
    /// The socket took nothing for too long.
    Stuck,
}

async fn step(bytes: usize, writing: impl Future<Output = Result<(), axum::Error>>) -> Step {
    match timeout(patience(bytes), writing).await {
        Ok(Ok(())) => Step::Done,
        Ok(Err(_)) => Step::Broken,
        Err(_) => Step::Stuck,
    }
}

async fn failed(step: Step, sink: &mut SplitSink<WebSocket, Frame>, outbox: &Outbox) -> Step {
    if step == Step::Stuck {
        give_up(sink, outbox).await;
    }
    step
}

/// How long so many bytes may take.
fn patience(bytes: usize) -> Duration {
    WRITE_TIMEOUT + Duration::from_secs((bytes / BYTES_PER_SECOND_MIN) as u64)
}

/// Ends the connection of a client that takes nothing; it finds everything when it comes back.
async fn give_up(sink: &mut SplitSink<WebSocket, Frame>, outbox: &Outbox) {
    info!(connection = outbox.connection().0, "closed: the client takes no bytes");
    let reason = "you took too long to take what you were sent; connect again";
    // What does not fit in its socket does not reach it, so this seldom does.
    _ = timeout(Duration::from_secs(1), close(sink, TRY_AGAIN, reason)).await;
}

/// Says goodbye.
pub async fn close(
    sink: &mut SplitSink<WebSocket, Frame>,
    code: u16,
    reason: &str,
) -> Result<(), axum::Error> {
    // A close frame takes 123 bytes of reason; cut between characters.
    let end = (0..=reason.len().min(123)).rev().find(|end| reason.is_char_boundary(*end));
    let reason = reason.get(..end.unwrap_or(0)).unwrap_or_default();
    sink.send(Frame::Close(Some(CloseFrame { code, reason: reason.into() }))).await
}
