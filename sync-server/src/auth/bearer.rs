//! Where a request carries its token.
//!
//! Programs set a header, pages of the same site have a cookie, other pages offer it as a protocol of
//! the WebSocket. Unmodified automerge-repo clients have nothing but the address, which proxies and
//! histories keep: there it counts only if it is scoped to documents.

use crate::access::Denied;
use axum::http::{HeaderMap, header, request::Parts};

/// The protocol that the relay answers with if a client offers a token beside it.
pub const PROTOCOL: &str = "kanban";
/// What such an offer begins with.
const OFFER: &str = "kanban.token.";
/// Cookies: of an identity provider's pages, and of the relay's own; the last over TLS.
const COOKIES: [&str; 3] = ["kanban_token", SESSION_COOKIE, SECURE_SESSION_COOKIE];
pub const SESSION_COOKIE: &str = "kanban_session";
/// No other page and no plain connection can set it (RFC 6265bis).
pub const SECURE_SESSION_COOKIE: &str = "__Host-kanban_session";
const PARAMETER: &str = "access_token";

/// A longer one is not looked at; one with a hundred documents has 8 KiB.
const TOKEN_BYTES_MAX: usize = 12 * 1024;

/// A token, and whether it stood in the address.
#[derive(Debug, PartialEq, Eq)]
pub struct Found<'a> {
    pub token: &'a str,
    pub place: Place,
}

/// Where it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Whoever sent the request put it there.
    Header,
    /// Their browser did, on every request to the relay.
    Cookie,
    /// Where others may see it.
    Address,
}

/// The token of a request. One that was put there on purpose beats that of a cookie.
///
/// # Errors
/// [`Denied::Unknown`] if there is none, or more than one: nobody can say which was meant.
pub fn find(request: &Parts) -> Result<Found<'_>, Denied> {
    let headers = &request.headers;
    let found = |place| move |token| Found { token, place };
    let shown = authorization(headers).into_iter().chain(offer(headers)).map(found(Place::Header));
    let shown = shown.chain(parameter(request).map(found(Place::Address)));
    let mut all: Vec<Found> = shown.collect();
    if all.is_empty() {
        all.extend(cookie(headers).into_iter().map(found(Place::Cookie)));
    }
    let mut all = all.into_iter();
    match (all.next(), all.next()) {
        (None, _) => Err(unknown("sign in: the relay needs to know who you are")),
        (Some(found), None) if found.token.len() <= TOKEN_BYTES_MAX => Ok(found),
        (Some(_), None) => Err(unknown("your token is longer than any that the relay takes")),
        (Some(_), Some(_)) => Err(unknown("you sent more than one token; send one")),
    }
}

fn unknown(words: &str) -> Denied {
    Denied::Unknown(words.to_owned())
}

fn authorization(headers: &HeaderMap) -> Vec<&str> {
    let values = texts(headers, header::AUTHORIZATION);
    values.filter_map(|value| value.split_once(' ')).filter_map(bearer).collect()
}

fn bearer<'a>((scheme, token): (&str, &'a str)) -> Option<&'a str> {
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn offer(headers: &HeaderMap) -> Vec<&str> {
    let offers = texts(headers, header::SEC_WEBSOCKET_PROTOCOL).flat_map(|value| value.split(','));
    offers.filter_map(|offer| offer.trim().strip_prefix(OFFER)).collect()
}

fn cookie(headers: &HeaderMap) -> Vec<&str> {
    let cookies = texts(headers, header::COOKIE).flat_map(|value| value.split(';'));
    let cookies = cookies.filter_map(|cookie| cookie.trim().split_once('='));
    cookies.filter(|(name, _)| COOKIES.contains(name)).map(|(_, value)| value).collect()
}

fn parameter(request: &Parts) -> Option<&str> {
    let pairs = request.uri.query().unwrap_or_default().split('&');
    let mut pairs = pairs.filter_map(|pair| pair.split_once('='));
    // Tokens have no character that an address would escape.
    pairs.find_map(|(name, value)| (name == PARAMETER).then_some(value))
}

fn texts(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn request(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_token_is_found_in_each_place_that_carries_one() {
        for (uri, headers, place) in [
            ("/sync", &[("authorization", "Bearer a.b.c")][..], Place::Header),
            ("/sync", &[("authorization", "bearer  a.b.c ")], Place::Header),
            ("/sync", &[("sec-websocket-protocol", "kanban, kanban.token.a.b.c")], Place::Header),
            ("/sync", &[("cookie", "theme=dark; kanban_token=a.b.c")], Place::Cookie),
            ("/sync", &[("cookie", "__Host-kanban_session=a.b.c")], Place::Cookie),
            ("/sync?board=1&access_token=a.b.c", &[], Place::Address),
            ("/sync?access_token=a.b.c", &[("cookie", "kanban_session=x")], Place::Address),
        ] {
            let request = request(uri, headers);
            assert_eq!(find(&request), Ok(Found { token: "a.b.c", place }), "{headers:?}");
        }
    }

    #[test]
    fn without_a_token_with_two_or_with_an_endless_one_nobody_is_known() {
        let long = format!("Bearer {}", "a".repeat(TOKEN_BYTES_MAX + 1));
        for (uri, headers) in [
            ("/sync", &[][..]),
            ("/sync?token=a", &[("authorization", "Basic YTpi"), ("cookie", "token=a")]),
            ("/sync?access_token=a", &[("authorization", "Bearer b")]),
            ("/sync", &[("cookie", "kanban_token=a; kanban_token=b")]),
            ("/sync", &[("authorization", &long)]),
        ] {
            assert!(matches!(find(&request(uri, headers)), Err(Denied::Unknown(_))), "{headers:?}");
        }
    }
}
