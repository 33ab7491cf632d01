//! Frames: messages as bytes.
//!
//! Decoding is generous where other programs differ (length heads of any width, floats for
//! integers, tagged byte strings, any order of keys, unknown keys) and strict about size, nesting
//! and repetition. Encoding writes one form, the one that every known decoder reads.

mod decode;
mod encode;
mod error;
mod reader;
mod writer;

pub use decode::decode;
pub use encode::{SharedFrame, encode};
pub use error::DecodeError;
pub(crate) use reader::{Field, Map};
pub(crate) use writer::Writer;

/// The most bytes of a frame, 16 MiB: a compressed document of several hundred thousand changes.
/// A socket should be told this limit too, so that nobody sends more before it is looked at.
pub const FRAME_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The deepest nesting of a value that the protocol does not know. Its own are three deep.
pub const NESTING_MAX: usize = 16;

/// The most keys of one map. Messages have at most seven.
pub const KEYS_MAX: usize = 64;

/// The most protocol versions that a peer may name; there is one so far.
pub const VERSIONS_MAX: usize = 16;

/// The most storages of one message. A peer has one, a shared browser profile a few.
pub const STORAGES_MAX: usize = 64;

/// The longest reason of an `error` and the longest protocol version or unknown type that is kept,
/// in characters: they end in logs and on screens.
pub const REASON_CHARS_MAX: usize = 1024;

const LABEL_CHARS_MAX: usize = 64;
