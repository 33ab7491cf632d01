//! The licences of what is compiled into the program of the npm package.

use crate::shell::{cargo_command, output_of, root};
use crate::tools::WASM;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Who holds the copyright of crates that come without the text of their licence, which is MIT: as their
/// repositories say.
const WITHOUT_A_TEXT: [(&str, &str); 2] = [
    ("automerge", "Copyright (c) 2019-2021 the Automerge contributors"),
    ("hexane", "Copyright (c) 2019-2021 the Automerge contributors"),
];

const BEGINNING: &str = "\
The program inside kanban-crdt, dist/kanban_bg.wasm and its copy dist/inline.js, is compiled from the
crates listed here, and from the standard library of Rust (MIT OR Apache-2.0, Copyright (c) The Rust
Project Contributors). The texts that their authors ask to pass on follow, each once.
";

/// A crate of somebody else.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Crate {
    name: String,
    version: String,
    /// As in SPDX.
    licence: String,
    directory: PathBuf,
}

/// All of it, as one text that depends on `Cargo.lock` alone.
pub fn third_parties() -> Result<String, String> {
    // By their words: many differ in white space alone.
    let mut licensed: BTreeMap<String, (Vec<String>, String)> = BTreeMap::new();
    let mut listed = String::new();
    for part in compiled_in()? {
        let name = format!("{} {}", part.name, part.version);
        listed.push_str(&format!("\n{name}: {}", part.licence));
        for text in texts(&part)? {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            licensed.entry(words).or_insert_with(|| (Vec::new(), text)).0.push(name.clone());
        }
    }
    let mut texts: Vec<_> = licensed.into_values().collect();
    texts.sort();
    let texts = texts.into_iter().map(|(names, text)| {
        format!("\n\n{}\n{}\n\n{text}", "-".repeat(80), wrapped(&names.join(", ")))
    });
    Ok(format!("{BEGINNING}{listed}{}\n", texts.collect::<String>()))
}

/// What the program consists of: for this target, with these features, and not what only builds it.
fn compiled_in() -> Result<BTreeSet<Crate>, String> {
    let mut tree = cargo_command("tree --locked --package wasm-bindings --prefix none --target");
    tree.args([WASM, "--edges", "normal,no-proc-macro", "--format", "{p}"]);
    let tree = output_of(tree)?;
    let wanted: BTreeSet<(&str, &str)> =
        tree.lines().filter_map(|line| line.split_once(" v")).map(name_and_version).collect();
    let metadata = output_of(cargo_command("metadata --locked --format-version 1"))?;
    let metadata: Value =
        serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata.get("packages").and_then(Value::as_array);
    let packages = packages.ok_or("cargo metadata says nothing of packages")?;
    let foreign = packages.iter().filter(|package| !package["source"].is_null());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = foreign.map(|package| Crate {
        name: text(&package["name"]),
        version: text(&package["version"]),
        licence: text(&package["license"]),
        directory: PathBuf::from(text(&package["manifest_path"])).with_file_name(""),
    });
    Ok(all.filter(|it| wanted.contains(&(it.name.as_str(), it.version.as_str()))).collect())
}

fn name_and_version<'line>((name, rest): (&'line str, &'line str)) -> (&'line str, &'line str) {
    (name, rest.split(' ').next().unwrap_or(rest))
}

/// What a crate's authors ask to pass on.
fn texts(of: &Crate) -> Result<Vec<String>, String> {
    let failed = |error| format!("{}: {error}", of.directory.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&of.directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() && is_licence(&path) {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Ok(vec![mit_text(of)?]);
    }
    files.iter().map(|file| Ok(tidy(&std::fs::read_to_string(file).map_err(failed)?))).collect()
}

fn is_licence(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
    ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"]
        .iter()
        .any(|beginning| name.starts_with(beginning))
}

fn mit_text(of: &Crate) -> Result<String, String> {
    let holder = WITHOUT_A_TEXT.iter().find(|(name, _)| of.licence == "MIT" && of.name == *name);
    let (_, copyright) = holder.ok_or_else(|| {
        format!("{} {} comes without the text of its licence: look it up", of.name, of.version)
    })?;
    let ours = root().join("LICENSE-MIT");
    let ours =
        std::fs::read_to_string(&ours).map_err(|error| format!("{}: {error}", ours.display()))?;
    let line = |line| if str::starts_with(line, "Copyright") { copyright } else { line };
    Ok(tidy(&ours.lines().map(line).collect::<Vec<_>>().join("\n")))
}

/// Without white space at the ends of lines and around the whole.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// In lines of 80 letters.
fn wrapped(words: &str) -> String {
    let mut lines = vec![String::new()];
    for word in words.split(", ") {
        if let Some(line) = lines.last_mut().filter(|line| line.len() + word.len() < 76) {
            line.push_str(if line.is_empty() { "" } else { ", " });
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines.join(",\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_in_the_program_is_listed_with_its_licence_and_each_text_once() {
        let text = third_parties().unwrap();
        for wanted in [
            "\nautomerge 0",
            "\nserde_json 1",
            "\nminicbor 2",
            "BlueOak-1.0.0",
            "the Automerge contributors",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        for tool in ["\nserde_derive ", "\nts-rs ", "\ntokio ", "\nkanban-core "] {
            assert!(!text.contains(tool), "{tool}");
        }
        let texts: Vec<&str> = text.split(&"-".repeat(80)).collect();
        let once: BTreeSet<&str> = texts.iter().copied().collect();
        assert_eq!(once.len(), texts.len());
    }

    #[test]
    fn long_lists_of_names_are_wrapped() {
        let words = ["automerge 0.12.0"; 5].join(", ");
        assert_eq!(wrapped(&words).lines().map(str::len).max(), Some(71));
    }
}
