//! Dealing the rest of a real board's log to two people who cannot hear of each other.
//!
//! What is about a card that both have is dealt in turn, each kind of step by itself: the first drag to Ana, the
//! second to Ben, and so on. A card created after they part exists only where it was created, so its creation is
//! dealt in turn too, and whoever has the card does everything that happened to it.

use crate::date;
use crate::people::{Move, Person, Team};
use crate::trello_log::{History, LaterStep, PastBoard, What};
use kanban_core::{
    ActorId, ArchivedDraft, Board, BoardDraft, BoardId, CardDraft, CardId, ColumnDraft, ColumnId,
    IdError, Replica, Timestamp,
};
use std::error::Error;

/// How the drags were dealt, per person: Ana's, Ben's.
#[derive(Debug, Default, PartialEq)]
pub struct Dealt {
    /// Drags of cards that both have.
    pub in_turn: [usize; 2],
    /// Drags of cards that only one has.
    pub to_the_owner: [usize; 2],
    /// Drags among all of these that ended where the card stood already on that replica.
    pub already_there: [usize; 2],
}

/// Makes a board that looks like a past one.
pub fn board_from(past: &PastBoard, at: Timestamp) -> Result<Board, Box<dyn Error>> {
    let card = |card: &crate::trello_log::PastCard| {
        let mut draft = CardDraft::new(CardId::parse(&card.id)?, &card.title);
        draft.description = card.description.clone();
        draft.archived = if card.archived { ArchivedDraft::Alone } else { ArchivedDraft::No };
        Ok(draft)
    };
    let column = |column: &crate::trello_log::PastColumn| {
        let mut draft = ColumnDraft::new(ColumnId::parse(&column.id)?, &column.name);
        draft.archived = column.archived;
        draft.cards = column.cards.iter().map(card).collect::<Result<_, IdError>>()?;
        Ok(draft)
    };
    let mut draft = BoardDraft::new(&past.name);
    draft.columns = past.columns.iter().map(column).collect::<Result<_, IdError>>()?;
    let importer = Replica::new(ActorId::from([1; 16])).by("import");
    Ok(Board::from_draft(importer, BoardId::parse("two-people")?, &draft, at)?)
}

/// Deals every step after the midpoint and plays it on that person's own replica.
///
/// # Errors
/// If the log holds a kind of step that neither this nor the plain board beside it knows, or if a replica refuses a
/// command.
pub fn deal(history: &History, team: &mut Team) -> Result<Dealt, Box<dyn Error>> {
    let mut real = RealBoard::of(&history.midpoint);
    let mut dealer = Dealer { turns: Turns::default(), dealt: Dealt::default() };
    for step in &history.later {
        real.play(&step.what)?;
        dealer.play(step, &real, team)?;
    }
    if real != RealBoard::of(&history.end) {
        return Err("the log, replayed to its end, does not give the exported board".into());
    }
    Ok(dealer.dealt)
}

/// Whose turn it is.
#[derive(Default)]
struct Turns {
    drags: usize,
    creates: usize,
    renames: usize,
    descriptions: usize,
    archives: usize,
}

struct Dealer {
    turns: Turns,
    dealt: Dealt,
}

