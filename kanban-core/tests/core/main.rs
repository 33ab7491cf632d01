//! The promises of the board model, one module each.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod bad_input;
mod import;
mod order;
mod scenarios;
mod team;
mod undo;
