//! The outbox: notices (what is to be said), each with a delivery per recipient, until a mail server has answered.
//!
//! A notice's bytes are frozen before the first try and sent as they are ever after. The outbox is also the ledger of
//! automatic mail: how much went to an address in the last hour is counted here.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{StoreError, millis, next_id, time};
use crate::{
    desk::{
        case::CaseId,
        notice::{Lane, NoticeKind},
        topic::Topic,
    },
    mail::{address::Address, compose::Attachment},
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipients {
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
}

impl Recipients {
    pub fn all(&self) -> impl Iterator<Item = &Address> {
        self.to.iter().chain(&self.cc)
    }
}

/// What is to be said to whom. `cause` with kind and recipients is unique: the same cause never says it twice.
#[derive(Debug)]
pub struct NewNotice<'a> {
    pub case: Option<CaseId>,
    /// what it is about, when many get it
    pub topic: Option<Topic>,
    pub kind: NoticeKind,
    pub automatic: bool,
    pub decided_at: DateTime<Utc>,
    pub data: &'a Map<String, Value>,
    pub recipients: &'a Recipients,
    pub cause: &'a str,
    pub attachments: &'a [Attachment],
}

/// Puts a notice into the outbox; `refused` keeps it there as failed from the start, with the reason. None when the
/// same cause has said it already.
pub fn add(tx: &Connection, notice: &NewNotice<'_>, refused: Option<&str>) -> Result<Option<i64>, StoreError> {
    let json = |value: serde_json::Result<String>| value.map_err(|e| StoreError::Unreadable(e.to_string()));
    let id = next_id(tx, "notice")?;
    let added = tx
        .prepare_cached(
            "INSERT INTO notices (id, case_id, kind, automatic, decided_at, data, recipients, cause, topic)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (cause, kind, recipients) DO NOTHING",
        )?
        .execute(params![
            id,
            notice.case.map(|c| c.0),
            notice.kind.as_str(),
            notice.automatic,
            millis(notice.decided_at),
            json(serde_json::to_string(notice.data))?,
            json(serde_json::to_string(notice.recipients))?,
            notice.cause,
            notice.topic.map(|topic| topic.to_string()),
        ])?;
    if added == 0 {
        return Ok(None);
    }
    for (position, attachment) in notice.attachments.iter().enumerate() {
        tx.prepare_cached(
            "INSERT INTO notice_attachments (notice, position, name, content_type, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id, position as i64, attachment.name, attachment.content_type, attachment.bytes])?;
    }
    let (state, settled_at) = match refused {
        Some(_) => (State::Failed, Some(millis(notice.decided_at))),
        None => (State::Waiting, None),
    };
    for recipient in notice.recipients.all() {
        tx.prepare_cached(
            "INSERT INTO deliveries (notice, recipient, state, automatic, created_at, attempts, next_try_at, settled_at,
                                     answer, lane)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, ?5, ?6, ?7, ?8)
             ON CONFLICT (notice, recipient) DO NOTHING",
        )?
        .execute(params![
            id,
            recipient.email,
            state.as_str(),
            notice.automatic && refused.is_none(),
            millis(notice.decided_at),
            settled_at,
            refused,
            number_of(notice.kind.lane()),
        ])?;
    }
    Ok(Some(id))
}

/// As lanes are kept: what goes first has the lower number.
fn number_of(lane: Lane) -> i64 {
    match lane {
        Lane::Conversation => 0,
        Lane::Incident => 1,
        Lane::Bulk => 2,
    }
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Waiting,
    Accepted,
    Failed,
    Suppressed,
    Cancelled,
}

impl State {
    pub const ALL: [State; 5] = [State::Waiting, State::Accepted, State::Failed, State::Suppressed, State::Cancelled];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Accepted => "accepted",
            State::Failed => "failed",
            State::Suppressed => "suppressed",
            State::Cancelled => "cancelled",
        }
    }
}

impl std::str::FromStr for State {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        State::ALL.into_iter().find(|s| s.as_str() == word).ok_or(())
    }
}

/// A notice as it is kept.
#[derive(Debug, Clone)]
pub struct StoredNotice {
    pub id: i64,
    pub case: Option<CaseId>,
    /// what it is about, when many get it
    pub topic: Option<Topic>,
    pub kind: NoticeKind,
    pub automatic: bool,
    pub decided_at: DateTime<Utc>,
    pub data: Map<String, Value>,
    pub recipients: Recipients,
    /// what was frozen, once it was
    pub letter: Option<Frozen>,
}

/// The bytes of a mail, made once.
#[derive(Debug, Clone)]
pub struct Frozen {
    pub message_id: String,
    pub envelope_from: String,
    pub subject: String,
    pub bytes: Vec<u8>,
}

