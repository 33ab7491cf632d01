//! Every message survives the wire.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/messages.rs"]
mod messages;

use messages::{message, peer, sync};
use proptest::collection::vec;
use proptest::prelude::*;
use sync_protocol::*;

proptest! {
    #[test]
    fn every_message_is_read_back_from_its_frame(message in message()) {
        let frame = encode(&message);
        prop_assert_eq!(decode(&frame), Ok(message));
    }

    #[test]
    fn a_frame_cut_anywhere_is_refused(message in message(), cut: prop::sample::Index) {
        let frame = encode(&message);
        let length = cut.index(frame.len());
        prop_assert_eq!(decode(frame.get(..length).unwrap()), Err(DecodeError::CutShort));
    }

    #[test]
    fn a_shared_frame_is_the_frame_that_each_peer_would_have_got(
        sync in sync(),
        targets in vec(peer(), 1..4),
    ) {
        let shared = SharedFrame::new(&Message::Sync(sync.clone()));
        for target in targets {
            let own = Message::Sync(DocumentSync { target: target.clone(), ..sync.clone() });
            prop_assert_eq!(shared.frame_for(&target), encode(&own));
            prop_assert_eq!(
                [&shared.prefix_for(&target), &**shared.suffix()].concat(),
                encode(&own)
            );
        }
    }
}
