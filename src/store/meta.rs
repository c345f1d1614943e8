//! What the database says of itself: the key of its references, and whether it is a drill.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension};

use super::{StoreError, millis, time};

const REFERENCE_KEY: &str = "reference_key";
const DRILL_AT: &str = "drill_at";

fn get(db: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    Ok(db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()?)
}

fn set(tx: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute([key, value])?;
    Ok(())
}

/// The key under which counters become references. It belongs to the data, not to the key file: were it changed, two
/// counters could become the same reference.
pub fn reference_key(tx: &Connection) -> Result<[u8; 32], StoreError> {
    let stored = get(tx, REFERENCE_KEY)?
        .ok_or_else(|| StoreError::Unreadable("the reference key is missing; restore the database".to_owned()))?;
    data_encoding::HEXLOWER
        .decode(stored.as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| StoreError::Unreadable("the reference key is damaged; restore the database".to_owned()))
}

/// Gives a new database its reference key; an existing one keeps the one it has.
pub fn give_reference_key(tx: &Connection, random: [u8; 32]) -> Result<(), StoreError> {
    if get(tx, REFERENCE_KEY)?.is_none() {
        set(tx, REFERENCE_KEY, &data_encoding::HEXLOWER.encode(&random))?;
    }
    Ok(())
}

/// The time at which a drill stands; none for a real desk.
pub fn drill(db: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    Ok(get(db, DRILL_AT)?.and_then(|text| text.parse().ok()).map(time))
}

/// Marks the database as a drill and moves its time on.
pub fn set_drill(tx: &Connection, now: DateTime<Utc>) -> Result<(), StoreError> {
    set(tx, DRILL_AT, &millis(now).to_string())
}

/// A number for each command of the staff, so that the same words twice are two commands.
pub fn next_act(tx: &Connection) -> Result<i64, StoreError> {
    super::next_id(tx, "act")
}

/// The latest time that anything in the database bears.
pub fn latest(db: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    let at: Option<i64> = db.query_row(
        "SELECT MAX(at) FROM (SELECT MAX(at) AS at FROM history UNION ALL SELECT MAX(read_at) AS at FROM mails)",
        [],
        |row| row.get(0),
    )?;
    Ok(at.map(time))
}
