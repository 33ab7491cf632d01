//! Writing the values of a draft into a document.

use super::{ArchivedDraft, BoardDraft, CardDraft};
use crate::ids::ColumnId;
use crate::part::{PartId, as_column};
use crate::parts::{Checklist, ChecklistItem, Comment};
use crate::placement::{Kind, Stamped};
use crate::plan::{ARCHIVED_ALONE, ARCHIVED_WITH_COLUMN};
use crate::position::{Position, PositionTag};
use crate::schema::{
    cards_object, columns_object, description_object, key, labels_object, members_object,
};
use automerge::hydrate::{Map, Value};
use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjType, ReadDoc, TextEncoding};

/// Writes everything but the cards.
pub(super) fn write_frame(
    transaction: &mut Transaction<'_>,
    draft: &BoardDraft,
    tag: PositionTag,
) -> Result<(), AutomergeError> {
    transaction.splice_text(description_object(), 0, 0, &draft.description)?;
    for label in &draft.labels {
        let object = transaction.put_object(labels_object(), label.id.as_str(), ObjType::Map)?;
        transaction.put(&object, key::NAME, &*label.name)?;
        transaction.put(&object, key::COLOUR, &*label.colour)?;
    }
    for member in &draft.members {
        let object = transaction.put_object(members_object(), member.id.as_str(), ObjType::Map)?;
        transaction.put(&object, key::NAME, &*member.name)?;
        transaction.put(&object, key::COLOUR, &*member.colour)?;
    }
    let mut last = None;
    for column in &draft.columns {
        let position = Position::between(last.as_ref(), None, tag, |_| false);
        let object = transaction.put_object(columns_object(), column.id.as_str(), ObjType::Map)?;
        transaction.put(&object, key::NAME, &*column.name)?;
        let placement = first_placement(None, position.clone());
        transaction.put(&object, key::POS, placement.encode().as_str())?;
        if let Some(colour) = &column.colour {
            transaction.put(&object, key::COLOUR, &**colour)?;
        }
        if let Some(limit) = column.wip_limit {
            transaction.put(&object, key::WIP, limit)?;
        }
        if column.archived {
            transaction.put(&object, key::SHELF, ARCHIVED_ALONE)?;
        }
        last = Some(position);
    }
    Ok(())
}

/// The placement of something new.
pub(super) fn first_placement(column: Option<ColumnId>, position: Position) -> Stamped {
    Stamped { generation: 0, kind: Kind::Move, column, position }
}

/// Creates a card's whole object in one go, many times faster than key by key.
pub(crate) fn create_card_at_once(
    transaction: &mut Transaction<'_>,
    card: &CardDraft,
    placement: &Stamped,
    tag: PositionTag,
) -> Result<(), AutomergeError> {
    let encoding = transaction.text_encoding();
    let mut fields = vec![
        text(key::POS, &placement.encode()),
        text(key::TITLE, &card.title),
        (key::DESCRIPTION.to_owned(), Value::text(encoding, &card.description)),
    ];
    let shelf = match card.archived {
        ArchivedDraft::No => None,
        ArchivedDraft::Alone => Some(ARCHIVED_ALONE),
        ArchivedDraft::WithColumn => Some(ARCHIVED_WITH_COLUMN),
    };
    fields.extend(shelf.map(|shelf| text(key::SHELF, shelf)));
    fields.extend(card.start.as_ref().map(|date| text(key::START, date.as_str())));
    fields.extend(card.due.as_ref().map(|date| text(key::DUE, date.as_str())));
    fields.extend(card.cover.as_ref().map(|cover| text(key::COVER, cover)));
    fields.extend(card.done.then(|| (key::DONE.to_owned(), Value::scalar(true))));
    let origin = card.origin.as_ref().map(ToString::to_string);
    fields.extend(origin.map(|origin| text(key::ORIGIN, &origin)));
    let mark = |prefix: &str, id: &str| (format!("{prefix}{id}"), Value::scalar(true));
    fields.extend(card.labels.iter().map(|label| mark(key::LABEL_PREFIX, label.as_str())));
    fields.extend(card.assignees.iter().map(|member| mark(key::MEMBER_PREFIX, member.as_str())));
    let mut last = None;
    for list in &card.checklists {
        let position = Position::between(last.as_ref(), None, tag, |_| false);
        fields.push(checklist(list, position.clone()));
        fields.extend(items(list, tag));
        last = Some(position);
    }
    fields.extend(card.comments.iter().map(|one| comment(one, encoding)));
    let id = card.id.as_str();
    let object = transaction.batch_create_object(cards_object(), id, &map(fields), false)?;
    // One by one: links show in the order in which they were made, and a batch goes by their ids.
    for link in &card.links {
        let key = PartId::Link(link.id.clone()).key();
        let link_object = transaction.put_object(&object, key.as_str(), ObjType::Map)?;
        transaction.put(&link_object, key::URL, &*link.url)?;
        transaction.put(&link_object, key::NAME, &*link.name)?;
    }
    Ok(())
}

fn text(key: &str, text: &str) -> (String, Value) {
    (key.to_owned(), Value::scalar(text))
}

fn checklist(list: &Checklist, position: Position) -> (String, Value) {
    let place = first_placement(None, position);
    let fields = vec![text(key::NAME, &list.name), text(key::POS, &place.encode())];
    (PartId::Checklist(list.id.clone()).key().into(), map(fields))
}

fn items(list: &Checklist, tag: PositionTag) -> Vec<(String, Value)> {
    let mut last = None;
    let mut item = |item: &ChecklistItem| {
        let position = Position::between(last.as_ref(), None, tag, |_| false);
        let place = first_placement(as_column(&list.id), position.clone());
        last = Some(position);
        let mut fields = vec![text(key::TEXT, &item.text), text(key::POS, &place.encode())];
        fields.extend(item.done.then(|| (key::DONE.to_owned(), Value::scalar(true))));
        (PartId::Item(item.id.clone()).key().into(), map(fields))
    };
    list.items.iter().map(&mut item).collect()
}

fn comment(comment: &Comment, encoding: TextEncoding) -> (String, Value) {
    let at = u64::try_from(comment.at.unix_seconds()).unwrap_or(0);
    let mut fields = vec![
        (key::AT.to_owned(), Value::scalar(at)),
        (key::TEXT.to_owned(), Value::text(encoding, &comment.text)),
    ];
    fields.extend(comment.by.as_ref().map(|by| text(key::BY, by.as_str())));
    (PartId::Comment(comment.id.clone()).key().into(), map(fields))
}

/// Automerge takes a `HashMap` here and sorts its keys before it writes them, so the order in
/// which that iterates does not show.
#[allow(clippy::disallowed_types, reason = "the type that automerge takes")]
fn map(fields: Vec<(String, Value)>) -> Value {
    let map: std::collections::HashMap<String, Value> = fields.into_iter().collect();
    Value::Map(Map::from(map))
}
