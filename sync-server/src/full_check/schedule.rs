//! Which document is checked next, and when: without a clock, a disk or a thread.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use sync_protocol::DocumentId;

/// How many documents wait for a check at most. One that finds no room waits for its next occasion:
/// somebody opens it again, or it grows, or its room closes.
pub const WAITING_MAX: usize = 65_536;

/// How many documents that nobody has open are remembered as checked. One that was forgotten is
/// checked once more when somebody opens it.
pub const LEFT_MAX: usize = 65_536;

/// After a check the checker rests so many times as long: checks take a tenth of a processor.
const RESTS: u32 = 9;

/// A document that somebody has open is checked again after so many changes, at least, or after half
/// as many as it had.
const GROWTH_MIN: usize = 64;

/// A document with more changes is not checked because somebody opens it, who would wait for the
/// processor: it takes seconds. It is checked once it is left, or has grown.
const LONG: usize = 4096;

/// More changes than any document has.
const SUSPECT: usize = usize::MAX;

/// How often documents are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// As often as a tenth of a processor allows.
    #[default]
    Usual,
    /// After every change and without a rest: for tests that wait for checks.
    AtOnce,
}

impl Pace {
    fn rest(self, took: Duration) -> Duration {
        match self {
            Self::Usual => took.saturating_mul(RESTS),
            Self::AtOnce => Duration::ZERO,
        }
    }

    fn growth(self, checked: usize) -> usize {
        match self {
            Self::Usual => GROWTH_MIN.max(checked / 2),
            Self::AtOnce => 1,
        }
    }
}

/// The documents that wait for a check, and those that need none. A document is told by how many
/// changes it has: they only become more, so one with as many as it was checked with is the same.
#[derive(Debug, Default)]
pub struct Schedule {
    pace: Pace,
    known: BTreeMap<DocumentId, Known>,
    /// Those that were left, the first to be forgotten first.
    left: VecDeque<DocumentId>,
    waiting: VecDeque<DocumentId>,
    /// How many changes those had that wait.
    noted: BTreeMap<DocumentId, usize>,
    /// What is being checked, and how many changes it had.
    checking: Option<(DocumentId, usize)>,
    rests_until: Duration,
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// It was looked at with so many changes.
    checked: usize,
    /// It was opened with so many, as a long one that was not looked at.
    opened: usize,
    is_open: bool,
}

impl Schedule {
    /// Nothing is known of any document.
    pub fn new(pace: Pace) -> Self {
        Self { pace, ..Self::default() }
    }

    /// A room opens, of a document with so many changes. Nothing says whether they were checked
    /// before the relay was started.
    pub fn opened(&mut self, document: DocumentId, changes: usize) {
        let known = self.known.entry(document).or_default();
        known.is_open = true;
        if changes > LONG {
            known.opened = changes;
        } else {
            self.note_if_unchecked(document, changes);
        }
    }

    /// Changes were stored; now the document has so many.
    pub fn grew(&mut self, document: DocumentId, changes: usize) {
        let opened = self.known.get(&document).map_or(0, |known| known.opened);
        let before = self.checked(document).max(opened);
        if changes.saturating_sub(before) >= self.pace.growth(before) {
            self.note(document, changes);
        }
    }

    /// The room ends, of a document with so many changes.
    pub fn closed(&mut self, document: DocumentId, changes: usize) {
        self.note_if_unchecked(document, changes);
        if let Some(known) = self.known.get_mut(&document) {
            known.is_open = false;
        }
        self.left.push_back(document);
        // Perhaps it is open again, and was left again since.
        if self.left.len() > LEFT_MAX
            && let Some(first) = self.left.pop_front()
            && self.known.get(&first).is_some_and(|known| !known.is_open)
        {
            self.known.remove(&first);
        }
    }

    /// The document with so many changes was read, saved and read again.
    pub fn passed(&mut self, document: DocumentId, changes: usize) {
        if let Some(known) = self.known.get_mut(&document) {
            known.checked = known.checked.max(changes);
        }
    }

    /// Something found that the document may not pass: it is next.
    pub fn suspect(&mut self, document: DocumentId) {
        if self.noted.insert(document, SUSPECT).is_some() {
            self.waiting.retain(|waiting| *waiting != document);
        }
        self.waiting.push_front(document);
    }

    /// The document is set aside: no check before it is put back.
    pub fn set_aside(&mut self, document: DocumentId) {
        self.passed(document, SUSPECT);
    }

    /// The document is no longer set aside.
    pub fn put_back(&mut self, document: DocumentId) {
        if let Some(known) = self.known.get_mut(&document) {
            known.checked = 0;
        }
    }

