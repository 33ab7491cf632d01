//! What hangs on a card: checklists, comments and links.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::trello::export::actions::TrelloComment;
use crate::import::trello::export::entries::{
    TrelloAttachment, TrelloCard, TrelloChecklist, TrelloItem,
};
use crate::import::trello::export::notes::{Leftover, Notes};
use crate::import::trello::export::unique_ids::{usable_id, with_unique_ids};

use super::definitions::Members;
use super::in_order;
use crate::order::gathered;

/// A checklist with its items in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ArrangedChecklist {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) items: Vec<ArrangedItem>,
}

/// An item of a checklist; its id is unique on its card.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ArrangedItem {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) done: bool,
}

/// A comment; its date is as in the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ArrangedComment {
    pub(crate) id: String,
    /// The id of one of the members.
    pub(crate) by: Option<String>,
    pub(crate) date: String,
    pub(crate) text: String,
}

/// An attachment that has an address.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ArrangedLink {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) name: String,
}

/// The checklists by the card they belong to.
pub(super) struct Checklists(BTreeMap<String, Vec<(Option<f64>, ArrangedChecklist)>>);

impl Checklists {
    /// Finds the card of every checklist: it names its card, stands in it, or is named by it.
    pub(super) fn new(
        mut checklists: Vec<TrelloChecklist>,
        cards: &mut [TrelloCard],
        notes: &mut Notes,
    ) -> Self {
        let listed: BTreeSet<String> = gathered(checklists.iter().map(|list| list.id.clone()));
        for card in &mut *cards {
            for mut list in std::mem::take(&mut card.checklists) {
                if list.id.is_empty() || !listed.contains(&list.id) {
                    list.card.clone_from(&card.id);
                    checklists.push(list);
                }
            }
        }
        let named = cards.iter().flat_map(|card| {
            let lists = card.checklist_ids.iter().filter(|id| !id.is_empty());
            lists.map(|id| (usable_id("checklist", id).into_owned(), card.id.clone()))
        });
        let card_of_list: BTreeMap<String, String> = gathered(named);
        let mut lists_of: BTreeMap<String, Vec<TrelloChecklist>> =
            gathered(cards.iter().map(|card| (card.id.clone(), Vec::new())));
        for list in with_unique_ids("checklist", checklists, notes) {
            let card = match list.card.as_str() {
                "" => card_of_list.get(&list.id).cloned().unwrap_or_default(),
                card => usable_id("card", card).into_owned(),
            };
            match lists_of.get_mut(&card) {
                Some(lists) => lists.push(list),
                None => {
                    notes.leave(Leftover::ChecklistOfNoCard, 1);
                    notes.leave(Leftover::ItemOfNoCard, list.items.len());
                }
            }
        }
        let mut arranged = BTreeMap::new();
        for card in cards {
            let lists = lists_of.remove(&card.id).unwrap_or_default();
            arranged.insert(card.id.clone(), arrange_lists(lists, &card.done_items, notes));
        }
        Self(arranged)
    }

    pub(super) fn of(&mut self, card: &TrelloCard) -> Vec<ArrangedChecklist> {
        in_order(self.0.remove(&card.id).unwrap_or_default())
    }
}

/// Puts the items of one card's checklists in order; their ids are unique on the card, not only in their list.
fn arrange_lists(
    mut lists: Vec<TrelloChecklist>,
    done: &[String],
    notes: &mut Notes,
) -> Vec<(Option<f64>, ArrangedChecklist)> {
    let done: BTreeSet<String> = gathered(done.iter().map(|id| usable_id("item", id).into_owned()));
    let mut items: Vec<TrelloItem> = Vec::new();
    for (number, list) in lists.iter_mut().enumerate() {
        let own = std::mem::take(&mut list.items).into_iter();
        items.extend(own.map(|item| TrelloItem { list: number, ..item }));
    }
    let mut items_of: BTreeMap<usize, Vec<(Option<f64>, ArrangedItem)>> = BTreeMap::new();
    for item in with_unique_ids("item", items, notes) {
        let done = item.done || done.contains(&item.id);
        let arranged = ArrangedItem { id: item.id, text: item.text, done };
        items_of.entry(item.list).or_default().push((item.position, arranged));
    }
    let arranged = lists.into_iter().enumerate().map(|(number, list)| {
        let items = in_order(items_of.remove(&number).unwrap_or_default());
        (list.position, ArrangedChecklist { id: list.id, name: list.name, items })
    });
    arranged.collect()
}

/// The comments by the card they belong to.
pub(super) struct Comments(BTreeMap<String, Vec<TrelloComment>>);

impl Comments {
    pub(super) fn new(
        comments: Vec<TrelloComment>,
        cards: &[TrelloCard],
        notes: &mut Notes,
    ) -> Self {
        let mut comments_of: BTreeMap<String, Vec<TrelloComment>> =
            gathered(cards.iter().map(|card| (card.id.clone(), Vec::new())));
        for comment in with_unique_ids("comment", comments, notes) {
            match comments_of.get_mut(&*usable_id("card", &comment.card)) {
                Some(comments) => comments.push(comment),
                None => notes.leave(Leftover::CommentOfNoCard, 1),
            }
        }
        for card in cards {
            let found = comments_of.get(&card.id).map_or(0, Vec::len);
            notes.leave(Leftover::CommentMissing, card.comments_counted.saturating_sub(found));
        }
        Self(comments_of)
    }

    pub(super) fn of(
        &mut self,
        card: &TrelloCard,
        members: &mut Members,
        notes: &mut Notes,
    ) -> Vec<ArrangedComment> {
        let comments = self.0.remove(&card.id).unwrap_or_default().into_iter();
        let arranged = comments.map(|comment| ArrangedComment {
            by: Some(comment.by)
                .filter(|by| !by.is_empty())
                .map(|by| members.member(&by, card, notes)),
            id: comment.id,
            date: comment.date,
            text: comment.text,
        });
        arranged.collect()
    }
}

/// The attachments that lead somewhere.
pub(super) fn arrange_links(
    attachments: Vec<TrelloAttachment>,
    notes: &mut Notes,
) -> Vec<ArrangedLink> {
    let mut links = Vec::with_capacity(attachments.len());
    for attachment in with_unique_ids("attachment", attachments, notes) {
        let TrelloAttachment { id, name, url, position, uploaded } = attachment;
        if url.trim().is_empty() {
            notes.leave_named(Leftover::AttachmentWithoutAddress, &name);
            continue;
        }
        if uploaded {
            notes.leave(Leftover::UploadAtTrello, 1);
        }
        links.push((position, ArrangedLink { id, url, name }));
    }
    in_order(links)
}
