//! What customers have been promised: each promise a row, and what is kept of a case's promises between two decisions.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, contacts, incidents, known, macd, millis, next_id, time};
use crate::desk::{
    case::{Case, CaseId},
    lifecycle::{Clock, ClockChange, Decision},
    macd::State,
    service_desk::ServiceDesk,
    sla::{Ledger, Look, Pause, Promise, PromiseKind, follow},
};

/// What follows for the promises from a decision, written down; what is to be said of it is added to the decision.
pub fn keep(
    tx: &Connection,
    desk: &ServiceDesk,
    decision: &mut Decision,
    late: bool,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let case = &decision.case;
    let before = ledger(tx, case.id)?;
    let is_over = case.status.is_closed() || case.spam;
    if is_over && before.round_at.is_none() && before.promises.is_empty() {
        return Ok(());
    }
    let organisation = contacts::known_of(tx, &case.requester.email)?.organisation;
    let arrangement = organisation.as_ref().and_then(|organisation| organisation.clocks.as_deref());
    let is_change = macd::of_case(tx, case.id)?.is_some_and(|change| change.state != State::Declined);
    let is_parent = incidents::by_case(tx, case.id)?.is_some();
    let quiet = incidents::quiet(tx, case.id)?;
    let look = Look { arrangement, is_change, is_parent, told_at: &quiet.told_at, parent_etr: quiet.etr, late, now };
    let followed = follow(&before, case, &look, &desk.policy);
    if followed.ledger != before {
        write(tx, case.id, organisation.as_ref().map(|organisation| organisation.id), &before, &followed.ledger)?;
    }
    decision.clocks.push(match followed.look_at {
        Some(at) => ClockChange::Set(Clock::Promises, at),
        None => ClockChange::Clear(Clock::Promises),
    });
    decision.history.extend(followed.history);
    decision.notices.extend(followed.notices);
    Ok(())
}

fn ledger(db: &Connection, case: CaseId) -> Result<Ledger, StoreError> {
    let found = db
        .prepare_cached("SELECT rounds, round_at, public_at, etr, resolved_at FROM service_levels WHERE case_id = ?1")?
        .query_row([case.0], |row| {
            let at = |n: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(n)?.map(time));
            Ok(Ledger {
                rounds: row.get(0)?,
                round_at: at(1)?,
                public_at: at(2)?,
                etr: at(3)?,
                resolved_at: at(4)?,
                ..Ledger::default()
            })
        })
        .optional()?;
    let Some(mut ledger) = found else { return Ok(Ledger::default()) };
    if let Some(round_at) = ledger.round_at {
        ledger.pauses = db
            .prepare_cached("SELECT from_at, to_at FROM pauses WHERE case_id = ?1 AND from_at >= ?2 ORDER BY from_at")?
            .query_and_then(params![case.0, millis(round_at)], |row| {
                Ok::<_, StoreError>(Pause { from: time(row.get(0)?), to: row.get::<_, Option<i64>>(1)?.map(time) })
            })?
            .collect::<Result<_, _>>()?;
    }
    ledger.promises = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM promises WHERE case_id = ?1 AND met_at IS NULL AND ended_at IS NULL ORDER BY id"
        ))?
        .query_and_then([case.0], promise)?
        .collect::<Result<_, _>>()?;
    Ok(ledger)
}

const COLUMNS: &str = "id, kind, priority, started_at, due_at, warn_at, warned_at, met_at, breached_at, ended_at";

fn promise(row: &Row<'_>) -> Result<Promise, StoreError> {
    let at = |column: &str| Ok::<_, StoreError>(row.get::<_, Option<i64>>(column)?.map(time));
    let kind: String = row.get("kind")?;
    Ok(Promise {
        id: row.get("id")?,
        kind: PromiseKind::parse(&kind).ok_or(StoreError::Unreadable(kind))?,
        priority: known(&row.get::<_, String>("priority")?)?,
        started_at: time(row.get("started_at")?),
        due_at: time(row.get("due_at")?),
        warn_at: at("warn_at")?,
        warned_at: at("warned_at")?,
        met_at: at("met_at")?,
        breached_at: at("breached_at")?,
        ended_at: at("ended_at")?,
    })
}

