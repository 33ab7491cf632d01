//! Whose token is taken, what it opens, and when it ends.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::ReadDoc;
use common::{Knowing, PATIENCE, joins, now, writes};
use futures_util::{SinkExt, StreamExt};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use sync_protocol::{DocumentId, Handshake, Message, PeerId, PeerMetadata, decode};
use sync_server::config::parse;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::http::Request;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const OTHER: DocumentId = DocumentId::from_bytes([8; 16]);

fn key(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name)
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(key(name)).unwrap()
}

/// What an honest token says.
fn claims() -> Value {
    json!({ "sub": "ana", "aud": "boards", "exp": now() + 600 })
}

fn with(claim: &str, value: Value) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().insert(claim.to_owned(), value);
    claims
}

fn without(claim: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(claim);
    claims
}

fn signed(claims: &Value) -> String {
    let key = EncodingKey::from_ed_pem(&read("ed25519.pem")).unwrap();
    encode(&Header::new(Algorithm::EdDSA), claims, &key).unwrap()
}

fn of(document: DocumentId, role: &str) -> Value {
    with("documents", json!({ document.to_string(): role }))
}

/// How a connection that is not let in ends: the code, and what the last message says.
async fn refused(request: Request<()>) -> (u16, String) {
    let (mut socket, _) = connect_async(request).await.expect("the WebSocket opens all the same");
    let join = Handshake::new(PeerId::parse("ana").unwrap(), PeerMetadata::default());
    socket.send(Frame::Binary(join.join().into())).await.unwrap();
    let mut last = None;
    loop {
        match timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap() {
            Frame::Binary(frame) => last = Some(frame),
            Frame::Close(close) => {
                let Message::Error(refusal) = decode(&last.unwrap()).unwrap() else {
                    panic!("the last message is an error");
                };
                return (close.unwrap().code.into(), refusal.reason);
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_token_is_taken_as_a_header_a_cookie_or_a_protocol_and_in_the_address_if_it_is_scoped() {
    let relay = Knowing::with_key().await;
    let token = signed(&claims());
    let scoped = signed(&of(DOCUMENT, "editor"));
    let offer = format!("kanban, kanban.token.{token}");
    for (name, request) in [
        ("header", relay.bearing(&token)),
        ("cookie", relay.with_header("cookie", &format!("kanban_token={token}"))),
        ("protocol", relay.with_header("sec-websocket-protocol", &offer)),
        ("address", relay.in_address(&scoped)),
    ] {
        writes(&mut joins(request, name, DOCUMENT).await, name).await;
    }
    let (code, words) = refused(relay.in_address(&token)).await;
    assert_eq!(
        (code, words.as_str()),
        (4401, "a token in the address must say for which documents it is")
    );
}

#[tokio::test]
async fn whose_token_is_missing_forged_or_not_for_here_and_now_is_refused_in_words() {
    let relay = Knowing::with_key().await;
    let header = Header::new(Algorithm::EdDSA);
    let other = EncodingKey::from_ed_pem(&read("other.pem")).unwrap();
    let rsa = EncodingKey::from_rsa_pem(&read("rsa.pem")).unwrap();
    let public = EncodingKey::from_secret(&read("ed25519.pub.pem"));
    let honest = signed(&claims());
    let body = honest.split('.').nth(1).unwrap();
    // {"alg":"none","typ":"JWT"}
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}.");
    let (head, signature) = (honest.split('.').next().unwrap(), honest.split('.').nth(2).unwrap());
    let longer = signed(&with("exp", json!(now() + 9999)));
    let grafted = format!("{head}.{}.{signature}", longer.split('.').nth(1).unwrap());
    let is_invalid = "your token is not valid here";
    for (what, token, words) in [
        ("another key", encode(&header, &claims(), &other).unwrap(), is_invalid),
        (
            "another algorithm",
            encode(&Header::new(Algorithm::RS256), &claims(), &rsa).unwrap(),
            is_invalid,
        ),
        (
            "the public key as a secret",
            encode(&Header::new(Algorithm::HS256), &claims(), &public).unwrap(),
            is_invalid,
        ),
        ("no signature", none, is_invalid),
        ("another's signature", grafted, is_invalid),
        ("no token at all", "letmein".to_owned(), is_invalid),
        (
            "expired",
            signed(&with("exp", json!(now() - 60))),
            "your token has expired; sign in again",
        ),
        (
            "not yet",
            signed(&with("nbf", json!(now() + 60))),
            "your token is not valid yet; are the clocks right?",
        ),
        (
            "another audience",
            signed(&with("aud", json!("mail"))),
            "your token is for another service",
        ),
        ("no audience", signed(&without("aud")), "your token does not say aud"),
        ("no end", signed(&without("exp")), "your token does not say exp"),
        ("nobody", signed(&without("sub")), "your token does not say sub"),
        ("no such role", signed(&of(DOCUMENT, "king")), is_invalid),
        (
            "no such document",
            signed(&with("documents", json!({ "mine": "editor" }))),
            "your token names a document that cannot be one",
        ),
    ] {
        assert_eq!(refused(relay.bearing(&token)).await, (4401, words.to_owned()), "{what}");
    }
    let (code, words) = refused(relay.plain()).await;
    assert_eq!((code, words.as_str()), (4401, "sign in: the relay needs to know who you are"));
}

#[tokio::test]
async fn a_token_opens_what_it_names_and_as_what_it_says() {
    let relay = Knowing::with_key().await;
    let mut editor =
        joins(relay.bearing(&signed(&of(DOCUMENT, "editor"))), "editor", DOCUMENT).await;
    writes(&mut editor, "plan").await;
    let mut reader =
        joins(relay.bearing(&signed(&of(DOCUMENT, "reader"))), "reader", DOCUMENT).await;
    timeout(PATIENCE, reader.settles()).await.unwrap();
    assert_eq!(reader.document.get_heads(), editor.document.get_heads());
    let scribble = reader.edits("scribble", "anything");
    reader.speaks().await;
    writes(&mut editor, "more").await;
    let heads = editor.document.get_heads();
    while reader.document.get_change_by_hash(heads.first().unwrap()).is_none() {
        assert!(timeout(PATIENCE, reader.takes()).await.unwrap());
    }
    assert!(editor.document.get_change_by_hash(&scribble).is_none());
    // A document of somebody else's is none.
    let mut whole = joins(relay.bearing(&signed(&claims())), "whole", OTHER).await;
    writes(&mut whole, "secret").await;
    let mut curious =
        joins(relay.bearing(&signed(&of(DOCUMENT, "editor"))), "curious", OTHER).await;
    let answer = timeout(PATIENCE, curious.hears()).await.unwrap().unwrap();
    assert_eq!(decode(&answer).unwrap().kind(), "doc-unavailable");
}

#[tokio::test]
async fn a_connection_ends_with_its_token_and_keeps_what_it_sent_before() {
    let relay = Knowing::with_key().await;
    // Within the leeway for clocks, so that it ends soon.
    let short = signed(&with("exp", json!(now() - 8)));
    let mut ana = joins(relay.bearing(&short), "ana", DOCUMENT).await;
    let mut written = Vec::new();
    for number in 0.. {
        written.push(ana.edits("title", &format!("{number}")));
        ana.speaks().await;
        if !timeout(PATIENCE, ana.takes()).await.unwrap() {
            break;
        }
    }
    let acknowledged = ana.acknowledged();
    let mut again = joins(relay.bearing(&signed(&claims())), "again", DOCUMENT).await;
    timeout(PATIENCE, again.settles()).await.unwrap();
    for head in acknowledged {
        assert!(again.document.get_change_by_hash(&head).is_some());
    }
    assert!(written.len() > 1);
}

#[tokio::test]
async fn a_page_of_another_site_may_connect_only_if_it_is_listed() {
    let relay = Knowing::start(&["--origins", "https://boards.example"]).await;
    for origin in ["https://evil.example", "null", "http://boards.example"] {
        let (code, words) = refused(relay.with_header("origin", origin)).await;
        assert_eq!(code, 4403, "{words}");
        assert!(words.starts_with(&format!("pages of {origin} may not connect")), "{words}");
    }
    let own = format!("http://{}", relay.0);
    for origin in ["https://boards.example", &own] {
        let request = relay.with_header("origin", origin);
        writes(&mut joins(request, origin, DOCUMENT).await, origin).await;
    }
}

#[test]
fn what_would_let_anybody_in_by_accident_is_refused_before_it_listens() {
    for (options, words) in [
        (&["--listen", "0.0.0.0:3030"][..], "on 0.0.0.0:3030 everybody who reaches it could read"),
        (&["--listen", "[::]:3030", "--auth", "open"], "on [::]:3030 everybody"),
        (&["--auth", "jwt", "--jwt-audience", "a"], "--auth jwt needs a key"),
        (&["--auth", "jwt", "--jwt-key", "a", "--jwt-keys", "b"], "--auth jwt needs a key"),
        (&["--auth", "jwt", "--jwt-key", "a"], "--auth jwt needs --jwt-audience"),
    ] {
        let error = parse(options.iter().map(Into::into)).unwrap_err().to_string();
        assert!(error.starts_with(words), "{error}");
    }
    let public = ["--listen", "0.0.0.0:3030", "--public"];
    assert!(parse(public.iter().map(Into::into)).is_ok());
}
