//! The world: people with a replica each, what was delivered to whom, and a look at every promise
//! after every step.
//!
//! A clone shares what neither of the two has touched since, so a walk over many scripts can part
//! from any of them at any step.

mod agreement;
mod undoing;

use crate::acts::{Screen, acts_of};
use crate::broken::{Broken, Check, ensure, ensure_equal};
use crate::check::check;
use crate::events::check_events;
use crate::expect::{Outcome, outcome};
use crate::fate::count_concurrency;
use crate::history::{Act, Deed, Event, Events, History, Oracle, Thing, known_of};
use crate::promise::check_promise;
use crate::random::Random;
use crate::raw::{Raw, RawBoard};
use crate::sight::Sight;
use crate::step::{PEOPLE, Step, kind};
use crate::tally::Tally;
use automerge::{Change, ReadDoc};
use kanban_core::{
    ActorId, Board, BoardId, BoardView, ChangeHash, Command, MergeError, Received, Replica,
    TextUnit, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Steps below this number are the boards' beginnings.
pub const FIRST_STEP: usize = 10;

/// One person and their replica.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The replica.
    pub board: Board,
    /// The events whose changes arrived, those that wait included.
    pub delivered: Events,
    /// The events that are applied.
    pub known: Events,
    unit: (TextUnit, usize),
    /// What they have before them, since the last time the board changed.
    screen: Option<Arc<Screen>>,
}

/// Everybody's replica and everything that happened.
#[derive(Debug, Clone)]
pub struct World {
    seed: u64,
    /// The people.
    pub peers: Vec<Arc<Peer>>,
    /// What happened.
    pub history: History,
    /// What anybody saw who knew exactly these events.
    seen: BTreeMap<Events, Arc<(Vec<ChangeHash>, BoardView)>>,
    /// The tags of sorts and relocations.
    tags: BTreeSet<String>,
    /// After how many steps one opens its board anew to compare; never, if none.
    opening: Option<usize>,
    /// What the world met.
    pub tally: Tally,
}

impl World {
    /// So many people who open copies of one empty board; or who, if not `together`, each make the
    /// board of the same id on their own.
    ///
    /// # Errors
    /// If a board cannot be opened.
    pub fn new(seed: u64, people: usize, together: bool) -> Result<Self, Broken> {
        let mut world = Self {
            seed,
            peers: Vec::new(),
            history: History::new(),
            seen: BTreeMap::new(),
            tags: BTreeSet::new(),
            opening: Some(4),
            tally: Tally::default(),
        };
        let id = BoardId::parse("sim").map_err(|error| unexpected("create", error))?;
        for who in 0..people {
            let unit = match who % 3 {
                0 => (TextUnit::CodePoint, 1),
                1 => (TextUnit::Utf16, 2),
                _ => (TextUnit::Utf8, 4),
            };
            let replica = world.replica(who, who, unit.0);
            let first = world.peers.first().filter(|_| together);
            let (board, known) = match first {
                Some(first) => {
                    let board = Board::open(&first.board.save(), replica);
                    (board.map_err(|error| unexpected("open", error))?, first.known.clone())
                }
                None => {
                    let name =
                        if seed.is_multiple_of(2) { "sim" } else { PEOPLE.get(who).unwrap_or(&"") };
                    let board = Board::create(replica, id.clone(), name, now(who));
                    let change = change_bytes(&board, &board.heads())?;
                    let acts = vec![(Thing::Board, Act::Name(name.to_owned()))];
                    let (past, hash) = (Events::new(), board.heads().first().copied());
                    let (deed, before) = (Deed::Beginning, None);
                    let event = Event { who, past, acts, deed, before, change, hash };
                    world.history.insert(who, Arc::new(event));
                    (board, Events::from([who]))
                }
            };
            let delivered = known.clone();
            world.peers.push(Arc::new(Peer { board, delivered, known, unit, screen: None }));
        }
        Ok(world)
    }

    /// Boards are opened anew only when all should agree: saving and opening costs more than all
    /// other checks of a step.
    pub fn opening_only_to_agree(mut self) -> Self {
        self.opening = None;
        self
    }

