//! `docs/protocol.md` says what the code does: its frames, its CDDL, its limits.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "protocol_document/cddl.rs"]
mod cddl;
#[path = "support/messages.rs"]
mod messages;

use cddl::Rules;
use proptest::prelude::*;
use std::sync::LazyLock;
use sync_protocol::*;

const DOCUMENT: &str = include_str!("../../docs/protocol.md");

static RULES: LazyLock<Rules> = LazyLock::new(|| Rules::read(&blocks("cddl").concat()));

/// The fenced blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let parts = DOCUMENT.split(&fence).skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
}

fn frames() -> Vec<Vec<u8>> {
    let bytes = |block: &String| {
        let digits: String = block.split_whitespace().collect();
        let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        digits.as_bytes().chunks(2).map(byte).collect()
    };
    blocks("frame").iter().map(bytes).collect()
}

#[test]
fn the_frames_in_the_document_are_messages_and_fit_its_grammar() {
    let kinds: Vec<String> = frames()
        .iter()
        .map(|frame| {
            RULES.check("message", frame).unwrap();
            decode(frame).unwrap().kind().to_owned()
        })
        .collect();
    assert_eq!(kinds, ["join", "request", "doc-unavailable", "sync", "ephemeral"]);
}

#[test]
fn the_acknowledgement_in_the_document_is_the_one_that_the_code_writes() {
    let frames = frames();
    let Message::Sync(sync) = decode(&frames[3]).unwrap() else { panic!("it is a sync") };
    assert_eq!(&*sync.data, acknowledgement(&[ChangeHash([0xa7; 32])]));
}

#[test]
fn the_grammar_refuses_what_is_no_message() {
    let unavailable = &frames()[2];
    // A key or a value that the grammar does not know, by one letter.
    for (from, to) in [("doc-unavailable", "doc-unavailablE"), ("targetId", "targetIx")] {
        let start = unavailable.windows(from.len()).position(|bytes| bytes == from.as_bytes());
        let mut other = unavailable.clone();
        other.splice(start.unwrap()..start.unwrap() + from.len(), to.bytes());
        assert!(RULES.check("message", &other).is_err(), "{to}");
    }
}

#[test]
fn the_limits_in_the_document_are_those_of_the_code() {
    let code = [
        ("FRAME_BYTES_MAX", FRAME_BYTES_MAX),
        ("NESTING_MAX", NESTING_MAX),
        ("KEYS_MAX", KEYS_MAX),
        ("REASON_CHARS_MAX", REASON_CHARS_MAX),
        ("STORAGES_MAX", STORAGES_MAX),
        ("HASHES_MAX", HASHES_MAX),
        ("HAVES_MAX", HAVES_MAX),
        ("BLOOM_ENTRIES_MAX", BLOOM_ENTRIES_MAX),
        ("BLOOM_BITS_PER_ENTRY_MAX", BLOOM_BITS_PER_ENTRY_MAX),
        ("BLOOM_PROBES_MAX", BLOOM_PROBES_MAX),
        ("EPHEMERAL_BYTES_MAX", EPHEMERAL_BYTES_MAX),
        ("CHANGE_BYTES_MAX", CHANGE_BYTES_MAX),
        ("WAITING_CHANGES_MAX", WAITING_CHANGES_MAX),
        ("WAITING_BYTES_MAX", WAITING_BYTES_MAX),
        ("WAITING_TIME_MAX", WAITING_TIME_MAX.as_secs() as usize),
        ("RESENDS_MAX", RESENDS_MAX as usize),
    ];
    let rows = DOCUMENT.lines().filter(|line| line.starts_with('|') && line.contains("_MAX` |"));
    let said: Vec<(&str, usize)> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            (cells[3].trim_matches('`'), cells[2].parse().unwrap())
        })
        .collect();
    assert_eq!(said, code);
}

proptest! {
    #[test]
    fn every_frame_that_the_code_writes_fits_the_grammar(message in messages::message()) {
        prop_assert_eq!(RULES.check("message", &encode(&message)), Ok(()));
    }
}
