//! Reads a board from the JSON file that Trello's "Print, export and share" menu gives.
//!
//! Nothing here knows our own board: [`read_export`] says what the file contains, [`arrange`] puts it in the order
//! a person saw. Both are pure. A mistake in one card never costs the others: what cannot be read falls back to
//! "missing", and a note says so in a sentence for the person who imports.

use serde_json::Value;
use serde_json::error::Category;

mod actions;
mod arrange;
mod entries;
mod error;
mod fields;
mod lenient;
mod notes;
mod unique_ids;

pub(crate) use arrange::{
    ArchivedHow, Arranged, ArrangedCard, ArrangedChecklist, ArrangedColumn, ArrangedComment,
    ArrangedItem, ArrangedLabel, ArrangedLink, ArrangedMember, arrange,
};
pub use error::TrelloError;
pub(crate) use fields::shortened;
pub(crate) use notes::Notes;

use actions::TrelloComment;
use entries::{
    TrelloCard, TrelloChecklist, TrelloLabel, TrelloList, TrelloMember, leave_emoji, read_card,
    read_checklist, read_label, read_list, read_member,
};
use fields::{FILE, Fields, Reader, each};
use lenient::{Entries, ExportFile, without_half_characters};
use notes::Leftover;

/// The largest export that is read. A board with every action a busy team made in ten years is below 100 MB; above
/// this, the file is more likely something else.
pub(crate) const EXPORT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// What a Trello export says, in the order of the file, before anything is put in place or checked.
///
/// Ids are as the file has them: they may be blank, repeated or name nothing. [`arrange`] sorts that out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloExport {
    /// The board's id.
    pub(crate) id: String,
    /// The board's name.
    pub(crate) name: String,
    /// The board's description, Markdown.
    pub(crate) description: String,
    /// Trello's lists, archived ones included.
    pub(crate) lists: Vec<TrelloList>,
    /// All cards, archived ones included.
    pub(crate) cards: Vec<TrelloCard>,
    /// The board's labels.
    pub(crate) labels: Vec<TrelloLabel>,
    /// The people on the board at the time of the export.
    pub(crate) members: Vec<TrelloMember>,
    /// The checklists of all cards; exports of single cards have them inside the cards.
    pub(crate) checklists: Vec<TrelloChecklist>,
    /// The comments of all cards.
    pub(crate) comments: Vec<TrelloComment>,
    /// People whom the log of activity names: everybody who ever did anything, if it is complete.
    pub(crate) people: Vec<TrelloMember>,
    /// What could not be read as it stands, or has no place on a board.
    pub(crate) notes: Notes,
}

/// Reads an export, without judging what its ids refer to.
///
/// Fields that are missing or `null` are blank; fields of a wrong type too, with a note. Unknown fields are skipped
/// without being held in memory, which is most of the file (actions).
///
/// # Errors
/// When the file as a whole is not a Trello board: [`TrelloError`] says what to do about each case. A file that lacks
/// `lists` or `cards` is refused, so a wrong or damaged file never becomes an empty board.
pub(crate) fn read_export(bytes: &[u8]) -> Result<TrelloExport, TrelloError> {
    if bytes.len() > EXPORT_BYTES_MAX {
        return Err(TrelloError::TooLarge { bytes: bytes.len(), bytes_max: EXPORT_BYTES_MAX });
    }
    // Editors on Windows put a byte order mark in front when they save the file again.
    let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if json.trim_ascii().is_empty() {
        return Err(TrelloError::Empty);
    }
    let mut notes = Notes::default();
    let file = parse(json, &mut notes)?;
    let (Some(Entries::Array(lists)), Some(Entries::Array(cards))) = (&file.lists, &file.cards)
    else {
        return Err(TrelloError::not_a_trello_export(&file));
    };

    let mut board = Reader::new("the board".into(), &file.board, &mut notes);
    let (id, name, description) = (board.text("id"), board.text("name"), board.text("desc"));
    board.leave_if("subscribed", Leftover::Subscription);
    board.leave_if("closed", Leftover::ClosedBoard);
    leave_emoji(&mut board, "descData");
    board.notes.leave(Leftover::Always, 1);
    let (fields, data) = (board.count("customFields"), board.count("pluginData"));
    board.notes.leave(Leftover::CustomField, fields);
    board.notes.leave(Leftover::PowerUpData, data);

    let lists = each("list", FILE, lists, &mut notes, read_list);
    let cards = each("card", FILE, cards, &mut notes, read_card);
    let labels = optional_entries("labels", file.labels, &mut notes);
    let mut labels = each("label", FILE, &labels, &mut notes, read_label);
    if labels.is_empty() {
        labels = named_colours(&file.board);
    }
    let members = optional_entries("members", file.members, &mut notes);
    let members = each("member", FILE, &members, &mut notes, read_member);
    let checklists = optional_entries("checklists", file.checklists, &mut notes);
    let checklists = each("checklist", FILE, &checklists, &mut notes, read_checklist);
    let (comments, people) = file.actions.unwrap_or_default().read(&mut notes);
    Ok(TrelloExport {
        id,
        name,
        description,
        lists,
        cards,
        labels,
        members,
        checklists,
        comments,
        people,
        notes,
    })
}

fn parse(json: &[u8], notes: &mut Notes) -> Result<ExportFile, TrelloError> {
    let error = match serde_json::from_slice(json) {
        Ok(file) => return Ok(file),
        Err(error) => error,
    };
    if error.classify() == Category::Syntax
        && let Some((whole, count)) = without_half_characters(json)
    {
        notes.push(format!(
            "In {count} places of the file, half an emoji was left of a cut text; it reads as �."
        ));
        return serde_json::from_slice(&whole).map_err(TrelloError::unreadable);
    }
    Err(TrelloError::unreadable(error))
}

/// The labels of an export of 2012, which has only names of colours.
fn named_colours(board: &Fields) -> Vec<TrelloLabel> {
    let names = board.get("labelNames").and_then(Value::as_object).into_iter().flatten();
    let named = names.filter_map(|(colour, name)| {
        let name = name.as_str().filter(|name| !name.trim().is_empty())?;
        let id = format!("label-{colour}");
        Some(TrelloLabel { id, name: name.to_owned(), colour: Some(colour.clone()) })
    });
    named.collect()
}

/// The labels, members or checklists: a board can do without them.
fn optional_entries(key: &str, entries: Option<Entries>, notes: &mut Notes) -> Vec<Fields> {
    match entries {
        Some(Entries::Array(entries)) => entries,
        Some(Entries::Other(what)) => {
            notes.push(format!(
                "The board's `{key}` are {what} instead of a list; they are left out."
            ));
            Vec::new()
        }
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
