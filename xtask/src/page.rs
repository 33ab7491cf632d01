//! The board in the browser: `examples/page` with the npm package beside it.

use crate::npm;
use crate::shell::{cargo, cargo_command, command, root, run, target_directory};
use crate::tools::{WASM, ensure_wasm_target};
use std::env::var_os;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// Builds the page and returns its directory, which any web server can serve as it is.
pub fn build() -> Result<PathBuf, String> {
    let package = npm::build()?;
    let page = target_directory()?.join("page");
    copy_files(&root().join("examples/page"), &page, |_| true)?;
    copy_files(&package.join("dist"), &page.join("kanban-crdt"), is_for_the_page)?;
    Ok(page)
}

/// What a browser loads from the package, when its server passes the program on.
fn is_for_the_page(name: &str) -> bool {
    let others =
        ["file.js", "inline.js", "node.js", "react.js", "svelte.js", "vue.js", "workerd.js"];
    (name.ends_with(".js") || name.ends_with(".wasm")) && !others.contains(&name)
}

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

/// Builds the page and a relay, and serves the one with the other until somebody stops it.
pub fn serve() -> Result<(), String> {
    let page = build()?;
    cargo("build --release --package kanban-sync-server")?;
    let mut relay = command(target_directory()?.join("release/sync-server"));
    relay.arg("--web-dir").arg(page);
    run(relay)
}

/// Builds the relay with the page inside.
pub fn program() -> Result<(), String> {
    let page = build()?;
    let mut cargo = cargo_command("build --release --package kanban-sync-server --features page");
    cargo.env("KANBAN_PAGE", page);
    run(cargo)?;
    println!("{}", target_directory()?.join("release/sync-server").display());
    Ok(())
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
    written().map_err(|error| format!("wasm-bindgen: {error}"))
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

/// Makes `to` hold the files of `from` that are wanted, and nothing else.
fn copy_files(from: &Path, to: &Path, is_wanted: fn(&str) -> bool) -> Result<(), String> {
    let copied = || {
        if to.exists() {
            std::fs::remove_dir_all(to)?;
        }
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(is_wanted) {
                std::fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        }
        Ok(())
    };
    copied().map_err(|error: std::io::Error| {
        format!("copying {} to {}: {error}", from.display(), to.display())
    })
}
