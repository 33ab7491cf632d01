//! The real exports, card by card, against a reader that shares no code with the import.

use super::*;
use std::collections::BTreeMap;

fn entries<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let mut texts: Vec<_> =
        entries(value, key).iter().map(|it| it.as_str().unwrap().to_owned()).collect();
    texts.sort();
    texts
}

fn by_pos(mut entries: Vec<&Value>) -> Vec<&Value> {
    entries.sort_by(|a, b| a["pos"].as_f64().unwrap().total_cmp(&b["pos"].as_f64().unwrap()));
    entries
}

/// Seconds since 1970 of `YYYY-MM-DDThh:mm:ss.mmmZ`.
fn seconds(date: &str) -> i64 {
    let number = |at: usize, length: usize| date[at..at + length].parse::<i64>().unwrap();
    assert!(date.ends_with('Z'));
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let (year, month) = (number(0, 4), number(5, 2));
    let years: i64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let lengths = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let months: i64 = lengths.iter().take(usize::try_from(month).unwrap() - 1).sum();
    let days = years + months + number(8, 2) - 1;
    days * 86_400 + number(11, 2) * 3_600 + number(14, 2) * 60 + number(17, 2)
}

fn drafted(json: &[u8]) -> (Value, BoardDraft) {
    (serde_json::from_slice(json).unwrap(), import(json).unwrap().0.to_draft())
}

fn cards(draft: &BoardDraft) -> BTreeMap<&str, &CardDraft> {
    let cards = draft.columns.iter().flat_map(|column| &column.cards);
    cards.map(|card| (card.id.as_str(), card)).collect()
}

#[test]
fn every_label_and_member_of_a_real_export_is_defined() {
    for json in [MEDIUM, SMALL] {
        let (file, draft) = drafted(json);
        let mut expected: Vec<(String, String, String)> = entries(&file, "labels")
            .iter()
            .map(|label| {
                let name = [text(label, "name"), text(label, "color")];
                let name = name.into_iter().find(|name| !name.is_empty()).unwrap();
                (text(label, "id").into(), name.into(), text(label, "color").into())
            })
            .collect();
        expected.sort();
        let mut found: Vec<(String, String, String)> = draft
            .labels
            .iter()
            .map(|label| (label.id.to_string(), label.name.clone(), label.colour.clone()))
            .collect();
        found.sort();
        assert_eq!(found, expected);
        let mut members: Vec<_> = draft.members.iter().map(|m| (m.id.as_str(), &*m.name)).collect();
        members.sort();
        let mut expected: Vec<_> = entries(&file, "members")
            .iter()
            .map(|m| (text(m, "id"), text(m, "fullName")))
            .collect();
        expected.sort();
        assert_eq!(members, expected);
    }
}

#[test]
fn every_card_of_a_real_export_has_its_labels_people_and_dates() {
    let mut totals = [0; 4];
    for json in [MEDIUM, SMALL] {
        let (file, draft) = drafted(json);
        let cards = cards(&draft);
        for raw in entries(&file, "cards") {
            let card = cards[text(raw, "id")];
            let labels: Vec<_> = card.labels.iter().map(ToString::to_string).collect();
            assert_eq!(labels, texts(raw, "idLabels"));
            let assignees: Vec<_> = card.assignees.iter().map(ToString::to_string).collect();
            assert_eq!(assignees, texts(raw, "idMembers"));
            assert_eq!(card.due.as_ref().map(DateOrTime::as_str), raw["due"].as_str());
            assert_eq!(card.start.as_ref().map(DateOrTime::as_str), raw["start"].as_str());
            assert_eq!(card.done, raw["dueComplete"] == true);
            let found =
                [labels.len(), assignees.len(), card.due.iter().count(), usize::from(card.done)];
            totals.iter_mut().zip(found).for_each(|(total, found)| *total += found);
        }
    }
    assert_eq!(totals, [97, 2, 21, 7]);
}

#[test]
fn every_checklist_of_a_real_export_is_on_its_card_with_what_is_done() {
    let mut done = 0;
    for json in [MEDIUM, SMALL] {
        let (file, draft) = drafted(json);
        for (id, card) in cards(&draft) {
            let lists = entries(&file, "checklists").iter().filter(|list| list["idCard"] == id);
            let expected: Vec<(&str, Vec<(&str, bool)>)> = by_pos(lists.collect())
                .into_iter()
                .map(|list| {
                    let items = by_pos(entries(list, "checkItems").iter().collect());
                    let items = items.into_iter();
                    (
                        text(list, "name"),
                        items.map(|i| (text(i, "name"), i["state"] == "complete")).collect(),
                    )
                })
                .collect();
            let found: Vec<(&str, Vec<(&str, bool)>)> = card
                .checklists
                .iter()
                .map(|l| (&*l.name, l.items.iter().map(|i| (&*i.text, i.done)).collect()))
                .collect();
            assert_eq!(found, expected);
            done += found.iter().flat_map(|list| &list.1).filter(|item| item.1).count();
        }
    }
    assert_eq!(done, 19);
}

#[test]
fn every_comment_and_link_of_a_real_export_is_on_its_card() {
    for json in [MEDIUM, SMALL] {
        let (file, draft) = drafted(json);
        let cards = cards(&draft);
        let mut expected: Vec<(&str, &str, &str, i64)> = entries(&file, "actions")
            .iter()
            .filter(|action| action["type"] == "commentCard")
            .map(|action| {
                let card = text(&action["data"]["card"], "id");
                let by = text(action, "idMemberCreator");
                (card, text(&action["data"], "text"), by, seconds(text(action, "date")))
            })
            .collect();
        expected.sort_unstable();
        let mut found = Vec::new();
        for (id, card) in &cards {
            for comment in &card.comments {
                let by = comment.by.as_ref().unwrap().as_str();
                found.push((*id, &*comment.text, by, comment.at.unix_seconds()));
            }
        }
        found.sort_unstable();
        assert_eq!(found, expected);
        for raw in entries(&file, "cards") {
            let addresses = entries(raw, "attachments").iter().filter_map(|a| a["url"].as_str());
            let links = cards[text(raw, "id")].links.iter().map(|link| &*link.url);
            assert!(links.eq(addresses));
        }
    }
}
