//! What peers say to each other about who is here: the presence messages of automerge-repo 2.5
//! (`Presence`), inside ephemeral messages.

use crate::codec::{DecodeError, Map, Writer};
use std::collections::BTreeMap;

/// What marks an ephemeral message as one of these.
const MARKER: &str = "__presence";

/// What a peer shows of itself: a CBOR value for each channel, as automerge-repo calls its keys.
pub type PresenceState = BTreeMap<String, Vec<u8>>;

/// What a peer says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PresenceMessage {
    /// One of its channels has another value.
    Update {
        /// Which.
        channel: String,
        /// CBOR.
        value: Vec<u8>,
    },
    /// All that it shows.
    Snapshot(PresenceState),
    /// It is still here.
    Heartbeat,
    /// It goes.
    Goodbye,
}

impl PresenceMessage {
    /// What to [say](crate::client::Client::say).
    ///
    /// ```
    /// use sync_protocol::PresenceMessage;
    /// let state = [("name".to_owned(), b"\x63Ana".to_vec())].into();
    /// let message = PresenceMessage::Snapshot(state);
    /// assert_eq!(PresenceMessage::decode(&message.encode()), Some(message));
    /// assert_eq!(PresenceMessage::decode(b"\x65hello"), None);
    /// ```
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(64);
        writer.map(1).text(MARKER);
        match self {
            Self::Update { channel, value } => {
                writer.map(3).text("type").text("update");
                writer.text("channel").text(channel).text("value").raw(value);
            }
            Self::Snapshot(state) => {
                writer.map(2).text("type").text("snapshot").text("state").map(state.len());
                for (channel, value) in state {
                    writer.text(channel).raw(value);
                }
            }
            Self::Heartbeat => _ = writer.map(1).text("type").text("heartbeat"),
            Self::Goodbye => _ = writer.map(1).text("type").text("goodbye"),
        }
        writer.into_bytes()
    }

    /// Reads what somebody said; `None` if it is about something else, or nothing that can be read.
    pub fn decode(said: &[u8]) -> Option<Self> {
        Self::read(said).ok().flatten()
    }

    fn read(said: &[u8]) -> Result<Option<Self>, DecodeError> {
        let Some(field) = Map::of_frame(said)?.get(MARKER) else { return Ok(None) };
        let map = field.map()?;
        let kind = map.require("type")?.text()?;
        Ok(match &*kind {
            "update" => {
                let channel = map.require("channel")?.text()?.into_owned();
                // What is undefined is there as such.
                let value = map.get("value").map_or(UNDEFINED.as_slice(), |value| value.raw());
                Some(Self::Update { channel, value: value.to_vec() })
            }
            "snapshot" => {
                let state = map.require("state")?.map()?;
                let channel = |(name, value): (&str, _)| (name.to_owned(), raw(value));
                // Not `collect`, which would bring a sort to WebAssembly.
                let mut snapshot = PresenceState::new();
                snapshot.extend(state.fields("state").map(channel));
                Some(Self::Snapshot(snapshot))
            }
            "heartbeat" => Some(Self::Heartbeat),
            "goodbye" => Some(Self::Goodbye),
            _ => None,
        })
    }
}

/// CBOR's `undefined`: a channel that has no value any more.
pub(crate) const UNDEFINED: [u8; 1] = [0xf7];

fn raw(field: crate::codec::Field<'_>) -> Vec<u8> {
    field.raw().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As automerge-repo 2.5.6 and cbor-x write them.
    const SNAPSHOT: &[u8] = b"\xb9\x00\x01\x6a__presence\xb9\x00\x02\x64type\x68snapshot\x65state\xb9\x00\x02\x64name\x63Ana\x64card\xf6";

    #[test]
    fn what_automerge_repo_writes_is_read() {
        let state = [("name".into(), b"\x63Ana".to_vec()), ("card".into(), vec![0xf6])].into();
        assert_eq!(PresenceMessage::decode(SNAPSHOT), Some(PresenceMessage::Snapshot(state)));
    }

    #[test]
    fn every_message_is_read_back_and_cut_ones_are_nothing() {
        let update = |channel: &str, value: &[u8]| PresenceMessage::Update {
            channel: channel.into(),
            value: value.to_vec(),
        };
        let state = [("a".to_owned(), vec![0x83, 1, 2, 3]), (String::new(), vec![0xf5])].into();
        for message in [
            update("card", b"\x64docs"),
            PresenceMessage::Snapshot(state),
            PresenceMessage::Heartbeat,
            PresenceMessage::Goodbye,
        ] {
            let bytes = message.encode();
            assert_eq!(PresenceMessage::decode(&bytes), Some(message));
            for cut in 0..bytes.len() {
                assert_eq!(PresenceMessage::decode(bytes.get(..cut).unwrap()), None);
            }
        }
    }
}
