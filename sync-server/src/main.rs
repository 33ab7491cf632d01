//! The relay as a program.

use std::io::IsTerminal;
use std::process::ExitCode;
use sync_protocol::sentence;
use sync_server::Server;
use sync_server::config::{HELP, Start, parse};

/// How many documents are opened, checked or compacted at a time.
const BLOCKING_THREADS: usize = 8;

fn main() -> ExitCode {
    let start = match parse(std::env::args_os().skip(1)) {
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
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Start::Version => {
            println!("sync-server {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
    };
    let colours = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(colours);
    log.with_target(false).init();
    // What blocks reads from one disk and computes: more threads would only wait, each with a stack.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = match runtime.enable_all().max_blocking_threads(BLOCKING_THREADS).build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let served = runtime.block_on(async {
        let server = Server::open(&config).await?;
        // The one line on standard output: whoever starts the program waits for it.
        println!("sync-server listens on http://{}", server.address());
        server.run(interrupted()).await
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("sync-server: {}", sentence(error));
    ExitCode::FAILURE
}

/// Waits for Ctrl-C, or for the polite signal of whatever supervises the program.
async fn interrupted() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
    }
    tracing::info!("stopping: storing what has arrived and saying goodbye");
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => _ = signal.recv().await,
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
