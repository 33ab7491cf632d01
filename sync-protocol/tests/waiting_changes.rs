//! Changes that wait for others, and what becomes of those that wait for too long.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use automerge::sync::{self, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT};
use std::time::Duration;
use support::Relay;
use sync_protocol::*;

const ANA: usize = 1;
const BEN: usize = 2;

fn document(actor: usize) -> Automerge {
    Automerge::new().with_actor(ActorId::from([actor as u8; 16]))
}

fn edit(document: &mut Automerge, value: &str) {
    let mut transaction = document.transaction();
    transaction.put(ROOT, "key", value).unwrap();
    transaction.commit();
}

/// Automerge's own sync, or this crate's.
enum Client {
    Automerge(Box<sync::State>),
    Ours(Box<ClientSync>),
}

impl Client {
    fn both() -> [Self; 2] {
        [Self::Automerge(Box::default()), Self::Ours(Box::default())]
    }

    fn says(&mut self, document: &Automerge) -> Option<Vec<u8>> {
        match self {
            Self::Automerge(state) => document.generate_sync_message(state).map(|it| it.encode()),
            Self::Ours(sync) => sync.next_message(document),
        }
    }

    fn hears(&mut self, document: &mut Automerge, bytes: &[u8]) {
        match self {
            Self::Automerge(state) => {
                let message = sync::Message::decode(bytes).unwrap();
                document.receive_sync_message(state, message).unwrap();
            }
            Self::Ours(sync) => _ = sync.receive(document, bytes).unwrap(),
        }
    }
}

/// Passes messages on until both are silent.
fn settle(relay: &mut Relay, peer: usize, client: &mut Client, document: &mut Automerge) {
    loop {
        let mut is_quiet = true;
        if let Some(bytes) = client.says(document) {
            relay.receive(peer, &bytes).unwrap();
            relay.store();
            is_quiet = false;
        }
        if let Some(bytes) = relay.speak(peer) {
            client.hears(document, &bytes);
            is_quiet = false;
        }
        if is_quiet {
            return;
        }
    }
}

/// The same message without its first change.
fn without_first_change(bytes: &[u8]) -> Vec<u8> {
    let mut message = SyncMessage::decode(bytes).unwrap();
    let blob = message.changes.concat();
    let parts: Vec<&[u8]> = chunks(&blob).map(|chunk| chunk.unwrap().bytes()).collect();
    let changes = parts[1..].iter().map(|part| part.to_vec().into()).collect();
    message.changes = changes;
    message.encode()
}

#[test]
fn what_was_dropped_after_a_minute_is_asked_for_again_once_what_it_builds_on_has_come() {
    for mut client in Client::both() {
        let mut relay = Relay::new();
        // Enough that nobody sends the whole document, and the relay has all of it.
        let mut ana = document(ANA);
        (0..20).for_each(|number| edit(&mut ana, &format!("Write {number}")));
        let mut anas = Client::Automerge(Box::default());
        relay.connect(ANA, Access::ReadWrite);
        settle(&mut relay, ANA, &mut anas, &mut ana);
        let mut ben = ana.clone().with_actor(ActorId::from([BEN as u8; 16]));
        relay.connect(BEN, Access::ReadWrite);
        settle(&mut relay, BEN, &mut client, &mut ben);

        // Ben gets a change of Ana's some other way, and builds on it. That it is the relay which
        // lacks something is nobody's fault but the network's.
        relay.disconnect(ANA);
        edit(&mut ana, "Write it down");
        ben.merge(&mut ana).unwrap();
        edit(&mut ben, "Read");
        let sent = without_first_change(&client.says(&ben).unwrap());
        assert!(relay.receive(BEN, &sent).unwrap().changes.is_empty());
        assert_eq!(relay.poll_timeout(BEN), Some(relay.now + WAITING_TIME_MAX));
        // What the relay asks for is lost too.
        assert!(relay.speak(BEN).is_some());
        relay.now += WAITING_TIME_MAX;
        relay.tick(BEN);
        assert_eq!(relay.poll_timeout(BEN), None);
        assert_eq!(relay.speak(BEN), None, "what it waited for has not come");

        let mut anas = Client::Automerge(Box::default());
        relay.connect(ANA, Access::ReadWrite);
        settle(&mut relay, ANA, &mut anas, &mut ana);
        assert_eq!(relay.graph.heads(), ana.get_heads());
        let asked = relay.speak(BEN).unwrap();
        let asked_for = SyncMessage::decode(&asked).unwrap();
        assert_eq!(asked_for.need, ben.get_heads());
        assert!(asked_for.has_flags(SyncFlags::SYNC_RESET), "or nothing is sent twice");
        client.hears(&mut ben, &asked);
        settle(&mut relay, BEN, &mut client, &mut ben);
        settle(&mut relay, ANA, &mut anas, &mut ana);
        assert_eq!(relay.graph.heads(), ben.get_heads());
        assert_eq!(ana.get_heads(), ben.get_heads());
    }
}

#[test]
fn what_arrives_within_the_minute_is_taken_with_what_it_builds_on() {
    let mut whole = document(ANA);
    (0..2).for_each(|number| edit(&mut whole, &format!("Write {number}")));
    let changes: Vec<RawChange<'static>> = whole
        .get_changes(&[])
        .iter()
        .map(|change| {
            chunks(change.raw_bytes()).next().unwrap().unwrap().change().unwrap().into_owned()
        })
        .collect();
    let (mut graph, mut pen) = (Admission::new(), Pen::new());
    pen.add(&mut graph, [changes[1].clone()], Duration::ZERO);
    assert_eq!(pen.expire(WAITING_TIME_MAX - Duration::from_millis(1)), 0);
    let added = pen.add(&mut graph, [changes[0].clone()], WAITING_TIME_MAX);
    assert_eq!(added.changes.len(), 2);
}
