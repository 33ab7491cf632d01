//! What must not end up in a log, however much is logged.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Knowing, Relay, joins, writes};
use serde_json::json;
use sync_protocol::DocumentId;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const PASSWORD: &str = "hunter2-hunter2";
/// What is written into a document.
const SECRET: &str = "the-takeover-of-acme";

#[tokio::test]
async fn neither_passwords_nor_tokens_nor_contents_are_logged() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let options = ["--auth", "accounts", "--sign-up", "everybody"];
    let mut process = Relay::start_logging(&directory.path().join("data"), &options, &log);
    let relay = Knowing(process.address().parse().unwrap());
    let new = json!({ "name": "ana", "password": PASSWORD });
    assert_eq!(relay.asks("POST /api/users", &[], Some(&new)).await.status, 201);
    let ana = json!({ "name": "ana", "password": PASSWORD, "token": true });
    let token = relay.asks("POST /api/sessions", &[], Some(&ana)).await.text("token");
    let wrong = json!({ "name": "ana", "password": "wrong-but-near", "token": true });
    assert_eq!(relay.asks("POST /api/sessions", &[], Some(&wrong)).await.status, 403);
    let mut writer = joins(relay.bearing(&token), "ana", DOCUMENT).await;
    writes(&mut writer, SECRET).await;
    let links = format!("POST /api/documents/{DOCUMENT}/links");
    let body = json!({ "role": "reader", "expires_in": 3600 });
    let link = relay.asks_as(&token, &links, Some(&body)).await.text("token");
    let reader = joins(relay.in_address(&link), "ben", DOCUMENT).await;
    // A session is no token for addresses, and a made-up one is none at all.
    joins(relay.in_address(&token), "eve", DOCUMENT).await.is_closed().await;
    joins(relay.bearing("made-up-token"), "eve", DOCUMENT).await.is_closed().await;
    drop((writer, reader));
    process.interrupt();
    assert!(process.wait().success());
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("joined") && log.contains("gone"), "there is something to look at");
    for secret in [PASSWORD, "wrong-but-near", &token, &link, "made-up-token", SECRET, "$argon2id"]
    {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
