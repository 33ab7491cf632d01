//! Whatever another program wrote into a board's document, there is a view, the same on every
//! replica, and commands work on it or are refused: nothing panics.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use kanban_core::*;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_700_000_000);

const MAPS: [&str; 6] = ["meta", "labels", "members", "cols", "cards", "other"];

/// Keys that mean something somewhere, and some that mean nothing.
const KEYS: [&str; 40] = [
    "v",
    "board",
    "name",
    "desc",
    "title",
    "pos",
    "ord",
    "touch",
    "trash",
    "shelf",
    "wip",
    "colour",
    "gone",
    "start",
    "due",
    "done",
    "cover",
    "origin",
    "successor",
    "text",
    "by",
    "at",
    "url",
    "l:a",
    "l:",
    "m:b",
    "m:?",
    "k:i",
    "k:",
    "kl:l",
    "c:c",
    "u:u",
    "x",
    "todo",
    "done:",
    "a/b",
    "lost",
    "meta",
    "cards",
    "",
];

const TEXTS: [&str; 16] = [
    "",
    "V2todo/V.k3QzV",
    "W1todo/V.k3QzV",
    "V2/V.k3QzV",
    "V2todo/",
    "V2todo/???",
    "zzzzzzzzzzzz2x/V.k3QzV",
    "V2todo/V.k3QzV|Waaaaaa/x/V.k3QzV",
    "|",
    "2026-05-01",
    "2026-13-45",
    "card",
    "column",
    "todo",
    "日本語🙂",
    "team2@00",
];

/// What to put where; everything is an index, so that what fails gets smaller by shrinking.
#[derive(Debug, Clone)]
struct Write {
    replica: usize,
    path: Vec<usize>,
    key: usize,
    what: usize,
    text: usize,
}

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let write = (
        0..2_usize,
        prop::collection::vec(0..64_usize, 0..4),
        0..64_usize,
        0..16_usize,
        0..64_usize,
    )
        .prop_map(|(replica, path, key, what, text)| Write { replica, path, key, what, text });
    prop::collection::vec(write, 1..60)
}

/// The object that a path leads to, as far as there are objects on the way.
fn object_at(document: &Automerge, path: &[usize]) -> ObjId {
    let mut object = ROOT;
    for step in path {
        let children: Vec<ObjId> = document
            .map_range(&object, ..)
            .filter(|item| item.value.clone().into_value().is_object())
            .map(|item| item.id())
            .collect();
        match children.get(step % (children.len() + 1)) {
            Some(child) => object = child.clone(),
            None => break,
        }
    }
    object
}

fn carry_out(document: &mut Automerge, write: &Write) {
    let object = object_at(document, &write.path);
    let key = match write.path.is_empty() {
        true => MAPS[write.key % MAPS.len()],
        false => KEYS[write.key % KEYS.len()],
    };
    let text = TEXTS[write.text % TEXTS.len()];
    // Refused writes (a key in a text, say) are no writes.
    let _ = document.transact::<_, _, automerge::AutomergeError>(|tx| {
        match write.what {
            0 => drop(tx.put_object(&object, key, ObjType::Map)?),
            1 => drop(tx.put_object(&object, key, ObjType::List)?),
            2 => {
                let made = tx.put_object(&object, key, ObjType::Text)?;
                tx.splice_text(&made, 0, 0, text)?;
            }
            3 => tx.put(&object, key, ScalarValue::Null)?,
            4 => tx.put(&object, key, true)?,
            5 => tx.put(&object, key, false)?,
            6 => tx.put(&object, key, -1_i64)?,
            7 => tx.put(&object, key, u64::MAX)?,
            8 => tx.put(&object, key, f64::NAN)?,
            9 => tx.put(&object, key, ScalarValue::Bytes(vec![0, 255]))?,
            10 => tx.put(&object, key, ScalarValue::Timestamp(i64::MIN))?,
            11 => tx.put(&object, key, ScalarValue::counter(1))?,
            12 => tx.delete(&object, key)?,
            _ => tx.put(&object, key, text)?,
        }
        Ok(())
    });
}

