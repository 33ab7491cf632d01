//! Keys beyond those that people's moves are given.

use super::Position;
use smol_str::SmolStr;

impl Position {
    /// Sorts before every key. It is no key itself and never stored: the start of a search.
    pub(crate) fn lowest() -> Self {
        Self(SmolStr::new_static(""))
    }

    /// The highest key there is: the place of what has no readable one.
    pub(crate) fn last() -> Self {
        Self(SmolStr::new_static("zzzzzzzzzzzz.zzzzzzzzzzzzzzzz"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_key_is_a_key_and_nothing_goes_above_it() {
        let last = Position::last();
        assert_eq!(Position::parse(last.as_str()).unwrap(), last);
        assert!(Position::lowest() < last);
    }
}
