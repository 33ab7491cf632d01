//! The reference boards, in plain values: those of `benches/README.md`.

use crate::{Contender, NamesOf};

/// How large a reference board is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// As in the table.
    pub name: &'static str,
    /// How many cards.
    pub cards: usize,
    /// In how many columns.
    pub columns: usize,
    /// Whether every other card has a description of 120 characters.
    pub descriptions: bool,
}

/// 1,000 cards. Without descriptions, unlike the board of that name in `board_commands`: texts
/// would be compared here, not boards.
pub const SMALL: Size =
    Size { name: "small-plain", cards: 1_000, columns: 10, descriptions: false };
/// 10,000 cards.
pub const LARGE_PLAIN: Size =
    Size { name: "large-plain", cards: 10_000, columns: 50, descriptions: false };
/// 10,000 cards, half of them described. Only ours writes the descriptions.
pub const LARGE: Size = Size { name: "large", cards: 10_000, columns: 50, descriptions: true };

/// A board to write.
#[derive(Debug)]
pub struct Draft {
    /// Left to right.
    pub columns: Vec<DraftColumn>,
}

/// A column to write.
#[derive(Debug)]
pub struct DraftColumn {
    /// As long as a real id.
    pub entropy: [u8; 16],
    /// Its name.
    pub name: String,
    /// Top to bottom.
    pub cards: Vec<DraftCard>,
}

/// A card to write.
#[derive(Debug)]
pub struct DraftCard {
    /// As long as a real id.
    pub entropy: [u8; 16],
    /// 30 characters.
    pub title: String,
    /// 120 characters, or none.
    pub description: String,
    /// Two of 13.
    pub labels: [String; 2],
}

impl Draft {
    /// The board of that size.
    pub fn of(size: &Size) -> Self {
        let per_column = size.cards / size.columns;
        let columns = (0..size.columns).map(|column| DraftColumn {
            entropy: entropy(column as u64, 2),
            name: format!("Column {column}"),
            cards: (0..per_column).map(|row| card(size, column * per_column + row)).collect(),
        });
        Self { columns: columns.collect() }
    }
}

fn card(size: &Size, number: usize) -> DraftCard {
    let described = size.descriptions && number.is_multiple_of(2);
    let number = number as u64;
    DraftCard {
        entropy: card_entropy(number),
        title: words(number, 30),
        description: if described { words(number, 120) } else { String::new() },
        labels: [number % 8, number % 5 + 8].map(|label| format!("label-{label:010}")),
    }
}

/// A saved reference board: every card was moved once since it was written.
#[derive(Debug)]
pub struct Reference<C: Contender> {
    /// Saved.
    pub bytes: Vec<u8>,
    /// For opening it.
    pub names: NamesOf<C>,
    size: Size,
}

impl<C: Contender> Reference<C> {
    /// Writes the board, moves every card once and saves it.
    pub fn build(size: &Size) -> Self {
        let mut board = C::import(&Draft::of(size));
        for card in 0..size.cards {
            board.move_to_end(card, (card * 7 + 1) % size.columns);
        }
        Self { bytes: board.save(), names: board.names().clone(), size: *size }
    }

    /// The board as a user has it: opened, and drawn once, which is when Loro decodes what it
    /// opened.
    pub fn open(&self, replica: u8) -> C {
        let board = C::open(&self.bytes, replica, &self.names);
        drop(board.draw());
        board
    }

    /// The n-th card to drag and the column to drop it in.
    pub fn drag(&self, number: usize) -> (usize, usize) {
        (number * 7 % self.size.cards, (number * 3 + 1) % self.size.columns)
    }

    /// The n-th column.
    pub fn column(&self, number: usize) -> usize {
        number % self.size.columns
    }
}

/// The bytes of the n-th card's id.
pub(crate) fn card_entropy(number: u64) -> [u8; 16] {
    entropy(number, 1)
}

fn entropy(number: u64, kind: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    let (low, high) = bytes.split_at_mut(8);
    low.copy_from_slice(&mixed(number * 3 + kind).to_le_bytes());
    high.copy_from_slice(&mixed(number * 5 + kind).to_le_bytes());
    bytes
}

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014), the output mix.
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn words(seed: u64, chars: usize) -> String {
    const WORDS: [&str; 16] = [
        "write", "docs", "fix", "login", "page", "after", "update", "of", "the", "relay", "test",
        "sync", "when", "tab", "sleeps", "again",
    ];
    let mut text = String::new();
    let mut state = mixed(seed + 1);
    while text.len() < chars {
        text.push_str(WORDS.get((state % 16) as usize).copied().unwrap_or("x"));
        text.push(' ');
        state = mixed(state);
    }
    text.truncate(chars);
    text
}
