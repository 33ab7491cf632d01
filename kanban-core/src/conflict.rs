//! Everything that people have to decide, in one list.

use crate::board::Board;
use crate::choice::PlacementChoice;
use crate::field::{Field, FieldChoice};
use crate::ids::{CardId, ColumnId};
use crate::part::field_value;
use crate::position::Position;
use crate::read::Reader;
use crate::replica::Timestamp;
use crate::schema::key;
use crate::view::Life;
use automerge::{Automerge, ChangeHash, ObjId};
use serde::Serialize;

/// Who did something, and when.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "done", "name": "Done" }] }"#)?;
/// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// let provenance = board.provenance(&CardId::parse("docs")?).expect("it was created");
/// let created: Stamp = provenance.created;
/// assert_eq!(created.author.as_deref(), Some("ana".as_bytes()));
/// assert_eq!(created.at, now);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Stamp {
    /// Who, as given to [`Replica::by`](crate::Replica::by).
    #[serde(serialize_with = "crate::author::serialize")]
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub author: Option<Vec<u8>>,
    /// When, by their clock.
    pub at: Timestamp,
    /// The change that recorded it.
    #[serde(serialize_with = "crate::hashes::one::serialize")]
    #[cfg_attr(feature = "typescript", ts(type = "ChangeHash"))]
    pub change: ChangeHash,
}

/// One place that people gave a column without knowing of each other.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
/// #     { "id": "doing", "name": "Doing" }, { "id": "done", "name": "Done" }] }"#)?;
/// # let mut ana = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// # let mut ben = ana.fork(Replica::new(ActorId::from([2; 16])).by("ben"));
/// let (todo, done) = (ColumnId::parse("todo")?, ColumnId::parse("done")?);
/// ana.apply(&Command::MoveColumn { column: todo.clone(), to: Slot::Last }, now)?;
/// ben.apply(&Command::MoveColumn { column: todo, to: Slot::Before(done) }, now)?;
/// ana.merge(&ben)?;
/// let conflicts = ana.conflicts();
/// let [Conflict::ColumnPosition { choices, .. }] = &conflicts[..] else { panic!() };
/// assert_eq!(choices.iter().filter(|choice| choice.shown).count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ColumnChoice {
    /// The place. [`Command::PickColumnPosition`](crate::Command::PickColumnPosition) takes it.
    pub position: Position,
    /// Whether it is the one shown.
    pub shown: bool,
    /// Who put it there, and when.
    pub by: Stamp,
}

/// Something that people did at the same time and that nobody has decided.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut ana = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// # let mut ben = ana.fork(Replica::new(ActorId::from([2; 16])).by("ben"));
/// ana.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
/// ben.apply(&Command::RenameBoard { name: "Party".into() }, now)?;
/// ana.merge(&ben)?;
/// for conflict in ana.conflicts() {
///     if let Conflict::Field { field, .. } = conflict {
///         ana.apply(&Command::KeepField { field }, now)?;
///     }
/// }
/// assert!(ana.conflicts().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Conflict {
    /// A card was moved to several places. Pick one
    /// ([`PickCardPlacement`](crate::Command::PickCardPlacement)) or keep the one shown
    /// ([`KeepCardPlacement`](crate::Command::KeepCardPlacement)); any move settles it too.
    CardPlacement {
        /// The card.
        card: CardId,
        /// The places, by whom and when.
        choices: Vec<PlacementChoice>,
    },
    /// A card was deleted by people who had not seen what keeps it. Keep it
    /// ([`KeepCard`](crate::Command::KeepCard)) or delete it again
    /// ([`DeleteCard`](crate::Command::DeleteCard)).
    CardDeleted {
        /// The card.
        card: CardId,
        /// Who deleted it.
        deleted: Vec<Stamp>,
    },
    /// A column was moved to several places. Pick one
    /// ([`PickColumnPosition`](crate::Command::PickColumnPosition)) or keep the one shown
    /// ([`KeepColumnPosition`](crate::Command::KeepColumnPosition)).
    ColumnPosition {
        /// The column.
        column: ColumnId,
        /// The places, by whom and when.
        choices: Vec<ColumnChoice>,
    },
    /// A column was deleted by people who had not seen what keeps it. Keep it
    /// ([`KeepColumn`](crate::Command::KeepColumn)) or delete it again
    /// ([`DeleteColumn`](crate::Command::DeleteColumn)).
    ColumnDeleted {
        /// The column.
        column: ColumnId,
        /// Who deleted it.
        deleted: Vec<Stamp>,
    },
    /// A deleted or archived column is shown because cards stand in it. Restore or unarchive it,
    /// or move its cards elsewhere.
    ColumnRecovered {
        /// The column.
        column: ColumnId,
        /// Who deleted it; empty if it is archived.
        deleted: Vec<Stamp>,
        /// The cards that keep it.
        cards: Vec<CardId>,
    },
    /// A field was given several values. Pick one ([`PickField`](crate::Command::PickField)) or
    /// keep the one shown ([`KeepField`](crate::Command::KeepField)).
    Field {
        /// The field.
        field: Field,
        /// The values, by whom and when.
        choices: Vec<FieldChoice>,
    },
}

