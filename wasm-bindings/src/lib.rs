//! `kanban-core` for JavaScript: the thinnest layer that a page can use.
//!
//! Plain values cross as JSON, which browsers parse faster than objects can be built field by
//! field; documents and changes cross as bytes. Every export takes `&self`, so that a call from
//! inside a callback finds the board usable.

mod board;
mod client;

use board::JsonBoard;
use client::{ClientOutput, JsonClient};
use std::cell::RefCell;
use sync_protocol::client::Input;
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

/// A board with its connection to a relay.
///
/// It decides, and the page does: after every call the page asks `pollOutput` until there is
/// nothing, then sets a timer for `nextTimeout`, and calls `tick` when that has come. All times are
/// milliseconds since 1970 by a clock that never runs backwards.
#[wasm_bindgen(js_name = BoardClient)]
pub struct WasmBoardClient(RefCell<JsonClient>);

#[wasm_bindgen(js_class = BoardClient)]
impl WasmBoardClient {
    /// Makes a new board at an address from `newDocumentUrl`. `actor` is 16 random bytes, drawn
    /// anew for every tab and every load; `seed` is a random number.
    pub fn create(
        url: &str,
        name: &str,
        actor: &[u8],
        author: Option<String>,
        seed: u32,
        now: f64,
    ) -> Result<WasmBoardClient, JsError> {
        let client = JsonClient::create(url, name, actor, author.as_deref(), seed, now)?;
        Ok(Self(RefCell::new(client)))
    }

    /// Opens the board at an address; `view` has it once it has arrived. `actor` and `seed` as in
    /// `create`.
    pub fn join(
        url: &str,
        actor: &[u8],
        author: Option<String>,
        seed: u32,
    ) -> Result<WasmBoardClient, JsError> {
        let client = JsonClient::join(url, actor, author.as_deref(), seed)?;
        Ok(Self(RefCell::new(client)))
    }

    /// Carries out a command, given as JSON, and returns the events as JSON.
    pub fn apply(&self, command: &str, now: f64) -> Result<String, JsError> {
        Ok(self.0.borrow_mut().apply(command, now)?)
    }

    /// The network is back, or a person asks: dials at once. The first call dials first.
    pub fn reconnect(&self, now: f64) {
        self.0.borrow_mut().handle(Input::Reconnect, now);
    }

    /// The socket that `dial` asked for is open.
    pub fn opened(&self, now: f64) {
        self.0.borrow_mut().handle(Input::Opened, now);
    }

    /// A binary frame came.
    pub fn frame(&self, bytes: &[u8], now: f64) {
        self.0.borrow_mut().handle(Input::Frame(bytes), now);
    }

    /// The socket closed, or could not be opened.
    pub fn closed(&self, now: f64) {
        self.0.borrow_mut().handle(Input::Closed, now);
    }

    /// The time of `nextTimeout` has come.
    pub fn tick(&self, now: f64) {
        self.0.borrow_mut().handle(Input::Tick, now);
    }

    /// Ends the connection for good.
    pub fn stop(&self, now: f64) {
        self.0.borrow_mut().handle(Input::Stop, now);
    }

    /// Shows the relay a newer token on the connection that is open, so that it goes on when the one
    /// before ends; `false` if there is no connection.
    #[wasm_bindgen(js_name = showToken)]
    pub fn show_token(&self, token: &str) -> bool {
        self.0.borrow_mut().show_token(token)
    }

    /// What to do next: bytes are a frame to send; a string is JSON whose `type` is `dial`,
    /// `hangUp`, `statusChanged`, `boardArrived` or `received` (with its `events`).
    #[wasm_bindgen(js_name = pollOutput)]
    pub fn poll_output(&self) -> Result<JsValue, JsError> {
        Ok(match self.0.borrow_mut().poll_output()? {
            None => JsValue::UNDEFINED,
            Some(ClientOutput::Frame(frame)) => js_sys::Uint8Array::from(&frame[..]).into(),
            Some(ClientOutput::Json(json)) => json.into(),
        })
    }

    /// When to call `tick`.
    #[wasm_bindgen(js_name = nextTimeout)]
    pub fn next_timeout(&self) -> Option<f64> {
        self.0.borrow().next_timeout()
    }

    /// The whole board as JSON; `undefined` until it has arrived.
    pub fn view(&self) -> Result<Option<String>, JsError> {
        Ok(self.0.borrow().view()?)
    }

    /// The state of the connection and of saving, as JSON.
    pub fn status(&self) -> String {
        self.0.borrow().status()
    }

    /// What this replica knows, as hexadecimal hashes.
    pub fn heads(&self) -> Vec<String> {
        self.0.borrow().heads()
    }
}

/// The address of a new document, out of 16 random bytes.
#[wasm_bindgen(js_name = newDocumentUrl)]
pub fn new_document_url(entropy: &[u8]) -> Result<String, JsError> {
    Ok(client::new_document_url(entropy)?)
}
