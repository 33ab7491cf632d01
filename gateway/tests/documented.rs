//! `docs/automation.md`, run: each command against a relay and a gateway, each answer compared with what the
//! page says, and its programs tried with real deliveries.
//!
//! It needs `curl`, `node` and `python3`, which the page's readers are shown.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::World;
use support::receiver::{Received, Receiver};

const PAGE: &str = include_str!("../../docs/automation.md");

/// Between the outputs of two blocks.
const MARK: &str = "@@@ the next block @@@";

/// A block of the page: its language and its lines.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let mut parts = PAGE.split("\n```");
    let mut found = Vec::new();
    parts.next();
    while let (Some(block), Some(_)) = (parts.next(), parts.next()) {
        let (language, text) = block.split_once('\n').unwrap();
        found.push((language, text));
    }
    found
}

fn block_of(language: &str) -> &'static str {
    blocks().into_iter().find(|(found, _)| *found == language).unwrap().1
}

/// The script that the page has for CI.
fn script() -> &'static str {
    let found = blocks().into_iter().find(|(_, text)| text.starts_with("#!/bin/sh"));
    found.unwrap().1
}

/// The terminal client, which `cargo build --examples` makes.
fn terminal_client() -> PathBuf {
    let beside = Path::new(env!("CARGO_BIN_EXE_kanban-gateway"));
    let program = beside.with_file_name("examples").join("terminal_client");
    let make = "`cargo build --examples` makes it";
    assert!(program.exists(), "{} is missing: {make}", program.display());
    program
}

/// A relay with a board of ana's that ci may edit, and its id.
fn world() -> (World, String) {
    let world = World::with_accounts(&["--allow-private-webhooks", "--webhook-retry", "20ms"]);
    let ana = world.account("ana");
    world.account("ci");
    let board = world.board(Some(&ana), "ana");
    world.shares(&ana, &board, "ci", "editor");
    (world, board)
}

/// Whether an answer has all that the page says; `…` stands for what is different each time, as does 0
/// for a moment.
fn compare(said: &Value, found: &Value, at: &str) {
    match (said, found) {
        (Value::Object(said), Value::Object(found)) => {
            for (key, said) in said {
                let found = found.get(key).unwrap_or_else(|| panic!("{at}: no {key} in {found:?}"));
                compare(said, found, &format!("{at}.{key}"));
            }
        }
        (Value::Array(said), Value::Array(found)) => {
            assert_eq!(said.len(), found.len(), "{at}: {found:?}");
            for (said, found) in said.iter().zip(found) {
                compare(said, found, at);
            }
        }
        (Value::String(said), found) if said == "…" => {
            assert!(found.is_string() || found.is_null(), "{at}: {found:?}");
        }
        (said, found) if said == 0 && at.ends_with("_at") => assert!(found.is_number(), "{at}"),
        (said, found) => assert_eq!(said, found, "{at}"),
    }
}

fn run(script: &str, data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let path = data.join("script.sh");
    std::fs::write(&path, script).unwrap();
    let output = Command::new("sh")
        .arg(&path)
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}after it had printed {printed}");
    printed
}

#[test]
fn every_command_of_the_page_answers_what_the_page_says() {
    let (world, _) = world();
    let all = blocks();
    let is_command =
        |(language, text): &&(&str, &str)| *language == "sh" && !text.starts_with("#!");
    let commands: Vec<&str> = all.iter().filter(is_command).map(|(_, text)| *text).collect();
    let client = terminal_client();
    let client = format!("terminal_client() {{ '{}' \"$@\"; }}\n", client.display());
    let script = format!("set -eu\n{client}{}", commands.join(&format!("\necho\necho '{MARK}'\n")));
    let script = script
        .replace("127.0.0.1:3030", &world.relay.address)
        .replace("127.0.0.1:3040", &world.gateway.address);
    let printed = run(&script, world.data.path(), &[], &[]);
    let printed: Vec<&str> = printed.split(MARK).collect();
    assert_eq!(printed.len(), commands.len(), "{printed:#?}");

    let mut compared = 0;
    let mut number = 0;
    for (at, block) in all.iter().enumerate() {
        if !is_command(&block) {
            continue;
        }
        let found = printed[number].trim();
        number += 1;
        // What stands right below a command is its answer, if it is one.
        match all.get(at + 1) {
            Some(("json", said)) if follows(block.1, said) => {
                let said =
                    serde_json::from_str(said).unwrap_or_else(|error| panic!("{error}: {said}"));
                // Of several commands the last one's.
                let last = found.lines().last().unwrap();
                let last = last.rfind("}{").map_or(last, |end| &last[end + 1..]);
                let found =
                    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {found}"));
                compare(&said, &found, block.1);
            }
            Some(("text", said)) if follows(block.1, said) => {
                for line in said.lines() {
                    let known: Vec<&str> = line.split('…').collect();
                    let is_there =
                        |found: &str| known.iter().all(|part| found.contains(part.trim()));
                    assert!(found.lines().any(is_there), "no {line:?} in {found}");
                }
            }
            _ => continue,
        }
        compared += 1;
    }
    assert!(compared >= 13, "{compared} answers were compared");
}

/// Whether there is nothing between two blocks.
fn follows(before: &str, after: &str) -> bool {
    PAGE.contains(&format!("{before}\n```\n```json\n{after}"))
        || PAGE.contains(&format!("{before}\n```\n```text\n{after}"))
}

