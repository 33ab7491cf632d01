//! Several commands as one change: all or nothing, merged one by one, undone together.

use crate::dice::Dice;
use crate::team::*;
use kanban_core::*;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_200);

fn batch(commands: Value) -> Command {
    serde_json::from_value(json!({ "type": "batch", "commands": commands })).unwrap()
}

fn drop_in(card: &str, column: &str, to: Value) -> Value {
    json!({ "type": "moveCard", "card": card, "column": column, "to": to })
}

fn archive(card: &str) -> Value {
    json!({ "type": "archiveCard", "card": card })
}

/// The slot behind a card, written as slots are.
fn after(card: &str) -> Value {
    serde_json::to_value(Slot::After(id(card))).unwrap()
}

fn last() -> Value {
    serde_json::to_value(Slot::<CardId>::Last).unwrap()
}

#[test]
fn several_cards_move_in_order_as_one_change_and_one_undo_brings_them_back() {
    let mut team = Team::sharing("todo: a, b, c, d | done: z");
    let before = team.ana().board.heads();
    let moved = team.ana().does(batch(json!([
        drop_in("c", "done", last()),
        drop_in("a", "done", after("c")),
        drop_in("d", "done", after("a")),
    ])));
    assert_eq!(team.ana().board.changes_since(&before).len(), 1);
    let is_moved = |event: &&BoardEvent| matches!(event, BoardEvent::CardMoved { .. });
    assert_eq!(moved.events.iter().filter(is_moved).count(), 3);
    team.sync();
    team.all_see("todo: b | done: z, c, a, d");
    team.ana().board.undo(NOW).unwrap();
    team.sync();
    team.all_see("todo: a, b, c, d | done: z");
    team.ana().board.redo(NOW).unwrap();
    team.sync();
    team.all_see("todo: b | done: z, c, a, d");
}

#[test]
fn a_command_of_a_batch_finds_what_those_before_it_made() {
    let mut team = Team::sharing("todo: a");
    team.ana().does(batch(json!([
        { "type": "createColumn", "column": "new", "name": "New", "at": last() },
        { "type": "createLabel", "label": "bug", "name": "Bug", "colour": "red" },
        { "type": "createCard", "card": "x", "column": "new", "at": last(), "title": "X", "description": "" },
        { "type": "addLabel", "card": "x", "label": "bug" },
        { "type": "addChecklist", "card": "x", "checklist": "steps", "name": "Steps" },
        { "type": "addItem", "card": "x", "checklist": "steps", "item": "one", "text": "One", "at": last() },
        { "type": "setItemDone", "card": "x", "item": "one", "done": true },
        { "type": "setDescription", "card": "x", "text": "As said" },
        drop_in("a", "new", after("x")),
    ])));
    team.sync();
    let x = team.ben().card("x");
    assert_eq!((&*x.title, &*x.description), ("X", "As said"));
    assert_eq!((x.labels.len(), x.checklists[0].items[0].done), (1, true));
    assert!(team.ben().sees().ends_with("new: x, a"));
    team.ana().board.undo(NOW).unwrap();
    team.sync();
    assert_eq!(team.ben().card("a").column, column_id("todo"));
    assert_eq!(team.ben().card("x").life, Life::Deleted);
    assert_eq!(team.ben().board.labels().count(), 0);
}

#[test]
fn a_batch_with_a_command_that_is_refused_does_nothing_and_says_which_it_is() {
    let mut team = Team::sharing("todo: a, b | done:");
    let commands = json!([
        { "type": "createCard", "card": "x", "column": "done", "at": last(), "title": "X", "description": "" },
        { "type": "createColumn", "column": "new", "name": "New", "at": last() },
        { "type": "createLabel", "label": "bug", "name": "Bug", "colour": "" },
        drop_in("a", "done", last()),
        archive("nobody"),
    ]);
    let error = team.ana().cannot(batch(commands)).to_string();
    assert_eq!(error, "nothing was done: command 5 of 5: there is no card nobody on this board");
    let ana = team.ana();
    assert!(ana.board.card(&id("x")).is_none() && ana.board.column(&column_id("new")).is_none());
    ana.creates("x").to("done");
    ana.creates_column("new");
    team.sync();
    team.all_see("todo: a, b | done: x | new:");
}

#[test]
fn what_is_a_change_of_its_own_is_refused_in_a_batch() {
    let mut team = Team::sharing("todo: a | done:");
    for own in [
        json!({ "type": "batch", "commands": [] }),
        json!({ "type": "sortCards", "column": "todo", "by": "title" }),
        json!({ "type": "sortColumns", "by": "title" }),
        json!({ "type": "moveAllCards", "column": "todo", "to": "done" }),
        json!({ "type": "deleteColumn", "column": "done", "cards": null }),
    ] {
        let error = team.ana().cannot(batch(json!([archive("a"), own])));
        let CommandError::InBatch { number: 2, of: 2, error } = error else { panic!("{error}") };
        assert!(matches!(*error, CommandError::NotInBatch), "{error}");
    }
    assert_eq!(team.ana().does(batch(json!([]))).change, None);
}

