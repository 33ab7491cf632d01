//! The writing half of one WebSocket.

use crate::large::{LARGE_BYTES, LargeFrames};
use crate::outbox::{Next, Outbox};
use crate::relay::RoomFrame;
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket};
use futures_util::stream::SplitSink;
use futures_util::{FutureExt, SinkExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, interval_at, timeout};
use tracing::info;

/// How often a client is asked whether it is still there; jitter spreads the clients.
const PING_EVERY: Duration = Duration::from_secs(25);
/// How long a socket may take no bytes before the connection ends.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// What the last ping before the end carries, and its answer too.
pub const LAST_PING: &[u8] = b"goodbye";
/// How long its answer may take.
const LAST_ANSWER_MAX: Duration = Duration::from_secs(2);
/// How fast a socket must take what is more than a few bytes: an old mobile network.
const BYTES_PER_SECOND_MIN: usize = 16 * 1024;
/// "Try again later": the client is too slow, not wrong (RFC 6455's registry).
const TRY_AGAIN: u16 = 1013;

/// Writes what rooms put into the outbox, and pings, until the end.
///
/// A close frame waits until the client has read everything before it: automerge-repo 2.5 in Node
/// that reads changes and a close frame at once loses its hold of the document, which takes no
/// edits then until the program is started anew.
pub async fn write(
    mut sink: SplitSink<WebSocket, Frame>,
    outbox: Arc<Outbox>,
    large: Arc<LargeFrames>,
) {
    // Connections that began together after a restart must not be pinged together.
    let jitter = Duration::from_millis(outbox.connection().0 * 617 % 5000);
    let mut pings = interval_at(Instant::now() + PING_EVERY + jitter, PING_EVERY);
    loop {
        let next = tokio::select! {
            next = outbox.next() => next,
            _ = pings.tick() => {
                match timeout(WRITE_TIMEOUT, sink.send(Frame::Ping(Bytes::new()))).await {
                    Ok(Ok(())) => continue,
                    _ => break,
                }
            }
        };
        match next {
            Next::Frames(frames) => {
                if !write_all(&mut sink, frames, &outbox, &large).await {
                    break;
                }
            }
            Next::End(end) => {
                let last_ping = Frame::Ping(Bytes::from_static(LAST_PING));
                if let Ok(Ok(())) = timeout(WRITE_TIMEOUT, sink.send(last_ping)).await {
                    _ = timeout(LAST_ANSWER_MAX, outbox.answered()).await;
                }
                _ = timeout(WRITE_TIMEOUT, close(&mut sink, end.code, &end.reason)).await;
                return;
            }
        }
    }
    outbox.abandon();
}

/// Writes frames in as few steps as the socket allows; whether that worked.
async fn write_all(
    sink: &mut SplitSink<WebSocket, Frame>,
    frames: Vec<RoomFrame>,
    outbox: &Outbox,
    large: &LargeFrames,
) -> bool {
    let mut buffered = 0;
    for frame in frames {
        let bytes = frame.len();
        if bytes > LARGE_BYTES {
            if !write_large(sink, frame, outbox, large).await {
                return false;
            }
            continue;
        }
        buffered += bytes;
        let frame = Frame::Binary(frame.into_bytes().into());
        match timeout(patience(buffered), sink.feed(frame)).await {
            Ok(Ok(())) => outbox.written(bytes).await,
            Ok(Err(_)) => return false,
            Err(_) => return give_up(sink, outbox).await,
        }
    }
    match timeout(patience(buffered), sink.flush()).await {
        Ok(flushed) => flushed.is_ok(),
        Err(_) => give_up(sink, outbox).await,
    }
}

/// Writes a frame that costs as much as many others.
async fn write_large(
    sink: &mut SplitSink<WebSocket, Frame>,
    frame: RoomFrame,
    outbox: &Outbox,
    large: &LargeFrames,
) -> bool {
    let bytes = frame.len();
    let _leave = large.leave(bytes).await;
    let turn = large.turn().await;
    let frame = Frame::Binary(frame.into_bytes().into());
    let fed = timeout(patience(bytes), sink.feed(frame)).await;
    // A socket that takes it all does so at once; for one that does not, nobody else waits.
    let is_done = matches!(fed, Ok(Ok(()))) && sink.flush().now_or_never().is_some();
    drop(turn);
    if matches!(fed, Ok(Ok(()))) && !is_done {
        match timeout(patience(bytes), sink.flush()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return false,
            Err(_) => return give_up(sink, outbox).await,
        }
    }
    match fed {
        Ok(Ok(())) => {
            outbox.written(bytes).await;
            true
        }
        Ok(Err(_)) => false,
        Err(_) => give_up(sink, outbox).await,
    }
}

/// How long so many bytes may take.
fn patience(bytes: usize) -> Duration {
    WRITE_TIMEOUT + Duration::from_secs((bytes / BYTES_PER_SECOND_MIN) as u64)
}

/// Ends the connection of a client that takes nothing; it finds everything when it comes back.
async fn give_up(sink: &mut SplitSink<WebSocket, Frame>, outbox: &Outbox) -> bool {
    info!(connection = outbox.connection().0, "closed: the client takes no bytes");
    let reason = "you took too long to take what you were sent; connect again";
    // What does not fit in its socket does not reach it, so this seldom does.
    _ = timeout(Duration::from_secs(1), close(sink, TRY_AGAIN, reason)).await;
    false
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
