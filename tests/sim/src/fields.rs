//! Fields, labels and what belongs to a card: where a screen shows them, and what it must show.

use crate::broken::{Check, ensure, ensure_equal};
use crate::history::{Act, Oracle, Thing};
use crate::place::winner;
use crate::raw::RawBoard;
use crate::sight::Sight;
use crate::tally::Tally;
use kanban_core::{Board, Card, Command, Conflict, Field, FieldValue};
use std::collections::{BTreeMap, BTreeSet};

/// What a screen shows in a field; nothing if the field is empty or what it belongs to is not
/// there. Names and titles are told apart by [`Sight`].
pub fn shown(sight: &Sight, field: &Field) -> Option<FieldValue> {
    use Field::*;
    let text = |text: &str| Some(FieldValue::Text(text.to_owned()));
    let column = |id: &kanban_core::ColumnId| sight.columns.get(id.as_str());
    let card = |id: &kanban_core::CardId| sight.cards.get(id.as_str());
    match field {
        BoardName => text(&sight.name.0),
        ColumnName { column: id } => text(&column(id)?.name),
        ColumnColour { column: id } => text(column(id)?.colour.as_ref()?),
        ColumnWipLimit { column: id } => column(id)?.wip_limit.map(FieldValue::Count),
        LabelName { label } => text(&sight.labels.get(label.as_str())?.name),
        LabelColour { label } => text(&sight.labels.get(label.as_str())?.colour),
        MemberName { member } => text(&sight.members.get(member.as_str())?.name),
        MemberColour { member } => text(&sight.members.get(member.as_str())?.colour),
        CardTitle { card: id } => text(&card(id)?.title),
        CardStart { card: id } => text(card(id)?.start.as_ref()?.as_str()),
        CardDue { card: id } => text(card(id)?.due.as_ref()?.as_str()),
        CardDone { card: id } => Some(FieldValue::Flag(card(id)?.done)),
        CardCover { card: id } => text(card(id)?.cover.as_ref()?),
        ChecklistName { card: id, checklist } => {
            let list = card(id)?.checklists.iter().find(|list| list.id == *checklist);
            text(&list?.name)
        }
        ItemText { card: id, item } => {
            let mut items = card(id)?.checklists.iter().flat_map(|list| &list.items);
            text(&items.find(|other| other.id == *item)?.text)
        }
        ItemDone { card: id, item } => {
            let mut items = card(id)?.checklists.iter().flat_map(|list| &list.items);
            Some(FieldValue::Flag(items.find(|other| other.id == *item)?.done))
        }
        LinkUrl { card: id, link } => {
            text(&card(id)?.links.iter().find(|other| other.id == *link)?.url)
        }
        LinkName { card: id, link } => {
            text(&card(id)?.links.iter().find(|other| other.id == *link)?.name)
        }
        _ => None,
    }
}

/// The fields that a command gives values, unless they have them; none if it does something else.
pub fn given(command: &Command) -> Vec<(Field, Option<FieldValue>)> {
    use Command as C;
    use Field::*;
    let text = |text: &String| Some(FieldValue::Text(text.clone()));
    let date = |date: &kanban_core::DateOrTime| FieldValue::Text(date.as_str().to_owned());
    let one = match command {
        C::SetWipLimit { column, limit } => {
            (ColumnWipLimit { column: column.clone() }, limit.map(FieldValue::Count))
        }
        C::SetColumnColour { column, colour } => {
            (ColumnColour { column: column.clone() }, colour.as_ref().and_then(text))
        }
        C::RenameLabel { label, name } => (LabelName { label: label.clone() }, text(name)),
        C::ColourLabel { label, colour } => (LabelColour { label: label.clone() }, text(colour)),
        C::RenameMember { member, name } => (MemberName { member: member.clone() }, text(name)),
        C::ColourMember { member, colour } => {
            (MemberColour { member: member.clone() }, text(colour))
        }
        C::SetStart { card, start } => (CardStart { card: card.clone() }, start.as_ref().map(date)),
        C::SetDue { card, due } => (CardDue { card: card.clone() }, due.as_ref().map(date)),
        C::SetDone { card, done } => {
            (CardDone { card: card.clone() }, Some(FieldValue::Flag(*done)))
        }
        C::SetCover { card, cover } => {
            (CardCover { card: card.clone() }, cover.as_ref().and_then(text))
        }
        C::RenameChecklist { card, checklist, name } => {
            (ChecklistName { card: card.clone(), checklist: checklist.clone() }, text(name))
        }
        C::SetItemText { card, item, text: new } => {
            (ItemText { card: card.clone(), item: item.clone() }, text(new))
        }
        C::SetItemDone { card, item, done } => {
            (ItemDone { card: card.clone(), item: item.clone() }, Some(FieldValue::Flag(*done)))
        }
        C::SetLink { card, link, url, name } => {
            let field = LinkUrl { card: card.clone(), link: link.clone() };
            let second = LinkName { card: card.clone(), link: link.clone() };
            return vec![(field, text(url)), (second, text(name))];
        }
        _ => return Vec::new(),
    };
    vec![one]
}

