//! Deeds in people's words.

use super::deed::{BoardAct, CardAct, ColumnAct, Deed, Mention, PartAct};
use crate::ids::{CardId, ColumnId};
use std::fmt::{self, Display, Formatter, Write};

/// Longer titles and names are cut.
const NAME_CHARS_MAX: usize = 80;

/// Text in one line of limited length.
struct Short<'a>(&'a str);

impl Display for Short<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut chars = self.0.chars();
        for char in chars.by_ref().take(NAME_CHARS_MAX) {
            f.write_char(if char.is_control() { ' ' } else { char })?;
        }
        match chars.next() {
            Some(_) => f.write_char('…'),
            None => Ok(()),
        }
    }
}

impl<I> Mention<I> {
    /// The name, or what stands for it.
    fn called<'a>(&'a self, unnamed: &'a str, purged: &'a str) -> Short<'a> {
        Short(match self.name.as_deref() {
            None => purged,
            Some("") => unnamed,
            Some(name) => name,
        })
    }
}

impl Display for Mention<CardId> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.name.as_deref() {
            None | Some("") => {
                self.called("a card without a title", "a card deleted for good").fmt(f)
            }
            Some(title) => write!(f, "*{}*", Short(title)),
        }
    }
}

impl Display for Mention<ColumnId> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.called("a column without a name", "a column deleted for good").fmt(f)
    }
}

impl Display for Deed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Deed::Undid { deeds, .. } => taken_back(f, "undid", deeds),
            Deed::Redid { deeds, .. } => taken_back(f, "redid", deeds),
            Deed::Imported { cards, columns, others } => {
                imported(f, cards.len(), *columns, *others)
            }
            Deed::Board { act } => act.fmt(f),
            Deed::Column { column, act } => column_act(f, column, act),
            Deed::SortedColumns { columns } => write!(f, "sorted the columns ({columns})"),
            Deed::Card { card, act: CardAct::Purged } if card.name.is_none() => {
                f.write_str("deleted a card for good")
            }
            Deed::Card { card, act } => card_act(f, card, act),
            Deed::Cards { cards, act: CardAct::Sorted { column } } => {
                write!(f, "sorted {column} ({})", count(cards.len(), "card"))
            }
            Deed::Cards { cards, act } => card_act(f, &count(cards.len(), "card"), act),
            Deed::Label { label, act } => {
                let name = label.called("without a name", "");
                part_act(f, ("label ", name), act, ("created", "deleted"))
            }
            Deed::Member { member, act } => {
                let name = member.called("a member without a name", "");
                part_act(f, ("", name), act, ("added", "removed"))
            }
            Deed::Other => f.write_str("changed something that this program does not know"),
        }
    }
}

fn count(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn taken_back(f: &mut Formatter<'_>, verb: &str, deeds: &[Deed]) -> fmt::Result {
    if deeds.is_empty() {
        return write!(f, "{verb}: an earlier change");
    }
    write!(f, "{verb}: ")?;
    for (index, deed) in deeds.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}{deed}")?;
    }
    Ok(())
}

fn imported(f: &mut Formatter<'_>, cards: usize, columns: usize, others: usize) -> fmt::Result {
    let parts: Vec<String> = [(cards, "card"), (columns, "column"), (others, "label and member")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| match what {
            "label and member" => format!("{number} labels and members"),
            what => count(number, what),
        })
        .collect();
    match parts.is_empty() {
        true => f.write_str("imported a board"),
        false => write!(f, "imported {}", parts.join(", ")),
    }
}

impl Display for BoardAct {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            BoardAct::Created { name } => write!(f, "created the board {}", Short(name)),
            BoardAct::Renamed { from, to } => renamed(f, &"the board", from.as_deref(), to, false),
            BoardAct::Described => f.write_str("edited the description of the board"),
            BoardAct::Edited => f.write_str("edited the board"),
        }
    }
}

/// `what` and its former name, or `what` alone if that is not known.
fn renamed(
    f: &mut Formatter<'_>,
    what: &dyn Display,
    from: Option<&str>,
    to: &str,
    starred: bool,
) -> fmt::Result {
    let star = if starred { "*" } else { "" };
    let space = if what.to_string().is_empty() { "" } else { " " };
    match from {
        Some(from) if from == to => {
            write!(f, "kept the name of {what}{space}{star}{}{star}", Short(to))
        }
        Some(from) if !from.is_empty() => write!(
            f,
            "renamed {what}{space}{star}{}{star} to {star}{}{star}",
            Short(from),
            Short(to)
        ),
        _ => write!(f, "named {what}{space}{star}{}{star}", Short(to)),
    }
}

/// A value set, or taken away.
fn set(f: &mut Formatter<'_>, what: &str, of: &dyn Display, to: Option<&str>) -> fmt::Result {
    match to {
        Some(to) => write!(f, "set the {what} of {of} to {}", Short(to)),
        None => write!(f, "removed the {what} of {of}"),
    }
}

