//! What a command promises whoever gives it: where things stand right afterwards, and what stays
//! untouched.

mod fields;

use crate::acts::Screen;
use crate::broken::{Check, ensure, ensure_equal};
use crate::expect::{cards_in_order, columns_in_order};
use crate::place::{ZERO, shown, undecided};
use crate::raw::{Raw, RawBoard};
use crate::sight::Sight;
use crate::slot::dropped;
use automerge::{Change, legacy};
use fields::{check_field_promise, looks_like};
use kanban_core::{Card, ColumnCards, Command, Life, Slot};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Checks a command that was recorded, by the screens of its author before and after.
///
/// # Errors
/// The invariant that does not hold.
pub fn check_promise(command: &Command, before: &Screen, after: &Screen, change: &Change) -> Check {
    use Command as C;
    let (old, new) = (&before.sight, &after.sight);
    match command {
        C::MoveCard { card, column, to } => {
            moves_one_operation(change)?;
            lands(
                old,
                new,
                card.as_str(),
                column.as_str(),
                dropped(&old.lane(column.as_str()), card.as_str(), to),
            )?;
            only_card_changed(card.as_str(), old, new)
        }
        C::CreateCard { card, column, at, .. } => {
            lands(
                old,
                new,
                card.as_str(),
                column.as_str(),
                dropped(&old.lane(column.as_str()), card.as_str(), at),
            )?;
            only_card_changed(card.as_str(), old, new)
        }
        C::DeleteCard { card } => {
            if !sent_on(card.as_str(), &before.raw, &after.raw) {
                stays(card.as_str(), old, new)?;
            }
            only_card_changed(card.as_str(), old, new)
        }
        C::RestoreCard { card }
        | C::KeepCard { card }
        | C::RenameCard { card, .. }
        | C::EditDescription { card, .. }
        | C::SetDescription { card, .. }
        | C::ArchiveCard { card }
        | C::UnarchiveCard { card }
        | C::KeepCardPlacement { card } => {
            stays(card.as_str(), old, new)?;
            only_card_changed(card.as_str(), old, new)
        }
        C::PickCardPlacement { card, placement } => {
            let card = new.cards.get(card.as_str());
            let place = card.map(|card| (card.column.clone(), card.position.clone()));
            let picked = Some((placement.column.clone(), placement.position.clone()));
            ensure_equal(&place, &picked, "S1", || "a picked place must be shown".into())?;
            let settled = card.is_some_and(|card| card.other_placements.is_empty());
            ensure(settled, "S1", || "a pick must settle the conflict".into())
        }
        C::SortCards { column, by } => {
            unchanged_for_people(&before.raw, &after.raw)?;
            conflicts_stay(old, new)?;
            nothing_decided(&before.raw, &after.raw)?;
            let cards = new.placed_in(column.as_str());
            let order: Vec<_> = cards.iter().map(|card| card.id.as_str()).collect();
            let expected = cards_in_order(after, order.clone(), *by);
            ensure_equal(&order, &expected, "S9", || "sorted".into())?;
            let (mut was, mut is) = (ids(&old.placed_in(column.as_str())), ids(&cards));
            was.sort();
            is.sort();
            ensure_equal(&is, &was, "S9", || "a sort keeps its cards".into())
        }
        C::SortColumns { by } => {
            unchanged_for_people(&before.raw, &after.raw)?;
            let order: Vec<_> = new.order.iter().map(String::as_str).collect();
            let expected = columns_in_order(after, order.clone(), *by);
            ensure_equal(&order, &expected, "S9", || "sorted".into())?;
            ensure_equal(&new.cards, &old.cards, "I13", || "columns sorted, cards".into())
        }
        C::MoveColumn { column, to } => {
            let order: Vec<&str> = old.order.iter().map(String::as_str).collect();
            let list = dropped(&order, column.as_str(), to);
            ensure_equal(&Some(new.order.clone()), &list, "S8", || "a moved column".into())?;
            ensure_equal(&new.cards, &old.cards, "S8", || "column moved, cards".into())
        }
        C::DeleteColumn { column, cards: Some(ColumnCards::MoveTo(target)) }
        | C::MoveAllCards { column, to: target } => {
            let (was, is) = (by_people(&before.raw.cards), by_people(&after.raw.cards));
            ensure_equal(&is, &was, "I13", || "relocation".into())?;
            nothing_decided(&before.raw, &after.raw)?;
            let held = ids(&old.placed_in(column.as_str()));
            outranks(&held, &before.raw, &after.raw)?;
            let mut placed = ids(&old.placed_in(target.as_str()));
            placed.extend(held);
            let found = ids(&new.placed_in(target.as_str()));
            ensure_equal(&found, &placed, "S6", || format!("cards relocated to {target}"))
        }
        C::ArchiveAllCards { column } => {
            let lane = old.lane(column.as_str());
            let mut expected = old.cards.clone();
            for (_, card) in expected.iter_mut().filter(|(id, _)| lane.contains(&id.as_str())) {
                Arc::make_mut(card).life = Life::Archived;
            }
            ensure_equal(&new.cards, &expected, "S5", || format!("archived all of {column}"))
        }
        C::DuplicateCard { card, copy } => {
            let Some(original) = old.cards.get(card.as_str()) else { return Ok(()) };
            let at = match original.life {
                Life::OnBoard => Slot::After(card.clone()),
                _ => Slot::Last,
            };
            let column = original.column.as_str();
            let list = dropped(&old.lane(column), copy.as_str(), &at);
            lands(old, new, copy.as_str(), column, list)?;
            only_card_changed(copy.as_str(), old, new)?;
            looks_like(original, new.cards.get(copy.as_str()))
        }
        other => check_field_promise(other, before, after),
    }
}

