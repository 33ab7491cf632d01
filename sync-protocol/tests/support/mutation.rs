//! Valid changes with some bytes flipped, inserted or deleted, under a correct checksum.

use crate::hostile::harm::harm;
use crate::hostile::writer::{Forged, Op, arrive, chunk, content};
use crate::hostile::{ANA, BEN, World};
use crate::support::Dice;
use sync_protocol::{Admission, Inserted};

pub struct Campaign {
    dice: Dice,
    world: World,
    admission: Admission,
    seeds: Vec<Vec<u8>>,
}

#[derive(Debug, Default)]
pub struct Outcome {
    pub executions: usize,
    pub admitted: usize,
    /// What each harmful change does, and its bytes.
    pub harmful: Vec<String>,
}

impl Campaign {
    pub fn new(seed: u64) -> Self {
        let world = World::new();
        let admission = world.admission();
        let seeds = seeds(&world);
        for seed in &seeds {
            let outcome = admission.clone().insert(&arrive(seed).unwrap());
            assert!(matches!(outcome, Ok(Inserted::At(_))), "{outcome:?}");
        }
        Self { dice: Dice(seed), world, admission, seeds }
    }

    pub fn run(&mut self, executions: usize) -> Outcome {
        let mut outcome = Outcome { executions, ..Outcome::default() };
        for _ in 0..executions {
            let bytes = self.mutant();
            let Some(change) = arrive(&bytes) else { continue };
            if let Ok(Inserted::At(_)) = self.admission.clone().insert(&change) {
                outcome.admitted += 1;
                if let Some(harm) = harm(&self.world.changes, &bytes) {
                    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                    outcome.harmful.push(format!("{harm}: {hex}"));
                }
            }
        }
        outcome
    }

    fn mutant(&mut self) -> Vec<u8> {
        let dice = &mut self.dice;
        let seed = &self.seeds[dice.below(self.seeds.len())];
        let mut bytes = content(seed).to_vec();
        for _ in 0..=dice.below(3) {
            // Behind the dependency and the actor, most of the time.
            let start = if dice.below(8) == 0 { 0 } else { 49 };
            let at = start + dice.below(bytes.len() - start);
            match dice.below(6) {
                0 => bytes[at] ^= 1 << dice.below(8),
                1 => bytes[at] = dice.below(256) as u8,
                2 => bytes[at] = bytes[at].wrapping_add(1),
                3 => bytes[at] = bytes[at].wrapping_sub(1),
                4 => bytes.insert(at, dice.below(256) as u8),
                _ => _ = bytes.remove(at),
            }
        }
        chunk(1, &bytes)
    }
}

fn seeds(world: &World) -> Vec<Vec<u8>> {
    let ana = |number| (1, number);
    let text = ana(1);
    let of = |others: &[[u8; 16]], ops: &[Op]| world.forged(others).with(ops).bytes();
    let changed = |op: Op| Op { insert: false, ..op };
    vec![
        of(&[], &[Op::put("k")]),
        of(&[ANA], &[Op::put("k").within(ana(7)).over(&[ana(8)])]),
        of(
            &[ANA],
            &[Op::at("n", 5).with_value(4, &[3]).over(&[ana(9)]), Op::put("n").over(&[ana(9)])],
        ),
        of(&[ANA], &[Op::at("n", 3).over(&[ana(9)]), Op::at("list", 3).over(&[ana(5)])]),
        of(
            &[ANA],
            &[
                Op::insert(text, None),
                Op::insert(text, Some((0, 16))),
                Op::insert(text, Some(ana(2))),
            ],
        ),
        of(&[ANA], &[Op::begin_mark(text, Some(ana(2))), Op::end_mark(text, Some(ana(3)))]),
        of(
            &[ANA],
            &[
                Op { expand: true, ..Op::begin_mark(text, None) },
                Op { expand: true, ..Op::end_mark(text, Some((0, 16))) },
                Op::insert(text, Some((0, 17))),
            ],
        ),
        of(
            &[ANA],
            &[
                changed(Op::insert(text, Some(ana(2)))).over(&[ana(2)]),
                changed(Op::insert(text, Some(ana(3)))).doing(3).over(&[ana(3)]),
                changed(Op::insert(ana(5), Some(ana(6)))).over(&[ana(6)]),
            ],
        ),
        of(&[], &[Op::at("new", 2), Op::insert((0, 16), None), Op::insert((0, 16), None).doing(0)]),
        of(
            &[],
            &[
                Op::at("new", 4),
                Op::insert((0, 16), None),
                Op::at("m", 0),
                Op::put("x").within((0, 18)),
            ],
        ),
        of(
            &[ANA, BEN],
            &[
                Op::put("k").within((2, 13)),
                Op::insert((2, 14), Some((2, 15))),
                Op::put("k").within(ana(7)),
            ],
        ),
        of(
            &[],
            &[
                Op::put("a").with_value(8, &[5]),
                Op::put("b").with_value(5, &[0; 8]),
                Op::put("c").with_value(9, &[1]),
                Op::put("d").with_value(7, &[1, 2]),
            ],
        ),
        Forged { extra: vec![1, 3, 1, 2, 3], message: b"hi".to_vec(), ..world.honest() }.bytes(),
    ]
}
