//! Every way to show who one is, with everything that one can ask for, before and after that ends or
//! becomes less: each cell with a relay of its own, so that none hides another.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use automerge::ReadDoc;
use common::{
    Knowing, PATIENCE, Peer, claiming, claims_of, joins, now, signed, signed_with, unsigned, writes,
};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use sync_protocol::{DocumentId, Ephemeral, Message, PeerId, SessionId, decode, encode};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message as Frame;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);
const OTHER: DocumentId = DocumentId::from_bytes([8; 16]);

/// What somebody is to the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Is {
    /// Nobody that the relay knows.
    Unknown,
    Nobody,
    Reader,
    Editor,
    Owner,
}

/// Whoever asks: what they are called, and what the document's owner made them.
const CREDENTIALS: [(&str, Is); 11] = [
    ("none", Is::Unknown),
    ("bad signature", Is::Unknown),
    ("alg none", Is::Unknown),
    ("wrong audience", Is::Unknown),
    ("expired", Is::Unknown),
    ("not yet valid", Is::Unknown),
    ("revoked", Is::Unknown),
    ("reader", Is::Reader),
    ("editor", Is::Editor),
    ("owner", Is::Owner),
    ("another document's owner", Is::Nobody),
];

/// When they ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    AfterExpiry,
    AfterDowngrade,
}

const TIMES: [When; 3] = [When::Before, When::AfterExpiry, When::AfterDowngrade];

/// Somebody who is one less than before.
fn less(is: Is) -> Is {
    match is {
        Is::Owner => Is::Editor,
        Is::Editor => Is::Reader,
        Is::Reader => Is::Nobody,
        Is::Nobody | Is::Unknown => is,
    }
}

/// The owner of the document who stays out of the test: it is theirs to make others less.
const KEEPER: &str = "keeper";

fn subject(credential: &str) -> String {
    credential.replace([' ', '\''], "-")
}

/// What they show.
fn token(credential: &str) -> Option<String> {
    let name = subject(credential);
    let claims = claims_of(&name);
    Some(match credential {
        "none" => return None,
        "bad signature" => signed_with("other.pem", &claims),
        "alg none" => unsigned(&claims),
        "wrong audience" => signed(&claiming(&name, "aud", json!("mail"))),
        "expired" => signed(&claiming(&name, "exp", json!(now() - 60))),
        "not yet valid" => signed(&claiming(&name, "nbf", json!(now() + 60))),
        // From before they signed out everywhere.
        "revoked" => signed(&claiming(&name, "iat", json!(now() - 60))),
        _ => signed(&claims),
    })
}

/// Tokens are taken so many seconds longer, for clocks that differ.
const LEEWAY: u64 = 10;

/// A token of them that ends so soon after it says.
fn ending(credential: &str, end: u64) -> Option<String> {
    let end = json!(end - LEEWAY);
    let name = subject(credential);
    match credential {
        "reader" | "editor" | "owner" | "another document's owner" => {
            Some(signed(&claiming(&name, "exp", end)))
        }
        _ => token(credential),
    }
}

struct Scene {
    relay: Knowing,
    keeper: Peer,
}

/// A relay with a document, and somebody who is something to it.
async fn scene(credential: &str, is: Is) -> Scene {
    let relay = Knowing::with_key().await;
    let keepers = signed(&claims_of(KEEPER));
    let mut keeper = joins(relay.bearing(&keepers), KEEPER, DOCUMENT).await;
    keeper.hears_that_it_is_unavailable().await;
    writes(&mut keeper, "title").await;
    let name = subject(credential);
    let honest = signed(&claims_of(&name));
    assert_eq!(relay.asks_as(&honest, "GET /api/me", None).await.status, 200);
    let theirs = json!({ "id": OTHER.to_string() });
    assert_eq!(relay.asks_as(&honest, "POST /api/documents", Some(&theirs)).await.status, 201);
    let scene = Scene { relay, keeper };
    // Whoever has a token that does not hold would be an owner with one that does.
    scene.make(&name, if is == Is::Unknown { Is::Owner } else { is }).await;
    if credential == "revoked" {
        let gone = scene.relay.asks_as(&honest, "DELETE /api/sessions", None).await;
        assert_eq!(gone.status, 204);
    }
    scene
}

