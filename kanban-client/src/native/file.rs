//! A board on a disk.

use kanban_core::{Board, OpenError, Replica};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use sync_protocol::client::Resume;
use sync_protocol::{DocumentId, DocumentUrl};

/// The longest file beside a board that is read: an address and some heads.
const LINK_BYTES_MAX: u64 = 256 * 1024;

/// The most bytes of a board that is read: a thousand times more than a board of 10,000 cards.
const BOARD_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// A file that holds a board, and beside it one that says which document of a relay it is.
///
/// `release.kanban` holds what [`Board::save`] gives, which any Automerge reads.
/// `release.kanban.sync` holds the document's address in its first line, then the [`Resume`]; it is
/// locked as long as the value lives, so that only one program has the board open.
///
/// The board is replaced as a whole: written beside, flushed to the disk, renamed. Whenever the
/// machine stops, the file is the old board or the new one.
#[derive(Debug)]
pub struct BoardFile {
    path: PathBuf,
    document: DocumentId,
    link: File,
}

/// What was in a [`BoardFile`].
#[derive(Debug)]
pub struct Kept {
    /// The board; `None` if it was asked for but has not arrived.
    pub board: Option<Board>,
    /// What is known of the relay.
    pub resume: Resume,
}

/// Why a board cannot be read from a disk, or written to it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Another program has it.
    #[error("{path} is already open in another program")]
    InUse {
        /// The board.
        path: PathBuf,
    },
    /// There is one already.
    #[error("{path} exists already; choose another name")]
    Exists {
        /// The board.
        path: PathBuf,
    },
    /// There is none.
    #[error("there is no board at {path}")]
    NotFound {
        /// The board.
        path: PathBuf,
    },
    /// There is a board, but nothing beside it.
    #[error("{link} is missing, so it is not known which document of the relay the board is")]
    NoLink {
        /// The file that is missing.
        link: PathBuf,
    },
    /// The file beside the board is something else.
    #[error("{link} does not start with the address of a document")]
    NotALink {
        /// The file.
        link: PathBuf,
    },
    /// The file is no board, or a damaged one.
    #[error("{path} cannot be opened as a board")]
    NotABoard {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        source: OpenError,
    },
    /// The file is larger than any board.
    #[error("{path} has more than {BOARD_BYTES_MAX} bytes, which no board has")]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The directory is not there.
    #[error("there is no directory {directory}")]
    NoDirectory {
        /// The directory.
        directory: PathBuf,
    },
    /// The file system does not allow it.
    #[error("there is no permission to {doing} {path}")]
    NoPermission {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// Something else, a full disk for instance.
    #[error("cannot {doing} {path}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl BoardFile {
    /// Makes the files of a new board.
    ///
    /// # Errors
    /// [`FileError::Exists`] if there is such a file, and whatever the disk has to say.
    pub fn create(path: &Path, document: DocumentId, board: &Board) -> Result<Self, FileError> {
        let file = Self::join(path, document)?;
        if let Err(error) = file.save(board) {
            // Or the name would be taken, and the board asked for although nobody has it.
            let _ = std::fs::remove_file(link_path(path));
            return Err(error);
        }
        Ok(file)
    }

    /// Makes a place for a board that will arrive from a relay.
    ///
    /// # Errors
    /// [`FileError::Exists`] if there is a board, and whatever the disk has to say.
    pub fn join(path: &Path, document: DocumentId) -> Result<Self, FileError> {
        if path.exists() {
            return Err(FileError::Exists { path: path.to_owned() });
        }
        let link_path = link_path(path);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let link = match options.open(&link_path) {
            Ok(link) => link,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(FileError::Exists { path: link_path });
            }
            Err(error) => return Err(failed("create", &link_path)(error)),
        };
        lock(&link, path)?;
        let mut file = Self { path: path.to_owned(), document, link };
        file.keep(&Resume::default())?;
        sync_directory(path)?;
        Ok(file)
    }

    /// Opens the files of a board.
    ///
    /// # Errors
    /// [`FileError`] says in one sentence what is there instead; nothing is written.
    pub fn open(path: &Path, replica: Replica) -> Result<(Self, Kept), FileError> {
        let link_path = link_path(path);
        let link = match OpenOptions::new().read(true).write(true).open(&link_path) {
            Ok(link) => link,
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.exists() => {
                return Err(FileError::NoLink { link: link_path });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(FileError::NotFound { path: path.to_owned() });
            }
            Err(error) => return Err(failed("open", &link_path)(error)),
        };
        lock(&link, path)?;
        let mut kept = Vec::new();
        let read = (&link).take(LINK_BYTES_MAX).read_to_end(&mut kept);
        read.map_err(failed("read", &link_path))?;
        let (document, resume) =
            parse_link(&kept).ok_or(FileError::NotALink { link: link_path })?;
        let board = match read_board(path)? {
            Some(bytes) => {
                let not_a_board = |source| FileError::NotABoard { path: path.to_owned(), source };
                Some(Board::open(&bytes, replica).map_err(not_a_board)?)
            }
            None => None,
        };
        Ok((Self { path: path.to_owned(), document, link }, Kept { board, resume }))
    }

    /// Which document of the relay the board is.
    pub fn document(&self) -> DocumentId {
        self.document
    }

    /// Where the board is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the board. When this returns, it survives a power cut.
    ///
    /// # Errors
    /// [`FileError`]; then the board before is still there.
    pub fn save(&self, board: &Board) -> Result<(), FileError> {
        let new_path = with_suffix(&self.path, ".new");
        let written = || {
            let mut new = File::create(&new_path)?;
            new.write_all(&board.save())?;
            new.sync_all()?;
            std::fs::rename(&new_path, &self.path)
        };
        written().map_err(failed("write", &self.path))?;
        sync_directory(&self.path)
    }

    /// Replaces what is known of the relay.
    ///
    /// Written in place, because the lock is on this file, and not flushed to the disk: the first
    /// line never changes, and the rest may be lost without harm.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn keep(&mut self, resume: &Resume) -> Result<(), FileError> {
        let mut bytes = format!("{}\n", DocumentUrl::from(self.document)).into_bytes();
        bytes.extend(resume.encode());
        let link = &mut self.link;
        let mut written = || {
            link.seek(SeekFrom::Start(0))?;
            link.write_all(&bytes)?;
            link.set_len(bytes.len() as u64)
        };
        written().map_err(failed("write", &link_path(&self.path)))
    }
}

