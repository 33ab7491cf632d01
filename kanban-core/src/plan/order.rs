//! Order keys: finding a gap, sorting, relocating, and re-keying where keys have grown.

use super::*;
use crate::command::{Slot, SortBy};
use crate::order::{sort_by, sort_by_cached_key};
use crate::placement::Refinement;
use std::collections::BTreeSet;
use std::ops::Range;

/// A key longer than this has its neighbourhood re-keyed. Only a person who always drops in the
/// middle of the same few cards gets there, after some 300 drops.
const POSITION_BYTES_BEFORE_REKEYING: usize = 128;

/// What re-keying aims at, so that it does not happen again at once.
const POSITION_BYTES_AFTER_REKEYING: usize = 48;

/// The two neighbours between which something goes.
#[derive(Debug, Clone)]
pub(super) struct Gap<I> {
    left: Option<(Position, I)>,
    right: Option<(Position, I)>,
}

impl<I> Default for Gap<I> {
    fn default() -> Self {
        Self { left: None, right: None }
    }
}

impl<I: Ord + Clone> Gap<I> {
    /// Finds the neighbours of `slot` in `set`, as if `moving` were not there.
    pub fn find(
        set: &BTreeSet<(Position, I)>,
        slot: &Slot<I>,
        moving: Option<&I>,
        position_of: impl Fn(&I) -> Result<Position, CommandError>,
    ) -> Result<Self, CommandError> {
        let stays = |entry: &&(Position, I)| Some(&entry.1) != moving;
        let entry = |anchor: &I| Ok((position_of(anchor)?, anchor.clone()));
        let before = |end: &(Position, I)| set.range(..end.clone()).rev().find(stays).cloned();
        let after = |start: &(Position, I)| {
            let mut later = set.range(start.clone()..).filter(stays);
            later.find(|entry| *entry != start).cloned()
        };
        Ok(match slot {
            Slot::First => Gap { left: None, right: set.iter().find(stays).cloned() },
            Slot::Last => Gap { left: set.iter().rev().find(stays).cloned(), right: None },
            // Next to itself is where it stands: the neighbours are its own.
            Slot::Before(anchor) | Slot::After(anchor) if Some(anchor) == moving => {
                let anchor = entry(anchor)?;
                Gap { left: before(&anchor), right: after(&anchor) }
            }
            Slot::Before(anchor) => {
                let anchor = entry(anchor)?;
                Gap { left: before(&anchor), right: Some(anchor) }
            }
            Slot::After(anchor) => {
                let anchor = entry(anchor)?;
                Gap { right: after(&anchor), left: Some(anchor) }
            }
        })
    }

    /// Whether something at `position` stands in this gap already.
    pub fn holds(&self, position: &Position, id: &I) -> bool {
        let entry = (position, id);
        let after_left = self.left.as_ref().is_none_or(|(p, i)| (p, i) < entry);
        let before_right = self.right.as_ref().is_none_or(|(p, i)| entry < (p, i));
        after_left && before_right
    }

    /// A key in this gap that nothing uses.
    pub fn position(&self, tag: PositionTag, is_taken: impl Fn(&Position) -> bool) -> Position {
        let left = self.left.as_ref().map(|(position, _)| position);
        let right = self.right.as_ref().map(|(position, _)| position);
        Position::between(left, right, tag, is_taken)
    }
}

