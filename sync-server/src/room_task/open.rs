//! What becomes of a document that somebody wants to open.

use super::RoomTask;
use crate::relay::Room;
use crate::store::{SetAside, Store};
use sync_protocol::sentence;

/// What became of a document that was to be opened.
pub(super) enum Opened {
    /// It is served.
    Serves(Box<Room>),
    /// It is not, by what the store has noted.
    SetAside(SetAside),
    /// It is not, for this reason.
    Damaged(String),
}

impl RoomTask {
    pub(super) async fn open(&self) -> Opened {
        let (store, document) = (self.hub.store().clone(), self.document);
        let (own, started_at_ms) = (self.hub.own().clone(), self.hub.started_at_ms());
        let compact_bytes_min = self.hub.committer().compact_bytes_min();
        let (admits, full_replies) = (self.hub.admits(), self.hub.most().full_replies);
        let opened = tokio::task::spawn_blocking(move || {
            if let Some(aside) = store.aside(document).map_err(|error| sentence(&error))? {
                return Ok(Opened::SetAside(aside));
            }
            let stored = store.load(document).map_err(|error| sentence(&error))?;
            let room = match stored {
                None => Room::new(document, own),
                Some(stored) => Room::restore(document, own, stored).map_err(|error| {
                    format!("document {document} is damaged: {}", sentence(&error))
                })?,
            };
            let room = if admits { room } else { room.unchecked() };
            let room = room.started_at(started_at_ms).compacting_at(compact_bytes_min);
            let room = room.resending_at_most(full_replies);
            Ok(Opened::Serves(Box::new(room)))
        });
        let opened =
            opened.await.unwrap_or_else(|failed| Err(format!("the store failed: {failed}")));
        opened.unwrap_or_else(Opened::Damaged)
    }
}