impl Scene {
    /// The keeper says what somebody is.
    async fn make(&self, name: &str, is: Is) {
        let keepers = signed(&claims_of(KEEPER));
        let member = format!("/api/documents/{DOCUMENT}/members/{name}");
        let (what, role) = match is {
            Is::Unknown | Is::Nobody => (format!("DELETE {member}"), None),
            Is::Reader => (format!("PUT {member}"), Some(json!({ "role": "reader" }))),
            Is::Editor => (format!("PUT {member}"), Some(json!({ "role": "editor" }))),
            Is::Owner => (format!("PUT {member}"), Some(json!({ "role": "owner" }))),
        };
        let made = self.relay.asks_as(&keepers, &what, role.as_ref()).await.status;
        assert!(made == 204 || (made == 404 && is == Is::Nobody), "{made}");
    }
}

/// What the last argument of a path stands for here, and what is sent.
fn request(method: &str, path: &str, name: &str) -> (String, Option<Value>) {
    let path = path.replace(
        "{id}",
        &match path {
            "/sessions/{id}" | "/invitations/{id}" => "0000000000000000".to_owned(),
            _ => DOCUMENT.to_string(),
        },
    );
    let path = path.replace("{link}", "0000000000000000").replace("{name}", KEEPER);
    let body = match (method, path.split('/').next_back().unwrap_or_default()) {
        ("post", "users") => Some(json!({ "name": "new", "password": "correct horse" })),
        ("post", "invitations") => Some(json!({})),
        ("post", "password") => {
            Some(json!({ "invitation": "a".repeat(43), "password": "correct horse" }))
        }
        ("post", "sessions") => Some(json!({ "name": name, "password": "correct horse" })),
        ("put", "password") => Some(json!({ "current": "x", "new": "correct horse" })),
        ("delete", "me") => Some(json!({})),
        ("post", "documents") => Some(json!({})),
        ("patch", _) => Some(json!({ "title": "Plan" })),
        ("put", _) => Some(json!({ "role": "owner" })),
        ("post", "imports") => Some(json!({})),
        ("post", "links") if path == "/links" => Some(json!({ "token": "a".repeat(43) })),
        ("post", "links") => Some(json!({ "role": "reader" })),
        _ => None,
    };
    (format!("{} /api{path}", method.to_uppercase()), body)
}

/// The status that the one who asks is answered with.
fn expected(method: &str, path: &str, is: Is) -> u16 {
    // For everybody: nothing is to be had with it here, where people sign in elsewhere.
    match (method, path) {
        ("get", "/openapi.json" | "/about") => return 200,
        ("post", "/users" | "/sessions") => return 403,
        ("post", "/password") => return 404,
        _ => {}
    }
    if is == Is::Unknown {
        return 401;
    }
    let least = match (method, path) {
        // Administrators alone, and none of them is one.
        (_, "/users" | "/users/{name}" | "/users/{name}/reset") => return 403,
        (_, "/invitations" | "/invitations/{id}") => return 403,
        // What is everybody's own. Nobody here has a password, and nothing has this name.
        ("put", "/me/password") => return 403,
        ("delete", "/sessions/{id}") | ("post", "/links") => return 404,
        ("post", "/documents") => return 201,
        // Nobody else uses what they alone own.
        ("delete", "/me" | "/sessions") => return 204,
        ("get", _) if !path.starts_with("/documents/") => return 200,
        ("get", "/documents/{id}" | "/documents/{id}/members") => Is::Reader,
        ("patch", _) => Is::Editor,
        _ => Is::Owner,
    };
    match (is, method, path) {
        (Is::Nobody, ..) => 404,
        _ if is < least => 403,
        (_, "delete", "/documents/{id}/links/{link}") => 404,
        (_, "get" | "patch", _) | (_, _, "/documents/{id}/imports") => 200,
        (_, "post", _) => 201,
        _ => 204,
    }
}

/// Everything that the relay says can be asked for.
async fn routes() -> Vec<(String, String)> {
    let relay = Knowing::with_key().await;
    let described = relay.asks("GET /api/openapi.json", &[], None).await;
    let mut routes = Vec::new();
    for (path, operations) in described.body["paths"].as_object().unwrap() {
        let methods = operations.as_object().unwrap().keys().filter(|key| *key != "parameters");
        routes.extend(methods.map(|method| (method.clone(), path.clone())));
    }
    assert!(routes.len() >= 29, "{routes:?}");
    routes
}

