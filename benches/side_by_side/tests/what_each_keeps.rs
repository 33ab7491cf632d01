//! The differences that `benches/README.md` claims beside its table, one by one.
#![allow(clippy::indexing_slicing, reason = "clippy.toml exempts tests, not their helpers")]

use kanban_side_by_side::{
    Between, Contender, Draft, Drawing, LoroBoard, OurBoard, Reference, SMALL, YrsBoard,
};
use loro::{ID, TreeParentId};

#[test]
fn the_three_draw_the_same_board() {
    let (ours, loro, yrs) = (
        Reference::<OurBoard>::build(&SMALL).open(1).draw(),
        Reference::<LoroBoard>::build(&SMALL).open(1).draw(),
        Reference::<YrsBoard>::build(&SMALL).open(1).draw(),
    );
    assert_eq!(ours.iter().map(|column| column.cards.len()).sum::<usize>(), SMALL.cards);
    assert_eq!(ours, loro);
    assert_eq!(ours, yrs);
}

#[test]
fn of_two_places_for_one_card_ours_lists_the_other_and_theirs_do_not() {
    let ours = apart::<OurBoard>(|ana| ana.move_to_end(0, 3), |ben| ben.move_to_end(0, 4));
    let card = ours.board.card(&ours.names().cards[0]).expect("is there");
    assert_eq!(card.other_placements.len(), 1);
    assert_eq!(places_of::<OurBoard>(&ours), 1);

    // One place, and a tree node has one parent. What lost is seen by going back in the history to
    // where its author stood.
    let loro = apart::<LoroBoard>(|ana| ana.move_to_end(0, 3), |ben| ben.move_to_end(0, 4));
    assert_eq!(places_of::<LoroBoard>(&loro), 1);
    for (replica, column) in [(5, 3), (6, 4)] {
        let then = loro.doc.fork_at(&ID::new(replica, 0).into()).expect("in the history");
        let parent = then.get_tree("board").parent(loro.card(0));
        assert_eq!(parent, Some(TreeParentId::Node(loro.column(column))));
    }

    // One place; what lost is deleted, and its content is collected: it is in no saved board.
    let yrs = apart::<YrsBoard>(|ana| ana.move_to_end(0, 3), |ben| ben.move_to_end(0, 4));
    assert_eq!(places_of::<YrsBoard>(&yrs), 1);
    let shown = (3..=4).find(|column| yrs.order(*column).contains(&yrs.names().cards[0]));
    let key = if shown == Some(3) { 4 } else { 3 };
    let lost = format!("{}/b65", yrs.names().columns[key]);
    let kept = format!("{}/b65", yrs.names().columns[shown.expect("in one of the two")]);
    assert!(contains(&yrs.save(), &kept));
    assert!(!contains(&yrs.save(), &lost));
}

#[test]
fn an_edit_of_a_card_that_somebody_deletes_is_seen_in_ours_alone() {
    let seen = |drawing: Drawing| titles(&drawing).any(|title| title == "Edited");
    let ours = apart::<OurBoard>(|ana| ana.delete(0), |ben| ben.rename(0, "Edited"));
    assert!(seen(ours.draw()));
    assert!(ours.board.card(&ours.names().cards[0]).expect("is there").deleted_concurrently);
    let loro = apart::<LoroBoard>(|ana| ana.delete(0), |ben| ben.rename(0, "Edited"));
    assert!(!seen(loro.draw()));
    let yrs = apart::<YrsBoard>(|ana| ana.delete(0), |ben| ben.rename(0, "Edited"));
    assert!(!seen(yrs.draw()));
}

#[test]
fn a_card_that_one_moves_and_another_deletes_stays_in_ours_whoever_does_which() {
    fn survives<C: Contender>() -> [usize; 2] {
        [
            places_of(&apart::<C>(|ana| ana.delete(0), |ben| ben.move_to_end(0, 4))),
            places_of(&apart::<C>(|ana| ana.move_to_end(0, 4), |ben| ben.delete(0))),
        ]
    }
    assert_eq!(survives::<OurBoard>(), [1, 1]);
    // Whose replica has the higher number decides.
    assert_eq!(survives::<LoroBoard>(), [1, 0]);
    assert_eq!(survives::<YrsBoard>(), [0, 0]);
}

#[test]
fn a_card_moved_into_a_column_that_somebody_deletes_is_seen_in_ours_alone() {
    let card = 500;
    let ours = apart::<OurBoard>(|ana| ana.delete_column(4), |ben| ben.move_to_end(card, 4));
    assert!(drawn(&ours, card));
    let loro = apart::<LoroBoard>(|ana| ana.delete_column(4), |ben| ben.move_to_end(card, 4));
    assert!(!drawn(&loro, card));
    let yrs = apart::<YrsBoard>(|ana| ana.delete_column(4), |ben| ben.move_to_end(card, 4));
    assert!(!drawn(&yrs, card));
}

#[test]
fn cards_put_into_one_gap_by_two_people_stay_together_in_ours_and_alternate_in_loro() {
    fn order<C: Between>() -> String {
        // Cards 500.. of another column go below card 0, the n-th below the one before.
        let below = |board: &mut C, first: usize| {
            (0..3).fold(0, |above, n| {
                board.move_below(first + n, above, 0);
                first + n
            });
        };
        let board = apart::<C>(|ana| below(ana, 500), |ben| below(ben, 510));
        let number = |card| board.names().cards.iter().position(|other| *other == card);
        let order = board.order(0).into_iter().filter_map(number);
        order.filter(|n| *n >= 500).map(|n| if n < 510 { 'a' } else { 'b' }).collect()
    }
    let ours = order::<OurBoard>();
    assert!(ours == "aaabbb" || ours == "bbbaaa", "{ours}");
    let loro = order::<LoroBoard>();
    assert!(loro == "ababab" || loro == "bababa", "{loro}");
}

/// A board on which two people worked apart, after both have seen everything, as both see it.
fn apart<C: Contender>(ana_does: impl FnOnce(&mut C), ben_does: impl FnOnce(&mut C)) -> C {
    let start = C::import(&Draft::of(&SMALL));
    let (bytes, names) = (start.save(), start.names().clone());
    let (mut ana, mut ben) = (C::open(&bytes, 5, &names), C::open(&bytes, 6, &names));
    let before = ana.version();
    ana_does(&mut ana);
    ben_does(&mut ben);
    let (from_ana, from_ben) = (ana.since(&before), ben.since(&before));
    ana.receive(&from_ben);
    ben.receive(&from_ana);
    assert_eq!(ana.draw(), ben.draw());
    ana
}

/// In how many places the first card is shown.
fn places_of<C: Contender>(board: &C) -> usize {
    let card = &board.names().cards[0];
    let columns = 0..board.names().columns.len();
    columns.map(|column| board.order(column).iter().filter(|other| *other == card).count()).sum()
}

fn drawn<C: Contender>(board: &C, card: usize) -> bool {
    let title = &Draft::of(&SMALL).columns[card / 100].cards[card % 100].title;
    titles(&board.draw()).any(|other| other == *title)
}

fn titles(drawing: &Drawing) -> impl Iterator<Item = String> {
    let cards = drawing.iter().flat_map(|column| &column.cards);
    cards.map(|card| card.title.clone()).collect::<Vec<_>>().into_iter()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
