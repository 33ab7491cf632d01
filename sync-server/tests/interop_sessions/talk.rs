//! What is said during a session and kept nowhere, and who has heard it.

use crate::member::Member;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// How long everybody may take to hear everybody, before all greet once more; then more each time.
const GREETING: Duration = Duration::from_millis(30);

/// The messages of a session. Each has a number, which is its text.
pub struct Talk {
    seed: u64,
    /// Who said it, by their place among the members.
    authors: Vec<usize>,
    /// What each member has heard, in order.
    heard: Vec<Vec<usize>>,
}

impl Talk {
    pub fn new(seed: u64, members: usize) -> Self {
        Self { seed, authors: Vec::new(), heard: vec![Vec::new(); members] }
    }

    /// A member says something; if the document is not there, nothing. Returns its number.
    pub async fn says(&mut self, author: usize, member: &mut Member) -> Option<usize> {
        let number = self.authors.len();
        self.authors.push(author);
        member.says(&format!("{}:{number}", self.seed)).await.then_some(number)
    }

    /// Lets everybody say something when all are connected and nobody edits: all others hear it.
    /// And nobody has ever heard anything twice, or an echo.
    pub async fn all_hear_each_other(&mut self, members: &mut [Member], deadline: Instant) {
        // Once all have heard the greetings of all, everybody is connected.
        let mut patience = GREETING;
        while !self.everybody_hears_everybody(members, Instant::now() + patience).await {
            patience += GREETING;
            assert!(Instant::now() < deadline, "not all are connected: {:?}", self.heard);
            members.iter().for_each(Member::hurries);
        }
        let is_heard = self.everybody_hears_everybody(members, deadline).await;
        assert!(is_heard, "not all hear what is said: {:?} by {:?}", self.heard, self.authors);
        for (listener, heard) in self.heard.iter().enumerate() {
            let once: BTreeSet<_> = heard.iter().collect();
            assert_eq!(once.len(), heard.len(), "{listener} hears something twice: {heard:?}");
            let echo = heard.iter().find(|number| self.authors[**number] == listener);
            assert_eq!(echo, None, "{listener} hears an echo");
        }
    }

    /// Each says one thing. Whether all others hear it in time.
    async fn everybody_hears_everybody(
        &mut self,
        members: &mut [Member],
        deadline: Instant,
    ) -> bool {
        let first = self.authors.len();
        for (author, member) in members.iter_mut().enumerate() {
            if self.says(author, member).await.is_none() {
                return false;
            }
        }
        let said = self.authors.len() - first;
        while Instant::now() < deadline {
            self.listen(members).await;
            let new = |heard: &Vec<usize>| heard.iter().filter(|number| **number >= first).count();
            if self.heard.iter().all(|heard| new(heard) >= said - 1) {
                return true;
            }
        }
        false
    }

    async fn listen(&mut self, members: &mut [Member]) {
        for (heard, member) in self.heard.iter_mut().zip(members) {
            for text in member.hears().await {
                let (seed, number) = text.split_once(':').unwrap();
                assert_eq!(seed, self.seed.to_string(), "it belongs to this session");
                heard.push(number.parse().unwrap());
            }
        }
    }
}
