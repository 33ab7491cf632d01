//! Puts an export in the order a person saw: columns from left to right, their cards from top to bottom.

use std::collections::{BTreeMap, BTreeSet};

use super::lenient::shortened;
use super::unique_ids::{keep_once, unused_id, usable_id, with_unique_ids};
use super::{TrelloCard, TrelloExport, TrelloLabel, TrelloList, TrelloMember};

/// A Trello board, ready to be written down: every id is unique among its kind and `[A-Za-z0-9_-]{1,64}`, every id
/// that is referred to exists, and no card of the export is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Arranged {
    /// The board's name; may be blank.
    pub(crate) name: String,
    /// The board's description, Markdown.
    pub(crate) description: String,
    /// From left to right, archived ones in their places; "Recovered" last, if it is needed.
    pub(crate) columns: Vec<ArrangedColumn>,
    /// In the order of the file.
    pub(crate) labels: Vec<ArrangedLabel>,
    /// In the order of the file, then people who left the board but are still on its cards.
    pub(crate) members: Vec<ArrangedMember>,
    /// What is not as in the file, in sentences for a person.
    pub(crate) notes: Vec<String>,
}

/// A column and all its cards.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ArrangedColumn {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) archived: bool,
    pub(crate) wip_limit: Option<u32>,
    /// From top to bottom, archived ones in their places.
    pub(crate) cards: Vec<ArrangedCard>,
}

/// A card; dates are as in the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ArrangedCard {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) archived: ArchivedHow,
    pub(crate) due: Option<String>,
    pub(crate) due_complete: bool,
    pub(crate) start: Option<String>,
    /// Ids of [`Arranged::labels`], each once.
    pub(crate) labels: Vec<String>,
    /// Ids of [`Arranged::members`], each once.
    pub(crate) members: Vec<String>,
    pub(crate) last_activity: Option<String>,
}

/// Whether a card was archived, and by what: a card that is hidden with its column comes back with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ArchivedHow {
    /// It is open.
    #[default]
    No,
    /// Somebody archived this card, wherever it stands.
    ByItself,
    /// It is open, in a list that was archived.
    WithItsColumn,
}

/// A label; blank names are replaced by the colour.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ArrangedLabel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) colour: Option<String>,
}

/// A person.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ArrangedMember {
    pub(crate) id: String,
    /// The full name, else the user name, else the id.
    pub(crate) name: String,
}

/// Arranges an export. Always gives a board; what had to be changed is in its notes.
///
/// Columns and cards go by `pos`; equal ones, and those without one, keep the order of the file (one without `pos`
/// stays behind its predecessor in the file). A card whose list is not in the file goes to a column "Recovered" at the
/// end. Of two entries of one kind with the same id, the first is kept.
pub(crate) fn arrange(export: TrelloExport) -> Arranged {
    let mut notes = export.notes;
    let mut columns = arrange_columns(export.lists, &mut notes);
    let labels = arrange_labels(export.labels, &mut notes);
    let mut members = arrange_members(export.members, &mut notes);

    let label_ids: BTreeSet<_> = labels.iter().map(|label| label.id.clone()).collect();
    let mut member_ids: BTreeSet<_> = members.iter().map(|member| member.id.clone()).collect();
    let mut cards_of: BTreeMap<String, Vec<(Option<f64>, ArrangedCard)>> = BTreeMap::new();
    let mut homeless = Vec::new();
    let archived: BTreeMap<_, _> =
        columns.iter().map(|column| (column.id.clone(), column.archived)).collect();

    for mut card in with_unique_ids("card", export.cards, &mut notes) {
        card.labels = known_labels(&card, &label_ids, &mut notes);
        card.members = std::mem::take(&mut card.members)
            .into_iter()
            .filter(|id| !id.is_empty())
            .map(|id| usable_id("member", &id).into_owned())
            .collect();
        keep_once(&mut card.members);
        for id in &card.members {
            if member_ids.insert(id.clone()) {
                let title = shortened(&card.title);
                notes.push(format!(
                    "The card “{title}” names the member {id}, who is not in the file; “Former member” stands for them."
                ));
                members.push(ArrangedMember { id: id.clone(), name: "Former member".into() });
            }
        }

        let list = usable_id("list", &card.list).into_owned();
        match archived.get(&list) {
            Some(list_is_archived) => {
                let entry = (card.position, arrange_card(card, *list_is_archived));
                cards_of.entry(list).or_default().push(entry);
            }
            None => {
                let (title, id) = (shortened(&card.title), &card.id);
                notes.push(match card.list.as_str() {
                    "" => format!("The card “{title}” ({id}) names no list; it is in the column “Recovered”."),
                    list => format!(
                        "The card “{title}” ({id}) names the list {}, which the file does not contain; it is in the \
                         column “Recovered”.",
                        shortened(list)
                    ),
                });
                homeless.push((card.position, arrange_card(card, false)));
            }
        }
    }

    for column in &mut columns {
        column.cards = in_order(cards_of.remove(&column.id).unwrap_or_default());
    }
    if !homeless.is_empty() {
        let id = unused_id("recovered", |id| archived.contains_key(id));
        columns.push(ArrangedColumn {
            id,
            name: "Recovered".into(),
            cards: in_order(homeless),
            ..ArrangedColumn::default()
        });
    }
    Arranged { name: export.name, description: export.description, columns, labels, members, notes }
}

