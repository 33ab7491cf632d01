//! Documents that are out of service.

use crate::*;

fn aside(number: u8, reason: &str) -> SetAside {
    SetAside { document: document(number), changes: 2, reason: reason.to_owned() }
}

#[test]
fn a_document_is_set_aside_until_it_is_put_back_and_keeps_all_it_has() {
    on_both(|store| {
        store.append(&[append(1, &[b"one", b"two"]), append(2, &[b"other"])]).unwrap();
        let before = store.load(document(1)).unwrap();
        assert_eq!(store.aside(document(1)).unwrap(), None);
        for reason in ["a first reason", "another, which is not ASCII: ž", ""] {
            store.set_aside(&aside(1, reason)).unwrap();
            assert_eq!(store.aside(document(1)).unwrap(), Some(aside(1, reason)));
        }
        assert_eq!(store.aside(document(2)).unwrap(), None);
        assert_eq!(store.load(document(1)).unwrap(), before);
        assert_eq!(store.documents().unwrap(), [document(1), document(2)]);
        store.append(&[append(1, &[b"three"])]).unwrap();
        assert!(store.compact(&snapshot(store, b"all three")).unwrap());
        assert!(store.aside(document(1)).unwrap().is_some());
        for _ in 0..2 {
            store.put_back(document(1)).unwrap();
            assert_eq!(store.aside(document(1)).unwrap(), None);
        }
        assert_eq!(store.load(document(1)).unwrap().unwrap().mark.changes, 3);
    });
}

#[test]
fn what_is_not_stored_is_not_set_aside() {
    on_both(|store| {
        store.set_aside(&aside(9, "a reason")).unwrap();
        assert_eq!(store.aside(document(9)).unwrap(), None);
        assert_eq!(store.load(document(9)).unwrap(), None);
        assert_eq!(store.documents().unwrap(), []);
    });
}

#[test]
fn a_document_stays_set_aside_in_the_journal_after_opening_and_in_a_backup() {
    let directory = tempfile::tempdir().unwrap();
    let (data, cut) = (directory.path().join("data"), directory.path().join("cut"));
    let store = SledStore::open(&data).unwrap();
    store.append(&[append(1, &[b"one", b"two"])]).unwrap();
    // As a power cut leaves it: sled has written nothing of what the journal holds.
    store.flush().unwrap();
    copy(&data, &cut);
    store.set_aside(&aside(1, "a reason")).unwrap();
    for file in ["journal", "commits"] {
        fs::copy(data.join(file), cut.join(file)).unwrap();
    }
    store.backup(&directory.path().join("backup")).unwrap();
    drop(store);
    for copied in ["data", "cut", "backup"] {
        let store = SledStore::open(&directory.path().join(copied)).unwrap();
        assert_eq!(store.aside(document(1)).unwrap(), Some(aside(1, "a reason")), "{copied}");
        store.check(document(1)).unwrap();
    }
}

#[test]
fn however_long_the_reason_is_it_can_be_noted() {
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path()).unwrap();
    store.append(&[append(1, &[b"one"])]).unwrap();
    let reason = "ž".repeat(100_000);
    store.set_aside(&aside(1, &reason)).unwrap();
    let noted = store.aside(document(1)).unwrap().unwrap().reason;
    assert!(noted.len() > 1000 && reason.starts_with(&noted));
}

#[test]
fn a_damaged_note_keeps_its_document_out_of_service_until_it_is_put_back() {
    let directory = tempfile::tempdir().unwrap();
    let store = SledStore::open(directory.path()).unwrap();
    store.append(&[append(1, &[b"one"]), append(2, &[b"other"])]).unwrap();
    store.set_aside(&aside(1, "a reason")).unwrap();
    drop(store);
    let (database, tree) = raw(directory.path());
    let [key] = &keys(&tree, b'a')[..] else { panic!("there is one note") };
    let mut damaged = tree.get(key).unwrap().unwrap().to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    tree.insert(key, damaged).unwrap();
    drop((tree, database));
    let store = SledStore::open(directory.path()).unwrap();
    let noted = store.aside(document(1));
    assert!(matches!(noted, Err(StoreError::DamagedDocument { .. })), "{noted:?}");
    assert_eq!(store.aside(document(2)).unwrap(), None);
    assert_eq!(chunks(&store, 1), [b"one"]);
    store.put_back(document(1)).unwrap();
    assert_eq!(store.aside(document(1)).unwrap(), None);
}
