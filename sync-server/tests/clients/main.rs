//! Stories that hold whichever client people use: an unmodified samod, or the one of this project.
//! Each is told once for either.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../../../sync-protocol/tests/support/dice.rs"]
mod dice;
mod person;
mod table;

use common::{Relay, Side, Wire};
use dice::Dice;
use person::{Kind, Person};
use sync_protocol::{ChunkKind, DocumentId};

/// Tells a story with people who use samod, and with people who use our own client.
macro_rules! with_either_client {
    ($($name:ident)*) => {
        $(mod $name {
            use super::person::Kind;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn with_samod() {
                super::$name(Kind::Samod).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn with_our_own_client() {
                super::$name(Kind::Own).await;
            }
        })*
    };
}

with_either_client! {
    edits_made_at_the_same_time_are_all_there_and_everybody_sees_the_same
    whoever_owes_most_of_a_history_sends_a_whole_document_and_others_get_its_changes
    whoever_opens_a_long_history_gets_the_stored_snapshot_as_a_whole_document
    a_reader_hears_of_everything_stays_connected_and_spreads_nothing
    large_changes_that_break_off_on_their_way_arrive_when_the_network_is_back
    a_relay_killed_while_large_changes_are_on_their_way_has_all_that_it_acknowledged
    what_one_says_others_hear_once_both_ways_and_nobody_hears_an_echo
}

/// Waits until all have these keys, and the relay has everything: then they have the same.
async fn all_agree(people: &[&Person], keys: &[&str]) {
    for person in people {
        person.sees(keys).await;
    }
    let first = people[0].shows().await;
    for person in people {
        person.is_acknowledged().await;
        assert_eq!(person.shows().await, first);
    }
}

/// Somebody who comes only now, and so has nothing but what the relay has.
async fn newcomer_has_what(person: &Person, kind: Kind, url: &str, id: DocumentId) {
    let newcomer = Person::finds(kind, url, id).await;
    let shown = person.shows().await;
    newcomer.gets(shown.0.clone()).await;
    assert_eq!(newcomer.shows().await, shown);
    newcomer.leaves().await;
}

async fn edits_made_at_the_same_time_are_all_there_and_everybody_sees_the_same(kind: Kind) {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(directory.path());
    let (ana, id) = Person::creates(kind, &relay.url(), &["plan"]).await;
    let ben = Person::finds(kind, &relay.url(), id).await;
    for round in 0..20 {
        let (hers, his) = (format!("hers {round}"), format!("his {round}"));
        tokio::join!(
            async {
                ana.edits("title", &hers).await;
                ana.edits(&hers, "1").await;
            },
            async {
                ben.edits("title", &his).await;
                ben.edits(&his, "1").await;
            }
        );
        all_agree(&[&ana, &ben], &["plan", &hers, &his]).await;
    }
}

async fn whoever_owes_most_of_a_history_sends_a_whole_document_and_others_get_its_changes(
    kind: Kind,
) {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(directory.path());
    let (ana, id) = Person::creates(kind, &relay.url(), &["plan"]).await;
    let ben = Person::finds(kind, &relay.url(), id).await;
    all_agree(&[&ana, &ben], &["plan"]).await;

    ana.goes_down();
    for number in 0..50 {
        ana.edits("title", &number.to_string()).await;
    }
    ana.edits("offline", "1").await;
    ben.edits("meanwhile", "1").await;
    ben.is_acknowledged().await;
    let (sent, received) = (ana.traffic().sent().len(), ben.traffic().received().len());
    ana.comes_up();
    all_agree(&[&ana, &ben], &["plan", "offline", "meanwhile"]).await;
    // What ben had already was in it again; he is sent what he lacks.
    assert!(ana.traffic().sent()[sent..].contains(&ChunkKind::Document));
    let received = &ben.traffic().received()[received..];
    assert!(received.len() >= 51 && !received.contains(&ChunkKind::Document), "{received:?}");

    relay.kill();
    ben.goes_down();
    ana.goes_down();
    relay.restart();
    newcomer_has_what(&ana, kind, &relay.url(), id).await;
}

async fn whoever_opens_a_long_history_gets_the_stored_snapshot_as_a_whole_document(kind: Kind) {
    let directory = tempfile::tempdir().unwrap();
    let options = ["--compact-at", "4K"];
    let mut relay = Relay::start_with(directory.path(), "127.0.0.1:0", &options);
    let (ana, id) = Person::creates(kind, &relay.url(), &["plan"]).await;
    for number in 0..300 {
        ana.edits("title", &number.to_string()).await;
    }
    ana.is_acknowledged().await;
    let whole = ana.shows().await;
    // The relay makes a snapshot when it gets to it, at the latest once nobody has it open.
    ana.goes_down();
    let gets_a_snapshot = || async {
        let newcomer = Person::finds(kind, &relay.url(), id).await;
        newcomer.gets(whole.0.clone()).await;
        assert_eq!(newcomer.shows().await, whole);
        let received = newcomer.traffic().received();
        newcomer.leaves().await;
        received.contains(&ChunkKind::Document)
    };
    while !gets_a_snapshot().await {}

    relay.kill();
    relay.restart();
    let newcomer = Person::finds(kind, &relay.url(), id).await;
    newcomer.gets(whole.0.clone()).await;
    assert_eq!(newcomer.traffic().received().first(), Some(&ChunkKind::Document));
    assert_eq!(newcomer.shows().await, whole);
    newcomer.edits("by a newcomer", "1").await;
    ana.comes_up();
    all_agree(&[&ana, &newcomer], &["by a newcomer"]).await;
}

async fn a_reader_hears_of_everything_stays_connected_and_spreads_nothing(kind: Kind) {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Relay::start_with_rules(directory.path());
    let (ana, id) = Person::creates(kind, &relay.url(), &["plan"]).await;
    let ben = Person::finds(kind, &relay.url(), id).await;
    let reader = Person::finds(kind, &relay.readers_url(), id).await;
    reader.edits("scribble", "1").await;
    ana.edits("hers", "1").await;
    reader.sees(&["scribble", "hers"]).await;
    reader.edits("scrawl", "1").await;
    ben.edits("his", "1").await;
    reader.sees(&["hers", "his"]).await;
    all_agree(&[&ana, &ben], &["plan", "hers", "his"]).await;
    assert_eq!(reader.traffic().connections(), 1);

    // Who comes back may not know yet that nobody takes what was written offline.
    reader.goes_down();
    reader.edits("doodle", "1").await;
    ana.edits("hers, meanwhile", "1").await;
    reader.comes_up();
    reader.sees(&["hers, meanwhile"]).await;
    ben.edits("his, later", "1").await;
    reader.sees(&["his, later"]).await;
    all_agree(&[&ana, &ben], &["hers, meanwhile", "his, later"]).await;
    for scribble in ["scribble", "scrawl", "doodle"] {
        assert!(reader.has(scribble).await);
        assert!(!ana.has(scribble).await && !ben.has(scribble).await, "{scribble}");
    }
    assert_eq!(reader.traffic().connections(), 2);

    relay.kill();
    ana.goes_down();
    ben.goes_down();
    relay.restart();
    newcomer_has_what(&ana, kind, &relay.url(), id).await;
    ana.comes_up();
    reader.comes_up();
    ana.edits("after the restart", "1").await;
    reader.sees(&["after the restart"]).await;
}

async fn large_changes_that_break_off_on_their_way_arrive_when_the_network_is_back(kind: Kind) {
    large_changes_break_off(kind, false).await;
}

async fn a_relay_killed_while_large_changes_are_on_their_way_has_all_that_it_acknowledged(
    kind: Kind,
) {
    large_changes_break_off(kind, true).await;
}

/// After so many bytes of a large change, which has more than all of them.
const BREAKS: [usize; 4] = [1, 100, 70_000, 600_000];

async fn large_changes_break_off(kind: Kind, by_a_kill: bool) {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(directory.path());
    let wire = Wire::to(relay.address()).await;
    let (ana, id) = Person::creates(kind, &wire.url(), &["plan"]).await;
    let ben = Person::finds(kind, &relay.url(), id).await;
    all_agree(&[&ana, &ben], &["plan"]).await;
    for (round, bytes) in BREAKS.into_iter().enumerate() {
        for side in [Side::Client, Side::Relay] {
            // Hers breaks off on the way to the relay; his on the way from there to her.
            let large = format!("{side:?} {round}");
            wire.holds_after(side, bytes);
            let author = if side == Side::Client { &ana } else { &ben };
            author.edits(&large, &noise(round as u64)).await;
            ben.is_acknowledged().await;
            let (acknowledged, _) = ben.shows().await;
            wire.is_holding().await;
            if by_a_kill {
                ben.goes_down();
                relay.kill();
            }
            wire.breaks();
            if by_a_kill {
                relay.restart();
                let newcomer = Person::finds(kind, &relay.url(), id).await;
                newcomer.gets(acknowledged).await;
                newcomer.leaves().await;
            }
            let meanwhile = format!("{large}, meanwhile");
            ana.edits(&meanwhile, "1").await;
            wire.mends();
            ana.comes_up();
            ben.comes_up();
            all_agree(&[&ana, &ben], &[&large, &meanwhile]).await;
        }
    }
    newcomer_has_what(&ana, kind, &relay.url(), id).await;
}

/// A long text that hardly gets smaller when it is compressed.
fn noise(seed: u64) -> String {
    let mut dice = Dice(seed);
    (0..1_000_000).map(|_| char::from(b' ' + dice.below(95) as u8)).collect()
}

async fn what_one_says_others_hear_once_both_ways_and_nobody_hears_an_echo(kind: Kind) {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(directory.path());
    let (mut ana, id) = Person::creates(kind, &relay.url(), &["plan"]).await;
    // And between clients of both kinds.
    for other in [Kind::Samod, Kind::Own] {
        let mut ben = Person::finds(other, &relay.url(), id).await;
        all_agree(&[&ana, &ben], &["plan"]).await;
        for number in 1..=3 {
            ana.says(&[number]).await;
            hears_at_last(&mut ben, &[number]).await;
            // Had she heard an echo, or he something twice, it would have come before the next.
            ben.says(&[number + 10]).await;
            hears_at_last(&mut ana, &[number + 10]).await;
        }
    }
}

/// Waits until this is heard, and nothing else.
async fn hears_at_last(person: &mut Person, said: &[u8]) {
    let heard = async {
        loop {
            let heard = person.hears().await;
            if !heard.is_empty() {
                return heard;
            }
            tokio::task::yield_now().await;
        }
    };
    let heard = tokio::time::timeout(std::time::Duration::from_secs(60), heard).await;
    assert_eq!(heard.expect("it arrives"), [said]);
}
