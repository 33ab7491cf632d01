//! One board and one workload in three libraries: this project's, Loro and yrs.
//!
//! Each [`Contender`] is a board as somebody who knows that library would write it, with a read
//! model where the library itself cannot list a column. `benches/README.md` has the table, and says
//! what was chosen for whom.

mod loro_tree;
mod ours;
mod reference;
mod yrs_map;

pub use loro_tree::LoroBoard;
pub use ours::OurBoard;
pub use reference::{Draft, DraftCard, DraftColumn, LARGE, LARGE_PLAIN, Reference, SMALL, Size};
pub use yrs_map::YrsBoard;

use std::fmt::Debug;
use std::sync::Arc;

/// What the libraries themselves call the n-th card and the n-th column.
#[derive(Debug)]
pub struct Names<Card, Column> {
    /// By card number.
    pub cards: Vec<Card>,
    /// By column number.
    pub columns: Vec<Column>,
}

/// The names of a contender's cards and columns.
pub type NamesOf<C> = Arc<Names<<C as Contender>::Card, <C as Contender>::Column>>;

/// What can be drawn: the visible columns from left to right.
pub type Drawing = Vec<DrawnColumn>;

/// A column to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnColumn {
    /// Its name.
    pub name: String,
    /// Its cards, top to bottom.
    pub cards: Vec<DrawnCard>,
}

/// A card to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnCard {
    /// Its title.
    pub title: String,
    /// Its labels, sorted.
    pub labels: Vec<String>,
}

/// A board on one replica.
pub trait Contender: Sized {
    /// As in the table's head.
    const NAME: &'static str;
    /// What it calls a card.
    type Card: Clone + Eq + Debug + 'static;
    /// What it calls a column.
    type Column: Clone + Debug + 'static;
    /// What a replica knows.
    type Version;

    /// Writes a whole board.
    fn import(draft: &Draft) -> Self;
    /// Opens a saved board as a replica of that number.
    fn open(bytes: &[u8], replica: u8, names: &NamesOf<Self>) -> Self;
    /// The whole board with its history, as far as the library keeps it.
    fn save(&self) -> Vec<u8>;
    /// The names that [`open`](Self::open) wants.
    fn names(&self) -> &NamesOf<Self>;

    /// Everything that a screen needs.
    fn draw(&self) -> Drawing;
    /// The cards of a column, top to bottom.
    fn order(&self, column: usize) -> Vec<Self::Card>;

    /// Moves a card to the end of a column.
    fn move_to_end(&mut self, card: usize, column: usize);
    /// Creates a card at the end of a column; `number` is not used by any other card.
    fn create(&mut self, number: u64, column: usize, title: &str);
    /// Gives a card a new title.
    fn rename(&mut self, card: usize, title: &str);
    /// Deletes a card.
    fn delete(&mut self, card: usize);
    /// Deletes a column and the cards seen in it.
    fn delete_column(&mut self, column: usize);

    /// What this replica knows.
    fn version(&self) -> Self::Version;
    /// What a replica of that version lacks, to catch up after being offline.
    fn since(&self, version: &Self::Version) -> Vec<Vec<u8>>;
    /// What is sent to people who saw everything before the last step.
    fn last_step(&self, before: &Self::Version) -> Vec<Vec<u8>> {
        self.since(before)
    }
    /// Applies updates.
    fn receive(&mut self, updates: &[Vec<u8>]);
}

/// A board that itself decides what stands between two cards. With yrs that is up to whoever makes
/// the keys.
pub trait Between: Contender {
    /// Moves a card directly below another one of a column.
    fn move_below(&mut self, card: usize, above: usize, column: usize);
}
