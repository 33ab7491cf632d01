//! Telling what a change did to one card and its parts.

use super::deed::{CardAct, Mention, PartAct};
use super::past::At;
use super::tell::{LifeAct, Teller, life_act};
use super::written::{Sorted, Writes, Written};
use crate::ids::{CardId, LabelId, MemberId};
use crate::order::gathered;
use crate::part::{PartId, Target};
use crate::placement::{Refinement, Stamped};
use crate::read::Keys;
use crate::schema::key;
use std::collections::BTreeSet;

impl Teller<'_> {
    /// What was done to a card's own registers; nothing if it was only marked as edited.
    pub fn card_acts(&self, at: At<'_>, writes: &Writes) -> Vec<CardAct> {
        if writes.made {
            let place = writes.get(key::POS).and_then(Written::text).and_then(Stamped::parse);
            let column = place.and_then(|place| place.column);
            let column = self.column(&column.unwrap_or_else(crate::ids::ColumnId::lost));
            return vec![CardAct::Created { column }];
        }
        let mut acts = Vec::new();
        match life_act(at, writes) {
            Some(LifeAct::Purged) => return vec![CardAct::Purged],
            Some(LifeAct::Deleted) => acts.push(CardAct::Deleted),
            Some(LifeAct::Restored) => acts.push(CardAct::Restored),
            Some(LifeAct::Kept) => acts.push(CardAct::Kept),
            None => acts.extend(writes.get(key::POS).and_then(|pos| self.placed(at, pos))),
        }
        acts.extend(writes.get(key::ORD).and_then(|ord| self.refined(at, ord)));
        match writes.get(key::SHELF) {
            Some(shelf) if shelf.is_set => acts.push(CardAct::Archived),
            Some(_) if !acts.contains(&CardAct::Restored) => acts.push(CardAct::Unarchived),
            _ => {}
        }
        if let Some(title) = writes.get(key::TITLE) {
            let from = self.past.texts(at, title, key::TITLE).pop().map(String::from);
            acts.push(CardAct::Renamed { from, to: title.shown().unwrap_or_default() });
        }
        if writes.text || writes.get(key::DESCRIPTION).is_some() {
            acts.push(CardAct::Described);
        }
        acts.extend(writes.keys.iter().filter_map(|(key, written)| self.field_act(key, written)));
        let odd = |key: &str| {
            let keys = Keys::of(key);
            keys == Keys::UNKNOWN || keys == Keys::SUCCESSOR || keys == Keys::ORIGIN
        };
        if writes.keys.keys().any(|key| odd(key)) {
            acts.push(CardAct::Edited);
        }
        acts
    }

    fn field_act(&self, key: &str, written: &Written) -> Option<CardAct> {
        let on = written.is_set;
        Some(match Keys::of(key) {
            Keys::LABELS => {
                let label = self.label(&LabelId::parse(key.get(2..)?).ok()?);
                if on { CardAct::Labelled { label } } else { CardAct::Unlabelled { label } }
            }
            Keys::ASSIGNEES => {
                let member = self.member(&MemberId::parse(key.get(2..)?).ok()?);
                if on { CardAct::Assigned { member } } else { CardAct::Unassigned { member } }
            }
            Keys::START => CardAct::StartSet { to: written.shown() },
            Keys::DUE => CardAct::DueSet { to: written.shown() },
            Keys::COVER => CardAct::CoverSet { to: written.shown() },
            Keys::DONE => CardAct::Done { done: written.flag() },
            _ => return None,
        })
    }

    /// What a person's placement did.
    fn placed(&self, at: At<'_>, pos: &Written) -> Option<CardAct> {
        let place = Stamped::parse(pos.text()?)?;
        let to = place.column.clone()?;
        let before = self.past.placements(at, pos);
        let columns: BTreeSet<_> = gathered(before.iter().map(|stamped| stamped.column.as_ref()));
        let column = self.column(&to);
        if pos.decided && columns.len() > 1 && columns.contains(&Some(&to)) {
            return Some(CardAct::Settled { column });
        }
        let from = self.past.column_before(at, pos);
        if from.as_ref() != Some(&to) {
            let from = from.map(|from| self.column(&from));
            return Some(CardAct::Moved { from, to: column });
        }
        let settled = pos.decided && before.iter().any(|s| s.position == place.position);
        Some(match settled {
            true => CardAct::Settled { column },
            false => CardAct::Reordered { column },
        })
    }

    /// What a machine's placement did: it names the placement that it refines, and replaces
    /// whatever refined that before.
    fn refined(&self, at: At<'_>, ord: &Written) -> Option<CardAct> {
        let refinement = Refinement::parse(ord.text()?)?;
        let to = refinement.column.clone()?;
        let before = self.past.texts(at, ord, key::ORD);
        let before = before.iter().filter_map(|text| Refinement::parse(text));
        let before = before.filter(|before| before.refines(&refinement.base));
        let before = before.max_by(|one, two| (one.rank, &one.tag).cmp(&(two.rank, &two.tag)));
        let from = match before {
            Some(before) => before.column,
            None => refinement.base.column,
        };
        let column = self.column(&to);
        if from.as_ref() == Some(&to) {
            return Some(CardAct::Sorted { column });
        }
        Some(CardAct::Moved { from: from.map(|from| self.column(&from)), to: column })
    }

    /// What was done to a checklist, item, comment or link.
    pub fn part_acts(
        &self,
        at: At<'_>,
        (card, part): (&CardId, &PartId),
        writes: &Writes,
        sorted: &Sorted,
    ) -> Vec<CardAct> {
        let name = self.part_name(card, part);
        match part {
            PartId::Checklist(id) => {
                let checklist = Mention { id: id.clone(), name };
                let acts = self.record_acts(at, writes).into_iter();
                let act = |act| CardAct::Checklist { checklist: checklist.clone(), act };
                acts.map(act).collect()
            }
            PartId::Item(id) => {
                let item = Mention { id: id.clone(), name };
                let mut acts = self.named_acts(at, writes, key::TEXT);
                acts.retain(|act| !goes_with_its_list(card, act, sorted));
                let ticked = writes.get(key::DONE).filter(|_| !writes.made);
                let ticked = ticked.filter(|_| !writes.sets(key::GONE));
                let act = |act| CardAct::Item { item: item.clone(), act };
                let ticked =
                    ticked.map(|done| CardAct::Ticked { item: item.clone(), done: done.flag() });
                acts.into_iter().map(act).chain(ticked).collect()
            }
            PartId::Comment(id) => {
                let acts = self.named_acts(at, writes, key::NAME).into_iter();
                acts.map(|act| CardAct::Comment { comment: id.clone(), act }).collect()
            }
            PartId::Link(id) => {
                let link = Mention { id: id.clone(), name };
                let acts = self.record_acts(at, writes).into_iter();
                acts.map(|act| CardAct::Link { link: link.clone(), act }).collect()
            }
        }
    }

    fn part_name(&self, card: &CardId, part: &PartId) -> Option<String> {
        let record = self.model.cards.get(card)?.parts.get(part)?;
        let text = |key: &str| record.text(key, self.reader());
        Some(match part {
            PartId::Checklist(_) => text(key::NAME),
            PartId::Item(_) => text(key::TEXT),
            PartId::Link(_) => match text(key::NAME) {
                name if name.is_empty() => text(key::URL),
                name => name,
            },
            PartId::Comment(_) => String::new(),
        })
    }
}

/// Whether an item was deleted or restored because its checklist was.
fn goes_with_its_list(card: &CardId, act: &PartAct, sorted: &Sorted) -> bool {
    let with_list = |did: fn(&Writes) -> bool| {
        let mut targets = sorted.targets.iter();
        targets.any(|(target, writes)| {
            matches!(target, Target::Part(of, PartId::Checklist(_)) if of == card) && did(writes)
        })
    };
    match act {
        PartAct::Deleted => with_list(|writes| writes.sets(key::GONE)),
        PartAct::Restored => with_list(|writes| writes.clears(key::GONE)),
        _ => false,
    }
}
