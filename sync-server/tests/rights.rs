//! Who may do what with a document, and that it holds at once when it changes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use automerge::{ActorId, Author, ChangeHash, ReadDoc};
use common::{Knowing, PATIENCE, Peer, claiming, claims_of, joins, now, signed, writes};
use serde_json::{Value, json};
use sync_protocol::{DocumentId, Message, PeerId, ShownToken, decode, encode};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message as Frame;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);

/// Somebody who has a token that holds for ten minutes.
fn token(name: &str) -> String {
    signed(&claims_of(name))
}

async fn says(relay: &Knowing, name: &str, what: &str, body: Option<Value>) -> common::Answer {
    relay.asks_as(&token(name), what, body.as_ref()).await
}

/// Somebody is there from their first request on.
async fn arrives(relay: &Knowing, name: &str) {
    assert_eq!(says(relay, name, "GET /api/me", None).await.status, 200);
}

async fn shares(relay: &Knowing, with: &str, role: &str) {
    arrives(relay, with).await;
    let what = format!("PUT /api/documents/{DOCUMENT}/members/{with}");
    let answer = says(relay, "ana", &what, Some(json!({ "role": role }))).await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

async fn connects(relay: &Knowing, name: &str) -> Peer {
    joins(relay.bearing(&token(name)), name, DOCUMENT).await
}

/// Ana's document, with a change in it.
async fn begun(relay: &Knowing) -> Peer {
    let mut ana = connects(relay, "ana").await;
    ana.hears_that_it_is_unavailable().await;
    writes(&mut ana, "title").await;
    ana
}

async fn settles(peer: &mut Peer) {
    timeout(PATIENCE, peer.settles()).await.unwrap();
}

/// Waits until a peer has everything that another has.
async fn catches_up(peer: &mut Peer, with: &Peer) {
    let heads = with.document.get_heads();
    while !heads.iter().all(|head| peer.document.get_change_by_hash(head).is_some()) {
        assert!(timeout(PATIENCE, peer.takes()).await.unwrap(), "closed");
    }
}

#[tokio::test]
async fn who_brings_a_document_first_owns_it_and_to_all_others_there_is_none() {
    let relay = Knowing::with_key().await;
    let _ana = begun(&relay).await;
    let listed = says(&relay, "ana", "GET /api/documents", None).await;
    assert_eq!(listed.body["documents"][0]["id"], DOCUMENT.to_string());
    assert_eq!(listed.body["documents"][0]["role"], "owner");
    // Asking, and bringing something of their own under the same id: the same answer.
    let mut ben = connects(&relay, "ben").await;
    ben.hears_that_it_is_unavailable().await;
    let theirs = ben.edits("title", "mine now");
    ben.speaks().await;
    ben.hears_that_it_is_unavailable().await;
    let mut again = connects(&relay, "ana").await;
    settles(&mut again).await;
    assert!(again.document.get_change_by_hash(&theirs).is_none());
    let shown = says(&relay, "ben", &format!("GET /api/documents/{DOCUMENT}"), None).await;
    let absent = DocumentId::from_bytes([9; 16]);
    let none = says(&relay, "ben", &format!("GET /api/documents/{absent}"), None).await;
    assert_eq!((shown.status, shown.body), (404, none.body));
}

#[tokio::test]
async fn a_reader_receives_and_what_they_change_reaches_nobody_until_they_may() {
    let relay = Knowing::with_key().await;
    let mut ana = begun(&relay).await;
    shares(&relay, "ben", "reader").await;
    let mut ben = connects(&relay, "ben").await;
    let request = relay.bearing(&token("ben"));
    let empty = automerge::Automerge::new();
    let mut old = Peer::of_old(request, "ben-of-old", DOCUMENT, empty).await;
    settles(&mut ben).await;
    settles(&mut old).await;
    let scribbles = [ben.edits("scribble", "here"), old.edits("scribble", "there")];
    ben.speaks().await;
    old.speaks().await;
    writes(&mut ana, "more").await;
    catches_up(&mut ben, &ana).await;
    catches_up(&mut old, &ana).await;
    assert!(!scribbles.iter().any(|it| ana.document.get_change_by_hash(it).is_some()));
    // Now they may. A client that was told that it is a reader has kept what it has to send; one that
    // knows nothing of that would not send it twice, and is asked to come again.
    shares(&relay, "ben", "editor").await;
    let (code, reason) = timeout(PATIENCE, old.is_closed()).await.unwrap();
    assert_eq!(code, 1012, "{reason}");
    let request = relay.bearing(&token("ben"));
    let mut old = Peer::of_old(request, "ben-of-old", DOCUMENT, old.document.clone()).await;
    settles(&mut old).await;
    catches_up(&mut ben, &old).await;
    settles(&mut ben).await;
    catches_up(&mut ana, &ben).await;
    assert!(scribbles.iter().all(|it| ana.document.get_change_by_hash(it).is_some()));
}

#[tokio::test]
async fn who_is_removed_hears_nothing_more_and_who_becomes_a_reader_changes_nothing_more() {
    let relay = Knowing::with_key().await;
    let mut ana = begun(&relay).await;
    for name in ["ben", "eve"] {
        shares(&relay, name, "editor").await;
    }
    let (mut ben, mut eve) = (connects(&relay, "ben").await, connects(&relay, "eve").await);
    settles(&mut ben).await;
    settles(&mut eve).await;
    let removed = format!("DELETE /api/documents/{DOCUMENT}/members/eve");
    assert_eq!(says(&relay, "ana", &removed, None).await.status, 204);
    timeout(PATIENCE, eve.hears_that_it_is_unavailable()).await.unwrap();
    shares(&relay, "ben", "reader").await;
    let dropped = ben.edits("late", "change");
    ben.speaks().await;
    let forbidden = eve.edits("late", "too");
    eve.speaks().await;
    timeout(PATIENCE, eve.hears_that_it_is_unavailable()).await.unwrap();
    writes(&mut ana, "secret").await;
    catches_up(&mut ben, &ana).await;
    let mut fresh = connects(&relay, "ana").await;
    settles(&mut fresh).await;
    assert!(fresh.document.get_change_by_hash(&dropped).is_none());
    assert!(fresh.document.get_change_by_hash(&forbidden).is_none());
    // The connection of who was removed is open, and other documents of theirs go on.
    let mine = DocumentId::from_bytes([8; 16]);
    let mut own = joins(relay.bearing(&token("eve")), "eve-too", mine).await;
    writes(&mut own, "mine").await;
}

#[tokio::test]
async fn a_deleted_document_stays_deleted_whatever_an_old_tab_brings() {
    let relay = Knowing::with_key().await;
    let mut ana = begun(&relay).await;
    let path = format!("/api/documents/{DOCUMENT}");
    assert_eq!(says(&relay, "ana", &format!("DELETE {path}"), None).await.status, 204);
    timeout(PATIENCE, ana.hears_that_it_is_unavailable()).await.unwrap();
    ana.edits("title", "back again");
    ana.speaks().await;
    timeout(PATIENCE, ana.hears_that_it_is_unavailable()).await.unwrap();
    let mut tab =
        Peer::connect(relay.bearing(&token("ana")), "tab", DOCUMENT, ana.document.clone()).await;
    timeout(PATIENCE, tab.hears_that_it_is_unavailable()).await.unwrap();
    assert_eq!(says(&relay, "ana", &format!("GET {path}"), None).await.status, 404);
    let again = Some(json!({ "id": DOCUMENT.to_string() }));
    assert_eq!(says(&relay, "ana", "POST /api/documents", again).await.problem(), "conflict");
}

#[tokio::test]
async fn a_link_opens_one_document_until_it_is_taken_back() {
    let relay = Knowing::with_key().await;
    let mut ana = begun(&relay).await;
    let links = format!("/api/documents/{DOCUMENT}/links");
    let body = Some(json!({ "role": "editor", "expires_in": 600 }));
    let link = says(&relay, "ana", &format!("POST {links}"), body).await;
    let (id, secret) = (link.text("id"), link.text("token"));
    // An unmodified client has nothing but the address.
    let mut guest = joins(relay.in_address(&secret), "guest", DOCUMENT).await;
    settles(&mut guest).await;
    writes(&mut guest, "hello").await;
    catches_up(&mut ana, &guest).await;
    let other = DocumentId::from_bytes([8; 16]);
    let mut elsewhere = joins(relay.in_address(&secret), "elsewhere", other).await;
    elsewhere.edits("title", "mine");
    elsewhere.speaks().await;
    timeout(PATIENCE, elsewhere.hears_that_it_is_unavailable()).await.unwrap();
    // It opens the document, and nobody's account.
    assert_eq!(relay.asks_as(&secret, "GET /api/me", None).await.status, 403);
    // Whoever is signed in becomes a member by it, and stays one.
    arrives(&relay, "ben").await;
    let given = Some(json!({ "token": secret }));
    assert_eq!(says(&relay, "ben", "POST /api/links", given.clone()).await.text("role"), "editor");
    assert_eq!(says(&relay, "ana", &format!("DELETE {links}/{id}"), None).await.status, 204);
    assert_eq!(timeout(PATIENCE, guest.is_closed()).await.unwrap().0, 4401);
    assert_eq!(timeout(PATIENCE, elsewhere.is_closed()).await.unwrap().0, 4401);
    assert_eq!(says(&relay, "eve", "POST /api/links", given).await.problem(), "not-found");
    let mut ben = connects(&relay, "ben").await;
    settles(&mut ben).await;
}

#[tokio::test]
async fn who_signs_out_everywhere_is_closed_at_once_and_their_tokens_are_not_taken_again() {
    let relay = Knowing::with_key().await;
    let mut ana = begun(&relay).await;
    let old = signed(&claiming("ana", "iat", json!(now() - 10)));
    assert_eq!(relay.asks_as(&old, "DELETE /api/sessions", None).await.status, 204);
    assert_eq!(timeout(PATIENCE, ana.is_closed()).await.unwrap().0, 4401);
    assert_eq!(relay.asks_as(&old, "GET /api/me", None).await.status, 401);
    // Whoever signs in anew is not affected.
    let new = signed(&claiming("ana", "iat", json!(now() + 2)));
    assert_eq!(relay.asks_as(&new, "GET /api/me", None).await.status, 200);
}

/// Shows a newer token on the connection that is open.
async fn shows(peer: &mut Peer, name: &str, token: String) {
    let sender = PeerId::parse(name).unwrap();
    let shown = Message::Token(ShownToken { sender, token });
    peer.sends(Frame::Binary(encode(&shown).into())).await;
}

#[tokio::test]
async fn a_connection_is_renewed_without_a_new_one_and_goes_on_past_its_end() {
    let relay = Knowing::with_key().await;
    // Within the leeway for clocks, so that it ends soon.
    let short = signed(&claiming("ana", "exp", json!(now() - 7)));
    let mut ana = joins(relay.bearing(&short), "ana", DOCUMENT).await;
    ana.hears_that_it_is_unavailable().await;
    shows(&mut ana, "ana", token("ana")).await;
    writes(&mut ana, "before").await;
    // Whoever showed nothing newer is closed at the end; by then the other's has come too.
    let mut other = joins(relay.bearing(&short), "other", DOCUMENT).await;
    assert_eq!(timeout(PATIENCE, other.is_closed()).await.unwrap().0, 4401);
    writes(&mut ana, "after").await;
    // A token that is none ends it.
    shows(&mut ana, "ana", "not.a.token".to_owned()).await;
    assert_eq!(timeout(PATIENCE, ana.is_closed()).await.unwrap().0, 4401);
}

#[tokio::test]
async fn a_second_connection_with_somebodys_peer_id_leaves_the_first_alone() {
    let relay = Knowing::with_key().await;
    let mut ana = begun(&relay).await;
    shares(&relay, "ben", "editor").await;
    // Ben says that he is Ana.
    let mut ben = joins(relay.bearing(&token("ben")), "ana", DOCUMENT).await;
    settles(&mut ben).await;
    writes(&mut ana, "mine").await;
    catches_up(&mut ben, &ana).await;
    writes(&mut ana, "still mine").await;
    // It gives him nothing that is hers: peer ids are names, and not rights.
    let removed = format!("DELETE /api/documents/{DOCUMENT}/members/ben");
    assert_eq!(says(&relay, "ana", &removed, None).await.status, 204);
    timeout(PATIENCE, ben.hears_that_it_is_unavailable()).await.unwrap();
    writes(&mut ana, "and still").await;
}

#[tokio::test]
async fn a_document_keeps_an_owner_and_its_label_is_for_lists() {
    let relay = Knowing::with_key().await;
    let _ana = begun(&relay).await;
    shares(&relay, "ben", "editor").await;
    let path = format!("/api/documents/{DOCUMENT}");
    let leave = format!("DELETE {path}/members/ana");
    assert_eq!(says(&relay, "ana", &leave, None).await.problem(), "conflict");
    let label = Some(json!({ "title": " Plan ", "colour": "blue" }));
    let labelled = says(&relay, "ben", &format!("PATCH {path}"), label).await;
    assert_eq!(
        (labelled.text("title").as_str(), labelled.text("colour").as_str()),
        ("Plan", "blue")
    );
    let only = Some(json!({ "colour": "red" }));
    let labelled = says(&relay, "ben", &format!("PATCH {path}"), only).await;
    assert_eq!(
        (labelled.text("title").as_str(), labelled.text("colour").as_str()),
        ("Plan", "red")
    );
    for wrong in [json!({ "title": "a\nb" }), json!({ "title": "x".repeat(201) })] {
        let answer = says(&relay, "ben", &format!("PATCH {path}"), Some(wrong)).await;
        assert_eq!(answer.problem(), "invalid");
    }
    // An editor does not say who may do what, and leaves if they want.
    let body = Some(json!({ "role": "owner" }));
    let take = says(&relay, "ben", &format!("PUT {path}/members/ben"), body).await;
    assert_eq!(take.problem(), "forbidden");
    assert_eq!(says(&relay, "ben", &format!("DELETE {path}/members/ben"), None).await.status, 204);
    assert_eq!(says(&relay, "ben", &format!("GET {path}"), None).await.status, 404);
}

#[tokio::test]
async fn nobody_owns_more_documents_than_they_may() {
    let key = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys/ed25519.pub.pem");
    let key = key.to_str().unwrap();
    let options = ["--auth", "jwt", "--jwt-key", key, "--jwt-audience", "boards"];
    let relay = Knowing::start(&[&options[..], &["--documents-per-user", "1"]].concat()).await;
    let _ana = begun(&relay).await;
    let more = says(&relay, "ana", "POST /api/documents", Some(json!({}))).await;
    assert_eq!(more.problem(), "limit");
    let other = DocumentId::from_bytes([8; 16]);
    let mut second = joins(relay.bearing(&token("ana")), "second", other).await;
    second.hears_that_it_is_unavailable().await;
    second.edits("title", "one more");
    second.speaks().await;
    let answer = timeout(PATIENCE, second.hears()).await.unwrap().unwrap();
    assert_eq!(decode(&answer).unwrap().kind(), "doc-unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_board_shows_its_token_and_a_newer_one_before_that_ends() {
    use kanban_client::{BoardClient, LiveBoard, options};
    use kanban_core::{Board, BoardId, ColumnId, Command, Replica, Slot, Timestamp};
    use sync_protocol::client::{Availability, Connection, Resume, Status};

    let relay = Knowing::with_key().await;
    let url = format!("ws://{}/sync", relay.0);
    let board = || {
        let ana = Replica::from_entropy([1; 16]).by("ana");
        let now = Timestamp::from_unix_seconds(1_700_000_000);
        let board = Board::create(ana, BoardId::parse("plan").unwrap(), "Plan", now);
        BoardClient::with_board(DOCUMENT, board, options(), Resume::default())
    };
    // Within the leeway for clocks, so that it ends soon.
    let short = signed(&claiming("ana", "exp", json!(now() - 6)));
    let live = LiveBoard::connect_as(Some(&short), &url, board(), None).unwrap();
    let mut status = live.status();
    let is_there = |status: &Status| status.document == Availability::Available;
    timeout(PATIENCE, status.wait_for(is_there)).await.unwrap().unwrap();
    live.show_token(&token("ana")).await.unwrap();
    let goes_on = async {
        // Whoever showed nothing newer is closed at the end.
        let mut other = joins(relay.bearing(&short), "other", DOCUMENT).await;
        assert_eq!(timeout(PATIENCE, other.is_closed()).await.unwrap().0, 4401);
        let mut witness = connects(&relay, "ana").await;
        settles(&mut witness).await;
        let before = witness.document.get_heads();
        let column = ColumnId::parse("todo").unwrap();
        let name = "To do".to_owned();
        live.apply(Command::CreateColumn { column, name, at: Slot::Last }).await.unwrap();
        while witness.document.get_heads() == before {
            assert!(timeout(PATIENCE, witness.takes()).await.unwrap());
        }
    };
    let is_gone = |status: &Status| status.connection != Connection::Online;
    tokio::select! {
        () = goes_on => {}
        gone = status.wait_for(is_gone) => panic!("{:?}", gone.map(|status| status.clone())),
    }
    let documents = says(&relay, "ana", "GET /api/documents", None).await;
    assert_eq!(documents.body["documents"][0]["role"], "owner");
    // Without one it hears why.
    let nobody = LiveBoard::connect(&url, board(), None).unwrap();
    let mut status = nobody.status();
    let is_refused = |status: &Status| matches!(&status.connection, Connection::Refused { reason, .. } if reason.contains("sign in"));
    timeout(PATIENCE, status.wait_for(is_refused)).await.unwrap().unwrap();
    assert!(LiveBoard::connect_as(Some("a\nb"), &url, board(), None).is_err());
}

#[tokio::test]
async fn a_document_of_those_whom_a_token_names_cannot_be_claimed_by_others() {
    let relay = Knowing::with_key().await;
    let scoped = json!({ DOCUMENT.to_string(): "editor" });
    let scoped = signed(&claiming("app", "documents", scoped));
    let mut app = joins(relay.bearing(&scoped), "app", DOCUMENT).await;
    writes(&mut app, "secret").await;
    let mut eve = connects(&relay, "eve").await;
    eve.hears_that_it_is_unavailable().await;
    eve.edits("title", "mine");
    eve.speaks().await;
    timeout(PATIENCE, eve.hears_that_it_is_unavailable()).await.unwrap();
    let documents = says(&relay, "eve", "GET /api/documents", None).await;
    assert_eq!(documents.body["documents"], json!([]));
}

/// A change in somebody's name, by an actor of this number.
fn signed_change(peer: &mut Peer, actor: u8, author: Option<&str>, key: &str) -> ChangeHash {
    peer.document.set_author(author.map(|name| Author::from(name.as_bytes().to_vec())));
    peer.document.set_actor(ActorId::from([actor; 16]));
    peer.edits(key, "signed")
}

#[tokio::test]
async fn nobody_writes_in_another_members_name_unless_an_owner_brings_it_in() {
    let relay = Knowing::with_key().await;
    let mut ana = connects(&relay, "ana").await;
    ana.hears_that_it_is_unavailable().await;
    // Who brings a document is alone with it: whoever wrote what is in it.
    let first = signed_change(&mut ana, 1, Some("ana"), "first");
    let others = signed_change(&mut ana, 2, Some("ben"), "of ben");
    ana.speaks().await;
    settles(&mut ana).await;
    for name in ["ben", "eve"] {
        shares(&relay, name, "editor").await;
    }
    let mut eve = connects(&relay, "eve").await;
    settles(&mut eve).await;
    assert!(eve.document.get_change_by_hash(&others).is_some());
    // In her own name, and in nobody's; an actor of Ana's goes on, and a new one that names her.
    let own = signed_change(&mut eve, 3, Some("eve"), "own");
    let nobodys = signed_change(&mut eve, 4, None, "nobody's");
    let mut forger = joins(relay.bearing(&token("eve")), "forger", DOCUMENT).await;
    settles(&mut forger).await;
    let known = signed_change(&mut forger, 1, None, "as Ana's actor");
    forger.speaks().await;
    let mut forger_too = joins(relay.bearing(&token("eve")), "forger-too", DOCUMENT).await;
    settles(&mut forger_too).await;
    let new = signed_change(&mut forger_too, 5, Some("ana"), "as Ana");
    forger_too.speaks().await;
    eve.speaks().await;
    settles(&mut eve).await;
    let mut witness = connects(&relay, "ana").await;
    settles(&mut witness).await;
    let has = |peer: &Peer, hash| peer.document.get_change_by_hash(&hash).is_some();
    assert!(has(&witness, first) && has(&witness, own) && has(&witness, nobodys));
    assert!(!has(&witness, known) && !has(&witness, new));
    // Ana goes on, with the number that was forged.
    let next = signed_change(&mut ana, 1, None, "next");
    ana.speaks().await;
    settles(&mut ana).await;
    // An owner brings in what Ben wrote on a device that was never here.
    let bens = signed_change(&mut ana, 6, Some("ben"), "from a copy");
    ana.speaks().await;
    let late = connects(&relay, "ana").await;
    let path = format!("POST /api/documents/{DOCUMENT}/imports");
    assert_eq!(says(&relay, "eve", &path, Some(json!({}))).await.problem(), "forbidden");
    assert_eq!(says(&relay, "ana", &path, Some(json!({}))).await.status, 200);
    let document = ana.document.clone();
    let mut ana = Peer::connect(relay.bearing(&token("ana")), "ana", DOCUMENT, document).await;
    settles(&mut ana).await;
    let mut late = late;
    settles(&mut late).await;
    catches_up(&mut late, &ana).await;
    assert!(has(&late, next) && has(&late, bens));
}
