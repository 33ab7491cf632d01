//! Placements: where a card or column stands, and what a stored placement says about its author's
//! intent.
//!
//! A person's act is stored in `pos` as one scalar, `<generation><kind><column>/<key>`, so that
//! column and order can never mix between two moves. What a machine derives (a sort, re-keying,
//! moving the cards of a deleted column) is stored in `ord`, `<base>|<rank><tag>/<column>/<key>`,
//! and counts only as long as the person's placement it refines is still the one in force.

use crate::ids::ColumnId;
use crate::position::{Position, number};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

/// A place on the board: a column and an order key in it.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let card = board.card(&CardId::parse("docs")?).unwrap();
/// let placement = Placement { column: card.column.clone(), position: card.position.clone() };
/// assert_eq!(board.placement_choices(&card.id)[0].placement, placement);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Placement {
    /// The column.
    pub column: ColumnId,
    /// The order key; compare it, never count with it.
    pub position: Position,
}

/// What kind of act a stored placement was. A move outranks a reorder of the same generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A new order key in the column where the card already was.
    Reorder,
    /// Another column, a creation, an undo, or a choice between conflicting placements.
    Move,
}

/// One value of a `pos` or `trash` register. A column's own placement has no `column`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamped {
    /// Grows with every move: above every generation that the mover's registers mentioned.
    pub generation: u64,
    pub kind: Kind,
    pub column: Option<ColumnId>,
    pub position: Position,
}

impl Stamped {
    pub fn parse(text: &str) -> Option<Self> {
        let (generation, rest) = take_count(text)?;
        let kind = match rest.as_bytes().first()? {
            b'1' => Kind::Reorder,
            b'2' => Kind::Move,
            _ => return None,
        };
        let (column, position) = parse_place(rest.get(1..)?)?;
        Some(Self { generation, kind, column, position })
    }

    pub fn encode(&self) -> SmolStr {
        let generation = number::encode_integer(self.generation.into());
        let kind = match self.kind {
            Kind::Reorder => '1',
            Kind::Move => '2',
        };
        let column = self.column.as_ref().map_or("", ColumnId::as_str);
        format_smolstr!("{generation}{kind}{column}/{}", self.position)
    }

    /// The order in which concurrent placements win, before the register's own order decides.
    pub fn intent(&self) -> (u64, Kind) {
        (self.generation, self.kind)
    }
}

/// One value of an `ord` register: a machine's refinement of a person's placement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refinement {
    pub base: Stamped,
    /// 0 for a sort or a re-key; each relocation goes above what it found in its column.
    pub rank: u64,
    /// One per sort or relocation, so that two concurrent ones do not mix card by card.
    pub tag: SmolStr,
    pub column: Option<ColumnId>,
    pub position: Position,
}

impl Refinement {
    pub fn parse(text: &str) -> Option<Self> {
        let (base, rest) = text.split_once('|')?;
        let base = Stamped::parse(base)?;
        let (rank, rest) = take_count(rest)?;
        let (tag, place) = rest.split_once('/')?;
        let (column, position) = parse_place(place)?;
        Some(Self { base, rank, tag: SmolStr::new(tag), column, position })
    }

    pub fn encode(&self) -> SmolStr {
        let base = self.base.encode();
        let rank = number::encode_integer(self.rank.into());
        let column = self.column.as_ref().map_or("", ColumnId::as_str);
        format_smolstr!("{base}|{rank}{}/{column}/{}", self.tag, self.position)
    }

    /// Whether this refinement still speaks about the placement in force.
    ///
    /// A sort is void as soon as a person places the card anew. A relocation survives a reorder
    /// inside the column it emptied: that reorder could not know the column was going away.
    pub fn refines(&self, base: &Stamped) -> bool {
        if self.rank == 0 {
            self.base == *base
        } else {
            self.base.generation == base.generation && self.base.column == base.column
        }
    }
}

/// A non-negative number at the start of `text`, and what follows it.
fn take_count(text: &str) -> Option<(u64, &str)> {
    let (value, length) = number::decode_integer_prefix(text)?;
    Some((u64::try_from(value).ok()?, text.get(length..)?))
}

/// `<column>/<key>`; the column is empty for a column's own placement. A key that is no key (only
/// another program writes such) stands for the end of the column: a card must stay visible.
fn parse_place(text: &str) -> Option<(Option<ColumnId>, Position)> {
    let (column, key) = text.split_once('/')?;
    let column = match column {
        "" => None,
        id => Some(ColumnId::parse(id).ok()?),
    };
    let position = Position::parse(key).unwrap_or_else(|_| Position::last());
    Some((column, position))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamped(text: &str) -> Stamped {
        Stamped::parse(text).expect(text)
    }

    #[test]
    fn a_stored_placement_reads_back_as_it_was_written() {
        for text in ["V2todo/V.k3QzV", "W1done/V.k3QzV.V.abcdW", "V2/V.k3QzV"] {
            assert_eq!(stamped(text).encode(), text);
        }
        let text = "V2todo/V.k3QzV|Vabcdef/done/W.k3QzV";
        assert_eq!(Refinement::parse(text).expect(text).encode(), text);
    }

    #[test]
    fn text_that_is_no_placement_is_not_one() {
        for text in ["", "V", "V2", "V2todo", "V3todo/V.k3QzV", "A2todo/V.k3QzV", "V2to do/V.k3QzV"]
        {
            assert!(Stamped::parse(text).is_none(), "{text:?}");
        }
        for text in ["", "|", "V2todo/V.k3QzV", "V2todo/V.k3QzV|", "V2todo/V.k3QzV|V/V.k3QzV"] {
            assert!(Refinement::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_key_that_cannot_be_read_stands_at_the_end_of_its_column() {
        let odd = stamped("V2todo/???");
        assert!(
            odd.position > stamped("V2todo/zz.k3QzV").position || odd.position == Position::last()
        );
        assert_eq!(odd.column, Some(ColumnId::parse("todo").unwrap()));
    }

    #[test]
    fn a_later_generation_outranks_any_reorder_made_before_it_was_seen() {
        assert!(stamped("W2done/V.k3QzV").intent() > stamped("V1todo/V.k3QzV").intent());
        assert!(stamped("W1done/V.k3QzV").intent() > stamped("V2todo/V.k3QzV").intent());
        assert!(stamped("V2done/V.k3QzV").intent() > stamped("V1todo/V.k3QzV").intent());
    }

    #[test]
    fn a_sort_is_void_after_a_reorder_and_a_relocation_is_not() {
        let sort = Refinement::parse("V2todo/V.k3QzV|Vabcdef/todo/W.k3QzV").unwrap();
        let relocation = Refinement::parse("V2todo/V.k3QzV|Wabcdef/done/W.k3QzV").unwrap();
        let reordered = stamped("V1todo/T.k3QzV");
        let moved = stamped("W2done/T.k3QzV");
        assert!(!sort.refines(&reordered) && relocation.refines(&reordered));
        assert!(!sort.refines(&moved) && !relocation.refines(&moved));
    }
}
