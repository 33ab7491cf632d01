//! Cards that go to another board, and boards that are cut into a fresh document.
//!
//! Two documents never merge, so nothing here can be one change. Each half is safe alone: a copy
//! says where it came from, and what was deleted lies in the trash.

use crate::board::{Applied, Board};
use crate::command::{Command, CommandError, Slot};
use crate::ids::{BoardId, CardId, ColumnId, LabelId, MemberId};
use crate::import::{CardDraft, DraftError};
use crate::order::{gathered, sort_by};
use crate::part::Target;
use crate::placement::{Kind, Stamped};
use crate::plan::{Scalar, Write};
use crate::replica::{Replica, Timestamp};
use crate::schema::{key, meta_object};
use automerge::ChangeHash;
use automerge::transaction::Transactable;
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeSet;
use std::fmt;

/// The card of another board that a card was copied from.
///
/// ```
/// use kanban_core::{BoardId, CardId, CardOrigin};
/// let origin = CardOrigin::new(BoardId::parse("release")?, CardId::parse("docs")?);
/// assert_eq!(origin.to_string(), "release/docs");
/// # Ok::<(), kanban_core::IdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CardOrigin {
    /// The board it was on.
    pub board: BoardId,
    /// Its id there.
    pub card: CardId,
}

impl CardOrigin {
    /// A card on a board.
    ///
    /// ```
    /// use kanban_core::{BoardId, CardId, CardOrigin};
    /// let origin = CardOrigin::new(BoardId::parse("release")?, CardId::parse("docs")?);
    /// assert_eq!(origin.card.as_str(), "docs");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(board: BoardId, card: CardId) -> Self {
        Self { board, card }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (board, card) = text.split_once('/')?;
        Some(Self { board: BoardId::parse(board).ok()?, card: CardId::parse(card).ok()? })
    }
}

impl fmt::Display for CardOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.board, self.card)
    }
}

impl Board {
    /// Takes a copy of another board's card, with everything that belongs to it, under an id of its
    /// own; labels and members that this board lacks, or has deleted, come along. The first half of
    /// moving a card to another board; delete it there when this change is stored
    /// ([`move_card_to`](Self::move_card_to) does both).
    ///
    /// Labels are matched by id, then by name; members by id. What people add to the original
    /// meanwhile stays there, on the board or in the trash. Two people who take one card at the same
    /// time make two copies, which both say where they [come from](crate::Card::origin).
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let ideas = Board::from_draft(ana, BoardId::parse("ideas")?, &draft, now)?;
    /// # let ben = Replica::new(ActorId::from([2; 16]));
    /// # let mut release = Board::create(ben, BoardId::parse("release")?, "Release", now);
    /// let (card, copy, todo) =
    ///     (CardId::parse("docs")?, CardId::parse("manual")?, ColumnId::parse("todo")?);
    /// # let (column, name, at) = (todo.clone(), "To do".into(), Slot::Last);
    /// # release.apply(&Command::CreateColumn { column, name, at }, now)?;
    /// release.take_card(&ideas, &card, &copy, &todo, &Slot::Last, now)?;
    /// assert_eq!(release.card(&copy).unwrap().title, "Write docs");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommandError::UnknownCard`] and [`CommandError::CardDeleted`] about the other board's card,
    /// [`CommandError::DuplicateCard`] if this board has a card of the copy's id, and those of
    /// [`Command::CreateCard`].
    pub fn take_card(
        &mut self,
        from: &Board,
        card: &CardId,
        copy: &CardId,
        column: &ColumnId,
        to: &Slot<CardId>,
        now: Timestamp,
    ) -> Result<Applied, CommandError> {
        let (draft, mut writes) = self.copy_of(from, card, copy, now)?;
        let (position, rekeyed) = self.planner(now).place_for_new(copy, column, to)?;
        writes.extend(rekeyed);
        let column = Some(column.clone());
        let placement = Stamped { generation: 0, kind: Kind::Move, column, position };
        writes.push(Write::CreateCardAtOnce { card: Box::new(draft), placement });
        self.carry_out_saying(&writes, now, None)
    }

