//! Cards that go to another board, and boards cut into a fresh document.

use crate::team::{Team, column_id, id};
use kanban_core::*;
use serde_json::json;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_200);

fn replica(actor: u8) -> Replica {
    Replica::new(ActorId::from([actor; 16])).by("ana")
}

fn release() -> Board {
    let mut board = Board::create(replica(50), BoardId::parse("release").unwrap(), "Release", NOW);
    let column = Command::CreateColumn {
        column: column_id("backlog"),
        name: "Backlog".into(),
        at: Slot::Last,
    };
    board.apply(&column, NOW).unwrap();
    board
}

fn furnished() -> Team {
    let mut team = Team::sharing("todo: x | done:");
    let ana = team.ana();
    for command in [
        json!({ "type": "createLabel", "label": "bug", "name": "Bug", "colour": "red" }),
        json!({ "type": "addMember", "member": "ben", "name": "Ben", "colour": "" }),
        json!({ "type": "addLabel", "card": "x", "label": "bug" }),
        json!({ "type": "assign", "card": "x", "member": "ben" }),
        json!({ "type": "addComment", "card": "x", "comment": "c", "by": "ben", "text": "Hm" }),
        json!({ "type": "setDescription", "card": "x", "text": "All of it" }),
    ] {
        ana.says(command);
    }
    team.sync();
    team
}

#[test]
fn a_card_moved_to_another_board_takes_everything_along_and_says_where_it_was() {
    let mut team = furnished();
    let mut other = release();
    let ana = &mut team.ana().board;
    ana.move_card_to(&mut other, &id("x"), &id("y"), &column_id("backlog"), &Slot::Last, NOW)
        .unwrap();
    let card = other.card(&id("y")).unwrap();
    assert_eq!((&*card.description, card.comments[0].text.as_str()), ("All of it", "Hm"));
    assert_eq!(card.origin.as_ref().unwrap().to_string(), "team/x");
    assert_eq!(other.labels().next().unwrap().name, "Bug");
    assert_eq!(other.members().next().unwrap().name, "Ben");
    assert_eq!(ana.card(&id("x")).unwrap().life, Life::Deleted);
    let reopened = Board::open(&other.save(), replica(51)).unwrap();
    assert_eq!(reopened.view(), other.view());
}

#[test]
fn a_move_to_another_board_that_was_cut_short_can_be_tried_again_and_loses_nothing() {
    let mut team = furnished();
    let mut other = release();
    let backlog = column_id("backlog");
    let here = &mut team.ana().board;
    // The program stopped after the first half: the card is on both boards.
    other.take_card(here, &id("x"), &id("y"), &backlog, &Slot::Last, NOW).unwrap();
    assert!(here.card(&id("x")).unwrap().life.is_alive());
    here.move_card_to(&mut other, &id("x"), &id("z"), &backlog, &Slot::Last, NOW).unwrap();
    assert_eq!(other.cards().count(), 1);
    assert_eq!(here.card(&id("x")).unwrap().life, Life::Deleted);
    // The copy is lost: the original can be restored.
    here.apply(&Command::RestoreCard { card: id("x") }, NOW).unwrap();
    assert_eq!(here.card(&id("x")).unwrap().comments.len(), 1);
}

/// The card's ids in the backlog of a board, by what they are called.
fn living(board: &Board) -> Vec<(&str, &str)> {
    let cards = board.cards().filter(|card| card.life.is_alive());
    cards.map(|card| (card.id.as_str(), card.title.as_str())).collect()
}

#[test]
fn two_people_who_move_a_card_to_the_same_board_make_two_copies_and_lose_nothing() {
    let mut team = furnished();
    let mut anas = release();
    let mut bens = anas.fork(Replica::new(ActorId::from([52; 16])).by("ben"));
    let backlog = column_id("backlog");
    team.ana()
        .board
        .move_card_to(&mut anas, &id("x"), &id("y"), &backlog, &Slot::Last, NOW)
        .unwrap();
    team.ben()
        .board
        .move_card_to(&mut bens, &id("x"), &id("z"), &backlog, &Slot::Last, NOW)
        .unwrap();
    let rename =
        |card: &str, title: &str| Command::RenameCard { card: id(card), title: title.into() };
    anas.apply(&rename("y", "By Ana"), NOW).unwrap();
    bens.apply(&rename("z", "By Ben"), NOW).unwrap();
    anas.merge(&bens).unwrap();
    team.sync();
    assert_eq!(living(&anas), [("y", "By Ana"), ("z", "By Ben")]);
    assert!(anas.cards().all(|card| card.origin.as_ref().unwrap().to_string() == "team/x"));
    assert!(anas.cards().all(|card| card.comments.len() == 1));
    assert_eq!(team.cleo().board.card(&id("x")).unwrap().life, Life::Deleted);
}

