//! Loro's movable tree: columns are roots, cards their children, fields the nodes' meta maps.
//!
//! The tree is what Loro offers for moves between parents (its movable list moves within one list),
//! and it keeps every column in order by itself, so no read model stands beside it. Somebody who
//! draws a board subscribes to it; so does this one.

use crate::{Between, Contender, Draft, Drawing, DrawnCard, DrawnColumn, Names, NamesOf};
use loro::{
    ExportMode, LoroDoc, LoroTree, LoroValue, Subscription, TreeID, TreeParentId, VersionVector,
};
use std::fmt;
use std::hint::black_box;
use std::sync::Arc;

/// A board in a Loro tree.
pub struct LoroBoard {
    /// The document.
    pub doc: LoroDoc,
    /// Columns and cards.
    pub tree: LoroTree,
    names: NamesOf<Self>,
    _events: Subscription,
}

impl fmt::Debug for LoroBoard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoroBoard").finish_non_exhaustive()
    }
}

impl LoroBoard {
    fn over(doc: LoroDoc, names: NamesOf<Self>) -> Self {
        let tree = doc.get_tree("board");
        let listen = Arc::new(|event: loro::event::DiffEvent<'_>| {
            black_box(&event.events);
        });
        Self { _events: doc.subscribe_root(listen), doc, tree, names }
    }

    /// Loro's name of a card.
    pub fn card(&self, card: usize) -> TreeID {
        *self.names.cards.get(card).expect("a card")
    }

    /// Loro's name of a column.
    pub fn column(&self, column: usize) -> TreeID {
        *self.names.columns.get(column).expect("a column")
    }

    fn drawn_card(&self, card: TreeID) -> DrawnCard {
        let LoroValue::Map(meta) = self.tree.get_meta(card).expect("a node").get_value() else {
            return DrawnCard { title: String::new(), labels: Vec::new() };
        };
        let labels = meta.keys().filter_map(|key| key.strip_prefix("l:"));
        let mut labels: Vec<String> = labels.map(str::to_owned).collect();
        labels.sort_unstable();
        DrawnCard { title: text(meta.get("title")), labels }
    }
}

fn text(value: Option<&LoroValue>) -> String {
    match value {
        Some(LoroValue::String(text)) => text.to_string(),
        _ => String::new(),
    }
}

impl Contender for LoroBoard {
    const NAME: &'static str = "Loro tree";
    type Card = TreeID;
    type Column = TreeID;
    type Version = VersionVector;

    fn import(draft: &Draft) -> Self {
        let doc = LoroDoc::new();
        doc.set_peer_id(2).expect("a number");
        let tree = doc.get_tree("board");
        let mut names = Names { cards: Vec::new(), columns: Vec::new() };
        for column in &draft.columns {
            let parent = tree.create(TreeParentId::Root).expect("creates");
            let meta = tree.get_meta(parent).expect("a node");
            meta.insert("name", column.name.as_str()).expect("writes");
            names.columns.push(parent);
            for card in &column.cards {
                let node = tree.create(parent).expect("creates");
                let meta = tree.get_meta(node).expect("a node");
                meta.insert("title", card.title.as_str()).expect("writes");
                for label in &card.labels {
                    meta.insert(&format!("l:{label}"), true).expect("writes");
                }
                names.cards.push(node);
            }
        }
        doc.commit();
        Self::over(doc, Arc::new(names))
    }

    fn open(bytes: &[u8], replica: u8, names: &NamesOf<Self>) -> Self {
        let doc = LoroDoc::new();
        doc.set_peer_id(replica.into()).expect("a number");
        doc.import(bytes).expect("opens");
        Self::over(doc, names.clone())
    }

    fn save(&self) -> Vec<u8> {
        self.doc.export(ExportMode::Snapshot).expect("saves")
    }

    fn names(&self) -> &NamesOf<Self> {
        &self.names
    }

    fn draw(&self) -> Drawing {
        let columns = self.tree.children(TreeParentId::Root).unwrap_or_default();
        let columns = columns.into_iter().map(|column| {
            let name = self.tree.get_meta(column).expect("a node").get_value();
            let LoroValue::Map(meta) = name else { unreachable!("meta is a map") };
            let cards = self.tree.children(column).unwrap_or_default();
            let cards = cards.into_iter().map(|card| self.drawn_card(card));
            DrawnColumn { name: text(meta.get("name")), cards: cards.collect() }
        });
        columns.collect()
    }

    fn order(&self, column: usize) -> Vec<TreeID> {
        self.tree.children(self.column(column)).unwrap_or_default()
    }

    fn move_to_end(&mut self, card: usize, column: usize) {
        self.tree.mov(self.card(card), self.column(column)).expect("moves");
        self.doc.commit();
    }

    fn create(&mut self, _number: u64, column: usize, title: &str) {
        let node = self.tree.create(self.column(column)).expect("creates");
        self.tree.get_meta(node).expect("a node").insert("title", title).expect("writes");
        self.doc.commit();
    }

    fn rename(&mut self, card: usize, title: &str) {
        let meta = self.tree.get_meta(self.card(card)).expect("a node");
        meta.insert("title", title).expect("writes");
        self.doc.commit();
    }

    fn delete(&mut self, card: usize) {
        self.tree.delete(self.card(card)).expect("deletes");
        self.doc.commit();
    }

    fn delete_column(&mut self, column: usize) {
        self.tree.delete(self.column(column)).expect("deletes");
        self.doc.commit();
    }

    fn version(&self) -> VersionVector {
        self.doc.oplog_vv()
    }

    fn since(&self, version: &VersionVector) -> Vec<Vec<u8>> {
        vec![self.doc.export(ExportMode::updates(version)).expect("exports")]
    }

    fn receive(&mut self, updates: &[Vec<u8>]) {
        for update in updates {
            black_box(self.doc.import(update).expect("merges"));
        }
    }
}

impl Between for LoroBoard {
    fn move_below(&mut self, card: usize, above: usize, _column: usize) {
        self.tree.mov_after(self.card(card), self.card(above)).expect("moves");
        self.doc.commit();
    }
}
