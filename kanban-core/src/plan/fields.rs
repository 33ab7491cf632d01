//! Planning commands about single values: names, titles, colours, dates, limits, and choices
//! between concurrent ones.

use super::*;
use crate::command::COLOUR_CHARS_MAX;
use crate::field::{Field, FieldValue};
use crate::part::choices;
use crate::read::Stored;
use crate::schema::key;

impl Planner<'_> {
    /// Sets a field, or clears it; nothing if it holds just that already.
    pub(super) fn set_field(&self, field: &Field, new: Option<FieldValue>) -> Plan {
        self.check_living(&field.address().0)?;
        check_value(field, new.as_ref())?;
        Ok(self.changed(field, new))
    }

    /// The writes that set a field of something in whatever state.
    pub(super) fn changed(&self, field: &Field, new: Option<FieldValue>) -> Vec<Write> {
        let (target, key) = field.address();
        let stored = self.stored(field);
        // What was never done need not be marked as not done.
        let unmarked = stored.is_empty() && new == Some(FieldValue::Flag(false));
        if unmarked || stored.iter().eq(new.as_ref()) {
            return Vec::new();
        }
        let write = match new {
            // With others to settle, the value may be one that is stored already.
            Some(value) if stored.len() > 1 => Write::PutAnew(target.clone(), key, value.into()),
            Some(value) => Write::Put(target.clone(), key, value.into()),
            None => Write::Delete(target.clone(), key),
        };
        [write].into_iter().chain(self.touch(&target)).collect()
    }

    pub(super) fn keep_field(&self, field: &Field) -> Plan {
        match self.stored(field).pop() {
            Some(shown) => self.pick_field(field, &shown),
            None => Err(CommandError::NoSuchValue),
        }
    }

    pub(super) fn pick_field(&self, field: &Field, value: &FieldValue) -> Plan {
        let (target, key) = field.address();
        self.check_living(&target)?;
        let stored = self.stored(field);
        if stored.len() < 2 || !stored.contains(value) {
            return Err(CommandError::NoSuchValue);
        }
        let write = Write::PutAnew(target.clone(), key, value.clone().into());
        Ok([write].into_iter().chain(self.touch(&target)).collect())
    }

    /// The values that a field holds, each once, the one shown last.
    fn stored(&self, field: &Field) -> Vec<FieldValue> {
        let (target, key) = field.address();
        let values = |map| self.reader.values(map, key);
        // What others created under the same id at the same time holds values as well.
        let values: Vec<Stored> = match self.model.record(&target) {
            Some(record) => record.maps().flat_map(values).collect(),
            None => self.model.object_of(&target).iter().flat_map(values).collect(),
        };
        choices(self.reader, field, &values)
    }

    pub(super) fn set_board_description(&self, text: &str) -> Plan {
        check_length("description", text, DESCRIPTION_CHARS_MAX)?;
        if self.model.board.description == text {
            return Ok(Vec::new());
        }
        Ok(vec![Write::SetText { target: Target::Board, text: text.to_owned() }])
    }

    pub(super) fn edit_board_description(&self, at: usize, remove: usize, insert: &str) -> Plan {
        let splice =
            self.splice(Target::Board, &self.model.board.description, at, remove, insert)?;
        Ok(splice.into_iter().collect())
    }

    /// A replacement of a stretch of text; nothing if it is empty.
    pub(super) fn splice(
        &self,
        target: Target,
        text: &str,
        at: usize,
        remove: usize,
        insert: &str,
    ) -> Result<Option<Write>, CommandError> {
        if remove == 0 && insert.is_empty() {
            return Ok(None);
        }
        let length = self.text_unit.length_of(text);
        if at.checked_add(remove).is_none_or(|end| end > length) {
            return Err(CommandError::OutOfRange { at, remove, length });
        }
        let chars = text.chars().count().saturating_add(insert.chars().count());
        if chars.saturating_sub(remove) > DESCRIPTION_CHARS_MAX {
            let (what, limit) = ("description", DESCRIPTION_CHARS_MAX);
            return Err(CommandError::TooLong { what, chars, limit });
        }
        Ok(Some(Write::Splice { target, at, remove, insert: insert.to_owned() }))
    }

    /// The marks of an edit, of what was edited and of the card that it belongs to.
    pub(crate) fn touch(&self, target: &Target) -> Vec<Write> {
        let next = |touch: Option<u64>| {
            let next = touch.map_or(1, |touch| touch.saturating_add(1));
            Write::Put(target.clone(), key::TOUCH, Scalar::Count(next))
        };
        let board = &self.model.board;
        let own = match target {
            Target::Board => None,
            Target::Column(id) => self.model.columns.get(id).map(|s| next(s.registers.touch)),
            Target::Card(id) => self.model.cards.get(id).map(|s| next(s.registers.touch)),
            Target::Label(id) => board.labels.get(id).map(|drawn| next(drawn.record.touch())),
            Target::Member(id) => board.members.get(id).map(|drawn| next(drawn.record.touch())),
            Target::Part(card, part) => {
                let record = self.model.cards.get(card).and_then(|s| s.parts.get(part));
                record.map(|record| next(record.touch()))
            }
        };
        let card = match target {
            Target::Part(card, _) => self.touch(&Target::Card(card.clone())),
            _ => Vec::new(),
        };
        own.into_iter().chain(card).collect()
    }

    /// Refuses to change what is deleted.
    fn check_living(&self, target: &Target) -> Result<(), CommandError> {
        match target {
            Target::Board => Ok(()),
            Target::Column(id) => {
                self.visible_column(id)?;
                self.created_column(id).map(drop)
            }
            Target::Card(id) => self.living_card(id).map(drop),
            Target::Label(id) => self.label(id).map(drop),
            Target::Member(id) => self.member(id).map(drop),
            Target::Part(card, part) => self.part(card, part).map(drop),
        }
    }
}

/// Refuses what no field should hold.
fn check_value(field: &Field, value: Option<&FieldValue>) -> Result<(), CommandError> {
    let Some(FieldValue::Text(text)) = value else {
        return Ok(());
    };
    match field {
        Field::ColumnColour { .. }
        | Field::LabelColour { .. }
        | Field::MemberColour { .. }
        | Field::CardCover { .. } => check_length("colour", text, COLOUR_CHARS_MAX),
        Field::CardTitle { .. } => check_length("title", text, TITLE_CHARS_MAX),
        Field::LinkUrl { .. } => check_length("address", text, TITLE_CHARS_MAX),
        Field::ItemText { .. } => check_length("item", text, TITLE_CHARS_MAX),
        _ => check_length("name", text, TITLE_CHARS_MAX),
    }
}

impl From<FieldValue> for Scalar {
    fn from(value: FieldValue) -> Self {
        match value {
            FieldValue::Flag(flag) => Scalar::Flag(flag),
            FieldValue::Count(count) => Scalar::Count(count),
            FieldValue::Text(text) => Scalar::Str(text.into()),
        }
    }
}
