use super::office::Office;
use crate::store::{StoreError, clocks::DueClock};
use chrono::{DateTime, Utc};
use rusqlite::Connection;
pub(super) fn clock_ran(_: &Connection, _: &Office, _: &DueClock, _: &str, _: DateTime<Utc>) -> Result<(), StoreError> {
    Ok(())
}
