//! What things and fields are called in a sentence.

use crate::part::{PartId, Target};
use crate::schema::key;

/// A field's key as a word.
pub(crate) fn key_in_words(name: &str) -> &str {
    match name {
        key::WIP => "limit",
        key::DUE => "due date",
        key::START => "start",
        key::DONE => "tick",
        key::URL => "address",
        key::SHELF => "archiving",
        other if other.starts_with(key::LABEL_PREFIX) => "labels",
        other if other.starts_with(key::MEMBER_PREFIX) => "assignees",
        key::DESCRIPTION => "description",
        other => other,
    }
}

impl Target {
    /// The thing, as a sentence names it.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Target::Board => "the board".to_owned(),
            Target::Column(id) => format!("column {id}"),
            Target::Card(id) => format!("card {id}"),
            Target::Label(id) => format!("label {id}"),
            Target::Member(id) => format!("member {id}"),
            Target::Part(card, PartId::Checklist(id)) => format!("checklist {id} on card {card}"),
            Target::Part(card, PartId::Item(id)) => format!("item {id} on card {card}"),
            Target::Part(card, PartId::Comment(id)) => format!("comment {id} on card {card}"),
            Target::Part(card, PartId::Link(id)) => format!("link {id} on card {card}"),
        }
    }
}
