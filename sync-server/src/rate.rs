//! So many a second, and a burst now and then.

use std::time::Duration;

/// How much of what was not used in quiet times may come at once, where nothing else is said.
const BURST: Duration = Duration::from_secs(2);

/// Lets through so many a second in the long run (the generic cell rate algorithm of ITU-T I.371).
///
/// In nanoseconds: every connection has one.
#[derive(Debug, Clone)]
pub struct Rate {
    interval: u64,
    burst: u64,
    /// When everything that was let through would have come, one interval after the other.
    due: u64,
}

impl Rate {
    /// One for so many a second.
    pub fn new(per_second: u32) -> Self {
        let interval = nanoseconds(Duration::from_secs(1) / per_second.max(1));
        Self { interval, burst: nanoseconds(BURST), due: 0 }
    }

    /// One for one in so long a time, and so many at once after a pause.
    pub fn one_in(interval: Duration, at_once: u32) -> Self {
        let burst = nanoseconds(interval.saturating_mul(at_once));
        Self { interval: nanoseconds(interval), burst, due: 0 }
    }

    /// Whether another one may pass now.
    pub fn admits(&mut self, now: Duration) -> bool {
        let now = nanoseconds(now);
        let due = self.due.max(now);
        let may_pass = due - now < self.burst;
        if may_pass {
            self.due = due + self.interval;
        }
        may_pass
    }

    /// Lets so many more through, and says how long to wait before the next: who brings much at once
    /// is not refused, but waits for those who do not.
    pub fn wait_after(&mut self, count: usize, now: Duration) -> Duration {
        let now = nanoseconds(now);
        let took = self.interval.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX));
        self.due = self.due.max(now).saturating_add(took);
        Duration::from_nanos((self.due - now).saturating_sub(self.burst))
    }

    /// Whether it is as if nothing had ever passed.
    pub fn is_idle(&self, now: Duration) -> bool {
        self.due <= nanoseconds(now)
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    // Enough for five hundred years.
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
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
    fn who_brings_much_at_once_waits_until_the_rate_has_caught_up() {
        let mut rate = Rate::one_in(Duration::from_millis(1), 1000);
        let now = Duration::from_secs(5);
        assert_eq!(rate.wait_after(1000, now), Duration::ZERO);
        assert_eq!(rate.wait_after(500, now), Duration::from_millis(500));
        assert_eq!(rate.wait_after(1, now + Duration::from_millis(500)), Duration::from_millis(1));
        assert_eq!(rate.wait_after(1000, now + Duration::from_secs(60)), Duration::ZERO);
    }

    #[test]
    fn two_seconds_worth_may_come_at_once_and_then_the_rate_holds() {
        let mut rate = Rate::new(20);
        assert_eq!(passed(&mut rate, 5_000, 1_000, 1), 40);
        assert_eq!(passed(&mut rate, 5_001, 100_000, 10_000), 200);
        assert_eq!(passed(&mut rate, 60_000, 1_000, 1), 40, "after a pause as at first");
    }
}
