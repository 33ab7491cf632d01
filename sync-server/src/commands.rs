//! What the program does with a data directory besides serving it.
//!
//! A directory is used by one process at a time. So a command that finds it in use hands itself to
//! the relay that uses it (`control.rs`).

mod people;

pub use people::PeopleCommand;

use crate::compaction::{check, compaction_of, load, read_whole};
use crate::people::People;
use crate::store::{Append, BackupReport, IndexEntry, SledStore, Store, StoredChange};
use crate::verify::verify;
use automerge::Automerge;
use std::fs::File;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use sync_protocol::{ChangeGraph, DocumentId, DocumentUrl, Inserted, chunks, sentence};

/// Something to do with a data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Check every document.
    Verify,
    /// Copy everything.
    Backup {
        /// The directory to make.
        to: PathBuf,
    },
    /// Make the data directory from a backup.
    Restore {
        /// The backup.
        from: PathBuf,
    },
    /// Write one document to a file.
    Export {
        /// The document.
        document: DocumentId,
        /// The file to make.
        file: PathBuf,
    },
    /// Read one document from a file.
    Import {
        /// The file.
        file: PathBuf,
    },
    /// Check one document in full, and put it back into service if it passes.
    Recheck {
        /// The document.
        document: DocumentId,
    },
    /// Look after the accounts.
    People(PeopleCommand),
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether all is well: the exit code.
    pub is_well: bool,
    /// What to tell whoever asked; lines.
    pub text: String,
}

impl Outcome {
    fn well(text: String) -> Self {
        Self { is_well: true, text }
    }

    /// Something did not work.
    pub fn failed(text: impl Into<String>) -> Self {
        Self { is_well: false, text: text.into() }
    }
}

impl Command {
    /// Does it, in a store that is open, perhaps in use: then by a relay that knows these people, if
    /// it knows any.
    pub(crate) fn perform(&self, store: &Arc<SledStore>, people: Option<People>) -> Outcome {
        let done = || match self {
            Command::Verify => verify_all(store),
            Command::Backup { to } => backup(store, to),
            Command::Restore { .. } => Err("the data directory is in use; stop the relay".into()),
            Command::Export { document, file } => export(store, *document, file),
            Command::Import { file } => {
                let imported = import(store, file)?;
                // Before anybody hears of its address.
                let adopted = people.as_ref().map(|people| people.adopt());
                adopted.transpose().map_err(|error| sentence(&error))?;
                Ok(imported)
            }
            Command::Recheck { document } => recheck(store, *document),
            Command::People(command) => match people {
                Some(people) => command.perform(&people),
                None => command.perform(&people::of(store)?),
            },
        };
        // sled panics on some damage; whoever asks should hear of it, and a relay goes on.
        let done = catch_unwind(AssertUnwindSafe(done));
        let panicked = |_| Err("the database is damaged; restore a backup".to_owned());
        done.unwrap_or_else(panicked).unwrap_or_else(Outcome::failed)
    }
}

fn verify_all(store: &SledStore) -> Result<Outcome, String> {
    let documents = store.documents().map_err(|error| sentence(&error))?;
    let (mut changes, mut faulty) = (0, Vec::new());
    for document in &documents {
        match verify(store, *document).and_then(|verified| in_service(store, *document, verified)) {
            Ok(verified) => changes += verified,
            Err(reason) => faulty.push(reason),
        }
    }
    let whole = documents.len() - faulty.len();
    // Who may do what is as important as with what.
    store.records().map_err(|error| sentence(&error))?;
    if faulty.is_empty() {
        return Ok(Outcome::well(format!("{whole} documents with {changes} changes are whole")));
    }
    faulty.push(format!("{whole} other documents with {changes} changes are whole"));
    Ok(Outcome::failed(faulty.join("\n")))
}

