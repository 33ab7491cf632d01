//! What a webhook promises, without a socket.

use super::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};

const RETRY: Retry = Retry { first: 1_000, most: 60_000, give_up: 600_000 };

fn hook() -> Hook {
    let asked = ("https://hooks.example/".to_owned(), BTreeSet::new());
    let secret = Secret::from_entropy([7; 32]);
    Hook::new("h1".into(), "board".into(), Who::Anybody, asked, secret, "start".into(), 0)
}

fn told(hook: &mut Hook, what: &str) {
    hook.take(Some(json!({ "what": what })), format!("after {what}"));
}

fn fails(hook: &mut Hook, now: u64) {
    hook.tried(Outcome::Failed("no answer".into()), now, 0, &RETRY);
}

#[test]
fn what_happened_first_is_sent_until_it_arrives_and_then_what_happened_next() {
    let mut hook = hook();
    told(&mut hook, "one");
    told(&mut hook, "two");
    let first = hook.due(0).unwrap().clone();
    assert_eq!(first.body, r#"{"board":"board","id":"msg_h1_1","webhook":"h1","what":"one"}"#);
    fails(&mut hook, 0);
    assert_eq!((hook.due(499), hook.due(500)), (None, Some(&first)), "the same, to the byte");
    hook.tried(Outcome::Taken(204), 500, 0, &RETRY);
    assert_eq!(hook.due(500).unwrap().id, "msg_h1_2", "and at once");
    hook.tried(Outcome::Taken(200), 501, 0, &RETRY);
    assert_eq!(hook.due_at(), None);
    assert_eq!(hook.shown()["lastAnswer"], "200");
}

#[test]
fn a_webhook_that_fails_for_too_long_is_disabled_says_so_and_can_go_on() {
    let mut hook = hook();
    told(&mut hook, "one");
    let mut tries = 0;
    while let Some(at) = hook.due_at() {
        fails(&mut hook, at);
        tries += 1;
    }
    assert!(tries > 10, "{tries} tries");
    let shown = hook.shown();
    assert_eq!(shown["enabled"], false);
    let why = shown["disabledBecause"].as_str().unwrap();
    assert!(why.starts_with("nothing has arrived for 0 hours (no answer)"), "{why}");
    assert_eq!((shown["waiting"].as_u64(), hook.has_room()), (Some(1), false));
    hook.enable();
    assert_eq!(hook.due(0).unwrap().id, "msg_h1_1");
    assert_eq!(hook.shown()["disabledBecause"], Value::Null);
}

#[test]
fn whoever_answers_gone_is_left_alone() {
    let mut hook = hook();
    told(&mut hook, "one");
    hook.tried(Outcome::Gone, 0, 0, &RETRY);
    assert_eq!((hook.due_at(), &hook.shown()["enabled"]), (None, &json!(false)));
}

#[test]
fn what_nobody_wants_to_hear_moves_it_on_without_a_delivery() {
    let mut hook = hook();
    hook.take(None, "later".into());
    assert_eq!((hook.cursor.as_str(), hook.due_at()), ("later", None));
    hook.events = ["cardMoved".to_owned()].into();
    assert!(hook.wants("cardMoved") && !hook.wants("cardEdited"));
}

#[test]
fn what_is_written_down_is_read_back_whole() {
    let mut hook = hook();
    told(&mut hook, "one");
    fails(&mut hook, 12);
    let written = serde_json::to_string(&hook).unwrap();
    assert_eq!(serde_json::from_str::<Hook>(&written).unwrap(), hook);
    assert!(!format!("{hook:?} {}", hook.shown()).contains(&hook.secret.reveal()));
}

#[test]
fn a_day_of_failures_is_some_twenty_tries_and_less_than_a_thousand() {
    let (retry, mut hook) = (Retry::default(), hook());
    told(&mut hook, "one");
    let mut tries = Vec::new();
    while let Some(at) = hook.due_at() {
        tries.push(at);
        hook.tried(Outcome::Failed("no answer".into()), at, u32::MAX, &retry);
    }
    assert!((20..40).contains(&tries.len()), "{} tries", tries.len());
    assert!(tries.last().unwrap() >= &(24 * 3_600_000));
}

/// What may happen to a webhook.
#[derive(Debug, Clone)]
enum Turn {
    Told,
    Arrives,
    Fails,
    Restarts,
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = prop_oneof![
        4 => Just(Turn::Told),
        2 => Just(Turn::Arrives),
        2 => Just(Turn::Fails),
        1 => Just(Turn::Restarts),
    ];
    proptest::collection::vec(turn, 0..400)
}

fn fixed(cases: u32) -> Config {
    let rng_seed = RngSeed::Fixed(1);
    Config { cases, rng_seed, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(fixed(48))]

    #[test]
    fn each_delivery_arrives_once_in_order_and_never_too_many_wait(turns in turns()) {
        let (mut hook, mut now) = (hook(), 0);
        let (mut taken, mut arrived) = (Vec::new(), Vec::new());
        for turn in turns {
            match turn {
                Turn::Told if hook.has_room() => {
                    let what = taken.len().to_string();
                    told(&mut hook, &what);
                    taken.push(what);
                }
                Turn::Told => prop_assert_eq!(hook.shown()["waiting"].as_u64(), Some(QUEUE_MAX as u64)),
                Turn::Arrives | Turn::Fails => {
                    let Some(at) = hook.due_at() else { continue };
                    now = now.max(at);
                    let body: Value = serde_json::from_str(&hook.due(now).unwrap().body).unwrap();
                    if matches!(turn, Turn::Fails) {
                        fails(&mut hook, now);
                        // Somebody looks after it whenever it gives up.
                        hook.trying.disabled = None;
                    } else {
                        arrived.push(body["what"].as_str().unwrap().to_owned());
                        hook.tried(Outcome::Taken(200), now, 0, &RETRY);
                    }
                }
                Turn::Restarts => {
                    let written = serde_json::to_string(&hook).unwrap();
                    hook = serde_json::from_str(&written).unwrap();
                }
            }
            prop_assert!(hook.queue.len() <= QUEUE_MAX);
        }
        prop_assert_eq!(&arrived[..], &taken[..arrived.len()]);
        prop_assert_eq!(taken.len() - arrived.len(), hook.queue.len());
    }

    #[test]
    fn a_pause_is_never_longer_than_twice_the_one_before_nor_than_the_longest(
        failures in 1_u32..200, random: u32, other: u32,
    ) {
        let pause = RETRY.delay(failures, random);
        prop_assert!((RETRY.first / 2..=RETRY.most).contains(&pause));
        prop_assert!(RETRY.delay(failures + 1, other) <= 4 * pause + 4);
        prop_assert!(RETRY.delay(failures + 1, u32::MAX) >= RETRY.delay(failures, random));
    }

    #[test]
    fn no_text_is_an_address_inside(text in ".{0,60}", port: u16) {
        // Whatever is read must be said again in the same words, and never be private.
        for url in [text.clone(), format!("https://{text}"), format!("https://{text}:{port}/")] {
            if let Ok(target) = Target::parse(&url, false) {
                prop_assert!(target.is_tls);
                if let Ok(address) = target.host.parse() {
                    prop_assert!(is_public(address));
                }
            }
        }
    }
}

#[test]
fn addresses_that_would_lead_inside_or_astray_are_refused() {
    let private = [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://a.localhost:9/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/",
        "https://100.64.0.1/",
        "https://[64:ff9b::a00:1]/",
    ];
    for url in private {
        assert!(matches!(Target::parse(url, false), Err(TargetError::Private { .. })), "{url}");
        assert!(Target::parse(url, true).is_ok(), "{url}");
    }
    let none = [
        "",
        "example.org",
        "ftp://example.org",
        "https://",
        "https:///x",
        "https://a@b/",
        "https://a:b@c/",
        "https://example.org:port/",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org/#part",
        "https://[::1",
        "https://[example.org]/",
        "https://example.org\\@b/",
        "https://example.org/a\r\nhost: b",
    ];
    for url in none {
        assert_eq!(Target::parse(url, true), Err(TargetError::NotAnAddress), "{url}");
    }
    assert_eq!(Target::parse("http://example.org/", false), Err(TargetError::NotEncrypted));
}

#[test]
fn a_secret_is_long_enough_or_none() {
    assert!(Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_ok());
    for text in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!"] {
        assert_eq!(Secret::parse(text), Err(SecretError), "{text}");
    }
}
