//! What every board must show, given what its replica knows.

use crate::broken::{Check, ensure, ensure_equal};
use crate::fields::check_fields;
use crate::history::{Oracle, Thing};
use crate::place::{Stamp, losers, shown, undecided, winner};
use crate::raw::{Raw, RawBoard};
use crate::sight::Sight;
use kanban_core::Life;
use std::collections::BTreeSet;

/// Compares a board with the oracle, and its view with its registers.
///
/// # Errors
/// The invariant that does not hold.
pub fn check(oracle: &Oracle<'_>, sight: &Sight, raw: &RawBoard) -> Check {
    let (mut cards, mut columns) = (BTreeSet::new(), BTreeSet::new());
    for thing in oracle.things() {
        match thing {
            Thing::Board => check_names(oracle, thing, &raw.names, &sight.name.0, &sight.name.1)?,
            Thing::Column(id) => drop(columns.insert(id)),
            Thing::Card(id) => drop(cards.insert(id)),
            _ => {}
        }
    }
    ensure_equal(&sight.cards.keys().collect(), &cards, "I2", || "cards".into())?;
    ensure_equal(&sight.columns.keys().collect(), &columns, "I2", || "columns".into())?;
    columns.iter().try_for_each(|id| check_column(oracle, sight, raw, id))?;
    cards.iter().try_for_each(|id| check_card(oracle, sight, raw, id))?;
    check_fields(oracle, sight, raw)?;
    check_order(sight)
}

fn check_card(oracle: &Oracle<'_>, sight: &Sight, board: &RawBoard, id: &str) -> Check {
    let thing = Thing::Card(id.to_owned());
    let none = Raw::default();
    let raw = board.cards.get(id).unwrap_or(&none);
    let Some(card) = sight.cards.get(id) else { return Ok(()) };
    check_registers(oracle, &thing, raw)?;
    check_names(oracle, &thing, &raw.names, &card.title, &card.other_titles)?;
    ensure_equal(&card.life, &life(oracle, &thing), "I3", || format!("life of card {id}"))?;
    let flagged = oracle.is_alive(&thing) && oracle.has_delete_mark(&thing);
    ensure_equal(&card.deleted_concurrently, &flagged, "flag", || format!("card {id}"))?;

    // A character is there twice only if two people undid that they had both erased it.
    let mut characters: Vec<char> = card.description.chars().collect();
    characters.sort_unstable();
    let typed = oracle.typed(&thing).into_iter().map(|(c, _)| c).collect();
    ensure_equal(&characters, &typed, "I5", || format!("text of {id}"))?;

    let place = shown(raw);
    let expected = place.as_ref().map(|place| (place.column, place.key));
    let found = Some((card.column.as_str(), card.position.as_str()));
    ensure_equal(&found, &expected, "I12", || format!("place of card {id}, registers {raw:?}"))?;

    let elsewhere = |loser: &Stamp<'_>| loser.column != card.column.as_str();
    let expected = undecided(raw).into_iter().filter(elsewhere);
    let expected: BTreeSet<_> = expected.map(|other| (other.column, other.key)).collect();
    let others = card.other_placements.iter();
    let listed: BTreeSet<_> = others.map(|o| (o.column.as_str(), o.position.as_str())).collect();
    ensure_equal(&listed, &expected, "conflicts", || format!("card {id}, registers {raw:?}"))?;
    ensure(listed.len() == card.other_placements.len(), "conflicts", || {
        format!("card {id} lists a placement twice: {:?}", card.other_placements)
    })
}

