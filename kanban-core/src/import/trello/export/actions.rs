//! What the log of activity says: comments, and the names of people who left the board.
//!
//! The log is most of an export, and nearly all of it is of no use here. So it is gone through action by action, and
//! only these two things are held in memory.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::entries::{TrelloMember, leave_emoji, read_member};
use super::fields::{FILE, Fields, Reader, described, each};
use super::lenient::describe_other_scalars;
use super::notes::{Leftover, Notes};
use crate::order::sort_by;

/// How many actions Trello exports at most.
const ACTIONS_MAX: usize = 1000;

/// The log, as far as it matters.
#[derive(Default)]
pub(super) struct ActionLog {
    /// How many actions there are.
    count: usize,
    /// The actions about comments.
    about_comments: Vec<Fields>,
    /// Everybody whom the log names, by id, as the newest action calls them.
    people: BTreeMap<String, Fields>,
    /// What the log is, if it is no array.
    not_an_array: Option<String>,
}

/// A comment, as it reads today.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TrelloComment {
    pub(crate) id: String,
    pub(crate) card: String,
    pub(crate) by: String,
    /// An ISO date, unchecked.
    pub(crate) date: String,
    pub(crate) text: String,
}

/// One action about a comment.
struct Said {
    comment: TrelloComment,
    kind: String,
}

impl ActionLog {
    fn take(&mut self, action: Fields) {
        self.count += 1;
        for key in ["memberCreator", "member"] {
            if let Some(person @ Value::Object(_)) = action.get(key)
                && let Some(id) = person.get("id").and_then(Value::as_str)
                && !self.people.contains_key(id)
            {
                self.people.insert(id.to_owned(), Fields::of(person.clone()));
            }
        }
        let kind = action.get("type").and_then(Value::as_str).unwrap_or_default();
        if is_comment(kind) || matches!(kind, "updateComment" | "deleteComment") {
            self.about_comments.push(action);
        }
    }

    /// The comments that are left at the end, and the people whom the log names.
    pub(super) fn read(self, notes: &mut Notes) -> (Vec<TrelloComment>, Vec<TrelloMember>) {
        if let Some(what) = self.not_an_array {
            notes.push(format!(
                "The board's `actions` are {what} instead of a list; its comments are left out."
            ));
        }
        notes.leave(Leftover::Action, self.count);
        if self.count >= ACTIONS_MAX {
            notes.leave(Leftover::ActionsCut, self.count);
        }
        let said = each("action", FILE, &self.about_comments, notes, read_action);
        let people: Vec<_> = self.people.into_values().collect();
        let people = each("person of an action", FILE, &people, notes, read_member);
        (comments(said, notes), people)
    }
}

fn read_action(action: &mut Reader) -> Said {
    let kind = action.text("type");
    let (date, creator) = (action.text("date"), action.text("idMemberCreator"));
    let by = match creator.as_str() {
        "" => action.inside("memberCreator", |person| person.text("id")),
        _ => creator,
    };
    let reactions = action.count("reactions");
    action.notes.leave(Leftover::Reaction, reactions);
    let own = action.text("id");
    let comment = action.inside("data", |data| {
        leave_emoji(data, "textData");
        let card = data.inside("card", |card| card.text("id"));
        let (changed, new_text) =
            data.inside("action", |of| (of.text("id"), of.filled_text("text")));
        let id = if is_comment(&kind) { own } else { changed };
        let text = match new_text {
            Some(text) if !is_comment(&kind) => text,
            _ => data.text("text"),
        };
        TrelloComment { id, card, by, date, text }
    });
    Said { comment, kind }
}

/// Whether an action is a comment: written on the card, or copied with it.
fn is_comment(kind: &str) -> bool {
    matches!(kind, "commentCard" | "copyCommentCard")
}

/// What became of all comments, in the order of the file. Normally it has them as they were last edited.
fn comments(said: Vec<Said>, notes: &mut Notes) -> Vec<TrelloComment> {
    let (written, mut later): (Vec<_>, Vec<_>) =
        said.into_iter().partition(|said| is_comment(&said.kind));
    // Oldest first; ISO dates of one zone order as texts, and Trello writes all in UTC.
    sort_by(&mut later, |one, other| one.comment.date.cmp(&other.comment.date));
    let mut fates: BTreeMap<String, Said> = BTreeMap::new();
    for said in later {
        fates.insert(said.comment.id.clone(), said);
    }
    let mut comments = Vec::with_capacity(written.len());
    for Said { mut comment, .. } in written {
        match fates.get(&comment.id) {
            Some(fate) if fate.kind == "deleteComment" => {
                notes.leave(Leftover::CommentDeleted, 1);
                fates.remove(&comment.id);
                continue;
            }
            Some(fate) => comment.text.clone_from(&fate.comment.text),
            None => {}
        }
        fates.remove(&comment.id);
        comments.push(comment);
    }
    for Said { comment, kind } in fates.into_values() {
        if kind == "updateComment" {
            notes.leave(Leftover::CommentOnlyEdited, 1);
            comments.push(comment);
        }
    }
    comments
}

impl<'de> Deserialize<'de> for ActionLog {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ActionsVisitor)
    }
}

struct ActionsVisitor;

impl<'de> Visitor<'de> for ActionsVisitor {
    type Value = ActionLog;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array of actions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<ActionLog, A::Error> {
        let mut log = ActionLog::default();
        while let Some(action) = sequence.next_element()? {
            log.take(action);
        }
        Ok(log)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ActionLog, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(not_an_array("an object".into()))
    }

    describe_other_scalars!(ActionLog, not_an_array);
}

fn not_an_array(what: String) -> ActionLog {
    ActionLog { not_an_array: Some(what), ..ActionLog::default() }
}
