//! Which program this is.

/// Its version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit that it was built from, or why there is none.
pub const REVISION: &str = env!("KANBAN_REVISION");
