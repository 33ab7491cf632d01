//! Whole networks in one thread: a relay's room and the clients of this project, with lost
//! connections, crashes, slow sockets and a store that takes its time. Every run replays from its
//! seed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "../../sync-protocol/tests/support/dice.rs"]
mod dice;
#[path = "room_worlds/world.rs"]
mod world;

use dice::Dice;
use world::World;

/// 150 in the suite; `KANBAN_SEEDS=0..5000` for a campaign, `KANBAN_SEEDS=17..18` to replay one.
fn seeds() -> std::ops::Range<u64> {
    let Ok(range) = std::env::var("KANBAN_SEEDS") else { return 0..150 };
    let (first, end) = range.split_once("..").expect("KANBAN_SEEDS is like 0..5000");
    first.parse().unwrap()..end.parse().unwrap()
}

fn turmoil(world: &mut World, dice: &mut Dice, steps: usize) {
    for _ in 0..steps {
        let client = dice.below(world.clients.len());
        match dice.below(34) {
            32 => world.compact(true),
            33 => world.compact(dice.below(2) == 0),
            0..6 => world.edit(client),
            6..16 => world.deliver_to_relay(client),
            16..24 => world.deliver_to_client(client),
            24..27 => world.store(),
            27 => world.drop_connection(client),
            28 => world.pass_time(dice),
            29 => world.restart_client(client),
            30 => world.stall_or_resume(client),
            _ if dice.below(4) == 0 => world.crash(),
            _ => world.turn(),
        }
        if dice.below(8) == 0 {
            world.nobody_was_told_of_what_a_crash_could_lose();
        }
    }
}

#[test]
fn what_a_client_saw_acknowledged_is_stored_and_all_end_with_the_same_changes() {
    let (mut compactions, mut fetches) = (0, 0);
    for seed in seeds() {
        let mut dice = Dice(seed);
        let mut world = World::new(1 + dice.below(5), 600);
        let steps = dice.below(500);
        turmoil(&mut world, &mut dice, steps);
        world.settle(&mut dice, &format!("seed {seed}"));
        compactions += world.compactions;
        fetches += world.fetches;
    }
    println!("{compactions} compactions, {fetches} times history was fetched");
    assert!(compactions > 0 && fetches > 0);
}

#[test]
fn a_catch_up_of_many_messages_arrives_whole() {
    for seed in 0..40 {
        let mut dice = Dice(10_000 + seed);
        let mut world = World::new(3, 100);
        for _ in 0..30 {
            world.edit(0);
        }
        world.settle(&mut dice, &format!("seed {seed}"));
    }
}
