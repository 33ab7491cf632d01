//! Whole documents: measured before Automerge loads them.
//!
//! Automerge inflates every column without a limit and expands every run into changes. So the
//! columns are inflated and counted here first. What order the rows are in, and what they refer
//! to, is not looked at: a panic over that is caught, and the changes that come out are admitted
//! one by one like any others.

use super::column::{Fault, measure, measure_flags, measure_sums};
use super::content::{faulty, limit, read_actor, unreadable};
use super::refusal::Inadmissible;
use super::{NUMBER_MAX, TIME_MAX};
use crate::bytes::{BytesError, Reader};
use crate::inflate::inflate;
use std::borrow::Cow;

/// The most changes of a document that comes in one chunk.
const CHANGES_MAX: u64 = 1 << 20;

/// The most bytes of a document's columns, inflated.
const INFLATED_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// The most bytes of a document's keys and mark names, had each been written out.
const KEY_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// So many operations, or changes, may be in a document of whatever size, as loading takes about a
/// microsecond for each operation, and several for each change.
const OPERATIONS_ANYWAY: u64 = 1 << 17;
const CHANGES_ANYWAY: u64 = 1 << 14;

/// So many more for each byte: what people write differs from one operation to the next, so it
/// takes bytes.
const OPERATIONS_PER_BYTE: u64 = 64;
const CHANGES_PER_BYTE: u64 = 8;

/// What a column holds.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Numbers(u64),
    Sums(i64, i64),
    Texts,
    Flags,
    /// Counts of rows in the columns that follow.
    Groups,
    /// Types and lengths of what follows as bytes.
    Lengths,
    Bytes,
}

const LAST: i64 = NUMBER_MAX as i64;

const CHANGE_COLUMNS: [(u64, Kind); 9] = [
    (0x01, Kind::Numbers(CHANGES_MAX)),
    (0x03, Kind::Sums(1, CHANGES_MAX as i64)),
    (0x13, Kind::Sums(0, LAST)),
    (0x23, Kind::Sums(0, TIME_MAX)),
    (0x35, Kind::Texts),
    (0x40, Kind::Groups),
    (0x43, Kind::Sums(0, CHANGES_MAX as i64)),
    (0x56, Kind::Lengths),
    (0x57, Kind::Bytes),
];

const OPERATION_COLUMNS: [(u64, Kind); 16] = [
    (0x01, Kind::Numbers(CHANGES_MAX)),
    (0x02, Kind::Numbers(NUMBER_MAX as u64)),
    (0x11, Kind::Numbers(CHANGES_MAX)),
    (0x13, Kind::Sums(0, LAST)),
    (0x15, Kind::Texts),
    (0x21, Kind::Numbers(CHANGES_MAX)),
    (0x23, Kind::Sums(0, LAST)),
    (0x34, Kind::Flags),
    (0x42, Kind::Numbers(7)),
    (0x56, Kind::Lengths),
    (0x57, Kind::Bytes),
    (0x80, Kind::Groups),
    (0x81, Kind::Numbers(CHANGES_MAX)),
    (0x83, Kind::Sums(0, LAST)),
    (0x94, Kind::Flags),
    (0xa5, Kind::Texts),
];

/// Checks how much comes out of the content of a document chunk.
pub(crate) fn check(content: &[u8]) -> Result<(), Inadmissible> {
    let mut reader = Reader::new(content);
    let part = "list of actors";
    for _ in 0..reader.count(CHANGES_MAX as usize).map_err(unreadable(part))? {
        read_actor(&mut reader)?;
    }
    let heads = reader.hashes(crate::sync_message::HASHES_MAX).map_err(unreadable("heads"))?;
    drop(heads);
    let changes = read_columns(&mut reader, &CHANGE_COLUMNS)?;
    let operations = read_columns(&mut reader, &OPERATION_COLUMNS)?;
    let mut budget = Budget { inflated: INFLATED_BYTES_MAX, keys: KEY_BYTES_MAX };
    let by_size = |anyway: u64, each: u64| anyway + each * content.len() as u64;
    let max = CHANGES_MAX.min(by_size(CHANGES_ANYWAY, CHANGES_PER_BYTE));
    budget.spend(&mut reader, &changes, ("changes", max))?;
    let max = u64::from(NUMBER_MAX).min(by_size(OPERATIONS_ANYWAY, OPERATIONS_PER_BYTE));
    budget.spend(&mut reader, &operations, ("operations", max))
}

