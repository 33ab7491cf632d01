//! What commands about fields, labels, members and the parts of cards do.

use super::{Screen, both, erased, placed};
use crate::fields::{given, has, shown};
use crate::history::{Act, Thing};
use kanban_core::{Card, Command, Field, FieldValue};

/// Acts on a thing, and the marks of an edit that whatever it belongs to gets.
fn with_owners(thing: Thing, acts: impl IntoIterator<Item = Act>) -> Vec<(Thing, Act)> {
    let owners = thing.owners().filter(|owner| *owner != Thing::Board);
    let owners: Vec<(Thing, Act)> = owners.map(|owner| (owner, Act::Keep)).collect();
    both(thing, acts).into_iter().chain(owners).collect()
}

fn set(field: Field, value: Option<FieldValue>) -> Vec<(Thing, Act)> {
    with_owners(Thing::Field(field), [Act::Set(value)])
}

fn text(text: &str) -> Option<FieldValue> {
    Some(FieldValue::Text(text.to_owned()))
}

fn mark(card: &kanban_core::CardId, key: String, on: bool) -> Vec<(Thing, Act)> {
    let value = on.then_some(FieldValue::Flag(true));
    with_owners(Thing::Mark(card.to_string(), key), [Act::Set(value)])
}

/// The characters that one text has and the other has not, typed and erased.
fn difference(old: &str, new: &str) -> Vec<Act> {
    let removed = old.chars().filter(|c| !new.contains(*c)).map(erased);
    removed.chain(new.chars().filter(|c| !old.contains(*c)).map(Act::Type)).collect()
}

/// What a command that was recorded did; nothing if it is about something else.
pub(super) fn acts_of(command: &Command, screen: &Screen) -> Vec<(Thing, Act)> {
    use Act::{Confirm, Delete, Keep};
    use Command as C;
    let sight = &screen.sight;
    let part = |card: &kanban_core::CardId, key: String| Thing::Part(card.to_string(), key);
    let shown_card = |id: &kanban_core::CardId| sight.cards.get(id.as_str());
    match command {
        C::SetBoardDescription { text } => both(Thing::Board, difference(&sight.description, text)),
        C::CreateLabel { label, name, colour } => {
            let mut acts = both(Thing::Label(label.to_string()), [Keep]);
            acts.extend(set(Field::LabelName { label: label.clone() }, text(name)));
            acts.extend(set(Field::LabelColour { label: label.clone() }, text(colour)));
            acts
        }
        C::AddMember { member, name, colour } => {
            let mut acts = both(Thing::Member(member.to_string()), [Keep]);
            acts.extend(set(Field::MemberName { member: member.clone() }, text(name)));
            acts.extend(set(Field::MemberColour { member: member.clone() }, text(colour)));
            acts
        }
        C::DeleteLabel { label } => both(Thing::Label(label.to_string()), [Delete]),
        C::RestoreLabel { label } => both(Thing::Label(label.to_string()), [Keep, Confirm]),
        C::RemoveMember { member } => both(Thing::Member(member.to_string()), [Delete]),
        C::RestoreMember { member } => both(Thing::Member(member.to_string()), [Keep, Confirm]),
        C::AddLabel { card, label } => mark(card, format!("l:{label}"), true),
        C::RemoveLabel { card, label } => mark(card, format!("l:{label}"), false),
        C::Assign { card, member } => mark(card, format!("m:{member}"), true),
        C::Unassign { card, member } => mark(card, format!("m:{member}"), false),
        C::AddChecklist { card, checklist, name } => {
            let mut acts = with_owners(part(card, format!("kl:{checklist}")), [Keep, placed()]);
            let (card, checklist) = (card.clone(), checklist.clone());
            acts.extend(set(Field::ChecklistName { card, checklist }, text(name)));
            acts
        }
        C::MoveChecklist { card, checklist, .. } => {
            with_owners(part(card, format!("kl:{checklist}")), [Keep, placed()])
        }
        C::DeleteChecklist { card, checklist } => {
            let mut acts = with_owners(part(card, format!("kl:{checklist}")), [Delete]);
            let lists = shown_card(card).into_iter().flat_map(|card| &card.checklists);
            let items = lists.filter(|list| list.id == *checklist).flat_map(|list| &list.items);
            acts.extend(items.map(|item| (part(card, format!("k:{}", item.id)), Delete)));
            acts
        }
        C::RestoreChecklist { card, checklist } => {
            let mut acts = with_owners(part(card, format!("kl:{checklist}")), [Keep, Confirm]);
            for key in screen.raw.deleted_items(card.as_str(), checklist.as_str()) {
                acts.extend(both(part(card, key), [Keep, Confirm]));
            }
            acts
        }
        C::AddItem { card, item, text: new, .. } => {
            let mut acts = with_owners(part(card, format!("k:{item}")), [Keep, placed()]);
            acts.extend(set(Field::ItemText { card: card.clone(), item: item.clone() }, text(new)));
            acts
        }
        C::MoveItem { card, item, .. } => {
            with_owners(part(card, format!("k:{item}")), [Keep, placed()])
        }
        C::DeleteItem { card, item } => with_owners(part(card, format!("k:{item}")), [Delete]),
        C::RestoreItem { card, item } => {
            with_owners(part(card, format!("k:{item}")), [Keep, Confirm])
        }
        C::AddComment { card, comment, text, .. } => {
            let typed = text.chars().map(Act::Type);
            with_owners(part(card, format!("c:{comment}")), [Keep].into_iter().chain(typed))
        }
        C::SetComment { card, comment, text } => {
            let comments = shown_card(card).into_iter().flat_map(|card| &card.comments);
            let old = comments.filter(|other| other.id == *comment).map(|c| &*c.text).next();
            let acts = difference(old.unwrap_or_default(), text);
            with_owners(part(card, format!("c:{comment}")), [Keep].into_iter().chain(acts))
        }
        C::DeleteComment { card, comment } => {
            with_owners(part(card, format!("c:{comment}")), [Delete])
        }
        C::RestoreComment { card, comment } => {
            with_owners(part(card, format!("c:{comment}")), [Keep, Confirm])
        }
        C::AttachLink { card, link, url, name } => {
            let mut acts = with_owners(part(card, format!("u:{link}")), [Keep]);
            acts.extend(set(Field::LinkUrl { card: card.clone(), link: link.clone() }, text(url)));
            acts.extend(set(
                Field::LinkName { card: card.clone(), link: link.clone() },
                text(name),
            ));
            acts
        }
        C::DeleteLink { card, link } => with_owners(part(card, format!("u:{link}")), [Delete]),
        C::RestoreLink { card, link } => {
            with_owners(part(card, format!("u:{link}")), [Keep, Confirm])
        }
        C::DuplicateCard { card, copy } => match shown_card(card) {
            Some(card) => copied(card, copy),
            None => Vec::new(),
        },
        C::KeepField { field } => decided(field, shown(sight, field)),
        C::PickField { field, value } => decided(field, Some(value.clone())),
        command => {
            let given = given(command).into_iter();
            let changed = given.filter(|(field, value)| !has(sight, field, value));
            changed.flat_map(|(field, value)| set(field, value)).collect()
        }
    }
}

