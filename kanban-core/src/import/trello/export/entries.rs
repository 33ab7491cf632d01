//! The entries of an export: what is kept of each, and how it is read.

use super::fields::Reader;
use super::notes::Leftover;

/// A list of a Trello board: a column.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloList {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) closed: bool,
    /// Its place from left to right; exports of 2012 have none.
    pub(crate) position: Option<f64>,
    /// Trello's `softLimit`: how many cards the team wants here at most.
    pub(crate) wip_limit: Option<u32>,
    pub(crate) colour: Option<String>,
}

/// A card of a Trello board.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloCard {
    pub(crate) id: String,
    pub(crate) list: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) closed: bool,
    /// Its place from top to bottom, a whole or fractional number up to 2^47; exports of 2012 have none.
    pub(crate) position: Option<f64>,
    /// An ISO date, unchecked, like every date here.
    pub(crate) due: Option<String>,
    pub(crate) due_complete: bool,
    pub(crate) start: Option<String>,
    pub(crate) cover: Option<String>,
    pub(crate) labels: Vec<String>,
    /// Its labels once more, in full; exports of 2012 have nothing else.
    pub(crate) described_labels: Vec<TrelloLabel>,
    pub(crate) members: Vec<String>,
    /// Checklists that stand inside the card, as in exports of single cards.
    pub(crate) checklists: Vec<TrelloChecklist>,
    /// The ids of its checklists, in no particular order.
    pub(crate) checklist_ids: Vec<String>,
    /// The ids of items that are done, as exports of 2012 note them.
    pub(crate) done_items: Vec<String>,
    pub(crate) attachments: Vec<TrelloAttachment>,
    /// How many comments Trello counts.
    pub(crate) comments_counted: usize,
}

/// A label; most teams leave the name blank and use the colour.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloLabel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) colour: Option<String>,
}

/// A person on the board.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloMember {
    pub(crate) id: String,
    pub(crate) full_name: String,
    pub(crate) user_name: String,
}

/// A checklist of a card.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloChecklist {
    pub(crate) id: String,
    /// The card; blank if only the card names the checklist.
    pub(crate) card: String,
    pub(crate) name: String,
    pub(crate) position: Option<f64>,
    pub(crate) items: Vec<TrelloItem>,
}

/// An item of a checklist.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloItem {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) position: Option<f64>,
    pub(crate) done: bool,
    /// Which of its card's checklists it is in, while these are put in order.
    pub(crate) list: usize,
}

/// An attachment: a web address, or a file at Trello.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloAttachment {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) position: Option<f64>,
    pub(crate) uploaded: bool,
}

pub(super) fn read_list(list: &mut Reader) -> TrelloList {
    list.leave_if("subscribed", Leftover::Subscription);
    TrelloList {
        id: list.text("id"),
        name: list.text("name"),
        closed: list.flag("closed"),
        position: list.number("pos"),
        wip_limit: list.limit("softLimit"),
        colour: list.filled_text("color"),
    }
}

pub(super) fn read_card(card: &mut Reader) -> TrelloCard {
    leave_behind(card);
    TrelloCard {
        id: card.text("id"),
        list: card.text("idList"),
        title: card.text("name"),
        description: card.text("desc"),
        closed: card.flag("closed"),
        position: card.number("pos"),
        due: card.filled_text("due"),
        due_complete: card.flag("dueComplete"),
        start: card.filled_text("start"),
        cover: card.inside("cover", |cover| cover.filled_text("color")),
        labels: card.texts("idLabels"),
        described_labels: card.each("labels", "label", read_label),
        members: card.texts("idMembers"),
        checklists: card.each("checklists", "checklist", read_checklist),
        checklist_ids: card.texts("idChecklists"),
        done_items: card
            .each("checkItemStates", "item's state", |state| {
                (state.text("idCheckItem"), is_complete(state))
            })
            .into_iter()
            .filter_map(|(item, done)| done.then_some(item))
            .collect(),
        attachments: card.each("attachments", "attachment", read_attachment),
        comments_counted: card.inside("badges", |badges| badges.whole_number("comments")),
    }
}

/// Counts what a card of ours has no place for.
fn leave_behind(card: &mut Reader) {
    for (key, what) in [
        ("idMembersVoted", Leftover::Vote),
        ("stickers", Leftover::Sticker),
        ("customFieldItems", Leftover::CustomFieldValue),
        ("pluginData", Leftover::PowerUpData),
    ] {
        let count = card.count(key);
        card.notes.leave(what, count);
    }
    for (key, what) in [
        ("isTemplate", Leftover::Template),
        ("cardRole", Leftover::CardRole),
        ("subscribed", Leftover::Subscription),
    ] {
        card.leave_if(key, what);
    }
    if ["coordinates", "address", "locationName"].iter().any(|key| card.has(key)) {
        card.notes.leave(Leftover::Location, 1);
    }
    // -1 is "never".
    if card.number("dueReminder").is_some_and(|minutes| minutes >= 0.0) {
        card.notes.leave(Leftover::Reminder, 1);
    }
    let picture = card.inside("cover", |cover| {
        ["idAttachment", "idUploadedBackground", "idPlugin"].iter().any(|key| cover.has(key))
    });
    if picture || card.has("idAttachmentCover") {
        card.notes.leave(Leftover::CoverImage, 1);
    }
    leave_emoji(card, "descData");
}

/// Counts a text if it has emoji that only Trello knows.
pub(super) fn leave_emoji(entry: &mut Reader, key: &str) {
    if entry.inside(key, |data| data.has("emoji")) {
        entry.notes.leave(Leftover::CustomEmoji, 1);
    }
}

pub(super) fn read_label(label: &mut Reader) -> TrelloLabel {
    TrelloLabel {
        id: label.text("id"),
        name: label.text("name"),
        colour: label.filled_text("color"),
    }
}

pub(super) fn read_member(member: &mut Reader) -> TrelloMember {
    TrelloMember {
        id: member.text("id"),
        full_name: member.text("fullName"),
        user_name: member.text("username"),
    }
}

pub(super) fn read_checklist(checklist: &mut Reader) -> TrelloChecklist {
    TrelloChecklist {
        id: checklist.text("id"),
        card: checklist.text("idCard"),
        name: checklist.text("name"),
        position: checklist.number("pos"),
        items: checklist.each("checkItems", "checklist item", read_item),
    }
}

fn read_item(item: &mut Reader) -> TrelloItem {
    item.leave_if("due", Leftover::ItemDate);
    item.leave_if("idMember", Leftover::ItemMember);
    leave_emoji(item, "nameData");
    TrelloItem {
        id: item.text("id"),
        text: item.text("name"),
        position: item.number("pos"),
        done: is_complete(item),
        list: 0,
    }
}

fn is_complete(item: &mut Reader) -> bool {
    match item.text("state").as_str() {
        "complete" => true,
        "incomplete" | "" => false,
        other => {
            item.complain(
                "state",
                other,
                "neither complete nor incomplete",
                "it is read as incomplete",
            );
            false
        }
    }
}

fn read_attachment(attachment: &mut Reader) -> TrelloAttachment {
    TrelloAttachment {
        id: attachment.text("id"),
        name: attachment.text("name"),
        url: attachment.text("url"),
        position: attachment.number("pos"),
        uploaded: attachment.flag("isUpload"),
    }
}
