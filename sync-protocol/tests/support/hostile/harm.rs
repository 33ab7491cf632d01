//! What a change does to a client that takes it.

use automerge::iter::Span;
use automerge::transaction::Transactable;
use automerge::{AutoCommit, Automerge, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Applies a change upon others and uses the document as a client would. Says what went wrong.
pub fn harm(before: &[Change], bytes: &[u8]) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| use_with(before, bytes))) {
        Ok(outcome) => outcome.err(),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            Some(format!("panic: {}", text.or(panic.downcast_ref::<&str>().copied())?))
        }
    }
}

fn use_with(before: &[Change], bytes: &[u8]) -> Result<(), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let mut document = Automerge::new();
    document.apply_changes(before.to_vec()).map_err(|error| text(&error))?;
    let change = Change::from_bytes(bytes.to_vec()).map_err(|error| text(&error))?;
    let hash = change.hash();
    document.apply_changes([change]).map_err(|error| text(&error))?;
    if document.get_change_by_hash(&hash).is_none() {
        return Err("the change is queued for ever".to_owned());
    }
    check(&document)?;
    let mut document = AutoCommit::load(&document.save()).map_err(|error| text(&error))?;
    for (object, kind) in objects(&document) {
        let length = document.length(&object);
        let edited = match kind {
            ObjType::Map | ObjType::Table => document.put(&object, "key", "next"),
            ObjType::List => document.insert(&object, length, "next"),
            ObjType::Text => document
                .splice_text(&object, 0, 0, "next")
                .and_then(|()| document.splice_text(&object, length, 1.min(length) as isize, "y")),
        };
        edited.map_err(|error| text(&error))?;
    }
    document.commit();
    check(document.document())
}

fn check(document: &Automerge) -> Result<(), String> {
    let changes = document.get_changes(&[]);
    let hashes: Vec<ChangeHash> = changes.iter().map(Change::hash).collect();
    let mut again = Automerge::new();
    again.apply_changes(changes).map_err(|error| error.to_string())?;
    let loaded = Automerge::load(&document.save()).map_err(|error| error.to_string())?;
    let loaded_hashes: Vec<ChangeHash> = loaded.get_changes(&[]).iter().map(Change::hash).collect();
    let sorted = |mut hashes: Vec<ChangeHash>| {
        hashes.sort();
        hashes
    };
    if loaded.get_heads() != document.get_heads() || again.get_heads() != document.get_heads() {
        return Err("it comes back with other heads".to_owned());
    }
    if sorted(hashes) != sorted(loaded_hashes) {
        return Err("its changes come back with other hashes".to_owned());
    }
    let (here, there) = (read(document), read(&loaded));
    if here != there || here != read(&again) {
        return Err("it comes back different".to_owned());
    }
    Ok(())
}

fn read(document: &Automerge) -> String {
    drop(document.hydrate(None));
    let mut out = String::new();
    for (object, kind) in objects(document) {
        out += &format!("{object:?} {:?}", values(document, &object, kind));
        if kind == ObjType::Text {
            let spans = document.spans(&object).map(Iterator::collect::<Vec<Span>>);
            // Marks are compared by their number: they come in no certain order.
            let marks = document.marks(&object).map(|marks| marks.len());
            out += &format!("{} {marks:?}", spans.map_or(0, |spans| spans.len()));
            out += &document.text(&object).unwrap();
        }
    }
    out
}

fn values(
    document: &impl ReadDoc,
    object: &ObjId,
    kind: ObjType,
) -> Vec<Vec<(String, ObjId, Option<ObjType>)>> {
    let plain = |values: Vec<(automerge::Value<'_>, ObjId)>| {
        let plain = values.into_iter().map(|(value, id)| {
            let made = value.to_objtype();
            (format!("{value:?}"), id, made)
        });
        plain.collect()
    };
    if kind.is_sequence() {
        let all = (0..document.length(object)).filter_map(|at| document.get_all(object, at).ok());
        all.map(plain).collect()
    } else {
        let mut keys: Vec<String> = document.keys(object).collect();
        keys.sort();
        let all = keys.iter().filter_map(|key| document.get_all(object, key.as_str()).ok());
        all.map(plain).collect()
    }
}

fn objects(document: &impl ReadDoc) -> Vec<(ObjId, ObjType)> {
    let mut found = vec![(ROOT, ObjType::Map)];
    let mut next = 0;
    while next < found.len() {
        let (object, kind) = found[next].clone();
        next += 1;
        for (_, id, made) in values(document, &object, kind).into_iter().flatten() {
            found.extend(made.map(|kind| (id, kind)));
        }
    }
    found
}
