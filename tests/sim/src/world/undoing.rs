//! Undo and redo as steps: what is expected of them, and what they promise whoever asks for one.

use super::{World, now, unexpected};
use crate::acts::Screen;
use crate::broken::{Check, ensure, ensure_equal};
use crate::events::check_events;
use crate::history::{Act, Deed, Event, Thing};
use crate::place::winner;
use crate::sight::Sight;
use crate::undo::{Expected, Undoing, Verdict};
use kanban_core::{Card, Column, UndoError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl World {
    /// Somebody takes back, or brings back, what they did last.
    pub(super) fn take_back(&mut self, number: usize, who: usize, redo: bool) -> Check {
        let before = self.screen(who)?;
        let history = self.history.clone();
        let known = self.peer(who)?.known.clone();
        let undoing = Undoing::new(&history, &known, who, &before);
        let expected = undoing.expected(redo);
        let peer = self.peer_mut(who)?;
        let heads = peer.board.heads();
        let done = match redo {
            false => peer.board.undo(now(number)),
            true => peer.board.redo(now(number)),
        };
        peer.screen = None;
        let after = self.screen(who)?;
        let of = |change| self.history.iter().find(|(_, e)| e.hash == Some(change)).map(|e| *e.0);
        let what = if redo { "redo" } else { "undo" };
        let found = match &done {
            Ok(undone) => ("Recorded", of(undone.of)),
            Err(UndoError::Superseded { change, .. }) => ("Superseded", of(*change)),
            Err(UndoError::NothingToUndo | UndoError::NothingToRedo) => ("NothingLeft", None),
            Err(error) => return Err(unexpected("undo", error)),
        };
        let (outcome, verdicts) = match &expected {
            Expected::Recorded(of, verdicts) => (("Recorded", Some(*of)), verdicts.as_slice()),
            Expected::Superseded(of) => (("Superseded", Some(*of)), &[][..]),
            Expected::NothingLeft => (("NothingLeft", None), &[][..]),
        };
        ensure_equal(&found, &outcome, "undo", || format!("{what}, {expected:?}, {done:?}"))?;
        self.tally.count(format!("{what}: {}", found.0), 1);
        let (Ok(undone), Expected::Recorded(of, _)) = (done, &expected) else {
            let same = after.sight == before.sight && after.raw == before.raw;
            ensure(same, "undo", || format!("refused {what}, yet the board changed"))?;
            return ensure_equal(&self.peer(who)?.board.heads(), &heads, "undo", || "heads".into());
        };
        let Some(event) = history.get(of) else { return Ok(()) };
        let left = verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Left).count();
        ensure_equal(&undone.left.len(), &left, "undo", || format!("left, {:?}", undone.left))?;
        self.tally.count(format!("{what} in part"), usize::from(left > 0));
        let acts = verdicts.iter().flat_map(|(thing, verdict)| acts_of(thing, verdict)).collect();
        let deed = if redo { Deed::Redo(*of) } else { Deed::Undo(*of) };
        self.record(number, who, (deed, acts), &before, &after, (undone.change, heads))?;
        only_these_changed(event, verdicts, &before, &after)?;
        for (thing, verdict) in verdicts {
            let put = match verdict {
                Verdict::Uncovered => undoing.put_and_deleted(thing, *of),
                _ => None,
            };
            goes_back(thing, verdict, event, put, &after)?;
        }
        if undoing.is_last(*of, redo) && left == 0 {
            self.tally.count(format!("{what} to exactly what was there"), 1);
            shows_what_was_there(event, &after)?;
        }
        check_events(&before.sight, &after.sight, &undone.events)?;
        self.look(number, who, &after)
    }
}

/// What goes back, and the marks of an edit that whatever it belongs to gets.
fn acts_of(thing: &Thing, verdict: &Verdict) -> Vec<(Thing, Act)> {
    let Verdict::Back(acts) = verdict else { return Vec::new() };
    let acts = acts.iter().map(|act| (thing.clone(), act.clone()));
    let owners = thing.owners().filter(|owner| *owner != Thing::Board);
    acts.chain(owners.map(|owner| (owner, Act::Keep))).collect()
}

/// No other card or column is touched: not by people's registers, and not on the screen, unless a
/// column comes and goes for the sake of the cards in it.
fn only_these_changed(
    event: &Event,
    verdicts: &[(Thing, Verdict)],
    before: &Screen,
    after: &Screen,
) -> Check {
    let changed = |thing: &Thing| {
        let works = |verdict: &Verdict| matches!(verdict, Verdict::Back(_) | Verdict::Uncovered);
        let is_it = |other: &Thing| other == thing || other.owners().any(|owner| owner == *thing);
        verdicts.iter().any(|(other, verdict)| works(verdict) && is_it(other))
    };
    for (id, label) in &before.sight.labels {
        if !changed(&Thing::Label(id.clone())) {
            let is = after.sight.labels.get(id);
            ensure_equal(&is, &Some(label), "undo", || format!("label {id}, untouched"))?;
        }
    }
    for (id, card) in &before.sight.cards {
        if !changed(&Thing::Card(id.clone())) {
            let is = after.sight.cards.get(id);
            ensure_equal(&is, &Some(card), "undo", || format!("{id}, untouched by {event:?}"))?;
            let raw = (before.raw.cards.get(id), after.raw.cards.get(id));
            ensure_equal(&raw.1, &raw.0, "undo", || format!("registers of {id}, untouched"))?;
        }
    }
    for (id, raw) in &before.raw.columns {
        if !changed(&Thing::Column(id.clone())) {
            let is = after.raw.columns.get(id);
            ensure_equal(&is, &Some(raw), "undo", || format!("registers of column {id}"))?;
        }
    }
    Ok(())
}

