//! Cases that are told in one list instead of a mail each: an address that sends very much, or mail that was too old
//! to be answered when it was read.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::{StoreError, millis};
use crate::desk::case::CaseId;

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestKind {
    /// a customer's new cases beyond the acknowledgements of an hour
    Acknowledgements,
    /// staff's notices beyond those of an hour
    Staff,
    /// mail that was older than `answer_within` when it was read
    Late,
}

impl DigestKind {
    const ALL: [DigestKind; 3] = [DigestKind::Acknowledgements, DigestKind::Staff, DigestKind::Late];

    pub fn as_str(self) -> &'static str {
        match self {
            DigestKind::Acknowledgements => "acknowledgements",
            DigestKind::Staff => "staff",
            DigestKind::Late => "late",
        }
    }
}

/// Puts a case on the list for an address; a list that does not exist yet is due at `due`.
pub fn add(tx: &Connection, email: &str, kind: DigestKind, case: CaseId, due: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO digests (email, kind, due) VALUES (?1, ?2, ?3) ON CONFLICT (email, kind) DO NOTHING",
    )?
    .execute(params![email, kind.as_str(), millis(due)])?;
    tx.prepare_cached(
        "INSERT INTO digest_cases (email, kind, case_id) VALUES (?1, ?2, ?3)
         ON CONFLICT (email, kind, case_id) DO NOTHING",
    )?
    .execute(params![email, kind.as_str(), case.0])?;
    Ok(())
}

/// A list that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDigest {
    pub email: String,
    pub kind: DigestKind,
    pub due: DateTime<Utc>,
}

pub fn due(db: &Connection, now: DateTime<Utc>) -> Result<Vec<DueDigest>, StoreError> {
    db.prepare_cached("SELECT email, kind, due FROM digests WHERE due <= ?1 ORDER BY due, email")?
        .query_and_then([millis(now)], |row| {
            let word: String = row.get(1)?;
            let kind = DigestKind::ALL.into_iter().find(|k| k.as_str() == word).ok_or(StoreError::Unreadable(word))?;
            Ok(DueDigest { email: row.get(0)?, kind, due: super::time(row.get(2)?) })
        })?
        .collect()
}

/// Takes a due list out of the store; empty when another writer has taken it.
pub fn take(tx: &Connection, digest: &DueDigest) -> Result<Vec<CaseId>, StoreError> {
    let key = params![digest.email, digest.kind.as_str()];
    let cases = tx
        .prepare_cached("SELECT case_id FROM digest_cases WHERE email = ?1 AND kind = ?2 ORDER BY case_id")?
        .query_map(key, |row| Ok(CaseId(row.get(0)?)))?
        .collect::<Result<_, _>>()?;
    tx.prepare_cached("DELETE FROM digest_cases WHERE email = ?1 AND kind = ?2")?.execute(key)?;
    tx.prepare_cached("DELETE FROM digests WHERE email = ?1 AND kind = ?2")?.execute(key)?;
    Ok(cases)
}

pub fn next_due(db: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    Ok(db
        .prepare_cached("SELECT MIN(due) FROM digests")?
        .query_row([], |row| row.get::<_, Option<i64>>(0))?
        .map(super::time))
}
