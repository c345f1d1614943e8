//! Answers: the headers that all have, and files that a browser may keep.

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderMap, HeaderValue, Response, StatusCode,
        header::{self, HeaderName},
    },
};
use chrono::{DateTime, Utc};

use super::site::{Served, etag};

/// Nothing but our own style and images, our own forms, and no frame: the pages hold no script.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                          frame-ancestors 'none'";
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// For all that is answered. Tokens stand in addresses, so no other site is told where a reader comes from.
pub fn security(headers: &mut HeaderMap) {
    let all: [(HeaderName, &'static str); 4] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in all {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// A page that is made for one reader: nobody keeps it.
pub fn page(status: StatusCode, html: String) -> Response<Body> {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A file of the site, or only that the reader's copy is still right.
pub fn file(file: &Served, asked: &HeaderMap) -> Response<Body> {
    let mut response = kept(file.bytes.clone(), file.kind, &file.etag, Some(file.modified), asked);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=30"));
    // It is public: pages of others may show it.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// The calendar of one organisation.
pub fn calendar(text: String, asked: &HeaderMap) -> Response<Body> {
    let etag = etag(text.as_bytes());
    let mut response = kept(Bytes::from(text), "text/calendar; charset=utf-8", &etag, None, asked);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=300"));
    response
}

fn kept(
    bytes: Bytes,
    kind: &'static str,
    etag: &str,
    modified: Option<DateTime<Utc>>,
    asked: &HeaderMap,
) -> Response<Body> {
    let is_known = is_known(etag, modified, asked);
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(bytes) });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.extend(HeaderValue::from_str(etag).ok().map(|etag| (header::ETAG, etag)));
    let modified = modified.and_then(|at| HeaderValue::from_str(&at.format(HTTP_DATE).to_string()).ok());
    headers.extend(modified.map(|at| (header::LAST_MODIFIED, at)));
    response
}

/// RFC 9110 §13.2.2: where If-None-Match is there, the time does not count.
fn is_known(etag: &str, modified: Option<DateTime<Utc>>, asked: &HeaderMap) -> bool {
    let text = |name| asked.get(name).and_then(|value| value.to_str().ok());
    if let Some(tags) = text(header::IF_NONE_MATCH) {
        return tags.split(',').any(|tag| matches!(tag.trim(), "*") || tag.trim().trim_start_matches("W/") == etag);
    }
    let since = text(header::IF_MODIFIED_SINCE).and_then(|at| DateTime::parse_from_rfc2822(at).ok());
    since.zip(modified).is_some_and(|(since, modified)| modified <= since)
}
