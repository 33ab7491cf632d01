//! Who did what and when, how the board looked, and going back.

use crate::team::*;
use kanban_core::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

fn told(person: &Person, query: &ActivityQuery) -> Vec<String> {
    let activities = person.board.activities(query);
    let line = |activity: &Activity| {
        let deeds: Vec<String> = activity.deeds.iter().map(ToString::to_string).collect();
        deeds.join("; ")
    };
    activities.iter().map(line).collect()
}

/// The newest activity in words.
fn latest(person: &Person) -> String {
    told(person, &ActivityQuery::all().limit(1)).remove(0)
}

fn label_id(label: &str) -> LabelId {
    LabelId::parse(label).unwrap()
}

fn member_id(member: &str) -> MemberId {
    MemberId::parse(member).unwrap()
}

fn list_id() -> ChecklistId {
    ChecklistId::parse("steps").unwrap()
}

fn item_id(item: &str) -> ItemId {
    ItemId::parse(item).unwrap()
}

fn link_id() -> LinkId {
    LinkId::parse("spec").unwrap()
}

/// Commands on a board with card x in todo and the sentence that tells each.
fn commands_and_sentences() -> Vec<(Command, &'static str)> {
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

#[test]
fn an_activity_says_who_and_when_in_which_change() {
    let mut team = Team::sharing("todo: x | done:");
    let ben = team.ben();
    let change = ben.does(Command::DeleteCard { card: id("x") }).change.unwrap();
    let activity = ben.board.activities(&ActivityQuery::all()).remove(0);
    assert_eq!(activity.author.as_deref(), Some("ben".as_bytes()));
    assert_eq!((activity.at, activity.change), (NOW, change));
    let json = serde_json::to_value(&activity).unwrap();
    assert_eq!(json["deeds"][0]["card"]["name"], "x");
    assert_eq!(json["deeds"][0]["act"]["type"], "deleted");
}

#[test]
fn a_move_is_told_from_where_its_author_saw_the_card() {
    let mut team = Team::sharing("todo: x | doing: | done:");
    team.ana().moves("x").to("doing");
    team.ben().moves("x").to("done");
    team.sync();
    let seen = told(team.cleo(), &ActivityQuery::all().limit(2));
    assert!(seen.contains(&"moved *x* from todo to doing".to_owned()), "{seen:?}");
    assert!(seen.contains(&"moved *x* from todo to done".to_owned()), "{seen:?}");
    let shown = team.cleo().card("x").column.to_string();
    let other = if shown == "done" { "doing" } else { "done" };
    team.cleo().picks("x", other);
    assert_eq!(latest(team.cleo()), format!("decided that *x* stands in {other}"));
    team.cleo().moves("x").to("todo");
    assert_eq!(latest(team.cleo()), format!("moved *x* from {other} to todo"));
}

#[test]
fn a_move_of_a_relocated_card_is_told_from_where_it_was_shown() {
    let mut team = Team::sharing("todo: x, y | review: | done:");
    let ana = team.ana();
    ana.does(Command::MoveAllCards { column: column_id("todo"), to: column_id("review") });
    ana.moves("x").to("done");
    assert_eq!(latest(ana), "moved *x* from review to done");
    for round in 0..300 {
        ana.does(Command::RenameBoard { name: format!("{round}") });
    }
    let all = told(ana, &ActivityQuery::all().of_card(id("x")));
    assert_eq!(
        all,
        [
            "moved *x* from review to done",
            "moved 2 cards from todo to review",
            "created *x* in todo",
        ]
    );
}

#[test]
fn deleting_a_column_with_its_cards_is_two_deeds_however_many_cards() {
    let mut team = Team::sharing("todo: a, b, c | done:");
    team.ana().deletes_column("todo", Some(ColumnCards::Delete));
    assert_eq!(latest(team.ana()), "deleted column todo; deleted 3 cards");
}

#[test]
fn keeping_a_card_and_restoring_it_are_told_apart() {
    for edit in [true, false] {
        let mut team = Team::sharing("todo: x | done:");
        team.ana().deletes("x");
        if edit {
            team.ben().describes("x", "more");
        } else {
            team.ben().moves("x").to("done");
        }
        team.sync();
        team.cleo().keeps("x");
        assert_eq!(latest(team.cleo()), "kept *x*");
        team.cleo().deletes("x");
        team.cleo().restores("x");
        assert_eq!(latest(team.cleo()), "restored *x*");
    }
}

#[test]
fn a_card_deleted_for_good_has_no_name_in_its_history() {
    let mut team = Team::sharing("todo: secret | done:");
    let ana = team.ana();
    ana.deletes("secret");
    ana.does(Command::PurgeCard { card: id("secret") });
    let seen = told(ana, &ActivityQuery::all().of_card(id("secret")));
    assert_eq!(
        seen,
        [
            "deleted a card for good",
            "deleted a card deleted for good",
            "created a card deleted for good in todo",
        ]
    );
}

#[test]
fn an_undo_says_what_it_took_back() {
    let mut team = Team::sharing("todo: x | done:");
    let ana = team.ana();
    ana.moves("x").to("done");
    ana.board.undo(NOW).unwrap();
    assert_eq!(latest(ana), "undid: moved *x* from todo to done; moved *x* from done to todo");
    ana.board.redo(NOW).unwrap();
    assert!(latest(ana).starts_with("redid: "), "{}", latest(ana));
}

#[test]
fn an_import_is_told_with_its_counts() {
    let draft: BoardDraft = serde_json::from_str(
        r#"{ "name": "B", "columns": [{ "id": "a", "name": "A", "cards":
            [{ "id": "x", "title": "1" }, { "id": "y", "title": "2" }] }] }"#,
    )
    .unwrap();
    let replica = Replica::new(ActorId::from([1; 16])).by("ana");
    let board = Board::from_draft(replica, BoardId::parse("b").unwrap(), &draft, NOW).unwrap();
    let told: Vec<String> = board
        .activities(&ActivityQuery::all())
        .iter()
        .map(|activity| activity.deeds[0].to_string())
        .collect();
    assert_eq!(told, ["imported 2 cards", "imported 1 column", "created the board B"]);
}

