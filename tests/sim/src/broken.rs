//! A promise that did not hold.

use std::fmt;

/// Which invariant of `MERGE.md` failed, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its number (`I1` to `I13`) or name.
    pub invariant: &'static str,
    /// What was expected and what was found.
    pub detail: String,
}

/// Whether a promise held.
pub type Check = Result<(), Broken>;

/// Demands that something holds.
pub fn ensure(holds: bool, invariant: &'static str, detail: impl FnOnce() -> String) -> Check {
    match holds {
        true => Ok(()),
        false => Err(Broken { invariant, detail: detail() }),
    }
}

/// Demands that two values are equal.
pub fn ensure_equal<T: PartialEq + fmt::Debug>(
    found: &T,
    expected: &T,
    invariant: &'static str,
    what: impl FnOnce() -> String,
) -> Check {
    ensure(found == expected, invariant, || {
        format!("{}\n  expected {expected:?}\n  found    {found:?}", what())
    })
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} does not hold: {}", self.invariant, self.detail)
    }
}
