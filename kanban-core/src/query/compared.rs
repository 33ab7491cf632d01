//! Queries compared with a model too simple to be wrong.

use super::counts::counts;
use super::filter::{Filter, Scope};
use super::find::find;
use super::samples::{archived, board, card, label, member};
use super::swimlanes::{Group, GroupBy, swimlanes};
use super::text::search;
use crate::date::DateOrTime;
use crate::replica::Timestamp;
use crate::view::{BoardView, Card};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

const LABELS: [&str; 4] = ["red", "green", "blue", "undefined"];
const MEMBERS: [&str; 3] = ["ana", "ben", "unlisted"];
const WORDS: [&str; 4] = ["apple", "Pear", "ÄPFEL", "ﾊﾞﾅﾅ"];
const COLUMNS: [&str; 3] = ["todo", "doing", "done"];

/// Today is day 100, and it is noon.
const TODAY: i64 = 100;
const NOW: Timestamp = Timestamp::from_unix_seconds(TODAY * 86_400 + 43_200);

/// A card as the model knows it, and as the board does.
#[derive(Debug, Clone)]
struct Sample {
    labels: Vec<&'static str>,
    members: Vec<&'static str>,
    due_day: Option<i64>,
    title: Vec<&'static str>,
    description: Vec<&'static str>,
    done: bool,
    shelved: bool,
    column: usize,
}

/// What somebody asks for, as the model knows it.
#[derive(Debug, Clone)]
struct Question {
    labels: Vec<&'static str>,
    no_label: bool,
    members: Vec<&'static str>,
    unassigned: bool,
    overdue: bool,
    within_days: Option<u32>,
    words: Vec<&'static str>,
    done: Option<bool>,
    columns: Vec<usize>,
    scope: Scope,
}

fn subset(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    btree_set(select(of), 0..of.len()).prop_map(|set| set.into_iter().collect())
}

fn samples() -> impl Strategy<Value = Vec<Sample>> {
    let sample = (
        subset(&LABELS),
        subset(&MEMBERS),
        proptest::option::of(TODAY - 3..TODAY + 10),
        subset(&WORDS),
        subset(&WORDS),
        any::<bool>(),
        prop::bool::weighted(0.2),
        0..COLUMNS.len(),
    );
    let sample =
        sample.prop_map(|(labels, members, due_day, title, description, done, shelved, column)| {
            Sample { labels, members, due_day, title, description, done, shelved, column }
        });
    vec(sample, 0..12)
}

fn questions() -> impl Strategy<Value = Question> {
    // Mostly few conditions: otherwise nothing would ever match.
    let rarely = || prop::bool::weighted(0.3);
    let asked_labels = prop_oneof![3 => Just(Vec::new()), 1 => subset(&LABELS)];
    let asked_members = prop_oneof![3 => Just(Vec::new()), 1 => subset(&MEMBERS)];
    let words = prop_oneof![2 => Just(Vec::new()), 1 => subset(&WORDS)];
    let columns = prop_oneof![2 => Just(Vec::new()), 1 => vec(0..COLUMNS.len(), 0..3)];
    let scopes = select(&[Scope::Board, Scope::Shelf, Scope::BoardAndShelf][..]);
    let days = prop_oneof![2 => Just(None), 1 => (0_u32..9).prop_map(Some)];
    (
        (asked_labels, rarely(), asked_members, rarely(), rarely()),
        (days, words, proptest::option::weighted(0.3, any::<bool>()), columns, scopes),
    )
        .prop_map(|((labels, no_label, members, unassigned, overdue), rest)| {
            let (within_days, words, done, columns, scope) = rest;
            Question {
                labels,
                no_label,
                members,
                unassigned,
                overdue,
                within_days,
                words,
                done,
                columns,
                scope,
            }
        })
}

impl Sample {
    fn card(&self, index: usize) -> Card {
        let day = |day: i64| {
            let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(day));
            DateOrTime::parse(&date.unwrap().to_string()).unwrap()
        };
        let card = Card {
            labels: self.labels.iter().map(|id| label(id)).collect(),
            assignees: self.members.iter().map(|id| member(id)).collect(),
            due: self.due_day.map(day),
            description: self.description.join(" "),
            done: self.done,
            ..card(&format!("card{index:02}"), &self.title.join(" "))
        };
        if self.shelved { archived(card) } else { card }
    }

    fn shown_labels(&self) -> Vec<&'static str> {
        self.labels.iter().copied().filter(|id| *id != "undefined").collect()
    }

    fn shown_members(&self) -> Vec<&'static str> {
        self.members.iter().copied().filter(|id| *id != "unlisted").collect()
    }

    fn matches(&self, question: &Question) -> bool {
        fn kind(asked: &[&'static str], none: bool, shown: &[&'static str]) -> bool {
            if asked.is_empty() && !none {
                return true;
            }
            shown.iter().any(|it| asked.contains(it)) || (none && shown.is_empty())
        }
        let due = || {
            let Some(day) = self.due_day else { return false };
            let overdue = question.overdue && day < TODAY && !self.done;
            let latest = |days: u32| TODAY + i64::from(days);
            let soon = question.within_days.is_some_and(|it| day >= TODAY && day <= latest(it));
            overdue || soon
        };
        let asks_for_due = question.overdue || question.within_days.is_some();
        let has = |word| self.title.contains(word) || self.description.contains(word);
        let here = match question.scope {
            Scope::Board => !self.shelved,
            Scope::Shelf => self.shelved,
            Scope::BoardAndShelf => true,
        };
        here && kind(&question.labels, question.no_label, &self.shown_labels())
            && kind(&question.members, question.unassigned, &self.shown_members())
            && (!asks_for_due || due())
            && question.words.iter().all(has)
            && question.done.is_none_or(|done| done == self.done)
            && (question.columns.is_empty() || question.columns.contains(&self.column))
    }
}

