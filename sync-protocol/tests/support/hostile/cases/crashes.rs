//! What would make Automerge panic.

#[allow(clippy::wildcard_imports, reason = "these are parts of one thing")]
use super::*;

impl Corpus<'_> {
    pub(super) fn crashes(&mut self) {
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
}
