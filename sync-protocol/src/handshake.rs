//! The first two messages of a connection: a client joins, the server introduces itself.

use crate::codec::{DecodeError, decode, encode};
use crate::ids::PeerId;
use crate::message::{Join, Message, PROTOCOL_VERSION, Peer, PeerMetadata, Refusal};

/// What one end of a connection knows of the other once both have introduced themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introduced {
    /// The other end. A name, not a proof of anything.
    pub peer: PeerId,
    /// What it says about itself.
    pub metadata: PeerMetadata,
}

/// Why a connection does not come about: close it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The first frame is no message.
    #[error("the first frame is not a message")]
    NotAMessage(#[source] DecodeError),
    /// The first message is another one.
    #[error("expected `{expected}` as the first message, not `{found}`")]
    OutOfOrder {
        /// The message that must come first.
        expected: &'static str,
        /// The one that came.
        found: String,
    },
    /// The other end speaks other versions only, probably later ones.
    #[error("the peer speaks protocol version {theirs}, not {PROTOCOL_VERSION}")]
    OtherVersion {
        /// What it speaks.
        theirs: String,
    },
    /// The other end has this end's name; each would take the other's messages for its own.
    #[error("the peer has our own name, {peer}")]
    SameName {
        /// The name.
        peer: PeerId,
    },
    /// The server answers somebody else.
    #[error("the server answered {target}, not us")]
    WrongTarget {
        /// Whom it answered.
        target: PeerId,
    },
    /// The server refuses, and says why.
    #[error("the server refused: {reason}")]
    Refused {
        /// What it says.
        reason: String,
    },
}

/// A refused client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Why.
    pub error: HandshakeError,
    /// A frame to send before closing the connection.
    pub farewell: Option<Vec<u8>>,
}

/// One end's side of the handshake. It says the same to everybody, so a server keeps one.
///
/// ```
/// use sync_protocol::{Handshake, PeerId, PeerMetadata};
/// let client = Handshake::new(PeerId::parse("alice")?, PeerMetadata::default());
/// let server = Handshake::new(PeerId::parse("relay")?, PeerMetadata::default());
/// let (joined, answer) = server.accept(&client.join()).map_err(|rejected| rejected.error)?;
/// assert_eq!(joined.peer.as_str(), "alice");
/// assert_eq!(client.finish(&answer)?.peer.as_str(), "relay");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Handshake {
    own: PeerId,
    metadata: PeerMetadata,
}

impl Handshake {
    /// The handshake of the peer `own`.
    pub fn new(own: PeerId, metadata: PeerMetadata) -> Self {
        Self { own, metadata }
    }

    /// The frame that a client sends first.
    pub fn join(&self) -> Vec<u8> {
        encode(&Message::Join(Join {
            sender: self.own.clone(),
            metadata: self.metadata.clone(),
            versions: vec![PROTOCOL_VERSION.into()],
        }))
    }

    /// Takes a client's first frame: who joined, and the frame to answer with. A server sends
    /// nothing before.
    ///
    /// # Errors
    /// [`Rejected`] if the client cannot be served; close the connection.
    pub fn accept(&self, frame: &[u8]) -> Result<(Introduced, Vec<u8>), Rejected> {
        let silently = |error| Rejected { error, farewell: None };
        let message = decode(frame).map_err(HandshakeError::NotAMessage).map_err(silently)?;
        let Message::Join(join) = message else {
            return Err(silently(out_of_order("join", &message)));
        };
        let error = if join.sender == self.own {
            HandshakeError::SameName { peer: join.sender }
        } else if !join.versions.iter().any(|version| version == PROTOCOL_VERSION) {
            let farewell = encode(&Message::Error(Refusal {
                sender: Some(self.own.clone()),
                target: Some(join.sender),
                reason: "unsupported protocol version".to_owned(),
            }));
            let theirs = join.versions.join(", ");
            let error = HandshakeError::OtherVersion { theirs };
            return Err(Rejected { error, farewell: Some(farewell) });
        } else {
            let answer = Message::Peer(Peer {
                sender: self.own.clone(),
                target: join.sender.clone(),
                metadata: self.metadata.clone(),
                version: PROTOCOL_VERSION.into(),
            });
            return Ok((
                Introduced { peer: join.sender, metadata: join.metadata },
                encode(&answer),
            ));
        };
        Err(silently(error))
    }

