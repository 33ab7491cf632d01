//! A client's WebSocket, by hand: blocking until it is upgraded, never blocking afterwards.

use crate::Outcome;
use mio::net::TcpStream;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(20);

/// One connection.
pub struct Socket {
    pub stream: TcpStream,
    /// The begin of a frame whose end has not come yet.
    rest: Vec<u8>,
    outgoing: Vec<u8>,
    written: usize,
    pub bytes_read: u64,
}

impl Socket {
    /// Connects and upgrades.
    pub fn connect(port: u16, path: &str) -> Outcome<Self> {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(UPGRADE_TIMEOUT))?;
        let request = format!(
            "GET /{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        let end = loop {
            if let Some(end) = answer.windows(4).position(|end| end == b"\r\n\r\n") {
                break end + 4;
            }
            let mut part = [0; 4096];
            let read = stream.read(&mut part)?;
            answer.extend_from_slice(part.get(..read).unwrap_or_default());
            if read == 0 {
                return Err("the server closed instead of upgrading".into());
            }
        };
        if !answer.starts_with(b"HTTP/1.1 101") {
            return Err("the server does not upgrade".into());
        }
        stream.set_nonblocking(true)?;
        let stream = TcpStream::from_std(stream);
        let rest = answer.split_off(end);
        Ok(Self { stream, rest, outgoing: Vec::new(), written: 0, bytes_read: 0 })
    }

    /// Hands out the frames that came with the upgrade's answer, or before now.
    pub fn leftover(
        &mut self,
        each: impl FnMut(&[u8], &mut Vec<u8>) -> Outcome<()>,
    ) -> Outcome<()> {
        let rest = std::mem::take(&mut self.rest);
        self.split(rest, each)
    }

    /// Reads once and hands out whole frames; replies go to the end of what is to be written.
    ///
    /// A read that does not fill the buffer has emptied the socket.
    pub fn read(
        &mut self,
        buffer: &mut [u8],
        mut each: impl FnMut(&[u8], &mut Vec<u8>) -> Outcome<()>,
    ) -> Outcome<()> {
        loop {
            let read = match self.stream.read(buffer) {
                Ok(0) => return Err("the server closed the connection".into()),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            self.bytes_read += read as u64;
            let bytes = buffer.get(..read).unwrap_or_default();
            if self.rest.is_empty() {
                let used = frames(bytes, &mut self.outgoing, &mut each)?;
                self.rest.extend_from_slice(bytes.get(used..).unwrap_or_default());
            } else {
                self.rest.extend_from_slice(bytes);
                let rest = std::mem::take(&mut self.rest);
                self.split(rest, &mut each)?;
            }
            if read < buffer.len() {
                return Ok(());
            }
        }
    }

    fn split(
        &mut self,
        mut rest: Vec<u8>,
        mut each: impl FnMut(&[u8], &mut Vec<u8>) -> Outcome<()>,
    ) -> Outcome<()> {
        let used = frames(&rest, &mut self.outgoing, &mut each)?;
        rest.drain(..used);
        self.rest = rest;
        Ok(())
    }

    /// Where frames to be written go.
    pub fn outgoing(&mut self) -> &mut Vec<u8> {
        &mut self.outgoing
    }

    /// Writes as much as the socket takes.
    pub fn flush(&mut self) -> Outcome<()> {
        while let Some(unwritten) =
            self.outgoing.get(self.written..).filter(|rest| !rest.is_empty())
        {
            match self.stream.write(unwritten) {
                Ok(written) => self.written += written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.outgoing.clear();
        self.written = 0;
        Ok(())
    }
}

/// A client's binary frame. The mask is zero: masking is the same work for every server, and
/// none for the generator.
pub fn binary(out: &mut Vec<u8>, payload: &[u8]) {
    header(out, BINARY, payload.len());
    out.extend_from_slice(payload);
}

fn header(out: &mut Vec<u8>, opcode: u8, length: usize) {
    out.push(0x80 | opcode);
    match length {
        0..126 => out.push(0x80 | length as u8),
        126..65536 => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
}

/// Hands out whole frames; returns how many bytes they took.
fn frames(
    bytes: &[u8],
    outgoing: &mut Vec<u8>,
    each: &mut impl FnMut(&[u8], &mut Vec<u8>) -> Outcome<()>,
) -> Outcome<usize> {
    let mut used = 0;
    while let Some((opcode, payload, taken)) = frame(bytes.get(used..).unwrap_or_default())? {
        used += taken;
        match opcode {
            BINARY => each(payload, outgoing)?,
            PING => {
                header(outgoing, PONG, payload.len());
                outgoing.extend_from_slice(payload);
            }
            CLOSE => {
                let reason = String::from_utf8_lossy(payload.get(2..).unwrap_or_default());
                return Err(format!("the server closed the connection: {reason}").into());
            }
            PONG => {}
            other => return Err(io::Error::other(format!("a frame of type {other}")).into()),
        }
    }
    Ok(used)
}

/// A frame's type and payload, and its whole length.
fn frame(bytes: &[u8]) -> Outcome<Option<(u8, &[u8], usize)>> {
    let [first, second, after @ ..] = bytes else { return Ok(None) };
    let (width, length) = match (second, after) {
        (length @ 0..126, _) => (0, u64::from(*length)),
        (126, [a, b, ..]) => (2, u64::from(u16::from_be_bytes([*a, *b]))),
        (127, [a, b, c, d, e, f, g, h, ..]) => {
            (8, u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]))
        }
        (126 | 127, _) => return Ok(None),
        _ => return Err("a server's frame is masked".into()),
    };
    if first & 0x80 == 0 {
        return Err("a frame in parts".into());
    }
    let start = 2 + width;
    let end = start + length as usize;
    Ok(bytes.get(start..end).map(|payload| (first & 0x0f, payload, end)))
}