    /// A replica whose actor no other step of any seed uses.
    fn replica(&self, who: usize, step: usize, unit: TextUnit) -> Replica {
        let mut random = Random::new(self.seed ^ ((who as u64) << 48) ^ ((step as u64) << 32));
        let actor: [u8; 16] = std::array::from_fn(|_| random.below(256) as u8);
        let name = PEOPLE.get(who).copied().unwrap_or_default();
        Replica::new(ActorId::from(actor)).by(name).counting_text_in(unit)
    }

    /// A copy of somebody's board.
    fn copy(&self, step: usize, who: usize) -> Result<Board, Broken> {
        let peer = self.peer(who)?;
        let copy = Board::open(&peer.board.save(), self.replica(who, step, peer.unit.0));
        copy.map_err(|error| unexpected("open", error))
    }

    /// What somebody has before them.
    ///
    /// # Errors
    /// If the view shows something twice.
    pub fn screen(&self, who: usize) -> Result<Arc<Screen>, Broken> {
        let peer = self.peer(who)?;
        if let Some(screen) = &peer.screen {
            return Ok(screen.clone());
        }
        Ok(Arc::new(Screen {
            sight: Sight::of(&peer.board.view())?,
            raw: RawBoard::read(peer.board.document()),
            token_units: peer.unit.1,
        }))
    }

    fn peer(&self, who: usize) -> Result<&Peer, Broken> {
        let peer = self.peers.get(who).map(|peer| &**peer);
        peer.ok_or_else(|| unexpected("script", "nobody has this number"))
    }

    fn peer_mut(&mut self, who: usize) -> Result<&mut Peer, Broken> {
        let peer = self.peers.get_mut(who).map(Arc::make_mut);
        peer.ok_or_else(|| unexpected("script", "nobody has this number"))
    }

    /// Carries out one step and checks every promise that it concerns.
    ///
    /// # Errors
    /// The invariant that does not hold.
    pub fn perform(&mut self, number: usize, step: &Step) -> Check {
        self.tally.count("steps", 1);
        match step {
            Step::Act { who, command } => self.act(number, *who, command),
            Step::Undo { who } => self.take_back(number, *who, false),
            Step::Redo { who } => self.take_back(number, *who, true),
            Step::Deliver { to, steps } => self.deliver(number, *to, steps),
            Step::Pull { to, from } => {
                let heads = self.peer(*to)?.board.heads();
                let answer = self.peer(*from)?;
                let (changes, known) = (answer.board.changes_since(&heads), answer.known.clone());
                self.receive(number, *to, known, |board| board.receive(changes))
            }
            Step::Merge { to, from } => {
                let other = self.copy(number, *from)?;
                let known = self.peer(*from)?.known.clone();
                self.receive(number, *to, known, |board| board.merge(&other))
            }
            Step::Restart { who } => self.restart(number, *who),
            Step::CompareMerges => self.compare_merges(number),
            Step::Agree => self.agree(number),
        }
    }

    fn act(&mut self, number: usize, who: usize, command: &Command) -> Check {
        let before = self.screen(who)?;
        let expected = outcome(command, &before);
        let peer = self.peer_mut(who)?;
        let heads = peer.board.heads();
        let applied = peer.board.apply(command, now(number));
        peer.screen = None;
        let found = match &applied {
            Ok(applied) if applied.change.is_some() => Outcome::Recorded,
            Ok(_) => Outcome::Nothing,
            Err(_) => Outcome::Refused,
        };
        ensure_equal(&found, &expected, "outcome", || format!("{applied:?}"))?;
        self.tally.count(format!("{}: {found:?}", kind(command)), 1);
        let after = self.screen(who)?;
        let change = applied.as_ref().ok().and_then(|applied| applied.change);
        let Some(hash) = change else {
            let same = after.sight == before.sight && after.raw == before.raw;
            ensure(same, "I11", || format!("{found:?}, yet the board changed"))?;
            let silent = applied.is_ok_and(|a| !a.events.is_empty());
            ensure(!silent, "I11", || "nothing happened, yet there are events".into())?;
            return ensure_equal(&self.peer(who)?.board.heads(), &heads, "I11", || "heads".into());
        };
        let events = applied.map(|applied| applied.events).unwrap_or_default();
        let deed = (Deed::Command, acts_of(command, &before));
        let change = self.record(number, who, deed, &before, &after, (hash, heads))?;
        check_promise(command, &before, &after, &change)?;
        check_events(&before.sight, &after.sight, &events)?;
        self.look(number, who, &after)
    }

