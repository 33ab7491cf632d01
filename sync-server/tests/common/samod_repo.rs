//! An unmodified samod repository, whose network can be taken away.

use super::Traffic;
use futures_util::future::BoxFuture;
use futures_util::{SinkExt, StreamExt, TryStreamExt, future};
use samod::{BackoffConfig, DialError, Dialer, Repo, Transport};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Error, Message};

const PATIENCE: Duration = Duration::from_secs(60);

/// The network between a repository and the relay.
#[derive(Clone)]
pub struct Network {
    state: Arc<watch::Sender<State>>,
    traffic: Traffic,
}

#[derive(Clone, Copy, PartialEq)]
struct State {
    is_up: bool,
    /// How often connections were lost.
    losses: u64,
}

impl Network {
    fn new() -> Self {
        let state = watch::Sender::new(State { is_up: true, losses: 0 });
        Self { state: Arc::new(state), traffic: Traffic::default() }
    }

    /// What has gone over it.
    pub fn traffic(&self) -> Traffic {
        self.traffic.clone()
    }

    /// Ends the connection; there may be another at once.
    pub fn loses_connection(&self) {
        self.state.send_modify(|state| state.losses += 1);
    }

    /// Ends the connection, and allows none.
    pub fn goes_down(&self) {
        self.state.send_modify(|state| *state = State { is_up: false, losses: state.losses + 1 });
    }

    /// Allows connections.
    pub fn comes_up(&self) {
        self.state.send_modify(|state| state.is_up = true);
    }
}

/// What samod's own dialer does; that one needs the system's TLS library to be compiled.
struct WebSocket {
    url: samod::Url,
    network: Network,
}

impl Dialer for WebSocket {
    type Error = Infallible;

    fn url(&self) -> samod::Url {
        self.url.clone()
    }

    fn connect(&self) -> BoxFuture<'static, Result<Transport, DialError<Infallible>>> {
        let (url, mut network) = (self.url.clone(), self.network.state.subscribe());
        let (sent, received) = (self.network.traffic(), self.network.traffic());
        Box::pin(async move {
            // The sender lives as long as the repository.
            let losses = network.wait_for(|state| state.is_up).await.map_or(0, |up| up.losses);
            let connected = connect_async(url.as_str()).await.map_err(DialError::transient)?;
            sent.connects();
            let lost = async move { _ = network.wait_for(|state| state.losses != losses).await };
            let (sink, stream) = connected.0.split();
            let stream = stream.try_filter_map(move |message| {
                let frame = match message {
                    Message::Binary(frame) => {
                        received.receives(&frame);
                        Some(frame.to_vec())
                    }
                    _ => None,
                };
                future::ready(Ok::<_, Error>(frame))
            });
            let sink = sink.with(move |frame: Vec<u8>| {
                sent.sends(&frame);
                future::ready(Ok::<_, Error>(Message::Binary(frame.into())))
            });
            Ok(Transport::new(stream.take_until(lost).boxed(), sink))
        })
    }
}

/// A repository that is connected to the relay at `url`, and connects again by itself.
pub async fn repository(url: &str) -> (Repo, Network) {
    let repo = Repo::build_tokio().load().await;
    let back_off = BackoffConfig {
        initial_delay: Duration::from_millis(50),
        max_delay: Duration::from_millis(200),
        max_retries: None,
    };
    let network = Network::new();
    let dialer = WebSocket { url: url.parse().unwrap(), network: network.clone() };
    let dialer = repo.dial(back_off, Arc::new(dialer)).unwrap();
    timeout(PATIENCE, dialer.established()).await.unwrap().unwrap();
    (repo, network)
}
