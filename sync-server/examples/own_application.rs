//! The relay inside an axum application with routes and rules of its own.
//!
//! ```sh
//! cargo run -p kanban-sync-server --example own_application
//! ```
//!
//! Clients connect to `ws://127.0.0.1:3031/boards/sync?token=letmein`; with another token they may
//! read and not write; without one they are refused, in words.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use axum::serve::ListenerExt;
use std::error::Error;
use std::path::Path;
use sync_server::store::SledStore;
use sync_server::{Access, Denied, Grant, Server};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args_os().nth(1).unwrap_or_else(|| "boards".into());
    let relay = Server::builder()
        .store(SledStore::open(Path::new(&directory))?)
        .authorize(|request| async move {
            let query = request.uri.query().unwrap_or_default();
            let token = query.split('&').find_map(|pair| pair.strip_prefix("token="));
            match token {
                Some("letmein") => Ok(Grant::all(Access::ReadWrite)),
                Some(_) => Ok(Grant::all(Access::ReadOnly)),
                None => Err(Denied::Unknown("add ?token=… to the address".to_owned())),
            }
        })
        .build();

    let application = Router::new()
        .route("/", get(|| async { Html("<h1>Our own page</h1>") }))
        .nest("/boards", relay.router());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3031").await?;
    println!("listening on http://127.0.0.1:3031; Ctrl-C ends it");
    // A change is a small frame that somebody waits for.
    let listener = listener.tap_io(|socket| _ = socket.set_nodelay(true));
    let serving = tokio::spawn(axum::serve(listener, application).into_future());
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => stopped?,
        how = relay.failed() => eprintln!("the store failed: {how}"),
    }
    // Stores and acknowledges what has arrived before the sockets go.
    relay.drain().await;
    serving.abort();
    Ok(())
}
