//! Prints the hostile changes of the tests for programs in other languages, one in each line: its kind, its
//! name, and its bytes in hexadecimal, with tabs between. The first lines, of the kind `world`, are the
//! changes that the others build on; `sync message` stands for a message rather than a change.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "as in the tests")]

#[path = "../tests/support/hostile/mod.rs"]
mod hostile;

use hostile::World;
use hostile::cases::{cases, messages};
use std::io::{self, BufWriter, Write};

fn main() -> io::Result<()> {
    let world = World::new();
    let mut out = BufWriter::new(io::stdout().lock());
    for change in &world.changes {
        line(&mut out, "world", "what the others build on", change.raw_bytes())?;
    }
    for case in cases(&world).into_iter().chain(messages()) {
        for bytes in &case.versions {
            line(&mut out, case.kind, case.name, bytes)?;
        }
    }
    out.flush()
}

fn line(out: &mut impl Write, kind: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
    write!(out, "{kind}\t{name}\t")?;
    for byte in bytes {
        write!(out, "{byte:02x}")?;
    }
    writeln!(out)
}
