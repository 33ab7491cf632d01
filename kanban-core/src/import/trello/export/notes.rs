//! What an import tells the person who asked for it: mistakes of the file one by one, and by their number the things
//! that a board has no place for.

use std::collections::BTreeMap;

use super::fields::shortened;

/// How many names of things left behind a sentence lists.
const NAMES_MAX: usize = 5;

/// Everything that is not on the board as it was in the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Notes {
    /// Mistakes of the file and what became of them, in sentences.
    pub(crate) sentences: Vec<String>,
    left: BTreeMap<Leftover, Left>,
}

/// How many of a kind are left behind, and what the first of them are called.
#[derive(Debug, Clone, Default, PartialEq)]
struct Left {
    count: usize,
    names: Vec<String>,
}

/// What Trello has and a board has not, or not quite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Leftover {
    AttachmentWithoutAddress,
    UploadAtTrello,
    CommentOfNoCard,
    CommentOnlyEdited,
    CommentDeleted,
    CommentMissing,
    ActionsCut,
    ChecklistOfNoCard,
    ItemOfNoCard,
    ItemDate,
    ItemMember,
    CustomField,
    CustomFieldValue,
    Vote,
    Sticker,
    Reaction,
    CustomEmoji,
    CoverImage,
    Reminder,
    Location,
    Template,
    CardRole,
    Subscription,
    PowerUpData,
    ClosedBoard,
    Action,
    Always,
}

impl Notes {
    /// Notes a mistake of the file, in a sentence.
    pub(crate) fn push(&mut self, sentence: String) {
        self.sentences.push(sentence);
    }

    /// Counts what is left behind.
    pub(crate) fn leave(&mut self, what: Leftover, count: usize) {
        if count > 0 {
            self.left.entry(what).or_default().count += count;
        }
    }

    /// Counts one thing that is left behind and has a name.
    pub(crate) fn leave_named(&mut self, what: Leftover, name: &str) {
        let left = self.left.entry(what).or_default();
        left.count += 1;
        if left.names.len() < NAMES_MAX {
            left.names.push(format!("“{}”", shortened(name)));
        }
    }

    /// The sentences for the report: the mistakes, then what was left behind.
    pub(crate) fn into_sentences(self) -> Vec<String> {
        let left = self.left.into_iter().map(|(what, left)| {
            let sentence = sentence(what, left.count);
            match (left.names.len(), left.count - left.names.len()) {
                (0, _) => format!("{sentence}."),
                (_, 0) => format!("{sentence}: {}.", left.names.join(", ")),
                (_, more) => format!("{sentence}: {} and {more} more.", left.names.join(", ")),
            }
        });
        self.sentences.into_iter().chain(left).collect()
    }
}

fn sentence(what: Leftover, count: usize) -> String {
    let of = |one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    };
    match what {
        Leftover::AttachmentWithoutAddress => {
            of("attachment has no address in the file and is", "attachments have no address in the file and are")
                + " left out"
        }
        Leftover::UploadAtTrello => {
            of("link leads to a file that is", "links lead to files that are")
                + " stored at Trello and only open there; download what you need"
        }
        Leftover::CommentOfNoCard => {
            of("comment belongs to a card that is", "comments belong to cards that are")
                + " not in the file; left out"
        }
        Leftover::CommentOnlyEdited => {
            of("comment is in the file only as it was edited; it has", "comments are in the file only as they were edited; they have")
                + " the time of the edit"
        }
        Leftover::CommentDeleted => {
            of("comment was deleted in Trello and is", "comments were deleted in Trello and are")
                + " left out"
        }
        Leftover::CommentMissing => {
            "Trello counts ".to_owned()
                + &of("comment more than the file contains; it is", "comments more than the file contains; they are")
                + " missing"
        }
        Leftover::ActionsCut => format!(
            "The file contains {count} actions, and Trello exports no more than 1000: older comments may be missing"
        ),
        Leftover::ChecklistOfNoCard => {
            of("checklist belongs to a card that is", "checklists belong to cards that are")
                + " not in the file; left out with its items"
        }
        Leftover::ItemOfNoCard => {
            of("checklist item belongs", "checklist items belong")
                + " to no card of the file; left out"
        }
        Leftover::ItemDate => {
            "The due dates of ".to_owned() + &of("checklist item", "checklist items") + NOT_CARRIED
        }
        Leftover::ItemMember => {
            "The members of ".to_owned() + &of("checklist item", "checklist items") + NOT_CARRIED
        }
        Leftover::CustomField => of("custom field", "custom fields") + NOT_CARRIED,
        Leftover::CustomFieldValue => {
            of("value of custom fields", "values of custom fields") + NOT_CARRIED
        }
        Leftover::Vote => of("vote", "votes") + NOT_CARRIED,
        Leftover::Sticker => of("sticker", "stickers") + NOT_CARRIED,
        Leftover::Reaction => of("emoji reaction", "emoji reactions") + " to comments" + NOT_CARRIED,
        Leftover::CustomEmoji => {
            of("text has", "texts have") + " emoji of the team's own, which show up by name, as :name:"
        }
        Leftover::CoverImage => of("cover picture", "cover pictures") + NOT_CARRIED,
        Leftover::Reminder => of("reminder", "reminders") + " of due dates" + NOT_CARRIED,
        Leftover::Location => of("location", "locations") + " of cards" + NOT_CARRIED,
        Leftover::Template => {
            of("card is a template", "cards are templates") + " in Trello and an ordinary card here"
        }
        Leftover::CardRole => {
            of("card is", "cards are")
                + " a separator, link or mirror in Trello and an ordinary card here"
        }
        Leftover::Subscription => {
            of("subscription", "subscriptions") + " to cards, lists or the board" + NOT_CARRIED
        }
        Leftover::PowerUpData => {
            of("entry of Power-Ups' data", "entries of Power-Ups' data") + NOT_CARRIED
        }
        Leftover::ClosedBoard => "The board is closed in Trello; here it is open".to_owned(),
        Leftover::Action => {
            "Trello's log of ".to_owned()
                + &of("action", "actions")
                + " is not carried over, except for the comments in it"
        }
        Leftover::Always => {
            "The cards' numbers, addresses and dates of last activity at Trello, attachments' sizes and dates, people's \
             user names, pictures and rights, and the board's background and settings are not carried over"
                .to_owned()
        }
    }
}

const NOT_CARRIED: &str = ", not carried over";