impl Dealer {
    fn play(
        &mut self,
        step: &LaterStep,
        real: &RealBoard,
        team: &mut Team,
    ) -> Result<(), Box<dyn Error>> {
        let at = date::parse(&step.when).ok_or_else(|| format!("no date: {}", step.when))?;
        let turns = &mut self.turns;
        match &step.what {
            What::Drag { card, to_column, .. } => {
                let (id, to) = (CardId::parse(card)?, ColumnId::parse(to_column)?);
                let owner = owner(team, &id);
                let who = owner.unwrap_or_else(|| next(&mut turns.drags));
                let from = team.board(who).card(&id).map(|card| card.column.clone());
                let from = from.ok_or_else(|| format!("nobody has card {id}"))?;
                let before = real.next_shown(card, team.board(who), &to);
                let moved = team.moves(who, at, Move { card: id, from, to, before })?;
                let dealt = match owner {
                    Some(_) => &mut self.dealt.to_the_owner,
                    None => &mut self.dealt.in_turn,
                };
                count(dealt, who);
                if !moved {
                    count(&mut self.dealt.already_there, who);
                }
            }
            What::Create { card, title, description, column, .. } => {
                let who = next(&mut turns.creates);
                let to = ColumnId::parse(column)?;
                let before = real.next_shown(card, team.board(who), &to);
                let new = (CardId::parse(card)?, title.clone(), description.clone());
                team.creates(who, at, new, (to, before))?;
            }
            What::Rename { card, title } => {
                let card = CardId::parse(card)?;
                let who = owner(team, &card).unwrap_or_else(|| next(&mut turns.renames));
                team.renames(who, at, card, title.clone())?;
            }
            What::Describe { card, description } => {
                let card = CardId::parse(card)?;
                let who = owner(team, &card).unwrap_or_else(|| next(&mut turns.descriptions));
                team.describes(who, at, card, description.clone())?;
            }
            What::Archive { card } => {
                let card = CardId::parse(card)?;
                let who = owner(team, &card).unwrap_or_else(|| next(&mut turns.archives));
                team.archives(who, at, card)?;
            }
            other => return Err(unknown(other)),
        }
        Ok(())
    }
}

/// The only person who has the card; none if both do.
fn owner(team: &Team, card: &CardId) -> Option<Person> {
    Person::BOTH.into_iter().find(|who| !team.has(who.other(), card))
}

fn next(turn: &mut usize) -> Person {
    *turn += 1;
    if *turn % 2 == 1 { Person::Ana } else { Person::Ben }
}

fn count(per_person: &mut [usize; 2], who: Person) {
    let [ana, ben] = per_person;
    *match who {
        Person::Ana => ana,
        Person::Ben => ben,
    } += 1;
}

fn unknown(what: &What) -> Box<dyn Error> {
    format!("this example cannot replay a step of the log: {what:?}").into()
}

/// The real board, which nobody sees here: it says which cards stood below a drop.
#[derive(Debug, PartialEq)]
struct RealBoard {
    /// Open cards, top to bottom, by column.
    columns: Vec<(String, Vec<String>)>,
}

impl RealBoard {
    fn of(past: &PastBoard) -> Self {
        let columns = past.columns.iter().map(|column| {
            let open = column.cards.iter().filter(|card| !card.archived);
            (column.id.clone(), open.map(|card| card.id.clone()).collect())
        });
        Self { columns: columns.collect() }
    }

    fn play(&mut self, what: &What) -> Result<(), Box<dyn Error>> {
        match what {
            What::Drag { card, to_column, next_card } => {
                self.take(card);
                self.put(card, to_column, next_card.as_ref());
            }
            What::Create { card, column, next_card, .. } => {
                self.put(card, column, next_card.as_ref());
            }
            What::Archive { card } => self.take(card),
            What::Rename { .. } | What::Describe { .. } => {}
            other => return Err(unknown(other)),
        }
        Ok(())
    }

    fn take(&mut self, card: &str) {
        for (_, cards) in &mut self.columns {
            cards.retain(|other| other != card);
        }
    }

    fn put(&mut self, card: &str, column: &str, next: Option<&String>) {
        if let Some((_, cards)) = self.columns.iter_mut().find(|(id, _)| id == column) {
            let place = cards.iter().position(|other| Some(other) == next);
            cards.insert(place.unwrap_or(cards.len()), card.to_owned());
        }
    }

    /// The nearest card below `card` that a replica shows in the same column: what a person who saw only that replica
    /// would have dropped it on top of. None means the bottom.
    fn next_shown(&self, card: &str, replica: &Board, column: &ColumnId) -> Option<CardId> {
        let (_, cards) = self.columns.iter().find(|(id, _)| id == column.as_str())?;
        let below = cards.iter().skip_while(|other| *other != card).skip(1);
        let shown: Vec<&CardId> = replica.cards_in(column).map(|card| &card.id).collect();
        below
            .filter_map(|id| shown.iter().find(|shown| shown.as_str() == id))
            .map(|id| (*id).clone())
            .next()
    }
}
