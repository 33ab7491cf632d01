//! What a caller saw before it asks for something: a guard for programs that act on old reads.

use crate::board::{Applied, Board};
use crate::command::{Command, CommandError};
use crate::ids::{CardId, ColumnId};
use crate::part::Target;
use crate::plan::Write;
use crate::read::{Reader, Stored};
use crate::replica::Timestamp;
use crate::schema::key;
use automerge::{ChangeHash, ObjId};
use serde::{Deserialize, Serialize};

/// What must still be so for a command to be carried out.
///
/// People drag what they see and merging sorts it out; a program that acts on what it read a while
/// ago had better ask whether it still is so. The answer is about this replica: somebody who is
/// offline may still do something else at the same time, which then merges as always.
///
/// ```
/// use kanban_core::{CardId, ColumnId, Expected};
/// let review = ColumnId::parse("review")?;
/// let expected = Expected::new().card_in(CardId::parse("docs")?, review);
/// # let _ = expected; Ok::<(), kanban_core::IdError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Expected {
    /// Cards and the columns that they must be shown in.
    pub columns: Vec<(CardId, ColumnId)>,
    /// The heads since which nobody may have changed what the command would replace.
    #[serde(with = "crate::hashes::perhaps_list")]
    #[cfg_attr(feature = "typescript", ts(type = "Array<ChangeHash> | null"))]
    pub unchanged_since: Option<Vec<ChangeHash>>,
}

impl Expected {
    /// Expects nothing.
    ///
    /// ```
    /// use kanban_core::Expected;
    /// assert!(Expected::new().columns.is_empty());
    /// assert_eq!(Expected::new().unchanged_since, None);
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Expects a card in a column.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let (card, done) = (CardId::parse("docs")?, ColumnId::parse("done")?);
    /// let expected = Expected::new().card_in(card.clone(), done);
    /// let refused = board.apply_if(&Command::ArchiveCard { card }, &expected, now);
    /// let error = refused.unwrap_err().to_string();
    /// assert_eq!(error, "the column of docs has changed: todo; look again");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn card_in(mut self, card: CardId, column: ColumnId) -> Self {
        self.columns.push((card, column));
        self
    }

    /// Expects that what the command would replace is as it was when the board had these
    /// [heads](crate::Board::heads): the place for a move, the field for an edit, the text for an
    /// edit of a text. What others changed beside it is no obstacle; to a delete or an archiving,
    /// everything that belongs to the thing is.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let card = CardId::parse("docs")?;
    /// let seen = Expected::new().unchanged_since(&board.heads());
    /// let rename = |title: &str| Command::RenameCard { card: card.clone(), title: title.into() };
    /// assert!(board.apply_if(&rename("Docs"), &seen, now).is_ok());
    /// assert!(board.apply_if(&rename("Manual"), &seen, now).is_err(), "it is Docs now");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn unchanged_since(mut self, heads: &[ChangeHash]) -> Self {
        self.unchanged_since = Some(heads.to_vec());
        self
    }
}

impl Board {
    /// Carries out a command if what the caller expects is so.
    ///
    /// ```
    /// use kanban_core::*;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// # let replica = Replica::new(ActorId::from([1; 16]));
    /// let mut board = Board::create(replica, BoardId::parse("b1")?, "Release", now);
    /// let seen = board.heads();
    /// board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// let rename = Command::RenameBoard { name: "Release 2".into() };
    /// let refused = board.apply_if(&rename, &Expected::new().unchanged_since(&seen), now);
    /// assert_eq!(refused.unwrap_err().to_string(), "name of the board has changed: Launch; look again");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CommandError::Changed`] with the value that is there now, and those of
    /// [`apply`](Self::apply). Heads that this replica does not know count as changed.
    pub fn apply_if(
        &mut self,
        command: &Command,
        expected: &Expected,
        now: Timestamp,
    ) -> Result<Applied, CommandError> {
        for (card, column) in &expected.columns {
            let found = self.card(card).filter(|card| card.life.is_alive());
            let found = found.map(|card| &card.column);
            if found != Some(column) {
                let found = found.map_or("deleted or unknown".to_owned(), ToString::to_string);
                return Err(CommandError::Changed { what: format!("the column of {card}"), found });
            }
        }
        if let Some(heads) = &expected.unchanged_since {
            let writes = match command {
                Command::Batch { commands } => self.plan_batch(commands, now)?,
                single => self.planner(now).plan(single)?,
            };
            self.check_unchanged(&writes, heads)?;
        }
        self.apply(command, now)
    }

