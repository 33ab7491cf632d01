//! Carrying out planned writes in one transaction, and what they touched.

use crate::ids::{CardId, LabelId};
use crate::model::Model;
use crate::placement::Stamped;
use crate::plan::{Scalar, Target, Write};
use crate::read::Keys;
use crate::refresh::Touched;
use crate::replica::TextUnit;
use crate::schema::{cards_object, columns_object, key, meta_object};
use automerge::hydrate;
use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjId, ObjType, ReadDoc, ScalarValue};

/// A stretch longer than this is replaced whole: finding the smallest difference between two long
/// texts takes time that grows with their product.
const DIFF_CHARS_MAX: usize = 10_000;

/// Carries out `writes`. The model must be the one they were planned against.
pub(crate) fn execute(
    transaction: &mut Transaction<'_>,
    model: &Model,
    unit: TextUnit,
    writes: &[Write],
) -> Result<(), AutomergeError> {
    for write in writes {
        match write {
            Write::Put(target, key, value) => {
                transaction.put(object_of(model, target)?, *key, scalar(value))?;
            }
            Write::PutAnew(target, key, value) => {
                let object = object_of(model, target)?;
                transaction.delete(&object, *key)?;
                transaction.put(&object, *key, scalar(value))?;
            }
            Write::Delete(target, key) => transaction.delete(object_of(model, target)?, *key)?,
            Write::CreateColumn { column, name, placement } => {
                let object =
                    transaction.put_object(columns_object(), column.as_str(), ObjType::Map)?;
                transaction.put(&object, key::NAME, name)?;
                transaction.put(&object, key::POS, placement.encode().as_str())?;
            }
            Write::CreateCard { card, title, description, placement } => {
                let object = transaction.put_object(cards_object(), card.as_str(), ObjType::Map)?;
                transaction.put(&object, key::POS, placement.encode().as_str())?;
                transaction.put(&object, key::TITLE, title)?;
                let text = transaction.put_object(&object, key::DESCRIPTION, ObjType::Text)?;
                if !description.is_empty() {
                    transaction.splice_text(&text, 0, 0, description)?;
                }
            }
            Write::SpliceDescription { card, at, remove, insert } => {
                let text = description_of(transaction, model, card)?;
                let remove = isize::try_from(*remove).unwrap_or(isize::MAX);
                transaction.splice_text(&text, *at, remove, insert)?;
            }
            Write::SetDescription { card, text } => {
                let object = description_of(transaction, model, card)?;
                set_text(transaction, &object, unit, text)?;
            }
        }
    }
    Ok(())
}

/// Which registers `writes` wrote.
pub(crate) fn touched_by(writes: &[Write]) -> Touched {
    let mut touched = Touched::default();
    for write in writes {
        match write {
            Write::Put(target, key, _)
            | Write::PutAnew(target, key, _)
            | Write::Delete(target, key) => match target {
                Target::Board => touched.board(Keys::of(key)),
                Target::Column(column) => touched.column(column, Keys::of(key)),
                Target::Card(card) => touched.card(card, Keys::of(key)),
            },
            Write::CreateColumn { column, .. } => touched.column(column, Keys::ALL),
            Write::CreateCard { card, .. } => touched.card(card, Keys::ALL),
            Write::SpliceDescription { card, .. } | Write::SetDescription { card, .. } => {
                touched.card(card, Keys::DESCRIPTION);
            }
        }
    }
    touched
}

fn scalar(value: &Scalar) -> ScalarValue {
    match value {
        Scalar::Str(text) => ScalarValue::Str(text.clone()),
        Scalar::Count(count) => ScalarValue::Uint(*count),
    }
}

fn object_of(model: &Model, target: &Target) -> Result<ObjId, AutomergeError> {
    let object = match target {
        Target::Board => Some(meta_object()),
        Target::Column(id) => model.columns.get(id).and_then(|state| state.object.clone()),
        Target::Card(id) => model.cards.get(id).map(|state| state.object.clone()),
    };
    object.ok_or_else(|| AutomergeError::InvalidObjId(format!("{target:?}")))
}

