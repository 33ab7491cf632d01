//! The table of `tests/interop/README.md` names tests that exist.

const PAGE: &str = include_str!("../../../tests/interop/README.md");

/// Tests that are told in Node and in a browser.
const EVERYWHERE: [&str; 5] = [
    include_str!("../../../tests/interop/access.test.mjs"),
    include_str!("../../../tests/interop/breaking_off.test.mjs"),
    include_str!("../../../tests/interop/closing.test.mjs"),
    include_str!("../../../tests/interop/documents.test.mjs"),
    include_str!("../../../tests/interop/ephemeral.test.mjs"),
];

const IN_RUST: [&str; 4] = [
    include_str!("../interop_sessions/main.rs"),
    include_str!("../own_client.rs"),
    include_str!("../samod.rs"),
    include_str!("main.rs"),
];

#[test]
fn the_table_of_stories_has_a_test_for_every_client_and_each_exists() {
    let rows = PAGE.lines().filter(|line| line.starts_with("| ")).skip(1);
    let mut stories = 0;
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, everywhere, samod, own] = cells[..] else { panic!("{row} has four cells") };
        for (cell, other) in [(everywhere, ""), (samod, everywhere), (own, samod)] {
            let named: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
            let is_the_same = cell == "the same" && !other.is_empty();
            assert!(is_the_same || !named.is_empty(), "no test in {cell:?} of {row}");
            named.into_iter().for_each(assert_exists);
        }
        stories += 1;
    }
    assert!(stories >= 12, "{stories} stories");
}

fn assert_exists(name: &str) {
    let is_sentence = name.contains(' ');
    let exists = if is_sentence {
        let told = without_spaces(&format!("everywhere(\"{name}\""));
        EVERYWHERE.iter().any(|source| without_spaces(source).contains(&told))
    } else {
        IN_RUST.iter().any(|source| source.contains(&format!("fn {name}(")))
    };
    assert!(exists, "there is no test {name:?}");
}

fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}
