//! Incoming mails: what was found out about each, and its raw bytes, compressed, as they came.

use std::cell::RefCell;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::{StoreError, millis, next_id, time};
use crate::{
    desk::case::CaseId,
    mail::{address::Address, fingerprint::Fingerprint, thread::Evidence},
};

/// What became of a mail; one word in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    Opened,
    Appended,
    Recorded,
    /// a second delivery that differs in its footers: kept beside the first
    Variant,
    Stray,
    Own,
}

impl Disposition {
    pub fn as_str(self) -> &'static str {
        match self {
            Disposition::Opened => "opened",
            Disposition::Appended => "appended",
            Disposition::Recorded => "recorded",
            Disposition::Variant => "variant",
            Disposition::Stray => "stray",
            Disposition::Own => "own",
        }
    }
}

/// A mail as it is to be kept.
#[derive(Debug)]
pub struct NewMail<'a> {
    pub case: Option<CaseId>,
    pub kind: &'a str,
    pub disposition: Disposition,
    pub message_id: Option<&'a str>,
    pub fingerprint: &'a Fingerprint,
    pub mailbox: &'a str,
    pub received_at: DateTime<Utc>,
    pub read_at: DateTime<Utc>,
    pub sender: &'a Address,
    pub standing: Option<&'a str>,
    pub subject: &'a str,
    pub size_bytes: u64,
    pub truncated: bool,
    pub verified: bool,
    pub why: &'a [String],
    pub evidence: &'a [Evidence],
    pub raw_zstd: &'a [u8],
}

/// The id under which [`add`] will keep the next mail.
pub fn allocate(tx: &Connection) -> Result<i64, StoreError> {
    next_id(tx, "mail")
}

pub fn add(tx: &Connection, id: i64, mail: &NewMail<'_>) -> Result<(), StoreError> {
    let json = |value: serde_json::Result<String>| value.map_err(|e| StoreError::Unreadable(e.to_string()));
    tx.prepare_cached(
        "INSERT INTO mails (id, case_id, kind, disposition, message_id, identity, content, mailbox, received_at,
                            read_at, sender, sender_name, standing, subject, size_bytes, truncated, verified, why,
                            evidence, raw_zstd)
         VALUES (:id, :case_id, :kind, :disposition, :message_id, :identity, :content, :mailbox, :received_at,
                 :read_at, :sender, :sender_name, :standing, :subject, :size_bytes, :truncated, :verified, :why,
                 :evidence, :raw_zstd)",
    )?
    .execute(named_params! {
        ":id": id,
        ":case_id": mail.case.map(|c| c.0),
        ":kind": mail.kind,
        ":disposition": mail.disposition.as_str(),
        ":message_id": mail.message_id,
        ":identity": mail.fingerprint.identity.as_ref().map(|h| &h[..]),
        ":content": &mail.fingerprint.content[..],
        ":mailbox": mail.mailbox,
        ":received_at": millis(mail.received_at),
        ":read_at": millis(mail.read_at),
        ":sender": mail.sender.email,
        ":sender_name": mail.sender.name,
        ":standing": mail.standing,
        ":subject": mail.subject,
        ":size_bytes": i64::try_from(mail.size_bytes).unwrap_or(i64::MAX),
        ":truncated": mail.truncated,
        ":verified": mail.verified,
        ":why": json(serde_json::to_string(mail.why))?,
        ":evidence": json(serde_json::to_string(mail.evidence))?,
        ":raw_zstd": mail.raw_zstd,
    })?;
    Ok(())
}

pub fn is_stray(db: &Connection, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM mails WHERE id = ?1 AND disposition = 'stray' AND case_id IS NULL";
    Ok(db.prepare_cached(sql)?.exists([id])?)
}

/// A kept mail has opened a case after all.
pub fn opened(tx: &Connection, id: i64, case: CaseId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE mails SET case_id = ?2, disposition = ?3 WHERE id = ?1")?.execute(params![
        id,
        case.0,
        Disposition::Opened.as_str()
    ])?;
    Ok(())
}

