//! Boards that people made at random, together and apart, and what they show.

use crate::dice::Dice;
use kanban_core::*;
use serde_json::Value;
use std::str::FromStr;

const TEXTS: [&str; 10] = [
    "",
    "Write docs",
    "看板 ボード 칸반",
    "مهام اليوم",
    "👩🏽‍🚀 🏳️‍🌈",
    "two\nlines\r\n\ttabbed",
    "\"quoted\" \\ back",
    "\u{0}\u{7f}\u{202e}\u{2028}",
    "é é ﷽",
    " blank ",
];

/// Two people work on one board, apart and together.
pub fn random_board(dice: &mut Dice) -> Board {
    let replica = |salt: u8| Replica::new(ActorId::from([salt; 16]));
    let start = Timestamp::from_unix_seconds(1_700_000_000);
    let mut ana = Board::create(replica(1), BoardId::parse("random").unwrap(), text(dice), start);
    for (number, card) in ["c0", "c1", "c2", "c3", "c4", "c5"].into_iter().enumerate() {
        let column = ColumnId::parse(&format!("l{}", number % 3)).unwrap();
        let card = CardId::parse(card).unwrap();
        let (at, name) = (Slot::Last, text(dice).to_owned());
        let _ = ana.apply(&Command::CreateColumn { column: column.clone(), name, at }, start);
        let (title, description) = (text(dice).to_owned(), text(dice).to_owned());
        let create = Command::CreateCard { card, column, at: Slot::Last, title, description };
        ana.apply(&create, start).unwrap();
    }
    let mut ben = Board::open(&ana.save(), replica(2)).unwrap();
    for _ in 0..=dice.below(4) {
        for _ in 0..dice.below(80) {
            apply(&mut ana, dice);
            apply(&mut ben, dice);
        }
        ana.receive(ben.changes_since(&[])).unwrap();
        if dice.below(2) == 0 {
            ben.receive(ana.changes_since(&[])).unwrap();
        }
    }
    ana
}

/// Does one thing; what cannot be done now is not done.
fn apply(board: &mut Board, dice: &mut Dice) {
    let now = Timestamp::from_unix_seconds(1_700_000_000 + i64::try_from(dice.below(50)).unwrap());
    let command = random_command(dice);
    let _ = board.apply(&command, now);
}

fn text(dice: &mut Dice) -> &'static str {
    dice.one_of::<&str>(&TEXTS)
}

fn id<I: FromStr<Err = IdError>>(dice: &mut Dice, prefix: &str, count: usize) -> I {
    format!("{prefix}{}", dice.below(count)).parse().unwrap()
}

fn slot<I: FromStr<Err = IdError>>(dice: &mut Dice, prefix: &str, count: usize) -> Slot<I> {
    match dice.below(4) {
        0 => Slot::First,
        1 => Slot::Last,
        2 => Slot::Before(id(dice, prefix, count)),
        _ => Slot::After(id(dice, prefix, count)),
    }
}

fn date(dice: &mut Dice) -> Option<DateOrTime> {
    let dates =
        ["2026-05-01", "1969-12-31", "2026-05-01T17:00:00.123Z", "2026-05-01T17:00:00+02:00"];
    (dice.below(4) > 0).then(|| DateOrTime::parse(dice.one_of::<&str>(&dates)).unwrap())
}

