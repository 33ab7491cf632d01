//! Webhooks, from the change on a board to whoever receives it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use kanban_gateway::hook::Secret;
use serde_json::{Value, json};
use support::World;
use support::receiver::Receiver;

/// Receivers are on this machine, and nobody waits for five seconds.
const OPTIONS: [&str; 3] = ["--allow-private-webhooks", "--webhook-retry", "20ms"];

/// A webhook of ana's, for moves; its id and secret.
fn moves_go_to(world: &World, token: &str, board: &str, receiver: &Receiver) -> (String, String) {
    let body = json!({ "url": receiver.url(), "events": ["cardMoved"] });
    let made =
        world.gateway.ask(&format!("POST /boards/{board}/webhooks"), Some(token), Some(&body));
    assert_eq!(made.status, 201, "{made:?}");
    (made.body["webhook"]["id"].as_str().unwrap().to_owned(), made.text("secret"))
}

fn moves(world: &World, token: &str, board: &str, to: &str) {
    let what = format!("POST /boards/{board}/cards/docs/move");
    let moved = world.gateway.ask(&what, Some(token), Some(&json!({ "column": to })));
    assert_eq!(moved.status, 200, "{moved:?}");
}

fn listed(world: &World, token: &str, board: &str) -> Value {
    let listed = world.gateway.ask(&format!("GET /boards/{board}/webhooks"), Some(token), None);
    listed.body["webhooks"][0].clone()
}

/// The column that a delivery says the card went to.
fn to(body: &Value) -> &str {
    body["events"].as_array().unwrap().last().unwrap()["to"].as_str().unwrap()
}

#[test]
fn a_delivery_is_signed_tried_again_until_it_is_taken_and_the_next_waits_for_it() {
    let world = World::with_accounts(&OPTIONS);
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let receiver = Receiver::start(500);
    let (_, secret) = moves_go_to(&world, &ana, &board, &receiver);
    moves(&world, &ana, &board, "Doing");
    let first = receiver.next();
    // Redirects are not followed, so they are failures too.
    receiver.answers(307);
    let second = receiver.next();
    receiver.answers(503);
    let mut third = receiver.next();
    while third.status != 503 {
        third = receiver.next();
    }
    moves(&world, &ana, &board, "Done");
    receiver.answers(204);
    let fourth = receiver.next_taken();
    let fifth = receiver.next();
    assert_eq!((first.status, second.header("webhook-id")), (500, first.header("webhook-id")));
    for again in [&second, &third, &fourth] {
        assert_eq!(
            (again.header("webhook-id"), &again.text),
            (first.header("webhook-id"), &first.text)
        );
    }
    assert_eq!((to(&fourth.body), to(&fifth.body)), ("doing", "done"));
    assert_ne!(fifth.header("webhook-id"), fourth.header("webhook-id"));
    assert_eq!(fourth.body["cards"]["docs"]["title"], "Write docs");
    let secret = Secret::parse(&secret).unwrap();
    for delivery in [first, fifth] {
        let at = delivery.header("webhook-timestamp").parse().unwrap();
        let signature = secret.sign(delivery.header("webhook-id"), at, &delivery.text);
        assert_eq!(delivery.header("webhook-signature"), signature);
        assert_eq!(delivery.header("content-type"), "application/json");
    }
}

#[test]
fn what_waits_survives_kill_and_what_happened_meanwhile_is_told_too() {
    let mut world = World::with_accounts(&OPTIONS);
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let receiver = Receiver::start(500);
    moves_go_to(&world, &ana, &board, &receiver);
    moves(&world, &ana, &board, "Doing");
    let failed = receiver.next();
    world.gateway.kill();
    let done = json!({ "type": "moveCard", "card": "docs", "column": "done", "to": "last" });
    world.does(&ana, "ana", &board, done);
    receiver.answers(200);
    world.gateway.restart();
    let pending = receiver.next_taken();
    assert_eq!(pending.header("webhook-id"), failed.header("webhook-id"));
    assert_eq!(pending.text, failed.text);
    let meanwhile = receiver.next_taken();
    assert_eq!((to(&pending.body), to(&meanwhile.body)), ("doing", "done"));
}

