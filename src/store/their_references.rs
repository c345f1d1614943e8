//! The numbers that customers' own ticket systems gave to our cases.

use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, cases};
use crate::desk::{
    case::{Case, CaseId},
    directory::key,
};

/// Notes that an organisation calls this case so. The first of a case is the one that is shown.
pub fn add(tx: &Connection, organisation: i64, reference: &str, case: CaseId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO their_references (organisation, reference_key, case_id, reference) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (organisation, reference_key, case_id) DO NOTHING",
    )?
    .execute(params![organisation, key(reference), case.0, reference])?;
    Ok(())
}

/// What the customer calls a case.
pub fn of_case(db: &Connection, case: CaseId) -> Result<Option<String>, StoreError> {
    Ok(db
        .prepare_cached("SELECT reference FROM their_references WHERE case_id = ?1 ORDER BY reference_key LIMIT 1")?
        .query_row([case.0], |row| row.get(0))
        .optional()?)
}

/// The newest case that an organisation calls so.
pub fn case_of(db: &Connection, organisation: i64, reference: &str) -> Result<Option<Case>, StoreError> {
    let newest: Option<i64> = db
        .prepare_cached("SELECT MAX(case_id) FROM their_references WHERE organisation = ?1 AND reference_key = ?2")?
        .query_row(params![organisation, key(reference)], |row| row.get(0))?;
    newest.map(|id| cases::by_id(db, CaseId(id))).transpose()
}
