//! Cards on their way to another board.

use super::CardOrigin;
use crate::board::{Applied, Board};
use crate::command::{Command, CommandError, Slot};
use crate::ids::{CardId, ColumnId, LabelId, MemberId};
use crate::import::{BoardDraft, CardDraft, ColumnDraft, DraftError, check_draft};
use crate::order::{gathered, sort_by};
use crate::part::Target;
use crate::parts::{Label, Member};
use crate::placement::{Kind, Stamped};
use crate::plan::{Planner, Scalar, Write};
use crate::replica::Timestamp;
use crate::schema::key;
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Why the cards of a draft were not taken. The board is untouched.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// # let parcel: BoardDraft = serde_json::from_str(r#"{ "name": "Ideas", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] }] }"#)?;
/// let refused = board.take_cards(&parcel, &ColumnId::parse("gone")?, &Slot::Last, now);
/// assert!(matches!(refused, Err(TakeError::Command(CommandError::UnknownColumn { .. }))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// The draft has what a board cannot take.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// A card cannot stand there.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl Board {
    /// Cards in the order in which they are named, each with the id that its copy is to have, as a draft
    /// that [`take_cards`](Self::take_cards) puts on another board: with everything that belongs to
    /// them, the labels and members that they name, and where they [come from](crate::Card::origin).
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] }] }"#)?;
    /// # let ideas = Board::from_draft(ana, BoardId::parse("ideas")?, &draft, now)?;
    /// let (card, copy) = (CardId::parse("docs")?, CardId::parse("manual")?); // random in real life
    /// let parcel = ideas.parcel(&[(card, copy)])?;
    /// let card = &parcel.columns[0].cards[0];
    /// assert_eq!((card.id.as_str(), &*card.title), ("manual", "Write docs"));
    /// assert_eq!(card.origin.as_ref().unwrap().to_string(), "ideas/docs");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommandError::UnknownCard`] and [`CommandError::CardDeleted`].
    pub fn parcel(&self, cards: &[(CardId, CardId)]) -> Result<BoardDraft, CommandError> {
        let packed = cards.iter().map(|(card, copy)| self.packed(card, copy));
        let packed: Vec<CardDraft> = packed.collect::<Result<_, _>>()?;
        let labels: BTreeSet<&LabelId> = gathered(packed.iter().flat_map(|card| &card.labels));
        let members: BTreeSet<&MemberId> = gathered(members_of(&packed));
        let labels = self.labels().filter(|label| labels.contains(&label.id));
        let members = self.members().filter(|member| members.contains(&member.id));
        let mut parcel = BoardDraft::new(self.name());
        parcel.labels = labels.map(|label| (**label).clone()).collect();
        parcel.members = members.map(|member| (**member).clone()).collect();
        let mut column = ColumnDraft::new(ColumnId::from_entropy([0; 16]), "");
        column.cards = packed;
        parcel.columns.push(column);
        Ok(parcel)
    }

    fn packed(&self, card: &CardId, copy: &CardId) -> Result<CardDraft, CommandError> {
        let original = self.model().cards.get(card);
        let original = original.ok_or_else(|| CommandError::UnknownCard { card: card.clone() })?;
        if !original.view.life.is_alive() {
            return Err(CommandError::CardDeleted { card: card.clone() });
        }
        let mut draft = CardDraft::of(&original.view);
        draft.id = copy.clone();
        draft.origin = Some(CardOrigin::new(self.id().clone(), card.clone()));
        Ok(draft)
    }

    /// Takes the cards of a draft, a [`parcel`](Self::parcel) of another board or any other, as one change:
    /// all of them, or none. They stand in order at a place; labels and members that this board lacks, or
    /// has deleted, come along. To move cards, delete them where they were when this change is stored.
    ///
    /// Labels are matched by id, then by name; members by id. What people add to the originals meanwhile
    /// stays there, on the board or in the trash. Two people who take one card at the same time make two
    /// copies, which both say where they come from. A card with an origin, of which a living copy that says
    /// the same is here already, is left out: an attempt that was cut short can be made again.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] }] }"#)?;
    /// # let ideas = Board::from_draft(ana, BoardId::parse("ideas")?, &draft, now)?;
    /// # let ben = Replica::new(ActorId::from([2; 16]));
    /// # let mut release = Board::from_draft(ben, BoardId::parse("release")?, &draft, now)?;
    /// # let todo = ColumnId::parse("todo")?;
    /// let (card, copy) = (CardId::parse("docs")?, CardId::parse("manual")?);
    /// let parcel = ideas.parcel(&[(card, copy.clone())])?;
    /// release.take_cards(&parcel, &todo, &Slot::First, now)?;
    /// assert_eq!(release.card(&copy).unwrap().title, "Write docs");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`TakeError::Draft`] names what no board can take; [`CommandError::DuplicateCard`] if this board has
    /// a card of a copy's id, and those of [`Command::CreateCard`].
    pub fn take_cards(
        &mut self,
        parcel: &BoardDraft,
        column: &ColumnId,
        to: &Slot<CardId>,
        now: Timestamp,
    ) -> Result<Applied, TakeError> {
        check_draft(parcel)?;
        let cards = parcel.columns.iter().flat_map(|column| &column.cards);
        let cards = cards.map(|card| self.relabelled(card, &parcel.labels));
        let cards = cards.filter(|card| !self.has_copy(card)).collect();
        Ok(self.take(parcel, cards, column, to, now)?)
    }

    /// Whether a living card says the same and comes from the same one.
    fn has_copy(&self, card: &CardDraft) -> bool {
        let living = self.cards().filter(|known| known.life.is_alive());
        card.origin.is_some()
            && living
                .filter(|known| known.origin == card.origin)
                .any(|known| CardDraft { id: card.id.clone(), ..CardDraft::of(known) } == *card)
    }

    /// Takes a copy of another board's card: [`take_cards`](Self::take_cards) of one card, also if
    /// it is here already.
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
    /// Those of [`parcel`](Self::parcel) and [`take_cards`](Self::take_cards).
    pub fn take_card(
        &mut self,
        from: &Board,
        card: &CardId,
        copy: &CardId,
        column: &ColumnId,
        to: &Slot<CardId>,
        now: Timestamp,
    ) -> Result<Applied, CommandError> {
        let parcel = from.parcel(&[(card.clone(), copy.clone())])?;
        let cards = parcel.columns.iter().flat_map(|column| &column.cards);
        let cards = cards.map(|card| self.relabelled(card, &parcel.labels)).collect();
        self.take(&parcel, cards, column, to, now)
    }

    /// Takes `cards`, whose labels are those of this board.
    fn take(
        &mut self,
        parcel: &BoardDraft,
        cards: Vec<CardDraft>,
        column: &ColumnId,
        to: &Slot<CardId>,
        now: Timestamp,
    ) -> Result<Applied, CommandError> {
        let mut defined = self.define_what_they_name(parcel, &cards, now)?;
        let mut at = to.clone();
        let (count, mut cards) = (cards.len(), cards.into_iter());
        let (_, applied) = self.carry_out_steps(count, now, |planner, _| {
            let Some(card) = cards.next() else {
                return Ok(Vec::new());
            };
            let mut writes = std::mem::take(&mut defined);
            let behind = Slot::After(card.id.clone());
            writes.extend(place_copy(planner, card, column, &at)?);
            at = behind;
            Ok(writes)
        })?;
        Ok(applied)
    }

    /// A card with the labels of this board that stand for those of its draft.
    fn relabelled(&self, card: &CardDraft, theirs: &[Label]) -> CardDraft {
        let mut card = card.clone();
        for label in &mut card.labels {
            let ours = theirs.iter().find(|known| known.id == *label);
            if let Some(ours) = ours.and_then(|theirs| self.own_label(theirs)) {
                *label = ours.id.clone();
            }
        }
        sort_by(&mut card.labels, Ord::cmp);
        card.labels.dedup();
        card
    }

    /// The label of this board that stands for another board's.
    fn own_label(&self, theirs: &Label) -> Option<&Arc<Label>> {
        let by_id = self.labels().find(|ours| ours.id == theirs.id);
        let is_called = |ours: &&Arc<Label>| ours.name == theirs.name && !ours.name.is_empty();
        by_id.or_else(|| self.labels().find(is_called))
    }

    /// What defines or restores the labels and members that cards name and this board does not show.
    fn define_what_they_name(
        &self,
        parcel: &BoardDraft,
        cards: &[CardDraft],
        now: Timestamp,
    ) -> Result<Vec<Write>, CommandError> {
        let mut writes = Vec::new();
        let named: BTreeSet<&LabelId> = gathered(cards.iter().flat_map(|card| &card.labels));
        for Label { id, name, colour, .. } in &parcel.labels {
            if named.contains(id) && !self.labels().any(|ours| ours.id == *id) {
                let restore = Command::RestoreLabel { label: id.clone() };
                writes.extend(self.define(
                    Target::Label(id.clone()),
                    &restore,
                    name,
                    colour,
                    now,
                )?);
            }
        }
        let named: BTreeSet<&MemberId> = gathered(members_of(cards));
        for Member { id, name, colour, .. } in &parcel.members {
            if named.contains(id) && !self.members().any(|ours| ours.id == *id) {
                let restore = Command::RestoreMember { member: id.clone() };
                writes.extend(self.define(
                    Target::Member(id.clone()),
                    &restore,
                    name,
                    colour,
                    now,
                )?);
            }
        }
        Ok(writes)
    }

    fn define(
        &self,
        target: Target,
        restore: &Command,
        name: &str,
        colour: &str,
        now: Timestamp,
    ) -> Result<Vec<Write>, CommandError> {
        if self.model().record(&target).is_some() {
            return self.planner(now).plan(restore);
        }
        let value = |text: &str| Scalar::Str(SmolStr::new(text));
        let values = vec![(key::NAME, value(name)), (key::COLOUR, value(colour))];
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
        let parcel = self.parcel(&[(card.clone(), copy.clone())])?;
        let cards = parcel.columns.iter().flat_map(|column| &column.cards);
        let cards = cards.map(|card| other.relabelled(card, &parcel.labels));
        let cards = cards.filter(|card| !other.has_copy(card)).collect();
        let taken = other.take(&parcel, cards, column, to, now)?;
        let deleted = self.apply(&Command::DeleteCard { card: card.clone() }, now)?;
        Ok((taken, deleted))
    }
}

/// Everybody whom cards are assigned to, or who commented on one.
fn members_of(cards: &[CardDraft]) -> impl Iterator<Item = &MemberId> {
    let authors = cards.iter().flat_map(|card| &card.comments).filter_map(|it| it.by.as_ref());
    cards.iter().flat_map(|card| &card.assignees).chain(authors)
}

fn place_copy(
    planner: &Planner<'_>,
    card: CardDraft,
    column: &ColumnId,
    at: &Slot<CardId>,
) -> Result<Vec<Write>, CommandError> {
    let (position, mut writes) = planner.place_for_new(&card.id, column, at)?;
    let column = Some(column.clone());
    let placement = Stamped { generation: 0, kind: Kind::Move, column, position };
    writes.push(Write::CreateCardAtOnce { card: Box::new(card), placement });
    Ok(writes)
}