#[test]
fn a_long_or_broken_title_is_told_in_one_short_line() {
    let mut team = Team::sharing("todo: x | done:");
    let ana = team.ana();
    ana.renames("x", &format!("two\nlines{}", "!".repeat(1_000)));
    ana.deletes("x");
    let line = latest(ana);
    assert!(line.starts_with("deleted *two lines!!!") && line.ends_with("!…*"), "{line}");
    assert!(line.chars().count() < 100);
}

#[test]
fn queries_choose_by_card_author_and_what_somebody_has_seen() {
    let mut team = Team::sharing("todo: x, y | done:");
    let seen = team.ben().board.heads();
    team.ana().moves("x").to("done");
    team.ben().renames("y", "why");
    team.sync();
    let ana = team.ana();
    let since = ActivityQuery::all().since(seen);
    assert_eq!(ana.board.activities(&since).len(), 2);
    assert_eq!(told(ana, &since.clone().by("ben")), ["renamed *y* to *why*"]);
    assert_eq!(told(ana, &since.of_card(id("x"))), ["moved *x* from todo to done"]);
    let of_y = ActivityQuery::all().of_card(id("y"));
    assert_eq!(told(ana, &of_y.clone().limit(1)), ["renamed *y* to *why*"]);
    assert_eq!(told(ana, &of_y), ["renamed *y* to *why*", "created *why* in todo"]);
    let unknown = ActivityQuery::all().since([ChangeHash([7; 32])]);
    assert_eq!(ana.board.activities(&unknown), ana.board.activities(&ActivityQuery::all()));
}