/// Whether a field would look the same with this value.
pub fn has(sight: &Sight, field: &Field, value: &Option<FieldValue>) -> bool {
    shown(sight, field) == *value && !sight.torn.contains(field)
}

/// The values that a field holds, each once, names and titles included.
pub fn stored(sight: &Sight, raw: &RawBoard, field: &Field) -> BTreeSet<FieldValue> {
    let texts = |shown: &String, others: &[String]| -> BTreeSet<FieldValue> {
        others.iter().chain([shown]).cloned().map(FieldValue::Text).collect()
    };
    match field {
        Field::BoardName => texts(&sight.name.0, &sight.name.1),
        Field::ColumnName { column } => {
            let column = sight.columns.get(column.as_str());
            column.map(|column| texts(&column.name, &column.other_names)).unwrap_or_default()
        }
        Field::CardTitle { card } => {
            let card = sight.cards.get(card.as_str());
            card.map(|card| texts(&card.title, &card.other_titles)).unwrap_or_default()
        }
        field => raw.fields.get(field).into_iter().flatten().cloned().collect(),
    }
}

/// Whether a screen shows what a field belongs to.
pub fn shows(sight: &Sight, thing: &Thing) -> bool {
    match thing {
        Thing::Board => true,
        Thing::Column(id) => sight.shows(id),
        Thing::Card(id) => sight.living(id).is_some(),
        Thing::Label(id) => sight.labels.contains_key(id),
        Thing::Member(id) => sight.members.contains_key(id),
        Thing::Part(card, key) => sight.living(card).is_some_and(|card| has_part(card, key)),
        Thing::Field(_) | Thing::Mark(..) => thing.owner().is_some_and(|o| shows(sight, &o)),
    }
}

fn has_part(card: &Card, key: &str) -> bool {
    let Some((kind, id)) = key.split_once(':') else { return false };
    let mut items = card.checklists.iter().flat_map(|list| &list.items);
    match kind {
        "kl" => card.checklists.iter().any(|list| list.id.as_str() == id),
        "k" => items.any(|item| item.id.as_str() == id),
        "c" => card.comments.iter().any(|comment| comment.id.as_str() == id),
        "u" => card.links.iter().any(|link| link.id.as_str() == id),
        _ => false,
    }
}

