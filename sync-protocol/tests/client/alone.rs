//! One client, and a relay of which every frame is written by hand.

use crate::world::{document_id, relay_peer};
use automerge::transaction::Transactable;
use automerge::{Automerge, AutomergeError, ROOT};
use proptest::prelude::*;
use std::time::Duration;
use sync_protocol::client::*;
use sync_protocol::*;

struct Alone<D> {
    client: Client,
    document: D,
    now: Duration,
}

fn alice() -> PeerId {
    PeerId::parse("alice").unwrap()
}

fn board() -> Automerge {
    let mut document = Automerge::new().with_actor(ActorId::from([1; 16]));
    let mut transaction = document.transaction();
    transaction.put(ROOT, "title", "Release").unwrap();
    transaction.commit();
    document
}

impl Alone<Automerge> {
    fn offline() -> Self {
        Self::with(board())
    }
}

impl<D: Document> Alone<D> {
    fn with(document: D) -> Self {
        let options = ClientOptions::new(alice(), 7).pinging_every(Duration::from_secs(20));
        let client = Client::new(document_id(), &document, options, Resume::default());
        Self { client, document, now: Duration::ZERO }
    }

    fn tell(&mut self, input: Input<'_>) -> Vec<Output> {
        self.client.handle(input, &mut self.document, self.now);
        let outputs = std::iter::from_fn(|| self.client.poll_output());
        outputs.filter(|output| *output != Output::StatusChanged).collect()
    }

    fn hear(&mut self, message: &Message<'_>) -> Vec<Output> {
        self.tell(Input::Frame(&encode(message)))
    }

    /// Comes back to the client when it wants to, and says how long that took.
    fn sleep(&mut self) -> (Duration, Vec<Output>) {
        let (slept_from, due) = (self.now, self.client.poll_timeout().unwrap());
        self.now = due;
        (due - slept_from, self.tell(Input::Tick))
    }

    fn dial_and_join(&mut self) {
        if self.client.status().connection == Connection::Connecting {
            return;
        }
        self.tell(Input::Reconnect);
        let joins = self.tell(Input::Opened);
        assert_eq!(said(&joins), ["join"]);
    }

    /// Online, with its first message sent.
    fn go_online(&mut self) -> Vec<Output> {
        self.dial_and_join();
        self.hear(&peer())
    }

    fn problem(&self) -> &str {
        self.client.status().problem.as_deref().unwrap_or("none")
    }
}

fn peer() -> Message<'static> {
    Message::Peer(Peer {
        sender: relay_peer(),
        target: alice(),
        metadata: PeerMetadata { is_durable: true, ..PeerMetadata::default() },
        version: PROTOCOL_VERSION.into(),
    })
}

fn sync(data: Vec<u8>) -> Message<'static> {
    let (sender, target, document) = (relay_peer(), alice(), document_id());
    Message::Sync(DocumentSync { sender, target, document, data: data.into() })
}

/// Says that the relay has `heads`, and something else.
fn has_and(heads: &[ChangeHash], also: impl FnOnce(&mut SyncMessage<'_>)) -> Message<'static> {
    let nothing_else = acknowledgement(heads);
    let mut message = SyncMessage::decode(&nothing_else).unwrap();
    also(&mut message);
    sync(message.encode())
}

fn has(heads: &[ChangeHash]) -> Message<'static> {
    has_and(heads, |_| {})
}

fn delivery(document: &Automerge) -> Message<'static> {
    has_and(&document.get_heads(), |message| message.changes = vec![document.save().into()])
}

/// The types of the messages sent.
fn said(outputs: &[Output]) -> Vec<String> {
    let kind = |output: &Output| match output {
        Output::Send(frame) => Some(decode(frame).unwrap().kind().to_owned()),
        _ => None,
    };
    outputs.iter().filter_map(kind).collect()
}

