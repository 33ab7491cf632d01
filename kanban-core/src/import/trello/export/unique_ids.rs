//! Makes ids that we can use from ids in any file: present, `[A-Za-z0-9_-]{1,64}`, and each once.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::actions::TrelloComment;
use super::entries::{
    TrelloAttachment, TrelloCard, TrelloChecklist, TrelloItem, TrelloLabel, TrelloList,
    TrelloMember,
};
use super::fields::shortened;
use super::notes::Notes;
use crate::order::gathered;

/// The longest id that is taken over as it is.
const ID_BYTES_MAX: usize = 64;

/// What [`with_unique_ids`] needs to know of an entry.
pub(super) trait Entry {
    fn id_mut(&mut self) -> &mut String;
    fn name(&self) -> &str;
}

macro_rules! entry {
    ($($entry:ty: $name:ident),*) => {$(
        impl Entry for $entry {
            fn id_mut(&mut self) -> &mut String {
                &mut self.id
            }
            fn name(&self) -> &str {
                &self.$name
            }
        }
    )*};
}
entry!(
    TrelloList: name,
    TrelloCard: title,
    TrelloLabel: name,
    TrelloMember: full_name,
    TrelloChecklist: name,
    TrelloItem: text,
    TrelloAttachment: name,
    TrelloComment: text
);

/// Replaces ids we cannot use, and drops entries whose id was there before.
pub(super) fn with_unique_ids<T: Entry>(kind: &str, entries: Vec<T>, notes: &mut Notes) -> Vec<T> {
    // Given ids first: an invented one must not take the place of one that is in the file.
    let mut given = entries;
    let mut taken: BTreeSet<String> =
        gathered(given.iter_mut().map(|entry| usable_id(kind, entry.id_mut()).into_owned()));
    let mut seen = BTreeSet::new();
    let mut kept = Vec::with_capacity(given.len());
    for (mut entry, number) in given.into_iter().zip(1..) {
        let name = shortened(entry.name());
        let id = entry.id_mut();
        if id.is_empty() {
            // Two entries without an id are two entries, not one twice.
            *id = unused_id(&format!("{kind}-{number}"), |id| taken.contains(id));
            taken.insert(id.clone());
            notes.push(format!("The {kind} “{name}” has no id in the file; it gets {id}."));
        } else if let Cow::Owned(usable) = usable_id(kind, id) {
            notes.push(format!(
                "The {kind} “{name}” has the unusable id “{}”; it gets {usable}.",
                shortened(id)
            ));
            *id = usable;
        }
        if seen.insert(id.clone()) {
            kept.push(entry);
        } else {
            notes.push(format!("The {kind} {id} is in the file more than once; “{name}” is left out, the first is kept."));
        }
    }
    kept
}

/// The id itself where we can use it, else one made from it alone, so that whatever refers to it finds it.
pub(super) fn usable_id<'a>(kind: &str, id: &'a str) -> Cow<'a, str> {
    let usable = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if id.is_empty() || (id.len() <= ID_BYTES_MAX && id.bytes().all(usable)) {
        return Cow::Borrowed(id);
    }
    // FNV-1a, 64 bits: the standard library's hasher may change from release to release.
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    Cow::Owned(format!("{kind}-{hash:016x}"))
}

/// `wanted`, lengthened until it is free.
pub(super) fn unused_id(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut id = wanted.to_owned();
    while taken(&id) {
        id.push('-');
    }
    id
}

/// Removes every id that was there before.
pub(super) fn keep_once(ids: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
}
