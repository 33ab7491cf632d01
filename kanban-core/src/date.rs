//! When a card starts or is due: a day, or a moment with its time zone.

use crate::replica::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;
use std::cmp::Ordering;
use std::fmt;

const SECONDS_PER_DAY: i64 = 86_400;

/// The longest text of a date: a moment with nanoseconds and zone has 35 characters.
const DATE_CHARS_MAX: usize = 40;

/// A day as `YYYY-MM-DD`, or a moment as RFC 3339 with a zone (`2026-05-01T17:00:00+02:00`).
///
/// The text is kept as it was written. A day belongs to no time zone: "due on Friday" ends when
/// Friday ends where the reader is. Dates order by the moment they end, a day as in UTC.
///
/// ```
/// use kanban_core::DateOrTime;
/// let friday = DateOrTime::parse("2026-05-01")?;
/// let at_five = DateOrTime::parse("2026-05-01T17:00:00+02:00")?;
/// assert!(friday.is_day() && !at_five.is_day());
/// assert!(at_five < friday);
/// // For a reader in Berlin, two hours ahead of UTC, Friday ends two hours earlier than in London.
/// assert_eq!(friday.ends_at(0).unix_seconds() - friday.ends_at(7200).unix_seconds(), 7200);
/// assert!(DateOrTime::parse("tomorrow").is_err());
/// # Ok::<(), kanban_core::DateError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
pub struct DateOrTime {
    text: SmolStr,
    moment: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Moment {
    /// Days since 1970-01-01.
    Day(i32),
    /// Seconds since 1970-01-01 UTC.
    Time(i64),
}

/// Why a text is not a date.
///
/// ```
/// use kanban_core::DateOrTime;
/// let error = DateOrTime::parse("tomorrow").unwrap_err();
/// assert!(error.to_string().starts_with("\"tomorrow\" is not a date: write a day as 2026-05-01"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a date: write a day as 2026-05-01 or a moment with its zone as 2026-05-01T17:00:00+02:00"
)]
pub struct DateError {
    text: String,
}

impl DateOrTime {
    /// Reads a day or a moment from text.
    ///
    /// ```
    /// use kanban_core::DateOrTime;
    /// assert!(DateOrTime::parse("2026-05-01").is_ok());
    /// assert!(DateOrTime::parse("2026-05-01T17:00:00+02:00").is_ok());
    /// assert!(DateOrTime::parse("2026-05-01T17:00").is_err(), "no zone");
    /// ```
    ///
    /// # Errors
    /// [`DateError`] unless the text is `YYYY-MM-DD` or RFC 3339 with a zone.
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let moment = match text.len() {
            10 => text.parse::<Date>().ok().map(day_number).map(Moment::Day),
            // jiff also takes a blank between day and time, which RFC 3339 only tolerates.
            11..=DATE_CHARS_MAX if text.as_bytes().get(10) == Some(&b'T') => {
                text.parse::<jiff::Timestamp>().ok().map(|time| Moment::Time(time.as_second()))
            }
            _ => None,
        };
        let text = match moment {
            Some(_) => SmolStr::new(text),
            None => text.chars().take(DATE_CHARS_MAX).collect(),
        };
        match moment {
            Some(moment) => Ok(Self { text, moment }),
            None => Err(DateError { text: text.into() }),
        }
    }

    /// The date as it was written.
    ///
    /// ```
    /// use kanban_core::DateOrTime;
    /// assert_eq!(DateOrTime::parse("2026-05-01")?.as_str(), "2026-05-01");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this is a day without a time.
    ///
    /// ```
    /// use kanban_core::DateOrTime;
    /// assert!(DateOrTime::parse("2026-05-01")?.is_day());
    /// assert!(!DateOrTime::parse("2026-05-01T17:00:00Z")?.is_day());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_day(&self) -> bool {
        matches!(self.moment, Moment::Day(_))
    }

    /// The first second after a day that is over, as somebody sees it whose clock is
    /// `utc_offset_seconds` ahead of UTC; a moment itself.
    ///
    /// ```
    /// use kanban_core::DateOrTime;
    /// let day = DateOrTime::parse("1970-01-01")?;
    /// assert_eq!(day.ends_at(0).unix_seconds(), 24 * 3600);
    /// assert_eq!(day.ends_at(2 * 3600).unix_seconds(), 22 * 3600);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ends_at(&self, utc_offset_seconds: i32) -> Timestamp {
        self.seconds(1, utc_offset_seconds)
    }

    /// The first second of a day, as somebody sees it whose clock is `utc_offset_seconds` ahead of
    /// UTC; a moment itself.
    ///
    /// ```
    /// use kanban_core::DateOrTime;
    /// let day = DateOrTime::parse("1970-01-02")?;
    /// assert_eq!(day.starts_at(0).unix_seconds(), 24 * 3600);
    /// assert_eq!(day.starts_at(2 * 3600).unix_seconds(), 22 * 3600);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn starts_at(&self, utc_offset_seconds: i32) -> Timestamp {
        self.seconds(0, utc_offset_seconds)
    }

    fn seconds(&self, days_later: i64, utc_offset_seconds: i32) -> Timestamp {
        Timestamp::from_unix_seconds(match self.moment {
            Moment::Day(day) => {
                (i64::from(day) + days_later) * SECONDS_PER_DAY - i64::from(utc_offset_seconds)
            }
            Moment::Time(second) => second,
        })
    }
}

fn day_number(date: Date) -> i32 {
    let epoch = Date::constant(1970, 1, 1);
    // A span of days between two dates that jiff can hold is never out of range.
    date.duration_since(epoch).as_hours().div_euclid(24).try_into().unwrap_or(i32::MAX)
}

impl Ord for DateOrTime {
    fn cmp(&self, other: &Self) -> Ordering {
        let end = |date: &Self| date.ends_at(0);
        end(self).cmp(&end(other)).then_with(|| self.text.cmp(&other.text))
    }
}

impl PartialOrd for DateOrTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for DateOrTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for DateOrTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for DateOrTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_a_moment_are_dates_and_nothing_else_is() {
        for text in
            ["2026-05-01", "1969-12-31", "2026-05-01T17:00:00Z", "2026-05-01T17:00:00.5+02:00"]
        {
            assert_eq!(DateOrTime::parse(text).unwrap().as_str(), text);
        }
        let odd = [
            "",
            "2026-13-01",
            "2026-02-30",
            "01.05.2026",
            "2026-05-01T17:00",
            "2026-05-01 17:00:00Z",
        ];
        for text in odd.into_iter().chain(["2026-05-0１", &"9".repeat(1_000_000)]) {
            let error = DateOrTime::parse(text).unwrap_err();
            assert!(error.to_string().len() < 400, "{text:.20}");
        }
    }

    #[test]
    fn a_day_ends_where_the_reader_is() {
        let day = DateOrTime::parse("1970-01-02").unwrap();
        assert_eq!(day.starts_at(0).unix_seconds(), 86_400);
        assert_eq!(day.ends_at(0).unix_seconds(), 2 * 86_400);
        assert_eq!(day.ends_at(3_600).unix_seconds(), 2 * 86_400 - 3_600);
        let before = DateOrTime::parse("1969-12-31").unwrap();
        assert_eq!(before.starts_at(0).unix_seconds(), -86_400);
    }
}