/// When the mail server had a kept mail, its size, and whether only its beginning is here.
pub fn circumstances(db: &Connection, id: i64) -> Result<(DateTime<Utc>, u64, bool), StoreError> {
    let sql = "SELECT received_at, size_bytes, truncated FROM mails WHERE id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| {
        let size: i64 = row.get(1)?;
        Ok((time(row.get(0)?), u64::try_from(size).unwrap_or(0), row.get(2)?))
    })?)
}

/// What the store already has of a mail that comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// the same mail, by another way or once more
    Copy { mail: i64 },
    /// the same Message-ID, sender and date with other content
    Variant { of: i64, case: Option<CaseId> },
}

pub fn known(db: &Connection, fingerprint: &Fingerprint) -> Result<Option<Known>, StoreError> {
    let copy = db
        .prepare_cached("SELECT id FROM mails WHERE content = ?1 ORDER BY id LIMIT 1")?
        .query_row([&fingerprint.content[..]], |row| row.get(0))
        .optional()?;
    if let Some(mail) = copy {
        return Ok(Some(Known::Copy { mail }));
    }
    let Some(identity) = &fingerprint.identity else { return Ok(None) };
    Ok(db
        .prepare_cached("SELECT id, case_id FROM mails WHERE identity = ?1 ORDER BY id LIMIT 1")?
        .query_row([&identity[..]], |row| {
            Ok(Known::Variant { of: row.get(0)?, case: row.get::<_, Option<i64>>(1)?.map(CaseId) })
        })
        .optional()?)
}

/// A kept mail without its bytes.
#[derive(Debug, Clone)]
pub struct StoredMail {
    pub id: i64,
    pub kind: String,
    pub disposition: String,
    pub message_id: Option<String>,
    pub mailbox: String,
    pub received_at: DateTime<Utc>,
    pub read_at: DateTime<Utc>,
    pub sender: Address,
    pub standing: Option<String>,
    pub subject: String,
    pub size_bytes: u64,
    pub truncated: bool,
    pub verified: bool,
    pub why: Vec<String>,
    pub evidence: Vec<Evidence>,
}

const COLUMNS: &str = "id, kind, disposition, message_id, mailbox, received_at, read_at, sender, sender_name, standing,
    subject, size_bytes, truncated, verified, why, evidence";

fn stored(row: &Row<'_>) -> Result<StoredMail, StoreError> {
    let unreadable = |e: serde_json::Error| StoreError::Unreadable(e.to_string());
    Ok(StoredMail {
        id: row.get("id")?,
        kind: row.get("kind")?,
        disposition: row.get("disposition")?,
        message_id: row.get("message_id")?,
        mailbox: row.get("mailbox")?,
        received_at: time(row.get("received_at")?),
        read_at: time(row.get("read_at")?),
        sender: Address { name: row.get("sender_name")?, email: row.get("sender")? },
        standing: row.get("standing")?,
        subject: row.get("subject")?,
        size_bytes: u64::try_from(row.get::<_, i64>("size_bytes")?).unwrap_or(0),
        truncated: row.get("truncated")?,
        verified: row.get("verified")?,
        why: serde_json::from_str(&row.get::<_, String>("why")?).map_err(unreadable)?,
        evidence: serde_json::from_str(&row.get::<_, String>("evidence")?).map_err(unreadable)?,
    })
}

pub fn of_case(db: &Connection, case: CaseId) -> Result<Vec<StoredMail>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM mails WHERE case_id = ?1 ORDER BY id");
    db.prepare_cached(&sql)?.query_and_then([case.0], stored)?.collect()
}

