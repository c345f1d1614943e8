//! Requests for a manager's attention.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};

use super::{StoreError, known, millis, next_id, time};
use crate::desk::{
    attention::{Attention, Channel},
    case::CaseId,
};

fn attention(row: &Row<'_>) -> Result<Attention, StoreError> {
    let at = |column: &str| -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(row.get::<_, Option<i64>>(column)?.map(time))
    };
    Ok(Attention {
        id: row.get("id")?,
        case: CaseId(row.get("case_id")?),
        channel: known::<Channel>(&row.get::<_, String>("channel")?)?,
        at: time(row.get("at")?),
        person: row.get("person")?,
        telephone: row.get("telephone")?,
        manager_contact: row.get("manager_contact")?,
        reason: row.get("reason")?,
        milestone: row.get("milestone")?,
        is_urgent: row.get("is_urgent")?,
        organisation: row.get("organisation")?,
        call_back_due: at("call_back_due")?,
        called_back_at: at("called_back_at")?,
        missed_at: at("missed_at")?,
    })
}

/// Those of a case, the oldest first.
pub fn of_case(db: &Connection, case: CaseId) -> Result<Vec<Attention>, StoreError> {
    db.prepare_cached(
        "SELECT id, case_id, channel, at, person, telephone, manager_contact, reason, milestone, is_urgent,
                organisation, call_back_due, called_back_at, missed_at
         FROM attentions
         WHERE case_id = ?1
         ORDER BY id",
    )?
    .query_and_then([case.0], attention)?
    .collect()
}

/// How many of an organisation had no urgency, since then.
pub fn without_urgency(db: &Connection, organisation: &str, since: DateTime<Utc>) -> Result<usize, StoreError> {
    let sql = "SELECT COUNT(*) FROM attentions WHERE organisation = ?1 AND at >= ?2 AND is_urgent = 0";
    let count: i64 = db.prepare_cached(sql)?.query_row(params![organisation, millis(since)], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Writes a request as it is to be; with the number 0 a new one.
pub fn put(tx: &Connection, attention: &Attention) -> Result<(), StoreError> {
    let id = if attention.id == 0 { next_id(tx, "attention")? } else { attention.id };
    tx.prepare_cached(
        "INSERT INTO attentions (id, case_id, channel, at, person, telephone, manager_contact, reason, milestone,
                                 is_urgent, organisation, call_back_due, called_back_at, missed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         ON CONFLICT (id) DO UPDATE SET
             called_back_at = excluded.called_back_at,
             missed_at = excluded.missed_at",
    )?
    .execute(params![
        id,
        attention.case.0,
        attention.channel.as_str(),
        millis(attention.at),
        attention.person,
        attention.telephone,
        attention.manager_contact,
        attention.reason,
        attention.milestone,
        attention.is_urgent,
        attention.organisation,
        attention.call_back_due.map(millis),
        attention.called_back_at.map(millis),
        attention.missed_at.map(millis),
    ])?;
    Ok(())
}
