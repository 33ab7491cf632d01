//! From what is asked to commands of the board.

use crate::ask::{Cards, EditCard, Move, NewCard, NewComment};
use crate::{Problem, find};
use base64ct::{Base64UrlUnpadded, Encoding};
use kanban_core::{
    Board, CardId, Command, CommandError, CommentId, DateOrTime, Filter, ID_CHARS_MAX, Life,
    MemberId, Scope,
};
use std::collections::BTreeSet;

/// How many cards a list has at most, and if nothing is said.
pub const CARDS_MAX: usize = 10_000;
const CARDS: usize = 1_000;

/// What to do, and to which card.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What, in this order; nothing if it is so already.
    pub commands: Vec<Command>,
    /// Which card.
    pub card: CardId,
}

impl Plan {
    /// All of it as one command, so that a board is changed by all of it or by nothing; `None` if there is
    /// nothing to do.
    pub fn command(&self) -> Option<Command> {
        match self.commands.as_slice() {
            [] => None,
            [single] => Some(single.clone()),
            several => Some(Command::Batch { commands: several.to_vec() }),
        }
    }
}

/// Adds a card. One that has this id already is left as it is: the request was sent twice.
///
/// # Errors
/// 422 with the names that there are.
pub fn add(board: &Board, ask: &NewCard, card: CardId) -> Result<Plan, Problem> {
    if board.card(&card).is_some() {
        return Ok(Plan { commands: Vec::new(), card });
    }
    let column = find::column(board, &ask.column)?;
    let (title, description) = (ask.title.clone(), ask.description.clone());
    let at = ask.at.clone();
    let mut commands =
        vec![Command::CreateCard { card: card.clone(), column, at, title, description }];
    for label in &ask.labels {
        commands.push(Command::AddLabel { card: card.clone(), label: find::label(board, label)? });
    }
    for member in &ask.assignees {
        let member = find::member(board, member)?;
        commands.push(Command::Assign { card: card.clone(), member });
    }
    if let Some(due) = &ask.due {
        commands.push(Command::SetDue { card: card.clone(), due: Some(date(due)?) });
    }
    Ok(Plan { commands, card })
}

/// Changes what is said of a card.
///
/// # Errors
/// 404 if it is not there; 422 with the names that there are.
pub fn edit(board: &Board, id: &CardId, ask: &EditCard) -> Result<Plan, Problem> {
    let found = find::card(board, id)?;
    let card = || id.clone();
    let mut commands = Vec::new();
    // Back from the shelf first, and onto it last.
    if ask.archived == Some(false) && found.life == Life::Archived {
        commands.push(Command::UnarchiveCard { card: card() });
    }
    if let Some(title) = ask.title.clone() {
        commands.push(Command::RenameCard { card: card(), title });
    }
    if let Some(text) = ask.description.clone() {
        commands.push(Command::SetDescription { card: card(), text });
    }
    if let Some(labels) = &ask.labels {
        let wanted = labels.iter().map(|name| find::label(board, name));
        let wanted: BTreeSet<_> = wanted.collect::<Result<_, _>>()?;
        let off = found.labels.difference(&wanted).cloned();
        commands.extend(off.map(|label| Command::RemoveLabel { card: card(), label }));
        let on = wanted.difference(&found.labels).cloned();
        commands.extend(on.map(|label| Command::AddLabel { card: card(), label }));
    }
    if let Some(assignees) = &ask.assignees {
        let wanted = assignees.iter().map(|name| find::member(board, name));
        let wanted: BTreeSet<_> = wanted.collect::<Result<_, _>>()?;
        let off = found.assignees.difference(&wanted).cloned();
        commands.extend(off.map(|member| Command::Unassign { card: card(), member }));
        let on = wanted.difference(&found.assignees).cloned();
        commands.extend(on.map(|member| Command::Assign { card: card(), member }));
    }
    if let Some(start) = &ask.start {
        let start = start.as_deref().map(date).transpose()?;
        commands.push(Command::SetStart { card: card(), start });
    }
    if let Some(due) = &ask.due {
        commands.push(Command::SetDue { card: card(), due: due.as_deref().map(date).transpose()? });
    }
    if let Some(done) = ask.done {
        commands.push(Command::SetDone { card: card(), done });
    }
    if let Some(cover) = ask.cover.clone() {
        commands.push(Command::SetCover { card: card(), cover });
    }
    if ask.archived == Some(true) && found.life == Life::OnBoard {
        commands.push(Command::ArchiveCard { card: card() });
    }
    Ok(Plan { commands, card: card() })
}

