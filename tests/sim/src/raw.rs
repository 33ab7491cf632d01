//! The registers of a document as plain Automerge shows them, without the core's help.

use crate::place::tag;
use automerge::{Automerge, ObjId, ROOT, ReadDoc, Value};
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
        Self {
            names: names.unwrap_or_default(),
            columns: registers(document, map("cols"), "name"),
            cards: registers(document, map("cards"), "title"),
        }
    }
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