fn start() -> Vec<u8> {
    let replica = Replica::new(ActorId::from([1; 16]));
    let mut board = Board::create(replica, BoardId::parse("b").unwrap(), "B", NOW);
    for command in [
        r#"{"type":"createColumn","column":"todo","name":"To do","at":"last"}"#,
        r#"{"type":"createCard","card":"x","column":"todo","at":"last","title":"X","description":"d"}"#,
        r#"{"type":"addChecklist","card":"x","checklist":"l","name":"L"}"#,
        r#"{"type":"addItem","card":"x","checklist":"l","item":"i","text":"I","at":"last"}"#,
        r#"{"type":"addComment","card":"x","comment":"c","by":"b","text":"C"}"#,
        r#"{"type":"createLabel","label":"a","name":"A","colour":"red"}"#,
    ] {
        board.apply(&serde_json::from_str(command).unwrap(), NOW).unwrap();
    }
    board.save()
}

/// Everything that can be asked of a board, and what it answers.
fn look_at_everything(board: &Board) -> String {
    let view = board.view();
    let mut answers = vec![
        serde_json::to_string(&view).unwrap(),
        format!("{:?}", board.conflicts()),
        board.to_json(),
        board.to_csv(&CsvOptions::new()),
        board.to_markdown(&MarkdownOptions::new()),
        format!("{:?}", board.find(&Filter::new())),
        format!("{:?}", board.search("x")),
        format!("{:?}", board.counts(&Filter::new())),
        format!("{:?}", board.swimlanes(GroupBy::Label, &Filter::new())),
        format!("{:?}", board.swimlanes(GroupBy::Assignee, &Filter::new())),
    ];
    board.undoable();
    for card in board.cards() {
        answers.push(format!("{:?}", board.placement_choices(&card.id)));
        answers.push(format!("{:?}", board.deleted_parts(&card.id)));
        answers.push(format!("{:?}", board.conflicts_of_card(&card.id)));
        answers.push(format!("{:?}", board.provenance(&card.id)));
    }
    answers.extend(look_at_the_past(board));
    let replica = Replica::new(ActorId::from([51; 16]));
    let squashed = board.squash(replica, BoardId::parse("squashed").unwrap(), NOW).unwrap();
    assert_eq!(squashed.to_json(), board.to_json());
    assert_eq!(squashed.stragglers(board), Some(Vec::new()));
    answers.join("\n")
}

/// What is told of the changes, and a few of the moments between them.
fn look_at_the_past(board: &Board) -> Vec<String> {
    let mut answers = Vec::new();
    for activity in board.activities(&ActivityQuery::all()) {
        answers.extend(activity.deeds.iter().map(ToString::to_string));
    }
    let now = board.heads();
    answers.push(format!("{:?}", board.view_at(&board.heads_at(NOW))));
    let mut changes: Vec<_> = board.changes_since(&[]).iter().map(|change| change.hash()).collect();
    changes.sort();
    for change in changes.into_iter().step_by(20) {
        answers.push(format!("{:?}", board.view_at(&[change])));
        answers.push(format!("{:?}", board.difference(&[change], &now)));
        answers.push(format!("{:?}", board.difference(&now, &[change])));
    }
    answers
}