/// The same number, unless the document is set aside.
fn in_service(store: &SledStore, document: DocumentId, verified: usize) -> Result<usize, String> {
    match store.aside(document).map_err(|error| sentence(&error))? {
        None => Ok(verified),
        Some(aside) => Err(format!(
            "document {document} was set aside with {} changes: {}; recheck looks at it again",
            aside.changes, aside.reason
        )),
    }
}

fn recheck(store: &SledStore, document: DocumentId) -> Result<Outcome, String> {
    // A note that cannot be read is one too.
    let is_aside = !matches!(store.aside(document), Ok(None));
    let reason = match check(store, document) {
        Ok(0) => return Err(format!("there is no document {document}")),
        Ok(changes) => {
            store.put_back(document).map_err(|error| sentence(&error))?;
            let again = if is_aside { ", and is in service again" } else { "" };
            let text = format!("document {document} with {changes} changes passes{again}");
            return Ok(Outcome::well(text));
        }
        Err(error) => sentence(&error),
    };
    let stays = if is_aside { "stays set aside" } else { "does not pass" };
    Err(format!("document {document} {stays}: {reason}"))
}

fn backup(store: &SledStore, to: &Path) -> Result<Outcome, String> {
    let report = store.backup(to).map_err(|error| sentence(&error))?;
    Ok(reported(report, &format!("are in {}", to.display())))
}

fn reported(report: BackupReport, whereabouts: &str) -> Outcome {
    let BackupReport { documents, damaged } = report;
    let text = format!("{documents} documents {whereabouts}");
    if damaged.is_empty() {
        return Outcome::well(text);
    }
    let reasons = damaged.into_iter().map(|(_, reason)| reason);
    Outcome::failed(reasons.chain([text]).collect::<Vec<_>>().join("\n"))
}

/// Makes the data directory `data` from a backup, which stays as it is. Documents that are damaged
/// in the backup are named; the others can be served.
///
/// # Errors
/// A sentence, if there is something in `data`, or the backup cannot be read.
pub fn restore(from: &Path, data: &Path) -> Result<Outcome, String> {
    let cannot = |error: io::Error| format!("cannot read {}: {error}", from.display());
    // The lock of the process that serves it, if there is one.
    let log = File::open(from.join("db")).map_err(cannot)?;
    log.try_lock_shared().map_err(|_| format!("{} is in use; it is no backup", from.display()))?;
    if data.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{} is not empty; move it away first", data.display()));
    }
    // What a copy that was cut short leaves must not look like data.
    let copy = copy_beside(data);
    copy_files(from, &copy).map_err(|error| {
        format!("cannot copy {} to {}: {error}", from.display(), copy.display())
    })?;
    let restored = SledStore::open(&copy).map_err(|error| sentence(&error))?;
    let report = restored.backup(data).map_err(|error| sentence(&error))?;
    drop(restored);
    let removed = std::fs::remove_dir_all(&copy);
    removed.map_err(|error| format!("cannot remove {}: {error}", copy.display()))?;
    Ok(reported(report, &format!("are in {} again", data.display())))
}

fn copy_beside(data: &Path) -> PathBuf {
    let mut name = data.file_name().unwrap_or_default().to_owned();
    name.push(".restoring");
    data.with_file_name(name)
}

fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => std::fs::create_dir_all(to)?,
    }
    for entry in from.read_dir()? {
        let entry = entry?;
        // sled keeps everything in flat files, the way this store uses it.
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn export(store: &SledStore, document: DocumentId, path: &Path) -> Result<Outcome, String> {
    let whole = read_whole(store, document).map_err(|error| sentence(&error))?;
    let (_, stored) = whole.ok_or_else(|| format!("there is no document {document}"))?;
    // What was set aside cannot be saved; it goes out as it came in.
    let is_aside = !matches!(store.aside(document), Ok(None));
    let (bytes, remark) = match is_aside {
        true => (stored, ", in the bytes that arrived: it is set aside, and may not be readable"),
        false => {
            let read = loaded(&stored).map_err(|reason| format!("document {document} {reason}"))?;
            (read.save(), "")
        }
    };
    let written = File::create_new(path).and_then(|mut file| {
        file.write_all(&bytes)?;
        file.sync_all()
    });
    written.map_err(|error| format!("cannot make {}: {error}", path.display()))?;
    Ok(Outcome::well(format!("document {document} is in {}{remark}", path.display())))
}

fn import(store: &SledStore, path: &Path) -> Result<Outcome, String> {
    let cannot = |reason: String| format!("{} {reason}", path.display());
    let bytes = std::fs::read(path).map_err(|error| cannot(format!("cannot be read: {error}")))?;
    let read = loaded(&bytes).map_err(cannot)?;
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|error| error.to_string())?;
    // A new id is in nobody's hands: no room has it open, so a relay may be serving.
    let document = DocumentId::from_bytes(id);
    let changes = stored_changes(&read).map_err(cannot)?;
    let count = changes.len();
    let append = Append { document, changes, heads: read.get_heads() };
    store.append(&[append]).map_err(|error| sentence(&error))?;
    // Without a snapshot it is all there too, only longer.
    if let Ok(Some(compaction)) = compaction_of(store, document) {
        store.compact(&compaction).map_err(|error| sentence(&error))?;
    }
    let url = DocumentUrl::from(document);
    Ok(Outcome::well(format!("{} with {count} changes is {url}", path.display())))
}

fn loaded(bytes: &[u8]) -> Result<Automerge, String> {
    let loaded = catch_unwind(AssertUnwindSafe(|| load(bytes)));
    let loaded = loaded.map_err(|_| "makes Automerge panic".to_owned())?;
    loaded.map_err(|error| format!("is no document that Automerge can read: {error}"))
}

fn stored_changes(document: &Automerge) -> Result<Vec<StoredChange>, String> {
    let mut graph = ChangeGraph::new();
    let mut stored = Vec::new();
    for change in document.get_changes(&[]) {
        let chunk = chunks(change.raw_bytes()).next();
        let chunk = chunk.ok_or("has an empty change")?.map_err(|error| sentence(&error))?;
        let raw = chunk.change().map_err(|error| sentence(&error))?;
        let entry = IndexEntry::of(&raw, &graph).ok_or("has its changes out of order")?;
        match graph.insert(raw.hash, &raw.header) {
            Ok(Inserted::At(_)) => {}
            _ => return Err("has changes that contradict each other".to_owned()),
        }
        stored.push(StoredChange { entry, bytes: raw.bytes.into() });
    }
    Ok(stored)
}

/// Reads a document's id or address.
///
/// # Errors
/// A sentence, if it is neither.
pub fn document(text: &str) -> Result<DocumentId, String> {
    let url = DocumentUrl::parse(text).map(|url| url.document);
    let id = url.or_else(|_| text.parse::<DocumentId>());
    id.map_err(|_| format!("{text:?} is no document; one looks like automerge:… or its id alone"))
}

/// Does a command with the data in a directory, or has the relay do it that serves it.
pub fn run(command: &Command, data: &Path) -> Outcome {
    use crate::store::StoreError;
    if let Command::Restore { from } = command {
        return restore(from, data).unwrap_or_else(Outcome::failed);
    }
    let begins = matches!(command, Command::Import { .. } | Command::People(_));
    if !data.join("db").is_file() && !begins {
        return Outcome::failed(format!("there is no data in {}; see --data", data.display()));
    }
    match SledStore::open(data) {
        Ok(store) => command.perform(&Arc::new(store), None),
        Err(in_use @ StoreError::InUse { .. }) => crate::control::ask(data, command)
            .unwrap_or_else(|error| Outcome::failed(format!("{in_use} ({error})"))),
        Err(error) => Outcome::failed(sentence(&error)),
    }
}
