//! Sync messages that make Automerge's own parser abort, or that claim what is not there.

use super::{Case, leb};

/// A message of the second format, from its list of haves on.
fn message(rest: &[&[u8]]) -> Vec<u8> {
    [[0x43, 0, 0].as_slice(), &rest.concat()].concat()
}

/// A message with one have whose filter is these bytes.
fn filter(bytes: &[u8]) -> Vec<u8> {
    message(&[&[1, 0], &leb(bytes.len() as u64), bytes, &[0]])
}

fn filter_of(entries: u64, bits: u64, probes: u64) -> Vec<u8> {
    filter(&[leb(entries), leb(bits), leb(probes), vec![0xff; 16]].concat())
}

/// Payloads of `sync` messages, none of which is one.
pub fn messages() -> Vec<Case> {
    let kind = "sync message";
    let case = |name, versions| Case { kind, name, versions };
    vec![
        case(
            "a filter of absurdly many entries",
            vec![filter_of(1 << 21, 10, 7), filter_of(1 << 31, 1, 7), filter_of(u64::MAX, 10, 7)],
        ),
        case(
            "a filter with absurd probes",
            vec![filter_of(8, 10, 0), filter_of(8, 10, 17), filter_of(8, 10, u64::from(u32::MAX))],
        ),
        case(
            "a filter with absurd bits",
            vec![filter_of(8, 0, 7), filter_of(8, 33, 7), filter_of(8, u64::from(u32::MAX), 7)],
        ),
        case(
            "a filter without its bits",
            vec![filter(&[1, 10, 7]), filter(&[8, 10, 7, 0]), filter(&[8, 10]), filter(&[8])],
        ),
        case(
            "a have that is cut short",
            vec![message(&[&[1]]), message(&[&[1, 1], &[7; 31]]), message(&[&[1, 0, 5, 1]])],
        ),
        case(
            "counts of what is not there",
            vec![
                [[0x43].as_slice(), &leb(1 << 60)].concat(),
                [[0x42, 0].as_slice(), &leb(u64::MAX)].concat(),
                message(&[&leb(17)]),
                message(&[&[0], &leb(1 << 50)]),
                message(&[&[0, 1], &leb(1 << 40)]),
            ],
        ),
        case("no sync message", vec![Vec::new(), vec![0x41, 0, 0, 0, 0], vec![0xff; 64]]),
    ]
}