/// What a sender wrote since then on a case, or what was recorded of it on none, the newest first: each with what was
/// noted beside it.
pub fn of_sender(
    db: &Connection,
    sender: &str,
    case: Option<CaseId>,
    since: DateTime<Utc>,
) -> Result<Vec<(i64, Vec<String>)>, StoreError> {
    let sql = match case {
        Some(_) => "SELECT id, sender, read_at, why FROM mails WHERE case_id = ?1 ORDER BY id DESC",
        None => {
            "SELECT id, sender, read_at, why
             FROM mails
             WHERE disposition = 'recorded' AND case_id IS NULL AND ?1 IS NULL
             ORDER BY id DESC"
        }
    };
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([case.map(|case| case.0)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if time(row.get("read_at")?) < since {
            break;
        }
        if row.get::<_, String>("sender")? == sender {
            let why: String = row.get("why")?;
            let why = serde_json::from_str(&why).map_err(|e| StoreError::Unreadable(e.to_string()))?;
            found.push((row.get("id")?, why));
        }
    }
    Ok(found)
}

/// Mails that belong to no case, the newest first.
pub fn strays(db: &Connection, limit: u32, offset: u32) -> Result<Vec<StoredMail>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM mails WHERE disposition = 'stray' AND case_id IS NULL
         ORDER BY id DESC LIMIT ?1 OFFSET ?2"
    );
    db.prepare_cached(&sql)?.query_and_then(params![limit, offset], stored)?.collect()
}

/// The Message-IDs of people's mails on a case, the oldest first, each with the time it was read.
pub fn message_ids(db: &Connection, case: CaseId) -> Result<Vec<(DateTime<Utc>, String)>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT read_at, message_id
             FROM mails
             WHERE case_id = ?1 AND message_id IS NOT NULL AND disposition IN ('opened', 'appended')
             ORDER BY id",
        )?
        .query_map([case.0], |row| Ok((time(row.get(0)?), row.get(1)?)))?
        .collect::<Result<_, _>>()?)
}

/// The case on which a mail is kept.
pub fn case_of(db: &Connection, id: i64) -> Result<Option<CaseId>, StoreError> {
    let case: Option<i64> =
        db.prepare_cached("SELECT case_id FROM mails WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    Ok(case.map(CaseId))
}

/// By what a mail's kind was seen, and what was noted beside it.
pub fn why(db: &Connection, id: i64) -> Result<Vec<String>, StoreError> {
    let text: String = db.prepare_cached("SELECT why FROM mails WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    serde_json::from_str(&text).map_err(|e| StoreError::Unreadable(e.to_string()))
}

/// What was weighed to find a mail's case.
pub fn evidence(db: &Connection, id: i64) -> Result<Vec<Evidence>, StoreError> {
    let text: String =
        db.prepare_cached("SELECT evidence FROM mails WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    serde_json::from_str(&text).map_err(|e| StoreError::Unreadable(e.to_string()))
}

/// The bytes of a mail as they came.
pub fn raw(db: &Connection, id: i64) -> Result<Vec<u8>, StoreError> {
    let packed: Vec<u8> =
        db.prepare_cached("SELECT raw_zstd FROM mails WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    unpack(&packed)
}

/// The level at which packing costs a third of reading a mail; higher ones gain little on mail.
const LEVEL: i32 = 1;

thread_local! {
    /// Making a compressor costs more than packing a small mail.
    static PACKER: RefCell<Option<zstd::bulk::Compressor<'static>>> = RefCell::new(zstd::bulk::Compressor::new(LEVEL).ok());
}

/// Can only fail for want of memory.
pub fn pack(raw: &[u8]) -> Result<Vec<u8>, StoreError> {
    let packed = PACKER.with_borrow_mut(|packer| packer.as_mut()?.compress(raw).ok());
    packed.ok_or_else(|| StoreError::Unreadable("a raw mail cannot be packed".to_owned()))
}

pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    zstd::stream::decode_all(packed).map_err(|e| StoreError::Unreadable(format!("a raw mail: {e}")))
}
