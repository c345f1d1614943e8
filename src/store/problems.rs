//! Problem records, their actions, history and cases.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, known, millis, next_id, time};
use crate::desk::{
    case::CaseId,
    problem::{Action, Changed, Problem, ProblemId, Status},
    reference::Reference,
};

const COLUMNS: &str = "id, title, status, cause, workaround, opened_at, opened_by, closed_at";

pub fn allocate(tx: &Connection) -> Result<ProblemId, StoreError> {
    next_id(tx, "problem").map(ProblemId)
}

fn problem(db: &Connection, row: &Row<'_>) -> Result<Problem, StoreError> {
    let id = ProblemId(row.get("id")?);
    Ok(Problem {
        id,
        title: row.get("title")?,
        status: known::<Status>(&row.get::<_, String>("status")?)?,
        cause: row.get("cause")?,
        workaround: row.get("workaround")?,
        actions: actions(db, id)?,
        opened_at: time(row.get("opened_at")?),
        opened_by: row.get("opened_by")?,
        closed_at: row.get::<_, Option<i64>>("closed_at")?.map(time),
    })
}

fn actions(db: &Connection, id: ProblemId) -> Result<Vec<Action>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT number, text, owner, due, done_at FROM problem_actions WHERE problem = ?1 ORDER BY number",
        )?
        .query_map([id.0], |row| {
            Ok(Action {
                number: row.get(0)?,
                text: row.get(1)?,
                owner: row.get(2)?,
                due: row.get::<_, Option<i64>>(3)?.map(time),
                done_at: row.get::<_, Option<i64>>(4)?.map(time),
            })
        })?
        .collect::<Result<_, _>>()?)
}

pub fn by_id(db: &Connection, id: ProblemId) -> Result<Option<Problem>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM problems WHERE id = ?1");
    db.prepare_cached(&sql)?.query_row([id.0], |row| Ok(problem(db, row))).optional()?.transpose()
}

/// The problems of a case, the oldest first.
pub fn of_case(db: &Connection, case: CaseId) -> Result<Vec<Problem>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM problems
         WHERE id IN (SELECT problem FROM problem_cases WHERE case_id = ?1)
         ORDER BY id"
    );
    db.prepare_cached(&sql)?.query_and_then([case.0], |row| problem(db, row))?.collect()
}

/// Problems, the newest first.
pub fn list(db: &Connection, with_closed: bool, limit: u32, offset: u32) -> Result<Vec<Problem>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM problems WHERE ?1 OR status <> 'closed' ORDER BY id DESC LIMIT ?2 OFFSET ?3");
    db.prepare(&sql)?.query_and_then(params![with_closed, limit, offset], |row| problem(db, row))?.collect()
}

/// The cases of a problem, the oldest first.
pub fn cases(db: &Connection, id: ProblemId) -> Result<Vec<Reference>, StoreError> {
    db.prepare_cached(
        "SELECT reference FROM cases JOIN problem_cases ON case_id = cases.id WHERE problem = ?1 ORDER BY cases.id",
    )?
    .query_and_then([id.0], |row| known(&row.get::<_, String>(0)?))?
    .collect()
}

/// Writes a problem as it is to be, and what happened to it.
pub fn put(tx: &Connection, changed: &Changed, actor: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Changed { problem, text } = changed;
    tx.prepare_cached(
        "INSERT INTO problems (id, title, status, cause, workaround, opened_at, opened_by, closed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (id) DO UPDATE SET
             title = excluded.title,
             status = excluded.status,
             cause = excluded.cause,
             workaround = excluded.workaround,
             closed_at = excluded.closed_at",
    )?
    .execute(params![
        problem.id.0,
        problem.title,
        problem.status.as_str(),
        problem.cause,
        problem.workaround,
        millis(problem.opened_at),
        problem.opened_by,
        problem.closed_at.map(millis),
    ])?;
    tx.prepare_cached("DELETE FROM problem_actions WHERE problem = ?1")?.execute([problem.id.0])?;
    for action in &problem.actions {
        tx.prepare_cached(
            "INSERT INTO problem_actions (problem, number, text, owner, due, done_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            problem.id.0,
            action.number,
            action.text,
            action.owner,
            action.due.map(millis),
            action.done_at.map(millis),
        ])?;
    }
    note(tx, problem.id, text, actor, now)
}

/// A line of its history.
pub fn note(tx: &Connection, id: ProblemId, text: &str, actor: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO problem_history (id, problem, at, actor, text) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![next_id(tx, "problem-history")?, id.0, millis(now), actor, text])?;
    Ok(())
}

/// What happened to a problem.
#[derive(Debug, Clone)]
pub struct Line {
    pub at: DateTime<Utc>,
    pub actor: String,
    pub text: String,
}

pub fn history(db: &Connection, id: ProblemId) -> Result<Vec<Line>, StoreError> {
    Ok(db
        .prepare_cached("SELECT at, actor, text FROM problem_history WHERE problem = ?1 ORDER BY id")?
        .query_map([id.0], |row| Ok(Line { at: time(row.get(0)?), actor: row.get(1)?, text: row.get(2)? }))?
        .collect::<Result<_, _>>()?)
}

/// False when it is linked already.
pub fn link(tx: &Connection, id: ProblemId, case: CaseId) -> Result<bool, StoreError> {
    let added = tx
        .prepare_cached(
            "INSERT INTO problem_cases (problem, case_id) VALUES (?1, ?2) ON CONFLICT (problem, case_id) DO NOTHING",
        )?
        .execute([id.0, case.0])?;
    Ok(added > 0)
}

/// False when it is not linked.
pub fn unlink(tx: &Connection, id: ProblemId, case: CaseId) -> Result<bool, StoreError> {
    let sql = "DELETE FROM problem_cases WHERE problem = ?1 AND case_id = ?2";
    Ok(tx.prepare_cached(sql)?.execute([id.0, case.0])? > 0)
}
