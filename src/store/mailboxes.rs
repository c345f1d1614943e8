//! How far each mailbox is read, and which mails were ever taken from it.

use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;

/// Everything below `next_uid` of this epoch (UIDVALIDITY) is committed, held in quarantine, or shown absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub epoch: u32,
    pub next_uid: u32,
}

pub fn position(db: &Connection, mailbox: &str) -> Result<Option<Position>, StoreError> {
    Ok(db
        .prepare_cached("SELECT epoch, next_uid FROM mailboxes WHERE name = ?1")?
        .query_row([mailbox], |row| Ok(Position { epoch: row.get(0)?, next_uid: row.get(1)? }))
        .optional()?)
}

pub fn set_position(tx: &Connection, mailbox: &str, position: Position) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO mailboxes (name, epoch, next_uid) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, next_uid = excluded.next_uid",
    )?
    .execute(params![mailbox, position.epoch, position.next_uid])?;
    Ok(())
}

/// A mailbox's position before and after one mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub from: Position,
    pub to: Position,
}

/// Moves the position over one mail. Refused when it does not stand right before this mail: then one before it is not
/// stored (its transaction failed, on a full disk say), and must not be passed.
pub fn advance(tx: &Connection, mailbox: &str, step: Step) -> Result<(), StoreError> {
    let moved = tx
        .prepare_cached("UPDATE mailboxes SET next_uid = ?2 WHERE name = ?1 AND epoch = ?3 AND next_uid = ?4")?
        .execute(params![mailbox, step.to.next_uid, step.from.epoch, step.from.next_uid])?;
    if moved == 1 { Ok(()) } else { Err(StoreError::Gap) }
}

/// The place of a mail in its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub mailbox: String,
    pub epoch: u32,
    pub key: String,
}

/// The mail that was kept from this place.
pub fn mail_at(db: &Connection, place: &Place) -> Result<Option<i64>, StoreError> {
    let mail = db
        .prepare_cached("SELECT mail FROM arrivals WHERE mailbox = ?1 AND epoch = ?2 AND key = ?3")?
        .query_row(params![place.mailbox, place.epoch, place.key], |row| row.get(0))
        .optional()?;
    Ok(mail.flatten())
}

pub fn has_arrived(db: &Connection, place: &Place) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM arrivals WHERE mailbox = ?1 AND epoch = ?2 AND key = ?3")?.exists(params![
        place.mailbox,
        place.epoch,
        place.key
    ])?)
}

/// What is to be done with a mail in its mailbox once it is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// what the mailbox's `after` says
    AsConfigured,
    /// only marked as seen: it is not whole here, so it stays there
    KeepThere,
}

impl Finish {
    fn as_str(self) -> &'static str {
        match self {
            Finish::AsConfigured => "as-configured",
            Finish::KeepThere => "keep-there",
        }
    }
}

/// Remembers that this place was dealt with; `mail` is none while it is held in quarantine.
pub fn arrived(tx: &Connection, place: &Place, mail: Option<i64>, finish: Finish) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO arrivals (mailbox, epoch, key, mail, finish) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (mailbox, epoch, key) DO UPDATE SET mail = excluded.mail",
    )?
    .execute(params![place.mailbox, place.epoch, place.key, mail, finish.as_str()])?;
    Ok(())
}

/// Mails that are committed, but not yet marked, moved or deleted in their mailbox.
pub fn unfinished(db: &Connection, mailbox: &str, epoch: u32) -> Result<Vec<(String, Finish)>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT key, finish FROM arrivals WHERE mailbox = ?1 AND epoch = ?2 AND finish IS NOT NULL LIMIT 5000",
        )?
        .query_map(params![mailbox, epoch], |row| {
            let word: String = row.get(1)?;
            let keep = word == Finish::KeepThere.as_str();
            Ok((row.get(0)?, if keep { Finish::KeepThere } else { Finish::AsConfigured }))
        })?
        .collect::<Result<_, _>>()?)
}

pub fn finished(tx: &Connection, mailbox: &str, epoch: u32, keys: &[String]) -> Result<(), StoreError> {
    let mut update = tx.prepare_cached(
        "UPDATE arrivals SET finish = NULL WHERE mailbox = ?1 AND epoch = ?2 AND key = ?3 AND finish IS NOT NULL",
    )?;
    for key in keys {
        update.execute(params![mailbox, epoch, key])?;
    }
    Ok(())
}

/// Has a place looked at as if it were new: for a mail that was held and is tried again.
pub fn forget(tx: &Connection, place: &Place) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM arrivals WHERE mailbox = ?1 AND epoch = ?2 AND key = ?3 AND mail IS NULL")?
        .execute(params![place.mailbox, place.epoch, place.key])?;
    Ok(())
}