    /// The copy of another board's card, and what must be written for it to mean the same here.
    fn copy_of(
        &self,
        from: &Board,
        card: &CardId,
        copy: &CardId,
        now: Timestamp,
    ) -> Result<(CardDraft, Vec<Write>), CommandError> {
        let original = from.model().cards.get(card);
        let original = original.ok_or_else(|| CommandError::UnknownCard { card: card.clone() })?;
        if !original.view.life.is_alive() {
            return Err(CommandError::CardDeleted { card: card.clone() });
        }
        let mut draft = CardDraft::of(&original.view);
        draft.id = copy.clone();
        draft.origin = Some(CardOrigin::new(from.id().clone(), card.clone()));
        let mut writes = Vec::new();
        for label in &mut draft.labels {
            *label = self.own_label(from, label, now, &mut writes)?;
        }
        sort_by(&mut draft.labels, Ord::cmp);
        draft.labels.dedup();
        let authors = draft.comments.iter().filter_map(|comment| comment.by.as_ref());
        let members: BTreeSet<&MemberId> = gathered(draft.assignees.iter().chain(authors));
        for member in members {
            self.own_member(from, member, now, &mut writes)?;
        }
        Ok((draft, writes))
    }

    /// The label of this board that stands for another board's, defined or restored if need be.
    fn own_label(
        &self,
        from: &Board,
        label: &LabelId,
        now: Timestamp,
        writes: &mut Vec<Write>,
    ) -> Result<LabelId, CommandError> {
        let Some(theirs) = from.labels().find(|known| known.id == *label) else {
            return Ok(label.clone());
        };
        let by_id = self.labels().find(|ours| ours.id == *label);
        let by_name =
            || self.labels().find(|ours| ours.name == theirs.name && !ours.name.is_empty());
        if let Some(ours) = by_id.or_else(by_name) {
            return Ok(ours.id.clone());
        }
        let target = Target::Label(label.clone());
        let restore = Command::RestoreLabel { label: label.clone() };
        let values = [(key::NAME, &theirs.name), (key::COLOUR, &theirs.colour)];
        writes.extend(self.own_record(target, &restore, values, now)?);
        Ok(label.clone())
    }

    fn own_member(
        &self,
        from: &Board,
        member: &MemberId,
        now: Timestamp,
        writes: &mut Vec<Write>,
    ) -> Result<(), CommandError> {
        let theirs = from.members().find(|known| known.id == *member);
        let is_here = self.members().any(|ours| ours.id == *member);
        if let Some(theirs) = theirs.filter(|_| !is_here) {
            let target = Target::Member(member.clone());
            let restore = Command::RestoreMember { member: member.clone() };
            let values = [(key::NAME, &theirs.name), (key::COLOUR, &theirs.colour)];
            writes.extend(self.own_record(target, &restore, values, now)?);
        }
        Ok(())
    }

