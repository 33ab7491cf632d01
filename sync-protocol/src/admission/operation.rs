//! Operations one by one, each checked by itself: what makes no sense in any document.

use super::COUNTER_MAX;
use super::column::{Flags, Rows, Sums};
use super::content::Content;
use super::refusal::{Inadmissible, OperationRule};
use crate::bytes::Reader;

/// An operation's id within a change: its actor is a position in the change's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id {
    pub actor: usize,
    pub number: u32,
}

/// Where in its object an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    Key(&'a str),
    /// Before the first element.
    Beginning,
    Element(Id),
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    MakeMap,
    Set,
    MakeList,
    Delete,
    MakeText,
    Increment,
    MakeTable,
    BeginMark,
    EndMark,
}

/// One operation. Its predecessors are [`Operations::predecessors`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation<'a> {
    pub number: u32,
    /// `None` is the root.
    pub object: Option<Id>,
    pub place: Place<'a>,
    pub insert: bool,
    pub action: Action,
}

/// Reads the operations of a measured change.
#[derive(Debug)]
pub(super) struct Operations<'a, 'c> {
    actors: &'c [&'a [u8]],
    /// Which of them were named.
    named: Vec<bool>,
    next: u32,
    end: u32,
    object_actor: Rows<'a, u64>,
    object_number: Rows<'a, u64>,
    element_actor: Rows<'a, u64>,
    element_number: Sums<'a>,
    key: Rows<'a, &'a str>,
    insert: Flags<'a>,
    action: Rows<'a, u64>,
    value_type: Rows<'a, u64>,
    value: Reader<'a>,
    predecessor_count: Rows<'a, u64>,
    predecessor_actor: Rows<'a, u64>,
    predecessor_number: Sums<'a>,
    expand: Flags<'a>,
    mark_name: Rows<'a, &'a str>,
    predecessors: Vec<Id>,
    /// The text in which the operation before began a mark.
    begun: Option<Option<Id>>,
}

impl<'a, 'c> Operations<'a, 'c> {
    pub fn new(content: &'c Content<'a>) -> Self {
        let columns = &content.columns;
        let mut named = vec![false; content.actors.len()];
        named.first_mut().into_iter().for_each(|own| *own = true);
        Self {
            actors: &content.actors,
            named,
            next: content.start_op,
            end: content.start_op + content.operations,
            object_actor: Rows::new(columns.object_actor),
            object_number: Rows::new(columns.object_number),
            element_actor: Rows::new(columns.element_actor),
            element_number: Sums::new(columns.element_number),
            key: Rows::new(columns.key),
            insert: Flags::new(columns.insert),
            action: Rows::new(columns.action),
            value_type: Rows::new(columns.value_type),
            value: Reader::new(columns.value),
            predecessor_count: Rows::new(columns.predecessor_count),
            predecessor_actor: Rows::new(columns.predecessor_actor),
            predecessor_number: Sums::new(columns.predecessor_number),
            expand: Flags::new(columns.expand),
            mark_name: Rows::new(columns.mark_name),
            predecessors: Vec::new(),
            begun: None,
        }
    }

