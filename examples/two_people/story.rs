//! The run, told to a person. Every figure is counted from it.

use crate::Run;
use crate::comparison::{Outcome, Undone};
use crate::date::{self, day};
use crate::meeting::{Meeting, Place};
use crate::people::{Deed, Did, Move, Person};
use crate::picture::{draw, fit};
use crate::trello_log::What;
use crate::verdict::{Agreement, Audit, Fate};
use kanban_core::{Board, Card, CardId, Change, ColumnId, PlacementChoice};
use std::collections::BTreeMap;
use std::fmt::{self, Write};

const LINE_CHARS: usize = 99;
const TITLE_CHARS: usize = 33;
const MOVES_SHOWN: usize = 2;
const UNDONE_SHOWN: usize = 2;

/// What the story is about.
pub struct Story<'a> {
    pub run: &'a Run,
    pub merged: &'a Board,
    pub audit: &'a Audit<'a>,
}

impl Story<'_> {
    pub fn tell_where_it_begins(&self, out: &mut String) -> fmt::Result {
        let view = self.run.start.view();
        let on_board: usize = view.columns.iter().map(|column| column.cards.len()).sum();
        heading(out, "Two people, one board, and no connection")?;
        let text = format!(
            "The board {:?}, a real one from Trello, names removed, as it stood halfway \
             through its log, on {}: {} in {}, {} more archived. Replaying the rest of the log on a plain model \
             gives the exported board exactly ({} that Trello erased are left out).",
            view.name,
            date::parse(&self.run.history.midpoint_date).map_or(String::new(), day),
            number(on_board, "card"),
            number(view.columns.len(), "column"),
            view.archived_cards.len(),
            number(self.run.history.erased.len(), "card"),
        );
        say(out, "", &text)?;
        draw(out, &view, |_| String::new())
    }

    pub fn tell_what_each_did(&self, out: &mut String) -> fmt::Result {
        let mut drags: BTreeMap<&str, usize> = BTreeMap::new();
        for step in &self.run.history.later {
            if matches!(step.what, What::Drag { .. }) {
                *drags.entry(&step.who).or_default() += 1;
            }
        }
        let dealt = &self.run.dealt;
        let ([ana, ben], [ana_own, ben_own]) = (dealt.in_turn, dealt.to_the_owner);
        heading(out, "Offline")?;
        let text = format!(
            "Ana brings the board to a relay at {}, a process of its own, and Ben joins by the board's address, {}. \
             Both go offline and work on until {}. The drags are real; who makes them is our dealing, since one \
             person made {} of the {}. Drags of cards that both have are dealt in \
             turn, {ana} to Ana and {ben} to Ben. A card created later exists only where it was created, so its \
             drags go to whoever created it, {ana_own} to Ana and {ben_own} to Ben. {} of all these changed nothing, \
             as the card stood there already, and do not count as moves.",
            self.run.meeting.relay,
            Place::address(),
            self.last_day(),
            drags.values().max().unwrap_or(&0),
            drags.values().sum::<usize>(),
            dealt.already_there.iter().sum::<usize>(),
        );
        say(out, "", &text)?;
        Person::BOTH.into_iter().try_for_each(|who| self.tell_what_one_did(out, who))
    }

    fn tell_what_one_did(&self, out: &mut String, who: Person) -> fmt::Result {
        let deeds = || self.run.team.deeds.iter().filter(|deed| deed.who == who);
        let count = |is: fn(&Did) -> bool| deeds().filter(|deed| is(&deed.what)).count();
        let moves: Vec<(&Deed, &Move)> =
            deeds().filter_map(|deed| Some((deed, deed.what.as_move()?))).collect();
        let text = format!(
            "{} made {} ({} across columns), {}, {} and {}, and archived {}:",
            who.name(),
            number(moves.len(), "move"),
            moves.iter().filter(|(_, drag)| !drag.is_within_a_column()).count(),
            number(count(|did| matches!(did, Did::Renamed { .. })), "rename"),
            number(count(|did| matches!(did, Did::Described { .. })), "description"),
            number(count(|did| matches!(did, Did::Created { .. })), "card"),
            count(|did| matches!(did, Did::Archived { .. })),
        );
        writeln!(out)?;
        say(out, "", &text)?;
        let across = moves.iter().filter(|(_, drag)| !drag.is_within_a_column());
        let of_both = across.filter(|(_, drag)| self.run.start.card(&drag.card).is_some());
        for (deed, drag) in of_both.take(MOVES_SHOWN) {
            let (from, to) = (self.column(&drag.from), self.column(&drag.to));
            let title = self.title(&drag.card);
            writeln!(out, "  {:>11}  {title:TITLE_CHARS$}  {from} → {to}", day(deed.at))?;
        }
        for deed in deeds() {
            match &deed.what {
                Did::Sorted { column, order } => writeln!(
                    out,
                    "In the end {} sorted {} by title, {}.",
                    who.name(),
                    self.column(column),
                    number(order.len(), "card"),
                )?,
                Did::DeletedColumn { column, cards, to } => writeln!(
                    out,
                    "In the end {} deleted {} and sent the {} in it to {}.",
                    who.name(),
                    self.column(column),
                    number(cards.len(), "card"),
                    self.column(to),
                )?,
                _ => {}
            }
        }
        Ok(())
    }

    pub fn tell_how_they_met(&self, out: &mut String, agreement: &Agreement) -> fmt::Result {
        let Meeting { from_ana, from_ben, .. } = &self.run.meeting;
        let marks = self.marks();
        heading(out, "They meet, and the relay is killed")?;
        let mut text = format!(
            "Ana comes back first, with {}. The relay answers that it has stored them, and in that moment it is \
             killed with SIGKILL; Ana goes offline. Started again at the same address, on the same directory, it \
             gives Ben {} of hers ({} bytes) and takes his. Ana comes once more, and gets {} of his ({} bytes). Since \
             they parted, the two were never online at the same time. ",
            number(self.run.meeting.acknowledged, "change"),
            number(from_ana.len(), "change"),
            bytes(from_ana),
            number(from_ben.len(), "change"),
            bytes(from_ben),
        );
        if agreement.is_complete() {
            text += "Their heads are equal and they show the same board, also after it is saved and opened again.";
        } else {
            write!(text, "They do not agree: {agreement:?}.")?;
        }
        say(out, "", &text)?;
        writeln!(out, "A, B: whose move or new card it is. *: there is another choice.")?;
        draw(out, &self.merged.view(), |card| {
            let letter = marks.get(&card.id).and_then(|who| who.name().chars().next());
            let star = if self.losing_choices(&card.id).is_empty() { ' ' } else { '*' };
            format!("{}{star}", letter.unwrap_or(' '))
        })
    }

    pub fn tell_what_they_disagree_on(&self, out: &mut String) -> fmt::Result {
        let cards: Vec<&Card> = self.merged.cards().map(|card| &**card).collect();
        let disputed = cards.iter().filter(|card| !self.losing_choices(&card.id).is_empty());
        let (columns, heights): (Vec<&Card>, Vec<&Card>) = disputed.partition(|card| {
            let others = self.losing_choices(&card.id);
            others.iter().any(|choice| choice.placement.column != card.column)
        });
        heading(out, "What they disagree on")?;
        let text = format!(
            "{} moved by both, neither knowing of the other. One place is shown, the other can be picked.",
            number(columns.len() + heights.len(), "card"),
        );
        say(out, "", &text)?;
        for card in columns {
            let title = self.title(&card.id);
            writeln!(out, "  {title:TITLE_CHARS$}  in {}", self.shown_place(card))?;
            for choice in self.losing_choices(&card.id) {
                let place = self.column(&choice.placement.column);
                writeln!(out, "  {:TITLE_CHARS$}  or {place} ({})", "", signed(&choice))?;
            }
        }
        if !heights.is_empty() {
            writeln!(out, "Either way in one column, but at different heights:")?;
        }
        for card in heights {
            let others: Vec<String> = self.losing_choices(&card.id).iter().map(signed).collect();
            let (title, shown) = (self.title(&card.id), self.shown_place(card));
            writeln!(out, "  {title:TITLE_CHARS$}  in {shown} or ({})", others.join("; "))?;
        }
        for card in cards.iter().filter(|card| !card.other_titles.is_empty()) {
            let others: Vec<String> =
                card.other_titles.iter().map(|title| format!("{title:?}")).collect();
            writeln!(out, "Both renamed a card: {:?}, or {}.", card.title, others.join(", "))?;
        }
        for deed in &self.run.team.deeds {
            if let (Person::Ana, Did::AddedLine { card, .. }) = (deed.who, &deed.what) {
                let text = self.merged.card(card).map_or("", |card| &card.description);
                writeln!(out, "Both added a line to the description of {}:", self.title(card))?;
                text.lines().try_for_each(|line| writeln!(out, "  | {}", fit(line, 90)))?;
            }
        }
        for card in cards.iter().filter(|card| card.deleted_concurrently) {
            writeln!(out, "Deleted by one and kept by the other: {}.", self.title(&card.id))?;
        }
        Ok(())
    }

    /// The column that shows a disputed card, and who put it there.
    fn shown_place(&self, card: &Card) -> String {
        let shown = self.column(&card.column);
        let choices = self.merged.placement_choices(&card.id);
        let Some(choice) = choices.iter().find(|choice| choice.in_force) else { return shown };
        match self.column(&choice.placement.column) {
            same if same == shown => format!("{shown} ({})", signed(choice)),
            left => format!("{shown} ({}, to {left}, which was deleted then)", signed(choice)),
        }
    }

    pub fn tell_what_became_of_columns(&self, out: &mut String) -> fmt::Result {
        for deed in &self.run.team.deeds {
            match &deed.what {
                Did::Sorted { column, order } => {
                    let moved = self.in_force_in(column, deed.who.other());
                    let shown: Vec<&CardId> =
                        self.merged.cards_in(column).map(|card| &card.id).collect();
                    let stay =
                        order.iter().filter(|card| shown.contains(card) && !moved.contains(card));
                    let text = format!(
                        "{}'s sort of {} holds for {}; {} that {} put there meanwhile stand where dropped.",
                        deed.who.name(),
                        self.column(column),
                        number(stay.count(), "card"),
                        number(moved.len(), "card"),
                        deed.who.other().name(),
                    );
                    say(out, "", &text)?;
                }
                Did::DeletedColumn { column, cards, to } => {
                    let kept = self.in_force_in(column, deed.who.other());
                    let sent = cards
                        .iter()
                        .filter(|id| self.merged.card(id).is_some_and(|card| card.column == *to));
                    let is_recovered =
                        self.merged.column(column).is_some_and(|column| column.recovered);
                    let text = format!(
                        "{} is {}: {} deleted it, and {} had moved {} into it meanwhile. Of the {} that {} saw in \
                         it, {} are in {}.",
                        self.column(column),
                        if is_recovered { "still shown, marked as recovered" } else { "gone" },
                        deed.who.name(),
                        deed.who.other().name(),
                        number(kept.len(), "card"),
                        number(cards.len(), "card"),
                        deed.who.name(),
                        sent.count(),
                        self.column(to),
                    );
                    say(out, "", &text)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub fn total_up(&self, out: &mut String) -> fmt::Result {
        let (audit, moves, edits) = (
            self.audit,
            |fate| self.audit.moves_that_are(fate),
            |fate| self.audit.edits_that_are(fate),
        );
        heading(out, "Totals")?;
        writeln!(
            out,
            "{}: {} in force, {} superseded by somebody who had seen them, {} listed as a choice.",
            number(audit.moves.len(), "move"),
            moves(Fate::InForce),
            moves(Fate::Superseded),
            moves(Fate::Listed),
        )?;
        writeln!(
            out,
            "{}: {} shown, {} superseded by somebody who had seen them, {} listed as a choice, {} gone.",
            number(audit.edits.len(), "edit"),
            edits(Fate::InForce),
            edits(Fate::Superseded),
            edits(Fate::Listed),
            edits(Fate::Undone),
        )?;
        writeln!(
            out,
            "{} lost, {} duplicated, {} silently undone.",
            number(audit.lost.len(), "card"),
            audit.duplicated.len(),
            number(moves(Fate::Undone), "move"),
        )?;
        for (deed, drag, _) in audit.moves.iter().filter(|(_, _, fate)| *fate == Fate::Undone) {
            writeln!(out, "  undone: {}", self.drag(deed, drag))?;
        }
        for (deed, _) in audit.edits.iter().filter(|(_, fate)| *fate == Fate::Undone) {
            writeln!(out, "  gone: an edit by {}, {:?}", deed.who.name(), deed.what)?;
        }
        let broken = [
            ("lost", &audit.lost),
            ("duplicated", &audit.duplicated),
            ("misplaced", &audit.misplaced),
        ];
        for (what, cards) in broken {
            cards.iter().try_for_each(|card| writeln!(out, "  {what}: {}", self.title(card)))?;
        }
        Ok(())
    }

    /// `whole_columns`: what happens if Ana's queue comes first, and if Ben's does.
    pub fn compare(
        &self,
        out: &mut String,
        whole_columns: &[Outcome<'_>; 2],
        online: &Outcome<'_>,
    ) -> fmt::Result {
        let [ana_first, ben_first] = whole_columns;
        let moves = |fate| self.audit.moves_that_are(fate);
        heading(out, "The same moves in an app of 2018")?;
        let text = "There a drag sends the sender's whole column, and the server believes the last message. Every \
             doubt is decided in its favour: nothing queued offline is lost (in fact the app lost it when it failed \
             to connect again), a new card sends only itself, the sort and the deleted column are left out (so fewer \
             moves are superseded), and a move is in force wherever in its column the card stands; here it must be in \
             its place. Ana's queue comes first, then Ben's.";
        say(out, "", text)?;
        writeln!(out)?;
        let mut row = |what: &str, ours: String, theirs: String| {
            writeln!(out, "  {what:26}{ours:>12}{theirs:>18}")
        };
        row("", "this board".into(), "whole columns".into())?;
        row("in force", moves(Fate::InForce).to_string(), ana_first.in_force.to_string())?;
        row(
            "superseded, seen",
            moves(Fate::Superseded).to_string(),
            ana_first.superseded.to_string(),
        )?;
        row("listed as a choice", moves(Fate::Listed).to_string(), "–".into())?;
        row(
            "silently undone",
            moves(Fate::Undone).to_string(),
            ana_first.undone.len().to_string(),
        )?;
        let both = |lost: usize, duplicated: usize| format!("{lost}, {duplicated}");
        let ours = both(self.audit.lost.len(), self.audit.duplicated.len());
        row("cards lost, duplicated", ours, both(ana_first.lost, ana_first.duplicated))?;
        let undone = &ana_first.undone;
        let within = undone.iter().filter(|undone| undone.drag.is_within_a_column()).count();
        let by_accident: Vec<&Undone<'_>> =
            undone.iter().filter(|undone| undone.cause_is_another_card()).collect();
        let text = format!(
            "{} of the {} undone had gone to another column. {} were undone by a drag of another card, for example:",
            undone.len() - within,
            undone.len(),
            by_accident.len(),
        );
        writeln!(out)?;
        say(out, "", &text)?;
        for undone in by_accident.iter().take(UNDONE_SHOWN) {
            if let (Some(found), Some((who, dragged))) = (&undone.found, &undone.cause) {
                let text = format!(
                    "{} is gone. The card is back in {}, where {}'s tab still had it when {} dragged {}.",
                    self.drag(undone.deed, undone.drag),
                    self.column(found),
                    who.name(),
                    who.name(),
                    self.title(dragged),
                );
                say(out, "  ", &text)?;
            }
        }
        writeln!(
            out,
            "With Ben's queue first, {} are undone. Online all along, loading before each drag: {}.",
            ben_first.undone.len(),
            online.undone.len(),
        )
    }

    pub fn conclude(
        &self,
        out: &mut String,
        kept: bool,
        whole_columns: &[Outcome<'_>; 2],
    ) -> fmt::Result {
        let [ana_first, _] = whole_columns;
        if !kept {
            return writeln!(out, "\nA promise was broken; see the totals above.");
        }
        writeln!(
            out,
            "\nAll {} moves are kept. Whole columns would have undone {} of them without a word.",
            self.audit.moves.len(),
            ana_first.undone.len(),
        )
    }

    /// Whose move or new card each is, for the moves in force and the cards never moved.
    fn marks(&self) -> BTreeMap<CardId, Person> {
        let created = self.run.team.deeds.iter().filter_map(|deed| match &deed.what {
            Did::Created { card, .. } => Some((card.clone(), deed.who)),
            _ => None,
        });
        let moves = self.audit.moves.iter().filter(|(_, _, fate)| *fate == Fate::InForce);
        created.chain(moves.map(|(deed, drag, _)| (drag.card.clone(), deed.who))).collect()
    }

    /// The cards that stand in a column because of this person's move, which is in force.
    fn in_force_in(&self, column: &ColumnId, who: Person) -> Vec<CardId> {
        let moves = self.audit.moves.iter().filter(|(deed, drag, fate)| {
            *fate == Fate::InForce && deed.who == who && drag.to == *column
        });
        moves.map(|(_, drag, _)| drag.card.clone()).collect()
    }

    fn losing_choices(&self, card: &CardId) -> Vec<PlacementChoice> {
        let choices = self.merged.placement_choices(card).into_iter();
        choices.filter(|choice| !choice.in_force).collect()
    }

    fn drag(&self, deed: &Deed, drag: &Move) -> String {
        let (title, to) = (self.title(&drag.card), self.column(&drag.to));
        format!("{}'s drag of {title} to {to} on {}", deed.who.name(), day(deed.at))
    }

    fn last_day(&self) -> String {
        self.run.team.deeds.last().map_or(String::new(), |deed| day(deed.at))
    }

    fn title(&self, card: &CardId) -> String {
        self.merged.card(card).map_or("?".into(), |card| fit(&card.title, TITLE_CHARS))
    }

    fn column(&self, column: &ColumnId) -> String {
        self.merged.column(column).map_or("?".into(), |column| column.name.clone())
    }
}

fn heading(out: &mut String, text: &str) -> fmt::Result {
    if !out.is_empty() {
        writeln!(out)?;
    }
    writeln!(out, "{text}\n{}", "═".repeat(text.chars().count()))
}

/// `1 card`, `2 cards`
fn number(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `Ana, 3 Jan 2018`
fn signed(choice: &PlacementChoice) -> String {
    let author = choice.author.as_deref().unwrap_or(b"somebody");
    format!("{}, {}", String::from_utf8_lossy(author), day(choice.at))
}

/// Writes a paragraph in lines of at most [`LINE_CHARS`], the first behind `indent` and the others behind two.
fn say(out: &mut String, indent: &str, text: &str) -> fmt::Result {
    let mut line = indent.to_owned();
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > LINE_CHARS {
            writeln!(out, "{line}")?;
            line = format!("{indent}{indent}");
        } else if !line.trim().is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(out, "{line}")
}

fn bytes(changes: &[Change]) -> usize {
    changes.iter().map(|change| change.raw_bytes().len()).sum()
}
