//! A program of `tests/interop/support` with an unmodified automerge-repo in it, one request a line.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

pub struct Node {
    name: String,
    child: Child,
    input: ChildStdin,
    answers: Receiver<Value>,
    asked: u64,
}

impl Node {
    /// Starts `client.mjs`, which is a repository, or `tab_client.mjs`, which is one in a browser.
    pub fn start(program: &str, name: &str) -> Self {
        let support = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/interop/support");
        let mut child = Command::new("node")
            .arg(support.join(program))
            .arg(name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node.js is installed; `cargo xtask test` installs the packages");
        let (tell, answers) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines() {
                let answer = serde_json::from_str(&line.unwrap()).unwrap();
                // Whoever asked may have gone.
                _ = tell.send(answer);
            }
        });
        let input = child.stdin.take().unwrap();
        Self { name: name.to_owned(), child, input, answers, asked: 0 }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Asks for one thing and waits for the answer, which may be an error in words.
    pub fn ask(&mut self, what: &str, details: Value) -> Result<Value, String> {
        self.asked += 1;
        let mut request = details;
        request["id"] = json!(self.asked);
        request["do"] = json!(what);
        writeln!(self.input, "{request}").unwrap();
        tokio::task::block_in_place(|| {
            let answer = self.answers.recv_timeout(PATIENCE);
            let mut answer = answer.unwrap_or_else(|_| panic!("{} answers {what}", self.name));
            assert_eq!(answer["id"], self.asked, "answers come in turn");
            match answer["error"].take() {
                Value::Null => Ok(answer["value"].take()),
                error => Err(error.to_string()),
            }
        })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
