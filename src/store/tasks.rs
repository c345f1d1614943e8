//! The tasks of the cases' action plans.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};

use super::{StoreError, known, millis, time};
use crate::desk::{
    case::CaseId,
    plan::{State, Task},
};

fn task(row: &Row<'_>) -> Result<Task, StoreError> {
    let at = |column: &str| -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(row.get::<_, Option<i64>>(column)?.map(time))
    };
    Ok(Task {
        case: CaseId(row.get("case_id")?),
        number: row.get("number")?,
        text: row.get("text")?,
        owner: row.get("owner")?,
        side: known(&row.get::<_, String>("side")?)?,
        added_at: time(row.get("added_at")?),
        due: time(row.get("due")?),
        state: known::<State>(&row.get::<_, String>("state")?)?,
        settled_at: at("settled_at")?,
        reminded_at: at("reminded_at")?,
        overdue_at: at("overdue_at")?,
    })
}

/// The plan of a case.
pub fn of_case(db: &Connection, case: CaseId) -> Result<Vec<Task>, StoreError> {
    db.prepare_cached(
        "SELECT case_id, number, text, owner, side, added_at, due, state, settled_at, reminded_at, overdue_at
         FROM tasks
         WHERE case_id = ?1
         ORDER BY number",
    )?
    .query_and_then([case.0], task)?
    .collect()
}

/// Writes a task as it is to be.
pub fn put(tx: &Connection, task: &Task) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO tasks (case_id, number, text, owner, side, added_at, due, state, settled_at, reminded_at,
                            overdue_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (case_id, number) DO UPDATE SET
             state = excluded.state,
             settled_at = excluded.settled_at,
             reminded_at = excluded.reminded_at,
             overdue_at = excluded.overdue_at",
    )?
    .execute(params![
        task.case.0,
        task.number,
        task.text,
        task.owner,
        task.side.as_str(),
        millis(task.added_at),
        millis(task.due),
        task.state.as_str(),
        task.settled_at.map(millis),
        task.reminded_at.map(millis),
        task.overdue_at.map(millis),
    ])?;
    Ok(())
}
