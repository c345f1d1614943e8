//! What the desk has asked people to confirm by a reply, and the mail that waits for it.
//!
//! The notice that asked carries a signed id; only a reply that cites it finds its row here.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, millis, time};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// is it you who writes to us?
    Sender,
    /// shall this contact's address be another one?
    Address { contact: i64, new_email: String },
}

impl Purpose {
    fn word(&self) -> &'static str {
        match self {
            Purpose::Sender => SENDER,
            Purpose::Address { .. } => ADDRESS,
        }
    }
}

const SENDER: &str = "sender";
const ADDRESS: &str = "address";

/// A question that was not answered yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub notice: i64,
    pub purpose: Purpose,
    /// whom the desk asked
    pub email: String,
    pub asked_at: DateTime<Utc>,
}

pub fn ask(tx: &Connection, notice: i64, email: &str, purpose: &Purpose, now: DateTime<Utc>) -> Result<(), StoreError> {
    let (contact, new_email) = match purpose {
        Purpose::Sender => (None, None),
        Purpose::Address { contact, new_email } => (Some(contact), Some(new_email)),
    };
    tx.prepare_cached(
        "INSERT INTO confirmations (notice, purpose, email, contact, new_email, asked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![notice, purpose.word(), email, contact, new_email, millis(now)])?;
    Ok(())
}

/// The open question that a notice asked.
pub fn open(db: &Connection, notice: i64) -> Result<Option<Asked>, StoreError> {
    db.prepare_cached(
        "SELECT purpose, email, contact, new_email, asked_at
         FROM confirmations
         WHERE notice = ?1 AND confirmed_at IS NULL",
    )?
    .query_row([notice], |row| {
        let word: String = row.get(0)?;
        let purpose = match (word.as_str(), row.get(2)?, row.get(3)?) {
            (ADDRESS, Some(contact), Some(new_email)) => Purpose::Address { contact, new_email },
            _ => Purpose::Sender,
        };
        Ok(Asked { notice, purpose, email: row.get(1)?, asked_at: time(row.get(4)?) })
    })
    .optional()
    .map_err(StoreError::from)
}

pub fn confirm(tx: &Connection, notice: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE confirmations SET confirmed_at = ?2 WHERE notice = ?1")?
        .execute(params![notice, millis(now)])?;
    Ok(())
}

/// A contact's other open questions about their address: they were asked for another one, or too late.
pub fn withdraw_addresses(tx: &Connection, contact: i64) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM confirmations WHERE purpose = 'address' AND contact = ?1 AND confirmed_at IS NULL",
        [contact],
    )?;
    Ok(())
}

/// Has this address ever confirmed that it writes to us?
pub fn is_confirmed(db: &Connection, email: &str) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT 1 FROM confirmations WHERE purpose = 'sender' AND email = ?1 AND confirmed_at IS NOT NULL",
        )?
        .exists([email])?)
}

/// Was this address asked since then?
pub fn was_asked(db: &Connection, email: &str, since: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT 1 FROM confirmations WHERE purpose = 'sender' AND email = ?1 AND asked_at > ?2")?
        .exists(params![email, millis(since)])?)
}

/// How many addresses were asked since then.
pub fn asked_since(db: &Connection, since: DateTime<Utc>) -> Result<u32, StoreError> {
    Ok(db
        .prepare_cached("SELECT COUNT(*) FROM confirmations WHERE purpose = 'sender' AND asked_at > ?1")?
        .query_row([millis(since)], |row| row.get(0))?)
}

/// Has a mail wait for its sender's confirmation.
pub fn wait(tx: &Connection, mail: i64, email: &str) -> Result<(), StoreError> {
    tx.prepare_cached("INSERT INTO waiting_mails (mail, email) VALUES (?1, ?2)")?.execute(params![mail, email])?;
    Ok(())
}

/// A mail does not wait any more.
pub fn wait_no_more(tx: &Connection, mail: i64) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM waiting_mails WHERE mail = ?1")?.execute([mail])?;
    Ok(())
}

/// Takes out the mails of an address that wait, the oldest first.
pub fn take_waiting(tx: &Connection, email: &str) -> Result<Vec<i64>, StoreError> {
    let all = tx
        .prepare_cached("SELECT mail FROM waiting_mails WHERE email = ?1 ORDER BY mail")?
        .query_map([email], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    tx.prepare_cached("DELETE FROM waiting_mails WHERE email = ?1")?.execute([email])?;
    Ok(all)
}
