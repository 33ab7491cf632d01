//! How many connections there may be, in all and from one address.

use axum::http::HeaderMap;
use std::collections::HashMap;
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
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    connections: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection that was let in, until it is dropped.
#[derive(Debug)]
pub struct Pass {
    shared: Arc<Shared>,
    address: Option<IpAddr>,
}

/// Why a connection is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// There are enough.
    All,
    /// There are enough from its address.
    Address,
}

impl Gate {
    /// A gate for so many.
    pub fn new(max: usize, per_address_max: usize) -> Self {
        let inside = Mutex::default();
        Self { shared: Arc::new(Shared { max, per_address_max, inside }) }
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
        Ok(Pass { shared: self.shared.clone(), address })
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
        if let Some(address) = self.address
            && let Some(here) = inside.by_address.get_mut(&address)
        {
            *here -= 1;
            if *here == 0 {
                inside.by_address.remove(&address);
            }
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

    #[test]
    fn one_address_takes_its_share_and_leaves_the_rest_to_others() {
        let gate = Gate::new(4, 2);
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
        let gate = Gate::new(10, 1);
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
