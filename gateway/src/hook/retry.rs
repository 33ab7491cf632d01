//! When to try again.

/// How tries follow each other, in milliseconds.
///
/// Each pause is twice the one before, up to `most`, and shortened by chance by up to a half: receivers
/// that come back are not met by all at the same moment.
///
/// ```
/// use kanban_gateway::hook::Retry;
/// let retry = Retry::default();
/// assert_eq!((retry.delay(1, u32::MAX), retry.delay(1, 0)), (5_000, 2_500));
/// assert_eq!(retry.delay(3, u32::MAX), 20_000);
/// assert_eq!(retry.delay(1_000, u32::MAX), retry.most);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The first pause, at most.
    pub first: u64,
    /// The longest pause.
    pub most: u64,
    /// After so long without success it is given up.
    pub give_up: u64,
}

impl Default for Retry {
    /// Five seconds to two hours, for a day: twenty tries.
    fn default() -> Self {
        Self { first: 5_000, most: 2 * 3_600_000, give_up: 24 * 3_600_000 }
    }
}

impl Retry {
    /// How long to wait after so many failures in a row.
    pub fn delay(&self, failures: u32, random: u32) -> u64 {
        let doubled = 1_u64.checked_shl(failures.saturating_sub(1).min(63)).unwrap_or(u64::MAX);
        let whole = self.first.saturating_mul(doubled).min(self.most);
        let half = whole / 2;
        // 128 bits: no pause is too long for the product.
        let chance = u128::from(whole - half) * u128::from(random) / u128::from(u32::MAX);
        half + u64::try_from(chance).unwrap_or(u64::MAX)
    }
}
