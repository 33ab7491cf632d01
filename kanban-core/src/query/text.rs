//! Finding cards by their text.

use super::filter::{Filter, Scope};
use super::find::{Sieve, cards};
use super::fold::{fold, occurs};
use crate::board::Board;
use crate::ids::{ChecklistId, CommentId, ItemId};
use crate::order::sort_by;
use crate::view::{BoardView, Card};
use serde::Serialize;
use std::sync::Arc;

/// A card in which everything that was looked for occurs.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let found: TextMatch = board.search("docs").remove(0);
/// assert_eq!((&*found.card.title, found.parts), ("Write docs", vec![TextPart::Title]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TextMatch {
    /// The card.
    pub card: Arc<Card>,
    /// Its parts in which at least one of the words and phrases occurs, from the title down.
    pub parts: Vec<TextPart>,
}

/// A text of a card that is searched.
///
/// ```
/// use kanban_core::{CommentId, TextPart};
/// let part = TextPart::Comment { comment: CommentId::parse("c1")? };
/// assert_eq!(serde_json::to_string(&part)?, r#"{"part":"comment","comment":"c1"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "part", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is the text of Card and its parts with that name")]
pub enum TextPart {
    Title,
    Description,
    ChecklistName { checklist: ChecklistId },
    ItemText { item: ItemId },
    Comment { comment: CommentId },
}

/// How much of what was looked for a title holds. The best sorts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    AllInTitle,
    SomeInTitle,
    ElsewhereOnly,
}

/// Words and phrases to look for, folded. None of them is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Terms(Vec<String>);

impl Board {
    /// Finds cards, on the board and on the shelf, by their titles, descriptions, checklists and
    /// comments.
    ///
    /// Words may occur anywhere in a card, each in another part, but all must occur; words in
    /// quotation marks (`"…"` or `“…”`) must occur as they are, side by side. A part of a word is
    /// enough. Neither case nor width matters, in any script: `ﾘﾘｰｽ` finds `リリース`, `strasse` finds
    /// `Straße`; hiragana differs from katakana, and an accented letter from a plain one.
    ///
    /// Cards come in three groups, each in board order, the shelf last: those whose title holds
    /// everything, something, nothing of it. Looking for nothing finds nothing. Costs a step per
    /// character on the board.
    ///
    /// ```
    /// # use kanban_core::{ActorId, Board, BoardId, CardId, ColumnId, Command, Replica, Slot, Timestamp};
    /// use kanban_core::TextPart;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// # let ana = Replica::new(ActorId::from([1; 16]));
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// # let todo = ColumnId::parse("todo")?;
    /// # board.apply(&Command::CreateColumn { column: todo.clone(), name: "To do".into(), at: Slot::Last }, now)?;
    /// # board.apply(&Command::CreateCard { card: CardId::parse("docs")?, column: todo, at: Slot::Last, title: "Write the Docs".into(), description: "リリース前".into() }, now)?;
    /// let found = board.search("docs ﾘﾘｰｽ");
    /// assert_eq!(found[0].card.title, "Write the Docs");
    /// assert_eq!(found[0].parts, [TextPart::Title, TextPart::Description]);
    /// assert!(board.search("\"docs write\"").is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn search(&self, text: &str) -> Vec<TextMatch> {
        self.search_in(text, &Filter::new().scope(Scope::BoardAndShelf))
    }

    /// Like [`search`](Self::search), among the cards that match `filter`.
    ///
    /// ```
    /// # use kanban_core::{ActorId, Board, BoardId, Filter, Replica, Timestamp};
    /// # let ana = Replica::new(ActorId::from([1; 16]));
    /// # let board = Board::create(ana, BoardId::parse("b1")?, "Release", Timestamp::default());
    /// let undone = board.search_in("docs", &Filter::new().done(false));
    /// # assert!(undone.is_empty());
    /// # Ok::<(), kanban_core::IdError>(())
    /// ```
    pub fn search_in(&self, text: &str, filter: &Filter) -> Vec<TextMatch> {
        search(&self.view(), text, filter)
    }
}

pub(crate) fn search(view: &BoardView, text: &str, filter: &Filter) -> Vec<TextMatch> {
    let terms = Terms::parse(text);
    if terms.is_empty() {
        return Vec::new();
    }
    let sieve = Sieve::new(view, filter);
    let mut found: Vec<(Rank, TextMatch)> = cards(view)
        .filter(|card| sieve.keeps(card))
        .filter_map(|card| {
            let (rank, parts) = terms.find_in(card)?;
            Some((rank, TextMatch { card: card.clone(), parts }))
        })
        .collect();
    // The sort is stable: board order within each rank.
    sort_by(&mut found, |(one, _), (other, _)| one.cmp(other));
    found.into_iter().map(|(_, found)| found).collect()
}

