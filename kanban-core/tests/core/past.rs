//! The past read back, against copies kept at the time, under random scripts.

use crate::team::*;
use kanban_core::*;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

/// A step: who acts, what they do, and three choices that it takes.
type Step = (usize, usize, [usize; 3]);

fn steps(length: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0..3_usize, 0..26_usize, [0..6_usize, 0..4_usize, 0..4_usize]), length)
}

const NAMES: [&str; 3] = ["ana", "ben", "cleo"];
const COLUMNS: [&str; 4] = ["todo", "doing", "done", "later"];
const LAYOUT: &str = "todo: a, b, c | doing: d, e | done: f | later:";
const CARDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn command(what: usize, [one, two, three]: [usize; 3]) -> Command {
    use Command as C;
    let card = || id(CARDS[one]);
    let column = || column_id(COLUMNS[two]);
    let text = || format!("text {three}");
    let list = || ChecklistId::parse(&format!("list{two}")).unwrap();
    let item = || ItemId::parse(&format!("item{three}")).unwrap();
    let label = || LabelId::parse(&format!("label{two}")).unwrap();
    match what {
        0..4 => C::MoveCard { card: card(), column: column(), to: Slot::First },
        4 => C::RenameCard { card: card(), title: text() },
        5 => C::SetDescription { card: card(), text: text() },
        6 => C::DeleteCard { card: card() },
        7 => C::RestoreCard { card: card() },
        8 => C::KeepCard { card: card() },
        9 => C::PurgeCard { card: card() },
        10 => C::ArchiveCard { card: card() },
        11 => C::UnarchiveCard { card: card() },
        12 => C::SortCards { column: column(), by: SortBy::Title },
        13 => C::MoveAllCards { column: column(), to: column_id(COLUMNS[three]) },
        14 => {
            let cards = Some(ColumnCards::MoveTo(column_id(COLUMNS[three])));
            C::DeleteColumn { column: column(), cards }
        }
        15 => C::RestoreColumn { column: column() },
        16 => C::AddChecklist { card: card(), checklist: list(), name: text() },
        17 => {
            let (text, at) = (text(), Slot::Last);
            C::AddItem { card: card(), checklist: list(), item: item(), text, at }
        }
        18 => C::SetItemDone { card: card(), item: item(), done: two > 1 },
        19 => C::DeleteChecklist { card: card(), checklist: list() },
        20 => C::RestoreChecklist { card: card(), checklist: list() },
        21 => C::CreateLabel { label: label(), name: text(), colour: String::new() },
        22 => C::AddLabel { card: card(), label: label() },
        23 => C::RenameColumn { column: column(), name: text() },
        24 => C::CreateCard {
            card: id(&format!("new{one}{two}")),
            column: column(),
            at: Slot::Last,
            title: text(),
            description: text(),
        },
        _ => C::KeepCardPlacement { card: card() },
    }
}

/// Runs a script; one step in five is a delivery instead. After each, `then` looks on.
fn run(script: &[Step], then: impl FnMut(&Board)) -> Team {
    continue_with(Team::sharing(LAYOUT), script, then)
}

fn continue_with(mut team: Team, script: &[Step], mut then: impl FnMut(&Board)) -> Team {
    for (index, (who, what, choices)) in script.iter().enumerate() {
        if index % 5 == 4 {
            let from = team.person(NAMES[*what % 3]).board.clone();
            team.person(NAMES[*who]).board.merge(&from).unwrap();
        } else {
            let board = &mut team.person(NAMES[*who]).board;
            // A command that makes no sense here is refused.
            drop(board.apply(&command(*what, *choices), NOW));
        }
        then(&team.person(NAMES[*who]).board);
    }
    team.sync();
    team
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_board_as_it_was_is_what_a_copy_kept_at_the_time_shows(script in steps(60)) {
        let mut copies: Vec<(Vec<ChangeHash>, BoardView)> = Vec::new();
        let mut team = run(&script, |board| copies.push((board.heads(), board.view())));
        let board = &team.ana().board;
        for (heads, view) in &copies {
            prop_assert_eq!(&board.view_at(heads).unwrap(), view);
            for card in CARDS {
                let cards = view.columns.iter().flat_map(|column| &column.cards);
                if let Some(shown) = { cards }.find(|shown| shown.id.as_str() == card) {
                    let then = board.card_at(&id(card), heads).unwrap();
                    prop_assert_eq!(then.as_ref(), Some(shown));
                }
            }
        }
        let (first, last) = (&copies[0], &copies[copies.len() - 1]);
        let difference = board.difference(&first.0, &last.0).unwrap();
        prop_assert_eq!(difference.is_empty(), first.1 == last.1);
    }

    #[test]
    fn replicas_with_the_same_changes_tell_the_same_history(script in steps(60)) {
        let mut team = run(&script, |_| {});
        let all = ActivityQuery::all();
        let told = team.ana().board.activities(&all);
        prop_assert_eq!(&team.ben().board.activities(&all), &told);
        prop_assert_eq!(&team.cleo().board.activities(&all), &told);
        let reopened =
            Board::open(&team.ben().board.save(), Replica::new(ActorId::from([9; 16]))).unwrap();
        prop_assert_eq!(&reopened.activities(&all), &told);
        let changes = team.ana().board.changes_since(&[]).len();
        // The first change of every board is nobody's.
        prop_assert_eq!(told.len(), changes - 1);
    }

    #[test]
    fn reverting_a_card_gives_it_the_earlier_fields(script in steps(60), at in 0..60_usize) {
        let mut points: Vec<Vec<ChangeHash>> = Vec::new();
        let mut team = run(&script, |board| points.push(board.heads()));
        for card in CARDS {
            let board = &mut team.ana().board;
            let then = board.card_at(&id(card), &points[at]).unwrap();
            let Ok(_) = board.revert_card(&id(card), &points[at], NOW) else {
                continue;
            };
            let (now, then) = (board.card(&id(card)).unwrap(), then.unwrap());
            prop_assert_eq!((&now.title, &now.description), (&then.title, &then.description));
            prop_assert_eq!(&now.labels, &then.labels);
            let again = board.revert_card(&id(card), &points[at], NOW).unwrap();
            prop_assert_eq!(again.change, None);
        }
        team.sync();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_history_read_in_one_pass_is_the_one_read_change_by_change(script in steps(250)) {
        let mut team = Team::sharing(LAYOUT);
        for _ in 0..7 {
            team.make_busy("ana");
        }
        team.sync();
        let mut team = continue_with(team, &script, |_| {});
        let board = &team.ana().board;
        let told = board.activities(&ActivityQuery::all());
        prop_assert!(told.len() > 256);
        let latest = board.activities(&ActivityQuery::all().limit(256));
        for (one, other) in told.iter().zip(&latest) {
            prop_assert_eq!(one, other);
        }
        prop_assert_eq!(latest.len(), 256);
    }
}
