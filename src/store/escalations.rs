//! How far up each case is: a row for those that have been escalated, or whose age is reckoned.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, cases, millis, time};
use crate::desk::{
    case::{Case, CaseId},
    escalation::{self, Escalation},
    lifecycle::Decision,
    policy::Policy,
};

/// What a decision means for the age of its case, written down; the clock is added to the decision. Before the case
/// itself is written: what was there until now says whether it moves.
pub fn keep(tx: &Connection, policy: &Policy, decision: &mut Decision, now: DateTime<Utc>) -> Result<(), StoreError> {
    if policy.escalation.after.is_empty() {
        return Ok(());
    }
    let before = cases::by_reference(tx, decision.case.reference)?;
    let known = of_case(tx, &decision.case, policy)?;
    match escalation::follow(before.as_ref(), decision, &known, policy, now) {
        Some(new) => put(tx, decision.case.id, &new),
        None => Ok(()),
    }
}

/// How a case stands in the matrix.
pub fn of_case(db: &Connection, case: &Case, policy: &Policy) -> Result<Escalation, StoreError> {
    Ok(known(db, case.id)?.unwrap_or_else(|| Escalation::of_new(case, &policy.escalation)))
}

/// The row of a case that has one.
pub fn known(db: &Connection, case: CaseId) -> Result<Option<Escalation>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT level, escalated_at, by_mail_at, counts_from, step_from, waiting_since
             FROM escalations
             WHERE case_id = ?1",
        )?
        .query_row([case.0], |row| {
            let at = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(time));
            Ok(Escalation {
                level: row.get(0)?,
                escalated_at: at(1)?,
                by_mail_at: at(2)?,
                counts_from: time(row.get(3)?),
                step_from: at(4)?,
                waiting_since: at(5)?,
            })
        })
        .optional()?)
}

pub fn put(tx: &Connection, case: CaseId, escalation: &Escalation) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO escalations (case_id, level, escalated_at, by_mail_at, counts_from, step_from, waiting_since)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (case_id) DO UPDATE SET
             level = excluded.level,
             escalated_at = excluded.escalated_at,
             by_mail_at = excluded.by_mail_at,
             counts_from = excluded.counts_from,
             step_from = excluded.step_from,
             waiting_since = excluded.waiting_since",
    )?
    .execute(params![
        case.0,
        escalation.level,
        escalation.escalated_at.map(millis),
        escalation.by_mail_at.map(millis),
        millis(escalation.counts_from),
        escalation.step_from.map(millis),
        escalation.waiting_since.map(millis),
    ])?;
    Ok(())
}
