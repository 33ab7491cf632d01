//! How many connections there may be: in all, from one address and of one user.

use crate::limits::Limits;
use axum::http::HeaderMap;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many sockets there may be beyond the connections that may be, in all and from one address:
/// those that are told that there are too many, and those that read a page.
pub const BESIDE: usize = 64;

/// Counts connections, and says when there are enough.
#[derive(Debug, Clone)]
pub struct Gate {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    max: usize,
    per_address_max: usize,
    per_user_max: usize,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    connections: usize,
    by_address: HashMap<IpAddr, usize>,
    by_user: HashMap<u64, usize>,
}

/// A connection that was let in, until it is dropped.
#[derive(Debug)]
pub struct Pass {
    shared: Arc<Shared>,
    address: Option<IpAddr>,
    user: Option<u64>,
}

/// Why a connection is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// There are enough.
    All,
    /// There are enough from its address.
    Address,
    /// There are enough of its user.
    User,
}

impl Gate {
    /// A gate for so many.
    pub fn new(limits: &Limits) -> Self {
        let (max, per_address_max) = (limits.connections_max, limits.connections_per_address_max);
        let (per_user_max, inside) = (limits.connections_per_user_max, Mutex::default());
        Self { shared: Arc::new(Shared { max, per_address_max, per_user_max, inside }) }
    }

    /// Lets a connection in if there is room. Without an address, or from this machine, it counts
    /// among all only.
    pub fn enter(&self, address: Option<IpAddr>) -> Result<Pass, Full> {
        let address = address.map(customer).filter(|address| !address.is_loopback());
        let mut inside = self.shared.inside();
        if inside.connections >= self.shared.max {
            return Err(Full::All);
        }
        if let Some(address) = address {
            let here = inside.by_address.get(&address).copied().unwrap_or_default();
            if here >= self.shared.per_address_max {
                return Err(Full::Address);
            }
            inside.by_address.insert(address, here + 1);
        }
        inside.connections += 1;
        Ok(Pass { shared: self.shared.clone(), address, user: None })
    }
}

impl Pass {
    /// It is known whose connection it is.
    ///
    /// # Errors
    /// [`Full::User`] if they have enough.
    pub fn of_user(mut self, user: u64) -> Result<Self, Full> {
        let mut inside = self.shared.inside();
        let here = inside.by_user.entry(user).or_default();
        if *here >= self.shared.per_user_max {
            drop(inside);
            return Err(Full::User);
        }
        *here += 1;
        drop(inside);
        self.user = Some(user);
        Ok(self)
    }
}

impl Shared {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Every change is complete before the guard is dropped.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.shared.inside();
        inside.connections -= 1;
        self.address.iter().for_each(|address| less(&mut inside.by_address, address));
        self.user.iter().for_each(|user| less(&mut inside.by_user, user));
    }
}

fn less<K: Eq + Hash>(counted: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counted.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counted.remove(key);
        }
    }
}

/// Whose connection it is: the socket's other end, or, if that is a known proxy, whom it names last.
/// Earlier entries are what the client itself says.
pub fn client(socket: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> Option<IpAddr> {
    let is_proxy = |address: &IpAddr| proxies.iter().any(|proxy| same(*proxy, *address));
    if !is_proxy(&socket) {
        return Some(socket);
    }
    let named = headers.get_all("x-forwarded-for").into_iter();
    let named = named.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let named: Vec<&str> = named.collect();
    // Behind several proxies, the last that is none of them. What is no address ends the search:
    // nobody knows who wrote what stands before it.
    let mut named = named.into_iter().rev().map_while(|entry| entry.trim().parse().ok());
    named.find(|address| !is_proxy(address))
}

fn same(one: IpAddr, other: IpAddr) -> bool {
    one.to_canonical() == other.to_canonical()
}

/// An address as far as it tells customers apart: one has a whole /64 of IPv6.
fn customer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from(u128::from(address) & (u128::MAX << 64)))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    fn gate(max: usize, per_address_max: usize) -> Gate {
        let limits = Limits {
            connections_max: max,
            connections_per_address_max: per_address_max,
            connections_per_user_max: 2,
            ..Limits::default()
        };
        Gate::new(&limits)
    }

    #[test]
    fn a_user_has_so_many_connections_wherever_they_come_from() {
        let gate = gate(10, 1);
        let pass = |number: u8| gate.enter(ip(&format!("10.0.0.{number}"))).unwrap();
        let first = pass(1).of_user(7).unwrap();
        let _second = pass(2).of_user(7).unwrap();
        assert_eq!(pass(3).of_user(7).unwrap_err(), Full::User);
        let _other = pass(3).of_user(8).unwrap();
        drop(first);
        let _third = pass(4).of_user(7).unwrap();
    }

    #[test]
    fn one_address_takes_its_share_and_leaves_the_rest_to_others() {
        let gate = gate(4, 2);
        let first = gate.enter(ip("10.0.0.1")).unwrap();
        let _second = gate.enter(ip("::ffff:10.0.0.1")).unwrap();
        assert_eq!(gate.enter(ip("10.0.0.1")).unwrap_err(), Full::Address);
        let _others = [gate.enter(ip("10.0.0.2")).unwrap(), gate.enter(None).unwrap()];
        assert_eq!(gate.enter(ip("10.0.0.3")).unwrap_err(), Full::All);
        drop(first);
        gate.enter(ip("10.0.0.1")).unwrap();
    }

    #[test]
    fn a_network_of_ipv6_is_one_customer_and_this_machine_is_none() {
        let gate = gate(10, 1);
        let _first = gate.enter(ip("2001:db8:0:1::1")).unwrap();
        assert_eq!(gate.enter(ip("2001:db8:0:1:ffff::9")).unwrap_err(), Full::Address);
        let _second = gate.enter(ip("2001:db8:0:2::1")).unwrap();
        let _here =
            ["127.0.0.1", "127.0.0.1", "::1", "::1"].map(|here| gate.enter(ip(here)).unwrap());
    }

    #[test]
    fn nobody_but_a_known_proxy_says_whose_connection_it_is() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "6.6.6.6, 10.0.0.7".parse().unwrap());
        headers.append("x-forwarded-for", "10.0.0.2".parse().unwrap());
        let proxies = [ip("10.0.0.1"), ip("10.0.0.2")].map(Option::unwrap);
        let client = |socket| client(ip(socket).unwrap(), &headers, &proxies);
        assert_eq!(client("10.0.0.9"), ip("10.0.0.9"));
        assert_eq!(client("::ffff:10.0.0.1"), ip("10.0.0.7"));
        let nobody = super::client(ip("10.0.0.1").unwrap(), &HeaderMap::new(), &proxies);
        assert_eq!(nobody, None);
    }
}
