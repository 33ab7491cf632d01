//! What must hold whatever goes wrong.

use super::Network;
use crate::broken::{Broken, Check};

impl Network {
    /// What a machine has heard and been promised must be on the relay's disk.
    pub(super) fn look_at(&mut self, index: usize) -> Check {
        let machine = &mut self.machines[index];
        let new = machine.new_changes();
        if let Some((hash, _)) =
            new.iter().find(|(hash, is_own)| !is_own && !self.relay.stored.contains(hash))
        {
            return broken("store, then tell", format!("machine {index} has {hash}"));
        }
        let saved = machine.newly_saved();
        if let Some(lost) = saved.iter().find(|hash| !self.relay.stored.contains(hash)) {
            return broken("saved means saved", format!("machine {index}: {lost}"));
        }
        self.tally.count("changes saved", saved.len());
        self.acknowledged.extend(saved);
        Ok(())
    }

    pub(super) fn all_is_well(&mut self) -> Check {
        let most = 60 * self.machines.len() + 40;
        if self.frames > most {
            return broken("quiet", format!("{} frames to settle, not {most}", self.frames));
        }
        let heads = self.relay.heads();
        let views: Vec<_> =
            self.machines.iter().map(|m| m.client.board().map(|b| b.view())).collect();
        for (index, machine) in self.machines.iter().enumerate() {
            let Some(board) = machine.client.board() else {
                return broken("converge", format!("machine {index} has no board"));
            };
            let status = machine.client.status();
            if board.heads() != heads || status.pending != 0 {
                return broken("converge", format!("machine {index}: {status:?}"));
            }
            if views[index] != views[0] {
                return broken("same heads, same board", format!("machine {index}"));
            }
        }
        match self.acknowledged.iter().find(|hash| !self.relay.stored.contains(hash)) {
            Some(lost) => broken("saved means saved for ever", format!("{lost}")),
            None => Ok(()),
        }
    }
}

pub(super) fn broken<T>(invariant: &'static str, detail: String) -> Result<T, Broken> {
    Err(Broken { invariant, detail })
}
