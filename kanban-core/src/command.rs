//! Commands: what a person or a program asks a board to do.

mod error;
mod options;

pub use error::{CommandError, Named};
pub use options::{ColumnCards, Slot, SortBy};

use crate::date::DateOrTime;
use crate::field::{Field, FieldValue};
use crate::ids::{CardId, ChecklistId, ColumnId, CommentId, ItemId, LabelId, LinkId, MemberId};
use crate::placement::Placement;
use crate::position::Position;
use crate::tagged::tagged;
use serde::Serialize;

/// The longest title or name, in characters (Trello's limit).
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let name = "x".repeat(TITLE_CHARS_MAX + 1);
/// let refused = board.apply(&Command::RenameBoard { name }, now);
/// assert!(matches!(refused, Err(CommandError::TooLong { limit: TITLE_CHARS_MAX, .. })));
/// # Ok::<(), IdError>(())
/// ```
pub const TITLE_CHARS_MAX: usize = 16_384;

/// The longest description or comment, in characters.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let text = "x".repeat(DESCRIPTION_CHARS_MAX + 1);
/// let refused = board.apply(&Command::SetBoardDescription { text }, now);
/// assert!(matches!(refused, Err(CommandError::TooLong { limit: DESCRIPTION_CHARS_MAX, .. })));
/// # Ok::<(), IdError>(())
/// ```
pub const DESCRIPTION_CHARS_MAX: usize = 1_000_000;

/// The most commands in a batch.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let rename = Command::RenameBoard { name: "Launch".into() };
/// let commands = vec![rename; BATCH_COMMANDS_MAX + 1];
/// let refused = board.apply(&Command::Batch { commands }, now);
/// assert!(matches!(refused, Err(CommandError::BatchTooLong { .. })));
/// # Ok::<(), IdError>(())
/// ```
pub const BATCH_COMMANDS_MAX: usize = 1_000;

/// The longest colour, in characters.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let (label, name) = (LabelId::parse("bug")?, "Bug".into());
/// let colour = "x".repeat(COLOUR_CHARS_MAX + 1);
/// let refused = board.apply(&Command::CreateLabel { label, name, colour }, now);
/// assert!(matches!(refused, Err(CommandError::TooLong { limit: COLOUR_CHARS_MAX, .. })));
/// # Ok::<(), IdError>(())
/// ```
pub const COLOUR_CHARS_MAX: usize = 64;

