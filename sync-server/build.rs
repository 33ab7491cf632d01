//! Finds out which commit is built, without a network, for `--version` and `kanban_build`.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=KANBAN_REVISION");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=KANBAN_REVISION={}", revision());
}

fn revision() -> String {
    // For those who build from an archive, or in a container without `.git`.
    if let Ok(given) = std::env::var("KANBAN_REVISION")
        && !given.is_empty()
    {
        return given;
    }
    if let Some(packaged) = packaged() {
        return packaged;
    }
    // Every commit would have everything compiled again for whoever works on it.
    if std::env::var("PROFILE").as_deref() != Ok("release") {
        return "development".to_owned();
    }
    // Whatever repository a package was unpacked in is not the one that it comes from.
    let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) else {
        return "unknown".to_owned();
    };
    if git(&["ls-files", "build.rs"]).is_none_or(|tracked| tracked.is_empty()) {
        return "unknown".to_owned();
    }
    if Path::new(&log).exists() {
        println!("cargo:rerun-if-changed={log}");
    }
    git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown".to_owned())
}

/// What cargo writes into a package: `{ "git": { "sha1": "…" }, … }`.
fn packaged() -> Option<String> {
    let text = std::fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = text.split_once("\"sha1\"")?;
    let hash = rest.split('"').nth(1)?;
    hash.get(..12).map(str::to_owned)
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
