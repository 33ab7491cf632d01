//! Known faults and licences of what we depend on.
//!
//! Whoever cannot ask does not know: a list of faults that cannot be reached is an error, and said in
//! words. Where that depends on the machine, as in a check of every change, [`IF_REACHABLE`] has it said
//! and go on: what is found fails either way.

use crate::shell::{command, output_of, root};
use crate::tools::ensure_cargo_tool;
use serde_json::Value;
use std::fmt;
use std::path::Path;
use std::process::Command;

const TOOL: &str = "cargo-deny";
const TOOL_VERSION: &str = "0.19.8";

/// What one question came to.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Clean,
    /// There is nothing that could have a fault.
    NothingToAsk,
    /// How many, or what.
    Found(String),
    /// Nobody was there to ask.
    CouldNotLook(String),
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clean => formatter.write_str("nothing found"),
            Self::NothingToAsk => formatter.write_str("depends on nothing"),
            Self::Found(what) => write!(formatter, "FOUND {what}"),
            Self::CouldNotLook(why) => write!(formatter, "COULD NOT LOOK: {why}"),
        }
    }
}

/// Says of what could not be looked at that it was not, and goes on.
const IF_REACHABLE: &str = "--if-reachable";

/// Everything; fails if something is found, or if it could not look.
pub fn all(arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let may_be_out_of_reach = match &arguments.collect::<Vec<_>>()[..] {
        [] => false,
        [word] if word == IF_REACHABLE => true,
        _ => return Err(format!("audit takes {IF_REACHABLE}, or nothing")),
    };
    let tool = ensure_cargo_tool(TOOL, TOOL_VERSION)?;
    let mut answers = Vec::new();
    for what in [&["licenses", "bans", "sources"][..], &["advisories"]] {
        let mut deny = command(&tool);
        // The graph of each fault fills screens.
        deny.args(["--workspace", "check", "--hide-inclusion-graph"]).args(what);
        answers.push((format!("crates: {}", what.join(", ")), crates(deny, what)));
    }
    let mut locks = command("git");
    locks.args(["ls-files", "package-lock.json", "**/package-lock.json"]);
    for lock in output_of(locks)?.lines() {
        let directory = Path::new(lock).parent().unwrap_or(Path::new(""));
        let of = |rest: &str| format!("{}: {rest}", directory.display());
        answers.push((of("dependencies"), npm(directory, true)));
        answers.push((of("also of development"), npm(directory, false)));
    }
    println!();
    answers.iter().for_each(|(question, answer)| println!("{question}: {answer}"));
    let is_bad = |answer: &Answer| match answer {
        Answer::Found(_) => true,
        Answer::CouldNotLook(_) => !may_be_out_of_reach,
        Answer::Clean | Answer::NothingToAsk => false,
    };
    match answers.iter().filter(|(_, answer)| is_bad(answer)).count() {
        0 => Ok(()),
        bad => Err(format!("{bad} of {} questions have no good answer, see above", answers.len())),
    }
}

