//! Events: they name exactly what looks different.

use crate::broken::{Check, ensure};
use crate::history::Thing;
use crate::sight::Sight;
use kanban_core::{BoardEvent, Field, Label, Member};
use std::collections::{BTreeMap, BTreeSet};

/// Checks events against the screens before and after.
///
/// # Errors
/// If something changed that no event names, or an event names what did not change.
pub fn check_events(before: &Sight, after: &Sight, events: &[BoardEvent]) -> Check {
    let mut changed = different(&before.cards, &after.cards, Thing::Card);
    changed.extend(different(&before.columns, &after.columns, Thing::Column));
    if before.name != after.name || before.description != after.description {
        changed.insert(Thing::Board);
    }
    changed.extend(different(&labels(before), &labels(after), Thing::Label));
    changed.extend(different(&members(before), &members(after), Thing::Member));
    let named: BTreeSet<Thing> = events.iter().filter_map(named).collect();
    if let Some(thing) = changed.difference(&named).next() {
        return ensure(false, "events", || {
            format!("{thing:?} looks different, but no event names it: {events:?}")
        });
    }
    // What is deleted is on no screen, but the list of what can be restored shows it.
    let is_deleted = |thing: &&Thing| match thing {
        Thing::Label(id) => !after.labels.contains_key(id),
        Thing::Member(id) => !after.members.contains_key(id),
        _ => false,
    };
    match named.difference(&changed).find(|thing| !is_deleted(thing)) {
        Some(thing) => ensure(false, "events", || {
            format!("an event names {thing:?}, which looks as before: {events:?}")
        }),
        None => Ok(()),
    }
}

/// Labels, and whether people gave them several names or colours.
fn labels(sight: &Sight) -> BTreeMap<String, (&Label, [bool; 2])> {
    let torn = |label: &Label| {
        let name = Field::LabelName { label: label.id.clone() };
        let colour = Field::LabelColour { label: label.id.clone() };
        [name, colour].map(|field| sight.torn.contains(&field))
    };
    sight.labels.iter().map(|(id, label)| (id.clone(), (&**label, torn(label)))).collect()
}

fn members(sight: &Sight) -> BTreeMap<String, (&Member, [bool; 2])> {
    let torn = |member: &Member| {
        let name = Field::MemberName { member: member.id.clone() };
        let colour = Field::MemberColour { member: member.id.clone() };
        [name, colour].map(|field| sight.torn.contains(&field))
    };
    sight.members.iter().map(|(id, member)| (id.clone(), (&**member, torn(member)))).collect()
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
        LabelChanged { label } => Thing::Label(label.to_string()),
        MemberChanged { member } => Thing::Member(member.to_string()),
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
