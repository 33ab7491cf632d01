//! Running seeds: one, or many on all processors.

use crate::broken::{Broken, Check};
use crate::script::{Habits, Script};
use crate::shrink::shrink;
use crate::step::Step;
use crate::tally::Tally;
use crate::world::{FIRST_STEP, World};
use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A script that was run, as far as it came.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its seed.
    pub seed: u64,
    /// How many people, and whether they started from one copy.
    pub cast: (usize, bool),
    /// The steps with their numbers.
    pub steps: Vec<(usize, Step)>,
    /// Whether every promise held.
    pub result: Check,
    /// What it met.
    pub tally: Tally,
}

/// Draws the script of a seed and runs it until it ends or a promise breaks.
pub fn run_seed(seed: u64, steps: usize, habits: Habits) -> Run {
    let mut script = Script::new(seed, steps, habits);
    let cast = script.cast();
    let mut run = Run { seed, cast, steps: Vec::new(), result: Ok(()), tally: Tally::default() };
    let mut world = match guarded(|| World::new(seed, cast.0, cast.1)) {
        Ok(world) => world,
        Err(broken) => return Run { result: Err(broken), ..run },
    };
    while run.result.is_ok() {
        let number = FIRST_STEP + run.steps.len();
        let Some(step) = script.next(number, &world) else { break };
        run.result = guarded(|| world.perform(number, &step));
        run.steps.push((number, step));
    }
    run.tally = world.tally;
    run
}

/// Runs steps that were drawn before, or what is left of them.
pub fn replay(seed: u64, cast: (usize, bool), steps: &[(usize, Step)]) -> Check {
    let mut world = guarded(|| World::new(seed, cast.0, cast.1))?;
    let mut steps = steps.iter();
    steps.try_for_each(|(number, step)| guarded(|| world.perform(*number, step)))
}

/// A panic is a broken promise too.
pub(crate) fn guarded<T>(act: impl FnOnce() -> Result<T, Broken>) -> Result<T, Broken> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Broken { invariant: "panic", detail: text.unwrap_or_default() })
    })
}

/// A script that broke a promise, and the least of it that still does.
#[derive(Debug)]
pub struct Failure {
    title: String,
    run: Run,
    least: Vec<(usize, Step)>,
    broken: Broken,
}

impl Failure {
    /// The run's failure, cut down; none if every promise held.
    pub fn of(run: Run) -> Option<Self> {
        let title = format!("KANBAN_SEED={}", run.seed);
        Self::titled(title, run)
    }

    /// The same for a script that is found again by another name than its seed.
    pub fn titled(title: String, run: Run) -> Option<Self> {
        let broken = run.result.clone().err()?;
        let (least, broken) = shrink(&run, broken);
        Some(Self { title, run, least, broken })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Run { cast: (people, together), steps, .. } = &self.run;
        let start = if *together { "from one copy" } else { "each from their own beginning" };
        writeln!(f, "{}: {}", self.title, self.broken)?;
        writeln!(f, "{people} people, {start}; {} of {} steps:", self.least.len(), steps.len())?;
        self.least.iter().try_for_each(|(number, step)| writeln!(f, "  {number:>3} {step}"))
    }
}

/// Many seeds.
#[derive(Debug)]
pub struct Campaign {
    /// What they met in all.
    pub tally: Tally,
    /// The scripts that broke a promise, by seed; the first few only.
    pub failures: Vec<Failure>,
}

/// A campaign stops after so many failures: they are mostly the same one.
pub(crate) const FAILURES_MAX: usize = 5;

impl Campaign {
    /// Runs seeds on all processors. The result does not depend on how many there are, unless
    /// there are too many failures.
    pub fn run(seeds: Range<u64>, steps: usize) -> Self {
        Self::of(seeds, steps, Habits::Everything)
    }

    /// Runs seeds with what people did when somebody gave these seeds a name.
    pub fn of(seeds: Range<u64>, steps: usize, habits: Habits) -> Self {
        let next = AtomicU64::new(seeds.start);
        let result = Mutex::new((Tally::default(), Vec::new()));
        let work = || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return;
                }
                let run = run_seed(seed, steps, habits);
                let Ok(mut result) = result.lock() else { return };
                result.0.add(&run.tally);
                result.0.count("seeds", 1);
                if run.result.is_err() {
                    result.1.push(run);
                }
                if result.1.len() >= FAILURES_MAX {
                    return;
                }
            }
        };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..processors {
                scope.spawn(work);
            }
        });
        let (tally, mut runs) = result.into_inner().unwrap_or_default();
        runs.sort_by_key(|run: &Run| run.seed);
        Self { tally, failures: runs.into_iter().filter_map(Failure::of).collect() }
    }
}
