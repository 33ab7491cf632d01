//! What people who look after a relay rely on: what it counts, says, logs, and how it is told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod common;

use automerge::{ActorId, Automerge};
use axum::Router;
use common::{Peer, get, run};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use sync_protocol::DocumentId;
use sync_server::config::{Config, ConfigOption, MetricsAt, StoreKind, options};
use sync_server::{Relay, Server};
use tokio::net::TcpListener;

const DOCUMENT: DocumentId = DocumentId::from_bytes([7; 16]);

fn guide() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    std::fs::read_to_string(path).unwrap()
}

/// Serves a relay's own routes beside those for people who look after it; returns the address.
async fn serve(relay: &Relay) -> String {
    let application: Router = relay.router().nest("/inside", relay.operations());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, application).await.unwrap() });
    address
}

async fn inside(address: &str, path: &str) -> String {
    let (address, path) = (address.to_owned(), format!("/inside{path}"));
    tokio::task::spawn_blocking(move || get(&address, &path)).await.unwrap()
}

#[test]
fn the_guide_lists_every_option_as_the_program_has_it() {
    let guide = guide();
    let rows = options().map(|option| {
        let ConfigOption { name, value, default, what, why, .. } = option;
        let default = if default.is_empty() { "none".into() } else { format!("`{default}`") };
        let environment = option.environment();
        let flag = format!("--{name} {value}");
        let flag = flag.trim_end();
        format!("| `{flag}` | `{environment}` | {default} | {what} | {why} |\n")
    });
    let rows: String = rows.collect();
    assert!(guide.contains(&format!("|---|---|---|---|---|\n{rows}\n")), "it should be:\n{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_lists_every_metric_as_the_relay_has_it() {
    let relay = Server::builder().build();
    let answer = inside(&serve(&relay).await, "/metrics").await;
    assert!(answer.contains("content-type: application/openmetrics-text; version=1.0.0"));
    let of = |kind: &str| {
        let lines = answer.lines().filter_map(|line| line.strip_prefix(kind));
        lines.filter_map(|line| line.split_once(' ')).collect::<Vec<_>>()
    };
    let (helps, kinds) = (of("# HELP "), of("# TYPE "));
    assert_eq!(helps.len(), kinds.len());
    let rows = helps.iter().zip(&kinds).map(|((name, help), (_, kind))| {
        let suffix = match *kind {
            "counter" => "_total",
            "info" => "_info",
            _ => "",
        };
        format!("| `{name}{suffix}` | {kind} | {} |\n", help.trim_end_matches('.'))
    });
    let rows: String = rows.collect();
    assert!(guide().contains(&format!("|---|---|---|\n{rows}\n")), "it should be:\n{rows}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_is_counted_and_nobody_is_named() {
    let relay = Server::builder().build();
    let address = serve(&relay).await;
    let url = format!("ws://{address}/sync");
    let mut ana = Peer::connect(&url, "ana-s-laptop", DOCUMENT, Automerge::new()).await;
    ana.edits("title", "Write");
    ana.edits("title", "Write on");
    ana.speaks().await;
    ana.settles().await;
    let mut ben = Peer::connect(&url, "ben-s-phone", DOCUMENT, Automerge::new()).await;
    ben.settles().await;
    let text = inside(&address, "/metrics").await;
    let value = |name: &str| -> f64 {
        let mut values = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        values.next().expect(name).parse().unwrap()
    };
    for (name, expected) in [
        ("kanban_connections_open", 2.0),
        ("kanban_connections_opened_total", 2.0),
        ("kanban_rooms_open", 1.0),
        ("kanban_changes_stored_total", 2.0),
        ("kanban_changes_acknowledged_total", 2.0),
        ("kanban_commit_seconds_count", 1.0),
        ("kanban_read_only", 0.0),
        ("kanban_connections_refused_total{reason=\"unknown\"}", 0.0),
    ] {
        assert_eq!(value(name), expected, "{name}");
    }
    for name in ["frames_received", "frame_bytes_received", "frames_sent", "frame_bytes_sent"] {
        assert!(value(&format!("kanban_{name}_total")) > 1.0, "{name}");
    }
    assert!(value("process_start_time_seconds") > 1.7e9);
    for name in ["ana", "ben", "Write", &DOCUMENT.to_string()] {
        assert!(!text.contains(name), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_is_ready_until_it_stops_and_healthy_until_it_ends() {
    let relay = Server::builder().build();
    let address = serve(&relay).await;
    assert!(inside(&address, "/ready").await.ends_with("\r\n\r\nready\n"));
    relay.drain().await;
    let stopping = inside(&address, "/ready").await;
    assert!(stopping.starts_with("HTTP/1.1 503") && stopping.ends_with("stopping\n"), "{stopping}");
    assert!(inside(&address, "/health").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_place_of_metrics_gives_way_and_a_chosen_one_does_not() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let config = |metrics| Config {
        listen: ([127, 0, 0, 1], 0).into(),
        store: StoreKind::Memory,
        metrics,
        ..Config::default()
    };
    let server = Server::open(&config(MetricsAt::IfFree(address))).await.unwrap();
    assert_eq!(server.metrics_address(), None);
    let refused = Server::open(&config(MetricsAt::Address(address))).await.err().unwrap();
    let words = format!("cannot listen on {address} for --metrics; choose another address, or off");
    assert_eq!(refused.to_string(), words);
}

/// The program with a log file. It is killed when this is dropped.
struct Logging {
    child: Child,
    address: String,
    log: std::path::PathBuf,
}

impl Logging {
    fn start(directory: &Path, options: &[&str]) -> Self {
        let log = directory.join("log");
        let mut child = Command::new(env!("CARGO_BIN_EXE_sync-server"))
            .args(["--listen", "127.0.0.1:0", "--store", "memory", "--metrics", "off"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut output, &mut line).unwrap();
        let address = line.trim().rsplit('/').next().unwrap().to_owned();
        Self { child, address, log }
    }

    fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    fn interrupt(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }
}

impl Drop for Logging {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_json_tells_everything_but_contents_and_tokens() {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Logging::start(directory.path(), &["--log", "trace", "--log-format", "json"]);
    let url = format!("ws://{}/sync?token=moonstone", relay.address);
    let document = || Automerge::new().with_actor(ActorId::from([1; 16]));
    let mut ana = Peer::connect(&url, "ana", DOCUMENT, document()).await;
    ana.edits("title", "Buttermilk");
    ana.speaks().await;
    ana.settles().await;
    relay.interrupt();
    while ana.takes().await {}
    assert!(relay.child.wait().unwrap().success());
    let log = relay.logged();
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["level"].is_string() && line["message"].is_string(), "{line}");
    }
    assert!(log.contains("\"joined\"") && log.contains("stopping"), "{log}");
    for secret in ["moonstone", "Buttermilk"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_filter_leaves_out_what_is_less_than_it_says() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Logging::start(directory.path(), &["--log", "off"]);
    assert_eq!(relay.logged(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_ctrl_c_ends_at_once() {
    // A machine that stands still for seconds in between lets it end by itself, before the second.
    for _ in 0..5 {
        if interrupted_twice().await == Some(130) {
            return;
        }
    }
    panic!("it ends in its own time");
}

/// The exit code of a relay with somebody who does not read: saying goodbye takes seconds.
async fn interrupted_twice() -> Option<i32> {
    let directory = tempfile::tempdir().unwrap();
    let mut relay = Logging::start(directory.path(), &[]);
    let url = format!("ws://{}/sync", relay.address);
    let _deaf = Peer::connect(&url, "deaf", DOCUMENT, Automerge::new()).await;
    relay.interrupt();
    while !relay.logged().contains("stopping") {
        std::thread::yield_now();
    }
    relay.interrupt();
    relay.child.wait().unwrap().code()
}

#[test]
fn the_version_names_what_it_was_built_from() {
    let (succeeded, said, _) = run(&["--version"]);
    assert!(succeeded);
    let version = env!("CARGO_PKG_VERSION");
    let revision = said.trim().strip_prefix(&format!("sync-server {version} (")).unwrap();
    let revision = revision.strip_suffix(')').unwrap();
    assert!(!revision.is_empty() && revision.chars().all(|c| c.is_ascii_alphanumeric()), "{said}");
}
