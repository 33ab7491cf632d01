//! Cards as rows of a spreadsheet.

use super::{assignees_of, column_name, labels_of};
use crate::board::Board;
use crate::query::{Filter, Scope, Sieve, cards, fold, is_invisible};
use crate::view::{BoardView, Card, Life};
use serde::{Deserialize, Serialize};

const HEADER: [&str; 14] = [
    "id",
    "column",
    "title",
    "description",
    "labels",
    "assignees",
    "start",
    "due",
    "done",
    // Two numbers: what reads as 1/2 a spreadsheet takes for the first of February.
    "checklist items",
    "checklist items done",
    "comments",
    "links",
    "archived",
];

/// What [`Board::to_csv`](crate::Board::to_csv) writes.
///
/// ```
/// use kanban_core::{CsvOptions, CsvSeparator, Filter};
/// let for_excel_in_berlin = CsvOptions::new()
///     .byte_order_mark(true)
///     .separator(CsvSeparator::Semicolon)
///     .filter(Filter::new().done(false));
/// # let _ = for_excel_in_berlin;
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CsvOptions {
    /// The cards to write; by default all that are on the board or the shelf.
    pub filter: Filter,
    /// Whether to start with a byte order mark, without which Excel takes UTF-8 for something
    /// else; not by default.
    pub byte_order_mark: bool,
    /// What stands between two cells.
    pub separator: CsvSeparator,
}

/// What stands between two cells of a row.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let csv = board.to_csv(&CsvOptions::new().separator(CsvSeparator::Semicolon));
/// assert!(csv.starts_with(r#""id";"column";"title""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum CsvSeparator {
    /// `,`, as RFC 4180 says.
    #[default]
    Comma,
    /// `;`, as Excel expects it where a comma marks decimals.
    Semicolon,
    /// A tab.
    Tab,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            filter: Filter::new().scope(Scope::BoardAndShelf),
            byte_order_mark: false,
            separator: CsvSeparator::default(),
        }
    }
}

impl CsvOptions {
    /// All cards, separated by commas, without a byte order mark.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// assert!(board.to_csv(&CsvOptions::new()).starts_with(r#""id","column","title""#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes only the cards that match.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// // The board has one card, which is not done.
    /// let done = CsvOptions::new().filter(Filter::new().done(true));
    /// assert_eq!(board.to_csv(&done).lines().count(), 1, "only the headings");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Starts with a byte order mark, for Excel.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let csv = board.to_csv(&CsvOptions::new().byte_order_mark(true));
    /// assert!(csv.starts_with('\u{FEFF}'));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn byte_order_mark(mut self, byte_order_mark: bool) -> Self {
        self.byte_order_mark = byte_order_mark;
        self
    }

    /// Puts this between two cells.
    ///
    /// A spreadsheet that expects another separator splits cells where they hold its own, and then
    /// sees texts in them that were not defused: pick the one that the reader's program expects.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let csv = board.to_csv(&CsvOptions::new().separator(CsvSeparator::Tab));
    /// assert!(csv.starts_with("\"id\"\t\"column\""));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn separator(mut self, separator: CsvSeparator) -> Self {
        self.separator = separator;
        self
    }
}

impl CsvSeparator {
    fn as_str(self) -> &'static str {
        match self {
            CsvSeparator::Comma => ",",
            CsvSeparator::Semicolon => ";",
            CsvSeparator::Tab => "\t",
        }
    }
}

impl Board {
    /// Writes cards as comma-separated values (RFC 4180): a row of headings and one per card, in
    /// board order, the shelf last. Lines end in CR LF and every cell is quoted.
    ///
    /// A cell that a spreadsheet might take for a formula gets an apostrophe in front. That is one
    /// whose first visible character is `=`, `+`, `-` or `@`, full-width ones included, and one that
    /// starts with a control character such as a tab. It holds for every cell, ids and negative
    /// numbers included, so a program that reads the file has to take a leading `'` off again.
    /// Several labels, assignees or links in a cell are separated by `; `.
    ///
    /// ```
    /// # use kanban_core::{ActorId, Board, BoardId, CardId, ColumnId, Command, Replica, Slot, Timestamp};
    /// use kanban_core::CsvOptions;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// # let ana = Replica::new(ActorId::from([1; 16]));
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// # let todo = ColumnId::parse("todo")?;
    /// # board.apply(&Command::CreateColumn { column: todo.clone(), name: "To do".into(), at: Slot::Last }, now)?;
    /// # board.apply(&Command::CreateCard { card: CardId::parse("docs")?, column: todo, at: Slot::Last, title: "=1+1".into(), description: String::new() }, now)?;
    /// let csv = board.to_csv(&CsvOptions::new());
    /// let row = csv.lines().nth(1).expect("there is a card");
    /// assert!(row.starts_with(r#""docs","To do","'=1+1","","#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_csv(&self, options: &CsvOptions) -> String {
        to_csv(&self.view(), options)
    }
}

