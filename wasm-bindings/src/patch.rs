//! What looks different between two views, so that JavaScript makes new objects for that only.
//!
//! Cards, columns and lists of cards of a view are shared with the board: what did not change is the
//! same allocation in the next view. So the difference is found by comparing pointers, whatever the
//! events say, and costs a few nanoseconds for each column, and for each card of those that changed.

use kanban_core::{
    BoardId, BoardView, Card, CardId, Cards, Column, ColumnView, Field, Label, Member,
};
use serde::Serialize;
use std::collections::HashSet;
use std::sync::Arc;

/// So few cards are looked for one by one.
const FEW: usize = 16;

/// What to make of the last view.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Patch<'a> {
    /// Fields of the board that are others now, but for those below.
    fields: Fields<'a>,
    /// Cards that were not in the last view, or not like this.
    cards: Vec<Arc<Card>>,
    /// The visible columns, if anything in them changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<Vec<ColumnPatch>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    archived_cards: Option<Splice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_cards: Option<Splice>,
}

/// A visible column.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ColumnPatch {
    /// As it was, and where it was: `null`.
    InPlace,
    /// As it was, elsewhere.
    Same(String),
    Changed(Box<Changed>),
}

#[derive(Debug, Serialize)]
struct Changed {
    id: String,
    /// Its own fields, if they are others.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<Arc<Column>>,
    /// Its cards, by comparison with those of the column of this id before.
    cards: Splice,
}

/// A list of cards becomes another: `remove` of them from `start` on give way to `insert`, and then those
/// at the places `changed` to the changed cards of their ids.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Splice {
    start: usize,
    remove: usize,
    insert: Vec<CardId>,
    changed: Vec<usize>,
}

impl<'a> Patch<'a> {
    /// What makes `after` of `before`; none if nothing.
    pub fn between(before: &BoardView, after: &'a BoardView) -> Option<Self> {
        let mut cards = Changes::default();
        let columns = columns(&before.columns, &after.columns, &mut cards);
        let archived_cards = list(&before.archived_cards, &after.archived_cards, &mut cards);
        let deleted_cards = list(&before.deleted_cards, &after.deleted_cards, &mut cards);
        let fields = Fields::between(before, after);
        let is_empty = columns.is_none()
            && archived_cards.is_none()
            && deleted_cards.is_none()
            && fields.is_empty();
        let cards = cards.unknown();
        (!is_empty).then_some(Self { fields, cards, columns, archived_cards, deleted_cards })
    }
}

/// Cards of the new view that are not where they were.
#[derive(Default)]
struct Changes<'a> {
    cards: Vec<&'a Arc<Card>>,
    /// The lists of the view before that became others: a card that moved was in one of them.
    left: Vec<&'a Cards>,
}

impl<'a> Changes<'a> {
    /// A list that was not there.
    fn all_of(&mut self, cards: &'a Cards) -> Splice {
        self.cards.extend(cards.iter());
        let insert = cards.iter().map(|card| card.id.clone()).collect();
        Splice { insert, ..Splice::default() }
    }

    /// Those that the view before does not have like this.
    fn unknown(self) -> Vec<Arc<Card>> {
        let Self { cards, left } = self;
        let left = left.into_iter().flat_map(|list| list.iter());
        // A move is one card, for which no table is worth making.
        if cards.len() <= FEW {
            let is_known = |card: &Arc<Card>| left.clone().any(|old| Arc::ptr_eq(old, card));
            return cards.into_iter().filter(|card| !is_known(card)).cloned().collect();
        }
        let known: HashSet<*const Card> = left.map(Arc::as_ptr).collect();
        cards.into_iter().filter(|card| !known.contains(&Arc::as_ptr(card))).cloned().collect()
    }
}

fn columns<'a>(
    before: &'a [ColumnView],
    after: &'a [ColumnView],
    cards: &mut Changes<'a>,
) -> Option<Vec<ColumnPatch>> {
    let mut is_same = before.len() == after.len();
    let mut patches = Vec::with_capacity(after.len());
    for (index, column) in after.iter().enumerate() {
        let in_place = before.get(index).filter(|old| old.column.id == column.column.id);
        is_same &= in_place.is_some();
        let find = || before.iter().find(|old| old.column.id == column.column.id);
        let old = in_place.or_else(find);
        let splice = match old {
            Some(old) => list(&old.cards, &column.cards, cards),
            None => Some(cards.all_of(&column.cards)),
        };
        let is_edited = old.is_none_or(|old| !Arc::ptr_eq(&old.column, &column.column));
        if splice.is_none() && !is_edited {
            patches.push(match in_place {
                Some(_) => ColumnPatch::InPlace,
                None => ColumnPatch::Same(column.column.id.to_string()),
            });
            continue;
        }
        let id = column.column.id.to_string();
        is_same = false;
        let own = is_edited.then(|| column.column.clone());
        let splice = splice.unwrap_or_default();
        patches.push(ColumnPatch::Changed(Box::new(Changed { id, column: own, cards: splice })));
    }
    (!is_same).then_some(patches)
}

