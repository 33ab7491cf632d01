//! What members hear of the storages behind other members.

use super::{ConnectionId, Room};
use crate::relay::RoomFrame;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use sync_protocol::{ChangeHash, Message, RemoteHeads, RemoteHeadsChanged, StorageId};

impl Room {
    /// What a member keeps its documents in: others may want to hear how far that has got.
    pub fn keeps_in(&mut self, connection: ConnectionId, storage: StorageId) {
        let member = self.members.get_mut(&connection);
        member.into_iter().for_each(|member| member.storage = Some(storage.clone()));
    }

    /// The storages that a member wants to hear of, from now on instead of those before.
    pub fn subscribe(&mut self, connection: ConnectionId, storages: Arc<BTreeSet<StorageId>>) {
        let Some(member) = self.members.get_mut(&connection) else {
            return;
        };
        let added: BTreeSet<StorageId> = storages.difference(&member.subscribed).cloned().collect();
        self.reports.want(&storages);
        self.reports.unwant(&member.subscribed);
        member.news.retain(|storage| storages.contains(storage));
        member.news.extend(self.reports.of(&added).into_keys());
        member.subscribed = storages;
        self.listeners.insert(connection);
    }

    /// Takes what a member has heard of storages.
    pub fn hear(&mut self, connection: ConnectionId, heads: BTreeMap<StorageId, RemoteHeads>) {
        for (storage, report) in heads {
            if self.reports.learn(&storage, report) {
                self.spread(connection, &storage);
            }
        }
    }

    /// A member's sync message says how far its storage has got.
    pub(super) fn learn_from(
        &mut self,
        connection: ConnectionId,
        heads: Vec<ChangeHash>,
        now: Duration,
    ) {
        let member = self.members.get(&connection);
        let Some(storage) = member.and_then(|member| member.storage.clone()) else {
            return;
        };
        let since = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let timestamp_ms = self.started_at_ms.saturating_add(since);
        if self.reports.learn(&storage, RemoteHeads { heads, timestamp_ms }) {
            self.spread(connection, &storage);
        }
    }

    /// What a member wants to hear of storages, in their latest state.
    pub(super) fn news_for(&mut self, connection: ConnectionId) -> Option<RoomFrame> {
        let member = self.members.get_mut(&connection).filter(|member| !member.news.is_empty())?;
        let heads = self.reports.of(&std::mem::take(&mut member.news));
        let (sender, target) = (self.own.clone(), member.peer.clone());
        let message = RemoteHeadsChanged { sender, target, document: self.document, heads };
        (!message.heads.is_empty()).then(|| RoomFrame::of(&Message::RemoteHeadsChanged(message)))
    }

    /// There is news of a storage, from a member.
    fn spread(&mut self, from: ConnectionId, storage: &StorageId) {
        if !self.reports.is_wanted(storage) {
            return;
        }
        for (connection, member) in &mut self.members {
            if *connection != from && member.subscribed.contains(storage) {
                member.news.insert(storage.clone());
                self.listeners.insert(*connection);
            }
        }
    }
}
