//! What became of people's moves, and how often they met: counted, so that a simulation in which
//! nothing happens any more is noticed.

use crate::acts::Screen;
use crate::broken::{Broken, Check, ensure, ensure_equal};
use crate::history::{Oracle, Thing};
use crate::place::{Stamp, winner};
use crate::raw::Raw;
use crate::sight::Sight;
use crate::step::PEOPLE;
use crate::tally::Tally;
use kanban_core::{Board, Card, CardId};
use std::collections::BTreeSet;

/// Nobody's move vanished: it is in force, or somebody who had seen it decided anew, or it is
/// offered as a choice, or it named the column shown.
///
/// # Errors
/// If a move vanished, or the board names the wrong author.
pub fn count_moves(
    oracle: &Oracle<'_>,
    board: &Board,
    screen: &Screen,
    tally: &mut Tally,
) -> Check {
    for (id, card) in &screen.sight.cards {
        let thing = Thing::Card(id.clone());
        let (made, standing) = oracle.placement_counts(&thing);
        tally.count("placements that somebody who saw them replaced", made - standing);
        let none = Raw::default();
        let raw = screen.raw.cards.get(id).unwrap_or(&none);
        for value in oracle.placements(&thing) {
            let fate = Stamp::parse(value).and_then(|stamp| fate(stamp, raw, card));
            ensure(fate.is_some(), "moves", || format!("{id} lost {value}, {raw:?}"))?;
            tally.count(fate.unwrap_or_default(), 1);
        }
        check_choices(board, oracle, id)?;
    }
    Ok(())
}

fn fate(stamp: Stamp<'_>, raw: &Raw, card: &Card) -> Option<&'static str> {
    let mut offered = card.other_placements.iter();
    if winner(&raw.pos) == Some(stamp) {
        Some("placements in force")
    } else if stamp.column == card.column.as_str() {
        Some("placements in the same column")
    } else if offered.any(|o| o.column.as_str() == stamp.column && o.position.as_str() == stamp.key)
    {
        Some("placements offered as a choice")
    } else {
        None
    }
}

/// Every placement that stands is told with its author, also those in the column shown.
fn check_choices(board: &Board, oracle: &Oracle<'_>, id: &str) -> Check {
    let card = CardId::parse(id);
    let card = card.map_err(|e| Broken { invariant: "script", detail: e.to_string() })?;
    let choices = board.placement_choices(&card);
    let told = choices.iter().map(|choice| {
        let author = choice.author.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let placement = &choice.placement;
        (placement.column.to_string(), placement.position.to_string(), author.into_owned())
    });
    let placers = oracle.placers(&Thing::Card(id.to_owned()));
    let expected = placers.iter().filter_map(|(value, who)| {
        let stamp = Stamp::parse(value)?;
        Some((stamp.column.to_owned(), stamp.key.to_owned(), (*PEOPLE.get(*who)?).to_owned()))
    });
    let (told, expected) = (told.collect::<BTreeSet<_>>(), expected.collect::<BTreeSet<_>>());
    ensure_equal(&told, &expected, "choices", || format!("who placed {id}"))
}

/// Counts what a delivery brought to somebody's notice.
pub fn count_concurrency(before: &Sight, after: &Screen, tally: &mut Tally) {
    let mut count = |what: &str, is_new: bool| tally.count(what, usize::from(is_new));
    for (id, card) in &after.sight.cards {
        let old = before.cards.get(id);
        let places = old.is_none_or(|old| old.other_placements.is_empty());
        let flag = old.is_none_or(|old| !old.deleted_concurrently);
        let titles = old.is_none_or(|old| old.other_titles.is_empty());
        count("card placement conflicts", places && !card.other_placements.is_empty());
        count("card delete flags", flag && card.deleted_concurrently);
        count("card title conflicts", titles && !card.other_titles.is_empty());
    }
    for (id, column) in &after.sight.columns {
        let old = before.columns.get(id);
        let places = old.is_none_or(|old| old.other_positions.is_empty());
        let flag = old.is_none_or(|old| !old.deleted_concurrently);
        let hidden = old.is_none_or(|old| !old.recovered);
        count("column place conflicts", places && !column.other_positions.is_empty());
        count("column delete flags", flag && column.deleted_concurrently);
        count("recovered columns", hidden && column.recovered);
    }
    let torn = after.raw.cards.values().filter(|raw| raw.ord.len() > 1);
    tally.count("cards that several machines placed at once", torn.count());
}
