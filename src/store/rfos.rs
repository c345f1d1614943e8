//! Requests for reasons for outage and incident reports, and what staff have written for them.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, known, millis, next_id, time};
use crate::{
    desk::{
        case::CaseId,
        rfo::{Preventive, Rfo, State, Written},
    },
    mail::address::Address,
};

fn rfo(row: &Row<'_>) -> Result<Rfo, StoreError> {
    let at = |column: &str| -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(row.get::<_, Option<i64>>(column)?.map(time))
    };
    let state: String = row.get("state")?;
    Ok(Rfo {
        id: row.get("id")?,
        case: CaseId(row.get("case_id")?),
        kind: known(&row.get::<_, String>("kind")?)?,
        person: Address { name: row.get("name")?, email: row.get("email")? },
        state: known::<State>(&state)?,
        asked_at: time(row.get("asked_at")?),
        due: at("due")?,
        remind_at: at("remind_at")?,
        reminded_at: at("reminded_at")?,
        overdue_at: at("overdue_at")?,
        settled_at: at("settled_at")?,
    })
}

/// All that were asked for on a case, the oldest first.
pub fn of_case(db: &Connection, case: CaseId) -> Result<Vec<Rfo>, StoreError> {
    db.prepare_cached(
        "SELECT id, case_id, kind, email, name, state, asked_at, due, remind_at, reminded_at, overdue_at, settled_at
         FROM rfos
         WHERE case_id = ?1
         ORDER BY id",
    )?
    .query_and_then([case.0], rfo)?
    .collect()
}

/// Writes a request as it is to be; with the number 0 a new one.
pub fn put(tx: &Connection, rfo: &Rfo) -> Result<(), StoreError> {
    let id = if rfo.id == 0 { next_id(tx, "rfo")? } else { rfo.id };
    tx.prepare_cached(
        "INSERT INTO rfos (id, case_id, kind, email, name, state, asked_at, due, remind_at, reminded_at, overdue_at,
                           settled_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (id) DO UPDATE SET
             case_id = excluded.case_id,
             name = excluded.name,
             state = excluded.state,
             asked_at = excluded.asked_at,
             due = excluded.due,
             remind_at = excluded.remind_at,
             reminded_at = excluded.reminded_at,
             overdue_at = excluded.overdue_at,
             settled_at = excluded.settled_at",
    )?
    .execute(params![
        id,
        rfo.case.0,
        rfo.kind.as_str(),
        rfo.person.email,
        rfo.person.name,
        rfo.state.as_str(),
        millis(rfo.asked_at),
        rfo.due.map(millis),
        rfo.remind_at.map(millis),
        rfo.reminded_at.map(millis),
        rfo.overdue_at.map(millis),
        rfo.settled_at.map(millis),
    ])?;
    Ok(())
}

/// What staff have written for a case's reports.
pub fn draft(db: &Connection, case: CaseId) -> Result<Option<Written>, StoreError> {
    db.prepare_cached("SELECT impact, cause, resolution, preventive FROM rfo_drafts WHERE case_id = ?1")?
        .query_row([case.0], |row| {
            let texts: String = row.get(3)?;
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, texts))
        })
        .optional()?
        .map(|(impact, cause, resolution, texts)| {
            let texts: Vec<String> = serde_json::from_str(&texts).map_err(|e| StoreError::Unreadable(e.to_string()))?;
            let preventive = texts.into_iter().map(|text| Preventive { text, ..Preventive::default() }).collect();
            Ok(Written { impact, cause, resolution, preventive })
        })
        .transpose()
}

pub fn put_draft(
    tx: &Connection,
    case: CaseId,
    draft: &Written,
    written_by: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let texts: Vec<&str> = draft.preventive.iter().map(|action| action.text.as_str()).collect();
    let texts = serde_json::json!(texts).to_string();
    tx.prepare_cached(
        "INSERT INTO rfo_drafts (case_id, impact, cause, resolution, preventive, written_by, written_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (case_id) DO UPDATE SET
             impact = excluded.impact,
             cause = excluded.cause,
             resolution = excluded.resolution,
             preventive = excluded.preventive,
             written_by = excluded.written_by,
             written_at = excluded.written_at",
    )?
    .execute(params![case.0, draft.impact, draft.cause, draft.resolution, texts, written_by, millis(now)])?;
    Ok(())
}
