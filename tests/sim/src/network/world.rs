//! The order of events, what goes wrong, and what must hold whatever does.

mod faults;
mod promises;

use super::link::{Health, Link, Way};
use super::machine::Machine;
use super::people;
use super::relay::{Relay, Taken};
use crate::broken::Check;
use crate::random::Random;
use crate::tally::Tally;
use kanban_client::BoardOutput;
use promises::broken;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use sync_protocol::ChangeHash;
use sync_protocol::client::Input;
use sync_server::relay::ConnectionId;

/// What the network does to frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// What TCP promises: in order, once, or the connection is gone.
    Tcp,
    /// Frames are lost, doubled and overtake each other on a connection that lives on, as no
    /// network does that works: nothing may be lost then either.
    Foul,
}

/// What happens next, to whom.
enum Event {
    Act(usize),
    Fault,
    Frame(ConnectionId, Way, Vec<u8>),
    Opened(ConnectionId),
    Closed(usize, ConnectionId),
    Pong(ConnectionId),
    Wake(usize),
    Gone(ConnectionId),
    Committed(u64),
    Room,
    HasRoom,
}

/// How long people work before the network is left in peace.
const TURMOIL: Duration = Duration::from_secs(90);
/// How long everything may take to be as it should, with every back-off at its longest.
const SETTLING: Duration = Duration::from_secs(300);
/// Nothing but pings goes over the wire for so long then.
const SILENCE: Duration = Duration::from_secs(600);
/// After so much silence the relay takes a connection for dead.
const DEAD_AFTER: Duration = Duration::from_secs(65);

/// A relay, machines, what joins them, and what is about to happen.
pub struct Network {
    random: Random,
    weather: Weather,
    now: Duration,
    number: u64,
    events: BTreeMap<(Duration, u64), Event>,
    machines: Vec<Machine>,
    links: BTreeMap<ConnectionId, Link>,
    relay: Relay,
    /// Counts crashes, so that a commit from before one is no news.
    lives: u64,
    is_calm: bool,
    frames: usize,
    /// What a machine was told is saved.
    acknowledged: BTreeSet<ChangeHash>,
    /// What it met.
    pub tally: Tally,
    /// Of every frame that arrived, and when.
    pub fingerprint: u64,
}

impl Network {
    /// A network that has not begun to live.
    pub fn new(seed: u64, weather: Weather) -> Self {
        let mut random = Random::new(seed ^ 0x6e65_7477_6f72_6b00);
        let machines = 2 + random.below(3);
        let day = 24 * 60 * 60;
        let skew = |random: &mut Random| random.below(2 * day) as i64 - day as i64;
        let machines = (0..machines).map(|index| Machine::new(index, skew(&mut random))).collect();
        Self {
            random,
            weather,
            now: Duration::ZERO,
            number: 0,
            events: BTreeMap::new(),
            machines,
            links: BTreeMap::new(),
            relay: Relay::new(),
            lives: 0,
            is_calm: false,
            frames: 0,
            acknowledged: BTreeSet::new(),
            tally: Tally::default(),
            fingerprint: 0xcbf2_9ce4_8422_2325,
        }
    }

    /// Turmoil, then peace; every promise is checked as it goes.
    pub fn live(&mut self) -> Check {
        self.tally.count("networks", 1);
        for index in 0..self.machines.len() {
            self.tell(index, Input::Reconnect)?;
            let at = self.within(4_000);
            self.at(at, Event::Act(index));
        }
        let first = self.within(5_000);
        self.at(first, Event::Fault);
        self.run_until(TURMOIL)?;
        self.make_peace()?;
        self.frames = 0;
        self.run_until(TURMOIL + SETTLING)?;
        self.all_is_well()?;
        let before = self.frames;
        self.run_until(TURMOIL + SETTLING + SILENCE)?;
        match self.frames == before {
            true => Ok(()),
            false => broken("quiet", format!("{} frames in peace", self.frames - before)),
        }
    }

    fn run_until(&mut self, end: Duration) -> Check {
        while let Some(entry) = self.events.first_entry() {
            if entry.key().0 > end {
                break;
            }
            let ((at, _), event) = entry.remove_entry();
            self.now = at;
            self.happen(event)?;
        }
        self.now = end;
        Ok(())
    }

