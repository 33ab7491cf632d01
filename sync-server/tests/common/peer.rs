//! A client with one document, on Automerge's own sync.

use automerge::sync::{self, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{Automerge, ChangeHash, ROOT};
use futures_util::{SinkExt, StreamExt};
use sync_protocol::{
    DocumentId, DocumentSync, Handshake, Message, PeerId, PeerMetadata, decode, encode,
};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async, connect_async};

pub struct Peer {
    pub name: PeerId,
    pub document: Automerge,
    id: DocumentId,
    relay: PeerId,
    state: sync::State,
    is_of_old: bool,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Peer {
    /// Connects, introduces itself and says what it has.
    pub async fn connect(
        request: impl IntoClientRequest + Unpin,
        name: &str,
        id: DocumentId,
        document: Automerge,
    ) -> Self {
        let (socket, _) = connect_async(request).await.unwrap();
        Self::introduced(false, socket, name, id, document).await
    }

    /// Does the same, as a client that knows nothing of whole documents in messages.
    pub async fn of_old(
        request: impl IntoClientRequest + Unpin,
        name: &str,
        id: DocumentId,
        document: Automerge,
    ) -> Self {
        let (socket, _) = connect_async(request).await.unwrap();
        Self::introduced(true, socket, name, id, document).await
    }

    /// Does the same, on a socket for which the system keeps hardly anything that is not taken.
    pub async fn narrow(url: &str, name: &str, id: DocumentId, document: Automerge) -> Self {
        let address = url.trim_start_matches("ws://").trim_end_matches("/sync").parse().unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = MaybeTlsStream::Plain(socket.connect(address).await.unwrap());
        let (socket, _) = client_async(url, stream).await.unwrap();
        Self::introduced(false, socket, name, id, document).await
    }

    async fn introduced(
        is_of_old: bool,
        mut socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
        name: &str,
        id: DocumentId,
        document: Automerge,
    ) -> Self {
        let name = PeerId::parse(name).unwrap();
        let handshake = Handshake::new(name.clone(), PeerMetadata::default());
        socket.send(Frame::Binary(handshake.join().into())).await.unwrap();
        let answer = socket.next().await.unwrap().unwrap().into_data();
        let relay = handshake.finish(&answer).unwrap().peer;
        let state = sync::State::new();
        let mut peer = Self { name, document, id, relay, state, is_of_old, socket };
        peer.speak(true).await;
        peer
    }

    /// Makes a change, without telling anybody.
    pub fn edits(&mut self, key: &str, value: &str) -> ChangeHash {
        let mut transaction = self.document.transaction();
        transaction.put(ROOT, key, value).unwrap();
        transaction.commit().0.unwrap()
    }

    /// Says what there is to say.
    pub async fn speaks(&mut self) {
        self.speak(false).await;
    }

    /// Asks for the document as if nothing had been said before.
    pub async fn asks_anew(&mut self) {
        self.state = sync::State::new();
        let message = self.document.generate_sync_message(&mut self.state).unwrap();
        let sync = DocumentSync {
            sender: self.name.clone(),
            target: self.relay.clone(),
            document: self.id,
            data: message.encode().into(),
        };
        self.sends(Frame::Binary(encode(&Message::Request(sync)).into())).await;
    }

    /// Says what it has, as if nothing had been said before.
    pub async fn says_what_it_has(&mut self) {
        self.state = sync::State::new();
        self.speak(false).await;
    }

    /// The heads that the relay last said it has.
    pub fn acknowledged(&self) -> Vec<ChangeHash> {
        self.state.their_heads.clone().unwrap_or_default()
    }

    /// Sends bytes that may be anything.
    pub async fn sends(&mut self, frame: Frame) {
        self.socket.send(frame).await.unwrap();
    }

    /// Takes frames, answering each, until the relay has said that it has everything that this
    /// peer has, and this peer has everything that the relay has.
    pub async fn settles(&mut self) {
        while self.state.their_heads.as_ref() != Some(&self.document.get_heads()) {
            assert!(self.takes().await, "the relay closed");
        }
    }

    /// Takes one frame and answers it. `false` if the connection has ended.
    pub async fn takes(&mut self) -> bool {
        let Some(data) = self.hears().await else { return false };
        self.answers(&data).await;
        true
    }

    /// Answers a frame.
    pub async fn answers(&mut self, data: &[u8]) {
        if let Message::Sync(sync) = decode(data).unwrap() {
            assert_eq!((&sync.sender, &sync.target), (&self.relay, &self.name));
            let mut message = sync::Message::decode(&sync.data).unwrap();
            if self.is_of_old {
                message.flags = None;
            }
            self.document.receive_sync_message(&mut self.state, message).unwrap();
            self.speak(false).await;
        }
    }

    /// The next frame of the protocol; none once the connection has ended.
    pub async fn hears(&mut self) -> Option<Vec<u8>> {
        loop {
            match self.socket.next().await? {
                Ok(Frame::Binary(data)) => return Some(data.into()),
                Ok(Frame::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Takes what comes, without an answer, until the connection is closed: with which code, and why.
    pub async fn is_closed(&mut self) -> (u16, String) {
        while let Some(Ok(frame)) = self.socket.next().await {
            if let Frame::Close(Some(close)) = frame {
                return (close.code.into(), close.reason.to_string());
            }
        }
        panic!("the connection ended without a word");
    }

    /// Takes frames until the relay says that it does not have the document.
    pub async fn hears_that_it_is_unavailable(&mut self) {
        while !matches!(
            decode(&self.hears().await.unwrap()).unwrap(),
            Message::DocumentUnavailable(unavailable) if unavailable.document == self.id
        ) {}
    }

    async fn speak(&mut self, is_first: bool) {
        let Some(mut message) = self.document.generate_sync_message(&mut self.state) else {
            return;
        };
        if self.is_of_old {
            (message.flags, message.version) = (None, sync::MessageVersion::V1);
        }
        let sync = DocumentSync {
            sender: self.name.clone(),
            target: self.relay.clone(),
            document: self.id,
            data: message.encode().into(),
        };
        let asks = is_first && self.document.get_heads().is_empty();
        let message = if asks { Message::Request(sync) } else { Message::Sync(sync) };
        // A relay that was killed takes nothing; the next read says so.
        _ = self.socket.send(Frame::Binary(encode(&message).into())).await;
    }
}
