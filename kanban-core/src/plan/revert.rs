//! Planning the way back to an earlier version of a card.

use super::*;
use crate::field::Field;
use crate::order::gathered;
use crate::part::{PartId, Record};
use crate::registers::Effective;
use std::collections::BTreeSet;

/// A card as it was: its state, and the document at that point.
pub(crate) struct Version<'a> {
    pub state: &'a CardState,
    pub reader: Reader<'a>,
}

impl Planner<'_> {
    /// Gives a card the fields and parts of an earlier version; nothing if it has them.
    ///
    /// Its place and its comments stay. A card that was deleted for good comes back to the place
    /// that it had, since it has no other.
    pub(crate) fn revert_card(&self, id: &CardId, then: &Version<'_>) -> Plan {
        let now = self.card(id)?;
        if now.view.life == Life::Deleted {
            return Err(CommandError::CardDeleted { card: id.clone() });
        }
        let mut writes = Vec::new();
        if now.view.life == Life::Purged {
            writes.push(self.placed_again(id, now, then.state));
        }
        writes.extend(self.reverted_fields(id, now, then.state));
        writes.extend(self.reverted_description(id, now, then.state));
        writes.extend(reverted_marks(id, now, then.state));
        let parts: BTreeSet<_> = gathered(now.parts.keys().chain(then.state.parts.keys()));
        for part in parts {
            writes.extend(self.reverted_part(id, part, now, then));
        }
        if !writes.is_empty() {
            writes.extend(self.touch(&Target::Card(id.clone())));
        }
        Ok(once_each(writes))
    }

    /// Gives a card the description of an earlier version.
    pub(crate) fn revert_description(&self, id: &CardId, then: &Version<'_>) -> Plan {
        let now = self.living_card(id)?;
        let mut writes = self.reverted_description(id, now, then.state);
        if !writes.is_empty() {
            writes.extend(self.touch(&Target::Card(id.clone())));
        }
        Ok(writes)
    }

    fn placed_again(&self, id: &CardId, now: &CardState, then: &CardState) -> Write {
        let former = card_effective(then);
        let column = former.column.clone().unwrap_or_else(ColumnId::lost);
        let position = match self.model.is_taken(Some(&column), &former.position) {
            false => former.position,
            true => {
                let end = self.model.highest_position(Some(&column));
                let taken = |key: &Position| self.model.is_taken(Some(&column), key);
                Position::between(end.as_ref(), None, self.tag, taken)
            }
        };
        let highest = card_effective(now).highest_generation.max(former.highest_generation);
        let effective = Effective { highest_generation: highest, ..card_effective(now) };
        decide(Target::Card(id.clone()), &effective.decided(Some(column), position))
    }

    fn reverted_fields(&self, id: &CardId, now: &CardState, then: &CardState) -> Vec<Write> {
        let (now, then) = (&now.view, &then.view);
        let card = || id.clone();
        let text = |text: &str| Some(FieldValue::Text(text.to_owned()));
        let date = |date: &Option<DateOrTime>| date.as_ref().and_then(|date| text(date.as_str()));
        let cover = then.cover.as_deref().and_then(text);
        let done = Some(FieldValue::Flag(then.done));
        [
            (now.title != then.title, Field::CardTitle { card: card() }, text(&then.title)),
            (now.start != then.start, Field::CardStart { card: card() }, date(&then.start)),
            (now.due != then.due, Field::CardDue { card: card() }, date(&then.due)),
            (now.done != then.done, Field::CardDone { card: card() }, done),
            (now.cover != then.cover, Field::CardCover { card: card() }, cover),
        ]
        .into_iter()
        .filter(|(differs, ..)| *differs)
        .flat_map(|(_, field, value)| self.changed(&field, value))
        .collect()
    }

    fn reverted_description(&self, id: &CardId, now: &CardState, then: &CardState) -> Vec<Write> {
        if now.view.description == then.view.description {
            return Vec::new();
        }
        let text = then.view.description.clone();
        vec![Write::SetText { target: Target::Card(id.clone()), text }]
    }

    /// Brings back what was deleted since, deletes what was added, and sets what was changed.
    fn reverted_part(
        &self,
        card: &CardId,
        part: &PartId,
        now: &CardState,
        then: &Version<'_>,
    ) -> Vec<Write> {
        // Another program took the map away: there is nothing to write to.
        let Some(record) = now.parts.get(part) else {
            return Vec::new();
        };
        let target = Target::Part(card.clone(), part.clone());
        let former = then.state.parts.get(part).filter(|former| former.is_alive());
        match (part, former) {
            (PartId::Comment(_), _) => Vec::new(),
            (_, None) if record.is_alive() => self.delete_record(&target),
            (_, None) => Vec::new(),
            (_, Some(former)) => {
                let mut writes = match record.is_alive() {
                    true => Vec::new(),
                    false => self.restore_record(&target),
                };
                writes.extend(self.reverted_part_fields(card, part, record, (former, then.reader)));
                writes
            }
        }
    }

    fn reverted_part_fields(
        &self,
        card: &CardId,
        part: &PartId,
        now: &Record,
        (then, reader): (&Record, Reader<'_>),
    ) -> Vec<Write> {
        let card = || card.clone();
        let fields = match part {
            PartId::Checklist(id) => {
                vec![Field::ChecklistName { card: card(), checklist: id.clone() }]
            }
            PartId::Item(id) => vec![
                Field::ItemText { card: card(), item: id.clone() },
                Field::ItemDone { card: card(), item: id.clone() },
            ],
            PartId::Link(id) => vec![
                Field::LinkUrl { card: card(), link: id.clone() },
                Field::LinkName { card: card(), link: id.clone() },
            ],
            PartId::Comment(_) => Vec::new(),
        };
        let value = |record: &Record, reader: Reader<'_>, field: &Field| match field {
            Field::ItemDone { .. } => FieldValue::Flag(record.flag(key::DONE)),
            field => FieldValue::Text(record.text(field.address().1, reader)),
        };
        fields
            .into_iter()
            .map(|field| (value(now, self.reader, &field), value(then, reader, &field), field))
            .filter(|(now, then, _)| now != then)
            .flat_map(|(_, then, field)| self.changed(&field, Some(then)))
            .collect()
    }
}

fn reverted_marks(id: &CardId, now: &CardState, then: &CardState) -> Vec<Write> {
    let label = |label: &LabelId| format_smolstr!("{}{label}", key::LABEL_PREFIX);
    let member = |member: &MemberId| format_smolstr!("{}{member}", key::MEMBER_PREFIX);
    let (now, then) = (&now.view, &then.view);
    let lost = then.labels.difference(&now.labels).map(label);
    let lost = lost.chain(then.assignees.difference(&now.assignees).map(member));
    let gained = now.labels.difference(&then.labels).map(label);
    let gained = gained.chain(now.assignees.difference(&then.assignees).map(member));
    let marked = lost.map(|mark| Write::Mark(id.clone(), mark));
    marked.chain(gained.map(|mark| Write::Unmark(id.clone(), mark))).collect()
}

/// Several edits of one thing bring the same marks of an edit along.
fn once_each(writes: Vec<Write>) -> Vec<Write> {
    let mut once: Vec<Write> = Vec::with_capacity(writes.len());
    for write in writes {
        let is_mark = matches!(&write, Write::Put(_, key::TOUCH, _));
        if !is_mark || !once.contains(&write) {
            once.push(write);
        }
    }
    once
}
