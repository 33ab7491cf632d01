//! The read model: what the document says, kept ready so that drawing, and planning the next
//! command, cost nothing that grows with the board.

mod places;
mod view;

use crate::cards::Cards;
use crate::field::Field;
use crate::ids::{BoardId, CardId, ColumnId, LabelId, MemberId};
use crate::order::gathered;
use crate::part::{PartId, Record, Target};
use crate::parts::{Label, Member};
use crate::placement::Placement;
use crate::position::Position;
use crate::read::Keys;
use crate::records::Owners;
use crate::registers::{Effective, Registers};
use crate::schema::meta_object;
use crate::view::{Card, Column, Life};
use automerge::ObjId;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// A card as stored and as shown.
#[derive(Debug, Clone)]
pub(crate) struct CardState {
    pub object: ObjId,
    /// The `Text` of its description, unless another program put something else there.
    pub description: Option<ObjId>,
    pub registers: Registers,
    /// The operation that stored the value of `pos`, if it is known and there is but one value.
    pub pos_by: Option<ObjId>,
    pub effective: Option<Effective>,
    /// Checklists, items, comments and links, deleted ones included.
    pub parts: BTreeMap<PartId, Record>,
    pub view: Arc<Card>,
}

/// A column as stored and as shown. One that only cards' placements name has no object.
#[derive(Debug, Clone)]
pub(crate) struct ColumnState {
    pub object: Option<ObjId>,
    pub registers: Registers,
    pub effective: Option<Effective>,
    pub view: Arc<Column>,
}

/// The board's own fields, labels and members.
#[derive(Debug, Clone, Default)]
pub(crate) struct BoardState {
    pub name: String,
    pub other_names: Vec<String>,
    pub description: String,
    /// Labels and members, deleted ones included.
    pub labels: BTreeMap<LabelId, Drawn<Label>>,
    pub members: BTreeMap<MemberId, Drawn<Member>>,
    /// Boards that this one was cut into; the one that Automerge shows comes last.
    pub successors: Vec<SmolStr>,
    /// The board that this one was cut from.
    pub origin: Option<SmolStr>,
}

/// A record with what is shown of it.
#[derive(Debug, Clone)]
pub(crate) struct Drawn<T> {
    pub record: Record,
    pub view: Arc<T>,
    pub conflicted: Vec<Field>,
}

impl BoardState {
    /// The boards that this one was cut into, each once.
    pub fn successors(&self) -> Vec<BoardId> {
        let successors = self.successors.iter().filter_map(|id| BoardId::parse(id).ok());
        gathered::<BTreeSet<BoardId>, _>(successors).into_iter().collect()
    }

    /// Fields of the board, its labels and members that hold several values.
    pub fn conflicted_fields(&self) -> Vec<Field> {
        let name = (!self.other_names.is_empty()).then_some(Field::BoardName);
        let labels = self.labels.values().filter(|drawn| drawn.record.is_alive());
        let members = self.members.values().filter(|drawn| drawn.record.is_alive());
        let labels = labels.flat_map(|drawn| drawn.conflicted.iter().cloned());
        let members = members.flat_map(|drawn| drawn.conflicted.iter().cloned());
        name.into_iter().chain(labels).chain(members).collect()
    }
}

impl<T: PartialEq> Drawn<T> {
    /// Whether people see no difference between the two.
    pub fn looks_like(&self, other: &Self) -> bool {
        self.view == other.view
            && self.conflicted == other.conflicted
            && self.record.is_alive() == other.record.is_alive()
    }
}

/// The live cards of one column in order, those on the shelf apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lane {
    pub shown: BTreeSet<(Position, CardId)>,
    pub shelved: BTreeSet<(Position, CardId)>,
    /// Those shown, as they look: drawn when somebody asks, and kept so from then on.
    drawn: OnceLock<Cards>,
}

