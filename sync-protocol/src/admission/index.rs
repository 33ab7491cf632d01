//! The compact index of a document's operations: which there are, in which object, at which place.
//!
//! What an operation says is not kept, only what later ones can refer to: 8 bytes for each
//! operation, 16 for each change, and the text of each key once.

use super::ancestry::{Ancestry, Covered, push_tightly};
use super::content::Content;
use super::operation::{Action, Id, Operation, Place};
use super::refusal::{Inadmissible, OperationRule};
use super::{DEPTH_MAX, DOCUMENT_OPERATIONS_MAX, JUMP_MAX, MARK_STEPS_MAX};
use crate::change::ChangeHeader;
use crate::graph::{ChangeGraph, Position};
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// The operations of a document, in the order in which their changes were admitted.
#[derive(Debug, Clone, Default)]
pub(super) struct OperationIndex {
    ancestry: Ancestry,
    operations: Vec<Entry>,
    /// Most are short and stand in the tree itself.
    keys: BTreeMap<SmolStr, u32>,
    /// The authors that have been named, by their actors' positions.
    authors: BTreeMap<u32, Box<[u8]>>,
}

/// One operation: its object and place, each 24 bits, whether it inserts, and what it does.
///
/// Objects and elements are positions in the index plus one; 0 is the root or the beginning.
#[derive(Debug, Clone, Copy)]
struct Entry(u64);

impl Entry {
    fn new(action: Action, insert: bool, object: u32, place: u32) -> Self {
        let (object, place) = (u64::from(object), u64::from(place));
        Self(action as u64 | u64::from(insert) << 4 | object << 8 | place << 32)
    }

    fn is(self, action: Action) -> bool {
        self.0 & 0xf == action as u64
    }

    fn inserts(self) -> bool {
        self.0 & 0x10 != 0
    }

    fn is_mark(self) -> bool {
        self.is(Action::BeginMark) || self.is(Action::EndMark)
    }

    fn object(self) -> u32 {
        (self.0 >> 8 & 0xff_ffff) as u32
    }

    /// Its key, the element that it changes, or the element that it inserts after.
    fn place(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Where its value is: an insertion makes a place of its own.
    fn home(self, name: u32) -> u32 {
        if self.inserts() { name } else { self.place() }
    }
}

/// A change on its way into the index.
struct Admitting<'a> {
    /// The numbers of its actors in the index, where they have one.
    actors: Vec<Option<u32>>,
    covered: &'a Covered,
    start_op: u32,
    /// Where its first operation stands in the index.
    first: u32,
    steps_left: u32,
}

impl OperationIndex {
    /// Takes the change that comes next, if everything that it refers to is part of what it builds
    /// on. Otherwise the index stays as it was.
    pub fn admit(
        &mut self,
        graph: &ChangeGraph,
        header: &ChangeHeader,
        content: &Content<'_>,
        others: Option<&BTreeSet<Vec<u8>>>,
    ) -> Result<(), Inadmissible> {
        let positions = header.deps.iter().filter_map(|dep| graph.position(dep));
        let mut deps: Vec<Position> = positions.map(|position| position as Position).collect();
        deps.sort_unstable();
        let covered = self.ancestry.covered(graph, &deps);
        self.check_numbers(content, &deps)?;
        self.check_actor(header, content, &covered)?;
        others.map_or(Ok(()), |others| self.check_author(header, content, others))?;
        let (operations, keys) = (self.operations.len(), self.keys.len());
        if let Err(refusal) = self.take(content, &covered) {
            self.operations.truncate(operations);
            self.keys.retain(|_, key| (*key as usize) < keys);
            return Err(refusal);
        }
        let span = (content.start_op, content.operations);
        self.ancestry.push(graph, &deps, &header.actor, covered, span);
        if let (Some(author), Some(actor)) = (content.author, self.ancestry.actor(&header.actor)) {
            self.authors.insert(actor, author.into());
        }
        Ok(())
    }

    /// How many changes there are.
    pub fn len(&self) -> usize {
        self.ancestry.len()
    }

    /// How many operations there are.
    pub fn operations(&self) -> usize {
        self.operations.len()
    }

    /// About how many bytes of memory this takes.
    pub fn bytes(&self) -> usize {
        let keys = self.keys.keys().map(|key| key.len() + 40);
        8 * self.operations.capacity() + keys.sum::<usize>() + self.ancestry.bytes()
    }

