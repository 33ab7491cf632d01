//! What one person did, undid and redid, read from the changes.

use crate::order::sort_by;
use crate::schema::GENESIS_HASH;
use automerge::{Automerge, ChangeHash, ChangeMetadata};
use std::collections::{BTreeMap, BTreeSet};

/// How the message of an undo or redo begins; the hash of the change it takes back follows.
pub(crate) const UNDO: &str = "undo ";
pub(crate) const REDO: &str = "redo ";

/// The message of the changes of an import.
pub(crate) const IMPORT: &str = "import";

/// One person's changes.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// Those in effect, oldest first.
    pub undo: Vec<ChangeHash>,
    /// Undos that can be taken back, the last one last.
    pub redo: Vec<ChangeHash>,
    all: BTreeSet<ChangeHash>,
    /// By undo, what it took back.
    taken_back: BTreeMap<ChangeHash, ChangeHash>,
    /// By redo, the command that it brought back.
    brought_back: BTreeMap<ChangeHash, ChangeHash>,
}

impl Log {
    /// Reads the changes of `author`, or without one those of the document's own actor.
    pub fn read(document: &Automerge, author: Option<&[u8]>) -> Self {
        let is_mine = |meta: &ChangeMetadata<'_>| match author {
            Some(author) => meta.author.as_ref().is_some_and(|by| by.as_bytes() == author),
            None => *meta.actor == *document.get_actor(),
        };
        let mut metas: Vec<ChangeMetadata<'_>> =
            document.get_changes_meta(&[]).into_iter().filter(is_mine).collect();
        // Lamport's order: whatever somebody had seen comes before what they did.
        sort_by(&mut metas, |one, two| (one.start_op, &one.actor).cmp(&(two.start_op, &two.actor)));
        let mut log = Self::default();
        for meta in metas {
            log.take(&meta);
        }
        log
    }

    fn take(&mut self, meta: &ChangeMetadata<'_>) {
        self.all.insert(meta.hash);
        let message = meta.message.as_deref().unwrap_or_default();
        let named = |verb: &str| -> Option<ChangeHash> { message.strip_prefix(verb)?.parse().ok() };
        // On a board of several devices the two lists may name what is not there: then it is not
        // taken out, and nothing breaks.
        if let Some(undone) = named(UNDO) {
            self.undo.retain(|hash| *hash != undone);
            self.taken_back.insert(meta.hash, undone);
            self.redo.push(meta.hash);
        } else if let Some(redone) = named(REDO) {
            self.redo.retain(|hash| *hash != redone);
            let command = self.taken_back_by(redone);
            let command = self.brought_back.get(&command).copied().unwrap_or(command);
            self.brought_back.insert(meta.hash, command);
            self.undo.push(meta.hash);
        } else if message != IMPORT && meta.deps != [GENESIS_HASH] {
            self.undo.push(meta.hash);
            self.redo.clear();
        }
    }

    /// Whether what this change wrote may be replaced by taking `of` back: it is this person's,
    /// and not a later one that is still in effect.
    pub fn may_replace(&self, change: &ChangeHash, of: &ChangeHash) -> bool {
        let mut later = self.undo.iter().skip_while(|mine| *mine != of).skip(1);
        self.all.contains(change) && !later.any(|mine| mine == change)
    }

    /// The change that an undo took back; any other change itself.
    pub fn taken_back_by(&self, change: ChangeHash) -> ChangeHash {
        self.taken_back.get(&change).copied().unwrap_or(change)
    }

    /// The command that a redo brought back, if that is in effect.
    pub fn brought_back_by(&self, change: &ChangeHash) -> Option<&ChangeHash> {
        self.brought_back.get(change).filter(|_| self.undo.contains(change))
    }
}
