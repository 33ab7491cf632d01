//! Which replica made a key, in four characters.

use super::number::digit;
use std::fmt;

/// Four base 62 characters that stand for a running replica in the keys it makes.
///
/// A hash of the replica's actor id, so that it needs no coordination. Two replicas share one of
/// the 14,776,336 tags with that probability; then, and only if they insert into the same gap
/// without seeing each other, their cards can interleave or get equal positions, which sort by card
/// id.
///
/// ```
/// use kanban_core::{ActorId, PositionTag};
/// let (ana, ben) = (ActorId::from([1; 16]), ActorId::from([2; 16]));
/// assert_ne!(PositionTag::of(ana.to_bytes()), PositionTag::of(ben.to_bytes()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositionTag([u8; 4]);

impl PositionTag {
    /// The tag of an actor: a fixed function of its bytes, the same in every version of this
    /// library.
    ///
    /// ```
    /// use kanban_core::PositionTag;
    /// assert_eq!(PositionTag::of(b"ana").to_string(), "vqKs");
    /// ```
    pub fn of(actor_bytes: &[u8]) -> PositionTag {
        let hash = i128::from(spread(fnv_1a(actor_bytes)));
        PositionTag(
            [hash / 62 / 62 / 62, hash / 62 / 62, hash / 62, hash].map(|value| digit(value) as u8),
        )
    }

    pub(super) fn is(self, characters: &str) -> bool {
        self.0 == characters.as_bytes()
    }
}

impl fmt::Display for PositionTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|character| write!(formatter, "{}", char::from(*character)))
    }
}

impl fmt::Debug for PositionTag {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PositionTag({self})")
    }
}

fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Lets every bit of the hash reach every bit of the tag (the finalizer of MurmurHash3): FNV alone
/// leaves short inputs that differ in their last byte close together.
fn spread(mut hash: u64) -> u64 {
    for factor in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
        hash = (hash ^ (hash >> 33)).wrapping_mul(factor);
    }
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_an_actor_never_changes() {
        let sixteen: Vec<u8> = (0..16).collect();
        // Computed by an independent program.
        for (actor, tag) in [
            (&b""[..], "Z3fa"),
            (b"ana", "vqKs"),
            (b"ben", "BEOp"),
            (&[0; 16], "IRS6"),
            (&sixteen, "KkH0"),
        ] {
            assert_eq!(PositionTag::of(actor).to_string(), tag);
        }
    }

    #[test]
    fn a_thousand_replicas_have_a_thousand_tags() {
        let tags: std::collections::BTreeSet<_> =
            (0..1000_u32).map(|replica| PositionTag::of(&replica.to_be_bytes())).collect();
        assert_eq!(tags.len(), 1000);
    }
}
