//! What a change says about itself, read without its operations.

use crate::bytes::{BytesError, Reader};
use crate::sync_message::HASHES_MAX;
use automerge::{ActorId, ChangeHash};

/// The most columns that operations are laid out in; Automerge has some fifteen.
const COLUMNS_MAX: usize = 64;

/// The most actors whose operations one change refers to; bounds the work of stepping over them.
const OTHER_ACTORS_MAX: usize = 1 << 16;

/// The column that says of each operation what it does: number 4, of integers.
const ACTION_COLUMN: u64 = 4 << 4 | 2;

/// Who made a change, upon what, and how many operations it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeHeader {
    /// The changes that it builds on.
    pub deps: Vec<ChangeHash>,
    /// Who made it.
    pub actor: ActorId,
    /// Which of its actor's changes it is, counted from 1.
    pub seq: u64,
    /// The number of its first operation: higher than any operation that it builds on.
    pub start_op: u64,
    /// How many operations it has, as it claims: nothing was expanded.
    pub operations: u64,
    /// When it was made, in seconds since 1970, by its maker's clock; 0 if it does not say.
    pub time_seconds: i64,
}

impl ChangeHeader {
    /// Reads the content of a change chunk.
    pub(crate) fn read(content: &[u8]) -> Result<Self, BytesError> {
        let mut reader = Reader::new(content);
        let deps = reader.hashes(HASHES_MAX)?;
        let actor = ActorId::from(reader.prefixed()?);
        let seq = reader.unsigned()?;
        let start_op = reader.unsigned()?;
        if start_op == 0 {
            return Err(BytesError::BadNumber);
        }
        let time_seconds = reader.signed()?;
        let _message = reader.prefixed()?;
        for _ in 0..reader.count(OTHER_ACTORS_MAX)? {
            let _other_actor = reader.prefixed()?;
        }
        let operations = operations(&mut reader)?;
        Ok(Self { deps, actor, seq, start_op, operations, time_seconds })
    }
}

/// Counts the rows of the column of actions, which every operation has a value in.
fn operations(reader: &mut Reader<'_>) -> Result<u64, BytesError> {
    let columns = reader.count(COLUMNS_MAX)?;
    let mut before: u64 = 0;
    let mut action = None;
    for _ in 0..columns {
        let column = reader.unsigned()?;
        let length = reader.unsigned()?;
        if column == ACTION_COLUMN {
            action = Some((before, length));
        }
        before = before.checked_add(length).ok_or(BytesError::CutShort)?;
    }
    let mut columns = Reader::new(reader.take(before)?);
    let Some((before, length)) = action else {
        return Ok(0);
    };
    columns.take(before)?;
    rows(columns.take(length)?)
}

/// Counts the values of a run-length encoded column, without expanding runs.
fn rows(column: &[u8]) -> Result<u64, BytesError> {
    let mut reader = Reader::new(column);
    let mut rows: u64 = 0;
    while !reader.is_empty() {
        let run = reader.signed()?;
        let length = match run {
            0 => reader.unsigned()?,
            1.. => {
                reader.unsigned()?;
                run.unsigned_abs()
            }
            ..0 => {
                for _ in 0..run.unsigned_abs() {
                    reader.unsigned()?;
                }
                run.unsigned_abs()
            }
        };
        rows = rows.checked_add(length).ok_or(BytesError::BadNumber)?;
    }
    Ok(rows)
}
