//! What goes wrong in a network, and the end of it.

use super::{DEAD_AFTER, Event, Network, Weather};
use crate::broken::Check;
use crate::network::link::Health;
use sync_protocol::client::Input;

impl Network {
    pub(super) fn fault(&mut self) -> Check {
        if self.is_calm {
            return Ok(());
        }
        let next = self.within(5_000);
        self.at(next, Event::Fault);
        let index = self.random.below(self.machines.len());
        let link = self.machines[index].link;
        let what = self.random.weighted([4, 4, 3, 3, 2]);
        match (what, link) {
            (0, Some(link)) => {
                self.tally.count("connections broken", 1);
                self.relay_drops(link);
                self.at(self.now, Event::Closed(index, link));
                Ok(())
            }
            (1, Some(link)) => {
                self.tally.count("partitions", 1);
                if let Some(link) = self.links.get_mut(&link) {
                    link.health = Health::Silent;
                }
                self.at(self.now + DEAD_AFTER, Event::Gone(link));
                Ok(())
            }
            (2, Some(link)) => {
                self.tally.count("slow sockets", 1);
                let until = self.within(20_000);
                if let Some(link) = self.links.get_mut(&link) {
                    link.full_until = until;
                }
                self.at(until, Event::HasRoom);
                Ok(())
            }
            (3, _) => {
                self.tally.count("machine restarts", 1);
                self.restart(index)
            }
            (4, _) => {
                let made_it = self.random.chance(50);
                self.crash(made_it);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn restart(&mut self, index: usize) -> Check {
        if let Some(link) = self.machines[index].link {
            self.relay_drops(link);
        }
        self.machines[index].restart();
        self.tell(index, Input::Reconnect)
    }

    fn crash(&mut self, made_it: bool) {
        self.tally.count("relay crashes", 1);
        if self.relay.is_committing() {
            self.tally.count("relay crashes while storing", 1);
        }
        self.lives += 1;
        self.relay.crash(made_it);
        for (id, link) in std::mem::take(&mut self.links) {
            // A machine behind a silent link finds out by itself.
            if link.health == Health::Good {
                self.at(self.now, Event::Closed(link.machine, id));
            }
        }
    }

    /// No more edits and faults. What is broken stays broken until somebody notices.
    pub(super) fn make_peace(&mut self) -> Check {
        self.is_calm = true;
        for link in self.links.values_mut() {
            link.full_until = self.now;
        }
        // In foul weather nothing less than a new connection puts right what frames were lost.
        if self.weather == Weather::Foul {
            for index in 0..self.machines.len() {
                if let Some(link) = self.machines[index].link {
                    self.relay_drops(link);
                    self.at(self.now, Event::Closed(index, link));
                }
            }
        }
        self.turn();
        Ok(())
    }
}