fn crates(mut deny: Command, what: &[&str]) -> Answer {
    match deny.output() {
        Ok(output) => {
            let [said, complained] = [output.stdout, output.stderr].map(text);
            of_cargo_deny(&said, &complained, what)
        }
        Err(error) => Answer::CouldNotLook(format!("cargo-deny does not start: {error}")),
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

/// cargo-deny ends by saying how it went, for each thing that it has looked at; of what it could not
/// look at it says nothing there.
fn of_cargo_deny(said: &str, complained: &str, what: &[&str]) -> Answer {
    let last = said.lines().last().unwrap_or_default();
    let ended = |outcome: &str| {
        let has = |what: &&&str| last.contains(&format!("{what} {outcome}"));
        what.iter().filter(has).count()
    };
    let (passed, failed) = (ended("ok"), ended("FAILED"));
    if passed + failed < what.len() {
        let why = complained.lines().last().unwrap_or("it says nothing");
        return Answer::CouldNotLook(format!("cargo-deny has no list to look at: {why}"));
    }
    if failed == 0 {
        return Answer::Clean;
    }
    println!("{complained}");
    Answer::Found(format!("what is listed above ({last})"))
}

/// Dependencies have no faults that are worse than moderate; those of development, none that are
/// critical.
fn npm(directory: &Path, without_development: bool) -> Answer {
    let mut npm = command("npm");
    npm.current_dir(root().join(directory)).args(["audit", "--package-lock-only", "--json"]);
    let levels = if without_development {
        npm.args(["--omit=dev", "--audit-level=high"]);
        &["high", "critical"][..]
    } else {
        npm.arg("--audit-level=critical");
        &["critical"]
    };
    match npm.output() {
        Ok(output) => of_npm(&String::from_utf8_lossy(&output.stdout), levels),
        Err(error) => Answer::CouldNotLook(format!("npm does not start: {error}")),
    }
}

fn of_npm(said: &str, levels: &[&str]) -> Answer {
    let report: Value = serde_json::from_str(said).unwrap_or_default();
    if report.get("auditReportVersion").is_none() {
        let why = report.get("message").and_then(Value::as_str).unwrap_or("npm gave no report");
        return Answer::CouldNotLook(why.to_owned());
    }
    let number = |path: &str| report.pointer(path).and_then(Value::as_u64);
    // Of a package without dependencies nobody is asked, and npm reports no faults.
    let total = number("/metadata/dependencies/total").unwrap_or(0);
    let asked = total.saturating_sub(number("/metadata/dependencies/dev").unwrap_or(0));
    if levels.contains(&"high") && asked == 0 {
        return Answer::NothingToAsk;
    }
    let found = levels.iter().map(|level| number(&format!("/metadata/vulnerabilities/{level}")));
    match found.sum::<Option<u64>>() {
        None => Answer::CouldNotLook("npm's report is of a kind that is not known".to_owned()),
        Some(0) => Answer::Clean,
        Some(found) => Answer::Found(format!("{found}; `npm audit` there names them")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_deny_could_not_look_at_is_not_clean() {
        let rest = ["licenses", "bans", "sources"];
        let looked = |said| of_cargo_deny(said, "warning: two versions", &rest);
        assert_eq!(looked("bans ok, licenses ok, sources ok"), Answer::Clean);
        assert!(matches!(looked("bans ok, licenses FAILED, sources ok"), Answer::Found(_)));
        assert!(matches!(looked("bans ok, sources ok"), Answer::CouldNotLook(_)));
        let Answer::CouldNotLook(why) = of_cargo_deny("", "[ERROR] no net", &["advisories"]) else {
            panic!("nobody has looked")
        };
        assert!(why.ends_with("[ERROR] no net"), "{why}");
    }

    #[test]
    fn what_npm_could_not_look_at_is_not_clean() {
        let report = |total: u8, dev: u8, high: u8| {
            format!(
                r#"{{"auditReportVersion":2,"metadata":{{"vulnerabilities":{{"high":{high},"critical":0}},
                "dependencies":{{"prod":1,"dev":{dev},"total":{total}}}}}}}"#
            )
        };
        let levels = ["high", "critical"];
        assert_eq!(of_npm(&report(9, 3, 0), &levels), Answer::Clean);
        assert_eq!(of_npm(&report(9, 9, 0), &levels), Answer::NothingToAsk);
        assert!(matches!(of_npm(&report(9, 3, 1), &levels), Answer::Found(_)));
        assert_eq!(of_npm(&report(9, 3, 1), &["critical"]), Answer::Clean);
        let refused = of_npm(r#"{"message":"405 Method Not Allowed","statusCode":405}"#, &levels);
        assert_eq!(refused, Answer::CouldNotLook("405 Method Not Allowed".to_owned()));
        for said in ["", "not JSON", r#"{"auditReportVersion":2}"#] {
            let answer = of_npm(said, &["critical"]);
            assert!(matches!(answer, Answer::CouldNotLook(_)), "{said}: {answer:?}");
        }
    }
}
