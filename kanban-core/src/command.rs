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
use serde::{Deserialize, Serialize};

/// The longest title or name, in characters (Trello's limit).
pub const TITLE_CHARS_MAX: usize = 16_384;

/// The longest description or comment, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 1_000_000;

/// The longest colour, in characters.
pub const COLOUR_CHARS_MAX: usize = 64;

/// One thing to do to a board. [`Board::apply`](crate::Board::apply) records it as one change.
///
/// A command that would change nothing (a drop where the card already stands, a rename to the
/// same title) records nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Command {
    /// Names the board. Of two concurrent names one is shown, the other is kept beside it.
    RenameBoard {
        /// The new name.
        name: String,
    },
    /// Replaces the board's description by recording the difference, so that concurrent edits merge
    /// by character.
    SetBoardDescription {
        /// The new description.
        text: String,
    },
    /// Replaces a stretch of the board's description. Concurrent edits merge by character.
    EditBoardDescription {
        /// Where, counted in the replica's [`TextUnit`](crate::TextUnit).
        at: usize,
        /// How many units to remove there.
        remove: usize,
        /// What to insert there.
        insert: String,
    },
    /// Defines a label.
    CreateLabel {
        /// Its id, drawn by the caller.
        label: LabelId,
        /// Its name; may be empty.
        name: String,
        /// Its colour, as a name or `#rrggbb`; may be empty.
        colour: String,
    },
    /// Names a label. Of two concurrent names one is shown, the other is kept beside it.
    RenameLabel {
        /// The label.
        label: LabelId,
        /// The new name.
        name: String,
    },
    /// Gives a label a colour; merges like a name.
    ColourLabel {
        /// The label.
        label: LabelId,
        /// The new colour.
        colour: String,
    },
    /// Deletes a label's definition: cards that have it do not show it until it is restored. Whoever
    /// renames or colours it meanwhile keeps it.
    DeleteLabel {
        /// The label.
        label: LabelId,
    },
    /// Brings a deleted label back, on every card that had it.
    RestoreLabel {
        /// The label.
        label: LabelId,
    },
    /// Lists somebody as a member of the board. Grants no right.
    AddMember {
        /// Their id, the same on every board or drawn by the caller.
        member: MemberId,
        /// The name to show.
        name: String,
        /// The colour to show them in; may be empty.
        colour: String,
    },
    /// Gives a member another name to show; concurrent names merge like a label's.
    RenameMember {
        /// The member.
        member: MemberId,
        /// The new name.
        name: String,
    },
    /// Gives a member another colour; merges like a name.
    ColourMember {
        /// The member.
        member: MemberId,
        /// The new colour.
        colour: String,
    },
    /// Takes a member off the list: their cards do not show them until they are restored.
    RemoveMember {
        /// The member.
        member: MemberId,
    },
    /// Brings a removed member back, on every card assigned to them.
    RestoreMember {
        /// The member.
        member: MemberId,
    },
    /// Adds a column.
    CreateColumn {
        /// Its id, drawn by the caller.
        column: ColumnId,
        /// Its name.
        name: String,
        /// Its place on the board.
        at: Slot<ColumnId>,
    },
    /// Names a column. A concurrent delete leaves it on the board, flagged.
    RenameColumn {
        /// The column.
        column: ColumnId,
        /// The new name.
        name: String,
    },
    /// Moves a column. Two concurrent moves give one place and list the other.
    MoveColumn {
        /// The column.
        column: ColumnId,
        /// Its new place.
        to: Slot<ColumnId>,
    },
    /// Deletes a column. It stays visible as long as a card that somebody moves into it, or adds,
    /// meanwhile stands there.
    DeleteColumn {
        /// The column.
        column: ColumnId,
        /// What becomes of its cards; may be `None` only if it has none, archived ones included.
        cards: Option<ColumnCards>,
    },
    /// Puts a deleted column back in its place. Its former cards stay where they are.
    RestoreColumn {
        /// The column.
        column: ColumnId,
    },
    /// Confirms that a column deleted concurrently stays.
    KeepColumn {
        /// The column.
        column: ColumnId,
    },
    /// Settles concurrent moves of a column in favour of one that is not shown.
    PickColumnPosition {
        /// The column.
        column: ColumnId,
        /// One of [`Column::other_positions`](crate::Column::other_positions).
        position: Position,
    },
    /// Settles concurrent moves of a column in favour of the place shown.
    KeepColumnPosition {
        /// The column.
        column: ColumnId,
    },
    /// Archives a column and the cards on it.
    ArchiveColumn {
        /// The column.
        column: ColumnId,
    },
    /// Brings back an archived column and the cards archived with it.
    UnarchiveColumn {
        /// The column.
        column: ColumnId,
    },
    /// Sorts the columns of the board. A concurrent move of a column wins over the sort.
    SortColumns {
        /// The criterion.
        by: SortBy,
    },
    /// Sets how many cards a column should hold at most. Nobody is ever refused: the limit is
    /// looked at after a merge, and the excess is shown.
    SetWipLimit {
        /// The column.
        column: ColumnId,
        /// The limit; none removes it.
        limit: Option<u64>,
    },
    /// Gives a column a colour.
    SetColumnColour {
        /// The column.
        column: ColumnId,
        /// The colour, as a name or `#rrggbb`; none removes it.
        colour: Option<String>,
    },
    /// Deletes a deleted column for good: its fields are emptied and it can no longer be restored.
    /// What was written before stays in the document's history; only a board copied into a new
    /// document leaves it behind. A concurrent restore brings an unnamed column back.
    PurgeColumn {
        /// The column.
        column: ColumnId,
    },
    /// Moves every card of a column to the end of another one, archived ones included. Merges like
    /// the relocation of a deleted column's cards: whoever moves one of them meanwhile wins.
    MoveAllCards {
        /// The column.
        column: ColumnId,
        /// Where to.
        to: ColumnId,
    },
    /// Archives every card on a column. Concurrent edits and moves of them hold as well.
    ArchiveAllCards {
        /// The column.
        column: ColumnId,
    },
    /// Adds a card.
    CreateCard {
        /// Its id, drawn by the caller.
        card: CardId,
        /// Its column.
        column: ColumnId,
        /// Its place in the column.
        at: Slot<CardId>,
        /// Its title.
        title: String,
        /// Its description; may be empty.
        description: String,
    },
    /// Gives a card a title. Of two concurrent titles one is shown, the other is kept beside it;
    /// picking that one is renaming the card to it.
    RenameCard {
        /// The card.
        card: CardId,
        /// The new title.
        title: String,
    },
    /// Replaces a stretch of a card's description. Concurrent edits merge by character.
    EditDescription {
        /// The card.
        card: CardId,
        /// Where, counted in the replica's [`TextUnit`](crate::TextUnit).
        at: usize,
        /// How many units to remove there.
        remove: usize,
        /// What to insert there.
        insert: String,
    },
    /// Replaces a card's description by recording the difference, so that concurrent edits merge.
    SetDescription {
        /// The card.
        card: CardId,
        /// The new description.
        text: String,
    },
    /// Moves a card, to another column or inside its own.
    ///
    /// Concurrent moves of one card converge on a single placement; the other columns are listed
    /// in [`Card::other_placements`](crate::Card::other_placements) until somebody decides.
    MoveCard {
        /// The card.
        card: CardId,
        /// The column to move it to.
        column: ColumnId,
        /// The place in that column.
        to: Slot<CardId>,
    },
    /// Deletes a card. Whoever moves or edits it meanwhile keeps it on the board, flagged.
    DeleteCard {
        /// The card.
        card: CardId,
    },
    /// Puts a deleted card back in its place.
    RestoreCard {
        /// The card.
        card: CardId,
    },
    /// Confirms that a card deleted concurrently stays.
    KeepCard {
        /// The card.
        card: CardId,
    },
    /// Settles concurrent moves of a card in favour of one that is not shown.
    PickCardPlacement {
        /// The card.
        card: CardId,
        /// One of the placements that the card's concurrent moves recorded.
        placement: Placement,
    },
    /// Settles concurrent moves of a card in favour of the place shown.
    KeepCardPlacement {
        /// The card.
        card: CardId,
    },
    /// Archives a card: it leaves the board for the shelf and keeps its place.
    ArchiveCard {
        /// The card.
        card: CardId,
    },
    /// Brings an archived card back to its place.
    UnarchiveCard {
        /// The card.
        card: CardId,
    },
    /// Puts a label on a card. A concurrent removal of the same label leaves it there.
    AddLabel {
        /// The card.
        card: CardId,
        /// The label.
        label: LabelId,
    },
    /// Takes a label off a card, unless somebody puts it there anew meanwhile.
    RemoveLabel {
        /// The card.
        card: CardId,
        /// The label.
        label: LabelId,
    },
    /// Assigns a card to a member. A concurrent removal of the same member leaves them assigned.
    Assign {
        /// The card.
        card: CardId,
        /// The member.
        member: MemberId,
    },
    /// Takes a member off a card, unless somebody assigns them anew meanwhile.
    Unassign {
        /// The card.
        card: CardId,
        /// The member.
        member: MemberId,
    },
    /// Says when work on a card starts. Of two concurrent dates one is shown, the other is kept
    /// beside it; a date wins over a concurrent removal.
    SetStart {
        /// The card.
        card: CardId,
        /// The date; none removes it.
        start: Option<DateOrTime>,
    },
    /// Says when a card is due; merges like its start.
    SetDue {
        /// The card.
        card: CardId,
        /// The date; none removes it.
        due: Option<DateOrTime>,
    },
    /// Marks a card done or not, in whatever column it stands.
    SetDone {
        /// The card.
        card: CardId,
        /// Done or not.
        done: bool,
    },
    /// Gives a card a cover colour; merges like its title.
    SetCover {
        /// The card.
        card: CardId,
        /// The colour; none removes it.
        cover: Option<String>,
    },
    /// Adds a checklist to a card, below those it has.
    AddChecklist {
        /// The card.
        card: CardId,
        /// Its id, drawn by the caller.
        checklist: ChecklistId,
        /// Its name.
        name: String,
    },
    /// Names a checklist; merges like a card's title.
    RenameChecklist {
        /// The card.
        card: CardId,
        /// The checklist.
        checklist: ChecklistId,
        /// The new name.
        name: String,
    },
    /// Moves a checklist among those of its card. Of two concurrent moves one counts.
    MoveChecklist {
        /// The card.
        card: CardId,
        /// The checklist.
        checklist: ChecklistId,
        /// Its new place.
        to: Slot<ChecklistId>,
    },
    /// Deletes a checklist with the items it has. An item that somebody adds, moves there or changes
    /// meanwhile keeps the list, with that item, on the card.
    DeleteChecklist {
        /// The card.
        card: CardId,
        /// The checklist.
        checklist: ChecklistId,
    },
    /// Brings a deleted checklist back, with the items that were deleted together with it or alone.
    RestoreChecklist {
        /// The card.
        card: CardId,
        /// The checklist.
        checklist: ChecklistId,
    },
    /// Adds an item to a checklist.
    AddItem {
        /// The card.
        card: CardId,
        /// The checklist.
        checklist: ChecklistId,
        /// Its id, drawn by the caller.
        item: ItemId,
        /// What to do.
        text: String,
        /// Its place in the list.
        at: Slot<ItemId>,
    },
    /// Rewrites an item; merges like a card's title.
    SetItemText {
        /// The card.
        card: CardId,
        /// The item.
        item: ItemId,
        /// The new text.
        text: String,
    },
    /// Ticks an item, or not. Ticks of different items never meet.
    SetItemDone {
        /// The card.
        card: CardId,
        /// The item.
        item: ItemId,
        /// Done or not.
        done: bool,
    },
    /// Moves an item, in its list or to another one of the same card. Of two concurrent moves one
    /// counts, to another list before inside the same.
    MoveItem {
        /// The card.
        card: CardId,
        /// The item.
        item: ItemId,
        /// The list to move it to.
        checklist: ChecklistId,
        /// The place in that list.
        to: Slot<ItemId>,
    },
    /// Deletes an item. Whoever changes or ticks it meanwhile keeps it.
    DeleteItem {
        /// The card.
        card: CardId,
        /// The item.
        item: ItemId,
    },
    /// Brings a deleted item back to its place.
    RestoreItem {
        /// The card.
        card: CardId,
        /// The item.
        item: ItemId,
    },
    /// Comments on a card.
    AddComment {
        /// The card.
        card: CardId,
        /// Its id, drawn by the caller.
        comment: CommentId,
        /// Who comments.
        by: MemberId,
        /// What they say.
        text: String,
    },
    /// Rewrites a comment by recording the difference; concurrent edits merge by character.
    SetComment {
        /// The card.
        card: CardId,
        /// The comment.
        comment: CommentId,
        /// The new text.
        text: String,
    },
    /// Deletes a comment. Whoever edits it meanwhile keeps it.
    DeleteComment {
        /// The card.
        card: CardId,
        /// The comment.
        comment: CommentId,
    },
    /// Brings a deleted comment back.
    RestoreComment {
        /// The card.
        card: CardId,
        /// The comment.
        comment: CommentId,
    },
    /// Attaches a link to a card.
    AttachLink {
        /// The card.
        card: CardId,
        /// Its id, drawn by the caller.
        link: LinkId,
        /// Its address, stored as written.
        url: String,
        /// The name to show; may be empty.
        name: String,
    },
    /// Changes a link's address and name; each merges like a card's title.
    SetLink {
        /// The card.
        card: CardId,
        /// The link.
        link: LinkId,
        /// The new address.
        url: String,
        /// The new name.
        name: String,
    },
    /// Takes a link off a card. Whoever changes it meanwhile keeps it.
    DeleteLink {
        /// The card.
        card: CardId,
        /// The link.
        link: LinkId,
    },
    /// Brings a deleted link back.
    RestoreLink {
        /// The card.
        card: CardId,
        /// The link.
        link: LinkId,
    },
    /// Adds a copy of a card directly below it: fields, labels, assignees, checklists, links; not its
    /// comments, conflicts or history.
    DuplicateCard {
        /// The card.
        card: CardId,
        /// The id of the copy, drawn by the caller.
        copy: CardId,
    },
    /// Deletes a deleted card for good: its fields are emptied and it can no longer be restored.
    /// What was written before stays in the document's history; only a board copied into a new
    /// document leaves it behind. Whoever edits or restores the card meanwhile keeps what is left of
    /// it, and can bring back an earlier version.
    PurgeCard {
        /// The card.
        card: CardId,
    },
    /// Settles concurrent values of a field in favour of the one shown.
    KeepField {
        /// The field.
        field: Field,
    },
    /// Settles concurrent values of a field in favour of one of them.
    PickField {
        /// The field.
        field: Field,
        /// One of [`Board::field_choices`](crate::Board::field_choices).
        value: FieldValue,
    },
    /// Sorts the cards of a column. A card that somebody moves meanwhile goes where they moved it;
    /// the sort never revives a card and never hides a conflict.
    SortCards {
        /// The column.
        column: ColumnId,
        /// The criterion.
        by: SortBy,
    },
}
