//! The gateway before a relay with accounts: who may do what, and what survives.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use serde_json::{Value, json};
use support::World;
use support::http::ask;
use support::watching::Watching;

fn card(title: &str) -> Value {
    json!({ "title": title, "column": "to do" })
}

#[test]
fn a_card_is_added_changed_moved_and_commented_on_and_the_relay_has_it() {
    let world = World::with_accounts(&[]);
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let (gateway, ana) = (&world.gateway, Some(ana.as_str()));
    let listed = gateway.ask("GET /boards", ana, None);
    assert_eq!(listed.body["documents"][0]["id"], board.as_str());
    let shown = gateway.ask(&format!("GET /boards/{board}"), ana, None);
    assert_eq!(shown.body["columns"][0]["name"], "To do");
    assert_eq!((&shown.body["role"], &shown.body["saved"]), (&json!("owner"), &json!(true)));

    let cards = format!("/boards/{board}/cards");
    let added = gateway.ask(&format!("POST {cards}?wait=saved"), ana, Some(&card("Fix it")));
    assert_eq!((added.status, &added.body["saved"]), (201, &json!(true)), "{added:?}");
    let id = added.body["card"]["id"].as_str().unwrap().to_owned();
    let edit = json!({ "description": "Soon", "due": "2026-05-01", "done": true });
    let edited = gateway.ask(&format!("PATCH {cards}/{id}"), ana, Some(&edit));
    assert_eq!((edited.status, &edited.body["card"]["due"]), (200, &json!("2026-05-01")));
    let to = json!({ "column": "Done", "at": "first" });
    let moved = gateway.ask(&format!("POST {cards}/{id}/move"), ana, Some(&to));
    assert_eq!(moved.body["card"]["columnName"], "Done");
    let said = json!({ "text": "It works" });
    let commented = gateway.ask(&format!("POST {cards}/{id}/comments"), ana, Some(&said));
    assert_eq!(commented.status, 201, "{commented:?}");
    let label = json!({ "type": "createLabel", "label": "bug", "name": "Bug", "colour": "red" });
    let commanded = gateway.ask(&format!("POST /boards/{board}/commands"), ana, Some(&label));
    assert_eq!((commanded.status, &commanded.body["saved"]), (200, &json!(true)));

    let found = gateway.ask(&format!("GET {cards}?column=done&q=fix"), ana, None);
    assert_eq!(found.body["cards"].as_array().unwrap().len(), 1);
    let one = gateway.ask(&format!("GET {cards}/{id}"), ana, None);
    assert_eq!(one.body["card"]["comments"][0]["text"], "It works");
}

#[test]
fn asking_twice_with_one_key_adds_one_card_even_across_a_restart() {
    let mut world = World::with_accounts(&[]);
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let what = format!("POST /boards/{board}/cards");
    let key = ["idempotency-key: build-17"];
    let first = ask(&world.gateway.address, &what, Some(&ana), &key, Some(&card("Once")));
    assert_eq!(first.status, 201);
    world.gateway.kill();
    world.gateway.restart();
    let again = ask(&world.gateway.address, &what, Some(&ana), &key, Some(&card("Once")));
    assert_eq!((again.status, &again.body["card"]["id"]), (200, &first.body["card"]["id"]));
    let other = ask(
        &world.gateway.address,
        &what,
        Some(&ana),
        &["idempotency-key: x"],
        Some(&card("Once")),
    );
    assert_eq!(other.status, 201);
    let all = world.gateway.ask(&format!("GET /boards/{board}/cards"), Some(&ana), None);
    assert_eq!(all.body["cards"].as_array().unwrap().len(), 3);
}

