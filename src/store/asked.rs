//! What mails ask for on a case, what they tell of its matter, and what the customer was asked to tell.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::{StoreError, millis, next_id, time};
use crate::{
    desk::{case::CaseId, cues::Asked},
    mail::extract::FieldName,
};

/// Whose mail on which case.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    pub case: CaseId,
    pub mail: i64,
    pub writer: &'a str,
    /// none in the mail that opened the case
    pub standing: Option<&'a str>,
}

/// Adds all that one mail asks for and tells.
pub fn add(tx: &Connection, heard: &Heard<'_>, asked: &Asked, now: DateTime<Utc>) -> Result<(), StoreError> {
    for request in &asked.requests {
        tx.prepare_cached(
            "INSERT INTO requests (id, case_id, mail_id, at, request, writer, standing, rule)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            next_id(tx, "requests")?,
            heard.case.0,
            heard.mail,
            millis(now),
            request.request.as_str(),
            heard.writer,
            heard.standing,
            request.rule,
        ])?;
    }
    for found in asked.fields.iter() {
        tx.prepare_cached(
            "INSERT INTO fields (id, case_id, mail_id, name, value, place, rule, doubt)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            next_id(tx, "fields")?,
            heard.case.0,
            heard.mail,
            found.name.as_str(),
            found.value,
            found.place.as_str(),
            found.rule,
            found.doubt,
        ])?;
    }
    Ok(())
}

/// A request as it was heard on a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRequest {
    pub at: DateTime<Utc>,
    pub request: String,
    pub writer: String,
    pub standing: Option<String>,
    pub rule: String,
}

/// The requests of a case, the oldest first.
pub fn requests(db: &Connection, case: CaseId) -> Result<Vec<StoredRequest>, StoreError> {
    db.prepare_cached("SELECT at, request, writer, standing, rule FROM requests WHERE case_id = ?1 ORDER BY id")?
        .query_and_then([case.0], |row| {
            Ok(StoredRequest {
                at: time(row.get(0)?),
                request: row.get(1)?,
                writer: row.get(2)?,
                standing: row.get(3)?,
                rule: row.get(4)?,
            })
        })?
        .collect()
}

/// A value that a mail told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredField {
    pub name: String,
    pub value: String,
    pub place: String,
    pub rule: String,
    pub doubt: Option<String>,
}

/// The fields of a case, the oldest first; a value that several mails tell is there once.
pub fn fields(db: &Connection, case: CaseId) -> Result<Vec<StoredField>, StoreError> {
    db.prepare_cached(
        "SELECT name, value, place, rule, doubt
         FROM fields AS one
         WHERE case_id = ?1
           AND NOT EXISTS (
               SELECT 1
               FROM fields AS other
               WHERE other.case_id = one.case_id AND other.id < one.id
                 AND other.name = one.name AND lower(other.value) = lower(one.value)
           )
         ORDER BY id",
    )?
    .query_and_then([case.0], |row| {
        Ok(StoredField {
            name: row.get(0)?,
            value: row.get(1)?,
            place: row.get(2)?,
            rule: row.get(3)?,
            doubt: row.get(4)?,
        })
    })?
    .collect()
}

/// The customer is asked for these.
pub fn want(tx: &Connection, case: CaseId, names: &[FieldName], now: DateTime<Utc>) -> Result<(), StoreError> {
    for name in names {
        tx.prepare_cached(
            "INSERT INTO wanted (case_id, name, asked_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (case_id, name) DO NOTHING",
        )?
        .execute(params![case.0, name.as_str(), millis(now)])?;
    }
    Ok(())
}

/// What the customer was asked for and has not told.
pub fn wanted(db: &Connection, case: CaseId) -> Result<Vec<FieldName>, StoreError> {
    let names: Vec<String> = db
        .prepare_cached("SELECT name FROM wanted WHERE case_id = ?1 AND told_at IS NULL")?
        .query_map([case.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut names = names
        .into_iter()
        .map(|name| FieldName::parse(&name).ok_or(StoreError::Unreadable(name)))
        .collect::<Result<Vec<_>, _>>()?;
    names.sort();
    Ok(names)
}

/// The customer has told these.
pub fn told(tx: &Connection, case: CaseId, names: &[FieldName], now: DateTime<Utc>) -> Result<(), StoreError> {
    for name in names {
        tx.prepare_cached("UPDATE wanted SET told_at = ?3 WHERE case_id = ?1 AND name = ?2 AND told_at IS NULL")?
            .execute(params![case.0, name.as_str(), millis(now)])?;
    }
    Ok(())
}