/// What makes one list of another; none if they are the same cards, unchanged.
fn list<'a>(before: &'a Cards, after: &'a Cards, cards: &mut Changes<'a>) -> Option<Splice> {
    if Cards::ptr_eq(before, after) {
        return None;
    }
    cards.left.push(before);
    let alike = |(old, new): &(&Arc<Card>, &Arc<Card>)| Arc::ptr_eq(old, new) || old.id == new.id;
    let head = before.iter().zip(after.iter()).take_while(alike).count();
    let left = before.len().min(after.len()) - head;
    let tail = before.iter().rev().zip(after.iter().rev()).take(left).take_while(alike).count();
    let (inserted, removed) = (after.len() - tail - head, before.len() - tail - head);
    let insert = after.iter().skip(head).take(inserted);
    cards.cards.extend(insert.clone());
    let insert: Vec<CardId> = insert.map(|card| card.id.clone()).collect();
    // The same places, perhaps other cards.
    let kept = (0..head).chain(head + inserted..after.len());
    let old_at = |index: usize| if index < head { index } else { index + removed - inserted };
    let changed: Vec<usize> = kept
        .filter(|index| match (before.get(old_at(*index)), after.get(*index)) {
            (Some(old), Some(new)) => !Arc::ptr_eq(old, new),
            _ => false,
        })
        .collect();
    cards.cards.extend(changed.iter().filter_map(|index| after.get(*index)));
    let is_same = removed == 0 && insert.is_empty() && changed.is_empty();
    (!is_same).then_some(Splice { start: head, remove: removed, insert, changed })
}

macro_rules! fields {
    ($($field:ident: $type:ty),* $(,)?) => {
        /// All but the lists of cards, which are large: those that are others now.
        #[derive(Debug, Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Fields<'a> {
            $(#[serde(skip_serializing_if = "Option::is_none")] $field: Option<&'a $type>,)*
        }

        impl<'a> Fields<'a> {
            fn between(before: &BoardView, after: &'a BoardView) -> Self {
                Self { $($field: (before.$field != after.$field).then_some(&after.$field)),* }
            }

            fn is_empty(&self) -> bool {
                true $(&& self.$field.is_none())*
            }
        }
    };
}

