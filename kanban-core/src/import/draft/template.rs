//! A board as the pattern for others.

use super::{ArchivedDraft, BoardDraft, CardDraft, ColumnDraft};

impl BoardDraft {
    /// What is worth repeating of a board: its columns with limits and colours, labels, and cards with
    /// descriptions, labels, covers, links and checklists, nothing ticked.
    ///
    /// Left out is what belongs to one run of the work: members and whom cards are assigned to,
    /// comments, dates, whether a card is done, where it was copied from, and everything on the
    /// shelf. Ids stay; they only need to differ within one board.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release 1", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [
    /// #         { "id": "docs", "title": "Write docs", "due": "2026-05-08", "done": true }] }] }"#)?;
    /// # let board = Board::from_draft(ana, BoardId::parse("release-1")?, &draft, now)?;
    /// let mut template = board.to_draft().as_template();
    /// template.name = "Release 2".into();
    /// let replica = Replica::new(ActorId::from([2; 16]));
    /// let next = Board::from_draft(replica, BoardId::parse("release-2")?, &template, now)?;
    /// let card = next.card(&CardId::parse("docs")?).unwrap();
    /// assert_eq!((&*card.title, &card.due, card.done), ("Write docs", &None, false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_template(&self) -> Self {
        let columns = self.columns.iter().filter(|column| !column.archived);
        Self {
            name: self.name.clone(),
            description: self.description.clone(),
            labels: self.labels.clone(),
            members: Vec::new(),
            columns: columns.map(column).collect(),
        }
    }
}

fn column(column: &ColumnDraft) -> ColumnDraft {
    let on_board = column.cards.iter().filter(|card| card.archived == ArchivedDraft::No);
    ColumnDraft { cards: on_board.map(card).collect(), ..column.clone() }
}

/// Takes over by name, so that a field that cards get one day is left out until somebody decides.
fn card(card: &CardDraft) -> CardDraft {
    let mut checklists = card.checklists.clone();
    checklists.iter_mut().flat_map(|list| &mut list.items).for_each(|item| item.done = false);
    CardDraft {
        description: card.description.clone(),
        labels: card.labels.clone(),
        cover: card.cover.clone(),
        links: card.links.clone(),
        checklists,
        ..CardDraft::new(card.id.clone(), &card.title)
    }
}
