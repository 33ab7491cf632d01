//! What is asked of a board, without a socket.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use kanban_core::*;
use kanban_gateway::access::Who;
use kanban_gateway::ask::{Cards, EditCard, Move, NewCard, NewComment};
use kanban_gateway::hook::{BODY_BYTES_MAX, Hook, Secret};
use kanban_gateway::news::{EVENT_TYPES, News, for_hook, type_of};
use kanban_gateway::{Problem, plan, show};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

fn board() -> Board {
    let draft = json!({ "name": "Release", "columns": [
        { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
        { "id": "doing", "name": "Doing" }, { "id": "done", "name": "Done" },
    ] });
    let draft = serde_json::from_value(draft).unwrap();
    let ana = Replica::new(ActorId::from([1; 16])).by("ana");
    let mut board = Board::from_draft(ana, BoardId::parse("b").unwrap(), &draft, NOW).unwrap();
    for (label, name) in [("bug", "Bug"), ("ui", "Interface")] {
        let (label, name) = (LabelId::parse(label).unwrap(), name.to_owned());
        let define = Command::CreateLabel { label, name, colour: String::new() };
        board.apply(&define, NOW).unwrap();
    }
    board
}

fn ask<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn card(id: &str) -> CardId {
    CardId::parse(id).unwrap()
}

fn carried_out(board: &mut Board, plan: Result<plan::Plan, Problem>) -> Value {
    let plan = plan.unwrap();
    for command in &plan.commands {
        board.apply(command, NOW).unwrap();
    }
    show::card(board, &plan.card).unwrap()
}

#[test]
fn a_card_is_added_where_and_with_what_it_is_asked_for() {
    let mut board = board();
    let wanted: NewCard = ask(json!({
        "title": "The build fails", "column": "TO DO", "at": { "before": "docs" },
        "description": "See the log", "labels": ["bug", "Interface"], "due": "2026-05-01",
    }));
    let plan = plan::add(&board, &wanted, card("build"));
    let shown = carried_out(&mut board, plan);
    assert_eq!(shown["columnName"], "To do");
    assert_eq!(shown["labelNames"], json!(["Bug", "Interface"]));
    assert_eq!(
        (&shown["due"], &shown["description"]),
        (&json!("2026-05-01"), &json!("See the log"))
    );
    let all = show::cards(&board, &Cards::default()).unwrap();
    assert_eq!(all["cards"][0]["id"], "build", "above the one before which it was put");
}

#[test]
fn asking_twice_for_one_card_adds_it_once_and_leaves_it_as_it_is() {
    let mut board = board();
    let wanted: NewCard = ask(json!({ "title": "The build fails", "column": "To do" }));
    let plan = plan::add(&board, &wanted, card("build"));
    carried_out(&mut board, plan);
    let to_done = plan::move_card(&board, &card("build"), &ask(json!({ "column": "Done" })));
    carried_out(&mut board, to_done);
    let again = plan::add(&board, &wanted, card("build")).unwrap();
    assert_eq!(again.commands, []);
    assert_eq!(show::card(&board, &card("build")).unwrap()["columnName"], "Done");
}

#[test]
fn a_name_that_nothing_has_is_answered_with_those_that_there_are() {
    let board = board();
    let detail = |wanted: Value| {
        let problem = plan::add(&board, &ask(wanted), card("new")).unwrap_err();
        assert_eq!(problem.status, 422);
        problem.detail
    };
    assert_eq!(
        detail(json!({ "title": "x", "column": "Dome" })),
        "there is no column \"Dome\" on this board; there are \"To do\", \"Doing\", \"Done\""
    );
    assert_eq!(
        detail(json!({ "title": "x", "column": "Done", "labels": ["Red"] })),
        "there is no label \"Red\" on this board; there are \"Bug\", \"Interface\""
    );
    assert_eq!(
        detail(json!({ "title": "x", "column": "Done", "assignees": ["Ana"] })),
        "there is no member \"Ana\" on this board; it has none"
    );
    let due = detail(json!({ "title": "x", "column": "Done", "due": "soon" }));
    assert!(due.contains("soon"), "{due}");
    let gone = plan::edit(&board, &card("gone"), &EditCard::default()).unwrap_err();
    assert_eq!(gone.status, 404);
}

#[test]
fn a_name_of_two_columns_asks_for_an_id() {
    let mut board = board();
    let (column, name) = (ColumnId::parse("done2").unwrap(), "done".to_owned());
    board.apply(&Command::CreateColumn { column, name, at: Slot::Last }, NOW).unwrap();
    let wanted: Move = ask(json!({ "column": "Done" }));
    let problem = plan::move_card(&board, &card("docs"), &wanted).unwrap_err();
    assert_eq!(problem.detail, "\"Done\" is the name of several; say which by its id: done, done2");
    let by_id = plan::move_card(&board, &card("docs"), &ask(json!({ "column": "done2" })));
    assert_eq!(carried_out(&mut board, by_id)["column"], "done2");
}

#[test]
fn an_edit_changes_what_it_names_and_nothing_else() {
    let mut board = board();
    let first = json!({ "title": "Docs", "labels": ["Bug"], "due": "2026-05-01", "done": true });
    let plan = plan::edit(&board, &card("docs"), &ask(first));
    carried_out(&mut board, plan);
    let second = json!({ "labels": ["ui"], "due": null, "archived": true, "cover": "red" });
    let plan = plan::edit(&board, &card("docs"), &ask(second));
    let shown = carried_out(&mut board, plan);
    assert_eq!((&shown["title"], &shown["done"]), (&json!("Docs"), &json!(true)));
    assert_eq!(shown["labelNames"], json!(["Interface"]));
    assert_eq!((&shown["due"], &shown["cover"]), (&Value::Null, &json!("red")));
    assert_eq!(shown["life"], "archived");
    let back = plan::edit(&board, &card("docs"), &ask(json!({ "archived": false })));
    assert_eq!(carried_out(&mut board, back)["life"], "onBoard");
}

#[test]
fn whoever_comments_first_becomes_a_member_under_the_id_of_the_web_board() {
    let mut board = board();
    let fresh =
        |comment: &str| (CommentId::parse(comment).unwrap(), MemberId::parse("drawn").unwrap());
    let said: NewComment = ask(json!({ "text": "It works again" }));
    let plan = plan::comment(&board, &card("docs"), &said, Some("ci"), fresh("c1"));
    let shown = carried_out(&mut board, plan);
    // `m-` and the name in base64, as in examples/web/src/card/people.
    assert_eq!(shown["comments"][0]["by"], "m-Y2k");
    let twice = plan::comment(&board, &card("docs"), &said, Some("ci"), fresh("c1")).unwrap();
    assert_eq!(twice.commands, []);
    let next = plan::comment(&board, &card("docs"), &said, Some("ci"), fresh("c2")).unwrap();
    assert_eq!(next.commands.len(), 1, "a member by now");
    let nobody = plan::comment(&board, &card("docs"), &said, None, fresh("c3")).unwrap_err();
    assert!(nobody.detail.contains("\"by\""), "{nobody}");
}

#[test]
fn all_of_a_plan_is_done_or_nothing() {
    let mut board = board();
    let before = board.heads();
    let edit =
        ask(json!({ "title": "Docs", "description": "x".repeat(DESCRIPTION_CHARS_MAX + 1) }));
    let command = plan::edit(&board, &card("docs"), &edit).unwrap().command().unwrap();
    let refused = plan::refused(&board.apply(&command, NOW).unwrap_err());
    assert_eq!((refused.status, board.heads()), (422, before));
    assert!(!refused.detail.contains("command 2"), "{refused}");
    let nothing = plan::edit(&board, &card("docs"), &EditCard::default()).unwrap();
    assert_eq!(nothing.command(), None);
}

#[test]
fn cards_are_listed_by_name_text_and_filter() {
    let mut board = board();
    let wanted: NewCard =
        ask(json!({ "title": "Fix login", "column": "Doing", "labels": ["Bug"] }));
    let plan = plan::add(&board, &wanted, card("login"));
    carried_out(&mut board, plan);
    let found = |asked: Value| {
        let shown = show::cards(&board, &ask::<Cards>(asked)).unwrap();
        let ids = shown["cards"].as_array().unwrap().iter().map(|card| card["id"].clone());
        (ids.collect::<Vec<_>>(), shown["more"].as_bool().unwrap())
    };
    assert_eq!(found(json!({ "column": "doing" })), (vec![json!("login")], false));
    assert_eq!(found(json!({ "label": "Bug", "q": "LOGIN" })), (vec![json!("login")], false));
    assert_eq!(found(json!({ "filter": r#"{"noLabel":true}"# })), (vec![json!("docs")], false));
    assert_eq!(found(json!({ "limit": 1 })), (vec![json!("docs")], true));
    let wrong = ask::<Cards>(json!({ "filter": r#"{"label":"Bug"}"# }));
    assert!(show::cards(&board, &wrong).unwrap_err().detail.starts_with("this is no filter"));
}

#[test]
fn every_event_that_a_board_tells_is_one_that_a_webhook_may_ask_for() {
    let (card, column) = (card("c"), ColumnId::parse("c").unwrap());
    let label = LabelId::parse("l").unwrap();
    let events = [
        BoardEvent::BoardEdited,
        BoardEvent::LabelChanged { label },
        BoardEvent::CardCreated { card: card.clone() },
        BoardEvent::CardChoicesChanged { card },
        BoardEvent::ColumnRecovered { column: column.clone(), recovered: true },
        BoardEvent::ColumnChoicesChanged { column },
    ];
    for event in events {
        assert!(EVENT_TYPES.contains(&type_of(&event).as_str()), "{event:?}");
    }
    for kind in EVENT_TYPES {
        let fields = json!({
            "type": kind, "card": "c", "column": "c", "label": "l", "member": "m", "from": "a", "to": "b",
            "fields": [], "recovered": true,
        });
        let event: BoardEvent = serde_json::from_value(fields).unwrap();
        assert_eq!(type_of(&event), kind);
    }
}

#[test]
fn a_delivery_is_never_too_long_and_says_that_there_is_more() {
    let mut board = board();
    let title = "長".repeat(TITLE_CHARS_MAX);
    let events: Vec<BoardEvent> = (0..20)
        .map(|number| {
            let wanted = ask(json!({ "title": title, "column": "Done" }));
            let plan = plan::add(&board, &wanted, card(&format!("c{number}")));
            carried_out(&mut board, plan);
            BoardEvent::CardCreated { card: card(&format!("c{number}")) }
        })
        .collect();
    let asked = ("https://hooks.example/".to_owned(), ["cardCreated".to_owned()].into());
    let secret = Secret::from_entropy([7; 32]);
    let hook = Hook::new("h".into(), "b".into(), Who::Anybody, asked, secret, String::new(), 0);
    let news = News { events, heads: board.heads() };
    let told = for_hook(&board, &news, &hook).unwrap();
    assert!(told.to_string().len() <= BODY_BYTES_MAX);
    assert_eq!((told["events"].as_array().unwrap().len(), &told["more"]), (2, &json!(true)));
    let other = News { events: vec![BoardEvent::BoardEdited], heads: board.heads() };
    assert_eq!(for_hook(&board, &other, &hook), None);
}
