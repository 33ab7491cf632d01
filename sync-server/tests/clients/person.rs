//! Somebody with one document, in samod or in the client of this project.

use crate::common::{Network, OwnClient, Traffic, repository};
use automerge::transaction::Transactable;
use automerge::{AutoSerde, Automerge, ChangeHash, ROOT, ReadDoc};
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use samod::{DocHandle, Repo};
use serde_json::Value;
use std::time::Duration;
use sync_protocol::{DocumentId, DocumentUrl};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Samod,
    Own,
}

pub enum Person {
    Samod { repo: Repo, network: Network, handle: DocHandle, heard: BoxStream<'static, Vec<u8>> },
    Own(OwnClient),
}

impl Person {
    /// Connects, and brings a document in which each key has a value.
    pub async fn creates(kind: Kind, url: &str, keys: &[&str]) -> (Self, DocumentId) {
        let mut document = Automerge::new();
        keys.iter().for_each(|key| put(&mut document, key, "1"));
        match kind {
            Kind::Samod => {
                let (repo, network) = repository(url).await;
                let handle = repo.create(document).await.unwrap();
                let id = DocumentUrl::parse(&handle.url().to_string()).unwrap().document;
                (Self::samod(repo, network, handle), id)
            }
            Kind::Own => {
                let id = DocumentId::from_bytes([3; 16]);
                (Self::Own(OwnClient::connect(url, "who created it", id, document)), id)
            }
        }
    }

    /// Connects, and asks for a document until it is there.
    pub async fn finds(kind: Kind, url: &str, id: DocumentId) -> Self {
        match kind {
            Kind::Samod => {
                let (repo, network) = repository(url).await;
                let samod_id = samod::DocumentId::try_from(id.as_bytes().to_vec()).unwrap();
                let found = async {
                    loop {
                        if let Some(found) = repo.find(samod_id.clone()).await.unwrap() {
                            return found;
                        }
                        // Each question goes to the relay and back, or to a repository that dials.
                        tokio::task::yield_now().await;
                    }
                };
                let handle = timeout(PATIENCE, found).await.expect("the document is found");
                Self::samod(repo, network, handle)
            }
            Kind::Own => {
                let client = OwnClient::connect(url, "who looked for it", id, Automerge::new());
                client.waits(|document, _| !document.get_heads().is_empty()).await;
                Self::Own(client)
            }
        }
    }

    fn samod(repo: Repo, network: Network, handle: DocHandle) -> Self {
        let heard = handle.ephemera().boxed();
        Self::Samod { repo, network, handle, heard }
    }

    /// Makes one change.
    pub async fn edits(&self, key: &str, value: &str) {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.with(move |document| put(document, &key, &value)).await;
    }

    /// Looks at the document, or edits it.
    pub async fn with<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Automerge) -> T + Send + 'static,
    ) -> T {
        match self {
            Self::Samod { handle, .. } => handle.with_document(look),
            Self::Own(client) => client.with(look).await,
        }
    }

    /// Waits until the document has these keys.
    pub async fn sees(&self, keys: &[&str]) {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        self.waits(move |document| keys.iter().all(|key| has(document, key))).await;
    }

    /// Waits until the document has these changes. What a relay has of a large document arrives in
    /// several messages.
    pub async fn gets(&self, hashes: Vec<ChangeHash>) {
        self.waits(move |document| document.get_missing_deps(&hashes).is_empty()).await;
    }

    async fn waits(&self, holds: impl Fn(&Automerge) -> bool + Send + 'static) {
        match self {
            Self::Samod { handle, .. } => {
                let mut changes = handle.changes();
                let seen = async {
                    while !handle.with_document(|document| holds(document)) {
                        changes.next().await.unwrap();
                    }
                };
                timeout(PATIENCE, seen).await.expect("everything arrives");
            }
            Self::Own(client) => client.waits(move |document, _| holds(document)).await,
        }
    }

    pub async fn has(&self, key: &str) -> bool {
        let key = key.to_owned();
        self.with(move |document| has(document, &key)).await
    }

    /// Waits until the relay has acknowledged everything that is here.
    pub async fn is_acknowledged(&self) {
        match self {
            Self::Samod { handle, .. } => {
                let acknowledged = async {
                    let (now, mut changes) = handle.peers();
                    let mut known = now;
                    let heads = || handle.with_document(|document| document.get_heads());
                    while !known.values().any(|relay| relay.shared_heads == Some(heads())) {
                        known = changes.next().await.unwrap();
                    }
                };
                timeout(PATIENCE, acknowledged).await.expect("the relay acknowledges it");
            }
            Self::Own(client) => client.waits(|_, status| status.pending == 0).await,
        }
    }

    /// What the document is: its heads and what is in it.
    pub async fn shows(&self) -> (Vec<ChangeHash>, Value) {
        let json = |document: &Automerge| serde_json::to_value(AutoSerde::from(document)).unwrap();
        self.with(move |document| (document.get_heads(), json(document))).await
    }

    /// Says something to others, once.
    pub async fn says(&self, data: &[u8]) {
        match self {
            Self::Samod { handle, .. } => handle.broadcast(data.to_vec()),
            Self::Own(client) => assert!(client.says(data.to_vec()).await, "it is connected"),
        }
    }

    /// What others have said since they were listened to last.
    pub async fn hears(&mut self) -> Vec<Vec<u8>> {
        match self {
            Self::Samod { heard, .. } => {
                std::iter::from_fn(|| heard.next().now_or_never().flatten()).collect()
            }
            Self::Own(client) => client.hears().await,
        }
    }

    pub fn goes_down(&self) {
        match self {
            Self::Samod { network, .. } => network.goes_down(),
            Self::Own(client) => client.goes_down(),
        }
    }

    /// Connects again, now or as soon as there is a relay.
    pub fn comes_up(&self) {
        match self {
            Self::Samod { network, .. } => network.comes_up(),
            Self::Own(client) => client.comes_up(),
        }
    }

    /// Ends the client.
    pub async fn leaves(self) {
        if let Self::Samod { repo, .. } = self {
            repo.stop().await;
        }
    }

    pub fn traffic(&self) -> Traffic {
        match self {
            Self::Samod { network, .. } => network.traffic(),
            Self::Own(client) => client.traffic(),
        }
    }
}

fn put(document: &mut Automerge, key: &str, value: &str) {
    document
        .transact(|transaction| transaction.put(ROOT, key, value))
        .unwrap_or_else(|failed| panic!("{}", failed.error));
}

fn has(document: &Automerge, key: &str) -> bool {
    document.get(ROOT, key).unwrap().is_some()
}