impl Drop for BoardFile {
    fn drop(&mut self) {
        // Closing is not enough: a process that is being started has a copy of every file for a
        // moment, which would keep the lock. A lock that cannot be given up ends with the copies.
        _ = self.link.unlock();
    }
}

fn link_path(path: &Path) -> PathBuf {
    with_suffix(path, ".sync")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn lock(link: &File, path: &Path) -> Result<(), FileError> {
    match link.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(FileError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => Err(failed("lock", path)(error)),
    }
}

/// The document and what is known of the relay; a damaged rest is as good as none.
fn parse_link(bytes: &[u8]) -> Option<(DocumentId, Resume)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    let url = DocumentUrl::parse(std::str::from_utf8(line).ok()?).ok()?;
    let resume = Resume::decode(rest.get(1..)?).unwrap_or_default();
    Some((url.document, resume))
}

fn read_board(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("open", path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(BOARD_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed("read", path))?;
    if bytes.len() as u64 > BOARD_BYTES_MAX {
        return Err(FileError::TooLarge { path: path.to_owned() });
    }
    Ok(Some(bytes))
}

/// Makes a new name survive a power cut. Only Unix can, and only there it is needed.
fn sync_directory(path: &Path) -> Result<(), FileError> {
    if cfg!(unix) {
        let directory = directory_of(path);
        let synced = File::open(&directory).and_then(|directory| directory.sync_all());
        synced.map_err(failed("write", &directory))?;
    }
    Ok(())
}

fn directory_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::NotFound => FileError::NoDirectory { directory: directory_of(&path) },
        io::ErrorKind::PermissionDenied => FileError::NoPermission { doing, path },
        _ => FileError::Io { doing, path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanban_core::{ActorId, BoardId, Timestamp};

    #[test]
    fn a_closed_file_opens_again_though_a_process_being_started_has_a_copy_of_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("release.kanban");
        let replica = Replica::new(ActorId::from([1; 16]));
        let id = BoardId::parse("release").expect("an id");
        let at = Timestamp::from_unix_seconds(1_700_000_000);
        let board = Board::create(replica.clone(), id, "Release", at);
        let document = DocumentId::from_bytes([5; 16]);
        let file = BoardFile::create(&path, document, &board).expect("a new file");
        let _copy = file.link.try_clone().expect("a copy");
        drop(file);
        BoardFile::open(&path, replica).expect("it is not in use any more");
    }
}
