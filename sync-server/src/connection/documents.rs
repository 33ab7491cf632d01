//! The documents that a connection has open, each as far as it may.

use super::{Ended, Reader, code};
use crate::hub::Door;
use crate::room_task::{LOST, RoomInput, Step};
use sync_protocol::{Access, DocumentId, DocumentUnavailable, Message, encode};
use tokio::sync::oneshot;
use tracing::{debug, info};

/// How many documents one connection may have open. An automerge-repo client opens thousands.
const DOCUMENTS_MAX: usize = 16 * 1024;

/// A document that a connection has open.
pub struct OpenDocument {
    /// The way to those who have it open.
    pub door: Door,
    /// What the room was told that the connection may do.
    pub access: Access,
}

impl Reader {
    /// Takes a step of syncing, as far as the client may do that.
    pub(super) async fn take_step(
        &mut self,
        document: DocumentId,
        step: Box<Step>,
    ) -> Result<(), Ended> {
        let may = match self.grant.access(document) {
            Some(access) => Some(access),
            None => self.claim(document, &step).await,
        };
        let Some(access) = may else {
            self.close(document).await;
            return self.deny(document);
        };
        self.open(document, access).await?;
        let input = RoomInput::Received(step);
        let failed = || Ended::Refused { code: code::FAILED, reason: LOST.to_owned() };
        let open = self.open.get(&document).ok_or_else(failed)?;
        if open.door.tell(input).await { Ok(()) } else { Err(failed()) }
    }

    /// Opens a document, unless it is, and has its room know what the client may do.
    async fn open(&mut self, document: DocumentId, access: Access) -> Result<(), Ended> {
        let connection = self.connection();
        if let Some(open) = self.open.get_mut(&document) {
            if open.access != access {
                open.access = access;
                // A room that is gone is noticed at the next step of syncing.
                _ = open.door.tell(RoomInput::Access(connection, access)).await;
            }
            return Ok(());
        }
        if self.open.len() == DOCUMENTS_MAX {
            let reason = format!("a connection may open {DOCUMENTS_MAX} documents");
            return Err(Ended::Refused { code: code::POLICY, reason });
        }
        let door = self.hub.enter(document, self.visitor.clone(), access).await;
        self.open.insert(document, OpenDocument { door, access });
        Ok(())
    }

    /// A client that brings a document which nobody knows becomes its owner, if it may. Whoever only
    /// asks for one brings nothing.
    async fn claim(&self, document: DocumentId, step: &Step) -> Option<Access> {
        let received = &step.received;
        if received.is_request || (received.message.heads.is_empty() && received.changes.is_empty())
        {
            return None;
        }
        if let Err(reason) = self.grant.rights().claim(document)?.await {
            info!(peer = %self.visitor.peer, "a new document was refused: {reason}");
        }
        // Perhaps somebody else was first.
        self.grant.access(document)
    }

    /// A document that the client may not even read is none, as far as it can see.
    fn deny(&self, document: DocumentId) -> Result<(), Ended> {
        if self.visitor.outbox.is_full() {
            let reason = "you ask for more than you read".to_owned();
            return Err(Ended::Refused { code: code::POLICY, reason });
        }
        let (sender, target) = (self.hub.own().clone(), self.visitor.peer.clone());
        let answer = DocumentUnavailable { sender, target, document };
        self.visitor.outbox.push(encode(&Message::DocumentUnavailable(answer)));
        self.hub.metrics().documents_denied.inc();
        Ok(())
    }

    /// Closes a document, if it is open: the client hears nothing more of it.
    async fn close(&mut self, document: DocumentId) {
        if let Some(open) = self.open.remove(&document) {
            // One that is gone need not be told.
            _ = open.door.tell(RoomInput::Leave(self.connection())).await;
        }
    }

    /// Tells the room of a document that the client has open, and may still read.
    pub(super) async fn tell_if_open(
        &mut self,
        document: DocumentId,
        input: RoomInput,
    ) -> Result<(), Ended> {
        if self.open.contains_key(&document) && self.grant.access(document).is_none() {
            self.close(document).await;
            return self.deny(document);
        }
        match self.open.get(&document) {
            // A room that is gone is noticed at the next step of syncing.
            Some(open) => _ = open.door.tell(input).await,
            None => debug!(peer = %self.visitor.peer, "a message for no open document"),
        }
        Ok(())
    }

    /// Looks at each open document again: what the client may do with it may have changed.
    pub(super) async fn review_documents(&mut self) -> Result<(), Ended> {
        let changed = self.open.iter().filter_map(|(document, open)| {
            let access = self.grant.access(*document);
            (access != Some(open.access)).then_some((*document, access))
        });
        for (document, access) in changed.collect::<Vec<_>>() {
            match access {
                Some(access) => self.open(document, access).await?,
                None => {
                    self.close(document).await;
                    self.deny(document)?;
                }
            }
        }
        Ok(())
    }

    /// Waits until everything that the client sent is stored, and told.
    pub(super) async fn drain(&self) {
        for open in self.open.values() {
            let (done, drained) = oneshot::channel();
            if open.door.tell(RoomInput::Drain(done)).await {
                // A room that ends meanwhile has drained, or cannot.
                _ = drained.await;
            }
        }
    }

    /// Closes everything.
    pub(super) async fn leave(&mut self) {
        for open in std::mem::take(&mut self.open).into_values() {
            // As above.
            _ = open.door.tell(RoomInput::Leave(self.connection())).await;
        }
    }
}
