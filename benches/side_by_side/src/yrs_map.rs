//! yrs: one map of cards, each a map with `pos` = "column/key" in one value, and a map of columns.
//!
//! yrs has no move; a list per column would show a card twice after two concurrent moves, so the
//! place is a value. As it cannot list a column, a read model does, kept up to date by the deep
//! observer that Yjs applications use. Keys are for appending only: all that the workload needs,
//! and the shortest that anybody could generate.

use crate::reference::card_entropy;
use crate::{Contender, Draft, Drawing, DrawnCard, DrawnColumn, Names, NamesOf};
use kanban_core::{CardId, ColumnId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use yrs::types::{Event, PathSegment};
use yrs::updates::decoder::Decode;
use yrs::{
    Any, DeepObservable, Doc, Map, MapPrelim, MapRef, Out, ReadTxn, StateVector, Transact, Update,
};

/// A board in yrs maps.
pub struct YrsBoard {
    /// The document.
    pub doc: Doc,
    /// By card id.
    pub cards: MapRef,
    /// By column id.
    pub columns: MapRef,
    index: Arc<Mutex<Index>>,
    names: NamesOf<Self>,
    last_step: Vec<u8>,
    /// Whether to keep each step's update; the others' are made on request and not timed either.
    pub recording: bool,
}

impl std::fmt::Debug for YrsBoard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("YrsBoard").finish_non_exhaustive()
    }
}

/// The read model: which cards stand in a column, in order.
#[derive(Default)]
struct Index {
    columns: BTreeMap<String, BTreeSet<(String, Arc<str>)>>,
    places: HashMap<Arc<str>, (String, String)>,
}

impl Index {
    fn refresh(&mut self, card: &Arc<str>, place: Option<String>) {
        if let Some((column, key)) = self.places.remove(card)
            && let Some(cards) = self.columns.get_mut(&column)
        {
            cards.remove(&(key, card.clone()));
        }
        if let Some((column, key)) = place.as_deref().and_then(|place| place.split_once('/')) {
            let cards = self.columns.entry(column.to_owned()).or_default();
            cards.insert((key.to_owned(), card.clone()));
            self.places.insert(card.clone(), (column.to_owned(), key.to_owned()));
        }
    }

    fn key_after_last(&self, column: &str) -> String {
        let last = self.columns.get(column).and_then(BTreeSet::last);
        last.map_or_else(|| "a1".to_owned(), |(key, _)| after(key))
    }
}

/// The next integer key: a head that says how many hexadecimal digits follow, then these.
fn after(key: &str) -> String {
    let digits = key.get(1..).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    let digits = format!("{:x}", digits.expect("a key of ours") + 1);
    format!("{}{digits}", char::from(b'`' + digits.len() as u8))
}

fn string(out: Option<Out>) -> Option<String> {
    match out {
        Some(Out::Any(Any::String(text))) => Some(text.to_string()),
        _ => None,
    }
}

fn place_of<T: ReadTxn>(cards: &MapRef, txn: &T, card: &str) -> Option<String> {
    match cards.get(txn, card) {
        Some(Out::YMap(card)) => string(card.get(txn, "pos")),
        _ => None,
    }
}

impl YrsBoard {
    fn over(doc: Doc, names: NamesOf<Self>) -> Self {
        let cards = doc.get_or_insert_map("cards");
        let columns = doc.get_or_insert_map("columns");
        let mut index = Index::default();
        {
            let txn = doc.transact();
            for (card, value) in cards.iter(&txn) {
                let Out::YMap(value) = value else { continue };
                index.refresh(&Arc::from(card), string(value.get(&txn, "pos")));
            }
        }
        let index = Arc::new(Mutex::new(index));
        let (seen, map) = (index.clone(), cards.clone());
        cards.observe_deep("index", move |txn, events| {
            let mut index = seen.lock().expect("nobody panicked");
            for event in events.iter() {
                let Event::Map(event) = event else { continue };
                match event.path().front() {
                    Some(PathSegment::Key(card)) => {
                        index.refresh(card, place_of(&map, txn, card));
                    }
                    _ => event.keys(txn).keys().for_each(|card| {
                        index.refresh(card, place_of(&map, txn, card));
                    }),
                }
            }
        });
        let last_step = Vec::new();
        Self { doc, cards, columns, index, names, last_step, recording: false }
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().expect("nobody panicked")
    }

    fn card(&self, card: usize) -> Arc<str> {
        self.names.cards.get(card).expect("a card").clone()
    }

    fn column(&self, column: usize) -> Arc<str> {
        self.names.columns.get(column).expect("a column").clone()
    }

    fn record(&mut self, write: impl FnOnce(&mut yrs::TransactionMut<'_>, &MapRef, &MapRef)) {
        let mut txn = self.doc.transact_mut();
        write(&mut txn, &self.cards, &self.columns);
        if self.recording {
            self.last_step = txn.encode_update_v1();
        }
    }

    fn put(&mut self, card: usize, key: &str, value: String) {
        let card = self.card(card);
        self.record(|txn, cards, _| {
            let Some(Out::YMap(card)) = cards.get(txn, &card) else { return };
            card.insert(txn, key, value);
        });
    }
}

impl Contender for YrsBoard {
    const NAME: &'static str = "yrs map";
    type Card = Arc<str>;
    type Column = Arc<str>;
    type Version = StateVector;

