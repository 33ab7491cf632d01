//! Positions: the strings that order the cards of a column, and the columns of a board.
//!
//! A position is made once, between two others, and never changes; whoever inserts between the same
//! two elsewhere gets another one. So a move is one write, and replicas that have the same cards
//! show them in the same order.
//!
//! A key is one or more levels, `place "." tag step`, joined by dots: the first key of the replica
//! with the tag `k3Qz` is `V.k3QzV`. The tag has four base 62 characters, place and step are
//! numbers whose string order is numeric order (`V` is zero), and the dot sorts below every digit.
//! So comparing bytes compares level by level, and a key sorts directly before the keys below it.
//! The steps under one parent, place and tag are a **run**, and only the replica of that tag adds
//! to it: what two replicas insert into one gap without seeing each other stays in two blocks.
//!
//! Ruled out: fractions alone, which give equal keys and interleave; fractions with a tag, which
//! leave no room between two tags at one fraction; trees of bits, which grow by a bit with each
//! card put on top.

mod bounds;
mod gap;
mod level;
pub(crate) mod number;
mod tag;

pub use tag::PositionTag;

use gap::Gap;
use level::{Level, read_levels};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::fmt;

/// The longest position, in bytes. Those in use have about 10; above 128 a column should get new
/// ones.
///
/// ```
/// use kanban_core::{POSITION_BYTES_MAX, Position, PositionError};
/// let text = "V".repeat(POSITION_BYTES_MAX + 1);
/// assert!(matches!(Position::parse(&text), Err(PositionError::TooLong { bytes: 1025 })));
/// ```
pub const POSITION_BYTES_MAX: usize = 1024;

/// A place in an order: positions compare as the cards are shown.
///
/// The bytes of the string are the order, so it can be compared without being parsed. Reading a
/// position from outside checks it; keys that somebody forged are accepted if they have the form,
/// and sort like any other.
///
/// ```
/// use kanban_core::Position;
/// let (upper, lower) = (Position::parse("V.k3QzV")?, Position::parse("V.k3QzW")?);
/// assert!(upper < lower && upper.as_str() < lower.as_str());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(try_from = "SmolStr")]
pub struct Position(SmolStr);

impl Position {
    /// Reads a position.
    ///
    /// # Errors
    /// [`PositionError`] if `text` is longer than [`POSITION_BYTES_MAX`], or not spelled as this
    /// library spells it: each position has exactly one spelling.
    ///
    /// ```
    /// use kanban_core::Position;
    /// assert_eq!(Position::parse("V.k3QzV").unwrap().as_str(), "V.k3QzV");
    /// assert!(Position::parse("top").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Position, PositionError> {
        check(text)?;
        Ok(Position(SmolStr::new(text)))
    }

    /// The position as it is written into a document.
    ///
    /// ```
    /// use kanban_core::Position;
    /// assert_eq!(Position::parse("V.k3QzV")?.as_str(), "V.k3QzV");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A position after `left` and before `right`; `None` stands for the start or the end of the
    /// order.
    ///
    /// `me` is the tag of this replica. `taken` names the positions that must not be given out
    /// again although nothing is shown there: those of cards in the trash or the archive, and those
    /// that lost a conflict. It is asked once for each that is in the way, and has to say no at
    /// some point. The result depends on nothing else.
    ///
    /// What one replica inserts into a gap stays together when others insert there at the same
    /// time, in the order in which it was meant; whether forward, backward or in the middle, one
    /// card or many, also if some are removed in between. This does not hold for two replicas with
    /// the same tag, nor next to forged positions whose numbers are at an end of their range.
    ///
    /// If `left` is not before `right`, the result is directly after `left` instead: nothing fits
    /// between two equal positions, which only two replicas with the same tag can make.
    ///
    /// # Limits
    /// The result is always after `left` and before `right` if both are at least 16 bytes shorter
    /// than [`POSITION_BYTES_MAX`], whatever they are. Longer ones can leave no room; then the
    /// result is after both. If even that is impossible, because the greater of the two consists of
    /// greatest numbers up to the full length, it is that position once more, taken or not.
    ///
    /// ```
    /// use kanban_core::{Position, PositionTag};
    /// let (ana, ben) = (PositionTag::of(b"ana"), PositionTag::of(b"ben"));
    /// let free = |_: &Position| false;
    /// let first = Position::between(None, None, ana, free);
    /// let third = Position::between(Some(&first), None, ana, free);
    /// let second = Position::between(Some(&first), Some(&third), ben, free);
    /// assert!(first < second && second < third);
    /// assert_eq!(first.as_str(), "V.vqKsV");
    /// assert_eq!(third.as_str(), "V.vqKsW");
    /// ```
    pub fn between(
        left: Option<&Position>,
        right: Option<&Position>,
        me: PositionTag,
        taken: impl Fn(&Position) -> bool,
    ) -> Position {
        let mut range = Range::new(left, right);
        loop {
            match range.first_key(me) {
                Some(key) if taken(&key) => range.left = Some(key),
                Some(key) => return key,
                None if range.is_open() => return range.greatest(),
                None => range = Range { left: Some(range.greatest()), right: None, shared: 0 },
            }
        }
    }

    /// The levels of the key; the constructors have checked that it can be read.
    fn levels(&self) -> Vec<Level<'_>> {
        read_levels(&self.0).unwrap_or_default()
    }
}

