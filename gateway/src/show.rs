//! Answers: boards and cards as JSON.

use crate::ask::Cards;
use crate::{Problem, find, heads, plan};
use kanban_core::{Board, Card, CardId};
use serde_json::{Value, json};

/// A card as the core writes it, with the names of its column, labels and assignees beside their ids.
///
/// # Errors
/// 404 if there is none with this id.
pub fn card(board: &Board, id: &CardId) -> Result<Value, Problem> {
    find::card(board, id).map(|card| row(board, card))
}

/// The cards that are asked for, in the order of the board, and whether there are more.
///
/// # Errors
/// 422 with the names that there are.
pub fn cards(board: &Board, ask: &Cards) -> Result<Value, Problem> {
    let (filter, limit) = plan::filter(board, ask)?;
    let found = board.find(&filter);
    let rows: Vec<Value> = found.iter().take(limit).map(|card| row(board, card)).collect();
    Ok(
        json!({ "cards": rows, "more": found.len() > limit, "heads": heads::to_word(&board.heads()) }),
    )
}

/// The board without its cards: name, columns with how many cards they hold, labels, members.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])), Timestamp::default());
/// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
/// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] }] }"#)?;
/// # let board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
/// use kanban_gateway::show;
/// assert_eq!(show::board(&board)["columns"][0]["cards"], 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn board(board: &Board) -> Value {
    let column = |column: &std::sync::Arc<kanban_core::Column>| {
        json!({
            "id": column.id, "name": column.name, "cards": board.cards_in(&column.id).count(),
            "wipLimit": column.wip_limit, "colour": column.colour,
        })
    };
    json!({
        "name": board.name(),
        "columns": board.columns().map(column).collect::<Vec<_>>(),
        "labels": board.labels().collect::<Vec<_>>(),
        "members": board.members().collect::<Vec<_>>(),
        "heads": heads::to_word(&board.heads()),
    })
}

fn row(board: &Board, card: &Card) -> Value {
    let mut row = json!(card);
    let labels = board.labels().filter(|label| card.labels.contains(&label.id));
    let members = board.members().filter(|member| card.assignees.contains(&member.id));
    let more = json!({
        "columnName": board.column(&card.column).map(|column| &column.name),
        "labelNames": labels.map(|label| &label.name).collect::<Vec<_>>(),
        "assigneeNames": members.map(|member| &member.name).collect::<Vec<_>>(),
    });
    if let (Value::Object(row), Value::Object(more)) = (&mut row, more) {
        row.extend(more);
    }
    row
}
