//! Where webhooks may go.
//!
//! Whoever may name an address must not thereby reach what only the gateway's machine reaches: services
//! on it, neighbours in its network, the metadata of its cloud. Names are looked up when something is
//! sent, and the socket goes to an address that was looked at, so a name that changes in between gains
//! nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest address that is taken.
const URL_CHARS_MAX: usize = 2000;

/// Where to send something.
///
/// ```
/// use kanban_gateway::hook::Target;
/// let target = Target::parse("https://hooks.example/kanban?team=1", false)?;
/// assert_eq!((target.host.as_str(), target.port, target.path.as_str()), ("hooks.example", 443, "/kanban?team=1"));
/// assert!(Target::parse("https://127.0.0.1/", false).is_err());
/// assert!(Target::parse("http://127.0.0.1:8080/", true).is_ok());
/// # Ok::<(), kanban_gateway::hook::TargetError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Whether over TLS.
    pub is_tls: bool,
    /// The host's name or address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Path and query.
    pub path: String,
}

/// Why nothing is sent to an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// It is no address.
    #[error(
        "a webhook's url looks like https://example.org/hook, without a name, a password or a fragment"
    )]
    NotAnAddress,
    /// It is not encrypted.
    #[error(
        "a webhook's url starts with https://; http:// goes with --allow-private-webhooks only"
    )]
    NotEncrypted,
    /// It leads into the gateway's own network.
    #[error(
        "{host} is in a private network, where webhooks do not go; whoever runs the gateway can allow it with --allow-private-webhooks"
    )]
    Private {
        /// The host.
        host: String,
    },
}

impl Target {
    /// Reads an address; `allow_private` lets it be in the gateway's own network, and unencrypted.
    ///
    /// # Errors
    /// [`TargetError`].
    pub fn parse(url: &str, allow_private: bool) -> Result<Self, TargetError> {
        if url.len() > URL_CHARS_MAX || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TargetError::NotAnAddress);
        }
        let (scheme, rest) = url.split_once("://").ok_or(TargetError::NotAnAddress)?;
        let is_tls = match scheme.to_ascii_lowercase().as_str() {
            "https" | "wss" => true,
            "http" | "ws" if allow_private => false,
            "http" | "ws" => return Err(TargetError::NotEncrypted),
            _ => return Err(TargetError::NotAnAddress),
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).ok_or(TargetError::NotAnAddress)?;
        let (host, port) = authority_of(authority, if is_tls { 443 } else { 80 })?;
        if path.contains(['#', '\\']) {
            return Err(TargetError::NotAnAddress);
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let is_private = match host.parse::<IpAddr>() {
            Ok(address) => !is_public(address),
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        };
        if is_private && !allow_private {
            return Err(TargetError::Private { host });
        }
        Ok(Self { is_tls, host, port, path })
    }
}

fn authority_of(authority: &str, usual: u16) -> Result<(String, u16), TargetError> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or(TargetError::NotAnAddress)?;
            host.parse::<Ipv6Addr>().map_err(|_| TargetError::NotAnAddress)?;
            (host, port)
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            let (host, port) = authority.split_at_checked(end).ok_or(TargetError::NotAnAddress)?;
            let allowed =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
            if host.is_empty() || !host.bytes().all(allowed) {
                return Err(TargetError::NotAnAddress);
            }
            (host, port)
        }
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().map_err(|_| TargetError::NotAnAddress)?,
        None if port.is_empty() => usual,
        None => return Err(TargetError::NotAnAddress),
    };
    Ok((host.to_ascii_lowercase(), port))
}

/// Whether an address is one of the open Internet.
///
/// ```
/// use kanban_gateway::hook::is_public;
/// for address in ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:192.168.0.1"] {
///     assert!(!is_public(address.parse()?), "{address}");
/// }
/// assert!(is_public("1.1.1.1".parse()?) && is_public("2606:4700::1111".parse()?));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = match (a, b) {
        (0 | 10 | 127, _) | (224..=255, _) => true,
        // Carriers' own addresses, link-local ones, private ones.
        (100, 64..=127) | (169, 254) | (172, 16..=31) | (192, 168) => true,
        // For protocols, for examples, for 6to4, for measuring networks.
        (192, 0) => c == 0 || c == 2,
        (192, 88) => c == 99,
        (198, 18 | 19) => true,
        (198, 51) => c == 100,
        (203, 0) => c == 113,
        _ => false,
    };
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let last = || {
        let [high, low] = g.to_be_bytes();
        let [third, fourth] = h.to_be_bytes();
        is_public_v4(Ipv4Addr::new(high, low, third, fourth))
    };
    match (a, b) {
        // Addresses of IPv4 inside: mapped, and translated.
        (0, 0) if (c, d, e) == (0, 0, 0) && f == 0xffff => last(),
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => last(),
        // What is given out today: 2000::/3, without Teredo and its kin, examples and 6to4.
        (0x2001, 0..=0x01ff) | (0x2001, 0x0db8) | (0x2002, _) | (0x3fff, 0..=0x0fff) => false,
        (0x2000..=0x3fff, _) => true,
        _ => false,
    }
}