/// Notices that are passed over in search of others: a long queue for one person is not looked through.
const PASSED_OVER: usize = 1000;

/// What is being sent.
#[derive(Debug, Clone, Default)]
pub struct UnderWay {
    pub notices: HashSet<i64>,
    pub recipients: HashSet<String>,
}

/// Notices of a lane with deliveries that are due, the oldest first, at most so many and but for what is under way. Nobody
/// is sent two at once: over several connections the later could come first.
pub fn due(
    db: &Connection,
    lane: Lane,
    now: DateTime<Utc>,
    at_most: usize,
    under_way: &UnderWay,
) -> Result<Vec<i64>, StoreError> {
    let mut found: Vec<i64> = Vec::new();
    if at_most == 0 {
        return Ok(found);
    }
    // Read off the index row by row: a queue of a hundred thousand is not looked through for its first few.
    let mut statement = db.prepare_cached(
        "SELECT notice, recipient
         FROM deliveries
         WHERE state = 'waiting' AND lane = ?1 AND next_try_at <= ?2
         ORDER BY next_try_at, notice",
    )?;
    let mut rows = statement.query(params![number_of(lane), millis(now)])?;
    let mut busy = under_way.recipients.clone();
    let mut passed_over = HashSet::new();
    while let Some(row) = rows.next()? {
        let (notice, recipient): (i64, String) = (row.get(0)?, row.get(1)?);
        let is_found = found.contains(&notice);
        if !is_found && found.len() == at_most || passed_over.len() == PASSED_OVER {
            break;
        }
        if under_way.notices.contains(&notice) {
            continue;
        }
        // Whoever is passed over is not overtaken by the next one either.
        if !busy.insert(recipient) {
            found.retain(|other| *other != notice);
            passed_over.insert(notice);
        } else if !is_found && !passed_over.contains(&notice) {
            found.push(notice);
        }
    }
    Ok(found)
}

pub fn next_due(db: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT MIN(next_try_at) FROM deliveries WHERE state = 'waiting' AND lane = ?1")?;
    let mut due = Vec::new();
    for lane in Lane::ALL {
        due.extend(statement.query_row([number_of(lane)], |row| row.get::<_, Option<i64>>(0))?);
    }
    Ok(due.into_iter().min().map(time))
}

/// One recipient of a notice.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub recipient: String,
    pub state: State,
    pub attempts: u32,
    pub created_at: DateTime<Utc>,
    pub next_try_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    pub answer: Option<String>,
}

pub fn deliveries(db: &Connection, notice: i64) -> Result<Vec<Delivery>, StoreError> {
    db.prepare_cached(
        "SELECT recipient, state, attempts, created_at, next_try_at, settled_at, answer
         FROM deliveries
         WHERE notice = ?1
         ORDER BY recipient",
    )?
    .query_and_then([notice], |row| {
        Ok(Delivery {
            recipient: row.get(0)?,
            state: super::known(&row.get::<_, String>(1)?)?,
            attempts: row.get(2)?,
            created_at: time(row.get(3)?),
            next_try_at: time(row.get(4)?),
            settled_at: row.get::<_, Option<i64>>(5)?.map(time),
            answer: row.get(6)?,
        })
    })?
    .collect()
}

const COLUMNS: &str =
    "id, case_id, topic, kind, automatic, decided_at, data, recipients, message_id, envelope_from, subject";