#[test]
fn whatever_others_do_to_cards_of_a_batch_meets_each_card_alone() {
    let mut team = Team::sharing("todo: a, b, c | doing: | done:");
    team.ana().does(batch(json!([
        drop_in("a", "done", last()),
        drop_in("b", "done", after("a")),
        archive("c"),
    ])));
    team.ben().moves("b").to("doing");
    team.ben().renames("c", "Sea");
    team.cleo().deletes("a");
    team.sync();
    team.all_see_one_of(&[
        "todo: | doing: b?done | done: a!",
        "todo: | doing: | done: a!, b?doing",
    ]);
    assert_eq!(
        (team.cleo().card("c").life, &*team.cleo().card("c").title),
        (Life::Archived, "Sea")
    );
}

#[test]
fn undoing_a_batch_leaves_what_others_have_moved_on() {
    let mut team = Team::sharing("todo: a, b | doing: | done:");
    team.ana().does(batch(json!([drop_in("a", "done", last()), drop_in("b", "done", last())])));
    team.sync();
    team.ben().moves("b").to("doing");
    team.sync();
    let undone = team.ana().board.undo(NOW).unwrap();
    assert_eq!(undone.left.len(), 1);
    team.sync();
    team.all_see("todo: a | doing: b | done:");
}

#[test]
fn a_program_that_gives_a_batch_on_an_old_read_is_refused_as_with_one_command() {
    let mut team = Team::sharing("todo: a, b | doing: | done:");
    let seen = Expected::new().unchanged_since(&team.ana().board.heads());
    team.ben().moves("b").to("doing");
    team.sync();
    let ana = &mut team.ana().board;
    let both = batch(json!([drop_in("a", "done", last()), drop_in("b", "done", last())]));
    let heads = ana.heads();
    let error = ana.apply_if(&both, &seen, NOW).unwrap_err().to_string();
    assert_eq!(error, "place of card b has changed: doing; look again");
    assert_eq!(ana.heads(), heads);
    ana.apply_if(&batch(json!([drop_in("a", "done", last())])), &seen, NOW).unwrap();
}

/// Some command about one of the cards `a` to `f`, on what is seen.
fn any_command(dice: &mut Dice, person: &Person, number: usize) -> Value {
    let card = ["a", "b", "c", "d", "e", "f"][dice.below(6)];
    let column = ["todo", "doing", "done"][dice.below(3)];
    let shown = person.board.cards_in(&column_id(column)).map(|card| card.id.to_string());
    let shown: Vec<String> = shown.filter(|shown| shown != card).collect();
    let to = match shown.get(dice.below(shown.len() + 1)) {
        Some(anchor) => after(anchor),
        None => serde_json::to_value(Slot::<CardId>::First).unwrap(),
    };
    match dice.below(9) {
        0..4 => drop_in(card, column, to),
        4 => archive(card),
        5 => json!({ "type": "unarchiveCard", "card": card }),
        6 => json!({ "type": "renameCard", "card": card, "title": format!("{card}{number}") }),
        7 => json!({ "type": "setDescription", "card": card, "text": format!("text {number}") }),
        _ => json!({ "type": "setDone", "card": card, "done": number.is_multiple_of(2) }),
    }
}

/// Boards without what names changes: who did a thing and when stays.
fn looks(board: &Board) -> Value {
    serde_json::to_value(board.view()).unwrap()
}

#[test]
fn a_batch_leaves_the_same_as_its_commands_one_after_another_also_when_others_work_meanwhile() {
    for seed in 0..150 {
        let mut dice = Dice(seed);
        let layout = "todo: a, b, c | doing: d, e | done: f";
        let (mut one, mut many) = (Team::sharing(layout), Team::sharing(layout));
        let mut commands = Vec::new();
        for number in 0..1 + dice.below(8) {
            // What is refused on what there is now is no part of the batch.
            let command = any_command(&mut dice, many.ana(), number);
            let parsed: Command = serde_json::from_value(command.clone()).unwrap();
            if many.ana().board.apply(&parsed, NOW).is_ok() {
                commands.push(command);
            }
        }
        let commands = json!(commands);
        one.ana().board.apply(&batch(commands.clone()), NOW).unwrap();
        assert_eq!(looks(&one.ana().board), looks(&many.ana().board), "seed {seed}: {commands}");
        for number in 10..10 + dice.below(4) {
            let command = any_command(&mut dice, one.ben(), number);
            let command: Command = serde_json::from_value(command).unwrap();
            let in_one = one.ben().board.apply(&command, NOW).is_ok();
            assert_eq!(in_one, many.ben().board.apply(&command, NOW).is_ok());
        }
        one.sync();
        many.sync();
        assert_eq!(one.cleo().sees(), many.cleo().sees(), "seed {seed}: {commands}");
    }
}