impl Planner<'_> {
    /// A key in a gap of a column, and the writes that shorten the keys around it if need be.
    pub(super) fn position_in(
        &self,
        column: &ColumnId,
        gap: &Gap<CardId>,
        moving: Option<&CardId>,
    ) -> (Position, Vec<Write>) {
        if let (Some((left, _)), Some(right)) = (&gap.left, &gap.right)
            && *left == right.0
        {
            return self.position_between_equals(column, right, moving);
        }
        let position = gap.position(self.tag, |key| self.model.is_taken(Some(column), key));
        if position.as_str().len() <= POSITION_BYTES_BEFORE_REKEYING {
            return (position, Vec::new());
        }
        self.rekey_around(column, gap, position)
    }

    /// A key between two cards that have the same one, and writes that move the second, and who
    /// shares its key after it, out of the way.
    ///
    /// Keys are drawn so that nobody has them, but one may come back: an actor reuses a key that a
    /// card no longer has on its replica, while somebody else, who has not heard that the card
    /// left, confirms its old place.
    fn position_between_equals(
        &self,
        column: &ColumnId,
        right: &(Position, CardId),
        moving: Option<&CardId>,
    ) -> (Position, Vec<Write>) {
        let shown = self.model.lanes.get(column).map(|lane| &lane.shown);
        let after = || shown.into_iter().flat_map(|shown| shown.range(right.clone()..));
        let equal: Vec<&CardId> = after()
            .take_while(|(key, _)| *key == right.0)
            .map(|(_, card)| card)
            .filter(|card| Some(*card) != moving)
            .collect();
        let next = after().map(|(key, _)| key).find(|key| **key != right.0);
        let mut keys = self.run_of_keys(column, Some(&right.0), next, equal.len() + 1).into_iter();
        let mine = keys.next().unwrap_or_else(|| right.0.clone());
        let refined = equal.into_iter().zip(keys).filter_map(|(card, key)| {
            let state = self.model.cards.get(card)?;
            Some(self.refine(card, state, None, column, key))
        });
        (mine, refined.collect())
    }

    /// Gives the cards around a gap short keys in the same order, and finds a key in the gap.
    ///
    /// Only the neighbourhood is re-keyed: what somebody drops between two of its cards meanwhile,
    /// by the old keys, still lands inside it.
    fn rekey_around(
        &self,
        column: &ColumnId,
        gap: &Gap<CardId>,
        long: Position,
    ) -> (Position, Vec<Write>) {
        let Some(lane) = self.model.lanes.get(column) else {
            return (long, Vec::new()); // no cards, no neighbourhood
        };
        let cards: Vec<&(Position, CardId)> = lane.shown.iter().collect();
        let split = cards.partition_point(|entry| gap.left.as_ref().is_some_and(|l| *entry <= l));
        let mut reach = 16;
        loop {
            let window = window_around(&cards, split, reach);
            let outer_left = window.start.checked_sub(1).and_then(|index| cards.get(index));
            let outer_right = cards.get(window.end);
            let inside = cards.get(window.clone()).unwrap_or_default();
            let mut keys = self.run_of_keys(
                column,
                outer_left.map(|entry| &entry.0),
                outer_right.map(|entry| &entry.0),
                inside.len() + 1,
            );
            let longest = keys.iter().map(|key| key.as_str().len()).max().unwrap_or(0);
            if longest > POSITION_BYTES_AFTER_REKEYING && reach < cards.len() {
                reach *= 2;
                continue;
            }
            let mine = keys.remove(split - window.start);
            let refined = inside.iter().zip(keys).filter_map(|((_, card), key)| {
                let state = self.model.cards.get(card)?;
                Some(self.refine(card, state, None, column, key))
            });
            return (mine, refined.collect());
        }
    }

    /// `count` ascending keys between two bounds that nothing in the column uses.
    fn run_of_keys(
        &self,
        column: &ColumnId,
        left: Option<&Position>,
        right: Option<&Position>,
        count: usize,
    ) -> Vec<Position> {
        let mut keys: Vec<Position> = Vec::with_capacity(count);
        for _ in 0..count {
            let previous = keys.last().or(left);
            let taken = |key: &Position| self.model.is_taken(Some(column), key);
            keys.push(Position::between(previous, right, self.tag, taken));
        }
        keys
    }

    /// A machine's placement of one card. It keeps the rank of what it refines, unless given.
    fn refine(
        &self,
        card: &CardId,
        state: &CardState,
        rank: Option<u64>,
        column: &ColumnId,
        key: Position,
    ) -> Write {
        let effective = card_effective(state);
        let rank = rank.or(effective.rank).unwrap_or(0);
        let refinement = effective.refined(rank, &self.batch_tag, Some(column.clone()), key);
        put_refinement(Target::Card(card.clone()), &refinement)
    }

    /// Every live card of a column in order, archived ones included.
    pub(crate) fn cards_placed_in(&self, column: &ColumnId) -> Vec<(&CardId, &CardState)> {
        let Some(lane) = self.model.lanes.get(column) else {
            return Vec::new();
        };
        let mut entries: Vec<_> = lane.shown.iter().chain(&lane.shelved).collect();
        sort_by(&mut entries, Ord::cmp);
        entries.into_iter().filter_map(|(_, id)| Some((id, self.model.card(id)?))).collect()
    }

    /// Moves the cards of a column that goes away to the end of another one.
    pub(super) fn relocate(
        &self,
        from: &ColumnId,
        to: &ColumnId,
        cards: &[(&CardId, &CardState)],
    ) -> Plan {
        if from == to {
            let column = from.clone();
            return Err(CommandError::SameColumn { column });
        }
        self.visible_column(to)?;
        let rank_of = |state: &CardState| state.effective.as_ref().and_then(|e| e.rank);
        let highest = cards.iter().filter_map(|(_, state)| rank_of(state)).max();
        let rank = highest.unwrap_or(0).saturating_add(1);
        let end = self.model.highest_position(Some(to));
        let keys = self.run_of_keys(to, end.as_ref(), None, cards.len());
        let relocated = cards.iter().zip(keys).map(|((card, state), key)| {
            if state.effective.is_some() {
                return self.refine(card, state, Some(rank), to, key);
            }
            // Without a readable placement there is nothing to refine.
            let placement = card_effective(state).decided(Some(to.clone()), key);
            place(Target::Card((*card).clone()), &placement)
        });
        Ok(relocated.collect())
    }

    pub(super) fn sort_cards(&self, column: &ColumnId, by: SortBy) -> Plan {
        self.visible_column(column)?;
        let cards = self.cards_placed_in(column);
        let mut sorted = cards.clone();
        self.sort_by(by, &mut sorted);
        if sorted.iter().map(|(id, _)| id).eq(cards.iter().map(|(id, _)| id)) {
            return Ok(Vec::new());
        }
        // Above every key in use, so that no key meets one that a hidden card comes back to.
        let end = self.model.highest_position(Some(column));
        let keys = self.run_of_keys(column, end.as_ref(), None, sorted.len());
        let sortable = sorted.into_iter().zip(keys).filter(|((_, s), _)| s.effective.is_some());
        Ok(sortable
            .map(|((card, state), key)| self.refine(card, state, None, column, key))
            .collect())
    }

    pub(super) fn sort_columns(&self, by: SortBy) -> Plan {
        let visible = self.model.visible_columns();
        let columns: Vec<(&ColumnId, &ColumnState)> = visible
            .iter()
            .filter_map(|(_, id)| Some((id, self.model.columns.get(id)?)))
            .filter(|(_, state)| state.effective.is_some())
            .collect();
        let mut sorted = columns.clone();
        sort_columns_by(by, &mut sorted);
        if sorted.iter().map(|(id, _)| id).eq(columns.iter().map(|(id, _)| id)) {
            return Ok(Vec::new());
        }
        let mut previous = self.model.highest_position(None);
        let mut writes = Vec::new();
        for (id, state) in sorted {
            let taken = |key: &Position| self.model.is_taken(None, key);
            let key = Position::between(previous.as_ref(), None, self.tag, taken);
            let effective = column_effective(state);
            let rank = effective.rank.unwrap_or(0);
            let refinement = effective.refined(rank, &self.batch_tag, None, key.clone());
            writes.push(put_refinement(Target::Column(id.clone()), &refinement));
            previous = Some(key);
        }
        Ok(writes)
    }
}

