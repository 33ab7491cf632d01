//! A wire between clients and the relay that can be cut at any byte.

use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Duration, timeout};

const PATIENCE: Duration = Duration::from_secs(60);

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Side {
    Client,
    Relay,
}

pub struct Wire {
    address: String,
    state: Arc<watch::Sender<State>>,
}

struct State {
    is_up: bool,
    /// How often it was cut.
    cuts: u64,
    /// How many more bytes of one side pass; those after them wait.
    allowance: Option<(Side, usize)>,
}

impl Wire {
    /// Leads to the relay that listens on `address`.
    pub async fn to(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let state = State { is_up: true, cuts: 0, allowance: None };
        let wire = Self {
            address: listener.local_addr().unwrap().to_string(),
            state: Arc::new(watch::Sender::new(state)),
        };
        let (relay, state) = (address.to_owned(), wire.state.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connection(client, relay.clone(), state.clone()));
            }
        });
        wire
    }

    pub fn url(&self) -> String {
        format!("ws://{}/sync", self.address)
    }

    /// Lets so many more bytes of one side pass, and holds back what it sends after them.
    pub fn holds_after(&self, side: Side, bytes: usize) {
        self.state.send_modify(|state| state.allowance = Some((side, bytes)));
    }

    /// Waits until the bytes that may pass have passed.
    pub async fn is_holding(&self) {
        let mut state = self.state.subscribe();
        let holds = state.wait_for(|state| matches!(state.allowance, Some((_, 0))));
        timeout(PATIENCE, holds).await.expect("so many bytes are sent").unwrap();
    }

    /// Ends all connections, and allows none.
    pub fn breaks(&self) {
        self.state.send_modify(|state| {
            *state = State { is_up: false, cuts: state.cuts + 1, allowance: None };
        });
    }

    /// Allows connections, over which everything passes.
    pub fn mends(&self) {
        self.state.send_modify(|state| state.is_up = true);
    }
}

async fn connection(client: TcpStream, relay: String, state: Arc<watch::Sender<State>>) {
    let mut cut = state.subscribe();
    let (is_up, cuts) = (cut.borrow().is_up, cut.borrow().cuts);
    if !is_up {
        return;
    }
    // Nobody may listen there now.
    let Ok(relay) = TcpStream::connect(relay).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_relay, to_relay) = relay.into_split();
    tokio::select! {
        () = pass_on(Side::Client, from_client, to_relay, &state) => {}
        () = pass_on(Side::Relay, from_relay, to_client, &state) => {}
        _ = cut.wait_for(|state| state.cuts != cuts) => {}
    }
}

/// Ends with the connection.
async fn pass_on(
    side: Side,
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    state: &watch::Sender<State>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let mut passing = read;
        state.send_if_modified(|state| match &mut state.allowance {
            Some((held, left)) if *held == side => {
                passing = read.min(*left);
                *left -= passing;
                true
            }
            _ => false,
        });
        if to.write_all(&buffer[..passing]).await.is_err() {
            return;
        }
        if passing < read {
            std::future::pending::<()>().await;
        }
    }
}
