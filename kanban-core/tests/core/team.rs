//! People with replicas of one board, for tests that read like the story they tell.

use kanban_core::*;
use std::fmt::Write;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// People who share a board and can be offline for as long as a test likes.
pub struct Team {
    people: Vec<Person>,
}

/// One person with a replica.
pub struct Person {
    pub name: &'static str,
    pub board: Board,
}

const NAMES: [&str; 3] = ["ana", "ben", "cleo"];

fn replica(name: &str, salt: u8) -> Replica {
    let mut actor = [salt; 16];
    for (place, byte) in actor.iter_mut().zip(name.bytes()) {
        *place = byte;
    }
    Replica::new(ActorId::from(actor)).by(name)
}

impl Team {
    /// Three people share a board written as `todo: write, review | done:`. Names are ids too.
    pub fn sharing(layout: &str) -> Self {
        let id = BoardId::parse("team").unwrap();
        let mut first =
            Person { name: NAMES[0], board: Board::create(replica(NAMES[0], 0), id, "Team", NOW) };
        for part in layout.split('|') {
            let (column, cards) = part.split_once(':').unwrap();
            first.creates_column(column.trim());
            for card in cards.split(',').map(str::trim).filter(|c| !c.is_empty()) {
                first.creates(card).at_the_end_of(column.trim());
            }
        }
        let bytes = first.board.save();
        let mut people = vec![first];
        for name in &NAMES[1..] {
            let board = Board::open(&bytes, replica(name, 0)).unwrap();
            people.push(Person { name, board });
        }
        Self { people }
    }

    /// Makes `who`'s Automerge counters run ahead, so that their writes win where Automerge
    /// decides.
    pub fn make_busy(&mut self, who: &str) {
        let person = self.person(who);
        for round in 0..40 {
            let name = format!("Team {round}");
            person.does(Command::RenameBoard { name });
        }
    }

    pub fn person(&mut self, name: &str) -> &mut Person {
        self.people.iter_mut().find(|p| p.name == name).unwrap()
    }

    pub fn ana(&mut self) -> &mut Person {
        self.person("ana")
    }

    pub fn ben(&mut self) -> &mut Person {
        self.person("ben")
    }

    pub fn cleo(&mut self) -> &mut Person {
        self.person("cleo")
    }

    /// Everybody gets everything, both ways; all see the same, also after saving and opening.
    pub fn sync(&mut self) {
        self.exchange(&[(0, 1), (1, 2), (2, 0), (0, 1)]);
        let first = &self.people[0];
        for other in &self.people[1..] {
            assert_eq!(first.board.heads(), other.board.heads());
            assert_eq!(first.board.view(), other.board.view());
        }
        for person in &self.people {
            let copy = Board::open(&person.board.save(), replica(person.name, 9)).unwrap();
            assert_eq!(copy.view(), person.board.view(), "{} reopened", person.name);
        }
    }

    /// Pairs merge both ways in this order, each delivery made twice and back to front.
    pub fn exchange(&mut self, pairs: &[(usize, usize)]) {
        for (a, b) in pairs {
            let of_a = self.people[*a].board.changes_since(&[]);
            let of_b = self.people[*b].board.changes_since(&[]);
            let deliver = |to: &mut Person, mut changes: Vec<Change>| {
                changes.reverse();
                to.board.receive(changes.clone()).unwrap();
                to.board.receive(changes).unwrap();
                assert!(to.board.missing().is_empty());
            };
            deliver(&mut self.people[*a], of_b);
            deliver(&mut self.people[*b], of_a);
        }
    }

    /// Everybody sees this board; see [`Person::sees`].
    pub fn all_see(&self, expected: &str) {
        for person in &self.people {
            assert_eq!(person.sees(), expected, "{}", person.name);
        }
    }

    /// Everybody sees the same one of these boards.
    pub fn all_see_one_of(&self, expected: &[&str]) {
        let seen = self.people[0].sees();
        assert!(expected.contains(&&*seen), "{seen}");
        self.all_see(&seen);
    }
}

