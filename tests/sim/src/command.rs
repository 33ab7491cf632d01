//! Commands that somebody might give on what they see.

mod fields;

use crate::acts::{Screen, token};
use crate::place::losers;
use crate::random::Random;
use crate::world::World;
use fields::KINDS;
use kanban_core::{
    Card, CardId, Column, ColumnCards, ColumnId, Command, Life, Placement, Slot, SortBy,
};
use std::collections::BTreeSet;

/// Few titles, so that people also write the same ones.
const TITLES: [&str; 6] = ["apple", "Banana", "cherry", "Date", "elder", "fig"];

/// What everybody is after at the moment: concurrent work must meet on the same few things.
#[derive(Debug, Default)]
pub struct Whim {
    cards: Vec<String>,
    columns: Vec<String>,
    /// What people are after besides places and lives, if they care for anything else: two numbers
    /// that stand for a kind of command. Otherwise two would seldom set one field at the same time.
    fields: Option<(usize, usize)>,
    /// A column that several people want to empty into others: relocations must meet as well.
    doomed: Option<String>,
}

impl Whim {
    /// A few things of this world to be after.
    pub fn new(random: &mut Random, world: &World, fields: bool) -> Self {
        use crate::history::Thing;
        let (mut cards, mut columns) = (Vec::new(), Vec::new());
        for (thing, _) in world.history.values().flat_map(|event| &event.acts) {
            match thing {
                Thing::Card(id) if !cards.contains(id) => cards.push(id.clone()),
                Thing::Column(id) if !columns.contains(id) => columns.push(id.clone()),
                _ => {}
            }
        }
        random.shuffle(&mut cards);
        random.shuffle(&mut columns);
        cards.truncate(2);
        columns.truncate(2);
        let doomed = random.chance(30).then(|| columns.first().cloned()).flatten();
        let fields = fields.then(|| (random.weighted(KINDS), random.below(1000)));
        Self { cards, columns, fields, doomed }
    }

    /// A column or card for the beginning.
    pub fn furnish(&self, random: &mut Random, number: usize, world: &World) -> Command {
        match world.screen(0) {
            Ok(screen) if screen.sight.order.len() >= 3 => {
                Draw { whim: self, random, number, screen: &screen }.create_card()
            }
            Ok(screen) => Draw { whim: self, random, number, screen: &screen }.create_column(),
            Err(_) => Command::SortColumns { by: SortBy::Title },
        }
    }

    /// A label, a member, or something on a card for the beginning.
    pub fn define(&self, random: &mut Random, number: usize, world: &World) -> Command {
        let screen = world.screen(0).ok();
        let drawn = screen.and_then(|s| Draw { whim: self, random, number, screen: &s }.define());
        drawn.unwrap_or(Command::SortColumns { by: SortBy::Title })
    }

    /// Anything.
    pub fn command(
        &self,
        random: &mut Random,
        number: usize,
        who: usize,
        world: &World,
    ) -> Command {
        match world.screen(who) {
            Ok(screen) => Draw { whim: self, random, number, screen: &screen }.command(),
            Err(_) => Command::SortColumns { by: SortBy::Title },
        }
    }
}

/// One draw on one screen.
struct Draw<'a> {
    whim: &'a Whim,
    random: &'a mut Random,
    number: usize,
    screen: &'a Screen,
}

