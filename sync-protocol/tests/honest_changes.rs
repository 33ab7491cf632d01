//! What Automerge writes is admitted, in whatever order it arrives. Refusing it would lose work.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "support/honest.rs"]
mod honest;
mod support;

use automerge::transaction::Transactable;
use automerge::{AutoCommit, ObjType, ROOT};
use honest::{Session, all_in_some_order, raw};
use std::time::Duration;
use support::Dice;
use sync_protocol::*;

/// Sessions of several people, every change in several orders.
fn sessions(seeds: std::ops::Range<u64>, steps: usize) -> usize {
    let mut admitted = 0;
    for seed in seeds {
        let mut session = Session::new(seed);
        session.run(steps);
        let changes = session.merged().get_changes(&[]);
        let mut dice = Dice(seed);
        for order in 0..3 {
            let ordered = all_in_some_order(&changes, &mut dice);
            let mut admission = Admission::new();
            for change in &ordered {
                let outcome = admission.insert(change);
                assert!(
                    matches!(outcome, Ok(Inserted::At(_))),
                    "seed {seed}, order {order}: {outcome:?}\n{:#?}",
                    changes.iter().find(|known| known.hash() == change.hash).unwrap().decode()
                );
            }
            admitted += ordered.len();
        }
    }
    admitted
}

/// 40 sessions in the suite; `KANBAN_SEEDS=1000..1250` for a campaign, or one seed to replay.
#[test]
fn whatever_automerge_writes_is_admitted_in_every_causal_order() {
    let wanted = std::env::var("KANBAN_SEEDS").ok();
    let seeds = wanted.map_or(0..40, |seeds| {
        let (first, end) = seeds.split_once("..").expect("KANBAN_SEEDS is like 0..40");
        first.parse().unwrap()..end.parse().unwrap()
    });
    let least = 25 * (seeds.end - seeds.start) as usize;
    assert!(sessions(seeds, 60) > least);
}

#[test]
fn an_index_built_from_what_is_stored_admits_what_the_grown_one_admits() {
    for seed in 0..10 {
        let mut session = Session::new(seed);
        session.run(40);
        let mut document = session.merged();
        let changes = document.get_changes(&[]);
        let snapshot = document.save();
        let mut graph = ChangeGraph::new();
        let raws: Vec<RawChange<'_>> = changes.iter().map(raw).collect();
        raws.iter().for_each(|raw| _ = graph.insert(raw.hash, &raw.header).unwrap());
        let log: Vec<&[u8]> = raws.iter().map(|raw| &*raw.bytes).collect();
        let mut from_log = Admission::of_stored(graph.clone());
        let mut from_snapshot = Admission::of_stored(graph);
        from_log.build(&log).unwrap();
        from_snapshot.build([snapshot]).unwrap();
        assert_eq!(from_log.index_size().0, from_snapshot.index_size().0);
        session.run(20);
        for change in session.merged().get_changes(&document.get_heads()) {
            let change = raw(&change);
            assert_eq!(from_log.insert(&change), from_snapshot.insert(&change));
            assert!(from_log.contains(&change.hash), "seed {seed}");
        }
    }
}

#[test]
fn a_change_far_ahead_waits_for_those_between_and_is_named_until_then() {
    let mut document = AutoCommit::new();
    let text = document.put_object(ROOT, "text", ObjType::Text).unwrap();
    document.commit();
    let early = document.get_heads();
    document.splice_text(&text, 0, 0, &"x".repeat(5000)).unwrap();
    document.commit();
    document.isolate(&early);
    document.put(ROOT, "aside", true).unwrap();
    document.commit();
    document.integrate();
    let changes = document.get_changes(&[]);
    let owned = |index: usize| raw(&changes[index]).into_owned();
    assert_eq!(changes.len(), 3);
    let (mut admission, mut pen) = (Admission::new(), Pen::new());
    let far = changes.iter().position(|change| change.start_op().get() > 5000).unwrap();
    let added = pen.add(&mut admission, [owned(0), owned(far)], Duration::ZERO);
    assert_eq!((added.changes.len(), pen.len()), (1, 1));
    let [AddError::Refused { source: Inadmissible::TooFarAhead { .. }, .. }] = &added.refused[..]
    else {
        panic!("{:?}", added.refused)
    };
    let added = pen.add(&mut admission, [owned(3 - far)], Duration::ZERO);
    assert_eq!((added.changes.len(), added.refused.len(), pen.len()), (2, 0, 0));
}

#[test]
fn a_room_only_read_builds_no_index_and_takes_no_change_before_it_is_built() {
    let mut document = AutoCommit::new();
    document.put(ROOT, "key", 1).unwrap();
    let stored: Vec<_> = document.get_changes(&[]);
    let first = raw(&stored[0]);
    let mut graph = ChangeGraph::new();
    graph.insert(first.hash, &first.header).unwrap();
    document.put(ROOT, "key", 2).unwrap();
    let heads = document.get_heads();
    let next = document.get_change_by_hash(&heads[0]).unwrap();
    let mut admission = Admission::of_stored(graph);
    assert!(admission.needs_chunks());
    assert_eq!(admission.insert(&first), Ok(Inserted::Known));
    assert_eq!(admission.insert(&raw(&next)), Err(AdmitError::IndexMissing));
    assert!(matches!(admission.clone().build([[0_u8; 0]]), Err(BuildError::Incomplete { .. })));
    admission.build([first.bytes]).unwrap();
    assert_eq!(admission.insert(&raw(&next)), Ok(Inserted::At(1)));
}