    fn import(draft: &Draft) -> Self {
        let doc = Doc::with_client_id(2);
        let (cards, columns) = (doc.get_or_insert_map("cards"), doc.get_or_insert_map("columns"));
        let mut names = Names { cards: Vec::new(), columns: Vec::new() };
        let mut txn = doc.transact_mut();
        let mut column_key = "a1".to_owned();
        for column in &draft.columns {
            let id: Arc<str> = ColumnId::from_entropy(column.entropy).to_string().into();
            let fields = [("name", column.name.clone()), ("pos", column_key.clone())];
            columns.insert(&mut txn, id.clone(), MapPrelim::from(fields));
            column_key = after(&column_key);
            let mut key = "a1".to_owned();
            for card in &column.cards {
                let name: Arc<str> = CardId::from_entropy(card.entropy).to_string().into();
                let mut fields: Vec<(String, Any)> = vec![
                    ("title".into(), card.title.clone().into()),
                    ("pos".into(), format!("{id}/{key}").into()),
                ];
                fields.extend(card.labels.iter().map(|label| (format!("l:{label}"), true.into())));
                cards.insert(&mut txn, name.clone(), MapPrelim::from_iter(fields));
                key = after(&key);
                names.cards.push(name);
            }
            names.columns.push(id);
        }
        drop(txn);
        Self::over(doc, Arc::new(names))
    }

    fn open(bytes: &[u8], replica: u8, names: &NamesOf<Self>) -> Self {
        let doc = Doc::with_client_id(replica.into());
        let update = Update::decode_v1(bytes).expect("opens");
        doc.transact_mut().apply_update(update).expect("opens");
        Self::over(doc, names.clone())
    }

    fn save(&self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    fn names(&self) -> &NamesOf<Self> {
        &self.names
    }

    fn draw(&self) -> Drawing {
        let (txn, index) = (self.doc.transact(), self.index());
        let columns = self.columns.iter(&txn).filter_map(|(id, column)| {
            let Out::YMap(column) = column else { return None };
            Some((string(column.get(&txn, "pos"))?, id, string(column.get(&txn, "name"))?))
        });
        let mut columns: Vec<_> = columns.collect();
        columns.sort_unstable();
        let drawn = |card: &Arc<str>| {
            let Some(Out::YMap(card)) = self.cards.get(&txn, card) else { return None };
            let labels = card.keys(&txn).filter_map(|key| key.strip_prefix("l:"));
            let mut labels: Vec<String> = labels.map(str::to_owned).collect();
            labels.sort_unstable();
            Some(DrawnCard { title: string(card.get(&txn, "title"))?, labels })
        };
        let columns = columns.into_iter().map(|(_, id, name)| {
            let cards = index.columns.get(id).into_iter().flatten();
            DrawnColumn { name, cards: cards.filter_map(|(_, card)| drawn(card)).collect() }
        });
        columns.collect()
    }

    fn order(&self, column: usize) -> Vec<Arc<str>> {
        let cards = self.index();
        let cards = cards.columns.get(&*self.column(column)).into_iter().flatten();
        cards.map(|(_, card)| card.clone()).collect()
    }

    fn move_to_end(&mut self, card: usize, column: usize) {
        let column = self.column(column);
        let key = self.index().key_after_last(&column);
        self.put(card, "pos", format!("{column}/{key}"));
    }

    fn create(&mut self, number: u64, column: usize, title: &str) {
        let column = self.column(column);
        let key = self.index().key_after_last(&column);
        let id = CardId::from_entropy(card_entropy(number)).to_string();
        let fields = [("pos", format!("{column}/{key}")), ("title", title.to_owned())];
        self.record(|txn, cards, _| {
            cards.insert(txn, id, MapPrelim::from(fields));
        });
    }

    fn rename(&mut self, card: usize, title: &str) {
        self.put(card, "title", title.to_owned());
    }

    fn delete(&mut self, card: usize) {
        let card = self.card(card);
        self.record(|txn, cards, _| {
            cards.remove(txn, &card);
        });
    }

    fn delete_column(&mut self, column: usize) {
        let (seen, column) = (self.order(column), self.column(column));
        self.record(|txn, cards, columns| {
            seen.iter().for_each(|card| drop(cards.remove(txn, card)));
            columns.remove(txn, &column);
        });
    }

    fn version(&self) -> StateVector {
        self.doc.transact().state_vector()
    }

    fn since(&self, version: &StateVector) -> Vec<Vec<u8>> {
        vec![self.doc.transact().encode_diff_v1(version)]
    }

    /// The transaction's own update: a difference from a state vector names all deletions ever.
    fn last_step(&self, _before: &StateVector) -> Vec<Vec<u8>> {
        vec![self.last_step.clone()]
    }

    fn receive(&mut self, updates: &[Vec<u8>]) {
        for update in updates {
            let update = Update::decode_v1(update).expect("an update");
            self.doc.transact_mut().apply_update(update).expect("merges");
        }
    }
}