    fn happen(&mut self, event: Event) -> Check {
        match event {
            Event::Act(index) => self.act(index),
            Event::Fault => self.fault(),
            Event::Frame(link, way, frame) => self.arrive(link, way, &frame),
            Event::Opened(link) => match self.machine_of(link) {
                Some(index) => self.tell(index, Input::Opened),
                None => Ok(()),
            },
            Event::Closed(index, link) => {
                if self.machines[index].link != Some(link) {
                    return Ok(());
                }
                self.machines[index].link = None;
                self.tell(index, Input::Closed)
            }
            Event::Pong(link) => match self.machine_of(link) {
                Some(index) if self.hears(link) => self.tell(index, Input::Heard),
                _ => Ok(()),
            },
            Event::Wake(index) => {
                self.machines[index].wakes_at = None;
                let due = self.machines[index].client.poll_timeout();
                if due.is_some_and(|due| due <= self.now) {
                    return self.tell(index, Input::Tick);
                }
                self.promise_to_wake(index);
                Ok(())
            }
            Event::Gone(link) => {
                self.relay_drops(link);
                Ok(())
            }
            Event::Committed(life) if life == self.lives => self.committed(),
            Event::Committed(_) => Ok(()),
            Event::Room => {
                self.relay.tick(self.now);
                self.turn();
                Ok(())
            }
            Event::HasRoom => {
                self.turn();
                Ok(())
            }
        }
    }

    /// Somebody does something with the board, and will again.
    fn act(&mut self, index: usize) -> Check {
        if self.is_calm {
            return Ok(());
        }
        let next = self.within(3_000);
        self.at(next, Event::Act(index));
        let number = usize::try_from(self.number).unwrap_or(usize::MAX);
        let machine = &mut self.machines[index];
        let Some(view) = machine.client.board().map(kanban_core::Board::view) else {
            return Ok(());
        };
        let Some(command) = people::command(&view, &mut self.random, number) else {
            return Ok(());
        };
        let at = machine.clock(self.now);
        if machine.client.apply(&command, at).is_err() {
            self.tally.count("refused commands", 1);
            return Ok(());
        }
        self.tally.count("commands", 1);
        if self.random.chance(3) {
            // Before it was written down: nobody has heard of it, so nobody misses it.
            self.tally.count("machine crashes before storing", 1);
            return self.restart(index);
        }
        self.machines[index].store();
        self.tell(index, Input::Changed)
    }

    /// Hands something to a machine and does what it asks for.
    fn tell(&mut self, index: usize, input: Input<'_>) -> Check {
        let mut outputs = self.machines[index].handle(input, self.now, &mut self.tally);
        while let Some(output) = outputs.pop_front() {
            match output {
                BoardOutput::Dial => self.dial(index),
                BoardOutput::Send(frame) => {
                    if let Some(link) = self.machines[index].link {
                        self.send(link, Way::ToRelay, frame);
                    }
                }
                BoardOutput::Ping => {
                    let link = self.machines[index].link;
                    let pong = self.within(300);
                    link.into_iter().for_each(|link| self.at(pong, Event::Pong(link)));
                }
                BoardOutput::HangUp => {
                    if let Some(link) = self.machines[index].link.take() {
                        self.relay_drops(link);
                    }
                }
                _ => {}
            }
        }
        self.look_at(index)?;
        self.promise_to_wake(index);
        Ok(())
    }

    fn dial(&mut self, index: usize) {
        self.number += 1;
        let id = ConnectionId(self.number);
        self.machines[index].link = Some(id);
        self.links.insert(id, Link::new(id, index));
        self.tally.count("dials", 1);
        let (at, fails) = (self.within(200), !self.is_calm && self.random.chance(10));
        if fails {
            self.links.remove(&id);
            self.at(at, Event::Closed(index, id));
        } else {
            self.at(at, Event::Opened(id));
        }
    }

