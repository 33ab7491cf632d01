//! Somebody whom webhooks go to.

use super::PATIENCE;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, mpsc};

/// A delivery.
#[derive(Debug)]
pub struct Received {
    head: Vec<(String, String)>,
    pub text: String,
    pub body: Value,
    /// What it was answered with.
    pub status: u16,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        let found = self.head.iter().find(|(found, _)| found == name);
        &found.unwrap_or_else(|| panic!("no {name} in {:?}", self.head)).1
    }
}

/// Listens, and answers all with one status until it is told another.
pub struct Receiver {
    address: SocketAddr,
    status: Arc<AtomicU16>,
    received: mpsc::Receiver<Received>,
}

impl Receiver {
    pub fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let status = Arc::new(AtomicU16::new(status));
        let (deliver, received) = mpsc::channel();
        let answers = status.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let Some(received) = take(socket.unwrap(), &answers) else { continue };
                if deliver.send(received).is_err() {
                    return;
                }
            }
        });
        Self { address, status, received }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook?team=1", self.address)
    }

    /// What it answers from now on.
    pub fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// The next delivery.
    pub fn next(&self) -> Received {
        self.received.recv_timeout(PATIENCE).expect("a delivery arrives")
    }

    /// The next delivery that was taken.
    pub fn next_taken(&self) -> Received {
        std::iter::repeat_with(|| self.next()).find(|it| it.status < 300).unwrap()
    }
}

fn take(mut socket: TcpStream, answers: &AtomicU16) -> Option<Received> {
    let mut reader = BufReader::new(socket.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.trim().split_once(": ") {
            head.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
    let length = head.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut text = vec![0; length];
    reader.read_exact(&mut text).ok()?;
    let text = String::from_utf8(text).unwrap();
    let status = answers.load(Ordering::SeqCst);
    let location = "location: http://127.0.0.1:9/";
    write!(socket, "HTTP/1.1 {status} X\r\n{location}\r\ncontent-length: 0\r\n\r\n").ok()?;
    let body = serde_json::from_str(&text).unwrap();
    Some(Received { head, text, body, status })
}
