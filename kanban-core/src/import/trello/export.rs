//! Reads a board from the JSON file that Trello's "Print, export and share" menu gives.
//!
//! Nothing here knows our own board: [`read_export`] says what the file contains, [`arrange`] puts it in the order
//! a person saw. Both are pure. A mistake in one card never costs the others: what cannot be read falls back to
//! "missing", and a note says so in a sentence for the person who imports.

use serde_json::error::Category;

mod arrange;
mod error;
mod lenient;
mod unique_ids;

pub(crate) use arrange::{ArchivedHow, Arranged, ArrangedCard, arrange};
pub use error::TrelloError;

use lenient::{Entries, ExportFile, Fields, Reader, without_half_characters};

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
    /// What could not be read as it stands, in sentences.
    pub(crate) notes: Vec<String>,
}

/// A list of a Trello board: a column.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloList {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) closed: bool,
    /// Its place from left to right; exports of 2012 have none.
    pub(crate) position: Option<f64>,
    /// Trello's `softLimit`: how many cards the team wants here at most.
    pub(crate) wip_limit: Option<u32>,
}

/// A card of a Trello board.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloCard {
    pub(crate) id: String,
    pub(crate) list: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) closed: bool,
    /// Its place from top to bottom, a whole or fractional number up to 2^47; exports of 2012 have none.
    pub(crate) position: Option<f64>,
    /// An ISO date, unchecked, like every date here.
    pub(crate) due: Option<String>,
    pub(crate) due_complete: bool,
    pub(crate) start: Option<String>,
    pub(crate) labels: Vec<String>,
    pub(crate) members: Vec<String>,
    pub(crate) last_activity: Option<String>,
}

/// A label; most teams leave the name blank and use the colour.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloLabel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) colour: Option<String>,
}

/// A person on the board.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloMember {
    pub(crate) id: String,
    pub(crate) full_name: String,
    pub(crate) user_name: String,
}

/// Reads an export, without judging what its ids refer to.
///
/// Fields that are missing or `null` are blank; fields of a wrong type too, with a note. Unknown fields are skipped
/// without being held in memory, which is most of the file (actions, attachments).
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
    let mut notes = Vec::new();
    let file = parse(json, &mut notes)?;
    let (Some(Entries::Array(lists)), Some(Entries::Array(cards))) = (&file.lists, &file.cards)
    else {
        return Err(TrelloError::not_a_trello_export(&file));
    };

    let mut board = Reader::new("the board".into(), &file.board, &mut notes);
    let (id, name, description) = (board.text("id"), board.text("name"), board.text("desc"));
    Ok(TrelloExport {
        id,
        name,
        description,
        lists: each("list", lists, &mut notes, read_list),
        cards: each("card", cards, &mut notes, read_card),
        labels: each(
            "label",
            &optional_entries("labels", file.labels, &mut notes),
            &mut notes,
            read_label,
        ),
        members: each(
            "member",
            &optional_entries("members", file.members, &mut notes),
            &mut notes,
            read_member,
        ),
        notes,
    })
}

