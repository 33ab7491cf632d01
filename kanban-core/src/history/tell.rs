//! Telling a change: from what it wrote to what somebody did.

use super::deed::{BoardAct, CardAct, ColumnAct, Deed, Mention, PartAct};
use super::past::{At, Past};
use super::written::{Owners, Sorted, Writes};
use crate::ids::{CardId, ColumnId, LabelId, MemberId};
use crate::model::Model;
use crate::part::Target;
use crate::read::Reader;
use crate::schema::key;
use crate::undo::{IMPORT, REDO, UNDO};
use crate::view::Life;
use automerge::{Automerge, Change, ChangeHash, ReadDoc};
use std::collections::BTreeMap;

/// Tells changes. Cards and columns are called as the model knows them.
pub(super) struct Teller<'a> {
    pub document: &'a Automerge,
    pub model: &'a Model,
    pub past: Past,
    owners: Owners<'a>,
    /// What changes that were taken back had done.
    taken_back: BTreeMap<ChangeHash, Vec<Deed>>,
}

impl<'a> Teller<'a> {
    pub fn new(document: &'a Automerge, model: &'a Model, past: Past) -> Self {
        let owners = Owners::new(document, model);
        Self { document, model, past, owners, taken_back: BTreeMap::new() }
    }

    /// What a change did.
    pub fn tell(&mut self, change: &Change) -> Vec<Deed> {
        let mut deeds: Vec<Deed> = self.taken_back_by(change).into_iter().collect();
        deeds.extend(self.told(change));
        deeds
    }

    /// Remembers what a change stored, without telling it.
    pub fn pass(&mut self, change: &Change) {
        self.past.walk(&change.decode());
    }

    /// The deed that a change says of itself, if it takes back another.
    fn taken_back_by(&mut self, change: &Change) -> Option<Deed> {
        let message = change.message()?;
        let named = |verb: &str| message.strip_prefix(verb)?.parse::<ChangeHash>().ok();
        if let Some(change) = named(UNDO) {
            let deeds = self.told_once(change);
            return Some(Deed::Undid { change, deeds });
        }
        let change = named(REDO)?;
        let deeds = self.told_once(change);
        Some(Deed::Redid { change, deeds })
    }

    fn told_once(&mut self, hash: ChangeHash) -> Vec<Deed> {
        if let Some(deeds) = self.taken_back.get(&hash) {
            return deeds.clone();
        }
        let change = self.document.get_change_by_hash(&hash);
        let deeds = change.map(|change| self.told(&change)).unwrap_or_default();
        self.taken_back.insert(hash, deeds.clone());
        deeds
    }

    fn told(&mut self, change: &Change) -> Vec<Deed> {
        let expanded = change.decode();
        self.past.walk(&expanded);
        let sorted = self.owners.sort(&expanded);
        if change.message() == Some(IMPORT) {
            return vec![imported(&sorted)];
        }
        let at = At { document: self.document, deps: change.deps() };
        let mut deeds = Vec::new();
        let (mut acts, mut columns_sorted) = (Acts::default(), 0);
        for (target, writes) in &sorted.targets {
            match target {
                Target::Board => deeds.extend(self.board_deeds(at, writes)),
                Target::Label(id) => {
                    let label = self.label(id);
                    let acts = self.record_acts(at, writes).into_iter();
                    deeds.extend(acts.map(|act| Deed::Label { label: label.clone(), act }));
                }
                Target::Member(id) => {
                    let member = self.member(id);
                    let acts = self.record_acts(at, writes).into_iter();
                    deeds.extend(acts.map(|act| Deed::Member { member: member.clone(), act }));
                }
                Target::Column(id) => {
                    let column = self.column(id);
                    let acts = self.column_acts(at, writes);
                    columns_sorted += usize::from(acts.is_empty());
                    let acts = acts.into_iter();
                    deeds.extend(acts.map(|act| Deed::Column { column: column.clone(), act }));
                }
                Target::Card(id) => acts.extend(id, self.card_acts(at, writes)),
                Target::Part(card, part) => {
                    let whole = Target::Card(card.clone());
                    let whole = sorted.targets.get(&whole);
                    let own = self.part_acts(at, (card, part), writes, &sorted);
                    acts.extend_part(card, own, whole);
                }
            }
        }
        if columns_sorted > 0 {
            deeds.push(Deed::SortedColumns { columns: columns_sorted });
        }
        deeds.extend(acts.into_deeds(|id| self.card(id)));
        if deeds.is_empty() && sorted.elsewhere {
            deeds.push(Deed::Other);
        }
        deeds
    }

