//! Steps of a script: plain values, so that a script can be printed, cut down and run again.

use kanban_core::{ColumnCards, Command, Slot};
use std::fmt;

/// The people, by number.
pub const PEOPLE: [&str; 4] = ["ana", "ben", "cleo", "dora"];

/// One step. People are given by number.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Somebody gives a command on what they see.
    Act {
        /// The person.
        who: usize,
        /// The command.
        command: Command,
    },
    /// Somebody takes back what they did last.
    Undo {
        /// The person.
        who: usize,
    },
    /// Somebody brings back what they took back last.
    Redo {
        /// The person.
        who: usize,
    },
    /// Changes arrive in this order, some perhaps again, some perhaps before what they build on.
    Deliver {
        /// Who gets them.
        to: usize,
        /// The steps that made them.
        steps: Vec<usize>,
    },
    /// Somebody asks another for what they lack.
    Pull {
        /// Who asks.
        to: usize,
        /// Who answers.
        from: usize,
    },
    /// Somebody merges another's whole board.
    Merge {
        /// Who merges.
        to: usize,
        /// Whose board.
        from: usize,
    },
    /// Somebody saves, closes and opens again, as a new actor; what waited is gone.
    Restart {
        /// The person.
        who: usize,
    },
    /// Copies of all boards are merged in several orders and compared; nobody learns anything.
    CompareMerges,
    /// Everybody gets what they lack, and all must agree.
    Agree,
}

fn person(who: usize) -> &'static str {
    PEOPLE.get(who).copied().unwrap_or("somebody")
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Act { who, command } => write!(f, "{} {}", person(*who), told(command)),
            Step::Undo { who } => write!(f, "{} undoes", person(*who)),
            Step::Redo { who } => write!(f, "{} redoes", person(*who)),
            Step::Deliver { to, steps } => write!(f, "{} receives changes {steps:?}", person(*to)),
            Step::Pull { to, from } => write!(f, "{} pulls from {}", person(*to), person(*from)),
            Step::Merge { to, from } => {
                write!(f, "{} merges {}'s board", person(*to), person(*from))
            }
            Step::Restart { who } => write!(f, "{} restarts", person(*who)),
            Step::CompareMerges => write!(f, "copies of all boards are merged in several orders"),
            Step::Agree => write!(f, "everybody receives everything"),
        }
    }
}

fn slot<I: fmt::Display>(slot: &Slot<I>) -> String {
    match slot {
        Slot::First => "first".into(),
        Slot::Last => "last".into(),
        Slot::Before(anchor) => format!("before {anchor}"),
        Slot::After(anchor) => format!("after {anchor}"),
    }
}

/// A command as a sentence without its subject.
fn told(command: &Command) -> String {
    use Command as C;
    match command {
        C::RenameBoard { name } => format!("names the board {name:?}"),
        C::CreateColumn { column, name, at } => {
            format!("creates column {column} {name:?} {}", slot(at))
        }
        C::RenameColumn { column, name } => format!("renames column {column} to {name:?}"),
        C::MoveColumn { column, to } => format!("moves column {column} {}", slot(to)),
        C::DeleteColumn { column, cards } => match cards {
            Some(ColumnCards::MoveTo(to)) => format!("deletes column {column}, its cards to {to}"),
            Some(ColumnCards::Delete) => format!("deletes column {column} and its cards"),
            None => format!("deletes column {column}, said to be empty"),
        },
        C::RestoreColumn { column } => format!("restores column {column}"),
        C::KeepColumn { column } => format!("keeps column {column}"),
        C::PickColumnPosition { column, position } => {
            format!("picks place {position} for column {column}")
        }
        C::KeepColumnPosition { column } => format!("dismisses other places of column {column}"),
        C::ArchiveColumn { column } => format!("archives column {column}"),
        C::UnarchiveColumn { column } => format!("unarchives column {column}"),
        C::SortColumns { by } => format!("sorts the columns by {by:?}"),
        C::CreateCard { card, column, at, title, .. } => {
            format!("creates {card} {title:?} in {column} {}", slot(at))
        }
        C::RenameCard { card, title } => format!("renames {card} to {title:?}"),
        C::EditDescription { card, at, remove, insert } => {
            let inserts = insert.chars().count();
            format!("edits the text of {card} at {at}: removes {remove}, inserts {inserts}")
        }
        C::SetDescription { card, .. } => format!("sets the text of {card}"),
        C::MoveCard { card, column, to } => format!("moves {card} to {column} {}", slot(to)),
        C::DeleteCard { card } => format!("deletes {card}"),
        C::RestoreCard { card } => format!("restores {card}"),
        C::KeepCard { card } => format!("keeps {card}"),
        C::PickCardPlacement { card, placement } => {
            format!("picks {}/{} for {card}", placement.column, placement.position)
        }
        C::KeepCardPlacement { card } => format!("dismisses other places of {card}"),
        C::ArchiveCard { card } => format!("archives {card}"),
        C::UnarchiveCard { card } => format!("unarchives {card}"),
        C::SortCards { column, by } => format!("sorts the cards of {column} by {by:?}"),
        other => format!("{other:?}"),
    }
}