fn to_csv(view: &BoardView, options: &CsvOptions) -> String {
    let sieve = Sieve::new(view, &options.filter);
    let separator = options.separator.as_str();
    let mut csv = String::new();
    if options.byte_order_mark {
        csv.push('\u{FEFF}');
    }
    write_row(&mut csv, separator, &HEADER.map(str::to_owned));
    for card in cards(view).filter(|card| sieve.keeps(card)) {
        write_row(&mut csv, separator, &row(view, card));
    }
    csv
}

fn row(view: &BoardView, card: &Card) -> [String; HEADER.len()] {
    let items = || card.checklists.iter().flat_map(|list| &list.items);
    let joined = |texts: Vec<&str>| texts.join("; ");
    let date = |date: &Option<_>| date.as_ref().map(ToString::to_string).unwrap_or_default();
    [
        card.id.to_string(),
        column_name(view, &card.column).to_owned(),
        card.title.clone(),
        card.description.clone(),
        joined(labels_of(view, card).map(|label| &*label.name).collect()),
        joined(assignees_of(view, card).map(|member| &*member.name).collect()),
        date(&card.start),
        date(&card.due),
        card.done.to_string(),
        items().count().to_string(),
        items().filter(|item| item.done).count().to_string(),
        card.comments.len().to_string(),
        joined(card.links.iter().map(|link| &*link.url).collect()),
        (card.life == Life::Archived).to_string(),
    ]
}

// By hand: with every cell quoted there is nothing left for a library to decide.
fn write_row(csv: &mut String, separator: &str, cells: &[String]) {
    for (index, cell) in cells.iter().enumerate() {
        csv.push_str(if index > 0 { separator } else { "" });
        csv.push('"');
        csv.push_str(if is_formula_to_somebody(cell) { "'" } else { "" });
        csv.push_str(&cell.replace('"', "\"\""));
        csv.push('"');
    }
    csv.push_str("\r\n");
}

