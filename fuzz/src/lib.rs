//! What each fuzz target does with its bytes. `cargo xtask fuzz` runs them; `docs/security.md` says
//! what they look for.

mod changes;
mod documents;
mod frames;
mod histories;
mod imports;
mod names;
mod seeds;
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

use automerge::Automerge;
use hostile::World;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, set_hook, take_hook};
use sync_protocol::Admission;

/// If this names a directory, a target writes the seeds of all targets there and ends.
const SEEDS: &str = "KANBAN_FUZZ_SEEDS";

thread_local! {
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
    static WORLD: &'static Start = Box::leak(Box::new(Start::new()));
}

/// The small document that most begin with.
struct Start {
    world: World,
    admission: Admission,
    document: Automerge,
}

impl Start {
    fn new() -> Self {
        let world = World::new();
        let mut document = Automerge::new();
        document.apply_changes(world.changes.clone()).expect("they are honest");
        Self { admission: world.admission(), document, world }
    }

    /// Made once: it takes as long as some inputs.
    fn get() -> &'static Self {
        WORLD.with(|start| *start)
    }
}

/// Called once, before the first input: libFuzzer ends at each panic, also at those of Automerge
/// that our code catches.
pub fn begin() {
    if let Some(directory) = std::env::var_os(SEEDS) {
        seeds::write(directory.as_ref()).expect("the directory can be written to");
        std::process::exit(0);
    }
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
