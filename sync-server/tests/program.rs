//! What people who host the relay meet: how it starts, what it says when it cannot, how it ends.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::{ActorId, Automerge, ChangeHash};
use common::{Peer, Relay, get, run};
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader};
use std::path::Path;
use sync_protocol::DocumentId;
use sync_server::store::{Append, IndexEntry, SledStore, Store, StoredChange};

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);

fn document(actor: u8) -> Automerge {
    Automerge::new().with_actor(ActorId::from([actor; 16]))
}

/// One change that is none: it builds on what is not there.
fn one_change(bytes: &[u8]) -> Append {
    let (hash, actor) = (ChangeHash([1; 32]), ActorId::from([1; 16]));
    let entry = IndexEntry { hash, deps: vec![7], actor, seq: 1, start_op: 1, operations: 1 };
    let change = StoredChange { entry, bytes: bytes.into() };
    Append { document: DOCUMENT, changes: vec![change], heads: vec![hash] }
}

/// Starts the program where it cannot serve; returns the one sentence that it says.
fn refusal(arguments: &[&str]) -> String {
    let (succeeded, output, error) = run(arguments);
    assert!(!succeeded, "{arguments:?}");
    assert_eq!(output, "", "nothing is ready");
    assert_eq!(error.lines().count(), 1, "{error}");
    error.trim().to_owned()
}

fn refusal_of_data(path: &Path) -> String {
    refusal(&["--listen", "127.0.0.1:0", "--data", path.to_str().unwrap()])
}

#[test]
fn an_address_that_another_program_has_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let directory = tempfile::tempdir().unwrap();
    let said = refusal(&["--listen", &address, "--data", directory.path().to_str().unwrap()]);
    assert_eq!(
        said,
        format!(
            "sync-server: cannot listen on {address}: another program does; stop it or choose \
             another address with --listen"
        )
    );
}

#[test]
fn a_data_directory_that_another_relay_has_open_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let _first = Relay::start(directory.path());
    let said = refusal_of_data(directory.path());
    assert!(said.contains("already in use by another sync-server; stop it or"), "{said}");
}

#[test]
fn a_data_directory_that_cannot_be_written_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, b"mine").unwrap();
    let said = refusal_of_data(&file.join("data"));
    assert!(said.contains("cannot write to") && said.contains("check that"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
}

#[test]
fn a_damaged_data_directory_is_named_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    SledStore::open(directory.path()).unwrap().append(&[one_change(b"something")]).unwrap();
    let log = directory.path().join("db");
    std::fs::write(&log, b"not a log").unwrap();
    let before = std::fs::read(directory.path().join("conf")).unwrap();
    let said = refusal_of_data(directory.path());
    assert!(said.contains("is damaged; move the directory away and restore a backup"), "{said}");
    assert_eq!(std::fs::read(directory.path().join("conf")).unwrap(), before);
}

#[test]
fn a_data_directory_of_a_later_version_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    drop(SledStore::open(directory.path()).unwrap());
    let (key, content) = (b"format", 4_u32.to_be_bytes());
    let mut checksum = Sha256::new();
    checksum.update((key.len() as u64).to_be_bytes());
    checksum.update(key);
    checksum.update(content);
    let value = [&checksum.finalize()[..16], &content].concat();
    let config = sled::Config::default().path(directory.path()).segment_size(16 * 1024 * 1024);
    let open = || {
        // sled's own threads let go of the lock a moment after a database is dropped.
        let mut tries = std::iter::repeat_with(|| config.open());
        let is_locked = |error: &sled::Error| error.to_string().contains("lock");
        tries.find(|opened| !opened.as_ref().is_err_and(is_locked)).unwrap().unwrap()
    };
    open().insert(key, value.clone()).unwrap();
    let said = refusal_of_data(directory.path());
    assert!(said.contains("has format 4; this program reads up to 3: install a newer"), "{said}");
    assert_eq!(open().get(key).unwrap().unwrap(), value);
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    assert!(refusal(&["--port", "80"]).contains("`sync-server --help` lists the options"));
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    let said = refusal(&["--listen", "127.0.0.1:0", "--data", data, "--web-dir", "/nowhere"]);
    assert!(said.contains("there is no index.html in /nowhere"), "{said}");
    let (succeeded, help, _) = run(&["--help"]);
    assert!(succeeded && help.contains("--listen ADDRESS"));
}

#[test]
fn it_answers_people_and_supervisors_over_http() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(directory.path());
    let get = |path: &str| get(relay.address(), path);
    assert!(get("/health").starts_with("HTTP/1.1 200"));
    assert!(get("/").contains("This is a relay for Automerge documents."));
    assert!(get("/nothing").starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn clients_may_dial_the_bare_address() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(directory.path());
    let bare = format!("ws://{}", relay.address());
    let mut ana = Peer::connect(&bare, "ana", DOCUMENT, document(1)).await;
    ana.edits("title", "Write");
    ana.speaks().await;
    ana.settles().await;
    let mut ben = Peer::connect(&relay.url(), "ben", DOCUMENT, document(2)).await;
    ben.settles().await;
    assert_eq!(ana.document.get_heads(), ben.document.get_heads());
}

#[tokio::test]
async fn ctrl_c_stores_what_it_acknowledges() {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(directory.path());
    let mut ana = Peer::connect(&relay.url(), "ana", DOCUMENT, document(1)).await;
    ana.edits("title", "Write");
    ana.speaks().await;
    ana.settles().await;
    ana.edits("title", "Write on");
    ana.speaks().await;
    relay.interrupt();
    while ana.takes().await {}
    assert!(relay.wait().success());
    let store = SledStore::open(directory.path()).unwrap();
    assert_eq!(store.load(DOCUMENT).unwrap().unwrap().heads, ana.acknowledged());
}

#[test]
fn a_relay_that_is_asked_to_end_as_soon_as_it_listens_ends_well() {
    let directory = tempfile::tempdir().unwrap();
    for start in [Relay::start, Relay::start_with_rules] {
        for round in 0..20 {
            let mut relay = start(directory.path());
            relay.interrupt();
            let ended = relay.wait();
            assert!(ended.success(), "round {round}: {ended}");
        }
    }
}

#[test]
fn a_relay_that_keeps_documents_in_memory_says_so_and_touches_no_directory() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let arguments = ["--listen", "127.0.0.1:0", "--store", "memory", "--data"];
    let mut relay = std::process::Command::new(env!("CARGO_BIN_EXE_sync-server"))
        .args(arguments)
        .arg(&data)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(relay.stderr.take().unwrap()).read_line(&mut said).unwrap();
    relay.kill().unwrap();
    relay.wait().unwrap();
    assert!(said.contains("WARN") && said.contains("ALL OF THEM ARE LOST"), "{said}");
    assert!(!data.exists());
}

#[tokio::test]
async fn a_damaged_document_is_nobodys_and_the_others_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path()).unwrap();
    store.append(&[one_change(b"no change")]).unwrap();
    drop(store);
    let relay = Relay::start(directory.path());
    let mut ana = Peer::connect(&relay.url(), "ana", DOCUMENT, document(1)).await;
    let answer = ana.hears().await.unwrap();
    let answer = sync_protocol::decode(&answer).unwrap();
    assert_eq!(answer.kind(), "doc-unavailable");
    let other = DocumentId::from_bytes([8; 16]);
    let mut ben = Peer::connect(&relay.url(), "ben", other, document(2)).await;
    ben.edits("title", "Write");
    ben.speaks().await;
    ben.settles().await;
}