/// Whether some spreadsheet might evaluate the cell.
///
/// OWASP ("CSV Injection") names `=`, `+`, `-`, `@`, tab, CR, LF and the full-width forms that
/// Japanese and Chinese editions accept. Leading white space is looked through, because some
/// programs trim it, and so is whatever else they may drop.
fn is_formula_to_somebody(cell: &str) -> bool {
    let dropped = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c);
    let first = cell.chars().find(|c| !dropped(*c));
    cell.starts_with(char::is_control)
        // Folded, because that makes full-width and small forms plain.
        || first.is_some_and(|c| fold(&c.to_string()).starts_with(['=', '+', '-', '@', '\u{2212}']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::DateOrTime;
    use crate::ids::LinkId;
    use crate::parts::Link;
    use crate::query::samples::{archived, assigned, board, card, checklist, comment, label};
    use proptest::prelude::*;

    /// What an independent reader finds in the file.
    fn read(csv: &str, separator: u8) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(separator)
            .from_reader(csv.as_bytes());
        let rows = reader.records().map(|row| row.unwrap());
        rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
    }

    fn titled(title: &str) -> BoardView {
        board(&[("todo", vec![card("a", title)])])
    }

    #[test]
    fn a_row_says_everything_about_a_card() {
        let mut full = assigned("full", &["ben", "ana", "unlisted"]);
        full.title = "Say \"hi\", then\r\nleave".into();
        full.description = "Line one\nline two; Ünï 日本".into();
        full.labels = [label("red"), label("blue")].into();
        full.start = Some(DateOrTime::parse("2026-04-01").unwrap());
        full.due = Some(DateOrTime::parse("2026-05-01T17:00:00+02:00").unwrap());
        full.done = true;
        full.checklists = vec![checklist("Steps", &["one", "two", "three"])];
        full.comments = vec![comment("c1", Some("ana"), "Hm.")];
        let id = LinkId::parse("l1").unwrap();
        full.links = vec![Link { id, url: "https://a.example/?b=c,d".into(), name: "A".into() }];
        let view = board(&[("todo", vec![archived(card("old", "Old")), full])]);

        for (separator, byte) in [
            (CsvSeparator::Comma, b','),
            (CsvSeparator::Semicolon, b';'),
            (CsvSeparator::Tab, b'\t'),
        ] {
            let rows = read(&to_csv(&view, &CsvOptions::new().separator(separator)), byte);
            assert_eq!(rows[0], HEADER);
            assert_eq!(
                rows[1],
                [
                    "full",
                    "todo",
                    "Say \"hi\", then\r\nleave",
                    "Line one\nline two; Ünï 日本",
                    "Blue; Red",
                    "Ana; Ben",
                    "2026-04-01",
                    "2026-05-01T17:00:00+02:00",
                    "true",
                    "3",
                    "1",
                    "1",
                    "https://a.example/?b=c,d",
                    "false"
                ]
            );
            assert_eq!((&*rows[2][0], &*rows[2][13], rows.len()), ("old", "true", 3));
        }
    }

    #[test]
    fn nothing_that_a_spreadsheet_evaluates_gets_through() {
        for text in [
            "=1+1",
            "+1",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\rx",
            "\nx",
            "\0=1",
            "  =1",
            "\u{A0}=1",
            "\u{3000}=1",
            "\u{FEFF}=1",
            "\u{200B}\u{202E}=1",
            "＝1+1",
            "＋1",
            "－1",
            "＠SUM",
            "﹦1",
            "\u{2212}1",
            " \u{1} =1",
        ] {
            let title = read(&to_csv(&titled(text), &CsvOptions::new()), b',')[1][2].clone();
            assert_eq!(title, format!("'{text}"));
        }
        for text in ["", "a=1", "1-2", "'=1", "\"=1\"", "ana@example.org", "#1", "(-1)", "—"] {
            let title = read(&to_csv(&titled(text), &CsvOptions::new()), b',')[1][2].clone();
            assert_eq!(title, text);
        }
    }

    #[test]
    fn an_id_that_starts_with_a_dash_is_defused_as_well() {
        let view = board(&[("todo", vec![card("-a", "A")])]);
        assert!(to_csv(&view, &CsvOptions::new()).contains("\r\n\"'-a\","));
    }

    #[test]
    fn the_byte_order_mark_is_there_when_asked_for() {
        let csv = to_csv(&titled("A"), &CsvOptions::new().byte_order_mark(true));
        assert!(csv.starts_with("\u{FEFF}\"id\","));
        assert!(to_csv(&titled("A"), &CsvOptions::new()).starts_with("\"id\","));
    }

    #[test]
    fn only_cards_that_match_are_written() {
        let csv = to_csv(&titled("A"), &CsvOptions::new().filter(Filter::new().done(true)));
        assert_eq!(read(&csv, b',').len(), 1);
    }

    #[test]
    fn options_are_read_from_json_with_defaults() {
        let options: CsvOptions = serde_json::from_str(r#"{"separator":"semicolon"}"#).unwrap();
        assert_eq!(options, CsvOptions::new().separator(CsvSeparator::Semicolon));
    }

    proptest! {
        #![proptest_config(crate::fixed_seed(500))]

        #[test]
        fn every_text_is_read_back_as_it_was_or_behind_an_apostrophe(
            title in "[\\PC\r\n\t\",;=+'@-]{0,12}",
        ) {
            let rows = read(&to_csv(&titled(&title), &CsvOptions::new()), b',');
            prop_assert_eq!((rows.len(), rows[1].len()), (2, HEADER.len()));
            let read = &rows[1][2];
            let defused = format!("'{title}");
            prop_assert!(*read == title || *read == defused);
            prop_assert!(!read.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
        }
    }
}