#[test]
fn a_card_goes_to_another_board_and_back_as_often_as_people_like() {
    let mut team = furnished();
    let mut other = release();
    let here = &mut team.ana().board;
    let (backlog, todo) = (column_id("backlog"), column_id("todo"));
    here.move_card_to(&mut other, &id("x"), &id("x"), &backlog, &Slot::Last, NOW).unwrap();
    let taken = here.take_card(&other, &id("x"), &id("x"), &todo, &Slot::Last, NOW);
    assert!(matches!(taken, Err(CommandError::DuplicateCard { .. })), "the trash has it");
    other.move_card_to(here, &id("x"), &id("y"), &todo, &Slot::Last, NOW).unwrap();
    here.move_card_to(&mut other, &id("y"), &id("y"), &backlog, &Slot::Last, NOW).unwrap();
    assert_eq!((living(here), living(&other)), (vec![], vec![("y", "x")]));
    assert_eq!(other.card(&id("y")).unwrap().comments[0].text, "Hm");
}

#[test]
fn what_was_written_since_the_first_attempt_is_taken_along_by_the_next() {
    let mut team = furnished();
    let mut other = release();
    let here = &mut team.ana().board;
    let backlog = column_id("backlog");
    other.take_card(here, &id("x"), &id("y"), &backlog, &Slot::Last, NOW).unwrap();
    let rename = Command::RenameCard { card: id("x"), title: "Edited since".into() };
    here.apply(&rename, NOW).unwrap();
    here.move_card_to(&mut other, &id("x"), &id("z"), &backlog, &Slot::Last, NOW).unwrap();
    assert_eq!(living(&other), [("y", "x"), ("z", "Edited since")]);
    // Nor does a copy count that somebody deleted.
    here.apply(&Command::RestoreCard { card: id("x") }, NOW).unwrap();
    for copy in ["y", "z"] {
        other.apply(&Command::DeleteCard { card: id(copy) }, NOW).unwrap();
    }
    here.move_card_to(&mut other, &id("x"), &id("w"), &backlog, &Slot::Last, NOW).unwrap();
    assert_eq!(living(&other), [("w", "Edited since")]);
}

#[test]
fn a_label_that_the_other_board_has_deleted_comes_back_with_the_card() {
    let mut team = furnished();
    let mut other = release();
    let backlog = column_id("backlog");
    let ana = &mut team.ana().board;
    other.take_card(ana, &id("x"), &id("y"), &backlog, &Slot::Last, NOW).unwrap();
    let bug = LabelId::parse("bug").unwrap();
    other.apply(&Command::DeleteLabel { label: bug.clone() }, NOW).unwrap();
    other.take_card(ana, &id("x"), &id("z"), &backlog, &Slot::Last, NOW).unwrap();
    assert!(other.labels().any(|label| label.id == bug));
    assert!(other.card(&id("z")).unwrap().labels.contains(&bug));
}

#[test]
fn what_somebody_adds_to_a_card_that_leaves_the_board_stays_on_this_one() {
    let mut team = furnished();
    let mut other = release();
    let backlog = column_id("backlog");
    team.ana()
        .board
        .move_card_to(&mut other, &id("x"), &id("y"), &backlog, &Slot::Last, NOW)
        .unwrap();
    team.ben().renames("x", "Wait");
    team.sync();
    team.all_see("todo: x! | done:");
    assert_eq!(team.cleo().card("x").title, "Wait");
}

#[test]
fn a_label_of_the_same_name_is_used_instead_of_a_second_one() {
    let mut team = furnished();
    let mut other = release();
    let label = Command::CreateLabel {
        label: LabelId::parse("ours").unwrap(),
        name: "Bug".into(),
        colour: "pink".into(),
    };
    other.apply(&label, NOW).unwrap();
    let backlog = column_id("backlog");
    other.take_card(&team.ana().board, &id("x"), &id("y"), &backlog, &Slot::First, NOW).unwrap();
    assert_eq!(other.labels().count(), 1);
    assert!(other.card(&id("y")).unwrap().labels.contains(&LabelId::parse("ours").unwrap()));
}

#[test]
fn a_board_cut_into_a_fresh_document_shows_the_same_and_points_both_ways() {
    let mut team = furnished();
    team.ana().creates("secret").to("todo");
    team.ana().deletes("secret");
    team.ana().does(Command::PurgeCard { card: id("secret") });
    let old = &mut team.ana().board;
    let fresh = old.squash(replica(60), BoardId::parse("team2").unwrap(), NOW).unwrap();
    old.retire(fresh.id(), NOW).unwrap();
    assert_eq!(fresh.to_draft(), old.to_draft());
    assert_eq!(old.view().successors, [BoardId::parse("team2").unwrap()]);
    assert_eq!(fresh.view().origin, Some(BoardId::parse("team").unwrap()));
    let contains = |board: &Board, text: &str| {
        board.changes_since(&[]).iter().any(|change| {
            let bytes = change.raw_bytes();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        })
    };
    assert!(contains(old, "secret") && !contains(&fresh, "secret"));
    assert!(fresh.changes_since(&[]).len() < old.changes_since(&[]).len());
}