impl Person {
    /// The board as text: `todo: write, review! | done: test?todo`. `!` marks what was deleted
    /// concurrently, `?` lists the other columns of a conflict, `~` a recovered column.
    pub fn sees(&self) -> String {
        let mut text = String::new();
        for column in self.board.view().columns {
            if !text.is_empty() {
                text.push_str(" | ");
            }
            let sign = if column.column.recovered { "~" } else { "" };
            let flag = if column.column.deleted_concurrently { "!" } else { "" };
            write!(text, "{sign}{}{flag}:", column.column.id).unwrap();
            for (index, card) in column.cards.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                let flag = if card.deleted_concurrently { "!" } else { "" };
                write!(text, "{comma} {}{flag}", card.id).unwrap();
                for other in &card.other_placements {
                    write!(text, "?{}", other.column).unwrap();
                }
            }
        }
        text
    }

    pub fn does(&mut self, command: Command) -> Applied {
        let applied = self.board.apply(&command, NOW);
        applied.unwrap_or_else(|error| panic!("{} cannot {command:?}: {error}", self.name))
    }

    /// Gives a command as JSON, the way it crosses to JavaScript.
    pub fn says(&mut self, command: serde_json::Value) -> Applied {
        self.does(serde_json::from_value(command).unwrap())
    }

    pub fn cannot(&mut self, command: Command) -> CommandError {
        let (heads, view) = (self.board.heads(), self.board.view());
        let error = self.board.apply(&command, NOW).expect_err("is refused");
        assert_eq!((heads, view), (self.board.heads(), self.board.view()));
        error
    }

    pub fn card(&self, card: &str) -> &Card {
        self.board.card(&id(card)).unwrap()
    }

    pub fn column(&self, column: &str) -> &Column {
        self.board.column(&column_id(column)).unwrap()
    }

    pub fn creates_column(&mut self, column: &str) {
        self.does(Command::CreateColumn {
            column: column_id(column),
            name: column.into(),
            at: Slot::Last,
        });
    }

    pub fn creates<'a>(&'a mut self, card: &'a str) -> Placing<'a> {
        Placing { person: self, card, is_new: true }
    }

    pub fn moves<'a>(&'a mut self, card: &'a str) -> Placing<'a> {
        Placing { person: self, card, is_new: false }
    }

    pub fn renames(&mut self, card: &str, title: &str) {
        self.does(Command::RenameCard { card: id(card), title: title.into() });
    }

    pub fn describes(&mut self, card: &str, text: &str) {
        self.does(Command::SetDescription { card: id(card), text: text.into() });
    }

    pub fn deletes(&mut self, card: &str) {
        self.does(Command::DeleteCard { card: id(card) });
    }

    pub fn restores(&mut self, card: &str) {
        self.does(Command::RestoreCard { card: id(card) });
    }

    pub fn keeps(&mut self, card: &str) {
        self.does(Command::KeepCard { card: id(card) });
    }

    pub fn archives(&mut self, card: &str) {
        self.does(Command::ArchiveCard { card: id(card) });
    }

    /// Decides for the concurrent placement in `column`.
    pub fn picks(&mut self, card: &str, column: &str) {
        if self.card(card).column.as_str() == column {
            self.does(Command::KeepCardPlacement { card: id(card) });
            return;
        }
        let others = &self.card(card).other_placements;
        let placement = others.iter().find(|other| other.column.as_str() == column);
        let placement = placement.expect("that column is a choice").clone();
        self.does(Command::PickCardPlacement { card: id(card), placement });
    }

    pub fn sorts(&mut self, column: &str) {
        self.does(Command::SortCards { column: column_id(column), by: SortBy::Title });
    }

    pub fn deletes_column(&mut self, column: &str, cards: Option<ColumnCards>) {
        self.does(Command::DeleteColumn { column: column_id(column), cards });
    }

    pub fn moves_column(&mut self, column: &str, to: Slot<ColumnId>) {
        self.does(Command::MoveColumn { column: column_id(column), to });
    }
}

/// A card on its way to a place.
pub struct Placing<'a> {
    person: &'a mut Person,
    card: &'a str,
    is_new: bool,
}

impl Placing<'_> {
    pub fn to(self, column: &str) {
        self.at_the_end_of(column);
    }

    pub fn at_the_end_of(self, column: &str) {
        self.put(column, Slot::Last);
    }

    pub fn at_the_top_of(self, column: &str) {
        self.put(column, Slot::First);
    }

    pub fn before(self, anchor: &str) {
        let column = self.person.card(anchor).column.clone();
        self.put(column.as_str(), Slot::Before(id(anchor)));
    }

    pub fn after(self, anchor: &str) {
        let column = self.person.card(anchor).column.clone();
        self.put(column.as_str(), Slot::After(id(anchor)));
    }

    fn put(self, column: &str, slot: Slot<CardId>) {
        let (card, column) = (id(self.card), column_id(column));
        self.person.does(match self.is_new {
            false => Command::MoveCard { card, column, to: slot },
            true => Command::CreateCard {
                card,
                column,
                at: slot,
                title: self.card.into(),
                description: String::new(),
            },
        });
    }
}

pub fn id(card: &str) -> CardId {
    CardId::parse(card).unwrap()
}

pub fn column_id(column: &str) -> ColumnId {
    ColumnId::parse(column).unwrap()
}

pub fn to(column: &str) -> Option<ColumnCards> {
    Some(ColumnCards::MoveTo(column_id(column)))
}