/// A choice between the values of a field.
fn decided(field: &Field, value: Option<FieldValue>) -> Vec<(Thing, Act)> {
    match (field, value) {
        (Field::BoardName, Some(FieldValue::Text(name))) => both(Thing::Board, [Act::Name(name)]),
        (Field::ColumnName { .. } | Field::CardTitle { .. }, Some(FieldValue::Text(name))) => {
            let owner = Thing::Field(field.clone()).owner();
            owner.map(|owner| both(owner, [Act::Keep, Act::Name(name)])).unwrap_or_default()
        }
        (_, value) => set(field.clone(), value),
    }
}

/// A copy has everything that its card shows but comments and conflicts.
fn copied(card: &Card, copy: &kanban_core::CardId) -> Vec<(Thing, Act)> {
    use Act::{Keep, Name, Type};
    let id = || copy.clone();
    let typed = card.description.chars().map(Type);
    let thing = Thing::Card(copy.to_string());
    let beginning = [Keep, placed(), Name(card.title.clone())];
    let mut acts = both(thing, beginning.into_iter().chain(typed));
    let dates = [
        (Field::CardStart { card: id() }, &card.start),
        (Field::CardDue { card: id() }, &card.due),
    ];
    for (field, date) in dates {
        acts.extend(date.iter().flat_map(|date| set(field.clone(), text(date.as_str()))));
    }
    if card.done {
        acts.extend(set(Field::CardDone { card: id() }, Some(FieldValue::Flag(true))));
    }
    if let Some(cover) = &card.cover {
        acts.extend(set(Field::CardCover { card: id() }, text(cover)));
    }
    acts.extend(card.labels.iter().flat_map(|label| mark(copy, format!("l:{label}"), true)));
    acts.extend(card.assignees.iter().flat_map(|who| mark(copy, format!("m:{who}"), true)));
    let part = |key: String| Thing::Part(copy.to_string(), key);
    for list in &card.checklists {
        acts.extend(both(part(format!("kl:{}", list.id)), [Keep, placed()]));
        let field = Field::ChecklistName { card: id(), checklist: list.id.clone() };
        acts.extend(set(field, text(&list.name)));
        for item in &list.items {
            acts.extend(both(part(format!("k:{}", item.id)), [Keep, placed()]));
            let field = Field::ItemText { card: id(), item: item.id.clone() };
            acts.extend(set(field, text(&item.text)));
            if item.done {
                let field = Field::ItemDone { card: id(), item: item.id.clone() };
                acts.extend(set(field, Some(FieldValue::Flag(true))));
            }
        }
    }
    for link in &card.links {
        acts.extend(both(part(format!("u:{}", link.id)), [Keep]));
        let (url, name) = (text(&link.url), text(&link.name));
        acts.extend(set(Field::LinkUrl { card: id(), link: link.id.clone() }, url));
        acts.extend(set(Field::LinkName { card: id(), link: link.id.clone() }, name));
    }
    acts
}
