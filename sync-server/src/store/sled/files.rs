//! What is looked after before sled opens its files.

use crate::store::StoreError;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

const READ_BYTES: usize = 1024 * 1024;

/// sled's configuration is shorter.
const CONF_BYTES_MAX: u64 = 256;

/// Makes a directory one that sled can open, whatever ended it before, and refuses where opening it
/// would lose something.
///
/// # Errors
/// [`StoreError::InUse`], [`StoreError::NotWritable`] or [`StoreError::NotReadable`]. What was stored
/// is as it was.
pub fn prepare(directory: &Path) -> Result<(), StoreError> {
    let not_writable = |source| StoreError::NotWritable { path: directory.to_owned(), source };
    let path = directory.join("db");
    let mut database = match File::open(&path) {
        Ok(database) => database,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return remove_conf_without_database(directory).map_err(not_writable);
        }
        Err(source) => return Err(StoreError::NotReadable { path, source }),
    };
    // sled's own lock, let go of at the end: another process must not lose a file under its hands.
    match database.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StoreError::InUse { path: directory.to_owned() });
        }
        Err(TryLockError::Error(error)) => return Err(not_writable(error)),
    }
    read_through(&mut database).map_err(|source| StoreError::NotReadable { path, source })?;
    remove_conf_without_database(directory).map_err(not_writable)?;
    remove_half_snapshots(directory).map_err(not_writable)
}

/// Reads the file once. What sled cannot read it takes for the end of its log, and writes over what
/// comes after; whatever has been read here is in the system's memory when sled reads it.
fn read_through(database: &mut File) -> io::Result<()> {
    let mut bytes = vec![0; READ_BYTES];
    while database.read(&mut bytes)? > 0 {}
    Ok(())
}

/// Removes the configuration that sled left when it failed to make a database: it takes half of one
/// for damage.
fn remove_conf_without_database(directory: &Path) -> io::Result<()> {
    let has = |name| fs::metadata(directory.join(name)).is_ok_and(|file| file.len() > 0);
    let conf = directory.join("conf");
    // sled makes this directory before, the others after. Another program's file is not ours.
    let is_sleds = directory.join("blobs").is_dir()
        && fs::metadata(&conf).is_ok_and(|file| file.len() <= CONF_BYTES_MAX);
    if is_sleds && !has("db") && !has("commits") { fs::remove_file(conf) } else { Ok(()) }
}

/// Removes snapshots that sled was writing when it ended: it takes them for damaged ones, and opens
/// no database beside them. They hold nothing that is not in the log.
fn remove_half_snapshots(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{SledStore, Store};

    #[test]
    fn a_snapshot_that_sled_was_writing_when_it_ended_keeps_nobody_from_opening_the_store() {
        let directory = tempfile::tempdir().unwrap();
        let id = SledStore::open(directory.path()).unwrap().id().clone();
        let half = directory.path().join("snap.00000000FFFFFFFF.generating");
        fs::write(&half, b"half a snapshot").unwrap();
        assert_eq!(*SledStore::open(directory.path()).unwrap().id(), id);
        assert!(!half.exists());
    }

    #[test]
    fn half_a_configuration_without_a_database_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("blobs")).unwrap();
        fs::write(directory.path().join("conf"), b"half").unwrap();
        SledStore::open(directory.path()).unwrap();
    }

    #[test]
    fn what_another_program_keeps_in_the_directory_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let theirs = directory.path().join("conf");
        let content = b"colour = green, and a few words on why";
        fs::write(&theirs, content).unwrap();
        assert!(SledStore::open(directory.path()).is_err());
        assert_eq!(fs::read(&theirs).unwrap(), content);
    }
}
