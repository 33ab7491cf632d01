//! What each member is told, encoded once for all in the same situation.

use super::{ConnectionId, Room, UNAVAILABLE_AFTER};
use crate::relay::RoomFrame;
use crate::relay::log::HistoryForm;
use std::time::Duration;
use sync_protocol::{
    DocumentSync, DocumentUnavailable, Ephemeral, Message, Outgoing, PeerId, SharedFrame,
    SyncFormat,
};

impl Room {
    /// The frames that a member is to be sent now, in their order.
    pub fn messages_for(&mut self, connection: ConnectionId, now: Duration) -> Vec<RoomFrame> {
        self.listeners.remove(&connection);
        let mut frames = self.sync_messages_for(connection, now);
        frames.extend(self.unavailable_for(connection, now));
        frames.extend(self.news_for(connection));
        if self.listeners.is_empty() {
            // Whoever speaks next is in another situation.
            self.encoded = None;
            self.followed = None;
        }
        frames
    }

    fn sync_messages_for(&mut self, connection: ConnectionId, now: Duration) -> Vec<RoomFrame> {
        let Some(member) = self.members.get_mut(&connection) else {
            return Vec::new();
        };
        let target = member.peer.clone();
        member.awaits_history = false;
        let parked = member.parked.take();
        if parked.is_none()
            && let Some(start) = member.sync.follows_from(&self.graph)
        {
            if self.log.lacks(start, HistoryForm::Snapshot) {
                member.awaits_history = true;
                return Vec::new();
            }
            member.sync.was_sent_all(&self.graph);
            return self.frames_since(start, &target, now);
        }
        let next = match parked {
            Some(_) => None,
            None => member.sync.next_message(&self.graph),
        };
        let mut frames = self.frames_or_park(connection, next, &target);
        if parked.is_some() {
            self.log.uses_history(now);
            frames.extend(self.frames_or_park(connection, parked.map(|parked| *parked), &target));
            // More may have been stored since it was parked.
            let member = self.members.get_mut(&connection).filter(|member| member.parked.is_none());
            let more = member.and_then(|member| member.sync.next_message(&self.graph));
            frames.extend(self.frames_or_park(connection, more, &target));
        }
        frames
    }

    /// The answer to a member that has asked for a document which is not there, once it is clear
    /// that nobody is about to send it.
    fn unavailable_for(&mut self, connection: ConnectionId, now: Duration) -> Option<RoomFrame> {
        let asked_at = self.members.get(&connection)?.asked_at?;
        let is_there = !self.graph.is_empty();
        let is_over = asked_at + UNAVAILABLE_AFTER <= now;
        if !is_there && !is_over && self.is_expected(connection) {
            return None;
        }
        let member = self.members.get_mut(&connection)?;
        member.asked_at = None;
        let (sender, target) = (self.own.clone(), member.peer.clone());
        let answer = DocumentUnavailable { sender, target, document: self.document };
        (!is_there).then(|| RoomFrame::of(&Message::DocumentUnavailable(answer)))
    }

    /// Who is to be sent an ephemeral message of a member, and what.
    pub fn forward(
        &mut self,
        connection: ConnectionId,
        ephemeral: &Ephemeral<'_>,
    ) -> Vec<(ConnectionId, RoomFrame)> {
        let Some(member) = self.members.get_mut(&connection) else {
            return Vec::new();
        };
        // What is dropped is an echo, a repetition or too large: nobody misses it.
        if member.sessions.from_author(&member.peer, ephemeral).is_err() {
            return Vec::new();
        }
        let frame = SharedFrame::new(&Message::Ephemeral(ephemeral.clone()));
        let others = self.members.iter().filter(|(other, _)| **other != connection);
        others.map(|(other, member)| (*other, RoomFrame::copy(&frame, &member.peer))).collect()
    }

    /// Whether a member has everything that it was sent, and is sent what all others are: of its
    /// acknowledgements nothing is learned.
    pub fn follows(&self, connection: ConnectionId) -> bool {
        let is_wanted = |storage| self.reports.is_wanted(storage);
        self.members.get(&connection).is_some_and(|member| {
            member.parked.is_none()
                && !member.awaits_history
                && member.sync.follows_from(&self.graph).is_some()
                && !member.storage.as_ref().is_some_and(is_wanted)
        })
    }