/// What an object of the document is, for decoding changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Owner {
    Board,
    Columns,
    Cards,
    Column(ColumnId),
    Card(CardId),
    /// A `Text` that holds one register of the board.
    BoardText(Keys),
    ColumnText(ColumnId, Keys),
    CardText(CardId, Keys),
    Labels,
    Members,
    /// A label's record, or a `Text` in it; likewise the next two.
    Label(LabelId),
    Member(MemberId),
    Part(CardId, PartId),
}

impl Owner {
    /// The card that the object belongs to.
    pub fn card(&self) -> Option<&CardId> {
        match self {
            Owner::Card(card) | Owner::CardText(card, _) | Owner::Part(card, _) => Some(card),
            _ => None,
        }
    }
}

/// The read model of one board.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub board: BoardState,
    /// Boxed, so that the map stays small: its nodes are half empty.
    pub cards: BTreeMap<CardId, Box<CardState>>,
    pub columns: BTreeMap<ColumnId, ColumnState>,
    pub lanes: BTreeMap<ColumnId, Lane>,
    /// Every column, dead ones included.
    pub column_order: BTreeSet<(Position, ColumnId)>,
    pub owners: Owners,
    /// Keys that stand in a register without being shown: of the trash, of losing placements, of
    /// placements that a sort refined. Nobody may be given one, or restoring would make a tie.
    hidden: places::Hidden,
    /// Cards in the trash.
    deleted: BTreeSet<CardId>,
    /// What is off the board, drawn when somebody asks; gone when one of them changes.
    drawn_shelf: OnceLock<Cards>,
    drawn_trash: OnceLock<Cards>,
}

impl Model {
    /// A card in whatever state.
    pub fn card(&self, id: &CardId) -> Option<&CardState> {
        self.cards.get(id).map(|state| &**state)
    }

    /// The object that a write to `target` goes to.
    pub fn object_of(&self, target: &Target) -> Option<ObjId> {
        match target {
            Target::Board => Some(meta_object()),
            Target::Column(id) => self.columns.get(id)?.object.clone(),
            Target::Card(id) => Some(self.cards.get(id)?.object.clone()),
            Target::Label(_) | Target::Member(_) | Target::Part(..) => {
                Some(self.record(target)?.object.clone())
            }
        }
    }

    /// A label, member or part of a card.
    pub fn record(&self, target: &Target) -> Option<&Record> {
        match target {
            Target::Label(id) => Some(&self.board.labels.get(id)?.record),
            Target::Member(id) => Some(&self.board.members.get(id)?.record),
            Target::Part(card, part) => self.cards.get(card)?.parts.get(part),
            Target::Board | Target::Column(_) | Target::Card(_) => None,
        }
    }

    /// Columns that people see, left to right.
    pub fn visible_columns(&self) -> BTreeSet<(Position, ColumnId)> {
        let is_visible = |(_, id): &&(Position, ColumnId)| {
            let state = self.columns.get(id);
            state.is_some_and(|state| state.view.is_visible())
        };
        gathered(self.column_order.iter().filter(is_visible).cloned())
    }

    /// Whether an order key is in use in a column (of the board, if `None`), visibly or not.
    pub fn is_taken(&self, column: Option<&ColumnId>, position: &Position) -> bool {
        let first =
            |set: &BTreeSet<(Position, CardId)>| starts_with(set, position, CardId::lowest());
        let shown = match column {
            Some(column) => self
                .lanes
                .get(column)
                .is_some_and(|lane| first(&lane.shown) || first(&lane.shelved)),
            None => starts_with(&self.column_order, position, ColumnId::lowest()),
        };
        shown || self.hidden.contains_key(&(column.cloned(), position.clone()))
    }

