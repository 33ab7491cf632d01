//! What could be applied, and not be loaded again once it is saved.

#[allow(clippy::wildcard_imports, reason = "these are parts of one thing")]
use super::*;

impl Corpus<'_> {
    pub(super) fn poison(&mut self) {
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
            [b"".as_slice(), b"words"].map(|message| Forged {
                actor: Vec::new(),
                message: message.to_vec(),
                ..honest.clone()
            }),
        );
        self.forge(
            kind,
            "a message that is not UTF-8",
            [vec![0xff], b"words \xc3".to_vec()]
                .map(|message| Forged { message, ..honest.clone() }),
        );
        let mut long_start = content(&honest.bytes()).to_vec();
        let at = long_start.windows(16).position(|bytes| bytes == EVE).unwrap() + 16;
        long_start.splice(at..=at, [0x81, 0]);
        let mut longer_start = long_start.clone();
        longer_start.splice(at..at + 2, [0x81, 0x80, 0]);
        self.add(
            kind,
            "a header number with more bytes than it needs",
            vec![chunk(1, &long_start), chunk(1, &longer_start)],
        );
    }
}