impl Terms {
    /// Reads what somebody typed. A quotation mark that is not closed yet reaches to the end.
    pub(crate) fn parse(text: &str) -> Self {
        let folded = fold(text);
        let mut terms = Vec::new();
        for (index, piece) in folded.split(['"', '“', '”', '„']).enumerate() {
            match index % 2 {
                0 => terms.extend(piece.split(' ').map(str::to_owned)),
                _ => terms.push(piece.trim().to_owned()),
            }
        }
        terms.retain(|term| !term.is_empty());
        Self(terms)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where in the card the terms occur, if all of them do.
    pub(crate) fn find_in(&self, card: &Card) -> Option<(Rank, Vec<TextPart>)> {
        let mut missing: Vec<&str> = self.0.iter().map(String::as_str).collect();
        let mut rank = Rank::ElsewhereOnly;
        let mut parts = Vec::new();
        for (part, text) in texts(card) {
            let text = fold(text);
            if !self.0.iter().any(|term| occurs(term, &text)) {
                continue;
            }
            missing.retain(|term| !occurs(term, &text));
            if part == TextPart::Title {
                rank = if missing.is_empty() { Rank::AllInTitle } else { Rank::SomeInTitle };
            }
            parts.push(part);
        }
        missing.is_empty().then_some((rank, parts))
    }
}

/// What is searched in a card, from the title down.
fn texts(card: &Card) -> impl Iterator<Item = (TextPart, &str)> {
    let own = [(TextPart::Title, &*card.title), (TextPart::Description, &*card.description)];
    let lists = card.checklists.iter().flat_map(|list| {
        let name = (TextPart::ChecklistName { checklist: list.id.clone() }, &*list.name);
        let items = list.items.iter();
        let items = items.map(|item| (TextPart::ItemText { item: item.id.clone() }, &*item.text));
        std::iter::once(name).chain(items)
    });
    let comments = card.comments.iter();
    let comments = comments.map(|it| (TextPart::Comment { comment: it.id.clone() }, &*it.text));
    own.into_iter().chain(lists).chain(comments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::samples::{archived, board, card, checklist, comment};

    fn titles(view: &BoardView, text: &str) -> Vec<String> {
        let found = search(view, text, &Filter::new().scope(Scope::BoardAndShelf));
        found.iter().map(|found| found.card.title.clone()).collect()
    }

    #[test]
    fn all_words_must_occur_each_wherever_it_likes() {
        let mut release = card("a", "Write the Release notes");
        release.description = "For customers, in plain words.".into();
        release.checklists = vec![checklist("Steps", &["Ask the team", "Translate"])];
        release.comments = vec![comment("c1", None, "Ben: nearly there")];
        let view = board(&[("todo", vec![release, card("b", "Release")])]);

        let found = search(&view, "TRANSLATE  nearly release", &Filter::new());
        let [found] = found.as_slice() else { panic!("{found:?}") };
        let item = found.card.checklists[0].items[1].id.clone();
        let comment = found.card.comments[0].id.clone();
        let parts = [TextPart::Title, TextPart::ItemText { item }, TextPart::Comment { comment }];
        assert_eq!(found.parts, parts);

        assert_eq!(titles(&view, "customers steps").len(), 1);
        assert_eq!(titles(&view, "release"), ["Write the Release notes", "Release"]);
        assert!(titles(&view, "customers absent").is_empty());
        assert!(titles(&view, "").is_empty() && titles(&view, " \"\" ").is_empty());
    }

    #[test]
    fn a_quoted_phrase_must_occur_side_by_side_even_across_a_line_break() {
        let mut plan = card("a", "Plan");
        plan.description = "the second\nrelease of spring".into();
        let view = board(&[("todo", vec![plan])]);
        for text in ["\"second release\"", "“Second  Release” plan", "spring \"the second rel"]
        {
            assert_eq!(titles(&view, text), ["Plan"], "{text}");
        }
        assert!(titles(&view, "\"release second\"").is_empty());
        assert!(titles(&view, "\"plan the\"").is_empty(), "a phrase does not span two parts");
    }

    #[test]
    fn japanese_is_found_whatever_its_width_and_by_the_kana_it_is_written_in() {
        let view = board(&[("todo", vec![card("a", "リリース計画（第２版）")])]);
        for text in ["ﾘﾘｰｽ", "計画", "第2版", "リリース　２"] {
            assert_eq!(titles(&view, text).len(), 1, "{text}");
        }
        assert!(titles(&view, "りりーす").is_empty());
    }

    #[test]
    fn titles_come_first_then_board_order_and_the_shelf_last() {
        let mut aside = card("aside", "Elsewhere");
        aside.description = "red apple".into();
        let mut half = card("half", "A red thing");
        half.description = "an apple".into();
        let view = board(&[
            ("todo", vec![aside, half, archived(card("old", "Old red apple"))]),
            ("done", vec![card("full", "The Red Apple")]),
        ]);
        assert_eq!(
            titles(&view, "red apple"),
            ["The Red Apple", "Old red apple", "A red thing", "Elsewhere"]
        );
    }

    #[test]
    fn a_search_can_be_narrowed_by_a_filter() {
        let view = board(&[
            ("todo", vec![card("a", "Docs")]),
            ("done", vec![Card { done: true, ..card("b", "Docs, old") }]),
        ]);
        let found = search(&view, "docs", &Filter::new().done(false));
        assert_eq!(found.iter().map(|m| m.card.id.as_str()).collect::<Vec<_>>(), ["a"]);
    }
}