/// What was moved stands where it was when it was moved, what was deleted where it was deleted, and
/// what somebody else has `put` somewhere before it was deleted, there.
fn goes_back(
    thing: &Thing,
    verdict: &Verdict,
    event: &Event,
    put: Option<(String, String)>,
    after: &Screen,
) -> Check {
    let (id, before) = match (thing, &event.before) {
        (Thing::Card(id), Some(before)) => (id, before),
        (Thing::Part(..), Some(before)) => return part_goes_back(thing, verdict, before, after),
        _ => return Ok(()),
    };
    let place = |screen: &Screen| {
        let card = screen.sight.cards.get(id);
        card.map(|card| (card.column.to_string(), card.position.as_str().to_owned()))
    };
    let placed = |act: &(Thing, Act)| act.0 == *thing && matches!(act.1, Act::Place(_));
    let back = match verdict {
        Verdict::Back(acts) => acts.iter().any(|act| matches!(act, Act::Place(_))),
        Verdict::Uncovered => true,
        _ => false,
    };
    let moved = *verdict == Verdict::Uncovered || event.acts.iter().any(placed);
    match back && moved && before.sight.cards.contains_key(id) {
        true => {
            let expected = put.or_else(|| place(before));
            ensure_equal(&place(after), &expected, "S12", || format!("place of {id}"))
        }
        false => Ok(()),
    }
}

/// An item or checklist stands where it was shown.
fn part_goes_back(thing: &Thing, verdict: &Verdict, before: &Screen, after: &Screen) -> Check {
    let Thing::Part(card, key) = thing else { return Ok(()) };
    let place = |screen: &Screen| -> Option<(String, String)> {
        let places = screen.raw.parts.get(&(card.clone(), key.clone()))?;
        winner(places).map(|place| (place.column.to_owned(), place.key.to_owned()))
    };
    let placed = |act: &Act| matches!(act, Act::Place(_));
    match verdict {
        Verdict::Back(acts) if acts.iter().any(placed) => {
            ensure_equal(&place(after), &place(before), "undo", || format!("place of {thing:?}"))
        }
        _ => Ok(()),
    }
}

/// With nobody else's work in between, the board looks as it did, but for three things. What the
/// command had settled (other places, other names) may stay settled. Where cards shared a key, the
/// one that made room keeps its new key. And a column that was deleted, and only shown for its
/// cards' sake, stays once a person has worked on it, as does a checklist shown for its items' sake.
fn shows_what_was_there(event: &Event, after: &Screen) -> Check {
    let Some(before) = &event.before else { return Ok(()) };
    let (was, is) = (&before.sight, &after.sight);
    let created: BTreeSet<&String> =
        is.cards.keys().filter(|id| !was.cards.contains_key(*id)).collect();
    let gone = created.iter().all(|id| is.living(id).is_none());
    ensure(gone, "undo", || format!("created, undone and still there: {created:?}"))?;
    for (id, card) in &was.cards {
        let Some(now) = is.cards.get(id) else { continue };
        let fewer = now.other_placements.iter().all(|o| card.other_placements.contains(o))
            && now.other_titles.iter().all(|title| card.other_titles.contains(title));
        ensure(fewer, "undo", || format!("{id} has new conflicts: {card:?} {now:?}"))?;
        let mut now = plain_card(now);
        now.checklists.retain(|list| {
            let part = (id.clone(), format!("kl:{}", list.id));
            let was_deleted = before.raw.parts.contains_key(&part)
                && card.checklists.iter().all(|before| before.id != list.id);
            !(was_deleted && list.items.is_empty())
        });
        ensure_equal(&now, &plain_card(card), "undo", || "as before".into())?;
    }
    let kept = |sight: &Sight| -> BTreeMap<String, Column> {
        let columns = sight
            .columns
            .iter()
            .filter(|(id, _)| was.columns.get(*id).is_some_and(|column| !column.recovered));
        columns.map(|(id, column)| (id.clone(), plain_column(column))).collect()
    };
    ensure_equal(&kept(is), &kept(was), "undo", || "columns as before".into())?;
    ensure_equal(&is.name.0, &was.name.0, "undo", || "the board's name as before".into())?;
    ensure_equal(&is.description, &was.description, "undo", || "its description as before".into())?;
    ensure_equal(&is.labels, &was.labels, "undo", || "labels as before".into())?;
    ensure_equal(&is.members, &was.members, "undo", || "members as before".into())?;
    for (column, lane) in &was.lanes {
        let lane: Vec<&str> = lane.iter().map(String::as_str).collect();
        ensure_equal(&is.lane(column), &lane, "undo", || format!("cards in {column} as before"))?;
    }
    Ok(())
}

/// A card without what may stay settled.
fn plain_card(card: &Arc<Card>) -> Card {
    let mut card = Card::clone(card);
    card.other_placements.clear();
    card.other_titles.clear();
    card.conflicted_fields.clear();
    card
}

fn plain_column(column: &Arc<Column>) -> Column {
    let mut column = Column::clone(column);
    column.other_positions.clear();
    column.other_names.clear();
    column.conflicted_fields.clear();
    column
}
