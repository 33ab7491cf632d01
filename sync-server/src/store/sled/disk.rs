//! The one place where something is waited for that must survive a power cut.

use std::fmt;
use std::fs::File;
use std::io;
use std::sync::Arc;

type Watcher = Arc<dyn Fn(&str) + Send + Sync>;

/// The disk below a store, and perhaps somebody who wants to know what is waited for: a test that
/// makes of it what a power cut may leave.
#[derive(Clone, Default)]
pub struct Disk {
    watcher: Option<Watcher>,
}

impl Disk {
    /// Calls `watcher` with the name of a file, `.` for the directory, each time before it is waited
    /// for.
    pub fn watched(watcher: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { watcher: Some(Arc::new(watcher)) }
    }

    /// Returns when everything written to a file is on the disk: its bytes and its length. When it
    /// was written does not matter.
    pub(super) fn wait_for(&self, name: &str, file: &File) -> io::Result<()> {
        self.watcher.iter().for_each(|watcher| watcher(name));
        file.sync_data()
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk").field("is_watched", &self.watcher.is_some()).finish()
    }
}
