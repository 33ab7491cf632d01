//! What a page must know before anybody is signed in.

use super::Desk;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

/// `GET /api/about`. At a relay that knows nobody there is no such thing, as with all of `/api`.
pub async fn about(State(desk): State<Desk>) -> Json<Value> {
    let rules = desk.rules();
    Json(json!({
        "auth": if rules.signs_in { "accounts" } else { "jwt" },
        "sign_up": if rules.by_invitation { "invitation" } else { "everybody" },
    }))
}
