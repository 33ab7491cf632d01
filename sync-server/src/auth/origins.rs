//! From which pages browsers may connect.
//!
//! A browser connects from any page that asks it to, with the cookies of the relay's site, and says
//! which page that is. Programs say nothing, and are not held to it.

use axum::http::{HeaderMap, Uri, header};

/// Pages by their origins, as in `https://boards.example`.
///
/// ```
/// use sync_server::Origins;
/// let origins: Origins = "https://boards.example, http://localhost:5173".parse()?;
/// assert!("boards.example".parse::<Origins>().is_err());
/// # let _ = origins;
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Origins {
    /// Those of the host that the browser connects to.
    #[default]
    Same,
    /// Those, and these.
    These(Vec<String>),
    /// All.
    All,
}

impl std::str::FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "*" => Ok(Self::All),
            "same" => Ok(Self::Same),
            text => text
                .split(',')
                .map(|origin| origin_of(origin.trim()))
                .collect::<Result<_, _>>()
                .map(Self::These),
        }
    }
}

/// An origin as browsers write it.
fn origin_of(text: &str) -> Result<String, String> {
    let wrong = || format!("{text:?} is no origin; one looks like https://boards.example");
    let uri: Uri = text.parse().map_err(|_| wrong())?;
    let is_bare = uri.path_and_query().is_none_or(|path| path == "/");
    let (Some(scheme), Some(authority), true) = (uri.scheme_str(), uri.authority(), is_bare) else {
        return Err(wrong());
    };
    if authority.as_str().contains('@') {
        return Err(wrong());
    }
    Ok(format!("{scheme}://{}", authority.as_str()).to_lowercase())
}

impl Origins {
    /// The origin of the page that a request comes from, if pages from there may not connect.
    pub(crate) fn refused<'a>(&self, headers: &'a HeaderMap, uri: &Uri) -> Option<&'a str> {
        let origin = headers.get(header::ORIGIN)?.to_str().unwrap_or("an unreadable origin");
        let is_listed = match self {
            Self::All => return None,
            Self::Same => false,
            Self::These(origins) => origins.iter().any(|known| known == origin),
        };
        (!is_listed && !is_same(origin, headers, uri)).then_some(origin)
    }
}

/// Whether a page is of the host that was asked. Behind a proxy nobody knows whether that was by TLS.
fn is_same(origin: &str, headers: &HeaderMap, uri: &Uri) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let default_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return false,
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = host.or_else(|| uri.authority().map(|authority| authority.as_str())) else {
        return false;
    };
    let without_port = |host: &str| host.strip_suffix(default_port).unwrap_or(host).to_lowercase();
    without_port(host) == without_port(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(origins: &Origins, host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        origins.refused(&headers, &Uri::from_static("/sync")).is_some()
    }

    #[test]
    fn pages_of_the_same_host_and_programs_may_connect_and_other_pages_may_not() {
        let same = Origins::default();
        for (host, origin) in [
            ("boards.example", None),
            ("boards.example", Some("https://boards.example")),
            ("boards.example:443", Some("https://boards.example")),
            ("127.0.0.1:3030", Some("http://127.0.0.1:3030")),
        ] {
            assert!(!refused(&same, host, origin), "{origin:?} at {host}");
        }
        for origin in [
            "https://evil.example",
            "https://boards.example.evil.example",
            "https://boards.example:444",
            "http://boards.example:443",
            "null",
            "file://boards.example",
            "",
        ] {
            assert!(refused(&same, "boards.example", Some(origin)), "{origin}");
        }
    }

    #[test]
    fn listed_pages_may_connect_by_their_exact_origin() {
        let these: Origins = "https://app.example/, http://LOCALHOST:5173".parse().unwrap();
        for origin in ["https://app.example", "http://localhost:5173", "https://boards.example"] {
            assert!(!refused(&these, "boards.example", Some(origin)), "{origin}");
        }
        for origin in ["http://app.example", "https://app.example:444", "https://x.app.example"] {
            assert!(refused(&these, "boards.example", Some(origin)), "{origin}");
        }
        assert!(!refused(&"*".parse().unwrap(), "boards.example", Some("https://evil.example")));
    }

    #[test]
    fn what_is_no_origin_is_refused_in_a_sentence() {
        for text in
            ["", "boards.example", "https://a.example/path", "https://a@b.example", "https://"]
        {
            assert!(text.parse::<Origins>().is_err(), "{text}");
        }
    }
}