fn ids(cards: &[&Card]) -> Vec<String> {
    cards.iter().map(|card| card.id.to_string()).collect()
}

/// I11: one operation besides the `ord` of neighbours with long keys.
fn moves_one_operation(change: &Change) -> Check {
    let decoded = change.decode();
    let is = |op: &&legacy::Op, name: &str| matches!(&op.key, legacy::Key::Map(key) if key == name);
    let others = decoded.operations.iter().filter(|op| !is(op, "ord"));
    let keys: Vec<_> = others.map(|op| op.key.clone()).collect();
    let one = matches!(keys.as_slice(), [legacy::Key::Map(key)] if key == "pos");
    ensure(one, "I11", || format!("a move recorded {keys:?}"))
}

/// What was dropped stands exactly there; an archived card moves without appearing.
fn lands(old: &Sight, new: &Sight, card: &str, column: &str, list: Option<Vec<String>>) -> Check {
    let found: Vec<String> = new.lane(column).into_iter().map(str::to_owned).collect();
    let archived = old.cards.contains_key(card) && !old.lanes.values().flatten().any(|c| c == card);
    let expected = match archived {
        true => old.lane(column).into_iter().map(str::to_owned).collect(),
        false => list.unwrap_or_default(),
    };
    ensure_equal(&found, &expected, "S2", || format!("{card} dropped in {column}"))?;
    let stands = new.cards.get(card).is_some_and(|card| card.column.as_str() == column);
    ensure(stands, "S2", || format!("{card} must stand in {column}"))
}

/// Only a move changes where a card stands.
fn stays(card: &str, old: &Sight, new: &Sight) -> Check {
    let place = |sight: &Sight| {
        let card = sight.cards.get(card);
        card.map(|card| (card.column.clone(), card.position.clone()))
    };
    ensure_equal(&place(new), &place(old), "S5", || format!("place of {card}"))
}

/// The one case in which a delete shows a card elsewhere. Two people had moved it to different
/// columns, and each column's cards had been sent elsewhere since. It stood where those of the
/// first were sent, which is the second; the delete wrote that down as its place, and so what was
/// said of the cards of the second now speaks about it. Then it must stand where that sent it.
fn sent_on(card: &str, before: &RawBoard, after: &RawBoard) -> bool {
    let places = before.cards.get(card).and_then(shown).zip(after.cards.get(card).and_then(shown));
    let Some((was, is)) = places else { return false };
    let was_sent = was.column != was.base.column && was.rank > ZERO;
    let base = (is.base.generation, is.base.column);
    let is_sent = is.rank > ZERO && is.column != was.column;
    was_sent && is_sent && base == (was.base.generation, was.column)
}

/// Of cards that have one key by accident, those behind a drop get another; their order is looked
/// at where the drop is.
fn only_card_changed(card: &str, old: &Sight, new: &Sight) -> Check {
    let place = |card: &Card| (card.column.clone(), card.position.clone());
    let mut others = (old.cards.clone(), new.cards.clone());
    others.0.remove(card);
    others.1.remove(card);
    for (id, was) in &others.0 {
        let shares = old.cards.values().filter(|other| place(other) == place(was)).count() > 1;
        if let Some(is) = others.1.get_mut(id).filter(|_| shares) {
            Arc::make_mut(is).position = was.position.clone();
        }
    }
    ensure_equal(&others.1, &others.0, "S2", || format!("cards other than {card}"))
}

fn by_people(things: &BTreeMap<String, Raw>) -> BTreeMap<&String, Raw> {
    things.iter().map(|(id, raw)| (id, raw.by_people())).collect()
}

/// I13: what a machine wrote is no register of people's.
fn unchanged_for_people(before: &RawBoard, after: &RawBoard) -> Check {
    ensure_equal(&by_people(&after.cards), &by_people(&before.cards), "I13", || "cards".into())?;
    ensure_equal(&by_people(&after.columns), &by_people(&before.columns), "I13", || {
        "columns".into()
    })
}

/// A relocation goes above whatever machines did to the cards before, so that it also beats what
/// others who had seen no more than that do at the same time.
fn outranks(cards: &[String], before: &RawBoard, after: &RawBoard) -> Check {
    fn ranks<'a>(board: &'a RawBoard, cards: &[String]) -> Vec<&'a str> {
        let raws = cards.iter().filter_map(|id| board.cards.get(id));
        raws.filter_map(|raw| Some(shown(raw)?.rank)).collect()
    }
    let highest = ranks(before, cards).into_iter().max().unwrap_or_default();
    let above = ranks(after, cards).into_iter().all(|rank| rank > highest && rank > ZERO);
    ensure(above, "I13", || format!("relocated {cards:?} not above rank {highest:?}"))
}

/// I13: what people had not decided, a machine has not either.
fn nothing_decided(before: &RawBoard, after: &RawBoard) -> Check {
    for id in before.cards.keys() {
        let values = |board: &RawBoard| -> Vec<String> {
            let undecided = board.cards.get(id).map(undecided);
            undecided.into_iter().flatten().map(|stamp| stamp.value.to_owned()).collect()
        };
        ensure_equal(&values(after), &values(before), "I13", || format!("undecided, card {id}"))?;
    }
    Ok(())
}

fn conflicts_stay(old: &Sight, new: &Sight) -> Check {
    let conflicts = |sight: &Sight| -> Vec<_> {
        let cards = sight.cards.values();
        cards.map(|c| (c.life, c.deleted_concurrently, c.other_placements.clone())).collect()
    };
    ensure_equal(&conflicts(new), &conflicts(old), "I13", || "conflicts after a sort".into())
}
