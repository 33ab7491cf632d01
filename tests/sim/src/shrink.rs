//! Cutting a failing script down to the steps that matter.

use crate::broken::Broken;
use crate::run::{Run, replay};
use crate::step::Step;

type Steps = Vec<(usize, Step)>;

/// The least steps found that still break the same promise, and how they break it.
///
/// Steps keep their numbers, by which deliveries name the changes of others, so that any of them
/// can be left out.
pub fn shrink(run: &Run, broken: Broken) -> (Steps, Broken) {
    let mut least = (run.steps.clone(), broken);
    let mut size = least.0.len().div_ceil(2);
    while size > 0 {
        let mut start = 0;
        while start < least.0.len() {
            let cut =
                |(index, _): &(usize, &(usize, Step))| *index < start || *index >= start + size;
            let fewer: Steps =
                least.0.iter().enumerate().filter(cut).map(|(_, s)| s.clone()).collect();
            match still_fails(run, &fewer, least.1.invariant) {
                Some(broken) => least = (fewer, broken),
                None => start += size,
            }
        }
        size /= 2;
    }
    shrink_deliveries(run, &mut least);
    least
}

fn shrink_deliveries(run: &Run, least: &mut (Steps, Broken)) {
    for index in 0..least.0.len() {
        let mut place = 0;
        loop {
            let mut fewer = least.0.clone();
            let Some((_, Step::Deliver { steps, .. })) = fewer.get_mut(index) else { break };
            if place >= steps.len() {
                break;
            }
            steps.remove(place);
            match still_fails(run, &fewer, least.1.invariant) {
                Some(broken) => *least = (fewer, broken),
                None => place += 1,
            }
        }
    }
}

fn still_fails(run: &Run, steps: &Steps, invariant: &str) -> Option<Broken> {
    let broken = replay(run.seed, run.cast, steps).err()?;
    (broken.invariant == invariant).then_some(broken)
}
