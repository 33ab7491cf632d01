//! A client's sync against Automerge's own at the other end.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use automerge::sync::{self, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT};
use std::collections::VecDeque;
use support::Dice;
use sync_protocol::*;

fn edit(document: &mut Automerge, key: usize, value: u64) {
    let mut transaction = document.transaction();
    transaction.put(ROOT, format!("key {key}"), value).unwrap();
    transaction.commit();
}

fn document(actor: u8) -> Automerge {
    Automerge::new().with_actor(ActorId::from([actor; 16]))
}

#[test]
fn automerge_s_own_sync_ends_with_the_same_changes_as_ours_and_then_both_are_silent() {
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let (mut ours, mut theirs) = (document(1), document(2));
        let mut kept: Vec<ChangeHash> = Vec::new();
        for _ in 0..1 + dice.below(4) {
            let mut sync = ClientSync::resuming(&kept, &ours);
            let mut state = sync::State::new();
            let (mut to_ours, mut to_theirs) = (VecDeque::new(), VecDeque::new());
            let is_last = dice.below(3) == 0;
            for step in 0.. {
                assert!(step < 1000, "seed {seed} does not come to rest");
                to_theirs.extend(sync.next_message(&ours));
                let message = theirs.generate_sync_message(&mut state);
                to_ours.extend(message.map(sync::Message::encode));
                if step >= 40 && to_ours.is_empty() && to_theirs.is_empty() {
                    assert_eq!(ours.get_heads(), theirs.get_heads(), "seed {seed}");
                    assert_eq!(sync.shared_heads(), ours.get_heads(), "seed {seed}");
                    assert!(!sync.expects_answer(&ours), "seed {seed}");
                    break;
                }
                if step < 40 && dice.below(3) == 0 {
                    match dice.below(2) {
                        0 => edit(&mut ours, dice.below(5), step),
                        _ => edit(&mut theirs, dice.below(5), step),
                    }
                } else if dice.below(2) == 0 {
                    if let Some(bytes) = to_ours.pop_front() {
                        sync.receive(&mut ours, &bytes).unwrap();
                    }
                } else if let Some(bytes) = to_theirs.pop_front() {
                    let message = sync::Message::decode(&bytes).unwrap();
                    theirs.receive_sync_message(&mut state, message).unwrap();
                }
                if step >= 20 && !is_last && dice.below(20) == 0 {
                    break;
                }
            }
            kept = sync.shared_heads().to_vec();
        }
    }
}

#[test]
fn several_changes_go_out_while_the_relay_owes_an_answer_and_none_goes_twice() {
    let mut document = document(1);
    edit(&mut document, 0, 0);
    let mut relay = support::Relay::new();
    relay.connect(0, Access::ReadWrite);
    let mut sync = ClientSync::new();
    relay.receive(0, &sync.next_message(&document).unwrap()).unwrap();
    sync.receive(&mut document, &relay.speak(0).unwrap()).unwrap();
    let mut sent = 0;
    for value in 1..20 {
        let message = sync.next_message(&document).unwrap();
        let message = SyncMessage::decode(&message).unwrap();
        sent += message.changes.iter().flat_map(|part| chunks(part)).count();
        edit(&mut document, 1, value);
    }
    assert_eq!(sent, 19, "one chunk in each message");
}

#[test]
fn a_first_message_after_a_restart_does_not_summarise_the_history() {
    let mut document = document(1);
    (0..1000).for_each(|value| edit(&mut document, 0, value));
    let shared = document.get_heads();
    (0..5).for_each(|value| edit(&mut document, 1, value));
    let first = |mut sync: ClientSync| sync.next_message(&document).unwrap();
    let resumed = first(ClientSync::resuming(&shared, &document));
    let have = SyncMessage::decode(&resumed).unwrap().have;
    assert_eq!(have[0].last_sync, shared);
    assert!(have[0].since.is_empty(), "a filter may claim too much");
    assert!(resumed.len() < 100 && first(ClientSync::new()).len() > 1000);
}

#[test]
fn what_a_relay_has_stays_known_while_it_names_heads_that_have_not_arrived() {
    let mut ours = document(1);
    edit(&mut ours, 0, 1);
    let (first, mut other) = (ours.get_heads()[0], document(2));
    edit(&mut other, 1, 1);
    ours.merge(&mut other).unwrap();
    let shared = ours.get_heads();
    let mut sync = ClientSync::resuming(&shared, &ours);
    let unknown = ChangeHash([0xee; 32]);
    sync.receive(&mut ours, &acknowledgement(&[first, unknown])).unwrap();
    assert_eq!(sync.shared_heads(), shared);
}

#[test]
fn heads_that_a_restored_document_lacks_are_not_claimed() {
    let mut newer = document(1);
    edit(&mut newer, 0, 1);
    let backup = newer.clone();
    edit(&mut newer, 0, 2);
    let sync = ClientSync::resuming(&newer.get_heads(), &backup);
    assert_eq!(sync.shared_heads(), []);
}
