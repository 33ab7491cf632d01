//! Somebody who watches a board.

use super::PATIENCE;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

/// Server-sent events, as they come.
pub struct Watching(BufReader<TcpStream>);

/// One of them.
#[derive(Debug, Default)]
pub struct Told {
    pub event: String,
    pub id: String,
    pub data: Value,
}

impl Watching {
    pub fn start(address: &str, board: &str, token: &str, since: Option<&str>) -> Self {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let since = since.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
        write!(
            socket,
            "GET /boards/{board}/events HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n{since}\r\n"
        )
        .unwrap();
        let mut reader = BufReader::new(socket);
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert!(line.contains(" 200 "), "{line}");
        Self(reader)
    }

    /// The next event.
    pub fn next(&mut self) -> Told {
        let mut told = Told::default();
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "it ended");
            // Between them are the sizes of chunks, headers and comments.
            match line.trim_end().split_once(": ") {
                Some(("event", event)) => told.event = event.to_owned(),
                Some(("id", id)) => told.id = id.to_owned(),
                Some(("data", data)) => told.data = serde_json::from_str(data).unwrap(),
                _ if line.trim().is_empty() && !told.event.is_empty() => return told,
                _ => {}
            }
        }
    }

    /// The next that tells of changes.
    pub fn changes(&mut self) -> Told {
        std::iter::repeat_with(|| self.next()).find(|told| told.event == "changes").unwrap()
    }
}
