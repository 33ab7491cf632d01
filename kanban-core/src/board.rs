//! The board: commands in, one change each; events and a view out.

mod batch;
mod merge;
mod show;

use crate::command::{Command, CommandError};
use crate::error::OpenError;
use crate::event::BoardEvent;
use crate::ids::BoardId;
use crate::incoming::Waiting;
use crate::model::Model;
use crate::open::{check_document, load, schema_of};
use crate::plan::{Planner, Write};
use crate::position::PositionTag;
use crate::read::Reader;
use crate::replica::{Replica, TextUnit, Timestamp};
use crate::schema::{GENESIS, SCHEMA_VERSION, key, meta_object};
use crate::undo::IMPORT;
use crate::write::{execute, touched_by};
use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{Automerge, AutomergeError, Change, ChangeHash};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};

/// A replica of a board: one Automerge document and a view that is always up to date.
///
/// ```
/// use kanban_core::{ActorId, Board, BoardId, CardId, ColumnId, Command, Replica, Slot, Timestamp};
/// let now = Timestamp::from_unix_seconds(1_700_000_000);
/// let replica = Replica::new(ActorId::from([1; 16])).by("ana");
/// let mut board = Board::create(replica, BoardId::parse("release")?, "Release", now);
///
/// let (todo, card) = (ColumnId::parse("todo")?, CardId::parse("docs")?);
/// board.apply(
///     &Command::CreateColumn { column: todo.clone(), name: "To do".into(), at: Slot::Last },
///     now,
/// )?;
/// board.apply(
///     &Command::CreateCard {
///         card: card.clone(),
///         column: todo.clone(),
///         at: Slot::Last,
///         title: "Write docs".into(),
///         description: String::new(),
///     },
///     now,
/// )?;
/// assert_eq!(board.cards_in(&todo).map(|card| &*card.title).collect::<Vec<_>>(), ["Write docs"]);
///
/// let ben = Replica::new(ActorId::from([2; 16])).by("ben");
/// let copy = Board::open(&board.save(), ben)?;
/// assert_eq!(copy.view(), board.view());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A clone has the same actor. It is good for trying something out; a replica that goes its own way
/// is made with [`fork`](Board::fork), because two that use one actor can never merge again.
#[derive(Debug, Clone)]
pub struct Board {
    document: Automerge,
    id: BoardId,
    model: Model,
    waiting: Waiting,
    tag: PositionTag,
    author: Option<Vec<u8>>,
    text_unit: TextUnit,
    /// The highest schema that anybody has raised the board to.
    schema: u64,
}

/// What a command did.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let rename = Command::RenameBoard { name: "Launch".into() };
/// assert_eq!(board.apply(&rename, now)?.events, [BoardEvent::BoardEdited]);
/// assert_eq!(board.apply(&rename, now)?.change, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Applied {
    /// The change that records it; none if it would have changed nothing.
    #[serde(with = "crate::hashes::perhaps_one")]
    #[cfg_attr(feature = "typescript", ts(type = "ChangeHash | null"))]
    pub change: Option<ChangeHash>,
    /// What looks different now.
    pub events: Vec<BoardEvent>,
}

/// What a delivery of changes did.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let mut copy = board.fork(Replica::new(ActorId::from([2; 16])));
/// copy.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
/// let received = board.merge(&copy)?;
/// assert_eq!((received.applied, received.waiting), (1, 0));
/// assert_eq!(received.events, [BoardEvent::BoardEdited]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Received {
    /// How many changes were applied, those that had been waiting included.
    pub applied: usize,
    /// How many changes wait for others that have not arrived.
    pub waiting: usize,
    /// What looks different now.
    pub events: Vec<BoardEvent>,
}

