//! What was changed in the directory, by whom: written once, never changed. It outlives what it is about.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::{StoreError, millis, next_id, time};

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    Contact,
    Organisation,
    Service,
}

impl Record {
    pub fn as_str(self) -> &'static str {
        match self {
            Record::Contact => "contact",
            Record::Organisation => "organisation",
            Record::Service => "service",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Line {
    pub at: DateTime<Utc>,
    pub actor: String,
    pub what: String,
}

pub fn add(
    tx: &Connection,
    (record, id): (Record, i64),
    actor: &str,
    what: &str,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO directory_history (id, at, actor, kind, record, what) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![next_id(tx, "directory_history")?, millis(at), actor, record.as_str(), id, what])?;
    Ok(())
}

/// The lines about one record, the oldest first.
pub fn of(db: &Connection, (record, id): (Record, i64)) -> Result<Vec<Line>, StoreError> {
    Ok(db
        .prepare_cached("SELECT at, actor, what FROM directory_history WHERE kind = ?1 AND record = ?2 ORDER BY id")?
        .query_map(params![record.as_str(), id], |row| {
            Ok(Line { at: time(row.get(0)?), actor: row.get(1)?, what: row.get(2)? })
        })?
        .collect::<Result<_, _>>()?)
}