/// Where a key is looked for: after `left`, before `right`, and with the same first `shared` levels
/// as `left`.
struct Range {
    left: Option<Position>,
    right: Option<Position>,
    shared: usize,
}

impl Range {
    fn new(left: Option<&Position>, right: Option<&Position>) -> Range {
        match (left, right) {
            // After `left` without a bound would be after cards that sort after both: below `left`
            // is next to it.
            (Some(left), Some(right)) if left >= right => {
                Range { left: Some(left.clone()), right: None, shared: left.levels().len() }
            }
            _ => Range { left: left.cloned(), right: right.cloned(), shared: 0 },
        }
    }

    fn first_key(&self, me: PositionTag) -> Option<Position> {
        let left = self.left.as_ref().map(Position::levels).unwrap_or_default();
        let gap = match &self.right {
            Some(right) => Gap::between(left, right.levels()),
            None => Gap::below(self.shared, left),
        };
        gap.best_key(me).map(|key| Position(SmolStr::new(key)))
    }

    fn is_open(&self) -> bool {
        self.right.is_none() && self.shared == 0
    }

    /// The greater of the two bounds.
    fn greatest(&self) -> Position {
        let bound = self.right.as_ref().max(self.left.as_ref());
        // Only asked when there was no room. Without any bound there is, so what stands in for one
        // does not matter, but it has to be a position.
        bound.cloned().unwrap_or(Position(SmolStr::new_static("V.0000V")))
    }
}

/// Why a string is not a position.
///
/// ```
/// use kanban_core::{Position, PositionError};
/// assert!(matches!(Position::parse("top"), Err(PositionError::Malformed { .. })));
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PositionError {
    /// It is longer than [`POSITION_BYTES_MAX`].
    #[error("a position of {bytes} bytes; the longest has {POSITION_BYTES_MAX}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It breaks the grammar.
    #[error("{text:?} is not a position: expected {expected}")]
    Malformed {
        /// The string.
        text: SmolStr,
        /// What is missing at the first place where it breaks the grammar.
        expected: &'static str,
    },
}

fn check(text: &str) -> Result<(), PositionError> {
    if text.len() > POSITION_BYTES_MAX {
        return Err(PositionError::TooLong { bytes: text.len() });
    }
    match read_levels(text) {
        Ok(_) => Ok(()),
        Err(expected) => Err(PositionError::Malformed { text: SmolStr::new(text), expected }),
    }
}

impl TryFrom<SmolStr> for Position {
    type Error = PositionError;

    fn try_from(text: SmolStr) -> Result<Position, PositionError> {
        check(&text)?;
        Ok(Position(text))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Position({self})")
    }
}