fn check_column(oracle: &Oracle<'_>, sight: &Sight, board: &RawBoard, id: &str) -> Check {
    let thing = Thing::Column(id.to_owned());
    let none = Raw::default();
    let raw = board.columns.get(id).unwrap_or(&none);
    let Some(column) = sight.columns.get(id) else { return Ok(()) };
    check_registers(oracle, &thing, raw)?;
    check_names(oracle, &thing, &raw.names, &column.name, &column.other_names)?;
    ensure_equal(&column.life, &life(oracle, &thing), "I3", || format!("life of column {id}"))?;
    let flagged = oracle.is_alive(&thing) && oracle.has_delete_mark(&thing);
    ensure_equal(&column.deleted_concurrently, &flagged, "flag", || format!("column {id}"))?;

    let mut cards = sight.cards.values();
    let occupied = cards.any(|card| card.life == Life::OnBoard && card.column.as_str() == id);
    let recovered = column.life != Life::OnBoard && occupied;
    ensure_equal(&column.recovered, &recovered, "I7", || format!("recovered, column {id}"))?;
    let visible = column.life == Life::OnBoard || occupied;
    ensure_equal(&sight.shows(id), &visible, "I7", || format!("visible, column {id}"))?;

    let place = shown(raw).map(|place| place.key);
    let found = Some(column.position.as_str());
    ensure_equal(&found, &place, "I12", || format!("place of column {id}, registers {raw:?}"))?;

    // Of a column's losing places only those are another place that a visible column separates
    // from the one shown.
    let separated = |loser: &Stamp<'_>| {
        let (low, high) = match column.position.as_str() {
            shown if loser.key < shown => (loser.key, shown),
            shown => (shown, loser.key),
        };
        let others = sight.order.iter().filter(|other| *other != id);
        let mut keys = others.filter_map(|id| Some(sight.columns.get(id)?.position.as_str()));
        keys.any(|key| low <= key && key < high)
    };
    let losers = losers(raw).into_iter().filter(separated);
    let expected: BTreeSet<_> = losers.map(|loser| loser.key).collect();
    let listed: BTreeSet<_> = column.other_positions.iter().map(|p| p.as_str()).collect();
    ensure_equal(&listed, &expected, "conflicts", || format!("column {id}, registers {raw:?}"))
}

/// I3, I4 and I6 in the registers themselves.
fn check_registers(oracle: &Oracle<'_>, thing: &Thing, raw: &Raw) -> Check {
    let stored: BTreeSet<&str> = raw.pos.iter().map(String::as_str).collect();
    ensure_equal(&stored, &oracle.placements(thing), "I4", || format!("pos of {thing:?}"))?;
    let stored: BTreeSet<&str> = raw.ord.iter().map(String::as_str).collect();
    ensure_equal(&stored, &oracle.refinements(thing), "I13", || format!("ord of {thing:?}"))?;
    ensure_equal(&raw.is_alive(), &oracle.is_alive(thing), "I3", || format!("{thing:?} {raw:?}"))?;
    let place = winner(&raw.pos).or_else(|| winner(&raw.trash));
    ensure(place.is_some(), "I6", || format!("{thing:?} has no place: {raw:?}"))
}

/// I5 for titles and names: the last value of the register is shown, every other one is listed.
fn check_names(
    oracle: &Oracle<'_>,
    thing: &Thing,
    raw: &[String],
    shown: &str,
    others: &[String],
) -> Check {
    let stored: BTreeSet<&str> = raw.iter().map(String::as_str).collect();
    ensure_equal(&stored, &oracle.names(thing), "I5", || format!("names of {thing:?}"))?;
    ensure_equal(&Some(shown), &raw.last().map(String::as_str), "I12", || {
        format!("name of {thing:?}")
    })?;
    let listed: BTreeSet<&str> = others.iter().map(String::as_str).collect();
    let expected: BTreeSet<&str> = stored.into_iter().filter(|name| *name != shown).collect();
    ensure_equal(&listed, &expected, "I5", || format!("other names of {thing:?}"))?;
    ensure(listed.len() == others.len(), "I5", || {
        format!("{thing:?} lists a name twice: {others:?}, register {raw:?}")
    })
}

fn life(oracle: &Oracle<'_>, thing: &Thing) -> Life {
    match (oracle.is_alive(thing), oracle.is_shelved(thing)) {
        (false, _) => Life::Deleted,
        (true, true) => Life::Archived,
        (true, false) => Life::OnBoard,
    }
}

/// I8: cards and columns stand in the order of their keys, then of their ids.
fn check_order(sight: &Sight) -> Check {
    let column = |id: &String| sight.columns.get(id).map(|c| (c.position.as_str(), id.clone()));
    ensure(ascend(sight.order.iter().map(column)), "I8", || "order of columns".into())?;
    for (column, lane) in &sight.lanes {
        let card = |id: &String| sight.cards.get(id).map(|c| (c.position.as_str(), id.clone()));
        ensure(ascend(lane.iter().map(card)), "I8", || format!("order of cards in {column}"))?;
    }
    Ok(())
}

fn ascend<T: PartialOrd>(keys: impl Iterator<Item = T>) -> bool {
    let keys: Vec<T> = keys.collect();
    keys.is_sorted_by(|a, b| a < b)
}
