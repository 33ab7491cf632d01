//! Accounts that are looked after from the shell, of a relay that serves and of one that does not.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Knowing, Relay, joins, run, writes};
use serde_json::json;
use std::path::Path;
use sync_protocol::DocumentId;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const OPTIONS: [&str; 2] = ["--auth", "accounts"];

/// Runs a command for a data directory; what it says, and whether it went well.
fn does(data: &Path, words: &[&str]) -> (bool, String) {
    let arguments = [words, &["--data", data.to_str().unwrap()]].concat();
    let (succeeded, output, error) = run(&arguments);
    (succeeded, if succeeded { output } else { error }.trim().to_owned())
}

/// The word behind another.
fn after(text: &str, word: &str) -> String {
    text.split_once(word).unwrap().1.split_whitespace().next().unwrap().to_owned()
}

async fn signs_in(relay: &Knowing, name: &str, password: &str) -> common::Answer {
    let body = json!({ "name": name, "password": password, "token": true });
    relay.asks("POST /api/sessions", &[], Some(&body)).await
}

#[tokio::test]
async fn the_first_account_is_made_in_the_shell_and_invites_the_others() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let (_, made) = does(data, &["user", "add", "Ana"]);
    assert!(made.starts_with("ana, an administrator as the first one, signs in with"), "{made}");
    let password = after(&made, "password");
    let process = Relay::start_with(data, "127.0.0.1:0", &OPTIONS);
    let relay = Knowing(process.address().parse().unwrap());
    let ana = signs_in(&relay, "ana", &password).await.text("token");
    let invitation = relay.asks_as(&ana, "POST /api/invitations", Some(&json!({}))).await;
    let mut ben = json!({
        "name": "ben", "password": "correct horse", "invitation": invitation.text("invitation"),
    });
    assert_eq!(relay.asks("POST /api/users", &[], Some(&ben)).await.status, 201);
    ben["name"] = "eve".into();
    let used = relay.asks("POST /api/users", &[], Some(&ben)).await;
    assert_eq!(used.problem(), "not-found", "an invitation is for one");
    // From the shell too, while the relay serves.
    let (_, said) = does(data, &["user", "invite"]);
    ben["invitation"] = said.split_whitespace().last().unwrap().into();
    assert_eq!(relay.asks("POST /api/users", &[], Some(&ben)).await.status, 201);
    let (_, listed) = does(data, &["user", "list"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines[0], "ana  0 documents  1 sessions  administrator");
    assert_eq!(lines.len(), 3, "{listed}");
}

#[tokio::test]
async fn what_the_shell_says_holds_at_once_and_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let password = after(&does(data, &["user", "add", "ana"]).1, "password");
    does(data, &["user", "add", "ben"]);
    let mut process = Relay::start_with(data, "127.0.0.1:0", &OPTIONS);
    let relay = Knowing(process.address().parse().unwrap());
    let token = signs_in(&relay, "ana", &password).await.text("token");
    let mut ana = joins(relay.bearing(&token), "ana", DOCUMENT).await;
    ana.hears_that_it_is_unavailable().await;
    writes(&mut ana, "title").await;
    // What was stored while nobody was known is nobody's, and can be given to somebody.
    let id = DOCUMENT.to_string();
    assert_eq!(does(data, &["give", &id, "ben"]), (true, format!("ben owns automerge:{id}")));
    process.kill();
    process.restart();
    let relay = Knowing(process.address().parse().unwrap());
    let documents = relay.asks_as(&token, "GET /api/documents", None).await;
    assert_eq!(documents.body["documents"][0]["members"], 2, "{documents:?}");
    let mut ana = joins(relay.bearing(&token), "ana-again", DOCUMENT).await;
    writes(&mut ana, "more").await;
    let (_, said) = does(data, &["user", "password", "ana"]);
    assert_eq!(ana.is_closed().await.0, 4401, "signed out everywhere");
    assert_eq!(relay.asks_as(&token, "GET /api/me", None).await.status, 401);
    assert_eq!(signs_in(&relay, "ana", &after(&said, "password")).await.status, 201);
    assert_eq!(signs_in(&relay, "ana", &password).await.problem(), "wrong-password");
}

