//! Boards from Trello's JSON export.

mod export;

use crate::board::Board;
use crate::ids::{BoardId, CardId, ColumnId, LabelId};
use crate::import::draft::{ArchivedDraft, BoardDraft, CardDraft, ColumnDraft, DraftError};
use crate::replica::{Replica, Timestamp};
use export::{ArchivedHow, Arranged, ArrangedCard, arrange, read_export};

pub use export::TrelloError;

/// What an import found, and what it could not carry over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportReport {
    /// Columns, archived ones included.
    pub columns: usize,
    /// How many of the columns are archived.
    pub archived_columns: usize,
    /// Cards, archived ones included.
    pub cards: usize,
    /// How many of the cards are archived.
    pub archived_cards: usize,
    /// What is not as it was in the file, in sentences for a person.
    pub notes: Vec<String>,
}

/// Makes a board out of a Trello export (*Print, export and share → Export as JSON*).
///
/// Carries over columns with their limits, cards with title, description and labels, their order,
/// and what is archived. Open cards of an archived list are archived with their column: they come
/// back when it does. Cards keep Trello's ids. No card of the file is dropped: one whose list is
/// not in the file goes to a column *Recovered*. The report names what is not carried over.
///
/// ```
/// # use kanban_core::{ActorId, BoardId, Replica, Timestamp};
/// let json = br#"{ "name": "Release", "lists": [{ "id": "l1", "name": "To do", "pos": 1 }],
///                  "cards": [{ "id": "c1", "idList": "l1", "name": "Write docs", "pos": 1 }] }"#;
/// let replica = Replica::new(ActorId::from([1; 16]));
/// let now = Timestamp::from_unix_seconds(1_700_000_000);
/// let (board, report) = kanban_core::from_trello(json, replica, BoardId::parse("b1")?, now)?;
/// assert_eq!((board.name(), report.cards), ("Release", 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`TrelloError`] says in one sentence why the file is no Trello export and what to do.
pub fn from_trello(
    json: &[u8],
    replica: Replica,
    id: BoardId,
    now: Timestamp,
) -> Result<(Board, ImportReport), TrelloError> {
    let arranged = arrange(read_export(json)?);
    let report = report(&arranged);
    let draft = draft(arranged);
    let board = Board::from_draft(replica, id, &draft, now).map_err(|error| match error {
        DraftError::TooLong { what, of, chars, limit } => {
            TrelloError::TooLong { what, of, chars, limit }
        }
        other => TrelloError::Board(Box::new(other)),
    })?;
    Ok((board, report))
}

fn report(arranged: &Arranged) -> ImportReport {
    let cards = || arranged.columns.iter().flat_map(|column| &column.cards);
    let archived = |card: &&ArrangedCard| card.archived != ArchivedHow::No;
    let mut report = ImportReport {
        columns: arranged.columns.len(),
        archived_columns: arranged.columns.iter().filter(|column| column.archived).count(),
        cards: cards().count(),
        archived_cards: cards().filter(archived).count(),
        notes: arranged.notes.clone(),
    };
    let with = |has: &dyn Fn(&ArrangedCard) -> bool| cards().filter(|card| has(card)).count();
    let dates =
        |card: &ArrangedCard| card.due.is_some() || card.start.is_some() || card.due_complete;
    for (what, count) in
        [("The dates", with(&dates)), ("The members", with(&|card| !card.members.is_empty()))]
    {
        if count > 0 {
            report.notes.push(format!("{what} of {count} cards are not carried over."));
        }
    }
    if !arranged.labels.is_empty() {
        report.notes.push(format!(
            "The names and colours of {} labels are not carried over; cards keep the labels' ids.",
            arranged.labels.len()
        ));
    }
    let other = "Checklists, comments, attachments and the action log are not carried over.";
    report.notes.push(other.to_owned());
    report
}

fn draft(arranged: Arranged) -> BoardDraft {
    let columns = arranged.columns.into_iter().filter_map(|column| {
        Some(ColumnDraft {
            id: ColumnId::parse(&column.id).ok()?,
            name: column.name,
            wip_limit: column.wip_limit.map(u64::from),
            colour: None,
            archived: column.archived,
            cards: column.cards.into_iter().filter_map(card).collect(),
        })
    });
    BoardDraft {
        columns: columns.collect(),
        name: arranged.name,
        description: arranged.description,
        ..BoardDraft::default()
    }
}

/// `arrange` leaves only ids that are ids, so nothing is dropped here.
fn card(card: ArrangedCard) -> Option<CardDraft> {
    let labels = card.labels.iter().filter_map(|label| LabelId::parse(label).ok());
    Some(CardDraft {
        labels: labels.collect(),
        archived: match card.archived {
            ArchivedHow::No => ArchivedDraft::No,
            ArchivedHow::ByItself => ArchivedDraft::Alone,
            ArchivedHow::WithItsColumn => ArchivedDraft::WithColumn,
        },
        description: card.description,
        ..CardDraft::new(CardId::parse(&card.id).ok()?, card.title)
    })
}
