//! One thing said to many: a short transaction says what and to whom, and the queue of readers becomes notices later, a
//! few at a time.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};
use serde_json::{Map, Value};

use super::{StoreError, known, millis, next_id, time};
use crate::{
    desk::{case::CaseId, notice::NoticeKind, topic::Topic},
    mail::address::Address,
};

/// What is to be said to many. `cause` is unique for ever: the same cause never says it twice.
#[derive(Debug)]
pub struct NewBroadcast<'a> {
    pub topic: Topic,
    pub kind: NoticeKind,
    pub cause: &'a str,
    pub decided_at: DateTime<Utc>,
    /// what all of them are told
    pub data: &'a Map<String, Value>,
}

#[derive(Debug, Clone)]
pub struct Broadcast {
    pub id: i64,
    pub topic: Topic,
    pub kind: NoticeKind,
    pub cause: String,
    pub decided_at: DateTime<Utc>,
    pub data: Map<String, Value>,
}

/// Somebody who is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    pub address: Address,
    pub organisation: Option<i64>,
    /// in whose thread they are told
    pub case: Option<CaseId>,
    /// why they are told, if only for that
    pub subscription: Option<i64>,
}

/// Queues what is to be said. Of several readers with one address the first counts: nobody gets it twice. Gives its
/// number; none when this cause has said it already.
pub fn add(
    tx: &Connection,
    broadcast: &NewBroadcast<'_>,
    readers: impl IntoIterator<Item = Reader>,
) -> Result<Option<i64>, StoreError> {
    let id = next_id(tx, "broadcast")?;
    let data = serde_json::to_string(broadcast.data).map_err(|e| StoreError::Unreadable(e.to_string()))?;
    let added = tx
        .prepare_cached(
            "INSERT INTO broadcasts (id, topic, kind, cause, decided_at, data, waiting)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)
             ON CONFLICT (cause) DO NOTHING",
        )?
        .execute(params![
            id,
            broadcast.topic.to_string(),
            broadcast.kind.as_str(),
            broadcast.cause,
            millis(broadcast.decided_at),
            data,
        ])?;
    if added == 0 {
        return Ok(None);
    }
    let mut insert = tx.prepare_cached(
        "INSERT INTO broadcast_readers (broadcast, email, name, organisation, case_id, subscription)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (broadcast, email) DO NOTHING",
    )?;
    for reader in readers {
        insert.execute(params![
            id,
            reader.address.email,
            reader.address.name,
            reader.organisation,
            reader.case.map(|case| case.0),
            reader.subscription,
        ])?;
    }
    Ok(Some(id))
}

/// What has readers who are still to be told: what is urgent first, then the oldest.
pub fn next(db: &Connection) -> Result<Option<Broadcast>, StoreError> {
    // There are never many: each is done within seconds.
    let mut waiting = db
        .prepare_cached(
            "SELECT id, topic, kind, cause, decided_at, data
             FROM broadcasts
             WHERE waiting = 1
             ORDER BY id",
        )?
        .query_and_then([], broadcast)?
        .collect::<Result<Vec<_>, StoreError>>()?;
    waiting.sort_by_key(|broadcast| broadcast.kind.lane());
    Ok(waiting.into_iter().next())
}

fn broadcast(row: &Row<'_>) -> Result<Broadcast, StoreError> {
    let kind: String = row.get("kind")?;
    Ok(Broadcast {
        id: row.get("id")?,
        topic: known(&row.get::<_, String>("topic")?)?,
        kind: NoticeKind::parse(&kind).ok_or(StoreError::Unreadable(kind))?,
        cause: row.get("cause")?,
        decided_at: time(row.get("decided_at")?),
        data: serde_json::from_str(&row.get::<_, String>("data")?)
            .map_err(|e| StoreError::Unreadable(e.to_string()))?,
    })
}

/// The next who are to be told, by their addresses.
pub fn readers(db: &Connection, broadcast: i64, at_most: u32) -> Result<Vec<Reader>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT email, name, organisation, case_id, subscription
             FROM broadcast_readers
             WHERE broadcast = ?1
             ORDER BY email
             LIMIT ?2",
        )?
        .query_map(params![broadcast, at_most], |row| {
            Ok(Reader {
                address: Address { email: row.get(0)?, name: row.get(1)? },
                organisation: row.get(2)?,
                case: row.get::<_, Option<i64>>(3)?.map(CaseId),
                subscription: row.get(4)?,
            })
        })?
        .collect::<Result<_, _>>()?)
}

/// A reader's notice is made, or there is none to make.
pub fn told(tx: &Connection, broadcast: i64, email: &str) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM broadcast_readers WHERE broadcast = ?1 AND email = ?2")?
        .execute(params![broadcast, email])?;
    Ok(())
}

/// Nobody is left to be told.
pub fn done(tx: &Connection, broadcast: i64) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE broadcasts SET waiting = 0 WHERE id = ?1")?.execute([broadcast])?;
    Ok(())
}

/// How many are still to be told, of all that is being said.
pub fn waiting(db: &Connection) -> Result<u64, StoreError> {
    let number: i64 = db.prepare_cached("SELECT COUNT(*) FROM broadcast_readers")?.query_row([], |row| row.get(0))?;
    Ok(u64::try_from(number).unwrap_or_default())
}

/// When there is something to be said: at once.
pub fn next_due(db: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    let due: Option<i64> = db
        .prepare_cached("SELECT MIN(decided_at) FROM broadcasts WHERE waiting = 1")?
        .query_row([], |row| row.get(0))?;
    Ok(due.map(time))
}
