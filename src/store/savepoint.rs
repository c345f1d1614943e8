//! A part of a transaction that can be taken back without the rest of it.

use rusqlite::Connection;

use super::StoreError;

/// Runs `work`: with an error, nothing of what it wrote stays.
pub fn attempt<T, E: From<StoreError>>(
    tx: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    tx.execute_batch("SAVEPOINT attempt").map_err(StoreError::from)?;
    let tried = work(tx);
    let end = if tried.is_ok() { "RELEASE attempt" } else { "ROLLBACK TO attempt; RELEASE attempt" };
    tx.execute_batch(end).map_err(StoreError::from)?;
    tried
}
