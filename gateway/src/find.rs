//! From what people call things to the things. What is not there is answered with what is.

use crate::Problem;
use kanban_core::{Board, Card, CardId, Column, ColumnId, Label, LabelId, Member, MemberId};
use std::sync::Arc;

/// How many names a problem lists.
const NAMES_MAX: usize = 30;

/// A thing with an id and a name.
struct Named<I> {
    id: I,
    word: String,
    name: String,
}

/// A column on the board, by its id or its name in any case.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do" }, { "id": "done", "name": "Done" }] }"#)?;
/// # let board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// use kanban_gateway::find;
/// assert_eq!(find::column(&board, "to do")?.as_str(), "todo");
/// let problem = find::column(&board, "Dome").unwrap_err();
/// assert_eq!(problem.detail, "there is no column \"Dome\" on this board; there are \"To do\", \"Done\"");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// 422 with the names that there are, or with the ids if several have that name.
pub fn column(board: &Board, text: &str) -> Result<ColumnId, Problem> {
    let columns = board.columns().map(|column: &Arc<Column>| {
        let (id, name) = (column.id.clone(), column.name.clone());
        Named { word: id.to_string(), id, name }
    });
    one("column", text, columns.collect())
}

/// A label that the board defines, by its id or its name in any case.
///
/// # Errors
/// As of [`column()`].
pub fn label(board: &Board, text: &str) -> Result<LabelId, Problem> {
    let labels = board.labels().map(|label: &Arc<Label>| {
        let (id, name) = (label.id.clone(), label.name.clone());
        Named { word: id.to_string(), id, name }
    });
    one("label", text, labels.collect())
}

/// A member of the board, by their id or their name in any case.
///
/// # Errors
/// As of [`column()`].
pub fn member(board: &Board, text: &str) -> Result<MemberId, Problem> {
    let members = board.members().map(|member: &Arc<Member>| {
        let (id, name) = (member.id.clone(), member.name.clone());
        Named { word: id.to_string(), id, name }
    });
    one("member", text, members.collect())
}

/// A card of the board, archived and deleted ones included.
///
/// # Errors
/// 404 if there is none with this id.
pub fn card<'a>(board: &'a Board, id: &CardId) -> Result<&'a Arc<Card>, Problem> {
    let gone = || format!("there is no card {id} on this board; list the cards to see their ids");
    board.card(id).ok_or_else(|| Problem::not_found(gone()))
}

fn one<I>(what: &str, text: &str, all: Vec<Named<I>>) -> Result<I, Problem> {
    let names: Vec<String> =
        all.iter().take(NAMES_MAX).map(|named| format!("{:?}", named.name)).collect();
    let asked = text.trim().to_lowercase();
    let mut found = Vec::new();
    for named in all {
        // An id is one thing's only, so it beats a name.
        if named.word == text.trim() {
            return Ok(named.id);
        }
        if named.name.trim().to_lowercase() == asked {
            found.push(named);
        }
    }
    if found.len() > 1 {
        let ids: Vec<String> = found.into_iter().map(|named| named.word).collect();
        let detail =
            format!("{text:?} is the name of several; say which by its id: {}", ids.join(", "));
        return Err(Problem::invalid(detail));
    }
    let start: String = text.chars().take(80).collect();
    found.pop().map(|named| named.id).ok_or_else(|| {
        let known = match names.as_slice() {
            [] => "it has none".to_owned(),
            [name] => format!("there is only {name}"),
            names => format!("there are {}", names.join(", ")),
        };
        Problem::invalid(format!("there is no {what} {start:?} on this board; {known}"))
    })
}