/// Compares everything but places and lives of cards and columns with the oracle.
///
/// # Errors
/// The invariant that does not hold.
pub fn check_fields(oracle: &Oracle<'_>, sight: &Sight, raw: &RawBoard) -> Check {
    let mut parts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for thing in oracle.things() {
        match thing {
            Thing::Board => {
                let mut found: Vec<char> = sight.description.chars().collect();
                found.sort_unstable();
                let typed = oracle.typed(thing).into_iter().map(|(c, _)| c).collect();
                ensure_equal(&found, &typed, "I5", || "the board's description".into())?;
            }
            Thing::Label(_) | Thing::Member(_) => {
                let alive = oracle.is_alive(thing);
                let stored = raw.records.get(thing);
                ensure_equal(&stored, &Some(&alive), "I3", || format!("{thing:?} as stored"))?;
                let found = shows(sight, thing);
                ensure_equal(&found, &alive, "I3", || format!("life of {thing:?}"))?;
            }
            Thing::Part(card, key) => parts.entry(card).or_default().push(key),
            Thing::Field(field) => check_field(oracle, sight, raw, field)?,
            Thing::Mark(card, key) => {
                let Some(card) = sight.cards.get(card) else { continue };
                let found = card.labels.iter().any(|id| *key == format!("l:{id}"))
                    || card.assignees.iter().any(|id| *key == format!("m:{id}"));
                let expected = !oracle.values(thing).is_empty();
                ensure_equal(&found, &expected, "I5", || format!("{thing:?}"))?;
            }
            Thing::Column(_) | Thing::Card(_) => {}
        }
    }
    for card in sight.cards.values() {
        let parts = parts.remove(card.id.as_str()).unwrap_or_default();
        check_parts(oracle, card, &parts, raw)?;
        let marked = card.labels.iter().map(|id| format!("l:{id}"));
        let mut marked = marked.chain(card.assignees.iter().map(|id| format!("m:{id}")));
        let put = |key| !oracle.values(&Thing::Mark(card.id.to_string(), key)).is_empty();
        ensure(marked.all(put), "I5", || format!("nobody put these on {card:?}"))?;
    }
    Ok(())
}

/// I5 for fields: every value that nobody who knew of it replaced is stored, the last one is shown,
/// and several are said to be several.
fn check_field(oracle: &Oracle<'_>, sight: &Sight, raw: &RawBoard, field: &Field) -> Check {
    let thing = Thing::Field(field.clone());
    let expected = oracle.values(&thing);
    let stored = raw.fields.get(field).map_or(&[][..], Vec::as_slice);
    let found: BTreeSet<&FieldValue> = stored.iter().collect();
    ensure_equal(&found, &expected, "I5", || format!("values of {field:?}"))?;
    if !thing.owners().all(|owner| shows(sight, &owner)) {
        return Ok(());
    }
    let none = matches!(field, Field::CardDone { .. } | Field::ItemDone { .. });
    let none = none.then_some(FieldValue::Flag(false));
    let last = stored.last().cloned().or(none);
    ensure_equal(&shown(sight, field), &last, "I12", || format!("{field:?} of {stored:?}"))?;
    let torn = expected.len() > 1;
    ensure_equal(&sight.torn.contains(field), &torn, "conflicts", || {
        format!("whether several values are shown as such, {field:?}: {expected:?}")
    })
}

/// Every checklist, item, comment and link of a card, once and where it belongs. A deleted list is
/// shown as long as a living item stands in it.
fn check_parts(oracle: &Oracle<'_>, card: &Card, parts: &[&str], raw: &RawBoard) -> Check {
    let thing = |key: &str| Thing::Part(card.id.to_string(), key.to_owned());
    let lives = |key: &str| oracle.is_alive(&thing(key));
    let mut lists: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    let mut others = BTreeSet::new();
    let none = Vec::new();
    let place = |key: &str| raw.parts.get(&(card.id.to_string(), key.to_owned())).unwrap_or(&none);
    for key in parts {
        let (kind, id) = key.split_once(':').unwrap_or_default();
        if kind == "kl" || kind == "k" {
            let stored: BTreeSet<&str> = place(key).iter().map(String::as_str).collect();
            let expected = oracle.part_placements(&thing(key));
            ensure_equal(&stored, &expected, "I4", || format!("pos of {key} on {}", card.id))?;
        }
        match kind {
            _ if !lives(key) => {}
            "kl" => drop(lists.entry(id).or_default()),
            "k" => {
                let Some(place) = winner(place(key)) else { continue };
                lists.entry(place.column).or_default().push((place.key, id));
            }
            _ => drop(others.insert(*key)),
        }
    }
    let mut expected: Vec<_> = lists.into_iter().collect();
    expected.iter_mut().for_each(|(_, items)| items.sort_unstable());
    let key_of = |list: &str| winner(place(&format!("kl:{list}"))).map(|place| place.key);
    expected.sort_by_key(|(list, _)| (key_of(list).unwrap_or_default(), *list));
    let expected: Vec<(&str, Vec<&str>)> = expected
        .into_iter()
        .map(|(list, items)| (list, items.into_iter().map(|(_, id)| id).collect()))
        .collect();
    let found: Vec<(&str, Vec<&str>)> = card
        .checklists
        .iter()
        .map(|list| (list.id.as_str(), list.items.iter().map(|item| item.id.as_str()).collect()))
        .collect();
    ensure_equal(&found, &expected, "I2", || format!("checklists of {}", card.id))?;
    let comments = card.comments.iter().map(|comment| format!("c:{}", comment.id));
    let links = card.links.iter().map(|link| format!("u:{}", link.id));
    let found: Vec<String> = comments.chain(links).collect();
    let shown: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    ensure_equal(&shown, &others, "I2", || format!("comments and links of {}", card.id))?;
    ensure(shown.len() == found.len(), "I2", || format!("{} shows a part twice", card.id))?;
    for comment in &card.comments {
        let mut found: Vec<char> = comment.text.chars().collect();
        found.sort_unstable();
        let typed = oracle.typed(&thing(&format!("c:{}", comment.id)));
        let typed = typed.into_iter().map(|(c, _)| c).collect();
        ensure_equal(&found, &typed, "I5", || format!("comment {}", comment.id))?;
    }
    Ok(())
}

