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
        self.check_writable()?;
        let tags: Vec<_> = (0..commands.len()).map(|number| self.batch_tag(number)).collect();
        let (tag, text_unit) = (self.tag, self.text_unit);
        let (model, mut written, mut events) = (&mut self.model, Vec::new(), Vec::new());
        let change = record(&mut self.document, now, None, |transaction| {
            for (number, (command, batch_tag)) in commands.iter().zip(tags).enumerate() {
                let reader = Reader::Within(transaction);
                let planner = Planner { model, reader, now, tag, batch_tag, text_unit };
                let writes = may_be_in_batch(command).and_then(|()| planner.plan(command));
                let writes = writes.map_err(|error| {
                    let error = Box::new(error);
                    CommandError::InBatch { number: number + 1, of: commands.len(), error }
                })?;
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
        match change {
            Ok(change) => Ok((written, Applied { change, events })),
            Err(error) => {
                // The document is as before; the model has followed the commands that went well.
                if !written.is_empty() {
                    self.reread();
                }
                Err(error)
            }
        }
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