#[test]
fn provenance_says_who_made_a_card_and_who_changed_it_last() {
    let mut team = Team::sharing("todo: x, y | done:");
    let created = team.ana().board.provenance(&id("x")).unwrap();
    assert_eq!(created.created, created.updated);
    assert_eq!(created.created.author.as_deref(), Some("ana".as_bytes()));
    team.ben().renames("x", "ex");
    let purge = |team: &mut Team, who: &str| {
        team.person(who).deletes("x");
        team.person(who).does(Command::PurgeCard { card: id("x") });
    };
    let by = |person: &Person| person.board.provenance(&id("x")).unwrap().updated.author.unwrap();
    assert_eq!(by(team.ben()), b"ben");
    team.sync();
    team.cleo().sorts("todo");
    assert_eq!(by(team.cleo()), b"ben");
    purge(&mut team, "cleo");
    assert_eq!(by(team.cleo()), b"cleo");
    assert!(team.cleo().board.provenance(&id("nobody")).is_none());
}

#[test]
fn heads_of_a_moment_contain_what_was_made_up_to_then_and_builds_on_nothing_later() {
    let mut team = Team::sharing("todo: x | done:");
    let at = |hour: i64| Timestamp::from_unix_seconds(1_700_000_000 + hour * 3600);
    let rename = |name: &str| Command::RenameBoard { name: name.into() };
    let board = &mut team.ana().board;
    let start = board.heads();
    board.apply(&rename("one"), at(1)).unwrap();
    // A clock that runs a day ahead.
    board.apply(&rename("two"), at(24)).unwrap();
    board.apply(&rename("three"), at(2)).unwrap();
    assert_eq!(board.heads_at(at(0)), start);
    assert_eq!(board.view_at(&board.heads_at(at(1))).unwrap().name, "one");
    assert_eq!(board.view_at(&board.heads_at(at(3))).unwrap().name, "one");
    assert_eq!(board.heads_at(at(24)), board.heads());
    assert!(board.heads_at(Timestamp::from_unix_seconds(-1)).is_empty());
    assert!(board.view_at(&[]).unwrap().columns.is_empty());
}

#[test]
fn unknown_heads_are_refused_by_name() {
    let mut team = Team::sharing("todo: x | done:");
    let unknown = [ChangeHash([7; 32])];
    let board = &mut team.ana().board;
    let error = board.view_at(&unknown).unwrap_err().to_string();
    assert!(error.contains(&unknown[0].to_string()), "{error}");
    assert!(board.card_at(&id("x"), &unknown).is_err());
    assert!(board.difference(&unknown, &[]).is_err());
    assert!(board.revert_card(&id("x"), &unknown, NOW).is_err());
}

#[test]
fn the_difference_between_two_points_names_what_looks_different() {
    let mut team = Team::sharing("todo: x, y | done:");
    let ana = team.ana();
    let before = ana.board.heads();
    ana.moves("x").to("done");
    ana.does(Command::RenameBoard { name: "Crew".into() });
    let moved = |from: &str, to: &str| BoardEvent::CardMoved {
        card: id("x"),
        from: column_id(from),
        to: column_id(to),
    };
    let after = ana.board.heads();
    let forth = ana.board.difference(&before, &after).unwrap();
    assert_eq!(forth, [BoardEvent::BoardEdited, moved("todo", "done")]);
    let back = ana.board.difference(&after, &before).unwrap();
    assert_eq!(back, [BoardEvent::BoardEdited, moved("done", "todo")]);
    assert!(ana.board.difference(&after, &after).unwrap().is_empty());
}

/// A card with something in every field.
fn filled() -> Team {
    let mut team = Team::sharing("todo: x, y | done:");
    let commands = commands_and_sentences();
    let wanted = [
        "edited the description of *Write docs*",
        "created label Bug",
        "put label Bug on *Write docs*",
        "added Ana",
        "assigned *Write docs* to Ana",
        "set the due date of *Write docs* to 2026-05-01",
        "marked *Write docs* as done",
        "set the cover of *Write docs* to red",
        "added checklist Steps on *Write docs*",
        "added item Proofread on *Write docs*",
        "ticked Proofread on *Write docs*",
        "attached link Spec on *Write docs*",
    ];
    for (command, _) in commands.into_iter().filter(|(_, told)| wanted.contains(told)) {
        team.ana().does(command);
    }
    team.sync();
    team
}

