//! A board as a text that other programs read.

mod csv;
mod json;
mod markdown;

pub use csv::{CsvOptions, CsvSeparator};
pub use json::{BOARD_JSON_VERSION, BoardJsonError};
pub use markdown::MarkdownOptions;

use crate::ids::ColumnId;
use crate::parts::{Label, Member};
use crate::view::{BoardView, Card};

/// The labels of a card that are shown, as the board orders them.
fn labels_of<'a>(view: &'a BoardView, card: &Card) -> impl Iterator<Item = &'a Label> {
    view.labels.iter().map(|label| &**label).filter(|label| card.labels.contains(&label.id))
}

/// The members that a card is shown as assigned to, as the board orders them.
fn assignees_of<'a>(view: &'a BoardView, card: &Card) -> impl Iterator<Item = &'a Member> {
    view.members.iter().map(|member| &**member).filter(|it| card.assignees.contains(&it.id))
}

/// The name of a column, also of one that is not shown; its id if the board does not hold it.
fn column_name<'a>(view: &'a BoardView, id: &'a ColumnId) -> &'a str {
    let shown = view.columns.iter().map(|column| &column.column);
    let mut all = shown.chain(&view.archived_columns).chain(&view.deleted_columns);
    all.find(|column| column.id == *id).map_or(id.as_str(), |column| &column.name)
}
