//! Everything public shows how it is used: its documentation has an example, which `cargo test
//! --doc` compiles and runs.
//!
//! What is public is read from the sources, which rustfmt keeps in one shape: what `lib.rs` names in
//! `pub use`, and the `pub fn` in their `impl` blocks. Rustdoc counts too, but only a nightly one.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Fewer would mean that this test has lost sight of the code.
const ITEMS_MIN: usize = 200;

#[test]
fn every_public_item_has_an_example() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let exported = exported(&read(&source.join("lib.rs")));
    let items: Vec<Item> = files(&source).iter().flat_map(|file| public(file, &exported)).collect();
    let without: Vec<&str> =
        items.iter().filter(|item| !item.has_example).map(|item| &*item.place).collect();
    assert!(without.is_empty(), "without an example:\n{}", without.join("\n"));
    assert!(items.len() >= ITEMS_MIN, "only {} public items found", items.len());
}

struct Item {
    /// `file:line: name`.
    place: String,
    has_example: bool,
}

/// The public items of a file.
fn public(file: &Path, exported: &BTreeSet<String>) -> Vec<Item> {
    let text = read(file);
    let lines: Vec<&str> = text.lines().collect();
    let mut items = Vec::new();
    // The `impl` block around a line: how far it is indented, and whether its type is exported.
    let mut block: Option<(usize, bool)> = None;
    for (index, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        if code.starts_with("impl ") || code.starts_with("impl<") {
            block = Some((indent, implemented(code).is_some_and(|it| is_exported(it, exported))));
        } else if code == "}" && block.is_some_and(|(start, _)| start == indent) {
            block = None;
        } else if let Some(name) = declared(code)
            && block.map_or_else(|| is_exported(name, exported), |(_, exported)| exported)
        {
            let place = format!("{}:{}: {name}", file.display(), index + 1);
            let above = lines.iter().take(index).rev();
            items.push(Item { place, has_example: has_example(above.copied()) });
        }
    }
    items
}

/// The name of what a line declares as public.
fn declared(code: &str) -> Option<&str> {
    let mut words = code.strip_prefix("pub ")?;
    loop {
        let (word, rest) = words.split_once(' ')?;
        match word {
            "const" if rest.starts_with("fn ") => words = rest,
            "async" | "unsafe" => words = rest,
            "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static" => {
                return Some(name_at_start(rest));
            }
            _ => return None,
        }
    }
}

/// The type of an `impl` block, unless it is about a trait.
fn implemented(code: &str) -> Option<&str> {
    let after = code.strip_prefix("impl")?;
    let mut depth = 0;
    let end_of_parameters = after.find(|c| {
        depth += i32::from(c == '<') - i32::from(c == '>');
        depth == 0 && c != '>'
    });
    let header = after.get(end_of_parameters?..)?.trim_start();
    (!header.contains(" for ")).then(|| name_at_start(header))
}

fn name_at_start(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
    text.get(..end.unwrap_or(text.len())).unwrap()
}

/// In a macro that makes types, `$name` stands for all of them.
fn is_exported(name: &str, exported: &BTreeSet<String>) -> bool {
    name == "$name" || exported.contains(name)
}

/// Whether the documentation right above an item, attributes included, has a block of code.
fn has_example<'a>(above: impl Iterator<Item = &'a str>) -> bool {
    let mut own = above.map(str::trim_start).take_while(|line| {
        line.starts_with("///") || !(line.is_empty() || line.ends_with(['{', '}', ';']))
    });
    own.any(|line| (line.starts_with("///") || line.starts_with("#[doc")) && line.contains("```"))
}

/// The names in the `pub use` declarations of `lib.rs`.
fn exported(lib: &str) -> BTreeSet<String> {
    assert!(!lib.contains("\npub mod "), "this test does not look into public modules");
    let uses = lib.split("\npub use ").skip(1).filter_map(|rest| rest.split_once(';'));
    let paths = uses.flat_map(|(names, _)| names.split([':', '{', '}', ',']));
    paths.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false => files.extend((path.extension() == Some("rs".as_ref())).then_some(path)),
        }
    }
    files.sort();
    files
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