impl Draw<'_> {
    fn command(&mut self) -> Command {
        if self.screen.sight.order.len() < 2 {
            let restored = if self.random.chance(50) { self.about_columns(3) } else { None };
            return restored.unwrap_or_else(|| self.create_column());
        }
        if self.whim.fields.is_some()
            && self.random.chance(40)
            && let Some(command) = self.about_fields()
        {
            return command;
        }
        // Columns seldom have two places at once, so that must not be missed.
        let torn = self.screen.sight.columns.values().any(|c| !c.other_positions.is_empty());
        if torn && self.random.chance(30) {
            return self.about_columns(5).unwrap_or_else(|| self.create_card());
        }
        if self.random.chance(30)
            && let Some(emptied) = self.empty_the_doomed()
        {
            return emptied;
        }
        let drawn = match self.random.weighted([52, 28, 8, 2, 10]) {
            0 => {
                let kind = self.random.weighted([30, 9, 8, 4, 10, 8, 8, 7, 4, 4, 5, 6]);
                self.about_cards(kind)
            }
            1 => {
                let kind = self.random.weighted([4, 12, 8, 8, 5, 10, 3, 5, 7, 3, 2]);
                self.about_columns(kind)
            }
            2 => self.refused(),
            3 => Some(Command::RenameBoard { name: self.title() }),
            _ => self.decision(),
        };
        drawn.or_else(|| self.about_cards(0)).unwrap_or_else(|| self.create_card())
    }

    /// Settles something that people disagree about: columns first, for they seldom do.
    fn decision(&mut self) -> Option<Command> {
        let first = self.random.below(2);
        let column = [4, 5].into_iter().cycle().skip(first).take(2);
        let column = column.filter_map(|kind| self.about_columns(kind)).next();
        column.or_else(|| {
            let kind = 6 + self.random.below(3);
            self.about_cards(kind)
        })
    }

    fn about_cards(&mut self, kind: usize) -> Option<Command> {
        use Command as C;
        let living = |c: &Card| c.life != Life::Deleted;
        Some(match kind {
            0 => {
                let card = self.card(living)?;
                let column = self.visible()?;
                let stays = self.screen.sight.shows(card.column.as_str()) && self.random.chance(30);
                let column = if stays { card.column.clone() } else { column };
                C::MoveCard { card: card.id.clone(), to: self.slot(&column, &card), column }
            }
            1 => C::RenameCard { card: self.card(living)?.id, title: self.title() },
            2 => self.edit()?,
            3 => self.rewrite()?,
            4 => C::DeleteCard { card: self.card(living)?.id },
            5 => C::RestoreCard { card: self.card(|c| c.life == Life::Deleted)?.id },
            6 => C::KeepCard { card: self.card(|c| c.deleted_concurrently)?.id },
            7 => {
                let card = self.card(|c| !c.other_placements.is_empty())?;
                let placement = self.random.pick(&card.other_placements)?.clone();
                C::PickCardPlacement { card: card.id, placement }
            }
            8 => {
                let raw = &self.screen.raw.cards;
                let torn =
                    |c: &Card| raw.get(c.id.as_str()).is_some_and(|raw| !losers(raw).is_empty());
                C::KeepCardPlacement { card: self.card(torn)?.id }
            }
            9 => C::ArchiveCard { card: self.card(|c| c.life == Life::OnBoard)?.id },
            10 => C::UnarchiveCard { card: self.card(|c| c.life == Life::Archived)?.id },
            _ if self.screen.sight.cards.len() < 9 => self.create_card(),
            _ => return None,
        })
    }

    fn about_columns(&mut self, kind: usize) -> Option<Command> {
        use Command as C;
        Some(match kind {
            0 => C::RenameColumn { column: self.visible()?, name: self.title() },
            1 => {
                let column = self.visible()?;
                C::MoveColumn { to: self.column_slot(), column }
            }
            2 => {
                let column = self.visible()?;
                let target = self.visible()?;
                let cards = match self.random.weighted([50, 30, 20]) {
                    0 if target != column => Some(ColumnCards::MoveTo(target)),
                    0 | 1 => Some(ColumnCards::Delete),
                    _ => None,
                };
                C::DeleteColumn { column, cards }
            }
            3 => C::RestoreColumn { column: self.column(|c| c.life == Life::Deleted)?.id },
            4 => C::KeepColumn { column: self.column(|c| c.deleted_concurrently)?.id },
            5 => {
                let column = self.column(|c| !c.other_positions.is_empty())?;
                let position = self.random.pick(&column.other_positions)?.clone();
                match self.random.chance(50) {
                    true => C::PickColumnPosition { column: column.id, position },
                    false => C::KeepColumnPosition { column: column.id },
                }
            }
            6 => C::ArchiveColumn { column: self.visible()? },
            7 => C::UnarchiveColumn { column: self.column(|c| c.life == Life::Archived)?.id },
            8 => C::SortCards { column: self.visible()?, by: self.criterion() },
            9 => C::SortColumns { by: self.criterion() },
            _ if self.screen.sight.columns.len() < 7 => self.create_column(),
            _ => return None,
        })
    }

    /// Sends the cards of the column that everybody wants rid of to some other one, or, where that
    /// has happened, the column they went to: machines then refine what machines refined.
    fn empty_the_doomed(&mut self) -> Option<Command> {
        let doomed = self.whim.doomed.as_ref()?;
        let column = ColumnId::parse(doomed).ok().filter(|id| self.screen.sight.shows(id.as_str()));
        let column = column.or_else(|| self.visible())?;
        let to = self.visible().filter(|to| *to != column)?;
        Some(Command::DeleteColumn { column, cards: Some(ColumnCards::MoveTo(to)) })
    }

    /// A command that makes no sense on this screen, or changes nothing.
    fn refused(&mut self) -> Option<Command> {
        use Command as C;
        let nobody = CardId::parse("nobody").ok()?;
        let nowhere = ColumnId::parse("nowhere").ok()?;
        let column = self.column(|_| true)?.id;
        let card = self.card(|_| true)?;
        let to = Slot::Last;
        Some(match self.random.below(16) {
            0 => C::MoveCard { card: nobody, column, to },
            1 => C::MoveCard { card: card.id, column: nowhere, to },
            2 => C::MoveCard { card: card.id, column, to: Slot::After(nobody) },
            3 => C::MoveCard {
                to: Slot::Before(card.id.clone()),
                column: card.column,
                card: card.id,
            },
            4 => C::MoveCard { to: Slot::After(card.id.clone()), column, card: card.id },
            5 => {
                let (title, description) = (self.title(), String::new());
                C::CreateCard { card: card.id, column, at: to, title, description }
            }
            6 => C::CreateColumn { column, name: self.title(), at: Slot::First },
            7 => C::RestoreCard { card: card.id },
            8 => C::KeepCard { card: card.id },
            9 => {
                let placement = Placement { column, position: card.position };
                C::PickCardPlacement { card: card.id, placement }
            }
            10 => C::EditDescription { card: card.id, at: 9_999, remove: 0, insert: "x".into() },
            11 => {
                let cards = Some(ColumnCards::MoveTo(column.clone()));
                C::DeleteColumn { column, cards }
            }
            12 => C::DeleteColumn { column, cards: None },
            13 => C::RestoreColumn { column },
            14 => C::RenameCard { card: card.id, title: card.title },
            _ => C::MoveColumn { to: Slot::Before(column.clone()), column },
        })
    }

    fn create_card(&mut self) -> Command {
        let column = self.visible();
        let column = column.or_else(|| ColumnId::parse("nowhere").ok());
        let name = format!("c{}", self.number);
        let (Some(column), Ok(card)) = (column, CardId::parse(&name)) else {
            return Command::SortColumns { by: SortBy::Title };
        };
        let at = match self.neighbour(&column, None) {
            Some(neighbour) if self.random.chance(50) => Slot::Before(neighbour),
            _ => Slot::Last,
        };
        let described = self.random.chance(50);
        let description = if described { token(self.number).into() } else { String::new() };
        Command::CreateCard { card, column, at, title: self.title(), description }
    }

    fn create_column(&mut self) -> Command {
        let at = self.column_slot();
        match ColumnId::parse(&format!("k{}", self.number)) {
            Ok(column) => Command::CreateColumn { column, name: self.title(), at },
            Err(_) => Command::SortColumns { by: SortBy::Title },
        }
    }

    /// Replaces up to two tokens of a description by one.
    fn edit(&mut self) -> Option<Command> {
        let card = self.card(|c| c.life != Life::Deleted)?;
        let length = card.description.chars().count();
        let at = self.random.below(length + 1);
        let remove = self.random.below(3).min(length - at);
        // Which of two equal characters goes would be anybody's guess.
        let remove = if doubled(&card.description).is_empty() { remove } else { 0 };
        let insert = if self.random.chance(80) { token(self.number).into() } else { String::new() };
        let units = self.screen.token_units;
        Some(Command::EditDescription {
            card: card.id,
            at: at * units,
            remove: remove * units,
            insert,
        })
    }

    /// A description without some of its tokens and with another one.
    fn rewrite(&mut self) -> Option<Command> {
        let card = self.card(|c| c.life != Life::Deleted)?;
        let text = self.rewritten(&card.description);
        Some(Command::SetDescription { card: card.id, text })
    }

    fn rewritten(&mut self, text: &str) -> String {
        let doubled = doubled(text);
        let mut text: Vec<char> = text.chars().collect();
        text.retain(|c| self.random.chance(80) || doubled.contains(c));
        text.insert(self.random.below(text.len() + 1), token(self.number));
        text.into_iter().collect()
    }

    fn title(&mut self) -> String {
        let title = self.random.pick(&TITLES).copied().unwrap_or_default();
        match self.random.chance(60) {
            true => title.to_owned(),
            false => format!("{title} {}", self.number),
        }
    }

    fn criterion(&mut self) -> SortBy {
        if self.random.chance(60) { SortBy::Title } else { SortBy::TitleDescending }
    }

    /// A card of a kind, rather one that everybody is after.
    fn card(&mut self, kind: impl Fn(&Card) -> bool) -> Option<Card> {
        let cards = self.screen.sight.cards.values().filter(|card| kind(card));
        let (hot, cold): (Vec<_>, Vec<_>) =
            cards.partition(|card| self.whim.cards.iter().any(|id| id == card.id.as_str()));
        let hot_first = !hot.is_empty() && (cold.is_empty() || self.random.chance(70));
        self.random.pick(if hot_first { &hot } else { &cold }).map(|card| Card::clone(card))
    }

    fn column(&mut self, kind: impl Fn(&Column) -> bool) -> Option<Column> {
        let columns = self.screen.sight.columns.values().filter(|column| kind(column));
        let (hot, cold): (Vec<_>, Vec<_>) =
            columns.partition(|column| self.whim.columns.iter().any(|id| id == column.id.as_str()));
        let hot_first = !hot.is_empty() && (cold.is_empty() || self.random.chance(50));
        self.random.pick(if hot_first { &hot } else { &cold }).map(|column| Column::clone(column))
    }

    fn visible(&mut self) -> Option<ColumnId> {
        self.column(Column::is_visible).map(|column| column.id)
    }

    /// A card shown in a column, other than one.
    fn neighbour(&mut self, column: &ColumnId, but: Option<&CardId>) -> Option<CardId> {
        let lane = self.screen.sight.lane(column.as_str());
        let others = lane.into_iter().filter(|id| but.is_none_or(|but| but.as_str() != *id));
        let others: Vec<&str> = others.collect();
        self.random.pick(&others).and_then(|id| CardId::parse(id).ok())
    }

    fn slot(&mut self, column: &ColumnId, card: &Card) -> Slot<CardId> {
        let kind = self.random.weighted([30, 20, 25, 25]);
        match (kind, self.neighbour(column, Some(&card.id))) {
            (2, Some(neighbour)) => Slot::Before(neighbour),
            (3, Some(neighbour)) => Slot::After(neighbour),
            (0, _) => Slot::First,
            _ => Slot::Last,
        }
    }

    fn column_slot(&mut self) -> Slot<ColumnId> {
        let kind = self.random.below(4);
        match (kind, self.visible()) {
            (0, Some(neighbour)) => Slot::Before(neighbour),
            (1, Some(neighbour)) => Slot::After(neighbour),
            (2, _) => Slot::First,
            _ => Slot::Last,
        }
    }
}

/// The characters that two people brought back, who had both erased them and both undid that.
fn doubled(text: &str) -> BTreeSet<char> {
    let mut seen = BTreeSet::new();
    text.chars().filter(|c| !seen.insert(*c)).collect()
}
