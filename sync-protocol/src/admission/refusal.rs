//! Why a change is not admitted.

use crate::bytes::BytesError;

/// The rule that a change breaks. It can never be part of the document, except after
/// [`Inadmissible::TooFarAhead`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Inadmissible {
    /// A part cannot be read.
    #[error("its {part} cannot be read")]
    Unreadable {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        source: BytesError,
    },
    /// There are other bytes that say the same. Automerge writes only one of them, so the change
    /// would have another hash once the document has been saved and loaded.
    #[error("its {part} is not written in the one way in which Automerge writes it")]
    NotCanonical {
        /// Which part.
        part: &'static str,
    },
    /// More of something than is accepted.
    #[error("it has {found} {what}, at most {max} are accepted")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much, as it claims.
        found: u64,
        /// How much is accepted.
        max: u64,
    },
    /// A column that Automerge 0.12 does not have, a deflated one, or one in the wrong place.
    #[error("column {column} is unknown, deflated, or not in its place")]
    Column {
        /// The column's specification.
        column: u64,
    },
    /// A column describes more or fewer operations than there are.
    #[error("its {part} has {rows} rows for {operations} operations")]
    Rows {
        /// Which column.
        part: &'static str,
        /// How many rows it has.
        rows: u64,
        /// How many it must have.
        operations: u64,
    },
    /// A time outside of what every client can read.
    #[error("its time of {seconds} seconds is negative or above 2^53")]
    Time {
        /// The time, in seconds since 1970.
        seconds: i64,
    },
    /// Operations are numbered too high for every later change.
    #[error("its operations start at {start_op}; a document's numbers go from 1 to 2^24 - 1")]
    NumbersUsedUp {
        /// The number of the first operation.
        start_op: u64,
    },
    /// Operations are numbered too low.
    #[error("its operations start at {start_op}, but it builds on operation {max_op}")]
    NotAfterItsDependencies {
        /// The number of the first operation.
        start_op: u64,
        /// The highest number among what it builds on.
        max_op: u64,
    },
    /// Operations are numbered far above all that are known. Changes that have not arrived may
    /// explain it, so the change waits for them.
    #[error(
        "its operations start at {start_op}, more than {} after {max_op}, the highest known",
        super::JUMP_MAX
    )]
    TooFarAhead {
        /// The number of the first operation.
        start_op: u64,
        /// The highest number known.
        max_op: u64,
    },
    /// Operations of its actor are not among those that it builds on.
    #[error("it does not build on all earlier operations of its actor")]
    NotAfterItsActor,
    /// An actor is given an author twice. Automerge refuses every delivery that contains such a
    /// change.
    #[error("its actor already has an author")]
    SecondAuthor,
    /// It is by somebody who did not send it.
    #[error("it is in the name of {author}, who did not send it")]
    AnothersName {
        /// Whom it or its actor names.
        author: String,
    },
    /// An operation makes no sense.
    #[error("operation {number} {rule}")]
    Operation {
        /// The operation's number.
        number: u32,
        /// What is wrong with it.
        rule: OperationRule,
    },
}

/// What is wrong with an operation; read after its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OperationRule {
    /// An object, element or predecessor with a number that is not lower than its own.
    #[error("refers to one that is not before it")]
    RefersAhead,
    /// An actor outside of the change's table.
    #[error("names an actor that the change does not list")]
    UnlistedActor,
    /// Half an id.
    #[error("names an object or element without its actor or without its number")]
    HalfAnId,
    /// Neither a key nor an element, or both.
    #[error("needs either a key or an element")]
    NoSinglePlace,
    /// The beginning of a list, where nothing can be changed.
    #[error("changes the beginning of a list, which is no element")]
    ChangesBeginning,
    /// An insertion that is something else too.
    #[error("inserts, and has a key, predecessors, or nothing to insert")]
    BadInsertion,
    /// A kind that Automerge 0.12 does not know.
    #[error("is of an unknown kind")]
    UnknownAction,
    /// A value that does not fit the operation or its length.
    #[error("has a value that does not fit its kind, type or length")]
    BadValue,
    /// A deletion or increment of nothing.
    #[error("deletes or increments nothing")]
    NoPredecessor,
    /// Predecessors twice or in the wrong order.
    #[error("has predecessors that are not ascending")]
    UnsortedPredecessors,
    /// What belongs to marks on something else.
    #[error("has a mark's name or expansion but is no beginning or end of one")]
    NotAMark,
    /// A beginning of a mark not directly followed by its end in the same text, or an end alone.
    #[error("is half a mark")]
    HalfAMark,
    /// A mark whose end comes before its beginning in the text.
    #[error("ends a mark before its beginning")]
    MarkEndsFirst,
    /// So many marks over so long a text that their order cannot be checked in reasonable time.
    #[error("has a mark too deep in too long a text")]
    MarksTooCostly,
    /// A mark in something else than a text.
    #[error("marks what is no text")]
    MarkOutsideText,
    /// An object that is missing, or is not part of what the change builds on.
    #[error("is in an object that the change does not build on")]
    UnknownObject,
    /// An element that is missing, or is not part of what the change builds on.
    #[error("refers to an element that the change does not build on")]
    UnknownElement,
    /// A predecessor that is missing, or is not part of what the change builds on.
    #[error("has a predecessor that the change does not build on")]
    UnknownPredecessor,
    /// The named object is none.
    #[error("is in something that is no object")]
    NoObject,
    /// The named element is none, or is in another object.
    #[error("refers to an element of another object, or to what is no element")]
    NoElement,
    /// A key in a list or text, or an element in a map.
    #[error("has a key in a list or an element in a map")]
    OtherKindOfObject,
    /// A predecessor under another key, element or object, or one without a value.
    #[error("has a predecessor in another place, or one without a value")]
    NoPredecessorThere,
    /// Objects within objects within objects.
    #[error("nests objects deeper than {}", super::DEPTH_MAX)]
    TooDeep,
}