fn column_act(f: &mut Formatter<'_>, column: &Mention<ColumnId>, act: &ColumnAct) -> fmt::Result {
    match act {
        ColumnAct::Renamed { from, to } => renamed(f, &"column", from.as_deref(), to, false),
        ColumnAct::LimitSet { to } => set(f, "limit", column, to.as_deref()),
        ColumnAct::ColourSet { to } => set(f, "colour", column, to.as_deref()),
        ColumnAct::Purged if column.name.is_none() => f.write_str("deleted a column for good"),
        ColumnAct::Purged => write!(f, "deleted column {column} for good"),
        act => {
            let verb = match act {
                ColumnAct::Created => "created",
                ColumnAct::Moved => "moved",
                ColumnAct::Deleted => "deleted",
                ColumnAct::Restored => "restored",
                ColumnAct::Kept => "kept",
                ColumnAct::Archived => "archived",
                ColumnAct::Unarchived => "unarchived",
                _ => "edited",
            };
            match column.name.as_deref() {
                None | Some("") => write!(f, "{verb} {column}"),
                Some(_) => write!(f, "{verb} column {column}"),
            }
        }
    }
}

fn card_act(f: &mut Formatter<'_>, card: &dyn Display, act: &CardAct) -> fmt::Result {
    match act {
        CardAct::Created { column } => write!(f, "created {card} in {column}"),
        CardAct::Moved { from: Some(from), to } => write!(f, "moved {card} from {from} to {to}"),
        CardAct::Moved { from: None, to } => write!(f, "moved {card} to {to}"),
        CardAct::Reordered { column } => write!(f, "reordered {card} in {column}"),
        CardAct::Sorted { column } => write!(f, "sorted {card} in {column}"),
        CardAct::Settled { column } => write!(f, "decided that {card} stands in {column}"),
        CardAct::Deleted => write!(f, "deleted {card}"),
        CardAct::Restored => write!(f, "restored {card}"),
        CardAct::Kept => write!(f, "kept {card}"),
        CardAct::Purged => write!(f, "deleted {card} for good"),
        CardAct::Archived => write!(f, "archived {card}"),
        CardAct::Unarchived => write!(f, "unarchived {card}"),
        CardAct::Renamed { from, to } => renamed(f, &"", from.as_deref(), to, true),
        CardAct::Described => write!(f, "edited the description of {card}"),
        CardAct::Labelled { label } => {
            write!(f, "put label {} on {card}", label.called("without a name", ""))
        }
        CardAct::Unlabelled { label } => {
            write!(f, "took label {} off {card}", label.called("without a name", ""))
        }
        CardAct::Assigned { member } => {
            write!(f, "assigned {card} to {}", member.called("a member without a name", ""))
        }
        CardAct::Unassigned { member } => {
            write!(f, "unassigned {card} from {}", member.called("a member without a name", ""))
        }
        CardAct::StartSet { to } => set(f, "start date", card, to.as_deref()),
        CardAct::DueSet { to } => set(f, "due date", card, to.as_deref()),
        CardAct::Done { done: true } => write!(f, "marked {card} as done"),
        CardAct::Done { done: false } => write!(f, "marked {card} as not done"),
        CardAct::CoverSet { to } => set(f, "cover", card, to.as_deref()),
        CardAct::Edited => write!(f, "edited {card}"),
        _ => card_part_act(f, card, act),
    }
}

fn card_part_act(f: &mut Formatter<'_>, card: &dyn Display, act: &CardAct) -> fmt::Result {
    match act {
        CardAct::Ticked { item, done } => {
            let verb = if *done { "ticked" } else { "unticked" };
            write!(f, "{verb} {}", item.called("an item", "an item"))?;
        }
        CardAct::Checklist { checklist, act } => {
            let name = checklist.called("without a name", "deleted for good");
            part_act(f, ("checklist ", name), act, ("added", "deleted"))?;
        }
        CardAct::Item { item, act } => {
            let name = item.called("without a text", "deleted for good");
            part_act(f, ("item ", name), act, ("added", "deleted"))?;
        }
        CardAct::Link { link, act } => {
            let name = link.called("without an address", "deleted for good");
            part_act(f, ("link ", name), act, ("attached", "deleted"))?;
        }
        CardAct::Comment { act: PartAct::Added, .. } => f.write_str("commented")?,
        CardAct::Comment { act, .. } => {
            part_act(f, ("a comment", Short("")), act, ("added", "deleted"))?
        }
        _ => return write!(f, "edited {card}"),
    }
    write!(f, " on {card}")
}

/// The kind of a part comes before its name: `renamed label Bug to Fault`.
fn part_act(
    f: &mut Formatter<'_>,
    (kind, name): (&str, Short<'_>),
    act: &PartAct,
    (added, deleted): (&str, &str),
) -> fmt::Result {
    match act {
        PartAct::Added => write!(f, "{added} {kind}{name}"),
        PartAct::Deleted => write!(f, "{deleted} {kind}{name}"),
        PartAct::Renamed { from, to } => match from.as_deref() {
            Some(from) if from == to => write!(f, "kept the name of {kind}{name}"),
            Some(from) if !from.is_empty() => {
                write!(f, "renamed {kind}{} to {}", Short(from), Short(to))
            }
            _ => write!(f, "named {kind}{}", Short(to)),
        },
        PartAct::ColourSet { to } => set(f, "colour", &format_args!("{kind}{name}"), to.as_deref()),
        PartAct::Moved => write!(f, "moved {kind}{name}"),
        PartAct::Restored => write!(f, "restored {kind}{name}"),
        PartAct::Edited => write!(f, "edited {kind}{name}"),
    }
}
