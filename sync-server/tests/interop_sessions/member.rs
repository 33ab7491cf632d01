//! Whoever takes part in sessions: one interface for clients of four kinds.

use crate::common::{Network, OwnClient, repository};
use crate::edits::{Edit, fresh_document, json_of};
use crate::node::Node;
use automerge::Automerge;
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
    Samod { repo: Repo, network: Network, handle: Option<DocHandle> },
    /// The client of this project.
    Own { relay: String, name: String, client: Option<OwnClient>, is_up: bool },
}

impl Member {
    pub async fn node(program: &str, relay: &str, name: &str) -> Self {
        let mut node = Node::start(program, name);
        node.ask("connect", json!({ "socketUrl": relay })).unwrap();
        Self::Node { node, url: None, is_up: true }
    }

    pub async fn samod(relay: &str) -> Self {
        let (repo, network) = repository(relay).await;
        Self::Samod { repo, network, handle: None }
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
            Self::Samod { repo, handle, .. } => {
                let created = repo.create(fresh_document()).await.unwrap();
                let document = DocumentUrl::parse(&created.url().to_string()).unwrap().document;
                *handle = Some(created);
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
            Self::Samod { repo, handle, .. } => {
                if handle.is_none() {
                    let id = samod::DocumentId::try_from(document.as_bytes().to_vec()).unwrap();
                    // It waits as long as there is no connection.
                    let found = timeout(Duration::from_secs(2), repo.find(id)).await;
                    *handle = found.ok().and_then(|found| found.unwrap());
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
            Self::Samod { handle, .. } => handle.as_ref().unwrap().with_document(|document| {
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
            Self::Samod { handle, .. } => {
                handle.as_ref()?.with_document(|document| shown(document))
            }
            Self::Own { client, .. } => client.as_ref()?.with(|document| shown(document)).await,
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
            Self::Samod { handle, .. } => *handle = None,
            Self::Own { client, .. } => *client = None,
        }
    }
}

fn shown(document: &Automerge) -> Option<Shown> {
    let mut heads: Vec<_> = document.get_heads().iter().map(ToString::to_string).collect();
    heads.sort();
    (!heads.is_empty()).then(|| Shown { heads, json: json_of(document) })
}
