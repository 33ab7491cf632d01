//! Everything of a Trello export is on the board, or the report says what is not.

mod damaged;
mod whole;

use kanban_core::*;
use serde_json::{Value, json};

const MEDIUM: &[u8] = include_bytes!("../../../examples/data/trello-medium.json");
const SMALL: &[u8] = include_bytes!("../../../examples/data/trello-small.json");

fn import(json: &[u8]) -> Result<(Board, ImportReport), TrelloError> {
    let replica = Replica::new(ActorId::from([1; 16]));
    let id = BoardId::parse("imported").unwrap();
    from_trello(json, replica, id, Timestamp::from_unix_seconds(1_700_000_000))
}

/// Imports a board with one list `l` out of the given cards and whatever else.
fn board_with(cards: Value, rest: Value) -> (BoardDraft, ImportReport) {
    let mut file = rest;
    file["name"] = json!("B");
    file["cards"] = cards;
    if file["lists"].is_null() {
        file["lists"] = json!([{ "id": "l", "name": "To do" }]);
    }
    let (board, report) = import(file.to_string().as_bytes()).unwrap();
    (board.to_draft(), report)
}

fn only_card(draft: &BoardDraft) -> &CardDraft {
    let mut cards = draft.columns.iter().flat_map(|column| &column.cards);
    let card = cards.next().unwrap();
    assert!(cards.next().is_none());
    card
}

fn comment(id: &str, text: &str, date: &str) -> Value {
    json!({ "id": id, "type": "commentCard", "date": date, "idMemberCreator": "ana",
        "memberCreator": { "id": "ana", "fullName": "Ana Ng", "username": "ana" },
        "data": { "text": text, "card": { "id": "c" } } })
}

fn says(report: &ImportReport, words: &str) {
    let found = report.notes.iter().filter(|note| note.contains(words)).count();
    assert_eq!(found, 1, "{words:?} in {:#?}", report.notes);
}

#[test]
fn the_real_exports_are_counted_and_what_is_left_behind_is_named() {
    let (_, small) = import(SMALL).unwrap();
    assert_eq!((small.columns, small.archived_columns), (5, 1));
    assert_eq!((small.cards, small.archived_cards), (10, 1));
    assert_eq!((small.labels, small.members), (8, 1));
    assert_eq!((small.checklists, small.checklist_items), (4, 12));
    assert_eq!((small.comments, small.links), (4, 0));
    let (_, medium) = import(MEDIUM).unwrap();
    assert_eq!((medium.columns, medium.cards), (7, 81));
    assert_eq!((medium.labels, medium.members), (6, 3));
    assert_eq!((medium.checklists, medium.checklist_items), (11, 23));
    assert_eq!((medium.comments, medium.links), (3, 0));
    for report in [&small, &medium] {
        says(report, "5 attachments have no address in the file and are left out");
        says(report, "not carried over, except for the comments in it");
    }
    says(&medium, "log of 753 actions");
    says(&medium, "“Gamemodes.docx”");
}

#[test]
fn a_label_without_a_name_is_called_by_its_colour() {
    let (draft, _) = board_with(
        json!([{ "id": "c", "idList": "l", "idLabels": ["r", "n", "only-here"],
            "labels": [{ "id": "only-here", "name": "Later", "color": "sky" }] }]),
        json!({ "labels": [{ "id": "r", "name": "", "color": "red" },
            { "id": "n", "name": "", "color": null }, { "id": "b", "name": "Bug", "color": "blue_dark" }] }),
    );
    let labels: Vec<_> = draft.labels.iter().map(|l| (&*l.name, &*l.colour)).collect();
    assert_eq!(labels, [("Bug", "blue_dark"), ("Later", "sky"), ("no colour", ""), ("red", "red")]);
    assert_eq!(only_card(&draft).labels.len(), 3);
}

#[test]
fn cards_of_2012_bring_labels_without_ids_and_items_without_states() {
    let (draft, report) = board_with(
        json!([
            { "id": "c", "idList": "l", "labels": [{ "color": "green", "name": "Go" }],
              "idChecklists": ["k"], "checkItemStates": [{ "idCheckItem": "i2", "state": "complete" }] },
            { "id": "d", "idList": "l", "labels": [{ "color": "green", "name": "Go" }, { "color": "red", "name": "" }] }
        ]),
        json!({ "labelNames": { "green": "Go", "red": "", "blue": "Unused" },
            "checklists": [{ "id": "k", "name": "Steps", "checkItems": [{ "id": "i1", "name": "one" }, { "id": "i2", "name": "two" }] }] }),
    );
    let names: Vec<_> = draft.labels.iter().map(|label| &*label.name).collect();
    assert_eq!(names, ["Go", "Unused", "red"]);
    let [first, second] = &*draft.columns[0].cards else { panic!("two cards") };
    assert_eq!((first.labels.len(), second.labels.len()), (1, 2));
    let items: Vec<_> = first.checklists[0].items.iter().map(|i| (&*i.text, i.done)).collect();
    assert_eq!(items, [("one", false), ("two", true)]);
    assert_eq!(report.notes.len(), 1, "{:#?}", report.notes);
}