#[test]
fn the_relay_s_rights_decide_and_boards_of_different_people_are_not_mixed() {
    let world = World::with_accounts(&[]);
    let (ana, ben, eve) = (world.account("ana"), world.account("ben"), world.account("eve"));
    let board = world.board(Some(&ana), "ana");
    world.shares(&ana, &board, "ben", "reader");
    let cards = format!("/boards/{board}/cards");
    let status = |token: Option<&str>, what: &str, body: Option<&Value>| {
        let answer = world.gateway.ask(what, token, body);
        (answer.status, answer.problem())
    };
    let read = world.gateway.ask(&format!("GET {cards}"), Some(&ben), None);
    assert_eq!((read.status, &read.body["cards"][0]["title"]), (200, &json!("Write docs")));
    let new = card("Mine");
    let writes = format!("POST {cards}");
    assert_eq!(status(Some(&ben), &writes, Some(&new)), (403, "forbidden".into()));
    for what in ["PATCH cards/docs", "POST cards/docs/move", "POST cards/docs/comments"] {
        let what = what.replace("cards", &cards);
        let body = if what.ends_with("comments") { json!({ "text": "x" }) } else { json!({}) };
        assert_eq!(status(Some(&ben), &what, Some(&body)).0, 403, "{what}");
    }
    let commands = format!("POST /boards/{board}/commands");
    let rename = json!({ "type": "renameBoard", "name": "Mine" });
    assert_eq!(status(Some(&ben), &commands, Some(&rename)).0, 403);
    assert_eq!(status(Some(&eve), &format!("GET {cards}"), None), (404, "not-found".into()));
    assert_eq!(
        status(Some("nonsense"), &format!("GET {cards}"), None),
        (401, "not-signed-in".into())
    );
    assert_eq!(status(None, &format!("GET {cards}"), None), (401, "not-signed-in".into()));

    // What an owner gives holds at once, and so does what they take back.
    world.shares(&ana, &board, "ben", "editor");
    let answers = || world.gateway.ask(&writes, Some(&ben), Some(&new)).status;
    assert_eq!(first_other_than(403, answers), 201);
    let remove = format!("DELETE /api/documents/{board}/members/ben");
    assert_eq!(world.relay.ask(&remove, Some(&ana), None).status, 204);
    let answers = || world.gateway.ask(&format!("GET {cards}"), Some(&ben), None).status;
    assert_eq!(first_other_than(200, answers), 404);
    // And what ben wrote is ana's to see.
    let titles = world.gateway.ask(&format!("GET {cards}?q=mine"), Some(&ana), None);
    assert_eq!(titles.body["cards"].as_array().unwrap().len(), 1);
}

/// What is answered once it is something else; the gateway takes the relay's word for a second.
fn first_other_than(status: u16, ask: impl Fn() -> u16) -> u16 {
    let end = std::time::Instant::now() + support::PATIENCE;
    std::iter::repeat_with(ask)
        .find(|found| *found != status || std::time::Instant::now() > end)
        .unwrap()
}

#[test]
fn a_link_opens_its_board_and_no_account() {
    let world = World::with_accounts(&[]);
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let link = |role: &str| {
        let what = format!("POST /api/documents/{board}/links");
        let made = world.relay.ask(&what, Some(&ana), Some(&json!({ "role": role })));
        made.text("token")
    };
    let (reader, editor) = (link("reader"), link("editor"));
    let cards = format!("/boards/{board}/cards");
    assert_eq!(world.gateway.ask(&format!("GET {cards}"), Some(&reader), None).status, 200);
    let what = format!("POST {cards}?wait=saved");
    let refused = world.gateway.ask(&what, Some(&reader), Some(&card("x")));
    assert_eq!((refused.status, refused.problem()), (403, "forbidden".into()));
    assert_eq!(world.gateway.ask(&what, Some(&editor), Some(&card("x"))).status, 201);
}

