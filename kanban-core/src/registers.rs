//! The merge rules: what the registers of one card or column say when read together.
//!
//! Every rule here is a pure function of the values a document holds, so replicas with the same
//! heads agree. The registers, and why they are cut this way, are described in `docs/document.md`.

use crate::ids::ColumnId;
use crate::placement::{Kind, Placement, Refinement, Stamped};
use crate::position::Position;
use smol_str::SmolStr;

/// The place and life of one card or column, as stored. Lists hold every concurrent value, in
/// Automerge's order: the value a plain reader would show comes last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Registers {
    /// Values of `pos`: placements by people that no known placement or delete has superseded.
    pub pos: Vec<Stamped>,
    /// Whether `pos` holds anything at all, readable or not: it keeps a card alive.
    pub pos_present: bool,
    /// Values of `ord`: refinements by machines.
    pub ord: Vec<Refinement>,
    /// The highest `touch`: an edit that no known delete has superseded.
    pub touch: Option<u64>,
    /// Values of `trash`: the place where a delete found the card.
    pub trash: Vec<Stamped>,
    /// Whether `trash` holds anything at all.
    pub trash_present: bool,
    /// `shelf`: archived, and how.
    pub shelf: Option<SmolStr>,
}

/// Where a card or column is shown: a person's placement, refined by the machine's if that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effective {
    pub base: Stamped,
    pub column: Option<ColumnId>,
    pub position: Position,
    /// The rank of the refinement in force.
    pub rank: Option<u64>,
    /// The placement that the refinement in force names. It differs from `base` if that is a
    /// reorder which a relocation did not know: somebody reordered the card in its column while
    /// somebody else deleted that column and sent its cards elsewhere.
    pub named: Stamped,
    /// The highest generation that any register mentions, in force or not.
    pub highest_generation: u64,
}

impl Registers {
    /// Alive: some placement or edit is unknown to every known delete.
    pub fn is_alive(&self) -> bool {
        self.pos_present || self.touch.is_some()
    }

    /// Alive although somebody deleted it, without having seen what kept it alive.
    pub fn deleted_concurrently(&self) -> bool {
        self.is_alive() && self.trash_present
    }

    /// The person's placement in force.
    pub fn base(&self) -> Option<&Stamped> {
        winner(&self.pos).or_else(|| winner(&self.trash))
    }

    /// The place to show. It depends on nothing but these registers: were it to depend on which
    /// columns are alive, bringing one back would move cards that nobody touched.
    pub fn effective(&self) -> Option<Effective> {
        let base = self.base()?.clone();
        let highest_generation = self.highest_generation();
        let refinement = self
            .ord
            .iter()
            .filter(|refinement| refinement.refines(&base))
            .max_by_key(|r| (r.rank, &r.tag));
        let Some(refinement) = refinement else {
            let (column, position) = (base.column.clone(), base.position.clone());
            let (named, rank) = (base.clone(), None);
            return Some(Effective { base, column, position, rank, named, highest_generation });
        };
        Some(Effective {
            column: refinement.column.clone(),
            position: refinement.position.clone(),
            rank: Some(refinement.rank),
            named: refinement.base.clone(),
            highest_generation,
            base,
        })
    }

    fn highest_generation(&self) -> u64 {
        let stamps = self.pos.iter().chain(&self.trash).chain(self.ord.iter().map(|r| &r.base));
        stamps.map(|stamped| stamped.generation).max().unwrap_or(0)
    }

    /// Placements by people that lost against the one in force, each value once.
    pub fn losing(&self) -> Vec<&Stamped> {
        let Some(winner) = winner(&self.pos) else {
            return Vec::new();
        };
        let mut losing: Vec<&Stamped> = Vec::new();
        for value in &self.pos {
            if value != winner && !losing.contains(&value) {
                losing.push(value);
            }
        }
        losing
    }

    /// Placements by people that are not shown and that nobody has decided about: those that lost,
    /// and a reorder that a relocation has overruled without knowing it.
    pub fn undecided(&self, effective: Option<&Effective>) -> Vec<&Stamped> {
        let mut undecided = self.losing();
        if effective.is_some_and(|effective| effective.named != effective.base) {
            undecided.extend(winner(&self.pos));
        }
        undecided
    }

    /// Every place that some value names: keys that a new card must not be given.
    pub fn places(&self) -> impl Iterator<Item = (Option<&ColumnId>, &Position)> {
        let stored = self.pos.iter().chain(&self.trash);
        let stored = stored.map(|s| (s.column.as_ref(), &s.position));
        stored.chain(self.ord.iter().map(|r| (r.column.as_ref(), &r.position)))
    }
}

impl Effective {
    /// The placement that a person records by putting this card or column to `column`, `position`.
    ///
    /// Inside the column it is a reorder, which a concurrent move outranks. A reorder of something
    /// that a machine had relocated counts as a move: the relocation would otherwise go on
    /// refining it, and the person's choice would never show. So does one in another column than
    /// the person's placement names (undoing a relocation leaves such): under the old generation it
    /// would come within reach of relocations of the column that it was in.
    pub fn placed(&self, column: Option<ColumnId>, position: Position) -> Stamped {
        let relocated = self.rank.is_some_and(|rank| rank > 0);
        let stays = column == self.column && column == self.base.column;
        if stays && column.is_some() && !relocated {
            return Stamped {
                generation: self.base.generation,
                kind: Kind::Reorder,
                column,
                position,
            };
        }
        self.decided(column, position)
    }