/// Moves a card.
///
/// # Errors
/// 404 if it is not there; 422 with the columns that there are.
pub fn move_card(board: &Board, id: &CardId, ask: &Move) -> Result<Plan, Problem> {
    let found = find::card(board, id)?;
    let named = ask.column.as_deref().map(|name| find::column(board, name)).transpose()?;
    let column = named.unwrap_or_else(|| found.column.clone());
    let commands = vec![Command::MoveCard { card: id.clone(), column, to: ask.at.clone() }];
    Ok(Plan { commands, card: id.clone() })
}

/// Comments on a card. A comment that has this id already is left as it is. Whoever is no member of
/// the board yet becomes one, as in the web board.
///
/// # Errors
/// 404 if the card is not there; 422 with the members that there are, if nobody says whose it is.
pub fn comment(
    board: &Board,
    id: &CardId,
    ask: &NewComment,
    who: Option<&str>,
    fresh: (CommentId, MemberId),
) -> Result<Plan, Problem> {
    let found = find::card(board, id)?;
    let (comment, new_member) = fresh;
    let mut commands = Vec::new();
    if found.comments.iter().any(|it| it.id == comment) {
        return Ok(Plan { commands, card: id.clone() });
    }
    let by = match (ask.by.as_deref(), who) {
        (Some(name), _) => find::member(board, name)?,
        (None, Some(name)) => match find::member(board, name) {
            Ok(member) => member,
            Err(_) => {
                let (member, joins) = joining(board, name, new_member);
                commands.push(joins);
                member
            }
        },
        (None, None) => {
            return Err(Problem::invalid(
                "nobody knows who you are here, so say whose comment it is: \"by\", a member's name",
            ));
        }
    };
    let (card, text) = (id.clone(), ask.text.clone());
    commands.push(Command::AddComment { card, comment, by, text });
    Ok(Plan { commands, card: id.clone() })
}

/// What cards must be like to be listed, and how many there may be.
///
/// # Errors
/// 422 with the names that there are.
pub fn filter(board: &Board, ask: &Cards) -> Result<(Filter, usize), Problem> {
    let mut filter = ask.written_filter().map_err(|error| {
        Problem::invalid(format!("this is no filter ({error}); docs/automation.md shows one"))
    })?;
    if let Some(name) = &ask.column {
        filter = filter.column(find::column(board, name)?);
    }
    if let Some(name) = &ask.label {
        filter = filter.label(find::label(board, name)?);
    }
    if let Some(name) = &ask.assignee {
        filter = filter.assignee(find::member(board, name)?);
    }
    if let Some(text) = &ask.q {
        filter = filter.text(text.clone());
    }
    if let Some(done) = ask.done {
        filter = filter.done(done);
    }
    filter = match ask.scope.as_deref() {
        None => filter,
        Some("board") => filter.scope(Scope::Board),
        Some("shelf") => filter.scope(Scope::Shelf),
        Some("boardAndShelf") => filter.scope(Scope::BoardAndShelf),
        Some(_) => return Err(Problem::invalid("scope is board, shelf or boardAndShelf")),
    };
    Ok((filter, ask.limit.unwrap_or(CARDS).min(CARDS_MAX)))
}

/// Why a board refuses a command.
pub fn refused(error: &CommandError) -> Problem {
    let detail = error.to_string();
    match error {
        // Which of them it was is nothing to whoever asked for one thing.
        CommandError::InBatch { error, .. } => refused(error),
        CommandError::Changed { .. } => Problem::new(412, "changed", detail),
        CommandError::UnknownCard { .. } | CommandError::UnknownColumn { .. } => {
            Problem::not_found(detail)
        }
        CommandError::DuplicateCard { .. } | CommandError::DuplicateColumn { .. } => {
            Problem::conflict(detail)
        }
        _ => Problem::invalid(detail),
    }
}

/// Lists somebody as a member, under the id that the web board gives that name: two programs that do so
/// at once list them once.
fn joining(board: &Board, name: &str, fresh: MemberId) -> (MemberId, Command) {
    let usual: String = format!("m-{}", Base64UrlUnpadded::encode_string(name.as_bytes()))
        .chars()
        .take(ID_CHARS_MAX)
        .collect();
    let usual = MemberId::parse(&usual).unwrap_or_else(|_| fresh.clone());
    let removed = board.removed_members().find(|member| member.id == usual);
    if removed.is_some_and(|member| member.name == name) {
        return (usual.clone(), Command::RestoreMember { member: usual });
    }
    // Somebody who is called otherwise by now keeps the id.
    let is_taken = removed.is_some() || board.members().any(|member| member.id == usual);
    let member = if is_taken { fresh } else { usual };
    let (name, colour) = (name.to_owned(), String::new());
    (member.clone(), Command::AddMember { member, name, colour })
}

fn date(text: &str) -> Result<DateOrTime, Problem> {
    DateOrTime::parse(text).map_err(|error| Problem::invalid(error.to_string()))
}
