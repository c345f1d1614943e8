//! What happened to a case: written once, never changed.

use rusqlite::{Connection, Row, params};

use super::{StoreError, incidents, millis, next_id, time};
use crate::desk::{
    case::CaseId,
    lifecycle::{Entry, What},
};
use chrono::{DateTime, Utc};

pub fn add(tx: &Connection, case: CaseId, entry: &Entry) -> Result<(), StoreError> {
    let what = serde_json::to_string(&entry.what).map_err(|e| StoreError::Unreadable(e.to_string()))?;
    tx.prepare_cached("INSERT INTO history (id, case_id, at, actor, what) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![next_id(tx, "history")?, case.0, millis(entry.at), entry.actor.to_string(), what])?;
    Ok(())
}

/// A history line as it is shown.
#[derive(Debug, Clone)]
pub struct Line {
    pub at: DateTime<Utc>,
    pub actor: String,
    pub what: What,
}

/// The id of the newest line; 0 when there is none.
pub fn last(db: &Connection) -> Result<i64, StoreError> {
    Ok(db.prepare_cached("SELECT COALESCE(MAX(id), 0) FROM history")?.query_row([], |row| row.get(0))?)
}

/// The lines of all cases that were added after this one, in their order.
pub fn after(db: &Connection, id: i64) -> Result<Vec<(CaseId, Line)>, StoreError> {
    db.prepare_cached("SELECT at, actor, what, case_id FROM history WHERE id > ?1 ORDER BY id")?
        .query_and_then([id], |row| {
            let what: String = row.get(2)?;
            let what = serde_json::from_str(&what).map_err(|e| StoreError::Unreadable(e.to_string()))?;
            Ok((CaseId(row.get(3)?), Line { at: time(row.get(0)?), actor: row.get(1)?, what }))
        })?
        .collect()
}

fn line(row: &Row<'_>) -> Result<Line, StoreError> {
    let what: String = row.get(2)?;
    let what = serde_json::from_str(&what).map_err(|e| StoreError::Unreadable(e.to_string()))?;
    Ok(Line { at: time(row.get(0)?), actor: row.get(1)?, what })
}

/// All of it, with what was said of the incidents whose child it was, the oldest first.
pub fn of_case(db: &Connection, case: CaseId) -> Result<Vec<Line>, StoreError> {
    let mut all: Vec<Line> = db
        .prepare_cached("SELECT at, actor, what FROM history WHERE case_id = ?1 ORDER BY id")?
        .query_and_then([case.0], line)?
        .collect::<Result<_, StoreError>>()?;
    let of_incidents = incidents::told_on(db, case)?;
    if !of_incidents.is_empty() {
        all.extend(of_incidents.into_iter().map(|(at, actor, what)| Line { at, actor, what }));
        // What happened at one instant stays in its order.
        all.sort_by_key(|line| line.at);
    }
    Ok(all)
}

/// The last lines, the newest first.
pub fn latest(db: &Connection, case: CaseId, at_most: u32) -> Result<Vec<Line>, StoreError> {
    db.prepare_cached("SELECT at, actor, what FROM history WHERE case_id = ?1 ORDER BY id DESC LIMIT ?2")?
        .query_and_then(params![case.0, at_most], line)?
        .collect()
}
