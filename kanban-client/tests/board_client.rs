//! Boards and their clients around one relay, without sockets.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

#[path = "../../sync-protocol/tests/support/mod.rs"]
mod support;
#[path = "board_client/team.rs"]
mod team;

use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT};
use kanban_client::{ApplyError, BoardOutput};
use kanban_core::*;
use support::Dice;
use sync_protocol::client::{Availability, Connection, Input};
use sync_protocol::{SyncMessage, acknowledgement};
use team::{AT, Team, board, card, column, replica};

/// A sync message that says "I have these heads", with changes.
fn delivery(heads: &[ChangeHash], changes: &[Change]) -> Vec<u8> {
    let nothing = acknowledgement(heads);
    let mut message = SyncMessage::decode(&nothing).unwrap();
    let bytes: Vec<u8> = changes.iter().flat_map(|change| change.raw_bytes()).copied().collect();
    message.changes = vec![bytes.into()];
    message.encode()
}

/// Online, with nobody behind the socket but the test.
fn alone(team: &mut Team, index: usize) {
    team.goes_online(index);
    team.relay_takes(index, &sync_protocol::encode(&join(index)));
    team.settle();
    team.relay.disconnect(index);
}

fn join(index: usize) -> sync_protocol::Message<'static> {
    sync_protocol::Message::Join(sync_protocol::Join {
        sender: sync_protocol::PeerId::parse(&format!("person {index}")).unwrap(),
        metadata: sync_protocol::PeerMetadata {
            is_durable: true,
            ..sync_protocol::PeerMetadata::default()
        },
        versions: vec!["1".into()],
    })
}

#[test]
fn two_people_who_were_offline_end_with_one_board_and_nothing_pending() {
    let mut team = Team::new();
    let ana = team.brings(board());
    team.goes_online(ana);
    team.settle();
    let ben = team.joins();
    team.goes_online(ben);
    team.settle();
    team.goes_offline(ana);
    team.adds_card(ana, "write");
    team.adds_card(ben, "review");
    team.moves_card(ben, "review", "done");
    assert_eq!(team.people[ana].client.status().pending, 1);
    team.goes_online(ana);
    team.settle();
    assert_eq!(team.view(ana), team.view(ben));
    assert_eq!(team.view(ana).columns[1].cards[0].id, card("review"));
    for person in &team.people {
        assert_eq!(person.client.status().pending, 0);
        assert_eq!(person.client.status().document, Availability::Available);
    }
}

#[test]
fn who_joins_has_no_board_until_it_arrives_as_a_whole() {
    let mut team = Team::new();
    let ben = team.joins();
    team.goes_online(ben);
    team.settle();
    let rename = Command::RenameBoard { name: "x".into() };
    let refused = team.people[ben].client.apply(&rename, AT).unwrap_err();
    assert!(matches!(refused, ApplyError::NoBoard));
    let ana = team.brings(board());
    team.adds_card(ana, "write");
    team.goes_online(ana);
    team.settle();
    team.moves_card(ana, "write", "done");
    team.settle();
    let news = std::mem::take(&mut team.people[ben].news);
    let news: Vec<_> =
        news.into_iter().filter(|news| *news != BoardOutput::StatusChanged).collect();
    let moved =
        BoardEvent::CardMoved { card: card("write"), from: column("todo"), to: column("done") };
    assert_eq!(news, [BoardOutput::BoardArrived, BoardOutput::Received(vec![moved])]);
    assert_eq!(team.view(ana), team.view(ben));
}

#[test]
fn a_document_that_is_not_a_board_is_refused_with_a_sentence() {
    let mut team = Team::new();
    let ben = team.joins();
    alone(&mut team, ben);
    let mut other = Automerge::new().with_actor(ActorId::from([9; 16]));
    let mut transaction = other.transaction();
    transaction.put(ROOT, "todos", "none").unwrap();
    transaction.commit();
    team.hears(ben, delivery(&other.get_heads(), &other.get_changes(&[])));
    let client = &team.people[ben].client;
    assert!(client.board().is_none());
    assert!(matches!(client.status().connection, Connection::Offline { .. }));
    assert_eq!(
        client.status().problem.as_deref().unwrap(),
        "the relay's changes were refused: this Automerge document is not a board: it does not \
         contain the first change of every board"
    );
}