    /// The placement recorded by an explicit decision: a move, a choice between conflicts.
    ///
    /// Its generation is above every one that the registers mention, not only above the one in
    /// force: a delete can take a higher one out of force while an older reorder keeps the card
    /// alive, and a relocation that names that higher one must not speak about this decision.
    pub fn decided(&self, column: Option<ColumnId>, position: Position) -> Stamped {
        Stamped {
            generation: self.highest_generation.saturating_add(1),
            kind: Kind::Move,
            column,
            position,
        }
    }

    /// What a delete writes down: the shown place under the stamp of the person's placement.
    pub fn trashed(&self) -> Stamped {
        Stamped {
            column: self.column.clone(),
            position: self.position.clone(),
            ..self.base.clone()
        }
    }

    /// The refinement that moves this to `column`, `position` without being a person's act.
    ///
    /// It names what the refinement in force names, so that a reorder which that one overruled
    /// stays listed: a machine must not settle what people have not.
    pub fn refined(
        &self,
        rank: u64,
        tag: &SmolStr,
        column: Option<ColumnId>,
        position: Position,
    ) -> Refinement {
        Refinement { base: self.named.clone(), rank, tag: tag.clone(), column, position }
    }
}

impl Stamped {
    /// The placement this names, if it names a column.
    pub fn placement(&self) -> Option<Placement> {
        let column = self.column.clone()?;
        let position = self.position.clone();
        Some(Placement { column, position })
    }
}

/// The value in force: by intent first, then the one that Automerge shows (the last).
pub(crate) fn winner(values: &[Stamped]) -> Option<&Stamped> {
    values.iter().max_by_key(|value| value.intent())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pos(values: &[&str]) -> Registers {
        Registers {
            pos: values.iter().map(|v| Stamped::parse(v).unwrap()).collect(),
            pos_present: !values.is_empty(),
            ..Registers::default()
        }
    }

    fn shown(registers: &Registers) -> String {
        let place = registers.effective().unwrap();
        format!("{}/{}", place.column.unwrap(), place.position)
    }

    #[test]
    fn of_two_concurrent_placements_the_move_beats_the_reorder_whatever_automerge_shows() {
        let move_first = pos(&["W2done/V.aaaaV", "V1todo/V.bbbbV"]);
        let move_last = pos(&["V1todo/V.bbbbV", "W2done/V.aaaaV"]);
        assert_eq!(shown(&move_first), "done/V.aaaaV");
        assert_eq!(shown(&move_last), "done/V.aaaaV");
        assert_eq!(move_first.losing().len(), 1);
    }

    #[test]
    fn identical_concurrent_placements_are_no_conflict() {
        assert!(pos(&["W2done/V.aaaaV", "W2done/V.aaaaV"]).losing().is_empty());
    }

    #[test]
    fn a_relocation_beats_a_sort_and_the_higher_rank_beats_the_lower() {
        let mut card = pos(&["V2todo/V.aaaaV"]);
        let ord = |text: &str| Refinement::parse(text).unwrap();
        card.ord = vec![
            ord("V2todo/V.aaaaV|Xzzzzzz/done/V.bbbbV"),
            ord("V2todo/V.aaaaV|Waaaaaa/review/V.bbbbV"),
            ord("V2todo/V.aaaaV|Vzzzzzz/todo/Z.bbbbV"),
        ];
        assert_eq!(shown(&card), "done/V.bbbbV");
        card.ord.remove(0);
        assert_eq!(shown(&card), "review/V.bbbbV");
    }

    #[test]
    fn of_two_relocations_of_one_rank_the_tag_decides_and_not_which_columns_are_alive() {
        let mut card = pos(&["V2todo/V.aaaaV"]);
        let ord = |text: &str| Refinement::parse(text).unwrap();
        card.ord = vec![
            ord("V2todo/V.aaaaV|Wzzzzzz/review/V.bbbbV"),
            ord("V2todo/V.aaaaV|Waaaaaa/done/V.bbbbV"),
        ];
        assert_eq!(shown(&card), "review/V.bbbbV");
    }

    #[test]
    fn a_reorder_that_a_relocation_overruled_without_knowing_it_is_undecided() {
        let mut card = pos(&["V1todo/T.aaaaV"]);
        card.ord = vec![Refinement::parse("V2todo/V.aaaaV|Wabcdef/done/V.bbbbV").unwrap()];
        let place = card.effective().unwrap();
        assert_eq!(place.column.as_ref().unwrap().as_str(), "done");
        assert_eq!(card.undecided(Some(&place)), [&card.pos[0]]);
        card.ord = vec![Refinement::parse("V1todo/T.aaaaV|Wabcdef/done/V.bbbbV").unwrap()];
        assert!(card.undecided(card.effective().as_ref()).is_empty());
    }

    #[test]
    fn reordering_a_relocated_card_counts_as_a_move_so_that_it_shows() {
        let mut card = pos(&["V2todo/V.aaaaV"]);
        card.ord = vec![Refinement::parse("V2todo/V.aaaaV|Wabcdef/done/V.bbbbV").unwrap()];
        let place = card.effective().unwrap();
        let reordered = place.placed(place.column.clone(), Position::parse("T.ccccV").unwrap());
        assert_eq!(reordered.encode(), "W2done/T.ccccV");
        card.pos = vec![reordered];
        assert_eq!(shown(&card), "done/T.ccccV");
    }

    #[test]
    fn a_card_kept_alive_by_an_edit_stands_where_the_delete_found_it() {
        let card = Registers {
            touch: Some(1),
            trash: vec![Stamped::parse("V2todo/V.aaaaV").unwrap()],
            trash_present: true,
            ..Registers::default()
        };
        assert!(card.is_alive() && card.deleted_concurrently());
        assert_eq!(shown(&card), "todo/V.aaaaV");
    }
}
