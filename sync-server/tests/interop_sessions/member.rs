//! Whoever takes part in sessions: one interface for clients of four kinds.

use crate::common::{Network, OwnClient, repository};
use crate::edits::{Edit, fresh_document, json_of};
use crate::node::Node;
use automerge::{Automerge, ChangeHash, ReadDoc};
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use samod::{DocHandle, Repo};
use serde_json::{Value, json};
use std::time::Duration;
use sync_protocol::{DocumentId, DocumentUrl};
use tokio::time::timeout;

/// What somebody has of a document: its heads in order, and what is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub heads: Vec<String>,
    pub json: Value,
}

/// Somebody on the relay, and the one document that the session is about.
pub enum Member {
    /// automerge-repo in Node or in a browser.
    Node { node: Node, url: Option<String>, is_up: bool },
    /// samod.
    Samod { repo: Repo, network: Network, open: Option<Open> },
    /// The client of this project.
    Own { relay: String, name: String, client: Option<OwnClient>, is_up: bool },
}

/// A document in samod, and what is said about it.
pub struct Open {
    handle: DocHandle,
    heard: BoxStream<'static, Vec<u8>>,
}

impl From<DocHandle> for Open {
    fn from(handle: DocHandle) -> Self {
        let heard = handle.ephemera().boxed();
        Self { handle, heard }
    }
}

impl Member {
    pub async fn node(program: &str, relay: &str, name: &str) -> Self {
        let mut node = Node::start(program, name);
        node.ask("connect", json!({ "socketUrl": relay })).unwrap();
        Self::Node { node, url: None, is_up: true }
    }

    pub async fn samod(relay: &str) -> Self {
        let (repo, network) = repository(relay).await;
        Self::Samod { repo, network, open: None }
    }

    pub fn own(relay: &str, name: &str) -> Self {
        Self::Own { relay: relay.to_owned(), name: name.to_owned(), client: None, is_up: true }
    }

    pub fn name(&self) -> String {
        match self {
            Self::Node { node, .. } => node.name().to_owned(),
            Self::Samod { .. } => "samod".to_owned(),
            Self::Own { name, .. } => name.clone(),
        }
    }

    /// Makes the session's document. `number` is unique to the session.
    pub async fn creates(&mut self, number: u64) -> DocumentId {
        match self {
            Self::Node { node, url, .. } => {
                let created = node.ask("createFresh", json!({})).unwrap();
                let created = created.as_str().unwrap().to_owned();
                let document = DocumentUrl::parse(&created).unwrap().document;
                *url = Some(created);
                document
            }
            Self::Samod { repo, open, .. } => {
                let created = repo.create(fresh_document()).await.unwrap();
                let document = DocumentUrl::parse(&created.url().to_string()).unwrap().document;
                *open = Some(created.into());
                document
            }
            Self::Own { relay, name, client, .. } => {
                let mut id = [1; 16];
                id[..8].copy_from_slice(&number.to_be_bytes());
                let id = DocumentId::from_bytes(id);
                *client = Some(OwnClient::connect(relay, name, id, fresh_document()));
                id
            }
        }
    }

    /// Asks for the document, unless it is here. It may not be found, and arrive later.
    pub async fn finds(&mut self, document: DocumentId) {
        match self {
            Self::Node { node, url, .. } => {
                let found = url.get_or_insert_with(|| DocumentUrl::from(document).to_string());
                _ = node.ask("find", json!({ "url": found }));
            }
            Self::Samod { repo, open, .. } => {
                if open.is_none() {
                    let id = samod::DocumentId::try_from(document.as_bytes().to_vec()).unwrap();
                    // It waits as long as there is no connection.
                    let found = timeout(Duration::from_secs(2), repo.find(id)).await;
                    *open = found.ok().and_then(|found| found.unwrap()).map(Open::from);
                }
            }
            Self::Own { relay, name, client, is_up } => {
                if client.is_none() {
                    let new = OwnClient::connect(relay, name, document, Automerge::new());
                    if !*is_up {
                        new.goes_down();
                    }
                    *client = Some(new);
                }
            }
        }
    }

    /// Edits what is here; if nothing is, does nothing.
    pub async fn edits(&mut self, edits: Vec<Edit>) {
        if self.shows().await.is_none() {
            return;
        }
        match self {
            Self::Node { node, url, .. } => {
                let edits: Vec<_> = edits.iter().map(Edit::to_json).collect();
                node.ask("edit", json!({ "url": url, "edits": edits })).unwrap();
            }
            Self::Samod { open, .. } => open.as_ref().unwrap().handle.with_document(|document| {
                edits.iter().for_each(|edit| edit.apply(document));
            }),
            Self::Own { client, .. } => {
                let client = client.as_ref().unwrap();
                client
                    .with(move |document| edits.iter().for_each(|edit| edit.apply(document)))
                    .await;
            }
        }
    }

