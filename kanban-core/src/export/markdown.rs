//! A board as a document to read.

mod escape;

use super::{assignees_of, column_name, labels_of};
use crate::board::Board;
use crate::date::DateOrTime;
use crate::parts::{Checklist, Comment, Link};
use crate::query::{Filter, Sieve};
use crate::replica::Timestamp;
use crate::view::{BoardView, Card, Life};
use escape::{address, line, paragraphs};
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Stands where a name or title is empty.
const NAMELESS: &str = "(untitled)";

/// What [`Board::to_markdown`](crate::Board::to_markdown) writes.
///
/// ```
/// use kanban_core::{Filter, MarkdownOptions};
/// let open_work = MarkdownOptions::new().filter(Filter::new().done(false)).comments(false);
/// # let _ = open_work;
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MarkdownOptions {
    /// The cards to write; by default all on the board. If it asks for columns, only those get a
    /// heading.
    pub filter: Filter,
    /// Whether to write the descriptions of the board and its cards.
    pub descriptions: bool,
    /// Whether to write the checklists of cards.
    pub checklists: bool,
    /// Whether to write the comments on cards.
    pub comments: bool,
}

impl Default for MarkdownOptions {
    fn default() -> Self {
        Self { filter: Filter::new(), descriptions: true, checklists: true, comments: true }
    }
}

impl MarkdownOptions {
    /// Everything on the board.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// assert_eq!(board.to_markdown(&MarkdownOptions::new()), "# Release\n");
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
    /// let done = MarkdownOptions::new().filter(Filter::new().done(true));
    /// assert_eq!(board.to_markdown(&done), "# Release\n\n## To do\n\n## Done\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Writes descriptions, or leaves them out.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// board.apply(&Command::SetBoardDescription { text: "Everything for May".into() }, now)?;
    /// let short = MarkdownOptions::new().descriptions(false);
    /// assert_eq!(board.to_markdown(&short), "# Release\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn descriptions(mut self, descriptions: bool) -> Self {
        self.descriptions = descriptions;
        self
    }

    /// Writes checklists, or leaves them out.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs",
    /// #         "checklists": [{ "id": "steps", "name": "Steps" }] }] }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// assert!(board.to_markdown(&MarkdownOptions::new()).contains("Steps"));
    /// assert!(!board.to_markdown(&MarkdownOptions::new().checklists(false)).contains("Steps"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn checklists(mut self, checklists: bool) -> Self {
        self.checklists = checklists;
        self
    }

    /// Writes comments, or leaves them out.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs",
    /// #         "comments": [{ "id": "c1", "at": 0, "text": "Nice!" }] }] }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// assert!(board.to_markdown(&MarkdownOptions::new()).contains("Nice!"));
    /// assert!(!board.to_markdown(&MarkdownOptions::new().comments(false)).contains("Nice!"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn comments(mut self, comments: bool) -> Self {
        self.comments = comments;
        self
    }
}

impl Board {
    /// Writes the board as Markdown: its name and description, a heading per column, and cards as
    /// list items with a box that is checked once they are done.
    ///
    /// A card's dates, labels, members, links, description, checklists and comments are indented
    /// below it. Archived cards, if the filter asks for them, come last under a heading of their
    /// own. The words between the texts are English and times are in UTC.
    ///
    /// Texts show up as they were written and never as Markdown: nothing in a title makes a
    /// heading, a link or HTML. Line breaks in descriptions and comments stay, blanks at the start
    /// of their lines do not. An address becomes a link only if it starts with `http://`,
    /// `https://` or `mailto:`. What a site does to plain text beside Markdown, such as linking a bare
    /// address or `@name`, is not prevented.
    ///
    /// ```
    /// # use kanban_core::{ActorId, Board, BoardId, CardId, ColumnId, Command, Replica, Slot, Timestamp};
    /// use kanban_core::MarkdownOptions;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// # let ana = Replica::new(ActorId::from([1; 16]));
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// # let todo = ColumnId::parse("todo")?;
    /// # board.apply(&Command::CreateColumn { column: todo.clone(), name: "To do".into(), at: Slot::Last }, now)?;
    /// # board.apply(&Command::CreateCard { card: CardId::parse("docs")?, column: todo, at: Slot::Last, title: "Write *docs*".into(), description: "For all.".into() }, now)?;
    /// let text = board.to_markdown(&MarkdownOptions::new());
    /// assert_eq!(text, "# Release\n\n## To do\n\n- [ ] Write \\*docs\\*\n\n  For all.\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_markdown(&self, options: &MarkdownOptions) -> String {
        to_markdown(&self.view(), options)
    }
}

