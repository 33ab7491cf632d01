//! What was typed.

use lexopt::prelude::*;
use std::ffi::OsString;
use std::path::PathBuf;
use sync_protocol::{DocumentId, DocumentUrl};

pub const HELP: &str = "\
A board in the shell. It works offline on a file, and syncs when the relay is there.

terminal_client [--file board.kanban | --board automerge:…] [--relay ws://127.0.0.1:3030/sync] COMMAND

  new NAME [--columns \"To do,Doing,Done\"]   make a board
  join automerge:…                          get somebody else's board
  url                                       the address for somebody else's `join`
  list                                      show the board
  watch                                     show what changes, until Ctrl-C
  add COLUMN TITLE                          add a card
  move CARD COLUMN [first|last|before CARD|after CARD]
  rename CARD TITLE
  sync                                      exchange changes with the relay

  --board automerge:…   the relay's board itself, without a file: for scripts and CI
  --token-file FILE     says who you are at a relay with accounts; or KANBAN_TOKEN in the environment.
                        Not an argument: others on the machine see those
  --name NAME           the name of your account, to sign changes with; or KANBAN_NAME, or USER
  --json                answers for programs; of watch, a line for each event

A card is named by the start of its title or of its id, a column by its name.

Ends with 0 if it is done and the relay has it, 1 if it failed, 2 if it was not understood, and 3 if it is
done in the file and the relay does not have it yet: any later command, or sync, sends it.";

#[derive(Debug, PartialEq)]
pub struct Arguments {
    pub place: Kept,
    pub relay: String,
    pub token_file: Option<PathBuf>,
    pub name: Option<String>,
    pub is_json: bool,
    pub task: Task,
}

/// Where the board is.
#[derive(Debug, PartialEq)]
pub enum Kept {
    /// In a file, and at the relay when that is there.
    File(PathBuf),
    /// At the relay only.
    Relay(DocumentId),
}

#[derive(Debug, PartialEq)]
pub enum Task {
    New { name: String, columns: Vec<String> },
    Join { document: DocumentId },
    List,
    Watch,
    Move { card: String, column: String, to: Place },
    Add { column: String, title: String },
    Rename { card: String, title: String },
    Sync,
    Url,
    Help,
}

/// A place in a column, with the neighbour as it was typed.
#[derive(Debug, PartialEq)]
pub enum Place {
    First,
    Last,
    Before(String),
    After(String),
}

pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, lexopt::Error> {
    let mut parser = lexopt::Parser::from_iter(arguments);
    let (mut file, mut board) = (None, None);
    let (mut token_file, mut name, mut is_json) = (None, None, false);
    let mut relay = "ws://127.0.0.1:3030/sync".to_owned();
    let mut columns = "To do,Doing,Done".to_owned();
    let mut words = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("file") => file = Some(PathBuf::from(parser.value()?)),
            Long("board") => board = Some(document(&parser.value()?.string()?)?),
            Long("token-file") => token_file = Some(parser.value()?.into()),
            Long("name") => name = Some(parser.value()?.string()?),
            Long("json") => is_json = true,
            Long("relay") => relay = parser.value()?.string()?,
            Long("columns") => columns = parser.value()?.string()?,
            Long("help") | Short('h') => words = vec!["help".to_owned()],
            Value(word) => words.push(word.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let columns = columns.split(',').map(str::trim).filter(|name| !name.is_empty());
    let is_help = words.first().is_some_and(|word| word == "help");
    let task = match is_help {
        true => Task::Help,
        false => task(&words, columns.map(str::to_owned).collect())?,
    };
    let place = match (file, board) {
        (Some(_), Some(_)) => return Err("a board is in a --file or a --board of the relay".into()),
        (None, Some(board)) => Kept::Relay(board),
        (file, None) => Kept::File(file.unwrap_or_else(|| "board.kanban".into())),
    };
    if matches!((&place, &task), (Kept::Relay(_), Task::New { .. } | Task::Join { .. })) {
        return Err("`new` and `join` make a file: say --file, or nothing".into());
    }
    Ok(Arguments { place, relay, token_file, name, is_json, task })
}

fn document(url: &str) -> Result<DocumentId, String> {
    Ok(DocumentUrl::parse(url).map_err(|error| error.to_string())?.document)
}

fn task(words: &[String], columns: Vec<String>) -> Result<Task, lexopt::Error> {
    let Some((command, rest)) = words.split_first() else {
        return Ok(Task::Help);
    };
    let task = match (command.as_str(), rest) {
        ("new", [name]) => Task::New { name: name.clone(), columns },
        ("join", [url]) => Task::Join { document: document(url)? },
        ("list", []) => Task::List,
        ("watch", []) => Task::Watch,
        ("sync", []) => Task::Sync,
        ("url", []) => Task::Url,
        ("add", [column, title @ ..]) if !title.is_empty() => {
            Task::Add { column: column.clone(), title: title.join(" ") }
        }
        ("rename", [card, title @ ..]) if !title.is_empty() => {
            Task::Rename { card: card.clone(), title: title.join(" ") }
        }
        ("move", [card, column, to @ ..]) => {
            Task::Move { card: card.clone(), column: column.clone(), to: place(to)? }
        }
        ("new" | "join" | "list" | "watch" | "sync" | "url" | "add" | "rename" | "move", _) => {
            return Err(format!("`{command}` is missing something, or has too much").into());
        }
        _ => return Err(format!("there is no command `{command}`").into()),
    };
    Ok(task)
}

fn place(words: &[String]) -> Result<Place, lexopt::Error> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] | ["last"] => Ok(Place::Last),
        ["first"] => Ok(Place::First),
        ["before", card] => Ok(Place::Before(card.to_owned())),
        ["after", card] => Ok(Place::After(card.to_owned())),
        _ => Err(format!("`{}` is no place in a column", words.join(" ")).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &[&str]) -> Result<Arguments, String> {
        let line = ["terminal_client"].iter().chain(line).map(OsString::from);
        parse(line).map_err(|error| error.to_string())
    }

    fn task_of(line: &[&str]) -> Task {
        parsed(line).unwrap().task
    }

    #[test]
    fn every_command_is_understood() {
        let columns = ["To do", "Done"].map(str::to_owned).to_vec();
        let new = Task::New { name: "Release".into(), columns };
        assert_eq!(task_of(&["new", "Release", "--columns", "To do, Done,"]), new);
        let document = DocumentId::from_bytes([7; 16]);
        let url = DocumentUrl::from(document).to_string();
        assert_eq!(task_of(&["join", &url]), Task::Join { document });
        assert_eq!(task_of(&["list"]), Task::List);
        let (column, title) = ("To do".to_owned(), "Write the docs".to_owned());
        assert_eq!(
            task_of(&["add", "To do", "Write", "the", "docs"]),
            Task::Add { column, title: title.clone() }
        );
        let card = "x".to_owned();
        assert_eq!(task_of(&["rename", "x", "Write the docs"]), Task::Rename { card, title });
        assert_eq!(task_of(&[]), Task::Help);
        assert_eq!(task_of(&["list", "--help"]), Task::Help);
    }

    #[test]
    fn a_card_goes_to_the_end_of_a_column_unless_a_place_is_named() {
        let places: [(&[&str], Place); 5] = [
            (&[], Place::Last),
            (&["last"], Place::Last),
            (&["first"], Place::First),
            (&["before", "b"], Place::Before("b".into())),
            (&["after", "b"], Place::After("b".into())),
        ];
        for (words, to) in places {
            let moving = Task::Move { card: "a".into(), column: "done".into(), to };
            assert_eq!(task_of(&[&["move", "a", "done"], words].concat()), moving);
        }
    }

    #[test]
    fn the_file_and_the_relay_may_be_named_anywhere() {
        let arguments =
            parsed(&["list", "--file", "team.kanban", "--relay=ws://relay/sync"]).unwrap();
        assert_eq!(arguments.place, Kept::File("team.kanban".into()));
        assert_eq!(arguments.relay, "ws://relay/sync");
    }

    #[test]
    fn a_script_names_the_relay_s_board_itself_and_asks_for_json() {
        let document = DocumentId::from_bytes([7; 16]);
        let url = DocumentUrl::from(document).to_string();
        let line = ["--board", &url, "--token-file", "token", "--name", "ci", "list", "--json"];
        let arguments = parsed(&line).unwrap();
        assert_eq!((arguments.place, arguments.is_json), (Kept::Relay(document), true));
        assert_eq!(arguments.token_file, Some(PathBuf::from("token")));
        assert_eq!(arguments.name.as_deref(), Some("ci"));
        let made = parsed(&["--board", &url, "new", "Release"]);
        assert_eq!(made.unwrap_err(), "`new` and `join` make a file: say --file, or nothing");
        let both = parsed(&["--board", &url, "--file", "x", "list"]);
        assert_eq!(both.unwrap_err(), "a board is in a --file or a --board of the relay");
    }

    #[test]
    fn what_makes_no_sense_is_said_in_a_sentence() {
        let errors: [(&[&str], &str); 6] = [
            (&["fly"], "there is no command `fly`"),
            (&["add", "To do"], "`add` is missing something, or has too much"),
            (&["list", "all"], "`list` is missing something, or has too much"),
            (&["move", "a", "done", "under", "b"], "`under b` is no place in a column"),
            (&["join", "https://x"], "a document's address starts with `automerge:`"),
            (&["list", "--verbose"], "invalid option '--verbose'"),
        ];
        for (line, sentence) in errors {
            assert_eq!(parsed(line).unwrap_err(), sentence);
        }
    }
}
