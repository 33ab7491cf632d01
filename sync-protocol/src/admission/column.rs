//! Columns of run-length encoded values: checked without expanding a run, then read row by row.
//!
//! A column has exactly one canonical encoding: equal neighbours form a run, all others a literal,
//! and both are as long as they can be. [`scan`] accepts no other.

use crate::bytes::{BytesError, Reader};

/// A value as it is written in a column.
pub(super) trait Coded<'a>: Copy + PartialEq {
    fn read(reader: &mut Reader<'a>) -> Result<Self, BytesError>;

    /// How many bytes it takes in memory, beside its row.
    fn size(self) -> u64 {
        0
    }
}

impl Coded<'_> for u64 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, BytesError> {
        reader.unsigned()
    }
}

impl Coded<'_> for i64 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, BytesError> {
        reader.signed()
    }
}

impl<'a> Coded<'a> for &'a str {
    fn read(reader: &mut Reader<'a>) -> Result<Self, BytesError> {
        std::str::from_utf8(reader.prefixed()?).map_err(|_| BytesError::BadText)
    }

    fn size(self) -> u64 {
        self.len() as u64
    }
}

/// What is wrong with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Bytes(BytesError),
    NotCanonical,
}

impl From<BytesError> for Fault {
    fn from(error: BytesError) -> Self {
        Self::Bytes(error)
    }
}

/// What a column holds, had it been expanded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub rows: u64,
    pub nulls: u64,
    pub bytes: u64,
}

/// Measures a canonical column in time proportional to its bytes. `each` is told every run: how
/// many rows, of what.
pub(super) fn scan<'a, T: Coded<'a>>(
    column: &'a [u8],
    each: impl FnMut(u64, Option<T>),
) -> Result<Extent, Fault> {
    let (extent, is_canonical) = walk(column, each)?;
    if is_canonical { Ok(extent) } else { Err(Fault::NotCanonical) }
}

/// Measures a column, canonical or not, like [`scan`].
pub(super) fn measure<'a, T: Coded<'a>>(
    column: &'a [u8],
    each: impl FnMut(u64, Option<T>),
) -> Result<Extent, Fault> {
    walk(column, each).map(|(extent, _)| extent)
}

/// Also says whether the column is canonical.
fn walk<'a, T: Coded<'a>>(
    column: &'a [u8],
    mut each: impl FnMut(u64, Option<T>),
) -> Result<(Extent, bool), Fault> {
    let mut is_canonical = true;
    let mut reader = Reader::new(column);
    let mut extent = Extent::default();
    // The value before, `Some(None)` for null, and whether it was part of a literal.
    let (mut before, mut in_literal) = (None, false);
    while !reader.is_empty() {
        let run = reader.signed()?;
        let length = match run {
            0 => reader.unsigned()?,
            _ => run.unsigned_abs(),
        };
        is_canonical &= length > 0 && run != 1 && !(run < 0 && in_literal);
        extent.rows = extent.rows.checked_add(length).ok_or(BytesError::BadNumber)?;
        in_literal = run < 0;
        if run == 0 {
            is_canonical &= before != Some(None);
            before = Some(None);
            extent.nulls = extent.nulls.saturating_add(length);
            each(length, None);
            continue;
        }
        let (values, rows) = if run < 0 { (length, 1) } else { (1, length) };
        for _ in 0..values {
            let value = T::read(&mut reader)?;
            is_canonical &= before != Some(Some(value));
            before = Some(Some(value));
            extent.bytes = extent.bytes.saturating_add(value.size().saturating_mul(rows));
            each(rows, Some(value));
        }
    }
    // A column without any value is left out.
    Ok((extent, is_canonical && extent.nulls < extent.rows))
}

/// Measures a canonical column of differences and checks that every sum is between `low` and
/// `high`.
pub(super) fn scan_sums(column: &[u8], low: i64, high: i64) -> Result<Extent, Fault> {
    let (extent, is_canonical) = walk_sums(column, low, high)?;
    if is_canonical { Ok(extent) } else { Err(Fault::NotCanonical) }
}

