//! The content of one change: everything that can be said of it without its document.
//!
//! [`Content::read`] measures every column before anything is expanded, so that what follows costs
//! at most [`OPERATIONS_MAX`] steps and [`EXPANDED_BYTES_MAX`] bytes, whatever the bytes claim.

use super::column::{Extent, Fault, scan, scan_flags, scan_sums};
use super::operation::Operations;
use super::refusal::Inadmissible;
use super::{
    ACTOR_BYTES_MAX, DEPS_MAX, EXPANDED_BYTES_MAX, EXTRA_BYTES_MAX, MESSAGE_BYTES_MAX, NUMBER_MAX,
    OPERATIONS_MAX, PREDECESSORS_MAX, TIME_MAX,
};
use crate::bytes::{BytesError, Reader};

/// The columns of operations in their order: what each is called and how it is specified.
const COLUMNS: [(u64, &str); 14] = [
    (0x01, "column of object actors"),
    (0x02, "column of object numbers"),
    (0x11, "column of element actors"),
    (0x13, "column of element numbers"),
    (0x15, "column of keys"),
    (0x34, "column of insertions"),
    (0x42, "column of actions"),
    (0x56, "column of value types"),
    (0x57, "column of values"),
    (0x70, "column of predecessor counts"),
    (0x71, "column of predecessor actors"),
    (0x73, "column of predecessor numbers"),
    (0x94, "column of mark expansions"),
    (0xa5, "column of mark names"),
];

/// The operations' columns; empty where there is none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Columns<'a> {
    pub object_actor: &'a [u8],
    pub object_number: &'a [u8],
    pub element_actor: &'a [u8],
    pub element_number: &'a [u8],
    pub key: &'a [u8],
    pub insert: &'a [u8],
    pub action: &'a [u8],
    pub value_type: &'a [u8],
    pub value: &'a [u8],
    pub predecessor_count: &'a [u8],
    pub predecessor_actor: &'a [u8],
    pub predecessor_number: &'a [u8],
    pub expand: &'a [u8],
    pub mark_name: &'a [u8],
}

/// A change whose measures are within the limits.
#[derive(Debug, Clone)]
pub(super) struct Content<'a> {
    /// Those whom its operations refer to, its own first.
    pub actors: Vec<&'a [u8]>,
    pub start_op: u32,
    pub operations: u32,
    /// Who is behind its actor, if it says so.
    pub author: Option<&'a [u8]>,
    pub columns: Columns<'a>,
}

impl<'a> Content<'a> {
    /// Reads a change chunk that is not deflated and whose hash has been checked.
    pub fn read(chunk: &'a [u8]) -> Result<Self, Inadmissible> {
        let mut reader = Reader::new(chunk.get(9..).unwrap_or_default());
        let content = reader.prefixed().map_err(unreadable("content"))?;
        let mut reader = Reader::new(content);
        read_deps(&mut reader)?;
        let mut actors = vec![read_actor(&mut reader)?];
        let _seq = reader.unsigned().map_err(unreadable("sequence number"))?;
        let start_op = reader.unsigned().map_err(unreadable("first operation"))?;
        let seconds = reader.signed().map_err(unreadable("time"))?;
        if !(0..TIME_MAX).contains(&seconds) {
            return Err(Inadmissible::Time { seconds });
        }
        read_message(&mut reader)?;
        read_other_actors(&mut reader, &mut actors)?;
        let columns = read_columns(&mut reader)?;
        let extra = reader.rest();
        limit("further bytes", extra.len() as u64, EXTRA_BYTES_MAX as u64)?;
        let operations = columns.measure(actors.len() as u64, start_op)?;
        let author = author(extra);
        Ok(Self { actors, start_op: start_op as u32, operations, author, columns })
    }

    /// The operations one after another, each checked by itself.
    pub fn operations(&self) -> Operations<'a, '_> {
        Operations::new(self)
    }
}

fn read_deps(reader: &mut Reader<'_>) -> Result<(), Inadmissible> {
    let deps = reader.hashes(DEPS_MAX).map_err(unreadable("list of dependencies"))?;
    if deps.is_sorted_by(|earlier, later| earlier < later) {
        Ok(())
    } else {
        Err(Inadmissible::NotCanonical { part: "list of dependencies" })
    }
}

pub(super) fn read_actor<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Inadmissible> {
    let actor = reader.prefixed().map_err(unreadable("actor"))?;
    match actor.len() {
        0 => Err(Inadmissible::NotCanonical { part: "actor" }),
        length => limit("bytes of an actor", length as u64, ACTOR_BYTES_MAX as u64).map(|()| actor),
    }
}

fn read_message(reader: &mut Reader<'_>) -> Result<(), Inadmissible> {
    let message = reader.prefixed().map_err(unreadable("message"))?;
    limit("bytes of message", message.len() as u64, MESSAGE_BYTES_MAX as u64)?;
    let text = std::str::from_utf8(message).map_err(|_| BytesError::BadText);
    text.map(|_| ()).map_err(unreadable("message"))
}