/// Commands on whatever is there; refusing is fine.
fn do_everything(board: &mut Board) {
    let card = board.cards().next().map(|card| card.id.to_string());
    let (card, column) = (card.unwrap_or_else(|| "x".into()), "todo");
    for command in [
        format!(r#"{{"type":"renameCard","card":"{card}","title":"Y"}}"#),
        format!(r#"{{"type":"setDescription","card":"{card}","text":"new text"}}"#),
        format!(r#"{{"type":"setDue","card":"{card}","due":"2026-05-01"}}"#),
        format!(
            r#"{{"type":"addItem","card":"{card}","checklist":"l","item":"new","text":"N","at":"last"}}"#
        ),
        format!(r#"{{"type":"setItemDone","card":"{card}","item":"i","done":true}}"#),
        format!(r#"{{"type":"moveItem","card":"{card}","item":"i","checklist":"l","to":"first"}}"#),
        format!(r#"{{"type":"setComment","card":"{card}","comment":"c","text":"changed"}}"#),
        r#"{"type":"renameLabel","label":"a","name":"B"}"#.to_owned(),
        r#"{"type":"setBoardDescription","text":"all of it"}"#.to_owned(),
        format!(r#"{{"type":"moveCard","card":"{card}","column":"{column}","to":"first"}}"#),
        format!(r#"{{"type":"sortCards","column":"{column}","by":"due"}}"#),
        format!(r#"{{"type":"archiveCard","card":"{card}"}}"#),
        format!(r#"{{"type":"deleteCard","card":"{card}"}}"#),
        format!(r#"{{"type":"restoreCard","card":"{card}"}}"#),
        format!(r#"{{"type":"deleteColumn","column":"{column}","cards":"delete"}}"#),
    ] {
        let command: Command = serde_json::from_str(&command).unwrap();
        let _ = board.apply(&command, NOW);
        let _ = board.undo(NOW);
        let _ = board.redo(NOW);
    }
    decide_everything(board);
    go_back(board);
    let purge = format!(r#"{{"type":"purgeCard","card":"{card}"}}"#);
    for command in [
        format!(r#"{{"type":"deleteCard","card":"{card}"}}"#),
        purge,
        format!(r#"{{"type":"purgeColumn","column":"{column}"}}"#),
    ] {
        let _ = board.apply(&serde_json::from_str(&command).unwrap(), NOW);
    }
}

/// Keeps or picks wherever there is a choice.
fn decide_everything(board: &mut Board) {
    for conflict in board.conflicts() {
        let commands = match conflict {
            Conflict::Field { field, choices, .. } => {
                let pick = |choice: FieldChoice| {
                    let (field, value) = (field.clone(), choice.value);
                    Command::PickField { field, value }
                };
                let picks = choices.into_iter().map(pick);
                let picks: Vec<Command> = picks.collect();
                picks.into_iter().chain([Command::KeepField { field }]).collect()
            }
            _ => Vec::new(),
        };
        for command in commands {
            let _ = board.apply(&command, NOW);
        }
    }
    let cards: Vec<CardId> = board.cards().map(|card| card.id.clone()).collect();
    for card in cards {
        let others = board.card(&card).unwrap().other_placements.clone();
        for placement in others {
            let _ = board.apply(&Command::PickCardPlacement { card: card.clone(), placement }, NOW);
        }
        let _ = board.apply(&Command::KeepCardPlacement { card: card.clone() }, NOW);
        let _ = board.apply(&Command::KeepCard { card }, NOW);
    }
}

/// Gives every card an earlier version back.
fn go_back(board: &mut Board) {
    let early = board.changes_since(&[]).get(5).map(|change| [change.hash()]).unwrap();
    let cards: Vec<CardId> = board.cards().map(|card| card.id.clone()).collect();
    for card in cards {
        let _ = board.revert_description(&card, &early, NOW);
        let _ = board.revert_card(&card, &early, NOW);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_document_has_a_view_the_same_on_every_replica(writes in writes()) {
        let bytes = start();
        let mut ours = Board::open(&bytes, Replica::new(ActorId::from([2; 16]))).unwrap();
        let mut documents = [1, 2].map(|number| {
            let document = Automerge::load(&bytes).unwrap();
            document.with_actor(ActorId::from([10 + number; 16]))
        });
        for write in &writes {
            carry_out(&mut documents[write.replica], write);
        }
        for document in &documents {
            // Another board's id is refused; everything else is applied.
            let _ = ours.receive(document.get_changes(&ours.heads()));
            look_at_everything(&ours);
        }
        let [mut merged, other] = documents;
        merged.merge(&mut other.clone()).unwrap();
        let opened = Board::open(&merged.save(), Replica::new(ActorId::from([3; 16])));
        if let Ok(mut opened) = opened {
            let seen = look_at_everything(&opened);
            if opened.heads() == ours.heads() {
                prop_assert_eq!(opened.view(), ours.view());
                prop_assert_eq!(seen, look_at_everything(&ours));
            }
            do_everything(&mut opened);
            let again = Board::open(&opened.save(), Replica::new(ActorId::from([4; 16]))).unwrap();
            prop_assert_eq!(again.view(), opened.view());
            prop_assert_eq!(look_at_everything(&again), look_at_everything(&opened));
        }
    }
}
