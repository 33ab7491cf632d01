//! Carrying out planned writes in one transaction, and what they touched.

use crate::import::create_card_at_once;
use crate::model::Model;
use crate::plan::{Scalar, Target, Write};
use crate::position::PositionTag;
use crate::read::{Keys, Stored};
use crate::replica::TextUnit;
use crate::schema::{cards_object, columns_object, key, labels_object, members_object};
use crate::touched::{Over, Touched, Written};
use automerge::transaction::{Transactable, Transaction};
use automerge::{AutomergeError, ObjId, ObjType, ReadDoc, ScalarValue};
use smol_str::SmolStr;

/// A stretch longer than this is replaced whole: finding the smallest difference between two long
/// texts takes time that grows with their product.
const DIFF_CHARS_MAX: usize = 10_000;

/// Carries out `writes`. The model must be the one they were planned against.
pub(crate) fn execute(
    transaction: &mut Transaction<'_>,
    model: &Model,
    (unit, tag): (TextUnit, PositionTag),
    writes: &[Write],
) -> Result<(), AutomergeError> {
    for write in writes {
        match write {
            Write::Put(target, key, value) => {
                transaction.put(object_of(model, target)?, *key, scalar(value))?;
                settle_twins(transaction, model, target, key)?;
            }
            Write::PutAnew(target, key, value) => {
                let object = object_of(model, target)?;
                transaction.delete(&object, *key)?;
                transaction.put(&object, *key, scalar(value))?;
                settle_twins(transaction, model, target, key)?;
            }
            Write::Delete(target, key) => {
                transaction.delete(object_of(model, target)?, *key)?;
                settle_twins(transaction, model, target, key)?;
            }
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
            Write::CreateRecord { target, values, text } => {
                let object = create_record(transaction, model, target)?;
                for (key, value) in values {
                    transaction.put(&object, *key, scalar(value))?;
                }
                if let Some((key, text)) = text {
                    let object = transaction.put_object(&object, *key, ObjType::Text)?;
                    transaction.splice_text(&object, 0, 0, text)?;
                }
            }
            Write::CreateCardAtOnce { card, placement } => {
                create_card_at_once(transaction, card, placement, tag)?;
            }
            Write::Mark(card, mark) => {
                let object = object_of(model, &Target::Card(card.clone()))?;
                transaction.put(object, mark.as_str(), true)?;
            }
            Write::Unmark(card, mark) => {
                let object = object_of(model, &Target::Card(card.clone()))?;
                transaction.delete(object, mark.as_str())?;
            }
            Write::Splice { target, at, remove, insert } => {
                let text = text_of(transaction, model, target)?;
                let remove = isize::try_from(*remove).unwrap_or(isize::MAX);
                transaction.splice_text(&text, *at, remove, insert)?;
            }
            Write::SetText { target, text } => {
                let object = text_of(transaction, model, target)?;
                set_text(transaction, &object, unit, text)?;
            }
        }
    }
    Ok(())
}

/// Takes a key out of the maps that others created under the same id at the same time.
fn settle_twins(
    transaction: &mut Transaction<'_>,
    model: &Model,
    target: &Target,
    key: &str,
) -> Result<(), AutomergeError> {
    let others = model.record(target).map(|record| record.others.as_slice());
    others.unwrap_or_default().iter().try_for_each(|map| transaction.delete(map, key))
}

/// Makes the map of a label, member or part of a card.
fn create_record(
    transaction: &mut Transaction<'_>,
    model: &Model,
    target: &Target,
) -> Result<ObjId, AutomergeError> {
    let (parent, key) = match target {
        Target::Label(id) => (labels_object(), SmolStr::new(id.as_str())),
        Target::Member(id) => (members_object(), SmolStr::new(id.as_str())),
        Target::Part(card, part) => (object_of(model, &Target::Card(card.clone()))?, part.key()),
        Target::Board | Target::Column(_) | Target::Card(_) => {
            return Err(AutomergeError::InvalidObjId(format!("{target:?}")));
        }
    };
    transaction.put_object(parent, key.as_str(), ObjType::Map)
}

/// Which registers `writes` wrote.
pub(crate) fn touched_by(writes: &[Write]) -> Touched {
    let mut touched = Touched::default();
    for write in writes {
        match write {
            Write::Put(Target::Card(card), key, value)
            | Write::PutAnew(Target::Card(card), key, value) => {
                touched.written(card, holds(key, Some(value)));
            }
            Write::Delete(Target::Card(card), key) => touched.written(card, holds(key, None)),
            Write::Put(target, key, _)
            | Write::PutAnew(target, key, _)
            | Write::Delete(target, key) => touch(&mut touched, target, Keys::of(key)),
            Write::CreateColumn { column, .. } => touched.column(column, Keys::ALL),
            Write::CreateCard { card, .. } => touched.card(card, Keys::ALL),
            Write::CreateCardAtOnce { card, .. } => touched.card(&card.id, Keys::ALL),
            Write::CreateRecord { target, .. } => touch(&mut touched, target, Keys::ALL),
            Write::Mark(card, mark) | Write::Unmark(card, mark) => {
                touched.card(card, Keys::of(mark));
            }
            Write::Splice { target, .. } | Write::SetText { target, .. } => {
                touch(&mut touched, target, Keys::DESCRIPTION);
            }
        }
    }
    touched
}

/// A write made here leaves its register with one value, or none.
fn holds(key: &str, value: Option<&Scalar>) -> Written {
    let value = value.map(|value| match value {
        Scalar::Str(text) => Stored::Str(text.clone()),
        Scalar::Count(count) => Stored::Count(*count),
        Scalar::Flag(flag) => Stored::Flag(*flag),
    });
    Written { keys: Keys::of(key), value, over: Over::Everything }
}

fn touch(touched: &mut Touched, target: &Target, keys: Keys) {
    match target {
        Target::Board => touched.board(keys),
        Target::Column(column) => touched.column(column, keys),
        Target::Card(card) => touched.card(card, keys),
        Target::Label(label) => drop(touched.labels.insert(label.clone())),
        Target::Member(member) => drop(touched.members.insert(member.clone())),
        Target::Part(card, part) => touched.part(card, part),
    }
}

fn scalar(value: &Scalar) -> ScalarValue {
    match value {
        Scalar::Str(text) => ScalarValue::Str(text.clone()),
        Scalar::Count(count) => ScalarValue::Uint(*count),
        Scalar::Flag(flag) => ScalarValue::Boolean(*flag),
    }
}

fn object_of(model: &Model, target: &Target) -> Result<ObjId, AutomergeError> {
    let object = model.object_of(target);
    object.ok_or_else(|| AutomergeError::InvalidObjId(format!("{target:?}")))
}

/// The `Text` of a description or comment. Where another program stored a plain string, or nothing,
/// the text takes its place.
fn text_of(
    transaction: &mut Transaction<'_>,
    model: &Model,
    target: &Target,
) -> Result<ObjId, AutomergeError> {
    let key = match target {
        Target::Part(..) => key::TEXT,
        _ => key::DESCRIPTION,
    };
    let object = object_of(model, target)?;
    let stored = transaction.get_all(&object, key)?.pop();
    match stored.map(|(value, id)| Stored::new(&value, || id)) {
        Some(Stored::Text(text)) => Ok(text),
        Some(Stored::Str(old)) => {
            let text = transaction.put_object(&object, key, ObjType::Text)?;
            transaction.splice_text(&text, 0, 0, &old)?;
            Ok(text)
        }
        _ => transaction.put_object(&object, key, ObjType::Text),
    }
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
