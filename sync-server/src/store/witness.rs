//! A second opinion on how much the database should hold.
//!
//! sled takes a damaged record in its log for the end of the log: what came after disappears, and
//! what is left is consistent in itself. So the number of the last commit is also written to a file
//! beside the log, after the commit has reached the disk. A database that knows fewer commits than
//! that file has lost some.
//!
//! The file is not synced: after a power cut it may be behind, never ahead, so it raises no false
//! alarm and costs no second fsync.

use super::record::{seal, unseal};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

const NAME: &str = "commits";

/// The file with the number of the last commit that reached the disk.
#[derive(Debug)]
pub struct Witness {
    file: File,
}

impl Witness {
    /// Opens the file in a database's directory; also says what it has seen, 0 if nothing legible.
    pub fn open(directory: &Path) -> io::Result<(Self, u64)> {
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(directory.join(NAME))?;
        let mut bytes = Vec::new();
        // It never holds more; a larger file is not ours to read.
        Read::by_ref(&mut file).take(64).read_to_end(&mut bytes)?;
        // A torn write is no witness; the database is judged without it.
        let seen = unseal(NAME.as_bytes(), &bytes).and_then(|seen| seen.try_into().ok());
        Ok((Self { file }, seen.map_or(0, u64::from_be_bytes)))
    }

    /// Notes that this commit has reached the disk.
    pub fn saw(&mut self, commit: u64) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&seal(NAME.as_bytes(), &commit.to_be_bytes()))
    }
}