    /// Notes what was recorded as an event.
    fn record(
        &mut self,
        number: usize,
        who: usize,
        (deed, mut acts): (Deed, Vec<(Thing, Act)>),
        before: &Arc<Screen>,
        after: &Screen,
        (hash, heads): (ChangeHash, Vec<ChangeHash>),
    ) -> Result<Change, Broken> {
        // One tag for each sort or relocation, and no other has it: concurrent ones would mix.
        let tags = after.raw.new_tags(&before.raw);
        ensure(tags.len() <= 1, "tags", || format!("one command wrote {tags:?}"))?;
        let fresh = tags.iter().all(|tag| self.tags.insert((*tag).to_owned()));
        ensure(fresh, "tags", || format!("{tags:?} served before"))?;
        let peer = self.peer_mut(who)?;
        let change = peer.board.document().get_change_by_hash(&hash);
        let change = change.ok_or_else(|| unexpected("I1", "the recorded change is not there"))?;
        // Automerge adds the author's own last change, which the heads may include already.
        let builds_on_all = heads.iter().all(|head| change.deps().contains(head));
        ensure(builds_on_all, "I1", || "the change does not build on all that is known".into())?;
        for (thing, act) in &mut acts {
            if let Act::Place(value) = act {
                *value = placed_value(thing, &after.raw)?;
            }
        }
        let past = peer.known.clone();
        peer.known.insert(number);
        peer.delivered.insert(number);
        let acts = named_erasures(acts, &Oracle::knowing(&self.history, &past));
        let machine = machines_acts(&before.raw, &after.raw);
        let acts = acts.into_iter().chain(machine).collect();
        let (before, raw_bytes) = (Some(before.clone()), change.raw_bytes().to_vec());
        let event = Event { who, past, acts, deed, before, change: raw_bytes, hash: Some(hash) };
        self.history.insert(number, Arc::new(event));
        Ok(change)
    }

    fn deliver(&mut self, number: usize, to: usize, steps: &[usize]) -> Check {
        let arriving = steps.iter().filter_map(|step| self.history.get(step));
        let changes: Vec<Vec<u8>> = arriving.map(|event| event.change.clone()).collect();
        let arrived = steps.iter().filter(|step| self.history.contains_key(step));
        let arrived = arrived.copied().collect();
        self.receive(number, to, arrived, |board| board.receive_bytes(changes))
    }

    fn receive(
        &mut self,
        number: usize,
        to: usize,
        arrived: Events,
        receive: impl FnOnce(&mut Board) -> Result<Received, MergeError>,
    ) -> Check {
        let before = self.screen(to)?;
        let peer = self.peers.get_mut(to).map(Arc::make_mut);
        let peer = peer.ok_or_else(|| unexpected("script", "nobody"))?;
        let received = receive(&mut peer.board).map_err(|error| unexpected("merge", error))?;
        peer.screen = None;
        let waited = peer.delivered.len() - peer.known.len();
        peer.delivered.extend(arrived);
        let known = known_of(&self.history, &peer.delivered);
        let applied = known.len() - peer.known.len();
        peer.known = known;
        let waiting = peer.delivered.len() - peer.known.len();
        let counts = (received.applied, received.waiting);
        ensure_equal(&counts, &(applied, waiting), "waiting", || "applied and waiting".into())?;
        let asks = !peer.board.missing().is_empty();
        ensure_equal(&asks, &(waiting > 0), "waiting", || "asks for what is missing".into())?;
        self.tally
            .count("changes that waited", (waiting + applied).saturating_sub(waited).min(waiting));
        self.tally.count("changes received", applied);
        let screen = self.screen(to)?;
        count_concurrency(&before.sight, &screen, &mut self.tally);
        check_events(&before.sight, &screen.sight, &received.events)?;
        self.look(number, to, &screen)
    }

