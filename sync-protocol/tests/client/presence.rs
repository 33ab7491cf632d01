//! Several clients around a relay that passes on what they say, and may lose it.

use crate::support::Dice;
use crate::world::{document_id, relay_peer};
use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT};
use std::collections::BTreeMap;
use std::time::Duration;
use sync_protocol::client::*;
use sync_protocol::*;

struct Person {
    client: Client,
    document: Automerge,
    shown: Option<PresenceState>,
    /// Frames from the relay that are under way.
    inbox: Vec<Vec<u8>>,
    /// What this person has said about presence.
    said: usize,
    is_online: bool,
}

struct Crowd {
    people: Vec<Person>,
    now: Duration,
}

fn name(index: usize) -> PeerId {
    PeerId::parse(&format!("person-{index}")).unwrap()
}

fn state(card: &str) -> PresenceState {
    let mut text = vec![0x60 + card.len() as u8];
    text.extend(card.as_bytes());
    [("card".to_owned(), text)].into()
}

impl Crowd {
    fn of(count: usize) -> Self {
        let mut document = Automerge::new().with_actor(ActorId::from([1; 16]));
        let mut transaction = document.transaction();
        transaction.put(ROOT, "title", "Release").unwrap();
        transaction.commit();
        let person = |index| Person {
            client: Client::new(
                document_id(),
                &document,
                ClientOptions::new(name(index), index as u64),
                Resume::default(),
            ),
            document: document.clone(),
            shown: None,
            inbox: Vec::new(),
            said: 0,
            is_online: false,
        };
        Self { people: (0..count).map(person).collect(), now: Duration::ZERO }
    }

    fn tell(&mut self, index: usize, input: Input<'_>) {
        let person = &mut self.people[index];
        person.client.handle(input, &mut person.document, self.now);
        self.carry_out(index);
    }

    fn carry_out(&mut self, index: usize) {
        let outputs = std::iter::from_fn(|| self.people[index].client.poll_output());
        for output in outputs.collect::<Vec<_>>() {
            match output {
                Output::Dial => self.tell(index, Input::Opened),
                Output::Send(frame) => self.relay(index, &frame),
                _ => {}
            }
        }
    }

    fn relay(&mut self, index: usize, frame: &[u8]) {
        let heads = self.people[index].document.get_heads();
        match decode(frame).unwrap() {
            Message::Join(_) => {
                let relay = Handshake::new(relay_peer(), PeerMetadata::default());
                let (_, answer) = relay.accept(frame).unwrap();
                self.people[index].is_online = true;
                self.people[index].inbox.push(answer);
            }
            Message::Sync(_) => {
                let sync = DocumentSync {
                    sender: relay_peer(),
                    target: name(index),
                    document: document_id(),
                    data: acknowledgement(&heads).into(),
                };
                self.people[index].inbox.push(encode(&Message::Sync(sync)));
            }
            message @ Message::Ephemeral(_) => {
                self.people[index].said += 1;
                let shared = SharedFrame::new(&message);
                for (other, person) in self.people.iter_mut().enumerate() {
                    if other != index && person.is_online {
                        person.inbox.push(shared.frame_for(&name(other)));
                    }
                }
            }
            _ => {}
        }
    }

    fn show(&mut self, index: usize, shown: Option<PresenceState>) -> bool {
        let now = self.now;
        let is_shown = self.people[index].client.show(shown.clone(), now);
        if is_shown {
            self.people[index].shown = shown;
        }
        self.carry_out(index);
        is_shown
    }

    fn join(&mut self, index: usize) {
        self.tell(index, Input::Reconnect);
    }

    fn lose(&mut self, index: usize) {
        if std::mem::take(&mut self.people[index].is_online) {
            self.people[index].inbox.clear();
            self.tell(index, Input::Closed);
        }
    }

