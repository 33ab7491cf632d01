//! What must hold when everybody has everything: in whatever order it came, all have one board.

use super::{World, unexpected};
use crate::broken::{Check, ensure, ensure_equal};
use crate::fate::count_moves;
use crate::fields::{check_choices, count_fields};
use crate::history::Oracle;
use kanban_core::{Board, BoardView};

impl World {
    /// I10: merging commutes, associates, and a second time does nothing.
    pub(super) fn compare_merges(&self, number: usize) -> Check {
        let copies = || (0..self.peers.len()).map(|who| self.copy(number, who));
        let boards: Vec<Board> = copies().collect::<Result<_, _>>()?;
        let merge = |into: &mut Board, other: &Board| {
            into.merge(other).map_err(|error| unexpected("merge", error))
        };
        let mut merged = Vec::new();
        for (first, one) in copies().enumerate() {
            let mut one = one?;
            let mut order = boards.iter().cycle().skip(first + 1).take(boards.len() - 1);
            // Pairs first, or one after the other.
            if let (Some(second), Some(third), true) = (order.next(), order.next(), first % 2 == 0)
            {
                let mut pair = self.copy(number, (first + 1) % boards.len())?;
                merge(&mut pair, second)?;
                merge(&mut pair, third)?;
                merge(&mut one, &pair)?;
            }
            for other in boards.iter().rev() {
                merge(&mut one, other)?;
            }
            for other in &boards {
                let again = merge(&mut one, other)?;
                let idle = again.applied == 0 && again.events.is_empty();
                ensure(idle, "I10", || format!("merging again did something: {again:?}"))?;
            }
            merged.push(one);
        }
        for pair in merged.windows(2) {
            let [one, other] = pair else { continue };
            ensure_equal(&one.view(), &other.view(), "I10", || "merged in another order".into())?;
        }
        Ok(())
    }

    /// Everybody gets what they lack at once: by turns in the order in which it happened and the
    /// other way round. Then all show the same, and one of them still does when opened anew.
    pub(super) fn agree(&mut self, number: usize) -> Check {
        let people = self.peers.len();
        for who in 0..people {
            let delivered = &self.peer(who)?.delivered;
            let lacking = self.history.keys().filter(|event| !delivered.contains(event));
            let mut lacking: Vec<usize> = lacking.copied().collect();
            if !(who + number).is_multiple_of(2) {
                lacking.reverse();
            }
            self.deliver(number, who, &lacking)?;
            let all = self.peer(who)?.known.len() == self.history.len();
            ensure(all, "I1", || "not everything arrived".into())?;
        }
        let views: Vec<BoardView> = self.peers.iter().map(|peer| peer.board.view()).collect();
        for pair in views.windows(2) {
            let [one, other] = pair else { continue };
            ensure_equal(other, one, "I1", || "everybody has everything".into())?;
        }
        self.open_anew(number, number % people.max(1))?;
        let screen = self.screen(0)?;
        let first = self.peers.first().ok_or_else(|| unexpected("script", "nobody"))?;
        let oracle = Oracle::knowing(&self.history, &first.known);
        for peer in &self.peers {
            check_choices(&oracle, &peer.board, &screen.sight)?;
        }
        count_fields(&oracle, &mut self.tally);
        count_moves(&oracle, &first.board, &screen, &mut self.tally)
    }
}
