//! The registers of a document as plain Automerge shows them, without the core's help.

use crate::history::Thing;
use crate::place::{tag, winner};
use automerge::{Automerge, ObjId, ROOT, ReadDoc, ScalarValue, Value};
use kanban_core::{Field, FieldValue};
use std::collections::{BTreeMap, BTreeSet};

/// Every register of one card or column that place, life and name depend on. Lists hold the
/// concurrent values in Automerge's order: the one that a plain read shows comes last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Raw {
    /// Placements by people.
    pub pos: Vec<String>,
    /// Placements by machines.
    pub ord: Vec<String>,
    /// Marks of edits.
    pub touch: Vec<String>,
    /// Marks of deletes.
    pub trash: Vec<String>,
    /// Marks of archiving.
    pub shelf: Vec<String>,
    /// Titles of a card, names of a column.
    pub names: Vec<String>,
    /// The operation that created it: its number and its actor. Later ones have higher numbers.
    pub created: (u64, Vec<u8>),
}

/// The registers of a whole board.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawBoard {
    /// Names of the board.
    pub names: Vec<String>,
    /// Columns by id.
    pub columns: BTreeMap<String, Raw>,
    /// Cards by id.
    pub cards: BTreeMap<String, Raw>,
    /// Places of checklists and items, by card and key.
    pub parts: BTreeMap<(String, String), Vec<String>>,
    /// Labels, members and parts of cards, and whether they are alive.
    pub records: BTreeMap<Thing, bool>,
    /// Values of fields other than names and titles. The one that is shown comes last.
    pub fields: BTreeMap<Field, Vec<FieldValue>>,
}

impl RawBoard {
    /// The tags of what machines wrote since `before`: one for each sort or relocation.
    pub fn new_tags(&self, before: &RawBoard) -> BTreeSet<&str> {
        let all = self.cards.iter().map(|(id, raw)| (raw, before.cards.get(id)));
        let all = all.chain(self.columns.iter().map(|(id, raw)| (raw, before.columns.get(id))));
        let new = all.flat_map(|(raw, old)| {
            raw.ord.iter().filter(move |value| !old.is_some_and(|old| old.ord.contains(value)))
        });
        new.filter_map(|value| tag(value)).collect()
    }

    /// Reads everything.
    pub fn read(document: &Automerge) -> Self {
        let map = |key: &str| document.get(ROOT, key).ok().flatten().map(|(_, object)| object);
        let names = map("meta").map(|meta| values(document, &meta, "name"));
        let mut board = Self {
            names: names.unwrap_or_default(),
            columns: registers(document, map("cols"), "name"),
            cards: registers(document, map("cards"), "title"),
            ..Self::default()
        };
        board.read_fields(document, map("cols"), column_field);
        board.read_fields(document, map("cards"), card_field);
        board.read_records(document, map("labels"), label_field, Thing::Label);
        board.read_records(document, map("members"), member_field, Thing::Member);
        board
    }

    /// The deleted items that stand in a checklist of a card, by their keys.
    pub fn deleted_items(&self, card: &str, list: &str) -> Vec<String> {
        let gone = self.records.iter().filter(|(_, alive)| !**alive);
        let keys = gone.filter_map(|(thing, _)| match thing {
            Thing::Part(of, key) if of == card => {
                self.item_in(card, key, list).then(|| key.clone())
            }
            _ => None,
        });
        keys.collect()
    }

    fn item_in(&self, card: &str, key: &str, list: &str) -> bool {
        let place = self.parts.get(&(card.to_owned(), key.to_owned()));
        let place = place.filter(|_| key.starts_with("k:")).and_then(|places| winner(places));
        place.is_some_and(|place| place.column == list)
    }

    /// The fields of columns or cards, and the parts of cards.
    fn read_fields(
        &mut self,
        document: &Automerge,
        map: Option<ObjId>,
        field: impl Fn(&str, &str) -> Option<Field>,
    ) {
        let Some(map) = map else { return };
        for entry in document.map_range(&map, ..) {
            let (id, object) = (&*entry.key, entry.id());
            for item in document.map_range(&object, ..) {
                let key = &*item.key;
                if is_part(key) {
                    let part = Thing::Part(id.to_owned(), key.to_owned());
                    self.read_record(document, &[item.id()], part, |key| {
                        part_field(id, &item.key, key)
                    });
                } else if let Some(field) = field(id, key) {
                    let found = field_values(document, &object, key, item.conflict);
                    self.fields.insert(field, found);
                }
            }
        }
    }

    /// Labels or members. Two people may have listed one member: both maps count.
    fn read_records(
        &mut self,
        document: &Automerge,
        map: Option<ObjId>,
        field: impl Fn(&str, &str) -> Option<Field>,
        thing: impl Fn(String) -> Thing,
    ) {
        let Some(map) = map else { return };
        for id in document.keys(&map) {
            let all = document.get_all(&map, id.as_str()).unwrap_or_default();
            let all: Vec<ObjId> = all.into_iter().map(|(_, object)| object).collect();
            self.read_record(document, &all, thing(id.clone()), |key| field(&id, key));
        }
    }

