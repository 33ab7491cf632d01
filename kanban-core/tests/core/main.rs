//! The promises of the board model, one module each.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod bad_input;
mod batch;
mod dice;
mod expected;
mod fields;
mod going_back;
mod history;
mod import;
mod json;
mod order;
mod past;
mod scenarios;
mod scenarios_of_columns;
mod sentences;
mod team;
mod transfer;
mod trello;
mod undo;
mod undo_parts;
mod undo_together;
