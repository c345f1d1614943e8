//! Mails that could not be taken in: kept with their bytes, listed for staff, tried again or discarded on
//! command.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    StoreError,
    mailboxes::Place,
    mails::{pack, unpack},
    millis, next_id, time,
};

#[derive(Debug, Clone)]
pub struct Held {
    pub id: i64,
    pub place: Place,
    pub received_at: DateTime<Utc>,
    pub held_at: DateTime<Utc>,
    /// when it was taken in later, or discarded
    pub released_at: Option<DateTime<Utc>>,
    /// who of the staff said that it needs nothing more
    pub discarded_by: Option<String>,
    pub reason: String,
    pub size_bytes: u64,
}

/// Holds a mail; `raw` is none when the server names it but does not give it up.
pub fn hold(
    tx: &Connection,
    place: &Place,
    received_at: DateTime<Utc>,
    raw: Option<&[u8]>,
    size_bytes: u64,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let id = next_id(tx, "quarantine")?;
    tx.prepare_cached(
        "INSERT INTO quarantine (id, mailbox, epoch, key, received_at, held_at, reason, size_bytes, raw_zstd)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        id,
        place.mailbox,
        place.epoch,
        place.key,
        millis(received_at),
        millis(now),
        reason,
        i64::try_from(size_bytes).unwrap_or(i64::MAX),
        raw.map(pack).transpose()?
    ])?;
    Ok(id)
}

fn held(row: &Row<'_>) -> Result<Held, rusqlite::Error> {
    Ok(Held {
        id: row.get("id")?,
        place: Place { mailbox: row.get("mailbox")?, epoch: row.get("epoch")?, key: row.get("key")? },
        received_at: time(row.get("received_at")?),
        held_at: time(row.get("held_at")?),
        released_at: row.get::<_, Option<i64>>("released_at")?.map(time),
        discarded_by: row.get("discarded_by")?,
        reason: row.get("reason")?,
        size_bytes: u64::try_from(row.get::<_, i64>("size_bytes")?).unwrap_or(0),
    })
}

const COLUMNS: &str = "id, mailbox, epoch, key, received_at, held_at, released_at, discarded_by, reason, size_bytes";

/// What is held; with `released`, also what was taken in later or discarded.
pub fn list(db: &Connection, released: bool) -> Result<Vec<Held>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM quarantine WHERE ?1 OR released_at IS NULL ORDER BY id");
    Ok(db.prepare(&sql)?.query_map([released], held)?.collect::<Result<_, _>>()?)
}

pub fn by_id(db: &Connection, id: i64) -> Result<Option<Held>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM quarantine WHERE id = ?1");
    Ok(db.prepare(&sql)?.query_row([id], held).optional()?)
}

/// The bytes of a held mail; none when the server never gave them.
pub fn raw(db: &Connection, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let packed: Option<Vec<u8>> =
        db.prepare("SELECT raw_zstd FROM quarantine WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    packed.as_deref().map(unpack).transpose()
}

pub fn release(tx: &Connection, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute("UPDATE quarantine SET released_at = ?2, discarded_by = NULL WHERE id = ?1", params![id, millis(now)])?;
    Ok(())
}

/// It needs nothing more. Its bytes stay: what was a mistake can still be taken in.
pub fn discard(tx: &Connection, id: i64, by: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE quarantine SET released_at = ?2, discarded_by = ?3 WHERE id = ?1",
        params![id, millis(now), by],
    )?;
    Ok(())
}