#[test]
fn a_webhook_that_fails_for_too_long_says_so_in_the_list_and_goes_on_when_it_is_told() {
    let world = World::with_accounts(&[&OPTIONS[..], &["--webhook-give-up", "100ms"]].concat());
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let receiver = Receiver::start(500);
    let (id, _) = moves_go_to(&world, &ana, &board, &receiver);
    moves(&world, &ana, &board, "Doing");
    let end = std::time::Instant::now() + support::PATIENCE;
    let mut shown = listed(&world, &ana, &board);
    while shown["enabled"] == true && std::time::Instant::now() < end {
        shown = listed(&world, &ana, &board);
    }
    assert_eq!((&shown["enabled"], &shown["waiting"]), (&json!(false), &json!(1)), "{shown}");
    let why = shown["disabledBecause"].as_str().unwrap();
    assert!(why.contains("the receiver answered 500") && why.contains("enabled"), "{why}");
    receiver.answers(200);
    let what = format!("PATCH /boards/{board}/webhooks/{id}");
    let enabled = world.gateway.ask(&what, Some(&ana), Some(&json!({ "enabled": true })));
    assert_eq!(enabled.body["enabled"], true, "{enabled:?}");
    assert_eq!(to(&receiver.next_taken().body), "doing");
    let what = format!("DELETE /boards/{board}/webhooks/{id}");
    assert_eq!(world.gateway.ask(&what, Some(&ana), None).status, 204);
    assert_eq!(listed(&world, &ana, &board), Value::Null);
}

#[test]
fn a_webhook_is_its_owner_s_and_ends_with_their_right_to_look() {
    let world = World::with_accounts(&OPTIONS);
    let (ana, ben) = (world.account("ana"), world.account("ben"));
    let board = world.board(Some(&ana), "ana");
    world.shares(&ana, &board, "ben", "reader");
    let (bens, anas) = (Receiver::start(200), Receiver::start(200));
    let (id, _) = moves_go_to(&world, &ben, &board, &bens);
    moves_go_to(&world, &ana, &board, &anas);
    let what = format!("DELETE /boards/{board}/webhooks/{id}");
    assert_eq!(world.gateway.ask(&what, Some(&ana), None).status, 404);
    moves(&world, &ana, &board, "Doing");
    assert_eq!((to(&bens.next().body), to(&anas.next().body)), ("doing", "doing"));
    let remove = format!("DELETE /api/documents/{board}/members/ben");
    assert_eq!(world.relay.ask(&remove, Some(&ana), None).status, 204);
    moves(&world, &ana, &board, "Done");
    assert_eq!(to(&anas.next().body), "done");
    world.shares(&ana, &board, "ben", "reader");
    // What ben gets next is what happened after he was let in again and said so.
    let enable = format!("PATCH /boards/{board}/webhooks/{id}");
    let body = json!({ "enabled": true });
    let answers = || world.gateway.ask(&enable, Some(&ben), Some(&body)).status;
    let end = std::time::Instant::now() + support::PATIENCE;
    let found = std::iter::repeat_with(answers)
        .find(|status| *status != 404 || std::time::Instant::now() > end);
    assert_eq!(found, Some(200));
    assert_eq!(to(&bens.next().body), "done");
}

#[test]
fn a_token_that_ended_is_replaced_by_the_next_one_that_its_owner_shows() {
    let world = World::with_accounts(&OPTIONS);
    let ana = world.account("ana");
    let board = world.board(Some(&ana), "ana");
    let receiver = Receiver::start(200);
    moves_go_to(&world, &ana, &board, &receiver);
    let ended = world.relay.ask("DELETE /api/sessions/current", Some(&ana), None);
    assert_eq!(ended.status, 204);
    let again = world.signs_in("ana");
    moves(&world, &again, &board, "Doing");
    assert_eq!(to(&receiver.next().body), "doing");
    // No token is told to anybody, nor the secret.
    let shown = listed(&world, &again, &board).to_string();
    assert!(!shown.contains(&again) && !shown.contains("whsec_"), "{shown}");
}
