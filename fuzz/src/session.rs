//! Several peers on one room, and a client with a relay, as anybody may behave.

mod client;
mod relay;

/// The first byte says which side.
pub fn session(data: &[u8]) {
    match data.split_first() {
        Some((0..=63, script)) => client::run(script),
        Some((_, script)) => relay::run(script),
        None => {}
    }
}
