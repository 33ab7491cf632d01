//! The relay: documents in, documents out, nothing acknowledged before it is on the disk.
//!
//! So far the crate holds the [`store`]: what the relay keeps of a document and how it survives a
//! crash. It knows documents and no boards.

pub mod store;
