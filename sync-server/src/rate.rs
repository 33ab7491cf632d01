//! So many a second, and a burst now and then.

use std::time::Duration;

/// How much of what was not used in quiet times may come at once.
const BURST: Duration = Duration::from_secs(2);

/// Lets through so many a second in the long run (the generic cell rate algorithm of ITU-T I.371).
#[derive(Debug)]
pub struct Rate {
    per_second: u32,
    /// When everything that was let through would have come, one interval after the other.
    due: Duration,
}

impl Rate {
    /// One for so many a second.
    pub fn new(per_second: u32) -> Self {
        Self { per_second: per_second.max(1), due: Duration::ZERO }
    }

    /// Whether another one may pass now.
    pub fn admits(&mut self, now: Duration) -> bool {
        let due = self.due.max(now);
        let may_pass = due - now < BURST;
        if may_pass {
            self.due = due + Duration::from_secs(1) / self.per_second;
        }
        may_pass
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of so many, evenly over so many milliseconds, pass.
    fn passed(rate: &mut Rate, from_ms: u64, count: u64, over_ms: u64) -> usize {
        let times = (0..count).map(|number| from_ms + number * over_ms / count);
        times.filter(|ms| rate.admits(Duration::from_millis(*ms))).count()
    }

    #[test]
    fn who_keeps_to_the_rate_is_never_held_back() {
        let mut rate = Rate::new(20);
        assert_eq!(passed(&mut rate, 0, 20 * 60, 60_000), 20 * 60);
    }

    #[test]
    fn two_seconds_worth_may_come_at_once_and_then_the_rate_holds() {
        let mut rate = Rate::new(20);
        assert_eq!(passed(&mut rate, 5_000, 1_000, 1), 40);
        assert_eq!(passed(&mut rate, 5_001, 100_000, 10_000), 200);
        assert_eq!(passed(&mut rate, 60_000, 1_000, 1), 40, "after a pause as at first");
    }
}
