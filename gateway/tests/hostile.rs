//! What is sent by mistake, or on purpose.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use support::World;
use support::http::{ask, raw};

#[test]
fn what_cannot_be_meant_is_refused_in_words_that_say_what_to_do() {
    let world = World::with_accounts(&[]);
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let cards = format!("/boards/{board}/cards");
    let new = json!({ "title": "x", "column": "Done" });
    let with = |field: &str, value: Value| {
        let mut body = new.clone();
        body[field] = value;
        body
    };
    let add = format!("POST {cards}");
    let deep: Value =
        serde_json::from_str(&format!("{}1{}", "[".repeat(100), "]".repeat(100))).unwrap();
    let cases: [(&str, Value, u16, &str); 16] = [
        (&add, with("column", json!("Dome")), 422, "there are \"To do\", \"Doing\", \"Done\""),
        (&add, with("title", json!(7)), 422, "this is not it: invalid type"),
        (&add, with("titel", json!("x")), 422, "unknown field `titel`"),
        (&add, with("at", json!("middle")), 422, "unknown variant `middle`"),
        (&add, with("at", json!({ "before": "gone" })), 422, "nothing can go next to it"),
        (&add, with("id", json!("to do")), 422, "an id has 1 to 64 characters"),
        (&add, with("due", json!("tomorrow")), 422, "tomorrow"),
        (&add, with("title", json!("x".repeat(20_000))), 422, "16384"),
        (&add, deep, 422, "this is not it"),
        (&add, json!([]), 422, "this is not it"),
        (&format!("{add}?wait=long"), new.clone(), 422, "wait is a number of seconds"),
        (&format!("{add}?later=1"), new.clone(), 422, "unknown field `later`"),
        (&format!("{add}?access_token=x"), new.clone(), 422, "a token goes into the header"),
        (&format!("PATCH {cards}/gone"), json!({}), 404, "there is no card gone"),
        (
            &format!("POST /boards/{board}/commands"),
            json!({ "type": "fly" }),
            422,
            "unknown variant `fly`",
        ),
        ("POST /boards/mine/cards", new.clone(), 404, "this is no board"),
    ];
    for (what, body, status, words) in cases {
        let answer = world.gateway.ask(what, Some(&ana), Some(&body));
        assert_eq!(answer.status, status, "{what} {answer:?}");
        assert!(answer.text("detail").contains(words), "{what}: {answer:?}");
        assert!(
            !answer.problem().is_empty() && answer.head.len() + answer.text("detail").len() < 2000
        );
    }
    let left = world.gateway.ask(&format!("GET {cards}"), Some(&ana), None);
    assert_eq!(left.body["cards"].as_array().unwrap().len(), 1, "nothing was added");
}

#[test]
fn what_is_too_much_is_cut_off_and_the_gateway_goes_on() {
    let world = World::with_accounts(&[]);
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let address = &world.gateway.address;
    let what = format!("POST /boards/{board}/cards");
    let huge = vec![b' '; 6 * 1024 * 1024];
    let answer = raw(address, &what, Some(&ana), &[], &huge);
    assert_eq!((answer.status, answer.problem()), (413, "too-long".into()));
    let text = raw(address, &what, Some(&ana), &["content-type: text/plain"], b"");
    assert_eq!((text.status, text.problem()), (415, "not-json".into()));
    let bytes = raw(address, &what, Some(&ana), &[], b"\xff\xfe{");
    assert_eq!(bytes.status, 422);
    let long = format!("idempotency-key: {}", "k".repeat(300));
    assert_eq!(ask(address, &what, Some(&ana), &[&long], Some(&json!({}))).status, 422);
    // A head without an end.
    let mut socket = TcpStream::connect(address).unwrap();
    // It may be hung up on before it has said all.
    _ = socket.write_all(&vec![b'a'; 64 * 1024]);
    let mut said = Vec::new();
    _ = socket.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&said));
    assert_eq!(world.gateway.ask("DELETE /boards", Some(&ana), None).problem(), "no-such-method");
    assert_eq!(world.gateway.ask("GET /nothing", None, None).problem(), "not-found");
    assert_eq!(world.gateway.ask("GET /health", None, None).status, 200);
    let described = world.gateway.ask("GET /openapi.json", None, None);
    assert_eq!(described.body["openapi"], "3.1.0");
    assert_eq!(described.header("cache-control"), Some("no-store"));
}

#[test]
fn a_webhook_that_would_lead_inside_is_refused() {
    let world = World::with_accounts(&[]);
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let what = format!("POST /boards/{board}/webhooks");
    let answer = |body: Value| world.gateway.ask(&what, Some(&ana), Some(&body));
    for url in [
        "https://127.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://localhost/",
    ] {
        let refused = answer(json!({ "url": url }));
        assert!(refused.text("detail").contains("--allow-private-webhooks"), "{refused:?}");
    }
    for (body, words) in [
        (json!({ "url": "http://example.org/" }), "starts with https://"),
        (json!({ "url": "mailto:ana@example.org" }), "looks like https://example.org/hook"),
        (
            json!({ "url": "https://example.org/", "events": ["cardFlown"] }),
            "there is no event \"cardFlown\"",
        ),
        (json!({ "url": "https://example.org/", "secret": "short" }), "24 to 64 random bytes"),
    ] {
        let refused = answer(body);
        assert_eq!(refused.status, 422);
        assert!(refused.text("detail").contains(words), "{refused:?}");
    }
    // A name that leads inside is found out when it is looked up.
    let listed = world.gateway.ask(&format!("GET /boards/{board}/webhooks"), Some(&ana), None);
    assert_eq!(listed.body["webhooks"], json!([]));
}
