//! A board in the shell: it works offline on a file, and syncs when the relay is there.
//!
//! ```sh
//! cargo run --example terminal_client -- new Release
//! cargo run --example terminal_client -- add "To do" Write the docs
//! cargo run --example terminal_client -- move write doing
//! cargo run --example terminal_client -- url      # for somebody else's `join`
//! ```
//!
//! A script works on the relay's board itself, as `docs/automation.md` shows.

mod arguments;
mod names;
mod news;
mod session;
mod show;

use arguments::{Arguments, HELP, Kept, Task, parse};
use serde_json::json;
use session::{Me, Outcome, Session};
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use sync_protocol::sentence;

/// It is done in the file, and the relay does not have it yet.
const NOT_SAVED: u8 = 3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("{error}; --help says what can be done");
            return ExitCode::from(2);
        }
    };
    match run(arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(NOT_SAVED),
        Err(error) => {
            eprintln!("{}", sentence(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Whether the relay has all of it, if something was changed.
async fn run(arguments: Arguments) -> Result<bool, Box<dyn Error>> {
    let me = Me::new(&arguments)?;
    let Arguments { place, task, is_json, .. } = arguments;
    let session = match (&task, &place) {
        (Task::Help, _) => return say(HELP).map(|()| true),
        (_, Kept::Relay(document)) => Session::visit(&me, *document)?,
        (Task::New { name, columns }, Kept::File(file)) => {
            Session::create(file, &me, name, columns)?
        }
        (Task::Join { document }, Kept::File(file)) => Session::join(file, &me, *document)?,
        (_, Kept::File(file)) => Session::open(file, &me)?,
    };
    let is_saved = carry_out(&session, task, is_json).await?;
    session.close().await?;
    Ok(is_saved)
}

async fn carry_out(session: &Session, task: Task, is_json: bool) -> Result<bool, Box<dyn Error>> {
    let changed = match task {
        Task::Help => return Ok(true),
        Task::Url => return say(&session.url()).map(|()| true),
        Task::New { .. } => {
            // Whoever has just made a board can use it, with the relay or without.
            let Outcome { is_saved, report } = session.sync().await;
            match is_json {
                true => say(&json!({ "url": session.url(), "saved": is_saved }).to_string())?,
                false => say(&format!("{}\n{report}", session.url()))?,
            }
            return Ok(true);
        }
        Task::Join { .. } | Task::List if is_json => {
            say(&session.board(|board| json!(board.view()).to_string()).await?)?;
            return Ok(true);
        }
        Task::Join { .. } | Task::List => return say(&session.list().await?).map(|()| true),
        Task::Watch if is_json => return session.watch_as_json(say).await.map(|()| true),
        Task::Watch => return session.watch(say).await.map(|()| true),
        Task::Sync => {
            let outcome = session.sync().await;
            session.board(|_| ()).await?;
            (None, outcome)
        }
        Task::Move { card, column, to } => {
            session.change(|board| names::moving(board, &card, &column, &to)).await?
        }
        Task::Add { column, title } => {
            session.change(|board| names::adding(board, &column, &title)).await?
        }
        Task::Rename { card, title } => {
            session.change(|board| names::renaming(board, &card, &title)).await?
        }
    };
    let (card, Outcome { is_saved, report }) = changed;
    match is_json {
        true => say(&json!({ "card": card, "saved": is_saved, "report": report }).to_string())?,
        false => say(&report)?,
    }
    Ok(is_saved)
}

/// Prints lines. A closed pipe (`| head`) ends the program without a complaint.
fn say(text: &str) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let said = writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush());
    match said {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        said => Ok(said?),
    }
}
