//! A seeded simulation of people with one board who work apart, checked against a causal oracle.
//!
//! The oracle ([`history`]) knows only who had seen what when they did something; it shares no code
//! with `kanban-core`, and every rule in it is one question. [`place`] works out anew, by the letter
//! of the merge rules, what a board's registers say. [`world`] looks at every promise after every
//! step; [`run`] draws a script from a seed and [`shrink`] cuts a failing one down.
//!
//! [`network`] is another simulation: not of what people want, but of what lies between them.

pub mod acts;
pub mod broken;
pub mod check;
pub mod command;
pub mod events;
pub mod exhaustive;
pub mod expect;
pub mod fate;
pub mod fields;
pub mod history;
pub mod network;
pub mod place;
pub mod promise;
pub mod random;
pub mod raw;
pub mod run;
pub mod script;
pub mod shrink;
pub mod sight;
pub mod slot;
pub mod step;
pub mod tally;
pub mod undo;
pub mod world;

pub use broken::Broken;
pub use run::{Campaign, Failure, Run, run_seed};
pub use script::Habits;
pub use tally::Tally;
