//! Frames that made the relay panic: each does so once.
//!
//! A panic is a fault of the relay or of Automerge that somebody's bytes have found. What they
//! touched is thrown away, and the same bytes are not looked at again. Their length and hash are
//! logged; they themselves are not kept, as they may be somebody's work.

use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tracing::error;

/// How many frames are remembered; the oldest are forgotten, and panic once more.
const FRAMES_MAX: usize = 1024;

/// What the sender of such a frame is told.
pub const QUARANTINED: &str = "a frame of yours made the relay fail, and is not taken";

/// The frames of a relay that are not looked at again.
#[derive(Debug, Default)]
pub struct Quarantine {
    /// Whether there are any, so that nobody has to wait to learn that there are none.
    is_used: AtomicBool,
    frames: Mutex<VecDeque<Known>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Known {
    length: usize,
    hash: [u8; 32],
}

impl Known {
    fn of(frame: &[u8]) -> Self {
        Self { length: frame.len(), hash: Sha256::digest(frame).into() }
    }
}

impl Quarantine {
    /// Remembers a frame, and logs what `while` it was doing when the relay panicked over it.
    pub fn add(&self, frame: &[u8], doing: &str) {
        let known = Known::of(frame);
        let hash: String = known.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        error!("panicked while {doing}: a frame of {} bytes, SHA-256 {hash}", known.length);
        let mut frames = self.frames();
        if !frames.contains(&known) {
            if frames.len() == FRAMES_MAX {
                frames.pop_front();
            }
            frames.push_back(known);
        }
        self.is_used.store(true, Ordering::Release);
    }

    /// Whether the relay has panicked over these very bytes.
    pub fn holds(&self, frame: &[u8]) -> bool {
        // Hashed only if there is one of its length: most frames never are.
        self.is_used.load(Ordering::Acquire)
            && self.frames().iter().any(|known| known.length == frame.len())
            && self.frames().contains(&Known::of(frame))
    }

    fn frames(&self) -> MutexGuard<'_, VecDeque<Known>> {
        // Every change to it is complete before the guard is dropped.
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
