//! The npm package beside raw Automerge in the same program, and beside other libraries.

use crate::npm;
use crate::shell::{command, root, run, target_directory};
use crate::tools::{ensure_node, ensure_npm_packages};
use crate::wasm::{generate, wasm_with};

const BENCH: &str = "benches/package";

/// Builds the package with Automerge alone beside the board, and prints the tables.
pub fn run_it() -> Result<(), String> {
    ensure_node()?;
    ensure_npm_packages(BENCH)?;
    let package = npm::build()?;
    let built = target_directory()?.join("package-bench");
    let copied = || {
        if built.exists() {
            std::fs::remove_dir_all(&built)?;
        }
        std::fs::create_dir_all(&built)?;
        for entry in std::fs::read_dir(package.join("dist"))? {
            let entry = entry?;
            std::fs::copy(entry.path(), built.join(entry.file_name()))?;
        }
        std::fs::copy(package.join("package.json"), built.join("package.json"))
    };
    copied().map_err(|error| format!("copying the package: {error}"))?;
    generate(&wasm_with(&["--features", "raw"])?, &built)?;
    let mut node = command("node");
    node.arg("bench.mjs").current_dir(root().join(BENCH)).env("KANBAN_PACKAGE", &built);
    run(node)
}
