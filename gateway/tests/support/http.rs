//! A request, as plain as it gets.

use super::PATIENCE;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;

/// What a request was answered with.
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
        assert!(self.header("content-type").unwrap().starts_with("application/problem+json"));
        self.text("type").trim_start_matches("urn:kanban:problem:").to_owned()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// Asks for something; `headers` are lines.
pub fn ask(
    address: &str,
    what: &str,
    token: Option<&str>,
    headers: &[&str],
    body: Option<&Value>,
) -> Answer {
    let body = body.map(Value::to_string).unwrap_or_default();
    raw(address, what, token, headers, body.as_bytes())
}

/// The same with whatever bytes.
pub fn raw(
    address: &str,
    what: &str,
    token: Option<&str>,
    headers: &[&str],
    body: &[u8],
) -> Answer {
    let mut request = format!("{what} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    headers.iter().for_each(|header| request += &format!("{header}\r\n"));
    if let Some(token) = token {
        request += &format!("authorization: Bearer {token}\r\n");
    }
    if !body.is_empty() {
        request += &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
    }
    request += "\r\n";
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    // Whoever is answered before the end of a long body is hung up on.
    _ = socket.write_all(body);
    let mut answer = Vec::new();
    if let Err(error) = socket.read_to_end(&mut answer) {
        assert!(!answer.is_empty(), "{what}: {error}");
    }
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{what}: {answer}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = serde_json::from_str(body).unwrap_or(Value::Null);
    Answer { status, head: head.to_owned(), body }
}
