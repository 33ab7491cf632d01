//! The hostile changes, each in several versions.

use super::writer::{Forged, Id, Op, chunk, content, signed, unsigned};
use super::{ANA, BEN, EVE, World};

/// A hostile change.
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

    fn crashes(&mut self) {
        let kind = "crash";
        let honest = self.world.honest();
        for (name, number) in
            [("a number above 32 bits", 1 << 32), ("a number of 63 bits", i64::MAX)]
        {
            self.ops(kind, name, &[ANA], |_| vec![Op::put("k").within(ANAS(number))]);
            self.ops(kind, name, &[ANA], |_| vec![Op::put("k").over(&[ANAS(number)])]);
            self.ops(kind, name, &[ANA], |_| vec![Op::insert(ANAS(1), Some(ANAS(number)))]);
        }
        for actor in [1, 7, u64::from(u32::MAX), u64::MAX] {
            self.ops(kind, "an object of an actor outside of the list", &[], |_| {
                vec![Op::put("k").within((actor, 7))]
            });
            self.ops(kind, "an element of an actor outside of the list", &[ANA], |_| {
                vec![Op::insert(ANAS(1), Some(((actor & 0x7fff) + 1, 2)))]
            });
            self.ops(kind, "a predecessor of an actor outside of the list", &[], |_| {
                vec![Op::put("n").over(&[(actor, 9)])]
            });
        }
        let seqs = [0, 2, 3, 1 << 32, u64::MAX];
        self.forge(kind, "a gap in the sequence", seqs.map(|seq| Forged { seq, ..honest.clone() }));
        let starts = [0, 1 << 24, (1 << 24) - 1, u64::from(u32::MAX), 1 << 32, u64::MAX];
        self.forge(
            kind,
            "operations numbered beyond what can be counted",
            starts.map(|start_op| Forged { start_op, ..honest.clone() }),
        );
        let times = [-1, i64::MIN, i64::MAX, 1 << 53];
        self.forge(
            kind,
            "a time that overflows",
            times.map(|time| Forged { time, ..honest.clone() }),
        );
        let objects = [3, 14, 15];
        for object in objects {
            self.ops(kind, "an object that is none", &[ANA], |_| {
                vec![Op::put("k").within(ANAS(object))]
            });
        }
        self.ops(kind, "an object that does not exist", &[BEN], |_| {
            vec![Op::put("k").within((1, 1))]
        });
        self.ops(kind, "an object made later in the change", &[], |at| {
            vec![Op::put("k").within((0, at + 1)), Op::at("new", 0)]
        });
        self.ops(kind, "an object that is the operation itself", &[], |at| {
            vec![Op::put("k").within((0, at))]
        });
        self.ops(kind, "an element that does not exist", &[ANA], |_| {
            vec![Op::insert(ANAS(1), Some(ANAS(13)))]
        });
        self.ops(kind, "an element of another text", &[ANA, BEN], |_| {
            vec![Op::insert(ANAS(1), Some((2, 15)))]
        });
        self.ops(kind, "an element that is the text itself", &[ANA], |_| {
            vec![Op::insert(ANAS(1), Some(ANAS(1)))]
        });
        self.ops(kind, "an element that is itself", &[ANA], |at| {
            vec![Op::insert(ANAS(1), Some((0, at)))]
        });
        self.ops(kind, "a change of an element that does not exist", &[ANA], |_| {
            vec![Op { insert: false, ..Op::insert(ANAS(1), Some(ANAS(9))) }]
        });
        self.ops(kind, "the end of a mark without its beginning", &[ANA], |_| {
            vec![Op::end_mark(ANAS(1), Some(ANAS(2)))]
        });
        self.ops(kind, "a mark in a list", &[ANA], |at| {
            vec![Op::begin_mark(ANAS(5), None), Op::end_mark(ANAS(5), Some((0, at)))]
        });
        self.ops(kind, "an increment of what is no number", &[ANA], |_| {
            vec![Op::at("n", 5).with_value(6, b"x").over(&[ANAS(9)])]
        });
        self.ops(kind, "an increment by too much", &[ANA], |_| {
            vec![Op::at("n", 5).with_value(4, &sleb(i64::MAX)).over(&[ANAS(9)])]
        });
        for action in [8, 15, u64::MAX] {
            self.ops(kind, "an unknown action", &[], |_| vec![Op::at("k", action)]);
        }
    }

    fn places(&mut self) {
        let kind = "misplaced";
        self.ops(kind, "an element key in a map", &[ANA], |_| vec![Op::insert(ANAS(7), None)]);
        self.ops(kind, "an element key in the root", &[ANA], |_| {
            vec![Op { object: None, ..Op::insert(ANAS(7), None) }]
        });
        self.ops(kind, "a key in a text", &[ANA], |_| vec![Op::put("k").within(ANAS(1))]);
        self.ops(kind, "a key in a list", &[ANA], |_| vec![Op::put("k").within(ANAS(5))]);
        self.ops(kind, "a key that is inserted", &[ANA], |_| {
            vec![Op { insert: true, ..Op::put("k").within(ANAS(7)) }]
        });
        self.ops(kind, "a value at the beginning of a list", &[ANA], |_| {
            vec![Op { insert: false, ..Op::insert(ANAS(5), None) }]
        });
        self.ops(kind, "a predecessor under another key", &[ANA], |_| {
            vec![Op::put("k").over(&[ANAS(9)])]
        });
        self.ops(kind, "a predecessor in another object", &[ANA], |_| {
            vec![Op::put("k").over(&[ANAS(8)])]
        });
        self.ops(kind, "a predecessor that is another element", &[ANA], |_| {
            vec![Op { insert: false, ..Op::insert(ANAS(1), Some(ANAS(2))) }.over(&[ANAS(3)])]
        });
        self.ops(kind, "an insertion with a predecessor", &[ANA], |_| {
            vec![Op::insert(ANAS(1), Some(ANAS(2))).over(&[ANAS(2)])]
        });
        self.ops(kind, "a change of a mark", &[ANA], |at| {
            vec![
                Op::begin_mark(ANAS(1), Some(ANAS(2))),
                Op::end_mark(ANAS(1), Some(ANAS(3))),
                Op { insert: false, ..Op::insert(ANAS(1), Some((0, at))) }.over(&[(0, at)]),
            ]
        });
        self.ops(kind, "a deletion of a mark", &[ANA], |at| {
            let of_mark = Op { insert: false, ..Op::insert(ANAS(1), Some((0, at))) };
            vec![
                Op::begin_mark(ANAS(1), Some(ANAS(2))),
                Op::end_mark(ANAS(1), Some(ANAS(3))),
                of_mark.doing(3).over(&[(0, at)]),
            ]
        });
        self.ops(kind, "a mark's end in another text", &[ANA, BEN], |at| {
            vec![Op::begin_mark(ANAS(1), None), Op::end_mark((2, 14), Some((0, at)))]
        });
        self.ops(kind, "a mark never ended", &[ANA], |_| vec![Op::begin_mark(ANAS(1), None)]);
        self.ops(kind, "a mark ended later", &[ANA], |at| {
            vec![
                Op::begin_mark(ANAS(1), None),
                Op::put("between"),
                Op::end_mark(ANAS(1), Some((0, at))),
            ]
        });
        self.ops(kind, "a mark that ends where it begins, before it", &[ANA], |_| {
            vec![Op::begin_mark(ANAS(1), Some(ANAS(2))), Op::end_mark(ANAS(1), Some(ANAS(2)))]
        });
        self.ops(kind, "a mark that ends before it begins", &[ANA], |_| {
            vec![Op::begin_mark(ANAS(1), Some(ANAS(4))), Op::end_mark(ANAS(1), Some(ANAS(2)))]
        });
        self.ops(kind, "a mark that ends at the beginning of the text", &[ANA], |_| {
            vec![Op::begin_mark(ANAS(1), Some(ANAS(2))), Op::end_mark(ANAS(1), None)]
        });
        self.ops(kind, "a mark that ends in an older branch before it", &[ANA], |at| {
            // New characters after the first stand before those that were there.
            vec![
                Op::insert(ANAS(1), Some(ANAS(2))),
                Op::begin_mark(ANAS(1), Some(ANAS(3))),
                Op::end_mark(ANAS(1), Some((0, at))),
            ]
        });
        self.ops(kind, "a mark that is no insertion", &[ANA], |_| {
            vec![Op { insert: false, ..Op::begin_mark(ANAS(1), Some(ANAS(2))) }]
        });
        self.ops(kind, "a mark's name on a value", &[], |_| {
            vec![Op { mark: Some(b"bold".to_vec()), ..Op::put("k") }]
        });
        self.ops(kind, "a mark's expansion on a value", &[], |_| {
            vec![Op { expand: true, ..Op::put("k") }]
        });
        let elsewhere = Forged { deps: vec![self.world.first], ..self.world.forged(&[BEN]) };
        let in_elsewhere = [
            elsewhere.clone().with(&[Op::put("k").within((1, 13))]),
            elsewhere.clone().with(&[Op::insert((1, 14), None)]),
            elsewhere.clone().with(&[Op::at("elsewhere", 3).over(&[(1, 13)])]),
        ];
        self.forge(kind, "what the change does not build on", in_elsewhere);
    }

    fn poison(&mut self) {
        let kind = "poison";
        let honest = self.world.honest();
        self.ops(kind, "a deletion of nothing", &[], |_| vec![Op::at("k", 3)]);
        self.ops(kind, "a deletion of a deletion", &[ANA], |_| {
            vec![Op::at("gone", 3).over(&[ANAS(11)])]
        });
        self.ops(kind, "a value over an increment", &[ANA], |_| {
            vec![Op::put("n").over(&[ANAS(12)])]
        });
        self.ops(kind, "an increment of nothing", &[], |_| {
            vec![Op::at("n", 5).with_value(4, &[1])]
        });
        self.ops(kind, "a deletion of what does not exist", &[ANA], |_| {
            vec![Op::at("k", 3).over(&[ANAS(14)])]
        });
        self.ops(kind, "a deletion in two places at once", &[ANA], |_| {
            vec![Op::at("n", 3).over(&[ANAS(1), ANAS(9)])]
        });
        self.ops(kind, "a deletion with a value", &[ANA], |_| {
            vec![Op::at("n", 3).over(&[ANAS(9)]).with_value(4, &[1])]
        });
        self.ops(kind, "an inserted deletion", &[ANA], |_| {
            vec![Op::insert(ANAS(1), None).doing(3).over(&[ANAS(2)])]
        });
        self.ops(kind, "an object with a value", &[], |_| vec![Op::at("k", 0).with_value(6, b"x")]);
        self.ops(kind, "predecessors in the wrong order", &[ANA], |at| {
            vec![Op::put("n"), Op::put("n").over(&[(0, at), ANAS(9)])]
        });
        self.ops(kind, "the same predecessor twice", &[ANA], |_| {
            vec![Op::put("n").over(&[ANAS(9), ANAS(9)])]
        });
        self.ops(kind, "a number with more bytes than it needs", &[], |_| {
            vec![Op::put("k").with_value(4, &[0x81, 0])]
        });
        self.ops(kind, "a value shorter than its type", &[], |_| {
            vec![Op::put("k").with_value(5, &[0; 7])]
        });
        self.ops(kind, "null with bytes", &[], |_| vec![Op::put("k").with_value(0, &[0])]);
        self.ops(kind, "true with bytes", &[], |_| vec![Op::put("k").with_value(2, &[0])]);
        self.ops(kind, "a text that is not UTF-8", &[], |_| {
            vec![Op::put("k").with_value(6, &[0xff])]
        });
        self.ops(kind, "a key that is not UTF-8", &[], |_| {
            vec![Op { key: Some(vec![0xff]), ..Op::put("k") }]
        });
        let (first, second) = (self.world.first, self.world.second);
        let (low, high) = (first.min(second), first.max(second));
        let deps = [vec![second, second], vec![high, low], vec![low, low, high]];
        self.forge(
            kind,
            "dependencies twice or unsorted",
            deps.map(|deps| Forged { deps, ..honest.clone() }),
        );
        let lists = [
            vec![ANA.to_vec(), ANA.to_vec()],
            vec![BEN.to_vec(), ANA.to_vec()],
            vec![EVE.to_vec()],
            vec![ANA.to_vec()],
            vec![Vec::new()],
        ];
        self.forge(
            kind,
            "actors twice, unsorted or unused",
            lists.map(|others| Forged { others, ..honest.clone() }),
        );
        self.forge(
            kind,
            "an actor without a name",
            [Forged { actor: Vec::new(), ..honest.clone() }],
        );
        self.forge(
            kind,
            "a message that is not UTF-8",
            [Forged { message: vec![0xff], ..honest.clone() }],
        );
        let mut long_start = content(&honest.bytes()).to_vec();
        let at = long_start.windows(16).position(|bytes| bytes == EVE).unwrap() + 16;
        long_start.splice(at..=at, [0x81, 0]);
        self.add(
            kind,
            "a header number with more bytes than it needs",
            vec![chunk(1, &long_start)],
        );
    }

    fn columns(&mut self) {
        let kind = "encoding";
        let honest = self.world.honest();
        let two = self.world.forged(&[]).with(&[Op::put("a"), Op::put("a")]);
        self.forge(
            kind,
            "a run of one",
            [
                honest.clone().column(0x42, &[1, 1]),
                honest.clone().column(0x15, &[1, 1, b'k']),
                honest.clone().column(0x70, &[1, 0]),
            ],
        );
        self.forge(
            kind,
            "a literal of equals",
            [
                two.clone().column(0x42, &[0x7e, 1, 1]),
                two.clone().column(0x56, &[0x7e, 0x56, 0x56]),
            ],
        );
        self.forge(
            kind,
            "runs that belong together",
            [
                two.clone().column(0x42, &[0x7f, 1, 0x7f, 1]),
                two.clone().column(0x70, &[0x7f, 0, 0x7f, 0]),
            ],
        );
        self.forge(
            kind,
            "a run of none",
            [
                honest.clone().column(0x42, &[0, 0, 0x7f, 1]),
                honest.clone().column(0x15, &[0x7f, 1, b'k', 0, 0]),
            ],
        );
        self.forge(
            kind,
            "a column of nulls",
            [
                honest.clone().column(0x01, &[0, 1]).column(0x02, &[0, 1]),
                honest.clone().column(0xa5, &[0, 1]),
                honest.clone().column(0x11, &[0, 1]),
            ],
        );
        self.forge(
            kind,
            "the root named by a number",
            [
                honest.clone().column(0x01, &[0x7f, 0]).column(0x02, &[0x7f, 0]),
                honest.clone().column(0x02, &[0x7f, 0]),
            ],
        );
        self.forge(
            kind,
            "flags in more runs than needed",
            [
                honest.clone().column(0x34, &[1, 0]),
                honest.clone().column(0x34, &[0, 0, 1]),
                honest.clone().column(0x94, &[1]),
            ],
        );
        self.forge(
            kind,
            "an unknown column",
            [
                honest.clone().column(0xb1, &[0x7f, 1]),
                honest.clone().column(0x24, &[1]),
                honest.clone().column(0x1000, &[1]),
            ],
        );
        self.forge(
            kind,
            "a deflated column",
            [
                honest.clone().without(0x42).column(0x4a, &[0x63, 0x64, 0x04, 0]),
                honest.clone().column(0x5f, &[0x63, 0x64, 0x04, 0]),
            ],
        );
        let mut swapped = honest.clone();
        swapped.columns.reverse();
        let mut doubled = honest.clone();
        doubled.columns.insert(0, doubled.columns[0].clone());
        self.forge(kind, "columns unsorted or twice", [swapped, doubled]);
        self.forge(
            kind,
            "an empty column",
            [honest.clone().column(0x01, &[]), honest.clone().column(0xa5, &[])],
        );
        self.forge(
            kind,
            "a missing column",
            [
                honest.clone().without(0x34),
                honest.clone().without(0x56).without(0x57),
                honest.clone().without(0x70),
                honest.clone().without(0x42),
                honest.clone().without(0x15),
            ],
        );
        self.forge(
            kind,
            "columns of different lengths",
            [
                honest.clone().column(0x34, &[2]),
                two.clone().column(0x34, &[1]),
                two.clone().column(0x70, &[0x7f, 0]),
                honest.clone().column(0x42, &[2, 1]),
            ],
        );
        self.forge(
            kind,
            "values that do not add up",
            [
                honest.clone().column(0x57, b"too long"),
                honest.clone().column(0x57, b"v"),
                honest.clone().column(0x56, &[0x7f, 0xff, 0xff, 0xff, 0x7f]),
            ],
        );
        self.forge(
            kind,
            "half an id",
            [
                honest.clone().column(0x01, &[0x7f, 0]),
                honest.clone().column(0x11, &[0x7f, 0]),
                honest.clone().column(0x13, &[0x7f, 5]),
            ],
        );
        self.forge(
            kind,
            "predecessors that do not add up",
            [
                honest.clone().column(0x70, &[0x7f, 1]),
                honest.clone().column(0x70, &[0x7f, 1]).column(0x71, &[0x7f, 0]),
                honest.clone().column(0x71, &[0x7f, 0]).column(0x73, &[0x7f, 1]),
            ],
        );
        let behind: Vec<Vec<u8>> = (0..3)
            .map(|n| {
                let mut bytes = content(&honest.bytes()).to_vec();
                bytes.truncate(bytes.len() - 1 - n);
                chunk(1, &bytes)
            })
            .collect();
        self.add(kind, "a change cut short", behind);
    }

    fn bombs(&mut self) {
        let kind = "bomb";
        let honest = self.world.honest();
        let rows = [1 << 17, 1 << 24, 1 << 32, 1 << 62];
        let filled = |count: u64, key: &[u8]| {
            let count = sleb(count as i64);
            let run = |value: &[u8]| [count.as_slice(), value].concat();
            let flags = [count.last().map_or(0, |last| last & 0x7f)];
            let mut forged = honest.clone().column(0x42, &run(&[1])).column(0x56, &run(&[0]));
            forged = forged.without(0x57).column(0x70, &run(&[0])).column(0x34, &flags);
            forged.column(0x15, &run(&[leb(key.len() as u64), key.to_vec()].concat()))
        };
        self.forge(kind, "operations in a run", rows.map(|count| filled(count, b"k")));
        let key = vec![b'k'; 1 << 20];
        let many_keys = |count: u64| {
            let mut forged = filled(count, &key);
            forged = forged.column(0x34, &leb(count));
            forged
        };
        self.forge(
            kind,
            "a long key in a run",
            [many_keys(17), many_keys(1000), many_keys(65_536)],
        );
        self.forge(
            kind,
            "predecessors in a run",
            [1 << 20, 1 << 40, u64::MAX].map(|count| {
                honest.clone().column(0x70, &[[0x7f].as_slice(), &leb(count)].concat())
            }),
        );
        self.forge(
            kind,
            "predecessors repeated by a run",
            [1 << 20, 1 << 40].map(|count: i64| {
                honest
                    .clone()
                    .column(0x70, &[[0x7f].as_slice(), &leb(count as u64)].concat())
                    .column(0x71, &[sleb(count), vec![0]].concat())
                    .column(0x73, &[sleb(count), vec![0]].concat())
            }),
        );
        self.forge(
            kind,
            "too many dependencies",
            [1025, 4096].map(|count: u32| Forged {
                deps: (0..count)
                    .map(|n| {
                        let mut hash = [0; 32];
                        hash[..4].copy_from_slice(&n.to_be_bytes());
                        sync_protocol::ChangeHash(hash)
                    })
                    .collect(),
                ..honest.clone()
            }),
        );
        self.forge(
            kind,
            "a long actor",
            [65, 1 << 16].map(|length| Forged { actor: vec![1; length], ..honest.clone() }),
        );
        self.forge(
            kind,
            "a long message",
            [4097, 1 << 20].map(|length| Forged { message: vec![b'm'; length], ..honest.clone() }),
        );
        self.forge(
            kind,
            "long further bytes",
            [1025, 1 << 20].map(|length| Forged { extra: vec![0; length], ..honest.clone() }),
        );
        for depth in [17, 300, 5000] {
            self.ops(kind, "objects nested deeply", &[], |at| {
                let inner = |n| Op::at("in", 0).within((0, at + n));
                std::iter::once(Op::at("out", 0)).chain((0..depth).map(inner)).collect()
            });
        }
        let mut deflated =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut deflated, &vec![0; 64 << 20]).unwrap();
        let mut bytes = chunk(2, &deflated.finish().unwrap());
        bytes[8] = 2;
        self.add(kind, "deflated zeros", vec![bytes]);
    }

    fn bricks_and_forgeries(&mut self) {
        let honest = self.world.honest();
        let starts = [4097 + 16, 1 << 20, (1 << 24) - 2];
        let kind = "brick";
        self.forge(
            kind,
            "a jump far ahead",
            starts.map(|start_op| Forged { start_op, ..honest.clone() }),
        );
        self.forge(
            kind,
            "a jump back",
            [1, 12, 15].map(|start_op| Forged { start_op, ..honest.clone() }),
        );
        let kind = "forged actor";
        let anas = Forged { actor: ANA.to_vec(), ..honest.clone() };
        self.forge(kind, "a sequence number that is taken", [anas.clone()]);
        let over = Forged { deps: Vec::new(), start_op: 1, seq: 2, ..anas.clone() };
        let aside =
            Forged { actor: BEN.to_vec(), seq: 2, deps: vec![self.world.first], ..anas.clone() };
        self.forge(kind, "a next change that does not build on the last", [over, aside]);
        let authored = |name: &[u8]| [[1, name.len() as u8].as_slice(), name].concat();
        let first = Forged { extra: authored(b"eve"), ..honest.clone() };
        self.add(
            "author",
            "an author named by bytes with more than they need",
            vec![
                Forged {
                    extra: [[0x81, 0, 0x83, 0].as_slice(), b"eve"].concat(),
                    ..honest.clone()
                }
                .bytes(),
                Forged { extra: vec![1, 200, 1], ..honest }.bytes(),
                first.bytes(),
            ],
        );
    }
}
