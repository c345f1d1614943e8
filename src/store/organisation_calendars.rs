//! The secret addresses of organisations' calendars.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, millis};

/// Whose calendar a token opens.
pub fn of_token(db: &Connection, token: &str) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT organisation FROM organisation_calendars WHERE token = ?1";
    Ok(db.prepare_cached(sql)?.query_row([token], |row| row.get(0)).optional()?)
}

pub fn token_of(db: &Connection, organisation: i64) -> Result<Option<String>, StoreError> {
    let sql = "SELECT token FROM organisation_calendars WHERE organisation = ?1";
    Ok(db.prepare_cached(sql)?.query_row([organisation], |row| row.get(0)).optional()?)
}

/// From now on this token opens it, and no other one.
pub fn put(tx: &Connection, organisation: i64, token: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO organisation_calendars (organisation, token, made_at)
         VALUES (?1, ?2, ?3)
         ON CONFLICT (organisation) DO UPDATE SET token = excluded.token, made_at = excluded.made_at",
    )?
    .execute(params![organisation, token, millis(now)])?;
    Ok(())
}

/// No token opens it any more. False: none did.
pub fn remove(tx: &Connection, organisation: i64) -> Result<bool, StoreError> {
    let sql = "DELETE FROM organisation_calendars WHERE organisation = ?1";
    Ok(tx.prepare_cached(sql)?.execute([organisation])? > 0)
}
