//! The same moves under a 2018 app that sends whole columns (see `whole_list.rs`).
//!
//! Every doubt is decided in that app's favour. Nothing that was queued offline is lost. Creating a card sends only that
//! card. The sort and the deletion of the column are left out. A move counts as in force wherever in the right column
//! the card stands.

use crate::people::{Deed, Did, Move, Person};
use crate::trello_log::PastBoard;
use crate::whole_list::{WholeListClient, WholeListMessage, WholeListServer};
use kanban_core::{CardId, ColumnId};
use std::collections::BTreeMap;

/// What became of the moves, by the same words as [`Fate`](crate::verdict::Fate); there are no choices in this app.
#[derive(Debug)]
pub struct Outcome<'a> {
    pub superseded: usize,
    pub in_force: usize,
    pub undone: Vec<Undone<'a>>,
    /// Cards on no column, and cards on several.
    pub lost: usize,
    pub duplicated: usize,
}

/// A move that is gone although nobody had seen it.
#[derive(Debug)]
pub struct Undone<'a> {
    pub deed: &'a Deed,
    pub drag: &'a Move,
    /// Where the card stands instead, if anywhere.
    pub found: Option<ColumnId>,
    /// Whose message put it there, and which card that person was dragging.
    pub cause: Option<(Person, CardId)>,
}

impl Undone<'_> {
    /// Whether the other person's last word on the card was about another card altogether.
    pub fn cause_is_another_card(&self) -> bool {
        self.cause.as_ref().is_some_and(|(_, dragged)| *dragged != self.drag.card)
    }
}

/// Both tabs load the board and go offline; later `first` comes back and delivers everything, then the other.
pub fn offline<'a>(start: &PastBoard, deeds: &'a [Deed], first: Person) -> Outcome<'a> {
    let mut server = server(start);
    let mut causes = BTreeMap::new();
    for who in [first, first.other()] {
        let mut tab = WholeListClient::copy_of(&WholeListServer::new(columns(start)));
        // Which card each queued message is about, and whether it is a new one.
        let mut about = Vec::new();
        for deed in deeds.iter().filter(|deed| deed.who == who) {
            let queued = tab.queued().count();
            play(&mut tab, deed);
            let (card, is_new) = match &deed.what {
                Did::Moved(drag) => (&drag.card, false),
                Did::Created { card, .. } => (card, true),
                _ => continue,
            };
            about.extend((queued..tab.queued().count()).map(|_| (card, is_new)));
        }
        for (message, (card, is_new)) in tab.queued().zip(about) {
            let before = places(&server);
            server.receive(match is_new {
                true => WholeListMessage { order: vec![card.to_string()], ..message.clone() },
                false => message.clone(),
            });
            for (moved, column) in places(&server) {
                if before.get(&moved) != Some(&column) {
                    causes.insert(moved, (who, card.clone()));
                }
            }
        }
    }
    let seen = |later: &Deed, earlier: &Deed| later.who == earlier.who;
    outcome(&server, start, deeds, &causes, seen)
}

/// Both tabs stay online and load the board anew before every drag: the app as it was meant to be used.
pub fn online<'a>(start: &PastBoard, deeds: &'a [Deed]) -> Outcome<'a> {
    let mut server = server(start);
    let mut tab = WholeListClient::copy_of(&server);
    for deed in deeds {
        tab.reload(&server);
        play(&mut tab, deed);
        tab.deliver(&mut server);
    }
    outcome(&server, start, deeds, &BTreeMap::new(), |_, _| true)
}

fn play(tab: &mut WholeListClient, deed: &Deed) {
    match &deed.what {
        Did::Moved(drag) => {
            let before = drag.before.as_ref().map(|card| card.as_str());
            tab.drag(drag.card.as_str(), drag.to.as_str(), before);
        }
        Did::Created { card, column } => {
            tab.create(card.as_str(), column.as_str());
        }
        _ => {}
    }
}

fn outcome<'a>(
    server: &WholeListServer,
    start: &PastBoard,
    deeds: &'a [Deed],
    causes: &BTreeMap<String, (Person, CardId)>,
    had_seen: impl Fn(&Deed, &Deed) -> bool,
) -> Outcome<'a> {
    let places = places(server);
    let shown: Vec<&String> = server.columns().iter().flat_map(|(_, cards)| cards).collect();
    let created = deeds.iter().filter(|deed| matches!(deed.what, Did::Created { .. }));
    let expected = start.columns.iter().map(|column| column.cards.len()).sum::<usize>();
    let mut outcome = Outcome {
        superseded: 0,
        in_force: 0,
        undone: Vec::new(),
        lost: (expected + created.count()).saturating_sub(places.len()),
        duplicated: shown.len() - places.len(),
    };
    for (index, deed) in deeds.iter().enumerate() {
        let Some(drag) = deed.what.as_move() else { continue };
        let mut later = deeds.iter().skip(index + 1);
        let superseded = later.any(|later| {
            let moves_it = later.what.as_move().is_some_and(|other| other.card == drag.card);
            moves_it && had_seen(later, deed)
        });
        let found = places.get(drag.card.as_str());
        if superseded {
            outcome.superseded += 1;
        } else if found.is_some_and(|found| found == drag.to.as_str()) {
            outcome.in_force += 1;
        } else {
            let found = found.and_then(|column| ColumnId::parse(column).ok());
            let cause = causes.get(drag.card.as_str()).cloned();
            outcome.undone.push(Undone { deed, drag, found, cause });
        }
    }
    outcome
}

fn server(start: &PastBoard) -> WholeListServer {
    WholeListServer::new(columns(start))
}

fn columns(start: &PastBoard) -> Vec<(String, Vec<String>)> {
    let columns = start.columns.iter().map(|column| {
        (column.id.clone(), column.cards.iter().map(|card| card.id.clone()).collect())
    });
    columns.collect()
}

/// The column of every card.
fn places(server: &WholeListServer) -> BTreeMap<String, String> {
    let columns = server.columns().iter();
    let places =
        columns.flat_map(|(id, cards)| cards.iter().map(|card| (card.clone(), id.clone())));
    places.collect()
}
