//! Raw Automerge making the same writes to the same document, without a board on top: no view, no
//! events, no checks, no merge rules.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, AutomergeError, Change, ObjId, ObjType, ROOT, ReadDoc, hydrate};
use kanban_core::{ActorId, BoardDraft, CardId};
use std::collections::{BTreeMap, HashMap};

/// A document and where its cards are; looking that up is not part of any measurement.
#[derive(Clone)]
pub struct RawBoard {
    document: Automerge,
    cards: ObjId,
    objects: std::sync::Arc<BTreeMap<CardId, ObjId>>,
}

impl RawBoard {
    pub fn load(bytes: &[u8]) -> Self {
        let mut document = Automerge::load(bytes).expect("loads");
        document.set_actor(ActorId::from([3; 8]));
        let (_, cards) = document.get(ROOT, "cards").expect("reads").expect("is there");
        let items = document.map_range(&cards, ..);
        let objects = items.filter_map(|item| Some((CardId::parse(&item.key).ok()?, item.id())));
        let objects = std::sync::Arc::new(objects.collect());
        Self { document, cards, objects }
    }

    /// Goes through the whole document once and keeps nothing: what any program pays at least that
    /// shows a whole board.
    pub fn read_once(&self) -> usize {
        self.document.iter().map(|item| usize::from(item.value().is_some())).sum()
    }

    fn object(&self, card: &CardId) -> ObjId {
        self.objects.get(card).expect("a card of the board").clone()
    }

    fn record(
        &mut self,
        write: impl FnOnce(
            &mut automerge::transaction::Transaction<'_>,
            &ObjId,
        ) -> Result<(), AutomergeError>,
    ) {
        let cards = self.cards.clone();
        let options = CommitOptions::default().with_time(1_700_000_000);
        let written = self.document.transact_with(|()| options, |tx| write(tx, &cards));
        written.expect("writes");
    }

    pub fn put(&mut self, card: &CardId, key: &str, value: &str) {
        let object = self.object(card);
        self.record(|tx, _| tx.put(&object, key, value));
    }

    pub fn put_all<'a>(&mut self, key: &str, values: impl Iterator<Item = (&'a CardId, String)>) {
        let values: Vec<_> = values.map(|(card, value)| (self.object(card), value)).collect();
        self.record(|tx, _| {
            values.iter().try_for_each(|(object, value)| tx.put(object, key, value.as_str()))
        });
    }

    pub fn rename(&mut self, card: &CardId, title: &str, touch: u64) {
        let object = self.object(card);
        self.record(|tx, _| {
            tx.put(&object, "title", title)?;
            tx.put(&object, "touch", touch)
        });
    }

    pub fn create(&mut self, card: &CardId, place: &str, title: &str) {
        self.record(|tx, cards| {
            let object = tx.put_object(cards, card.as_str(), ObjType::Map)?;
            tx.put(&object, "pos", place)?;
            tx.put(&object, "title", title)?;
            tx.put_object(&object, "desc", ObjType::Text).map(drop)
        });
    }

    pub fn apply(&mut self, change: Option<Change>) {
        self.document.apply_changes(change).expect("applies");
    }

    /// The cheapest raw way to write a board's cards: object by object in one go, 200 a change.
    pub fn import(draft: &BoardDraft) -> Automerge {
        let mut document = Automerge::new().with_actor(ActorId::from([3; 8]));
        let made = document
            .transact::<_, _, AutomergeError>(|tx| tx.put_object(ROOT, "cards", ObjType::Map));
        let cards = made.expect("writes").result;
        let all: Vec<_> = draft
            .columns
            .iter()
            .flat_map(|column| column.cards.iter().map(move |card| (&column.id, card)))
            .collect();
        for chunk in all.chunks(200) {
            let written = document.transact::<_, _, AutomergeError>(|tx| {
                for (number, (column, card)) in chunk.iter().enumerate() {
                    let encoding = tx.text_encoding();
                    let mut fields: HashMap<String, hydrate::Value> = HashMap::new();
                    let place = format!("V2{column}/V.k3QzV{number}1");
                    fields.insert("pos".into(), hydrate::Value::scalar(place.as_str()));
                    fields.insert("title".into(), hydrate::Value::scalar(card.title.as_str()));
                    let text = hydrate::Value::text(encoding, &card.description);
                    fields.insert("desc".into(), text);
                    for label in &card.labels {
                        fields.insert(format!("l:{label}"), hydrate::Value::scalar(true));
                    }
                    let value = hydrate::Value::Map(fields.into());
                    tx.batch_create_object(&cards, card.id.as_str(), &value, false)?;
                }
                Ok(())
            });
            written.expect("writes");
        }
        document
    }
}
