//! What each fuzz target does with its bytes. `cargo xtask fuzz` runs them; `docs/security.md` says
//! what they look for.

mod changes;
mod documents;
mod frames;
mod histories;
mod imports;
mod names;
pub mod seeds;
mod session;
mod storage;

#[path = "../../sync-protocol/tests/support/hostile/mod.rs"]
mod hostile;
#[path = "../../sync-protocol/tests/support/mod.rs"]
mod support;

pub use changes::change_chunk;
pub use documents::document_chunk;
pub use frames::{frame, sync_message};
pub use histories::admit_apply_save_load;
pub use imports::import_files;
pub use names::ids_and_tokens;
pub use session::session;
pub use storage::storage_records;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, set_hook, take_hook};

thread_local! {
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Called once, before the first input: libFuzzer ends at each panic, also at those of Automerge
/// that our code catches.
pub fn begin() {
    let hook = take_hook();
    set_hook(Box::new(move |panic| {
        if !IS_CAUGHT.get() {
            hook(panic);
        }
    }));
}

/// Calls what catches Automerge's panics itself; one of our own goes on.
fn catching<T>(action: impl FnOnce() -> T) -> T {
    IS_CAUGHT.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(action));
    IS_CAUGHT.set(false);
    outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        eprintln!("a panic that nobody caught: {}", text.unwrap_or_default());
        panic_any("a panic that nobody caught")
    })
}