    /// Everything that must hold of a board after it changed.
    fn look(&mut self, number: usize, who: usize, screen: &Arc<Screen>) -> Check {
        self.peer_mut(who)?.screen = Some(screen.clone());
        let peer = self.peers.get(who).ok_or_else(|| unexpected("script", "nobody"))?;
        let oracle = Oracle::knowing(&self.history, &peer.known);
        check(&oracle, &screen.sight, &screen.raw)?;
        let (mut heads, view) = (peer.board.heads(), peer.board.view());
        heads.sort();
        match self.seen.get(&peer.known) {
            Some(seen) => {
                self.tally.count("views compared", 1);
                ensure_equal(&(heads, view), seen, "I1", || "same changes, another board".into())?;
            }
            None => drop(self.seen.insert(peer.known.clone(), Arc::new((heads, view)))),
        }
        match self.opening {
            Some(steps) if number.is_multiple_of(steps) => self.open_anew(number, who),
            _ => Ok(()),
        }
    }

    fn open_anew(&mut self, number: usize, who: usize) -> Check {
        let fresh = self.copy(number, who)?.view();
        let view = self.peer(who)?.board.view();
        self.tally.count("boards opened anew", 1);
        ensure_equal(&fresh, &view, "I10", || "opened anew, the board differs".into())
    }

    fn restart(&mut self, number: usize, who: usize) -> Check {
        let board = self.copy(number, who)?;
        let peer = self.peer_mut(who)?;
        let view = peer.board.view();
        peer.board = board;
        peer.delivered = peer.known.clone();
        peer.screen = None;
        ensure_equal(&peer.board.view(), &view, "I10", || "after a restart".into())?;
        let screen = self.screen(who)?;
        self.look(number, who, &screen)
    }
}

/// The one value that a person's placement left in the register.
fn placed_value(thing: &Thing, raw: &RawBoard) -> Result<String, Broken> {
    let raw = match thing {
        Thing::Card(id) => raw.cards.get(id).map(|raw| &raw.pos),
        Thing::Column(id) => raw.columns.get(id).map(|raw| &raw.pos),
        Thing::Part(card, key) => raw.parts.get(&(card.clone(), key.clone())),
        _ => None,
    };
    let values: BTreeSet<&String> = raw.into_iter().flatten().collect();
    match values.first() {
        Some(value) if values.len() == 1 => Ok((*value).clone()),
        _ => Err(unexpected("I4", format!("a placement of {thing:?} left {values:?}"))),
    }
}

/// Erasures name who had typed the character: every time that it is there.
fn named_erasures(acts: Vec<(Thing, Act)>, oracle: &Oracle<'_>) -> Vec<(Thing, Act)> {
    let mut named = Vec::new();
    for (thing, act) in acts {
        match act {
            Act::Erase(erased, usize::MAX) => {
                let typed = oracle.typed(&thing).into_iter().filter(|(c, _)| *c == erased);
                named.extend(typed.map(|(c, number)| (thing.clone(), Act::Erase(c, number))));
            }
            act => named.push((thing, act)),
        }
    }
    named
}

/// What a change did to machines' placements. No rule says which key a card gets, so that is read
/// off; what may not happen to it afterwards is checked.
fn machines_acts(before: &RawBoard, after: &RawBoard) -> Vec<(Thing, Act)> {
    let cards =
        after.cards.iter().map(|(id, raw)| (Thing::Card(id.clone()), before.cards.get(id), raw));
    let columns = after
        .columns
        .iter()
        .map(|(id, raw)| (Thing::Column(id.clone()), before.columns.get(id), raw));
    let act = |(thing, old, new): (Thing, Option<&Raw>, &Raw)| {
        let old = old.map_or(&[][..], |old| &old.ord);
        let fresh = new.ord.iter().find(|value| !old.contains(value));
        match fresh {
            Some(value) => Some((thing, Act::Refine(value.clone()))),
            None if new.ord.is_empty() && !old.is_empty() => Some((thing, Act::Unrefine)),
            None => None,
        }
    };
    cards.chain(columns).filter_map(act).collect()
}

fn change_bytes(board: &Board, heads: &[ChangeHash]) -> Result<Vec<u8>, Broken> {
    let hash = heads.first().ok_or_else(|| unexpected("create", "no heads"))?;
    let change = board.document().get_change_by_hash(hash);
    let change = change.ok_or_else(|| unexpected("create", "no change"))?;
    Ok(change.raw_bytes().to_vec())
}

/// Times play no role in a merge: any will do.
fn now(step: usize) -> Timestamp {
    Timestamp::from_unix_seconds(1_700_000_000 + step as i64)
}

fn unexpected(invariant: &'static str, detail: impl ToString) -> Broken {
    Broken { invariant, detail: detail.to_string() }
}