fn arrange_columns(lists: Vec<TrelloList>, notes: &mut Vec<String>) -> Vec<ArrangedColumn> {
    let columns = with_unique_ids("list", lists, notes).into_iter().map(|list| {
        let column = ArrangedColumn {
            id: list.id,
            name: list.name,
            archived: list.closed,
            wip_limit: list.wip_limit,
            cards: Vec::new(),
        };
        (list.position, column)
    });
    in_order(columns.collect())
}

fn arrange_labels(labels: Vec<TrelloLabel>, notes: &mut Vec<String>) -> Vec<ArrangedLabel> {
    let named = with_unique_ids("label", labels, notes).into_iter().map(|label| {
        let name = match label.name.trim() {
            "" => label.colour.clone().unwrap_or_else(|| "no colour".into()),
            _ => label.name,
        };
        ArrangedLabel { id: label.id, name, colour: label.colour }
    });
    named.collect()
}

fn arrange_members(members: Vec<TrelloMember>, notes: &mut Vec<String>) -> Vec<ArrangedMember> {
    let named = with_unique_ids("member", members, notes).into_iter().map(|member| {
        let names = [member.full_name, member.user_name, member.id.clone()];
        let name = names.into_iter().find(|name| !name.trim().is_empty()).unwrap_or_default();
        ArrangedMember { id: member.id, name }
    });
    named.collect()
}

fn arrange_card(card: TrelloCard, list_is_archived: bool) -> ArrangedCard {
    let archived = match (card.closed, list_is_archived) {
        (true, _) => ArchivedHow::ByItself,
        (false, true) => ArchivedHow::WithItsColumn,
        (false, false) => ArchivedHow::No,
    };
    ArrangedCard {
        id: card.id,
        title: card.title,
        description: card.description,
        archived,
        due: card.due,
        due_complete: card.due_complete,
        start: card.start,
        labels: card.labels,
        members: card.members,
        last_activity: card.last_activity,
    }
}

/// The card's labels that exist: without its name and colour, a label says nothing.
fn known_labels(
    card: &TrelloCard,
    known: &BTreeSet<String>,
    notes: &mut Vec<String>,
) -> Vec<String> {
    let mut labels = Vec::with_capacity(card.labels.len());
    for id in &card.labels {
        let usable = usable_id("label", id).into_owned();
        if known.contains(&usable) {
            labels.push(usable);
        } else {
            let (title, label) = (shortened(&card.title), shortened(id));
            notes.push(format!(
                "The card “{title}” has the label {label}, which the file does not describe; the card goes without it."
            ));
        }
    }
    keep_once(&mut labels);
    labels
}