    /// What is here; nothing as long as the document is not.
    pub async fn shows(&mut self) -> Option<Shown> {
        match self {
            Self::Node { node, url, .. } => {
                let mut shown = node.ask("show", json!({ "url": url.as_ref()? })).unwrap();
                let heads = shown["heads"].as_array()?;
                let heads = heads.iter().map(|head| head.as_str().unwrap().to_owned()).collect();
                let json = serde_json::from_str(shown["json"].take().as_str()?).unwrap();
                Some(Shown { heads, json })
            }
            Self::Samod { open, .. } => {
                open.as_ref()?.handle.with_document(|document| shown(document))
            }
            Self::Own { client, .. } => client.as_ref()?.with(|document| shown(document)).await,
        }
    }

    /// Whether all of these changes are here.
    pub async fn has_all(&mut self, heads: &[String]) -> bool {
        let hashes: Vec<ChangeHash> = heads.iter().map(|head| head.parse().unwrap()).collect();
        match self {
            Self::Node { node, url, .. } => {
                url.is_some()
                    && node.ask("hasAll", json!({ "url": url, "heads": heads })).unwrap() == true
            }
            Self::Samod { open, .. } => open.as_ref().is_some_and(|open| {
                open.handle.with_document(|document| document.get_missing_deps(&hashes).is_empty())
            }),
            Self::Own { client, .. } => match client {
                Some(client) => {
                    client.with(move |document| document.get_missing_deps(&hashes).is_empty()).await
                }
                None => false,
            },
        }
    }

    /// Says something to whoever has the document open; if it is not here, does nothing. Says
    /// whether it did.
    pub async fn says(&mut self, text: &str) -> bool {
        if self.shows().await.is_none() {
            return false;
        }
        match self {
            Self::Node { node, url, .. } => {
                node.ask("broadcast", json!({ "url": url, "message": text })).unwrap();
                true
            }
            Self::Samod { open, .. } => {
                open.as_ref().unwrap().handle.broadcast(cbor(text));
                true
            }
            Self::Own { client, .. } => client.as_ref().unwrap().says(cbor(text)).await,
        }
    }

    /// What others have said since this was asked last.
    pub async fn hears(&mut self) -> Vec<String> {
        match self {
            Self::Node { node, url: Some(url), .. } => {
                let heard = node.ask("takeHeard", json!({ "url": url })).unwrap();
                serde_json::from_value(heard).unwrap()
            }
            Self::Samod { open: Some(open), .. } => {
                let heard = std::iter::from_fn(|| open.heard.next().now_or_never().flatten());
                heard.map(|said| text_of(&said)).collect()
            }
            Self::Own { client: Some(client), .. } => {
                client.hears().await.iter().map(|said| text_of(said)).collect()
            }
            _ => Vec::new(),
        }
    }

    pub async fn loses_connection(&mut self) {
        match self {
            Self::Node { node, .. } => {
                if node.ask("isConnected", json!({})).unwrap() == true {
                    node.ask("loseSocket", json!({})).unwrap();
                }
            }
            Self::Samod { network, .. } => network.loses_connection(),
            Self::Own { client, .. } => {
                client.as_ref().inspect(|client| client.loses_connection());
            }
        }
    }

    pub async fn goes_offline(&mut self) {
        match self {
            Self::Node { node, is_up, .. } => {
                // Its adapter, when it is about to dial again, does so offline too, and then has two
                // sockets, of which it syncs over neither.
                if *is_up && node.ask("isConnected", json!({})).unwrap() == true {
                    node.ask("disconnect", json!({})).unwrap();
                    *is_up = false;
                }
            }
            Self::Samod { network, .. } => network.goes_down(),
            Self::Own { client, is_up, .. } => {
                *is_up = false;
                client.as_ref().inspect(|client| client.goes_down());
            }
        }
    }

    pub async fn comes_back(&mut self) {
        match self {
            Self::Node { node, is_up, .. } => {
                if !std::mem::replace(is_up, true) {
                    node.ask("reconnect", json!({})).unwrap();
                }
            }
            Self::Samod { network, .. } => network.comes_up(),
            Self::Own { client, is_up, .. } => {
                *is_up = true;
                client.as_ref().inspect(|client| client.comes_up());
            }
        }
    }

    /// Does not wait for its back-off to end.
    pub fn hurries(&self) {
        if let Self::Own { client: Some(client), .. } = self {
            client.comes_up();
        }
    }

    /// Ends its part in the session.
    pub async fn forgets(&mut self) {
        match self {
            Self::Node { node, url, .. } => {
                if let Some(url) = url.take() {
                    node.ask("forget", json!({ "url": url })).unwrap();
                }
            }
            Self::Samod { open, .. } => *open = None,
            Self::Own { client, .. } => *client = None,
        }
    }
}

/// A text of less than 24 bytes as automerge-repo encodes it.
fn cbor(text: &str) -> Vec<u8> {
    assert!(text.len() < 24);
    [&[0x60 | text.len() as u8], text.as_bytes()].concat()
}

fn text_of(said: &[u8]) -> String {
    assert_eq!(usize::from(said[0] & !0x60), said.len() - 1, "one short text");
    String::from_utf8(said[1..].to_vec()).unwrap()
}

fn shown(document: &Automerge) -> Option<Shown> {
    let mut heads: Vec<_> = document.get_heads().iter().map(ToString::to_string).collect();
    heads.sort();
    (!heads.is_empty()).then(|| Shown { heads, json: json_of(document) })
}
