//! Latencies, counted in buckets that are at most 3 % wide.

use std::time::Duration;

/// Buckets per doubling.
const STEPS: u32 = 32;

/// How many events took how long.
#[derive(Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    /// Counts `times` events.
    pub fn add(&mut self, latency: Duration, times: u64) {
        let bucket = bucket(latency.as_nanos() as u64);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts.get_mut(bucket).into_iter().for_each(|count| *count += times);
        self.total += times;
    }

    /// How many events there are.
    pub fn len(&self) -> u64 {
        self.total
    }

    /// The time that `share` of all events did not exceed, in milliseconds; NaN without events.
    pub fn quantile_ms(&self, share: f64) -> f64 {
        let wanted = (self.total as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper_end(bucket) / 1e6;
            }
        }
        f64::NAN
    }
}

fn bucket(nanos: u64) -> usize {
    let nanos = nanos.max(u64::from(STEPS));
    let doubling = nanos.ilog2() - STEPS.ilog2();
    let step = (nanos >> doubling) - u64::from(STEPS);
    (doubling * STEPS) as usize + step as usize
}

fn upper_end(bucket: usize) -> f64 {
    let (doubling, step) = (bucket as u32 / STEPS, bucket as u32 % STEPS);
    f64::from(STEPS + step + 1) * f64::from(doubling).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_at_most_three_percent_too_long() {
        let mut histogram = Histogram::default();
        for micros in 1..=1000 {
            histogram.add(Duration::from_micros(micros), 1);
        }
        for (share, exact) in [(0.001, 0.001), (0.5, 0.5), (0.99, 0.99), (1.0, 1.0)] {
            let found = histogram.quantile_ms(share);
            assert!(found >= exact && found <= exact * 1.032, "{found} for {exact}");
        }
    }
}