fields! {
    archived_columns: Vec<Arc<Column>>,
    conflicted_fields: Vec<Field>,
    deleted_columns: Vec<Arc<Column>>,
    description: String,
    id: BoardId,
    labels: Vec<Arc<Label>>,
    members: Vec<Arc<Member>>,
    name: String,
    origin: Option<BoardId>,
    other_names: Vec<String>,
    successors: Vec<BoardId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanban_core::{ActorId, Board, BoardId, Command, Replica, Timestamp};
    use proptest::prelude::*;
    use serde_json::Value;
    use std::collections::BTreeMap;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

    fn board() -> Board {
        let replica = Replica::new(ActorId::from([1; 16])).by("ana");
        let mut board = Board::create(replica, BoardId::parse("b").unwrap(), "Board", NOW);
        for column in 0..3 {
            carry_out(&mut board, json_column(column));
            for card in 0..4 {
                carry_out(&mut board, json_card(column, card));
            }
        }
        board
    }

    fn json_column(number: u8) -> String {
        format!(r#"{{"type":"createColumn","column":"c{number}","name":"{number}","at":"last"}}"#)
    }

    fn json_card(column: u8, number: u8) -> String {
        format!(
            r#"{{"type":"createCard","card":"k{column}{number}","column":"c{column}","at":"last","title":"{number}","description":""}}"#
        )
    }

    fn carry_out(board: &mut Board, json: String) {
        let command: Command = serde_json::from_str(&json).unwrap();
        board.apply(&command, NOW).ok();
    }

    /// What JavaScript does, on JSON.
    fn patched(before: &Value, patch: &Value) -> Value {
        let mut cards: BTreeMap<String, Value> = BTreeMap::new();
        let id = |card: &Value| card["id"].as_str().unwrap().to_owned();
        let lists = |view: &Value| {
            let columns = view["columns"].as_array().unwrap().clone();
            let mut lists: Vec<Value> = columns.iter().map(|it| it["cards"].clone()).collect();
            lists.extend([view["archivedCards"].clone(), view["deletedCards"].clone()]);
            lists
        };
        for list in lists(before) {
            list.as_array()
                .unwrap()
                .iter()
                .for_each(|card| _ = cards.insert(id(card), card.clone()));
        }
        for card in patch["cards"].as_array().unwrap() {
            cards.insert(id(card), card.clone());
        }
        let splice = |old: &Value, splice: &Value| -> Value {
            let mut list = old.as_array().unwrap().clone();
            let start = splice["start"].as_u64().unwrap() as usize;
            let end = start + splice["remove"].as_u64().unwrap() as usize;
            let insert = splice["insert"].as_array().unwrap();
            list.splice(start..end, insert.iter().map(|it| cards[it.as_str().unwrap()].clone()));
            for index in splice["changed"].as_array().unwrap() {
                let card = &mut list[index.as_u64().unwrap() as usize];
                *card = cards[&id(card)].clone();
            }
            list.into()
        };
        let mut after = before.clone();
        for (name, value) in patch["fields"].as_object().unwrap() {
            after[name] = value.clone();
        }
        for list in ["archivedCards", "deletedCards"] {
            if let Some(change) = patch.get(list) {
                after[list] = splice(&before[list], change);
            }
        }
        if let Some(columns) = patch.get("columns") {
            let old = |id: &Value| {
                let columns = before["columns"].as_array().unwrap();
                columns.iter().find(|column| column["id"] == *id).cloned()
            };
            let column = |(index, change): (usize, &Value)| {
                if change.is_null() {
                    return before["columns"][index].clone();
                }
                if change.is_string() {
                    return old(change).unwrap();
                }
                let was = old(&change["id"]);
                let own = change.get("column").cloned();
                let mut column = own.unwrap_or_else(|| was.clone().unwrap());
                let cards = was.map_or(Value::Array(Vec::new()), |was| was["cards"].clone());
                column["cards"] = splice(&cards, &change["cards"]);
                column
            };
            after["columns"] = columns.as_array().unwrap().iter().enumerate().map(column).collect();
        }
        after
    }

    fn json<T: Serialize>(value: &T) -> Value {
        serde_json::to_value(value).unwrap()
    }

    fn command() -> impl Strategy<Value = String> {
        let (card, column) = ("k[0-2][0-4]", "c[0-3]");
        let place = prop_oneof![Just("\"first\"".to_owned()), Just("\"last\"".to_owned())];
        prop_oneof![
            (card, column, place.clone()).prop_map(|(card, column, to)| format!(
                r#"{{"type":"moveCard","card":"{card}","column":"{column}","to":{to}}}"#
            )),
            (card, "[a-z]{3}").prop_map(|(card, title)| format!(
                r#"{{"type":"renameCard","card":"{card}","title":"{title}"}}"#
            )),
            card.prop_map(|card| format!(r#"{{"type":"deleteCard","card":"{card}"}}"#)),
            card.prop_map(|card| format!(r#"{{"type":"restoreCard","card":"{card}"}}"#)),
            card.prop_map(|card| format!(r#"{{"type":"archiveCard","card":"{card}"}}"#)),
            (column, place).prop_map(|(column, to)| format!(
                r#"{{"type":"moveColumn","column":"{column}","to":{to}}}"#
            )),
            column.prop_map(|column| format!(r#"{{"type":"archiveColumn","column":"{column}"}}"#)),
            Just(json_column(3)),
            "[a-z]{3}".prop_map(|name| format!(r#"{{"type":"renameBoard","name":"{name}"}}"#)),
        ]
    }

    proptest! {
        #[test]
        fn a_view_and_its_patches_are_the_next_view(commands in proptest::collection::vec(command(), 1..40)) {
            let mut board = board();
            let (mut before, mut shown) = (board.view(), json(&board.view()));
            for (number, command) in commands.into_iter().enumerate() {
                carry_out(&mut board, command);
                // Several changes may come between two looks.
                if number % 3 == 1 {
                    continue;
                }
                let after = board.view();
                let patch = Patch::between(&before, &after);
                prop_assert_eq!(patch.is_none(), before == after);
                if let Some(patch) = patch {
                    shown = patched(&shown, &json(&patch));
                }
                prop_assert_eq!(&shown, &json(&after));
                before = after;
            }
        }
    }

    #[test]
    fn a_moved_card_is_all_that_is_sent_again() {
        let mut board = board();
        let before = board.view();
        let to = r#"{"type":"moveCard","card":"k01","column":"c1","to":"last"}"#;
        carry_out(&mut board, to.to_owned());
        let patch = json(&Patch::between(&before, &board.view()).unwrap());
        assert_eq!(patch["cards"].as_array().unwrap().len(), 1);
        assert_eq!(
            patch["columns"][0]["cards"],
            serde_json::json!({ "start": 1, "remove": 1, "insert": [], "changed": [] })
        );
        assert_eq!(patch["columns"][1]["cards"]["insert"], serde_json::json!(["k01"]));
        assert_eq!(patch["columns"][2], Value::Null, "as it was, where it was");
    }
}
