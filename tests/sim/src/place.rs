//! Where a card or column must be shown, worked out from its registers by the letter of
//! `MERGE.md`. Numbers are never decoded: their byte order is their order.

use crate::raw::Raw;

/// A placement by a person, `<gen><sub><column>/<key>`, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// The whole value.
    pub value: &'a str,
    /// How many moves came before it.
    pub generation: &'a str,
    /// `1` for a reorder, `2` for a move.
    pub sub: &'a str,
    /// The column; empty for a column's own place.
    pub column: &'a str,
    /// The order key.
    pub key: &'a str,
}

/// Where something is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<'a> {
    /// The column; empty for a column's own place.
    pub column: &'a str,
    /// The order key.
    pub key: &'a str,
    /// The person's placement underneath.
    pub base: Stamp<'a>,
    /// The rank of the machine's placement that counts; nothing if none does.
    pub rank: &'a str,
    /// A relocation shows it elsewhere that did not know `base`, a reorder made at the same time.
    pub overruled: bool,
}

/// The number at the start of a text and what follows. Its first character says how long it is:
/// up to the digit 50 of base 62 it stands alone, each one above announces one more digit.
fn number(text: &str) -> Option<(&str, &str)> {
    const DIGITS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let head = DIGITS.find(text.chars().next()?)?;
    text.split_at_checked(1 + head.saturating_sub(50))
}

impl<'a> Stamp<'a> {
    /// Takes a placement apart.
    pub fn parse(value: &'a str) -> Option<Self> {
        let (generation, rest) = number(value)?;
        let (sub, place) = rest.split_at_checked(1)?;
        let (column, key) = place.split_once('/')?;
        Some(Self { value, generation, sub, column, key })
    }
}

/// The placement in force: the highest by generation and kind, then the last of the register.
pub fn winner(values: &[String]) -> Option<Stamp<'_>> {
    let mut best: Option<Stamp<'_>> = None;
    for stamp in values.iter().filter_map(|value| Stamp::parse(value)) {
        if best.is_none_or(|b| (stamp.generation, stamp.sub) >= (b.generation, b.sub)) {
            best = Some(stamp);
        }
    }
    best
}

/// The placements that lost, each value once.
pub fn losers(raw: &Raw) -> Vec<Stamp<'_>> {
    let mut losers: Vec<Stamp<'_>> = Vec::new();
    let Some(winner) = winner(&raw.pos) else { return losers };
    for stamp in raw.pos.iter().filter_map(|value| Stamp::parse(value)) {
        if stamp.value != winner.value && !losers.iter().any(|l| l.value == stamp.value) {
            losers.push(stamp);
        }
    }
    losers
}

/// What nobody has decided about: the placements that lost, and one that lost to nobody, a reorder
/// that a relocation overruled without knowing it.
pub fn undecided<'a>(raw: &'a Raw) -> Vec<Stamp<'a>> {
    let mut undecided = losers(raw);
    if let Some(place) = shown(raw)
        && place.overruled
        && raw.pos.iter().any(|value| value == place.base.value)
    {
        undecided.push(place.base);
    }
    undecided
}

/// The effective placement: the base, refined by the machine's placement that counts.
pub fn shown<'a>(raw: &'a Raw) -> Option<Shown<'a>> {
    let base = winner(&raw.pos).or_else(|| winner(&raw.trash))?;
    let mut place = Shown { column: base.column, key: base.key, base, rank: "", overruled: false };
    let mut best = None;
    for value in &raw.ord {
        let (refined, rest) = value.split_once('|')?;
        let refined = Stamp::parse(refined)?;
        let (rank, rest) = number(rest)?;
        let (tag, rest) = rest.split_once('/')?;
        let (column, key) = rest.split_once('/')?;
        let counts = match rank {
            ZERO => refined.value == base.value,
            _ => refined.generation == base.generation && refined.column == base.column,
        };
        let strength = (rank, tag);
        if counts && best.is_none_or(|best| strength >= best) {
            best = Some(strength);
            place = Shown { column, key, base, rank, overruled: refined.value != base.value };
        }
    }
    Some(place)
}

/// The tag of a machine's placement.
pub fn tag(value: &str) -> Option<&str> {
    let (_, rest) = number(value.split_once('|')?.1)?;
    Some(rest.split_once('/')?.0)
}

/// How rank 0 is written.
pub const ZERO: &str = "V";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_several_digits_end_where_their_head_says() {
        let one = Stamp::parse("W2todo/V.k3QzV").unwrap();
        assert_eq!((one.generation, one.sub, one.column), ("W", "2", "todo"));
        let two = Stamp::parse("pA1todo/V.k3QzV").unwrap();
        assert_eq!((two.generation, two.sub, two.column), ("pA", "1", "todo"));
    }
}
