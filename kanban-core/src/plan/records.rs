//! Planning commands about labels and members of the board, and checklists, items, comments and
//! links of a card.

use super::order::Gap;
use super::*;
use crate::command::{COLOUR_CHARS_MAX, Named, Slot};
use crate::field::{Field, FieldValue};
use crate::ids::{ChecklistId, CommentId, ItemId, LabelId, LinkId, MemberId};
use crate::order::gathered;
use crate::part::{PartId, Record, as_column, list_of};
use crate::schema::key;
use std::collections::BTreeSet;

impl Planner<'_> {
    pub(super) fn create_label(&self, id: &LabelId, name: &str, colour: &str) -> Plan {
        let known = self.model.board.labels.contains_key(id);
        check_new(known, Named::new("label", id))?;
        let (target, values) = (Target::Label(id.clone()), named(name, colour)?);
        Ok(vec![Write::CreateRecord { target, values, text: None }])
    }

    pub(super) fn add_member(&self, id: &MemberId, name: &str, colour: &str) -> Plan {
        let known = self.model.board.members.contains_key(id);
        check_new(known, Named::new("member", id))?;
        let (target, mut values) = (Target::Member(id.clone()), named(name, colour)?);
        // Two people may list the same member: one of them taking that back leaves the other's entry.
        values.push((key::TOUCH, Scalar::Count(1)));
        Ok(vec![Write::CreateRecord { target, values, text: None }])
    }

    pub(super) fn label(&self, id: &LabelId) -> Result<&Record, CommandError> {
        let drawn = self.model.board.labels.get(id);
        living(drawn.map(|drawn| &drawn.record), || Named::new("label", id))
    }

    pub(super) fn member(&self, id: &MemberId) -> Result<&Record, CommandError> {
        let drawn = self.model.board.members.get(id);
        living(drawn.map(|drawn| &drawn.record), || Named::new("member", id))
    }

    /// A part of a card that is alive; a checklist also while living items keep it shown.
    pub(super) fn part(&self, card: &CardId, part: &PartId) -> Result<&Record, CommandError> {
        let state = self.living_card(card)?;
        let record = state.parts.get(part);
        if let (PartId::Checklist(id), Some(record)) = (part, record)
            && state.view.checklists.iter().any(|list| list.id == *id)
        {
            return Ok(record);
        }
        living(record, || Named::part(part))
    }

    pub(super) fn delete_label(&self, id: &LabelId) -> Plan {
        self.label(id)?;
        Ok(self.delete_record(&Target::Label(id.clone())))
    }

    pub(super) fn restore_label(&self, id: &LabelId) -> Plan {
        let drawn = self.model.board.labels.get(id);
        check_gone(drawn.map(|drawn| &drawn.record), Named::new("label", id))?;
        Ok(self.restore_record(&Target::Label(id.clone())))
    }

    pub(super) fn remove_member(&self, id: &MemberId) -> Plan {
        self.member(id)?;
        Ok(self.delete_record(&Target::Member(id.clone())))
    }

    pub(super) fn restore_member(&self, id: &MemberId) -> Plan {
        let drawn = self.model.board.members.get(id);
        check_gone(drawn.map(|drawn| &drawn.record), Named::new("member", id))?;
        Ok(self.restore_record(&Target::Member(id.clone())))
    }

    pub(super) fn delete_part(&self, card: &CardId, part: PartId) -> Plan {
        self.part(card, &part)?;
        let mut writes = Vec::new();
        if let PartId::Checklist(list) = &part {
            for item in self.items_of(card, list, true) {
                writes.extend(self.delete_own(&Target::Part(card.clone(), PartId::Item(item))));
            }
        }
        writes.extend(self.delete_record(&Target::Part(card.clone(), part)));
        Ok(writes)
    }

    pub(super) fn restore_part(&self, card: &CardId, part: PartId) -> Plan {
        let state = self.living_card(card)?;
        check_gone(state.parts.get(&part), Named::part(&part))?;
        let mut writes = Vec::new();
        if let PartId::Checklist(list) = &part {
            for item in self.items_of(card, list, false) {
                let item = Target::Part(card.clone(), PartId::Item(item));
                writes.push(Write::Delete(item.clone(), key::GONE));
                writes.extend(self.touch(&item).into_iter().take(1));
            }
        }
        writes.extend(self.restore_record(&Target::Part(card.clone(), part)));
        Ok(writes)
    }

    /// Marks a record as deleted, and its card as edited.
    pub(super) fn delete_record(&self, target: &Target) -> Vec<Write> {
        let card = match target {
            Target::Part(card, _) => self.touch(&Target::Card(card.clone())),
            _ => Vec::new(),
        };
        self.delete_own(target).into_iter().chain(card).collect()
    }

    /// The mark alone. An edit that it has not seen keeps the record, by its own mark.
    fn delete_own(&self, target: &Target) -> [Write; 2] {
        [
            Write::PutAnew(target.clone(), key::GONE, Scalar::Flag(true)),
            Write::Delete(target.clone(), key::TOUCH),
        ]
    }

    pub(super) fn restore_record(&self, target: &Target) -> Vec<Write> {
        let mark = Write::Delete(target.clone(), key::GONE);
        [mark].into_iter().chain(self.touch(target)).collect()
    }

    /// Items of a checklist, by whether they are alive.
    fn items_of(&self, card: &CardId, list: &ChecklistId, alive: bool) -> Vec<ItemId> {
        let parts = self.model.cards.get(card).map(|state| &state.parts);
        let items = parts.into_iter().flatten().filter_map(|(part, record)| match part {
            PartId::Item(id) => Some((id, record)),
            _ => None,
        });
        items
            .filter(|(_, record)| record.is_alive() == alive)
            .filter(|(_, r)| r.place(self.reader).and_then(|p| list_of(&p)).as_ref() == Some(list))
            .map(|(id, _)| id.clone())
            .collect()
    }

    fn new_part(&self, card: &CardId, part: PartId) -> Result<Target, CommandError> {
        let state = self.living_card(card)?;
        check_new(state.parts.contains_key(&part), Named::part(&part))?;
        Ok(Target::Part(card.clone(), part))
    }

    pub(super) fn add_checklist(&self, card: &CardId, id: &ChecklistId, name: &str) -> Plan {
        let target = self.new_part(card, PartId::Checklist(id.clone()))?;
        check_length("name", name, TITLE_CHARS_MAX)?;
        let position = self.list_position(card, &Slot::Last, None)?;
        let place = Stamped { generation: 0, kind: Kind::Move, column: None, position };
        let values = vec![(key::NAME, str(name)), (key::POS, str(place.encode()))];
        Ok(self.with_card_touched(card, Write::CreateRecord { target, values, text: None }))
    }

    pub(super) fn move_checklist(
        &self,
        card: &CardId,
        id: &ChecklistId,
        to: &Slot<ChecklistId>,
    ) -> Plan {
        let part = PartId::Checklist(id.clone());
        let record = self.part(card, &part)?;
        let position = self.list_position(card, to, Some(id))?;
        let moved = self.moved(record, None, position);
        Ok(self.moved_part(card, part, moved))
    }

    fn list_position(
        &self,
        card: &CardId,
        to: &Slot<ChecklistId>,
        moving: Option<&ChecklistId>,
    ) -> Result<Position, CommandError> {
        let state = self.living_card(card)?;
        let place = |id: &ChecklistId| {
            let record = state.parts.get(&PartId::Checklist(id.clone()))?;
            Some(record.place(self.reader)?.position)
        };
        let shown =
            state.view.checklists.iter().filter_map(|l| Some((place(&l.id)?, l.id.clone())));
        let shown: BTreeSet<(Position, ChecklistId)> = gathered(shown);
        let position_of = |id: &ChecklistId| {
            let known = shown.iter().find(|(_, shown)| shown == id);
            let known = known.map(|(position, _)| position.clone());
            known.ok_or_else(|| unknown(Named::new("checklist", id)))
        };
        let gap = Gap::find(&shown, to, moving, position_of)?;
        let taken = |key: &Position| {
            let mut lists = state.parts.keys().filter_map(|part| match part {
                PartId::Checklist(id) => place(id),
                _ => None,
            });
            lists.any(|position| position == *key)
        };
        Ok(gap.position(self.tag, taken))
    }

    pub(super) fn add_item(
        &self,
        card: &CardId,
        list: &ChecklistId,
        id: &ItemId,
        text: &str,
        at: &Slot<ItemId>,
    ) -> Plan {
        let target = self.new_part(card, PartId::Item(id.clone()))?;
        self.part(card, &PartId::Checklist(list.clone()))?;
        check_length("item", text, TITLE_CHARS_MAX)?;
        let position = self.item_position(card, list, at, None)?;
        let column = as_column(list);
        let place = Stamped { generation: 0, kind: Kind::Move, column, position };
        let values = vec![(key::TEXT, str(text)), (key::POS, str(place.encode()))];
        Ok(self.with_card_touched(card, Write::CreateRecord { target, values, text: None }))
    }

    pub(super) fn move_item(
        &self,
        card: &CardId,
        id: &ItemId,
        list: &ChecklistId,
        to: &Slot<ItemId>,
    ) -> Plan {
        let part = PartId::Item(id.clone());
        let record = self.part(card, &part)?;
        self.part(card, &PartId::Checklist(list.clone()))?;
        let position = self.item_position(card, list, to, Some(id))?;
        let moved = self.moved(record, as_column(list), position);
        Ok(self.moved_part(card, part, moved))
    }

    fn item_position(
        &self,
        card: &CardId,
        list: &ChecklistId,
        to: &Slot<ItemId>,
        moving: Option<&ItemId>,
    ) -> Result<Position, CommandError> {
        let state = self.living_card(card)?;
        let place = |part: &PartId| {
            let place = state.parts.get(part)?.place(self.reader)?;
            (list_of(&place).as_ref() == Some(list)).then_some(place.position)
        };
        let view = state.view.checklists.iter().find(|shown| shown.id == *list);
        let items = view.into_iter().flat_map(|list| &list.items);
        let items = items.filter_map(|i| Some((place(&PartId::Item(i.id.clone()))?, i.id.clone())));
        let shown: BTreeSet<(Position, ItemId)> = gathered(items);
        let position_of = |id: &ItemId| {
            let known = shown.iter().find(|(_, shown)| shown == id);
            let known = known.map(|(position, _)| position.clone());
            known.ok_or_else(|| unknown(Named::new("item", id)))
        };
        let gap = Gap::find(&shown, to, moving, position_of)?;
        let taken = |key: &Position| state.parts.keys().filter_map(place).any(|p| p == *key);
        Ok(gap.position(self.tag, taken))
    }

    /// The placement that a move records; inside one list it is a reorder, which a concurrent move
    /// to another list outranks.
    pub(crate) fn moved(
        &self,
        record: &Record,
        list: Option<ColumnId>,
        position: Position,
    ) -> Stamped {
        let placements = record.placements(self.reader);
        let current = winner(&placements);
        if let Some(current) = current.filter(|current| current.column == list) {
            let generation = current.generation;
            return Stamped { generation, kind: Kind::Reorder, column: list, position };
        }
        let highest = placements.iter().map(|place| place.generation).max().unwrap_or(0);
        let generation = highest.saturating_add(1);
        Stamped { generation, kind: Kind::Move, column: list, position }
    }

    fn moved_part(&self, card: &CardId, part: PartId, place: Stamped) -> Vec<Write> {
        let target = Target::Part(card.clone(), part);
        let touches = self.touch(&target);
        [super::place(target, &place)].into_iter().chain(touches).collect()
    }

    fn with_card_touched(&self, card: &CardId, write: Write) -> Vec<Write> {
        [write].into_iter().chain(self.touch(&Target::Card(card.clone()))).collect()
    }

    pub(super) fn add_comment(
        &self,
        card: &CardId,
        id: &CommentId,
        by: &MemberId,
        text: &str,
    ) -> Plan {
        let target = self.new_part(card, PartId::Comment(id.clone()))?;
        check_length("comment", text, DESCRIPTION_CHARS_MAX)?;
        let at = u64::try_from(self.now.unix_seconds()).unwrap_or(0);
        let values = vec![(key::BY, str(by.as_str())), (key::AT, Scalar::Count(at))];
        let text = Some((key::TEXT, text.to_owned()));
        Ok(self.with_card_touched(card, Write::CreateRecord { target, values, text }))
    }

    pub(super) fn set_comment(&self, card: &CardId, id: &CommentId, text: &str) -> Plan {
        let part = PartId::Comment(id.clone());
        let record = self.part(card, &part)?;
        check_length("comment", text, DESCRIPTION_CHARS_MAX)?;
        if record.text(key::TEXT, self.reader) == text {
            return Ok(Vec::new());
        }
        let target = Target::Part(card.clone(), part);
        let touches = self.touch(&target);
        let write = Write::SetText { target, text: text.to_owned() };
        Ok([write].into_iter().chain(touches).collect())
    }

    pub(super) fn attach_link(&self, card: &CardId, id: &LinkId, url: &str, name: &str) -> Plan {
        let target = self.new_part(card, PartId::Link(id.clone()))?;
        check_length("address", url, TITLE_CHARS_MAX)?;
        check_length("name", name, TITLE_CHARS_MAX)?;
        let values = vec![(key::URL, str(url)), (key::NAME, str(name))];
        Ok(self.with_card_touched(card, Write::CreateRecord { target, values, text: None }))
    }

    pub(super) fn set_link(&self, card: &CardId, link: &LinkId, url: &str, name: &str) -> Plan {
        let (card, link) = (card.clone(), link.clone());
        let address = Field::LinkUrl { card: card.clone(), link: link.clone() };
        let mut writes = self.set_field(&address, Some(FieldValue::Text(url.to_owned())))?;
        let field = Field::LinkName { card, link };
        let named = self.set_field(&field, Some(FieldValue::Text(name.to_owned())))?;
        // Both bring the same marks of an edit along.
        writes.extend(named.into_iter().take(if writes.is_empty() { usize::MAX } else { 1 }));
        Ok(writes)
    }

    /// Puts a label or member on a card, or takes it off.
    pub(super) fn mark_card(&self, card: &CardId, mark: SmolStr, is_there: bool, on: bool) -> Plan {
        self.living_card(card)?;
        if is_there == on {
            return Ok(Vec::new());
        }
        let write = match on {
            true => Write::Mark(card.clone(), mark),
            false => Write::Unmark(card.clone(), mark),
        };
        Ok(self.with_card_touched(card, write))
    }
}

fn named(name: &str, colour: &str) -> Result<Vec<(&'static str, Scalar)>, CommandError> {
    check_length("name", name, TITLE_CHARS_MAX)?;
    check_length("colour", colour, COLOUR_CHARS_MAX)?;
    Ok(vec![(key::NAME, str(name)), (key::COLOUR, str(colour))])
}

fn unknown(what: Named) -> CommandError {
    CommandError::UnknownPart { what }
}

fn check_new(known: bool, what: Named) -> Result<(), CommandError> {
    if known {
        return Err(CommandError::DuplicatePart { what });
    }
    Ok(())
}

fn living(record: Option<&Record>, what: impl Fn() -> Named) -> Result<&Record, CommandError> {
    record.filter(|record| record.is_alive()).ok_or_else(|| unknown(what()))
}

fn check_gone(record: Option<&Record>, what: Named) -> Result<(), CommandError> {
    match record {
        None => Err(unknown(what)),
        Some(record) if record.is_alive() => Err(CommandError::PartNotDeleted { what }),
        Some(_) => Ok(()),
    }
}