#[test]
fn a_relay_that_does_not_introduce_itself_is_hung_up_on_after_ten_seconds() {
    let mut alone = Alone::offline();
    assert_eq!(alone.client.poll_timeout(), None, "nobody has asked for a connection");
    assert_eq!(alone.tell(Input::Reconnect), [Output::Dial]);
    alone.tell(Input::Opened);
    let (waited, outputs) = alone.sleep();
    assert_eq!((waited, &outputs[..]), (HANDSHAKE_TIMEOUT, &[Output::HangUp][..]));
    assert!(matches!(alone.client.status().connection, Connection::Offline { retry_at: Some(_) }));
    let (waited, outputs) = alone.sleep();
    assert!(waited < BACK_OFF_MIN);
    assert_eq!(outputs, [Output::Dial]);
    let (waited, outputs) = alone.sleep();
    assert_eq!((waited, &outputs[..]), (HANDSHAKE_TIMEOUT, &[Output::HangUp][..]));
}

#[test]
fn waits_grow_until_the_relay_has_answered_a_sync_message() {
    let mut alone = Alone::offline();
    let mut waits = Vec::new();
    alone.dial_and_join();
    for round in 0..40 {
        if round > 0 {
            let (waited, outputs) = alone.sleep();
            assert_eq!(outputs, [Output::Dial]);
            waits.push(waited);
            alone.tell(Input::Opened);
        }
        // It accepts everybody, and then fails.
        assert_eq!(said(&alone.hear(&peer())), ["sync"]);
        assert_eq!(alone.tell(Input::Closed), []);
    }
    assert!(waits.iter().all(|wait| *wait < BACK_OFF_MAX));
    assert!(waits[6..].iter().any(|wait| *wait > BACK_OFF_MAX * 3 / 4), "{waits:?}");
    assert_eq!(alone.tell(Input::Reconnect), [Output::Dial], "a person need not wait");
    alone.tell(Input::Opened);
    alone.hear(&peer());
    alone.hear(&has(&[]));
    alone.tell(Input::Closed);
    assert!(alone.sleep().0 < BACK_OFF_MIN);
}

#[test]
fn a_client_that_is_refused_says_why_and_asks_again_late() {
    let mut alone = Alone::offline();
    alone.go_online();
    let refusal = Refusal { sender: None, target: None, reason: "wrong token".to_owned() };
    assert_eq!(alone.hear(&Message::Error(refusal.clone())), [Output::HangUp]);
    let Connection::Refused { reason, .. } = &alone.client.status().connection else {
        panic!("{:?}", alone.client.status())
    };
    assert_eq!(reason, "wrong token");
    let (waited, outputs) = alone.sleep();
    assert!(waited >= BACK_OFF_MAX / 2);
    assert_eq!(outputs, [Output::Dial]);
    alone.tell(Input::Opened);
    assert_eq!(alone.hear(&Message::Error(refusal)), [Output::HangUp], "before the handshake too");
    assert!(matches!(alone.client.status().connection, Connection::Refused { .. }));
}

#[test]
fn a_relay_that_cannot_be_spoken_with_is_hung_up_on_with_a_sentence() {
    let other_version = {
        let Message::Peer(peer) = peer() else { unreachable!() };
        encode(&Message::Peer(Peer { version: "2".into(), ..peer }))
    };
    let mut alone = Alone::offline();
    alone.dial_and_join();
    assert_eq!(alone.tell(Input::Frame(&other_version)), [Output::HangUp]);
    assert_eq!(alone.problem(), "the peer speaks protocol version 2, not 1");

    alone.go_online();
    assert_eq!(alone.tell(Input::Frame(b"<html>")), [Output::HangUp]);
    assert!(alone.problem().starts_with("the frame is"), "{}", alone.problem());

    alone.go_online();
    assert_eq!(alone.hear(&sync(b"hello".to_vec())), [Output::HangUp]);
    assert_eq!(
        alone.problem(),
        "the relay's sync message cannot be read: a sync message starts with 42 or 43, not 68"
    );

    alone.go_online();
    let Message::Sync(meant_for_ben) = has(&[]) else { unreachable!() };
    let target = PeerId::parse("ben").unwrap();
    let meant_for_ben = Message::Sync(DocumentSync { target, ..meant_for_ben });
    assert_eq!(alone.hear(&meant_for_ben), [Output::HangUp]);
    assert_eq!(alone.problem(), "the relay sent us what is meant for ben");
    assert!(alone.sleep().0 >= BACK_OFF_MAX / 2);

    alone.tell(Input::Opened);
    alone.hear(&peer());
    alone.hear(&has(&[]));
    assert_eq!(alone.problem(), "none", "it answers again");
}