fn notice(row: &Row<'_>, bytes: Option<Vec<u8>>) -> Result<StoredNotice, StoreError> {
    let unreadable = |e: serde_json::Error| StoreError::Unreadable(e.to_string());
    let kind: String = row.get("kind")?;
    let message_id: Option<String> = row.get("message_id")?;
    let letter = match message_id {
        Some(message_id) => Some(Frozen {
            message_id,
            envelope_from: row.get("envelope_from")?,
            subject: row.get("subject")?,
            bytes: bytes.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(StoredNotice {
        id: row.get("id")?,
        case: row.get::<_, Option<i64>>("case_id")?.map(CaseId),
        topic: row.get::<_, Option<String>>("topic")?.map(|topic| super::known(&topic)).transpose()?,
        kind: NoticeKind::parse(&kind).ok_or(StoreError::Unreadable(kind))?,
        automatic: row.get("automatic")?,
        decided_at: time(row.get("decided_at")?),
        data: serde_json::from_str(&row.get::<_, String>("data")?).map_err(unreadable)?,
        recipients: serde_json::from_str(&row.get::<_, String>("recipients")?).map_err(unreadable)?,
        letter,
    })
}

/// A notice with its bytes, if they are frozen.
pub fn load(db: &Connection, id: i64) -> Result<Option<StoredNotice>, StoreError> {
    let sql = format!("SELECT {COLUMNS}, bytes FROM notices WHERE id = ?1");
    db.prepare_cached(&sql)?.query_row([id], |row| Ok(notice(row, row.get("bytes")?))).optional()?.transpose()
}

/// The id of the newest notice; 0 when there is none.
pub fn last(db: &Connection) -> Result<i64, StoreError> {
    Ok(db.prepare_cached("SELECT COALESCE(MAX(id), 0) FROM notices")?.query_row([], |row| row.get(0))?)
}

/// The notices that were added after this one.
pub fn after(db: &Connection, id: i64) -> Result<Vec<StoredNotice>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM notices WHERE id > ?1 ORDER BY id");
    db.prepare_cached(&sql)?.query_and_then([id], |row| notice(row, None))?.collect()
}

/// The notices of a case, without bytes, in the order in which they were decided.
pub fn of_case(db: &Connection, case: CaseId) -> Result<Vec<StoredNotice>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM notices WHERE case_id = ?1 ORDER BY id");
    db.prepare_cached(&sql)?.query_and_then([case.0], |row| notice(row, None))?.collect()
}

/// Which notices a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// none: those with a delivery that waits or failed
    pub state: Option<State>,
    pub limit: u32,
    pub offset: u32,
}

pub fn list(db: &Connection, filter: &Filter) -> Result<Vec<StoredNotice>, StoreError> {
    let states = match filter.state {
        Some(state) => format!("'{}'", state.as_str()),
        None => "'waiting', 'failed'".to_owned(),
    };
    let sql = format!(
        "SELECT {COLUMNS}
         FROM notices
         WHERE id IN (SELECT notice FROM deliveries WHERE state IN ({states}))
         ORDER BY id
         LIMIT ?1 OFFSET ?2"
    );
    db.prepare(&sql)?.query_and_then(params![filter.limit, filter.offset], |row| notice(row, None))?.collect()
}

/// Files that staff sent with a reply; they live on in the bytes once these are frozen.
pub fn attachments(db: &Connection, notice: i64) -> Result<Vec<Attachment>, StoreError> {
    Ok(db
        .prepare_cached("SELECT name, content_type, bytes FROM notice_attachments WHERE notice = ?1 ORDER BY position")?
        .query_map([notice], |row| Ok(Attachment { name: row.get(0)?, content_type: row.get(1)?, bytes: row.get(2)? }))?
        .collect::<Result<_, _>>()?)
}

/// Keeps the bytes of a notice; the first call wins, and every try sends what it kept.
pub fn freeze(tx: &Connection, notice: i64, letter: &Frozen) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE notices
         SET message_id = ?2, envelope_from = ?3, subject = ?4, bytes = ?5
         WHERE id = ?1 AND message_id IS NULL",
    )?
    .execute(params![notice, letter.message_id, letter.envelope_from, letter.subject, letter.bytes])?;
    tx.prepare_cached("DELETE FROM notice_attachments WHERE notice = ?1")?.execute([notice])?;
    Ok(())
}

/// A delivery has ended.
pub fn settle(
    tx: &Connection,
    notice: i64,
    recipient: &str,
    state: State,
    answer: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE deliveries
             SET state = ?3, answer = ?4, settled_at = ?5, attempts = attempts + 1
             WHERE notice = ?1 AND recipient = ?2 AND state = 'waiting'",
        )?
        .execute(params![notice, recipient, state.as_str(), answer, millis(now)])?;
    Ok(changed > 0)
}

/// A delivery is to be tried again.
pub fn defer(
    tx: &Connection,
    notice: i64,
    recipient: &str,
    answer: &str,
    next_try_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE deliveries
         SET attempts = attempts + 1, answer = ?3, next_try_at = ?4
         WHERE notice = ?1 AND recipient = ?2 AND state = 'waiting'",
    )?
    .execute(params![notice, recipient, answer, millis(next_try_at)])?;
    Ok(())
}

/// Keeps a notice that waits until a time.
pub fn hold(tx: &Connection, notice: i64, until: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE deliveries SET next_try_at = ?2 WHERE notice = ?1 AND state = 'waiting'")?
        .execute(params![notice, millis(until)])?;
    Ok(())
}

/// Tries a notice's failed, cancelled or waiting deliveries again, now. Says how many.
pub fn retry(tx: &Connection, notice: i64, now: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "UPDATE deliveries
         SET state = 'waiting', next_try_at = ?2, attempts = 0, created_at = ?2, settled_at = NULL
         WHERE notice = ?1 AND state IN ('waiting', 'failed', 'cancelled')",
        params![notice, millis(now)],
    )?)
}

