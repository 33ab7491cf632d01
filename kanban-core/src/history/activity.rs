//! What people did, newest first.

use super::deed::Deed;
use super::past::Past;
use super::tell::Teller;
use crate::board::Board;
use crate::ids::CardId;
use crate::order::sort_by;
use crate::replica::Timestamp;
use crate::schema::GENESIS_HASH;
use automerge::{ChangeHash, ChangeMetadata, ReadDoc};
use serde::{Deserialize, Serialize};

/// Up to this many changes are read each for itself, more of them in one pass over all, unless
/// that reads too many others.
// 256 take 120 ms, less than the pass takes from some 6,000 changes on.
const READ_SINGLY_MAX: usize = 256;

/// How many times as much as in a pass it costs to read a change for itself.
// Measured on 18,161 changes: 0.47 ms against 0.022 ms.
const SINGLY_COSTS: usize = 20;

/// One change, told in people's words.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
/// let activity: Activity = board.activities(&ActivityQuery::all()).remove(0);
/// assert_eq!(activity.author.as_deref(), Some("ana".as_bytes()));
/// assert_eq!(activity.deeds[0].to_string(), "created the board Release");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Activity {
    /// The change.
    #[serde(serialize_with = "crate::hashes::one::serialize")]
    #[cfg_attr(feature = "typescript", ts(type = "ChangeHash"))]
    pub change: ChangeHash,
    /// Who, as given to [`Replica::by`](crate::Replica::by).
    #[serde(serialize_with = "crate::author::serialize")]
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    pub author: Option<Vec<u8>>,
    /// When, by their clock.
    pub at: Timestamp,
    /// What they did.
    pub deeds: Vec<Deed>,
}

/// Which activities to tell.
///
/// ```
/// use kanban_core::{ActivityQuery, CardId};
/// let latest = ActivityQuery::all().limit(50);
/// let of_one_card = ActivityQuery::all().of_card(CardId::parse("docs")?).by("ana");
/// # Ok::<(), kanban_core::IdError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct ActivityQuery {
    card: Option<CardId>,
    #[serde(with = "crate::hashes::list")]
    #[cfg_attr(feature = "typescript", ts(type = "Array<ChangeHash>"))]
    since: Vec<ChangeHash>,
    limit: Option<usize>,
    #[serde(with = "crate::author")]
    #[cfg_attr(feature = "typescript", ts(type = "string | null"))]
    author: Option<Vec<u8>>,
}

impl ActivityQuery {
    /// Every change of the board.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// assert_eq!(board.activities(&ActivityQuery::all()).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn all() -> Self {
        Self::default()
    }

    /// Only what was done with this card. A deed that concerns several cards is told whole.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let draft = serde_json::from_str(r#"{ "name": "Release", "columns": [
    /// #     { "id": "todo", "name": "To do", "cards": [{ "id": "docs", "title": "Write docs" }] },
    /// #     { "id": "done", "name": "Done" }] }"#)?;
    /// # let mut board = Board::from_draft(ana, BoardId::parse("b1")?, &draft, now)?;
    /// let card = CardId::parse("docs")?;
    /// board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// board.apply(&Command::ArchiveCard { card: card.clone() }, now)?;
    /// let told = board.activities(&ActivityQuery::all().of_card(card).limit(1));
    /// assert_eq!(told[0].deeds[0].to_string(), "archived *Write docs*");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_card(mut self, card: CardId) -> Self {
        self.card = Some(card);
        self
    }

    /// Only changes that a replica with these heads lacks. Unknown heads exclude nothing.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// let seen = board.heads();
    /// board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// assert_eq!(board.activities(&ActivityQuery::all().since(seen)).len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn since(mut self, heads: impl Into<Vec<ChangeHash>>) -> Self {
        self.since = heads.into();
        self
    }

    /// At most this many, the newest.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// board.apply(&Command::RenameBoard { name: "Launch".into() }, now)?;
    /// let latest = board.activities(&ActivityQuery::all().limit(1));
    /// assert_eq!(latest[0].deeds[0].to_string(), "renamed the board Release to Launch");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn limit(mut self, activities: usize) -> Self {
        self.limit = Some(activities);
        self
    }

    /// Only changes by this author, as given to [`Replica::by`](crate::Replica::by).
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// # let mut board = Board::create(ana, BoardId::parse("b1")?, "Release", now);
    /// assert_eq!(board.activities(&ActivityQuery::all().by("ana")).len(), 1);
    /// assert!(board.activities(&ActivityQuery::all().by("ben")).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn by(mut self, author: impl AsRef<[u8]>) -> Self {
        self.author = Some(author.as_ref().to_vec());
        self
    }
}

