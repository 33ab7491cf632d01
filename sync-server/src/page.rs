//! A web page inside the program, for whoever installs that one file: built with the feature `page`,
//! which takes the files in the directory that `KANBAN_PAGE` names.

use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

#[cfg(feature = "page")]
static PAGE: include_dir::Dir<'_> = include_dir::include_dir!("$KANBAN_PAGE");

/// A file of it; none if there is none, or no page.
fn file(path: &str) -> Option<&'static [u8]> {
    #[cfg(feature = "page")]
    return PAGE.get_file(path).map(include_dir::File::contents);
    #[cfg(not(feature = "page"))]
    {
        _ = path;
        None
    }
}

/// What is at the address of the program; none if it was built without a page.
pub fn index() -> Option<Response> {
    file("index.html").map(|bytes| answer("index.html", bytes))
}

/// A file of the page.
pub async fn serve(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    match file(path) {
        Some(bytes) => answer(path, bytes),
        None => (StatusCode::NOT_FOUND, "there is no such file\n").into_response(),
    }
}

fn answer(path: &str, bytes: &'static [u8]) -> Response {
    ([(header::CONTENT_TYPE, kind(path))], bytes).into_response()
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
