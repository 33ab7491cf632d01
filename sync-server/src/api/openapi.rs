//! The description of the API (OpenAPI 3.1), from one line for each thing that can be done.

use super::Desk;
use crate::build_info::VERSION;
use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

/// What the bodies are: their JSON Schemas.
const SCHEMAS: &str = include_str!("schemas.json");

/// One thing that can be done.
struct Operation {
    method: &'static str,
    path: &'static str,
    what: &'static str,
    /// The schema of what is sent.
    body: Option<&'static str>,
    /// The status of success, and the schema of what is answered.
    answer: (u16, Option<&'static str>),
    /// Whether one need not be signed in.
    is_for_all: bool,
}

const fn operation(
    method: &'static str,
    path: &'static str,
    body: Option<&'static str>,
    answer: (u16, Option<&'static str>),
    what: &'static str,
) -> Operation {
    Operation { method, path, what, body, answer, is_for_all: false }
}

const fn for_all(operation: Operation) -> Operation {
    Operation { is_for_all: true, ..operation }
}

const OPERATIONS: &[Operation] = &[
    for_all(operation("get", "/openapi.json", None, (200, None), "This description.")),
    for_all(operation(
        "get",
        "/about",
        None,
        (200, Some("About")),
        "How people sign in here, and whether everybody may make an account.",
    )),
    for_all(operation(
        "post",
        "/users",
        Some("SignUp"),
        (201, Some("Named")),
        "Make an account (--auth accounts), with an invitation unless everybody may. Sign in next.",
    )),
    operation("get", "/users", None, (200, Some("Users")), "All accounts. For administrators."),
    operation(
        "delete",
        "/users/{name}",
        None,
        (204, None),
        "Delete an account. Documents that only it owns go to the account named by the parameter heir, or are deleted if nobody else uses them. For administrators.",
    ),
    operation(
        "post",
        "/users/{name}/reset",
        None,
        (201, Some("Invitation")),
        "Invite somebody who has forgotten their password to set another, for a day. For administrators.",
    ),
    operation(
        "post",
        "/invitations",
        Some("For"),
        (201, Some("Invitation")),
        "Invite somebody to make an account, for a week if nothing is said. For administrators.",
    ),
    operation(
        "get",
        "/invitations",
        None,
        (200, Some("Invitations")),
        "The invitations that hold. For administrators.",
    ),
    operation(
        "delete",
        "/invitations/{id}",
        None,
        (204, None),
        "Take an invitation back. For administrators.",
    ),
    for_all(operation(
        "post",
        "/password",
        Some("Reset"),
        (204, None),
        "Set a password with an invitation to do so. Signs the account out everywhere.",
    )),
    operation(
        "get",
        "/me",
        None,
        (200, Some("Me")),
        "One's account. A session that is used holds for 30 days more.",
    ),
    operation(
        "delete",
        "/me",
        Some("Farewell"),
        (204, None),
        "Delete one's account. Documents that only it owns go to the heir, or are deleted if nobody else uses them.",
    ),
    operation(
        "put",
        "/me/password",
        Some("NewPassword"),
        (204, None),
        "Set another password. Signs out everywhere else.",
    ),
    operation("get", "/me/export", None, (200, Some("Export")), "All that the relay knows of one."),
    for_all(operation(
        "post",
        "/sessions",
        Some("SignIn"),
        (201, Some("Session")),
        "Sign in (--auth accounts): a cookie, or a token for programs.",
    )),
    operation("get", "/sessions", None, (200, Some("Sessions")), "Where one is signed in."),
    operation(
        "delete",
        "/sessions",
        None,
        (204, None),
        "Sign out everywhere. Tokens of an identity provider that were issued before are not taken any more.",
    ),
    operation(
        "delete",
        "/sessions/{id}",
        None,
        (204, None),
        "Sign out somewhere; current is here.",
    ),
    operation(
        "get",
        "/documents",
        None,
        (200, Some("Documents")),
        "One's documents, the newest first.",
    ),
    operation(
        "post",
        "/documents",
        Some("NewDocument"),
        (201, Some("Document")),
        "Take a document id, or a fresh one, as its owner.",
    ),
    operation("get", "/documents/{id}", None, (200, Some("Document")), "One of one's documents."),
    operation(
        "patch",
        "/documents/{id}",
        Some("Label"),
        (200, Some("Document")),
        "Say how lists call a document. Its own name wins once it is open. For editors.",
    ),
    operation(
        "delete",
        "/documents/{id}",
        None,
        (204, None),
        "Delete a document for everybody. Its id stays taken. For owners.",
    ),
    operation("get", "/documents/{id}/members", None, (200, Some("Members")), "Who may do what."),
    operation(
        "put",
        "/documents/{id}/members/{name}",
        Some("NewRole"),
        (204, None),
        "Say what somebody may do; invites who is no member yet. Holds at once. For owners.",
    ),
    operation(
        "delete",
        "/documents/{id}/members/{name}",
        None,
        (204, None),
        "Remove a member, and the links that they made. Holds at once. For owners, and for oneself.",
    ),
    operation(
        "get",
        "/documents/{id}/links",
        None,
        (200, Some("Links")),
        "The links that hold. For owners.",
    ),
    operation(
        "post",
        "/documents/{id}/links",
        Some("NewLink"),
        (201, Some("Link")),
        "Make a link for readers or editors, for a week if nothing is said. The token goes into ?access_token= of the WebSocket's address. For owners.",
    ),
    operation(
        "delete",
        "/documents/{id}/links/{link}",
        None,
        (204, None),
        "Take a link back. Whoever is connected by it is closed at once. For owners.",
    ),
    operation(
        "post",
        "/documents/{id}/imports",
        Some("For"),
        (200, Some("Until")),
        "Bring in changes by other members, from a copy or another relay, for ten minutes if nothing is said and a day at most: until then they are not refused from oneself. For owners.",
    ),
    operation(
        "post",
        "/links",
        Some("Given"),
        (200, Some("Document")),
        "Become a member by a link.",
    ),
];

/// `GET /api/openapi.json`
pub async fn description(State(_): State<Desk>) -> Json<Value> {
    Json(describe())
}

fn describe() -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| parameters(operation.path));
        let path = path.as_object_mut().into_iter();
        path.for_each(|path| _ = path.insert(operation.method.to_owned(), described(operation)));
    }
    let schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "kanban relay", "version": VERSION,
            "description": "Accounts, documents and rights. Times are in seconds since 1970.",
        },
        "servers": [{ "url": "/api" }],
        "security": [{ "bearer": [] }, { "cookie": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "cookie": { "type": "apiKey", "in": "cookie", "name": crate::auth::SESSION_COOKIE },
            },
            "responses": { "Problem": {
                "description": "What is in the way (RFC 9457).",
                "content": { "application/problem+json": { "schema": of("Problem") } },
            } },
        },
    })
}

