//! What a client says to JavaScript.

use super::milliseconds;
use kanban_client::BoardOutput;
use serde_json::{Value, json};
use sync_protocol::client::{Availability, Connection, Status};

/// What the page is to do.
#[derive(Debug, PartialEq)]
pub enum ClientOutput {
    /// Send these bytes as a binary frame.
    Frame(Vec<u8>),
    /// Anything else, as JSON with a `type`.
    Json(String),
}

/// An output as JavaScript takes it.
pub fn output_in_json(output: BoardOutput) -> serde_json::Result<ClientOutput> {
    let json = match output {
        BoardOutput::Send(frame) => return Ok(ClientOutput::Frame(frame)),
        BoardOutput::Dial => json!({ "type": "dial" }),
        BoardOutput::Ping => json!({ "type": "ping" }),
        BoardOutput::HangUp => json!({ "type": "hangUp" }),
        BoardOutput::StatusChanged => json!({ "type": "statusChanged" }),
        BoardOutput::BoardArrived => json!({ "type": "boardArrived" }),
        BoardOutput::PresenceChanged => json!({ "type": "presenceChanged" }),
        BoardOutput::Received(events) => {
            // Not by `json!`, for which all that events are made of would be compiled once more.
            let events = serde_json::to_string(&events)?;
            return Ok(ClientOutput::Json(format!(r#"{{"events":{events},"type":"received"}}"#)));
        }
        _ => json!({ "type": "other" }),
    };
    Ok(ClientOutput::Json(json.to_string()))
}

/// A status as JavaScript takes it.
pub fn status(status: &Status) -> Value {
    let connection = match &status.connection {
        Connection::Offline { retry_at } => {
            json!({ "type": "offline", "retryAt": retry_at.map(milliseconds) })
        }
        Connection::Connecting => json!({ "type": "connecting" }),
        Connection::Online => json!({ "type": "online" }),
        Connection::Refused { reason, retry_at } => {
            json!({ "type": "refused", "reason": reason, "retryAt": milliseconds(*retry_at) })
        }
        Connection::Stopped => json!({ "type": "stopped" }),
        // One that this build does not know of is no connection to rely on.
        _ => json!({ "type": "offline", "retryAt": null }),
    };
    let document = match status.document {
        Availability::Unknown => "unknown",
        Availability::Available => "available",
        Availability::Unavailable => "unavailable",
    };
    json!({
        "connection": connection,
        "pending": status.pending,
        "document": document,
        "isReadOnly": status.is_read_only,
        "isDurable": status.is_durable,
        "problem": status.problem,
    })
}
