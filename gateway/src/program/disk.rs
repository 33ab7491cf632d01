//! Files that are replaced as a whole, and that nobody else on the machine reads.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why something cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The disk says so.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// It is something else.
    #[error("{} is not what this program has written; move it away", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DiskError {
    let path = path.to_owned();
    move |source| DiskError::Io { doing, path, source }
}

/// Makes a directory that is the user's own.
pub fn make_directory(path: &Path) -> Result<(), DiskError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed("make", path))
}

/// Replaces a file. When this returns, it survives a power cut.
pub fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), DiskError> {
    let new_path = path.with_extension("new");
    let written = || {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new_path)?;
        file.write_all(&serde_json::to_vec(value)?)?;
        file.sync_all()?;
        std::fs::rename(&new_path, path)?;
        sync_directory(path)
    };
    written().map_err(failed("write", path))
}

/// What is in a file, if there is one.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, DiskError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path)(error)),
    };
    let damaged = |source| DiskError::Damaged { path: path.to_owned(), source };
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}

/// Removes a file, if it is there.
pub fn remove(path: &Path) -> Result<(), DiskError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => sync_directory(path).map_err(failed("remove", path)),
    }
}

/// The files with this ending.
pub fn list(directory: &Path, extension: &str) -> Result<Vec<PathBuf>, DiskError> {
    let entries = std::fs::read_dir(directory).map_err(failed("read", directory))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed("read", directory))?.path();
        if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Keeps a second program out of the directory, for as long as the file is open.
pub fn lock(directory: &Path) -> Result<File, DiskError> {
    let path = directory.join("lock");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let file = options.open(&path).map_err(failed("open", &path))?;
    let busy = |_| failed("lock", &path)(io::Error::other("another gateway uses this directory"));
    file.try_lock().map_err(busy)?;
    Ok(file)
}

/// Makes a new name survive a power cut. Only Unix can, and only there it is needed.
fn sync_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(directory) if cfg!(unix) => File::open(directory)?.sync_all(),
        _ => Ok(()),
    }
}
