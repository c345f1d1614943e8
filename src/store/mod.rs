//! The store: one SQLite file that holds everything, and the only place with SQL.
//!
//! One file per aggregate, each a set of functions over a [`Connection`] that the caller has in
//! a transaction. What the core decided is written by [`commit`]; the daemon's one write connection is [`writer`].
//!
//! The dialect is the one that SQLite and PostgreSQL share: ids given by the program, times as UTC milliseconds.

pub mod address_change;
pub mod asked;
pub mod attentions;
pub mod broadcasts;
pub mod cases;
pub mod clocks;
pub mod commit;
pub mod confirmations;
pub mod contacts;
pub mod deferrals;
pub mod digests;
pub mod directory_history;
pub mod disk;
pub mod escalations;
pub mod history;
pub mod incidents;
pub mod lock;
pub mod macd;
pub mod mailbox_health;
pub mod mailboxes;
pub mod mails;
pub mod meta;
pub mod open;
pub mod organisation_calendars;
pub mod organisations;
pub mod outbox;
pub mod problems;
pub mod promises;
pub mod prompted;
pub mod quarantine;
pub mod rfos;
pub mod savepoint;
pub mod services;
pub mod soft_failures;
pub mod subscriptions;
pub mod suppliers;
pub mod suppressions;
pub mod tasks;
pub mod their_references;
pub mod troubles;
pub mod turns;
pub mod work_times;
pub mod works;
pub mod works_answers;
pub mod writer;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

/// What went wrong with the database, in the words of whoever must act.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database {path}: cannot open it: {why}")]
    Open { path: String, why: String },
    #[error("database {path}: {why}")]
    Unusable { path: String, why: String },
    #[error("{path}: there is no room on the disk: make some, then try again; nothing is lost")]
    NoRoom { path: String },
    #[error(
        "database {path}: it was removed or replaced while casepost runs on it: what has come since is lost with it"
    )]
    Removed { path: String },
    #[error("{}", in_words(.0))]
    Sqlite(rusqlite::Error),
    #[error("database: a stored value cannot be read: {0}")]
    Unreadable(String),
    #[error("all references are used up")]
    Exhausted,
    #[error("the desk's own code failed: {0}; please report this")]
    Panicked(String),
    #[error("a mail before this one is not stored yet; the mailbox is read again from there")]
    Gap,
    #[error("the writer has ended")]
    Ended,
}

impl StoreError {
    /// The disk is full or broken: nothing of the group is written, and the same may be tried again later.
    pub fn is_disk(&self) -> bool {
        use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
        match self {
            StoreError::Sqlite(e) => e
                .sqlite_error_code()
                .is_some_and(|code| matches!(code, DiskFull | SystemIoFailure | CannotOpen | ReadOnly)),
            StoreError::NoRoom { .. } => true,
            _ => false,
        }
    }

    /// Somebody else holds the database for longer than the busy timeout.
    pub fn is_busy(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        let StoreError::Sqlite(e) = self else { return false };
        e.sqlite_error_code().is_some_and(|code| matches!(code, DatabaseBusy | DatabaseLocked))
    }
}

/// Not as a source: whoever prints an error with its sources would say it three times.
impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> StoreError {
        StoreError::Sqlite(e)
    }
}

fn in_words(e: &rusqlite::Error) -> String {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, DiskFull, ReadOnly};
    match e.sqlite_error_code() {
        Some(DiskFull) => format!("the disk of the database is full: make room, then try again; nothing is lost ({e})"),
        Some(DatabaseBusy | DatabaseLocked) => {
            format!("another program holds the database for long: try again when it has ended ({e})")
        }
        Some(ReadOnly) => format!("the database can't be written: look at who owns it, and at its disk ({e})"),
        _ => format!("database: {e}"),
    }
}

/// A stored time; milliseconds outside of what a calendar knows can't come from this program.
fn time(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or(DateTime::UNIX_EPOCH)
}

fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// The next id of a kind, counted from 1.
fn next_id(tx: &Connection, counter: &str) -> Result<i64, StoreError> {
    Ok(tx
        .prepare_cached(
            "INSERT INTO counters (name, next) VALUES (?1, 2)
             ON CONFLICT (name) DO UPDATE SET next = next + 1
             RETURNING next - 1",
        )?
        .query_row([counter], |row| row.get(0))?)
}

/// A word that the program wrote and must know again.
fn known<T: std::str::FromStr>(word: &str) -> Result<T, StoreError> {
    word.parse().map_err(|_| StoreError::Unreadable(format!("\"{word}\"")))
}