    /// Lets `time` go by. Of frames about presence `lost` decides.
    fn wait(&mut self, time: Duration, mut lost: impl FnMut() -> bool) {
        let until = self.now + time;
        while self.now < until {
            self.now = (self.now + Duration::from_millis(25)).min(until);
            for index in 0..self.people.len() {
                for frame in std::mem::take(&mut self.people[index].inbox) {
                    let is_talk = matches!(decode(&frame).unwrap(), Message::Ephemeral(_));
                    if !(is_talk && lost()) {
                        self.tell(index, Input::Frame(&frame));
                    }
                }
                let timeout = self.people[index].client.poll_timeout();
                // Nobody comes back by itself: the tests say who is there.
                if self.people[index].is_online && timeout.is_some_and(|at| at <= self.now) {
                    self.tell(index, Input::Tick);
                }
            }
        }
    }

    fn rest(&mut self, seconds: u64) {
        self.wait(Duration::from_secs(seconds), || false);
    }

    /// Somebody who is not in the crowd says something.
    fn hear(&mut self, index: usize, author: &str, count: u64, message: PresenceMessage) {
        let said = Ephemeral {
            author: PeerId::parse(author).unwrap(),
            target: name(index),
            document: document_id(),
            session: SessionId::parse("s").unwrap(),
            count,
            data: message.encode().into(),
        };
        self.tell(index, Input::Frame(&encode(&Message::Ephemeral(said))));
    }

    /// Whom somebody sees.
    fn seen_by(&self, index: usize) -> BTreeMap<PeerId, PresenceState> {
        let others = self.people[index].client.others();
        others.map(|(peer, other)| (peer.clone(), other.state.clone())).collect()
    }

    /// Whom somebody should see.
    fn there_for(&self, index: usize) -> BTreeMap<PeerId, PresenceState> {
        let others = self.people.iter().enumerate().filter(|(other, _)| *other != index);
        let shown = others.filter(|(_, person)| person.is_online);
        shown.filter_map(|(other, person)| Some((name(other), person.shown.clone()?))).collect()
    }
}

#[test]
fn who_comes_is_seen_and_sees_who_was_there_within_a_second() {
    let mut crowd = Crowd::of(3);
    for index in 0..3 {
        crowd.show(index, Some(state("docs")));
        crowd.join(index);
        crowd.rest(1);
        for looking in 0..=index {
            assert_eq!(crowd.seen_by(looking), crowd.there_for(looking));
            assert_eq!(crowd.seen_by(looking).len(), index);
        }
    }
}

#[test]
fn who_shows_nothing_sees_the_others_and_is_not_seen() {
    let mut crowd = Crowd::of(2);
    crowd.show(0, Some(state("docs")));
    crowd.join(0);
    crowd.rest(1);
    crowd.join(1);
    crowd.rest(1);
    assert_eq!(crowd.seen_by(1).len(), 0, "nobody has asked");
    assert_eq!(crowd.people[1].said, 0);
    crowd.show(1, None);
    crowd.rest(1);
    assert_eq!(crowd.seen_by(1).len(), 1);
    assert_eq!(crowd.seen_by(0).len(), 0);
}

#[test]
fn what_moves_all_the_time_is_said_ten_times_a_second_and_the_last_is_what_stays() {
    let mut crowd = Crowd::of(2);
    crowd.join(0);
    crowd.join(1);
    crowd.show(1, None);
    crowd.rest(1);
    let before = crowd.people[0].said;
    for step in 0..60 {
        crowd.show(0, Some(state(&format!("card-{step}"))));
        crowd.wait(Duration::from_millis(17), || false);
    }
    crowd.rest(1);
    assert_eq!(crowd.seen_by(1)[&name(0)], state("card-59"));
    let said = crowd.people[0].said - before;
    assert!((8..=13).contains(&said), "{said}");
}