impl Board {
    /// Makes a new, empty board.
    ///
    /// Every board starts from the same first change, so that replicas which create the board of
    /// one id independently can merge.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let now = Timestamp::default();
    /// let replica = Replica::new(ActorId::from([1; 16]));
    /// let board = Board::create(replica, BoardId::parse("b1")?, "Release", now);
    /// assert_eq!(board.name(), "Release");
    /// assert_eq!(board.columns().count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create(replica: Replica, id: BoardId, name: &str, now: Timestamp) -> Self {
        let mut document =
            load(&GENESIS, replica.text_unit).expect("the embedded first change is a document");
        sign(&mut document, &replica);
        let written = record(&mut document, now, None, |transaction| {
            transaction.put(meta_object(), key::BOARD, id.as_str())?;
            transaction.put(meta_object(), key::NAME, name)
        });
        written.expect("the first change made the map that this writes to");
        Self::from_document(document, id, &replica)
    }

    /// Opens a saved board.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let saved = board.save();
    /// let ben = Replica::new(ActorId::from([2; 16]));
    /// assert_eq!(Board::open(&saved, ben)?.name(), "Release");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`OpenError`] says in one sentence what the bytes are instead of a board and what to do.
    /// Nothing ever opens as an empty board.
    pub fn open(bytes: &[u8], replica: Replica) -> Result<Self, OpenError> {
        let mut document = load(bytes, replica.text_unit)?;
        let id = check_document(&document)?;
        sign(&mut document, &replica);
        Ok(Self::from_document(document, id, &replica))
    }

    /// Opens a saved board that must be `expected`.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let (other, ben) = (BoardId::parse("b2")?, Replica::new(ActorId::from([2; 16])));
    /// let refused = Board::open_expecting(&board.save(), &other, ben);
    /// assert_eq!(refused.unwrap_err().to_string(), "this is board b1, not board b2");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`open`](Self::open), and [`OpenError::OtherBoard`].
    pub fn open_expecting(
        bytes: &[u8],
        expected: &BoardId,
        replica: Replica,
    ) -> Result<Self, OpenError> {
        let board = Self::open(bytes, replica)?;
        if board.id != *expected {
            return Err(OpenError::OtherBoard {
                expected: expected.clone(),
                found: board.id.to_string(),
            });
        }
        Ok(board)
    }

    /// Another replica with everything this one knows, without going through bytes.
    ///
    /// Offsets into texts are counted as in this one; changes that wait for others are not taken
    /// along.
    ///
    /// ```
    /// # use kanban_core::{ActorId, Board, BoardId, Replica, Timestamp};
    /// # let now = Timestamp::from_unix_seconds(0);
    /// let ana = Replica::new(ActorId::from([1; 16]));
    /// let board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let copy = board.fork(Replica::new(ActorId::from([2; 16])));
    /// assert_eq!(copy.view(), board.view());
    /// # Ok::<(), kanban_core::IdError>(())
    /// ```
    pub fn fork(&self, replica: Replica) -> Self {
        let mut document = self.document.clone();
        sign(&mut document, &replica);
        Self {
            model: self.model.clone(),
            tag: PositionTag::of(replica.actor.to_bytes()),
            author: replica.author().map(<[u8]>::to_vec),
            text_unit: self.text_unit,
            schema: self.schema,
            waiting: Waiting::default(),
            document,
            id: self.id.clone(),
        }
    }

    fn from_document(document: Automerge, id: BoardId, replica: &Replica) -> Self {
        Self {
            model: Model::scan(Reader::now(&document)),
            tag: PositionTag::of(replica.actor.to_bytes()),
            author: replica.author().map(<[u8]>::to_vec),
            text_unit: replica.text_unit,
            schema: schema_of(&document),
            waiting: Waiting::default(),
            document,
            id,
        }
    }

    /// Carries out a command: one change, or none if it would change nothing.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// assert_eq!(board.name(), "Launch");
    /// let card = CardId::parse("gone")?;
    /// assert!(board.apply(&Command::DeleteCard { card }, now).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommandError`] says why the command makes no sense on this board; nothing is recorded.
    pub fn apply(&mut self, command: &Command, now: Timestamp) -> Result<Applied, CommandError> {
        if let Command::Batch { commands } = command {
            return self.apply_batch(commands, now);
        }
        let writes = self.planner(now).plan(command)?;
        self.carry_out_saying(&writes, now, None)
    }

    /// A board of a newer schema is for reading.
    pub(crate) fn check_writable(&self) -> Result<(), CommandError> {
        match self.newer_schema() {
            Some(found) => Err(CommandError::ReadOnly { found, known: SCHEMA_VERSION }),
            None => Ok(()),
        }
    }

    /// Records planned writes as one change, perhaps with a message.
    pub(crate) fn carry_out_saying(
        &mut self,
        writes: &[Write],
        now: Timestamp,
        message: Option<String>,
    ) -> Result<Applied, CommandError> {
        if writes.is_empty() {
            return Ok(Applied { change: None, events: Vec::new() });
        }
        self.check_writable()?;
        let (model, unit) = (&self.model, (self.text_unit, self.tag));
        let change = record(&mut self.document, now, message, |transaction| {
            execute(transaction, model, unit, writes)
        });
        let change = change.map_err(CommandError::of_document)?;
        let events = self.model.refresh(Reader::now(&self.document), touched_by(writes));
        Ok(Applied { change, events })
    }

    pub(crate) fn planner(&self, now: Timestamp) -> Planner<'_> {
        Planner {
            model: &self.model,
            reader: Reader::now(&self.document),
            now,
            tag: self.tag,
            batch_tag: self.batch_tag(0),
            text_unit: self.text_unit,
        }
    }

    /// A tag that no other sort or relocation has: it hashes the actor, what it knows, and how many
    /// commands of the same change come before.
    fn batch_tag(&self, number: usize) -> SmolStr {
        let mut seed = self.document.get_actor().to_bytes().to_vec();
        for head in self.document.get_heads() {
            seed.extend_from_slice(&head.0);
        }
        if number > 0 {
            seed.extend_from_slice(&number.to_be_bytes());
        }
        let (first, second) = (PositionTag::of(&seed), {
            seed.push(0);
            PositionTag::of(&seed)
        });
        format_smolstr!("{first}{second}")
    }

    /// The whole board as bytes, for [`open`](Self::open). Changes that wait are not part of it.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let copy = Board::open(&board.save(), Replica::new(ActorId::from([2; 16])))?;
    /// assert_eq!(copy.heads(), board.heads());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self) -> Vec<u8> {
        self.document.save()
    }

    /// What this replica knows: the changes that no other known change builds on.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let mut copy = board.fork(Replica::new(ActorId::from([2; 16])));
    /// let change = copy.apply(&Command::RenameBoard { name: "Launch".into() }, now)?.change;
    /// assert_ne!(copy.heads(), board.heads());
    /// assert_eq!(copy.heads(), Vec::from_iter(change));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.document.get_heads()
    }

    /// The changes that a replica with these heads lacks, in an order in which it can apply them.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let seen = board.heads();
    /// board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// assert_eq!(board.changes_since(&seen).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn changes_since(&self, heads: &[ChangeHash]) -> Vec<Change> {
        self.document.get_changes(heads)
    }

    pub(crate) fn model(&self) -> &Model {
        &self.model
    }

    /// Runs `write` as one change that the read model learns of by being read anew.
    pub(crate) fn import(
        &mut self,
        now: Timestamp,
        write: impl FnOnce(&mut Transaction<'_>) -> Result<(), AutomergeError>,
    ) -> Result<(), AutomergeError> {
        record(&mut self.document, now, Some(IMPORT.to_owned()), write).map(drop)
    }

    /// Reads the whole document anew, after [`import`](Self::import).
    pub(crate) fn reread(&mut self) {
        self.model = Model::scan(Reader::now(&self.document));
    }
}

/// Signs what this replica records from now on.
fn sign(document: &mut Automerge, replica: &Replica) {
    // The author goes first: setting it draws a random actor, which the second call replaces.
    document.set_author(replica.author.clone());
    document.set_actor(replica.actor.clone());
}

/// Records one change, or none if `write` fails or writes nothing.
fn record<E>(
    document: &mut Automerge,
    now: Timestamp,
    message: Option<String>,
    write: impl FnOnce(&mut Transaction<'_>) -> Result<(), E>,
) -> Result<Option<ChangeHash>, E> {
    let mut options = CommitOptions::default().with_time(now.unix_seconds());
    if let Some(message) = message {
        options = options.with_message(message);
    }
    let recorded = document.transact_with(|()| options, write);
    recorded.map(|success| success.hash).map_err(|failure| failure.error)
}
