//! Questions about a board: which cards, grouped how, and how many. Nothing here changes a board.
//!
//! Each is answered on a [`BoardView`](crate::BoardView), so that it can be asked of any board one
//! can write down; the methods of [`Board`](crate::Board) ask it of the view of this moment.

mod counts;
mod due;
mod filter;
mod find;
mod fold;
mod swimlanes;
mod text;

#[cfg(test)]
mod compared;
#[cfg(test)]
pub(crate) mod samples;

pub(crate) use find::{Sieve, cards};
pub(crate) use fold::{fold, is_invisible};

pub use counts::ColumnCounts;
pub use due::{DueGroup, DueIs};
pub use filter::{Filter, Scope};
pub use swimlanes::{Group, GroupBy, Swimlane};
pub use text::{TextMatch, TextPart};