#[test]
fn checklists_and_their_items_go_by_their_own_positions() {
    let item = |id: &str, pos: f64, state: &str| json!({ "id": id, "name": id, "pos": pos, "state": state });
    let (draft, report) = board_with(
        json!([{ "id": "c", "idList": "l" }]),
        json!({ "checklists": [
            { "id": "late", "idCard": "c", "name": "Late", "pos": 140_737_488_355_328_u64,
              "checkItems": [item("z", 2.5, "complete"), item("a", 2.25, "incomplete")] },
            { "id": "early", "idCard": "c", "name": "Early", "pos": 0.5, "checkItems": [] },
            { "id": "lost", "idCard": "gone", "name": "Lost", "checkItems": [item("x", 1.0, "complete")] }] }),
    );
    let lists = &only_card(&draft).checklists;
    let names: Vec<_> = lists.iter().map(|list| &*list.name).collect();
    assert_eq!(names, ["Early", "Late"]);
    let items: Vec<_> = lists[1].items.iter().map(|item| (&*item.text, item.done)).collect();
    assert_eq!(items, [("a", false), ("z", true)]);
    says(&report, "1 checklist belongs to a card that is not in the file");
    says(&report, "1 checklist item belongs to no card");
}

#[test]
fn dates_are_kept_as_written_and_what_is_no_date_is_named() {
    let (draft, report) = board_with(
        json!([{ "id": "c", "idList": "l", "name": "Write", "due": "2026-05-01T17:00:00.123Z",
            "start": "next week", "dueComplete": true, "cover": { "color": "lime" } }]),
        json!({}),
    );
    let card = only_card(&draft);
    assert_eq!(card.due.as_ref().unwrap().as_str(), "2026-05-01T17:00:00.123Z");
    assert_eq!((&card.start, card.done, card.cover.as_deref()), (&None, true, Some("lime")));
    says(&report, "In the card “Write” (c), the start “next week” is no date");
}

#[test]
fn somebody_who_left_is_called_by_the_name_in_the_log() {
    let (draft, report) = board_with(
        json!([{ "id": "c", "idList": "l", "idMembers": ["ben"] }]),
        json!({ "members": [], "actions": [
            comment("k1", "Done?", "2020-01-02T03:04:05.678Z"),
            { "id": "x", "type": "addMemberToCard", "member": { "id": "ben", "fullName": "", "username": "ben99" } }] }),
    );
    let members: Vec<_> = draft.members.iter().map(|m| (m.id.as_str(), &*m.name)).collect();
    assert_eq!(members, [("ana", "Ana Ng"), ("ben", "ben99")]);
    let said = &only_card(&draft).comments[0];
    assert_eq!(said.by.as_ref().unwrap().as_str(), "ana");
    assert_eq!((said.at.unix_seconds(), &*said.text), (1_577_934_245, "Done?"));
    says(&report, "Ana Ng (ana) has left the board");
}

#[test]
fn comments_read_as_they_were_last_edited_and_deleted_ones_are_gone() {
    let changed = |kind: &str, id: &str, text: &str, date: &str| {
        json!({ "id": format!("{kind}-{id}-{date}"), "type": kind, "date": date, "idMemberCreator": "ana",
            "data": { "card": { "id": "c" }, "action": { "id": id, "text": text } } })
    };
    let (draft, report) = board_with(
        json!([{ "id": "c", "idList": "l" }]),
        json!({ "members": [{ "id": "ana", "fullName": "Ana" }], "actions": [
            changed("deleteComment", "k3", "", "2020-01-09T00:00:00Z"),
            changed("updateComment", "k2", "third wording", "2020-01-08T00:00:00Z"),
            changed("updateComment", "k2", "second wording", "2020-01-07T00:00:00Z"),
            changed("updateComment", "older", "only its edit is left", "2020-01-06T00:00:00Z"),
            comment("k3", "oops", "2020-01-05T00:00:00Z"),
            comment("k2", "first wording", "2020-01-04T00:00:00Z"),
            comment("k1", "", "yesterday")] }),
    );
    let texts: Vec<_> = only_card(&draft).comments.iter().map(|c| &*c.text).collect();
    assert_eq!(texts, ["", "third wording", "only its edit is left"]);
    says(&report, "1 comment was deleted in Trello");
    says(&report, "1 comment is in the file only as it was edited");
    says(&report, "a comment's time “yesterday” is no date since 1970");
}

