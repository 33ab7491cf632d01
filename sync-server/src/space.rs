//! How much of the disk must stay free.

use std::io;
use std::path::Path;
use std::str::FromStr;

/// How much of a disk must stay free for the relay to take changes. A store on a full disk cannot
/// even be opened again, so the relay stops before.
///
/// ```
/// use sync_server::space::MinFree;
/// assert_eq!("64M".parse(), Ok(MinFree { bytes: 64 << 20, percent: 0 }));
/// assert_eq!("5%".parse(), Ok(MinFree { bytes: 0, percent: 5 }));
/// # Ok::<(), sync_server::space::MinFreeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinFree {
    /// So many bytes.
    pub bytes: u64,
    /// And so many hundredths of the disk.
    pub percent: u8,
}

/// Why a text is no [`MinFree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is an amount like 256M or 2G, or a part of the disk like 2%")]
pub struct MinFreeError;

impl Default for MinFree {
    /// 256 MiB and 2%: the database grows by 16 MiB at a time, and rewrites before it frees.
    fn default() -> Self {
        Self { bytes: 256 << 20, percent: 2 }
    }
}

impl MinFree {
    /// Whether less is free where `path` is; once it was, until there is an eighth more.
    ///
    /// # Errors
    /// What the system said, if it does not tell.
    pub fn is_missing(&self, path: &Path, was_missing: bool) -> io::Result<bool> {
        let space = fs4::statvfs(path)?;
        Ok(self.is_missing_of(space.available_space(), space.total_space(), was_missing))
    }

    fn is_missing_of(&self, free: u64, total: u64, was_missing: bool) -> bool {
        let part = total / 100 * u64::from(self.percent);
        let wanted = self.bytes.max(part);
        // Otherwise it would come and go with every file.
        free < if was_missing { wanted.saturating_add(wanted / 8) } else { wanted }
    }
}

impl FromStr for MinFree {
    type Err = MinFreeError;

    fn from_str(text: &str) -> Result<Self, MinFreeError> {
        if let Some(percent) = text.strip_suffix('%') {
            let percent = percent.parse().ok().filter(|percent| *percent <= 99);
            return Ok(Self { bytes: 0, percent: percent.ok_or(MinFreeError)? });
        }
        let units = [("K", 10), ("M", 20), ("G", 30), ("T", 40)];
        let unit = units.iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, *shift)));
        let (number, shift) = unit.unwrap_or((text, 0));
        let number: u64 = number.parse().map_err(|_| MinFreeError)?;
        let bytes = number.checked_mul(1 << shift).ok_or(MinFreeError)?;
        Ok(Self { bytes, percent: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn a_disk_is_low_below_the_larger_of_both_and_recovers_a_little_above() {
        let min_free = MinFree::default();
        let is_low = |free, total, was| min_free.is_missing_of(free * MIB, total * MIB, was);
        assert!(is_low(255, 1_000, false));
        assert!(!is_low(256, 1_000, false));
        assert!(is_low(287, 1_000, true));
        assert!(!is_low(288, 1_000, true));
        assert!(is_low(1_900, 100_000, false));
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        let bytes = |bytes| Ok(MinFree { bytes, percent: 0 });
        assert_eq!("0".parse(), bytes(0));
        assert_eq!("2G".parse(), bytes(2 << 30));
        for wrong in ["", "%", "100%", "-1", "1 M", "99999999999T"] {
            assert_eq!(wrong.parse::<MinFree>(), Err(MinFreeError), "{wrong}");
        }
    }
}