#[test]
fn who_goes_is_gone_at_once_and_who_falls_silent_after_45_seconds() {
    let mut crowd = Crowd::of(3);
    for index in 0..3 {
        crowd.show(index, Some(state("docs")));
        crowd.join(index);
    }
    crowd.rest(1);
    crowd.show(1, Some(state("else")));
    crowd.show(1, None);
    crowd.lose(1);
    crowd.rest(1);
    assert_eq!(crowd.seen_by(0).keys().collect::<Vec<_>>(), [&name(2)]);
    // Signs of life keep somebody there who does nothing.
    crowd.rest(120);
    assert_eq!(crowd.seen_by(0).len(), 1);
    crowd.lose(2);
    crowd.rest(29);
    assert_eq!(crowd.seen_by(0).len(), 1, "a short interruption is not worth showing");
    crowd.rest(17);
    assert_eq!(crowd.seen_by(0).len(), 0);
}

#[test]
fn who_is_offline_sees_nobody_and_everybody_again_when_back() {
    let mut crowd = Crowd::of(2);
    for index in 0..2 {
        crowd.show(index, Some(state("docs")));
        crowd.join(index);
    }
    crowd.rest(1);
    crowd.lose(0);
    assert_eq!(crowd.seen_by(0).len(), 0);
    crowd.show(0, Some(state("else")));
    crowd.join(0);
    crowd.rest(1);
    assert_eq!(crowd.seen_by(0).len(), 1);
    assert_eq!(crowd.seen_by(1)[&name(0)], state("else"));
}

#[test]
fn a_client_of_automerge_repo_whose_answer_was_lost_is_made_to_answer_again() {
    let mut crowd = Crowd::of(1);
    crowd.show(0, Some(state("docs")));
    crowd.join(0);
    crowd.rest(1);
    let before = crowd.people[0].said;
    crowd.hear(0, "theirs", 1, PresenceMessage::Heartbeat);
    crowd.rest(1);
    assert_eq!(crowd.people[0].said - before, 2, "goodbye, and what it shows");
    crowd.hear(0, "theirs", 2, PresenceMessage::Snapshot(state("x")));
    crowd.rest(1);
    assert_eq!(crowd.seen_by(0).len(), 1);
}

#[test]
fn more_than_a_peer_may_show_is_refused_and_of_a_larger_crowd_some_are_seen() {
    let mut crowd = Crowd::of(1);
    let large = |bytes: usize| Some([("x".to_owned(), vec![0; bytes])].into());
    assert!(!crowd.show(0, large(PRESENCE_BYTES_MAX)));
    assert!(crowd.show(0, large(PRESENCE_BYTES_MAX - 1)));
    crowd.join(0);
    crowd.rest(1);
    crowd.hear(0, "loud", 1, PresenceMessage::Snapshot(large(PRESENCE_BYTES_MAX).unwrap()));
    assert_eq!(crowd.seen_by(0).len(), 0);
    for index in 0..1000 {
        crowd.hear(0, &format!("fan-{index}"), 1, PresenceMessage::Snapshot(state("x")));
    }
    assert_eq!(crowd.seen_by(0).len(), PEERS_MAX);
}

#[test]
fn whatever_is_lost_everybody_sees_who_is_there_a_minute_later() {
    for seed in 0..200 {
        let mut dice = Dice(seed);
        let mut crowd = Crowd::of(4);
        for index in 0..4 {
            crowd.show(index, None);
        }
        for step in 0..40 {
            let index = dice.below(4);
            match dice.below(6) {
                0 | 1 => crowd.join(index),
                2 => crowd.lose(index),
                3 => _ = crowd.show(index, None),
                _ => _ = crowd.show(index, Some(state(&format!("card-{step}")))),
            }
            let time = Duration::from_millis(dice.below(20_000) as u64);
            crowd.wait(time, || dice.below(4) == 0);
        }
        for index in 0..4 {
            crowd.join(index);
        }
        crowd.rest(60);
        for index in 0..4 {
            assert_eq!(crowd.seen_by(index), crowd.there_for(index), "seed {seed}, {index}");
        }
    }
}
