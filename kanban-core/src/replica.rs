//! Who writes, and when: what the core is told because it has no clock and no randomness.

use automerge::{ActorId, Author, TextEncoding};
use serde::{Deserialize, Serialize};

/// A moment in whole seconds since 1970-01-01 UTC, the unit of Automerge's change times.
///
/// Times are told to people and never decide a merge, so a wrong clock cannot lose an edit.
///
/// ```
/// use kanban_core::Timestamp;
/// assert_eq!(Timestamp::from_unix_seconds(60).unix_seconds(), 60);
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `seconds` after 1970-01-01 UTC.
    ///
    /// ```
    /// use kanban_core::Timestamp;
    /// let new_year = Timestamp::from_unix_seconds(1_767_225_600);
    /// assert!(new_year > Timestamp::default(), "1970 was before 2026");
    /// ```
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01 UTC.
    ///
    /// ```
    /// use kanban_core::Timestamp;
    /// assert_eq!(Timestamp::default().unix_seconds(), 0);
    /// ```
    pub const fn unix_seconds(self) -> i64 {
        self.0
    }
}

/// How offsets into a description are counted.
///
/// ```
/// # use kanban_core::*;
/// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
/// let in_a_browser = ana.counting_text_in(TextUnit::Utf16);
/// let mut board = Board::create(in_a_browser, BoardId::parse("b1")?, "Release", now);
/// board.apply(&Command::SetBoardDescription { text: "🙂".into() }, now)?;
/// board.apply(&Command::EditBoardDescription { at: 2, remove: 0, insert: "!".into() }, now)?;
/// assert_eq!(board.view().description, "🙂!");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum TextUnit {
    /// Unicode scalar values, as `str::chars` counts.
    #[default]
    CodePoint,
    /// UTF-16 code units, as JavaScript strings count.
    Utf16,
    /// Bytes of UTF-8, as `str::len` counts.
    Utf8,
}

impl TextUnit {
    /// The length of `text` in this unit.
    ///
    /// ```
    /// use kanban_core::TextUnit;
    /// assert_eq!(TextUnit::CodePoint.length_of("🙂"), 1);
    /// assert_eq!(TextUnit::Utf16.length_of("🙂"), 2);
    /// assert_eq!(TextUnit::Utf8.length_of("🙂"), 4);
    /// ```
    pub fn length_of(self, text: &str) -> usize {
        match self {
            TextUnit::CodePoint => text.chars().count(),
            TextUnit::Utf16 => text.encode_utf16().count(),
            TextUnit::Utf8 => text.len(),
        }
    }
}

impl From<TextUnit> for TextEncoding {
    fn from(unit: TextUnit) -> Self {
        match unit {
            TextUnit::CodePoint => TextEncoding::UnicodeCodePoint,
            TextUnit::Utf16 => TextEncoding::Utf16CodeUnit,
            TextUnit::Utf8 => TextEncoding::Utf8CodeUnit,
        }
    }
}

/// One running copy of a board: the actor that signs its changes and, if known, the person behind.
///
/// An actor must be unique among all running replicas: draw a random one, as
/// [`from_entropy`](Self::from_entropy) does, and never use an actor again after restoring an old
/// copy of a board. Two replicas with one actor cannot merge.
///
/// ```
/// use kanban_core::{ActorId, Replica};
/// let replica = Replica::new(ActorId::from([7; 16])).by("ana");
/// assert_eq!(replica.author(), Some("ana".as_bytes()));
/// ```
#[derive(Debug, Clone)]
pub struct Replica {
    pub(crate) actor: ActorId,
    pub(crate) author: Option<Author<'static>>,
    pub(crate) text_unit: TextUnit,
}

impl Replica {
    /// A replica whose changes are signed by `actor`.
    ///
    /// ```
    /// use kanban_core::{ActorId, Replica};
    /// assert_eq!(Replica::new(ActorId::from([7; 16])).author(), None);
    /// ```
    pub fn new(actor: ActorId) -> Self {
        Self { actor, author: None, text_unit: TextUnit::default() }
    }

    /// A replica with an actor of 8 bytes, out of random bytes that the caller draws.
    ///
    /// Every live move names two actors, so they are half as long as Automerge's own. If a board
    /// had a hundred thousand of them, any two would be equal with a probability of 3 in 10^10.
    ///
    /// ```
    /// use kanban_core::{ActorId, Replica};
    /// let random = [7; 16]; // from the system's source of randomness
    /// assert_eq!(Replica::from_entropy(random).actor(), &ActorId::from([7; 8]));
    /// ```
    pub fn from_entropy(entropy: [u8; 16]) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = entropy;
        Self::new(ActorId::from([a, b, c, d, e, f, g, h]))
    }

    /// Records `author` (opaque bytes, for instance a user's id) with the actor's first change, so
    /// that history and conflicts can say who.
    ///
    /// ```
    /// use kanban_core::{ActorId, Replica};
    /// let replica = Replica::new(ActorId::from([7; 16])).by("ana");
    /// assert_eq!(replica.author(), Some("ana".as_bytes()));
    /// ```
    #[must_use]
    pub fn by(mut self, author: impl AsRef<[u8]>) -> Self {
        self.author = Some(Author::from(author.as_ref().to_vec()));
        self
    }

    /// Counts offsets into descriptions in `unit`.
    ///
    /// ```
    /// # use kanban_core::*;
    /// # let (ana, now) = (Replica::new(ActorId::from([1; 16])).by("ana"), Timestamp::default());
    /// let javascript = ana.counting_text_in(TextUnit::Utf16);
    /// let mut board = Board::create(javascript, BoardId::parse("b1")?, "Release", now);
    /// board.apply(&Command::SetBoardDescription { text: "🙂".into() }, now)?;
    /// let append = Command::EditBoardDescription { at: 2, remove: 0, insert: "!".into() };
    /// assert!(board.apply(&append, now).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn counting_text_in(mut self, unit: TextUnit) -> Self {
        self.text_unit = unit;
        self
    }

    /// The actor that signs this replica's changes.
    ///
    /// ```
    /// use kanban_core::{ActorId, Replica};
    /// assert_eq!(Replica::new(ActorId::from([7; 16])).actor().to_bytes(), [7; 16]);
    /// ```
    pub fn actor(&self) -> &ActorId {
        &self.actor
    }

    /// The person behind, as given to [`by`](Self::by).
    ///
    /// ```
    /// use kanban_core::{ActorId, Replica};
    /// let ana = Replica::new(ActorId::from([7; 16])).by("ana");
    /// assert_eq!(ana.author(), Some("ana".as_bytes()));
    /// ```
    pub fn author(&self) -> Option<&[u8]> {
        self.author.as_ref().map(|author| author.as_bytes())
    }
}
