//! Taking over what other replicas did.

use super::{Board, Received};
use crate::error::MergeError;
use crate::incoming::{Decoder, sort};
use crate::model::Model;
use crate::open::schema_of;
use crate::read::Reader;
use automerge::{Change, ChangeHash};

impl Board {
    /// Applies changes from another replica, in whatever order and however often they come.
    ///
    /// A change that builds on one that has not arrived waits, within
    /// [limits](crate::WAITING_CHANGES_MAX); [`missing`](Self::missing) says what for.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let mut ben = board.fork(Replica::new(ActorId::from([2; 16])));
    /// let seen = ben.heads();
    /// ben.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// ben.apply(&Command::SetBoardDescription { text: "In May".into() }, now)?;
    /// let [rename, describe] = &ben.changes_since(&seen)[..] else { panic!() };
    /// assert_eq!(board.receive([describe.clone()])?.waiting, 1);
    /// assert_eq!(board.receive([rename.clone()])?.applied, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`MergeError`]; then none of the changes was applied and the board is as before.
    pub fn receive(
        &mut self,
        changes: impl IntoIterator<Item = Change>,
    ) -> Result<Received, MergeError> {
        let sorted = sort(&self.document, &self.waiting, changes.into_iter().collect())?;
        let mut decoder = Decoder::new(&self.model, &self.id);
        for change in &sorted.ready {
            decoder.decode(change)?;
        }
        let (touched, everything, version) = (decoder.touched, decoder.everything, decoder.version);
        let applied = sorted.ready.len();
        if applied > 0 {
            let result = self.document.apply_changes(sorted.ready);
            result.map_err(|error| MergeError::Document(Box::new(error)))?;
        }
        self.waiting = sorted.waiting;
        if version {
            self.schema = schema_of(&self.document);
        }
        let events = match everything {
            true => self.model.replace(Model::scan(Reader::now(&self.document))),
            false => self.model.refresh(Reader::now(&self.document), touched),
        };
        Ok(Received { applied, waiting: self.waiting.len(), events })
    }

    /// Applies changes as they travel: each item the bytes of one change.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let mut ben = board.fork(Replica::new(ActorId::from([2; 16])));
    /// ben.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// let sent = ben.changes_since(&board.heads());
    /// board.receive_bytes(sent.iter().map(|change| change.raw_bytes()))?;
    /// assert_eq!(board.name(), "Launch");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`MergeError::DamagedChange`] for bytes that are no change, and those of
    /// [`receive`](Self::receive).
    pub fn receive_bytes<B: AsRef<[u8]>>(
        &mut self,
        changes: impl IntoIterator<Item = B>,
    ) -> Result<Received, MergeError> {
        let parse = |(index, bytes): (usize, B)| {
            Change::from_bytes(bytes.as_ref().to_vec())
                .map_err(|error| MergeError::DamagedChange { index, source: Box::new(error) })
        };
        let changes: Result<Vec<Change>, _> = changes.into_iter().enumerate().map(parse).collect();
        self.receive(changes?)
    }

    /// Takes over everything that another replica of this board knows.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let mut copy = board.fork(Replica::new(ActorId::from([2; 16])));
    /// copy.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// board.merge(&copy)?;
    /// assert_eq!(board.view(), copy.view());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`MergeError`]; then the board is as before.
    pub fn merge(&mut self, other: &Board) -> Result<Received, MergeError> {
        if self.id != other.id {
            return Err(MergeError::OtherBoard {
                expected: self.id.clone(),
                found: other.id.to_string(),
            });
        }
        self.receive(self.document.get_changes_added(&other.document))
    }

    /// Changes that must arrive before those that wait can be applied.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let mut ben = board.fork(Replica::new(ActorId::from([2; 16])));
    /// let first = ben.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// let seen = ben.heads();
    /// ben.apply(&Command::RenameBoard { name: "Party".into() }, now)?;
    /// board.receive(ben.changes_since(&seen))?;
    /// assert_eq!(board.missing(), Vec::from_iter(first.change));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn missing(&self) -> Vec<ChangeHash> {
        self.waiting.missing(&self.document)
    }
}