#[test]
fn a_board_with_a_text_that_merging_made_too_long_can_be_cut() {
    let mut ana = furnished().ana().board.clone();
    let mut ben = ana.fork(Replica::new(ActorId::from([52; 16])).by("ben"));
    for (board, text) in [(&mut ana, "a"), (&mut ben, "b")] {
        let text = text.repeat(DESCRIPTION_CHARS_MAX * 2 / 3);
        board.apply(&Command::SetBoardDescription { text }, NOW).unwrap();
    }
    ana.merge(&ben).unwrap();
    assert!(ana.view().description.chars().count() > DESCRIPTION_CHARS_MAX);
    let imported =
        Board::from_draft(replica(61), BoardId::parse("b3").unwrap(), &ana.to_draft(), NOW);
    assert!(matches!(imported, Err(DraftError::TooLong { .. })), "a draft may be anybody's");
    let fresh = ana.squash(replica(60), BoardId::parse("team2").unwrap(), NOW).unwrap();
    assert_eq!(fresh.to_draft(), ana.to_draft());
}

#[test]
fn what_people_do_on_a_board_that_was_cut_stays_there_complete_and_is_listed() {
    let mut team = furnished();
    let fresh = {
        let old = &mut team.ana().board;
        let fresh = old.squash(replica(60), BoardId::parse("team2").unwrap(), NOW).unwrap();
        old.retire(fresh.id(), NOW).unwrap();
        fresh
    };
    assert_eq!(fresh.stragglers(&team.ana().board).unwrap().len(), 1, "only the pointer");
    team.ben().moves("x").to("done");
    team.ben().creates("late").to("todo");
    team.sync();
    team.all_see("todo: late | done: x");
    assert_eq!(fresh.stragglers(&team.cleo().board).unwrap().len(), 3);
    assert!(fresh.stragglers(&release()).is_none());
    assert!(fresh.clone().merge(&team.cleo().board).is_err());
}

fn drawn(cards: &[(&str, &str)]) -> Vec<(CardId, CardId)> {
    cards.iter().map(|(card, copy)| (id(card), id(copy))).collect()
}

#[test]
fn several_cards_go_to_another_board_in_order_as_one_change_also_as_text() {
    let mut team = furnished();
    team.ana().creates("w").at_the_end_of("done");
    let mut other = release();
    let before = other.heads();
    let parcel = team.ana().board.parcel(&drawn(&[("w", "w2"), ("x", "x2")])).unwrap();
    let parcel: BoardDraft =
        serde_json::from_str(&serde_json::to_string(&parcel).unwrap()).unwrap();
    other.take_cards(&parcel, &column_id("backlog"), &Slot::First, NOW).unwrap();
    assert_eq!(living(&other), [("w2", "w"), ("x2", "x")]);
    assert_eq!(other.cards_in(&column_id("backlog")).next().unwrap().id, id("w2"));
    assert_eq!(other.changes_since(&before).len(), 1);
    let card = other.card(&id("x2")).unwrap();
    assert_eq!((card.comments.len(), card.labels.len(), card.assignees.len()), (1, 1, 1));
    assert_eq!(card.origin.as_ref().unwrap().to_string(), "team/x");
    let again = team.ana().board.parcel(&drawn(&[("w", "w3"), ("x", "x3")])).unwrap();
    let again = other.take_cards(&again, &column_id("backlog"), &Slot::First, NOW).unwrap();
    assert_eq!(again.change, None, "both are here already");
    other.undo(NOW).unwrap();
    assert!(living(&other).is_empty());
    assert_eq!((other.labels().count(), other.members().count()), (0, 0));
}

#[test]
fn a_parcel_with_a_card_that_cannot_be_taken_brings_nothing() {
    let mut team = furnished();
    let ana = team.ana();
    ana.creates("w").to("todo");
    ana.deletes("w");
    let error = ana.board.parcel(&drawn(&[("x", "x2"), ("w", "w2")])).unwrap_err();
    assert_eq!(error.to_string(), "card w is deleted; restore it first");
    let mut other = release();
    let mut parcel = ana.board.parcel(&drawn(&[("x", "x2")])).unwrap();
    let (heads, view) = (other.heads(), other.view());
    let gone = other.take_cards(&parcel, &column_id("gone"), &Slot::Last, NOW).unwrap_err();
    assert!(matches!(gone, TakeError::Command(CommandError::UnknownColumn { .. })), "{gone}");
    parcel.columns[0].cards[0].title = "x".repeat(TITLE_CHARS_MAX + 1);
    let long = other.take_cards(&parcel, &column_id("backlog"), &Slot::Last, NOW).unwrap_err();
    assert!(matches!(long, TakeError::Draft(DraftError::TooLong { .. })), "{long}");
    assert_eq!((heads, view), (other.heads(), other.view()));
    assert_eq!(other.labels().count(), 0);
}
