//! The description of the API (OpenAPI 3.1), from one line for each thing that can be done.

use serde_json::{Map, Value, json};

/// What the bodies are: their JSON Schemas.
const SCHEMAS: &str = include_str!("schemas.json");

/// One thing that can be done.
struct Operation {
    method: &'static str,
    path: &'static str,
    what: &'static str,
    /// What may stand behind the path.
    query: &'static [(&'static str, &'static str)],
    /// The schema of what is sent.
    body: Option<&'static str>,
    /// The status of success, and the schema of what is answered.
    answer: (u16, Option<&'static str>),
}

const fn operation(
    method: &'static str,
    path: &'static str,
    body: Option<&'static str>,
    answer: (u16, Option<&'static str>),
    what: &'static str,
) -> Operation {
    Operation { method, path, what, query: &[], body, answer }
}

const fn asking(query: &'static [(&'static str, &'static str)], operation: Operation) -> Operation {
    Operation { query, ..operation }
}

const WAIT: &[(&str, &str)] = &[(
    "wait",
    "How long to wait until the relay has it on its disk: seconds, 30 at most, or saved, which is 30. Five if nothing is said, and none while the relay is away. After that the answer is 202, with saved: false.",
)];

const FILTER: &[(&str, &str)] = &[
    ("column", "A column's name or id."),
    ("q", "Words that occur in the card."),
    ("label", "A label's name or id."),
    ("assignee", "A member's name or id."),
    ("done", "true or false."),
    ("scope", "board, shelf or boardAndShelf."),
    ("filter", "A filter of the core as JSON, for all else."),
    ("limit", "At most so many cards; 1000 if nothing is said, 10000 at most."),
];

const OPERATIONS: &[Operation] = &[
    operation("get", "/openapi.json", None, (200, None), "This description. For everybody."),
    operation("get", "/health", None, (200, None), "Whether the gateway serves. For everybody."),
    operation(
        "get",
        "/boards",
        None,
        (200, Some("Boards")),
        "One's boards, as the relay lists them.",
    ),
    operation(
        "get",
        "/boards/{board}",
        None,
        (200, Some("Board")),
        "A board: its columns, labels and members.",
    ),
    asking(
        FILTER,
        operation(
            "get",
            "/boards/{board}/cards",
            None,
            (200, Some("Cards")),
            "Cards, in the order of the board.",
        ),
    ),
    asking(
        WAIT,
        operation(
            "post",
            "/boards/{board}/cards",
            Some("NewCard"),
            (201, Some("Saved")),
            "Add a card. With an Idempotency-Key, or an id, asking twice adds one; the second answer is 200.",
        ),
    ),
    operation("get", "/boards/{board}/cards/{card}", None, (200, Some("CardAnswer")), "One card."),
    asking(
        WAIT,
        operation(
            "patch",
            "/boards/{board}/cards/{card}",
            Some("EditCard"),
            (200, Some("Saved")),
            "Change a card. What is left out stays. If-Match: with the ETag of an answer, only if nobody has changed the same since.",
        ),
    ),
    asking(
        WAIT,
        operation(
            "post",
            "/boards/{board}/cards/{card}/move",
            Some("Move"),
            (200, Some("Saved")),
            "Move a card. If-Match as with PATCH.",
        ),
    ),
    asking(
        WAIT,
        operation(
            "post",
            "/boards/{board}/cards/{card}/comments",
            Some("NewComment"),
            (201, Some("Saved")),
            "Comment on a card. With an Idempotency-Key, or an id, asking twice comments once.",
        ),
    ),
    asking(
        WAIT,
        operation(
            "post",
            "/boards/{board}/commands",
            Some("Command"),
            (200, Some("Saved")),
            "Any command of the core, for all else. If-Match as with PATCH.",
        ),
    ),
    operation(
        "get",
        "/boards/{board}/events",
        None,
        (200, None),
        "What happens, as server-sent events. Last-Event-ID: goes on where it was left.",
    ),
    operation(
        "get",
        "/boards/{board}/webhooks",
        None,
        (200, Some("Webhooks")),
        "One's webhooks on a board, and how they do.",
    ),
    operation(
        "post",
        "/boards/{board}/webhooks",
        Some("NewWebhook"),
        (201, Some("NewSecret")),
        "Have what happens sent to an address, signed as Standard Webhooks has it. The secret is told once.",
    ),
    operation(
        "patch",
        "/boards/{board}/webhooks/{webhook}",
        Some("EditWebhook"),
        (200, Some("Webhook")),
        "Have a webhook go on that was disabled.",
    ),
    operation(
        "delete",
        "/boards/{board}/webhooks/{webhook}",
        None,
        (204, None),
        "Remove a webhook, with what waits for it.",
    ),
];

/// What `/openapi.json` answers.
///
/// ```
/// let described = kanban_gateway::openapi::describe("0.2.0");
/// assert_eq!(described["openapi"], "3.1.0");
/// assert!(described["paths"]["/boards/{board}/cards"]["post"].is_object());
/// ```
pub fn describe(version: &str) -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Value::Object(path) = path {
            path.insert(operation.method.to_owned(), described(operation));
        }
    }
    let schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "kanban gateway", "version": version,
            "description": "Boards for scripts, bots and CI. A board is named by what follows automerge: in its address. The token is one of the relay; its rights are what the relay says.",
        },
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
            "responses": { "Problem": {
                "description": "What is in the way (RFC 9457).",
                "content": { "application/problem+json": { "schema": of("Problem") } },
            } },
        },
    })
}

fn described(operation: &Operation) -> Value {
    let (status, schema) = operation.answer;
    let text = if status == 204 { "Done." } else { "Here it is." };
    let mut answer = Map::from_iter([("description".to_owned(), text.into())]);
    answer.extend(schema.map(|schema| ("content".to_owned(), content(schema))));
    let mut responses = Map::from_iter([
        (status.to_string(), answer.clone().into()),
        ("default".to_owned(), json!({ "$ref": "#/components/responses/Problem" })),
    ]);
    if schema == Some("Saved") {
        let later =
            "Done, and on the gateway's disk; the relay gets it as soon as it can be reached.";
        answer.insert("description".to_owned(), later.into());
        responses.insert("202".to_owned(), answer.into());
    }
    let mut described = Map::new();
    described.insert("summary".to_owned(), operation.what.into());
    described.insert("responses".to_owned(), responses.into());
    let in_path =
        operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str, place: &str, what: &str| json!({ "name": name, "in": place, "required": place == "path", "description": what, "schema": { "type": "string" } });
    let in_path = in_path.map(|name| parameter(name, "path", "Its id."));
    let in_query = operation.query.iter().map(|(name, what)| parameter(name, "query", what));
    described.insert("parameters".to_owned(), in_path.chain(in_query).collect());
    if let Some(body) = operation.body {
        let body = json!({ "required": true, "content": content(body) });
        described.insert("requestBody".to_owned(), body);
    }
    if matches!(operation.path, "/openapi.json" | "/health") {
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
        let text = describe("1").to_string();
        let named = text.split("#/components/schemas/").skip(1);
        let named: BTreeSet<&str> = named.filter_map(|rest| rest.split('"').next()).collect();
        let there: BTreeSet<&str> = schemas.keys().map(String::as_str).collect();
        assert_eq!(named, there);
    }

    #[test]
    fn every_route_is_described_and_nothing_else_is() {
        // A router does not tell its routes, so the lines that make it are read.
        let source: String = include_str!("program/routes.rs").split_whitespace().collect();
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