#[test]
fn while_the_relay_is_away_the_copy_is_read_and_changed_and_later_the_relay_has_it() {
    let mut world = World::with_accounts(&[]);
    let (ana, ben) = (world.account("ana"), world.account("ben"));
    let board = world.board(Some(&ana), "ana");
    world.shares(&ana, &board, "ben", "reader");
    let cards = format!("/boards/{board}/cards");
    for token in [&ana, &ben] {
        assert_eq!(world.gateway.ask(&format!("GET {cards}"), Some(token), None).status, 200);
    }
    world.relay.kill();
    let added = world.gateway.ask(&format!("POST {cards}"), Some(&ana), Some(&card("Offline")));
    assert_eq!((added.status, &added.body["saved"]), (202, &json!(false)), "{added:?}");
    // Also after a restart, without the relay.
    world.gateway.kill();
    world.gateway.restart();
    let read = world.gateway.ask(&format!("GET {cards}?q=offline"), Some(&ana), None);
    assert_eq!(read.body["cards"].as_array().map(Vec::len), Some(1), "{read:?}");
    let reader = world.gateway.ask(&format!("POST {cards}"), Some(&ben), Some(&card("Mine")));
    assert_eq!((reader.status, reader.problem()), (403, "forbidden".into()));
    let stranger = world.gateway.ask(&format!("GET {cards}"), Some("another"), None);
    assert_eq!((stranger.status, stranger.problem()), (503, "unavailable".into()));
    world.relay.restart();
    let what = format!("PATCH {cards}/docs?wait=saved");
    let saved = world.gateway.ask(&what, Some(&ana), Some(&json!({ "done": true })));
    assert_eq!((saved.status, &saved.body["saved"]), (200, &json!(true)));
}

#[test]
fn whoever_says_where_the_board_stood_is_told_if_somebody_was_faster() {
    let world = World::with_accounts(&[]);
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let docs = format!("/boards/{board}/cards/docs");
    let address = &world.gateway.address;
    let tag = world.gateway.ask(&format!("GET {docs}"), Some(&ana), None);
    let if_match = format!("if-match: {}", tag.header("etag").unwrap());
    let rename = |title: &str| {
        let body = json!({ "title": title });
        ask(address, &format!("PATCH {docs}"), Some(&ana), &[&if_match], Some(&body))
    };
    assert_eq!(rename("Docs").status, 200);
    let late = rename("Manual");
    assert_eq!((late.status, late.problem()), (412, "changed".into()));
    assert!(late.text("detail").contains("Docs"), "{late:?}");
    let wrong =
        ask(address, &format!("PATCH {docs}"), Some(&ana), &["if-match: x"], Some(&json!({})));
    assert_eq!(wrong.status, 422);
}

#[test]
fn whoever_watches_is_told_what_happens_and_goes_on_where_they_left() {
    let world = World::with_accounts(&[]);
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let moves = |to: &str| {
        let what = format!("POST /boards/{board}/cards/docs/move?wait=saved");
        let moved = world.gateway.ask(&what, Some(&ana), Some(&json!({ "column": to })));
        assert_eq!(moved.status, 200);
    };
    let mut watching = Watching::start(&world.gateway.address, &board, &ana, None);
    assert_eq!(watching.next().event, "begin");
    moves("Doing");
    let told = watching.changes();
    let event = json!({ "type": "cardMoved", "card": "docs", "from": "todo", "to": "doing" });
    assert_eq!(told.data["events"], json!([event]));
    assert_eq!(told.data["cards"]["docs"]["columnName"], "Doing");
    drop(watching);
    moves("Done");
    let mut again = Watching::start(&world.gateway.address, &board, &ana, Some(&told.id));
    let missed = again.next();
    let event = json!({ "type": "cardMoved", "card": "docs", "from": "doing", "to": "done" });
    assert_eq!(missed.data["events"], json!([event]));
    assert_ne!(missed.id, told.id);
    // A person with a program of their own.
    let rename = json!({ "type": "renameCard", "card": "docs", "title": "Docs" });
    world.does(&ana, "ana", &board, rename);
    assert_eq!(again.changes().data["events"][0]["type"], "cardEdited");
    let unknown = "00".repeat(32);
    let mut lost = Watching::start(&world.gateway.address, &board, &ana, Some(&unknown));
    let begin = lost.next();
    assert!(begin.data["detail"].as_str().unwrap().contains("not known here"), "{begin:?}");
}

