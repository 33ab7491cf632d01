//! What one socket may cost, and how whoever asks for more is told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::Automerge;
use common::{Peer, get};
use futures_util::{SinkExt, StreamExt};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;
use sync_protocol::{
    DocumentId, Ephemeral, Handshake, Message, PeerId, PeerMetadata, SessionId, decode, encode,
};
use sync_server::config::{Config, MetricsAt, StoreKind};
use sync_server::{Limits, Server};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const PATIENCE: Duration = Duration::from_secs(30);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A relay with limits, and its counters.
struct Limited {
    address: SocketAddr,
    metrics: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Limited {
    async fn start(change: impl FnOnce(&mut Limits)) -> Self {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut config = Config {
            listen: anywhere,
            store: StoreKind::Memory,
            metrics: MetricsAt::Address(anywhere),
            ..Config::default()
        };
        change(&mut config.limits);
        let server = Server::open(&config).await.unwrap();
        let (address, metrics) = (server.address(), server.metrics_address().unwrap());
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            server.run(async { stopped.await.unwrap_or_default() }).await.unwrap();
        });
        Self { address, metrics, stop, running }
    }

    /// A socket on behalf of somebody.
    async fn dial_for(&self, forwarded_for: Option<&str>) -> Socket {
        let mut request = format!("ws://{}/sync", self.address).into_client_request().unwrap();
        if let Some(forwarded_for) = forwarded_for {
            request.headers_mut().insert("x-forwarded-for", forwarded_for.parse().unwrap());
        }
        connect_async(request).await.unwrap().0
    }

    async fn dial(&self) -> Socket {
        self.dial_for(None).await
    }

    /// A socket that has introduced itself, and was answered.
    async fn join(&self, forwarded_for: Option<&str>) -> Socket {
        let mut socket = self.dial_for(forwarded_for).await;
        socket.send(join()).await.unwrap();
        let answer = socket.next().await.unwrap().unwrap().into_data();
        assert_eq!(decode(&answer).unwrap().kind(), "peer");
        socket
    }

    /// What a counter shows.
    async fn counted(&self, sample: &str) -> u64 {
        let address = self.metrics.to_string();
        let text = tokio::task::spawn_blocking(move || get(&address, "/metrics")).await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(sample)).expect(sample);
        line.trim().parse().unwrap()
    }

    async fn refused(&self, reason: &str) -> u64 {
        self.counted(&format!("kanban_connections_refused_total{{reason=\"{reason}\"}}")).await
    }
}

fn join() -> Frame {
    let name = PeerId::parse("ana").unwrap();
    Frame::Binary(Handshake::new(name, PeerMetadata::default()).join().into())
}