    /// The document to check now, if there is one and no other is being checked. Afterwards say
    /// that it is [`done`](Self::done).
    pub fn next(&mut self, now: Duration) -> Option<DocumentId> {
        if self.checking.is_some() || now < self.rests_until {
            return None;
        }
        while let Some(document) = self.waiting.pop_front() {
            let noted = self.noted.remove(&document).unwrap_or_default();
            // It may have been checked, or compacted, while it waited.
            if noted > self.checked(document) {
                self.checking = Some((document, noted));
                return Some(document);
            }
        }
        None
    }

    /// When to ask for the [`next`](Self::next) document, if nothing else happens.
    pub fn poll_timeout(&self) -> Option<Duration> {
        (self.checking.is_none() && !self.waiting.is_empty()).then_some(self.rests_until)
    }

    /// The check that was begun has ended, after this time: the document passed with so many
    /// changes. None if it did not, or nothing was learned: it will not be tried again before it has
    /// others.
    pub fn done(&mut self, passed: Option<usize>, took: Duration, now: Duration) {
        self.rests_until = now + self.pace.rest(took);
        let Some((document, noted)) = self.checking.take() else { return };
        // How many changes a suspect has nobody said.
        let tried = Some(noted).filter(|noted| *noted != SUSPECT);
        passed.or(tried).into_iter().for_each(|changes| self.passed(document, changes));
    }

    fn checked(&self, document: DocumentId) -> usize {
        self.known.get(&document).map_or(0, |known| known.checked)
    }

    fn note_if_unchecked(&mut self, document: DocumentId, changes: usize) {
        if changes > self.checked(document) {
            self.note(document, changes);
        }
    }