#[test]
fn whoever_is_removed_while_they_watch_is_told_so_and_nothing_more() {
    let world = World::with_accounts(&[]);
    let (ana, ben) = (world.account("ana"), world.account("ben"));
    let board = world.board(Some(&ana), "ana");
    world.shares(&ana, &board, "ben", "reader");
    let mut watching = Watching::start(&world.gateway.address, &board, &ben, None);
    assert_eq!(watching.next().event, "begin");
    let remove = format!("DELETE /api/documents/{board}/members/ben");
    assert_eq!(world.relay.ask(&remove, Some(&ana), None).status, 204);
    let told = watching.next();
    assert_eq!((told.event.as_str(), &told.data["status"]), ("problem", &json!(404)));
}

#[test]
fn a_relay_that_knows_nobody_is_for_programs_of_this_machine() {
    let world = World::start(&[], &[]);
    let board = world.board(None, "ana");
    let read = world.gateway.ask(&format!("GET /boards/{board}/cards"), None, None);
    assert_eq!(read.status, 200, "{read:?}");
    let what = format!("POST /boards/{board}/cards?wait=saved");
    let added = world.gateway.ask(&what, None, Some(&card("Local")));
    assert_eq!((added.status, &added.body["saved"]), (201, &json!(true)));
    let rebound = ask(
        &world.gateway.address,
        &what,
        None,
        &["origin: https://evil.example"],
        Some(&card("x")),
    );
    assert_eq!(rebound.status, 401);
    let listen = ["--listen", "0.0.0.0:0"];
    let data = world.data.path().join("open");
    let open = support::gateway(&world.relay.address, data.to_str().unwrap(), &listen);
    let address = open.address.replace("0.0.0.0", "127.0.0.1");
    for token in [None, Some("anything")] {
        let answer = ask(&address, &format!("GET /boards/{board}/cards"), token, &[], None);
        assert_eq!((answer.status, answer.problem()), (401, "not-signed-in".into()));
    }
}

#[test]
fn a_gateway_that_is_asked_to_end_stores_all_and_a_second_one_keeps_out() {
    let mut world = World::with_accounts(&[]);
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let cards = format!("/boards/{board}/cards");
    assert_eq!(
        world.gateway.ask(&format!("POST {cards}"), Some(&ana), Some(&card("Kept"))).status,
        201
    );
    let program = env!("CARGO_BIN_EXE_kanban-gateway");
    let data = world.data.path().join("gateway");
    let second = std::process::Command::new(program)
        .args(["--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()])
        .output()
        .unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(
        !second.status.success() && said.contains("another gateway uses this directory"),
        "{said}"
    );
    let _watching = Watching::start(&world.gateway.address, &board, &ana, None);
    world.gateway.interrupt();
    world.gateway.restart();
    let read = world.gateway.ask(&format!("GET {cards}?q=kept"), Some(&ana), None);
    assert_eq!(read.body["cards"].as_array().map(Vec::len), Some(1));
}

#[test]
fn more_boards_than_may_be_open_take_turns_and_one_that_is_watched_stays() {
    let world = World::with_accounts(&["--max-boards", "1"]);
    let ana = world.account("ana");
    let (one, other) = (world.board(Some(&ana), "ana"), world.board(Some(&ana), "ana"));
    let show = |board: &str| world.gateway.ask(&format!("GET /boards/{board}"), Some(&ana), None);
    for board in [&one, &other, &one] {
        assert_eq!(show(board).status, 200);
    }
    let mut watching = Watching::start(&world.gateway.address, &one, &ana, None);
    assert_eq!(watching.next().event, "begin");
    let busy = show(&other);
    assert_eq!((busy.status, busy.problem()), (503, "unavailable".into()));
    assert_eq!(busy.header("retry-after"), Some("5"));
    assert_eq!(show(&one).status, 200);
}
