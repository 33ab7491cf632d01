//! An arranged export as the values of a draft.

use super::ImportReport;
use super::export::{
    ArchivedHow, Arranged, ArrangedCard, ArrangedChecklist, ArrangedColumn, ArrangedComment,
    ArrangedItem, ArrangedLabel, ArrangedLink, ArrangedMember, Notes, shortened,
};
use crate::date::DateOrTime;
use crate::ids::{CardId, ChecklistId, ColumnId, CommentId, ItemId, LabelId, LinkId, MemberId};
use crate::import::draft::{ArchivedDraft, BoardDraft, CardDraft, ColumnDraft};
use crate::order::sort_by;
use crate::parts::{Checklist, ChecklistItem, Comment, Label, Link, Member};
use crate::replica::Timestamp;

/// The draft and the report of an export. Where an id or date is parsed, an export that was arranged holds only ids; so
/// only dates can be refused, and each gets its note.
pub(super) fn draft_and_report(arranged: Arranged) -> (BoardDraft, ImportReport) {
    let mut notes = arranged.notes;
    let columns = arranged.columns.into_iter().filter_map(|it| column(it, &mut notes));
    let draft = BoardDraft {
        columns: columns.collect(),
        name: arranged.name,
        description: arranged.description,
        labels: arranged.labels.into_iter().filter_map(label).collect(),
        members: arranged.members.into_iter().filter_map(member).collect(),
    };
    let report = report(&draft, notes);
    (draft, report)
}

fn report(draft: &BoardDraft, notes: Notes) -> ImportReport {
    let cards = || draft.columns.iter().flat_map(|column| &column.cards);
    let lists = || cards().flat_map(|card| &card.checklists);
    ImportReport {
        columns: draft.columns.len(),
        archived_columns: draft.columns.iter().filter(|column| column.archived).count(),
        cards: cards().count(),
        archived_cards: cards().filter(|card| card.archived != ArchivedDraft::No).count(),
        labels: draft.labels.len(),
        members: draft.members.len(),
        checklists: lists().count(),
        checklist_items: lists().map(|list| list.items.len()).sum(),
        comments: cards().map(|card| card.comments.len()).sum(),
        links: cards().map(|card| card.links.len()).sum(),
        notes: notes.into_sentences(),
    }
}

fn label(label: ArrangedLabel) -> Option<Label> {
    let id = LabelId::parse(&label.id).ok()?;
    Some(Label::new(id, label.name, label.colour.unwrap_or_default()))
}

/// Trello gives people no colour.
fn member(member: ArrangedMember) -> Option<Member> {
    Some(Member::new(MemberId::parse(&member.id).ok()?, member.name, ""))
}

fn column(column: ArrangedColumn, notes: &mut Notes) -> Option<ColumnDraft> {
    Some(ColumnDraft {
        id: ColumnId::parse(&column.id).ok()?,
        name: column.name,
        wip_limit: column.wip_limit.map(u64::from),
        colour: column.colour,
        archived: column.archived,
        cards: column.cards.into_iter().filter_map(|it| card(it, notes)).collect(),
    })
}

fn card(card: ArrangedCard, notes: &mut Notes) -> Option<CardDraft> {
    let mut date = |what: &str, text: Option<String>| {
        let text = text?;
        let date = DateOrTime::parse(&text).ok();
        if date.is_none() {
            let (text, who) = (shortened(&text), describe(&card));
            notes.push(format!("In {who}, the {what} “{text}” is no date; it is left out."));
        }
        date
    };
    let (start, due) = (date("start", card.start.clone()), date("due date", card.due.clone()));
    let comments = card.comments.iter().filter_map(|it| comment(it, &card, notes));
    let mut comments: Vec<Comment> = comments.collect();
    sort_by(&mut comments, |one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    Some(CardDraft {
        labels: card.labels.iter().filter_map(|id| LabelId::parse(id).ok()).collect(),
        assignees: card.members.iter().filter_map(|id| MemberId::parse(id).ok()).collect(),
        archived: match card.archived {
            ArchivedHow::No => ArchivedDraft::No,
            ArchivedHow::ByItself => ArchivedDraft::Alone,
            ArchivedHow::WithItsColumn => ArchivedDraft::WithColumn,
        },
        start,
        due,
        done: card.due_complete,
        cover: card.cover,
        checklists: card.checklists.into_iter().filter_map(checklist).collect(),
        comments,
        links: card.links.into_iter().filter_map(link).collect(),
        description: card.description,
        ..CardDraft::new(CardId::parse(&card.id).ok()?, card.title)
    })
}

fn describe(card: &ArrangedCard) -> String {
    format!("the card “{}” ({})", shortened(&card.title), card.id)
}

fn checklist(list: ArrangedChecklist) -> Option<Checklist> {
    let items = list.items.into_iter().filter_map(item).collect();
    Some(Checklist::new(ChecklistId::parse(&list.id).ok()?, list.name, items))
}

fn item(item: ArrangedItem) -> Option<ChecklistItem> {
    Some(ChecklistItem::new(ItemId::parse(&item.id).ok()?, item.text, item.done))
}

/// Comments are told by the second, and by none before 1970.
fn comment(comment: &ArrangedComment, card: &ArrangedCard, notes: &mut Notes) -> Option<Comment> {
    let moment = DateOrTime::parse(&comment.date).ok().map(|date| date.starts_at(0));
    let at = moment.filter(|at| *at >= Timestamp::default()).unwrap_or_else(|| {
        let (text, who) = (shortened(&comment.date), describe(card));
        notes.push(format!(
            "In {who}, a comment's time “{text}” is no date since 1970; it shows as of 1970."
        ));
        Timestamp::default()
    });
    let by = comment.by.as_deref().and_then(|by| MemberId::parse(by).ok());
    Some(Comment::new(CommentId::parse(&comment.id).ok()?, by, at, &*comment.text))
}

fn link(link: ArrangedLink) -> Option<Link> {
    Some(Link::new(LinkId::parse(&link.id).ok()?, link.url, link.name))
}
