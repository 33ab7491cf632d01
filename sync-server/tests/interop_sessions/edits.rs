//! Documents of all types of Automerge, and edits of them that anybody can carry out on whatever
//! they have: places are counted around the end. `tests/interop/support/edits.mjs` does the same.

use crate::dice::Dice;
use automerge::transaction::Transactable;
use automerge::{AutoSerde, Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use serde_json::{Value, json};

/// One change's worth of editing.
#[derive(Debug, Clone)]
pub enum Edit {
    Put { key: String, value: Value },
    PutNested { key: String, value: Value },
    Delete { key: String },
    Splice { at: usize, remove: usize, insert: Vec<Value> },
    Type { at: usize, remove: usize, insert: String },
    Increment { by: i64 },
}

impl Edit {
    pub fn random(dice: &mut Dice) -> Self {
        let key = ["a", "b", "c", "schlüssel"][dice.below(4)].to_owned();
        let (at, remove) = (dice.below(40), dice.below(3));
        match dice.below(12) {
            0..2 => Self::Put { key, value: value(dice, 2) },
            2..4 => Self::PutNested { key, value: value(dice, 1) },
            4 => Self::Delete { key },
            5..8 => {
                let insert = (0..dice.below(4)).map(|_| value(dice, 1)).collect();
                Self::Splice { at, remove, insert }
            }
            8..11 => {
                let insert = ["", "x", "word ", "äöü", "日本"][dice.below(5)].to_owned();
                Self::Type { at, remove, insert }
            }
            _ => Self::Increment { by: dice.below(10) as i64 - 4 },
        }
    }

    /// As `edits.mjs` takes it.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Put { key, value } => json!({ "put": { "key": key, "value": value } }),
            Self::PutNested { key, value } => {
                json!({ "putNested": { "key": key, "value": value } })
            }
            Self::Delete { key } => json!({ "delete": { "key": key } }),
            Self::Splice { at, remove, insert } => {
                json!({ "splice": { "at": at, "remove": remove, "insert": insert } })
            }
            Self::Type { at, remove, insert } => {
                json!({ "type": { "at": at, "remove": remove, "insert": insert } })
            }
            Self::Increment { by } => json!({ "increment": { "by": by } }),
        }
    }

    /// Makes one change.
    pub fn apply(&self, document: &mut Automerge) {
        let mut transaction = document.transaction();
        let to = &mut transaction;
        match self {
            Self::Put { key, value } => {
                let map = object(to, &ROOT, "map");
                put(to, &map, key, value);
            }
            Self::PutNested { key, value } => {
                let nested = object(to, &ROOT, "nested");
                let map = object(to, &nested, "map");
                put(to, &map, key, value);
            }
            Self::Delete { key } => {
                let map = object(to, &ROOT, "map");
                if to.get(&map, key).unwrap().is_some() {
                    to.delete(&map, key.as_str()).unwrap();
                }
            }
            Self::Splice { at, remove, insert } => {
                let list = object(to, &ROOT, "list");
                let place = at % (to.length(&list) + 1);
                for _ in 0..(*remove).min(to.length(&list) - place) {
                    to.delete(&list, place).unwrap();
                }
                for (offset, value) in insert.iter().enumerate() {
                    insert_value(to, &list, place + offset, value);
                }
            }
            Self::Type { at, remove, insert } => {
                let text = object(to, &ROOT, "text");
                let place = at % (to.length(&text) + 1);
                let removed = (*remove).min(to.length(&text) - place);
                to.splice_text(&text, place, removed as isize, insert).unwrap();
            }
            Self::Increment { by } => to.increment(ROOT, "counter", *by).unwrap(),
        }
        transaction.commit();
    }
}

/// What every session begins with.
pub fn fresh_document() -> Automerge {
    let mut document = Automerge::new();
    let mut transaction = document.transaction();
    for (key, kind) in [("map", ObjType::Map), ("list", ObjType::List), ("text", ObjType::Text)] {
        transaction.put_object(ROOT, key, kind).unwrap();
    }
    let nested = transaction.put_object(ROOT, "nested", ObjType::Map).unwrap();
    transaction.put_object(&nested, "map", ObjType::Map).unwrap();
    transaction.put(ROOT, "counter", ScalarValue::counter(0)).unwrap();
    transaction.commit();
    document
}

/// What is in a document, equal for equal documents.
pub fn json_of(document: &Automerge) -> Value {
    canonical(serde_json::to_value(AutoSerde::from(document)).unwrap())
}

/// JavaScript writes whole numbers as integers or as floats, and cannot tell them apart.
fn canonical(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let whole = number.as_f64().filter(|number| number.fract() == 0.0);
            whole.map_or(Value::Number(number), |whole| json!(whole as i64))
        }
        Value::Array(items) => items.into_iter().map(canonical).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(key, value)| (key, canonical(value))).collect()
        }
        other => other,
    }
}

fn object(document: &impl ReadDoc, parent: &ObjId, key: &str) -> ObjId {
    document.get(parent, key).unwrap().expect("every document has it").1
}

fn put(to: &mut impl Transactable, map: &ObjId, key: &str, value: &Value) {
    match composite(value) {
        Some(kind) => {
            let inner = to.put_object(map, key, kind).unwrap();
            fill(to, &inner, value);
        }
        None => to.put(map, key, scalar(value)).unwrap(),
    }
}

fn insert_value(to: &mut impl Transactable, list: &ObjId, index: usize, value: &Value) {
    match composite(value) {
        Some(kind) => {
            let inner = to.insert_object(list, index, kind).unwrap();
            fill(to, &inner, value);
        }
        None => to.insert(list, index, scalar(value)).unwrap(),
    }
}

fn fill(to: &mut impl Transactable, object: &ObjId, value: &Value) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| put(to, object, key, value));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, value)| insert_value(to, object, index, value));
        }
        _ => unreachable!("scalars are not filled"),
    }
}

fn composite(value: &Value) -> Option<ObjType> {
    match value {
        Value::Object(_) => Some(ObjType::Map),
        Value::Array(_) => Some(ObjType::List),
        _ => None,
    }
}

fn scalar(value: &Value) -> ScalarValue {
    match value {
        Value::Null => ScalarValue::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(value) => match value.as_i64() {
            Some(value) => value.into(),
            None => value.as_f64().unwrap().into(),
        },
        Value::String(value) => value.as_str().into(),
        Value::Array(_) | Value::Object(_) => unreachable!("they are objects of Automerge"),
    }
}

fn value(dice: &mut Dice, depth: usize) -> Value {
    match dice.below(if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => json!(dice.below(2) == 0),
        2 => json!(dice.below(2000) as i64 - 1000),
        3 => json!(dice.below(1000) as f64 + 0.5),
        4 => json!(["", "short", "grüße 🎉", "a longer text than others"][dice.below(4)]),
        5 => json!(9_007_199_254_740_991_i64 - dice.below(3) as i64),
        6 => (0..dice.below(3)).map(|_| value(dice, depth - 1)).collect(),
        _ => json!({ "inner": value(dice, depth - 1), "other": value(dice, depth - 1) }),
    }
}
