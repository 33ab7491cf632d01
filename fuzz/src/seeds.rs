//! Where the targets begin: honest boards and conversations, and the hostile cases that the tests
//! know. Made by code, so that no file of bytes has to be kept.

use crate::hostile::World;
use crate::hostile::cases::{cases, messages};
use crate::hostile::writer::content;
use automerge::sync::{self, SyncDoc};
use automerge::{ActorId, Automerge};
use kanban_core::{Board, BoardId, Replica, Timestamp};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use sync_protocol::client::{Client, ClientOptions, Resume};
use sync_protocol::*;
use sync_server::fuzzing;
use sync_server::store::{IndexEntry, StoredChange, pack};

/// The board of the documentation: something of everything.
pub fn board_json() -> &'static str {
    let page = include_str!("../../docs/export.md");
    let (_, rest) = page.split_once("```json\n").expect("there is an example");
    rest.split_once("```").expect("it ends").0
}

const TRELLO: &str = r#"{"name":"Release","lists":[{"id":"l1","name":"To do","pos":1,"closed":false}],
"labels":[{"id":"b1","name":"urgent","color":"red"}],"members":[{"id":"m1","fullName":"Ana"}],
"cards":[{"id":"c1","idList":"l1","name":"Write docs","desc":"x","pos":1,"due":"2026-05-01T10:00:00Z",
"idLabels":["b1"],"idMembers":["m1"],"idChecklists":["k1"],"closed":false,
"attachments":[{"id":"a1","name":"site","url":"https://example.org"}]}],
"checklists":[{"id":"k1","idCard":"c1","name":"Steps","pos":1,
"checkItems":[{"id":"i1","name":"begin","pos":1,"state":"complete"}]}],
"actions":[{"id":"x1","type":"commentCard","date":"2026-04-01T10:00:00Z",
"idMemberCreator":"m1","data":{"text":"Soon?","card":{"id":"c1"}}}]}"#;

