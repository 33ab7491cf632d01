//! What would keep others from going on.

#[allow(clippy::wildcard_imports, reason = "these are parts of one thing")]
use super::*;

impl Corpus<'_> {
    pub(super) fn bricks_and_forgeries(&mut self) {
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
        self.forge(
            kind,
            "a sequence number that is taken",
            [anas.clone(), Forged { actor: BEN.to_vec(), ..anas.clone() }],
        );
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
