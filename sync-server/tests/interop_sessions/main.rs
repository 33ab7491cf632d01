//! Random sessions of clients of every kind on one relay: automerge-repo in Node and in a browser,
//! samod, and the client of this project. Whatever happens to them and to the relay, they end with
//! the same document, and so does somebody who may only read, with what that one wrote besides.
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
mod talk;

use common::Relay;
use dice::Dice;
use edits::Edit;
use member::{Member, Shown};
use serde_json::json;
use std::ops::Range;
use std::time::Duration;
use sync_protocol::DocumentId;
use talk::Talk;
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(60);

/// Teams that work side by side, each with a relay of its own: most of a session is waiting.
const TEAMS: u64 = 3;

/// How many of a team may write. In teams with rules there is somebody more, who may only read.
const WRITERS: usize = 5;

/// The key of what only the one who may read writes.
const SCRIBBLE: &str = "scribble";

/// 200 in the suite; `KANBAN_SEEDS=0..5000` for a campaign, `KANBAN_SEEDS=17..18` to replay one.
fn seeds() -> Range<u64> {
    let Ok(range) = std::env::var("KANBAN_SEEDS") else { return 0..200 };
    let (first, end) = range.split_once("..").expect("KANBAN_SEEDS is like 0..5000");
    first.parse().unwrap()..end.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs Node.js with packages and a browser: `cargo xtask test` runs it"]
async fn clients_of_every_kind_end_with_the_same_document_whatever_happens() {
    let teams = (0..TEAMS).map(|team| {
        tokio::spawn(async move {
            // The same team replays a session.
            let mut seeds = seeds().filter(|seed| seed % TEAMS == team).peekable();
            if seeds.peek().is_none() {
                return;
            }
            let mut team = Team::meets(team).await;
            for seed in seeds {
                team.session(seed).await;
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
    /// Those who may only read, one of each kind, of whom one takes part in a session.
    readers: Vec<Member>,
    _directory: tempfile::TempDir,
}

impl Team {
    /// The first team has people in a browser, which the others replace by Node processes. The
    /// second has the relay's program, which lets everybody write; the others one with rules.
    async fn meets(team: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let has_rules = team != 1;
        let start = if has_rules { Relay::start_with_rules } else { Relay::start };
        let relay = start(directory.path());
        let url = relay.url();
        let other = if team == 0 { "tab_client.mjs" } else { "client.mjs" };
        let mut readers = Vec::new();
        if has_rules {
            let url = relay.readers_url();
            readers.push(Member::node(other, &url, "reader").await);
            readers.push(Member::samod(&url).await);
            readers.push(Member::own(&url, "own reader"));
        }
        let members = vec![
            Member::node("client.mjs", &url, "node").await,
            Member::node(other, &url, "other").await,
            Member::samod(&url).await,
            Member::own(&url, "own"),
            Member::own(&url, "own-2"),
        ];
        assert_eq!(members.len(), WRITERS);
        Self { relay, members, readers, _directory: directory }
    }

    async fn session(&mut self, seed: u64) {
        let mut story = Story { seed, steps: Vec::new() };
        let mut dice = Dice(seed);
        let creator = dice.below(WRITERS);
        let reader = dice.below(3);
        if !self.readers.is_empty() {
            self.members.push(self.readers.remove(reader));
        }
        let mut talk = Talk::new(seed, self.members.len());
        let document = self.members[creator].creates(seed).await;
        story.tells(format!("{} creates {document}", self.members[creator].name()));
        for _ in 0..4 + dice.below(20) {
            self.step(document, &mut dice, &mut story, &mut talk).await;
        }
        for member in &mut self.members {
            member.comes_back().await;
        }
        let deadline = Instant::now() + PATIENCE;
        self.all_agree(document, deadline).await;
        talk.all_hear_each_other(&mut self.members, deadline).await;
        // The relay has taken by now what the one who may only read sent before speaking.
        for writer in &mut self.members[..WRITERS] {
            let shown = writer.shows().await.unwrap();
            assert_eq!(shown.json["map"][SCRIBBLE], json!(null), "a reader's edit is there");
        }
        for member in &mut self.members {
            member.forgets().await;
        }
        for member in self.members.drain(WRITERS..) {
            self.readers.insert(reader, member);
        }
    }

    async fn step(
        &mut self,
        document: DocumentId,
        dice: &mut Dice,
        story: &mut Story,
        talk: &mut Talk,
    ) {
        let place = dice.below(self.members.len());
        let may_write = place < WRITERS;
        let member = &mut self.members[place];
        let name = if may_write { member.name() } else { format!("reader {}", member.name()) };
        match dice.below(44) {
            0..20 => {
                let mut edits: Vec<_> =
                    (0..1 + dice.below(4)).map(|_| Edit::random(dice)).collect();
                if !may_write {
                    // Whatever else of this reached others, this would too: it comes before.
                    let scribble = Edit::Put { key: SCRIBBLE.to_owned(), value: json!(true) };
                    edits.insert(0, scribble);
                }
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
            37..41 => {
                story.tells(format!("{name} says something"));
                talk.says(place, member).await;
            }
            41..43 => sleep(Duration::from_millis(dice.below(50) as u64)).await,
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

    /// Waits until all who may write have the same, and so has somebody new who knows only the
    /// relay; and whoever may only read has that and perhaps more.
    async fn all_agree(&mut self, document: DocumentId, deadline: Instant) {
        let url = self.relay.url();
        let mut newcomer = Member::own(&url, "newcomer");
        loop {
            let (writers, readers) = self.members.split_at_mut(WRITERS);
            let mut all = Vec::new();
            for member in writers.iter_mut().chain([&mut newcomer]) {
                let mut shown = member.shows().await;
                if shown.is_none() {
                    member.hurries();
                    member.finds(document).await;
                    shown = member.shows().await;
                }
                all.push((member.name(), shown));
            }
            let (_, first) = &all[0];
            let agreed = first.as_ref().filter(|_| all.iter().all(|(_, shown)| shown == first));
            if let Some(agreed) = agreed {
                let mut readers_have_it = true;
                for reader in readers {
                    readers_have_it &= reader_has(reader, document, agreed).await;
                }
                if readers_have_it {
                    return;
                }
            }
            assert!(Instant::now() < deadline, "they do not agree: {all:#?}");
            self.members.iter().for_each(Member::hurries);
        }
    }
}

/// Whether somebody who may only read has all of it, and nothing else but what is their own.
async fn reader_has(reader: &mut Member, document: DocumentId, agreed: &Shown) -> bool {
    let Some(shown) = reader.shows().await else {
        reader.hurries();
        reader.finds(document).await;
        return false;
    };
    let has_scribbled = shown.json["map"][SCRIBBLE] == json!(true);
    shown == *agreed || (has_scribbled && reader.has_all(&agreed.heads).await)
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
