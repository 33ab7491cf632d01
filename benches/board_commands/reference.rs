//! The reference boards, the same for every benchmark of the project.

use kanban_core::{
    Board, BoardDraft, BoardId, CardDraft, CardId, ColumnDraft, ColumnId, Command, LabelId,
    Replica, Slot, Timestamp,
};

pub const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// How large a reference board is.
pub struct Size {
    pub name: &'static str,
    cards: u64,
    columns: u64,
    descriptions: bool,
}

pub const SMALL: Size = Size { name: "small", cards: 1_000, columns: 10, descriptions: true };
pub const LARGE: Size = Size { name: "large", cards: 10_000, columns: 50, descriptions: true };
pub const LARGE_PLAIN: Size =
    Size { name: "large-plain", cards: 10_000, columns: 50, descriptions: false };

/// A board of that size: titles of 30 characters, descriptions of 120 on half of the cards, two
/// labels, and one move of history per card.
pub struct Reference {
    pub name: &'static str,
    pub draft: BoardDraft,
    pub board: Board,
    pub bytes: Vec<u8>,
    pub cards_in_first_column: Vec<CardId>,
    cards: u64,
    columns: u64,
}

impl Reference {
    pub fn build(size: &Size) -> Self {
        let draft = draft(size);
        let mut board = import(&draft);
        for number in 0..size.cards {
            let command = Command::MoveCard {
                card: card_id(number),
                column: column_id((number * 7 + 1) % size.columns),
                to: Slot::Last,
            };
            board.apply(&command, NOW).expect("moves");
        }
        let bytes = board.save();
        // Opened, so that it stands in memory as a user's board does.
        let board = Board::open(&bytes, replica(1)).expect("opens");
        let first = board.cards_in(&column_id(0)).map(|card| card.id.clone());
        Self {
            name: size.name,
            cards_in_first_column: first.collect(),
            cards: size.cards,
            columns: size.columns,
            draft,
            board,
            bytes,
        }
    }

    pub fn import(&self) -> Board {
        import(&self.draft)
    }

    pub fn card(&self, number: u64) -> CardId {
        card_id(number % self.cards)
    }

    pub fn column(&self, number: u64) -> ColumnId {
        column_id(number % self.columns)
    }
}

fn import(draft: &BoardDraft) -> Board {
    let id = BoardId::parse("reference").expect("an id");
    Board::from_draft(replica(2), id, draft, NOW).expect("a draft")
}

fn draft(size: &Size) -> BoardDraft {
    let per_column = size.cards / size.columns;
    let columns = (0..size.columns).map(|column| {
        let mut draft = ColumnDraft::new(column_id(column), format!("Column {column}"));
        draft.cards = (0..per_column).map(|row| card(size, column * per_column + row)).collect();
        draft
    });
    let mut draft = BoardDraft::new(size.name);
    draft.columns = columns.collect();
    draft
}

fn card(size: &Size, number: u64) -> CardDraft {
    let described = size.descriptions && number.is_multiple_of(2);
    let mut draft = CardDraft::new(card_id(number), title(number));
    draft.description = if described { words(number, 120) } else { String::new() };
    draft.labels = vec![label_id(number % 8), label_id(number % 5 + 8)];
    draft
}

pub fn replica(number: u8) -> Replica {
    Replica::from_entropy([number; 16]).by("bench")
}

/// Ids as long as real ones.
pub fn card_id(number: u64) -> CardId {
    CardId::from_entropy(entropy(number, 1))
}

fn column_id(number: u64) -> ColumnId {
    ColumnId::from_entropy(entropy(number, 2))
}

fn label_id(number: u64) -> LabelId {
    LabelId::from_entropy(entropy(number, 3))
}

/// Text of 30 characters, like a title.
pub fn title(number: u64) -> String {
    words(number, 30)
}

pub fn base62(number: u64) -> String {
    format!("V{number:x}1")
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