    /// Those who asked for the document and have not been told that there is none.
    pub(super) fn waiting(&self) -> Vec<ConnectionId> {
        let waiting = self.members.iter().filter(|(_, member)| member.asked_at.is_some());
        waiting.map(|(connection, _)| *connection).collect()
    }

    /// The form in which what `outgoing` sends must be fetched first.
    pub(super) fn lacked_form(&self, outgoing: &Outgoing) -> Option<HistoryForm> {
        let form = history_form(outgoing);
        let first = *outgoing.changes.first()?;
        self.log.lacks(first, form).then_some(form)
    }

    /// Whether somebody else has said that it has changes which have not arrived.
    fn is_expected(&self, connection: ConnectionId) -> bool {
        let mut others = self.members.iter().filter(|(other, _)| **other != connection);
        others.any(|(_, member)| member.sync.has_unknown_heads(&self.graph))
    }

    /// The frames of a message; or none yet, if something in it must be fetched first.
    fn frames_or_park(
        &mut self,
        connection: ConnectionId,
        outgoing: Option<Outgoing>,
        target: &PeerId,
    ) -> Vec<RoomFrame> {
        match outgoing {
            None => Vec::new(),
            Some(outgoing) if self.lacked_form(&outgoing).is_none() => {
                self.encode(outgoing, target)
            }
            Some(outgoing) => {
                if let Some(member) = self.members.get_mut(&connection) {
                    member.parked = Some(Box::new(outgoing));
                }
                Vec::new()
            }
        }
    }

    /// What a member that follows from a position on is sent.
    fn frames_since(&mut self, start: usize, target: &PeerId, now: Duration) -> Vec<RoomFrame> {
        if self.log.begins_after(start) {
            self.log.uses_history(now);
        }
        if self.followed.as_ref().is_none_or(|(from, _)| *from != start) {
            let outgoing = Outgoing::since(&self.graph, start);
            let shared = outgoing.map(|outgoing| self.shared(&outgoing)).unwrap_or_default();
            self.followed = Some((start, shared));
        }
        let shared = self.followed.iter().flat_map(|(_, shared)| shared);
        shared.map(|frame| RoomFrame::copy(frame, target)).collect()
    }

    fn encode(&mut self, outgoing: Outgoing, target: &PeerId) -> Vec<RoomFrame> {
        let known = self.encoded.take().filter(|known| known.0 == outgoing);
        let shared = match known {
            Some(known) => known.1,
            None => self.shared(&outgoing),
        };
        let frames = shared.iter().map(|frame| RoomFrame::copy(frame, target)).collect();
        self.encoded = Some(Box::new((outgoing, shared)));
        frames
    }

    /// One frame, or several if the changes are too many for one.
    fn shared(&self, outgoing: &Outgoing) -> Vec<SharedFrame> {
        let mut parts: Vec<Vec<usize>> = vec![Vec::new()];
        let mut bytes = 0;
        for (positions, piece) in self.log.pieces(&outgoing.changes, history_form(outgoing)) {
            let is_first = parts.last().is_none_or(Vec::is_empty);
            bytes += piece.len();
            if bytes > self.message_bytes_max && !is_first {
                bytes = piece.len();
                parts.push(Vec::new());
            }
            let positions = outgoing.changes.get(positions).unwrap_or_default();
            parts.last_mut().into_iter().for_each(|part| part.extend_from_slice(positions));
        }
        match parts.len() {
            1 => vec![self.frame(outgoing)],
            _ => {
                outgoing.in_parts(&self.graph, parts).iter().map(|part| self.frame(part)).collect()
            }
        }
    }

    fn frame(&self, outgoing: &Outgoing) -> SharedFrame {
        let pieces = self.log.pieces(&outgoing.changes, history_form(outgoing));
        let data = outgoing.with_chunks(pieces.into_iter().map(|(_, piece)| piece)).encode();
        SharedFrame::new(&Message::Sync(DocumentSync {
            sender: self.own.clone(),
            target: self.own.clone(), // ignored: each copy has its own
            document: self.document,
            data: data.into(),
        }))
    }
}

fn history_form(outgoing: &Outgoing) -> HistoryForm {
    match outgoing.format() {
        SyncFormat::Blob => HistoryForm::Snapshot,
        SyncFormat::Changes => HistoryForm::Changes,
    }
}
