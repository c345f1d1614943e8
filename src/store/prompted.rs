//! Mails that came right after a mail of the desk to their sender: by these a robot that answers robots is known.

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, millis, time};
use crate::{desk::loops::Prompted, mail::looks::Looks};

/// A mail that went to an address and that no mail from there has answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unanswered {
    pub notice: i64,
    pub decided_at: DateTime<Utc>,
    /// nothing has come from there since the last mail to it
    pub is_last: bool,
}

/// The last unanswered mail to an address between two instants.
pub fn unanswered(
    db: &Connection,
    email: &str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Option<Unanswered>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT deliveries.notice, deliveries.created_at,
                    NOT EXISTS (SELECT 1 FROM prompted
                                WHERE prompted.email = ?1 AND prompted.decided_at >= deliveries.created_at)
             FROM deliveries
             LEFT JOIN prompted ON prompted.notice = deliveries.notice AND prompted.email = deliveries.recipient
             WHERE deliveries.recipient = ?1 AND deliveries.created_at > ?2 AND deliveries.created_at <= ?3
               AND deliveries.state IN ('accepted', 'failed') AND prompted.mail IS NULL
             ORDER BY deliveries.created_at DESC, deliveries.notice DESC
             LIMIT 1",
        )?
        .query_row(params![email, millis(from), millis(to)], |row| {
            Ok(Unanswered { notice: row.get(0)?, decided_at: time(row.get(1)?), is_last: row.get(2)? })
        })
        .optional()?)
}

/// The mails of an address that came after ours since then, the newest first, at most fifty.
pub fn since(db: &Connection, email: &str, since: DateTime<Utc>) -> Result<Vec<Prompted>, StoreError> {
    db.prepare_cached(
        "SELECT notice, decided_at, received_at, after_seconds, first, same, alike, subject, cites_us
         FROM prompted
         WHERE email = ?1 AND received_at > ?2
         ORDER BY received_at DESC
         LIMIT 50",
    )?
    .query_and_then(params![email, millis(since)], |row: &Row<'_>| {
        Ok(Prompted {
            notice: row.get(0)?,
            decided_at: time(row.get(1)?),
            received_at: time(row.get(2)?),
            after: Duration::seconds(row.get(3)?),
            first: row.get(4)?,
            looks: Looks { same: row.get(5)?, alike: row.get(6)?, subject: row.get(7)?, cites_us: row.get(8)? },
        })
    })?
    .collect()
}

pub fn add(tx: &Connection, mail: i64, email: &str, prompted: &Prompted) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO prompted (mail, email, notice, decided_at, received_at, after_seconds, first, same, alike, subject,
                               cites_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        mail,
        email,
        prompted.notice,
        millis(prompted.decided_at),
        millis(prompted.received_at),
        prompted.after.num_seconds(),
        prompted.first,
        prompted.looks.same,
        prompted.looks.alike,
        prompted.looks.subject,
        prompted.looks.cites_us
    ])?;
    Ok(())
}