fn parse(json: &[u8], notes: &mut Vec<String>) -> Result<ExportFile, TrelloError> {
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

fn read_list(list: &mut Reader) -> TrelloList {
    TrelloList {
        id: list.text("id"),
        name: list.text("name"),
        closed: list.flag("closed"),
        position: list.number("pos"),
        wip_limit: list.limit("softLimit"),
    }
}

fn read_card(card: &mut Reader) -> TrelloCard {
    TrelloCard {
        id: card.text("id"),
        list: card.text("idList"),
        title: card.text("name"),
        description: card.text("desc"),
        closed: card.flag("closed"),
        position: card.number("pos"),
        due: card.optional_text("due"),
        due_complete: card.flag("dueComplete"),
        start: card.optional_text("start"),
        labels: card.texts("idLabels"),
        members: card.texts("idMembers"),
        last_activity: card.optional_text("dateLastActivity"),
    }
}

fn read_label(label: &mut Reader) -> TrelloLabel {
    TrelloLabel {
        id: label.text("id"),
        name: label.text("name"),
        colour: label.optional_text("color"),
    }
}

fn read_member(member: &mut Reader) -> TrelloMember {
    TrelloMember {
        id: member.text("id"),
        full_name: member.text("fullName"),
        user_name: member.text("username"),
    }
}

/// Reads the entries of one array; one that is not an object holds nothing to keep, so it becomes a note.
fn each<T>(
    kind: &str,
    entries: &[Fields],
    notes: &mut Vec<String>,
    read: impl Fn(&mut Reader) -> T,
) -> Vec<T> {
    let mut found = Vec::with_capacity(entries.len());
    for (entry, number) in entries.iter().zip(1..) {
        match entry {
            Fields::Object(_) => {
                let who = entry.describe(kind, number);
                found.push(read(&mut Reader::new(who, entry, notes)));
            }
            Fields::Other(what) => {
                notes.push(format!("The {kind} in place {number} of the file is {what} instead of an object; it is left out."));
            }
        }
    }
    found
}

/// The labels or members: a board can do without them.
fn optional_entries(key: &str, entries: Option<Entries>, notes: &mut Vec<String>) -> Vec<Fields> {
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
mod tests {
    use super::*;

    const SMALL: &[u8] = include_bytes!("../../../../examples/data/trello-small.json");
    const MEDIUM: &[u8] = include_bytes!("../../../../examples/data/trello-medium.json");

    #[test]
    fn real_exports_are_read_without_a_note() {
        let small = read_export(SMALL).expect("the small export");
        assert_eq!((small.lists.len(), small.cards.len(), small.members.len()), (5, 10, 1));
        let medium = read_export(MEDIUM).expect("the medium export");
        assert_eq!((medium.lists.len(), medium.cards.len(), medium.members.len()), (7, 81, 3));
        assert_eq!(medium.name, "amirite");
        assert_eq!((small.notes, medium.notes), (vec![], vec![]));
    }

    #[test]
    fn an_export_cut_off_anywhere_is_an_error_in_a_sentence_and_never_an_empty_board() {
        let whole = SMALL.trim_ascii_end().len();
        for cut in (0..whole).step_by(97) {
            let error =
                read_export(SMALL.get(..cut).expect("inside the file")).expect_err("half a board");
            let sentence = error.to_string();
            assert!(sentence.ends_with("again"), "cut at byte {cut}: {sentence}");
            assert!(
                matches!(error, TrelloError::Truncated { .. }) || cut == 0,
                "cut at byte {cut}: {error:?}"
            );
        }
    }

    #[test]
    fn the_place_where_a_file_ends_is_named() {
        let error = read_export(b"{\"lists\": [],\n\"cards\": [{").expect_err("cut off");
        assert_eq!(
            error.to_string(),
            "the file ends in the middle of the board (line 2, column 11), so the download was cut off; export it again"
        );
    }

    #[test]
    fn a_file_that_is_something_else_is_refused_with_what_it_is() {
        for (file, sentence) in [
            ("  \n", "the file is empty; export the board from Trello again"),
            ("\u{feff}", "the file is empty; export the board from Trello again"),
            ("Name,Due\nWrite,", "the file is not JSON from line 1, column 1 on; choose the file"),
            (
                "{\"lists\": []} {}",
                "the file is not JSON from line 1, column 15 on; choose the file",
            ),
            (
                "[]",
                "no Trello board: a board is an object with `lists` and `cards`, and it has an array instead;",
            ),
            (
                "{}",
                "no Trello board: `lists` is missing and `cards` is missing, and it has no keys at all;",
            ),
            (
                "{\"data\": 1, \"cards\": []}",
                "`lists` is missing, and it has the keys `data`, `cards`; choose",
            ),
            (
                "{\"lists\": null, \"cards\": 3}",
                "`lists` is missing and `cards` is a number (3) instead of a list",
            ),
        ] {
            let found = read_export(file.as_bytes()).expect_err(file).to_string();
            assert!(found.contains(sentence), "{file}: {found}");
        }
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_before_it_is_parsed() {
        let error = read_export(&vec![0; EXPORT_BYTES_MAX + 1]).expect_err("too large");
        assert!(
            matches!(error, TrelloError::TooLarge { bytes, .. } if bytes == EXPORT_BYTES_MAX + 1)
        );
    }

    #[test]
    fn a_wrong_type_in_one_field_costs_that_field_and_nothing_else() {
        let export = read_export(
            br#"{"name": 7, "lists": [], "labels": "none", "cards": [
                {"id": "a", "name": "Write", "pos": "top", "closed": "no", "due": 3, "idMembers": ["ana", 4]},
                17,
                {"id": "b", "name": 2048, "pos": 1e3, "closed": null, "desc": {"text": "x"}, "idMembers": null}]}"#,
        )
        .expect("a board");
        let [write, number] = export.cards.as_slice() else {
            unreachable!("two cards: {:?}", export.cards)
        };
        assert_eq!((write.title.as_str(), write.position, write.closed), ("Write", None, false));
        assert_eq!((&write.due, &write.members), (&Some("3".into()), &vec!["ana".to_owned()]));
        assert_eq!(
            (number.title.as_str(), number.position, number.description.as_str()),
            ("2048", Some(1000.0), "")
        );
        assert_eq!(
            export.notes,
            [
                "In the board, `name` is a number (7) instead of text; it is read as “7”.",
                "In the card “Write” (a), `closed` is text (“no”) instead of true or false; it is read as false.",
                "In the card “Write” (a), `pos` is text (“top”) instead of a number; it is left out.",
                "In the card “Write” (a), `due` is a number (3) instead of text; it is read as “3”.",
                "In the card “Write” (a), `idMembers` contains a number (4) instead of text; it is left out.",
                "The card in place 2 of the file is a number (17) instead of an object; it is left out.",
                "In the card number 3 (b), `name` is a number (2048) instead of text; it is read as “2048”.",
                "In the card number 3 (b), `desc` is an object instead of text; it is left out.",
                "The board's `labels` are text (“none”) instead of a list; they are left out.",
            ]
        );
    }

    #[test]
    fn a_title_that_was_cut_in_the_middle_of_an_emoji_is_kept() {
        let export = read_export(
            br#"{"lists": [], "cards": [{"name": "launch \ud83d\ude80 \ud83d"}, {"name": "\ude80 \\ud83d"}]}"#,
        )
        .expect("a board");
        let titles: Vec<_> = export.cards.iter().map(|card| card.title.as_str()).collect();
        assert_eq!(titles, ["launch 🚀 \u{fffd}", "\u{fffd} \\ud83d"]);
        assert_eq!(
            export.notes,
            ["In 2 places of the file, half an emoji was left of a cut text; it reads as �."]
        );
    }

    #[test]
    fn text_in_any_script_and_of_any_length_is_kept() {
        let title = format!("{}👩🏽‍🚀 رسالة 看板 \u{0}", "x".repeat(16_384));
        let json =
            serde_json::json!({"lists": [], "cards": [{"id": "a", "name": title}]}).to_string();
        let export = read_export(json.as_bytes()).expect("a board");
        assert_eq!(export.cards.first().map(|card| card.title.as_str()), Some(title.as_str()));
    }
}
