//! What the relay answers over HTTP to those whom it knows: their accounts, documents and rights.
//!
//! JSON in and out; whatever is in the way is a problem of RFC 9457. `/api/openapi.json` describes all
//! of it.

mod problem;
mod who;

pub use problem::{ApiProblem, nobody_known};

use crate::access::Authorize;
use crate::auth::{AuthMode, Doorman, Origins, Verifier};
use crate::config::Config;
use crate::http::Context;
use crate::people::People;
use axum::Router;
use std::sync::Arc;

/// Who is known, and how they show it.
#[derive(Clone)]
pub struct Api {
    shared: Arc<Shared>,
}

struct Shared {
    people: People,
    doorman: Arc<Doorman>,
    rules: Rules,
}

/// What was chosen.
#[derive(Debug, Clone, Copy)]
struct Rules {
    /// Whether people sign in here, rather than elsewhere.
    signs_in: bool,
    /// Whether accounts are made by invitation only.
    by_invitation: bool,
    /// Whether the relay speaks TLS itself.
    has_tls: bool,
}

impl Api {
    /// The API for these people; `verifier` checks the tokens of their identity provider, if they
    /// have one.
    pub fn new(people: People, verifier: Option<Verifier>, config: &Config) -> Self {
        let doorman = Arc::new(Doorman::new(people.clone(), verifier));
        let rules = Rules {
            signs_in: config.auth.mode == AuthMode::Accounts,
            by_invitation: config.auth.by_invitation,
            has_tls: config.tls.is_some(),
        };
        Self { shared: Arc::new(Shared { people, doorman, rules }) }
    }

    /// Decides about WebSockets.
    pub fn authorize(&self) -> Authorize {
        self.shared.doorman.clone().authorize()
    }

    fn people(&self) -> &People {
        &self.shared.people
    }
}

/// What every request may need.
#[derive(Clone)]
struct Desk {
    api: Api,
    origins: Arc<Origins>,
    limits: Arc<crate::limits::Limits>,
}

/// The routes below `/api`.
pub fn routes(api: Api, context: &Context) -> Router {
    let (origins, limits) = (context.origins.clone(), context.limits.clone());
    Router::new().with_state(Desk { api, origins, limits })
}
