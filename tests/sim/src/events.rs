//! Events: they name exactly what looks different.

use crate::broken::{Check, ensure};
use crate::history::Thing;
use crate::sight::Sight;
use kanban_core::BoardEvent;
use std::collections::{BTreeMap, BTreeSet};

/// Checks events against the screens before and after.
///
/// # Errors
/// If something changed that no event names, or an event names what did not change.
pub fn check_events(before: &Sight, after: &Sight, events: &[BoardEvent]) -> Check {
    let mut changed = different(&before.cards, &after.cards, Thing::Card);
    changed.extend(different(&before.columns, &after.columns, Thing::Column));
    if before.name != after.name {
        changed.insert(Thing::Board);
    }
    let named: BTreeSet<Thing> = events.iter().filter_map(named).collect();
    if let Some(thing) = changed.difference(&named).next() {
        return ensure(false, "events", || {
            format!("{thing:?} looks different, but no event names it: {events:?}")
        });
    }
    match named.difference(&changed).next() {
        Some(thing) => ensure(false, "events", || {
            format!("an event names {thing:?}, which looks as before: {events:?}")
        }),
        None => Ok(()),
    }
}

fn different<T: PartialEq>(
    before: &BTreeMap<String, T>,
    after: &BTreeMap<String, T>,
    thing: impl Fn(String) -> Thing,
) -> BTreeSet<Thing> {
    let ids = before.keys().chain(after.keys());
    let changed = ids.filter(|id| before.get(*id) != after.get(*id));
    changed.map(|id| thing(id.clone())).collect()
}

fn named(event: &BoardEvent) -> Option<Thing> {
    use BoardEvent::*;
    Some(match event {
        BoardEdited => Thing::Board,
        CardCreated { card }
        | CardMoved { card, .. }
        | CardEdited { card, .. }
        | CardArchived { card }
        | CardUnarchived { card }
        | CardDeleted { card }
        | CardRestored { card }
        | CardChoicesChanged { card } => Thing::Card(card.to_string()),
        ColumnCreated { column }
        | ColumnMoved { column }
        | ColumnEdited { column }
        | ColumnArchived { column }
        | ColumnUnarchived { column }
        | ColumnDeleted { column }
        | ColumnRestored { column }
        | ColumnRecovered { column, .. }
        | ColumnChoicesChanged { column } => Thing::Column(column.to_string()),
        _ => return None,
    })
}
