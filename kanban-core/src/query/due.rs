//! Due dates as a reader with a clock and a time zone sees them.

use crate::date::DateOrTime;
use crate::replica::Timestamp;
use crate::tagged::tagged;
use crate::view::Card;
use serde::{Deserialize, Serialize};

const SECONDS_PER_DAY: i64 = 86_400;

/// Days of [`DueGroup::Week`], today included.
const DAYS_PER_WEEK: u32 = 7;

tagged! { "is";
/// What a card's due date must be. See [`Filter::due`](crate::Filter::due).
///
/// A card is due until the last second of the day that it names, wherever the reader's clock is
/// `utc_offset_seconds` ahead of UTC, or until the second that it names.
///
/// ```
/// use kanban_core::{DueIs, Timestamp};
/// let now = Timestamp::from_unix_seconds(1_777_000_000);
/// let soon = DueIs::WithinDays { days: 3, now, utc_offset_seconds: 7200 };
/// let json = r#"{"is":"withinDays","days":3,"now":1777000000,"utcOffsetSeconds":7200}"#;
/// assert_eq!(serde_json::to_string(&soon)?, json);
/// assert_eq!(serde_json::from_str::<DueIs>(json)?, soon);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum DueIs {
    /// Over before `now`, and the card is not done.
    Overdue {
        /// The reader's clock.
        now: Timestamp,
        /// How far that clock is ahead of UTC.
        utc_offset_seconds: i32,
    },
    /// Not over yet, and not later than the reader's day `days` days after today: 0 is the rest of
    /// today.
    WithinDays {
        /// Days after today.
        days: u32,
        /// The reader's clock.
        now: Timestamp,
        /// How far that clock is ahead of UTC.
        utc_offset_seconds: i32,
    },
    /// From `first` to `last`, both included; one that is missing sets no bound.
    Between {
        /// The first day, from its first second, or the first moment.
        #[serde(default)]
        first: Option<DateOrTime>,
        /// The last day, to its last second, or the last moment.
        #[serde(default)]
        last: Option<DateOrTime>,
        /// How far the reader's clock is ahead of UTC.
        utc_offset_seconds: i32,
    },
    /// There is none.
    Missing,
}
}

/// When cards of a swimlane are due, as seen from a moment. See
/// [`GroupBy::Due`](crate::GroupBy::Due).
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let by_due = GroupBy::Due { now, utc_offset_seconds: 0 };
/// let lanes = board.swimlanes(by_due, &Filter::new());
/// assert_eq!(lanes[0].group, Group::Due { due: DueGroup::Overdue });
/// assert_eq!(lanes.last().unwrap().group, Group::None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum DueGroup {
    /// Over, and not done.
    Overdue,
    /// Today, and not over yet.
    Today,
    /// On one of the six days after today.
    Week,
    /// After that.
    Later,
    /// Over, and done.
    Past,
}

impl DueGroup {
    pub(crate) const ALL: [DueGroup; 5] =
        [DueGroup::Overdue, DueGroup::Today, DueGroup::Week, DueGroup::Later, DueGroup::Past];

    /// The group of a card that has a due date.
    pub(crate) fn of(card: &Card, now: Timestamp, utc_offset_seconds: i32) -> Option<Self> {
        let deadline = deadline(card.due.as_ref()?, utc_offset_seconds);
        let within = |days| deadline <= last_second(days, now, utc_offset_seconds);
        Some(match deadline < now.unix_seconds() {
            true if card.done => DueGroup::Past,
            true => DueGroup::Overdue,
            false if within(0) => DueGroup::Today,
            false if within(DAYS_PER_WEEK - 1) => DueGroup::Week,
            false => DueGroup::Later,
        })
    }
}

impl DueIs {
    pub(crate) fn keeps(&self, card: &Card) -> bool {
        let Some(due) = &card.due else { return *self == DueIs::Missing };
        match self {
            DueIs::Missing => false,
            DueIs::Overdue { now, utc_offset_seconds } => {
                !card.done && deadline(due, *utc_offset_seconds) < now.unix_seconds()
            }
            DueIs::WithinDays { days, now, utc_offset_seconds } => {
                let last = last_second(*days, *now, *utc_offset_seconds);
                (now.unix_seconds()..=last).contains(&deadline(due, *utc_offset_seconds))
            }
            DueIs::Between { first, last, utc_offset_seconds: offset } => {
                let due = deadline(due, *offset);
                first.as_ref().is_none_or(|first| first.starts_at(*offset).unix_seconds() <= due)
                    && last.as_ref().is_none_or(|last| due <= deadline(last, *offset))
            }
        }
    }
}