#[test]
fn the_script_for_ci_keeps_one_card_for_a_branch() {
    let (world, board) = world();
    let token = world.signs_in("ci");
    let url = format!("http://{}/boards/{board}", world.gateway.address);
    let runs = |what: &str| {
        let variables = [("BOARD_URL", url.as_str()), ("TOKEN", token.as_str())];
        run(script(), world.data.path(), &[what, "feature/login"], &variables)
    };
    let card = || {
        let what = format!("GET /boards/{board}/cards?q=build");
        let found = world.gateway.ask(&what, Some(&token), None);
        let cards = found.body["cards"].as_array().unwrap().clone();
        assert_eq!(cards.len(), 1);
        cards[0].clone()
    };
    runs("failed");
    assert_eq!(
        (&card()["columnName"], &card()["id"]),
        (&json!("To do"), &json!("ci-feature-login"))
    );
    assert_eq!(card()["title"], "The build of feature/login fails");
    runs("failed");
    runs("fixed");
    assert_eq!(card()["columnName"], "Done");
    assert_eq!(card()["comments"][0]["text"], "Fixed by a later build");
    runs("failed");
    assert_eq!(card()["columnName"], "To do", "it fails again");
}

/// A delivery and the secret that it is signed with.
fn delivery(world: &World, board: &str) -> (Received, String) {
    let receiver = Receiver::start(200);
    let token = world.signs_in("ci");
    let body = json!({ "url": receiver.url() });
    let made =
        world.gateway.ask(&format!("POST /boards/{board}/webhooks"), Some(&token), Some(&body));
    // Not ASCII alone: what is signed are bytes.
    let rename = json!({ "title": "ドキュメント" });
    let what = format!("PATCH /boards/{board}/cards/docs");
    assert_eq!(world.gateway.ask(&what, Some(&token), Some(&rename)).status, 200);
    (receiver.next(), made.text("secret"))
}

/// What a program says of the delivery as it came, and of three that somebody has tampered with.
fn verdicts(program: &mut Command, delivery: &Received, secret: &str) -> Vec<bool> {
    let other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let at: u64 = delivery.header("webhook-timestamp").parse().unwrap();
    let case = |secret: &str, at: u64, body: &str| {
        json!({ "secret": secret, "body": body, "headers": {
            "webhook-id": delivery.header("webhook-id"), "webhook-timestamp": at.to_string(),
            "webhook-signature": delivery.header("webhook-signature"),
        } })
    };
    let cases = json!([
        case(secret, at, &delivery.text),
        case(other, at, &delivery.text),
        case(secret, at - 301, &delivery.text),
        case(secret, at, &delivery.text.replace("docs", "dogs")),
    ]);
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(cases.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_receiver_in_python_or_node_tells_what_is_genuine() {
    let (world, board) = world();
    let (delivery, secret) = delivery(&world, &board);
    let data = world.data.path();
    let python = data.join("check.py");
    let driver = "import json, sys\nprint(json.dumps([is_genuine(it['secret'], it['headers'], it['body'].encode()) for it in json.load(sys.stdin)]))\n";
    std::fs::write(&python, format!("{}\n{driver}", block_of("python"))).unwrap();
    let of_python = verdicts(Command::new("python3").arg(&python), &delivery, &secret);
    assert_eq!(of_python, [true, false, false, false]);
    let node = data.join("check.mjs");
    let driver = "import { readFileSync } from 'node:fs';\nconst cases = JSON.parse(readFileSync(0, 'utf8'));\nconsole.log(JSON.stringify(cases.map(({ secret, headers, body }) => isGenuine(secret, headers, body))));\n";
    std::fs::write(&node, format!("{}\n{driver}", block_of("javascript"))).unwrap();
    let of_node = verdicts(Command::new("node").arg(&node), &delivery, &secret);
    assert_eq!(of_node, [true, false, false, false]);
}

#[test]
fn the_terminal_client_says_by_its_code_what_became_of_a_command() {
    let (mut world, board) = world();
    let token = world.data.path().join("token");
    std::fs::write(&token, format!("{}\n", world.signs_in("ci"))).unwrap();
    let file = world.data.path().join("copy.kanban");
    let url = format!("ws://{}/sync", world.relay.address);
    let runs = |words: &[&str]| {
        let mut client = Command::new(terminal_client());
        client.args(["--relay", &url, "--token-file", token.to_str().unwrap(), "--name", "ci"]);
        let output = client.args(words).env_remove("KANBAN_TOKEN").output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), printed, String::from_utf8(output.stderr).unwrap())
    };
    let board = format!("automerge:{board}");
    let (code, printed, _) = runs(&["--board", &board, "list", "--json"]);
    let listed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((code, &listed["columns"][0]["cards"][0]["title"]), (0, &json!("Write docs")));
    assert_eq!(runs(&["--board", &board, "move", "write", "flying"]).0, 1);
    assert_eq!(runs(&["--board", &board, "fly"]).0, 2);
    let (code, _, said) = runs(&["--token-file", "/nowhere", "--board", &board, "list"]);
    assert!(code == 1 && said.starts_with("/nowhere: "), "{said}");
    let file = file.to_str().unwrap();
    assert_eq!(runs(&["--file", file, "join", &board]).0, 0);
    world.relay.kill();
    let (code, printed, _) = runs(&["--file", file, "add", "done", "Later", "--json"]);
    let added: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((code, &added["saved"]), (3, &json!(false)));
    assert_eq!(runs(&["--board", &board, "add", "done", "Lost"]).0, 1);
    world.relay.restart();
    assert_eq!(runs(&["--file", file, "sync"]).0, 0);
    let (_, printed, _) = runs(&["--board", &board, "list"]);
    assert!(printed.contains("Later") && !printed.contains("Lost"), "{printed}");
}
