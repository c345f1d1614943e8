//! Who of the staff is given cases: whose turn it is, and who has how many.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::{StoreError, next_id};
use crate::desk::assignment::Loads;

/// What is known of all of the staff.
pub fn loads(db: &Connection) -> Result<Loads, StoreError> {
    let turns = db
        .prepare_cached("SELECT email, turn FROM turns")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<BTreeMap<String, i64>, _>>()?;
    let open = db
        .prepare_cached(
            "SELECT assignee, COUNT(*)
             FROM cases
             WHERE closed_at IS NULL AND assignee IS NOT NULL AND status <> 'resolved'
             GROUP BY assignee",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<BTreeMap<String, i64>, _>>()?;
    Ok(Loads { turns, open })
}

/// Somebody got a case: now it is the turn of all others first.
pub fn taken(tx: &Connection, email: &str) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO turns (email, turn) VALUES (?1, ?2)
         ON CONFLICT (email) DO UPDATE SET turn = excluded.turn",
    )?
    .execute(params![email, next_id(tx, "turn")?])?;
    Ok(())
}