    /// The highest key in use in a column, visibly or not.
    pub fn highest_position(&self, column: Option<&ColumnId>) -> Option<Position> {
        let lane = column.and_then(|column| self.lanes.get(column));
        let last = |set: &BTreeSet<(Position, CardId)>| set.last().map(|(p, _)| p.clone());
        let placed = match column {
            Some(_) => lane.and_then(|lane| last(&lane.shown).max(last(&lane.shelved))),
            None => self.column_order.last().map(|(p, _)| p.clone()),
        };
        let hidden = self
            .hidden
            .range((column.cloned(), Position::lowest())..)
            .take_while(|((c, _), _)| c.as_ref() == column)
            .last()
            .map(|((_, position), _)| position.clone());
        placed.max(hidden)
    }
}

fn starts_with<I: Ord + Clone>(
    set: &BTreeSet<(Position, I)>,
    position: &Position,
    lowest: I,
) -> bool {
    let next = set.range((position.clone(), lowest)..).next();
    next.is_some_and(|(found, _)| found == position)
}

impl ColumnState {
    /// A column that nobody created, or that is not read yet.
    pub fn unknown(id: &ColumnId) -> Self {
        Self {
            object: None,
            registers: Registers::default(),
            effective: None,
            view: Arc::new(blank_column(id)),
        }
    }
}

/// A column before anything is known about it.
fn blank_column(id: &ColumnId) -> Column {
    Column {
        id: id.clone(),
        position: Position::last(),
        name: String::new(),
        other_names: Vec::new(),
        wip_limit: None,
        colour: None,
        conflicted_fields: Vec::new(),
        life: Life::Purged,
        recovered: false,
        deleted_concurrently: false,
        other_positions: Vec::new(),
    }
}

/// A card before anything is known about it.
pub(crate) fn blank_card(id: &CardId) -> Card {
    Card {
        id: id.clone(),
        column: ColumnId::lost(),
        position: Position::last(),
        title: String::new(),
        other_titles: Vec::new(),
        description: String::new(),
        labels: BTreeSet::new(),
        assignees: BTreeSet::new(),
        start: None,
        due: None,
        done: false,
        cover: None,
        checklists: Vec::new(),
        comments: Vec::new(),
        links: Vec::new(),
        origin: None,
        conflicted_fields: Vec::new(),
        life: Life::Purged,
        deleted_concurrently: false,
        other_placements: Vec::new(),
    }
}

/// What registers say about life.
pub(crate) fn life_of(registers: &Registers) -> Life {
    match (registers.is_alive(), &registers.shelf) {
        (false, _) if registers.trash_present => Life::Deleted,
        (false, _) => Life::Purged,
        (true, Some(_)) => Life::Archived,
        (true, None) => Life::OnBoard,
    }
}

/// Brings the part of a card's view that depends on its place and life up to date.
pub(crate) fn settle_card(registers: &Registers, effective: Option<&Effective>, card: &mut Card) {
    let place = effective.and_then(|e| Some((e.column.clone()?, e.position.clone())));
    // Only another program leaves a card without a readable place; it is shown, not dropped.
    let (column, position) = place.unwrap_or_else(|| (ColumnId::lost(), Position::last()));
    card.life = life_of(registers);
    card.deleted_concurrently = registers.deleted_concurrently();
    card.other_placements = other_placements(registers, effective, &column);
    card.column = column;
    card.position = position;
}

/// Undecided placements that name another column than the one shown.
fn other_placements(
    registers: &Registers,
    effective: Option<&Effective>,
    shown: &ColumnId,
) -> Vec<Placement> {
    let mut others: Vec<Placement> = Vec::new();
    for placement in registers.undecided(effective).iter().filter_map(|s| s.placement()) {
        if placement.column != *shown && !others.contains(&placement) {
            others.push(placement);
        }
    }
    others
}

/// Brings the part of a column's view that depends on its own registers up to date.
pub(crate) fn settle_column(
    registers: &Registers,
    effective: Option<&Effective>,
    column: &mut Column,
) {
    column.life = life_of(registers);
    column.deleted_concurrently = registers.deleted_concurrently();
    column.position = effective.map_or_else(Position::last, |e| e.position.clone());
}
