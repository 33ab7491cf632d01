//! A board that works offline and syncs with a relay.
