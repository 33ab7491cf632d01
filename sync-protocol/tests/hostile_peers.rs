//! What one peer may cost a relay, and what a client shows as saved.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT};
use std::time::Duration;
use sync_protocol::*;

const NOW: Duration = Duration::ZERO;
const NOTHING: [u8; 10] = [0x42, 0, 0, 1, 0, 0, 0, 2, 2, 0x84];

fn edit(document: &mut Automerge, value: u64) {
    let mut transaction = document.transaction();
    transaction.put(ROOT, "key", value).unwrap();
    transaction.commit();
}

fn document() -> Automerge {
    Automerge::new().with_actor(ActorId::from([1; 16]))
}

fn changes_of(document: &Automerge) -> Vec<RawChange<'static>> {
    let changes = document.get_changes(&[]);
    let raw = |change: &Change| {
        let chunk = chunks(change.raw_bytes()).next().unwrap().unwrap();
        chunk.change().unwrap().into_owned()
    };
    changes.iter().map(raw).collect()
}

fn stored(document: &Automerge) -> Admission {
    let mut graph = Admission::new();
    Pen::new().add(&mut graph, changes_of(document), NOW);
    graph.mark_stored(graph.len());
    graph
}

fn hundred_changes() -> Admission {
    let mut document = document();
    (0..100).for_each(|value| edit(&mut document, value));
    stored(&document)
}

#[test]
fn whoever_claims_again_and_again_to_have_nothing_is_cut_off() {
    let mut graph = hundred_changes();
    let mut peer = PeerSync::new(Access::ReadWrite);
    let nothing = SyncMessage::decode(&NOTHING).unwrap();
    let mut sent = 0;
    for _ in 0..1000 {
        if peer.receive(&mut graph, &nothing, [], NOW).is_err() {
            break;
        }
        sent += peer.next_message(&graph).map_or(0, |message| message.changes.len());
    }
    assert_eq!(sent, 100 * (1 + RESENDS_MAX as usize));
}

#[test]
fn whoever_asks_for_the_same_changes_again_and_again_is_cut_off() {
    let mut graph = hundred_changes();
    let mut peer = PeerSync::new(Access::ReadWrite);
    let need = vec![graph.hash(7).unwrap()];
    let heads = graph.heads().to_vec();
    let mut asking = SyncMessage::decode(&NOTHING).unwrap();
    (asking.heads, asking.need) = (heads, need);
    let answered = (0..1000).filter(|_| {
        let received = peer.receive(&mut graph, &asking, [], NOW);
        received.is_ok() && peer.next_message(&graph).is_some_and(|sent| !sent.changes.is_empty())
    });
    assert!(answered.count() <= RESENDS_MAX as usize);
}

#[test]
fn an_unknown_last_sync_is_answered_once() {
    let mut graph = hundred_changes();
    let mut peer = PeerSync::new(Access::ReadWrite);
    let unknown = vec![ChangeHash([0xee; 32])];
    let mut message = SyncMessage::decode(&NOTHING).unwrap();
    message.heads = unknown.clone();
    message.have = vec![Have { last_sync: unknown.clone(), ..Have::default() }];
    peer.receive(&mut graph, &message, [], NOW).unwrap();
    let answer = peer.next_message(&graph).unwrap();
    assert_eq!(answer.changes.len(), 100);
    assert_eq!(answer.with_chunks([]).need, unknown);
    for _ in 0..1000 {
        peer.receive(&mut graph, &message, [], NOW).unwrap();
        assert_eq!(peer.next_message(&graph), None);
    }
}

#[test]
fn new_unknown_heads_in_every_message_are_asked_for_within_bounds() {
    let mut graph = hundred_changes();
    let mut peer = PeerSync::new(Access::ReadWrite);
    let mut asked = 0;
    for round in 0..3 * HASHES_MAX {
        let mut message = SyncMessage::decode(&NOTHING).unwrap();
        message.heads =
            vec![ChangeHash(std::array::from_fn(|byte| (round >> (byte % 4 * 8)) as u8))];
        message.have = Vec::new();
        peer.receive(&mut graph, &message, [], NOW).unwrap();
        asked += peer.next_message(&graph).map_or(0, |sent| sent.with_chunks([]).need.len());
    }
    assert_eq!(asked, HASHES_MAX);
}

#[test]
fn a_change_is_advertised_when_it_is_stored_and_not_before() {
    let mut document = document();
    edit(&mut document, 1);
    let mut graph = Admission::new();
    let (mut author, mut reader) =
        (PeerSync::new(Access::ReadWrite), PeerSync::new(Access::ReadWrite));
    let nothing = SyncMessage::decode(&NOTHING).unwrap();
    reader.receive(&mut graph, &nothing, [], NOW).unwrap();
    assert!(reader.next_message(&graph).unwrap().changes.is_empty());

    let mut message = nothing.clone();
    message.heads = document.get_heads();
    let added = author.receive(&mut graph, &message, changes_of(&document), NOW).unwrap();
    assert_eq!(added.changes.len(), 1);
    assert_eq!(reader.next_message(&graph), None);
    assert!(author.next_message(&graph).unwrap().with_chunks([]).heads.is_empty());

    graph.mark_stored(1);
    let to_reader = reader.next_message(&graph).unwrap();
    assert_eq!((to_reader.changes.len(), to_reader.format()), (1, SyncFormat::Blob));
    let to_author = author.next_message(&graph).unwrap();
    assert!(to_author.changes.is_empty(), "it has its own change");
    assert_eq!(to_author.with_chunks([]).encode(), acknowledgement(&document.get_heads()));
}