/// The other actors, ascending and without the change's own.
fn read_other_actors<'a>(
    reader: &mut Reader<'a>,
    actors: &mut Vec<&'a [u8]>,
) -> Result<(), Inadmissible> {
    let part = "list of actors";
    // Each is named by an operation.
    let count = reader.count(PREDECESSORS_MAX as usize).map_err(unreadable(part))?;
    for index in 0..count {
        let actor = read_actor(reader)?;
        let is_after_last = index == 0 || actors.last().is_some_and(|last| *last < actor);
        if !is_after_last || actors.first() == Some(&actor) {
            return Err(Inadmissible::NotCanonical { part });
        }
        actors.push(actor);
    }
    Ok(())
}

fn read_columns<'a>(reader: &mut Reader<'a>) -> Result<Columns<'a>, Inadmissible> {
    let damaged = unreadable("list of columns");
    let count = reader.count(COLUMNS.len()).map_err(&damaged)?;
    let mut lengths = [0; COLUMNS.len()];
    let mut next = 0;
    for _ in 0..count {
        let column = reader.unsigned().map_err(&damaged)?;
        let length = reader.unsigned().map_err(&damaged)?;
        let index = COLUMNS.iter().position(|(known, _)| *known == column);
        let index = index.filter(|index| *index >= next).ok_or(Inadmissible::Column { column })?;
        if length == 0 {
            return Err(Inadmissible::NotCanonical { part: "list of columns" });
        }
        lengths.get_mut(index).into_iter().for_each(|slot| *slot = length);
        next = index + 1;
    }
    let mut columns = [[].as_slice(); COLUMNS.len()];
    for (column, length) in columns.iter_mut().zip(lengths) {
        *column = reader.take(length).map_err(unreadable("columns"))?;
    }
    // In the order of their numbers.
    let mut columns = columns.into_iter();
    let mut next = || columns.next().unwrap_or_default();
    Ok(Columns {
        object_actor: next(),
        object_number: next(),
        element_actor: next(),
        element_number: next(),
        key: next(),
        insert: next(),
        action: next(),
        value_type: next(),
        value: next(),
        predecessor_count: next(),
        predecessor_actor: next(),
        predecessor_number: next(),
        expand: next(),
        mark_name: next(),
    })
}

impl Columns<'_> {
    /// Checks how much every column holds, and counts the operations.
    fn measure(&self, actors: u64, start_op: u64) -> Result<u32, Inadmissible> {
        let action = "column of actions";
        let operations = match self.action {
            [] => 0,
            column => whole(column, action)?.rows,
        };
        limit("operations", operations, u64::from(OPERATIONS_MAX))?;
        if start_op == 0 || start_op.saturating_add(operations) > u64::from(NUMBER_MAX) {
            return Err(Inadmissible::NumbersUsedUp { start_op });
        }
        let is_needed = operations > 0;
        for (column, part) in [
            (self.insert, "column of insertions"),
            (self.value_type, "column of value types"),
            (self.predecessor_count, "column of predecessor counts"),
        ] {
            if column.is_empty() == is_needed {
                return Err(Inadmissible::Rows { part, rows: 0, operations });
            }
        }
        self.measure_places(actors, operations)?;
        self.measure_values(operations)?;
        self.measure_predecessors(actors, operations)?;
        Ok(operations as u32)
    }

    fn measure_places(&self, actors: u64, operations: u64) -> Result<(), Inadmissible> {
        let number_max = i64::from(NUMBER_MAX);
        let ids = [
            (self.object_actor, "column of object actors"),
            (self.element_actor, "column of element actors"),
        ];
        for (column, part) in ids {
            optional(column, operations, part, |column| scan_actors(column, actors))?;
        }
        let part = "column of object numbers";
        optional(self.object_number, operations, part, |column| scan_up_to(column, number_max))?;
        let part = "column of element numbers";
        optional(self.element_number, operations, part, |column| scan_sums(column, 0, number_max))?;
        let mut bytes = 0_u64;
        let texts = [(self.key, "column of keys"), (self.mark_name, "column of mark names")];
        for (column, part) in texts {
            let expanded =
                optional(column, operations, part, |column| scan::<&str>(column, |_, _| {}))?;
            bytes = bytes.saturating_add(expanded);
        }
        limit("bytes of keys, expanded", bytes, EXPANDED_BYTES_MAX)?;
        flags(self.insert, operations, "column of insertions")?;
        if !self.expand.is_empty() && !flags(self.expand, operations, "column of mark expansions")?
        {
            return Err(Inadmissible::NotCanonical { part: "column of mark expansions" });
        }
        Ok(())
    }

    fn measure_values(&self, operations: u64) -> Result<(), Inadmissible> {
        let part = "column of value types";
        let mut bytes = 0_u64;
        let sum = |column| {
            scan::<u64>(column, |rows, value| {
                let length = value.map_or(0, |value| value >> 4);
                bytes = bytes.saturating_add(length.saturating_mul(rows));
            })
        };
        let extent = optional_extent(self.value_type, operations, part, sum)?;
        no_nulls(extent, part)?;
        if bytes == self.value.len() as u64 {
            Ok(())
        } else {
            let source = BytesError::CutShort;
            Err(Inadmissible::Unreadable { part: "column of values", source })
        }
    }

    fn measure_predecessors(&self, actors: u64, operations: u64) -> Result<(), Inadmissible> {
        let part = "column of predecessor counts";
        let mut total = 0_u64;
        let sum = |column| {
            scan::<u64>(column, |rows, value| {
                total = total.saturating_add(value.unwrap_or(0).saturating_mul(rows));
            })
        };
        let extent = optional_extent(self.predecessor_count, operations, part, sum)?;
        no_nulls(extent, part)?;
        limit("predecessors", total, u64::from(PREDECESSORS_MAX))?;
        let part = "column of predecessor actors";
        let scanned = |column| scan_actors(column, actors);
        let extent = optional_extent(self.predecessor_actor, total, part, scanned)?;
        no_nulls(extent, part)?;
        let part = "column of predecessor numbers";
        let scanned = |column| scan_sums(column, 1, i64::from(NUMBER_MAX));
        let extent = optional_extent(self.predecessor_number, total, part, scanned)?;
        no_nulls(extent, part)?;
        if self.predecessor_actor.is_empty() != self.predecessor_number.is_empty()
            || (total > 0) == self.predecessor_actor.is_empty()
        {
            return Err(Inadmissible::Rows { part, rows: 0, operations: total });
        }
        Ok(())
    }
}