/// What reverting brings back.
fn fields(card: &Card) -> Card {
    let mut fields = card.clone();
    fields.comments.clear();
    fields.conflicted_fields.clear();
    fields
}

#[test]
fn reverting_brings_back_every_field_but_the_place_and_the_comments() {
    let mut team = filled();
    let ana = team.ana();
    let (before, then) = (ana.board.heads(), ana.card("x").clone());
    use Command as C;
    let x = || id("x");
    for command in [
        C::RenameCard { card: x(), title: "other".into() },
        C::SetDescription { card: x(), text: "other".into() },
        C::RemoveLabel { card: x(), label: label_id("bug") },
        C::Unassign { card: x(), member: member_id("ana") },
        C::SetDue { card: x(), due: None },
        C::SetStart { card: x(), start: Some(DateOrTime::parse("2026-01-01").unwrap()) },
        C::SetDone { card: x(), done: false },
        C::SetCover { card: x(), cover: None },
        C::SetItemText { card: x(), item: item_id("proof"), text: "other".into() },
        C::SetItemDone { card: x(), item: item_id("proof"), done: false },
        C::DeleteChecklist { card: x(), checklist: list_id() },
        C::DeleteLink { card: x(), link: link_id() },
        C::AddChecklist {
            card: x(),
            checklist: ChecklistId::parse("later").unwrap(),
            name: "Later".into(),
        },
        C::MoveCard { card: x(), column: column_id("done"), to: Slot::Last },
    ] {
        ana.does(command);
    }
    let changes = ana.board.changes_since(&[]).len();
    assert!(ana.board.revert_card(&id("x"), &before, NOW).unwrap().change.is_some());
    assert_eq!(ana.board.changes_since(&[]).len(), changes + 1);
    let now = ana.card("x");
    assert_eq!(now.column, column_id("done"));
    let mut there = fields(&then);
    there.column = now.column.clone();
    there.position = now.position.clone();
    assert_eq!(fields(now), there);
    let again = ana.board.revert_card(&id("x"), &before, NOW).unwrap();
    assert_eq!(again.change, None);
    team.sync();
}

#[test]
fn a_card_deleted_for_good_comes_back_by_reverting_with_all_its_fields() {
    let mut team = filled();
    let ana = team.ana();
    let (before, then) = (ana.board.heads(), ana.card("x").clone());
    ana.deletes("x");
    let error = ana.board.revert_card(&id("x"), &before, NOW).unwrap_err();
    assert!(matches!(error, HistoryError::Command(CommandError::CardDeleted { .. })));
    ana.does(Command::PurgeCard { card: id("x") });
    let gone = ana.board.heads();
    ana.board.revert_card(&id("x"), &before, NOW).unwrap();
    assert_eq!(fields(ana.card("x")), fields(&then));
    team.sync();
    team.all_see("todo: x, y | done:");
    let error = team.ana().board.revert_card(&id("x"), &gone, NOW).unwrap_err();
    assert!(matches!(error, HistoryError::NoSuchVersion { .. }));
}

#[test]
fn reverting_merges_with_what_others_type_meanwhile() {
    let mut team = Team::sharing("todo: x | done:");
    team.ana().describes("x", "one two");
    team.sync();
    let before = team.ana().board.heads();
    team.ana().describes("x", "one two three");
    team.sync();
    team.ben().describes("x", "zero one two three");
    team.ana().board.revert_description(&id("x"), &before, NOW).unwrap();
    team.sync();
    assert_eq!(team.cleo().card("x").description, "zero one two");
}

#[test]
fn a_card_that_is_reverted_while_somebody_deletes_it_stays() {
    let mut team = Team::sharing("todo: x | done:");
    let before = team.ana().board.heads();
    team.ana().renames("x", "other");
    team.sync();
    team.ben().deletes("x");
    team.ana().board.revert_card(&id("x"), &before, NOW).unwrap();
    team.sync();
    team.all_see("todo: x! | done:");
}