fn put_refinement(target: Target, refinement: &Refinement) -> Write {
    Write::Put(target, key::ORD, str(refinement.encode()))
}

/// Up to `reach` cards on each side of a place in a column, between cards that keep their keys.
///
/// The first and last card of the column are left out if their keys are short: with a bound on both
/// sides, the new keys stay where the old ones were.
fn window_around(cards: &[&(Position, CardId)], split: usize, reach: usize) -> Range<usize> {
    let is_bound = |index: usize| {
        let card = cards.get(index);
        card.is_some_and(|(key, _)| key.as_str().len() <= POSITION_BYTES_AFTER_REKEYING)
    };
    let first = usize::from(split > 0 && is_bound(0));
    let spared = usize::from(split < cards.len() && is_bound(cards.len().saturating_sub(1)));
    let start = split.saturating_sub(reach).max(first);
    let end = split.saturating_add(reach).min(cards.len().saturating_sub(spared));
    start..end
}

impl Planner<'_> {
    /// The id decides between cards that are equal.
    fn sort_by(&self, by: SortBy, cards: &mut [(&CardId, &CardState)]) {
        match by {
            SortBy::Title => sort_by_cached_key(cards, |(id, s)| (in_any_case(&s.view.title), *id)),
            SortBy::TitleDescending => {
                self.sort_by(SortBy::Title, cards);
                cards.reverse();
            }
            SortBy::Due => {
                let key =
                    |(id, s): &(_, &CardState)| (s.view.due.is_none(), s.view.due.clone(), *id);
                sort_by_cached_key(cards, key);
            }
            SortBy::Created => sort_by(cards, |(_, one), (_, two)| one.object.cmp(&two.object)),
            SortBy::Label => sort_by_cached_key(cards, |(id, state)| {
                let labels = state.view.labels.iter();
                let defined = labels.filter_map(|label| self.model.board.labels.get(label));
                let living = defined.filter(|drawn| drawn.record.is_alive());
                let first = living.map(|drawn| in_any_case(&drawn.view.name)).min();
                (first.is_none(), first, *id)
            }),
        }
    }
}

fn sort_columns_by(by: SortBy, columns: &mut [(&ColumnId, &ColumnState)]) {
    match by {
        SortBy::Title => sort_by_cached_key(columns, |(id, s)| (in_any_case(&s.view.name), *id)),
        SortBy::TitleDescending => {
            sort_columns_by(SortBy::Title, columns);
            columns.reverse();
        }
        SortBy::Created => sort_by(columns, |(_, one), (_, two)| one.object.cmp(&two.object)),
        SortBy::Due | SortBy::Label => {}
    }
}

/// Upper and lower case alike; the exact text decides between equal ones.
fn in_any_case(text: &str) -> (String, String) {
    (text.to_lowercase(), text.to_owned())
}
