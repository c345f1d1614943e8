//! What was proposed to customers: that their case waits until the next business day.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, known, millis, time};
use crate::desk::{
    case::CaseId,
    deferral::{Answer, Deferral},
};

pub fn of_case(db: &Connection, case: CaseId) -> Result<Option<Deferral>, StoreError> {
    db.prepare_cached(
        "SELECT until, asked_at, asked_by, answer, answered_at, answered_by FROM deferrals WHERE case_id = ?1",
    )?
    .query_row([case.0], |row| {
        let answer: Option<String> = row.get(3)?;
        Ok((
            answer,
            Deferral {
                until: time(row.get(0)?),
                asked_at: time(row.get(1)?),
                asked_by: row.get(2)?,
                answer: None,
                answered_at: row.get::<_, Option<i64>>(4)?.map(time),
                answered_by: row.get(5)?,
            },
        ))
    })
    .optional()?
    .map(|(word, deferral)| {
        let answer = word.map(|word| known::<Answer>(&word)).transpose()?;
        Ok(Deferral { answer, ..deferral })
    })
    .transpose()
}

pub fn put(tx: &Connection, case: CaseId, deferral: &Deferral) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO deferrals (case_id, until, asked_at, asked_by, answer, answered_at, answered_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (case_id) DO UPDATE SET
             until = excluded.until,
             asked_at = excluded.asked_at,
             asked_by = excluded.asked_by,
             answer = excluded.answer,
             answered_at = excluded.answered_at,
             answered_by = excluded.answered_by",
    )?
    .execute(params![
        case.0,
        millis(deferral.until),
        millis(deferral.asked_at),
        deferral.asked_by,
        deferral.answer.map(Answer::as_str),
        deferral.answered_at.map(millis),
        deferral.answered_by,
    ])?;
    Ok(())
}
