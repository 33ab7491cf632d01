//! What the change graph answers, compared with sets of hashes worked out naively, and with
//! Automerge.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use automerge::sync::{self, SyncDoc};
use automerge::transaction::Transactable;
use automerge::{Automerge, ROOT};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use sync_protocol::*;

const NOW: Duration = Duration::ZERO;

/// For each change, which of the earlier ones it builds on (taken modulo its index).
type Shape = Vec<Vec<usize>>;

fn shapes() -> impl Strategy<Value = Shape> {
    proptest::collection::vec(proptest::collection::vec(0..1000_usize, 0..4), 1..40)
}

fn hash(index: usize) -> ChangeHash {
    // Spread over all bytes, so that the order of hashes is not that of indexes.
    ChangeHash(std::array::from_fn(|byte| ((index + 1) * (byte + 7) * 37 % 251) as u8))
}

fn header(index: usize, deps: &BTreeSet<usize>) -> ChangeHeader {
    ChangeHeader {
        deps: deps.iter().map(|dep| hash(*dep)).collect(),
        actor: ActorId::from([index as u8; 4]),
        seq: 1,
        start_op: index as u64 + 1,
        operations: 1,
        time_seconds: 0,
    }
}

/// The naive graph: everything that each change builds on, itself included.
struct Model {
    deps: Vec<BTreeSet<usize>>,
    ancestors: Vec<BTreeSet<usize>>,
}

impl Model {
    fn new(shape: &Shape) -> Self {
        let mut model = Model { deps: Vec::new(), ancestors: Vec::new() };
        for (index, deps) in shape.iter().enumerate() {
            let deps: BTreeSet<usize> =
                deps.iter().filter(|_| index > 0).map(|dep| dep % index.max(1)).collect();
            let mut ancestors = BTreeSet::from([index]);
            for dep in &deps {
                ancestors.extend(&model.ancestors[*dep]);
            }
            model.deps.push(deps);
            model.ancestors.push(ancestors);
        }
        model
    }

    fn closure(&self, of: &[usize]) -> BTreeSet<usize> {
        of.iter().flat_map(|index| &self.ancestors[*index]).copied().collect()
    }

