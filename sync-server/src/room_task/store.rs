//! What a room has done beside its turns: reading what it does not hold, and having it compacted.

use super::{Doors, RoomInput, RoomTask};
use crate::committer::Compacted;
use crate::compaction::{load, snapshot_of};
use crate::relay::{History, HistoryForm, Room};
use crate::store::Store;
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{DocumentId, sentence};
use tracing::error;

/// After so long without a change a document is left in peace, for the moment.
const QUIET: Duration = Duration::from_secs(2);

impl RoomTask {
    /// The same room with its index of operations, built where it keeps nobody else waiting; none
    /// if that failed beyond words.
    pub(super) async fn with_index(&self, mut room: Box<Room>) -> Option<Box<Room>> {
        let (store, document) = (self.hub.store().clone(), self.document);
        let built = tokio::task::spawn_blocking(move || {
            let snapshot = snapshot_of(&*store, document).map_err(|error| sentence(&error));
            let built = snapshot.and_then(|snapshot| {
                room.build_index(snapshot.as_ref()).map_err(|error| sentence(&error))
            });
            if let Err(reason) = built {
                error!(%document, "takes no changes: {reason}");
            }
            room
        });
        built.await.inspect_err(|failed| error!(%document, "building the index: {failed}")).ok()
    }

    /// Reads what members lack that is not in memory; the room goes on meanwhile.
    pub(super) fn fetch(&self, room: &mut Room) {
        let (Some(form), Some(own)) = (room.unfetched(), self.room.upgrade()) else {
            return;
        };
        let (store, document) = (self.hub.store().clone(), self.document);
        tokio::spawn(async move {
            let fetched = tokio::task::spawn_blocking(move || history(&*store, document, form));
            let failed = |failed| Err(format!("document {document} cannot be expanded: {failed}"));
            let fetched = fetched.await.unwrap_or_else(failed);
            _ = own.send(RoomInput::Fetched(Box::new(fetched))).await;
        });
    }

    /// Has a snapshot made if it is time; the room goes on meanwhile.
    pub(super) fn compact(&self, room: &Room, doors: &mut Doors) {
        if compaction_due(room, doors).is_none_or(|due| due > self.now()) {
            return;
        }
        doors.compacting = true;
        let (hub, document) = (self.hub.clone(), self.document);
        let own = self.room.clone();
        tokio::spawn(async move {
            let compacted = match hub.committer().compact(document).await {
                Compacted::Stored(snapshot) => {
                    hub.checks().compacted(document, snapshot.changes);
                    Some(snapshot)
                }
                Compacted::Nothing => None,
                Compacted::Suspect => {
                    hub.checks().suspect(document);
                    None
                }
            };
            // Everybody may have left meanwhile.
            if let Some(own) = own.upgrade() {
                _ = own.send(RoomInput::Compacted(compacted.map(Box::new))).await;
            }
        });
    }
}

/// When a snapshot is to be made, as far as can be said now: in a quiet moment, because it takes
/// the time of many changes.
pub(super) fn compaction_due(room: &Room, doors: &Doors) -> Option<Duration> {
    let is_worth_it = room.is_worth_compacting() && room.tail_len() >= doors.compact_after;
    if doors.compacting || !is_worth_it {
        return None;
    }
    let is_quiet_from = doors.stored_at + QUIET;
    Some(if room.is_overlong() || room.is_empty() { Duration::ZERO } else { is_quiet_from })
}

pub(super) fn needs_index(room: &Room, input: &RoomInput) -> bool {
    matches!(input, RoomInput::Received(step) if room.needs_index(&step.received))
}

/// What is older than a room's log.
fn history(store: &dyn Store, document: DocumentId, form: HistoryForm) -> Result<History, String> {
    let snapshot = snapshot_of(store, document)
        .map_err(|error| format!("document {document} cannot be sent: {}", sentence(&error)))?;
    let snapshot = snapshot.ok_or_else(|| format!("document {document} has no snapshot"))?;
    let changes = match form {
        HistoryForm::Snapshot => None,
        HistoryForm::Changes => {
            let loaded = load(&snapshot.bytes).map_err(|error| sentence(&error))?;
            let changes = loaded.get_changes(&[]).into_iter();
            Some(changes.map(|change| (change.hash(), Arc::from(change.raw_bytes()))).collect())
        }
    };
    Ok(History { snapshot, changes })
}
