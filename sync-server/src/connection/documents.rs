//! The documents that a connection has open, each as far as it may.

use super::{Ended, Reader, code};
use crate::hub::Door;
use crate::room_task::{LOST, May, RoomInput, Step};
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
    pub may: May,
}

impl Reader {
    /// Takes a step of syncing, as far as the client may do that.
    pub(super) async fn take_step(
        &mut self,
        document: DocumentId,
        step: Box<Step>,
    ) -> Result<(), Ended> {
        let is_known = self.claim(document, &step).await;
        let known = self.open.get(&document).map(|open| open.may.access);
        // What else may have changed is looked at when it does.
        if !is_known || known.is_none() || known != self.grant.access(document) {
            let Some(may) = self.may(document).filter(|_| is_known) else {
                self.close(document).await;
                return self.deny(document);
            };
            self.open(document, may).await?;
        }
        let input = RoomInput::Received(step);
        let failed = || Ended::Refused { code: code::FAILED, reason: LOST.to_owned() };
        let open = self.open.get(&document).ok_or_else(failed)?;
        if open.door.tell(input).await { Ok(()) } else { Err(failed()) }
    }

    /// Opens a document, unless it is, and has its room know what the client may do.
    async fn open(&mut self, document: DocumentId, may: May) -> Result<(), Ended> {
        let connection = self.connection();
        if let Some(open) = self.open.get_mut(&document) {
            if open.may != may {
                open.may = may.clone();
                // A room that is gone is noticed at the next step of syncing.
                _ = open.door.tell(RoomInput::May(Box::new((connection, may)))).await;
            }
            return Ok(());
        }
        if self.open.len() == DOCUMENTS_MAX {
            let reason = format!("a connection may open {DOCUMENTS_MAX} documents");
            return Err(Ended::Refused { code: code::POLICY, reason });
        }
        let door = self.hub.enter(document, self.visitor.clone(), may.clone()).await;
        self.open.insert(document, OpenDocument { door, may });
        Ok(())
    }

    /// A client that brings a document which nobody knows becomes its owner, if it may. Whoever only
    /// asks for one brings nothing. `false` if nobody knows it still.
    async fn claim(&self, document: DocumentId, step: &Step) -> bool {
        let received = &step.received;
        if received.message.heads.is_empty() && received.changes.is_empty() {
            return true;
        }
        let Some(claim) = self.grant.rights().claim(document) else {
            return true;
        };
        if let Err(reason) = claim.await {
            info!(peer = %self.visitor.peer, "a new document was refused: {reason}");
        }
        // Perhaps somebody else was first.
        self.grant.rights().claim(document).is_none()
    }

    /// What the client may do with a document now; none if it may not even read it.
    fn may(&self, document: DocumentId) -> Option<May> {
        let access = self.grant.access(document)?;
        let others = match access {
            Access::ReadWrite => self.grant.rights().others(document),
            Access::ReadOnly => None,
        };
        Some(May { access, others })
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
            let may = self.may(*document);
            (may.as_ref() != Some(&open.may)).then_some((*document, may))
        });
        for (document, may) in changed.collect::<Vec<_>>() {
            match may {
                Some(may) => self.open(document, may).await?,
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
