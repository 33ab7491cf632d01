//! `wasm-bindings`, compiled for browsers.

use crate::alike::reordered;
use crate::shell::{cargo_command, root, run, target_directory};
use crate::tools::{WASM, ensure_wasm_target};
use std::env::var_os;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// Compiles `wasm-bindings` for browsers.
pub fn wasm() -> Result<PathBuf, String> {
    wasm_with(&[])
}

/// The same with more arguments for cargo.
pub fn wasm_with(arguments: &[&str]) -> Result<PathBuf, String> {
    ensure_wasm_target()?;
    let mut cargo = cargo_command("build --package wasm-bindings --lib --profile wasm --target");
    cargo.arg(WASM).args(arguments).env("CARGO_ENCODED_RUSTFLAGS", remapped_paths());
    run(cargo)?;
    Ok(target_directory()?.join(WASM).join("wasm/wasm_bindings.wasm"))
}

/// Writes `kanban.js`, its declarations and `kanban_bg.wasm`.
pub fn generate(wasm: &Path, to: &Path) -> Result<(), String> {
    let written = || {
        let mut bindgen = Bindgen::new();
        bindgen.input_path(wasm).out_name("kanban").web(true)?.typescript(true);
        bindgen.remove_name_section(true).remove_producers_section(true);
        // Whoever goes on after a trap starts over with a program that is whole.
        bindgen.reset_state_function(true).generate(to)
    };
    written().map_err(|error| format!("wasm-bindgen: {error}"))?;
    let program = to.join("kanban_bg.wasm");
    let failed = |error| format!("{}: {error}", program.display());
    let bytes = std::fs::read(&program).map_err(failed)?;
    std::fs::write(&program, reordered(&bytes)?).map_err(failed)
}

/// Compiler flags without which the file would name directories of this machine in its messages of
/// panics, and differ from one machine to the next.
fn remapped_paths() -> String {
    let home = var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(var_os("HOME")?).join(".cargo")));
    let sources = home.map(|home| home.join("registry/src"));
    // A directory for each registry, called after the address that it was reached at.
    let registries = sources.iter().flat_map(std::fs::read_dir).flatten().flatten();
    let mut paths: Vec<_> = registries.map(|entry| (entry.path(), "/registry")).collect();
    paths.sort();
    paths.push((root(), "/kanban"));
    let flag = |(from, to): (PathBuf, &str)| format!("--remap-path-prefix={}={to}", from.display());
    // Cargo's separator: paths may hold spaces.
    paths.into_iter().map(flag).collect::<Vec<_>>().join("\u{1f}")
}
