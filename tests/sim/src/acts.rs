//! What a command does to which things, as the merge rules of `MERGE.md` see it.

mod fields;

use crate::expect::come_back_with;
use crate::history::{Act, Thing};
use crate::raw::{Raw, RawBoard};
use crate::sight::Sight;
use kanban_core::{ColumnCards, Command, Life};
use std::fmt::Display;

/// Characters from here on stand for one step each: outside the basic plane, so that the three
/// ways to count text all differ.
const TOKENS_START: u32 = 0x20000;

/// The character that a step inserts into descriptions: one, so that a difference cannot halve it.
pub fn token(step: usize) -> char {
    let code =
        u32::try_from(step).ok().and_then(|step| char::from_u32(TOKENS_START.wrapping_add(step)));
    code.unwrap_or('?')
}

/// Whether a card was archived together with its column.
pub fn with_column(raw: &Raw) -> bool {
    raw.shelf.last().is_some_and(|how| how == "column")
}

fn card(id: &impl Display) -> Thing {
    Thing::Card(id.to_string())
}

fn column(id: &impl Display) -> Thing {
    Thing::Column(id.to_string())
}

/// A placement whose value is not known before it is recorded.
fn placed() -> Act {
    Act::Place(String::new())
}

/// An erasure of whoever typed the character, once or more often.
fn erased(character: char) -> Act {
    Act::Erase(character, usize::MAX)
}

fn both(thing: Thing, acts: impl IntoIterator<Item = Act>) -> Vec<(Thing, Act)> {
    acts.into_iter().map(|act| (thing.clone(), act)).collect()
}

/// What somebody has before them when they give a command.
#[derive(Debug, Clone, Default)]
pub struct Screen {
    /// What they see.
    pub sight: Sight,
    /// The registers behind.
    pub raw: RawBoard,
    /// How many units of text one token takes as they count; descriptions hold nothing else.
    pub token_units: usize,
}

/// What a command that was recorded did. Values of placements are left empty, and who typed what is
/// erased is left open.
pub fn acts_of(command: &Command, screen: &Screen) -> Vec<(Thing, Act)> {
    use Act::*;
    let Screen { sight, raw, token_units } = screen;
    use Command as C;
    match command {
        C::RenameBoard { name } => both(Thing::Board, [Name(name.clone())]),
        C::CreateColumn { column: id, name, .. } => {
            both(column(id), [Keep, placed(), Name(name.clone())])
        }
        C::CreateCard { card: id, title, description, .. } => {
            let typed = description.chars().map(Type);
            both(card(id), [Keep, placed(), Name(title.clone())].into_iter().chain(typed))
        }
        C::MoveCard { card: id, .. }
        | C::PickCardPlacement { card: id, .. }
        | C::KeepCardPlacement { card: id } => both(card(id), [Keep, placed()]),
        C::MoveColumn { column: id, .. }
        | C::PickColumnPosition { column: id, .. }
        | C::KeepColumnPosition { column: id } => both(column(id), [Keep, placed()]),
        C::RenameCard { card: id, title } => both(card(id), [Keep, Name(title.clone())]),
        C::RenameColumn { column: id, name } => both(column(id), [Keep, Name(name.clone())]),
        C::EditDescription { card: id, insert, .. } => {
            let text = sight.cards.get(id.as_str()).map_or("", |card| &card.description);
            let removed = removed_by(command, text, *token_units);
            let removed = removed.chars().map(erased);
            both(card(id), [Keep].into_iter().chain(removed).chain(insert.chars().map(Type)))
        }
        C::SetDescription { card: id, text } => {
            let old = sight.cards.get(id.as_str()).map_or("", |card| &card.description);
            let removed = old.chars().filter(|c| !text.contains(*c)).map(erased);
            let added = text.chars().filter(|c| !old.contains(*c)).map(Type);
            both(card(id), [Keep].into_iter().chain(removed).chain(added))
        }
        C::DeleteCard { card: id } => both(card(id), [Delete]),
        C::RestoreCard { card: id } => both(card(id), [Keep, placed(), Confirm, Unshelve]),
        C::RestoreColumn { column: id } => both(column(id), [Keep, placed(), Confirm, Unshelve]),
        C::KeepCard { card: id } => both(card(id), kept(raw.cards.get(id.as_str()))),
        C::KeepColumn { column: id } => both(column(id), kept(raw.columns.get(id.as_str()))),
        C::ArchiveCard { card: id } => both(card(id), [Keep, Shelve]),
        C::UnarchiveCard { card: id } => both(card(id), [Keep, Unshelve]),
        C::ArchiveColumn { column: id } => {
            let alone =
                sight.columns.get(id.as_str()).filter(|column| column.life == Life::OnBoard);
            let mut acts: Vec<_> =
                alone.into_iter().flat_map(|_| both(column(id), [Keep, Shelve])).collect();
            acts.extend(
                sight.lane(id.as_str()).iter().flat_map(|id| both(card(id), [Keep, Shelve])),
            );
            acts
        }
        C::UnarchiveColumn { column: id } => {
            let cards = come_back_with(sight, raw, id.as_str());
            let cards = cards.iter().flat_map(|id| both(card(id), [Keep, Unshelve]));
            both(column(id), [Keep, Unshelve]).into_iter().chain(cards).collect()
        }
        C::DeleteColumn { column: id, cards } => {
            // One that is visible only for its cards' sake is deleted already.
            let life = sight.columns.get(id.as_str()).map(|column| column.life);
            let alive = life.is_some_and(|life| life != Life::Deleted);
            let mut acts = if alive { both(column(id), [Delete]) } else { Vec::new() };
            if *cards == Some(ColumnCards::Delete) {
                let held = sight.placed_in(id.as_str());
                acts.extend(held.iter().map(|held| (card(&held.id), Delete)));
            }
            acts
        }
        C::ArchiveAllCards { column: id } => {
            let shown = sight.lane(id.as_str()).into_iter();
            shown.flat_map(|id| both(card(&id), [Keep, Shelve])).collect()
        }
        // A sort or relocation is a machine's: only what it stored tells.
        C::SortCards { .. } | C::SortColumns { .. } | C::MoveAllCards { .. } => Vec::new(),
        other => fields::acts_of(other, screen),
    }
}

/// Keep writes the former place only where no placement is left.
fn kept(raw: Option<&Raw>) -> Vec<Act> {
    let homeless = raw.is_some_and(|raw| raw.pos.is_empty());
    let place = homeless.then(placed);
    [Act::Keep, Act::Confirm].into_iter().chain(place).collect()
}

/// The characters that an edit removes.
fn removed_by(command: &Command, text: &str, token_units: usize) -> String {
    let Command::EditDescription { at, remove, .. } = command else { return String::new() };
    text.chars().skip(at / token_units).take(remove / token_units).collect()
}
