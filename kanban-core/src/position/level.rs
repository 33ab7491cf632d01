//! The levels of a key: what `V.k3QzV.k.vqKs3` consists of.

use super::number::{Number, is_digit};

const TAG_CHARACTERS: usize = 4;

/// One level of a key: `place "." tag step`.
///
/// Levels nest. The steps at one place under one parent with one tag are a run: only the replica of
/// that tag adds to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level<'key> {
    /// The text of the levels above this one, empty at the top.
    pub parent: &'key str,
    /// The text up to the end of this level.
    pub through: &'key str,
    pub place: Number,
    pub tag: &'key str,
    pub step: Number,
}

impl Level<'_> {
    pub fn is_same_run(&self, other: &Level<'_>) -> bool {
        self.place == other.place && self.tag == other.tag
    }

    pub fn is_same(&self, other: &Level<'_>) -> bool {
        self.is_same_run(other) && self.step == other.step
    }
}

/// Reads a key; the error says what is expected where it breaks the grammar.
pub(super) fn read_levels(key: &str) -> Result<Vec<Level<'_>>, &'static str> {
    let mut levels = Vec::new();
    let mut parent_end = 0;
    let mut segments = key.split('.');
    while let Some(place) = segments.next() {
        let tag_and_step = segments.next().ok_or("a tag and a number after each place")?;
        let (tag, step) = tag_and_step
            .split_at_checked(TAG_CHARACTERS)
            .filter(|(tag, _)| tag.bytes().all(is_digit))
            .ok_or("a tag of four base 62 characters")?;
        let separator = usize::from(parent_end > 0);
        let end = parent_end + separator + place.len() + 1 + tag_and_step.len();
        levels.push(Level {
            parent: key.get(..parent_end).unwrap_or_default(),
            through: key.get(..end).unwrap_or_default(),
            place: Number::read(place).ok_or("a base 62 number as the place")?,
            tag,
            step: Number::read(step).ok_or("a base 62 number after the tag")?,
        });
        parent_end = end;
    }
    // As with the trailing zeros of fractions: nothing would fit between a key and the same with a
    // least level added.
    match levels.last() {
        Some(last) if last.step == Number::MIN => Err("a last number above the least one"),
        _ => Ok(levels),
    }
}

/// Writes a level after `parent`, the text of the levels above it.
pub(super) fn write_level(
    parent: &str,
    place: Number,
    tag: impl std::fmt::Display,
    step: Number,
) -> String {
    let separator = if parent.is_empty() { "" } else { "." };
    format!("{parent}{separator}{}.{tag}{}", place.write(), step.write())
}