    fn board_deeds(&self, at: At<'_>, writes: &Writes) -> Vec<Deed> {
        let mut acts = Vec::new();
        let name = writes.get(key::NAME);
        let to = name.and_then(|name| name.shown()).unwrap_or_default();
        if writes.sets(key::BOARD) {
            acts.push(BoardAct::Created { name: to });
        } else if let Some(name) = name {
            let from = self.past.texts(at, name, key::NAME).pop().map(String::from);
            acts.push(BoardAct::Renamed { from, to });
        }
        if writes.text {
            acts.push(BoardAct::Described);
        }
        if acts.is_empty() {
            acts.push(BoardAct::Edited);
        }
        acts.into_iter().map(|act| Deed::Board { act }).collect()
    }

    /// What was done to a label, member, checklist or link: everything that holds a name.
    pub fn record_acts(&self, at: At<'_>, writes: &Writes) -> Vec<PartAct> {
        self.named_acts(at, writes, key::NAME)
    }

    pub fn named_acts(&self, at: At<'_>, writes: &Writes, name: &str) -> Vec<PartAct> {
        if writes.made {
            return vec![PartAct::Added];
        }
        if writes.sets(key::GONE) {
            return vec![PartAct::Deleted];
        }
        let mut acts = Vec::new();
        if writes.clears(key::GONE) {
            acts.push(PartAct::Restored);
        }
        if let Some(written) = writes.get(name) {
            let from = self.past.texts(at, written, name).pop().map(String::from);
            acts.push(PartAct::Renamed { from, to: written.shown().unwrap_or_default() });
        }
        if let Some(colour) = writes.get(key::COLOUR) {
            acts.push(PartAct::ColourSet { to: colour.shown() });
        }
        if writes.sets(key::POS) {
            acts.push(PartAct::Moved);
        }
        let known = [key::GONE, key::COLOUR, key::POS, key::TOUCH, key::DONE, name];
        let odd = writes.keys.keys().any(|key| !known.contains(&key.as_str()));
        if odd || writes.text {
            acts.push(PartAct::Edited);
        }
        acts
    }

    /// What was done to a column; nothing if it was put in order with the others.
    fn column_acts(&self, at: At<'_>, writes: &Writes) -> Vec<ColumnAct> {
        if writes.made {
            return vec![ColumnAct::Created];
        }
        let mut acts = Vec::new();
        match life_act(at, writes) {
            Some(LifeAct::Purged) => return vec![ColumnAct::Purged],
            Some(LifeAct::Deleted) => acts.push(ColumnAct::Deleted),
            Some(LifeAct::Restored) => acts.push(ColumnAct::Restored),
            Some(LifeAct::Kept) => acts.push(ColumnAct::Kept),
            None if writes.sets(key::POS) => acts.push(ColumnAct::Moved),
            None => {}
        }
        match writes.get(key::SHELF) {
            Some(shelf) if shelf.is_set => acts.push(ColumnAct::Archived),
            Some(_) if !acts.contains(&ColumnAct::Restored) => acts.push(ColumnAct::Unarchived),
            _ => {}
        }
        if let Some(name) = writes.get(key::NAME) {
            let from = self.past.texts(at, name, key::NAME).pop().map(String::from);
            acts.push(ColumnAct::Renamed { from, to: name.shown().unwrap_or_default() });
        }
        if let Some(limit) = writes.get(key::WIP) {
            acts.push(ColumnAct::LimitSet { to: limit.shown() });
        }
        if let Some(colour) = writes.get(key::COLOUR) {
            acts.push(ColumnAct::ColourSet { to: colour.shown() });
        }
        if acts.is_empty() && !writes.sets(key::ORD) {
            acts.push(ColumnAct::Edited);
        }
        acts
    }

    pub fn card(&self, id: &CardId) -> Mention<CardId> {
        let view = self.model.cards.get(id).map(|state| &state.view);
        let name = view.filter(|view| view.life != Life::Purged).map(|view| view.title.clone());
        Mention { id: id.clone(), name }
    }

    pub fn column(&self, id: &ColumnId) -> Mention<ColumnId> {
        let state = self.model.columns.get(id);
        let name = match state {
            // Nobody created it: only cards' placements name it.
            None => Some(id.to_string()),
            Some(state) if state.object.is_none() => Some(id.to_string()),
            Some(state) if state.view.life == Life::Purged => None,
            Some(state) => Some(state.view.name.clone()),
        };
        Mention { id: id.clone(), name }
    }

