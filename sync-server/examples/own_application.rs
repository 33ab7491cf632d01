//! The relay inside an axum application with routes and rules of its own.
//!
//! ```sh
//! cargo run -p kanban-sync-server --example own_application -- --data boards
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
use sync_server::{Access, Denied, Grant, Origins, Server};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let data = option("--data").unwrap_or_else(|| "boards".to_owned());
    let relay = Server::builder()
        .store(SledStore::open(Path::new(&data))?)
        .authorize(|request| async move {
            let query = request.uri.query().unwrap_or_default();
            let token = query.split('&').find_map(|pair| pair.strip_prefix("token="));
            match token {
                Some("letmein") => Ok(Grant::all(Access::ReadWrite)),
                Some(_) => Ok(Grant::all(Access::ReadOnly)),
                None => Err(Denied::Unknown("add ?token=… to the address".to_owned())),
            }
        })
        // No browser sends this token by itself, so pages of any site may connect.
        .origins(Origins::All)
        .build();

    let application = Router::new()
        .route("/", get(|| async { Html("<h1>Our own page</h1>") }))
        .nest("/boards", relay.router());
    let address = option("--listen").unwrap_or_else(|| "127.0.0.1:3031".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    // A change is a small frame that somebody waits for.
    let listener = listener.tap_io(|socket| _ = socket.set_nodelay(true));
    let serving = tokio::spawn(axum::serve(listener, application).into_future());
    let says_where = async {
        println!("own_application listens on http://{address}");
        std::future::pending::<()>().await;
    };
    tokio::select! {
        // In this order: whoever has read the line may ask the program to end.
        biased;
        stopped = tokio::signal::ctrl_c() => stopped?,
        how = relay.failed() => eprintln!("the store failed: {how}"),
        () = says_where => {}
    }
    // Stores and acknowledges what has arrived before the sockets go.
    relay.drain().await;
    serving.abort();
    Ok(())
}

/// The value after `name` on the command line.
fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}
