//! Everything that must hold before a commit.

use crate::npm;
use crate::shell::{beside, cargo, cargo_command, command, output_of, root, run, target_directory};
use crate::tools::{WASM, ensure_chromium, ensure_node, ensure_npm_packages, ensure_wasm_target};
use crate::web;
use std::path::Path;
use std::process::Command;

/// The relay with unmodified JavaScript clients.
const INTEROP: &str = "tests/interop";

/// Everything but the comparisons with other libraries and relays: theirs would take longer to
/// compile than ours. `cargo xtask bench` lints and tests them.
const PRODUCT: &str = "--workspace --exclude kanban-side-by-side --exclude kanban-relay-load";

/// Lints and tests what loads relays. It is run by hand: it needs two cores for itself.
pub fn relay_load() -> Result<(), String> {
    cargo(
        "clippy --release --no-deps --package kanban-relay-load --all-targets -- --deny warnings",
    )?;
    cargo("test --release --package kanban-relay-load")
}

/// Lints and tests the comparison with other libraries, then prints its tables.
pub fn side_by_side() -> Result<(), String> {
    cargo(
        "clippy --release --no-deps --package kanban-side-by-side --all-targets -- --deny warnings",
    )?;
    cargo("test --release --package kanban-side-by-side --test what_each_keeps")?;
    cargo("bench --package kanban-side-by-side --bench table --bench memory")
}

pub fn all() -> Result<(), String> {
    // What is missing is said at once, not after ten minutes of compiling.
    ensure_wasm_target()?;
    ensure_node()?;
    let chromium = ensure_chromium()?;
    ensure_npm_packages(INTEROP)?;
    ensure_npm_packages(npm::PACKAGE)?;
    ensure_npm_packages(npm::CONSUMERS)?;
    ensure_npm_packages(web::WEB)?;

    layers_are_apart()?;
    cargo("fmt --all --check")?;
    cargo(&format!("clippy {PRODUCT} --all-targets -- --deny warnings"))?;
    // Each build below selects the whole workspace: for a part of it cargo would choose other
    // features of what both depend on, and compile Automerge once more. First what tests start.
    cargo(&format!("build {PRODUCT} --bins --examples"))?;
    let tests = format!("test {PRODUCT} --lib --bins --tests --examples --no-fail-fast");
    cargo(&format!("{tests} --no-run"))?;
    // The tests wait for sockets and disks much of their time: it goes to what else is to compile.
    let built = target_directory()?.join("debug");
    // Not the path of this very file: the build above has put another in its place.
    let mut documents = command(built.join("xtask"));
    documents.arg("documents");
    beside(documents, || cargo(&tests))?;
    for package in [npm::PACKAGE, npm::CONSUMERS, web::WEB] {
        let mut test = command("npm");
        test.args(["test", "--silent"]).current_dir(root().join(package));
        test.env("KANBAN_RELAY", built.join("sync-server")).env("CHROMIUM", &chromium);
        run(test)?;
    }
    let mut node = command("node");
    node.arg("--test").current_dir(root().join(INTEROP));
    node.env("KANBAN_RELAY", built.join("sync-server"));
    node.env("CHROMIUM", &chromium);
    run(node)?;
    run(sessions(&chromium))
}

/// The examples of the documentation, the documentation, and what a browser gets.
pub fn documents() -> Result<(), String> {
    cargo(&format!("test {PRODUCT} --doc"))?;
    // The example's exit code is a promise: no card lost, no move silently undone.
    run(command(target_directory()?.join("debug/examples/two_people")))?;
    let mut doc = cargo_command(&format!("doc {PRODUCT} --no-deps"));
    doc.env("RUSTDOCFLAGS", "--deny warnings");
    run(doc)?;
    // A browser gets the same board: the core and its bindings build without a system under them,
    // and the core also for those who have bindings of their own.
    cargo(&format!(
        "check --package kanban-core --target {WASM} --no-default-features --features wasm"
    ))?;
    web::build().map(|_| ())
}

/// The npm package in everything that it is said to run in: also what takes 700 MB to install.
pub fn consumers() -> Result<(), String> {
    ensure_node()?;
    let chromium = ensure_chromium()?;
    ensure_npm_packages(npm::CONSUMERS)?;
    ensure_npm_packages(npm::WIDE)?;
    // What they meet at, and import from.
    ensure_npm_packages(INTEROP)?;
    cargo("build --package kanban-sync-server")?;
    npm::build()?;
    for script in ["test", "test:wide"] {
        let mut test = command("npm");
        test.args(["run", "--silent", script]).current_dir(root().join(npm::CONSUMERS));
        test.env("KANBAN_RELAY", target_directory()?.join("debug/sync-server"));
        test.env("CHROMIUM", &chromium);
        run(test)?;
    }
    Ok(())
}

/// More random sessions of clients of every kind, of fresh seeds.
pub fn many_sessions() -> Result<(), String> {
    ensure_node()?;
    let chromium = ensure_chromium()?;
    ensure_npm_packages(INTEROP)?;
    // The relay with rules is an example.
    cargo(&format!("build {PRODUCT} --bins --examples"))?;
    let mut sessions = sessions(&chromium);
    sessions.env("KANBAN_SEEDS", "1000..5000");
    run(sessions)
}

/// Random sessions of clients of every kind, which `cargo test` alone cannot have.
fn sessions(chromium: &Path) -> Command {
    let mut sessions =
        cargo_command(&format!("test {PRODUCT} --test interop_sessions -- --ignored"));
    sessions.env("CHROMIUM", chromium);
    sessions
}

/// Who must know nothing of whom.
const LAYERS: [(&str, &str); 5] = [
    ("kanban-core", "kanban-sync-protocol"),
    ("kanban-sync-protocol", "kanban-core"),
    ("kanban-sync-server", "kanban-core"),
    ("kanban-sync-server", "kanban-gateway"),
    ("kanban-gateway", "kanban-sync-server"),
];

fn layers_are_apart() -> Result<(), String> {
    for (package, stranger) in LAYERS {
        let mut tree = cargo_command("tree --edges normal,build --prefix none --package");
        tree.arg(package);
        let tree = output_of(tree)?;
        if tree.lines().any(|line| line.split(' ').next() == Some(stranger)) {
            return Err(format!("{package} must not depend on {stranger}; see ARCHITECTURE.md"));
        }
    }
    Ok(())
}