fn parameters(path: &str) -> Value {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    let parameters: Vec<Value> = names.map(parameter).collect();
    if parameters.is_empty() { json!({}) } else { json!({ "parameters": parameters }) }
}

fn described(operation: &Operation) -> Value {
    let (status, schema) = operation.answer;
    let text = if status == 204 { "Done." } else { "Here it is." };
    let mut answer = Map::from_iter([("description".to_owned(), text.into())]);
    answer.extend(schema.map(|schema| ("content".to_owned(), content(schema))));
    let problem = json!({ "$ref": "#/components/responses/Problem" });
    let responses = json!({ status.to_string(): answer, "default": problem });
    let mut described = Map::new();
    described.insert("summary".to_owned(), operation.what.into());
    described.insert("responses".to_owned(), responses);
    if let Some(body) = operation.body {
        let body = json!({ "required": true, "content": content(body) });
        described.insert("requestBody".to_owned(), body);
    }
    if operation.is_for_all {
        described.insert("security".to_owned(), json!([]));
    }
    described.into()
}

fn content(schema: &str) -> Value {
    json!({ "application/json": { "schema": of(schema) } })
}

fn of(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_schema_that_is_named_is_there_and_every_one_that_is_there_is_named() {
        let schemas: Map<String, Value> = serde_json::from_str(SCHEMAS).unwrap();
        let text = describe().to_string();
        let named: BTreeSet<&str> = text
            .split("#/components/schemas/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let there: BTreeSet<&str> = schemas.keys().map(String::as_str).collect();
        assert_eq!(named, there);
    }

    #[test]
    fn every_route_is_described_and_nothing_else_is() {
        // A router does not tell its routes, so the lines that make it are read.
        let source: String = include_str!("../api.rs").split_whitespace().collect();
        let mut routed = BTreeSet::new();
        for route in source.split(".route(\"").skip(1) {
            let (path, rest) = route.split_once('"').unwrap();
            let methods = rest.split(".route(").next().unwrap();
            for method in ["get", "post", "put", "patch", "delete"] {
                if methods.contains(&format!(",{method}("))
                    || methods.contains(&format!(").{method}("))
                {
                    routed.insert((method, path.to_owned()));
                }
            }
        }
        let described = OPERATIONS.iter().map(|it| (it.method, it.path.to_owned())).collect();
        assert_eq!(routed, described);
    }
}
