//! Boards written down by hand, for tests: labels Red, Green, Blue and members Ana, Ben.

use crate::cards::Cards;
use crate::ids::{BoardId, CardId, ChecklistId, ColumnId, CommentId, ItemId, LabelId, MemberId};
use crate::model::blank_card;
use crate::parts::{Checklist, ChecklistItem, Comment, Label, Member};
use crate::position::Position;
use crate::replica::Timestamp;
use crate::view::{BoardView, Card, Column, ColumnView, Life};
use std::sync::Arc;

/// A card on the board, in whatever column [`board`] puts it.
pub(crate) fn card(id: &str, title: &str) -> Card {
    let id = CardId::parse(id).unwrap();
    Card { title: title.into(), life: Life::OnBoard, ..blank_card(&id) }
}

pub(crate) fn labelled(id: &str, labels: &[&str]) -> Card {
    Card { labels: labels.iter().map(|id| label(id)).collect(), ..card(id, id) }
}

pub(crate) fn assigned(id: &str, members: &[&str]) -> Card {
    Card { assignees: members.iter().map(|id| member(id)).collect(), ..card(id, id) }
}

pub(crate) fn archived(card: Card) -> Card {
    Card { life: Life::Archived, ..card }
}

pub(crate) fn label(id: &str) -> LabelId {
    LabelId::parse(id).unwrap()
}

pub(crate) fn member(id: &str) -> MemberId {
    MemberId::parse(id).unwrap()
}

/// A checklist whose second and every other item is done.
pub(crate) fn checklist(name: &str, items: &[&str]) -> Checklist {
    let items = items.iter().enumerate().map(|(index, text)| ChecklistItem {
        id: ItemId::parse(&format!("item{index}")).unwrap(),
        text: (*text).into(),
        done: index % 2 == 1,
    });
    let id = ChecklistId::parse("list").unwrap();
    Checklist { id, name: name.into(), items: items.collect() }
}

/// A comment written on 1 May 2026 at noon UTC.
pub(crate) fn comment(id: &str, by: Option<&str>, text: &str) -> Comment {
    Comment {
        id: CommentId::parse(id).unwrap(),
        by: by.map(member),
        at: Timestamp::from_unix_seconds(1_777_636_800),
        text: text.into(),
    }
}

/// A board of these columns, named as their ids; archived cards go to its shelf.
pub(crate) fn board(columns: &[(&str, Vec<Card>)]) -> BoardView {
    let mut shelf = Vec::new();
    let columns = columns.iter().map(|(id, cards)| {
        let column = column(id);
        let cards = cards.iter().map(|card| Card { column: column.id.clone(), ..card.clone() });
        let (archived, shown): (Vec<_>, Vec<_>) =
            cards.map(Arc::new).partition(|card| card.life == Life::Archived);
        shelf.extend(archived);
        ColumnView { column: Arc::new(column), cards: shown.into() }
    });
    let columns = columns.collect();
    BoardView {
        id: BoardId::parse("board").unwrap(),
        name: "Release".into(),
        other_names: Vec::new(),
        description: String::new(),
        origin: None,
        successors: Vec::new(),
        labels: ["Blue", "Green", "Red"].map(defined_label).into(),
        members: ["Ana", "Ben"].map(listed_member).into(),
        conflicted_fields: Vec::new(),
        columns,
        archived_columns: Vec::new(),
        archived_cards: shelf.into(),
        deleted_columns: Vec::new(),
        deleted_cards: Cards::default(),
    }
}

fn column(id: &str) -> Column {
    Column {
        id: ColumnId::parse(id).unwrap(),
        position: Position::last(),
        name: id.into(),
        other_names: Vec::new(),
        wip_limit: None,
        colour: None,
        life: Life::OnBoard,
        recovered: false,
        deleted_concurrently: false,
        conflicted_fields: Vec::new(),
        other_positions: Vec::new(),
    }
}

fn defined_label(name: &str) -> Arc<Label> {
    Arc::new(Label {
        id: label(&name.to_lowercase()),
        name: name.into(),
        colour: name.to_lowercase(),
    })
}

fn listed_member(name: &str) -> Arc<Member> {
    Arc::new(Member { id: member(&name.to_lowercase()), name: name.into(), colour: String::new() })
}
