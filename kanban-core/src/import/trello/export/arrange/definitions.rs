//! The labels and members of a board: those that the file lists, and those that only cards and comments know.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::trello::export::entries::{TrelloCard, TrelloLabel, TrelloMember};
use crate::import::trello::export::fields::shortened;
use crate::import::trello::export::notes::Notes;
use crate::import::trello::export::unique_ids::{keep_once, unused_id, usable_id, with_unique_ids};
use crate::order::gathered;

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

/// The labels found so far.
pub(super) struct Labels {
    pub(super) defined: Vec<ArrangedLabel>,
    ids: BTreeSet<String>,
    /// Ids by name and colour, for cards that describe their labels without an id.
    looks: BTreeMap<(String, Option<String>), String>,
}

impl Labels {
    pub(super) fn new(labels: Vec<TrelloLabel>, notes: &mut Notes) -> Self {
        let mut all = Self { defined: Vec::new(), ids: BTreeSet::new(), looks: BTreeMap::new() };
        for label in with_unique_ids("label", labels, notes) {
            all.define(label);
        }
        all
    }

    fn define(&mut self, label: TrelloLabel) -> String {
        let TrelloLabel { id, name, colour } = label;
        let name = match name.trim() {
            "" => colour.clone().unwrap_or_else(|| "no colour".into()),
            _ => name,
        };
        self.ids.insert(id.clone());
        self.looks.entry((name.clone(), colour.clone())).or_insert_with(|| id.clone());
        self.defined.push(ArrangedLabel { id: id.clone(), name, colour });
        id
    }

    /// The ids of a card's labels. Without its name and colour, a label says nothing: one that neither the file nor
    /// the card describes is left out.
    pub(super) fn of(&mut self, card: &TrelloCard, notes: &mut Notes) -> Vec<String> {
        let mut labels = Vec::with_capacity(card.labels.len());
        for id in &card.labels {
            let usable = usable_id("label", id).into_owned();
            let described = card.described_labels.iter().find(|label| label.id == *id);
            if self.ids.contains(&usable) {
                labels.push(usable);
            } else if let (Some(label), false) = (described, id.is_empty()) {
                labels.push(self.define(TrelloLabel { id: usable, ..label.clone() }));
            } else {
                let (title, label) = (shortened(&card.title), shortened(id));
                notes.push(format!(
                    "The card “{title}” has the label {label}, which the file does not describe; the card goes without it."
                ));
            }
        }
        if card.labels.is_empty() {
            labels.extend(card.described_labels.iter().map(|label| self.like(label)));
        }
        keep_once(&mut labels);
        labels
    }

    /// The label that a card describes: by its id, else by its looks.
    fn like(&mut self, label: &TrelloLabel) -> String {
        let usable = usable_id("label", &label.id).into_owned();
        if self.ids.contains(&usable) {
            return usable;
        }
        if !usable.is_empty() {
            return self.define(TrelloLabel { id: usable, ..label.clone() });
        }
        let colour = label.colour.clone();
        let name = match label.name.trim() {
            "" => colour.clone().unwrap_or_else(|| "no colour".into()),
            _ => label.name.clone(),
        };
        if let Some(id) = self.looks.get(&(name, colour.clone())) {
            return id.clone();
        }
        let wanted = format!("label-{}", colour.as_deref().unwrap_or("none"));
        let wanted = usable_id("label", &wanted).into_owned();
        let id = unused_id(&wanted, |id| self.ids.contains(id));
        self.define(TrelloLabel { id, ..label.clone() })
    }
}

/// The people found so far.
pub(super) struct Members {
    pub(super) listed: Vec<ArrangedMember>,
    ids: BTreeSet<String>,
    /// People whom the log of activity names, by id.
    known: BTreeMap<String, String>,
}

impl Members {
    pub(super) fn new(
        members: Vec<TrelloMember>,
        people: Vec<TrelloMember>,
        notes: &mut Notes,
    ) -> Self {
        let listed: Vec<_> = with_unique_ids("member", members, notes)
            .into_iter()
            .map(|member| {
                let name = name_of(&member).unwrap_or_else(|| member.id.clone());
                ArrangedMember { name, id: member.id }
            })
            .collect();
        let known = people.into_iter().filter_map(|person| {
            let name = name_of(&person)?;
            Some((usable_id("member", &person.id).into_owned(), name))
        });
        Self {
            ids: gathered(listed.iter().map(|member| member.id.clone())),
            listed,
            known: gathered(known),
        }
    }

    /// The ids of those whom a card is assigned to.
    pub(super) fn of(&mut self, card: &TrelloCard, notes: &mut Notes) -> Vec<String> {
        let given = card.members.iter().filter(|id| !id.is_empty());
        let mut members: Vec<_> = given.map(|id| self.member(id, card, notes)).collect();
        keep_once(&mut members);
        members
    }

    /// The id of somebody on a card or under a comment; who is not on the board any more is listed all the same.
    pub(super) fn member(&mut self, id: &str, card: &TrelloCard, notes: &mut Notes) -> String {
        let id = usable_id("member", id).into_owned();
        if !self.ids.insert(id.clone()) {
            return id;
        }
        let name = match self.known.get(&id) {
            Some(name) => {
                notes.push(format!(
                    "{} ({id}) has left the board, but is on its cards or commented; they are listed as a member.",
                    shortened(name)
                ));
                name.clone()
            }
            None => {
                let title = shortened(&card.title);
                notes.push(format!(
                    "The card “{title}” names the member {id}, who is not in the file; “Former member” stands for them."
                ));
                "Former member".into()
            }
        };
        self.listed.push(ArrangedMember { id: id.clone(), name });
        id
    }
}

fn name_of(member: &TrelloMember) -> Option<String> {
    let names = [&member.full_name, &member.user_name];
    names.into_iter().find(|name| !name.trim().is_empty()).cloned()
}
