//! A document that is damaged or set aside: nobody gets it and nobody may add to it, so that nothing
//! is acknowledged that would be lost with it.

use super::{Doors, RoomInput, RoomTask, Visitor};
use crate::outbox::Outbox;
use crate::relay::ConnectionId;
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_protocol::{DocumentUnavailable, Message, PeerId, encode};
use tokio::sync::mpsc;

/// What the members of a room are told whose document is set aside.
pub const SET_ASIDE: &str =
    "the relay has set this document aside, because it cannot be read again; keep your copy";

/// What those are told who were turned away from a document that is in service again.
const BACK: &str = "the document is in service again; connect again";

impl Doors {
    /// Everybody is told that the document is set aside. Returns how many have entered so far.
    pub(super) fn set_aside(&self) -> u64 {
        self.end(SET_ASIDE);
        self.entered
    }
}

impl RoomTask {
    /// Tells whoever asks that the document is unavailable, until nobody is left of those who enter
    /// after the first `entered`, or the document is put back.
    pub(super) async fn turn_away(&self, inputs: &mut mpsc::Receiver<RoomInput>, entered: u64) {
        let mut entered = entered;
        let mut peers: BTreeMap<ConnectionId, (PeerId, Arc<Outbox>)> = BTreeMap::new();
        loop {
            if peers.is_empty() && self.hub.retire(self.document, entered) {
                return;
            }
            match inputs.recv().await {
                Some(RoomInput::Enter(entering)) => {
                    let Visitor { peer, outbox, .. } = entering.visitor;
                    entered += 1;
                    peers.insert(outbox.connection(), (peer, outbox));
                }
                Some(RoomInput::Received(step)) if step.received.is_request => {
                    if let Some((peer, outbox)) = peers.get(&step.connection) {
                        outbox.push(self.unavailable(peer));
                    }
                }
                Some(RoomInput::Leave(connection)) => _ = peers.remove(&connection),
                Some(RoomInput::Drain(drain)) => _ = drain.send(()),
                Some(RoomInput::PutBack) => break,
                Some(
                    RoomInput::May(_)
                    | RoomInput::Received(..)
                    | RoomInput::Subscribed(..)
                    | RoomInput::Heard(..)
                    | RoomInput::Said(..)
                    | RoomInput::HasRoom
                    | RoomInput::Fetched(_)
                    | RoomInput::Compacted(_)
                    | RoomInput::SetAside,
                ) => {}
                None => return,
            }
        }
        peers.into_values().for_each(|(_, outbox)| outbox.end(1012, BACK));
        // Who has entered since must not wait either: a new connection opens a new room.
        inputs.close();
        while let Some(input) = inputs.recv().await {
            if let RoomInput::Enter(entering) = input {
                entering.visitor.outbox.end(1012, BACK);
            }
        }
    }

    fn unavailable(&self, peer: &PeerId) -> Vec<u8> {
        let (sender, target) = (self.hub.own().clone(), peer.clone());
        let document = self.document;
        encode(&Message::DocumentUnavailable(DocumentUnavailable { sender, target, document }))
    }
}
