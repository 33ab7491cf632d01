//! Little that becomes much.

#[allow(clippy::wildcard_imports, reason = "these are parts of one thing")]
use super::*;

impl Corpus<'_> {
    pub(super) fn bombs(&mut self) {
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
        let deflated = |megabytes: usize| {
            let mut out =
                flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
            std::io::Write::write_all(&mut out, &vec![0; megabytes << 20]).unwrap();
            let mut bytes = chunk(2, &out.finish().unwrap());
            bytes[8] = 2;
            bytes
        };
        self.add(kind, "deflated zeros", vec![deflated(5), deflated(64)]);
    }
}