#[test]
fn messages_that_do_not_concern_the_document_are_skipped() {
    let mut alone = Alone::offline();
    alone.go_online();
    let Message::Sync(elsewhere) = has(&[]) else { unreachable!() };
    let document = DocumentId::from_bytes([1; 16]);
    for message in [
        Message::Unknown { kind: "praise".into() },
        Message::Leave(Leave { sender: relay_peer() }),
        Message::Sync(DocumentSync { document, ..elsewhere }),
        peer(),
    ] {
        assert_eq!(alone.hear(&message), []);
    }
    assert_eq!(alone.client.status().connection, Connection::Online);
}

#[test]
fn a_client_without_the_document_requests_it_and_one_with_it_does_not() {
    let mut alone = Alone::offline();
    assert_eq!(said(&alone.go_online()), ["sync"]);
    let mut alone = Alone::with(Automerge::new());
    assert_eq!(said(&alone.go_online()), ["request"]);
    assert_eq!(said(&alone.hear(&delivery(&board()))), ["sync"]);
    assert_eq!(alone.document.get_heads(), board().get_heads());
    assert_eq!(alone.client.status().document, Availability::Available);
}

#[test]
fn a_relay_that_owes_an_answer_for_fifteen_seconds_is_hung_up_on() {
    let mut alone = Alone::offline();
    alone.go_online();
    let mut waited = Duration::ZERO;
    let hung_up = loop {
        let (slept, outputs) = alone.sleep();
        waited += slept;
        match &outputs[..] {
            [] | [Output::Ping] => alone.tell(Input::Heard),
            _ => break outputs,
        };
    };
    assert_eq!((waited, hung_up), (ANSWER_TIMEOUT, vec![Output::HangUp]));
}

#[test]
fn a_silent_relay_is_pinged_and_hung_up_on_only_if_it_stays_silent() {
    let mut alone = Alone::offline();
    alone.go_online();
    let heads = alone.document.get_heads();
    alone.hear(&has(&heads));
    assert_eq!(alone.client.status().pending, 0);
    for _ in 0..10 {
        assert_eq!(alone.sleep(), (Duration::from_secs(20), vec![Output::Ping]));
        alone.now += Duration::from_millis(30);
        alone.tell(Input::Heard);
    }
    assert_eq!(alone.sleep(), (Duration::from_secs(20), vec![Output::Ping]));
    assert_eq!(alone.sleep(), (Duration::from_secs(20), vec![Output::HangUp]));
}

#[test]
fn a_client_that_is_stopped_hangs_up_and_never_dials_again() {
    let mut alone = Alone::offline();
    alone.go_online();
    assert_eq!(alone.tell(Input::Stop), [Output::HangUp]);
    assert_eq!(alone.tell(Input::Reconnect), []);
    assert_eq!(alone.client.poll_timeout(), None);
    assert_eq!(alone.client.status().connection, Connection::Stopped);
}

#[test]
fn a_reader_is_told_that_it_is_one_and_waits_for_nothing() {
    let mut alone = Alone::offline();
    alone.go_online();
    alone.hear(&has_and(&[], |message| message.flags = Some(SyncFlags::READ_ONLY)));
    assert!(alone.client.status().is_read_only);
    assert_eq!(alone.client.status().pending, 1);
    assert_eq!(alone.sleep().1, [Output::Ping], "no answer is due");
}

