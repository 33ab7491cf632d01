//! What a file says is read, or noted.

use super::*;

const SMALL: &[u8] = include_bytes!("../../../../../examples/data/trello-small.json");
const MEDIUM: &[u8] = include_bytes!("../../../../../examples/data/trello-medium.json");

#[test]
fn real_exports_are_read_without_a_note() {
    let small = read_export(SMALL).expect("the small export");
    assert_eq!((small.lists.len(), small.cards.len(), small.members.len()), (5, 10, 1));
    let medium = read_export(MEDIUM).expect("the medium export");
    assert_eq!((medium.lists.len(), medium.cards.len(), medium.members.len()), (7, 81, 3));
    assert_eq!(medium.name, "amirite");
    assert_eq!((small.notes.sentences, medium.notes.sentences), (vec![], vec![]));
}

#[test]
fn an_export_cut_off_anywhere_is_an_error_in_a_sentence_and_never_an_empty_board() {
    let whole = SMALL.trim_ascii_end().len();
    for cut in (0..whole).step_by(97) {
        let error =
            read_export(SMALL.get(..cut).expect("inside the file")).expect_err("half a board");
        let sentence = error.to_string();
        assert!(sentence.ends_with("again"), "cut at byte {cut}: {sentence}");
        assert!(
            matches!(error, TrelloError::Truncated { .. }) || cut == 0,
            "cut at byte {cut}: {error:?}"
        );
    }
}

#[test]
fn the_place_where_a_file_ends_is_named() {
    let error = read_export(b"{\"lists\": [],\n\"cards\": [{").expect_err("cut off");
    assert_eq!(
        error.to_string(),
        "the file ends in the middle of the board (line 2, column 11), so the download was cut off; export it again"
    );
}

#[test]
fn a_file_that_is_something_else_is_refused_with_what_it_is() {
    for (file, sentence) in [
        ("  \n", "the file is empty; export the board from Trello again"),
        ("\u{feff}", "the file is empty; export the board from Trello again"),
        ("Name,Due\nWrite,", "the file is not JSON from line 1, column 1 on; choose the file"),
        ("{\"lists\": []} {}", "the file is not JSON from line 1, column 15 on; choose the file"),
        (
            "[]",
            "no Trello board: a board is an object with `lists` and `cards`, and it has an array instead;",
        ),
        (
            "{}",
            "no Trello board: `lists` is missing and `cards` is missing, and it has no keys at all;",
        ),
        (
            "{\"data\": 1, \"cards\": []}",
            "`lists` is missing, and it has the keys `data`, `cards`; choose",
        ),
        (
            "{\"lists\": null, \"cards\": 3}",
            "`lists` is missing and `cards` is a number (3) instead of a list",
        ),
    ] {
        let found = read_export(file.as_bytes()).expect_err(file).to_string();
        assert!(found.contains(sentence), "{file}: {found}");
    }
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_parsed() {
    let error = read_export(&vec![0; EXPORT_BYTES_MAX + 1]).expect_err("too large");
    assert!(matches!(error, TrelloError::TooLarge { bytes, .. } if bytes == EXPORT_BYTES_MAX + 1));
}

#[test]
fn a_wrong_type_in_one_field_costs_that_field_and_nothing_else() {
    let export = read_export(
        br#"{"name": 7, "lists": [], "labels": "none", "cards": [
            {"id": "a", "name": "Write", "pos": "top", "closed": "no", "due": 3, "idMembers": ["ana", 4]},
            17,
            {"id": "b", "name": 2048, "pos": 1e3, "closed": null, "desc": {"text": "x"}, "idMembers": null}]}"#,
    )
    .expect("a board");
    let [write, number] = export.cards.as_slice() else {
        unreachable!("two cards: {:?}", export.cards)
    };
    assert_eq!((write.title.as_str(), write.position, write.closed), ("Write", None, false));
    assert_eq!((&write.due, &write.members), (&Some("3".into()), &vec!["ana".to_owned()]));
    assert_eq!(
        (number.title.as_str(), number.position, number.description.as_str()),
        ("2048", Some(1000.0), "")
    );
    assert_eq!(
        export.notes.sentences,
        [
            "In the board, `name` is a number (7) instead of text; it is read as “7”.",
            "In the card “Write” (a), `closed` is text (“no”) instead of true or false; it is read as false.",
            "In the card “Write” (a), `pos` is text (“top”) instead of a number; it is left out.",
            "In the card “Write” (a), `due` is a number (3) instead of text; it is read as “3”.",
            "In the card “Write” (a), `idMembers` contains a number (4) instead of text; it is left out.",
            "The card in place 2 of the file is a number (17) instead of an object; it is left out.",
            "In the card number 3 (b), `name` is a number (2048) instead of text; it is read as “2048”.",
            "In the card number 3 (b), `desc` is an object instead of text; it is left out.",
            "The board's `labels` are text (“none”) instead of a list; they are left out.",
        ]
    );
}

#[test]
fn a_title_that_was_cut_in_the_middle_of_an_emoji_is_kept() {
    let export = read_export(
        br#"{"lists": [], "cards": [{"name": "launch \ud83d\ude80 \ud83d"}, {"name": "\ude80 \\ud83d"}]}"#,
    )
    .expect("a board");
    let titles: Vec<_> = export.cards.iter().map(|card| card.title.as_str()).collect();
    assert_eq!(titles, ["launch 🚀 \u{fffd}", "\u{fffd} \\ud83d"]);
    assert_eq!(
        export.notes.sentences,
        ["In 2 places of the file, half an emoji was left of a cut text; it reads as �."]
    );
}

#[test]
fn text_in_any_script_and_of_any_length_is_kept() {
    let title = format!("{}👩🏽‍🚀 رسالة 看板 \u{0}", "x".repeat(16_384));
    let json = serde_json::json!({"lists": [], "cards": [{"id": "a", "name": title}]}).to_string();
    let export = read_export(json.as_bytes()).expect("a board");
    assert_eq!(export.cards.first().map(|card| card.title.as_str()), Some(title.as_str()));
}
