//! How far the storages behind a room's members have got, for those who want to know.
//!
//! A peer names storages that it wants to hear of. Of a storage the room hears from the member that
//! has it, whose sync messages tell its heads, and from members that pass on what they heard. Of
//! two reports about one storage the later one holds, so a report cannot go in circles.

use std::collections::{BTreeMap, BTreeSet};
use sync_protocol::{RemoteHeads, STORAGES_MAX, StorageId};

/// The latest report about each storage, at most [`STORAGES_MAX`], and how many members want to
/// hear of which.
#[derive(Debug, Default)]
pub struct RemoteReports {
    reports: BTreeMap<StorageId, RemoteHeads>,
    wanted: BTreeMap<StorageId, usize>,
}

impl RemoteReports {
    /// Takes a report, unless one as late or later is known: whether it is news.
    pub fn learn(&mut self, storage: &StorageId, report: RemoteHeads) -> bool {
        let known = self.reports.get(storage);
        if known.is_some_and(|known| known.timestamp_ms >= report.timestamp_ms) {
            return false;
        }
        let is_news = known.is_none_or(|known| known.heads != report.heads);
        if known.is_none() && self.reports.len() >= STORAGES_MAX {
            self.forget_the_oldest();
        }
        self.reports.insert(storage.clone(), report);
        is_news
    }

    /// What is known of these storages.
    pub fn of(&self, storages: &BTreeSet<StorageId>) -> BTreeMap<StorageId, RemoteHeads> {
        let known = storages.iter().filter_map(|storage| self.reports.get_key_value(storage));
        known.map(|(storage, report)| (storage.clone(), report.clone())).collect()
    }

    /// Somebody wants to hear of these.
    pub fn want(&mut self, storages: &BTreeSet<StorageId>) {
        for storage in storages {
            *self.wanted.entry(storage.clone()).or_default() += 1;
        }
    }

    /// Somebody who wanted to hear of these does not any more.
    pub fn unwant(&mut self, storages: &BTreeSet<StorageId>) {
        for storage in storages {
            if let Some(count) = self.wanted.get_mut(storage) {
                *count -= 1;
            }
        }
        self.wanted.retain(|_, count| *count > 0);
    }

    /// Whether anybody wants to hear of a storage.
    pub fn is_wanted(&self, storage: &StorageId) -> bool {
        self.wanted.contains_key(storage)
    }

    fn forget_the_oldest(&mut self) {
        let oldest = self.reports.iter().min_by_key(|(_, report)| report.timestamp_ms);
        if let Some(storage) = oldest.map(|(storage, _)| storage.clone()) {
            self.reports.remove(&storage);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sync_protocol::ChangeHash;

    fn storage(name: &str) -> StorageId {
        StorageId::parse(name).unwrap()
    }

    fn report(head: u8, timestamp_ms: u64) -> RemoteHeads {
        RemoteHeads { heads: vec![ChangeHash([head; 32])], timestamp_ms }
    }

    #[test]
    fn a_report_is_news_once() {
        let mut reports = RemoteReports::default();
        assert!(reports.learn(&storage("tablet"), report(1, 10)));
        assert!(!reports.learn(&storage("tablet"), report(1, 10)), "it went in a circle");
        assert!(!reports.learn(&storage("tablet"), report(2, 9)), "it is older");
        assert!(!reports.learn(&storage("tablet"), report(1, 11)), "it says the same");
        assert!(reports.learn(&storage("tablet"), report(2, 12)));
        let known = reports.of(&[storage("tablet"), storage("phone")].into());
        assert_eq!(known, [(storage("tablet"), report(2, 12))].into());
    }

    #[test]
    fn a_room_remembers_a_bounded_number_of_storages() {
        let mut reports = RemoteReports::default();
        for number in 0..STORAGES_MAX as u64 + 5 {
            reports.learn(&storage(&format!("s{number}")), report(1, number + 1));
        }
        assert_eq!(reports.reports.len(), STORAGES_MAX);
        assert!(reports.of(&[storage("s0")].into()).is_empty(), "the oldest went");
    }

    #[test]
    fn a_storage_is_wanted_until_the_last_one_has_gone() {
        let mut reports = RemoteReports::default();
        let tablet: BTreeSet<_> = [storage("tablet")].into();
        reports.want(&tablet);
        reports.want(&tablet);
        reports.unwant(&tablet);
        assert!(reports.is_wanted(&storage("tablet")));
        reports.unwant(&tablet);
        assert!(!reports.is_wanted(&storage("tablet")));
    }
}
