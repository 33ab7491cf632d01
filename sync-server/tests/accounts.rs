//! Accounts of the relay's own: how they come, sign in, change and go.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Answer, Knowing};
use serde_json::json;

const PASSWORD: &str = "correct horse";

/// A relay where everybody may make an account.
async fn relay() -> Knowing {
    Knowing::start(&["--auth", "accounts", "--sign-up", "everybody"]).await
}

async fn signs_up(relay: &Knowing, name: &str) -> Answer {
    let body = json!({ "name": name, "password": PASSWORD });
    relay.asks("POST /api/users", &[], Some(&body)).await
}

async fn signs_in(relay: &Knowing, name: &str, password: &str) -> Answer {
    let body = json!({ "name": name, "password": password, "token": true });
    relay.asks("POST /api/sessions", &["user-agent: a test".to_owned()], Some(&body)).await
}

/// The token of a new account.
async fn account(relay: &Knowing, name: &str) -> String {
    assert_eq!(signs_up(relay, name).await.status, 201);
    signs_in(relay, name, PASSWORD).await.text("token")
}

#[tokio::test]
async fn somebody_signs_up_in_and_out_and_is_then_nobody() {
    let relay = relay().await;
    let token = account(&relay, "ana").await;
    let me = relay.asks_as(&token, "GET /api/me", None).await;
    assert_eq!((me.status, me.text("name").as_str()), (200, "ana"));
    let sessions = relay.asks_as(&token, "GET /api/sessions", None).await;
    assert_eq!(sessions.body["sessions"][0]["device"], "a test");
    assert_eq!(sessions.body["sessions"][0]["used_at"], sessions.body["sessions"][0]["created_at"]);
    assert_eq!(relay.asks_as(&token, "DELETE /api/sessions/current", None).await.status, 204);
    let me = relay.asks_as(&token, "GET /api/me", None).await;
    assert_eq!((me.status, me.problem().as_str()), (401, "not-signed-in"));
    assert_eq!(me.header("www-authenticate"), Some("Bearer"));
    assert_eq!(me.header("content-type"), Some("application/problem+json"));
    assert_eq!(me.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_browser_gets_a_cookie_that_no_script_reads_and_no_other_page_uses() {
    let relay = relay().await;
    signs_up(&relay, "ana").await;
    let body = json!({ "name": "Ana", "password": PASSWORD });
    let signed_in = relay.asks("POST /api/sessions", &[], Some(&body)).await;
    assert!(signed_in.body.get("token").is_none());
    let cookie = signed_in.header("set-cookie").unwrap().to_owned();
    for part in ["kanban_session=", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age=2592000"]
    {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = format!("cookie: {}", cookie.split(';').next().unwrap());
    let with = |more: &str| [cookie.clone(), more.to_owned()];
    assert_eq!(relay.asks("GET /api/me", &with("accept: */*"), None).await.status, 200);
    let new = json!({ "title": "Plan" });
    let evil = with("origin: https://evil.example");
    let elsewhere = relay.asks("POST /api/documents", &evil, Some(&new)).await;
    assert_eq!(elsewhere.problem(), "forbidden");
    let own = format!("origin: http://{}", relay.0);
    assert_eq!(relay.asks("POST /api/documents", &with(&own), Some(&new)).await.status, 201);
    // A form of another page can send a body, but not as JSON.
    let form = with("content-type: text/plain\r\ncontent-length: 2");
    let sent = relay.asks("POST /api/documents", &form, None).await;
    assert_eq!((sent.status, sent.problem().as_str()), (415, "not-json"));
}

#[tokio::test]
async fn over_tls_the_cookie_is_secure_and_bound_to_the_host() {
    let options = ["--auth", "accounts", "--sign-up", "everybody", "--proxy", "127.0.0.1"];
    let relay = Knowing::start(&options).await;
    signs_up(&relay, "ana").await;
    let body = json!({ "name": "ana", "password": PASSWORD });
    let headers = ["x-forwarded-proto: https".to_owned(), "x-forwarded-for: 10.0.0.1".to_owned()];
    let signed_in = relay.asks("POST /api/sessions", &headers, Some(&body)).await;
    let cookie = signed_in.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-kanban_session=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn nobody_learns_which_names_there_are_and_nobody_tries_passwords_for_long() {
    let relay = relay().await;
    signs_up(&relay, "ana").await;
    let wrong = signs_in(&relay, "ana", "wrong horse").await;
    let nobody = signs_in(&relay, "nobody", "wrong horse").await;
    assert_eq!((wrong.status, &wrong.body), (nobody.status, &nobody.body));
    assert_eq!(wrong.problem(), "wrong-password");
    // Ten at once; one more for each half minute that the tries take here.
    let mut last = wrong;
    while last.status == 403 {
        last = signs_in(&relay, "ana", "wrong horse").await;
    }
    assert_eq!((last.status, last.problem().as_str()), (429, "too-often"));
    assert!(last.header("retry-after").is_some());
    // Not even with the right one; somebody else is not affected.
    assert_eq!(signs_in(&relay, "ana", PASSWORD).await.status, 429);
    assert_eq!(signs_in(&relay, "nobody", PASSWORD).await.status, 403);
}

#[tokio::test]
async fn a_name_is_had_once_and_what_cannot_be_a_name_or_password_is_refused_in_words() {
    let relay = relay().await;
    assert_eq!(signs_up(&relay, "ana").await.status, 201);
    assert_eq!(signs_up(&relay, "Ana").await.problem(), "conflict");
    assert_eq!(signs_up(&relay, "a b").await.problem(), "invalid");
    for body in [
        json!({ "name": "ben", "password": "short" }),
        json!({ "name": "ben", "password": "x".repeat(2000) }),
        json!({ "name": "ben" }),
        json!({ "name": "ben", "password": PASSWORD, "admin": true }),
        json!([]),
    ] {
        let answer = relay.asks("POST /api/users", &[], Some(&body)).await;
        assert_eq!((answer.status, answer.problem().as_str()), (422, "invalid"), "{body}");
    }
    let long = json!({ "name": "x".repeat(100_000), "password": PASSWORD });
    let answer = relay.asks("POST /api/users", &[], Some(&long)).await;
    assert_eq!((answer.status, answer.problem().as_str()), (413, "too-long"));
}

#[tokio::test]
async fn a_new_password_signs_out_everywhere_else() {
    let relay = relay().await;
    let here = account(&relay, "ana").await;
    let there = signs_in(&relay, "ana", PASSWORD).await.text("token");
    let change = |current: &str| json!({ "current": current, "new": "battery staple" });
    let wrong = relay.asks_as(&here, "PUT /api/me/password", Some(&change("wrong"))).await;
    assert_eq!(wrong.problem(), "wrong-password");
    let right = relay.asks_as(&here, "PUT /api/me/password", Some(&change(PASSWORD))).await;
    assert_eq!(right.status, 204);
    assert_eq!(relay.asks_as(&here, "GET /api/me", None).await.status, 200);
    assert_eq!(relay.asks_as(&there, "GET /api/me", None).await.status, 401);
    assert_eq!(signs_in(&relay, "ana", PASSWORD).await.problem(), "wrong-password");
    assert_eq!(signs_in(&relay, "ana", "battery staple").await.status, 201);
}

#[tokio::test]
async fn without_an_invitation_nobody_makes_an_account_unless_everybody_may() {
    let relay = Knowing::start(&["--auth", "accounts"]).await;
    assert_eq!(signs_up(&relay, "ana").await.problem(), "forbidden");
    let body = json!({ "name": "ana", "password": PASSWORD, "invitation": "a".repeat(43) });
    assert_eq!(relay.asks("POST /api/users", &[], Some(&body)).await.problem(), "not-found");
}

#[tokio::test]
async fn who_deletes_an_account_leaves_no_document_of_others_without_an_owner() {
    let relay = relay().await;
    let ana = account(&relay, "ana").await;
    let _ben = account(&relay, "ben").await;
    let plan = relay.asks_as(&ana, "POST /api/documents", Some(&json!({ "title": "Plan" }))).await;
    let alone = relay.asks_as(&ana, "POST /api/documents", Some(&json!({}))).await;
    let ben = format!("PUT /api/documents/{}/members/ben", plan.text("id"));
    assert_eq!(relay.asks_as(&ana, &ben, Some(&json!({ "role": "editor" }))).await.status, 204);
    let leave = |heir: Option<&str>| json!({ "password": PASSWORD, "heir": heir });
    let left = relay.asks_as(&ana, "DELETE /api/me", Some(&leave(None))).await;
    assert_eq!(left.problem(), "conflict");
    let export = relay.asks_as(&ana, "GET /api/me/export", None).await;
    assert_eq!(export.body["documents"].as_array().unwrap().len(), 2);
    let left = relay.asks_as(&ana, "DELETE /api/me", Some(&leave(Some("ben")))).await;
    assert_eq!(left.status, 204);
    assert_eq!(relay.asks_as(&ana, "GET /api/me", None).await.status, 401);
    let ben = signs_in(&relay, "ben", PASSWORD).await.text("token");
    let documents = relay.asks_as(&ben, "GET /api/documents", None).await;
    let roles: Vec<_> = documents.body["documents"].as_array().unwrap().iter().collect();
    assert_eq!(roles.len(), 2, "whoever is named as the heir gets all of them");
    assert!(roles.iter().all(|document| document["role"] == "owner"));
    drop(alone);
    // What is written under the name stays that person's.
    assert_eq!(signs_up(&relay, "Ana").await.problem(), "conflict");
}

#[tokio::test]
async fn pages_of_other_hosts_read_answers_only_if_they_may_connect() {
    let options = ["--auth", "accounts", "--origins", "https://app.example"];
    let relay = Knowing::start(&options).await;
    let from = |origin: &str| {
        let asks = "access-control-request-method: DELETE".to_owned();
        let shows = "access-control-request-headers: authorization".to_owned();
        [format!("origin: {origin}"), asks, shows]
    };
    let allowed = relay.asks("OPTIONS /api/me", &from("https://app.example"), None).await;
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://app.example"));
    assert!(allowed.header("access-control-allow-methods").unwrap().contains("DELETE"));
    assert!(allowed.header("access-control-allow-headers").unwrap().contains("authorization"));
    let read = relay.asks("GET /api/me", &from("https://app.example"), None).await;
    assert_eq!(read.header("access-control-allow-origin"), Some("https://app.example"));
    // Cookies stay at home.
    assert_eq!(read.header("access-control-allow-credentials"), None);
    for origin in ["https://evil.example", "https://app.example.evil.example", "null"] {
        for what in ["OPTIONS /api/me", "GET /api/me"] {
            let refused = relay.asks(what, &from(origin), None).await;
            assert_eq!(refused.header("access-control-allow-origin"), None, "{what} {origin}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_says_so_and_the_description_is_for_everybody() {
    let relay = relay().await;
    let nothing = relay.asks("GET /api/nothing", &[], None).await;
    assert_eq!((nothing.status, nothing.problem().as_str()), (404, "not-found"));
    let wrong = relay.asks("PATCH /api/me", &[], None).await;
    assert_eq!((wrong.status, wrong.problem().as_str()), (405, "no-such-method"));
    let described = relay.asks("GET /api/openapi.json", &[], None).await;
    assert_eq!(described.text("openapi"), "3.1.0");
    let open = Knowing::start(&[]).await;
    assert_eq!(open.asks("GET /api/me", &[], None).await.problem(), "no-accounts");
}