    fn check_numbers(&self, content: &Content<'_>, deps: &[Position]) -> Result<(), Inadmissible> {
        let start_op = u64::from(content.start_op);
        let below = deps.iter().map(|dep| self.ancestry.last_op(*dep)).max().unwrap_or(0);
        if start_op <= u64::from(below) {
            return Err(Inadmissible::NotAfterItsDependencies { start_op, max_op: below.into() });
        }
        let max_op = u64::from(self.ancestry.max_op());
        if start_op > max_op + u64::from(JUMP_MAX) {
            return Err(Inadmissible::TooFarAhead { start_op, max_op });
        }
        let (found, max) =
            (self.ancestry.operations() + content.operations, DOCUMENT_OPERATIONS_MAX);
        if found > max {
            let what = "operations with the rest of the document";
            return Err(Inadmissible::TooMany { what, found: found.into(), max: max.into() });
        }
        Ok(())
    }

    fn check_actor(
        &self,
        header: &ChangeHeader,
        content: &Content<'_>,
        covered: &Covered,
    ) -> Result<(), Inadmissible> {
        let Some(actor) = self.ancestry.actor(&header.actor) else {
            return Ok(());
        };
        if !self.ancestry.covers_operations(covered, actor) {
            return Err(Inadmissible::NotAfterItsActor);
        }
        match content.author.is_some() && self.authors.contains_key(&actor) {
            true => Err(Inadmissible::SecondAuthor),
            false => Ok(()),
        }
    }

    /// Whether the change may be by its author, if it may be by none of the others. An actor has one
    /// author, which its first change names.
    fn check_author(
        &self,
        header: &ChangeHeader,
        content: &Content<'_>,
        others: &BTreeSet<Vec<u8>>,
    ) -> Result<(), Inadmissible> {
        let named = || self.authors.get(&self.ancestry.actor(&header.actor)?).map(|name| &**name);
        match content.author.or_else(named).filter(|author| others.contains(*author)) {
            None => Ok(()),
            Some(author) => {
                let author = String::from_utf8_lossy(author).into_owned();
                Err(Inadmissible::AnothersName { author })
            }
        }
    }

    fn take(&mut self, content: &Content<'_>, covered: &Covered) -> Result<(), Inadmissible> {
        let actors = content.actors.iter().map(|actor| self.ancestry.actor(&(*actor).into()));
        let mut admitting = Admitting {
            actors: actors.collect(),
            covered,
            start_op: content.start_op,
            first: self.operations.len() as u32,
            steps_left: MARK_STEPS_MAX,
        };
        let mut operations = content.operations();
        while let Some(operation) = operations.next()? {
            let entry = self.check(&mut admitting, &operation, operations.predecessors());
            let number = operation.number;
            let entry = entry.map_err(|rule| Inadmissible::Operation { number, rule })?;
            push_tightly(&mut self.operations, entry);
        }
        Ok(())
    }

    fn check(
        &mut self,
        admitting: &mut Admitting<'_>,
        operation: &Operation<'_>,
        predecessors: &[Id],
    ) -> Result<Entry, OperationRule> {
        let Operation { action, insert, .. } = *operation;
        let object = match operation.object {
            None => 0,
            Some(id) => self.find(admitting, id).ok_or(OperationRule::UnknownObject)?,
        };
        let kind = self.kind(object).ok_or(OperationRule::NoObject)?;
        let place = self.place(admitting, operation, object, kind)?;
        let entry = Entry::new(action, insert, object, place);
        for predecessor in predecessors {
            let name = self.find(admitting, *predecessor);
            let name = name.ok_or(OperationRule::UnknownPredecessor)?;
            let is_there = self.entry(name).is_some_and(|before| {
                before.object() == object
                    && before.home(name) == place
                    && !before.is(Action::Delete)
                    && !before.is(Action::Increment)
            });
            if !is_there {
                return Err(OperationRule::NoPredecessorThere);
            }
        }
        match action {
            Action::MakeMap | Action::MakeList | Action::MakeText | Action::MakeTable => {
                self.check_depth(object)?;
            }
            Action::BeginMark if kind != Action::MakeText => {
                return Err(OperationRule::MarkOutsideText);
            }
            Action::EndMark => self.check_mark_order(admitting, place)?,
            _ => {}
        }
        Ok(entry)
    }

