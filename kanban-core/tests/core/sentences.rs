//! Every command as a sentence.

use crate::history::told;
use crate::team::*;
use kanban_core::*;

pub fn label_id(label: &str) -> LabelId {
    LabelId::parse(label).unwrap()
}

pub fn member_id(member: &str) -> MemberId {
    MemberId::parse(member).unwrap()
}

pub fn list_id() -> ChecklistId {
    ChecklistId::parse("steps").unwrap()
}

pub fn item_id(item: &str) -> ItemId {
    ItemId::parse(item).unwrap()
}

pub fn link_id() -> LinkId {
    LinkId::parse("spec").unwrap()
}

/// Commands on a board with card x in todo and the sentence that tells each.
pub fn commands_and_sentences() -> Vec<(Command, &'static str)> {
    use Command as C;
    let x = || id("x");
    let (label, member) = (|| label_id("bug"), || member_id("ana"));
    let comment = || CommentId::parse("first").unwrap();
    let (todo, done) = (|| column_id("todo"), || column_id("done"));
    let due = Some(DateOrTime::parse("2026-05-01").unwrap());
    let text = |text: &str| text.to_owned();
    vec![
        (
            C::CreateCard {
                card: id("y"),
                column: todo(),
                at: Slot::First,
                title: text("a b"),
                description: text("long"),
            },
            "created *a b* in todo",
        ),
        (C::RenameCard { card: x(), title: text("Write docs") }, "renamed *x* to *Write docs*"),
        (
            C::SetDescription { card: x(), text: text("all") },
            "edited the description of *Write docs*",
        ),
        (
            C::EditDescription { card: x(), at: 0, remove: 0, insert: text("not ") },
            "edited the description of *Write docs*",
        ),
        (
            C::MoveCard { card: x(), column: done(), to: Slot::Last },
            "moved *Write docs* from todo to done",
        ),
        (
            C::MoveCard { card: x(), column: todo(), to: Slot::Last },
            "moved *Write docs* from done to todo",
        ),
        (
            C::MoveCard { card: x(), column: todo(), to: Slot::First },
            "reordered *Write docs* in todo",
        ),
        (C::ArchiveCard { card: x() }, "archived *Write docs*"),
        (C::UnarchiveCard { card: x() }, "unarchived *Write docs*"),
        (C::DeleteCard { card: x() }, "deleted *Write docs*"),
        (C::RestoreCard { card: x() }, "restored *Write docs*"),
        (
            C::CreateLabel { label: label(), name: text("Bug"), colour: text("red") },
            "created label Bug",
        ),
        (C::AddLabel { card: x(), label: label() }, "put label Bug on *Write docs*"),
        (C::RemoveLabel { card: x(), label: label() }, "took label Bug off *Write docs*"),
        (
            C::ColourLabel { label: label(), colour: text("blue") },
            "set the colour of label Bug to blue",
        ),
        (C::DeleteLabel { label: label() }, "deleted label Bug"),
        (C::RestoreLabel { label: label() }, "restored label Bug"),
        (C::AddMember { member: member(), name: text("Ana"), colour: text("") }, "added Ana"),
        (C::Assign { card: x(), member: member() }, "assigned *Write docs* to Ana"),
        (C::Unassign { card: x(), member: member() }, "unassigned *Write docs* from Ana"),
        (C::RemoveMember { member: member() }, "removed Ana"),
        (C::RestoreMember { member: member() }, "restored Ana"),
        (C::SetDue { card: x(), due }, "set the due date of *Write docs* to 2026-05-01"),
        (C::SetDue { card: x(), due: None }, "removed the due date of *Write docs*"),
        (C::SetDone { card: x(), done: true }, "marked *Write docs* as done"),
        (C::SetDone { card: x(), done: false }, "marked *Write docs* as not done"),
        (
            C::SetCover { card: x(), cover: Some(text("red")) },
            "set the cover of *Write docs* to red",
        ),
        (
            C::AddChecklist { card: x(), checklist: list_id(), name: text("Steps") },
            "added checklist Steps on *Write docs*",
        ),
        (
            C::AddItem {
                card: x(),
                checklist: list_id(),
                item: item_id("proof"),
                text: text("Proofread"),
                at: Slot::Last,
            },
            "added item Proofread on *Write docs*",
        ),
        (
            C::SetItemDone { card: x(), item: item_id("proof"), done: true },
            "ticked Proofread on *Write docs*",
        ),
        (
            C::SetItemDone { card: x(), item: item_id("proof"), done: false },
            "unticked Proofread on *Write docs*",
        ),
        (
            C::DeleteChecklist { card: x(), checklist: list_id() },
            "deleted checklist Steps on *Write docs*",
        ),
        (
            C::RestoreChecklist { card: x(), checklist: list_id() },
            "restored checklist Steps on *Write docs*",
        ),
        (
            C::DeleteItem { card: x(), item: item_id("proof") },
            "deleted item Proofread on *Write docs*",
        ),
        (
            C::AddComment { card: x(), comment: comment(), by: member(), text: text("Nice") },
            "commented on *Write docs*",
        ),
        (
            C::SetComment { card: x(), comment: comment(), text: text("Nicer") },
            "edited a comment on *Write docs*",
        ),
        (C::DeleteComment { card: x(), comment: comment() }, "deleted a comment on *Write docs*"),
        (
            C::AttachLink { card: x(), link: link_id(), url: text("http://a"), name: text("Spec") },
            "attached link Spec on *Write docs*",
        ),
        (C::DeleteLink { card: x(), link: link_id() }, "deleted link Spec on *Write docs*"),
        (C::SortCards { column: todo(), by: SortBy::Title }, "sorted todo (2 cards)"),
        (C::MoveAllCards { column: todo(), to: done() }, "moved 2 cards from todo to done"),
        (C::ArchiveAllCards { column: done() }, "archived 2 cards"),
        (C::ArchiveColumn { column: todo() }, "archived column todo"),
        (C::UnarchiveColumn { column: todo() }, "unarchived column todo"),
        (C::SetWipLimit { column: todo(), limit: Some(3) }, "set the limit of todo to 3"),
        (C::SetWipLimit { column: todo(), limit: None }, "removed the limit of todo"),
        (
            C::SetColumnColour { column: todo(), colour: Some(text("red")) },
            "set the colour of todo to red",
        ),
        (C::MoveColumn { column: todo(), to: Slot::Last }, "moved column todo"),
        (C::SortColumns { by: SortBy::TitleDescending }, "sorted the columns (2)"),
        (
            C::DeleteColumn { column: done(), cards: to("todo") },
            "deleted column done; moved 2 cards from done to todo",
        ),
        (C::RestoreColumn { column: done() }, "restored column done"),
        (C::RenameBoard { name: text("Crew") }, "renamed the board Team to Crew"),
        (C::SetBoardDescription { text: text("us") }, "edited the description of the board"),
    ]
}

#[test]
fn every_command_is_told_in_one_sentence() {
    let mut team = Team::sharing("todo: x | done:");
    let ana = team.ana();
    let mut expected = Vec::new();
    for (command, sentence) in commands_and_sentences() {
        ana.does(command.clone());
        expected.push(sentence);
    }
    expected.reverse();
    let seen = told(ana, &ActivityQuery::all().limit(expected.len()));
    assert_eq!(seen, expected);
    // One pass over all changes tells the same as reading each for itself.
    for _ in 0..300 {
        ana.does(Command::RenameBoard { name: "One".into() });
        ana.does(Command::RenameBoard { name: "Two".into() });
    }
    let all = told(ana, &ActivityQuery::all());
    assert_eq!(all[600..600 + expected.len()], expected);
    assert_eq!(all.last().unwrap(), "created the board Team");
}
