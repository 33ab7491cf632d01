//! What a client does about each thing that happens.

use super::online::{Heard, Online, Trouble};
use super::{Availability, Client, Connection, Document, HANDSHAKE_TIMEOUT, Output, Phase, Status};
use crate::codec::encode;
use crate::handshake::HandshakeError;
use crate::message::{Ephemeral, Message, Ping};
use crate::presence_message::PresenceMessage;
use crate::sentence::sentence;
use std::time::Duration;

impl Client {
    pub(super) fn dial(&mut self, now: Duration) {
        self.phase = Phase::Dialling { until: now + HANDSHAKE_TIMEOUT };
        self.outputs.push_back(Output::Dial);
    }

    pub(super) fn opened(&mut self, now: Duration) {
        if let Phase::Dialling { .. } = self.phase {
            self.phase = Phase::Joining { until: now + HANDSHAKE_TIMEOUT };
            self.outputs.push_back(Output::Send(self.handshake.join()));
        }
    }

    pub(super) fn take<D: Document>(&mut self, frame: &[u8], document: &mut D, now: Duration) {
        let heard = match &mut self.phase {
            Phase::Joining { .. } => match self.handshake.finish(frame) {
                Ok(introduced) => {
                    let shared = &self.shared_heads;
                    let online = Online::new(introduced, shared, self.was_refused, document, now);
                    let online = online.pinged_by_message(self.options.pings_by_message);
                    self.phase = Phase::Online(Box::new(online));
                    return;
                }
                Err(HandshakeError::Refused { reason }) => Err(Trouble::Refused(reason)),
                Err(error) => Err(Trouble::Problem(sentence(&error))),
            },
            Phase::Online(online) => {
                online.heard(now);
                online.take(frame, &self.options.peer, self.id, document, now)
            }
            Phase::Offline { .. } | Phase::Dialling { .. } | Phase::Stopped => return,
        };
        match heard {
            Ok(Heard::Nothing) => {}
            Ok(Heard::Unavailable) => self.availability = Availability::Unavailable,
            Ok(Heard::Synced) => self.synced(now),
            Ok(Heard::Said(said)) => {
                if self.talk.is_news(&self.options.peer, &said) {
                    self.hear(said, now);
                }
            }
            Err(trouble) => self.give_up(trouble, now),
        }
    }

    fn hear(&mut self, said: Ephemeral<'_>, now: Duration) {
        match PresenceMessage::decode(&said.data) {
            Some(message) => {
                if self.presence.hear(&said.author, message, now) {
                    self.outputs.push_back(Output::PresenceChanged);
                }
            }
            None => {
                let (author, data) = (said.author, said.data.into_owned());
                self.outputs.push_back(Output::Said { author, data });
            }
        }
    }

    fn synced(&mut self, now: Duration) {
        let Phase::Online(online) = &mut self.phase else { return };
        if online.enter() {
            self.presence.arrive(now);
        }
        if online.is_durable() {
            self.shared_heads = online.sync().shared_heads().to_vec();
        }
        self.is_read_only = online.sync().is_read_only();
        let has_changes = online.sync().relay_heads().is_some_and(|heads| !heads.is_empty());
        self.availability = match self.availability {
            _ if has_changes => Availability::Available,
            // It has lost them, and will have ours in a moment.
            Availability::Available => Availability::Unknown,
            before => before,
        };
        self.problem = None;
        self.was_refused = false;
        // Not before: a relay that takes connections and then fails would be dialled without end.
        self.back_off.reset();
    }

    pub(super) fn tick(&mut self, now: Duration) {
        match &mut self.phase {
            Phase::Offline { retry_at: Some(retry_at), .. } if *retry_at <= now => self.dial(now),
            Phase::Dialling { until } | Phase::Joining { until } if *until <= now => {
                self.lose("the relay cannot be reached: it did not answer in time", now);
            }
            Phase::Online(online) => {
                if online.is_overdue(now, self.options.ping_every) {
                    self.lose("the relay does not answer any more", now);
                } else if online.ping_is_due(now, self.options.ping_every) {
                    let sender = self.options.peer.clone();
                    self.outputs.push_back(match self.options.pings_by_message {
                        true => Output::Send(encode(&Message::Ping(Ping { sender }))),
                        false => Output::Ping,
                    });
                }
            }
            _ => {}
        }
    }

    pub(super) fn speak<D: Document>(&mut self, document: &D, now: Duration) {
        let Phase::Online(online) = &mut self.phase else { return };
        match online.next_frame(&self.options.peer, self.id, document, now) {
            Ok(frame) => self.outputs.extend(frame.map(Output::Send)),
            Err(trouble) => self.give_up(trouble, now),
        }
    }

    /// Says who is here, and notices who is not any more.
    pub(super) fn attend(&mut self, now: Duration) {
        let has_changed = match &self.phase {
            Phase::Online(online) if online.has_entered() => {
                while let Some(message) = self.presence.due(now) {
                    self.say(&message.encode());
                }
                self.presence.expire(now)
            }
            _ => self.presence.leave(),
        };
        if has_changed {
            self.outputs.push_back(Output::PresenceChanged);
        }
    }

    /// Tries again soon: the network does such things.
    fn lose(&mut self, problem: &str, now: Duration) {
        let retry_at = now + self.back_off.next();
        self.problem = Some(problem.to_owned());
        self.drop_socket();
        self.go_offline(retry_at, None);
    }

    /// Tries again late: it will probably happen again.
    fn give_up(&mut self, trouble: Trouble, now: Duration) {
        let retry_at = now + self.back_off.longest();
        self.was_refused |= matches!(trouble, Trouble::Delivery(_));
        let refused = match trouble {
            Trouble::Refused(reason) => Some(reason),
            Trouble::Problem(problem) | Trouble::Delivery(problem) => {
                self.problem = Some(problem);
                None
            }
        };
        self.drop_socket();
        self.go_offline(retry_at, refused);
    }

    pub(super) fn has_socket(&self) -> bool {
        !matches!(self.phase, Phase::Offline { .. } | Phase::Stopped)
    }

    pub(super) fn drop_socket(&mut self) {
        self.outputs.retain(|output| !matches!(output, Output::Send(_) | Output::Ping));
        self.outputs.push_back(Output::HangUp);
    }

    pub(super) fn go_offline(&mut self, retry_at: Duration, refused: Option<String>) {
        self.phase = Phase::Offline { retry_at: Some(retry_at), refused };
    }

    /// Works out the status anew, and says so if it differs.
    pub(super) fn report<D: Document>(&mut self, document: &D) {
        let connection = match &self.phase {
            Phase::Offline { retry_at: Some(retry_at), refused: Some(reason) } => {
                Connection::Refused { reason: reason.clone(), retry_at: *retry_at }
            }
            Phase::Offline { retry_at, .. } => Connection::Offline { retry_at: *retry_at },
            Phase::Dialling { .. } | Phase::Joining { .. } => Connection::Connecting,
            Phase::Online(_) => Connection::Online,
            Phase::Stopped => Connection::Stopped,
        };
        let status = Status {
            connection,
            pending: self.outbox.count(document.automerge(), &self.shared_heads),
            document: self.availability,
            is_read_only: self.is_read_only,
            is_durable: matches!(&self.phase, Phase::Online(online) if online.is_durable()),
            problem: self.problem.clone(),
        };
        if status != self.status {
            self.status = status;
            self.outputs.push_back(Output::StatusChanged);
        }
    }
}
