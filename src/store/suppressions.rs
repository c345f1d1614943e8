//! Addresses that get no automatic mail.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::{StoreError, millis};

pub fn add(tx: &Connection, email: &str, reason: &str, actor: &str, at: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO suppressions (email, reason, actor, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (email) DO NOTHING",
    )?
    .execute(params![email, reason, actor, millis(at)])?;
    Ok(())
}

pub fn is_suppressed(db: &Connection, email: &str) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM suppressions WHERE email = ?1")?.exists([email])?)
}
