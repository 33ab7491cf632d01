//! The project's front door: `cargo xtask run`, `cargo xtask test`, `cargo xtask bench`,
//! `cargo xtask campaign`.
//!
//! Each command does its whole set-up, so that it works on a fresh clone with nothing but rustup.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo xtask run        replay a real board between two people who were offline (needs no set-up)
cargo xtask test       everything that must hold before a commit: format, lints, tests, docs, wasm
cargo xtask bench      measure board commands beside raw Automerge (some 6 minutes)
cargo xtask campaign   the property test over 20,000 fresh scripts (some minutes)";

const WASM: &str = "wasm32-unknown-unknown";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let done = match command.as_str() {
        "run" => cargo("run --release --example two_people"),
        "test" => test(),
        "bench" => cargo("bench --package kanban --bench board_commands"),
        "campaign" => cargo("run --release --package kanban-sim -- --seeds 1000..21000"),
        "" | "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(format!("there is no command {other:?}\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn test() -> Result<(), String> {
    ensure_wasm_target()?;
    cargo("fmt --all --check")?;
    cargo("clippy --workspace --all-targets -- --deny warnings")?;
    cargo("test --workspace --lib --bins --tests --examples")?;
    cargo("test --workspace --doc")?;
    // The example's exit code is a promise: no card lost, no move silently undone.
    cargo("run --example two_people")?;
    cargo_with("doc --workspace --no-deps", &[("RUSTDOCFLAGS", "--deny warnings")])?;
    // A browser gets the same board: the core and its bindings build without a system under them.
    cargo(&format!("build --package wasm-bindings --target {WASM}"))
}

/// Adds the wasm target if it is missing: rustup adds what `rust-toolchain.toml` names only when
/// it installs the toolchain itself.
fn ensure_wasm_target() -> Result<(), String> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output();
    let output = output.map_err(|error| format!("rustc does not start: {error}"))?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if sysroot.join("lib/rustlib").join(WASM).join("lib").is_dir() {
        return Ok(());
    }
    run("rustup", &["target", "add", WASM], &[])
        .map_err(|error| format!("{error}; install rustup (https://rustup.rs) and try again"))
}

fn cargo(arguments: &str) -> Result<(), String> {
    cargo_with(arguments, &[])
}

fn cargo_with(arguments: &str, environment: &[(&str, &str)]) -> Result<(), String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments: Vec<&str> = arguments.split(' ').collect();
    run(&cargo, &arguments, environment)
}

fn run(program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Result<(), String> {
    let name = Path::new(program).file_stem().unwrap_or_default().to_string_lossy();
    let line = format!("{name} {}", arguments.join(" "));
    println!("\n→ {line}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut command = Command::new(program);
    command.args(arguments).envs(environment.iter().copied()).current_dir(root);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` failed ({status})")),
        Err(error) => Err(format!("`{line}` does not start: {error}")),
    }
}