/// How many cells are tried at a time: some wait until something ends.
const AT_A_TIME: usize = 16;

/// Tries all cells, each of which says what it is.
async fn tries<Cell: Future<Output = String>>(cells: impl IntoIterator<Item = Cell>) -> usize {
    let cells = futures_util::stream::iter(cells).buffer_unordered(AT_A_TIME);
    cells.collect::<BTreeSet<String>>().await.len()
}

#[tokio::test]
async fn every_route_answers_everybody_as_what_they_are_and_no_more() {
    let mut cells = Vec::new();
    for (method, path) in routes().await {
        for (credential, is) in CREDENTIALS {
            for when in TIMES {
                cells.push(route_cell(method.clone(), path.clone(), credential, is, when));
            }
        }
    }
    let count = cells.len();
    assert!(count >= 900, "{count}");
    assert_eq!(tries(cells).await, count);
}

async fn route_cell(method: String, path: String, credential: &str, is: Is, when: When) -> String {
    let cell = format!("{method} {path}, {credential}, {when:?}");
    let scene = scene(credential, is).await;
    let shown = match when {
        When::AfterExpiry => ending(credential, now() - 1),
        When::Before | When::AfterDowngrade => token(credential),
    };
    let is = match when {
        When::Before => is,
        When::AfterExpiry => Is::Unknown,
        When::AfterDowngrade => less(is),
    };
    if when == When::AfterDowngrade && is != Is::Unknown {
        scene.make(&subject(credential), is).await;
    }
    let (what, body) = request(&method, &path, &subject(credential));
    let header = shown.map(|token| format!("authorization: Bearer {token}"));
    let headers: Vec<String> = header.into_iter().collect();
    let answer = scene.relay.asks(&what, &headers, body.as_ref()).await;
    assert_eq!(answer.status, expected(&method, &path, is), "{cell}: {answer:?}");
    if answer.status >= 400 {
        assert!(answer.body["detail"].is_string(), "{cell}: {answer:?}");
    }
    cell
}

/// What is done over a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Join,
    Request,
    Sync,
    Change,
    Ephemeral,
}

const DEEDS: [Does; 5] = [Does::Join, Does::Request, Does::Sync, Does::Change, Does::Ephemeral];

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
enum Became {
    /// The connection was closed with this code.
    Closed(u16),
    /// The relay says that there is no such document.
    Unavailable,
    /// The relay answered.
    Answered,
    /// Others have it now.
    Arrived,
    /// Nobody has it.
    Dropped,
}

fn becomes(does: Does, is: Is, when: When) -> Became {
    match (does, is) {
        (_, Is::Unknown) => Became::Closed(4401),
        // Who was let in is closed when that ends.
        _ if when == When::AfterExpiry => Became::Closed(4401),
        (Does::Join, _) => Became::Answered,
        (_, Is::Nobody) => match does {
            // It is for a document that they do not have open, so there is nothing to say.
            Does::Ephemeral => Became::Dropped,
            _ => Became::Unavailable,
        },
        (Does::Request | Does::Sync, _) => Became::Answered,
        (Does::Change, Is::Reader) => Became::Dropped,
        (Does::Change, _) | (Does::Ephemeral, _) => Became::Arrived,
    }
}

#[tokio::test]
async fn every_message_does_what_its_sender_may_and_no_more() {
    let mut cells = Vec::new();
    for does in DEEDS {
        for (credential, is) in CREDENTIALS {
            cells.extend(TIMES.map(|when| message_cell(does, credential, is, when)));
        }
    }
    assert_eq!(tries(cells).await, 165);
}

async fn message_cell(does: Does, credential: &str, is: Is, when: When) -> String {
    let cell = format!("{does:?}, {credential}, {when:?}");
    let mut scene = scene(credential, is).await;
    let became = deed(&mut scene, does, credential, is, when).await;
    let is = if when == When::AfterDowngrade { less(is) } else { is };
    // Whoever loses a document that is open hears that, whatever they say next.
    let has_lost = when == When::AfterDowngrade && credential == "reader";
    let expected = match does {
        Does::Join | Does::Ephemeral if has_lost => Became::Unavailable,
        _ => becomes(does, is, when),
    };
    assert_eq!(became, expected, "{cell}");
    cell
}