/// Writes the seeds of each target into a directory of its own.
pub fn write(directory: &Path) -> std::io::Result<()> {
    for (target, seeds) in all() {
        let directory = directory.join(target);
        fs::create_dir_all(&directory)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(directory.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}

fn all() -> BTreeMap<&'static str, Vec<Vec<u8>>> {
    let world = World::new();
    let conversation = conversation(&world);
    let frames = conversation.iter().map(|data| frame(data)).chain(handshake()).collect();
    let mut changes: Vec<Vec<u8>> =
        world.changes.iter().map(|change| content(change.raw_bytes()).to_vec()).collect();
    changes.push(content(&world.honest().bytes()).to_vec());
    let mut documents = vec![content(&saved(&world)).to_vec()];
    for case in cases(&world) {
        let small = case.versions.iter().filter(|bytes| bytes.len() < 4096);
        let contents = small.map(|bytes| content(bytes).to_vec());
        match case.kind {
            "document" => documents.extend(contents),
            "bundle" => {}
            _ => changes.extend(contents),
        }
    }
    let hostile = messages().into_iter().flat_map(|case| case.versions);
    let hostile = hostile.filter(|bytes| bytes.len() < 4096);
    BTreeMap::from([
        ("frame", frames),
        ("sync_message", conversation.into_iter().chain(hostile).collect()),
        ("change_chunk", changes.iter().map(|content| kinded(1, content)).collect()),
        ("document_chunk", documents),
        ("admit_apply_save_load", noise(12, 300)),
        ("ids_and_tokens", names()),
        ("storage_records", records(&world)),
        ("import_files", imports(&changes)),
        ("session", noise(40, 900)),
    ])
}

fn kinded(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [&[kind], bytes].concat()
}

fn document(world: &World) -> Automerge {
    let mut document = Automerge::new().with_actor(ActorId::from([9; 16]));
    document.apply_changes(world.changes.clone()).expect("they are honest");
    document
}

fn saved(world: &World) -> Vec<u8> {
    document(world).save()
}

/// All messages between somebody with a document and somebody without.
fn conversation(world: &World) -> Vec<Vec<u8>> {
    let mut documents = [document(world), Automerge::new()];
    let mut states = [sync::State::new(), sync::State::new()];
    let mut messages = Vec::new();
    for turn in 0..8 {
        let (from, to) = (turn % 2, (turn + 1) % 2);
        if let Some(message) = documents[from].generate_sync_message(&mut states[from]) {
            messages.push(message.clone().encode());
            documents[to].receive_sync_message(&mut states[to], message).expect("it is honest");
        }
    }
    messages
}

fn frame(data: &[u8]) -> Vec<u8> {
    let name = |name: &str| PeerId::parse(name).expect("a name");
    let document = DocumentId::from_bytes([7; 16]);
    let (sender, target, data) = (name("ana"), name("relay"), data.into());
    encode(&Message::Sync(DocumentSync { sender, target, document, data }))
}

fn handshake() -> Vec<Vec<u8>> {
    let own =
        |name: &str| Handshake::new(PeerId::parse(name).expect("a name"), PeerMetadata::default());
    let join = own("ana").join();
    let (_, answer) = own("relay").accept(&join).expect("it is honest");
    vec![join, answer]
}

fn names() -> Vec<Vec<u8>> {
    let id = DocumentId::from_bytes([7; 16]);
    let kept = Client::new(
        id,
        &Automerge::new(),
        ClientOptions::new(PeerId::parse("ana").expect("a name"), 7),
        Resume::default(),
    );
    let claims = format!(
        r#"{{"exp":4000000000,"aud":"relay","sub":"ana","nbf":1,"documents":{{"{id}":"reader"}}}}"#
    );
    let texts = [
        (0, id.to_string()),
        (1, DocumentUrl::from(id).to_string()),
        (2, "https://boards.example, http://localhost:5173".to_owned()),
        (
            3,
            "--listen\n[::1]:80\n--idle-timeout\n2m\n--min-free\n256M\n--jwt-algorithm\nEdDSA"
                .to_owned(),
        ),
        (3, format!("export\n{id}\nfile\n--data\nhere")),
        (4, "listen = \"[::1]:80\"\nmax-connections = 1_000\npublic = true\n".to_owned()),
        (
            5,
            "/sync?access_token=a.b.c\nauthorization: Bearer a.b.c\ncookie: kanban_token=a"
                .to_owned(),
        ),
        (5, "/sync\nsec-websocket-protocol: kanban, kanban.token.a.b.c".to_owned()),
        (6, claims),
    ];
    let texts = texts.into_iter().map(|(kind, text)| kinded(kind, text.as_bytes()));
    texts.chain([kinded(7, &kept.resume().encode())]).collect()
}

fn records(world: &World) -> Vec<Vec<u8>> {
    let mut graph = ChangeGraph::new();
    let mut log = Vec::new();
    for change in &world.changes {
        let raw = crate::hostile::writer::arrive(change.raw_bytes()).expect("a change");
        graph.insert(raw.hash, &raw.header).expect("they are honest");
        let entry = IndexEntry::of(&raw, &graph).expect("they are in order");
        log.push(StoredChange { entry, bytes: raw.bytes.into_owned().into() });
    }
    let entries: Vec<IndexEntry> = log.iter().map(|change| change.entry.clone()).collect();
    let (index, value) = (pack(&entries), fuzzing::to_log_value(&log));
    // A key with a value, and one without.
    let writes = b"\0\0\0\x03key\0\0\0\x05value\0\0\0\x04gone\xff\xff\xff\xff".to_vec();
    let mut manifest = vec![2; 1 + 24];
    manifest.extend([2]);
    manifest.extend([7; 48 + 2 * 56 + 32]);
    let snapshot = vec![(index.len() / 4) as u8 + 1, 255, 255];
    vec![
        kinded(0, &index),
        kinded(1, &value),
        kinded(2, &manifest),
        kinded(3, &writes),
        kinded(4, &[writes.clone(), writes].concat()),
        kinded(5, &[vec![0, 0, 0], value].concat()),
        kinded(5, &[snapshot, index].concat()),
    ]
}

fn imports(changes: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let now = Timestamp::from_unix_seconds(1_700_000_000);
    let replica = Replica::new(ActorId::from([1; 16])).by("ana");
    let id = BoardId::parse("release").expect("an id");
    let board = Board::from_json(replica, id, board_json(), now).expect("it is a board");
    let saved = board.save();
    let mut seeds = vec![
        kinded(0, TRELLO.as_bytes()),
        kinded(1, board_json().as_bytes()),
        kinded(1, board.to_json().as_bytes()),
        kinded(2, &saved),
        kinded(3, content(&saved)),
    ];
    let mut other = board.fork(Replica::new(ActorId::from([2; 16])).by("ben"));
    for card in board.cards().map(|card| card.id.clone()) {
        let command = kanban_core::Command::DeleteCard { card };
        other.apply(&command, now).expect("the card is there");
    }
    let made = other.changes_since(&board.heads());
    seeds.extend(made.iter().map(|change| kinded(4, content(change.raw_bytes()))));
    seeds.extend(changes.iter().take(20).map(|content| kinded(4, content)));
    seeds
}

/// Scripts that mean something whatever is in them.
fn noise(count: u64, length: usize) -> Vec<Vec<u8>> {
    let mut dice = crate::support::Dice(7);
    (0..count).map(|_| (0..length).map(|_| dice.below(256) as u8).collect()).collect()
}
