//! Automerge alone, in the same program: what the benchmark of the npm package compares with. Built with
//! the feature `raw` only, never into the package.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ObjId, ROOT, ReadDoc};
use std::cell::RefCell;
use std::collections::HashMap;
use wasm_bindgen::prelude::*;

/// A document, and where its cards are: looking that up is no part of any measurement.
#[wasm_bindgen]
pub struct RawDocument {
    document: RefCell<Automerge>,
    cards: HashMap<String, ObjId>,
}

#[wasm_bindgen]
impl RawDocument {
    /// Loads a board's document.
    pub fn load(bytes: &[u8], actor: u8) -> Result<RawDocument, JsValue> {
        let mut document = Automerge::load(bytes).map_err(said)?;
        document.set_actor(ActorId::from([actor; 16]));
        let cards = match document.get(ROOT, "cards").map_err(said)? {
            Some((_, cards)) => {
                document.map_range(&cards, ..).map(|it| (it.key.to_string(), it.id())).collect()
            }
            None => HashMap::new(),
        };
        Ok(Self { document: RefCell::new(document), cards })
    }

    /// One `put` into a card, and commit.
    pub fn put(&self, card: &str, key: &str, value: &str) -> Result<(), JsValue> {
        let object = self.cards.get(card).ok_or("no such card")?;
        let options = CommitOptions::default().with_time(1_700_000_000);
        let mut document = self.document.borrow_mut();
        let written = document.transact_with(|()| options, |tx| tx.put(object, key, value));
        written.map(drop).map_err(|failure| said(failure.error))
    }

    /// Applies one change.
    pub fn apply(&self, change: Vec<u8>) -> Result<(), JsValue> {
        let change = Change::from_bytes(change).map_err(said)?;
        self.document.borrow_mut().apply_changes([change]).map_err(said)
    }
}

fn said(error: impl std::fmt::Display) -> JsValue {
    error.to_string().into()
}