#[tokio::test]
async fn a_backup_holds_who_may_do_what() {
    let directory = tempfile::tempdir().unwrap();
    let (data, backup) = (directory.path().join("data"), directory.path().join("backup"));
    let password = after(&does(&data, &["user", "add", "ana"]).1, "password");
    let process = Relay::start_with(&data, "127.0.0.1:0", &OPTIONS);
    let relay = Knowing(process.address().parse().unwrap());
    let token = signs_in(&relay, "ana", &password).await.text("token");
    let mut ana = joins(relay.bearing(&token), "ana", DOCUMENT).await;
    ana.hears_that_it_is_unavailable().await;
    writes(&mut ana, "title").await;
    let (succeeded, said) = does(&data, &["backup", backup.to_str().unwrap()]);
    assert!(succeeded, "{said}");
    assert_eq!(does(&backup, &["verify"]), (true, "1 documents with 1 changes are whole".into()));
    drop(process);
    let process = Relay::start_with(&backup, "127.0.0.1:0", &OPTIONS);
    let relay = Knowing(process.address().parse().unwrap());
    let mut again = joins(relay.bearing(&token), "again", DOCUMENT).await;
    again.settles().await;
    assert_eq!(again.document.get_heads(), ana.document.get_heads());
}

#[test]
fn what_cannot_be_done_is_said_in_words() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    does(data, &["user", "add", "ana"]);
    for (words, said) in [
        (&["user", "add", "ana"][..], "there is, or was, an account named ana"),
        (&["user", "add", "a b"], "a name has 2 to 32 letters"),
        (&["user", "password", "ben"], "there is no such account; sync-server user list"),
        (&["user", "admin", "ana", "no"], "there must be another administrator first"),
        (&["user"], "user takes list, add NAME"),
        (&["give", "mine", "ana"], "\"mine\" is no document"),
        (&["give", "4NMNnkMhL8jXrdJ9jamS58PAVdXu", "ana"], "there is no such document"),
    ] {
        let (succeeded, output) = does(data, words);
        assert!(!succeeded && output.contains(said), "{words:?}: {output}");
    }
    assert_eq!(does(data, &["user", "delete", "ana"]), (true, "the account ana is deleted".into()));
    assert!(does(data, &["user", "list"]).1.starts_with("there are no accounts"));
}

#[tokio::test]
async fn what_is_imported_is_nobodys_until_it_is_given_to_somebody() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file) = (directory.path().join("data"), directory.path().join("a.automerge"));
    let password = after(&does(&data, &["user", "add", "ana"]).1, "password");
    let mut whole = automerge::Automerge::new();
    let mut transaction = whole.transaction();
    automerge::transaction::Transactable::put(&mut transaction, automerge::ROOT, "a", 1).unwrap();
    transaction.commit();
    std::fs::write(&file, whole.save()).unwrap();
    let process = Relay::start_with(&data, "127.0.0.1:0", &OPTIONS);
    let relay = Knowing(process.address().parse().unwrap());
    let token = signs_in(&relay, "ana", &password).await.text("token");
    let (_, said) = does(&data, &["import", file.to_str().unwrap()]);
    let id: DocumentId = said.rsplit("automerge:").next().unwrap().parse().unwrap();
    // Whoever has heard its address brings something under it.
    let mut ana = joins(relay.bearing(&token), "ana", id).await;
    ana.hears_that_it_is_unavailable().await;
    ana.edits("title", "mine");
    ana.speaks().await;
    ana.hears_that_it_is_unavailable().await;
    assert!(does(&data, &["give", &id.to_string(), "ana"]).0);
    let mut again = joins(relay.bearing(&token), "again", id).await;
    again.settles().await;
    assert_eq!(again.document.get_heads(), whole.get_heads());
}

#[test]
fn rights_that_a_newer_version_wrote_are_not_forgotten_by_this_one() {
    use sync_server::store::{SledStore, Store};
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path()).unwrap();
    store.write_records(&[(b"z of tomorrow".to_vec(), Some(b"{}".to_vec()))]).unwrap();
    drop(store);
    let (succeeded, said) = does(directory.path(), &["user", "list"]);
    assert!(!succeeded && said.contains("was written by a newer version"), "{said}");
}