impl Board {
    /// Who did what and when: one activity per change, newest first.
    ///
    /// The order is the same on every replica with the same changes: whatever somebody had seen
    /// comes below what they did then, and clocks decide nothing. Cards, columns and labels are
    /// called as they are called now.
    ///
    /// Costs a pass over all changes if many are asked for or those of one card: some 0.4 s for
    /// 18,000 changes. Few of them, as the latest 50 or those since some heads, are read each for
    /// itself, in some 0.3 ms.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let now = Timestamp::from_unix_seconds(0);
    /// let ana = Replica::new(ActorId::from([1; 16])).by("ana");
    /// let mut board = Board::create(ana, BoardId::parse("b")?, "Release", now);
    /// let (column, name, at) = (ColumnId::parse("todo")?, "To do".into(), Slot::Last);
    /// board.apply(&Command::CreateColumn { column, name, at }, now)?;
    /// let activities = board.activities(&ActivityQuery::all());
    /// let told: Vec<String> = activities.iter().map(|a| a.deeds[0].to_string()).collect();
    /// assert_eq!(told, ["created column To do", "created the board Release"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn activities(&self, query: &ActivityQuery) -> Vec<Activity> {
        let document = self.document();
        let known = |head: &&ChangeHash| document.get_missing_deps(&[**head]).is_empty();
        let since: Vec<ChangeHash> = query.since.iter().filter(known).copied().collect();
        let mut metas = document.get_changes_meta(&since);
        metas.retain(|meta| meta.hash != GENESIS_HASH && query.wants(meta));
        sort_by(&mut metas, |one, two| {
            (two.start_op, &two.actor, two.seq).cmp(&(one.start_op, &one.actor, one.seq))
        });
        let limit = query.limit.unwrap_or(usize::MAX);
        if query.card.is_none() {
            metas.truncate(limit);
        }
        let is_few = || {
            let all = document.get_changes_meta(&[]).len();
            metas.len().saturating_mul(SINGLY_COSTS) < all
        };
        let mut told = match metas.len() <= READ_SINGLY_MAX || is_few() {
            true => self.tell_singly(metas),
            false => self.tell_all(metas),
        };
        if let Some(card) = &query.card {
            told.retain_mut(|activity| {
                activity.deeds.retain(|deed| deed.is_about(card) || deed.takes_back());
                activity.deeds.iter().any(|deed| deed.is_about(card))
            });
            told.truncate(limit);
        }
        told
    }

    fn tell_singly(&self, metas: Vec<ChangeMetadata<'_>>) -> Vec<Activity> {
        let mut teller = Teller::new(self.document(), self.model(), Past::unread());
        let tell = |meta: ChangeMetadata<'_>| {
            let change = self.document().get_change_by_hash(&meta.hash);
            let deeds = change.map(|change| teller.tell(&change)).unwrap_or_default();
            activity(&meta, deeds)
        };
        metas.into_iter().map(tell).collect()
    }

    /// In one pass from the oldest to the newest, remembering what each operation stored.
    fn tell_all(&self, metas: Vec<ChangeMetadata<'_>>) -> Vec<Activity> {
        let past = Past::from_the_beginning();
        let mut teller = Teller::new(self.document(), self.model(), past);
        let mut places: Vec<(ChangeHash, usize)> =
            metas.iter().enumerate().map(|(index, meta)| (meta.hash, index)).collect();
        places.sort_unstable();
        let mut told: Vec<Activity> = metas.iter().map(|meta| activity(meta, Vec::new())).collect();
        for change in self.document().get_changes(&[]) {
            let place = places.binary_search_by_key(&change.hash(), |(hash, _)| *hash);
            let place = place.ok().and_then(|place| places.get(place));
            match place.and_then(|(_, index)| told.get_mut(*index)) {
                Some(activity) => activity.deeds = teller.tell(&change),
                None => teller.pass(&change),
            }
        }
        told
    }
}

impl ActivityQuery {
    fn wants(&self, meta: &ChangeMetadata<'_>) -> bool {
        let author = meta.author.as_ref().map(|author| author.as_bytes());
        self.author.is_none() || self.author.as_deref() == author
    }
}

fn activity(meta: &ChangeMetadata<'_>, deeds: Vec<Deed>) -> Activity {
    Activity {
        change: meta.hash,
        author: meta.author.as_ref().map(|author| author.as_bytes().to_vec()),
        at: Timestamp::from_unix_seconds(meta.timestamp),
        deeds,
    }
}