/// A column without nulls, of whatever length.
fn whole(column: &[u8], part: &'static str) -> Result<Extent, Inadmissible> {
    let extent = scan::<u64>(column, |_, _| {}).map_err(faulty(part))?;
    no_nulls(extent, part)?;
    Ok(extent)
}

fn no_nulls(extent: Extent, part: &'static str) -> Result<(), Inadmissible> {
    match extent.nulls {
        0 => Ok(()),
        _ => Err(Inadmissible::Unreadable { part, source: BytesError::BadNumber }),
    }
}

/// A column that may be missing, or has as many rows as there must be. Gives its expanded bytes.
fn optional<'a>(
    column: &'a [u8],
    operations: u64,
    part: &'static str,
    scan: impl FnOnce(&'a [u8]) -> Result<Extent, Fault>,
) -> Result<u64, Inadmissible> {
    optional_extent(column, operations, part, scan).map(|extent| extent.bytes)
}

fn optional_extent<'a>(
    column: &'a [u8],
    operations: u64,
    part: &'static str,
    scan: impl FnOnce(&'a [u8]) -> Result<Extent, Fault>,
) -> Result<Extent, Inadmissible> {
    if column.is_empty() {
        return Ok(Extent::default());
    }
    let extent = scan(column).map_err(faulty(part))?;
    if extent.rows == operations {
        Ok(extent)
    } else {
        Err(Inadmissible::Rows { part, rows: extent.rows, operations })
    }
}

fn scan_actors(column: &[u8], actors: u64) -> Result<Extent, Fault> {
    scan_below(column, 0, actors.saturating_sub(1))
}

fn scan_up_to(column: &[u8], max: i64) -> Result<Extent, Fault> {
    scan_below(column, 1, max.unsigned_abs())
}

fn scan_below(column: &[u8], low: u64, high: u64) -> Result<Extent, Fault> {
    let mut inside = true;
    let extent = scan::<u64>(column, |_, value| {
        inside &= value.is_none_or(|value| (low..=high).contains(&value));
    })?;
    if inside { Ok(extent) } else { Err(Fault::Bytes(BytesError::BadNumber)) }
}

/// Whether any flag is set in a column with exactly as many rows as there must be.
fn flags(column: &[u8], operations: u64, part: &'static str) -> Result<bool, Inadmissible> {
    let (rows, any) = scan_flags(column).map_err(faulty(part))?;
    if rows == operations { Ok(any) } else { Err(Inadmissible::Rows { part, rows, operations }) }
}

/// The author that Automerge reads in a change's further bytes. It reads them more leniently than
/// anything else, so this must not be stricter.
fn author(extra: &[u8]) -> Option<&[u8]> {
    let mut rest = extra.iter();
    let mut number = || {
        let mut number = 0_u64;
        for shift in (0..).step_by(7) {
            let byte = rest.next()?;
            if shift >= 64 {
                return None;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    };
    let (kind, length) = (number(), number());
    if kind != Some(1) {
        return None;
    }
    rest.as_slice().get(..usize::try_from(length?).ok()?)
}

pub(super) fn limit(what: &'static str, found: u64, max: u64) -> Result<(), Inadmissible> {
    if found <= max { Ok(()) } else { Err(Inadmissible::TooMany { what, found, max }) }
}

pub(super) fn unreadable(part: &'static str) -> impl Fn(BytesError) -> Inadmissible {
    move |source| Inadmissible::Unreadable { part, source }
}

pub(super) fn faulty(part: &'static str) -> impl Fn(Fault) -> Inadmissible {
    move |fault| match fault {
        Fault::Bytes(source) => Inadmissible::Unreadable { part, source },
        Fault::NotCanonical => Inadmissible::NotCanonical { part },
    }
}