/// Sorts by position; equal and missing positions keep the order given.
fn in_order<T>(mut entries: Vec<(Option<f64>, T)>) -> Vec<T> {
    let mut predecessor = f64::NEG_INFINITY;
    for (position, _) in &mut entries {
        predecessor = *position.get_or_insert(predecessor);
    }
    entries.sort_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    entries.into_iter().map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests {
    use super::super::read_export;
    use super::*;

    const SMALL: &str = include_str!("../../../../../examples/data/trello-small.json");
    const MEDIUM: &str = include_str!("../../../../../examples/data/trello-medium.json");

    #[test]
    fn the_small_board_has_its_archived_list_and_its_archived_card() {
        let board = arranged(SMALL);
        assert_eq!(board.notes, Vec::<String>::new());
        let last = board.columns.last().expect("five columns");
        assert_eq!(
            (last.name.as_str(), last.archived, last.cards.len()),
            ("some archived list", true, 0)
        );
        let cards = || board.columns.iter().flat_map(|column| &column.cards);
        let archived = cards().filter(|card| card.archived == ArchivedHow::ByItself);
        assert_eq!((cards().count(), archived.count()), (10, 1));
        assert!(
            board.labels.iter().any(|label| label.name == "red"),
            "a label without a name has its colour's"
        );
    }

    #[test]
    fn the_medium_board_has_every_column_and_card_in_its_place() {
        let board = arranged(MEDIUM);
        assert_eq!(board.notes, Vec::<String>::new());
        let names: Vec<_> = board.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "Meetingroom",
                "Parents",
                "Product Backlog",
                "Sprint Backlog",
                "Doing",
                "Review",
                "Done"
            ]
        );
        assert_eq!(board.columns.iter().map(|column| column.cards.len()).sum::<usize>(), 81);
    }

    #[test]
    fn cards_go_by_position_and_keep_the_order_of_the_file_where_it_says_nothing() {
        for (cards, order) in [
            ("a:3 b:1 c:2", "b c a"),
            ("a b c", "a b c"),
            ("a:1 b:1 c:1", "a b c"),
            ("a:140737488355328 b:0.000001 c:-5", "c b a"),
            ("a:2 b c:1", "c a b"),
            ("a b:1 c:0", "a c b"),
        ] {
            assert_eq!(ids(&cards_in_one_list(cards)), order, "{cards}");
        }
    }

    #[test]
    fn an_archived_card_keeps_its_place_among_the_open_ones() {
        let board = arranged(
            r#"{"lists": [{"id": "t"}], "cards": [
                {"id": "a", "idList": "t", "pos": 2}, {"id": "b", "idList": "t", "pos": 2, "closed": true},
                {"id": "c", "idList": "t", "pos": 1}]}"#,
        );
        assert_eq!(ids(&board), "c a b");
        assert_eq!(board.columns[0].cards[2].archived, ArchivedHow::ByItself);
    }

    #[test]
    fn a_card_archived_by_itself_in_an_archived_list_says_so() {
        let board = arranged(
            r#"{"lists": [{"id": "t", "closed": true, "softLimit": 3}], "cards": [
                {"id": "a", "idList": "t", "closed": true}, {"id": "b", "idList": "t"}]}"#,
        );
        let how: Vec<_> = board.columns[0].cards.iter().map(|card| card.archived).collect();
        assert_eq!(how, [ArchivedHow::ByItself, ArchivedHow::WithItsColumn]);
        assert_eq!(board.columns[0].wip_limit, Some(3));
    }

    #[test]
    fn a_card_whose_list_is_not_in_the_file_is_recovered_and_named() {
        let board = arranged(
            r#"{"lists": [{"id": "recovered", "name": "Recovered"}], "cards": [
                {"id": "a", "idList": "gone", "name": "Write", "pos": 2}, {"id": "b", "name": "", "pos": 1}]}"#,
        );
        let last = board.columns.last().expect("two columns");
        assert_eq!(
            (last.id.as_str(), last.name.as_str(), last.cards.len()),
            ("recovered-", "Recovered", 2)
        );
        assert_eq!(
            board.notes,
            [
                "The card “Write” (a) names the list gone, which the file does not contain; it is in the column “Recovered”.",
                "The card “” (b) names no list; it is in the column “Recovered”.",
            ]
        );
    }

    #[test]
    fn the_first_of_two_cards_with_one_id_is_kept() {
        let board = arranged(
            r#"{"lists": [{"id": "t"}], "cards": [
                {"id": "a", "idList": "t", "name": "first"}, {"id": "a", "idList": "t", "name": "second"}]}"#,
        );
        assert_eq!(board.columns[0].cards.len(), 1);
        assert_eq!(board.columns[0].cards[0].title, "first");
        assert_eq!(
            board.notes,
            ["The card a is in the file more than once; “second” is left out, the first is kept."]
        );
    }

    #[test]
    fn an_unusable_id_is_replaced_the_same_way_wherever_it_stands() {
        let json = r#"{"lists": [{"id": "to/do", "name": "Todo"}], "labels": [{"id": "ü", "color": "red"}],
            "members": [{"id": "a b", "username": "ana"}], "cards": [
            {"id": "", "idList": "to/do", "name": "one", "idLabels": ["ü", "ü", "none"], "idMembers": ["a b", "ben"]},
            {"idList": "to/do", "name": "two"}, {"id": "card-1", "idList": "to/do", "name": "three"}]}"#;
        let board = arranged(json);
        assert_eq!(ids(&board), "card-1- card-2 card-1");
        assert_eq!(board.columns.len(), 1);
        let card = &board.columns[0].cards[0];
        assert_eq!(card.labels, [board.labels[0].id.clone()]);
        assert_eq!(card.members, [board.members[0].id.clone(), "ben".into()]);
        assert_eq!(board.members[1].name, "Former member");
        assert_eq!(board.notes.len(), 7, "{:#?}", board.notes);
        assert_eq!(board, arranged(json), "the same file gives the same board");
    }

    fn arranged(json: &str) -> Arranged {
        arrange(read_export(json.as_bytes()).expect("an export"))
    }

    /// "a:3 b" is a card `a` at position 3 and a card `b` without one.
    fn cards_in_one_list(cards: &str) -> Arranged {
        let card = |text: &str| {
            let (id, position) = text.split_once(':').unwrap_or((text, "null"));
            format!(r#"{{"id": "{id}", "idList": "t", "pos": {position}}}"#)
        };
        let cards: Vec<_> = cards.split(' ').map(card).collect();
        arranged(&format!(r#"{{"lists": [{{"id": "t"}}], "cards": [{}]}}"#, cards.join(",")))
    }

    fn ids(board: &Arranged) -> String {
        let ids: Vec<_> = board.columns[0].cards.iter().map(|card| card.id.as_str()).collect();
        ids.join(" ")
    }
}
