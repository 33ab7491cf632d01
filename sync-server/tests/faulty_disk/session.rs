//! People at a relay whose disk is faulty.

use crate::common::{Peer, Relay, noise};
use crate::faults::Faults;
use automerge::{ActorId, Automerge, ChangeHash};
use std::collections::BTreeSet;
use std::time::Duration;
use sync_protocol::DocumentId;
use sync_server::store::{SledStore, Store};
use sync_server::verify::verify;
use tokio::time::timeout;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);

/// What somebody was told of: heads that the relay named, and changes that it passed on.
#[derive(Default)]
pub struct Told(pub BTreeSet<ChangeHash>);

impl Told {
    pub fn hears(&mut self, peer: &Peer) {
        self.0.extend(peer.acknowledged());
        let own = peer.document.get_actor();
        let changes = peer.document.get_changes(&[]);
        let others = changes.iter().filter(|change| change.actor_id() != own);
        self.0.extend(others.map(|change| change.hash()));
    }
}

/// Takes until `is_there`; none if the relay has closed, or a call has failed and nothing comes.
async fn takes_until(
    peer: &mut Peer,
    told: &mut Told,
    faults: &Faults,
    is_there: impl Fn(&Peer) -> bool,
) -> Option<()> {
    while !is_there(peer) {
        match timeout(Duration::from_millis(100), peer.takes()).await {
            Ok(true) => told.hears(peer),
            Ok(false) => return None,
            Err(_) if faults.has_failed() => return None,
            Err(_) => {}
        }
    }
    Some(())
}

async fn joins(relay: &Relay, name: &str, actor: u8) -> Peer {
    let document = Automerge::new().with_actor(ActorId::from([actor; 16]));
    Peer::connect(&relay.url(), name, DOCUMENT, document).await
}

/// Two people take turns with changes small and large, each upon the other's; then a third opens what
/// is stored. Returns the two once there is no more to say, or the relay does not answer.
pub async fn session(relay: &Relay, actor: u8, told: &mut Told, faults: &Faults) -> (Peer, Peer) {
    let mut ana = joins(relay, "ana", actor).await;
    let mut ben = joins(relay, "ben", actor + 1).await;
    if turns(&mut ana, &mut ben, told, faults).await.is_some() {
        let expected = ana.document.get_heads();
        let mut cleo = joins(relay, "cleo", actor + 2).await;
        takes_until(&mut cleo, told, faults, |cleo| cleo.document.get_heads() == expected).await;
    }
    (ana, ben)
}

async fn turns(ana: &mut Peer, ben: &mut Peer, told: &mut Told, faults: &Faults) -> Option<()> {
    let (mut one, mut other) = (ana, ben);
    for (round, length) in [20, 20, 90_000, 20, 20].into_iter().enumerate() {
        one.edits("title", &noise(round, length));
        one.speaks().await;
        let is_saved = |peer: &Peer| peer.acknowledged() == peer.document.get_heads();
        takes_until(one, told, faults, is_saved).await?;
        let expected = one.document.get_heads();
        takes_until(other, told, faults, |peer| peer.document.get_heads() == expected).await?;
        (one, other) = (other, one);
    }
    Some(())
}

/// A relay on a disk with these faults; none if it cannot open its store.
pub fn starts(faults: &Faults) -> Option<Relay> {
    let options = ["--compact-at", "64"];
    Relay::start_in(&faults.data, "127.0.0.1:0", &options, &faults.environment()).ok()
}

/// The store opens, by a process whose calls work, and has everything that somebody was told of.
pub fn everything_is_there(told: &Told, faults: &Faults) {
    let context = faults.context();
    let store =
        SledStore::open(&faults.data).unwrap_or_else(|error| panic!("{context}: {error:?}"));
    let stored = store.load(DOCUMENT).unwrap_or_else(|error| panic!("{context}: {error:?}"));
    let entries = stored.unwrap_or_default().entries().unwrap();
    let stored: BTreeSet<ChangeHash> = entries.iter().map(|entry| entry.hash).collect();
    let lost = told.0.difference(&stored).count();
    assert_eq!(lost, 0, "{context}: of {} changes told of, {lost} are lost", told.0.len());
    verify(&store, DOCUMENT).unwrap_or_else(|error| panic!("{context}: {error:?}"));
}
