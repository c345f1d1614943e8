//! What keeps the desk from working, from its beginning to its end.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, millis, next_id, time};
use crate::desk::trouble::{Area, Nature, Trouble};

const COLUMNS: &str = "id, area, nature, error, began_at, last_at, times, told_at, ended_at";

fn trouble(row: &Row<'_>) -> Result<Trouble, StoreError> {
    let (area, nature): (String, String) = (row.get("area")?, row.get("nature")?);
    let at = |column: &str| -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(row.get::<_, Option<i64>>(column)?.map(time))
    };
    Ok(Trouble {
        id: row.get("id")?,
        area: Area::parse(&area).ok_or(StoreError::Unreadable(area))?,
        nature: Nature::parse(&nature).ok_or(StoreError::Unreadable(nature))?,
        error: row.get("error")?,
        began_at: time(row.get("began_at")?),
        last_at: time(row.get("last_at")?),
        times: row.get("times")?,
        told_at: at("told_at")?,
        ended_at: at("ended_at")?,
    })
}

/// Writes down that something does not work, and gives the trouble as it stands: a new one, or the same once more.
pub fn met(
    tx: &Connection,
    area: &Area,
    nature: Nature,
    error: &str,
    now: DateTime<Utc>,
) -> Result<Trouble, StoreError> {
    let sql = format!(
        "INSERT INTO troubles (id, area, nature, error, began_at, last_at, times)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1)
         ON CONFLICT (area) WHERE ended_at IS NULL DO UPDATE SET
             nature = excluded.nature,
             error = excluded.error,
             last_at = excluded.last_at,
             times = times + 1
         RETURNING {COLUMNS}"
    );
    let id = next_id(tx, "trouble")?;
    let values = params![id, area.to_string(), nature.as_str(), error, millis(now)];
    tx.prepare_cached(&sql)?.query_row(values, |row| Ok(trouble(row)))?
}

pub fn told(tx: &Connection, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute("UPDATE troubles SET told_at = ?2 WHERE id = ?1", params![id, millis(now)])?;
    Ok(())
}

/// It works again. None when nothing was known to be wrong.
pub fn over(tx: &Connection, area: &Area, now: DateTime<Utc>) -> Result<Option<Trouble>, StoreError> {
    let sql = format!("UPDATE troubles SET ended_at = ?2 WHERE area = ?1 AND ended_at IS NULL RETURNING {COLUMNS}");
    let values = params![area.to_string(), millis(now)];
    tx.prepare_cached(&sql)?.query_row(values, |row| Ok(trouble(row))).optional()?.transpose()
}

/// What is wrong with this now.
pub fn current(db: &Connection, area: &Area) -> Result<Option<Trouble>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM troubles WHERE area = ?1 AND ended_at IS NULL");
    db.prepare_cached(&sql)?.query_row([area.to_string()], |row| Ok(trouble(row))).optional()?.transpose()
}

/// Those that last, and those that ended since then; the oldest first.
pub fn recent(db: &Connection, since: DateTime<Utc>) -> Result<Vec<Trouble>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM troubles WHERE ended_at IS NULL OR ended_at >= ?1 ORDER BY began_at, id");
    db.prepare_cached(&sql)?.query_and_then([millis(since)], trouble)?.collect()
}

/// Forgets those that ended before then.
pub fn forget(tx: &Connection, before: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM troubles WHERE ended_at < ?1")?.execute([millis(before)])?;
    Ok(())
}
