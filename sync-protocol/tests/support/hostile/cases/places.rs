//! What refers to what is not there, or is another thing.

#[allow(clippy::wildcard_imports, reason = "these are parts of one thing")]
use super::*;

impl Corpus<'_> {
    pub(super) fn places(&mut self) {
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
}