    /// Compares the operations, not the values: somebody may have set the same value again.
    fn check_unchanged(&self, writes: &[Write], heads: &[ChangeHash]) -> Result<(), CommandError> {
        let document = self.document();
        if heads.iter().any(|head| document.get_change_meta_by_hash(head).is_none()) {
            let (what, found) = ("the board".to_owned(), "heads unknown here".to_owned());
            return Err(CommandError::Changed { what, found });
        }
        let (then, now) = (Reader::at(document, heads), Reader::now(document));
        for (target, keys) in writes.iter().filter_map(replaced) {
            let Some(object) = self.model().object_of(&target) else {
                continue;
            };
            for key in keys {
                let stored = |reader: Reader<'_>| stored(reader, &object, key);
                if stored(then) != stored(now) {
                    return Err(self.changed(&target, key, now, &object));
                }
            }
        }
        Ok(())
    }

    fn changed(&self, target: &Target, key: &str, now: Reader<'_>, object: &ObjId) -> CommandError {
        let what = match key {
            key::POS | key::ORD | key::TRASH => format!("place of {}", target.in_words()),
            key => format!("{} of {}", crate::undo::key_in_words(key), target.in_words()),
        };
        let placed = match target {
            Target::Card(card) => self.card(card).map(|card| card.column.to_string()),
            _ => None,
        };
        let what = match key {
            key::TOUCH => target.in_words(),
            _ => what,
        };
        let value = now.values(object, key).pop();
        let value = value.and_then(|value| crate::part::field_value(now, &value));
        let found = match key {
            key::POS | key::ORD | key::TRASH => placed,
            key::TOUCH => Some("edited since".to_owned()),
            _ => value.map(|value| value.to_string()),
        };
        CommandError::Changed { what, found: found.unwrap_or_else(|| "nothing".to_owned()) }
    }
}

/// Values with their operations; of a text, what it says.
fn stored(reader: Reader<'_>, object: &ObjId, key: &str) -> Vec<(Stored, ObjId, Option<String>)> {
    let values = reader.values_and_operations(object, key).into_iter();
    let text = |value: &Stored| value.text(reader).map(String::from);
    values.map(|(value, operation)| (value.clone(), operation, text(&value))).collect()
}

/// What a write replaces. Marks of an edit are nobody's work.
fn replaced(write: &Write) -> Option<(Target, Vec<&str>)> {
    Some(match write {
        Write::Put(_, key::TOUCH, _) | Write::PutAnew(_, key::TOUCH, _) => return None,
        Write::Delete(_, key::TOUCH) => return None,
        // Each edit of the thing, or of what belongs to it, leaves its mark.
        Write::Put(target, key @ (key::TRASH | key::GONE | key::SHELF), _)
        | Write::PutAnew(target, key @ (key::TRASH | key::GONE | key::SHELF), _) => {
            (target.clone(), vec![*key, key::POS, key::ORD, key::TOUCH])
        }
        // A sort or relocation replaces a person's placement too, in what is shown.
        Write::Put(target, key::POS | key::ORD, _)
        | Write::PutAnew(target, key::POS | key::ORD, _) => {
            (target.clone(), vec![key::POS, key::ORD, key::TRASH])
        }
        Write::Put(target, key, _)
        | Write::PutAnew(target, key, _)
        | Write::Delete(target, key) => (target.clone(), vec![*key]),
        Write::Mark(card, mark) | Write::Unmark(card, mark) => {
            (Target::Card(card.clone()), vec![mark.as_str()])
        }
        Write::Splice { target, .. } | Write::SetText { target, .. } => {
            let key = if matches!(target, Target::Part(..)) { key::TEXT } else { key::DESCRIPTION };
            (target.clone(), vec![key])
        }
        Write::CreateColumn { .. }
        | Write::CreateCard { .. }
        | Write::CreateRecord { .. }
        | Write::CreateCardAtOnce { .. } => return None,
    })
}
