//! The web board: `examples/web`, built with the npm package, and the relay with it inside.

use crate::npm;
use crate::shell::{cargo_command, command, root, run, target_directory};
use crate::tools::{ensure_node, ensure_npm_packages};
use std::path::PathBuf;

/// Where it stands.
pub const WEB: &str = "examples/web";

/// Builds the board and returns its directory, which a relay can serve.
pub fn build() -> Result<PathBuf, String> {
    ensure_node()?;
    npm::build()?;
    ensure_npm_packages(WEB)?;
    npm(&["run", "--silent", "build"])?;
    Ok(root().join(WEB).join("dist"))
}

/// Builds the relay with the board inside, and runs it until somebody stops it. Whoever comes makes an
/// account, unless the arguments say otherwise.
pub fn serve(arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let mut relay = command(program(build()?)?);
    let arguments: Vec<String> = arguments.collect();
    let says_who = |argument: &String| argument == "--auth" || argument.starts_with("--auth=");
    if !arguments.iter().any(says_who) {
        relay.args(["--auth", "accounts", "--sign-up", "everybody"]);
    }
    relay.args(arguments);
    run(relay)
}

/// Builds the relay with the board inside, compressed, to be installed somewhere.
pub fn release() -> Result<(), String> {
    let page = build()?;
    npm(&["run", "--silent", "compress"])?;
    println!("{}", program(page)?.display());
    Ok(())
}

fn program(page: PathBuf) -> Result<PathBuf, String> {
    let mut cargo = cargo_command("build --release --package kanban-sync-server --features page");
    cargo.env("KANBAN_PAGE", page);
    run(cargo)?;
    Ok(target_directory()?.join("release/sync-server"))
}

fn npm(arguments: &[&str]) -> Result<(), String> {
    let mut npm = command("npm");
    npm.args(arguments).current_dir(root().join(WEB));
    run(npm)
}
