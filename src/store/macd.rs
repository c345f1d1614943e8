//! Change requests: one a case.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, millis, time};
use crate::{
    desk::{
        case::CaseId,
        macd::{ChangeKind, Class, Macd, State},
    },
    mail::address::Address,
};
use chrono::{DateTime, Utc};

pub fn put(tx: &Connection, macd: &Macd) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO macds (case_id, kind, class, state, requested_at, requested_by, requested_by_name,
                            estimate_minutes, asked_at, decided_at, decided_by, respond_by, done_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (case_id) DO UPDATE SET
             kind = excluded.kind,
             class = excluded.class,
             state = excluded.state,
             requested_at = excluded.requested_at,
             requested_by = excluded.requested_by,
             requested_by_name = excluded.requested_by_name,
             estimate_minutes = excluded.estimate_minutes,
             asked_at = excluded.asked_at,
             decided_at = excluded.decided_at,
             decided_by = excluded.decided_by,
             respond_by = excluded.respond_by,
             done_by = excluded.done_by",
    )?
    .execute(params![
        macd.case.0,
        macd.kind.map(ChangeKind::as_str),
        macd.class.as_str(),
        macd.state.as_str(),
        millis(macd.requested_at),
        macd.requested_by.email,
        macd.requested_by.name,
        macd.estimate_minutes,
        macd.asked_at.map(millis),
        macd.decided_at.map(millis),
        macd.decided_by,
        macd.respond_by.map(millis),
        macd.done_by.map(millis),
    ])?;
    Ok(())
}

pub fn of_case(db: &Connection, case: CaseId) -> Result<Option<Macd>, StoreError> {
    db.prepare_cached(
        "SELECT case_id, kind, class, state, requested_at, requested_by, requested_by_name, estimate_minutes, asked_at,
                decided_at, decided_by, respond_by, done_by
         FROM macds
         WHERE case_id = ?1",
    )?
    .query_row([case.0], |row| Ok(macd(row)))
    .optional()?
    .transpose()
}

fn macd(row: &Row<'_>) -> Result<Macd, StoreError> {
    let at = |column: &str| -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(row.get::<_, Option<i64>>(column)?.map(time))
    };
    let kind: Option<String> = row.get("kind")?;
    Ok(Macd {
        case: CaseId(row.get("case_id")?),
        kind: ChangeKind::ALL.into_iter().find(|known| Some(known.as_str()) == kind.as_deref()),
        class: one_of(&Class::ALL, Class::as_str, row.get("class")?)?,
        state: one_of(&State::ALL, State::as_str, row.get("state")?)?,
        requested_at: time(row.get("requested_at")?),
        requested_by: Address { name: row.get("requested_by_name")?, email: row.get("requested_by")? },
        estimate_minutes: row.get("estimate_minutes")?,
        asked_at: at("asked_at")?,
        decided_at: at("decided_at")?,
        decided_by: row.get("decided_by")?,
        respond_by: at("respond_by")?,
        done_by: at("done_by")?,
    })
}

/// A word that the program wrote and must know again.
pub(super) fn one_of<T: Copy>(all: &[T], word_of: fn(T) -> &'static str, word: String) -> Result<T, StoreError> {
    all.iter().copied().find(|one| word_of(*one) == word).ok_or(StoreError::Unreadable(word))
}