fn random_command(dice: &mut Dice) -> Command {
    let mut name = text(dice).to_owned();
    let text = name.clone();
    if dice.below(200) == 0 {
        name = "🙂".repeat(TITLE_CHARS_MAX);
    }
    let column: ColumnId = id(dice, "l", 4);
    let card: CardId = id(dice, "c", 7);
    let checklist: ChecklistId = id(dice, "k", 2);
    let item: ItemId = id(dice, "i", 4);
    let comment: CommentId = id(dice, "o", 4);
    let link: LinkId = id(dice, "u", 4);
    let label: LabelId = id(dice, "b", 3);
    let member: MemberId = id(dice, "m", 3);
    let colour = (*dice.one_of::<&str>(&["", "red", "#00ff7f", "赤"])).to_owned();
    // Half of all things are done to the parts of cards, which are many.
    match dice.below(52).max(dice.below(2) * (37 + dice.below(15))) {
        0 => Command::RenameBoard { name },
        1 => Command::SetBoardDescription { text },
        2..=3 => Command::CreateLabel { label, name, colour },
        4 => Command::RenameLabel { label, name },
        5 => Command::DeleteLabel { label },
        6..=7 => Command::AddMember { member, name, colour },
        8 => Command::RemoveMember { member },
        9..=12 => Command::CreateColumn { column, name, at: slot(dice, "l", 4) },
        13 => Command::RenameColumn { column, name },
        14 => Command::MoveColumn { column, to: slot(dice, "l", 4) },
        15 => {
            let to = id(dice, "l", 4);
            let cards = dice.one_of(&[ColumnCards::Delete, ColumnCards::MoveTo(to)]).clone();
            Command::DeleteColumn { column, cards: Some(cards) }
        }
        16 => Command::RestoreColumn { column },
        17..=18 => Command::ArchiveColumn { column },
        19 => Command::UnarchiveColumn { column },
        20 => Command::SetWipLimit { column, limit: Some(3).filter(|_| dice.below(2) == 0) },
        21 => Command::SetColumnColour { column, colour: Some(colour) },
        22..=26 => Command::CreateCard {
            card,
            column,
            at: slot(dice, "c", 7),
            title: name,
            description: text,
        },
        27 => Command::RenameCard { card, title: name },
        28 => Command::SetDescription { card, text },
        29..=31 => Command::MoveCard { card, column, to: slot(dice, "c", 7) },
        32 => Command::DeleteCard { card },
        33 => Command::RestoreCard { card },
        34..=35 => Command::ArchiveCard { card },
        36 => Command::UnarchiveCard { card },
        37 => Command::AddLabel { card, label },
        38 => Command::Assign { card, member },
        39 => Command::SetStart { card, start: date(dice) },
        40 => Command::SetDue { card, due: date(dice) },
        41 => Command::SetDone { card, done: dice.below(2) == 0 },
        42 => Command::SetCover { card, cover: Some(colour) },
        43 => Command::AddChecklist { card, checklist, name },
        44 => Command::MoveChecklist { card, checklist, to: slot(dice, "k", 2) },
        45 => Command::DeleteChecklist { card, checklist },
        46..=47 => Command::AddItem { card, checklist, item, text, at: slot(dice, "i", 4) },
        48 => Command::SetItemDone { card, item, done: true },
        49 => Command::MoveItem { card, item, checklist, to: slot(dice, "i", 4) },
        50 => Command::AddComment { card, comment, by: member, text },
        _ => Command::AttachLink { card, link, url: name, name: text },
    }
}

/// What a board shows, but for what its text does not carry: ids and keys of its history,
/// concurrent values, the trash; deleted columns that still hold cards count as what is shown.
pub fn shown(board: &Board) -> Value {
    let view = board.view();
    let mut value = serde_json::to_value(&view).unwrap();
    let cards = value["archivedCards"].as_array().cloned().unwrap_or_default();
    let holds = |column: &Value| cards.iter().any(|card| card["column"] == column["id"]);
    let deleted = value["deletedColumns"].take();
    let held: Vec<Value> =
        deleted.as_array().unwrap().iter().filter(|column| holds(column)).cloned().collect();
    let archived = value["archivedColumns"].as_array_mut().unwrap();
    archived.extend(held);
    for column in archived.iter_mut() {
        column["life"] = "archived".into();
    }
    archived.sort_by_key(|column| column["id"].to_string());
    for column in value["columns"].as_array_mut().unwrap() {
        if column["life"] == "deleted" {
            column["life"] = "onBoard".into();
            column["recovered"] = false.into();
        }
    }
    // The board's own id; things inside keep theirs.
    value["id"].take();
    value["deletedCards"].take();
    forget(&mut value);
    value
}

fn forget(value: &mut Value) {
    const OF_THE_HISTORY: [&str; 8] = [
        "position",
        "otherNames",
        "otherTitles",
        "otherPlacements",
        "otherPositions",
        "conflictedFields",
        "deletedConcurrently",
        "deletedParts",
    ];
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| !OF_THE_HISTORY.contains(&&**key));
            fields.values_mut().for_each(forget);
        }
        Value::Array(entries) => entries.iter_mut().for_each(forget),
        _ => {}
    }
}
