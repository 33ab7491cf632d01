//! Two people work on a real board for three months without hearing of each other, then meet again through a relay.
//!
//! `cargo run --release --example two_people` prints what happened, computed from the run. It exits with a failure if a
//! card is lost or doubled, or a move silently undone.
//!
//! The relay is a real one, in a process of its own (see `relay.rs`), reached over WebSockets. It is killed between the
//! two: what Ben gets of Ana's work is what it had stored (see `meeting.rs`).

mod comparison;
mod date;
mod meeting;
mod people;
mod picture;
mod relay;
mod replay;
mod story;
mod trello_log;
mod verdict;
mod whole_list;

use kanban_core::{Board, CardId, ColumnId, Timestamp};
use meeting::{Meeting, Place};
use people::{Person, Team};
use replay::Dealt;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use story::Story;
use trello_log::History;
use verdict::{Agreement, Audit};

const TRELLO: &str = include_str!("../data/trello-medium.json");

/// Ana sorts the column in which the most cards end, and into which Ben drags while she does.
const SORTED: &str = "Done";
/// Ben deletes the column through which cards pass on their way to that one: Ana goes on dragging cards into it.
const DELETED: &str = "Review";
/// Where Ben sends the cards that he sees in it: what was in review counts as done.
const EMPTIED_INTO: &str = "Done";

fn main() -> ExitCode {
    if let Some(arguments) = relay::role() {
        return match relay::play(arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail("the relay", &*error),
        };
    }
    let mut text = String::new();
    let kept = tell(&mut text);
    // A closed pipe (`| head`) is no broken promise.
    io::stdout().write_all(text.as_bytes()).ok();
    match kept {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => fail("the example", &*error),
    }
}

fn fail(who: &str, error: &dyn Error) -> ExitCode {
    eprintln!("{who} could not run: {}", sync_protocol::sentence(error));
    ExitCode::FAILURE
}

/// Tells the story; whether every promise was kept.
fn tell(out: &mut String) -> Result<bool, Box<dyn Error>> {
    let run = Run::of(TRELLO)?;
    let merged = run.team.board(Person::Ana);
    let audit = Audit::of(&run.before(), &run.team.deeds, merged);
    let agreement = Agreement::of(merged, run.team.board(Person::Ben));
    let story = Story { run: &run, merged, audit: &audit };

    story.tell_where_it_begins(out)?;
    story.tell_what_each_did(out)?;
    story.tell_how_they_met(out, &agreement)?;
    story.tell_what_they_disagree_on(out)?;
    story.tell_what_became_of_columns(out)?;
    story.total_up(out)?;

    let midpoint = &run.history.midpoint;
    let whole_columns =
        Person::BOTH.map(|first| comparison::offline(midpoint, &run.team.deeds, first));
    let online = comparison::online(midpoint, &run.team.deeds);
    story.compare(out, &whole_columns, &online)?;
    let kept = audit.is_clean() && agreement.is_complete();
    story.conclude(out, kept, &whole_columns)?;
    Ok(kept)
}

/// Everything that happened, up to and including the meeting.
struct Run {
    history: History,
    start: Board,
    dealt: Dealt,
    team: Team,
    meeting: Meeting,
}

impl Run {
    fn of(trello: &str) -> Result<Self, Box<dyn Error>> {
        let history = History::read(trello)?;
        let midpoint = date::parse(&history.midpoint_date).ok_or("the midpoint has no date")?;
        let start = replay::board_from(&history.midpoint, midpoint)?;

        let mut place = Place::open()?;
        let online = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut team = online.block_on(place.share(&start))?;
        let dealt = replay::deal(&history, &mut team)?;
        let evening = team.deeds.last().map_or(midpoint, |deed| deed.at);
        both_add_a_line(&mut team, &start, evening)?;
        team.sorts(Person::Ana, evening, column(&start, SORTED)?)?;
        let (deleted, into) = (column(&start, DELETED)?, column(&start, EMPTIED_INTO)?);
        team.deletes_column(Person::Ben, evening, deleted, into)?;

        let meeting = online.block_on(place.meet(&mut team))?;
        Ok(Self { history, start, dealt, team, meeting })
    }

    /// The cards that both began with.
    fn before(&self) -> BTreeSet<CardId> {
        self.start.cards().map(|card| card.id.clone()).collect()
    }
}

/// The log has no description that both could have written, so both add a line to the card that was dragged most.
fn both_add_a_line(team: &mut Team, start: &Board, at: Timestamp) -> Result<(), Box<dyn Error>> {
    let mut drags: BTreeMap<CardId, usize> = BTreeMap::new();
    for drag in team.deeds.iter().filter_map(|deed| deed.what.as_move()) {
        if start.card(&drag.card).is_some() {
            *drags.entry(drag.card.clone()).or_default() += 1;
        }
    }
    let most = drags.into_iter().max_by_key(|(_, drags)| *drags);
    let (card, _) = most.ok_or("nobody dragged a card that both have")?;
    for who in Person::BOTH {
        let line = format!("{}: ask me before you move this again.", who.name());
        team.adds_line(who, at, card.clone(), line)?;
    }
    Ok(())
}

fn column(board: &Board, name: &str) -> Result<ColumnId, Box<dyn Error>> {
    let found = board.columns().find(|column| column.name == name);
    let found = found.ok_or_else(|| format!("the board has no column {name:?}"))?;
    Ok(found.id.clone())
}

#[cfg(test)]
mod tests;
