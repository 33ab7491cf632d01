//! The client of this project for documents of any kind, with a socket and a clock.

use super::Traffic;
use automerge::Automerge;
use futures_util::{SinkExt, StreamExt};
use std::sync::atomic::{AtomicU64, Ordering};
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

/// Each client is another run, also if its name has been here before.
static RUNS: AtomicU64 = AtomicU64::new(1);

/// One document on one relay. The client ends when this is dropped.
pub struct OwnClient {
    requests: mpsc::UnboundedSender<Request>,
    traffic: Traffic,
}

enum Request {
    Look(Look),
    Wait(Wait),
    Say { data: Vec<u8>, is_sent: oneshot::Sender<bool> },
    Hear(oneshot::Sender<Vec<Vec<u8>>>),
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
    heard: Vec<Vec<u8>>,
    traffic: Traffic,
}

impl OwnClient {
    /// Begins to sync; there need not be a relay yet.
    pub fn connect(url: &str, name: &str, id: DocumentId, document: Automerge) -> Self {
        let seed = RUNS.fetch_add(1, Ordering::Relaxed);
        let options = ClientOptions::new(PeerId::parse(name).unwrap(), seed);
        let client = Client::new(id, &document, options, Resume::default());
        let traffic = Traffic::default();
        let task = Task {
            url: url.to_owned(),
            client,
            document,
            socket: None,
            is_up: true,
            start: Instant::now(),
            waiting: vec![],
            heard: vec![],
            traffic: traffic.clone(),
        };
        let (requests, asked) = mpsc::unbounded_channel();
        tokio::spawn(task.run(asked));
        Self { requests, traffic }
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

    /// Says something to others who have the document open, if there is a connection.
    pub async fn says(&self, data: Vec<u8>) -> bool {
        let (is_sent, answer) = oneshot::channel();
        self.tell(Request::Say { data, is_sent });
        answer.await.unwrap()
    }

    /// What others have said since this was asked last.
    pub async fn hears(&self) -> Vec<Vec<u8>> {
        let (reply, answer) = oneshot::channel();
        self.tell(Request::Hear(reply));
        answer.await.unwrap()
    }

    /// What has gone over its connections.
    pub fn traffic(&self) -> Traffic {
        self.traffic.clone()
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
                    Some(Ok(Frame::Binary(frame))) => {
                        self.traffic.receives(&frame);
                        self.handle(Input::Frame(&frame)).await;
                    }
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
                    Some(Request::Say { data, is_sent }) => {
                        // Whoever asked may have stopped waiting.
                        _ = is_sent.send(self.client.say(&data));
                        self.does().await;
                    }
                    Some(Request::Hear(reply)) => _ = reply.send(std::mem::take(&mut self.heard)),
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

    /// Tells the client, and does what it asks for then.
    async fn handle(&mut self, input: Input<'_>) {
        self.client.handle(input, &mut self.document, self.start.elapsed());
        self.does().await;
    }

    async fn does(&mut self) {
        while let Some(output) = self.client.poll_output() {
            let answer = match output {
                Output::Dial => match connect_async(&self.url).await {
                    Ok((socket, _)) if self.is_up => {
                        self.traffic.connects();
                        self.socket = Some(socket);
                        Input::Opened
                    }
                    _ => Input::Closed,
                },
                Output::Send(frame) => {
                    // Of a socket that is broken the next read tells.
                    if let Some(socket) = &mut self.socket {
                        self.traffic.sends(&frame);
                        _ = socket.send(Frame::Binary(frame.into())).await;
                    }
                    continue;
                }
                Output::HangUp => {
                    self.socket = None;
                    continue;
                }
                Output::Said { data, .. } => {
                    self.heard.push(data);
                    continue;
                }
                Output::Ping | Output::StatusChanged | Output::PresenceChanged => continue,
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