struct Column {
    kind: Kind,
    is_deflated: bool,
    length: u64,
}

fn read_columns(
    reader: &mut Reader<'_>,
    known: &[(u64, Kind)],
) -> Result<Vec<Column>, Inadmissible> {
    let damaged = unreadable("list of columns");
    let count = reader.count(known.len()).map_err(&damaged)?;
    let mut next = 0;
    let mut columns = Vec::new();
    for _ in 0..count {
        let column = reader.unsigned().map_err(&damaged)?;
        let length = reader.unsigned().map_err(&damaged)?;
        let (is_deflated, plain) = (column & DEFLATED != 0, column & !DEFLATED);
        let index = known.iter().position(|(specification, _)| *specification == plain);
        let index = index.filter(|index| *index >= next).ok_or(Inadmissible::Column { column })?;
        let kind = known.get(index).map_or(Kind::Bytes, |(_, kind)| *kind);
        columns.push(Column { kind, is_deflated, length });
        next = index + 1;
    }
    Ok(columns)
}

const DEFLATED: u64 = 1 << 3;

/// What may still come out of the columns.
struct Budget {
    inflated: u64,
    keys: u64,
}

impl Budget {
    fn spend(
        &mut self,
        reader: &mut Reader<'_>,
        columns: &[Column],
        (what, rows_max): (&'static str, u64),
    ) -> Result<(), Inadmissible> {
        for column in columns {
            let bytes = reader.take(column.length).map_err(unreadable("columns"))?;
            let bytes = self.inflate(bytes, column.is_deflated)?;
            let rows = self.measure(&bytes, column.kind).map_err(faulty("document's columns"))?;
            limit(what, rows, rows_max)?;
        }
        Ok(())
    }

    fn inflate<'a>(
        &mut self,
        bytes: &'a [u8],
        is_deflated: bool,
    ) -> Result<Cow<'a, [u8]>, Inadmissible> {
        let bytes = if is_deflated {
            let inflated = inflate(bytes, self.inflated.saturating_add(1));
            let (part, source) = ("deflated column", BytesError::CutShort);
            Cow::Owned(inflated.map_err(|_| Inadmissible::Unreadable { part, source })?.bytes)
        } else {
            Cow::Borrowed(bytes)
        };
        let max = INFLATED_BYTES_MAX;
        let used = bytes.len() as u64;
        limit("bytes of columns, inflated", max - self.inflated + used, max)?;
        self.inflated -= used;
        Ok(bytes)
    }

    /// How many rows a column has, or the columns that it counts the rows of.
    fn measure(&mut self, column: &[u8], kind: Kind) -> Result<u64, Fault> {
        let mut inside = true;
        let mut total = 0_u64;
        let rows = match kind {
            Kind::Numbers(max) => {
                let each = |_, value: Option<u64>| inside &= value.is_none_or(|value| value <= max);
                measure::<u64>(column, each)?.rows
            }
            Kind::Sums(low, high) => measure_sums(column, low, high)?.rows,
            Kind::Flags => measure_flags(column)?,
            Kind::Texts => {
                let extent = measure::<&str>(column, |_, _| {})?;
                inside = extent.bytes <= self.keys;
                self.keys = self.keys.saturating_sub(extent.bytes);
                extent.rows
            }
            Kind::Groups => {
                let each = |rows: u64, count: Option<u64>| {
                    total = total.saturating_add(rows.saturating_mul(count.unwrap_or(0)));
                };
                measure::<u64>(column, each)?.rows
            }
            Kind::Lengths => measure::<u64>(column, |_, _| {})?.rows,
            Kind::Bytes => 0,
        };
        let rows = rows.max(total);
        if inside { Ok(rows) } else { Err(Fault::Bytes(BytesError::BadNumber)) }
    }
}
