//! What the relay answers over HTTP to those whom it knows: their accounts, documents and rights.
//!
//! JSON in and out; whatever is in the way is a problem of RFC 9457. `/api/openapi.json` describes all
//! of it.

mod about;
mod accounts;
mod admin;
mod body;
mod documents;
mod links;
mod members;
mod openapi;
mod problem;
mod sessions;
mod who;

pub use problem::{ApiProblem, nobody_known};

use crate::access::Authorize;
use crate::auth::{AuthMode, Doorman, Origins, Verifier};
use crate::config::Config;
use crate::connection::Terms;
use crate::http::Context;
use crate::people::People;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{delete, get, post, put};
use std::sync::Arc;
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Nothing that is said here is longer.
const BODY_BYTES_MAX: usize = 16 * 1024;
/// How long a browser need not ask again whether a page may ask.
const PREFLIGHT_HOLDS: Duration = Duration::from_secs(600);

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
}

/// What every request may need.
#[derive(Clone)]
struct Desk {
    api: Api,
    origins: Arc<Origins>,
    terms: Arc<Terms>,
}

impl Desk {
    fn people(&self) -> &People {
        &self.api.shared.people
    }

    fn rules(&self) -> Rules {
        self.api.shared.rules
    }
}

/// The routes below `/api`. `openapi.rs` describes them.
pub fn routes(api: Api, context: &Context) -> Router {
    let (origins, terms) = (context.origins.clone(), context.terms.clone());
    let router = Router::new()
        .route("/openapi.json", get(openapi::description))
        .route("/about", get(about::about))
        .route("/users", post(accounts::sign_up).get(admin::users))
        .route("/users/{name}", delete(admin::delete_user))
        .route("/users/{name}/reset", post(admin::reset))
        .route("/invitations", post(admin::invite).get(admin::invitations))
        .route("/invitations/{id}", delete(admin::uninvite))
        .route("/password", post(accounts::reset_password))
        .route("/me", get(accounts::me).delete(accounts::delete_me))
        .route("/me/password", put(accounts::set_password))
        .route("/me/export", get(accounts::export))
        .route(
            "/sessions",
            post(sessions::sign_in).get(sessions::list).delete(sessions::sign_out_everywhere),
        )
        .route("/sessions/{id}", delete(sessions::sign_out))
        .route("/documents", get(documents::list).post(documents::create))
        .route(
            "/documents/{id}",
            get(documents::show).patch(documents::label).delete(documents::delete),
        )
        .route("/documents/{id}/members", get(members::list))
        .route("/documents/{id}/members/{name}", put(members::set).delete(members::remove))
        .route("/documents/{id}/links", get(links::list).post(links::create))
        .route("/documents/{id}/links/{link}", delete(links::remove))
        .route("/documents/{id}/imports", post(documents::import))
        .route("/links", post(links::accept))
        .fallback(problem::no_route)
        .method_not_allowed_fallback(problem::no_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(map_response(unkept))
        .layer(pages_elsewhere(&context.origins));
    router.with_state(Desk { api, origins, terms })
}

/// Browsers hand answers to pages of other hosts only if these may connect, and ask first. Such a page
/// shows who it is by a bearer token: cookies do not leave the relay's own site.
fn pages_elsewhere(origins: &Arc<Origins>) -> CorsLayer {
    let origins = origins.clone();
    let may = move |_: &HeaderValue, request: &Parts| {
        origins.refused(&request.headers, &request.uri).is_none()
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(may))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER, header::WWW_AUTHENTICATE])
        .max_age(PREFLIGHT_HOLDS)
}

/// What is about people is kept by nobody on the way, and no page guesses what it is.
async fn unkept(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
