//! What a board shows.

use super::Board;
use crate::draw::draw_parts;
use crate::ids::{BoardId, CardId, ColumnId};
use crate::parts::{DeletedParts, Label, Member};
use crate::read::Reader;
use crate::schema::SCHEMA_VERSION;
use crate::view::{BoardView, Card, Column};
use automerge::Automerge;
use std::sync::Arc;

impl Board {
    /// The board's schema, if it is newer than this build writes. Such a board can be read and
    /// synced, as far as this build understands it; every command is refused.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// assert_eq!(board.newer_schema(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn newer_schema(&self) -> Option<u64> {
        (self.schema > SCHEMA_VERSION).then_some(self.schema)
    }

    /// Who writes here, as given to [`Replica::by`](crate::Replica::by).
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (id, now) = (BoardId::parse("b1")?, Timestamp::default());
    /// let ana = Replica::new(ActorId::from([1; 16])).by("ana");
    /// assert_eq!(Board::create(ana, id, "Release", now).author(), Some("ana".as_bytes()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn author(&self) -> Option<&[u8]> {
        self.author.as_deref()
    }

    /// The document, for reading it with Automerge directly.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// use automerge::ReadDoc;
    /// let keys: Vec<String> = board.document().keys(automerge::ROOT).collect();
    /// assert_eq!(keys, ["cards", "cols", "labels", "members", "meta", "v"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn document(&self) -> &Automerge {
        &self.document
    }

    /// The board's id.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// assert_eq!(board.id().as_str(), "b1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn id(&self) -> &BoardId {
        &self.id
    }

    /// The board's name.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// assert_eq!(board.name(), "Release");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn name(&self) -> &str {
        &self.model.board.name
    }

    /// The labels that the board defines, by name.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [],
    /// #     "labels": [{ "id": "l1", "name": "Urgent" }, { "id": "l2", "name": "Bug" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let names: Vec<&str> = board.labels().map(|label| &*label.name).collect();
    /// assert_eq!(names, ["Bug", "Urgent"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn labels(&self) -> impl Iterator<Item = &Arc<Label>> {
        self.model.labels()
    }

    /// The members of the board, by name.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [],
    /// #     "members": [{ "id": "m1", "name": "Ben" }, { "id": "m2", "name": "Ana" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let names: Vec<&str> = board.members().map(|member| &*member.name).collect();
    /// assert_eq!(names, ["Ana", "Ben"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn members(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.model.members()
    }

    /// Labels that somebody deleted; on cards they are not to be shown until they are restored.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [],
    /// #     "labels": [{ "id": "bug", "name": "Bug" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// board.apply(&Command::DeleteLabel { label: LabelId::parse("bug")? }, now)?;
    /// assert_eq!(board.labels().count(), 0);
    /// assert_eq!(board.deleted_labels().next().unwrap().name, "Bug");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn deleted_labels(&self) -> impl Iterator<Item = &Arc<Label>> {
        let labels = self.model.board.labels.values();
        labels.filter(|drawn| !drawn.record.is_alive()).map(|drawn| &drawn.view)
    }

    /// Members that somebody removed.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [],
    /// #     "members": [{ "id": "ben", "name": "Ben" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// board.apply(&Command::RemoveMember { member: MemberId::parse("ben")? }, now)?;
    /// assert_eq!(board.members().count(), 0);
    /// assert_eq!(board.removed_members().next().unwrap().name, "Ben");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn removed_members(&self) -> impl Iterator<Item = &Arc<Member>> {
        let members = self.model.board.members.values();
        members.filter(|drawn| !drawn.record.is_alive()).map(|drawn| &drawn.view)
    }

    /// What people deleted from a card and can restore. `None` for a card that nobody created.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs",
    /// #         "links": [{ "id": "spec", "url": "https://kanban.example" }] }] }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let (card, link) = (CardId::parse("docs")?, LinkId::parse("spec")?);
    /// board.apply(&Command::DeleteLink { card: card.clone(), link }, now)?;
    /// assert_eq!(board.deleted_parts(&card).unwrap().links[0].url, "https://kanban.example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn deleted_parts(&self, card: &CardId) -> Option<DeletedParts> {
        let state = self.model.cards.get(card)?;
        Some(draw_parts(card, &state.parts, Reader::now(&self.document)).deleted)
    }

    /// Visible columns, left to right.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let names: Vec<&str> = board.columns().map(|column| &*column.name).collect();
    /// assert_eq!(names, ["To do", "Done"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn columns(&self) -> impl Iterator<Item = &Arc<Column>> {
        self.model.visible()
    }

    /// A column in whatever state, deleted ones included.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let done = ColumnId::parse("done")?;
    /// board.apply(&Command::DeleteColumn { column: done.clone(), cards: None }, now)?;
    /// assert_eq!(board.column(&done).unwrap().life, Life::Deleted);
    /// assert_eq!(board.column(&ColumnId::parse("doing")?), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn column(&self, id: &ColumnId) -> Option<&Arc<Column>> {
        let state = self.model.columns.get(id)?;
        let known = state.object.is_some() || state.view.recovered;
        known.then_some(&state.view)
    }

    /// The cards shown in a column, top to bottom.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let todo = ColumnId::parse("todo")?;
    /// let titles: Vec<&str> = board.cards_in(&todo).map(|card| &*card.title).collect();
    /// assert_eq!(titles, ["Write docs"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cards_in<'a>(
        &'a self,
        column: &ColumnId,
    ) -> impl Iterator<Item = &'a Arc<Card>> + use<'a> {
        self.model.cards_in(column)
    }

    /// A card in whatever state, deleted ones included.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let card = CardId::parse("docs")?;
    /// board.apply(&Command::DeleteCard { card: card.clone() }, now)?;
    /// assert_eq!(board.card(&card).unwrap().life, Life::Deleted);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn card(&self, id: &CardId) -> Option<&Arc<Card>> {
        self.model.cards.get(id).map(|state| &state.view)
    }

    /// Every card, deleted ones included, by id.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// board.apply(&Command::DeleteCard { card: CardId::parse("docs")? }, now)?;
    /// let ids: Vec<&str> = board.cards().map(|card| card.id.as_str()).collect();
    /// assert_eq!(ids, ["docs"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cards(&self) -> impl Iterator<Item = &Arc<Card>> {
        self.model.cards.values().map(|state| &state.view)
    }

    /// The whole board at this moment. Costs a step per card; for one card use
    /// [`card`](Self::card).
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let view = board.view();
    /// assert_eq!(view.columns[0].column.name, "To do");
    /// assert_eq!(view.columns[0].cards[0].title, "Write docs");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn view(&self) -> BoardView {
        self.model.view(&self.id)
    }
}