    fn heads(&self, count: usize) -> Vec<ChangeHash> {
        let has_child = |index: &usize| self.deps[..count].iter().any(|deps| deps.contains(index));
        let heads = (0..count).filter(|index| !has_child(index)).map(hash);
        heads.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn graph(&self) -> ChangeGraph {
        let mut graph = ChangeGraph::new();
        for (index, deps) in self.deps.iter().enumerate() {
            let inserted = graph.insert(hash(index), &header(index, deps));
            assert_eq!(inserted, Ok(Inserted::At(index)));
        }
        graph
    }
}

fn some_of(count: usize, picks: &[prop::sample::Index]) -> Vec<usize> {
    picks.iter().map(|pick| pick.index(count)).collect()
}

fn hashes(indexes: &[usize]) -> Vec<ChangeHash> {
    indexes.iter().map(|index| hash(*index)).collect()
}

fn rebuilt(model: &Model) -> Result<ChangeGraph, RebuildError> {
    let mut builder = GraphBuilder::new();
    for (index, deps) in model.deps.iter().enumerate() {
        // Dependencies come in the order in which the change names them.
        let deps: Vec<u32> = deps.iter().map(|dep| *dep as u32).collect();
        let actor = ActorId::from([index as u8; 4]);
        builder.push(hash(index), &deps, &actor, 1, index as u64 + 1)?;
    }
    builder.finish()
}

proptest! {
    #[test]
    fn a_graph_rebuilt_from_an_index_is_the_one_that_was_grown(shape in shapes()) {
        let model = Model::new(&shape);
        let mut grown = model.graph();
        grown.mark_stored(grown.len());
        prop_assert_eq!(format!("{:?}", rebuilt(&model).unwrap()), format!("{grown:?}"));
    }

    #[test]
    fn ancestry_and_differences_are_those_of_the_sets(
        shape in shapes(),
        earlier: Vec<prop::sample::Index>,
        later: Vec<prop::sample::Index>,
    ) {
        let model = Model::new(&shape);
        let graph = model.graph();
        for ancestor in 0..shape.len() {
            for descendant in 0..shape.len() {
                prop_assert_eq!(
                    graph.is_ancestor(&hash(ancestor), &hash(descendant)),
                    model.ancestors[descendant].contains(&ancestor)
                );
            }
        }
        let (earlier, later) = (some_of(shape.len(), &earlier), some_of(shape.len(), &later));
        let between = &model.closure(&later) - &model.closure(&earlier);
        let covered = later.iter().all(|head| model.closure(&earlier).contains(head));
        prop_assert_eq!(graph.covers(&hashes(&earlier), &hashes(&later)), covered);
        let mut known = hashes(&earlier);
        known.push(ChangeHash([0xee; 32]));
        prop_assert_eq!(
            graph.changes_between(&known, &hashes(&later)),
            between.into_iter().collect::<Vec<_>>()
        );
    }

    #[test]
    fn only_what_is_stored_is_advertised_and_offered(shape in shapes(), stored: prop::sample::Index) {
        let model = Model::new(&shape);
        let mut graph = model.graph();
        prop_assert!(graph.heads().is_empty() && graph.changes_after(&[]).is_empty());
        let stored = stored.index(shape.len() + 1);
        graph.mark_stored(stored);
        prop_assert_eq!(graph.heads(), model.heads(stored));
        prop_assert_eq!(graph.changes_after(&[]), (0..stored).collect::<Vec<_>>());
        for start in 0..=stored {
            let expected: Vec<usize> = (start..stored).collect();
            prop_assert_eq!(graph.changes_after_from(&[], start), expected);
        }
        graph.mark_stored(0);
        prop_assert_eq!(graph.stored_len(), stored);
        graph.mark_stored(usize::MAX);
        prop_assert_eq!(graph.heads(), model.heads(shape.len()));
    }

    #[test]
    fn a_peer_lacks_nothing_that_builds_on_what_it_lacks(
        shape in shapes(),
        last_sync: Vec<prop::sample::Index>,
        claimed: Vec<prop::sample::Index>,
        need: Vec<prop::sample::Index>,
    ) {
        let model = Model::new(&shape);
        let mut graph = model.graph();
        graph.mark_stored(shape.len());
        let count = shape.len();
        let last_sync = some_of(count, &last_sync);
        let claimed = hashes(&some_of(count, &claimed));
        let need = some_of(count, &need);
        let since = BloomFilter::of(&claimed);
        let mut expected: BTreeSet<usize> = BTreeSet::new();
        let unknown = &(0..count).collect() - &model.closure(&last_sync);
        for index in &unknown {
            let lacks_dep = model.ancestors[*index].iter().any(|dep| expected.contains(dep));
            if lacks_dep || !since.contains(&hash(*index)) {
                expected.insert(*index);
            }
        }
        expected.extend(&need);
        let have = [Have { last_sync: hashes(&last_sync), since }];
        let lacked = graph.lacked_by(&[], &have, &hashes(&need));
        prop_assert_eq!(lacked, expected.into_iter().collect::<Vec<_>>());
        let only_needed: BTreeSet<usize> = need.iter().copied().collect();
        prop_assert_eq!(
            graph.lacked_by(&[], &[], &hashes(&need)),
            only_needed.into_iter().collect::<Vec<_>>()
        );
    }

    #[test]
    fn changes_in_any_order_end_in_the_graph_once_all_have_arrived(
        shape in shapes(),
        order in Just((0..40_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let model = Model::new(&shape);
        let (mut graph, mut pen) = (Admission::unchecked(ChangeGraph::new()), Pen::new());
        let mut arrived = BTreeMap::new();
        for index in order.into_iter().filter(|index| *index < shape.len()) {
            let header = header(index, &model.deps[index]);
            let change = RawChange { hash: hash(index), header, bytes: vec![0; 100].into() };
            let added = pen.add(&mut graph, [change.clone(), change], NOW);
            prop_assert_eq!(added.refused, []);
            arrived.extend(added.changes.iter().map(|change| (change.hash, ())));
            let missing: Vec<ChangeHash> = pen.missing(&graph);
            prop_assert!(missing.iter().all(|hash| !graph.contains(hash)));
            prop_assert_eq!(pen.is_empty(), missing.is_empty());
        }
        prop_assert!(pen.is_empty());
        prop_assert_eq!((graph.len(), arrived.len()), (shape.len(), shape.len()));
        for index in 0..shape.len() {
            let position = graph.position(&hash(index)).unwrap();
            let deps = model.deps[index].iter().map(|dep| graph.position(&hash(*dep)).unwrap());
            prop_assert!(deps.into_iter().all(|dep| dep < position));
        }
    }
}

#[test]
fn a_contradicting_or_early_change_of_an_actor_is_refused() {
    let mut graph = ChangeGraph::new();
    let of = |seq: u64| ChangeHeader { seq, ..header(1, &BTreeSet::new()) };
    assert_eq!(graph.insert(hash(1), &of(1)), Ok(Inserted::At(0)));
    assert_eq!(graph.insert(hash(1), &of(1)), Ok(Inserted::Known));
    let actor = ActorId::from([1; 4]);
    assert_eq!(
        graph.insert(hash(2), &of(1)),
        Err(InsertError::SequenceTaken { actor: actor.clone(), seq: 1 })
    );
    assert_eq!(
        graph.insert(hash(2), &of(3)),
        Err(InsertError::SequenceGap { actor: actor.clone(), seq: 3, known: 1 })
    );
    assert_eq!((graph.len(), graph.seq(&actor), graph.max_op()), (1, 1, 2));
}

#[test]
fn waiting_changes_are_bounded_in_number_and_in_bytes() {
    let orphan = |index: usize, bytes: usize| RawChange {
        hash: ChangeHash([(index % 256) as u8; 32]),
        header: ChangeHeader { deps: vec![ChangeHash([0xee; 32])], ..header(0, &BTreeSet::new()) },
        bytes: vec![0; bytes].into(),
    };
    let (mut graph, mut pen) = (Admission::unchecked(ChangeGraph::new()), Pen::new());
    let added = pen.add(&mut graph, (0..200).map(|index| orphan(index, 1)), NOW);
    assert_eq!((pen.len(), added.refused.len()), (200, 0));
    assert_eq!(pen.missing(&graph), [ChangeHash([0xee; 32])]);
    let added = pen.add(&mut graph, [orphan(201, WAITING_BYTES_MAX)], NOW);
    assert_eq!(added.refused, [AddError::TooManyWaiting]);
    let added = pen.add(&mut graph, [orphan(202, WAITING_BYTES_MAX - 200), orphan(203, 1)], NOW);
    assert_eq!((pen.len(), added.refused.len()), (201, 1));

    let mut pen = Pen::new();
    let many = (0..WAITING_CHANGES_MAX + 50).map(|index| RawChange {
        hash: ChangeHash(std::array::from_fn(|byte| (index >> (byte % 2 * 8)) as u8)),
        ..orphan(0, 1)
    });
    let added = pen.add(&mut graph, many, NOW);
    assert_eq!((pen.len(), added.refused.len()), (WAITING_CHANGES_MAX, 50));
}

#[test]
fn what_has_waited_for_a_minute_makes_room_for_others() {
    let orphan = |index: u8| RawChange {
        hash: ChangeHash([index; 32]),
        header: ChangeHeader { deps: vec![ChangeHash([0xee; 32])], ..header(0, &BTreeSet::new()) },
        bytes: vec![0; WAITING_BYTES_MAX / 2].into(),
    };
    let (mut graph, mut pen) = (Admission::unchecked(ChangeGraph::new()), Pen::new());
    let second = Duration::from_secs(1);
    pen.add(&mut graph, [orphan(1)], NOW);
    pen.add(&mut graph, [orphan(2)], second);
    // Being sent again, or tried again, makes it no younger.
    assert_eq!(pen.add(&mut graph, [orphan(1)], second).refused, []);
    assert_eq!(pen.poll_timeout(), Some(WAITING_TIME_MAX));
    assert_eq!(pen.expire(WAITING_TIME_MAX - second), 0);
    assert_eq!(pen.add(&mut graph, [orphan(3)], second).refused, [AddError::TooManyWaiting]);
    assert_eq!(pen.expire(WAITING_TIME_MAX), 1);
    assert_eq!(pen.add(&mut graph, [orphan(3)], WAITING_TIME_MAX).refused, []);
    assert_eq!(pen.expire(WAITING_TIME_MAX * 2), 2);
    assert_eq!((pen.is_empty(), pen.poll_timeout()), (true, None));
}

#[test]
fn a_peer_lacks_what_automerge_would_send_it() {
    for seed in 0..40_u8 {
        let mut left = Automerge::new().with_actor(ActorId::from([1, seed]));
        let mut right = Automerge::new().with_actor(ActorId::from([2, seed]));
        let edit = |document: &mut Automerge, value: u64| {
            let mut transaction = document.transaction();
            transaction.put(ROOT, "key", value).unwrap();
            transaction.commit();
        };
        for value in 0..60 {
            edit(&mut left, value);
        }
        right.merge(&mut left).unwrap();
        for value in 100..120 {
            edit(&mut left, value);
            edit(&mut right, value + 100);
        }
        // What `right` says first, and what `left` answers: less than a third, so change by change.
        let (mut of_left, mut of_right) = (sync::State::new(), sync::State::new());
        let hello = right.generate_sync_message(&mut of_right).unwrap();
        let said = SyncMessage::decode(&hello.clone().encode()).map(|said| said.have).unwrap();
        left.receive_sync_message(&mut of_left, hello).unwrap();
        let answer = left.generate_sync_message(&mut of_left).unwrap().encode();
        let answer = SyncMessage::decode(&answer).unwrap();
        let theirs: Vec<ChangeHash> = answer
            .changes
            .iter()
            .flat_map(|part| chunks(part))
            .map(|chunk| chunk.unwrap().change().unwrap().hash)
            .collect();
        let mut graph = ChangeGraph::new();
        for change in left.get_changes(&[]) {
            let chunk = chunks(change.raw_bytes()).next().unwrap().unwrap();
            let raw = chunk.change().unwrap();
            graph.insert(raw.hash, &raw.header).unwrap();
        }
        graph.mark_stored(graph.len());
        assert_eq!(graph.heads(), left.get_heads());
        let ours: BTreeSet<ChangeHash> = graph
            .lacked_by(&[], &said, &[])
            .into_iter()
            .map(|position| graph.hash(position).unwrap())
            .collect();
        assert_eq!(ours, theirs.into_iter().collect(), "seed {seed}");
        assert!(ours.len() >= 15);
    }
}

#[test]
fn an_index_that_contradicts_itself_is_refused() {
    let (one, two) = (ActorId::from([1]), ActorId::from([2]));
    let mut builder = GraphBuilder::new();
    builder.push(hash(0), &[], &one, 1, 1).unwrap();
    let on_itself = builder.clone().push(hash(1), &[1], &one, 2, 2);
    assert_eq!(on_itself, Err(RebuildError::DependsOnLater { position: 1 }));
    for seq in [0, 1, 3, u64::MAX] {
        let skips = builder.clone().push(hash(1), &[0], &one, seq, 2);
        assert_eq!(skips, Err(RebuildError::NotNext { position: 1 }));
    }
    let late = builder.clone().push(hash(1), &[0], &two, 2, 2);
    assert_eq!(late, Err(RebuildError::NotNext { position: 1 }));
    builder.push(hash(0), &[0], &two, 1, 2).unwrap();
    assert_eq!(builder.finish().unwrap_err(), RebuildError::Twice);
}