    fn note(&mut self, document: DocumentId, changes: usize) {
        if let Some(noted) = self.noted.get_mut(&document) {
            *noted = changes.max(*noted);
        } else if self.waiting.len() < WAITING_MAX {
            self.noted.insert(document, changes);
            self.waiting.push_back(document);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    fn document(number: u32) -> DocumentId {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        DocumentId::from_bytes(id)
    }

    /// Checks everything that is due; says which documents those were.
    fn checks(schedule: &mut Schedule, changes: usize) -> Vec<DocumentId> {
        let due = std::iter::from_fn(|| {
            let next = schedule.next(NOW)?;
            schedule.done(Some(changes), NOW, NOW);
            Some(next)
        });
        due.collect()
    }

    #[test]
    fn a_document_is_checked_once_when_it_is_opened_and_again_when_it_was_changed_and_left() {
        let mut schedule = Schedule::default();
        schedule.opened(document(1), 10);
        assert_eq!(checks(&mut schedule, 10), [document(1)]);
        schedule.closed(document(1), 10);
        schedule.opened(document(1), 10);
        assert_eq!(checks(&mut schedule, 10), [], "nothing has changed");
        schedule.grew(document(1), 11);
        assert_eq!(checks(&mut schedule, 11), [], "one change waits for others");
        schedule.closed(document(1), 11);
        assert_eq!(checks(&mut schedule, 11), [document(1)]);
    }

    #[test]
    fn a_new_document_is_due_when_it_has_grown_or_is_left() {
        let mut schedule = Schedule::default();
        schedule.opened(document(1), 0);
        schedule.grew(document(1), GROWTH_MIN - 1);
        assert_eq!(checks(&mut schedule, 0), []);
        schedule.grew(document(1), GROWTH_MIN);
        assert_eq!(checks(&mut schedule, GROWTH_MIN), [document(1)]);
        schedule.opened(document(2), 0);
        schedule.closed(document(2), 0);
        assert_eq!(checks(&mut schedule, 0), [], "there is nothing to check");
    }

    #[test]
    fn a_long_document_is_due_when_it_has_grown_by_half() {
        let mut schedule = Schedule::default();
        schedule.opened(document(1), 1000);
        assert_eq!(checks(&mut schedule, 1000), [document(1)]);
        schedule.grew(document(1), 1499);
        assert_eq!(checks(&mut schedule, 1499), []);
        schedule.grew(document(1), 1500);
        assert_eq!(checks(&mut schedule, 1500), [document(1)]);
    }

    #[test]
    fn a_long_document_that_is_opened_is_due_when_it_is_left_or_has_grown() {
        let mut schedule = Schedule::default();
        schedule.opened(document(1), LONG + 1);
        schedule.grew(document(1), LONG + 1 + LONG / 4);
        assert_eq!(schedule.next(NOW), None, "whoever opens it does not wait for it");
        schedule.closed(document(1), LONG + 1 + LONG / 4);
        assert_eq!(schedule.next(NOW), Some(document(1)));
        schedule.done(Some(2 * LONG), NOW, NOW);
        schedule.opened(document(2), LONG * 2);
        schedule.grew(document(2), LONG * 3);
        assert_eq!(schedule.next(NOW), Some(document(2)));
    }

    #[test]
    fn a_compaction_counts_as_a_check() {
        let mut schedule = Schedule::default();
        schedule.opened(document(1), 100);
        schedule.passed(document(1), 100);
        assert_eq!(schedule.next(NOW), None);
        schedule.grew(document(1), 120);
        schedule.closed(document(1), 120);
        schedule.passed(document(1), 110);
        assert_eq!(schedule.next(NOW), Some(document(1)), "it did not hold the last changes");
    }

    #[test]
    fn after_a_check_there_is_a_rest_of_nine_times_its_length() {
        let mut schedule = Schedule::default();
        schedule.opened(document(1), 1);
        schedule.opened(document(2), 1);
        let second = Duration::from_secs(1);
        assert_eq!(schedule.poll_timeout(), Some(NOW));
        assert_eq!(schedule.next(second), Some(document(1)));
        assert_eq!((schedule.next(second), schedule.poll_timeout()), (None, None), "one at a time");
        schedule.done(Some(1), second * 2, second * 3);
        assert_eq!(schedule.next(second * 20), None);
        assert_eq!(schedule.poll_timeout(), Some(second * 21));
        assert_eq!(schedule.next(second * 21), Some(document(2)));
    }

    #[test]
    fn what_changes_while_it_is_checked_is_checked_again() {
        let mut schedule = Schedule::default();
        schedule.opened(document(1), 10);
        assert_eq!(schedule.next(NOW), Some(document(1)));
        schedule.closed(document(1), 12);
        schedule.done(Some(11), NOW, NOW);
        assert_eq!(checks(&mut schedule, 12), [document(1)]);
        assert_eq!(checks(&mut schedule, 12), []);
    }

    #[test]
    fn a_check_that_came_to_nothing_is_made_again_once_there_are_more_changes() {
        let mut schedule = Schedule::default();
        schedule.opened(document(1), 10);
        assert_eq!(schedule.next(NOW), Some(document(1)));
        schedule.done(None, NOW, NOW);
        schedule.closed(document(1), 10);
        assert_eq!(schedule.next(NOW), None);
        schedule.opened(document(1), 11);
        assert_eq!(schedule.next(NOW), Some(document(1)));
    }

    #[test]
    fn a_suspect_is_next_and_what_is_set_aside_is_left_in_peace_until_it_is_put_back() {
        let mut schedule = Schedule::default();
        (1..=3).for_each(|number| schedule.opened(document(number), 5));
        schedule.suspect(document(3));
        assert_eq!(schedule.next(NOW), Some(document(3)));
        schedule.set_aside(document(3));
        schedule.done(None, NOW, NOW);
        schedule.closed(document(3), 6);
        assert_eq!(checks(&mut schedule, 5), [document(1), document(2)]);
        schedule.put_back(document(3));
        schedule.opened(document(3), 6);
        assert_eq!(checks(&mut schedule, 6), [document(3)]);
    }

    #[test]
    fn each_document_waits_once_and_beyond_the_bound_none_does_until_its_next_occasion() {
        let mut schedule = Schedule::default();
        let max = WAITING_MAX as u32;
        for number in (0..max).chain(0..max) {
            schedule.opened(document(number), 1);
        }
        assert_eq!(schedule.waiting.len(), WAITING_MAX);
        schedule.opened(document(max), 1);
        assert_eq!(checks(&mut schedule, 1).len(), WAITING_MAX);
        schedule.closed(document(max), 1);
        assert_eq!(checks(&mut schedule, 1), [document(max)]);
    }

    #[test]
    fn of_documents_that_nobody_has_open_the_first_to_be_left_are_forgotten() {
        let mut schedule = Schedule::default();
        schedule.opened(document(0), 1);
        checks(&mut schedule, 1);
        for number in 1..=LEFT_MAX as u32 + 2 {
            schedule.opened(document(number), 1);
            schedule.closed(document(number), 1);
            checks(&mut schedule, 1);
        }
        assert_eq!(schedule.known.len(), LEFT_MAX + 1, "and the one that is open");
        schedule.opened(document(1), 1);
        schedule.opened(document(3), 1);
        assert_eq!(checks(&mut schedule, 1), [document(1)]);
    }
}