fn says(author: &str, count: u64) -> Message<'static> {
    Message::Ephemeral(Ephemeral {
        author: PeerId::parse(author).unwrap(),
        target: alice(),
        document: document_id(),
        session: SessionId::parse("one run").unwrap(),
        count,
        data: b"here".into(),
    })
}

#[test]
fn what_somebody_says_is_heard_once_and_what_one_says_oneself_not_at_all() {
    let mut alone = Alone::offline();
    assert!(!alone.client.say(b"nobody hears"));
    alone.go_online();
    let heard = [Output::Said { author: PeerId::parse("ben").unwrap(), data: b"here".to_vec() }];
    assert_eq!(alone.hear(&says("ben", 1)), heard);
    assert_eq!(alone.hear(&says("ben", 1)), []);
    assert!(alone.client.say(b"hello"));
    let Some(Output::Send(frame)) = alone.client.poll_output() else { panic!("it is sent") };
    let Message::Ephemeral(said) = decode(&frame).unwrap() else { panic!("it is ephemeral") };
    assert_eq!((&said.author, &said.target, said.count), (&alice(), &relay_peer(), 1));
    let echo = Message::Ephemeral(Ephemeral { target: alice(), ..said });
    assert_eq!(alone.hear(&echo), []);
    alone.tell(Input::Closed);
    alone.go_online();
    assert_eq!(alone.hear(&says("ben", 1)), [], "it was heard over another connection");
    assert_eq!(alone.hear(&says("ben", 2)), heard);
    assert!(!alone.client.say(&[0; EPHEMERAL_BYTES_MAX + 1]));
    assert_eq!(alone.client.poll_output(), None);
}

#[test]
fn only_a_relay_that_promises_to_keep_changes_makes_them_saved() {
    let mut alone = Alone::offline();
    alone.dial_and_join();
    let Message::Peer(mut forgetful) = peer() else { panic!("it introduces itself") };
    forgetful.metadata.is_durable = false;
    alone.hear(&Message::Peer(forgetful));
    let heads = alone.document.get_heads();
    alone.hear(&has(&heads));
    assert_eq!((alone.client.status().is_durable, alone.client.status().pending), (false, 1));
    alone.tell(Input::Closed);

    alone.go_online();
    assert_eq!(alone.client.status().pending, 1, "nothing was acknowledged here yet");
    alone.hear(&has(&heads));
    assert_eq!((alone.client.status().is_durable, alone.client.status().pending), (true, 0));
}

/// A document that takes nothing.
struct Wary(Automerge);

#[derive(Debug, thiserror::Error)]
#[error("the column does not exist")]
struct NoSuchColumn;

impl Document for Wary {
    type Error = NoSuchColumn;

    fn automerge(&self) -> &Automerge {
        &self.0
    }

    fn receive(&mut self, _: Vec<Change>) -> Result<(), NoSuchColumn> {
        Err(NoSuchColumn)
    }
}

#[test]
fn a_delivery_that_the_document_refuses_is_asked_for_again_late_and_in_full() {
    let mut alone = Alone::with(Wary(board()));
    let mut theirs = board();
    theirs.set_actor(ActorId::from([2; 16]));
    let mut transaction = theirs.transaction();
    transaction.put(ROOT, "title", "Next release").unwrap();
    transaction.commit();
    alone.go_online();
    for _ in 0..5 {
        assert_eq!(alone.hear(&delivery(&theirs)), [Output::HangUp]);
        assert_eq!(alone.problem(), "the relay's changes were refused: the column does not exist");
        assert!(alone.sleep().0 >= BACK_OFF_MAX / 2);
        alone.tell(Input::Opened);
        let outputs = alone.hear(&peer());
        let [Output::Send(frame)] = &outputs[..] else { panic!("{outputs:?}") };
        let Ok(Message::Sync(first)) = decode(frame) else { panic!("not a sync") };
        assert!(SyncMessage::decode(&first.data).unwrap().have[0].since.is_empty());
    }
    assert_eq!(alone.client.status().pending, 1);
}

