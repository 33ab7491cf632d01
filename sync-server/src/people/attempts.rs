//! How often somebody may try to sign in.

use crate::directory::UserId;
use crate::rate::Rate;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// One more try with a name in so long a time.
const NAME_INTERVAL: Duration = Duration::from_secs(30);
/// So many at once, for those who mistype.
const NAME_AT_ONCE: u32 = 10;
/// The same for everybody at one address, who may be many.
const ADDRESS_INTERVAL: Duration = Duration::from_secs(3);
const ADDRESS_AT_ONCE: u32 = 60;

/// Names and addresses that are remembered.
const REMEMBERED_MAX: usize = 100_000;

/// One more change of accounts, documents and rights in so long a time.
const CHANGE_INTERVAL: Duration = Duration::from_secs(1);
/// So many at once.
const CHANGES_AT_ONCE: u32 = 120;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    User(UserId),
    Name(String),
    Address(IpAddr),
}

/// The tries of late.
#[derive(Debug, Default)]
pub struct Attempts {
    rates: BTreeMap<Who, Rate>,
}

impl Attempts {
    /// Whether somebody may try a name now, from this address.
    pub fn may_try(&mut self, name: &str, address: Option<IpAddr>, now: Duration) -> bool {
        let by_address = address.is_none_or(|address| {
            self.admits(Who::Address(address), ADDRESS_INTERVAL, ADDRESS_AT_ONCE, now)
        });
        by_address && self.admits(Who::Name(name.to_owned()), NAME_INTERVAL, NAME_AT_ONCE, now)
    }

    /// Whether somebody may make an account now, from this address.
    pub fn may_sign_up(&mut self, address: Option<IpAddr>, now: Duration) -> bool {
        address.is_none_or(|address| {
            self.admits(Who::Address(address), ADDRESS_INTERVAL, ADDRESS_AT_ONCE, now)
        })
    }

    /// Whether somebody may change something now: each change goes to the disk, and has every
    /// connection looked at again.
    pub fn may_change(&mut self, user: UserId, now: Duration) -> bool {
        self.admits(Who::User(user), CHANGE_INTERVAL, CHANGES_AT_ONCE, now)
    }

    fn admits(&mut self, who: Who, interval: Duration, at_once: u32, now: Duration) -> bool {
        if self.rates.len() >= REMEMBERED_MAX {
            self.rates.retain(|_, rate| !rate.is_idle(now));
        }
        if self.rates.len() >= REMEMBERED_MAX && !self.rates.contains_key(&who) {
            // So many at a time are an attack, and nobody new gets in while it lasts.
            return false;
        }
        self.rates.entry(who).or_insert_with(|| Rate::one_in(interval, at_once)).admits(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_tried_ten_times_at_once_and_then_twice_a_minute() {
        let mut attempts = Attempts::default();
        let mut tried = |name: &str, address: u8, seconds: u64| {
            let address = IpAddr::from([10, 0, 0, address]);
            attempts.may_try(name, Some(address), Duration::from_secs(seconds))
        };
        // From wherever they come.
        let at_once = (0..50).filter(|address| tried("ana", *address, 0)).count();
        assert_eq!(at_once, 10);
        assert!(tried("ben", 1, 0), "others are not affected");
        let later = (0..600).filter(|second| tried("ana", (second % 200) as u8, *second)).count();
        assert_eq!(later, 20);
    }

    #[test]
    fn an_address_tries_sixty_names_at_once_and_then_twenty_a_minute() {
        let mut attempts = Attempts::default();
        let mut tried = |name: u64, seconds: u64| {
            let address = Some(IpAddr::from([10, 0, 0, 1]));
            attempts.may_try(&name.to_string(), address, Duration::from_secs(seconds))
        };
        assert_eq!((0..1000).filter(|name| tried(*name, 0)).count(), 60);
        assert_eq!((0..600).filter(|second| tried(10_000 + second, *second)).count(), 200);
    }
}
