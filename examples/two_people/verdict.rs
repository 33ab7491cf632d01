//! The audit: what became of everything that two people did, once their replicas have merged.
//!
//! It knows the deeds (what each person did on their own replica), the graph of changes (which change had seen which),
//! and the merged board as people see it. It repeats none of the merge rules: whether a move is listed as a choice is
//! found out by picking it on a copy of the board.

use crate::people::{Deed, Did, Move};
use kanban_core::{
    ActorId, Board, CardId, ChangeHash, ColumnId, Command, Life, PlacementChoice, Replica,
    Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

/// What became of a move or an edit. The first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Somebody who had seen it did something else with the same card afterwards: for a move, another move or a
    /// deletion of the column that took the card elsewhere; for an edit, another edit of the same text.
    Superseded,
    /// It holds. For a move: the card stands in that column, once, and it is this move's place that the board names as
    /// the one in force. For an edit: it is what the card shows.
    InForce,
    /// Something concurrent is shown instead and this is offered beside it. For a move: the board lists it, and
    /// picking it on a copy of the board brings the card to that column.
    Listed,
    /// None of these: a broken promise.
    Undone,
}

/// What became of everything.
#[derive(Debug)]
pub struct Audit<'a> {
    pub moves: Vec<(&'a Deed, &'a Move, Fate)>,
    /// Renames, descriptions, added lines and archivings.
    pub edits: Vec<(&'a Deed, Fate)>,
    /// Cards that somebody had and nobody deleted, and that the merged board does not show, the shelf included.
    pub lost: Vec<CardId>,
    /// Cards that the merged board shows more than once.
    pub duplicated: Vec<CardId>,
    /// Cards that a sort or the deletion of a column should have placed, since nobody else did, and did not.
    pub misplaced: Vec<CardId>,
}

impl<'a> Audit<'a> {
    /// Compares what was done with what a merged board shows. `before` are the cards that both began with.
    pub fn of(before: &BTreeSet<CardId>, deeds: &'a [Deed], merged: &Board) -> Self {
        let audit =
            Auditor { deeds, board: merged, seen: Seen::from(merged), places: places(merged) };
        let created = deeds.iter().filter_map(|deed| match &deed.what {
            Did::Created { card, .. } => Some(card.clone()),
            _ => None,
        });
        let expected: BTreeSet<CardId> = before.iter().cloned().chain(created).collect();
        let shown = |card: &CardId| audit.places.get(card).map_or(0, Vec::len);
        Self {
            moves: deeds
                .iter()
                .filter_map(|deed| Some((deed, deed.what.as_move()?)))
                .map(|(deed, drag)| (deed, drag, audit.fate_of_move(deed, drag)))
                .collect(),
            edits: deeds
                .iter()
                .filter_map(|deed| Some((deed, audit.fate_of_edit(deed)?)))
                .collect(),
            lost: expected.iter().filter(|card| shown(card) == 0).cloned().collect(),
            duplicated: audit
                .places
                .iter()
                .filter(|(_, columns)| columns.len() > 1)
                .map(|(card, _)| card.clone())
                .collect(),
            misplaced: deeds.iter().flat_map(|deed| audit.misplaced_by(deed)).collect(),
        }
    }

    /// How many moves ended so.
    pub fn moves_that_are(&self, fate: Fate) -> usize {
        self.moves.iter().filter(|(_, _, it)| *it == fate).count()
    }

    /// How many edits ended so.
    pub fn edits_that_are(&self, fate: Fate) -> usize {
        self.edits.iter().filter(|(_, it)| *it == fate).count()
    }

    /// Whether every promise was kept.
    pub fn is_clean(&self) -> bool {
        self.moves_that_are(Fate::Undone) == 0
            && self.edits_that_are(Fate::Undone) == 0
            && [&self.lost, &self.duplicated, &self.misplaced].iter().all(|cards| cards.is_empty())
    }
}

struct Auditor<'a> {
    deeds: &'a [Deed],
    board: &'a Board,
    seen: Seen,
    places: BTreeMap<CardId, Vec<ColumnId>>,
}

