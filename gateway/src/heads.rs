//! Where a board stands, as one word: the heads of its document.

use crate::Problem;
use kanban_core::ChangeHash;

/// More heads than any board has at once. A longer word is refused before it is read.
const HEADS_MAX: usize = 1000;

/// The heads as one word, for `ETag`, `If-Match`, `Last-Event-ID` and programs.
///
/// ```
/// use kanban_core::ChangeHash;
/// use kanban_gateway::heads;
/// let (one, other) = (ChangeHash([1; 32]), ChangeHash([2; 32]));
/// let word = heads::to_word(&[one, other]);
/// assert_eq!(heads::from_word(&word)?, [one, other]);
/// assert!(heads::from_word("yesterday").is_err());
/// # Ok::<(), kanban_gateway::Problem>(())
/// ```
pub fn to_word(heads: &[ChangeHash]) -> String {
    let words: Vec<String> = heads.iter().map(ToString::to_string).collect();
    words.join(".")
}

/// The heads that such a word means; in the quotes of `If-Match` too.
///
/// # Errors
/// 422 if it is no such word.
pub fn from_word(word: &str) -> Result<Vec<ChangeHash>, Problem> {
    let bare = word.trim().trim_start_matches("W/").trim_matches('"');
    let heads = bare.split('.').take(HEADS_MAX).map(str::parse);
    heads.collect::<Result<_, _>>().map_err(|_| {
        let start: String = word.chars().take(80).collect();
        Problem::invalid(format!(
            "{start:?} does not say where the board stood; take it from `heads` of an answer, or from the id of an event"
        ))
    })
}
