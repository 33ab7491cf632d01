//! The hostile changes, each in several versions.

mod bombs;
mod bricks;
mod columns;
mod crashes;
mod documents;
mod messages;
mod places;
mod poison;

use super::writer::{Forged, Id, Op, chunk, content, signed, unsigned};
use super::{ANA, BEN, EVE, World};

pub use messages::messages;

/// A hostile change, document, or sync message.
pub struct Case {
    /// What `docs/security.md` calls the kind.
    pub kind: &'static str,
    pub name: &'static str,
    pub versions: Vec<Vec<u8>>,
}

struct Corpus<'w> {
    world: &'w World,
    cases: Vec<Case>,
}

pub fn cases(world: &World) -> Vec<Case> {
    let mut corpus = Corpus { world, cases: Vec::new() };
    corpus.crashes();
    corpus.places();
    corpus.poison();
    corpus.columns();
    corpus.bombs();
    corpus.bricks_and_forgeries();
    corpus.documents();
    corpus.cases
}

fn leb(number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    unsigned(&mut out, number);
    out
}

fn sleb(number: i64) -> Vec<u8> {
    let mut out = Vec::new();
    signed(&mut out, number);
    out
}

const ANAS: fn(i64) -> Id = |number| (1, number);

impl Corpus<'_> {
    fn add(&mut self, kind: &'static str, name: &'static str, versions: Vec<Vec<u8>>) {
        self.cases.push(Case { kind, name, versions });
    }

    /// The operations alone, behind and before harmless ones. They are told their first number.
    fn ops(
        &mut self,
        kind: &'static str,
        name: &'static str,
        others: &[[u8; 16]],
        ops: impl Fn(i64) -> Vec<Op>,
    ) {
        let versions = (0..3).map(|before| {
            let mut all: Vec<Op> = (0..before).map(|n| Op::put(&format!("key {n}"))).collect();
            all.extend(ops(16 + before));
            all.extend((0..before).map(|n| Op::put(&format!("other key {n}"))));
            self.world.forged(others).with(&all).bytes()
        });
        let versions = versions.collect();
        self.add(kind, name, versions);
    }

    /// A harmless change with something else about it, in versions.
    fn forge(
        &mut self,
        kind: &'static str,
        name: &'static str,
        versions: impl IntoIterator<Item = Forged>,
    ) {
        let versions = versions.into_iter().map(|forged| forged.bytes()).collect();
        self.add(kind, name, versions);
    }
}