/// Measures a column of differences, canonical or not, like [`scan_sums`].
pub(super) fn measure_sums(column: &[u8], low: i64, high: i64) -> Result<Extent, Fault> {
    walk_sums(column, low, high).map(|(extent, _)| extent)
}

fn walk_sums(column: &[u8], low: i64, high: i64) -> Result<(Extent, bool), Fault> {
    let (mut sum, mut inside) = (0_i64, true);
    let walked = walk::<i64>(column, |rows, difference| {
        let Some(difference) = difference else { return };
        // Sums move one way within a run, so its ends tell.
        let first = sum.checked_add(difference);
        let rows = i64::try_from(rows).ok();
        let last = rows.and_then(|rows| difference.checked_mul(rows)?.checked_add(sum));
        let bounds = low..=high;
        match (first, last) {
            (Some(first), Some(last)) if bounds.contains(&first) && bounds.contains(&last) => {
                sum = last;
            }
            _ => inside = false,
        }
    })?;
    if inside { Ok(walked) } else { Err(Fault::Bytes(BytesError::BadNumber)) }
}

/// Measures a column of flags, canonical or not: how many rows.
pub(super) fn measure_flags(column: &[u8]) -> Result<u64, Fault> {
    let (mut reader, mut rows) = (Reader::new(column), 0_u64);
    while !reader.is_empty() {
        rows = rows.checked_add(reader.unsigned()?).ok_or(BytesError::BadNumber)?;
    }
    Ok(rows)
}

/// Measures a canonical column of flags: how many rows, and whether any is set.
pub(super) fn scan_flags(column: &[u8]) -> Result<(u64, bool), Fault> {
    let mut reader = Reader::new(column);
    let (mut rows, mut runs) = (0_u64, 0_u32);
    while !reader.is_empty() {
        let length = reader.unsigned()?;
        if length == 0 && runs > 0 {
            return Err(Fault::NotCanonical);
        }
        rows = rows.checked_add(length).ok_or(BytesError::BadNumber)?;
        runs = runs.saturating_add(1);
    }
    Ok((rows, runs > 1))
}

/// Reads a scanned column row by row. Behind its end, and without the column, all is null.
#[derive(Debug, Clone)]
pub(super) struct Rows<'a, T> {
    reader: Reader<'a>,
    left: u64,
    run: Run<T>,
}

#[derive(Debug, Clone, Copy)]
enum Run<T> {
    Null,
    Repeat(T),
    Literal,
}

impl<'a, T: Coded<'a>> Rows<'a, T> {
    pub fn new(column: &'a [u8]) -> Self {
        Self { reader: Reader::new(column), left: 0, run: Run::Null }
    }

    pub fn next(&mut self) -> Option<T> {
        if self.left == 0 {
            self.begin().ok()?;
        }
        self.left = self.left.checked_sub(1)?;
        match self.run {
            Run::Null => None,
            Run::Repeat(value) => Some(value),
            Run::Literal => T::read(&mut self.reader).ok(),
        }
    }

    fn begin(&mut self) -> Result<(), BytesError> {
        let run = self.reader.signed()?;
        (self.left, self.run) = match run {
            0 => (self.reader.unsigned()?, Run::Null),
            1.. => (run.unsigned_abs(), Run::Repeat(T::read(&mut self.reader)?)),
            ..0 => (run.unsigned_abs(), Run::Literal),
        };
        Ok(())
    }
}

/// Reads a scanned column of differences as their sums.
#[derive(Debug, Clone)]
pub(super) struct Sums<'a> {
    differences: Rows<'a, i64>,
    sum: i64,
}

impl<'a> Sums<'a> {
    pub fn new(column: &'a [u8]) -> Self {
        Self { differences: Rows::new(column), sum: 0 }
    }

    pub fn next(&mut self) -> Option<u32> {
        self.sum = self.sum.checked_add(self.differences.next()?)?;
        u32::try_from(self.sum).ok()
    }
}

