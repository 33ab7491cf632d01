//! How long to wait before dialling again.

use std::time::Duration;

/// The bound of the first wait.
pub const BACK_OFF_MIN: Duration = Duration::from_millis(500);

/// The bound of the longest wait, reached with the sixth attempt. A person who waits for the relay
/// does not wait longer than this, and can ask for it sooner.
pub const BACK_OFF_MAX: Duration = Duration::from_secs(10);

/// Waits that double up to a bound, each drawn at random so that the clients of a restarted relay
/// do not come back all at once.
#[derive(Debug, Clone)]
pub(super) struct BackOff {
    bound: Duration,
    random: SplitMix64,
}

impl BackOff {
    pub fn new(seed: u64) -> Self {
        Self { bound: BACK_OFF_MIN, random: SplitMix64(seed) }
    }

    /// The next wait: anything up to the bound, which doubles.
    pub fn next(&mut self) -> Duration {
        let bound = self.bound;
        self.bound = (bound * 2).min(BACK_OFF_MAX);
        self.random.up_to(bound)
    }

    /// A wait for what will not be better soon: at least half of the longest one.
    pub fn longest(&mut self) -> Duration {
        self.bound = BACK_OFF_MAX;
        BACK_OFF_MAX / 2 + self.random.up_to(BACK_OFF_MAX / 2)
    }

    pub fn reset(&mut self) {
        self.bound = BACK_OFF_MIN;
    }
}

/// Steele, Lea and Flood's generator: eight lines, and no crate that would ask the system for
/// randomness, which this crate must not.
#[derive(Debug, Clone)]
pub(super) struct SplitMix64(u64);

impl SplitMix64 {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Anything below the bound.
    pub fn up_to(&mut self, bound: Duration) -> Duration {
        let bound_ms = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX).max(1);
        Duration::from_millis(self.next() % bound_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_stay_below_a_bound_that_doubles_to_ten_seconds() {
        let bounds_ms = [500, 1000, 2000, 4000, 8000, 10_000, 10_000];
        let mut longest_ms = [0; 7];
        for seed in 0..1000 {
            let mut back_off = BackOff::new(seed);
            for (bound_ms, longest_ms) in bounds_ms.into_iter().zip(&mut longest_ms) {
                let wait_ms = back_off.next().as_millis();
                assert!(wait_ms < bound_ms, "seed {seed}");
                *longest_ms = wait_ms.max(*longest_ms);
            }
        }
        for (bound_ms, longest_ms) in bounds_ms.into_iter().zip(longest_ms) {
            assert!(longest_ms > bound_ms * 9 / 10, "the whole range is used");
        }
    }

    #[test]
    fn waits_replay_from_their_seed_and_differ_between_seeds() {
        let waits = |seed| {
            let mut back_off = BackOff::new(seed);
            (0..10).map(|_| back_off.next()).collect::<Vec<_>>()
        };
        assert_eq!(waits(7), waits(7));
        assert_ne!(waits(7), waits(8));
    }

    #[test]
    fn a_refusal_waits_five_to_ten_seconds_and_a_success_starts_over() {
        let mut back_off = BackOff::new(1);
        for _ in 0..1000 {
            let wait = back_off.longest();
            assert!(wait >= BACK_OFF_MAX / 2 && wait < BACK_OFF_MAX);
        }
        back_off.reset();
        assert!(back_off.next() < BACK_OFF_MIN);
    }
}
