//! Whole networks in one thread: a relay's room, its disk, and people's machines with boards, joined
//! by links that delay, stall, fall silent and break, in virtual time.
//!
//! Nothing here reads a clock or draws a number that the seed does not give, so a seed replays to
//! the byte. The room and the clients are the ones that products run: what is simulated is what they
//! stand on.

mod link;
mod machine;
mod people;
mod relay;
#[allow(clippy::indexing_slicing, reason = "machines have the numbers that they began with")]
mod world;

pub use world::{Network, Weather};

use crate::run::guarded;
use crate::tally::Tally;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What many seeds met.
#[derive(Debug, Default)]
pub struct Networks {
    /// What happened, by name.
    pub tally: Tally,
    /// The seeds that broke a promise, with what it was.
    pub failures: Vec<String>,
}

impl Networks {
    /// Runs seeds on all processors.
    pub fn run(seeds: Range<u64>, weather: Weather) -> Self {
        let next = AtomicU64::new(seeds.start);
        let all = Mutex::new(Self::default());
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= seeds.end {
                            return;
                        }
                        let (tally, failure) = one(seed, weather);
                        let mut all = all.lock().expect("no worker panics while it holds this");
                        all.tally.add(&tally);
                        all.failures.extend(failure);
                    }
                });
            }
        });
        all.into_inner().expect("as above")
    }
}

/// One network from its beginning to its end: what it met, and what went wrong.
fn one(seed: u64, weather: Weather) -> (Tally, Option<String>) {
    let mut network = Network::new(seed, weather);
    let failure = guarded(|| network.live()).err();
    let failure = failure.map(|broken| {
        format!("KANBAN_NETWORK={seed} ({weather:?}): {}: {}", broken.invariant, broken.detail)
    });
    (network.tally, failure)
}

/// A number that two runs of a seed share only if they did the same at the same times.
pub fn fingerprint(seed: u64, weather: Weather) -> u64 {
    let mut network = Network::new(seed, weather);
    // What goes wrong is for others to find; here it must go wrong twice in the same way.
    let result = guarded(|| network.live()).is_ok();
    network.fingerprint ^ u64::from(result)
}