tagged! { "type";
/// One thing to do to a board. [`Board::apply`](crate::Board::apply) records it as one change.
///
/// A command that would change nothing (a drop where the card already stands, a rename to the
/// same title) records nothing.
///
/// A field named after a thing holds its id. The caller draws the ids of new things. `at` and `to`
/// are places among neighbours, and `None` takes a value away. In an edit of a text, `at` counts in
/// the replica's [`TextUnit`](crate::TextUnit), and so does `remove`: how much goes there before
/// `insert` comes.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let rename = Command::RenameBoard { name: "Launch".into() };
/// board.apply(&rename, now)?;
/// assert_eq!(board.name(), "Launch");
///
/// // Written as JSON it crosses to JavaScript.
/// let json = r#"{"type":"renameBoard","name":"Launch"}"#;
/// assert_eq!(serde_json::from_str::<Command>(json)?, rename);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields that say no more than their names are described above")]
pub enum Command {
    /// Names the board. Of two concurrent names one is shown, the other is kept beside it.
    RenameBoard { name: String },
    /// Replaces the board's description by recording the difference, so that concurrent edits merge
    /// by character.
    SetBoardDescription { text: String },
    /// Replaces a stretch of the board's description. Concurrent edits merge by character.
    EditBoardDescription { at: usize, remove: usize, insert: String },
    /// Defines a label.
    CreateLabel {
        label: LabelId,
        /// May be empty.
        name: String,
        /// A name or `#rrggbb`; may be empty.
        colour: String,
    },
    /// Names a label. Of two concurrent names one is shown, the other is kept beside it.
    RenameLabel { label: LabelId, name: String },
    /// Gives a label a colour; merges like a name.
    ColourLabel { label: LabelId, colour: String },
    /// Deletes a label's definition: cards that have it do not show it until it is restored. Whoever
    /// renames or colours it meanwhile keeps it.
    DeleteLabel { label: LabelId },
    /// Brings a deleted label back, on every card that had it.
    RestoreLabel { label: LabelId },
    /// Lists somebody as a member of the board. Grants no right.
    AddMember {
        /// Their id, the same on every board or drawn by the caller.
        member: MemberId,
        /// To show.
        name: String,
        /// To show them in; may be empty.
        colour: String,
    },
    /// Gives a member another name to show; concurrent names merge like a label's.
    RenameMember { member: MemberId, name: String },
    /// Gives a member another colour; merges like a name.
    ColourMember { member: MemberId, colour: String },
    /// Takes a member off the list: their cards do not show them until they are restored.
    RemoveMember { member: MemberId },
    /// Brings a removed member back, on every card assigned to them.
    RestoreMember { member: MemberId },
    /// Adds a column.
    CreateColumn { column: ColumnId, name: String, at: Slot<ColumnId> },
    /// Names a column. A concurrent delete leaves it on the board, flagged.
    RenameColumn { column: ColumnId, name: String },
    /// Moves a column. Two concurrent moves give one place and list the other.
    MoveColumn { column: ColumnId, to: Slot<ColumnId> },
    /// Deletes a column. It stays visible as long as a card that somebody moves into it, or adds,
    /// meanwhile stands there.
    DeleteColumn {
        column: ColumnId,
        /// What becomes of its cards; may be `None` only if it has none, archived ones included.
        cards: Option<ColumnCards>,
    },
    /// Puts a deleted column back in its place. Its former cards stay where they are.
    RestoreColumn { column: ColumnId },
    /// Confirms that a column deleted concurrently stays.
    KeepColumn { column: ColumnId },
    /// Settles concurrent moves of a column in favour of one that is not shown.
    PickColumnPosition {
        column: ColumnId,
        /// One of [`Column::other_positions`](crate::Column::other_positions).
        position: Position,
    },
    /// Settles concurrent moves of a column in favour of the place shown.
    KeepColumnPosition { column: ColumnId },
    /// Archives a column and the cards on it.
    ArchiveColumn { column: ColumnId },
    /// Brings back an archived column and the cards archived with it.
    UnarchiveColumn { column: ColumnId },
    /// Sorts the columns of the board. A concurrent move of a column wins over the sort.
    SortColumns { by: SortBy },
    /// Sets how many cards a column should hold at most. Nobody is ever refused: the limit is
    /// looked at after a merge, and the excess is shown.
    SetWipLimit { column: ColumnId, limit: Option<u64> },
    /// Gives a column a colour.
    SetColumnColour {
        column: ColumnId,
        /// A name or `#rrggbb`.
        colour: Option<String>,
    },
    /// Deletes a deleted column for good: its fields are emptied and it can no longer be restored.
    /// What was written before stays in the document's history; only a board copied into a new
    /// document leaves it behind. A concurrent restore brings an unnamed column back.
    PurgeColumn { column: ColumnId },
    /// Moves every card of a column to the end of another one, archived ones included. Merges like
    /// the relocation of a deleted column's cards: whoever moves one of them meanwhile wins.
    MoveAllCards { column: ColumnId, to: ColumnId },
    /// Archives every card on a column. Concurrent edits and moves of them hold as well.
    ArchiveAllCards { column: ColumnId },
    /// Adds a card.
    CreateCard {
        card: CardId,
        column: ColumnId,
        at: Slot<CardId>,
        title: String,
        /// May be empty.
        description: String,
    },
    /// Gives a card a title. Of two concurrent titles one is shown, the other is kept beside it;
    /// picking that one is renaming the card to it.
    RenameCard { card: CardId, title: String },
    /// Replaces a stretch of a card's description. Concurrent edits merge by character.
    EditDescription { card: CardId, at: usize, remove: usize, insert: String },
    /// Replaces a card's description by recording the difference, so that concurrent edits merge.
    SetDescription { card: CardId, text: String },
    /// Moves a card, to another column or inside its own.
    ///
    /// Concurrent moves of one card converge on a single placement; the other columns are listed
    /// in [`Card::other_placements`](crate::Card::other_placements) until somebody decides.
    MoveCard { card: CardId, column: ColumnId, to: Slot<CardId> },
    /// Deletes a card. Whoever moves or edits it meanwhile keeps it on the board, flagged.
    DeleteCard { card: CardId },
    /// Puts a deleted card back in its place.
    RestoreCard { card: CardId },
    /// Confirms that a card deleted concurrently stays.
    KeepCard { card: CardId },
    /// Settles concurrent moves of a card in favour of one that is not shown.
    PickCardPlacement {
        card: CardId,
        /// One of the placements that the card's concurrent moves recorded.
        placement: Placement,
    },
    /// Settles concurrent moves of a card in favour of the place shown.
    KeepCardPlacement { card: CardId },
    /// Archives a card: it leaves the board for the shelf and keeps its place.
    ArchiveCard { card: CardId },
    /// Brings an archived card back to its place.
    UnarchiveCard { card: CardId },
    /// Puts a label on a card. A concurrent removal of the same label leaves it there.
    AddLabel { card: CardId, label: LabelId },
    /// Takes a label off a card, unless somebody puts it there anew meanwhile.
    RemoveLabel { card: CardId, label: LabelId },
    /// Assigns a card to a member. A concurrent removal of the same member leaves them assigned.
    Assign { card: CardId, member: MemberId },
    /// Takes a member off a card, unless somebody assigns them anew meanwhile.
    Unassign { card: CardId, member: MemberId },
    /// Says when work on a card starts. Of two concurrent dates one is shown, the other is kept
    /// beside it; a date wins over a concurrent removal.
    SetStart { card: CardId, start: Option<DateOrTime> },
    /// Says when a card is due; merges like its start.
    SetDue { card: CardId, due: Option<DateOrTime> },
    /// Marks a card done or not, in whatever column it stands.
    SetDone { card: CardId, done: bool },
    /// Gives a card a cover colour; merges like its title.
    SetCover { card: CardId, cover: Option<String> },
    /// Adds a checklist to a card, below those it has.
    AddChecklist { card: CardId, checklist: ChecklistId, name: String },
    /// Names a checklist; merges like a card's title.
    RenameChecklist { card: CardId, checklist: ChecklistId, name: String },
    /// Moves a checklist among those of its card. Of two concurrent moves one counts.
    MoveChecklist { card: CardId, checklist: ChecklistId, to: Slot<ChecklistId> },
    /// Deletes a checklist with the items it has. An item that somebody adds, moves there or changes
    /// meanwhile keeps the list, with that item, on the card.
    DeleteChecklist { card: CardId, checklist: ChecklistId },
    /// Brings a deleted checklist back, with the items that were deleted together with it or alone.
    RestoreChecklist { card: CardId, checklist: ChecklistId },
    /// Adds an item to a checklist.
    AddItem { card: CardId, checklist: ChecklistId, item: ItemId, text: String, at: Slot<ItemId> },
    /// Rewrites an item; merges like a card's title.
    SetItemText { card: CardId, item: ItemId, text: String },
    /// Ticks an item, or not. Ticks of different items never meet.
    SetItemDone { card: CardId, item: ItemId, done: bool },
    /// Moves an item, in its list or to another one of the same card. Of two concurrent moves one
    /// counts, to another list before inside the same.
    MoveItem { card: CardId, item: ItemId, checklist: ChecklistId, to: Slot<ItemId> },
    /// Deletes an item. Whoever changes or ticks it meanwhile keeps it.
    DeleteItem { card: CardId, item: ItemId },
    /// Brings a deleted item back to its place.
    RestoreItem { card: CardId, item: ItemId },
    /// Comments on a card.
    AddComment { card: CardId, comment: CommentId, by: MemberId, text: String },
    /// Rewrites a comment by recording the difference; concurrent edits merge by character.
    SetComment { card: CardId, comment: CommentId, text: String },
    /// Deletes a comment. Whoever edits it meanwhile keeps it.
    DeleteComment { card: CardId, comment: CommentId },
    /// Brings a deleted comment back.
    RestoreComment { card: CardId, comment: CommentId },
    /// Attaches a link to a card.
    AttachLink {
        card: CardId,
        link: LinkId,
        /// The address, stored as written.
        url: String,
        /// To show; may be empty.
        name: String,
    },
    /// Changes a link's address and name; each merges like a card's title.
    SetLink { card: CardId, link: LinkId, url: String, name: String },
    /// Takes a link off a card. Whoever changes it meanwhile keeps it.
    DeleteLink { card: CardId, link: LinkId },
    /// Brings a deleted link back.
    RestoreLink { card: CardId, link: LinkId },
    /// Adds a copy of a card directly below it: fields, labels, assignees, checklists, links; not its
    /// comments, conflicts or history.
    DuplicateCard { card: CardId, copy: CardId },
    /// Deletes a deleted card for good: its fields are emptied and it can no longer be restored.
    /// What was written before stays in the document's history; only a board copied into a new
    /// document leaves it behind. Whoever edits or restores the card meanwhile keeps what is left of
    /// it, and can bring back an earlier version.
    PurgeCard { card: CardId },
    /// Settles concurrent values of a field in favour of the one shown.
    KeepField { field: Field },
    /// Settles concurrent values of a field in favour of one of them.
    PickField {
        field: Field,
        /// One of [`Board::field_choices`](crate::Board::field_choices).
        value: FieldValue,
    },
    /// Sorts the cards of a column. A card that somebody moves meanwhile goes where they moved it;
    /// the sort never revives a card and never hides a conflict.
    SortCards { column: ColumnId, by: SortBy },
    /// Several commands as one change, each on what those before it left: all of them or, if one is
    /// refused, none. What others do meanwhile merges with each of them as if it had been given alone.
    /// One [`undo`](crate::Board::undo) takes back all of it that nobody has moved on.
    Batch {
        /// At most [`BATCH_COMMANDS_MAX`]; no sort, [`MoveAllCards`](Self::MoveAllCards),
        /// [`DeleteColumn`](Self::DeleteColumn) or batch.
        commands: Vec<Command>,
    },
}
}
