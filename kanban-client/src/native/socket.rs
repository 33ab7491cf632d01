//! The WebSocket of a live board: being opened, open, or not there.

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{Sink, SinkExt, StreamExt};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use sync_protocol::FRAME_BYTES_MAX;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How many frames may wait for a slow network before no more commands are taken and nothing more
/// is read.
const UNSENT_MAX: usize = 256;

/// Where the relay is, and what it is shown.
pub(super) struct Relay {
    pub url: String,
    /// The `Authorization` header.
    pub token: Option<HeaderValue>,
}

impl Relay {
    fn request(&self) -> Result<Request<()>, Error> {
        let mut request = self.url.as_str().into_client_request()?;
        if let Some(token) = &self.token {
            request.headers_mut().insert(AUTHORIZATION, token.clone());
        }
        Ok(request)
    }
}

/// What the socket has to tell.
pub(super) enum Told {
    Opened,
    Frame(Bytes),
    Heard,
    Closed,
}

pub(super) enum Socket {
    None,
    Opening(Pin<Box<dyn Future<Output = Result<Stream, Error>> + Send>>),
    Open(Box<Open>),
}

pub(super) struct Open {
    sink: SplitSink<Stream, Message>,
    stream: SplitStream<Stream>,
    unsent: VecDeque<Message>,
    /// Something was handed to the sink and may not be on its way yet.
    unflushed: bool,
}

impl Socket {
    pub fn open(relay: &Relay) -> Self {
        let request = relay.request();
        Self::Opening(Box::pin(async move {
            let max = Some(FRAME_BYTES_MAX);
            let config = WebSocketConfig::default().max_message_size(max).max_frame_size(max);
            // Small frames leave at once: a drag is one of them.
            let disable_nagle = true;
            Ok(connect_async_with_config(request?, Some(config), disable_nagle).await?.0)
        }))
    }

    /// Queues a frame. Without a socket it is dropped, as whoever wrote it will be told.
    pub fn send(&mut self, message: Message) {
        if let Self::Open(open) = self {
            open.unsent.push_back(message);
        }
    }

    /// Whether the network takes what it is given.
    pub fn keeps_up(&self) -> bool {
        !matches!(self, Self::Open(open) if open.unsent.len() >= UNSENT_MAX)
    }

    /// Closes the socket and lets the relay know, unless it does not listen.
    pub fn hang_up(&mut self) {
        if let Self::Open(mut open) = std::mem::replace(self, Self::None) {
            // The handshake of closing is not waited for by anybody, so it is not by the task.
            tokio::spawn(async move {
                let closing = open.sink.close();
                _ = tokio::time::timeout(std::time::Duration::from_secs(1), closing).await;
            });
        }
    }

    /// The next thing that the socket has to tell; sends meanwhile. May be dropped and called
    /// again at any time.
    pub async fn next(&mut self) -> Told {
        match self {
            Self::None => std::future::pending().await,
            Self::Opening(opening) => match opening.await {
                Ok(stream) => {
                    let (sink, stream) = stream.split();
                    let unsent = VecDeque::new();
                    *self = Self::Open(Box::new(Open { sink, stream, unsent, unflushed: false }));
                    Told::Opened
                }
                Err(_) => {
                    *self = Self::None;
                    Told::Closed
                }
            },
            Self::Open(open) => {
                let told = open.next().await;
                if matches!(told, Told::Closed) {
                    *self = Self::None;
                }
                told
            }
        }
    }
}

impl Open {
    async fn next(&mut self) -> Told {
        tokio::select! {
            // What is read must be answered: a relay that does not listen is not listened to.
            received = self.stream.next(), if self.unsent.len() < UNSENT_MAX => match received {
                Some(Ok(Message::Binary(frame))) => Told::Frame(frame),
                Some(Ok(Message::Close(_)) | Err(_)) | None => Told::Closed,
                Some(Ok(_)) => Told::Heard,
            },
            _failed = send_all(&mut self.sink, &mut self.unsent, &mut self.unflushed) => {
                Told::Closed
            }
        }
    }
}

/// Sends what is queued, and returns only if that fails. A frame leaves the queue in the moment in
/// which the sink takes it, so nothing is lost or doubled when this is dropped.
async fn send_all(
    sink: &mut SplitSink<Stream, Message>,
    unsent: &mut VecDeque<Message>,
    unflushed: &mut bool,
) -> Error {
    loop {
        while !unsent.is_empty() {
            if let Err(error) = poll_fn(|context| Pin::new(&mut *sink).poll_ready(context)).await {
                return error;
            }
            if let Some(message) = unsent.pop_front() {
                *unflushed = true;
                if let Err(error) = Pin::new(&mut *sink).start_send(message) {
                    return error;
                }
            }
        }
        if *unflushed && let Err(error) = sink.flush().await {
            return error;
        }
        *unflushed = false;
        // The queue is filled by whoever drops this.
        std::future::pending::<()>().await;
    }
}