    /// The next operation, or `None` behind the last.
    pub fn next(&mut self) -> Result<Option<Operation<'a>>, Inadmissible> {
        let number = self.next;
        if number == self.end {
            return self.finish().map(|()| None);
        }
        self.next += 1;
        let operation =
            self.read(number).map_err(|rule| Inadmissible::Operation { number, rule })?;
        Ok(Some(operation))
    }

    /// What the operation before replaces.
    pub fn predecessors(&self) -> &[Id] {
        &self.predecessors
    }

    fn finish(&self) -> Result<(), Inadmissible> {
        if self.begun.is_some() {
            let number = self.end.saturating_sub(1);
            return Err(Inadmissible::Operation { number, rule: OperationRule::HalfAMark });
        }
        // Automerge lists only those that are named.
        match self.named.iter().all(|named| *named) {
            true => Ok(()),
            false => Err(Inadmissible::NotCanonical { part: "list of actors" }),
        }
    }

    fn read(&mut self, number: u32) -> Result<Operation<'a>, OperationRule> {
        let object = (self.object_actor.next(), self.object_number.next());
        let object = match object {
            (None, None) => None,
            (Some(actor), Some(object)) => Some(self.id(actor, object, number)?),
            _ => return Err(OperationRule::HalfAnId),
        };
        let place = self.read_place(number)?;
        let insert = self.insert.next();
        let (action, has_value) = self.read_action()?;
        self.read_predecessors(number)?;
        let operation = Operation { number, object, place, insert, action };
        self.check(&operation, has_value)?;
        Ok(operation)
    }

    fn id(&mut self, actor: u64, of: u64, number: u32) -> Result<Id, OperationRule> {
        let actor = usize::try_from(actor).map_err(|_| OperationRule::UnlistedActor)?;
        *self.named.get_mut(actor).ok_or(OperationRule::UnlistedActor)? = true;
        match u32::try_from(of) {
            Ok(of) if of < number => Ok(Id { actor, number: of }),
            _ => Err(OperationRule::RefersAhead),
        }
    }

    fn read_place(&mut self, number: u32) -> Result<Place<'a>, OperationRule> {
        match (self.element_actor.next(), self.element_number.next(), self.key.next()) {
            (None, None, Some(key)) => Ok(Place::Key(key)),
            (None, Some(0), None) => Ok(Place::Beginning),
            (Some(_), Some(0), None) | (Some(_), None, _) | (None, Some(_), None) => {
                Err(OperationRule::HalfAnId)
            }
            (Some(actor), Some(of), None) => {
                self.id(actor, u64::from(of), number).map(Place::Element)
            }
            _ => Err(OperationRule::NoSinglePlace),
        }
    }

    /// What it does, and whether it comes with a value other than null.
    fn read_action(&mut self) -> Result<(Action, bool), OperationRule> {
        let action = self.action.next();
        let (name, expand) = (self.mark_name.next(), self.expand.next());
        let value_type = self.value_type.next().ok_or(OperationRule::BadValue)?;
        let value = self.value.take(value_type >> 4).map_err(|_| OperationRule::BadValue)?;
        if !is_value(value_type & 0xf, value) {
            return Err(OperationRule::BadValue);
        }
        let action = match action.ok_or(OperationRule::UnknownAction)? {
            0 => Action::MakeMap,
            1 => Action::Set,
            2 => Action::MakeList,
            3 => Action::Delete,
            4 => Action::MakeText,
            5 => Action::Increment,
            6 => Action::MakeTable,
            7 if name.is_some() => Action::BeginMark,
            7 => Action::EndMark,
            _ => return Err(OperationRule::UnknownAction),
        };
        let is_mark = matches!(action, Action::BeginMark | Action::EndMark);
        if !is_mark && (name.is_some() || expand) {
            return Err(OperationRule::NotAMark);
        }
        if action == Action::Increment && !(value_type & 0xf == INTEGER && is_small(value)) {
            return Err(OperationRule::BadValue);
        }
        Ok((action, value_type != 0))
    }

    fn read_predecessors(&mut self, number: u32) -> Result<(), OperationRule> {
        self.predecessors.clear();
        for _ in 0..self.predecessor_count.next().unwrap_or(0) {
            let ids = (self.predecessor_actor.next(), self.predecessor_number.next());
            let (Some(actor), Some(of)) = ids else { return Err(OperationRule::HalfAnId) };
            let id = self.id(actor, u64::from(of), number)?;
            if self.predecessors.last().is_some_and(|last| !self.is_before(*last, id)) {
                return Err(OperationRule::UnsortedPredecessors);
            }
            self.predecessors.push(id);
        }
        Ok(())
    }

    /// Operations are ordered by number, then by actor.
    fn is_before(&self, one: Id, other: Id) -> bool {
        let key = |id: Id| (id.number, self.actors.get(id.actor));
        key(one) < key(other)
    }

    fn check(&mut self, operation: &Operation<'a>, has_value: bool) -> Result<(), OperationRule> {
        let Operation { object, place, insert, action, .. } = *operation;
        let is_mark = matches!(action, Action::BeginMark | Action::EndMark);
        let takes_back = matches!(action, Action::Delete | Action::Increment);
        let takes_value = matches!(action, Action::Set | Action::Increment | Action::BeginMark);
        if has_value && !takes_value {
            return Err(OperationRule::BadValue);
        }
        if insert {
            let is_keyed = matches!(place, Place::Key(_));
            if is_keyed || takes_back || !self.predecessors.is_empty() {
                return Err(OperationRule::BadInsertion);
            }
        } else if place == Place::Beginning {
            return Err(OperationRule::ChangesBeginning);
        } else if is_mark {
            return Err(OperationRule::HalfAMark);
        } else if takes_back && self.predecessors.is_empty() {
            return Err(OperationRule::NoPredecessor);
        }
        // Automerge finds the beginning of a mark by its number: one below the end's.
        let begun = self.begun.take();
        match (begun, action) {
            (None, Action::BeginMark) => self.begun = Some(object),
            (Some(text), Action::EndMark) if text == object => {}
            (None, action) if action != Action::EndMark => {}
            _ => return Err(OperationRule::HalfAMark),
        }
        Ok(())
    }
}

const INTEGER: u64 = 4;
const COUNTER: u64 = 8;

/// Whether a counter can hold a number and many like it: overflow is a panic in debug builds.
fn is_small(bytes: &[u8]) -> bool {
    let number = Reader::new(bytes).signed();
    number.is_ok_and(|number| number.unsigned_abs() <= COUNTER_MAX)
}

/// Whether bytes are a value of a type, in as few bytes as it needs.
fn is_value(kind: u64, bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    let is_read = match kind {
        0..=2 => bytes.is_empty(),
        3 => reader.unsigned().is_ok(),
        INTEGER | 9 => reader.signed().is_ok(),
        COUNTER => reader.signed().is_ok() && is_small(bytes),
        5 => bytes.len() == 8,
        6 => std::str::from_utf8(bytes).is_ok(),
        // Bytes, and types of later versions, which Automerge keeps as they are.
        _ => true,
    };
    let is_number = matches!(kind, 3 | INTEGER | COUNTER | 9);
    is_read && (!is_number || reader.is_empty())
}