fn to_markdown(view: &BoardView, options: &MarkdownOptions) -> String {
    let writer = Writer { view, options, sieve: Sieve::new(view, &options.filter) };
    let mut blocks = vec![format!("# {}", named(&view.name))];
    if options.descriptions {
        blocks.extend(paragraphs(&view.description));
    }
    let asked = &options.filter.columns;
    for column in &view.columns {
        if asked.is_empty() || asked.contains(&column.column.id) {
            blocks.push(format!("## {}", named(&column.column.name)));
            blocks.extend(writer.list(&column.cards));
        }
    }
    if let Some(shelf) = writer.list(&view.archived_cards) {
        blocks.push("## Archived".into());
        blocks.push(shelf);
    }
    blocks.join("\n\n") + "\n"
}

struct Writer<'a> {
    view: &'a BoardView,
    options: &'a MarkdownOptions,
    sieve: Sieve<'a>,
}

impl Writer<'_> {
    /// The cards that match as one list.
    fn list(&self, cards: &[Arc<Card>]) -> Option<String> {
        let cards: Vec<String> = cards
            .iter()
            .filter(|card| self.sieve.keeps(card))
            .map(|card| self.card(card))
            .collect();
        (!cards.is_empty()).then(|| cards.join("\n"))
    }

    fn card(&self, card: &Card) -> String {
        let mut blocks: Vec<String> = self.facts(card).into_iter().collect();
        if self.options.descriptions {
            blocks.extend(paragraphs(&card.description));
        }
        if self.options.checklists && !card.checklists.is_empty() {
            let lists: Vec<String> = card.checklists.iter().map(checklist).collect();
            blocks.push(lists.join("\n"));
        }
        if self.options.comments {
            blocks.extend(card.comments.iter().map(|comment| self.comment(comment)));
        }
        let mut item = format!("- {} {}", checkbox(card.done), named(&card.title));
        for block in &blocks {
            item.push_str("\n\n");
            item.push_str(&prefixed("  ", block));
        }
        item
    }

    /// What a card is apart from its texts, in one line.
    fn facts(&self, card: &Card) -> Option<String> {
        let mut facts = Vec::new();
        let mut add = |name: &str, values: Vec<String>| {
            if !values.is_empty() {
                facts.push(format!("{name}: {}", values.join(", ")));
            }
        };
        let date = |date: &Option<DateOrTime>| date.iter().map(|it| line(it.as_str())).collect();
        if card.life == Life::Archived {
            add("Column", vec![named(column_name(self.view, &card.column))]);
        }
        add("Start", date(&card.start));
        add("Due", date(&card.due));
        add("Labels", labels_of(self.view, card).map(|it| named(&it.name)).collect());
        add("Assigned to", assignees_of(self.view, card).map(|it| named(&it.name)).collect());
        add("Links", card.links.iter().map(link).collect());
        (!facts.is_empty()).then(|| facts.join(" · "))
    }

    fn comment(&self, comment: &Comment) -> String {
        let author = self.view.members.iter().find(|it| Some(&it.id) == comment.by.as_ref());
        let author = author.map_or_else(|| "Somebody".into(), |member| named(&member.name));
        let mut blocks = vec![format!("{author}, {}:", moment(comment.at))];
        blocks.extend(paragraphs(&comment.text));
        prefixed("> ", &blocks.join("\n\n"))
    }
}

fn checklist(list: &Checklist) -> String {
    let mut text = format!("- {}", named(&list.name));
    for item in &list.items {
        text.push_str(&format!("\n  - {} {}", checkbox(item.done), named(&item.text)));
    }
    text
}

fn link(link: &Link) -> String {
    let name = if line(&link.name).is_empty() { &link.url } else { &link.name };
    match address(&link.url) {
        Some(address) => format!("[{}](<{address}>)", named(name)),
        None if line(&link.name).is_empty() => named(&link.url),
        None => format!("{} ({})", named(name), named(&link.url)),
    }
}

fn checkbox(done: bool) -> &'static str {
    if done { "[x]" } else { "[ ]" }
}

/// A text as one line, which is never empty.
fn named(text: &str) -> String {
    let text = line(text);
    if text.is_empty() { NAMELESS.into() } else { text }
}

/// A moment to the minute, in UTC.
fn moment(at: Timestamp) -> String {
    match jiff::Timestamp::from_second(at.unix_seconds()) {
        Ok(at) => minute(Offset::UTC.to_datetime(at)),
        Err(_) => "at an unknown time".into(),
    }
}

// jiff's formatting by a pattern is many kilobytes of WebAssembly.
fn minute(at: DateTime) -> String {
    let (year, month, day, hour, minute) =
        (at.year(), at.month(), at.day(), at.hour(), at.minute());
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// The block with something in front of each of its lines.
fn prefixed(prefix: &str, block: &str) -> String {
    let lines = block.split('\n').map(|line| format!("{prefix}{line}").trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
