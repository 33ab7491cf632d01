//! What must hold so that the crates can be published at any time: they can be packaged, they build
//! with the oldest Rust that they promise, and their public API changes only on purpose.

use crate::shell::{cargo_command, command, output_of, root, run, target_directory};
use crate::tools::{NIGHTLY, ensure_cargo_tool, ensure_toolchain};
use std::path::{Path, PathBuf};

/// The crates that are published, each after those that it depends on.
const CRATES: &str = "-p kanban-core -p kanban-sync-protocol -p kanban-client -p kanban-gateway -p kanban-sync-server";

/// Reads a crate's public API out of rustdoc's JSON, which only a nightly compiler writes.
const API_TOOL: &str = "cargo-public-api";
const API_TOOL_VERSION: &str = "0.52.0";

/// The public API of `kanban-core` as it was agreed on.
const API: &str = "kanban-core/public-api.txt";

/// Removes what an earlier check unpacked into cargo's home: cargo takes a package of the same version
/// for the same package, and would verify ours against each other's past.
fn forget_unpacked() -> Result<(), String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let user = || std::env::var_os("HOME").map(|user| PathBuf::from(user).join(".cargo"));
    let Some(home) = home.or_else(user) else { return Ok(()) };
    for kind in ["src", "cache"] {
        // A registry without a name is one that packaging made.
        for registry in entries(&home.join("registry").join(kind), "-") {
            for package in entries(&registry, "kanban-") {
                let removed = match package.is_dir() {
                    true => std::fs::remove_dir_all(&package),
                    false => std::fs::remove_file(&package),
                };
                removed.map_err(|error| format!("{}: {error}", package.display()))?;
            }
        }
    }
    Ok(())
}

/// What is in a directory, if there is one, under a name with this beginning.
fn entries(directory: &Path, beginning: &str) -> Vec<PathBuf> {
    let read = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let named = read.filter(|entry| entry.file_name().to_string_lossy().starts_with(beginning));
    named.map(|entry| entry.path()).collect()
}

/// All of it.
pub fn check() -> Result<(), String> {
    forget_unpacked()?;
    // A build directory of its own, for the same reason.
    let directory = target_directory()?.join("publish");
    if directory.exists() {
        std::fs::remove_dir_all(&directory)
            .map_err(|error| format!("{}: {error}", directory.display()))?;
    }
    let mut publish = cargo_command(&format!("publish --dry-run --allow-dirty {CRATES}"));
    publish.arg("--target-dir").arg(&directory);
    run(publish)?;
    builds_with_the_oldest_rust()?;
    let found = public_api()?;
    let agreed = std::fs::read_to_string(root().join(API)).map_err(|e| format!("{API}: {e}"))?;
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (found, agreed) = (lines(&found), lines(&agreed));
    let gone = agreed.iter().filter(|line| !found.contains(line)).map(|line| format!("- {line}\n"));
    let new = found.iter().filter(|line| !agreed.contains(line)).map(|line| format!("+ {line}\n"));
    let difference: String = gone.chain(new).collect();
    match difference.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "the public API of kanban-core differs from {API}:\n{difference}\
             if that is meant, `cargo xtask api` writes the file anew; a line that is gone breaks users"
        )),
    }
}

/// Writes the public API down.
pub fn write_api() -> Result<(), String> {
    std::fs::write(root().join(API), public_api()?).map_err(|error| format!("{API}: {error}"))
}

fn builds_with_the_oldest_rust() -> Result<(), String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml"))
        .map_err(|error| format!("Cargo.toml: {error}"))?;
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = "));
    let version = version.ok_or("Cargo.toml names no rust-version")?.trim_matches('"');
    ensure_toolchain(version)?;
    let mut check = command("cargo");
    // Its own directory: two compilers in one would throw each other's work away.
    check.arg(format!("+{version}")).arg("check").current_dir(root());
    check.env("CARGO_TARGET_DIR", target_directory()?.join("oldest"));
    check.args(CRATES.split(' '));
    run(check)
}

fn public_api() -> Result<String, String> {
    ensure_toolchain(NIGHTLY)?;
    let tool = ensure_cargo_tool(API_TOOL, API_TOOL_VERSION)?;
    let mut api = command(tool);
    api.args(["public-api", "--package", "kanban-core", "-ss"]).current_dir(root());
    // Outside of `cargo +nightly` the tool looks for this.
    api.env("RUSTUP_TOOLCHAIN", NIGHTLY);
    api.env("CARGO_TARGET_DIR", target_directory()?.join("api"));
    Ok(output_of(api)? + "\n")
}
