//! The web page that the relay serves: the files of a directory, or those inside the program, built with
//! the feature `page`, which takes the directory that `KANBAN_PAGE` names.
//!
//! A page has addresses of its own, as `/board/…`, that are no files: whoever opens one gets the page.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::io;
use std::path::PathBuf;
use tower_http::services::ServeDir;
use tower_http::services::fs::ServeFileSystemResponseBody;

#[cfg(feature = "page")]
static INSIDE: include_dir::Dir<'_> = include_dir::include_dir!("$KANBAN_PAGE");

const NO_PAGE: &str = "This is a relay for Automerge documents. Clients connect to it by WebSocket, \
at /sync. To serve a web page here, start it with --web-dir.\n";
/// Files that are called after what is in them never change. What bundlers write there is.
const ASSETS: &str = "/assets/";
/// The shortest hash that bundlers put into names.
const HASH_LETTERS_MIN: usize = 8;

/// Where the page is.
#[derive(Debug, Clone)]
pub enum Page {
    /// The files of a directory, as they are at the time.
    Directory(PathBuf),
    /// Files in the program, if it was built with some.
    Inside,
}

impl Page {
    /// The page in the directory, or else the one inside.
    pub fn new(directory: Option<PathBuf>) -> Self {
        directory.map_or(Self::Inside, Self::Directory)
    }

    /// Whether there is anything to serve.
    pub fn is_there(&self) -> bool {
        match self {
            Self::Directory(_) => true,
            Self::Inside => inside("index.html").is_some(),
        }
    }

    /// Answers a request for one of its files, or for one of its addresses.
    pub async fn serve(&self, request: Request) -> Response {
        if !self.is_there() {
            return NO_PAGE.into_response();
        }
        let (path, is_address) = (request.uri().path().to_owned(), is_address(&request));
        let headers = request.headers().clone();
        let found = self.file(request).await;
        if found.status() != StatusCode::NOT_FOUND {
            return guarded(&path, found);
        }
        if !is_address {
            return (StatusCode::NOT_FOUND, "there is no such file\n").into_response();
        }
        let mut index = Request::new(Body::empty());
        *index.headers_mut() = headers;
        guarded("/", self.file(index).await)
    }

    async fn file(&self, request: Request) -> Response {
        match self {
            Self::Directory(directory) => {
                let mut files = ServeDir::new(directory).precompressed_br();
                match files.try_call(request).await {
                    Ok(response) => response.map(streamed),
                    Err(error) if is_absence(&error) => StatusCode::NOT_FOUND.into_response(),
                    Err(error) => {
                        let words = format!("the page cannot be read: {error}\n");
                        (StatusCode::INTERNAL_SERVER_ERROR, words).into_response()
                    }
                }
            }
            Self::Inside => file_inside(request.uri().path(), request.headers()),
        }
    }
}

fn streamed(body: ServeFileSystemResponseBody) -> Body {
    Body::new(body)
}

/// What systems say when an address of the page is looked for among its files.
fn is_absence(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | InvalidFilename)
}

/// Whether somebody opens an address in a browser, rather than a page one of its files.
fn is_address(request: &Request) -> bool {
    let is_html = |value: &HeaderValue| value.to_str().is_ok_and(|it| it.contains("text/html"));
    matches!(*request.method(), Method::GET | Method::HEAD)
        && request.headers().get(header::ACCEPT).is_some_and(is_html)
}

/// No other page frames it, no file is taken for another kind, and browsers ask whether it is still the
/// same, except for files whose names change with what is in them.
fn guarded(path: &str, mut response: Response) -> Response {
    let keep = if response.status().is_success() && is_named_after_contents(path) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, keep),
        (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// `/assets/index-DiwrgTda.js`
fn is_named_after_contents(path: &str) -> bool {
    let Some(name) = path.strip_prefix(ASSETS) else { return false };
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    stem.rsplit_once('-').is_some_and(|(_, hash)| hash.len() >= HASH_LETTERS_MIN)
}

/// The contents of a file in the program; none if there is none, or no page.
fn inside(path: &str) -> Option<&'static [u8]> {
    #[cfg(feature = "page")]
    return INSIDE.get_file(path).map(include_dir::File::contents);
    #[cfg(not(feature = "page"))]
    {
        _ = path;
        None
    }
}

fn file_inside(path: &str, headers: &HeaderMap) -> Response {
    let path = match path.trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let Some(bytes) = inside(path) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = [(header::CONTENT_TYPE, kind(path))];
    match inside(&format!("{path}.br")).filter(|_| takes_brotli(headers)) {
        Some(smaller) => (kind, [(header::CONTENT_ENCODING, "br")], smaller).into_response(),
        None => (kind, bytes).into_response(),
    }
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|list| list.split([',', ';']).any(|one| one.trim() == "br"))
}

/// What browsers must be told of the kinds of files that pages have.
fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    async fn answer(page: &Page, path: &str, accept: &str) -> (StatusCode, HeaderMap, String) {
        let request = Request::get(path).header(header::ACCEPT, accept);
        let request = request.header(header::ACCEPT_ENCODING, "gzip, br").body(Body::empty());
        let response = page.serve(request.unwrap()).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    fn page() -> (tempfile::TempDir, Page) {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::create_dir(at("assets")).unwrap();
        for (name, text) in [
            ("index.html", "the page"),
            ("assets/app-D1wrgTda.js", "long"),
            ("assets/app-D1wrgTda.js.br", "short"),
            ("assets/plain.js", "plain"),
        ] {
            std::fs::write(at(name), text).unwrap();
        }
        let page = Page::new(Some(directory.path().to_owned()));
        (directory, page)
    }

    #[tokio::test]
    async fn an_address_of_the_page_is_the_page_and_a_file_that_is_missing_is_not() {
        let (_directory, page) = page();
        for path in ["/", "/board/3hzR/card/x", "/nothing/here"] {
            let (status, headers, text) = answer(&page, path, "text/html,*/*;q=0.8").await;
            assert_eq!((status, text.as_str()), (StatusCode::OK, "the page"), "{path}");
            assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
            assert_eq!(headers[header::CONTENT_SECURITY_POLICY], "frame-ancestors 'none'");
        }
        let (status, ..) = answer(&page, "/assets/gone-12345678.js", "*/*").await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn only_what_is_called_after_its_contents_is_kept_without_asking() {
        let (_directory, page) = page();
        let (_, headers, text) = answer(&page, "/assets/app-D1wrgTda.js", "*/*").await;
        assert_eq!(text, "short", "what is there compressed is sent so");
        assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        let (_, headers, _) = answer(&page, "/assets/plain.js", "*/*").await;
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
    }

    #[tokio::test]
    async fn a_relay_without_a_page_says_what_it_is() {
        let (_, _, text) = answer(&Page::new(None), "/", "text/html").await;
        assert!(cfg!(feature = "page") || text.starts_with("This is a relay"), "{text}");
    }
}
