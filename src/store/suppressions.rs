//! Addresses that get no automatic mail: one list for every kind of it, looked up when a delivery is claimed. What staff
//! write still goes out.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, millis, subscriptions, time};

/// Why an address gets no automatic mail. Each is lifted by something else, so an address has a row for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// a mail came back for good; a person's mail from the address lifts it
    Bounce,
    /// somebody complained at their provider
    Complaint,
    /// a robot answers automatic mail; ends by itself
    Loop,
    /// staff marked a case as spam
    Spam,
    /// staff said so
    Staff,
}

impl Cause {
    const ALL: [Cause; 5] = [Cause::Bounce, Cause::Complaint, Cause::Loop, Cause::Spam, Cause::Staff];

    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Bounce => "bounce",
            Cause::Complaint => "complaint",
            Cause::Loop => "loop",
            Cause::Spam => "spam",
            Cause::Staff => "staff",
        }
    }
}

impl FromStr for Cause {
    type Err = ();

    fn from_str(word: &str) -> Result<Cause, ()> {
        Cause::ALL.into_iter().find(|cause| cause.as_str() == word).ok_or(())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    pub email: String,
    pub cause: Cause,
    /// what happened, for people
    pub reason: String,
    /// who of the staff, or the desk itself
    pub actor: String,
    pub at: DateTime<Utc>,
    /// none: until somebody lifts it
    pub until: Option<DateTime<Utc>>,
}

/// Suppresses an address. The same cause counts anew only when it was over, or lasts longer now. Says whether that is new.
pub fn add(tx: &Connection, new: &Suppression) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "INSERT INTO suppressions (email, cause, reason, actor, at, until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (email, cause) DO UPDATE
             SET reason = excluded.reason, actor = excluded.actor, at = excluded.at, until = excluded.until
             WHERE suppressions.until IS NOT NULL AND suppressions.until <= excluded.at",
        )?
        .execute(params![
            new.email,
            new.cause.as_str(),
            new.reason,
            new.actor,
            millis(new.at),
            new.until.map(millis)
        ])?;
    // Whoever has gone or does not want our mail gets none when the suppression is lifted, either.
    if matches!(new.cause, Cause::Bounce | Cause::Complaint) {
        subscriptions::end_all(tx, &new.email, new.cause.as_str(), new.at)?;
    }
    Ok(changed > 0)
}

/// Why an address gets no automatic mail now; none when it does.
pub fn of(db: &Connection, email: &str, now: DateTime<Utc>) -> Result<Option<Suppression>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM suppressions
         WHERE email = ?1 AND (until IS NULL OR until > ?2)
         ORDER BY until IS NOT NULL, cause
         LIMIT 1"
    );
    db.prepare_cached(&sql)?.query_row(params![email, millis(now)], |row| Ok(read(row))).optional()?.transpose()
}

/// Lifts a cause of an address. Says what was lifted.
pub fn lift(tx: &Connection, email: &str, cause: Cause, now: DateTime<Utc>) -> Result<Option<Suppression>, StoreError> {
    let sql = format!("DELETE FROM suppressions WHERE email = ?1 AND cause = ?2 RETURNING {COLUMNS}");
    let lifted = tx
        .prepare_cached(&sql)?
        .query_row(params![email, cause.as_str()], |row| Ok(read(row)))
        .optional()?
        .transpose()?;
    Ok(lifted.filter(|s| s.until.is_none_or(|until| until > now)))
}

/// Lifts whatever an address is suppressed for. Says what that was.
pub fn lift_all(tx: &Connection, email: &str, now: DateTime<Utc>) -> Result<Vec<Suppression>, StoreError> {
    let mut lifted = Vec::new();
    for cause in Cause::ALL {
        lifted.extend(lift(tx, email, cause, now)?);
    }
    Ok(lifted)
}

/// What holds now, by address.
pub fn list(db: &Connection, now: DateTime<Utc>) -> Result<Vec<Suppression>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM suppressions WHERE until IS NULL OR until > ?1 ORDER BY email, cause");
    db.prepare_cached(&sql)?.query_and_then([millis(now)], read)?.collect()
}

/// Of those that are suppressed now, who has been sent mail as one of the staff.
pub fn silent_staff(db: &Connection, now: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT DISTINCT suppressions.email
             FROM suppressions
             JOIN deliveries ON deliveries.recipient = suppressions.email
             JOIN notices ON notices.id = deliveries.notice
             WHERE (until IS NULL OR until > ?1) AND notices.kind LIKE 'staff-%'
             ORDER BY suppressions.email",
        )?
        .query_map([millis(now)], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

const COLUMNS: &str = "email, cause, reason, actor, at, until";

fn read(row: &Row<'_>) -> Result<Suppression, StoreError> {
    Ok(Suppression {
        email: row.get("email")?,
        cause: super::known(&row.get::<_, String>("cause")?)?,
        reason: row.get("reason")?,
        actor: row.get("actor")?,
        at: time(row.get("at")?),
        until: row.get::<_, Option<i64>>("until")?.map(time),
    })
}
