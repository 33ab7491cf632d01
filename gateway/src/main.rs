//! The gateway as a program.

mod program;

use program::Gateway;
use program::config::{Start, parse};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use sync_protocol::sentence;
use tracing_subscriber::EnvFilter;

/// Automerge opens a span for each change that it reads: that is nothing for a log.
const QUIET: &str = "automerge=warn";

fn main() -> ExitCode {
    let config = match parse(std::env::args_os().skip(1), |name| std::env::var_os(name)) {
        Ok(Start::Serve(config)) => config,
        Ok(Start::Say(text)) => return say(&text),
        Err(error) => return fail(&error, 2),
    };
    let colours = std::io::stderr().is_terminal();
    let filter = EnvFilter::new(format!("{},{QUIET}", config.log));
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        .with_target(false)
        .with_env_filter(filter)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&sentence(&error), 1),
    };
    let served = runtime.block_on(async {
        // Before anybody can know that the program is there.
        let stopped = stopped();
        let gateway = Gateway::open(&config).await?;
        // The one line on standard output: whoever starts the program waits for it.
        say(&format!("kanban-gateway listens on http://{}\n", gateway.address()));
        gateway.run(stopped).await;
        Ok::<(), Box<dyn std::error::Error>>(())
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&sentence(&*error), 1),
    }
}

fn say(text: &str) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(error: &str, code: u8) -> ExitCode {
    eprintln!("kanban-gateway: {error}");
    ExitCode::from(code)
}

/// Ends with Ctrl-C, or with the polite signal of whatever supervises the program. Signals are listened
/// to from the call on, not from the first poll.
#[cfg(unix)]
fn stopped() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
    let mut signals: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    std::future::poll_fn(move |context| {
        let mut polls = signals.iter_mut().map(|signal| signal.poll_recv(context));
        match polls.any(|poll| poll.is_ready()) {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
}

#[cfg(not(unix))]
async fn stopped() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
