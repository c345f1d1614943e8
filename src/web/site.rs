//! The files of the status page, as they are served: in memory, so that no address can lead to another file.

use std::collections::BTreeMap;

use axum::body::Bytes;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

use crate::desk::status_page::PublicFile;

#[derive(Debug, Default)]
pub struct Site {
    files: BTreeMap<String, Served>,
}

#[derive(Debug, Clone)]
pub struct Served {
    pub bytes: Bytes,
    pub kind: &'static str,
    /// with its quotation marks
    pub etag: String,
    /// in whole seconds, as HTTP tells it
    pub modified: DateTime<Utc>,
}

impl Site {
    /// The site with these files instead; what has not changed keeps its time.
    pub fn with(&self, files: &[PublicFile], now: DateTime<Utc>) -> Site {
        let served = |file: &PublicFile| match self.files.get(&file.path) {
            Some(known) if known.bytes == file.text.as_bytes() => known.clone(),
            _ => Served {
                bytes: Bytes::copy_from_slice(file.text.as_bytes()),
                kind: kind_of(&file.path),
                etag: etag(file.text.as_bytes()),
                modified: now.duration_trunc(TimeDelta::seconds(1)).unwrap_or(now),
            },
        };
        Site { files: files.iter().map(|file| (file.path.clone(), served(file))).collect() }
    }

    /// The file at a path without its leading slash: that of a folder is its `index.html`.
    pub fn file(&self, path: &str) -> Option<&Served> {
        match path.is_empty() || path.ends_with('/') {
            true => self.files.get(&format!("{path}index.html")),
            false => self.files.get(path),
        }
    }

    /// Is this a folder, whose address lacks the slash?
    pub fn is_folder(&self, path: &str) -> bool {
        self.files.contains_key(&format!("{path}/index.html"))
    }
}

/// A strong validator (RFC 9110 §8.8.3).
pub fn etag(bytes: &[u8]) -> String {
    let mut text = BASE32_NOPAD.encode(&Sha256::digest(bytes));
    text.truncate(26);
    format!("\"{}\"", text.to_lowercase())
}

fn kind_of(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("atom") => "application/atom+xml; charset=utf-8",
        Some("ics") => "text/calendar; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}