/// The `Text` of a card's description. Where another program stored a plain string, the text
/// takes its place.
fn description_of(
    transaction: &mut Transaction<'_>,
    model: &Model,
    card: &CardId,
) -> Result<ObjId, AutomergeError> {
    let state = model.cards.get(card);
    if let Some(text) = state.and_then(|state| state.description.clone()) {
        return Ok(text);
    }
    let object = object_of(model, &Target::Card(card.clone()))?;
    let text = transaction.put_object(&object, key::DESCRIPTION, ObjType::Text)?;
    if let Some(state) = state {
        transaction.splice_text(&text, 0, 0, &state.view.description)?;
    }
    Ok(text)
}

/// Changes a text by the difference to `new`.
fn set_text(
    transaction: &mut Transaction<'_>,
    object: &ObjId,
    unit: TextUnit,
    new: &str,
) -> Result<(), AutomergeError> {
    let old = transaction.text(object)?;
    if old.len().max(new.len()) <= DIFF_CHARS_MAX {
        return transaction.update_text(object, new);
    }
    let same = |(a, b): &(char, char)| a == b;
    let prefix: String = old.chars().zip(new.chars()).take_while(same).map(|(a, _)| a).collect();
    let old_rest = old.get(prefix.len()..).unwrap_or_default();
    let new_rest = new.get(prefix.len()..).unwrap_or_default();
    let backwards = old_rest.chars().rev().zip(new_rest.chars().rev());
    let suffix: usize = backwards.take_while(same).map(|(a, _)| a.len_utf8()).sum();
    let removed = old_rest.get(..old_rest.len() - suffix).unwrap_or_default();
    let inserted = new_rest.get(..new_rest.len() - suffix).unwrap_or_default();
    let (at, remove) = (unit.length_of(&prefix), unit.length_of(removed));
    transaction.splice_text(object, at, isize::try_from(remove).unwrap_or(isize::MAX), inserted)
}

/// A card as one value, for writing many at once.
pub(crate) struct NewCard<'a> {
    pub title: &'a str,
    pub description: &'a str,
    pub placement: &'a Stamped,
    pub shelf: Option<&'a str>,
    pub labels: &'a [LabelId],
}

/// Creates a card's whole object in one go, many times faster than key by key.
pub(crate) fn create_card_at_once(
    transaction: &mut Transaction<'_>,
    card: &CardId,
    new: &NewCard<'_>,
) -> Result<(), AutomergeError> {
    let encoding = transaction.text_encoding();
    let string = |text: &str| hydrate::Value::scalar(text);
    let mut fields = vec![
        (key::POS.to_owned(), string(&new.placement.encode())),
        (key::TITLE.to_owned(), string(new.title)),
        (key::DESCRIPTION.to_owned(), hydrate::Value::text(encoding, new.description)),
    ];
    if let Some(shelf) = new.shelf {
        fields.push((key::SHELF.to_owned(), string(shelf)));
    }
    for label in new.labels {
        let name = format!("{}{label}", key::LABEL_PREFIX);
        fields.push((name, hydrate::Value::scalar(true)));
    }
    let value = hydrate::Value::Map(as_automerge_map(fields));
    transaction.batch_create_object(cards_object(), card.as_str(), &value, false)?;
    Ok(())
}

/// Automerge takes a `HashMap` here and sorts its keys before it writes them, so the order in
/// which that iterates does not show.
#[allow(clippy::disallowed_types, reason = "the type that automerge takes")]
fn as_automerge_map(fields: Vec<(String, hydrate::Value)>) -> hydrate::Map {
    let map: std::collections::HashMap<String, hydrate::Value> = fields.into_iter().collect();
    map.into()
}
