//! What can be asked of a board, and what can be done to it beside commands, each as one JSON text.
//!
//! One list says the name, the arguments, the answer's type and the answer, so that the TypeScript
//! declarations are made from the same lines as the code.

use crate::error::CallError;
use crate::message::message;
use kanban_core::{
    Activity, ActivityQuery, Applied, Board, BoardDraft, BoardEvent, BoardView, Card, CardId,
    ChangeHash, Column, ColumnCounts, ColumnId, Command, Conflict, CsvOptions, DeletedParts,
    Expected, Field, FieldChoice, Filter, GroupBy, Label, MarkdownOptions, Member, PlacementChoice,
    Provenance, Scope, Slot, Swimlane, TextMatch, Timestamp, Undone,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Defines what JavaScript may say: a message with a `type`, and what it is answered with.
macro_rules! messages {
    (
        $(#[$doc:meta])*
        $name:ident for $board:ty $(, at $now:ident)?;
        $(
            $(#[$variant_doc:meta])*
            $variant:ident { $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)? } -> $answer:ty
                = |$subject:ident| $body:expr;
        )*
    ) => {
        message! {
            $(#[$doc])*
            #[derive(Debug, Clone)]
            pub enum $name {
                $($(#[$variant_doc])* $variant { $($(#[$attribute])* $field: $type),* },)*
            }
        }

        impl $name {
            /// Does what is asked, and answers in JSON.
            pub fn answer(self, board: $board $(, $now: Timestamp)?) -> Result<String, CallError> {
                match self {
                    $(Self::$variant { $($field),* } => {
                        let $subject = board;
                        let answer: $answer = $body;
                        Ok(serde_json::to_string(&answer)?)
                    })*
                }
            }

            /// The name of each message and the TypeScript type of its answer.
            #[cfg(feature = "typescript")]
            pub fn answers(config: &ts_rs::Config) -> Vec<(String, String)> {
                vec![$((lower_camel(stringify!($variant)), <$answer as ts_rs::TS>::name(config))),*]
            }

            /// Shows each type that an answer is made of.
            #[cfg(feature = "typescript")]
            pub fn visit_answers(visitor: &mut impl ts_rs::TypeVisitor) {
                $(visitor.visit::<$answer>();)*
            }
        }
    };
}

#[cfg(feature = "typescript")]
fn lower_camel(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// Versions by their hashes.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "Array<ChangeHash>"))]
#[serde(transparent)]
pub struct Heads(Vec<String>);

impl Heads {
    fn parse(&self) -> Result<Vec<ChangeHash>, CallError> {
        self.0.iter().map(|text| hash(text)).collect()
    }

    fn of(heads: &[ChangeHash]) -> HeadsText {
        HeadsText(heads.iter().map(ToString::to_string).collect())
    }
}

/// The same as an answer.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "Array<ChangeHash>"))]
#[serde(transparent)]
pub struct HeadsText(Vec<String>);

/// A change by its hash.
pub fn hash(text: &str) -> Result<ChangeHash, CallError> {
    text.parse().map_err(|_| CallError::NotAHash(text.to_owned()))
}

messages! {
    /// A question. It changes nothing.
    Question for &Board;

    /// What people decided at the same time and nobody has settled; of one card, or of all.
    Conflicts { card: Option<CardId> } -> Vec<Conflict> = |board| match card {
        Some(card) => board.conflicts_of_card(&card),
        None => board.conflicts(),
    };
    /// The values that people gave a field at the same time.
    FieldChoices { field: Field } -> Vec<FieldChoice> = |board| board.field_choices(&field);
    /// The places that people gave a card at the same time.
    PlacementChoices { card: CardId } -> Vec<PlacementChoice> = |board| {
        board.placement_choices(&card)
    };
    /// A card, wherever it is; `null` if it is not known, or deleted for good.
    Card { card: CardId } -> Option<Arc<Card>> = |board| board.card(&card).cloned();
    /// A column, wherever it is.
    Column { column: ColumnId } -> Option<Arc<Column>> = |board| {
        board.column(&column).cloned()
    };
    /// The cards that a filter lets through, in the order of the board.
    Find { filter: Filter } -> Vec<Arc<Card>> = |board| board.find(&filter);
    /// Cards by text, the best match first; on the board and the shelf if no filter says otherwise.
    Search { text: String, filter: Option<Filter> } -> Vec<TextMatch> = |board| {
        let everywhere = || Filter::new().scope(Scope::BoardAndShelf);
        board.search_in(&text, &filter.unwrap_or_else(everywhere))
    };
    /// How many cards each column has, and how many of them a filter lets through.
    Counts { filter: Filter } -> Vec<ColumnCounts> = |board| board.counts(&filter);
    /// The board in rows, by assignee, label or due date.
    Swimlanes { by: GroupBy, filter: Filter } -> Vec<Swimlane> = |board| {
        board.swimlanes(by, &filter)
    };
    /// What was done, the latest first.
    Activities { query: ActivityQuery } -> Vec<Activity> = |board| board.activities(&query);
    /// Who created a card and who changed it last.
    Provenance { card: CardId } -> Option<Provenance> = |board| board.provenance(&card);
    /// The board as it was.
    ViewAt { heads: Heads } -> BoardView = |board| board.view_at(&heads.parse()?)?;
    /// A card as it was.
    CardAt { card: CardId, heads: Heads } -> Option<Arc<Card>> = |board| {
        board.card_at(&card, &heads.parse()?)?
    };
    /// The version at a time, in seconds since 1970, by the clocks of those who changed the board.
    HeadsAt { at: Timestamp } -> HeadsText = |board| Heads::of(&board.heads_at(at));
    /// The version that is shown.
    Heads {} -> HeadsText = |board| Heads::of(&board.heads());
    /// What looks different between two versions.
    Difference { from: Heads, to: Heads } -> Vec<BoardEvent> = |board| {
        board.difference(&from.parse()?, &to.parse()?)?
    };
    /// What was deleted of a card and can be restored; `null` if the card is not known.
    DeletedParts { card: CardId } -> Option<DeletedParts> = |board| board.deleted_parts(&card);
    /// Labels that can be restored.
    DeletedLabels {} -> Vec<Arc<Label>> = |board| board.deleted_labels().cloned().collect();
    /// Members that can be restored.
    RemovedMembers {} -> Vec<Arc<Member>> = |board| board.removed_members().cloned().collect();
    /// What this person can undo, the oldest first.
    Undoable {} -> HeadsText = |board| Heads::of(&board.undoable());
    /// Whether this person can redo something.
    CanRedo {} -> bool = |board| board.can_redo();
    /// The board as a JSON text, to make another of.
    Json {} -> String = |board| board.to_json();
    /// The same as an object.
    Draft {} -> BoardDraft = |board| board.to_draft();
    /// Cards for another board to take, each with the id that its copy is to have.
    Parcel { cards: Vec<(CardId, CardId)> } -> BoardDraft = |board| board.parcel(&cards)?;
    /// The board without its cards, as an object.
    Template {} -> BoardDraft = |board| board.to_draft().as_template();
    /// The cards as a table.
    Csv {
        #[cfg_attr(feature = "typescript", ts(as = "CsvOptions"))]
        options: Option<CsvOptions>
    } -> String = |board| board.to_csv(&options.unwrap_or_default());
    /// The board to read.
    Markdown {
        #[cfg_attr(feature = "typescript", ts(as = "MarkdownOptions"))]
        options: Option<MarkdownOptions>
    } -> String = |board| {
        board.to_markdown(&options.unwrap_or_default())
    };
}

messages! {
    /// Something that changes the board.
    Edit for &mut Board, at now;

    /// Carries out a command.
    Apply { command: Command } -> Applied = |board| board.apply(&command, now)?;
    /// Carries out a command if the board is as expected.
    ApplyIf { command: Command, expected: Expected } -> Applied = |board| {
        board.apply_if(&command, &expected, now)?
    };
    /// Takes back what this person did last.
    Undo {} -> Undone = |board| board.undo(now)?;
    /// Takes back one of what this person did.
    UndoChange { #[cfg_attr(feature = "typescript", ts(type = "ChangeHash"))] change: String }
        -> Undone = |board| board.undo_change(&hash(&change)?, now)?;
    /// Brings back what was undone last.
    Redo {} -> Undone = |board| board.redo(now)?;
    /// Gives a card back the fields that it had in a version.
    RevertCard { card: CardId, heads: Heads } -> Applied = |board| {
        board.revert_card(&card, &heads.parse()?, now)?
    };
    /// Gives a card back the description that it had in a version.
    RevertDescription { card: CardId, heads: Heads } -> Applied = |board| {
        board.revert_description(&card, &heads.parse()?, now)?
    };
    /// Takes the cards of a draft, such as a parcel of another board.
    TakeCards { parcel: BoardDraft, column: ColumnId, to: Slot<CardId> } -> Applied = |board| {
        board.take_cards(&parcel, &column, &to, now)?
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use kanban_core::{ActorId, BoardId, Replica};

    fn board() -> Board {
        let replica = Replica::new(ActorId::from([1; 16])).by("ana");
        let now = Timestamp::from_unix_seconds(1_700_000_000);
        let mut board = Board::create(replica, BoardId::parse("b").unwrap(), "Board", now);
        for command in [
            r#"{"type":"createColumn","column":"todo","name":"To do","at":"last"}"#,
            r#"{"type":"createCard","card":"x","column":"todo","at":"first","title":"X","description":""}"#,
        ] {
            let edit = format!(r#"{{"type":"apply","command":{command}}}"#);
            serde_json::from_str::<Edit>(&edit).unwrap().answer(&mut board, now).unwrap();
        }
        board
    }

    fn asks(board: &Board, question: &str) -> Result<serde_json::Value, CallError> {
        let question: Question = serde_json::from_str(question).map_err(CallError::NotAMessage)?;
        Ok(serde_json::from_str(&question.answer(board)?).unwrap())
    }

    #[test]
    fn questions_are_answered_in_json() {
        let board = board();
        let found = asks(&board, r#"{"type":"find","filter":{"text":"x"}}"#).unwrap();
        assert_eq!(found[0]["title"], "X");
        let activities = asks(&board, r#"{"type":"activities","query":{"limit":1}}"#).unwrap();
        assert_eq!(activities[0]["author"], "ana");
        let heads = asks(&board, r#"{"type":"heads"}"#).unwrap();
        let at = format!(r#"{{"type":"viewAt","heads":{heads}}}"#);
        assert_eq!(asks(&board, &at).unwrap()["name"], "Board");
        assert_eq!(asks(&board, r#"{"type":"card","card":"y"}"#).unwrap(), serde_json::Value::Null);
        for text in ["json", "csv", "markdown"] {
            assert!(
                asks(&board, &format!(r#"{{"type":"{text}"}}"#)).unwrap().is_string(),
                "{text}"
            );
        }
    }

    #[test]
    fn what_was_done_is_undone_and_brought_back() {
        let mut board = board();
        let now = Timestamp::from_unix_seconds(1_700_000_001);
        let edit = |board: &mut Board, json: &str| {
            serde_json::from_str::<Edit>(json).unwrap().answer(board, now)
        };
        let undone = edit(&mut board, r#"{"type":"undo"}"#).unwrap();
        assert!(undone.contains(r#""type":"cardDeleted""#), "{undone}");
        assert_eq!(asks(&board, r#"{"type":"canRedo"}"#).unwrap(), true);
        edit(&mut board, r#"{"type":"redo"}"#).unwrap();
        let error = edit(&mut board, r#"{"type":"redo"}"#).unwrap_err();
        assert_eq!((error.code(), error.reason()), ("refused", Some("nothingToRedo".to_owned())));
    }

    #[test]
    fn cards_go_to_another_board_as_text() {
        let (from, mut to) = (board(), board());
        let parcel = asks(&from, r#"{"type":"parcel","cards":[["x","y"]]}"#).unwrap();
        let edit = format!(
            r#"{{"type":"takeCards","parcel":{parcel},"column":"todo","to":{{"after":"x"}}}}"#
        );
        let edit: Edit = serde_json::from_str(&edit).unwrap();
        let taken = edit.answer(&mut to, Timestamp::from_unix_seconds(1_700_000_002)).unwrap();
        assert!(taken.contains(r#""type":"cardCreated""#), "{taken}");
        assert_eq!(asks(&to, r#"{"type":"card","card":"y"}"#).unwrap()["origin"]["card"], "x");
    }

    #[test]
    fn what_is_no_question_is_refused_in_a_sentence() {
        for json in
            ["", "{}", r#"{"type":"fly"}"#, r#"{"type":"card"}"#, r#"{"type":"heads","x":1}"#]
        {
            let error = asks(&board(), json).unwrap_err();
            assert_eq!(error.code(), "invalid-argument", "{json}: {error}");
        }
        let error = asks(&board(), r#"{"type":"viewAt","heads":["zz"]}"#).unwrap_err();
        assert_eq!(error.code(), "invalid-argument");
    }
}