/// Reads a scanned column of flags row by row. Behind its end, and without the column, none is set.
#[derive(Debug, Clone)]
pub(super) struct Flags<'a> {
    reader: Reader<'a>,
    left: u64,
    is_set: bool,
}

impl<'a> Flags<'a> {
    pub fn new(column: &'a [u8]) -> Self {
        Self { reader: Reader::new(column), left: 0, is_set: true }
    }

    pub fn next(&mut self) -> bool {
        while self.left == 0 {
            let Ok(length) = self.reader.unsigned() else { return false };
            (self.left, self.is_set) = (length, !self.is_set);
        }
        self.left -= 1;
        self.is_set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::{AutoCommit, ObjType, ROOT, transaction::Transactable};

    fn rows(column: &[u8]) -> Result<Vec<Option<u64>>, Fault> {
        let extent = scan::<u64>(column, |_, _| {})?;
        let mut cursor = Rows::<u64>::new(column);
        Ok((0..extent.rows).map(|_| cursor.next()).collect())
    }

    #[test]
    fn a_column_is_read_as_it_was_written() {
        let column = [3, 7, 0x7e, 1, 2, 0, 2, 0x7f, 2];
        let expected = [Some(7), Some(7), Some(7), Some(1), Some(2), None, None, Some(2)];
        assert_eq!(rows(&column), Ok(expected.to_vec()));
    }

    #[test]
    fn a_second_way_to_write_the_same_rows_is_noticed() {
        let others: [&[u8]; 9] = [
            &[1, 7],                // a run of one
            &[0x7e, 7, 7],          // equal values in a literal
            &[2, 7, 2, 7],          // two runs of the same
            &[2, 7, 0x7f, 7],       // a run that could be longer
            &[0x7f, 7, 2, 7],       // the same, the other way round
            &[0x7f, 1, 0x7f, 2],    // two literals
            &[0x7f, 1, 0, 1, 0, 1], // two runs of null
            &[0, 5],                // nothing but null
            &[0x7f, 1, 0, 0],       // no null at all
        ];
        for other in others {
            assert_eq!(rows(other), Err(Fault::NotCanonical), "{other:?}");
        }
        assert_eq!(rows(&[2, 0x80, 0]), Err(Fault::Bytes(BytesError::BadNumber)));
        assert_eq!(scan_flags(&[1, 0, 1]), Err(Fault::NotCanonical));
        assert_eq!(scan_flags(&[0, 3, 2]), Ok((5, true)));
    }

    #[test]
    fn a_run_is_measured_and_not_expanded() {
        // 2^62 rows of 7.
        let huge = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0xc0, 0];
        let column = [huge.as_slice(), &[7]].concat();
        assert_eq!(scan::<u64>(&column, |_, _| {}).map(|extent| extent.rows), Ok(1 << 62));
        assert_eq!(scan_sums(&column, 0, 1 << 24), Err(Fault::Bytes(BytesError::BadNumber)));
    }

    #[test]
    fn sums_are_held_between_bounds_at_both_ends_of_a_run() {
        assert!(scan_sums(&[10, 1], 1, 10).is_ok());
        assert!(scan_sums(&[11, 1], 1, 10).is_err());
        assert!(scan_sums(&[0x7f, 5, 2, 0x7b], 1, 10).is_err(), "5, 0, -5");
    }

    #[test]
    fn every_column_that_automerge_writes_is_accepted() {
        let mut document = AutoCommit::new();
        let text = document.put_object(ROOT, "text", ObjType::Text).unwrap();
        document.splice_text(&text, 0, 0, "aabbbc").unwrap();
        document.put(ROOT, "n", 1).unwrap();
        let changes = document.get_changes(&[]);
        let raw = crate::chunks(changes[0].raw_bytes()).next().unwrap().unwrap();
        assert_eq!(crate::admission::check_change(&raw.change().unwrap()), Ok(()));
    }
}
