//! A relay that knows people, in the test's own process, and how they call it.

use automerge::{ActorId, Automerge};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use sync_protocol::DocumentId;
use sync_server::Server;
use sync_server::config::{Config, Start, StoreKind, parse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Request;

use super::Peer;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A relay in memory, until the test ends.
pub struct Knowing(pub SocketAddr);

/// What an HTTP request was answered with.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Answer {
    /// The value of a field of text in the body.
    pub fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_else(|| panic!("{field} of {self:?}")).to_owned()
    }

    /// What names the problem.
    pub fn problem(&self) -> String {
        self.text("type").trim_start_matches("urn:kanban:problem:").to_owned()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

impl Knowing {
    /// One with these options.
    pub async fn start(options: &[&str]) -> Self {
        let start = parse(options.iter().map(Into::into)).unwrap();
        let Start::Serve(config) = start else { panic!("it serves") };
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let metrics = sync_server::config::MetricsAt::Off;
        let config = Config { listen, metrics, store: StoreKind::Memory, ..*config };
        let server = Server::open(&config).await.unwrap();
        let address = server.address();
        tokio::spawn(server.run(std::future::pending()));
        Self(address)
    }

    /// One that takes the tokens of the tests' identity provider.
    pub async fn with_key() -> Self {
        let key = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys/ed25519.pub.pem");
        let key = key.to_str().unwrap();
        Self::start(&["--auth", "jwt", "--jwt-key", key, "--jwt-audience", "boards"]).await
    }

    /// Asks for something over HTTP; `headers` are lines.
    pub async fn asks(&self, what: &str, headers: &[String], body: Option<&Value>) -> Answer {
        let mut request = format!("{what} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.0);
        headers.iter().for_each(|header| request += &format!("{header}\r\n"));
        let body = body.map(Value::to_string).unwrap_or_default();
        if !body.is_empty() {
            request +=
                &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
        }
        request += &format!("\r\n{body}");
        let mut socket = TcpStream::connect(self.0).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(PATIENCE, socket.read_to_string(&mut answer)).await.unwrap().unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = serde_json::from_str(body).unwrap_or(Value::Null);
        Answer { status, head: head.to_owned(), body }
    }

    /// The same as whoever has this token.
    pub async fn asks_as(&self, token: &str, what: &str, body: Option<&Value>) -> Answer {
        self.asks(what, &[format!("authorization: Bearer {token}")], body).await
    }

    /// A WebSocket of nobody.
    pub fn plain(&self) -> Request<()> {
        format!("ws://{}/sync", self.0).into_client_request().unwrap()
    }

    /// A WebSocket with one more header.
    pub fn with_header(&self, name: &'static str, value: &str) -> Request<()> {
        let mut request = self.plain();
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    }

    /// A WebSocket of whoever has this token.
    pub fn bearing(&self, token: &str) -> Request<()> {
        self.with_header("authorization", &format!("Bearer {token}"))
    }

    /// A WebSocket with a token in its address.
    pub fn in_address(&self, token: &str) -> Request<()> {
        format!("ws://{}/sync?access_token={token}", self.0).into_client_request().unwrap()
    }
}

/// Somebody connects and asks for a document, or says what they have.
pub async fn joins(request: Request<()>, name: &str, document: DocumentId) -> Peer {
    let actor = ActorId::from(name.as_bytes());
    Peer::connect(request, name, document, Automerge::new().with_actor(actor)).await
}

/// Changes something and waits until the relay has it.
pub async fn writes(peer: &mut Peer, key: &str) {
    peer.edits(key, "written");
    peer.speaks().await;
    timeout(PATIENCE, peer.settles()).await.unwrap();
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
