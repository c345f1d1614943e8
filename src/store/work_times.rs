//! Work on cases.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, millis, next_id, time};
use crate::desk::{
    case::CaseId,
    money::Money,
    work_time::{Removed, WorkTime},
};

const COLUMNS: &str = "case_id, number, entered_at, who, minutes, billed_minutes, price_minor, currency, note,
    removed_at, removed_by";

fn work_time(row: &Row<'_>) -> rusqlite::Result<WorkTime> {
    let price: Option<i64> = row.get("price_minor")?;
    let currency: Option<String> = row.get("currency")?;
    let removed_at: Option<i64> = row.get("removed_at")?;
    let removed_by: Option<String> = row.get("removed_by")?;
    Ok(WorkTime {
        case: CaseId(row.get("case_id")?),
        number: row.get("number")?,
        entered_at: time(row.get("entered_at")?),
        who: row.get("who")?,
        minutes: row.get("minutes")?,
        billed_minutes: row.get("billed_minutes")?,
        price: price.zip(currency).map(|(minor, currency)| Money { minor, currency }),
        note: row.get("note")?,
        removed: removed_at.map(|at| Removed { at: time(at), by: removed_by.unwrap_or_default() }),
    })
}

/// The number of the next entry on a case.
pub fn next_number(db: &Connection, case: CaseId) -> Result<u32, StoreError> {
    Ok(db
        .prepare_cached("SELECT COALESCE(MAX(number), 0) + 1 FROM work_times WHERE case_id = ?1")?
        .query_row([case.0], |row| row.get(0))?)
}

pub fn add(tx: &Connection, entry: &WorkTime) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO work_times (id, case_id, number, entered_at, who, minutes, billed_minutes, price_minor, currency,
                                 note)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        next_id(tx, "work_time")?,
        entry.case.0,
        entry.number,
        millis(entry.entered_at),
        entry.who,
        entry.minutes,
        entry.billed_minutes,
        entry.price.as_ref().map(|price| price.minor),
        entry.price.as_ref().map(|price| &price.currency),
        entry.note,
    ])?;
    Ok(())
}

/// Marks an entry as removed; all else of it stays as it was.
pub fn remove(tx: &Connection, entry: &WorkTime) -> Result<(), StoreError> {
    let Some(removed) = &entry.removed else { return Ok(()) };
    tx.prepare_cached("UPDATE work_times SET removed_at = ?3, removed_by = ?4 WHERE case_id = ?1 AND number = ?2")?
        .execute(params![entry.case.0, entry.number, millis(removed.at), removed.by])?;
    Ok(())
}

pub fn one(db: &Connection, case: CaseId, number: u32) -> Result<Option<WorkTime>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM work_times WHERE case_id = ?1 AND number = ?2");
    Ok(db.prepare_cached(&sql)?.query_row(params![case.0, number], work_time).optional()?)
}

pub fn of_case(db: &Connection, case: CaseId) -> Result<Vec<WorkTime>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM work_times WHERE case_id = ?1 ORDER BY number");
    Ok(db.prepare_cached(&sql)?.query_map([case.0], work_time)?.collect::<Result<_, _>>()?)
}

/// What was entered from one instant on and before another one, without what was removed.
pub fn between(db: &Connection, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<WorkTime>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM work_times
         WHERE entered_at >= ?1 AND entered_at < ?2 AND removed_at IS NULL
         ORDER BY entered_at, id"
    );
    Ok(db.prepare_cached(&sql)?.query_map(params![millis(from), millis(to)], work_time)?.collect::<Result<_, _>>()?)
}
