//! Mails that came right after a mail of the desk to their sender: by these a robot that answers robots is known.

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, millis, time};
use crate::{desk::loops::Prompted, mail::looks::Looks};

/// The last mail to an address before an instant, unless a mail has answered it already: its notice, and when it
/// was decided.
pub fn last_mail_to(
    db: &Connection,
    email: &str,
    before: DateTime<Utc>,
) -> Result<Option<(i64, DateTime<Utc>)>, StoreError> {
    let last = db
        .prepare_cached(
            "SELECT deliveries.notice, deliveries.created_at, prompted.mail IS NOT NULL
             FROM deliveries
             LEFT JOIN prompted ON prompted.notice = deliveries.notice AND prompted.email = deliveries.recipient
             WHERE deliveries.recipient = ?1 AND deliveries.created_at <= ?2
               AND deliveries.state IN ('accepted', 'failed')
             ORDER BY deliveries.created_at DESC, deliveries.notice DESC
             LIMIT 1",
        )?
        .query_row(params![email, millis(before)], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?))
        })
        .optional()?;
    Ok(last.filter(|(_, _, answered)| !answered).map(|(notice, at, _)| (notice, time(at))))
}

/// The mails of an address that came after ours since then, the newest first, at most fifty.
pub fn since(db: &Connection, email: &str, since: DateTime<Utc>) -> Result<Vec<Prompted>, StoreError> {
    db.prepare_cached(
        "SELECT notice, received_at, after_seconds, same, alike, subject, cites_us
         FROM prompted
         WHERE email = ?1 AND received_at > ?2
         ORDER BY received_at DESC
         LIMIT 50",
    )?
    .query_and_then(params![email, millis(since)], |row: &Row<'_>| {
        Ok(Prompted {
            notice: row.get(0)?,
            received_at: time(row.get(1)?),
            after: Duration::seconds(row.get(2)?),
            looks: Looks { same: row.get(3)?, alike: row.get(4)?, subject: row.get(5)?, cites_us: row.get(6)? },
        })
    })?
    .collect()
}

pub fn add(tx: &Connection, mail: i64, email: &str, prompted: &Prompted) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO prompted (mail, email, notice, received_at, after_seconds, same, alike, subject, cites_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        mail,
        email,
        prompted.notice,
        millis(prompted.received_at),
        prompted.after.num_seconds(),
        prompted.looks.same,
        prompted.looks.alike,
        prompted.looks.subject,
        prompted.looks.cites_us
    ])?;
    Ok(())
}
