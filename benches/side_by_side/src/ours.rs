//! `kanban-core`, used as its documentation says.

use crate::reference::card_entropy;
use crate::{Between, Contender, Draft, Drawing, DrawnCard, DrawnColumn, Names, NamesOf};
use kanban_core::{
    Board, BoardDraft, BoardId, CardDraft, CardId, ChangeHash, ColumnCards, ColumnDraft, ColumnId,
    Command, LabelId, Replica, Slot, Timestamp,
};
use std::hint::black_box;
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// A `kanban-core` board.
#[derive(Debug)]
pub struct OurBoard {
    /// The board itself.
    pub board: Board,
    names: NamesOf<Self>,
}

impl OurBoard {
    /// What [`Board::from_draft`] takes.
    pub fn draft(draft: &Draft) -> BoardDraft {
        let columns = draft.columns.iter().map(|column| {
            let id = ColumnId::from_entropy(column.entropy);
            let mut drawn = ColumnDraft::new(id, column.name.clone());
            drawn.cards = column.cards.iter().map(card_draft).collect();
            drawn
        });
        let mut board = BoardDraft::new("reference");
        board.columns = columns.collect();
        board
    }

    /// Writes a board.
    pub fn write(draft: &BoardDraft) -> Board {
        let id = BoardId::parse("reference").expect("an id");
        Board::from_draft(replica(2), id, draft, NOW).expect("a draft")
    }

    fn card(&self, card: usize) -> CardId {
        self.names.cards.get(card).expect("a card").clone()
    }

    fn column(&self, column: usize) -> ColumnId {
        self.names.columns.get(column).expect("a column").clone()
    }

    fn apply(&mut self, command: &Command) {
        black_box(self.board.apply(command, NOW).expect("makes sense"));
    }
}

fn card_draft(card: &crate::DraftCard) -> CardDraft {
    let mut draft = CardDraft::new(CardId::from_entropy(card.entropy), card.title.clone());
    draft.description.clone_from(&card.description);
    let label = |label: &String| LabelId::parse(label).expect("an id");
    draft.labels = card.labels.iter().map(label).collect();
    draft
}

fn replica(number: u8) -> Replica {
    Replica::from_entropy([number; 16]).by("bench")
}

impl Contender for OurBoard {
    const NAME: &'static str = "kanban-core";
    type Card = CardId;
    type Column = ColumnId;
    type Version = Vec<ChangeHash>;

    fn import(draft: &Draft) -> Self {
        let cards = draft.columns.iter().flat_map(|column| &column.cards);
        let names = Names {
            cards: cards.map(|card| CardId::from_entropy(card.entropy)).collect(),
            columns: draft.columns.iter().map(|c| ColumnId::from_entropy(c.entropy)).collect(),
        };
        Self { board: Self::write(&Self::draft(draft)), names: Arc::new(names) }
    }

    fn open(bytes: &[u8], number: u8, names: &NamesOf<Self>) -> Self {
        let board = Board::open(bytes, replica(number)).expect("opens");
        Self { board, names: names.clone() }
    }

    fn save(&self) -> Vec<u8> {
        self.board.save()
    }

    fn names(&self) -> &NamesOf<Self> {
        &self.names
    }

    fn draw(&self) -> Drawing {
        let columns = self.board.view().columns.into_iter().map(|column| DrawnColumn {
            name: column.column.name.clone(),
            cards: column
                .cards
                .iter()
                .map(|card| DrawnCard {
                    title: card.title.clone(),
                    labels: card.labels.iter().map(ToString::to_string).collect(),
                })
                .collect(),
        });
        columns.collect()
    }

    fn order(&self, column: usize) -> Vec<CardId> {
        let column = self.column(column);
        self.board.cards_in(&column).map(|card| card.id.clone()).collect()
    }

    fn move_to_end(&mut self, card: usize, column: usize) {
        let (card, column) = (self.card(card), self.column(column));
        self.apply(&Command::MoveCard { card, column, to: Slot::Last });
    }

    fn create(&mut self, number: u64, column: usize, title: &str) {
        self.apply(&Command::CreateCard {
            card: CardId::from_entropy(card_entropy(number)),
            column: self.column(column),
            at: Slot::Last,
            title: title.to_owned(),
            description: String::new(),
        });
    }

    fn rename(&mut self, card: usize, title: &str) {
        let card = self.card(card);
        self.apply(&Command::RenameCard { card, title: title.to_owned() });
    }

    fn delete(&mut self, card: usize) {
        let card = self.card(card);
        self.apply(&Command::DeleteCard { card });
    }

    fn delete_column(&mut self, column: usize) {
        let column = self.column(column);
        self.apply(&Command::DeleteColumn { column, cards: Some(ColumnCards::Delete) });
    }

    fn version(&self) -> Vec<ChangeHash> {
        self.board.heads()
    }

    fn since(&self, version: &Vec<ChangeHash>) -> Vec<Vec<u8>> {
        let changes = self.board.changes_since(version);
        changes.iter().map(|change| change.raw_bytes().to_vec()).collect()
    }

    fn receive(&mut self, updates: &[Vec<u8>]) {
        black_box(self.board.receive_bytes(updates).expect("merges"));
    }
}

impl Between for OurBoard {
    fn move_below(&mut self, card: usize, above: usize, column: usize) {
        let to = Slot::After(self.card(above));
        let (card, column) = (self.card(card), self.column(column));
        self.apply(&Command::MoveCard { card, column, to });
    }
}
