//! `kanban-core` and its client for JavaScript: the thinnest layer that the npm package can use.
//!
//! Plain values cross as JSON, which browsers parse faster than objects can be built field by
//! field; documents and changes cross as bytes. Every export takes `&self`, so that a call from
//! inside a callback finds the board usable. Nothing here calls JavaScript.

mod ask;
mod client;
mod error;
mod message;
mod patch;
#[cfg(feature = "raw")]
mod raw;
#[cfg(feature = "typescript")]
pub mod typescript;

use client::{Chunk, ClientOutput, Identity, JsonClient};
use error::CallError;
use std::cell::RefCell;
use sync_protocol::client::Input;
use wasm_bindgen::prelude::*;

thread_local! {
    /// What the last panic said: the trap that follows it says nothing.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Has panics leave their words behind. Call it once, before anything else.
#[wasm_bindgen(js_name = keepPanics)]
pub fn keep_panics() {
    std::panic::set_hook(Box::new(|info| {
        let words = info.to_string();
        PANIC.with(|panic| panic.replace(Some(words)));
    }));
}

/// What the last panic said, if there was one.
#[wasm_bindgen(js_name = lastPanic)]
pub fn last_panic() -> Option<String> {
    PANIC.with(|panic| panic.borrow().clone())
}

/// A board with its connection to a relay.
///
/// It decides, and the package does: after every call it asks `pollOutput` until there is nothing,
/// then sets a timer for `nextTimeout`, and calls `tick` when that has come. All times are
/// milliseconds since 1970 by a clock that never runs backwards.
#[wasm_bindgen(js_name = BoardClient)]
pub struct WasmBoardClient(RefCell<JsonClient>);

#[wasm_bindgen(js_class = BoardClient)]
impl WasmBoardClient {
    /// Makes a new board at an address from `newDocumentUrl`, of `content` as JSON. `actor` is 16
    /// random bytes, drawn anew for every tab and every load; `seed` is a random number.
    pub fn create(
        url: &str,
        content: &str,
        actor: &[u8],
        author: Option<String>,
        seed: u32,
        now: f64,
    ) -> Result<WasmBoardClient, JsValue> {
        let who = Identity { actor, author: author.as_deref(), seed };
        built(JsonClient::create(url, content, who, now))
    }

    /// Opens a board that was stored: all its chunks, one after another. `actor` and `seed` as in
    /// `create`.
    pub fn open(
        url: &str,
        bytes: &[u8],
        resume: Option<Vec<u8>>,
        actor: &[u8],
        author: Option<String>,
        seed: u32,
    ) -> Result<WasmBoardClient, JsValue> {
        let who = Identity { actor, author: author.as_deref(), seed };
        built(JsonClient::open(url, bytes, resume.as_deref(), who))
    }

    /// Opens the board at an address; `view` has it once it has arrived. `actor` and `seed` as in
    /// `create`.
    pub fn join(
        url: &str,
        actor: &[u8],
        author: Option<String>,
        seed: u32,
    ) -> Result<WasmBoardClient, JsValue> {
        built(JsonClient::join(url, Identity { actor, author: author.as_deref(), seed }))
    }

    /// What an import could not take over, as JSON.
    #[wasm_bindgen(js_name = importReport)]
    pub fn import_report(&self) -> Option<String> {
        self.0.borrow().import_report()
    }

    /// Changes the board as JSON says, and answers in JSON.
    pub fn edit(&self, edit: &str, now: f64) -> Result<String, JsValue> {
        self.0.borrow_mut().edit(edit, now).map_err(thrown)
    }

    /// Answers a question, both as JSON.
    pub fn ask(&self, question: &str) -> Result<String, JsValue> {
        self.0.borrow().ask(question).map_err(thrown)
    }

    /// Takes changes that another tab has made and stored, each as bytes; the events as JSON.
    pub fn receive(&self, changes: Vec<js_sys::Uint8Array>) -> Result<String, JsValue> {
        let changes = changes.iter().map(js_sys::Uint8Array::to_vec).collect();
        self.0.borrow_mut().receive(changes).map_err(thrown)
    }

    /// What is to be stored since this was asked last: names and bytes by turns.
    #[wasm_bindgen(js_name = takeUnstored)]
    pub fn take_unstored(&self) -> Vec<JsValue> {
        self.0.borrow_mut().take_unstored().into_iter().flat_map(crossing).collect()
    }

    /// The whole board: a name and bytes.
    pub fn snapshot(&self) -> Vec<JsValue> {
        self.0.borrow().snapshot().into_iter().flat_map(crossing).collect()
    }

    /// What to keep beside the board.
    pub fn resume(&self) -> Vec<u8> {
        self.0.borrow().resume()
    }

    /// Everything that was unstored is stored now.
    pub fn changed(&self, now: f64) {
        self.0.borrow_mut().handle(Input::Changed, now);
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

    /// Shows a JSON object to everybody who has the board open, or nothing.
    pub fn show(&self, shown: Option<String>, now: f64) -> Result<(), JsValue> {
        self.0.borrow_mut().show(shown.as_deref(), now).map_err(thrown)
    }

    /// Who else has the board open and shows it, as JSON: a list of `peer` and `presence`.
    pub fn others(&self) -> String {
        self.0.borrow().others()
    }

    /// Shows the relay a newer token on the connection that is open, so that it goes on when the one
    /// before ends; `false` if there is no connection.
    #[wasm_bindgen(js_name = showToken)]
    pub fn show_token(&self, token: &str) -> bool {
        self.0.borrow_mut().show_token(token)
    }

    /// What to do next: bytes are a frame to send; a string is JSON whose `type` is `dial`,
    /// `hangUp`, `statusChanged`, `boardArrived`, `presenceChanged` or `received` (with its `events`).
    #[wasm_bindgen(js_name = pollOutput)]
    pub fn poll_output(&self) -> Result<JsValue, JsValue> {
        Ok(match self.0.borrow_mut().poll_output().map_err(thrown)? {
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
    pub fn view(&self) -> Result<Option<String>, JsValue> {
        self.0.borrow_mut().view().map_err(thrown)
    }

    /// What has changed since the last view or patch, as JSON; `undefined` if nothing has.
    #[wasm_bindgen(js_name = takePatch)]
    pub fn take_patch(&self) -> Result<Option<String>, JsValue> {
        self.0.borrow_mut().take_patch().map_err(thrown)
    }

    /// The state of the connection and of saving, as JSON.
    pub fn status(&self) -> String {
        self.0.borrow().status()
    }
}

/// The address of a new document, out of 16 random bytes.
#[wasm_bindgen(js_name = newDocumentUrl)]
pub fn new_document_url(entropy: &[u8]) -> Result<String, JsValue> {
    client::new_document_url(entropy).map_err(thrown)
}

fn built(client: Result<JsonClient, CallError>) -> Result<WasmBoardClient, JsValue> {
    client.map(|client| WasmBoardClient(RefCell::new(client))).map_err(thrown)
}

fn crossing(chunk: Chunk) -> [JsValue; 2] {
    [chunk.key.into(), js_sys::Uint8Array::from(&chunk.bytes[..]).into()]
}

/// An `Error` with `code` and `reason`.
fn thrown(error: CallError) -> JsValue {
    let thrown = js_sys::Error::new(&sync_protocol::sentence(&error));
    let fields = [("code", Some(error.code().to_owned())), ("reason", error.reason())];
    for (name, value) in fields {
        // It is a plain object of ours: setting a field of it cannot fail.
        _ = js_sys::Reflect::set(&thrown, &name.into(), &value.into());
    }
    thrown.into()
}
