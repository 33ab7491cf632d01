//! The fuzz targets: built with a nightly compiler, begun with seeds that code makes, run for a while.

use crate::shell::{command, output_of, root, run, target_directory};
use crate::tools::{NIGHTLY, ensure_cargo_tool, ensure_toolchain};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

const TOOL: &str = "cargo-fuzz";
const TOOL_VERSION: &str = "0.13.2";

/// A target's name, and the longest input that is tried.
type Target = (&'static str, usize);

/// All of them; an input holds a few of whatever the target reads.
const TARGETS: [Target; 9] = [
    ("frame", 2048),
    ("sync_message", 2048),
    ("change_chunk", 1024),
    ("document_chunk", 2048),
    ("admit_apply_save_load", 1024),
    ("ids_and_tokens", 1024),
    ("storage_records", 2048),
    ("import_files", 4096),
    ("session", 2048),
];

/// What became of a target.
struct Outcome {
    target: &'static str,
    executions: u64,
    /// Places in the code that were reached.
    covered: u64,
    findings: Vec<PathBuf>,
    failed: bool,
}

/// Runs the targets that are named, or all, and fails if one of them finds something.
pub fn all(arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let (seconds, targets) = wanted(arguments)?;
    ensure_toolchain(NIGHTLY)?;
    let tool = ensure_cargo_tool(TOOL, TOOL_VERSION)?;
    let built = target_directory()?.join("fuzz");
    let mut build = command(&tool);
    // As people run it; what is stricter is in the crate's profile. No sanitizer: our code has nothing
    // unsafe that one could find, and each costs executions.
    build.args(["fuzz", "build", "--release", "--sanitizer", "none", "--target-dir"]).arg(&built);
    build.env("RUSTUP_TOOLCHAIN", NIGHTLY);
    run(build)?;
    let built = built.join(host()?).join("release");
    let corpus = root().join("fuzz/corpus");
    let mut seeds = command(built.join("frame"));
    seeds.env("KANBAN_FUZZ_SEEDS", &corpus);
    run(seeds)?;
    let outcomes: Result<Vec<Outcome>, String> =
        targets.into_iter().map(|target| one(&built, &corpus, target, seconds)).collect();
    report(&outcomes?)
}

/// The seconds for each target, and which.
fn wanted(mut arguments: impl Iterator<Item = String>) -> Result<(u64, Vec<Target>), String> {
    let (mut seconds, mut targets) = (60, Vec::new());
    while let Some(argument) = arguments.next() {
        if argument == "--seconds" {
            let number = arguments.next().and_then(|number| number.parse().ok());
            seconds = number.ok_or("--seconds takes a number")?;
            continue;
        }
        let known = TARGETS.into_iter().find(|(target, _)| *target == argument);
        let names = TARGETS.map(|(target, _)| target).join(", ");
        targets.push(known.ok_or(format!("there is no target {argument:?}; there are {names}"))?);
    }
    Ok((seconds, if targets.is_empty() { TARGETS.to_vec() } else { targets }))
}

/// What the compiler builds for.
fn host() -> Result<String, String> {
    let mut rustc = command("rustc");
    rustc.arg("-vV");
    let said = output_of(rustc)?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not say what it builds for".to_owned())
}

fn one(
    built: &Path,
    corpus: &Path,
    (target, length): Target,
    seconds: u64,
) -> Result<Outcome, String> {
    let artifacts = root().join("fuzz/artifacts").join(target);
    let said = built.join(format!("{target}.log"));
    fs::create_dir_all(&artifacts).map_err(|error| format!("{}: {error}", artifacts.display()))?;
    let log = File::create(&said).map_err(|error| format!("{}: {error}", said.display()))?;
    let before = files(&artifacts);
    let mut fuzzer = Command::new(built.join(target));
    fuzzer.current_dir(root().join("fuzz")).stderr(log);
    fuzzer.arg(format!("-artifact_prefix={}/", artifacts.display()));
    fuzzer.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={length}"));
    fuzzer.args(["-rss_limit_mb=2048", "-timeout=10", "-print_final_stats=1"]);
    fuzzer.arg(corpus.join(target));
    let failed = run(fuzzer).is_err();
    let said = fs::read_to_string(&said).map_err(|error| format!("{}: {error}", said.display()))?;
    let findings = files(&artifacts).into_iter().filter(|file| !before.contains(file)).collect();
    if failed {
        let last: Vec<&str> = said.lines().rev().take(40).collect();
        last.into_iter().rev().for_each(|line| println!("{line}"));
    }
    let executions = number_after(&said, "stat::number_of_executed_units:");
    Ok(Outcome { target, executions, covered: number_after(&said, " cov:"), findings, failed })
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(directory).into_iter().flatten().flatten();
    read.map(|entry| entry.path()).collect()
}

/// The number behind the last of these words; 0 if there is none.
fn number_after(text: &str, words: &str) -> u64 {
    let rest = text.rsplit_once(words).map_or("", |(_, rest)| rest);
    rest.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn report(outcomes: &[Outcome]) -> Result<(), String> {
    println!("\n{:24}{:>12}{:>10}{:>10}", "target", "executions", "covered", "findings");
    let mut found = 0;
    for Outcome { target, executions, covered, findings, failed } in outcomes {
        let count = findings.len().max(usize::from(*failed));
        found += count;
        println!("{target:24}{executions:>12}{covered:>10}{count:>10}");
        findings.iter().for_each(|finding| println!("    {}", finding.display()));
    }
    match found {
        0 => Ok(()),
        found => Err(format!(
            "{found} findings; `cargo +nightly fuzz tmin TARGET FILE` makes one smaller"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> Result<(u64, Vec<&'static str>), String> {
        let wanted = wanted(arguments.iter().map(|argument| (*argument).to_owned()));
        wanted.map(|(seconds, targets)| (seconds, targets.iter().map(|target| target.0).collect()))
    }

    #[test]
    fn all_targets_run_for_a_minute_unless_something_else_is_said() {
        let (seconds, targets) = names(&[]).unwrap();
        assert_eq!((seconds, targets.len()), (60, TARGETS.len()));
        assert_eq!(names(&["--seconds", "5", "frame"]), Ok((5, vec!["frame"])));
        assert!(names(&["--seconds"]).is_err());
        assert!(names(&["frames"]).unwrap_err().contains("there is no target \"frames\""));
    }

    #[test]
    fn every_target_of_the_list_is_one_of_the_crate_and_the_other_way_round() {
        let manifest = include_str!("../../fuzz/Cargo.toml");
        let paths = manifest.matches("path = \"fuzz_targets/").count();
        assert_eq!(paths, TARGETS.len());
        for (target, _) in TARGETS {
            assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target}");
        }
    }

    #[test]
    fn the_last_numbers_that_the_fuzzer_said_count() {
        let said =
            "#2 INITED cov: 7 ft: 8\n#9 NEW cov: 12 ft: 30\nstat::number_of_executed_units: 99\n";
        assert_eq!(number_after(said, " cov:"), 12);
        assert_eq!(number_after(said, "stat::number_of_executed_units:"), 99);
        assert_eq!(number_after(said, "nothing"), 0);
    }
}