    /// The name of an operation that the change builds on, or that stands before in it.
    fn find(&self, admitting: &Admitting<'_>, id: Id) -> Option<u32> {
        // Operations of the change itself are known to stand before: their numbers are lower.
        if id.actor == 0 && id.number >= admitting.start_op {
            return Some(admitting.first + (id.number - admitting.start_op) + 1);
        }
        let actor = (*admitting.actors.get(id.actor)?)?;
        Some(self.ancestry.find(admitting.covered, actor, id.number)? + 1)
    }

    fn entry(&self, name: u32) -> Option<Entry> {
        self.operations.get(name.checked_sub(1)? as usize).copied()
    }

    /// What made an object: of which kind it is.
    fn kind(&self, object: u32) -> Option<Action> {
        if object == 0 {
            return Some(Action::MakeMap);
        }
        let entry = self.entry(object)?;
        let kinds = [Action::MakeMap, Action::MakeList, Action::MakeText, Action::MakeTable];
        kinds.into_iter().find(|kind| entry.is(*kind))
    }

    fn place(
        &mut self,
        admitting: &Admitting<'_>,
        operation: &Operation<'_>,
        object: u32,
        kind: Action,
    ) -> Result<u32, OperationRule> {
        let is_sequence = matches!(kind, Action::MakeList | Action::MakeText);
        match operation.place {
            Place::Key(key) if !is_sequence => Ok(self.key(key)),
            Place::Beginning if is_sequence => Ok(0),
            Place::Element(id) if is_sequence => {
                let name = self.find(admitting, id).ok_or(OperationRule::UnknownElement)?;
                // One inserts after a mark, but does not change it.
                let is_element = self.entry(name).is_some_and(|element| {
                    element.inserts()
                        && element.object() == object
                        && (operation.insert || !element.is_mark())
                });
                if is_element { Ok(name) } else { Err(OperationRule::NoElement) }
            }
            _ => Err(OperationRule::OtherKindOfObject),
        }
    }

    fn key(&mut self, key: &str) -> u32 {
        if let Some(known) = self.keys.get(key) {
            return *known;
        }
        let number = self.keys.len() as u32;
        self.keys.insert(key.into(), number);
        number
    }

    /// Whether an object may be made in `object`.
    fn check_depth(&self, object: u32) -> Result<(), OperationRule> {
        let mut object = object;
        for _ in 0..DEPTH_MAX {
            let Some(entry) = self.entry(object) else { return Ok(()) };
            object = entry.object();
        }
        Err(OperationRule::TooDeep)
    }

    /// Whether the mark that began with the operation before ends after it in the text, if its end
    /// is inserted after the element `end`.
    ///
    /// Both are the newest children of their elements in the tree of insertions, which is read
    /// parents first and new children before old ones. So the beginning comes first if its element
    /// is the beginning of the text or an ancestor of `end`, or else if the newer one of the two
    /// branches, where they part, is its.
    fn check_mark_order(
        &self,
        admitting: &mut Admitting<'_>,
        end: u32,
    ) -> Result<(), OperationRule> {
        let begin = self.operations.len() as u32;
        let start = self.entry(begin).map_or(0, Entry::place);
        if end == begin {
            return Ok(());
        }
        let (mut of_start, mut of_end) = (None, None);
        let (mut left, mut right) = (start, end);
        while left != right {
            admitting.steps_left =
                admitting.steps_left.checked_sub(1).ok_or(OperationRule::MarksTooCostly)?;
            // An element stands behind its parent in the index.
            let (side, branch) =
                if left > right { (&mut left, &mut of_start) } else { (&mut right, &mut of_end) };
            *branch = Some(*side);
            *side = self.entry(*side).map_or(0, Entry::place);
        }
        let id = |name: u32| self.ancestry.id(name.saturating_sub(1));
        let is_ordered = match (of_start, of_end) {
            (None, Some(_)) => true,
            (_, None) => false,
            (Some(of_start), Some(of_end)) => self.is_newer(admitting, of_start, of_end, id),
        };
        if is_ordered { Ok(()) } else { Err(OperationRule::MarkEndsFirst) }
    }

    fn is_newer<'i>(
        &'i self,
        admitting: &Admitting<'_>,
        one: u32,
        other: u32,
        id: impl Fn(u32) -> Option<(u32, &'i automerge::ActorId)>,
    ) -> bool {
        // All that is new with this change is newer than what it builds on, in its own order.
        let is_own = |name: u32| name > admitting.first;
        match (is_own(one), is_own(other)) {
            (true, true) => one > other,
            (one, other) if one != other => one,
            _ => id(one) > id(other),
        }
    }
}