/// The last second that is not too late.
fn deadline(due: &DateOrTime, utc_offset_seconds: i32) -> i64 {
    let end = due.ends_at(utc_offset_seconds).unix_seconds();
    if due.is_day() { end - 1 } else { end }
}

/// The last second of the reader's day `days` days after today.
fn last_second(days: u32, now: Timestamp, utc_offset_seconds: i32) -> i64 {
    let offset = i64::from(utc_offset_seconds);
    let today = now.unix_seconds().saturating_add(offset).div_euclid(SECONDS_PER_DAY);
    let after = today.saturating_add(i64::from(days)).saturating_add(1);
    after.saturating_mul(SECONDS_PER_DAY).saturating_sub(offset).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::samples::card;

    const BERLIN: i32 = 7200;

    fn due(text: &str) -> Card {
        Card { due: Some(date(text)), ..card("a", "A") }
    }

    fn date(text: &str) -> DateOrTime {
        DateOrTime::parse(text).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        date(text).starts_at(0)
    }

    #[test]
    fn a_day_is_overdue_once_it_is_over_where_the_reader_is() {
        let overdue = |now: &str| {
            DueIs::Overdue { now: at(now), utc_offset_seconds: BERLIN }.keeps(&due("2026-05-01"))
        };
        assert!(!overdue("2026-05-01T23:59:59+02:00"));
        assert!(overdue("2026-05-02T00:00:00+02:00"));
    }

    #[test]
    fn a_moment_is_overdue_after_it_wherever_the_reader_is_and_never_once_done() {
        let mut card = due("2026-05-01T17:00:00+02:00");
        let overdue = |card: &Card, now: &str| {
            [-36_000, 0, 50_400].map(|utc_offset_seconds| {
                DueIs::Overdue { now: at(now), utc_offset_seconds }.keeps(card)
            })
        };
        assert_eq!(overdue(&card, "2026-05-01T15:00:00Z"), [false; 3]);
        assert_eq!(overdue(&card, "2026-05-01T15:00:01Z"), [true; 3]);
        card.done = true;
        assert_eq!(overdue(&card, "2026-05-03T15:00:01Z"), [false; 3]);
    }

    #[test]
    fn within_no_days_is_the_rest_of_today() {
        let now = at("2026-05-01T12:00:00+02:00");
        let within = |days, text: &str| {
            DueIs::WithinDays { days, now, utc_offset_seconds: BERLIN }.keeps(&due(text))
        };
        assert!(within(0, "2026-05-01"));
        assert!(within(0, "2026-05-01T12:00:00+02:00"));
        assert!(within(0, "2026-05-01T23:59:59+02:00"));
        assert!(!within(0, "2026-05-01T11:59:59+02:00"), "over");
        assert!(!within(0, "2026-05-02T00:00:00+02:00"), "tomorrow");
        assert!(!within(0, "2026-05-02") && within(1, "2026-05-02"));
        assert!(within(u32::MAX, "9999-12-31"));
    }

    #[test]
    fn a_range_includes_both_of_its_ends_and_may_be_open() {
        let between = |first: Option<&str>, last: Option<&str>, text: &str| {
            let (first, last) = (first.map(date), last.map(date));
            DueIs::Between { first, last, utc_offset_seconds: BERLIN }.keeps(&due(text))
        };
        let may = (Some("2026-05-01"), Some("2026-05-31"));
        for inside in ["2026-05-01", "2026-05-31", "2026-05-31T23:59:59+02:00"] {
            assert!(between(may.0, may.1, inside), "{inside}");
        }
        for outside in ["2026-04-30", "2026-06-01", "2026-06-01T00:00:00+02:00"] {
            assert!(!between(may.0, may.1, outside), "{outside}");
        }
        assert!(between(None, may.1, "0001-01-01") && between(may.0, None, "9999-12-31"));
    }

    #[test]
    fn a_card_without_a_due_date_is_only_found_by_that() {
        let free = card("a", "A");
        assert!(DueIs::Missing.keeps(&free) && !DueIs::Missing.keeps(&due("2026-05-01")));
        let any = DueIs::Between { first: None, last: None, utc_offset_seconds: 0 };
        assert!(!any.keeps(&free) && any.keeps(&due("2026-05-01")));
    }

    #[test]
    fn the_far_ends_of_time_are_only_times() {
        for now in [i64::MIN, i64::MAX].map(Timestamp::from_unix_seconds) {
            for utc_offset_seconds in [i32::MIN, 0, i32::MAX] {
                let card = due("2026-05-01");
                let days = u32::MAX;
                DueIs::WithinDays { days, now, utc_offset_seconds }.keeps(&card);
                assert!(DueGroup::of(&card, now, utc_offset_seconds).is_some());
            }
        }
    }
}