    fn send(&mut self, id: ConnectionId, way: Way, frame: Vec<u8>) {
        self.frames += 1;
        self.tally.count("frames", 1);
        let at = self.within(120);
        let foul = self.weather == Weather::Foul && !self.is_calm;
        let fate = if foul { self.random.below(100) } else { 100 };
        let Some(link) = self.links.get_mut(&id) else { return };
        let at = if foul { at } else { link.in_order(way, at) };
        match fate {
            0..4 => self.tally.count("frames lost", 1),
            4..8 => {
                self.tally.count("frames doubled", 1);
                self.at(at, Event::Frame(id, way, frame.clone()));
                let again = self.within(2_000);
                self.at(again, Event::Frame(id, way, frame));
            }
            _ => self.at(at, Event::Frame(id, way, frame)),
        }
    }

    fn arrive(&mut self, id: ConnectionId, way: Way, frame: &[u8]) -> Check {
        if !self.hears(id) {
            self.tally.count("frames into the void", 1);
            return Ok(());
        }
        self.note(frame);
        match way {
            Way::ToMachine => match self.machine_of(id) {
                Some(index) => self.tell(index, Input::Frame(frame)),
                None => Ok(()),
            },
            Way::ToRelay => {
                self.relay_takes(id, frame.to_vec());
                self.turn();
                Ok(())
            }
        }
    }

    fn relay_takes(&mut self, id: ConnectionId, frame: Vec<u8>) {
        let Some(link) = self.links.get_mut(&id) else { return };
        match self.relay.take(link, frame, self.now) {
            Taken::Quiet => {}
            Taken::Answer(answer) => self.send(id, Way::ToMachine, answer),
            Taken::HangUp => {
                self.tally.count("the relay hung up", 1);
                let machine = link.machine;
                self.relay_drops(id);
                self.at(self.now, Event::Closed(machine, id));
            }
        }
    }

    /// What a room's task does at the end of a turn.
    fn turn(&mut self) {
        if self.relay.begins_to_commit() {
            // Now and then the disk stalls.
            let most = if self.random.chance(5) { 8_000 } else { 15 };
            let at = self.within(most);
            self.at(at, Event::Committed(self.lives));
        }
        // While the disk works, a room's task waits for it.
        if self.relay.is_committing() {
            return;
        }
        for id in self.relay.listeners() {
            let has_room = self.links.get(&id).is_some_and(|link| link.full_until <= self.now);
            if has_room {
                let frames = self.relay.messages_for(id, self.now);
                frames.into_iter().for_each(|frame| self.send(id, Way::ToMachine, frame));
            }
        }
        if self.relay.compact() {
            self.tally.count("compactions", 1);
        }
        if self.relay.fetch(self.now) {
            self.tally.count("history read from the disk", 1);
            // The next turn sends it; a disk takes its time to read too.
            let at = self.within(50);
            self.at(at, Event::Room);
        }
        if let Some(at) = self.relay.poll_timeout() {
            self.at(at.max(self.now + Duration::from_millis(1)), Event::Room);
        }
    }

    fn committed(&mut self) -> Check {
        for (link, frame) in self.relay.committed() {
            self.relay_takes(link, frame);
        }
        self.turn();
        Ok(())
    }

    fn relay_drops(&mut self, id: ConnectionId) {
        self.links.remove(&id);
        self.relay.leave(id);
        self.turn();
    }

    fn machine_of(&self, link: ConnectionId) -> Option<usize> {
        self.machines.iter().position(|machine| machine.link == Some(link))
    }

    /// Whether frames still arrive over a link.
    fn hears(&self, link: ConnectionId) -> bool {
        self.links.get(&link).is_some_and(|link| link.health == Health::Good)
    }

    fn promise_to_wake(&mut self, index: usize) {
        let machine = &mut self.machines[index];
        let Some(due) = machine.client.poll_timeout() else { return };
        let due = due.max(self.now);
        if machine.wakes_at.is_none_or(|at| due < at) {
            machine.wakes_at = Some(due);
            self.at(due, Event::Wake(index));
        }
    }

    fn at(&mut self, at: Duration, event: Event) {
        self.number += 1;
        self.events.insert((at, self.number), event);
    }

    /// A moment within so many milliseconds from now.
    fn within(&mut self, milliseconds: usize) -> Duration {
        self.now + Duration::from_micros(self.random.below(milliseconds * 1000) as u64)
    }

    /// FNV-1a over what arrives and when.
    fn note(&mut self, frame: &[u8]) {
        let now = self.now.as_nanos().to_le_bytes();
        for byte in now.iter().chain(frame) {
            self.fingerprint = (self.fingerprint ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
