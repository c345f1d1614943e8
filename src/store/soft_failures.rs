//! Mails that did not arrive for reasons that pass (a full mailbox, a server that is away), counted by address. They stop
//! nothing: staff see them beside what is suppressed.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};

use super::{StoreError, millis, time};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftFailures {
    pub email: String,
    pub times: u32,
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    /// of the last one
    pub reason: String,
}

pub fn count(tx: &Connection, email: &str, reason: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO soft_failures (email, times, first_at, last_at, reason)
         VALUES (?1, 1, ?2, ?2, ?3)
         ON CONFLICT (email) DO UPDATE
         SET times = times + 1, last_at = excluded.last_at, reason = excluded.reason",
    )?
    .execute(params![email, millis(now), reason])?;
    Ok(())
}

/// The address writes: whatever it was is over.
pub fn forget(tx: &Connection, email: &str) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM soft_failures WHERE email = ?1")?.execute([email])?;
    Ok(())
}

/// By address.
pub fn list(db: &Connection) -> Result<Vec<SoftFailures>, StoreError> {
    db.prepare_cached("SELECT email, times, first_at, last_at, reason FROM soft_failures ORDER BY email")?
        .query_and_then([], |row: &Row<'_>| {
            Ok(SoftFailures {
                email: row.get(0)?,
                times: row.get(1)?,
                first_at: time(row.get(2)?),
                last_at: time(row.get(3)?),
                reason: row.get(4)?,
            })
        })?
        .collect()
}
