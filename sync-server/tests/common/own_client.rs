//! The client of this project for documents of any kind, with a socket and a clock.

use automerge::Automerge;
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use sync_protocol::client::{Client, ClientOptions, Input, Output, Resume, Status};
use sync_protocol::{DocumentId, PeerId};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const PATIENCE: Duration = Duration::from_secs(60);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Look = Box<dyn FnOnce(&mut Automerge, &Status) + Send>;
type Holds = Box<dyn Fn(&Automerge, &Status) -> bool + Send>;

/// One document on one relay. The client ends when this is dropped.
pub struct OwnClient {
    requests: mpsc::UnboundedSender<Request>,
}

enum Request {
    Look(Look),
    Wait(Wait),
    LoseConnection,
    GoDown,
    ComeUp,
}

struct Wait {
    holds: Holds,
    held: oneshot::Sender<()>,
}

struct Task {
    url: String,
    client: Client,
    document: Automerge,
    socket: Option<Socket>,
    is_up: bool,
    start: Instant,
    waiting: Vec<Wait>,
}

impl OwnClient {
    /// Begins to sync; there need not be a relay yet.
    pub fn connect(url: &str, name: &str, id: DocumentId, document: Automerge) -> Self {
        let seed = name.bytes().fold(7, |seed, byte| seed * 31 + u64::from(byte));
        let options = ClientOptions::new(PeerId::parse(name).unwrap(), seed);
        let client = Client::new(id, &document, options, Resume::default());
        let (url, start) = (url.to_owned(), Instant::now());
        let task =
            Task { url, client, document, socket: None, is_up: true, start, waiting: vec![] };
        let (requests, asked) = mpsc::unbounded_channel();
        tokio::spawn(task.run(asked));
        Self { requests }
    }

    /// Looks at the document, or edits it.
    pub async fn with<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Automerge) -> T + Send + 'static,
    ) -> T {
        self.ask(|document, _| look(document)).await
    }

    /// How things stand with the relay.
    pub async fn status(&self) -> Status {
        self.ask(|_, status| status.clone()).await
    }

    /// Waits until `holds` of the document and the status.
    pub async fn waits(&self, holds: impl Fn(&Automerge, &Status) -> bool + Send + 'static) {
        let (held, answer) = oneshot::channel();
        self.tell(Request::Wait(Wait { holds: Box::new(holds), held }));
        timeout(PATIENCE, answer).await.expect("the client gets there").unwrap();
    }

    /// Ends the connection; there may be another at once.
    pub fn loses_connection(&self) {
        self.tell(Request::LoseConnection);
    }

    /// Ends the connection, and allows none.
    pub fn goes_down(&self) {
        self.tell(Request::GoDown);
    }

    /// Allows connections, and dials if there is none.
    pub fn comes_up(&self) {
        self.tell(Request::ComeUp);
    }

    async fn ask<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Automerge, &Status) -> T + Send + 'static,
    ) -> T {
        let (reply, answer) = oneshot::channel();
        self.tell(Request::Look(Box::new(move |document, status| {
            // Whoever asked may have stopped waiting.
            _ = reply.send(look(document, status));
        })));
        answer.await.unwrap()
    }

    fn tell(&self, request: Request) {
        self.requests.send(request).unwrap_or_else(|_| panic!("the client has ended"));
    }
}

impl Task {
    async fn run(mut self, mut requests: mpsc::UnboundedReceiver<Request>) {
        self.handle(Input::Reconnect).await;
        loop {
            self.answer_those_who_wait();
            let due = self.client.poll_timeout().map(|due| self.start + due);
            tokio::select! {
                frame = next(&mut self.socket) => match frame {
                    Some(Ok(Frame::Binary(frame))) => self.handle(Input::Frame(&frame)).await,
                    Some(Ok(Frame::Close(_)) | Err(_)) | None => self.lose().await,
                    Some(Ok(_)) => self.handle(Input::Heard).await,
                },
                () = at(due) => self.handle(Input::Tick).await,
                request = requests.recv() => match request {
                    Some(Request::Look(look)) => {
                        look(&mut self.document, self.client.status());
                        self.handle(Input::Changed).await;
                    }
                    Some(Request::Wait(wait)) => self.waiting.push(wait),
                    Some(Request::LoseConnection) => self.lose().await,
                    Some(Request::GoDown) => {
                        self.is_up = false;
                        self.lose().await;
                    }
                    Some(Request::ComeUp) => {
                        self.is_up = true;
                        self.handle(Input::Reconnect).await;
                    }
                    None => return,
                },
            }
        }
    }

    fn answer_those_who_wait(&mut self) {
        for wait in std::mem::take(&mut self.waiting) {
            match (wait.holds)(&self.document, self.client.status()) {
                // Whoever asked may have stopped waiting.
                true => _ = wait.held.send(()),
                false => self.waiting.push(wait),
            }
        }
    }

    async fn lose(&mut self) {
        if self.socket.take().is_some() {
            self.handle(Input::Closed).await;
        }
    }

    /// Tells the client, and does what it then asks for.
    async fn handle(&mut self, input: Input<'_>) {
        self.client.handle(input, &mut self.document, self.start.elapsed());
        while let Some(output) = self.client.poll_output() {
            let answer = match output {
                Output::Dial => match connect_async(&self.url).await {
                    Ok((socket, _)) if self.is_up => {
                        self.socket = Some(socket);
                        Input::Opened
                    }
                    _ => Input::Closed,
                },
                Output::Send(frame) => {
                    // Of a socket that is broken the next read tells.
                    if let Some(socket) = &mut self.socket {
                        _ = socket.send(Frame::Binary(frame.into())).await;
                    }
                    continue;
                }
                Output::HangUp => {
                    self.socket = None;
                    continue;
                }
                Output::Ping | Output::StatusChanged => continue,
            };
            self.client.handle(answer, &mut self.document, self.start.elapsed());
        }
    }
}

async fn next(
    socket: &mut Option<Socket>,
) -> Option<Result<Frame, tokio_tungstenite::tungstenite::Error>> {
    match socket {
        Some(socket) => socket.next().await,
        None => std::future::pending().await,
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
