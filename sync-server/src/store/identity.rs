//! What a store is called.

use sync_protocol::StorageId;

/// A new id: random, in the form of a UUID, as automerge-repo draws them.
pub fn draw() -> StorageId {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).expect("every system that has sockets has randomness");
    let number = u128::from_be_bytes(bytes);
    // The version and variant of a random UUID (RFC 9562).
    let number = number & !(0xf << 76) | (4 << 76);
    let number = number & !(0b11 << 62) | (0b10 << 62);
    let hex = format!("{number:032x}");
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32].map(|group| hex.get(group).unwrap_or(""));
    StorageId::parse(&groups.join("-")).expect("36 characters are an id")
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_are_random_uuids() {
        let (one, other) = (super::draw(), super::draw());
        assert_ne!(one, other);
        let text = one.as_str();
        assert_eq!(text.len(), 36);
        assert_eq!(text.as_bytes()[14], b'4');
        assert!(matches!(text.as_bytes()[19], b'8' | b'9' | b'a' | b'b'));
    }
}