fn write(
    tx: &Connection,
    case: CaseId,
    organisation: Option<i64>,
    before: &Ledger,
    after: &Ledger,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO service_levels (case_id, rounds, round_at, public_at, etr, resolved_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (case_id) DO UPDATE SET
             rounds = excluded.rounds,
             round_at = excluded.round_at,
             public_at = excluded.public_at,
             etr = excluded.etr,
             resolved_at = excluded.resolved_at",
    )?
    .execute(params![
        case.0,
        after.rounds,
        after.round_at.map(millis),
        after.public_at.map(millis),
        after.etr.map(millis),
        after.resolved_at.map(millis),
    ])?;
    for pause in after.pauses.iter().filter(|pause| !before.pauses.contains(pause)) {
        tx.prepare_cached(
            "INSERT INTO pauses (case_id, from_at, to_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (case_id, from_at) DO UPDATE SET to_at = excluded.to_at",
        )?
        .execute(params![case.0, millis(pause.from), pause.to.map(millis)])?;
    }
    for promise in after.promises.iter().filter(|promise| !before.promises.contains(promise)) {
        put(tx, case, organisation, promise)?;
    }
    Ok(())
}

fn put(tx: &Connection, case: CaseId, organisation: Option<i64>, promise: &Promise) -> Result<(), StoreError> {
    let id = match promise.id {
        Some(id) => id,
        None => next_id(tx, "promise")?,
    };
    tx.prepare_cached(
        "INSERT INTO promises (id, case_id, kind, priority, organisation, started_at, due_at, warn_at, warned_at, met_at,
                               breached_at, ended_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (id) DO UPDATE SET
             priority = excluded.priority,
             due_at = excluded.due_at,
             warn_at = excluded.warn_at,
             warned_at = excluded.warned_at,
             met_at = excluded.met_at,
             breached_at = excluded.breached_at,
             ended_at = excluded.ended_at",
    )?
    .execute(params![
        id,
        case.0,
        promise.kind.as_str(),
        promise.priority.as_str(),
        organisation,
        millis(promise.started_at),
        millis(promise.due_at),
        promise.warn_at.map(millis),
        promise.warned_at.map(millis),
        promise.met_at.map(millis),
        promise.breached_at.map(millis),
        promise.ended_at.map(millis),
    ])?;
    Ok(())
}

/// All promises of a case, the oldest first, and whether their clocks stand still.
pub fn of_case(db: &Connection, case: &Case) -> Result<(Vec<Promise>, bool), StoreError> {
    let all = db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM promises WHERE case_id = ?1 ORDER BY id"))?
        .query_and_then([case.id.0], promise)?
        .collect::<Result<_, _>>()?;
    let paused = db.prepare_cached("SELECT 1 FROM pauses WHERE case_id = ?1 AND to_at IS NULL")?.exists([case.id.0])?;
    Ok((all, paused))
}

/// A promise as reports count it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    pub promise: Promise,
    /// its name as of now; none when the requester is of none, or it is gone
    pub organisation: Option<String>,
    pub paused: bool,
}

/// Hands each promise that was made in a time to `count`; `to` is exclusive.
pub fn made_between(
    db: &Connection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    mut count: impl FnMut(Counted),
) -> Result<(), StoreError> {
    let sql = "SELECT promises.id, kind, priority, started_at, due_at, warn_at, warned_at, met_at, breached_at, ended_at,
                      name, EXISTS (SELECT 1 FROM pauses WHERE pauses.case_id = promises.case_id AND to_at IS NULL) AS paused
               FROM promises LEFT JOIN organisations ON organisations.id = promises.organisation
               WHERE started_at >= ?1 AND started_at < ?2";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params![millis(from), millis(to)])?;
    while let Some(row) = rows.next()? {
        count(Counted { promise: promise(row)?, organisation: row.get("name")?, paused: row.get("paused")? });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