impl Board {
    /// Everything on the board that people have to decide: columns first, then cards by id, then
    /// the board's own fields. Costs a step per card, and some 10 µs per choice.
    ///
    /// [`BoardEvent::CardChoicesChanged`](crate::BoardEvent::CardChoicesChanged) and its like say
    /// when to ask again.
    ///
    /// ```
    /// use kanban_core::*;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// let replica = |n, name: &str| Replica::new(ActorId::from([n; 16])).by(name);
    /// let mut ana = Board::create(replica(1, "ana"), BoardId::parse("b1")?, "Board", now);
    /// let mut ben = ana.fork(replica(2, "ben"));
    /// ana.apply(&Command::RenameBoard { name: "Release".into() }, now)?;
    /// ben.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// ana.merge(&ben)?;
    /// let conflicts = ana.conflicts();
    /// assert!(matches!(&conflicts[..], [Conflict::Field { choices, .. }] if choices.len() == 2));
    /// ana.apply(&Command::KeepField { field: Field::BoardName }, now)?;
    /// assert!(ana.conflicts().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        for id in self.model().columns.keys() {
            self.column_conflicts(id, &mut conflicts);
        }
        for id in self.model().cards.keys() {
            self.card_conflicts(id, &mut conflicts);
        }
        let fields = self.model().board.conflicted_fields();
        conflicts.extend(fields.into_iter().map(|field| self.field_conflict(field)));
        conflicts
    }

    /// What people have to decide about one card.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "doing", "name": "Doing" }, { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut ana = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// # let mut ben = ana.fork(Replica::new(ActorId::from([2; 16])).by("ben"));
    /// let card = CardId::parse("docs")?;
    /// ana.apply(&Command::RenameCard { card: card.clone(), title: "Docs".into() }, now)?;
    /// ben.apply(&Command::DeleteCard { card: card.clone() }, now)?;
    /// ana.merge(&ben)?;
    /// assert!(matches!(ana.conflicts_of_card(&card)[..], [Conflict::CardDeleted { .. }]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn conflicts_of_card(&self, card: &CardId) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        self.card_conflicts(card, &mut conflicts);
        conflicts
    }

    /// The values that people gave a field without knowing of each other, each once, the one shown
    /// last; a single one, or none, if nobody disagrees.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// let replica = Replica::new(ActorId::from([1; 16])).by("ana");
    /// let board = Board::create(replica, BoardId::parse("b1")?, "Release", now);
    /// let choices = board.field_choices(&Field::BoardName);
    /// assert_eq!(choices[0].value, FieldValue::Text("Release".into()));
    /// assert_eq!(choices[0].author.as_deref(), Some("ana".as_bytes()));
    /// # Ok::<(), IdError>(())
    /// ```
    pub fn field_choices(&self, field: &Field) -> Vec<FieldChoice> {
        let (target, key) = field.address();
        let reader = Reader::now(self.document());
        let maps: Vec<ObjId> = match self.model().record(&target) {
            Some(record) => record.maps().cloned().collect(),
            None => self.model().object_of(&target).into_iter().collect(),
        };
        let mut choices: Vec<FieldChoice> = Vec::new();
        for (value, operation) in maps.iter().flat_map(|map| reader.values_and_operations(map, key))
        {
            let value = field_value(reader, &value).filter(|value| field.accepts(value));
            let Some((value, by)) = value.zip(stamp(self.document(), &operation)) else {
                continue;
            };
            choices.retain(|known| known.value != value);
            let Stamp { author, at, change } = by;
            choices.push(FieldChoice { value, shown: false, author, at, change });
        }
        if let Some(last) = choices.last_mut() {
            last.shown = true;
        }
        choices
    }

    fn card_conflicts(&self, id: &CardId, conflicts: &mut Vec<Conflict>) {
        let Some(state) = self.model().cards.get(id).filter(|state| state.view.life.is_alive())
        else {
            return;
        };
        let card = || id.clone();
        if !state.view.other_placements.is_empty() {
            let choices = self.placement_choices(id);
            conflicts.push(Conflict::CardPlacement { card: card(), choices });
        }
        if state.view.deleted_concurrently {
            let deleted = self.stamps(&state.object, key::TRASH);
            conflicts.push(Conflict::CardDeleted { card: card(), deleted });
        }
        let fields = state.view.conflicted_fields.iter().cloned();
        conflicts.extend(fields.map(|field| self.field_conflict(field)));
    }

    fn column_conflicts(&self, id: &ColumnId, conflicts: &mut Vec<Conflict>) {
        let Some(state) = self.model().columns.get(id).filter(|state| state.view.is_visible())
        else {
            return;
        };
        let (column, view) = (|| id.clone(), &state.view);
        let stamps = |key| state.object.as_ref().map(|object| self.stamps(object, key));
        if !view.other_positions.is_empty() {
            let choices = self.column_choices(id);
            conflicts.push(Conflict::ColumnPosition { column: column(), choices });
        }
        if view.deleted_concurrently {
            let deleted = stamps(key::TRASH).unwrap_or_default();
            conflicts.push(Conflict::ColumnDeleted { column: column(), deleted });
        }
        if view.recovered {
            let deleted = match view.life {
                Life::Archived => Vec::new(),
                _ => stamps(key::TRASH).unwrap_or_default(),
            };
            let cards = self.cards_in(id).map(|card| card.id.clone()).collect();
            conflicts.push(Conflict::ColumnRecovered { column: column(), deleted, cards });
        }
        let fields = view.conflicted_fields.iter().cloned();
        conflicts.extend(fields.map(|field| self.field_conflict(field)));
    }

    fn field_conflict(&self, field: Field) -> Conflict {
        let choices = self.field_choices(&field);
        Conflict::Field { field, choices }
    }

    /// The places that people gave a column without knowing of each other.
    fn column_choices(&self, id: &ColumnId) -> Vec<ColumnChoice> {
        let Some(state) = self.model().columns.get(id) else {
            return Vec::new();
        };
        let Some(object) = &state.object else {
            return Vec::new();
        };
        let reader = Reader::now(self.document());
        let values = reader.values_and_operations(object, key::POS).into_iter();
        let choice = |(value, operation): (crate::read::Stored, ObjId)| {
            let placed = crate::placement::Stamped::parse(&value.text(reader)?)?;
            let shown = placed.position == state.view.position;
            let by = stamp(self.document(), &operation)?;
            Some(ColumnChoice { position: placed.position, shown, by })
        };
        values.filter_map(choice).collect()
    }

    fn stamps(&self, object: &ObjId, key: &str) -> Vec<Stamp> {
        let values = Reader::now(self.document()).values_and_operations(object, key).into_iter();
        values.filter_map(|(_, operation)| stamp(self.document(), &operation)).collect()
    }
}

/// Who recorded an operation, and when.
pub(crate) fn stamp(document: &Automerge, operation: &ObjId) -> Option<Stamp> {
    let change = document.hash_for_opid(operation)?;
    let meta = document.get_change_meta_by_hash(&change)?;
    let author = document.get_author_for_actor(&meta.actor);
    Some(Stamp {
        author: author.map(|author| author.as_bytes().to_vec()),
        at: Timestamp::from_unix_seconds(meta.timestamp),
        change,
    })
}