/// A command's kind, for counting.
pub fn kind(command: &Command) -> &'static str {
    use Command as C;
    match command {
        C::RenameBoard { .. } => "rename board",
        C::CreateColumn { .. } => "create column",
        C::RenameColumn { .. } => "rename column",
        C::MoveColumn { .. } => "move column",
        C::DeleteColumn { cards: Some(ColumnCards::MoveTo(_)), .. } => "delete column, move cards",
        C::DeleteColumn { cards: Some(ColumnCards::Delete), .. } => "delete column and cards",
        C::DeleteColumn { cards: None, .. } => "delete empty column",
        C::RestoreColumn { .. } => "restore column",
        C::KeepColumn { .. } => "keep column",
        C::PickColumnPosition { .. } => "pick column place",
        C::KeepColumnPosition { .. } => "dismiss column places",
        C::ArchiveColumn { .. } => "archive column",
        C::UnarchiveColumn { .. } => "unarchive column",
        C::SortColumns { .. } => "sort columns",
        C::CreateCard { .. } => "create card",
        C::RenameCard { .. } => "rename card",
        C::EditDescription { .. } => "edit description",
        C::SetDescription { .. } => "set description",
        C::MoveCard { .. } => "move card",
        C::DeleteCard { .. } => "delete card",
        C::RestoreCard { .. } => "restore card",
        C::KeepCard { .. } => "keep card",
        C::PickCardPlacement { .. } => "pick card place",
        C::KeepCardPlacement { .. } => "dismiss card places",
        C::ArchiveCard { .. } => "archive card",
        C::UnarchiveCard { .. } => "unarchive card",
        C::SortCards { .. } => "sort cards",
        C::SetWipLimit { .. } => "set limit",
        C::SetColumnColour { .. } => "colour column",
        C::CreateLabel { .. } => "create label",
        C::RenameLabel { .. } => "rename label",
        C::ColourLabel { .. } => "colour label",
        C::DeleteLabel { .. } => "delete label",
        C::RestoreLabel { .. } => "restore label",
        C::AddMember { .. } => "add member",
        C::RenameMember { .. } => "rename member",
        C::ColourMember { .. } => "colour member",
        C::RemoveMember { .. } => "remove member",
        C::RestoreMember { .. } => "restore member",
        C::SetStart { .. } => "set start",
        C::SetDue { .. } => "set due date",
        C::SetDone { .. } => "set done",
        C::SetCover { .. } => "set cover",
        C::AddLabel { .. } => "add label",
        C::RemoveLabel { .. } => "take label off",
        C::Assign { .. } => "assign",
        C::Unassign { .. } => "unassign",
        C::AddChecklist { .. } => "add checklist",
        C::RenameChecklist { .. } => "rename checklist",
        C::MoveChecklist { .. } => "move checklist",
        C::DeleteChecklist { .. } => "delete checklist",
        C::RestoreChecklist { .. } => "restore checklist",
        C::AddItem { .. } => "add item",
        C::SetItemText { .. } => "set item",
        C::SetItemDone { .. } => "tick item",
        C::MoveItem { .. } => "move item",
        C::DeleteItem { .. } => "delete item",
        C::RestoreItem { .. } => "restore item",
        C::AddComment { .. } => "add comment",
        C::SetComment { .. } => "set comment",
        C::DeleteComment { .. } => "delete comment",
        C::RestoreComment { .. } => "restore comment",
        C::AttachLink { .. } => "attach link",
        C::SetLink { .. } => "set link",
        C::DeleteLink { .. } => "delete link",
        C::RestoreLink { .. } => "restore link",
        C::KeepField { .. } => "keep value",
        C::PickField { .. } => "pick value",
        C::SetBoardDescription { .. } => "describe board",
        C::MoveAllCards { .. } => "move all cards",
        C::ArchiveAllCards { .. } => "archive all cards",
        C::DuplicateCard { .. } => "duplicate card",
        _ => "other",
    }
}