/// Does it, and finds out what became of it.
async fn deed(scene: &mut Scene, does: Does, credential: &str, is: Is, when: When) -> Became {
    let shown = match when {
        // Long enough to be let in, and no longer.
        When::AfterExpiry => ending(credential, now() + 6),
        When::Before | When::AfterDowngrade => token(credential),
    };
    let request = match &shown {
        Some(token) => scene.relay.bearing(token),
        None => scene.relay.plain(),
    };
    let mut peer =
        timeout(PATIENCE, Peer::connect(request, "x", DOCUMENT, automerge::Automerge::new()))
            .await
            .unwrap();
    if is == Is::Unknown {
        return Became::Closed(timeout(PATIENCE, peer.is_closed()).await.unwrap().0);
    }
    if is == Is::Nobody {
        timeout(PATIENCE, peer.hears_that_it_is_unavailable()).await.unwrap();
    } else {
        timeout(PATIENCE, peer.settles()).await.unwrap();
    }
    match when {
        When::Before => {}
        When::AfterExpiry => {
            return Became::Closed(timeout(PATIENCE, peer.is_closed()).await.unwrap().0);
        }
        When::AfterDowngrade => scene.make(&subject(credential), less(is)).await,
    }
    let is_lost = is == Is::Reader && when == When::AfterDowngrade;
    if is_lost && matches!(does, Does::Join | Does::Ephemeral) {
        // Without a word from them.
        timeout(PATIENCE, peer.hears_that_it_is_unavailable()).await.unwrap();
        return Became::Unavailable;
    }
    match does {
        Does::Join => Became::Answered,
        Does::Request => asks(&mut peer).await,
        Does::Sync => {
            peer.says_what_it_has().await;
            heard(&mut peer).await
        }
        Does::Change => changes(scene, &mut peer).await,
        Does::Ephemeral => speaks(scene, &mut peer).await,
    }
}

/// Asks for the document as if for the first time.
async fn asks(peer: &mut Peer) -> Became {
    peer.asks_anew().await;
    heard(peer).await
}

/// The first answer.
async fn heard(peer: &mut Peer) -> Became {
    let frame = timeout(PATIENCE, peer.hears()).await.unwrap().unwrap();
    match decode(&frame).unwrap() {
        Message::DocumentUnavailable(_) => Became::Unavailable,
        Message::Sync(_) => Became::Answered,
        other => panic!("{other:?}"),
    }
}

async fn changes(scene: &mut Scene, peer: &mut Peer) -> Became {
    let change = peer.edits("theirs", "written");
    peer.speaks().await;
    // What comes after it on the same connection is answered after it was taken or not.
    peer.asks_anew().await;
    let became = heard(peer).await;
    if became == Became::Unavailable {
        return became;
    }
    // What the keeper writes is stored, and heard, after that.
    writes(&mut scene.keeper, "after").await;
    let arrived = scene.keeper.document.get_change_by_hash(&change).is_some();
    if arrived { Became::Arrived } else { Became::Dropped }
}

async fn speaks(scene: &mut Scene, peer: &mut Peer) -> Became {
    let said = |author: &str, data: u8| {
        let author = PeerId::parse(author).unwrap();
        let session = SessionId::parse("session").unwrap();
        let (target, data) = (PeerId::parse("relay").unwrap(), vec![0x18, data].into());
        encode(&Message::Ephemeral(Ephemeral {
            author,
            target,
            document: DOCUMENT,
            session,
            count: 1,
            data,
        }))
    };
    peer.sends(Frame::Binary(said("x", 77).into())).await;
    // Answered after it was passed on, or not.
    peer.asks_anew().await;
    _ = heard(peer).await;
    // Somebody else says something after that.
    let keepers = signed(&claims_of(KEEPER));
    let mut other = joins(scene.relay.bearing(&keepers), "other", DOCUMENT).await;
    timeout(PATIENCE, other.settles()).await.unwrap();
    other.sends(Frame::Binary(said("other", 78).into())).await;
    loop {
        let frame = timeout(PATIENCE, scene.keeper.hears()).await.unwrap().unwrap();
        if let Message::Ephemeral(heard) = decode(&frame).unwrap() {
            return if heard.author.as_str() == "x" { Became::Arrived } else { Became::Dropped };
        }
    }
}
