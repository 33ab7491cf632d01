//! Many commands as one change.

use super::{Applied, Board, record};
use crate::command::{BATCH_COMMANDS_MAX, Command, CommandError};
use crate::plan::{Planner, Write};
use crate::read::Reader;
use crate::replica::Timestamp;
use crate::write::{execute, touched_by};

impl Board {
    /// Carries out each of `commands` on what those before it left, as one change.
    pub(super) fn apply_batch(
        &mut self,
        commands: &[Command],
        now: Timestamp,
    ) -> Result<Applied, CommandError> {
        Ok(self.carry_out_batch(commands, now)?.1)
    }

    /// What a batch would write, for guards that look before it is carried out.
    pub(crate) fn plan_batch(
        &self,
        commands: &[Command],
        now: Timestamp,
    ) -> Result<Vec<Write>, CommandError> {
        Ok(self.clone().carry_out_batch(commands, now)?.0)
    }

    fn carry_out_batch(
        &mut self,
        commands: &[Command],
        now: Timestamp,
    ) -> Result<(Vec<Write>, Applied), CommandError> {
        if commands.len() > BATCH_COMMANDS_MAX {
            return Err(CommandError::BatchTooLong { commands: commands.len() });
        }
        let mut rest = commands.iter();
        self.carry_out_steps(commands.len(), now, |planner, number| {
            let writes = rest.next().map_or(Ok(Vec::new()), |command| {
                may_be_in_batch(command).and_then(|()| planner.plan(command))
            });
            writes.map_err(|error| {
                let error = Box::new(error);
                CommandError::InBatch { number: number + 1, of: commands.len(), error }
            })
        })
    }

    /// Plans and carries out so many steps, each on what those before it left, as one change.
    pub(crate) fn carry_out_steps(
        &mut self,
        steps: usize,
        now: Timestamp,
        mut plan: impl FnMut(&Planner<'_>, usize) -> Result<Vec<Write>, CommandError>,
    ) -> Result<(Vec<Write>, Applied), CommandError> {
        self.check_writable()?;
        let tags: Vec<_> = (0..steps).map(|number| self.batch_tag(number)).collect();
        let (tag, text_unit) = (self.tag, self.text_unit);
        let (model, mut written, mut events) = (&mut self.model, Vec::new(), Vec::new());
        let change = record(&mut self.document, now, None, |transaction| {
            for (number, batch_tag) in tags.into_iter().enumerate() {
                let reader = Reader::Within(transaction);
                let planner = Planner { model, reader, now, tag, batch_tag, text_unit };
                let writes = plan(&planner, number)?;
                execute(transaction, model, (text_unit, tag), &writes)
                    .map_err(CommandError::of_document)?;
                for event in model.refresh(Reader::Within(transaction), touched_by(&writes)) {
                    if !events.contains(&event) {
                        events.push(event);
                    }
                }
                written.extend(writes);
            }
            Ok(())
        });
        if change.is_err() && !written.is_empty() {
            // The document is as before; the model has followed the steps that went well.
            self.reread();
        }
        Ok((written, Applied { change: change?, events }))
    }
}

/// What a sort or relocation wrote is taken back by other rules than what a person placed, so a change
/// has only one of the two.
fn may_be_in_batch(command: &Command) -> Result<(), CommandError> {
    use Command as C;
    match command {
        C::Batch { .. }
        | C::SortColumns { .. }
        | C::SortCards { .. }
        | C::MoveAllCards { .. }
        | C::DeleteColumn { .. } => Err(CommandError::NotInBatch),
        _ => Ok(()),
    }
}
