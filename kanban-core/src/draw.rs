//! Drawing a card's parts and the board's labels and members from their records.

use crate::field::Field;
use crate::ids::{CardId, ChecklistId, ItemId, LabelId, MemberId};
use crate::order::sort_by;
use crate::part::{PartId, Record, list_of};
use crate::parts::{Checklist, ChecklistItem, Comment, DeletedParts, Label, Link, Member};
use crate::position::Position;
use crate::read::Reader;
use crate::replica::Timestamp;
use crate::schema::key;
use std::collections::BTreeMap;

/// A card's parts as shown.
#[derive(Debug, Default)]
pub(crate) struct DrawnParts {
    pub checklists: Vec<Checklist>,
    pub comments: Vec<Comment>,
    pub links: Vec<Link>,
    pub deleted: DeletedParts,
    pub conflicted: Vec<Field>,
}

/// A list or an item with its place among its like.
type Placed<T> = (Position, T);

/// Draws everything that belongs to a card.
pub(crate) fn draw_parts(
    card: &CardId,
    parts: &BTreeMap<PartId, Record>,
    reader: Reader<'_>,
) -> DrawnParts {
    let mut drawn = DrawnParts::default();
    let mut lists: BTreeMap<ChecklistId, (Placed<Checklist>, bool)> = BTreeMap::new();
    let mut items: Vec<(Option<ChecklistId>, Placed<ChecklistItem>, bool)> = Vec::new();
    let (mut comments, mut links, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for (id, record) in parts {
        let alive = record.is_alive();
        match id {
            PartId::Checklist(id) => {
                let name = record.text(key::NAME, reader);
                let list = Checklist { id: id.clone(), name, items: Vec::new() };
                lists.insert(id.clone(), (placed(record, reader, list), alive));
            }
            PartId::Item(id) => {
                let list = record.place(reader).as_ref().and_then(list_of);
                let item = placed(record, reader, item(id, record, reader));
                items.push((list, item, alive));
            }
            PartId::Comment(id) => {
                let by = MemberId::parse(&record.text(key::BY, reader)).ok();
                let at = i64::try_from(record.count(key::AT)).unwrap_or(i64::MAX);
                let at = Timestamp::from_unix_seconds(at);
                let text = record.text(key::TEXT, reader);
                comments.push((Comment { id: id.clone(), by, at, text }, alive));
            }
            PartId::Link(id) => {
                let (url, name) = (record.text(key::URL, reader), record.text(key::NAME, reader));
                links.push((record.object.clone(), Link { id: id.clone(), url, name }, alive));
            }
        }
        let fields = fields_of(card, id).into_iter();
        let conflicted = fields.filter(|f| record.is_conflicted(f, reader));
        match id {
            _ if alive => drawn.conflicted.extend(conflicted),
            PartId::Checklist(id) => kept.push((id, conflicted.collect::<Vec<_>>())),
            _ => {}
        }
    }
    sort_by(&mut comments, |(one, _), (other, _)| (one.at, &one.id).cmp(&(other.at, &other.id)));
    sort_by(&mut links, |one, other| one.0.cmp(&other.0));
    for (comment, alive) in comments {
        if alive { &mut drawn.comments } else { &mut drawn.deleted.comments }.push(comment);
    }
    for (_, link, alive) in links {
        if alive { &mut drawn.links } else { &mut drawn.deleted.links }.push(link);
    }
    arrange(lists, items, &mut drawn);
    // A deleted list is shown for the sake of its items, and with it the names to decide about.
    kept.retain(|(id, _)| drawn.checklists.iter().any(|list| list.id == **id));
    drawn.conflicted.extend(kept.into_iter().flat_map(|(_, fields)| fields));
    drawn
}

fn item(id: &ItemId, record: &Record, reader: Reader<'_>) -> ChecklistItem {
    ChecklistItem {
        id: id.clone(),
        text: record.text(key::TEXT, reader),
        done: record.flag(key::DONE),
    }
}

fn placed<T>(record: &Record, reader: Reader<'_>, what: T) -> Placed<T> {
    let place = record.place(reader);
    let position = place.map_or_else(Position::last, |place| place.position);
    (position, what)
}

/// Puts items into their lists. A deleted list is shown as long as an item stands in it that the
/// delete has not seen; items whose list cannot be read stand in a list without a name.
fn arrange(
    mut lists: BTreeMap<ChecklistId, (Placed<Checklist>, bool)>,
    mut items: Vec<(Option<ChecklistId>, Placed<ChecklistItem>, bool)>,
    drawn: &mut DrawnParts,
) {
    sort_by(&mut items, |(_, one, _), (_, other, _)| {
        (&one.0, &one.1.id).cmp(&(&other.0, &other.1.id))
    });
    let mut deleted: BTreeMap<ChecklistId, Vec<ChecklistItem>> = BTreeMap::new();
    for (list, (_, item), alive) in items {
        let id = list.unwrap_or_else(ChecklistId::lost);
        if !alive {
            deleted.entry(id).or_default().push(item);
            continue;
        }
        let (list, shown) = lists.entry(id.clone()).or_insert_with(|| {
            let list = Checklist { id, name: String::new(), items: Vec::new() };
            ((Position::last(), list), true)
        });
        list.1.items.push(item);
        *shown = true;
    }
    let mut lists: Vec<(Placed<Checklist>, bool)> = lists.into_values().collect();
    sort_by(&mut lists, |(one, _), (other, _)| (&one.0, &one.1.id).cmp(&(&other.0, &other.1.id)));
    for ((_, mut list), shown) in lists {
        let gone = deleted.remove(&list.id).unwrap_or_default();
        if shown {
            drawn.checklists.push(list);
            drawn.deleted.items.extend(gone);
        } else {
            list.items = gone;
            drawn.deleted.checklists.push(list);
        }
    }
    drawn.deleted.items.extend(deleted.into_values().flatten());
}

/// The fields of a part that may hold several values.
fn fields_of(card: &CardId, part: &PartId) -> Vec<Field> {
    let card = card.clone();
    match part {
        PartId::Checklist(id) => vec![Field::ChecklistName { card, checklist: id.clone() }],
        PartId::Item(id) => vec![
            Field::ItemText { card: card.clone(), item: id.clone() },
            Field::ItemDone { card, item: id.clone() },
        ],
        PartId::Comment(_) => Vec::new(),
        PartId::Link(id) => vec![
            Field::LinkUrl { card: card.clone(), link: id.clone() },
            Field::LinkName { card, link: id.clone() },
        ],
    }
}

/// A label, and which of its fields hold several values.
pub(crate) fn draw_label(id: &LabelId, record: &Record, reader: Reader<'_>) -> (Label, Vec<Field>) {
    let label = Label {
        id: id.clone(),
        name: record.text(key::NAME, reader),
        colour: record.text(key::COLOUR, reader),
    };
    let fields = [Field::LabelName { label: id.clone() }, Field::LabelColour { label: id.clone() }];
    (label, conflicted(record, fields, reader))
}

/// A member, and which of their fields hold several values.
pub(crate) fn draw_member(
    id: &MemberId,
    record: &Record,
    reader: Reader<'_>,
) -> (Member, Vec<Field>) {
    let member = Member {
        id: id.clone(),
        name: record.text(key::NAME, reader),
        colour: record.text(key::COLOUR, reader),
    };
    let fields =
        [Field::MemberName { member: id.clone() }, Field::MemberColour { member: id.clone() }];
    (member, conflicted(record, fields, reader))
}

fn conflicted(record: &Record, fields: [Field; 2], reader: Reader<'_>) -> Vec<Field> {
    fields.into_iter().filter(|field| record.is_conflicted(field, reader)).collect()
}
