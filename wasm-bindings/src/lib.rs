//! `kanban-core` for JavaScript: the thinnest layer that a page can use.
//!
//! Plain values cross as JSON, which browsers parse faster than objects can be built field by
//! field; documents and changes cross as bytes. Every export takes `&self`, so that a call from
//! inside a callback finds the board usable.

mod board;

use board::JsonBoard;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// A board in JavaScript. Offsets into texts count UTF-16 units, as JavaScript strings do.
#[wasm_bindgen(js_name = Board)]
pub struct WasmBoard(RefCell<JsonBoard>);

#[wasm_bindgen(js_class = Board)]
impl WasmBoard {
    /// Makes a new board. `actor` is 16 random bytes, drawn anew for every tab and every load;
    /// `now` is in milliseconds since 1970.
    pub fn create(
        id: &str,
        name: &str,
        actor: &[u8],
        author: Option<String>,
        now: f64,
    ) -> Result<WasmBoard, JsError> {
        let board = JsonBoard::create(id, name, actor, author.as_deref(), now)?;
        Ok(Self(RefCell::new(board)))
    }

    /// Opens a saved board. `actor` as in `create`.
    pub fn open(bytes: &[u8], actor: &[u8], author: Option<String>) -> Result<WasmBoard, JsError> {
        let board = JsonBoard::open(bytes, actor, author.as_deref())?;
        Ok(Self(RefCell::new(board)))
    }

    /// Carries out a command, given as JSON, and returns the events as JSON.
    pub fn apply(&self, command: &str, now: f64) -> Result<String, JsError> {
        Ok(self.0.borrow_mut().apply(command, now)?)
    }

    /// Applies changes from another replica, given as the bytes of whole changes one after
    /// another, and returns the events as JSON.
    pub fn receive(&self, changes: Vec<js_sys::Uint8Array>) -> Result<String, JsError> {
        let changes: Vec<Vec<u8>> = changes.iter().map(js_sys::Uint8Array::to_vec).collect();
        Ok(self.0.borrow_mut().receive(changes)?)
    }

    /// The whole board as JSON.
    pub fn view(&self) -> Result<String, JsError> {
        Ok(self.0.borrow().view()?)
    }

    /// The whole board as bytes.
    pub fn save(&self) -> Vec<u8> {
        self.0.borrow().save()
    }

    /// What this replica knows, as hexadecimal hashes.
    pub fn heads(&self) -> Vec<String> {
        self.0.borrow().heads()
    }

    /// The changes that a replica with these heads lacks, each as bytes.
    #[wasm_bindgen(js_name = changesSince)]
    pub fn changes_since(&self, heads: Vec<String>) -> Result<Vec<js_sys::Uint8Array>, JsError> {
        let changes = self.0.borrow().changes_since(&heads)?;
        Ok(changes.iter().map(|bytes| js_sys::Uint8Array::from(&bytes[..])).collect())
    }
}
