//! How each mailbox fares, as the daemon last saw it: for whoever asks from another process.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};

use super::{StoreError, millis, time};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub name: String,
    /// none while there is no connection
    pub connected_since: Option<DateTime<Utc>>,
    /// when it was last read to its end
    pub looked_at: Option<DateTime<Utc>>,
    /// when its server had the newest mail that was taken in
    pub last_mail_at: Option<DateTime<Utc>>,
    /// mails that were there and not yet taken in
    pub behind: u64,
}

impl Health {
    /// Of a mailbox that no daemon has looked at.
    pub fn unknown(name: &str) -> Health {
        Health { name: name.to_owned(), connected_since: None, looked_at: None, last_mail_at: None, behind: 0 }
    }
}

fn health(row: &Row<'_>) -> Result<Health, rusqlite::Error> {
    let at = |column: &str| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(time));
    Ok(Health {
        name: row.get("name")?,
        connected_since: at("connected_since")?,
        looked_at: at("looked_at")?,
        last_mail_at: at("last_mail_at")?,
        behind: u64::try_from(row.get::<_, i64>("behind")?).unwrap_or(0),
    })
}

pub fn all(db: &Connection) -> Result<Vec<Health>, StoreError> {
    Ok(db
        .prepare("SELECT name, connected_since, looked_at, last_mail_at, behind FROM mailbox_health ORDER BY name")?
        .query_map([], health)?
        .collect::<Result<_, _>>()?)
}

/// A connection stands (since then), or there is none.
pub fn connection(tx: &Connection, name: &str, since: Option<DateTime<Utc>>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO mailbox_health (name, connected_since, behind) VALUES (?1, ?2, 0)
         ON CONFLICT (name) DO UPDATE SET connected_since = excluded.connected_since",
    )?
    .execute(params![name, since.map(millis)])?;
    Ok(())
}

/// No mailbox is connected: the daemon begins.
pub fn no_connections(tx: &Connection) -> Result<(), StoreError> {
    tx.execute("UPDATE mailbox_health SET connected_since = NULL", [])?;
    Ok(())
}

/// What a look came to: how many mails are still to be taken in, and whether that was all of it.
pub fn looked(
    tx: &Connection,
    name: &str,
    behind: u64,
    last_mail_at: Option<DateTime<Utc>>,
    to_the_end: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO mailbox_health (name, behind, last_mail_at, looked_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO UPDATE SET
             behind = excluded.behind,
             last_mail_at = COALESCE(excluded.last_mail_at, last_mail_at),
             looked_at = COALESCE(excluded.looked_at, looked_at)",
    )?
    .execute(params![
        name,
        i64::try_from(behind).unwrap_or(i64::MAX),
        last_mail_at.map(millis),
        to_the_end.map(millis)
    ])?;
    Ok(())
}
