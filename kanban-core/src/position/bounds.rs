//! Keys beyond those that people's moves are given.

use super::Position;
use smol_str::SmolStr;

impl Position {
    /// Sorts before every key. It is no key itself and never stored: the start of a search.
    pub(crate) fn lowest() -> Self {
        Self(SmolStr::new_static(""))
    }

    /// A key above all that people's moves are given: the place of what has no readable one.
    /// Both of its numbers are the greatest there is, so only its own children sort higher.
    pub(crate) fn last() -> Self {
        Self(SmolStr::new_static("zzzzzzzzzzzzzzzzzz.zzzzzzzzzzzzzzzzzzzzzz"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::PositionTag;

    #[test]
    fn the_place_of_what_has_no_readable_key_is_a_key_above_all_others() {
        let last = Position::last();
        assert_eq!(Position::parse(last.as_str()).unwrap(), last);
        let mut top = Position::between(None, None, PositionTag::of(b"ana"), |_| false);
        for actor in [b"ana", b"ben"].repeat(200) {
            top = Position::between(Some(&top), None, PositionTag::of(actor), |_| false);
            assert!(Position::lowest() < top && top < last);
        }
        let below = Position::between(Some(&top), Some(&last), PositionTag::of(b"cat"), |_| false);
        assert!(top < below && below < last);
    }
}