#[test]
fn a_log_as_long_as_trello_exports_says_that_older_comments_may_be_missing() {
    let actions = |count: usize| {
        let others = (1..count).map(|n| json!({ "id": format!("a{n}"), "type": "updateCard" }));
        let all: Vec<_> = others.chain([comment("k", "here", "2020-01-01T00:00:00Z")]).collect();
        board_with(
            json!([{ "id": "c", "idList": "l", "badges": { "comments": 3 } }]),
            json!({ "actions": all }),
        )
    };
    says(&actions(1000).1, "older comments may be missing");
    says(&actions(1000).1, "Trello counts 2 comments more than the file contains");
    assert!(!actions(999).1.notes.iter().any(|note| note.contains("older comments")));
}

#[test]
fn attachments_become_links_in_their_order() {
    let (draft, report) = board_with(
        json!([{ "id": "c", "idList": "l", "attachments": [
            { "id": "z", "name": "Spec", "url": "https://example.org/spec", "pos": 1, "isUpload": false },
            { "id": "a", "name": "", "url": "https://trello.com/1/cards/c/a.pdf", "pos": 2, "isUpload": true },
            { "id": "b", "name": "lost.pdf", "url": null }] }]),
        json!({}),
    );
    let links: Vec<_> = only_card(&draft).links.iter().map(|l| (&*l.url, &*l.name)).collect();
    let (spec, file) = ("https://example.org/spec", "https://trello.com/1/cards/c/a.pdf");
    assert_eq!(links, [(spec, "Spec"), (file, "")]);
    says(&report, "1 link leads to a file that is stored at Trello");
    says(&report, "1 attachment has no address in the file and is left out: “lost.pdf”");
}

#[test]
fn what_a_board_has_no_place_for_is_counted() {
    let (draft, report) = board_with(
        json!([{ "id": "c", "idList": "l", "idMembersVoted": ["a", "b"], "stickers": [{}], "customFieldItems": [{}, {}, {}],
            "pluginData": [{}], "isTemplate": true, "cardRole": "mirror", "subscribed": true, "dueReminder": 60,
            "locationName": "Café", "cover": { "idAttachment": "x", "color": null }, "descData": { "emoji": { "party": "url" } } }]),
        json!({ "lists": [{ "id": "l", "name": "L", "color": "yellow", "softLimit": 4, "subscribed": true }],
            "customFields": [{}], "closed": true, "checklists": [{ "id": "k", "idCard": "c", "name": "K",
                "checkItems": [{ "id": "i", "name": "I", "state": "complete", "due": "2020-01-01T00:00:00Z", "idMember": "a" }] }] }),
    );
    assert_eq!(
        (draft.columns[0].colour.as_deref(), draft.columns[0].wip_limit),
        (Some("yellow"), Some(4))
    );
    for words in [
        "2 votes,",
        "1 sticker,",
        "3 values of custom fields",
        "1 custom field,",
        "1 entry of Power-Ups' data",
        "1 card is a template",
        "1 card is a separator, link or mirror",
        "2 subscriptions",
        "1 reminder",
        "1 location",
        "1 cover picture",
        "1 text has emoji",
        "The due dates of 1 checklist item,",
        "The members of 1 checklist item,",
        "closed in Trello",
    ] {
        says(&report, words);
    }
}

#[test]
fn a_text_that_is_too_long_is_refused_by_name_and_not_cut() {
    let text = "x".repeat(TITLE_CHARS_MAX + 1);
    let file = json!({ "lists": [], "cards": [{ "id": "c", "attachments": [{ "id": "a", "url": text }] }] });
    let error = import(file.to_string().as_bytes()).unwrap_err().to_string();
    assert!(error.contains("the address of a link of c has 16385 characters"), "{error}");
}

#[test]
fn a_large_export_is_written_in_changes_of_bounded_size() {
    let cards = |count: usize, chars: usize| -> Value {
        (0..count)
            .map(|n| json!({ "id": format!("c{n}"), "idList": "l", "desc": "x".repeat(chars) }))
            .collect()
    };
    for (count, chars, changes) in [(1_000, 1, 5), (20, 10_000, 4)] {
        let file = json!({ "lists": [{ "id": "l" }], "cards": cards(count, chars) });
        let (board, _) = import(file.to_string().as_bytes()).unwrap();
        // The genesis, the board's name and id, and its columns come first.
        assert!(
            board.changes_since(&[]).len() <= changes + 3,
            "{}",
            board.changes_since(&[]).len()
        );
        assert!(board.changes_since(&[]).len() >= changes);
    }
}
