//! A server that passes each frame of one WebSocket on to another: what is left when nothing is
//! understood, checked or stored.

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, accept_async, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub struct Echo {
    sender: Socket,
    receiver: Socket,
}

impl Echo {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("ws://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move {
            let mut from = accept(&listener).await;
            let mut to = accept(&listener).await;
            while let Some(Ok(frame)) = from.next().await {
                to.send(frame).await.expect("sent on");
            }
        });
        Self { sender: connect(&url).await, receiver: connect(&url).await }
    }

    pub async fn send_and_receive(&mut self, frame: &[u8]) {
        self.sender.send(Message::Binary(frame.to_vec().into())).await.expect("sent");
        self.receiver.next().await.expect("a frame").expect("received");
    }
}

async fn accept(listener: &TcpListener) -> WebSocketStream<TcpStream> {
    let (socket, _) = listener.accept().await.expect("a connection");
    socket.set_nodelay(true).expect("no delay");
    accept_async(socket).await.expect("a WebSocket")
}

async fn connect(url: &str) -> Socket {
    let (socket, _) = connect_async(url).await.expect("connected");
    if let MaybeTlsStream::Plain(socket) = socket.get_ref() {
        socket.set_nodelay(true).expect("no delay");
    }
    socket
}