/// Gives up a notice's waiting deliveries. Says how many.
pub fn cancel(tx: &Connection, notice: i64, actor: &str, now: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(tx.execute(
        "UPDATE deliveries
         SET state = 'cancelled', settled_at = ?2, answer = ?3
         WHERE notice = ?1 AND state = 'waiting'",
        params![notice, millis(now), format!("cancelled by {actor}")],
    )?)
}

/// How many automatic mails were decided for an address since then: of these kinds, or of all where none is named.
pub fn automatic_since(
    db: &Connection,
    email: &str,
    since: DateTime<Utc>,
    kinds: &[NoticeKind],
) -> Result<u32, StoreError> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    Ok(db
        .prepare_cached(
            "SELECT COUNT(*)
             FROM deliveries JOIN notices ON notices.id = deliveries.notice
             WHERE recipient = ?1 AND created_at > ?2 AND deliveries.automatic = 1
               AND (?3 = '[]' OR kind IN (SELECT value FROM json_each(?3)))",
        )?
        .query_row(params![email, millis(since), serde_json::json!(kinds).to_string()], |row| row.get(0))?)
}

/// The Message-IDs of a case's mails to its customer, the oldest first, each with the time it was decided.
pub fn message_ids(db: &Connection, case: CaseId) -> Result<Vec<(DateTime<Utc>, String)>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT decided_at, message_id
             FROM notices
             WHERE case_id = ?1 AND message_id IS NOT NULL AND kind NOT LIKE 'staff-%'
             ORDER BY id",
        )?
        .query_map([case.0], |row| Ok((time(row.get(0)?), row.get(1)?)))?
        .collect::<Result<_, _>>()?)
}

/// Was a mail about this sent to this address, or is it about to be?
pub fn was_told(db: &Connection, topic: Topic, email: &str) -> Result<bool, StoreError> {
    // By the reader: a topic may have a hundred thousand of them, one of them has few mails.
    Ok(db
        .prepare_cached(
            "SELECT 1
             FROM deliveries CROSS JOIN notices ON notices.id = deliveries.notice
             WHERE recipient = ?1 AND topic = ?2",
        )?
        .exists(params![email, topic.to_string()])?)
}

/// The Message-IDs of a topic's mails to one reader that stand in no case, the oldest first.
pub fn topic_message_ids(db: &Connection, topic: Topic, email: &str) -> Result<Vec<String>, StoreError> {
    // By the reader: a topic may have a hundred thousand of them, one of them has few mails.
    Ok(db
        .prepare_cached(
            "SELECT message_id
             FROM deliveries CROSS JOIN notices ON notices.id = deliveries.notice
             WHERE recipient = ?1 AND topic = ?2 AND case_id IS NULL AND message_id IS NOT NULL
             ORDER BY notices.id",
        )?
        .query_map(params![email, topic.to_string()], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// The Message-IDs of a case's mails to one of the staff, the oldest first.
pub fn staff_message_ids(db: &Connection, case: CaseId, email: &str) -> Result<Vec<String>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT message_id
             FROM notices
             WHERE case_id = ?1 AND message_id IS NOT NULL AND kind LIKE 'staff-%'
               AND EXISTS (SELECT 1 FROM deliveries WHERE notice = notices.id AND recipient = ?2)
             ORDER BY id",
        )?
        .query_map(params![case.0, email], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// Marks an accepted delivery as bounced afterwards. False when it was not known as accepted.
pub fn bounced(
    tx: &Connection,
    notice: i64,
    recipient: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE deliveries
             SET state = 'failed', answer = ?3, settled_at = ?4
             WHERE notice = ?1 AND recipient = ?2 AND state IN ('accepted', 'waiting')",
        )?
        .execute(params![notice, recipient, reason, millis(now)])?;
    Ok(changed > 0)
}

/// A short line for people: how many wait, how many failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    pub waiting: u64,
    pub failed: u64,
    /// when the one that has waited longest was decided
    pub oldest_waiting_since: Option<DateTime<Utc>>,
}

pub fn totals(db: &Connection) -> Result<Totals, StoreError> {
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(db.query_row(
        "SELECT COUNT(*) FILTER (WHERE state = 'waiting'), COUNT(*) FILTER (WHERE state = 'failed'),
                MIN(created_at) FILTER (WHERE state = 'waiting')
         FROM deliveries",
        [],
        |row| {
            Ok(Totals {
                waiting: number(row.get(0)?),
                failed: number(row.get(1)?),
                oldest_waiting_since: row.get::<_, Option<i64>>(2)?.map(time),
            })
        },
    )?)
}