/// What everybody who has everything is offered: of each field every value that nobody who knew of
/// it replaced, and every field with several of them among the conflicts.
///
/// # Errors
/// If a value is not offered, or a conflict is missing or made up.
pub fn check_choices(oracle: &Oracle<'_>, board: &Board, sight: &Sight) -> Check {
    let mut several = BTreeSet::new();
    for thing in oracle.things() {
        let Thing::Field(field) = thing else { continue };
        let values = oracle.values(thing);
        let choices = board.field_choices(field);
        let offered: BTreeSet<&FieldValue> = choices.iter().map(|choice| &choice.value).collect();
        ensure_equal(&offered, &values, "choices", || format!("{field:?}"))?;
        let is_shown = thing.owners().all(|owner| shows(sight, &owner));
        if is_shown && !values.is_empty() {
            let marked: Vec<_> = choices.iter().filter(|c| c.shown).map(|c| &c.value).collect();
            let shown = shown(sight, field);
            let expected: Vec<_> = shown.iter().collect();
            ensure_equal(&marked, &expected, "choices", || format!("shown, {field:?}"))?;
        }
        if is_shown && values.len() > 1 {
            several.insert(field.clone());
        }
    }
    let listed = board.conflicts().into_iter().filter_map(|conflict| match conflict {
        Conflict::Field { field, choices } if choices.len() > 1 => Some(field),
        _ => None,
    });
    let is_named = |field: &Field| {
        matches!(field, Field::BoardName | Field::ColumnName { .. } | Field::CardTitle { .. })
    };
    let listed: BTreeSet<Field> = listed.filter(|field| !is_named(field)).collect();
    ensure_equal(&listed, &several, "conflicts", || "fields with several values".into())
}

/// Counts the fields of several values, and the labels and members that stayed on a card although
/// somebody took them off.
pub fn count_fields(oracle: &Oracle<'_>, tally: &mut Tally) {
    for thing in oracle.things() {
        let acts = || oracle.acts_on(thing).iter().map(|(_, _, act)| *act);
        match thing {
            Thing::Field(_) => {
                let several = oracle.values(thing).len() > 1;
                tally.count("fields that end with several values", usize::from(several));
            }
            Thing::Mark(..) => {
                let stays =
                    !oracle.values(thing).is_empty() && acts().any(|a| *a == Act::Set(None));
                tally.count("labels and members taken off and put on again", usize::from(stays));
            }
            Thing::Part(..) | Thing::Label(_) | Thing::Member(_) => {
                let stays = oracle.is_alive(thing) && acts().any(|act| *act == Act::Delete);
                tally.count("parts, labels and members that outlive a delete", usize::from(stays));
            }
            _ => {}
        }
    }
}
