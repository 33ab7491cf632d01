//! The writing half of one WebSocket.

use crate::large::{LARGE_BYTES, LargeFrames};
use crate::metrics::Metrics;
use crate::outbox::{End, Next, Outbox};
use crate::relay::RoomFrame;
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message as Frame};
use futures_util::{FutureExt, Sink, SinkExt};
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval_at, timeout};
use tracing::info;

/// How long a socket may take for a few bytes before the connection ends. How far it has got with a
/// frame cannot be seen here, so for more bytes it is given [more time](BYTES_PER_SECOND_MIN).
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

/// Where frames are written: the half of a WebSocket.
pub trait FrameSink: Sink<Frame, Error = axum::Error> + Unpin {}

impl<S: Sink<Frame, Error = axum::Error> + Unpin> FrameSink for S {}

/// Starts the task that writes what rooms put into the outbox, and pings, until the end.
///
/// Most of the time it waits for the outbox only, so whatever else it waits for is boxed.
pub fn start_writing(
    mut sink: impl FrameSink + Send + 'static,
    outbox: Arc<Outbox>,
    writing: Writing,
) -> JoinHandle<()> {
    // Connections that began together after a restart must not be pinged together.
    let Writing { large, metrics, ping_every } = writing;
    let jitter = ping_every.mul_f64((outbox.connection().0 * 617 % 5000) as f64 / 25_000.0);
    let mut pings = interval_at(Instant::now() + ping_every + jitter, ping_every);
    let task = async move {
        let end = loop {
            let next = tokio::select! {
                next = outbox.next() => Some(next),
                // Smaller than `tick`, which keeps a future of its own.
                _ = poll_fn(|context| pings.poll_tick(context)) => None,
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
    };
    // With what tokio adds, tasks take space in steps of 128 bytes: this one is below a step.
    debug_assert!(size_of_val(&task) <= 280);
    tokio::spawn(task)
}

/// Asks whether the client is there; whether the socket took it.
async fn ping(sink: &mut impl FrameSink, payload: Bytes) -> bool {
    matches!(timeout(WRITE_TIMEOUT, sink.send(Frame::Ping(payload))).await, Ok(Ok(())))
}

/// Closes the connection.
///
/// A close frame waits until the client has read everything before it: automerge-repo 2.5 in Node
/// that reads changes and a close frame at once loses its hold of the document, which takes no
/// edits then until the program is started anew.
async fn finish(sink: &mut impl FrameSink, outbox: &Outbox, end: End) {
    if ping(sink, Bytes::from_static(LAST_PING)).await {
        _ = timeout(LAST_ANSWER_MAX, outbox.answered()).await;
    }
    _ = timeout(WRITE_TIMEOUT, close(sink, end.code, &end.reason)).await;
}

/// Writes frames in as few steps as the socket allows. A client that is there and takes nothing is
/// told why that ends it.
async fn write_all(
    sink: &mut impl FrameSink,
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
async fn write_large(sink: &mut impl FrameSink, frame: RoomFrame, large: &LargeFrames) -> Step {
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

async fn failed(step: Step, sink: &mut impl FrameSink, outbox: &Outbox) -> Step {
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
async fn give_up(sink: &mut impl FrameSink, outbox: &Outbox) {
    info!(connection = outbox.connection().0, "closed: the client takes no bytes");
    let reason = "you took too long to take what you were sent; connect again";
    // What does not fit in its socket does not reach it, so this seldom does.
    _ = timeout(Duration::from_secs(1), close(sink, TRY_AGAIN, reason)).await;
}

/// Says goodbye.
pub async fn close(sink: &mut impl FrameSink, code: u16, reason: &str) -> Result<(), axum::Error> {
    // A close frame takes 123 bytes of reason; cut between characters.
    let end = (0..=reason.len().min(123)).rev().find(|end| reason.is_char_boundary(*end));
    let reason = reason.get(..end.unwrap_or(0)).unwrap_or_default();
    sink.send(Frame::Close(Some(CloseFrame { code, reason: reason.into() }))).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::ConnectionId;
    use std::pin::Pin;
    use std::sync::Mutex;
    use std::task::{Context, Poll};
    use tokio::time::{Sleep, sleep};

    fn writing() -> Writing {
        let (large, metrics) = Default::default();
        Writing { large, metrics, ping_every: Duration::from_secs(25) }
    }

    /// What reached a socket.
    type Taken = Arc<Mutex<Vec<Frame>>>;

    /// A socket that takes so many bytes in a second, one frame at a time; none if it is stuck.
    struct Socket {
        taken: Taken,
        bytes_per_second: Option<usize>,
        busy: Option<Pin<Box<Sleep>>>,
    }

    impl Socket {
        fn new(bytes_per_second: Option<usize>) -> (Self, Taken) {
            let taken = Taken::default();
            (Self { taken: taken.clone(), bytes_per_second, busy: None }, taken)
        }
    }

    impl Sink<Frame> for Socket {
        type Error = axum::Error;

        fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
            Poll::Ready(Ok(()))
        }

        fn start_send(mut self: Pin<&mut Self>, frame: Frame) -> Result<(), axum::Error> {
            let bytes = match &frame {
                Frame::Binary(bytes) => bytes.len(),
                _ => 0,
            };
            let years = Duration::from_secs(1 << 30);
            let rate = self.bytes_per_second;
            let takes = rate.map_or(years, |rate| Duration::from_secs((bytes / rate) as u64));
            self.busy = Some(Box::pin(sleep(takes)));
            self.taken.lock().unwrap().push(frame);
            Ok(())
        }

        fn poll_flush(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Result<(), axum::Error>> {
            let Some(busy) = &mut self.busy else { return Poll::Ready(Ok(())) };
            busy.as_mut().poll(context).map(Ok)
        }

        fn poll_close(
            self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Result<(), axum::Error>> {
            self.poll_flush(context)
        }
    }

    /// Writes a frame of so many bytes, and then the end: after how long the writer ends, and the
    /// code of the close frame.
    async fn writes(bytes: usize, bytes_per_second: Option<usize>) -> (Duration, u16) {
        let (socket, taken) = Socket::new(bytes_per_second);
        let outbox = Arc::new(Outbox::new(ConnectionId(0)));
        outbox.push(vec![0; bytes]);
        outbox.end(1001, "the end");
        outbox.answer();
        let start = Instant::now();
        start_writing(socket, outbox, writing()).await.unwrap();
        let after = start.elapsed();
        let taken = taken.lock().unwrap();
        let Some(Frame::Close(Some(close))) = taken.last() else { panic!("a close: {taken:?}") };
        (after, close.code)
    }

    #[tokio::test(start_paused = true)]
    async fn a_socket_that_takes_nothing_is_closed_after_30_seconds() {
        let (after, code) = writes(100, None).await;
        assert_eq!(code, TRY_AGAIN);
        assert!(after >= WRITE_TIMEOUT && after < WRITE_TIMEOUT + Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_socket_that_takes_16_kib_in_a_second_is_given_the_time_and_a_slower_one_is_not() {
        let bytes = 4 * 1024 * 1024;
        let (after, code) = writes(bytes, Some(BYTES_PER_SECOND_MIN)).await;
        assert_eq!((after.as_secs(), code), (256, 1001));
        let (after, code) = writes(bytes, Some(BYTES_PER_SECOND_MIN / 2)).await;
        assert_eq!(code, TRY_AGAIN);
        let limit = WRITE_TIMEOUT + Duration::from_secs(256);
        assert!(after >= limit && after < limit + Duration::from_secs(2), "{after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_socket_that_takes_nothing_when_it_is_pinged_is_given_up() {
        let (socket, taken) = Socket::new(None);
        let outbox = Arc::new(Outbox::new(ConnectionId(0)));
        start_writing(socket, outbox.clone(), writing()).await.unwrap();
        assert!(matches!(taken.lock().unwrap()[..], [Frame::Ping(_)]));
        // Its rooms hear of it, as nothing is kept for it any more.
        assert!(matches!(outbox.next().await, Next::End(_)));
    }
}
