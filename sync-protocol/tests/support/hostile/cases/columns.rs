//! Columns that are not as Automerge would write them.

#[allow(clippy::wildcard_imports, reason = "these are parts of one thing")]
use super::*;

impl Corpus<'_> {
    pub(super) fn columns(&mut self) {
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
}
