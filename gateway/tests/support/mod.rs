//! A relay and a gateway in processes of their own, people with accounts, and receivers of webhooks.
#![allow(dead_code, reason = "each test uses a part")]

pub mod http;
pub mod receiver;
pub mod watching;

use http::{Answer, ask};
use kanban_client::{BoardClient, LiveBoard, entropy, options};
use kanban_core::{Board, BoardId, Replica, Timestamp};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use sync_protocol::DocumentId;
use sync_protocol::client::Resume;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);

const PASSWORD: &str = "correct horse";

/// A program that says where it listens.
pub struct Program {
    path: PathBuf,
    arguments: Vec<String>,
    child: Child,
    pub address: String,
}

impl Program {
    fn start(path: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(path)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().split_once(" listens on http://");
        let (_, address) = address.unwrap_or_else(|| panic!("{} said {line:?}", path.display()));
        let arguments = arguments.iter().map(|it| (*it).to_owned()).collect();
        Self { path: path.to_owned(), arguments, address: address.to_owned(), child }
    }

    /// SIGKILL: nothing is drained, nothing is flushed.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, on the same address and data.
    pub fn restart(&mut self) {
        let mut arguments = self.arguments.clone();
        let at = arguments.iter().position(|it| it == "--listen").unwrap();
        arguments[at + 1] = self.address.clone();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        *self = Self::start(&self.path, &arguments);
    }

    /// What Ctrl-C sends; waits until it has ended.
    pub fn interrupt(&mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }

    pub fn ask(&self, what: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
        ask(&self.address, what, token, &[], body)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// The relay's program: what was built beside this test's, or what `KANBAN_RELAY` names.
pub fn relay_program() -> PathBuf {
    let beside = Path::new(env!("CARGO_BIN_EXE_kanban-gateway")).with_file_name("sync-server");
    let program = std::env::var_os("KANBAN_RELAY").map_or(beside, PathBuf::from);
    let make = "`cargo build -p kanban-sync-server` makes it";
    assert!(program.exists(), "{} is missing: {make}", program.display());
    program
}

/// A relay and a gateway before it, with data of their own.
pub struct World {
    pub relay: Program,
    pub gateway: Program,
    pub data: tempfile::TempDir,
}

impl World {
    /// With accounts.
    pub fn with_accounts(options: &[&str]) -> Self {
        Self::start(&["--auth", "accounts", "--sign-up", "everybody"], options)
    }

    pub fn start(relay_options: &[&str], options: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let path = |name: &str| data.path().join(name).to_str().unwrap().to_owned();
        let relay_data = path("relay");
        let mut arguments =
            vec!["--listen", "127.0.0.1:0", "--metrics", "off", "--data", &relay_data];
        arguments.extend(relay_options);
        let relay = Program::start(&relay_program(), &arguments);
        let gateway = gateway(&relay.address, &path("gateway"), options);
        Self { relay, gateway, data }
    }

    /// The token of a new account.
    pub fn account(&self, name: &str) -> String {
        let body = json!({ "name": name, "password": PASSWORD });
        assert_eq!(self.relay.ask("POST /api/users", None, Some(&body)).status, 201);
        self.signs_in(name)
    }

    pub fn signs_in(&self, name: &str) -> String {
        let body = json!({ "name": name, "password": PASSWORD, "token": true });
        self.relay.ask("POST /api/sessions", None, Some(&body)).text("token")
    }

    pub fn shares(&self, token: &str, board: &str, name: &str, role: &str) {
        let what = format!("PUT /api/documents/{board}/members/{name}");
        let role = json!({ "role": role });
        assert_eq!(self.relay.ask(&what, Some(token), Some(&role)).status, 204);
    }

    /// Makes a board with the columns To do, Doing and Done and a card, as any program does.
    pub fn board(&self, token: Option<&str>, author: &str) -> String {
        let draft = json!({ "name": "Release", "columns": [
            { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
            { "id": "doing", "name": "Doing" }, { "id": "done", "name": "Done" },
        ] });
        let draft = serde_json::from_value(draft).unwrap();
        let replica = Replica::from_entropy(entropy()).by(author);
        let at = Timestamp::from_unix_seconds(1_700_000_000);
        let board = Board::from_draft(replica, BoardId::parse("b").unwrap(), &draft, at).unwrap();
        let document = DocumentId::from_bytes(entropy());
        let url = format!("ws://{}/sync", self.relay.address);
        runtime().block_on(async {
            let client = BoardClient::with_board(document, board, options(), Resume::default());
            let live = LiveBoard::connect_as(token, &url, client, None).unwrap();
            tokio::time::timeout(PATIENCE, live.saved()).await.unwrap().unwrap();
            live.close().await.unwrap();
        });
        document.to_string()
    }

    /// Somebody does something to a board with a program of their own.
    pub fn does(&self, token: &str, author: &str, board: &str, command: Value) {
        let url = format!("ws://{}/sync", self.relay.address);
        let replica = Replica::from_entropy(entropy()).by(author);
        let command = serde_json::from_value(command).unwrap();
        runtime().block_on(async {
            let client = BoardClient::joining(board.parse().unwrap(), replica, options());
            let live = LiveBoard::connect_as(Some(token), &url, client, None).unwrap();
            tokio::time::timeout(PATIENCE, live.arrived()).await.unwrap().unwrap();
            live.apply(command).await.unwrap();
            tokio::time::timeout(PATIENCE, live.saved()).await.unwrap().unwrap();
            live.close().await.unwrap();
        });
    }
}

/// A gateway before the relay at this address.
pub fn gateway(relay: &str, data: &str, options: &[&str]) -> Program {
    let relay = format!("ws://{relay}");
    let mut arguments = vec!["--listen", "127.0.0.1:0", "--relay", &relay, "--data", data];
    arguments.extend(options);
    Program::start(Path::new(env!("CARGO_BIN_EXE_kanban-gateway")), &arguments)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}