impl Question {
    fn filter(&self) -> Filter {
        let mut filter = Filter::new().text(self.typed()).scope(self.scope);
        filter.labels = self.labels.iter().map(|id| label(id)).collect();
        filter.no_label = self.no_label;
        filter.assignees = self.members.iter().map(|id| member(id)).collect();
        filter.unassigned = self.unassigned;
        filter.done = self.done;
        for column in &self.columns {
            filter = filter.column(COLUMNS[*column].parse().unwrap());
        }
        if self.overdue {
            filter = filter.overdue_at(NOW, 0);
        }
        match self.within_days {
            Some(days) => filter.due_within_days(days, NOW, 0),
            None => filter,
        }
    }

    /// The words as somebody types them who cares for neither case nor width.
    fn typed(&self) -> String {
        let typed = |word: &&str| match *word {
            "apple" => "ＡＰＰＬＥ",
            "Pear" => "pEAR",
            "ÄPFEL" => "a\u{308}pfel",
            _ => "バナナ",
        };
        self.words.iter().map(typed).collect::<Vec<_>>().join(" ")
    }
}

/// The board, and the samples with the ids of their cards in board order, the shelf last.
fn build(samples: &[Sample]) -> (BoardView, Vec<(String, &Sample)>) {
    let columns: Vec<(&str, Vec<Card>)> = COLUMNS
        .iter()
        .enumerate()
        .map(|(at, id)| {
            let here = samples.iter().enumerate().filter(|(_, sample)| sample.column == at);
            (*id, here.map(|(index, sample)| sample.card(index)).collect())
        })
        .collect();
    let mut order: Vec<(String, &Sample)> = samples
        .iter()
        .enumerate()
        .map(|(index, sample)| (format!("card{index:02}"), sample))
        .collect();
    order.sort_by_key(|(_, sample)| (sample.shelved, sample.column));
    (board(&columns), order)
}

fn ids(cards: &[std::sync::Arc<Card>]) -> Vec<String> {
    cards.iter().map(|card| card.id.to_string()).collect()
}

proptest! {
    #![proptest_config(crate::fixed_seed(1000))]

    #[test]
    fn exactly_the_cards_that_match_are_found_in_board_order(
        samples in samples(), question in questions(),
    ) {
        let (view, order) = build(&samples);
        let expected: Vec<String> = order
            .iter()
            .filter(|(_, sample)| sample.matches(&question))
            .map(|(id, _)| id.clone())
            .collect();
        prop_assert_eq!(ids(&find(&view, &question.filter())), expected);
    }

    #[test]
    fn a_search_finds_what_the_text_of_a_filter_does_with_titles_first(
        samples in samples(), question in questions(),
    ) {
        let (view, order) = build(&samples);
        let mut filter = question.filter();
        let text = std::mem::take(&mut filter.text);
        let found = search(&view, &text, &filter);
        let held = |sample: &Sample| {
            question.words.iter().filter(|word| sample.title.contains(word)).count()
        };
        let mut expected: Vec<&(String, &Sample)> = order
            .iter()
            .filter(|(_, sample)| !question.words.is_empty() && sample.matches(&question))
            .collect();
        expected.sort_by_key(|(_, sample)| match held(sample) {
            0 => 2,
            held => i32::from(held < question.words.len()),
        });
        let expected: Vec<&String> = expected.into_iter().map(|(id, _)| id).collect();
        let found: Vec<String> = found.iter().map(|found| found.card.id.to_string()).collect();
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn rows_and_counts_hold_the_cards_that_are_found_on_the_board(
        samples in samples(), question in questions(),
    ) {
        let (view, order) = build(&samples);
        let filter = question.filter();
        let matching: Vec<&(String, &Sample)> = order
            .iter()
            .filter(|(_, sample)| !sample.shelved && sample.matches(&question))
            .collect();
        for lane in swimlanes(&view, GroupBy::Label, &filter) {
            let belongs = |sample: &Sample| match &lane.group {
                Group::Label { label } => sample.labels.contains(&label.id.as_str()),
                _ => sample.shown_labels().is_empty(),
            };
            for (at, column) in lane.columns.iter().enumerate() {
                let expected: Vec<String> = matching
                    .iter()
                    .filter(|(_, sample)| sample.column == at && belongs(sample))
                    .map(|(id, _)| id.clone())
                    .collect();
                prop_assert_eq!(ids(&column.cards), expected);
            }
        }
        for (at, count) in counts(&view, &filter).iter().enumerate() {
            let here = |sample: &Sample| !sample.shelved && sample.column == at;
            let shown = samples.iter().filter(|sample| here(sample));
            prop_assert_eq!(count.shown, shown.clone().count() as u64);
            prop_assert_eq!(count.done, shown.filter(|sample| sample.done).count() as u64);
            let matching = matching.iter().filter(|(_, sample)| here(sample)).count() as u64;
            prop_assert_eq!(count.matching, matching);
        }
    }
}