    pub fn label(&self, id: &LabelId) -> Mention<LabelId> {
        let drawn = self.model.board.labels.get(id);
        let name = drawn.map_or_else(|| id.to_string(), |drawn| drawn.view.name.clone());
        Mention { id: id.clone(), name: Some(name) }
    }

    pub fn member(&self, id: &MemberId) -> Mention<MemberId> {
        let drawn = self.model.board.members.get(id);
        let name = drawn.map_or_else(|| id.to_string(), |drawn| drawn.view.name.clone());
        Mention { id: id.clone(), name: Some(name) }
    }

    pub fn reader(&self) -> Reader<'a> {
        Reader::now(self.document)
    }
}

/// A step in the life of a card or column.
pub(super) enum LifeAct {
    Deleted,
    Restored,
    Kept,
    Purged,
}

/// What a change did to the life of a card or column.
pub(super) fn life_act(at: At<'_>, writes: &Writes) -> Option<LifeAct> {
    let trash = writes.get(key::TRASH)?;
    if trash.is_set {
        return Some(LifeAct::Deleted);
    }
    if !writes.sets(key::POS) && !writes.sets(key::TOUCH) {
        return Some(LifeAct::Purged);
    }
    // What comes back was dead; what is kept was alive all the time.
    Some(match at.is_alive(&trash.object) {
        true => LifeAct::Kept,
        false => LifeAct::Restored,
    })
}

fn imported(sorted: &Sorted) -> Deed {
    let made = sorted.targets.iter().filter(|(_, writes)| writes.made).map(|(target, _)| target);
    let (mut cards, mut columns, mut others) = (Vec::new(), 0, 0);
    for target in made {
        match target {
            Target::Card(id) => cards.push(id.clone()),
            Target::Column(_) => columns += 1,
            Target::Label(_) | Target::Member(_) => others += 1,
            Target::Board | Target::Part(..) => {}
        }
    }
    Deed::Imported { cards, columns, others }
}

/// What a change did to cards, in an order that does not depend on how it was written down.
#[derive(Default)]
struct Acts {
    of_cards: Vec<(CardId, CardAct)>,
    /// Cards of which nothing is told yet but that they were touched.
    edited: Vec<CardId>,
    /// A person placed a card, so that whatever a machine moved beside it only made room.
    placed: bool,
}

impl Acts {
    fn extend(&mut self, card: &CardId, acts: Vec<CardAct>) {
        use CardAct::{Created, Moved, Reordered, Settled};
        if acts.is_empty() {
            self.edited.push(card.clone());
        }
        self.placed |= acts.iter().any(|act| {
            matches!(act, Created { .. } | Moved { .. } | Reordered { .. } | Settled { .. })
        });
        self.of_cards.extend(acts.into_iter().map(|act| (card.clone(), act)));
    }

    /// Parts of a card that was made or emptied as a whole are not told.
    fn extend_part(&mut self, card: &CardId, acts: Vec<CardAct>, whole: Option<&Writes>) {
        let is_whole = whole.is_some_and(|whole| whole.made)
            || self.of_cards.iter().any(|(id, act)| id == card && *act == CardAct::Purged);
        if !is_whole && !acts.is_empty() {
            self.edited.retain(|id| id != card);
            self.of_cards.extend(acts.into_iter().map(|act| (card.clone(), act)));
        }
    }

    /// One deed for each thing that was done, however many cards it was done to.
    fn into_deeds(mut self, mention: impl Fn(&CardId) -> Mention<CardId>) -> Vec<Deed> {
        if self.placed {
            self.of_cards.retain(|(_, act)| !matches!(act, CardAct::Sorted { .. }));
        }
        let edited = self.edited.into_iter().map(|card| (card, CardAct::Edited));
        self.of_cards.extend(edited);
        let mut order: BTreeMap<CardAct, usize> = BTreeMap::new();
        let mut grouped: Vec<(CardAct, Vec<CardId>)> = Vec::new();
        for (card, act) in self.of_cards {
            let index = *order.entry(act.clone()).or_insert(grouped.len());
            match grouped.get_mut(index) {
                Some((_, cards)) if cards.last() == Some(&card) => {}
                Some((_, cards)) => cards.push(card),
                None => grouped.push((act, vec![card])),
            }
        }
        let deed = |(act, cards): (CardAct, Vec<CardId>)| match cards.as_slice() {
            [card] if !matches!(act, CardAct::Sorted { .. }) => {
                Deed::Card { card: mention(card), act }
            }
            _ => Deed::Cards { cards, act },
        };
        grouped.into_iter().map(deed).collect()
    }
}
