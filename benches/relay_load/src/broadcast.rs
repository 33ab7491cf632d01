//! The limit: a WebSocket server that passes on what it reads and knows nothing else.
//!
//! What one read brought is passed on together, and whoever falls behind by too much is dropped, as
//! a broadcast has nothing to catch up with.

use crate::Outcome;
use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use axum::serve::ListenerExt;
use futures_util::{FutureExt, SinkExt, StreamExt};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// How many batches may wait for one socket.
const WAITING_MAX: usize = 1024;
const READ_BUFFER_BYTES: usize = 4096;

type Batch = Arc<[Bytes]>;
type Members = BTreeMap<u64, mpsc::Sender<Batch>>;

/// Rooms by path.
#[derive(Clone, Default)]
struct Rooms(Arc<Mutex<BTreeMap<String, Members>>>);

impl Rooms {
    fn with<T>(&self, path: &str, act: impl FnOnce(&mut Members) -> T) -> T {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(rooms.entry(path.to_owned()).or_default())
    }
}

/// Serves until the process is ended.
pub fn serve(port: u16) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        let listener = listener.tap_io(|socket| _ = socket.set_nodelay(true));
        let routes = Router::new().route("/{*path}", get(upgrade)).with_state(Rooms::default());
        println!("listening");
        Ok(axum::serve(listener, routes).await?)
    })
}

async fn upgrade(
    socket: WebSocketUpgrade,
    Path(path): Path<String>,
    State(rooms): State<Rooms>,
) -> Response {
    let socket = socket.read_buffer_size(READ_BUFFER_BYTES);
    socket.on_upgrade(move |socket| member(socket, path, rooms))
}

async fn member(socket: WebSocket, path: String, rooms: Rooms) {
    let (mut sink, mut stream) = socket.split();
    let (sender, mut batches) = mpsc::channel::<Batch>(WAITING_MAX);
    let own = rooms.with(&path, |members| {
        let own = members.last_key_value().map_or(0, |(last, _)| last + 1);
        members.insert(own, sender);
        own
    });
    let writer = tokio::spawn(async move {
        while let Some(batch) = batches.recv().await {
            let mut next = Some(batch);
            while let Some(batch) = next {
                for frame in batch.iter() {
                    if sink.feed(Message::Binary(frame.clone())).await.is_err() {
                        return;
                    }
                }
                next = batches.try_recv().ok();
            }
            if sink.flush().await.is_err() {
                return;
            }
        }
    });
    while let Some(Ok(message)) = stream.next().await {
        let mut batch = Vec::new();
        let mut next = Some(message);
        while let Some(message) = next {
            if let Message::Binary(frame) = message {
                batch.push(frame);
            }
            next = stream.next().now_or_never().flatten().and_then(Result::ok);
        }
        let batch: Batch = batch.into();
        rooms.with(&path, |members| {
            members.retain(|id, member| *id == own || member.try_send(batch.clone()).is_ok());
        });
    }
    rooms.with(&path, |members| _ = members.remove(&own));
    writer.abort();
}
