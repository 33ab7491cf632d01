//! What commands about fields, labels, members and the parts of cards should do.

use super::{Nothing, Outcome, Recorded, Refused, recorded_if};
use crate::acts::Screen;
use crate::fields::{given, has, shown, shows, stored};
use crate::history::Thing;
use crate::slot::dropped;
use kanban_core::{CardId, Checklist, Command, Slot};
use std::fmt::Display;

pub(super) fn outcome(command: &Command, screen: &Screen) -> Outcome {
    use Command as C;
    let Screen { sight, raw, .. } = screen;
    let living = |card: &CardId| sight.living(card.as_str());
    let part = |card: &CardId, key: String| Thing::Part(card.to_string(), key);
    let is_there = |thing: Thing| shows(sight, &thing);
    let is_known = |thing: &Thing| raw.records.contains_key(thing);
    let is_gone = |thing: Thing| {
        let owner = thing.owner().is_none_or(|owner| shows(sight, &owner));
        owner && raw.records.get(&thing) == Some(&false)
    };
    let lists = |card: &CardId| -> &[Checklist] {
        living(card).map_or(&[], |card| card.checklists.as_slice())
    };
    match command {
        C::SetBoardDescription { text } if *text == sight.description => Nothing,
        C::SetBoardDescription { .. } => Recorded,
        C::CreateLabel { label, .. } => recorded_if(!is_known(&Thing::Label(label.to_string()))),
        C::AddMember { member, .. } => recorded_if(!is_known(&Thing::Member(member.to_string()))),
        C::DeleteLabel { label } => recorded_if(is_there(Thing::Label(label.to_string()))),
        C::RemoveMember { member } => recorded_if(is_there(Thing::Member(member.to_string()))),
        C::RestoreLabel { label } => recorded_if(is_gone(Thing::Label(label.to_string()))),
        C::RestoreMember { member } => recorded_if(is_gone(Thing::Member(member.to_string()))),
        C::AddLabel { card, label } => match living(card) {
            Some(card) if sight.labels.contains_key(label.as_str()) => {
                marked(card.labels.contains(label), true)
            }
            _ => Refused,
        },
        C::RemoveLabel { card, label } => match living(card) {
            Some(card) => marked(card.labels.contains(label), false),
            None => Refused,
        },
        C::Assign { card, member } => match living(card) {
            Some(card) if sight.members.contains_key(member.as_str()) => {
                marked(card.assignees.contains(member), true)
            }
            _ => Refused,
        },
        C::Unassign { card, member } => match living(card) {
            Some(card) => marked(card.assignees.contains(member), false),
            None => Refused,
        },
        C::AddChecklist { card, checklist, .. } => {
            let known = is_known(&part(card, format!("kl:{checklist}")));
            recorded_if(living(card).is_some() && !known)
        }
        C::AddItem { card, checklist, item, at, .. } => {
            let known = is_known(&part(card, format!("k:{item}")));
            let fits = fits_in_list(lists(card), checklist.as_str(), item.as_str(), at);
            recorded_if(!known && fits)
        }
        C::AddComment { card, comment, .. } => {
            let known = is_known(&part(card, format!("c:{comment}")));
            recorded_if(living(card).is_some() && !known)
        }
        C::AttachLink { card, link, .. } => {
            let known = is_known(&part(card, format!("u:{link}")));
            recorded_if(living(card).is_some() && !known)
        }
        C::MoveChecklist { card, checklist, to } => {
            let order: Vec<&str> = lists(card).iter().map(|list| list.id.as_str()).collect();
            let fits = dropped(&order, checklist.as_str(), to).is_some();
            recorded_if(fits && is_there(part(card, format!("kl:{checklist}"))))
        }
        C::MoveItem { card, item, checklist, to } => {
            let fits = fits_in_list(lists(card), checklist.as_str(), item.as_str(), to);
            recorded_if(fits && is_there(part(card, format!("k:{item}"))))
        }
        C::SetComment { card, comment, text } => {
            let comments = living(card).into_iter().flat_map(|card| &card.comments);
            match comments.filter(|other| other.id == *comment).map(|c| &c.text).next() {
                Some(old) if old == text => Nothing,
                old => recorded_if(old.is_some()),
            }
        }
        C::DeleteChecklist { card, checklist } => {
            recorded_if(is_there(part(card, format!("kl:{checklist}"))))
        }
        C::DeleteItem { card, item } => recorded_if(is_there(part(card, format!("k:{item}")))),
        C::DeleteComment { card, comment } => {
            recorded_if(is_there(part(card, format!("c:{comment}"))))
        }
        C::DeleteLink { card, link } => recorded_if(is_there(part(card, format!("u:{link}")))),
        C::RestoreChecklist { card, checklist } => {
            recorded_if(is_gone(part(card, format!("kl:{checklist}"))))
        }
        C::RestoreItem { card, item } => recorded_if(is_gone(part(card, format!("k:{item}")))),
        C::RestoreComment { card, comment } => {
            recorded_if(is_gone(part(card, format!("c:{comment}"))))
        }
        C::RestoreLink { card, link } => recorded_if(is_gone(part(card, format!("u:{link}")))),
        C::DuplicateCard { card, copy } => {
            recorded_if(living(card).is_some() && !sight.cards.contains_key(copy.as_str()))
        }
        C::KeepField { field } => {
            let there = is_there(Thing::Field(field.clone()));
            let several = stored(sight, raw, field).len() > 1;
            recorded_if(there && several && shown(sight, field).is_some())
        }
        C::PickField { field, value } => {
            let (there, stored) =
                (is_there(Thing::Field(field.clone())), stored(sight, raw, field));
            recorded_if(there && stored.len() > 1 && stored.contains(value))
        }
        command => {
            let given = given(command);
            let owner = given.first().and_then(|(field, _)| Thing::Field(field.clone()).owner());
            match owner {
                Some(owner) if shows(sight, &owner) => {
                    let same = given.iter().all(|(field, value)| has(sight, field, value));
                    if same { Nothing } else { Recorded }
                }
                _ => Refused,
            }
        }
    }
}

fn marked(is: bool, should_be: bool) -> Outcome {
    if is == should_be { Nothing } else { Recorded }
}

fn fits_in_list<I: Display>(lists: &[Checklist], list: &str, item: &str, at: &Slot<I>) -> bool {
    let list = lists.iter().find(|other| other.id.as_str() == list);
    let items = list.map(|list| list.items.iter().map(|item| item.id.as_str()).collect());
    items.is_some_and(|items: Vec<&str>| dropped(&items, item, at).is_some())
}