    /// Takes the server's first frame: who it is. The client may speak from then on.
    ///
    /// # Errors
    /// [`HandshakeError`] if the server refuses or cannot be spoken with; close the connection.
    pub fn finish(&self, frame: &[u8]) -> Result<Introduced, HandshakeError> {
        let peer = match decode(frame).map_err(HandshakeError::NotAMessage)? {
            Message::Peer(peer) => peer,
            Message::Error(refusal) => {
                return Err(HandshakeError::Refused { reason: refusal.reason });
            }
            other => return Err(out_of_order("peer", &other)),
        };
        if peer.version != PROTOCOL_VERSION {
            return Err(HandshakeError::OtherVersion { theirs: peer.version.to_string() });
        }
        if peer.target != self.own {
            return Err(HandshakeError::WrongTarget { target: peer.target });
        }
        if peer.sender == self.own {
            return Err(HandshakeError::SameName { peer: peer.sender });
        }
        Ok(Introduced { peer: peer.sender, metadata: peer.metadata })
    }
}

fn out_of_order(expected: &'static str, found: &Message<'_>) -> HandshakeError {
    HandshakeError::OutOfOrder { expected, found: found.kind().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Leave;

    fn end(name: &str) -> Handshake {
        Handshake::new(PeerId::parse(name).unwrap(), PeerMetadata::default())
    }

    fn joining(versions: &[&str]) -> Vec<u8> {
        let versions = versions.iter().map(|version| (*version).into()).collect();
        let (sender, metadata) = (PeerId::parse("alice").unwrap(), PeerMetadata::default());
        encode(&Message::Join(Join { sender, metadata, versions }))
    }

    #[test]
    fn a_client_of_another_version_is_told_so_before_it_is_closed() {
        let rejected = end("relay").accept(&joining(&["7", "8"])).unwrap_err();
        assert_eq!(rejected.error.to_string(), "the peer speaks protocol version 7, 8, not 1");
        let farewell = rejected.farewell.unwrap();
        assert_eq!(
            end("alice").finish(&farewell),
            Err(HandshakeError::Refused { reason: "unsupported protocol version".to_owned() })
        );
        assert!(end("relay").accept(&joining(&["2", "1"])).is_ok());
    }

    #[test]
    fn nothing_but_a_join_opens_a_connection() {
        let leave = encode(&Message::Leave(Leave { sender: PeerId::parse("alice").unwrap() }));
        let rejected = end("relay").accept(&leave).unwrap_err();
        assert_eq!(rejected.error.to_string(), "expected `join` as the first message, not `leave`");
        assert_eq!(rejected.farewell, None);
        assert!(matches!(
            end("relay").accept(b"GET /").unwrap_err().error,
            HandshakeError::NotAMessage(_)
        ));
        assert!(matches!(end("alice").finish(&leave), Err(HandshakeError::OutOfOrder { .. })));
    }

    #[test]
    fn two_ends_of_one_name_do_not_talk() {
        let rejected = end("alice").accept(&joining(&["1"])).unwrap_err();
        assert!(matches!(rejected.error, HandshakeError::SameName { .. }));
    }

    #[test]
    fn a_client_does_not_take_another_clients_answer() {
        let (_, answer) = end("relay").accept(&joining(&["1"])).unwrap();
        assert!(matches!(end("ben").finish(&answer), Err(HandshakeError::WrongTarget { .. })));
        assert!(end("alice").finish(&answer).is_ok());
    }
}
