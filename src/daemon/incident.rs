//! Major network incidents: who is told what of them.
use rusqlite::Connection;
use serde_json::{Map, Value};

use super::office::Office;
use crate::store::{
    StoreError,
    broadcasts::{Broadcast, Reader},
};

/// What this reader is told beside what all are told; none: nothing any more.
pub fn told(
    _tx: &Connection,
    _office: &Office,
    _id: crate::desk::case::CaseId,
    _broadcast: &Broadcast,
    _reader: &Reader,
) -> Result<Option<Map<String, Value>>, StoreError> {
    Ok(Some(Map::new()))
}