#[test]
fn readers_in_the_same_situation_get_equal_messages() {
    let mut document = document();
    edit(&mut document, 1);
    let mut graph = stored(&document);
    let mut peers = vec![PeerSync::new(Access::ReadWrite); 5];
    let nothing = SyncMessage::decode(&NOTHING).unwrap();
    for peer in &mut peers {
        peer.receive(&mut graph, &nothing, [], NOW).unwrap();
        peer.next_message(&graph).unwrap();
    }
    edit(&mut document, 2);
    Pen::new().add(&mut graph, changes_of(&document), NOW);
    graph.mark_stored(2);
    let messages: Vec<_> = peers.iter_mut().map(|peer| peer.next_message(&graph)).collect();
    assert!(messages.iter().all(|message| *message == messages[0] && message.is_some()));
}

#[test]
fn a_peer_that_cannot_follow_is_sent_what_it_lacks_with_a_summary_that_it_understands() {
    let mut graph = hundred_changes();
    let mut peer = PeerSync::new(Access::ReadWrite);
    peer.receive(&mut graph, &SyncMessage::decode(&NOTHING).unwrap(), [], NOW).unwrap();
    let first = peer.next_message(&graph).unwrap().with_chunks([]);
    assert_eq!(first.have[0].last_sync, graph.heads());
    // It has ten changes only and answers as Automerge does to a last sync that it lacks.
    let mut confused = SyncMessage::decode(&NOTHING).unwrap();
    confused.heads = vec![graph.hash(9).unwrap()];
    peer.receive(&mut graph, &confused, [], NOW).unwrap();
    let again = peer.next_message(&graph).unwrap();
    assert_eq!(again.changes, (10..100).collect::<Vec<_>>());
    let summary = &again.with_chunks([]).have[0];
    assert_eq!(summary.last_sync, confused.heads);
    assert!(summary.since.contains(&graph.hash(99).unwrap()));
    // Once it has caught up, it is told in short again.
    let mut in_sync = SyncMessage::decode(&NOTHING).unwrap();
    (in_sync.heads, in_sync.have) = (graph.heads().to_vec(), Vec::new());
    peer.receive(&mut graph, &in_sync, [], NOW).unwrap();
    assert_eq!(peer.next_message(&graph), None);
}

#[test]
fn a_reader_is_told_that_its_changes_are_not_taken_and_asked_for_none() {
    let mut document = document();
    edit(&mut document, 1);
    let mut graph = Admission::new();
    let mut reader = PeerSync::new(Access::ReadOnly);
    let mut message = SyncMessage::decode(&NOTHING).unwrap();
    message.heads = document.get_heads();
    let added = reader.receive(&mut graph, &message, changes_of(&document), NOW).unwrap();
    assert!(added.changes.is_empty() && graph.is_empty());
    let answer = reader.next_message(&graph).unwrap().with_chunks([]);
    assert!(answer.has_flags(SyncFlags::READ_ONLY) && answer.need.is_empty());
}

#[test]
fn a_restarted_peer_is_answered_as_a_new_one() {
    let mut graph = hundred_changes();
    let mut peer = PeerSync::new(Access::ReadWrite);
    let nothing = SyncMessage::decode(&NOTHING).unwrap();
    for _ in 0..3 {
        peer.restart().unwrap();
        assert_eq!(peer.next_message(&graph), None, "it has not spoken");
        peer.receive(&mut graph, &nothing, [], NOW).unwrap();
        assert_eq!(peer.next_message(&graph).unwrap().changes.len(), 100);
    }
}

#[test]
fn a_client_shows_saved_once_the_relay_has_stored_its_change() {
    let mut document = document();
    edit(&mut document, 1);
    let mut graph = Admission::new();
    let mut log: Vec<Vec<u8>> = Vec::new();
    let mut relay = PeerSync::new(Access::ReadWrite);
    let mut client = ClientSync::new();
    for _ in 0..4 {
        let Some(bytes) = client.next_message(&document) else { break };
        assert_ne!(client.shared_heads(), document.get_heads());
        let message = SyncMessage::decode(&bytes).unwrap();
        let parts = message.changes.iter().flat_map(|part| chunks(part)).map(Result::unwrap);
        let changes: Vec<_> = parts
            .flat_map(|chunk| match chunk.kind() {
                ChunkKind::Document => changes_of(&Automerge::load(chunk.bytes()).unwrap()),
                _ => vec![chunk.change().unwrap().into_owned()],
            })
            .collect();
        let added = relay.receive(&mut graph, &message, changes, NOW).unwrap();
        log.extend(added.changes.iter().map(|change| change.bytes.to_vec()));
        graph.mark_stored(log.len());
        if let Some(answer) = relay.next_message(&graph) {
            let chunks = answer.changes.iter().map(|position| &*log[*position]);
            let answer = answer.with_chunks(chunks).encode();
            client.receive(&mut document, &answer).unwrap();
        }
    }
    assert_eq!(client.shared_heads(), document.get_heads());
    assert_eq!(client.relay_heads(), Some(&document.get_heads()[..]));
    assert!(matches!(client.receive(&mut document, b"hello"), Err(ReceiveError::Message(_))));
}
