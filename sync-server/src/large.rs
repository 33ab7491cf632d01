//! Large frames, of which only so many are written at a time.
//!
//! A thousand people open a board together after a restart, and each is sent a megabyte. Waiting,
//! these are one and the same bytes; being written, each is a copy. So copies are bounded, and so is
//! how many are made at once: or everybody else's small frames would wait behind all of them.

use tokio::sync::{Semaphore, SemaphorePermit};

/// A frame above this is large.
pub const LARGE_BYTES: usize = 64 * 1024;

/// How many bytes of large frames may be copied and not yet taken by a socket, in all connections.
const WRITTEN_KIB_MAX: u32 = 128 * 1024;

/// How many large frames are copied at the same moment.
const COPIED_AT_ONCE: usize = 2;

/// What the connections of a relay share to write large frames.
#[derive(Debug)]
pub struct LargeFrames {
    kib: Semaphore,
    copies: Semaphore,
}

/// Leave to write a large frame, until its bytes are gone.
pub struct Leave<'a> {
    _kib: SemaphorePermit<'a>,
}

impl Default for LargeFrames {
    fn default() -> Self {
        let kib = Semaphore::new(WRITTEN_KIB_MAX as usize);
        Self { kib, copies: Semaphore::new(COPIED_AT_ONCE) }
    }
}

impl LargeFrames {
    /// Waits until so many bytes may be copied.
    pub async fn leave(&self, bytes: usize) -> Option<Leave<'_>> {
        let kib = u32::try_from(bytes / 1024).unwrap_or(u32::MAX).min(WRITTEN_KIB_MAX);
        // Nobody closes it.
        self.kib.acquire_many(kib).await.ok().map(|kib| Leave { _kib: kib })
    }

    /// Waits until it is one's turn to copy.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.copies.acquire().await.ok()
    }
}
