//! Commands about fields, labels, members and the parts of cards, and about whole columns of cards.

use super::Draw;
use crate::acts::token;
use crate::expect::DATES;
use crate::fields::stored;
use crate::history::Thing;
use kanban_core::{
    Card, CardId, Checklist, ChecklistId, Command, CommentId, DateOrTime, Field, ItemId, LabelId,
    Life, LinkId, MemberId, Slot, SortBy,
};

/// Few, so that people also choose the same ones.
const COLOURS: [&str; 3] = ["red", "green", "blue"];

/// Members have an id of their own, so two people may list the same one.
const MEMBERS: [&str; 4] = ["ana", "ben", "cleo", "dora"];

/// How often each kind of command is drawn.
pub(super) const KINDS: [usize; 12] = [30, 12, 12, 12, 20, 9, 9, 2, 6, 4, 5, 8];

impl Draw<'_> {
    /// The next thing for the beginning: labels, a member, and something of everything on one card.
    pub(super) fn define(&mut self) -> Option<Command> {
        use Command as C;
        let sight = &self.screen.sight;
        if sight.labels.len() < 2 {
            return self.create_label();
        }
        if sight.members.is_empty() {
            return self.add_member();
        }
        let first = sight.cards.values().next()?;
        let card = first.id.clone();
        Some(match first.checklists.first() {
            None => self.add_checklist(card)?,
            Some(list) if list.items.len() < 2 => {
                let list = list.id.clone();
                self.add_item(card, list, Slot::Last)?
            }
            _ if first.comments.is_empty() => self.add_comment(card)?,
            _ if first.links.is_empty() => self.attach_link(card)?,
            _ => C::SetDue { card, due: self.date() },
        })
    }

    /// Something about a field, a label, a member or a part of a card, or about many cards at once.
    pub(super) fn about_fields(&mut self) -> Option<Command> {
        if !self.screen.sight.torn.is_empty() && self.random.chance(12) {
            return self.choice();
        }
        let kind = match self.whim.fields {
            Some((kind, _)) if self.random.chance(60) => kind,
            _ => self.random.weighted(KINDS),
        };
        match kind {
            0 => self.about_card_fields(),
            1 => self.about_column_fields(),
            2 => self.about_labels(),
            3 => self.about_checklists(),
            4 => self.about_items(),
            5 => self.about_comments(),
            6 => self.about_links(),
            7 => Some(self.describe_board()),
            8 => {
                let (column, to) = (self.visible()?, self.visible()?);
                Some(Command::MoveAllCards { column, to })
            }
            9 => Some(Command::ArchiveAllCards { column: self.visible()? }),
            10 => self.duplicate(),
            _ => self.sort(),
        }
    }

    /// A number below `end`, rather the one that everybody is after.
    fn among(&mut self, end: usize) -> usize {
        match self.whim.fields {
            Some((_, what)) if self.random.chance(50) => what % end,
            _ => self.random.below(end),
        }
    }

    fn create_label(&mut self) -> Option<Command> {
        let label = LabelId::parse(&format!("l{}", self.number)).ok()?;
        Some(Command::CreateLabel { label, name: self.title(), colour: self.colour() })
    }

    fn add_member(&mut self) -> Option<Command> {
        let member = MemberId::parse(self.random.pick(&MEMBERS)?).ok()?;
        Some(Command::AddMember { member, name: self.title(), colour: self.colour() })
    }

    fn add_checklist(&mut self, card: CardId) -> Option<Command> {
        let checklist = ChecklistId::parse(&format!("t{}", self.number)).ok()?;
        Some(Command::AddChecklist { card, checklist, name: self.title() })
    }

    fn add_item(
        &mut self,
        card: CardId,
        checklist: ChecklistId,
        at: Slot<ItemId>,
    ) -> Option<Command> {
        let item = ItemId::parse(&format!("i{}", self.number)).ok()?;
        Some(Command::AddItem { card, checklist, item, text: self.title(), at })
    }

    fn add_comment(&mut self, card: CardId) -> Option<Command> {
        let comment = CommentId::parse(&format!("r{}", self.number)).ok()?;
        let by = MemberId::parse(self.random.pick(&MEMBERS)?).ok()?;
        Some(Command::AddComment { card, comment, by, text: token(self.number).into() })
    }

    fn attach_link(&mut self, card: CardId) -> Option<Command> {
        let link = LinkId::parse(&format!("u{}", self.number)).ok()?;
        Some(Command::AttachLink { card, link, url: self.colour(), name: self.title() })
    }

    fn about_card_fields(&mut self) -> Option<Command> {
        use Command as C;
        let card = self.some_card()?;
        let id = card.id;
        Some(match self.among(9) {
            0 => C::SetStart { card: id, start: self.date() },
            1 | 2 => C::SetDue { card: id, due: self.date() },
            3 => C::SetDone { card: id, done: self.random.chance(60) },
            4 => {
                let cover = self.random.chance(75).then(|| self.colour());
                C::SetCover { card: id, cover }
            }
            5..=7 => {
                let all = self.screen.sight.labels.values().map(|label| label.id.clone());
                let all: Vec<LabelId> = all.collect();
                let on: Vec<LabelId> = card.labels.iter().cloned().collect();
                let label = self.rather(&on, &all)?;
                let is_on = card.labels.contains(&label) ^ self.random.chance(10);
                match is_on {
                    true => C::RemoveLabel { card: id, label },
                    false => C::AddLabel { card: id, label },
                }
            }
            _ => {
                let all = self.screen.sight.members.values().map(|member| member.id.clone());
                let all: Vec<MemberId> = all.collect();
                let on: Vec<MemberId> = card.assignees.iter().cloned().collect();
                let member = self.rather(&on, &all)?;
                let is_on = card.assignees.contains(&member) ^ self.random.chance(10);
                match is_on {
                    true => C::Unassign { card: id, member },
                    false => C::Assign { card: id, member },
                }
            }
        })
    }

    fn about_column_fields(&mut self) -> Option<Command> {
        let column = self.visible()?;
        Some(match self.among(2) == 0 {
            true => {
                let limit = self.random.chance(75).then(|| 1 + self.random.below(3) as u64);
                Command::SetWipLimit { column, limit }
            }
            false => {
                let colour = self.random.chance(75).then(|| self.colour());
                Command::SetColumnColour { column, colour }
            }
        })
    }

    fn about_labels(&mut self) -> Option<Command> {
        use Command as C;
        let labels: Vec<LabelId> =
            self.screen.sight.labels.values().map(|l| l.id.clone()).collect();
        let members: Vec<MemberId> =
            self.screen.sight.members.values().map(|m| m.id.clone()).collect();
        let gone = self.gone(|thing| matches!(thing, Thing::Label(_) | Thing::Member(_)));
        if self.random.chance(30)
            && let Some(gone) = gone
        {
            return Some(match gone {
                Thing::Label(id) => C::RestoreLabel { label: id.parse().ok()? },
                Thing::Member(id) => C::RestoreMember { member: id.parse().ok()? },
                _ => return None,
            });
        }
        Some(match self.among(8) {
            0 => C::RenameLabel { label: self.random.pick(&labels)?.clone(), name: self.title() },
            1 => {
                C::ColourLabel { label: self.random.pick(&labels)?.clone(), colour: self.colour() }
            }
            2 => C::DeleteLabel { label: self.random.pick(&labels)?.clone() },
            3 => {
                C::RenameMember { member: self.random.pick(&members)?.clone(), name: self.title() }
            }
            4 => {
                let member = self.random.pick(&members)?.clone();
                C::ColourMember { member, colour: self.colour() }
            }
            5 => C::RemoveMember { member: self.random.pick(&members)?.clone() },
            6 if labels.len() < 4 => self.create_label()?,
            _ => self.add_member()?,
        })
    }

    fn about_checklists(&mut self) -> Option<Command> {
        use Command as C;
        if self.random.chance(30)
            && let Some(restored) = self.restore_part("kl")
        {
            return Some(restored);
        }
        let card = self.card_with(|card| !card.checklists.is_empty())?;
        let lists = card.checklists.clone();
        let card = card.id;
        if lists.is_empty() || (lists.len() < 3 && self.random.chance(15)) {
            return self.add_checklist(card);
        }
        let checklist = self.random.pick(&lists)?.id.clone();
        Some(match self.among(5) {
            0 | 1 => C::RenameChecklist { card, checklist, name: self.title() },
            2 => {
                let others: Vec<ChecklistId> = lists.into_iter().map(|list| list.id).collect();
                C::MoveChecklist { card, checklist, to: self.slot_among(&others) }
            }
            _ => C::DeleteChecklist { card, checklist },
        })
    }

    fn about_items(&mut self) -> Option<Command> {
        use Command as C;
        if self.random.chance(30)
            && let Some(restored) = self.restore_part("k")
        {
            return Some(restored);
        }
        let is_listed = |card: &Card| !card.checklists.is_empty() && card.life != Life::Deleted;
        let card = self.card(is_listed)?;
        let list: Checklist = self.random.pick(&card.checklists)?.clone();
        let items: Vec<ItemId> = list.items.iter().map(|item| item.id.clone()).collect();
        let all: Vec<ItemId> =
            card.checklists.iter().flat_map(|list| &list.items).map(|i| i.id.clone()).collect();
        let (card, checklist) = (card.id, list.id);
        if all.is_empty() || (items.len() < 4 && self.random.chance(20)) {
            let at = self.slot_among(&items);
            return self.add_item(card, checklist, at);
        }
        let item = self.random.pick(&all)?.clone();
        Some(match self.among(9) {
            0 | 1 => C::SetItemText { card, item, text: self.title() },
            2 | 3 => C::SetItemDone { card, item, done: self.random.chance(60) },
            4..=6 => C::MoveItem { card, item, checklist, to: self.slot_among(&items) },
            _ => C::DeleteItem { card, item },
        })
    }

    fn about_comments(&mut self) -> Option<Command> {
        use Command as C;
        if self.random.chance(30)
            && let Some(restored) = self.restore_part("c")
        {
            return Some(restored);
        }
        let card = self.card_with(|card| !card.comments.is_empty())?;
        let comments = card.comments.clone();
        let card = card.id;
        if comments.is_empty() || (comments.len() < 3 && self.random.chance(15)) {
            return self.add_comment(card);
        }
        let comment = self.random.pick(&comments)?;
        Some(match self.among(5) {
            0..=2 => {
                let text = self.rewritten(&comment.text);
                C::SetComment { card, comment: comment.id.clone(), text }
            }
            _ => C::DeleteComment { card, comment: comment.id.clone() },
        })
    }

    fn about_links(&mut self) -> Option<Command> {
        use Command as C;
        if self.random.chance(30)
            && let Some(restored) = self.restore_part("u")
        {
            return Some(restored);
        }
        let card = self.card_with(|card| !card.links.is_empty())?;
        let links = card.links.clone();
        let card = card.id;
        if links.is_empty() || (links.len() < 3 && self.random.chance(15)) {
            return self.attach_link(card);
        }
        let link = self.random.pick(&links)?.clone();
        Some(match self.among(5) {
            0..=2 => {
                let url = if self.random.chance(60) { self.colour() } else { link.url };
                let name = if self.random.chance(60) { self.title() } else { link.name };
                C::SetLink { card, link: link.id, url, name }
            }
            _ => C::DeleteLink { card, link: link.id },
        })
    }

    fn describe_board(&mut self) -> Command {
        let text = self.rewritten(&self.screen.sight.description);
        Command::SetBoardDescription { text }
    }

    fn duplicate(&mut self) -> Option<Command> {
        if self.screen.sight.cards.len() >= 12 {
            return None;
        }
        // Which of two equal characters an undo means would be anybody's guess.
        let card =
            self.card(|c| c.life != Life::Deleted && super::doubled(&c.description).is_empty())?;
        let copy = CardId::parse(&format!("c{}", self.number)).ok()?;
        Some(Command::DuplicateCard { card: card.id, copy })
    }

    fn sort(&mut self) -> Option<Command> {
        let by = *self.random.pick(&[SortBy::Due, SortBy::Created, SortBy::Label])?;
        Some(match self.random.chance(80) {
            true => Command::SortCards { column: self.visible()?, by },
            false => Command::SortColumns { by },
        })
    }

    /// Keeps or picks one of several values.
    fn choice(&mut self) -> Option<Command> {
        let torn: Vec<Field> = self.screen.sight.torn.iter().cloned().collect();
        let field = self.random.pick(&torn)?.clone();
        if self.random.chance(40) {
            return Some(Command::KeepField { field });
        }
        let values = stored(&self.screen.sight, &self.screen.raw, &field).into_iter();
        let values: Vec<_> = values.collect();
        let value = self.random.pick(&values)?.clone();
        Some(Command::PickField { field, value })
    }

    fn restore_part(&mut self, kind: &str) -> Option<Command> {
        use Command as C;
        let is_kind = |thing: &Thing| match thing {
            Thing::Part(_, key) => key.split_once(':').is_some_and(|(of, _)| of == kind),
            _ => false,
        };
        let Thing::Part(card, key) = self.gone(is_kind)? else { return None };
        let (card, (_, id)) = (CardId::parse(&card).ok()?, key.split_once(':')?);
        Some(match kind {
            "kl" => C::RestoreChecklist { card, checklist: id.parse().ok()? },
            "k" => C::RestoreItem { card, item: id.parse().ok()? },
            "c" => C::RestoreComment { card, comment: id.parse().ok()? },
            _ => C::RestoreLink { card, link: id.parse().ok()? },
        })
    }

    /// One of the first, if there are any, or of all.
    fn rather<T: Clone>(&mut self, first: &[T], all: &[T]) -> Option<T> {
        let some = if first.is_empty() || self.random.chance(50) { all } else { first };
        self.random.pick(some).cloned()
    }

    /// Something deleted, of a kind.
    fn gone(&mut self, kind: impl Fn(&Thing) -> bool) -> Option<Thing> {
        let gone = self.screen.raw.records.iter().filter(|(thing, alive)| !**alive && kind(thing));
        let gone: Vec<&Thing> = gone.map(|(thing, _)| thing).collect();
        self.random.pick(&gone).map(|thing| (*thing).clone())
    }

    /// A card, seldom one that is deleted.
    fn some_card(&mut self) -> Option<Card> {
        let any = self.random.chance(4);
        self.card(|card| any || card.life != Life::Deleted)
    }

    /// A card that has something, rather than one that gets its first.
    fn card_with(&mut self, what: impl Fn(&Card) -> bool) -> Option<Card> {
        let card = match self.random.chance(90) {
            true => self.card(|card| card.life != Life::Deleted && what(card)),
            false => None,
        };
        card.or_else(|| self.some_card())
    }

    fn date(&mut self) -> Option<DateOrTime> {
        let date = self.random.chance(75).then(|| self.random.pick(&DATES).copied()).flatten();
        date.and_then(|date| DateOrTime::parse(date).ok())
    }

    fn colour(&mut self) -> String {
        self.random.pick(&COLOURS).copied().unwrap_or_default().to_owned()
    }

    fn slot_among<I: Clone>(&mut self, ids: &[I]) -> Slot<I> {
        match (self.random.below(4), self.random.pick(ids)) {
            (0, Some(id)) => Slot::Before(id.clone()),
            (1, Some(id)) => Slot::After(id.clone()),
            (2, _) => Slot::First,
            _ => Slot::Last,
        }
    }
}
