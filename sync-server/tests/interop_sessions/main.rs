//! Random sessions of clients of every kind on one relay: automerge-repo in Node and in a browser,
//! samod, and the client of this project. Whatever happens to them and to the relay, they end with
//! the same document.
//!
//! It needs Node.js, its packages and a browser, so `cargo xtask test` runs it, and `cargo test`
//! does not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../../../sync-protocol/tests/support/dice.rs"]
mod dice;
mod edits;
mod member;
mod node;

use common::Relay;
use dice::Dice;
use edits::Edit;
use member::Member;
use std::ops::Range;
use std::time::Duration;
use sync_protocol::DocumentId;
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(60);

/// Teams that work side by side, each with a relay of its own: most of a session is waiting.
const TEAMS: u64 = 3;

/// 200 in the suite; `KANBAN_SEEDS=0..5000` for a campaign, `KANBAN_SEEDS=17..18` to replay one.
fn seeds() -> Range<u64> {
    let Ok(range) = std::env::var("KANBAN_SEEDS") else { return 0..200 };
    let (first, end) = range.split_once("..").expect("KANBAN_SEEDS is like 0..5000");
    first.parse().unwrap()..end.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs Node.js with packages and a browser: `cargo xtask test` runs it"]
async fn clients_of_every_kind_end_with_the_same_document_whatever_happens() {
    let range = seeds();
    let teams = (0..TEAMS.min(range.end - range.start)).map(|team| {
        let range = range.clone();
        tokio::spawn(async move {
            let mut team_on_relay = Team::meets(team).await;
            for seed in range.skip(team as usize).step_by(TEAMS as usize) {
                team_on_relay.session(seed).await;
            }
        })
    });
    // Of several that fail the first is told of; each has printed its seed.
    for team in teams.collect::<Vec<_>>() {
        team.await.unwrap();
    }
}

struct Team {
    relay: Relay,
    members: Vec<Member>,
    _directory: tempfile::TempDir,
}

impl Team {
    /// The first team has somebody in a browser, which the others replace by a second Node process.
    async fn meets(team: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let relay = Relay::start(directory.path());
        let url = relay.url();
        let other = if team == 0 { "tab_client.mjs" } else { "client.mjs" };
        let members = vec![
            Member::node("client.mjs", &url, "node").await,
            Member::node(other, &url, "other").await,
            Member::samod(&url).await,
            Member::own(&url, "own"),
            Member::own(&url, "own-2"),
        ];
        Self { relay, members, _directory: directory }
    }

    async fn session(&mut self, seed: u64) {
        let mut story = Story { seed, steps: Vec::new() };
        let mut dice = Dice(seed);
        let creator = dice.below(self.members.len());
        let document = self.members[creator].creates(seed).await;
        story.tells(format!("{} creates {document}", self.members[creator].name()));
        for _ in 0..4 + dice.below(20) {
            self.step(document, &mut dice, &mut story).await;
        }
        for member in &mut self.members {
            member.comes_back().await;
        }
        self.all_agree(document).await;
        for member in &mut self.members {
            member.forgets().await;
        }
    }

    async fn step(&mut self, document: DocumentId, dice: &mut Dice, story: &mut Story) {
        let member = dice.below(self.members.len());
        let member = &mut self.members[member];
        let name = member.name();
        match dice.below(40) {
            0..20 => {
                let edits: Vec<_> = (0..1 + dice.below(4)).map(|_| Edit::random(dice)).collect();
                story.tells(format!("{name} edits {edits:?}"));
                member.edits(edits).await;
            }
            20..29 => {
                story.tells(format!("{name} finds"));
                member.finds(document).await;
            }
            29..32 => {
                story.tells(format!("{name} loses the connection"));
                member.loses_connection().await;
            }
            32..34 => {
                story.tells(format!("{name} goes offline"));
                member.goes_offline().await;
            }
            34..37 => {
                story.tells(format!("{name} comes back"));
                member.comes_back().await;
            }
            37..39 => sleep(Duration::from_millis(dice.below(50) as u64)).await,
            _ => {
                let is_asked = dice.below(2) == 0;
                story.tells(format!("the relay ends, asked to: {is_asked}"));
                tokio::task::block_in_place(|| {
                    if is_asked {
                        self.relay.interrupt();
                        assert!(self.relay.wait().success());
                    } else {
                        self.relay.kill();
                    }
                    self.relay.restart();
                });
            }
        }
    }

    /// Waits until everybody has the same, and so has somebody new who knows only the relay.
    async fn all_agree(&mut self, document: DocumentId) {
        let url = self.relay.url();
        let mut newcomer = Member::own(&url, "newcomer");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut all = Vec::new();
            for member in self.members.iter_mut().chain([&mut newcomer]) {
                let mut shown = member.shows().await;
                if shown.is_none() {
                    member.hurries();
                    member.finds(document).await;
                    shown = member.shows().await;
                }
                all.push((member.name(), shown));
            }
            let (_, first) = &all[0];
            if first.is_some() && all.iter().all(|(_, shown)| shown == first) {
                return;
            }
            assert!(Instant::now() < deadline, "they do not agree: {all:#?}");
            self.members.iter().for_each(Member::hurries);
        }
    }
}

/// What has happened, printed if the session fails.
struct Story {
    seed: u64,
    steps: Vec<String>,
}

impl Story {
    fn tells(&mut self, step: String) {
        self.steps.push(step);
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let (seed, end) = (self.seed, self.seed + 1);
            let steps = self.steps.join("\n  ");
            eprintln!("session {seed} (KANBAN_SEEDS={seed}..{end} replays its script):\n  {steps}");
        }
    }
}