impl Auditor<'_> {
    fn fate_of_move(&self, deed: &Deed, drag: &Move) -> Fate {
        if self.is_superseded(deed, |later| places_card(later, &drag.card)) {
            return Fate::Superseded;
        }
        let choices = self.board.placement_choices(&drag.card);
        match choices.iter().find(|choice| choice.change == deed.change) {
            Some(choice) if choice.in_force && self.stands_in(&drag.card, &drag.to) => {
                Fate::InForce
            }
            Some(choice) if !choice.in_force && self.can_be_picked(drag, choice, deed.at) => {
                Fate::Listed
            }
            _ => Fate::Undone,
        }
    }

    fn fate_of_edit(&self, deed: &Deed) -> Option<Fate> {
        let (superseded, in_force, listed) = match &deed.what {
            Did::Renamed { card, title } => {
                let later =
                    |later: &Did| matches!(later, Did::Renamed { card: c, .. } if c == card);
                let shown = self.board.card(card);
                (
                    self.is_superseded(deed, later),
                    shown.is_some_and(|card| card.title == *title),
                    shown.is_some_and(|card| card.other_titles.contains(title)),
                )
            }
            // Texts that two people replaced at once merge by character, which this would call undone; nobody does
            // that here. Lines that two people add at once must both be there.
            Did::Described { card, text } => {
                let later = |later: &Did| match later {
                    Did::Described { card: c, .. } | Did::AddedLine { card: c, .. } => c == card,
                    _ => false,
                };
                let shown = self.board.card(card).is_some_and(|card| card.description == *text);
                (self.is_superseded(deed, later), shown, false)
            }
            Did::AddedLine { card, line } => {
                let later =
                    |later: &Did| matches!(later, Did::Described { card: c, .. } if c == card);
                let shown = self.board.card(card);
                let shown = shown.is_some_and(|card| card.description.lines().any(|l| l == line));
                (self.is_superseded(deed, later), shown, false)
            }
            Did::Archived { card } => {
                let shelved = self.board.card(card).is_some_and(|card| card.life == Life::Archived);
                (false, shelved, false)
            }
            _ => return None,
        };
        Some(match (superseded, in_force, listed) {
            (true, _, _) => Fate::Superseded,
            (_, true, _) => Fate::InForce,
            (_, _, true) => Fate::Listed,
            _ => Fate::Undone,
        })
    }

    /// Cards that this sort or deletion of a column should have placed and did not. Those that anybody moved without
    /// having seen it, or afterwards, are no business of it.
    fn misplaced_by(&self, deed: &Deed) -> Vec<CardId> {
        let placed_by_others = |card: &CardId| {
            let mut others = self.deeds.iter().filter(|other| other.change != deed.change);
            others.any(|other| {
                places_card(&other.what, card) && !self.seen.saw(&deed.change, &other.change)
            })
        };
        match &deed.what {
            Did::Sorted { column, order } => {
                let shown: Vec<&CardId> =
                    self.board.cards_in(column).map(|card| &card.id).collect();
                let stays = |card: &&CardId| shown.contains(card) && !placed_by_others(card);
                let wanted: Vec<&CardId> = order.iter().filter(stays).collect();
                let found: Vec<&CardId> =
                    shown.iter().copied().filter(|card| wanted.contains(card)).collect();
                let pairs = wanted.iter().zip(&found).filter(|(wanted, found)| wanted != found);
                pairs.map(|(wanted, _)| (*wanted).clone()).collect()
            }
            Did::DeletedColumn { cards, to, .. } => {
                let stays = |card: &&CardId| !placed_by_others(card) && !self.stands_in(card, to);
                cards.iter().filter(stays).cloned().collect()
            }
            _ => Vec::new(),
        }
    }

    fn is_superseded(&self, deed: &Deed, by: impl Fn(&Did) -> bool) -> bool {
        let mut others = self.deeds.iter().filter(|later| by(&later.what));
        others.any(|later| self.seen.saw(&later.change, &deed.change))
    }

    fn stands_in(&self, card: &CardId, column: &ColumnId) -> bool {
        self.places.get(card).is_some_and(|columns| *columns == [column.clone()])
    }

    fn can_be_picked(&self, drag: &Move, choice: &PlacementChoice, at: Timestamp) -> bool {
        let mut copy = self.board.clone();
        let placement = choice.placement.clone();
        let pick = Command::PickCardPlacement { card: drag.card.clone(), placement };
        let picked = copy.apply(&pick, at).is_ok();
        picked && copy.card(&drag.card).is_some_and(|card| card.column == drag.to)
    }
}

/// Whether this puts the card somewhere.
fn places_card(did: &Did, card: &CardId) -> bool {
    match did {
        Did::Moved(drag) => drag.card == *card,
        Did::DeletedColumn { cards, .. } => cards.contains(card),
        _ => false,
    }
}

/// Where people find each card: every column that shows it, and for an archived one its column on the shelf.
fn places(board: &Board) -> BTreeMap<CardId, Vec<ColumnId>> {
    let view = board.view();
    let mut places: BTreeMap<CardId, Vec<ColumnId>> = BTreeMap::new();
    for column in &view.columns {
        for card in &column.cards {
            places.entry(card.id.clone()).or_default().push(column.column.id.clone());
        }
    }
    for card in &view.archived_cards {
        places.entry(card.id.clone()).or_default().push(card.column.clone());
    }
    places
}

/// Which change had seen which: what the changes themselves say they build on.
struct Seen(BTreeMap<ChangeHash, BTreeSet<ChangeHash>>);

impl From<&Board> for Seen {
    fn from(board: &Board) -> Self {
        let mut seen: BTreeMap<ChangeHash, BTreeSet<ChangeHash>> = BTreeMap::new();
        for change in board.changes_since(&[]) {
            let mut past: BTreeSet<ChangeHash> = change.deps().iter().copied().collect();
            let earlier = change.deps().iter().filter_map(|dep| seen.get(dep));
            past.extend(earlier.flatten().copied().collect::<Vec<_>>());
            seen.insert(change.hash(), past);
        }
        Self(seen)
    }
}

impl Seen {
    fn saw(&self, later: &ChangeHash, earlier: &ChangeHash) -> bool {
        self.0.get(later).is_some_and(|past| past.contains(earlier))
    }
}

/// Whether two replicas that exchanged everything are the same board.
#[derive(Debug)]
pub struct Agreement {
    pub same_heads: bool,
    pub same_view: bool,
    /// The same again after saving and opening it.
    pub same_after_reopening: bool,
}

impl Agreement {
    pub fn of(one: &Board, other: &Board) -> Self {
        let reader = Replica::new(ActorId::from([2; 16]));
        let reopened = Board::open(&one.save(), reader).map(|board| (board.heads(), board.view()));
        Self {
            same_heads: one.heads() == other.heads(),
            same_view: one.view() == other.view(),
            same_after_reopening: reopened.is_ok_and(|it| it == (other.heads(), other.view())),
        }
    }

    pub fn is_complete(&self) -> bool {
        self.same_heads && self.same_view && self.same_after_reopening
    }
}
