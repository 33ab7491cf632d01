//! The TypeScript declarations of all that crosses as JSON, made from the types that cross.
//!
//! The npm package is built with these, so the two cannot drift apart.

use crate::ask::{Edit, Question};
use crate::client::Content;
use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use ts_rs::{Config, TS, TypeVisitor};

const HEAD: &str = "\
// Made from the Rust types by `cargo xtask npm`: change those.

declare const brand: unique symbol;

/** A version of a board: the hash of a change, 64 hexadecimal digits. */
export type ChangeHash = string & { readonly [brand]: \"ChangeHash\" };
";

/// Ids and the like are texts, but not each other's: TypeScript is told to keep them apart.
const BRANDED: [&str; 10] = [
    "BoardId",
    "CardId",
    "ChecklistId",
    "ColumnId",
    "CommentId",
    "ItemId",
    "LabelId",
    "LinkId",
    "MemberId",
    "Position",
];

/// What callers write, and may leave parts of out.
const PARTIAL: [&str; 5] = ["ActivityQuery", "CsvOptions", "Expected", "Filter", "MarkdownOptions"];

/// All of them, as one module.
pub fn declarations() -> String {
    let config = Config::new().with_large_int("number");
    let mut types = Types { config: &config, seen: BTreeSet::new(), found: BTreeMap::new() };
    types.visit::<Question>();
    types.visit::<Edit>();
    types.visit::<Content>();
    types.visit::<kanban_core::ImportReport>();
    Question::visit_answers(&mut types);
    Edit::visit_answers(&mut types);
    let mut text = HEAD.to_owned();
    for (name, declared) in &types.found {
        text.push('\n');
        text.push_str(&declaration(name, declared));
    }
    for (name, answers) in
        [("QuestionAnswers", Question::answers(&config)), ("EditAnswers", Edit::answers(&config))]
    {
        // Writing to a string cannot fail.
        _ = writeln!(text, "\n/** What each is answered with, by its `type`. */");
        _ = writeln!(text, "export interface {name} {{");
        for (name, answer) in answers {
            _ = writeln!(text, "  {name}: {};", answer.replace("Array<", "ReadonlyArray<"));
        }
        text.push_str("}\n");
    }
    text
}

/// Everything that a type is made of.
struct Types<'a> {
    config: &'a Config,
    seen: BTreeSet<TypeId>,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Types<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
        // Only what is declared somewhere has a file to be declared in.
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            let declared = format!("{docs}export {}\n", T::decl(self.config));
            self.found.insert(T::ident(self.config), declared);
        }
    }
}

fn declaration(name: &str, declared: &str) -> String {
    // Views are frozen, and nothing that is handed in is changed.
    let declared = readonly(&plain(declared)).replace("Array<", "ReadonlyArray<");
    if BRANDED.contains(&name) {
        let text = format!("export type {name} = string;");
        let branded = format!("export type {name} = string & {{ readonly [brand]: \"{name}\" }};");
        return declared.replace(&text, &branded);
    }
    if PARTIAL.contains(&name) {
        let head = format!("export type {name} = ");
        let whole = declared.split_once(&head).and_then(|(docs, rest)| {
            Some(format!("{docs}{head}Partial<{}>;\n", rest.trim_end().strip_suffix(';')?))
        });
        return whole.unwrap_or(declared);
    }
    declared
}

/// Every field says that it is not to be written to.
fn readonly(declared: &str) -> String {
    let (mut text, mut rest) = (String::new(), declared);
    // The brackets that are open; a field comes first in a brace, and after a comma in one.
    let (mut open, mut is_next) = (Vec::new(), false);
    while let Some(first) = rest.chars().next() {
        let token = match first {
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            _ if is_word(first) => rest.find(|it| !is_word(it)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(token);
        let is_name = first == '"' || is_word(first);
        if is_next && is_name && (behind.starts_with(':') || behind.starts_with("?:")) {
            text.push_str("readonly ");
        }
        match first {
            '{' | '<' | '[' | '(' => open.push(first),
            '}' | '>' | ']' | ')' => _ = open.pop(),
            _ => {}
        }
        let is_between = first.is_whitespace() || token.starts_with("/*");
        let is_separator = matches!(first, '{' | ',') && open.last() == Some(&'{');
        is_next = is_separator || is_next && is_between;
        text.push_str(token);
        rest = behind;
    }
    text
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Comments without examples in Rust and links into its documentation.
fn plain(declared: &str) -> String {
    let mut text = String::new();
    let mut is_example = false;
    for line in declared.lines() {
        if line.trim_start().trim_start_matches('*').trim_start().starts_with("```") {
            is_example = !is_example;
        } else if !is_example {
            text.push_str(&without_links(line));
            text.push('\n');
        }
    }
    // Where the example was.
    text.replace("\n *\n */", "\n */")
}

/// [`Card`](crate::Card) is `Card`.
fn without_links(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, behind)) = after.split_once("`]") else { break };
        text.push_str(before);
        _ = write!(text, "`{name}`");
        rest = match behind.strip_prefix('(').and_then(|link| link.split_once(')')) {
            Some((_, behind)) => behind,
            None => behind,
        };
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_not_to_be_written_to() {
        let text = r#"export type A = { "type": "a, b: c", /** Of it, so: */ b: { c?: D, }, e: [f, { g: H }], i: Map<J, K>, };"#;
        let all = r#"export type A = { readonly "type": "a, b: c", /** Of it, so: */ readonly b: { readonly c?: D, }, readonly e: [f, { readonly g: H }], readonly i: Map<J, K>, };"#;
        assert_eq!(readonly(text), all);
    }

    #[test]
    fn every_command_question_and_answer_is_declared() {
        let text = declarations();
        for part in [
            "export type Command = ",
            "export type BoardView = ",
            "export type CardId = string & ",
            "export type Filter = Partial<",
            "readonly \"type\": \"moveCard\"",
            "readonly columns: ReadonlyArray<ColumnView>",
            "  conflicts: ReadonlyArray<Conflict>;",
            "  undo: Undone;",
        ] {
            assert!(text.contains(part), "{part}");
        }
        for left_over in ["```", "](", "bigint", "crate::"] {
            assert!(!text.contains(left_over), "{left_over}");
        }
    }
}
