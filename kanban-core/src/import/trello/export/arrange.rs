//! Puts an export in the order a person saw: columns from left to right, their cards from top to bottom.

use std::collections::BTreeMap;

use super::TrelloExport;
use super::entries::{TrelloCard, TrelloList};
use super::fields::shortened;
use super::notes::Notes;
use super::unique_ids::{unused_id, usable_id, with_unique_ids};
use crate::order::{gathered, sort_by};

mod definitions;
mod parts;

pub(crate) use definitions::{ArrangedLabel, ArrangedMember};
pub(crate) use parts::{ArrangedChecklist, ArrangedComment, ArrangedItem, ArrangedLink};

use definitions::{Labels, Members};
use parts::{Checklists, Comments, arrange_links};

/// A Trello board, ready to be written down: every id is unique among its kind and `[A-Za-z0-9_-]{1,64}`, every id
/// that is referred to exists, and no card of the export is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Arranged {
    /// The board's name; may be blank.
    pub(crate) name: String,
    /// The board's description, Markdown.
    pub(crate) description: String,
    /// From left to right, archived ones in their places; "Recovered" last, if it is needed.
    pub(crate) columns: Vec<ArrangedColumn>,
    /// In the order of the file, then those that only cards describe.
    pub(crate) labels: Vec<ArrangedLabel>,
    /// In the order of the file, then people who left the board but are on its cards or commented.
    pub(crate) members: Vec<ArrangedMember>,
    /// What is not as in the file.
    pub(crate) notes: Notes,
}

/// A column and all its cards.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ArrangedColumn {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) archived: bool,
    pub(crate) wip_limit: Option<u32>,
    pub(crate) colour: Option<String>,
    /// From top to bottom, archived ones in their places.
    pub(crate) cards: Vec<ArrangedCard>,
}

/// A card; dates are as in the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ArrangedCard {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) archived: ArchivedHow,
    pub(crate) due: Option<String>,
    pub(crate) due_complete: bool,
    pub(crate) start: Option<String>,
    /// Ids of [`Arranged::labels`], each once.
    pub(crate) labels: Vec<String>,
    /// Ids of [`Arranged::members`], each once.
    pub(crate) members: Vec<String>,
    pub(crate) cover: Option<String>,
    pub(crate) checklists: Vec<ArrangedChecklist>,
    /// In the order of the file.
    pub(crate) comments: Vec<ArrangedComment>,
    pub(crate) links: Vec<ArrangedLink>,
}

/// Whether a card was archived, and by what: a card that is hidden with its column comes back with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ArchivedHow {
    /// It is open.
    #[default]
    No,
    /// Somebody archived this card, wherever it stands.
    ByItself,
    /// It is open, in a list that was archived.
    WithItsColumn,
}

/// Arranges an export. Always gives a board; what had to be changed is in its notes.
///
/// Columns and cards go by `pos`; equal ones, and those without one, keep the order of the file (one without `pos`
/// stays behind its predecessor in the file). A card whose list is not in the file goes to a column "Recovered" at the
/// end. Of two entries of one kind with the same id, the first is kept.
pub(crate) fn arrange(export: TrelloExport) -> Arranged {
    let mut notes = export.notes;
    let mut columns = arrange_columns(export.lists, &mut notes);
    let mut labels = Labels::new(export.labels, &mut notes);
    let mut members = Members::new(export.members, export.people, &mut notes);
    let mut cards = with_unique_ids("card", export.cards, &mut notes);
    let mut checklists = Checklists::new(export.checklists, &mut cards, &mut notes);
    let mut comments = Comments::new(export.comments, &cards, &mut notes);

    let mut cards_of: BTreeMap<String, Vec<(Option<f64>, ArrangedCard)>> = BTreeMap::new();
    let mut homeless = Vec::new();
    let archived: BTreeMap<_, _> =
        gathered(columns.iter().map(|column| (column.id.clone(), column.archived)));
    for card in cards {
        let list = usable_id("list", &card.list).into_owned();
        let list_is_archived = archived.get(&list).copied();
        if list_is_archived.is_none() {
            notes.push(homeless_note(&card));
        }
        let position = card.position;
        let arranged = ArrangedCard {
            labels: labels.of(&card, &mut notes),
            members: members.of(&card, &mut notes),
            checklists: checklists.of(&card),
            comments: comments.of(&card, &mut members, &mut notes),
            archived: match (card.closed, list_is_archived) {
                (true, _) => ArchivedHow::ByItself,
                (false, Some(true)) => ArchivedHow::WithItsColumn,
                (false, _) => ArchivedHow::No,
            },
            links: arrange_links(card.attachments, &mut notes),
            id: card.id,
            title: card.title,
            description: card.description,
            due: card.due,
            due_complete: card.due_complete,
            start: card.start,
            cover: card.cover,
        };
        match list_is_archived {
            Some(_) => cards_of.entry(list).or_default().push((position, arranged)),
            None => homeless.push((position, arranged)),
        }
    }

    for column in &mut columns {
        column.cards = in_order(cards_of.remove(&column.id).unwrap_or_default());
    }
    if !homeless.is_empty() {
        let id = unused_id("recovered", |id| archived.contains_key(id));
        columns.push(ArrangedColumn {
            id,
            name: "Recovered".into(),
            cards: in_order(homeless),
            ..ArrangedColumn::default()
        });
    }
    Arranged {
        name: export.name,
        description: export.description,
        columns,
        labels: labels.defined,
        members: members.listed,
        notes,
    }
}

fn homeless_note(card: &TrelloCard) -> String {
    let (title, id) = (shortened(&card.title), &card.id);
    match card.list.as_str() {
        "" => {
            format!("The card “{title}” ({id}) names no list; it is in the column “Recovered”.")
        }
        list => format!(
            "The card “{title}” ({id}) names the list {}, which the file does not contain; it is in the column \
             “Recovered”.",
            shortened(list)
        ),
    }
}

fn arrange_columns(lists: Vec<TrelloList>, notes: &mut Notes) -> Vec<ArrangedColumn> {
    let columns = with_unique_ids("list", lists, notes).into_iter().map(|list| {
        let column = ArrangedColumn {
            id: list.id,
            name: list.name,
            archived: list.closed,
            wip_limit: list.wip_limit,
            colour: list.colour,
            cards: Vec::new(),
        };
        (list.position, column)
    });
    in_order(columns.collect())
}

/// Sorts by position; equal and missing positions keep the order given.
fn in_order<T>(mut entries: Vec<(Option<f64>, T)>) -> Vec<T> {
    let mut predecessor = f64::NEG_INFINITY;
    for (position, _) in &mut entries {
        predecessor = *position.get_or_insert(predecessor);
    }
    sort_by(&mut entries, |(a, _), (b, _)| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    entries.into_iter().map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests;
