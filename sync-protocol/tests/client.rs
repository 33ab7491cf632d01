//! What a client promises about its relay, whatever the network, the disks and the relay do.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "client/alone.rs"]
mod alone;
#[path = "client/presence.rs"]
mod presence;
mod support;
#[path = "client/world.rs"]
mod world;

use std::time::Duration;
use support::Dice;
use sync_protocol::client::{ANSWER_TIMEOUT, Availability, Connection, Input};
use world::World;

/// Random edits, deliveries, saves, lost connections, crashes and waits.
fn turmoil(world: &mut World, dice: &mut Dice, steps: usize, relay_loses: bool) {
    for _ in 0..steps {
        let index = dice.below(world.people.len());
        match dice.below(40) {
            0..7 => world.edit(index),
            7..10 => world.tell(index, Input::Reconnect),
            10..14 => world.dial(index, dice.below(4) > 0),
            14 => world.lose_connection(index),
            15 => match dice.below(4) {
                0 => world.crash(index),
                1 => world.relay_comes_back_with(world.relay.graph.stored_len()),
                2 if relay_loses => {
                    let length = dice.below(world.relay.graph.stored_len() + 1);
                    world.relay_comes_back_with(length);
                }
                _ => {}
            },
            16 => world.save(index, dice.below(2) == 0),
            17 => world.wait(Duration::from_millis(dice.below(8000) as u64)),
            18..22 => world.store(),
            22..31 => _ = world.deliver_to_client(index),
            _ => _ = world.deliver_to_relay(index),
        }
        if !relay_loses {
            for index in 0..world.people.len() {
                let saved = world.people[index].client.status().pending == 0;
                assert!(!saved || world.has_stored_everything_of(index), "said, but not stored");
            }
        }
    }
}

fn everybody_has_everything(world: &World, seed: u64) {
    for person in &world.people {
        assert_eq!(person.document.get_heads(), world.relay.graph.heads(), "seed {seed}");
        let status = person.client.status();
        assert_eq!((status.pending, &status.problem), (0, &None), "seed {seed}");
        assert_eq!(status.connection, Connection::Online, "seed {seed}");
        let available = !world.relay.graph.is_empty();
        assert_eq!(status.document == Availability::Available, available, "seed {seed}");
    }
}

#[test]
fn saved_is_never_said_too_soon_and_everybody_ends_with_everything() {
    for seed in 0..150 {
        let mut dice = Dice(seed);
        let mut world = World::new(1 + dice.below(4));
        let steps = dice.below(600);
        turmoil(&mut world, &mut dice, steps, false);
        world.settle(&mut dice);
        everybody_has_everything(&world, seed);
    }
}

#[test]
fn a_relay_that_comes_back_with_a_backup_gets_what_it_lost_from_its_clients() {
    for seed in 0..150 {
        let mut dice = Dice(1000 + seed);
        let mut world = World::new(1 + dice.below(4));
        let steps = dice.below(600);
        turmoil(&mut world, &mut dice, steps, true);
        world.settle(&mut dice);
        everybody_has_everything(&world, seed);
    }
}

#[test]
fn a_connection_at_rest_stays_silent_and_open() {
    let mut dice = Dice(3);
    let mut world = World::new(2);
    world.edit(0);
    world.settle(&mut dice);
    for _ in 0..100 {
        world.wait(Duration::from_secs(10));
        // The socket answers pings.
        world.tell(0, Input::Heard);
        assert!(!(0..2).any(|index| world.deliver_to_relay(index)));
    }
    everybody_has_everything(&world, 3);
}

#[test]
fn pending_counts_the_right_changes_after_a_restart_before_the_relay_is_heard() {
    let mut dice = Dice(4);
    let mut world = World::new(2);
    (0..10).for_each(|_| world.edit(0));
    world.settle(&mut dice);
    world.save(0, true);
    world.lose_connection(0);
    assert_eq!(world.people[0].client.status().pending, 0);
    (0..3).for_each(|_| world.edit(0));
    assert_eq!(world.people[0].client.status().pending, 3);
    world.crash(0);
    world.edit(0);
    assert_eq!(world.people[0].client.status().pending, 4);
    world.edit(1);
    world.settle(&mut dice);
    everybody_has_everything(&world, 4);
}

#[test]
fn what_a_relay_lost_is_pending_again_and_sent_again() {
    let mut dice = Dice(5);
    let mut world = World::new(1);
    (0..10).for_each(|_| world.edit(0));
    world.settle(&mut dice);
    world.relay_comes_back_with(4);
    world.tell(0, Input::Reconnect);
    world.dial(0, true);
    let mut seen = Vec::new();
    while world.deliver_to_relay(0) || world.deliver_to_client(0) {
        seen.push(world.people[0].client.status().pending);
    }
    assert!(seen.contains(&6), "{seen:?}");
    world.settle(&mut dice);
    everybody_has_everything(&world, 5);
}

#[test]
fn a_document_that_the_relay_does_not_have_appears_when_somebody_brings_it() {
    let mut dice = Dice(6);
    let mut world = World::new(2);
    world.tell(1, Input::Reconnect);
    world.dial(1, true);
    while world.deliver_to_relay(1) || world.deliver_to_client(1) {}
    assert_eq!(world.people[1].client.status().document, Availability::Unavailable);
    world.edit(0);
    world.settle(&mut dice);
    everybody_has_everything(&world, 6);
}

#[test]
fn a_person_who_types_on_does_not_hide_that_the_relay_is_gone() {
    let mut dice = Dice(7);
    let mut world = World::new(2);
    world.edit(1);
    world.settle(&mut dice);
    let mut seconds = 0;
    while world.people[1].client.status().connection == Connection::Online {
        world.edit(1);
        world.wait(Duration::from_secs(1));
        seconds += 1;
        assert!(seconds <= ANSWER_TIMEOUT.as_secs(), "nobody answers");
    }
    assert_eq!(world.people[1].client.status().pending as u64, seconds);
}

#[test]
fn a_relay_that_lost_the_document_is_not_said_to_have_it() {
    let mut dice = Dice(8);
    let mut world = World::new(1);
    world.edit(0);
    world.settle(&mut dice);
    world.relay_comes_back_with(0);
    world.tell(0, Input::Reconnect);
    world.dial(0, true);
    let mut seen = Vec::new();
    while world.deliver_to_relay(0) || world.deliver_to_client(0) {
        seen.push(world.people[0].client.status().document);
    }
    assert!(seen.contains(&Availability::Unknown), "{seen:?}");
    world.settle(&mut dice);
    everybody_has_everything(&world, 8);
}
