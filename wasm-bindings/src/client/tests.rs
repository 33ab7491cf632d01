use super::*;

const NOW: f64 = 1_700_000_000_123.5;
const EMPTY: &str = r#"{ "type": "empty", "name": "Board" }"#;
const COLUMN: &str = r#"{ "type": "apply", "command":
    { "type": "createColumn", "column": "todo", "name": "To do", "at": "last" } }"#;
const CARD: &str = r#"{ "type": "apply", "command": { "type": "createCard", "card": "x",
    "column": "todo", "at": "first", "title": "X", "description": "🙂" } }"#;

fn url() -> String {
    new_document_url(&[7; 16]).unwrap()
}

fn who(actor: u8) -> Identity<'static> {
    let actors: &[[u8; 16]] = &[[0; 16], [1; 16], [2; 16]];
    Identity { actor: &actors[usize::from(actor)], author: Some("ana"), seed: 1 }
}

fn created() -> JsonClient {
    JsonClient::create(&url(), EMPTY, who(1), NOW).unwrap()
}

fn outputs(client: &mut JsonClient) -> Vec<ClientOutput> {
    std::iter::from_fn(|| client.poll_output().unwrap()).collect()
}

fn status_of(client: &JsonClient) -> Value {
    serde_json::from_str(&client.status()).unwrap()
}

#[test]
fn a_new_board_is_there_at_once_and_waits_for_the_relay() {
    let mut client = created();
    let applied: Value = serde_json::from_str(&client.edit(COLUMN, NOW).unwrap()).unwrap();
    assert_eq!(applied["events"], json!([{ "type": "columnCreated", "column": "todo" }]));
    assert!(client.view().unwrap().unwrap().contains("To do"));
    client.handle(Input::Changed, NOW);
    assert_eq!(status_of(&client)["connection"]["type"], "offline");
    assert!(status_of(&client)["pending"].as_u64() > Some(0));
}

#[test]
fn what_was_stored_in_chunks_opens_as_the_same_board() {
    let mut client = created();
    let mut stored = client.take_unstored();
    for edit in [COLUMN, CARD] {
        client.edit(edit, NOW).unwrap();
        let chunks = client.take_unstored();
        assert_eq!(chunks.len(), 1, "one change is one chunk");
        stored.extend(chunks);
    }
    assert_eq!(client.take_unstored(), []);
    let bytes: Vec<u8> = stored.iter().flat_map(|chunk| &chunk.bytes).copied().collect();
    let mut opened = JsonClient::open(&url(), &bytes, Some(&client.resume()), who(2)).unwrap();
    assert_eq!(opened.view().unwrap(), client.view().unwrap());
    assert_eq!(opened.take_unstored(), [], "it is stored");
    // A snapshot and chunks that it has already are the same board too.
    let snapshot = client.snapshot().unwrap();
    let bytes = [snapshot.bytes, bytes].concat();
    let mut opened = JsonClient::open(&url(), &bytes, None, who(2)).unwrap();
    assert_eq!(opened.view().unwrap(), client.view().unwrap());
    assert!(JsonClient::open(&url(), b"no board", None, who(2)).is_err());
}

#[test]
fn two_tabs_exchange_what_they_stored() {
    let mut ana = created();
    ana.edit(COLUMN, NOW).unwrap();
    let bytes: Vec<u8> = ana.take_unstored().into_iter().flat_map(|it| it.bytes).collect();
    let mut other = JsonClient::open(&url(), &bytes, None, who(2)).unwrap();
    other.view().unwrap();
    ana.edit(CARD, NOW).unwrap();
    let chunks = ana.take_unstored().into_iter().map(|it| it.bytes).collect();
    assert_eq!(other.receive(chunks).unwrap(), r#"[{"type":"cardCreated","card":"x"}]"#);
    assert!(other.take_patch().unwrap().unwrap().contains("🙂"));
    assert_eq!(other.take_patch().unwrap(), None);
    assert_eq!(other.view().unwrap(), ana.view().unwrap());
}

#[test]
fn offsets_count_as_javascript_counts() {
    let mut client = created();
    client.edit(COLUMN, NOW).unwrap();
    client.edit(CARD, NOW).unwrap();
    let edit = r#"{ "type": "apply", "command": { "type": "editDescription", "card": "x",
        "at": 2, "remove": 0, "insert": "!" } }"#;
    client.edit(edit, NOW).unwrap();
    assert!(client.view().unwrap().unwrap().contains("🙂!"));
}

#[test]
fn boards_are_made_of_what_others_have_exported() {
    let mut first = created();
    first.edit(COLUMN, NOW).unwrap();
    let text = first.ask(r#"{ "type": "json" }"#).unwrap();
    let content = format!(r#"{{ "type": "json", "text": {text} }}"#);
    let mut copy = JsonClient::create(&url(), &content, who(2), NOW).unwrap();
    assert!(copy.view().unwrap().unwrap().contains("To do"));
    let trello = r#"{ "type": "trello", "text": "{\"name\":\"Old\",\"lists\":[],\"cards\":[]}" }"#;
    let mut imported = JsonClient::create(&url(), trello, who(2), NOW).unwrap();
    assert!(imported.view().unwrap().unwrap().contains("Old"));
    assert!(imported.import_report().is_some());
    let error = JsonClient::create(&url(), r#"{"type":"trello","text":"x"}"#, who(2), NOW);
    assert_eq!(error.err().unwrap().code(), "not-importable");
}

#[test]
fn outputs_cross_as_bytes_and_json_and_times_as_milliseconds() {
    let mut client = JsonClient::join(&url(), who(1)).unwrap();
    assert_eq!(client.view().unwrap(), None);
    assert_eq!(client.edit(COLUMN, NOW).unwrap_err().code(), "not-ready");
    client.handle(Input::Reconnect, NOW);
    let dial = ClientOutput::Json(r#"{"type":"dial"}"#.to_owned());
    assert_eq!(outputs(&mut client)[0], dial);
    assert_eq!(client.next_timeout(), Some(NOW + 10_000.0));
    client.handle(Input::Opened, NOW);
    assert!(matches!(&outputs(&mut client)[..], [ClientOutput::Frame(_)]));
    client.handle(Input::Closed, NOW);
    assert_eq!(status_of(&client)["connection"]["type"], "offline");
}

#[test]
fn what_a_caller_gets_wrong_is_an_error_with_a_sentence() {
    let short = Identity { actor: &[1; 3], ..who(1) };
    assert!(JsonClient::join(&url(), short).is_err());
    for damaged in ["", "automerge:", "automerge:nonsense"] {
        assert!(JsonClient::join(damaged, who(1)).is_err(), "{damaged}");
    }
    assert!(new_document_url(&[1; 15]).is_err());
    let mut client = created();
    for edit in ["", "{}", r#"{ "type": "fly" }"#] {
        assert_eq!(client.edit(edit, NOW).unwrap_err().code(), "invalid-argument", "{edit}");
    }
    client.handle(Input::Tick, f64::NAN);
    client.handle(Input::Tick, -1.0);
}
