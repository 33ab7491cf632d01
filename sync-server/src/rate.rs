//! So many a second, and a burst now and then.

use crate::limits::Limits;
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

    /// One for so many a minute, and so many at once after a pause.
    pub fn a_minutes_worth(per_minute: u32) -> Self {
        let per_minute = per_minute.max(1);
        Self::one_in(Duration::from_secs(60) / per_minute, per_minute)
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
        self.wait_after_since(count, now, now)
    }

    /// The same of what has come one after the other since then, not at once now.
    pub fn wait_after_since(&mut self, count: usize, since: Duration, now: Duration) -> Duration {
        let took = self.interval.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX));
        self.due = self.due.max(nanoseconds(since)).saturating_add(took);
        let ahead = self.due.saturating_sub(nanoseconds(now));
        Duration::from_nanos(ahead.saturating_sub(self.burst))
    }

    /// Whether it is as if nothing had ever passed.
    pub fn is_idle(&self, now: Duration) -> bool {
        self.due <= nanoseconds(now)
    }
}

/// What a connection has cost that it has not been charged for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// How long the relay has worked for it.
    pub work: Duration,
    /// How many bytes it was sent.
    pub bytes: usize,
}

/// What a connection may cost in a minute, in the long run; a minute's worth at once.
#[derive(Debug)]
pub struct Shares {
    changes: Rate,
    /// Of microseconds.
    work: Rate,
    /// Of KiB.
    bytes: Rate,
    /// When it was charged last. Who listens for a day is sent much, and owes nothing for it.
    charged_at: Duration,
}

impl Shares {
    /// As was chosen, for somebody who has come at this time.
    pub fn of(limits: &Limits, now: Duration) -> Self {
        let work = u32::try_from(limits.work_per_minute.as_micros()).unwrap_or(u32::MAX);
        let bytes = u32::try_from(limits.sent_bytes_per_minute / 1024).unwrap_or(u32::MAX);
        let [changes, work, bytes] =
            [limits.changes_per_minute, work, bytes].map(Rate::a_minutes_worth);
        Self { changes, work, bytes, charged_at: now }
    }

    /// Charges for so many changes and what was spent; how long to wait before more may be.
    pub fn wait_after(&mut self, changes: usize, spent: Spent, now: Duration) -> Duration {
        let work = usize::try_from(spent.work.as_micros()).unwrap_or(usize::MAX);
        let since = std::mem::replace(&mut self.charged_at, now);
        let waits = [
            self.changes.wait_after(changes, now),
            self.work.wait_after_since(work, since, now),
            self.bytes.wait_after_since(spent.bytes.div_ceil(1024), since, now),
        ];
        waits.into_iter().max().unwrap_or_default()
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
    fn whichever_share_is_used_up_first_is_waited_for() {
        let limits = Limits {
            work_per_minute: Duration::from_secs(6),
            sent_bytes_per_minute: 60 * 1024 * 1024,
            ..Limits::default()
        };
        let now = Duration::from_secs(100);
        let work = |seconds| Spent { work: Duration::from_secs(seconds), bytes: 0 };
        let sent =
            |mebibytes: usize| Spent { work: Duration::ZERO, bytes: mebibytes * 1024 * 1024 };
        let mut shares = Shares::of(&limits, now);
        assert_eq!(shares.wait_after(1, work(6), now), Duration::ZERO);
        assert_eq!(shares.wait_after(1, work(1), now), Duration::from_secs(10));
        let waits = shares.wait_after(0, sent(90), now).as_secs_f64();
        assert!((waits - 30.0).abs() < 0.1, "{waits}");
        let later = now + Duration::from_secs(120);
        assert_eq!(shares.wait_after(1, Spent::default(), later), Duration::ZERO);
    }

    #[test]
    fn who_has_only_listened_for_a_day_owes_nothing_for_what_was_sent() {
        let limits = Limits { sent_bytes_per_minute: 60 * 1024 * 1024, ..Limits::default() };
        let (come, a_day_later) = (Duration::from_secs(5), Duration::from_secs(86_405));
        let sent = Spent { work: Duration::ZERO, bytes: 2 * 1024 * 1024 * 1024 };
        let mut shares = Shares::of(&limits, come);
        assert_eq!(shares.wait_after(1, sent, a_day_later), Duration::ZERO);
        assert!(shares.wait_after(1, sent, a_day_later) > Duration::from_secs(60));
    }

    #[test]
    fn two_seconds_worth_may_come_at_once_and_then_the_rate_holds() {
        let mut rate = Rate::new(20);
        assert_eq!(passed(&mut rate, 5_000, 1_000, 1), 40);
        assert_eq!(passed(&mut rate, 5_001, 100_000, 10_000), 200);
        assert_eq!(passed(&mut rate, 60_000, 1_000, 1), 40, "after a pause as at first");
    }
}
