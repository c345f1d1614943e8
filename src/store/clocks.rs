//! Clocks are rows: case, kind, due. The ticker asks which are due and when the next one will be.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, millis, time};
use crate::desk::{case::CaseId, lifecycle::Clock};

pub fn set(tx: &Connection, case: CaseId, clock: Clock, due: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO clocks (case_id, clock, due) VALUES (?1, ?2, ?3)
         ON CONFLICT (case_id, clock) DO UPDATE SET due = excluded.due",
    )?
    .execute(params![case.0, clock.as_str(), millis(due)])?;
    Ok(())
}

pub fn clear(tx: &Connection, case: CaseId, clock: Clock) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM clocks WHERE case_id = ?1 AND clock = ?2")?
        .execute(params![case.0, clock.as_str()])?;
    Ok(())
}

pub fn is_set(db: &Connection, case: CaseId, clock: Clock) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT 1 FROM clocks WHERE case_id = ?1 AND clock = ?2")?
        .exists(params![case.0, clock.as_str()])?)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueClock {
    pub case: CaseId,
    pub clock: Clock,
    pub due: DateTime<Utc>,
}

fn due_clock(row: &rusqlite::Row<'_>) -> Result<DueClock, StoreError> {
    let word: String = row.get(1)?;
    let clock = Clock::parse(&word).ok_or(StoreError::Unreadable(word))?;
    Ok(DueClock { case: CaseId(row.get(0)?), clock, due: time(row.get(2)?) })
}

/// The clocks that have come due, the oldest first. Without `all_mail_read` those that a customer's silence runs out
/// stay where they are.
pub fn due(
    db: &Connection,
    now: DateTime<Utc>,
    all_mail_read: bool,
    at_most: u32,
) -> Result<Vec<DueClock>, StoreError> {
    let held: Vec<&str> =
        Clock::ALL.into_iter().filter(|c| !all_mail_read && c.waits_for_mail()).map(Clock::as_str).collect();
    let held = serde_json::json!(held).to_string();
    db.prepare_cached(
        "SELECT case_id, clock, due
         FROM clocks
         WHERE due <= ?1 AND clock NOT IN (SELECT value FROM json_each(?2))
         ORDER BY due, case_id
         LIMIT ?3",
    )?
    .query_and_then(params![millis(now), held, at_most], due_clock)?
    .collect()
}

/// Is it still set as it was found? Another writer may have moved or cleared it meanwhile.
pub fn still_due(tx: &Connection, clock: &DueClock) -> Result<bool, StoreError> {
    Ok(tx.prepare_cached("SELECT 1 FROM clocks WHERE case_id = ?1 AND clock = ?2 AND due = ?3")?.exists(params![
        clock.case.0,
        clock.clock.as_str(),
        millis(clock.due)
    ])?)
}

pub fn next_due(db: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    Ok(db
        .prepare_cached("SELECT MIN(due) FROM clocks")?
        .query_row([], |row| row.get::<_, Option<i64>>(0))
        .optional()?
        .flatten()
        .map(time))
}

/// How many should have run by now.
pub fn late(db: &Connection, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let count: i64 = db.query_row("SELECT COUNT(*) FROM clocks WHERE due <= ?1", [millis(now)], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

pub fn of_case(db: &Connection, case: CaseId) -> Result<Vec<DueClock>, StoreError> {
    db.prepare_cached("SELECT case_id, clock, due FROM clocks WHERE case_id = ?1 ORDER BY due")?
        .query_and_then([case.0], due_clock)?
        .collect()
}
