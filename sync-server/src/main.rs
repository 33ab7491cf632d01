//! The relay as a program.

use std::io::IsTerminal;
use std::process::ExitCode;
use sync_protocol::sentence;
use sync_server::config::{Config, LogFormat, Start, help, parse_with};
use sync_server::{REVISION, Server, VERSION};
use tracing_subscriber::EnvFilter;

/// How many documents are opened, checked or compacted at a time.
const BLOCKING_THREADS: usize = 8;

/// Automerge opens a span for each change that it reads, at the level of `info`, with parts of it: that
/// is nothing for a log, and was a quarter of a profile of taking in and checking 1,000 cards.
const QUIET: &str = "automerge=warn";

/// What shells report of a program that Ctrl-C ended.
const ENDED_AT_ONCE: i32 = 130;

fn main() -> ExitCode {
    let start = match parse_with(std::env::args_os().skip(1), |name| std::env::var_os(name)) {
        Ok(start) => start,
        Err(error) => return fail(&error),
    };
    let config = match start {
        Start::Serve(config) => config,
        Start::Run { command, data } => {
            let outcome = sync_server::commands::run(&command, &data);
            return match outcome.is_well {
                true => {
                    println!("{}", outcome.text);
                    ExitCode::SUCCESS
                }
                false => {
                    eprintln!("sync-server: {}", outcome.text);
                    ExitCode::FAILURE
                }
            };
        }
        Start::Help => {
            print!("{}", help());
            return ExitCode::SUCCESS;
        }
        Start::Version => {
            println!("sync-server {VERSION} ({REVISION})");
            return ExitCode::SUCCESS;
        }
    };
    start_logging(&config);
    // What blocks reads from one disk and computes: more threads would only wait, each with a stack.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = match runtime.enable_all().max_blocking_threads(BLOCKING_THREADS).build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let served = runtime.block_on(async {
        // Before anybody can know that the program is there: a signal that nobody listens to is lost,
        // or ends it in the middle of something.
        let signals = Signals::listen();
        let server = Server::open(&config).await?;
        // The one line on standard output: whoever starts the program waits for it.
        println!("sync-server listens on {}://{}", server.scheme(), server.address());
        server.run(interrupted(signals)).await
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn start_logging(config: &Config) {
    let colours = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(colours);
    // It was read before, with the other options.
    let log = log.with_env_filter(EnvFilter::new(format!("{},{QUIET}", config.log)));
    match config.log_format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    // Libraries that log this way, tungstenite first, write whole frames and requests below it: what
    // people wrote, and their tokens. Nothing that is built in may turn that on.
    log::set_max_level(log::LevelFilter::Info);
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("sync-server: {}", sentence(error));
    ExitCode::FAILURE
}

/// Waits for Ctrl-C, or for the polite signal of whatever supervises the program; a second one ends
/// the program at once.
async fn interrupted(mut signals: Signals) {
    signals.next().await;
    tracing::info!("stopping: storing what has arrived and saying goodbye");
    tokio::spawn(async move {
        signals.next().await;
        // What is acknowledged is on the disk; whoever asks again does not want to wait for more.
        std::process::exit(ENDED_AT_ONCE);
    });
}

/// The signals to end, of which none is missed from the beginning on. One that the system does not
/// let the program listen to ends it in the system's way.
#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        Self(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    async fn next(&mut self) {
        use std::task::Poll;
        std::future::poll_fn(|context| {
            let mut polls = self.0.iter_mut().map(|signal| signal.poll_recv(context));
            if polls.any(|poll| poll.is_ready()) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
