//! What commands about fields, labels, members and the parts of cards promise whoever gives them.

use super::{only_card_changed, stays};
use crate::acts::Screen;
use crate::broken::{Check, ensure, ensure_equal};
use crate::fields::{given, has, shown};
use crate::history::Thing;
use crate::slot::dropped;
use kanban_core::{Card, CardId, Checklist, Command};
use std::sync::Arc;

/// A field holds just what it was given, what was moved stands where it was dropped, and nothing
/// else looks different.
pub(super) fn check_field_promise(command: &Command, before: &Screen, after: &Screen) -> Check {
    use Command as C;
    let (old, new) = (&before.sight, &after.sight);
    for (field, value) in given(command) {
        let holds = has(new, &field, &value) || (value.is_none() && shown(new, &field).is_none());
        ensure(holds, "I5", || format!("{field:?} was not given {value:?}"))?;
    }
    if let C::KeepField { field } | C::PickField { field, .. } = command {
        let settled = !new.torn.contains(field);
        ensure(settled, "S13", || format!("{field:?} is not settled"))?;
        let value = match command {
            C::PickField { value, .. } => Some(value.clone()),
            _ => shown(old, field),
        };
        ensure_equal(&shown(new, field), &value, "S13", || format!("{field:?} as decided"))?;
    }
    let lists = |card: &CardId| -> &[Checklist] {
        new.cards.get(card.as_str()).map_or(&[], |card| card.checklists.as_slice())
    };
    let were = |card: &CardId| -> &[Checklist] {
        old.cards.get(card.as_str()).map_or(&[], |card| card.checklists.as_slice())
    };
    match command {
        C::MoveItem { card, item, checklist, to }
        | C::AddItem { card, item, checklist, at: to, .. } => {
            let expected = dropped(&items(were(card), checklist.as_str()), item.as_str(), to);
            let found: Vec<String> = owned(items(lists(card), checklist.as_str()));
            ensure_equal(&Some(found), &expected, "S2", || format!("{item} in {checklist}"))?;
        }
        C::MoveChecklist { card, checklist, to } => {
            let order = |lists: &[Checklist]| -> Vec<String> {
                lists.iter().map(|list| list.id.to_string()).collect()
            };
            let was = order(were(card));
            let was: Vec<&str> = was.iter().map(String::as_str).collect();
            let expected = dropped(&was, checklist.as_str(), to);
            ensure_equal(&Some(order(lists(card))), &expected, "S2", || format!("{checklist}"))?;
        }
        _ => {}
    }
    match card_of(command) {
        Some(card) => {
            stays(card.as_str(), old, new)?;
            only_card_changed(card.as_str(), old, new)
        }
        None => match command {
            C::SetWipLimit { .. }
            | C::SetColumnColour { .. }
            | C::CreateLabel { .. }
            | C::RenameLabel { .. }
            | C::ColourLabel { .. }
            | C::DeleteLabel { .. }
            | C::RestoreLabel { .. }
            | C::AddMember { .. }
            | C::RemoveMember { .. }
            | C::SetBoardDescription { .. } => {
                ensure_equal(&new.cards, &old.cards, "I11", || "cards".into())
            }
            _ => Ok(()),
        },
    }
}

/// The one card that a command about fields and parts changes.
fn card_of(command: &Command) -> Option<CardId> {
    use Command as C;
    if let Some((field, _)) = given(command).first() {
        return Thing::Field(field.clone()).owners().find_map(|owner| match owner {
            Thing::Card(card) => CardId::parse(&card).ok(),
            _ => None,
        });
    }
    match command {
        C::AddLabel { card, .. }
        | C::RemoveLabel { card, .. }
        | C::Assign { card, .. }
        | C::Unassign { card, .. }
        | C::AddChecklist { card, .. }
        | C::MoveChecklist { card, .. }
        | C::DeleteChecklist { card, .. }
        | C::RestoreChecklist { card, .. }
        | C::AddItem { card, .. }
        | C::MoveItem { card, .. }
        | C::DeleteItem { card, .. }
        | C::RestoreItem { card, .. }
        | C::AddComment { card, .. }
        | C::SetComment { card, .. }
        | C::DeleteComment { card, .. }
        | C::RestoreComment { card, .. }
        | C::AttachLink { card, .. }
        | C::DeleteLink { card, .. }
        | C::RestoreLink { card, .. } => Some(card.clone()),
        _ => None,
    }
}

fn items<'a>(lists: &'a [Checklist], list: &str) -> Vec<&'a str> {
    let list = lists.iter().filter(|other| other.id.as_str() == list);
    list.flat_map(|list| &list.items).map(|item| item.id.as_str()).collect()
}

fn owned(ids: Vec<&str>) -> Vec<String> {
    ids.into_iter().map(str::to_owned).collect()
}

/// A copy looks like its card, without comments and conflicts.
pub(super) fn looks_like(original: &Card, copy: Option<&Arc<Card>>) -> Check {
    let Some(copy) = copy else { return ensure(false, "I2", || "there is no copy".into()) };
    let mut expected = Card::clone(original);
    expected.comments.clear();
    expected.conflicted_fields.clear();
    expected.other_titles.clear();
    expected.other_placements.clear();
    (expected.id, expected.position) = (copy.id.clone(), copy.position.clone());
    (expected.life, expected.deleted_concurrently) = (kanban_core::Life::OnBoard, false);
    ensure_equal(&**copy, &expected, "I5", || "a copy of a card".into())
}