#[test]
fn a_board_that_arrives_in_parts_is_shown_once_it_has_a_name() {
    let mut team = Team::new();
    let ben = team.joins();
    alone(&mut team, ben);
    let board = board();
    let changes = board.changes_since(&[]);
    team.hears(ben, delivery(&[changes[0].hash()], &changes[..1]));
    assert!(team.people[ben].client.board().is_none());
    assert_eq!(team.people[ben].client.status().problem, None);
    team.hears(ben, delivery(&board.heads(), &changes[1..]));
    assert_eq!(team.view(ben), board.view());
}

#[test]
fn changes_that_came_too_early_wait_while_what_they_build_on_is_asked_for() {
    let mut team = Team::new();
    let ana = team.brings(board());
    alone(&mut team, ana);
    team.said(ana);
    let mut theirs = board().fork(replica(7));
    let before = theirs.heads();
    for name in ["Next", "Next release"] {
        theirs.apply(&Command::RenameBoard { name: name.into() }, AT).unwrap();
    }
    let changes = theirs.changes_since(&before);
    team.hears(ana, delivery(&theirs.heads(), &changes[1..]));
    assert_eq!(team.people[ana].client.board().unwrap().name(), "Release");
    let asking = team.said(ana).pop().unwrap();
    assert_eq!(SyncMessage::decode(&asking).unwrap().need, [changes[0].hash()]);
    team.hears(ana, delivery(&theirs.heads(), &changes[..1]));
    assert_eq!(team.view(ana), theirs.view());
}

#[test]
fn changes_of_another_board_are_refused_and_cost_nothing() {
    let mut team = Team::new();
    let ana = team.brings(board());
    alone(&mut team, ana);
    let other = Board::create(replica(8), BoardId::parse("other").unwrap(), "Other", AT);
    team.hears(ana, delivery(&other.heads(), &other.changes_since(&[])));
    assert_eq!(team.view(ana), board().view());
    assert_eq!(
        team.people[ana].client.status().problem.as_deref().unwrap(),
        "the relay's changes were refused: these changes belong to board other; this is board b"
    );
}

#[test]
fn whatever_people_do_offline_they_end_with_equal_boards() {
    for seed in 0..40 {
        let mut dice = Dice(seed);
        let mut team = Team::new();
        team.brings(board());
        team.goes_online(0);
        team.settle();
        team.joins();
        team.joins();
        (1..3).for_each(|index| team.goes_online(index));
        team.settle();
        let mut cards = 0;
        for _ in 0..80 {
            let index = dice.below(3);
            match dice.below(8) {
                0 => team.goes_online(index),
                1 => team.goes_offline(index),
                2..4 => {
                    cards += 1;
                    team.adds_card(index, &format!("card-{cards}"));
                }
                4 => team.settle(),
                _ => {
                    let known: Vec<CardId> = team.people[index]
                        .client
                        .board()
                        .unwrap()
                        .cards()
                        .map(|card| card.id.clone())
                        .collect();
                    if !known.is_empty() {
                        let card = known[dice.below(known.len())].clone();
                        let to = ["todo", "done"][dice.below(2)];
                        team.moves_card(index, card.as_str(), to);
                    }
                }
            }
        }
        (0..3).for_each(|index| team.goes_online(index));
        team.settle();
        for index in 0..3 {
            assert_eq!(team.view(index), team.view(0), "seed {seed}");
            assert_eq!(team.people[index].client.status().pending, 0, "seed {seed}");
        }
        team.tell(0, Input::Stop);
    }
}
