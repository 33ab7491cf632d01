//! A relay that keeps no document brings unmodified clients together: Automerge's own sync is the
//! other end of every connection.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod support;
#[path = "relay/world.rs"]
mod world;

use support::Dice;
use sync_protocol::*;
use world::{Kind, World};

/// Random edits, deliveries, stores, lost connections and crashes.
fn turmoil(world: &mut World, dice: &mut Dice, steps: usize) {
    for _ in 0..steps {
        let index = dice.below(world.clients.len());
        match dice.below(40) {
            0..8 => world.edit(index),
            8..12 => world.connect(index),
            12 => world.disconnect(index, dice.below(2) == 0),
            13 => match dice.below(6) {
                0 => world.crash(),
                1 => world.restore(dice),
                2 => world.forget(index),
                3 if world.clients[index].kind != Kind::Publisher => world.reopen(index, dice),
                _ => {}
            },
            14..20 => world.store(),
            20..30 => _ = world.deliver_to_client(index),
            _ => _ = world.deliver_to_relay(index),
        }
    }
}

#[test]
fn clients_end_with_the_same_changes_whatever_was_lost_on_the_way() {
    let mut shared = 0;
    for seed in 0..100 {
        let mut dice = Dice(seed);
        let kinds = vec![Kind::Usual; 1 + dice.below(4)];
        let mut world = World::new(&kinds);
        let steps = dice.below(400);
        turmoil(&mut world, &mut dice, steps);
        world.settle(&mut dice, 60 * kinds.len());
        for index in 0..kinds.len() {
            assert_eq!(world.heads(index), world.relay.graph.heads(), "seed {seed}");
        }
        shared += world.relay.shared;
    }
    assert!(shared > 200, "{shared} messages were what every follower gets");
}

#[test]
fn our_own_clients_end_with_the_same_changes_beside_automerge_s() {
    for seed in 0..100 {
        let mut dice = Dice(6000 + seed);
        let kinds = [Kind::Ours, Kind::Usual, Kind::Ours, Kind::Old];
        let kinds = &kinds[..1 + dice.below(4)];
        let mut world = World::new(kinds);
        let steps = dice.below(400);
        turmoil(&mut world, &mut dice, steps);
        world.settle(&mut dice, 60 * kinds.len());
        for index in 0..kinds.len() {
            assert_eq!(world.heads(index), world.relay.graph.heads(), "seed {seed}");
        }
    }
}

#[test]
fn clients_of_older_versions_take_part() {
    for seed in 0..100 {
        let mut dice = Dice(1000 + seed);
        let kinds = [Kind::Old, Kind::Usual, Kind::Old];
        let mut world = World::new(&kinds);
        let steps = dice.below(300);
        turmoil(&mut world, &mut dice, steps);
        world.settle(&mut dice, 60 * kinds.len());
        for index in 0..kinds.len() {
            assert_eq!(world.heads(index), world.relay.graph.heads(), "seed {seed}");
        }
    }
}

#[test]
fn a_document_opened_anew_over_the_same_connection_is_brought_up_to_date() {
    for seed in 0..60 {
        let mut dice = Dice(5000 + seed);
        let mut world = World::new(&[Kind::Usual, Kind::Usual]);
        let steps = dice.below(200);
        turmoil(&mut world, &mut dice, steps);
        world.settle(&mut dice, 120);
        match dice.below(3) {
            0 => world.forget(0),
            _ => world.reopen(0, &mut dice),
        }
        world.settle(&mut dice, 20);
        for index in 0..2 {
            assert_eq!(world.heads(index), world.relay.graph.heads(), "seed {seed}");
        }
    }
}

#[test]
fn a_publisher_is_heard_and_sent_nothing() {
    for seed in 0..100 {
        let mut dice = Dice(2000 + seed);
        let mut world = World::new(&[Kind::Publisher, Kind::Usual]);
        let steps = dice.below(300);
        turmoil(&mut world, &mut dice, steps);
        world.settle(&mut dice, 120);
        assert_eq!(world.heads(1), world.relay.graph.heads(), "seed {seed}");
        for head in world.heads(0) {
            assert!(world.relay.graph.contains(&head), "seed {seed}");
        }
        let changes = world.clients[0].document.get_changes(&[]);
        assert!(changes.iter().all(|change| change.actor_id().to_bytes()[0] == 1), "seed {seed}");
    }
}

#[test]
fn a_publisher_that_begins_to_listen_is_sent_what_it_ignored() {
    for seed in 0..60 {
        let mut dice = Dice(4000 + seed);
        let mut world = World::new(&[Kind::Publisher, Kind::Usual]);
        let steps = dice.below(200);
        turmoil(&mut world, &mut dice, steps);
        if dice.below(2) == 0 {
            world.settle(&mut dice, 120);
        }
        world.becomes_usual(0);
        world.settle(&mut dice, 120);
        for index in 0..2 {
            assert_eq!(world.heads(index), world.relay.graph.heads(), "seed {seed}");
        }
    }
}

#[test]
fn a_reader_sees_everything_and_changes_nothing() {
    for seed in 0..100 {
        let mut dice = Dice(3000 + seed);
        let mut world = World::new(&[Kind::Reader, Kind::Usual]);
        let steps = dice.below(300);
        turmoil(&mut world, &mut dice, steps);
        world.settle(&mut dice, 120);
        assert_eq!(world.heads(1), world.relay.graph.heads(), "seed {seed}");
        assert_eq!(world.relay.graph.seq(&ActorId::from([1; 16])), 0);
        let reader = &world.clients[0].document;
        for head in world.relay.graph.heads() {
            assert!(reader.get_change_meta_by_hash(head).is_some(), "seed {seed}");
        }
    }
}

#[test]
fn one_change_takes_one_message_to_each_reader_and_one_acknowledgement_back() {
    let mut dice = Dice(1);
    let mut world = World::new(&[Kind::Usual; 10]);
    world.edit(0);
    world.settle(&mut dice, 200);
    world.messages = 0;
    world.edit(3);
    world.settle(&mut dice, 100);
    // To all ten, and back from nine: the author is in sync already.
    assert_eq!(world.messages, 19);
}
