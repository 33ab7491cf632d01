//! Acknowledgements, recognised by their bytes.
//!
//! For every batch that a room sends to two hundred readers it gets two hundred messages back that
//! say "I have it", and learns nothing from them. A client writes them all alike, so after the
//! first one the others are known without being read.

use std::collections::VecDeque;
use sync_protocol::{ChangeHash, DocumentId, acknowledgement};

/// How many batches a reader may be behind the room with its acknowledgements; of older ones each
/// is read as a message.
const REMEMBERED: usize = 64;

/// The longest frame that is compared with an acknowledgement: several heads, the longest ids.
const FRAME_BYTES_MAX: usize = 2048;

/// The acknowledgements that a room may get for what it told lately.
#[derive(Debug, Default)]
pub struct Acknowledged {
    /// The newest first.
    payloads: VecDeque<Vec<u8>>,
}

impl Acknowledged {
    /// The room tells its members these heads from now on.
    pub fn told(&mut self, heads: &[ChangeHash]) {
        self.payloads.truncate(REMEMBERED - 1);
        self.payloads.push_front(acknowledgement(heads));
    }

    /// Whether a payload acknowledges something that was told lately.
    pub fn contains(&self, payload: &[u8]) -> bool {
        self.payloads.iter().any(|known| known == payload)
    }
}

/// How one client writes its acknowledgements for one document: the bytes around the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AckShape {
    document: DocumentId,
    before: Vec<u8>,
    payload: usize,
    after: Vec<u8>,
}

impl AckShape {
    /// Learns it from a frame that acknowledges `heads`; `None` if the frame does more than that,
    /// or in other words than Automerge's.
    pub fn learn(frame: &[u8], document: DocumentId, heads: &[ChangeHash]) -> Option<Self> {
        if frame.len() > FRAME_BYTES_MAX {
            return None;
        }
        let payload = acknowledgement(heads);
        let start = frame.windows(payload.len()).position(|bytes| bytes == payload)?;
        let (before, rest) = frame.split_at(start);
        let (payload, after) = rest.split_at(payload.len());
        let (before, after) = (before.to_vec(), after.to_vec());
        Some(Self { document, before, payload: payload.len(), after })
    }

    /// Which document the acknowledgements are for.
    pub fn document(&self) -> DocumentId {
        self.document
    }

    /// The payload of a frame of this shape; `None` if it has another.
    pub fn payload<'a>(&self, frame: &'a [u8]) -> Option<&'a [u8]> {
        let payload = frame.strip_prefix(&*self.before)?.strip_suffix(&*self.after)?;
        (payload.len() == self.payload).then_some(payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_protocol::{DocumentSync, Message, PeerId, encode};

    const DOCUMENT: DocumentId = DocumentId::from_bytes([1; 16]);

    fn frame(author: &str, heads: &[ChangeHash]) -> Vec<u8> {
        let [sender, target] = [author, "relay"].map(|name| PeerId::parse(name).unwrap());
        let data = acknowledgement(heads).into();
        encode(&Message::Sync(DocumentSync { sender, target, document: DOCUMENT, data }))
    }

    #[test]
    fn a_client_s_acknowledgements_are_known_by_their_shape() {
        let [one, two, three] = [1, 2, 3].map(|number| [ChangeHash([number; 32])]);
        let mut told = Acknowledged::default();
        told.told(&one);
        told.told(&two);
        let shape = AckShape::learn(&frame("ana", &one), DOCUMENT, &one).unwrap();
        let knows = |frame: &[u8]| shape.payload(frame).is_some_and(|data| told.contains(data));
        assert!(knows(&frame("ana", &one)) && knows(&frame("ana", &two)));
        assert!(!knows(&frame("ana", &three)), "it was not told");
        assert!(!knows(&frame("ben", &two)), "another's words");
        assert!(!knows(&frame("ana", &[one[0], two[0]])), "more than was told");
    }

    #[test]
    fn what_was_told_long_ago_is_forgotten() {
        let mut told = Acknowledged::default();
        let heads = |number: u8| [ChangeHash([number; 32])];
        (0..=REMEMBERED as u8).for_each(|number| told.told(&heads(number)));
        assert!(!told.contains(&acknowledgement(&heads(0))));
        assert!(told.contains(&acknowledgement(&heads(1))));
    }

    #[test]
    fn a_frame_that_does_more_has_no_shape() {
        let heads = [ChangeHash([1; 32])];
        let mut longer = frame("ana", &heads);
        longer.resize(FRAME_BYTES_MAX + 1, 0);
        assert_eq!(AckShape::learn(&longer, DOCUMENT, &heads), None);
        assert_eq!(AckShape::learn(b"something else", DOCUMENT, &heads), None);
    }
}