    /// What brings a label or member that this board does not show onto it.
    fn own_record(
        &self,
        target: Target,
        restore: &Command,
        values: [(&'static str, &String); 2],
        now: Timestamp,
    ) -> Result<Vec<Write>, CommandError> {
        if self.model().record(&target).is_some() {
            return self.planner(now).plan(restore);
        }
        let values = values.map(|(key, text)| (key, Scalar::Str(SmolStr::new(text)))).into();
        Ok(vec![Write::CreateRecord { target, values, text: None }])
    }

    /// Moves a card to another board: takes a copy there, then deletes it here. If a copy that says
    /// the same is on that board already, from an attempt that was cut short, only deletes it here.
    ///
    /// Store the other board's change before this board's: should one get lost, let it be the
    /// delete. Then the card is on both boards, and its [origin](crate::Card::origin) tells. An
    /// original that was edited since, and a copy that was edited or deleted, make another copy: no
    /// attempt takes away what only one of the two boards has.
    ///
    /// ```
    /// use kanban_core::*;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// # let replica = |n| Replica::new(ActorId::from([n; 16]));
    /// # let mut ideas = Board::create(replica(1), BoardId::parse("ideas")?, "Ideas", now);
    /// # let mut release = Board::create(replica(2), BoardId::parse("release")?, "Release", now);
    /// let (todo, docs) = (ColumnId::parse("todo")?, CardId::parse("docs")?);
    /// # for board in [&mut ideas, &mut release] {
    /// #     board.apply(&Command::CreateColumn { column: todo.clone(), name: "To do".into(), at: Slot::Last }, now)?;
    /// # }
    /// # ideas.apply(&Command::CreateCard { card: docs.clone(), column: todo.clone(), at: Slot::Last,
    /// #     title: "Write docs".into(), description: String::new() }, now)?;
    /// let copy = CardId::parse("manual")?; // random in real life
    /// ideas.move_card_to(&mut release, &docs, &copy, &todo, &Slot::First, now)?;
    /// assert_eq!(release.card(&copy).unwrap().origin.as_ref().unwrap().to_string(), "ideas/docs");
    /// assert_eq!(ideas.card(&docs).unwrap().life, Life::Deleted);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`take_card`](Self::take_card), and [`CommandError::ReadOnly`] about either board; then
    /// neither has changed.
    pub fn move_card_to(
        &mut self,
        other: &mut Board,
        card: &CardId,
        copy: &CardId,
        column: &ColumnId,
        to: &Slot<CardId>,
        now: Timestamp,
    ) -> Result<(Applied, Applied), CommandError> {
        self.check_writable()?;
        let (draft, _) = other.copy_of(self, card, copy, now)?;
        let is_there = other.cards().filter(|known| known.life.is_alive()).any(|known| {
            known.origin == draft.origin
                && CardDraft { id: copy.clone(), ..CardDraft::of(known) } == draft
        });
        let taken = match is_there {
            true => Applied { change: None, events: Vec::new() },
            false => other.take_card(self, card, copy, column, to, now)?,
        };
        let deleted = self.apply(&Command::DeleteCard { card: card.clone() }, now)?;
        Ok((taken, deleted))
    }

    /// Cuts the board's history: a fresh board with another id that shows the same, shelf included,
    /// and knows where it came from ([`BoardView::origin`](crate::BoardView::origin)). History, trash
    /// and undecided choices stay behind, and whatever was deleted for good is really gone. Texts that
    /// merging made longer than anybody may write come along in full.
    ///
    /// Do it once, on one replica, and then [`retire`](Self::retire) the old board so that everybody
    /// who opens it is led to the new one. What people do on the old board without knowing stays
    /// there, complete; [`stragglers`](Self::stragglers) lists it. Cutting one board twice gives two
    /// boards: the pointers of both are kept ([`BoardView::successors`](crate::BoardView::successors)).
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let replica = Replica::new(ActorId::from([2; 16]));
    /// let fresh = board.squash(replica, BoardId::parse("b2")?, now)?;
    /// assert_eq!(fresh.view().origin.as_ref(), Some(board.id()));
    /// assert_eq!(fresh.to_draft(), board.to_draft());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DraftError::Document`] if Automerge refuses to record the board.
    pub fn squash(
        &self,
        replica: Replica,
        id: BoardId,
        now: Timestamp,
    ) -> Result<Board, DraftError> {
        let mut board = Board::of_checked_draft(replica, id, &self.to_draft(), now)?;
        let heads: Vec<String> = self.heads().iter().map(ToString::to_string).collect();
        let origin = format!("{}@{}", self.id(), heads.join(","));
        board
            .import(now, |transaction| transaction.put(meta_object(), key::ORIGIN, origin.as_str()))
            .map_err(|error| DraftError::Document(Box::new(error)))?;
        board.reread();
        Ok(board)
    }

    /// Points everybody who opens this board to the one that it was cut into.
    ///
    /// Commands are still carried out: somebody offline will give them anyway, and they must not be
    /// lost.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let successor = BoardId::parse("b2")?;
    /// board.retire(&successor, now)?;
    /// assert_eq!(board.view().successors, [successor]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommandError`] if the pointer cannot be recorded.
    pub fn retire(&mut self, successor: &BoardId, now: Timestamp) -> Result<Applied, CommandError> {
        let known = self.model().board.successors.iter().any(|known| known == successor.as_str());
        let value = Scalar::Str(format_smolstr!("{successor}"));
        let writes = match known {
            true => Vec::new(),
            false => vec![Write::Put(Target::Board, key::SUCCESSOR, value)],
        };
        self.carry_out_saying(&writes, now, None)
    }

    /// What happened on the old board that this one was cut from, after the cut or unknown to it:
    /// the changes, for [activities](Self::activities) and [`difference`](Self::difference) of the old
    /// board to tell. `None` if this board was not cut from `old`.
    ///
    /// The pointer that [`retire`](Self::retire) left is among them.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let fresh = board.squash(Replica::new(ActorId::from([2; 16])), BoardId::parse("b2")?, now)?;
    /// assert_eq!(fresh.stragglers(&board), Some(Vec::new()));
    /// let late = board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// assert_eq!(fresh.stragglers(&board), Some(Vec::from_iter(late.change)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stragglers(&self, old: &Board) -> Option<Vec<ChangeHash>> {
        let (board, heads) = self.model().board.origin.as_ref()?.split_once('@')?;
        if board != old.id().as_str() {
            return None;
        }
        let heads: Option<Vec<ChangeHash>> = heads.split(',').map(|h| h.parse().ok()).collect();
        let changes = old.changes_since(&heads?);
        Some(changes.iter().map(automerge::Change::hash).collect())
    }
}

/// The board that a stored origin names.
pub(crate) fn board_of_origin(origin: &str) -> Option<BoardId> {
    BoardId::parse(origin.split_once('@')?.0).ok()
}