    fn read_record(
        &mut self,
        document: &Automerge,
        maps: &[ObjId],
        thing: Thing,
        field: impl Fn(&str) -> Option<Field>,
    ) {
        let (mut gone, mut touched) = (false, false);
        for object in maps {
            for item in document.map_range(object, ..) {
                let key = &*item.key;
                match (key, &thing) {
                    ("gone", _) => gone = true,
                    ("touch", _) => touched = true,
                    ("pos", Thing::Part(card, part)) => {
                        let place = (card.clone(), part.clone());
                        self.parts.insert(place, values(document, object, key));
                    }
                    _ => {
                        let Some(field) = field(key) else { continue };
                        let found = field_values(document, object, key, item.conflict);
                        self.fields.entry(field).or_default().extend(found);
                    }
                }
            }
        }
        self.records.insert(thing, !gone || touched);
    }
}

/// Whether a key of a card holds a map.
fn is_part(key: &str) -> bool {
    matches!(key.split_once(':'), Some(("kl" | "k" | "c" | "u", _)))
}

fn column_field(id: &str, key: &str) -> Option<Field> {
    let column = id.parse().ok()?;
    Some(match key {
        "colour" => Field::ColumnColour { column },
        "wip" => Field::ColumnWipLimit { column },
        _ => return None,
    })
}

fn card_field(id: &str, key: &str) -> Option<Field> {
    let card = id.parse().ok()?;
    Some(match key {
        "start" => Field::CardStart { card },
        "due" => Field::CardDue { card },
        "done" => Field::CardDone { card },
        "cover" => Field::CardCover { card },
        _ => return None,
    })
}

fn label_field(id: &str, key: &str) -> Option<Field> {
    let label = id.parse().ok()?;
    Some(match key {
        "name" => Field::LabelName { label },
        "colour" => Field::LabelColour { label },
        _ => return None,
    })
}

fn member_field(id: &str, key: &str) -> Option<Field> {
    let member = id.parse().ok()?;
    Some(match key {
        "name" => Field::MemberName { member },
        "colour" => Field::MemberColour { member },
        _ => return None,
    })
}

fn part_field(card: &str, part: &str, key: &str) -> Option<Field> {
    let (kind, id) = part.split_once(':')?;
    let card = card.parse().ok()?;
    Some(match (kind, key) {
        ("kl", "name") => Field::ChecklistName { card, checklist: id.parse().ok()? },
        ("k", "text") => Field::ItemText { card, item: id.parse().ok()? },
        ("k", "done") => Field::ItemDone { card, item: id.parse().ok()? },
        ("u", "url") => Field::LinkUrl { card, link: id.parse().ok()? },
        ("u", "name") => Field::LinkName { card, link: id.parse().ok()? },
        _ => return None,
    })
}

fn field_values(
    document: &Automerge,
    object: &ObjId,
    key: &str,
    conflict: bool,
) -> Vec<FieldValue> {
    let all = match conflict {
        true => document.get_all(object, key).unwrap_or_default(),
        false => document.get(object, key).ok().flatten().into_iter().collect(),
    };
    all.iter().filter_map(|(value, _)| field_value(value)).collect()
}

fn field_value(value: &Value<'_>) -> Option<FieldValue> {
    let Value::Scalar(scalar) = value else { return None };
    Some(match &**scalar {
        ScalarValue::Str(text) => FieldValue::Text(text.to_string()),
        ScalarValue::Uint(count) => FieldValue::Count(*count),
        ScalarValue::Boolean(flag) => FieldValue::Flag(*flag),
        _ => return None,
    })
}

impl Raw {
    /// The same without what machines write.
    pub fn by_people(&self) -> Raw {
        Raw { ord: Vec::new(), ..self.clone() }
    }

    /// Alive, as the schema puts it: a placement or the mark of an edit is there.
    pub fn is_alive(&self) -> bool {
        !self.pos.is_empty() || !self.touch.is_empty()
    }
}

fn registers(document: &Automerge, map: Option<ObjId>, name: &str) -> BTreeMap<String, Raw> {
    let mut all = BTreeMap::new();
    let Some(map) = map else { return all };
    for id in document.keys(&map) {
        let Ok(Some((_, object))) = document.get(&map, id.as_str()) else { continue };
        let mut raw = Raw::default();
        if let ObjId::Id(number, actor, _) = &object {
            raw.created = (*number, actor.to_bytes().to_vec());
        }
        for item in document.map_range(&object, ..) {
            let register = match &*item.key {
                "pos" => &mut raw.pos,
                "ord" => &mut raw.ord,
                "touch" => &mut raw.touch,
                "trash" => &mut raw.trash,
                "shelf" => &mut raw.shelf,
                key if key == name => &mut raw.names,
                _ => continue,
            };
            // Asking for all values is dear, so only where there are several.
            *register = match item.conflict {
                true => values(document, &object, &item.key),
                false => vec![text(&item.value.into_value())],
            };
        }
        all.insert(id, raw);
    }
    all
}

fn values(document: &Automerge, object: &ObjId, key: &str) -> Vec<String> {
    let values = document.get_all(object, key).unwrap_or_default();
    values.iter().map(|(value, _)| text(value)).collect()
}

fn text(value: &Value<'_>) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