/// A document that keeps a change outside of Automerge until its dependency has arrived.
struct Penned(Automerge, Vec<ChangeHash>);

impl Document for Penned {
    type Error = AutomergeError;

    fn automerge(&self) -> &Automerge {
        &self.0
    }

    fn receive(&mut self, changes: Vec<Change>) -> Result<(), AutomergeError> {
        self.1 = changes.iter().flat_map(|change| change.deps().to_vec()).collect();
        Ok(())
    }

    fn missing(&self) -> Vec<ChangeHash> {
        self.1.clone()
    }
}

#[test]
fn what_waiting_changes_build_on_is_asked_for_instead_of_themselves() {
    let mut alone = Alone::with(Penned(Automerge::new(), Vec::new()));
    alone.go_online();
    let mut theirs = board();
    let below = theirs.get_heads();
    let mut transaction = theirs.transaction();
    transaction.put(ROOT, "title", "Next release").unwrap();
    transaction.commit();
    let above = theirs.get_changes(&below);
    let outputs = alone.hear(&has_and(&theirs.get_heads(), |message| {
        message.changes = vec![above[0].raw_bytes().to_vec().into()];
    }));
    let [Output::Send(frame)] = &outputs[..] else { panic!("{outputs:?}") };
    let Ok(Message::Sync(asking)) = decode(frame) else { panic!("not a sync") };
    assert_eq!(SyncMessage::decode(&asking.data).unwrap().need, below);
}

proptest! {
    #[test]
    fn no_bytes_from_a_relay_make_a_client_panic(
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..6),
        payload: Vec<u8>,
        damage: prop::sample::Index,
        flip in 1_u8..,
        joined: bool,
    ) {
        let mut alone = Alone::offline();
        alone.dial_and_join();
        if joined {
            alone.hear(&peer());
        }
        let mut theirs = board();
        theirs.set_actor(ActorId::from([2; 16]));
        let mut damaged = encode(&delivery(&theirs));
        let at = damage.index(damaged.len());
        damaged[at] ^= flip;
        for frame in frames.into_iter().chain([encode(&sync(payload)), damaged]) {
            alone.tell(Input::Frame(&frame));
            if matches!(alone.client.status().connection, Connection::Offline { .. }) {
                alone.go_online();
            }
        }
        prop_assert_eq!(alone.document.get_heads(), board().get_heads());
    }
}

#[test]
fn a_socket_that_cannot_ping_asks_by_a_message_if_the_relay_answers_such() {
    let every = Duration::from_secs(20);
    let online = |answers_pings| {
        let options = ClientOptions::new(alice(), 7).pinging_every(every).by_message();
        let document = board();
        let client = Client::new(document_id(), &document, options, Resume::default());
        let mut alone = Alone { client, document, now: Duration::ZERO };
        alone.dial_and_join();
        let Message::Peer(mut relay) = peer() else { panic!("it is one") };
        relay.metadata.answers_pings = answers_pings;
        alone.hear(&Message::Peer(relay));
        alone.hear(&has(&alone.document.get_heads()));
        alone
    };
    let mut alone = online(false);
    assert_eq!(alone.client.poll_timeout(), None, "nothing would come back");

    alone = online(true);
    let (waited, outputs) = alone.sleep();
    assert_eq!((waited, said(&outputs)), (every, vec!["ping".to_owned()]));
    alone.hear(&Message::Pong(Pong { sender: relay_peer(), target: alice() }));
    let (waited, outputs) = alone.sleep();
    assert_eq!((waited, said(&outputs)), (every, vec!["ping".to_owned()]));
    let (waited, outputs) = alone.sleep();
    assert_eq!((waited, outputs), (every, vec![Output::HangUp]));
    assert!(alone.problem().contains("does not answer"), "{}", alone.problem());
}
