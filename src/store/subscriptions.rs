//! Subscriptions, and the questions by which they begin.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;

use super::{StoreError, broadcasts::Reader, millis, next_id, time};
use crate::{
    desk::{
        case::CaseId,
        subscription::{Question, Subscription, What},
    },
    mail::address::{Address, without_tag},
};

/// The desk has asked whether an address wants something; `notice` is the mail that asks.
pub fn ask(tx: &Connection, question: &Question) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO subscription_questions (notice, email, what, language, asked_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        question.notice,
        question.email,
        question.what.to_string(),
        question.language,
        millis(question.asked_at),
    ])?;
    Ok(())
}

/// The question that a notice asked.
pub fn question(db: &Connection, notice: i64) -> Result<Option<Question>, StoreError> {
    let sql = format!("SELECT {QUESTION} FROM subscription_questions WHERE notice = ?1");
    db.prepare_cached(&sql)?.query_row([notice], |row| Ok(read_question(row))).optional()?.transpose()
}

/// The questions that were asked since then and have no answer, the oldest first.
pub fn open_questions(db: &Connection, since: DateTime<Utc>) -> Result<Vec<Question>, StoreError> {
    let sql = format!(
        "SELECT {QUESTION}
         FROM subscription_questions
         WHERE asked_at > ?1 AND answered_at IS NULL
         ORDER BY asked_at, notice"
    );
    db.prepare_cached(&sql)?.query_and_then([millis(since)], read_question)?.collect()
}

/// A question has its answer.
pub fn answered(tx: &Connection, notice: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE subscription_questions SET answered_at = ?2 WHERE notice = ?1")?
        .execute(params![notice, millis(now)])?;
    Ok(())
}

/// How often the reader of an address was asked since then, also by addresses with a tag: about one thing without an
/// answer, or about anything.
pub fn times_asked(
    db: &Connection,
    email: &str,
    open_about: Option<&What>,
    since: DateTime<Utc>,
) -> Result<u32, StoreError> {
    let reader = without_tag(email);
    let (local, domain) = reader.rsplit_once('@').unwrap_or((&reader, ""));
    let (tagged, domain) = (format!("{local}+"), format!("@{domain}"));
    Ok(db
        .prepare_cached(
            "SELECT COUNT(*)
             FROM subscription_questions
             WHERE asked_at > ?2
               AND (email = ?1 OR (substr(email, 1, length(?4)) = ?4 AND substr(email, -length(?5)) = ?5))
               AND (?3 IS NULL OR (what = ?3 AND answered_at IS NULL))",
        )?
        .query_row(params![reader, millis(since), open_about.map(What::to_string), tagged, domain], |row| row.get(0))?)
}

/// How many questions went to addresses of a domain since then.
pub fn asked_at_domain(db: &Connection, domain: &str, since: DateTime<Utc>) -> Result<u32, StoreError> {
    let domain = format!("@{domain}");
    Ok(db
        .prepare_cached(
            "SELECT COUNT(*)
             FROM subscription_questions
             WHERE asked_at > ?1 AND substr(email, -length(?2)) = ?2",
        )?
        .query_row(params![millis(since), domain], |row| row.get(0))?)
}

/// How many questions went to all addresses together since then.
pub fn asked_since(db: &Connection, since: DateTime<Utc>) -> Result<u32, StoreError> {
    Ok(db
        .prepare_cached("SELECT COUNT(*) FROM subscription_questions WHERE asked_at > ?1")?
        .query_row([millis(since)], |row| row.get(0))?)
}

/// An address has a subscription from now on, `by` its answer or a person's word. One that it has stays, in the language of
/// the newer wish. Gives its number.
pub fn confirm(
    tx: &Connection,
    (email, what): (&str, &What),
    language: Option<&str>,
    by: &str,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let id = next_id(tx, "subscription")?;
    Ok(tx
        .prepare_cached(
            "INSERT INTO subscriptions (id, email, what, language, confirmed_at, confirmed_by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (what, email) WHERE ended_at IS NULL DO UPDATE
             SET language = COALESCE(excluded.language, subscriptions.language)
             RETURNING id",
        )?
        .query_row(params![id, email, what.to_string(), language, millis(now), by], |row| row.get(0))?)
}

pub fn by_id(db: &Connection, id: i64) -> Result<Option<Subscription>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM subscriptions WHERE id = ?1");
    db.prepare_cached(&sql)?.query_row([id], |row| Ok(read(row))).optional()?.transpose()
}

/// What an address is subscribed to now, in the order in which it was confirmed.
pub fn of_address(db: &Connection, email: &str) -> Result<Vec<Subscription>, StoreError> {
    Ok(history(db, email)?.into_iter().filter(|one| one.ended_at.is_none()).collect())
}