/// The reason of the last `error` message, and the code that the socket is closed with.
async fn told(mut socket: Socket) -> (String, u16) {
    let mut told = String::new();
    loop {
        match tokio::time::timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap() {
            Frame::Binary(frame) => match decode(&frame).unwrap() {
                Message::Error(refusal) => told = refusal.reason,
                other => assert_eq!(other.kind(), "peer"),
            },
            Frame::Close(close) => return (told, close.unwrap().code.into()),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_introduce_itself_in_time_hears_why_and_is_closed_with_4408() {
    let relay = Limited::start(|limits| limits.handshake_timeout = Duration::from_millis(50)).await;
    let said = told(relay.dial().await).await;
    assert_eq!(said, ("you did not introduce yourself in time".to_owned(), 4408));
    assert_eq!(relay.refused("handshake_timeout").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_frame_that_is_too_long_is_not_read_to_its_end_and_closes_with_1009() {
    let relay = Limited::start(|limits| limits.first_frame_bytes_max = 1024).await;
    for bytes in [1025, 200_000] {
        let mut socket = relay.dial().await;
        socket.send(Frame::Binary(vec![0; bytes].into())).await.unwrap();
        let (words, code) = told(socket).await;
        assert_eq!(
            (words.as_str(), code),
            ("introduce yourself first, in at most 1024 bytes", 1009)
        );
    }
    assert_eq!(relay.refused("first_frame").await, 2);
    // Afterwards frames may be long: this one is no message, which is another matter.
    let mut socket = relay.join(None).await;
    socket.send(Frame::Binary(vec![0; 200_000].into())).await.unwrap();
    assert_eq!(told(socket).await.1, 1002);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_when_there_are_enough_is_told_to_come_later_and_gets_in_once_somebody_has_left()
{
    let relay = Limited::start(|limits| limits.connections_max = 1).await;
    let mut first = relay.join(None).await;
    let (words, code) = told(relay.join(None).await).await;
    assert!(words.contains("as many connections as it takes"), "{words}");
    assert_eq!((code, relay.refused("full").await), (1013, 1));
    first.close(None).await.unwrap();
    while first.next().await.is_some() {}
    while relay.counted("kanban_connections_open ").await > 0 {
        tokio::task::yield_now().await;
    }
    let mut third = relay.join(None).await;
    third.close(None).await.unwrap();
    assert!(!matches!(third.next().await, Some(Ok(Frame::Binary(_)))), "nothing but goodbye");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_each_address_that_it_names_has_its_own_share() {
    let relay = Limited::start(|limits| {
        limits.connections_per_address_max = 1;
        limits.proxies = vec![[127, 0, 0, 1].into()];
    })
    .await;
    let _first = relay.join(Some("6.6.6.6, 10.0.0.1")).await;
    let _other = relay.join(Some("10.0.0.1, 10.0.0.2")).await;
    let (words, code) = told(relay.join(Some("10.0.0.1")).await).await;
    assert!(words.starts_with("your network has as many connections"), "{words}");
    assert_eq!((code, relay.refused("address").await), (1013, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_does_not_finish_a_request_is_hung_up_on() {
    let relay = Limited::start(|limits| limits.header_timeout = Duration::from_millis(50)).await;
    for beginning in ["", "GET /sync HTTP/1.1\r\nhost: "] {
        let address = relay.address;
        let rest = tokio::task::spawn_blocking(move || {
            let mut socket = std::net::TcpStream::connect(address).unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            socket.write_all(beginning.as_bytes()).unwrap();
            let mut rest = Vec::new();
            socket.read_to_end(&mut rest).map(|_| rest)
        });
        assert_eq!(String::from_utf8(rest.await.unwrap().unwrap()).unwrap(), "");
    }
    while relay.refused("header_timeout").await < 2 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_no_ping_is_gone_and_who_does_may_be_silent() {
    let silent = Limited::start(|limits| limits.idle_timeout = Duration::from_millis(50)).await;
    assert_eq!(told(silent.join(None).await).await.1, 4408);
    assert_eq!(silent.counted("kanban_connections_closed_total{code=\"4408\"}").await, 1);

    let asking = Limited::start(|limits| {
        limits.idle_timeout = Duration::from_secs(2);
        limits.ping_every = Duration::from_millis(100);
    })
    .await;
    let mut socket = asking.join(None).await;
    // More than the silence that is allowed; reading answers them.
    for _ in 0..30 {
        assert!(matches!(socket.next().await, Some(Ok(Frame::Ping(_)))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_stops_takes_nobody_in_and_closes_with_1012() {
    let relay = Limited::start(|_| {}).await;
    let socket = relay.join(None).await;
    relay.stop.send(()).unwrap();
    assert_eq!(told(socket).await, (String::new(), 1012));
    relay.running.await.unwrap();
    assert!(TcpStream::connect(relay.address).await.is_err());
}

/// An ephemeral message of Ana's, with so many bytes of content.
fn says(count: u64, length: usize) -> Frame {
    let name = |name| PeerId::parse(name).unwrap();
    let ephemeral = Ephemeral {
        author: name("ana"),
        target: name("relay"),
        document: DOCUMENT,
        session: SessionId::parse("1").unwrap(),
        count,
        data: vec![0; length].into(),
    };
    Frame::Binary(encode(&Message::Ephemeral(ephemeral)).into())
}

#[tokio::test]
async fn who_says_too_much_or_at_too_great_length_is_heard_in_part_and_goes_on() {
    let relay = Limited::start(|limits| {
        limits.ephemeral_per_second = 1;
        limits.ephemeral_bytes_max = 100;
    })
    .await;
    let url = format!("ws://{}/sync", relay.address);
    let mut ana = Peer::connect(&url, "ana", DOCUMENT, Automerge::new()).await;
    ana.edits("title", "Plan");
    ana.speaks().await;
    ana.settles().await;
    let mut ben = Peer::connect(&url, "ben", DOCUMENT, Automerge::new()).await;
    ben.settles().await;
    ana.sends(says(1, 101)).await;
    for count in 2..102 {
        ana.sends(says(count, 100)).await;
    }
    ana.edits("title", "Done");
    ana.speaks().await;
    ana.settles().await;
    let mut heard = Vec::new();
    while ben.document.get_heads() != ana.document.get_heads() {
        let frame = tokio::time::timeout(PATIENCE, ben.hears()).await.unwrap().unwrap();
        match decode(&frame).unwrap() {
            Message::Ephemeral(ephemeral) => heard.push(ephemeral.count),
            _ => ben.answers(&frame).await,
        }
    }
    // Two at once, and perhaps more while the others came.
    assert!(heard.starts_with(&[2, 3]) && heard.len() < 100, "{heard:?}");
    let refused = relay.counted("kanban_ephemeral_refused_total").await;
    assert_eq!(refused as usize + heard.len(), 101);
}

#[tokio::test]
async fn a_document_that_is_as_large_as_one_may_be_is_read_and_not_changed() {
    let relay = Limited::start(|limits| limits.changes_per_document_max = 3).await;
    let url = format!("ws://{}/sync", relay.address);
    let mut ana = Peer::connect(&*url, "ana", DOCUMENT, Automerge::new()).await;
    for key in ["one", "two", "three"] {
        ana.edits(key, "written");
        ana.speaks().await;
        ana.settles().await;
    }
    let whole = ana.document.get_heads();
    ana.edits("four", "written");
    ana.speaks().await;
    let mut ben = Peer::connect(&*url, "ben", DOCUMENT, Automerge::new()).await;
    ben.settles().await;
    assert_eq!(ben.document.get_heads(), whole);
    assert!(relay.counted("kanban_documents_full_total").await >= 1);
}

#[tokio::test]
async fn who_makes_the_relay_work_for_too_long_waits_and_loses_nothing() {
    slows(|limits| limits.work_per_minute = Duration::from_micros(1)).await;
}

#[tokio::test]
async fn who_asks_the_relay_to_send_too_much_waits_and_loses_nothing() {
    slows(|limits| limits.sent_bytes_per_minute = 1024).await;
}

async fn slows(limit: impl FnOnce(&mut Limits)) {
    let relay = Limited::start(limit).await;
    let url = format!("ws://{}/sync", relay.address);
    let mut ana = Peer::connect(&*url, "ana", DOCUMENT, Automerge::new()).await;
    // What a step costs is charged with the next.
    for key in ["one", "two"] {
        ana.edits(key, "written");
        ana.speaks().await;
        ana.settles().await;
    }
    assert!(relay.counted("kanban_clients_slowed_total").await >= 1);
}

#[tokio::test]
async fn who_asks_again_and_again_for_what_was_sent_is_closed_at_the_chosen_number() {
    let relay = Limited::start(|limits| limits.full_replies_max = 2).await;
    let url = format!("ws://{}/sync", relay.address);
    let mut ana = Peer::connect(&*url, "ana", DOCUMENT, Automerge::new()).await;
    ana.edits("title", "written");
    ana.speaks().await;
    ana.settles().await;
    for _ in 0..3 {
        ana.asks_anew().await;
    }
    let (code, reason) = ana.is_closed().await;
    assert_eq!((code, reason.contains("too often")), (1008, true), "{reason}");
}

#[tokio::test]
async fn who_sends_more_changes_than_a_minute_has_is_read_from_more_slowly_and_loses_none() {
    let relay = Limited::start(|limits| limits.changes_per_minute = 60).await;
    let url = format!("ws://{}/sync", relay.address);
    let mut ana = Peer::connect(&*url, "ana", DOCUMENT, Automerge::new()).await;
    for number in 0..61 {
        ana.edits("title", &number.to_string());
    }
    ana.speaks().await;
    ana.settles().await;
    ana.edits("title", "last");
    ana.speaks().await;
    ana.settles().await;
    assert!(relay.counted("kanban_clients_slowed_total").await >= 1);
    let mut ben = Peer::connect(&*url, "ben", DOCUMENT, Automerge::new()).await;
    ben.settles().await;
    assert_eq!(ben.document.get_heads(), ana.document.get_heads());
}
