//! A board in the shell: it works offline on a file, and syncs when the relay is there.
//!
//! ```sh
//! cargo run --example terminal_client -- new Release
//! cargo run --example terminal_client -- add "To do" Write the docs
//! cargo run --example terminal_client -- move write doing
//! cargo run --example terminal_client -- url      # for somebody else's `join`
//! ```

mod arguments;
mod names;
mod news;
mod session;
mod show;

use arguments::{Arguments, HELP, Task, parse};
use session::Session;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use sync_protocol::sentence;

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
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", sentence(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(Arguments { file, relay, task }: Arguments) -> Result<(), Box<dyn Error>> {
    let session = match &task {
        Task::Help => return say(HELP),
        Task::New { name, columns } => Session::create(&file, &relay, name, columns)?,
        Task::Join { document } => Session::join(&file, &relay, *document)?,
        _ => Session::open(&file, &relay)?,
    };
    match task {
        Task::Help => {}
        Task::Url => say(&session.url())?,
        Task::New { .. } => say(&format!("{}\n{}", session.url(), session.sync().await))?,
        Task::Join { .. } | Task::List => say(&session.list().await?)?,
        Task::Watch => session.watch(say).await?,
        Task::Sync => {
            let report = session.sync().await;
            session.board(|_| ()).await?;
            say(&report)?;
        }
        Task::Move { card, column, to } => {
            say(&session.change(|board| names::moving(board, &card, &column, &to)).await?)?;
        }
        Task::Add { column, title } => {
            say(&session.change(|board| names::adding(board, &column, &title)).await?)?;
        }
        Task::Rename { card, title } => {
            say(&session.change(|board| names::renaming(board, &card, &title)).await?)?;
        }
    }
    session.close().await
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