/// The same with what has ended.
pub fn history(db: &Connection, email: &str) -> Result<Vec<Subscription>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM subscriptions WHERE email = ?1 ORDER BY id");
    db.prepare_cached(&sql)?.query_and_then([email], read)?.collect()
}

/// What lives, by address; of one thing alone if one is named.
pub fn list(db: &Connection, what: Option<&What>, limit: u32, offset: u32) -> Result<Vec<Subscription>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM subscriptions
         WHERE ended_at IS NULL AND (?1 IS NULL OR what = ?1)
         ORDER BY email, id
         LIMIT ?2 OFFSET ?3"
    );
    db.prepare_cached(&sql)?.query_and_then(params![what.map(What::to_string), limit, offset], read)?.collect()
}

/// Ends a subscription; what is queued for it is withdrawn when it is about to be sent. False when it had ended before.
pub fn end(tx: &Connection, id: i64, by: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached("UPDATE subscriptions SET ended_at = ?2, ended_by = ?3 WHERE id = ?1 AND ended_at IS NULL")?
        .execute(params![id, millis(now), by])?;
    Ok(changed > 0)
}

/// Ends all subscriptions of an address. Says how many.
pub fn end_all(tx: &Connection, email: &str, by: &str, now: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(tx
        .prepare_cached("UPDATE subscriptions SET ended_at = ?2, ended_by = ?3 WHERE email = ?1 AND ended_at IS NULL")?
        .execute(params![email, millis(now), by])?)
}

/// Who gets the public updates of a platform.
pub fn of_platform(db: &Connection, platform: &str) -> Result<Vec<Reader>, StoreError> {
    of_platforms(db, &[platform.to_owned()])
}

/// Who gets the public updates of any of these platforms, each address once.
pub fn of_platforms(db: &Connection, platforms: &[String]) -> Result<Vec<Reader>, StoreError> {
    let mut about = vec![What::All];
    about.extend(platforms.iter().cloned().map(What::Platform));
    readers(db, &about)
}

/// Who gets the public updates of an incident on these platforms, each address once.
pub fn of_incident(db: &Connection, incident: CaseId, platforms: &[String]) -> Result<Vec<Reader>, StoreError> {
    let mut about = vec![What::All, What::Incident(incident)];
    about.extend(platforms.iter().cloned().map(What::Platform));
    readers(db, &about)
}

/// Of several subscriptions of an address the widest is why it is told: leaving that leaves its parts.
fn readers(db: &Connection, about: &[What]) -> Result<Vec<Reader>, StoreError> {
    let about: Vec<String> = about.iter().map(What::to_string).collect();
    let all = db
        .prepare_cached(
            "SELECT email, id
             FROM subscriptions
             WHERE ended_at IS NULL AND what IN (SELECT value FROM json_each(?1))
             ORDER BY email, what <> 'all', what LIKE 'incident:%', id",
        )?
        .query_map([json!(about).to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(String, i64)>, _>>()?;
    let mut readers: Vec<Reader> = Vec::new();
    for (email, id) in all {
        if readers.last().is_none_or(|reader| reader.address.email != email) {
            let address = Address { name: None, email };
            readers.push(Reader { address, organisation: None, case: None, subscription: Some(id) });
        }
    }
    Ok(readers)
}

const QUESTION: &str = "notice, email, what, language, asked_at, answered_at";

fn read_question(row: &Row<'_>) -> Result<Question, StoreError> {
    Ok(Question {
        notice: row.get("notice")?,
        email: row.get("email")?,
        what: what(row)?,
        language: row.get("language")?,
        asked_at: time(row.get("asked_at")?),
        answered_at: row.get::<_, Option<i64>>("answered_at")?.map(time),
    })
}

const COLUMNS: &str = "id, email, what, language, confirmed_at, confirmed_by, ended_at, ended_by";

fn read(row: &Row<'_>) -> Result<Subscription, StoreError> {
    Ok(Subscription {
        id: row.get("id")?,
        email: row.get("email")?,
        what: what(row)?,
        language: row.get("language")?,
        confirmed_at: time(row.get("confirmed_at")?),
        confirmed_by: row.get("confirmed_by")?,
        ended_at: row.get::<_, Option<i64>>("ended_at")?.map(time),
        ended_by: row.get("ended_by")?,
    })
}

fn what(row: &Row<'_>) -> Result<What, StoreError> {
    let text: String = row.get("what")?;
    text.parse().map_err(|_| StoreError::Unreadable(text))
}
