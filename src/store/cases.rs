//! Cases, the people who take part in them, and the links between them.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::{StoreError, known, meta, millis, next_id, time};
use crate::{
    desk::{
        case::{Case, CaseId, Link, LinkKind},
        reference::Reference,
    },
    mail::address::Address,
};
use chrono::{DateTime, Utc};

const COLUMNS: &str = "id, reference, status, priority, subject, requester, requester_name, reply_to, reply_to_name,
    utc_offset_seconds, language, assignee, opened_at, closed_at, reviewed_at, last_public_at, hold_until,
    duplicate_of, spam, etr,
    (SELECT zone FROM contacts WHERE contacts.email = cases.requester) AS requester_zone,
    EXISTS (SELECT 1 FROM suppliers WHERE suppliers.case_id = cases.id AND suppliers.closed_at IS NULL) AS at_supplier,
    (SELECT child.incident FROM incident_children AS child JOIN incidents ON incidents.case_id = child.incident
     WHERE child.case_id = cases.id AND child.unlinked_at IS NULL AND incidents.closed_at IS NULL) AS in_incident";

fn case(row: &Row<'_>) -> Result<Case, StoreError> {
    let at = |column: &str| -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(row.get::<_, Option<i64>>(column)?.map(time))
    };
    Ok(Case {
        id: CaseId(row.get("id")?),
        reference: known(&row.get::<_, String>("reference")?)?,
        status: known(&row.get::<_, String>("status")?)?,
        priority: known(&row.get::<_, String>("priority")?)?,
        subject: row.get("subject")?,
        requester: Address { name: row.get("requester_name")?, email: row.get("requester")? },
        reply_to: Address { name: row.get("reply_to_name")?, email: row.get("reply_to")? },
        utc_offset_seconds: row.get("utc_offset_seconds")?,
        requester_zone: row.get::<_, Option<String>>("requester_zone")?.and_then(|name| name.parse().ok()),
        language: row.get("language")?,
        assignee: row.get("assignee")?,
        opened_at: time(row.get("opened_at")?),
        closed_at: at("closed_at")?,
        reviewed_at: at("reviewed_at")?,
        last_public_at: at("last_public_at")?,
        hold_until: at("hold_until")?,
        etr: at("etr")?,
        duplicate_of: row.get::<_, Option<i64>>("duplicate_of")?.map(CaseId),
        spam: row.get("spam")?,
        at_supplier: row.get("at_supplier")?,
        incident: row.get::<_, Option<i64>>("in_incident")?.map(CaseId),
    })
}

/// The id and the reference of a case that is about to be opened.
pub fn allocate(tx: &Connection) -> Result<(CaseId, Reference), StoreError> {
    let id = next_id(tx, "case")?;
    let counter = u64::try_from(id).map_err(|_| StoreError::Exhausted)?;
    let reference = Reference::from_counter(counter, &meta::reference_key(tx)?).map_err(|_| StoreError::Exhausted)?;
    Ok((CaseId(id), reference))
}

/// Writes the case as it is to be.
pub fn put(tx: &Connection, case: &Case) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO cases (id, reference, status, priority, subject, requester, requester_name, reply_to,
                            reply_to_name, utc_offset_seconds, language, assignee, opened_at, closed_at, reviewed_at,
                            last_public_at, hold_until, duplicate_of, spam, etr)
         VALUES (:id, :reference, :status, :priority, :subject, :requester, :requester_name, :reply_to,
                 :reply_to_name, :utc_offset_seconds, :language, :assignee, :opened_at, :closed_at, :reviewed_at,
                 :last_public_at, :hold_until, :duplicate_of, :spam, :etr)
         ON CONFLICT (id) DO UPDATE SET
             status = excluded.status,
             priority = excluded.priority,
             subject = excluded.subject,
             requester = excluded.requester,
             requester_name = excluded.requester_name,
             reply_to = excluded.reply_to,
             reply_to_name = excluded.reply_to_name,
             utc_offset_seconds = excluded.utc_offset_seconds,
             language = excluded.language,
             assignee = excluded.assignee,
             closed_at = excluded.closed_at,
             reviewed_at = excluded.reviewed_at,
             last_public_at = excluded.last_public_at,
             hold_until = excluded.hold_until,
             duplicate_of = excluded.duplicate_of,
             spam = excluded.spam,
             etr = excluded.etr",
    )?
    .execute(named_params! {
        ":id": case.id.0,
        ":reference": case.reference.to_string(),
        ":status": case.status.as_str(),
        ":priority": case.priority.to_string(),
        ":subject": case.subject,
        ":requester": case.requester.email,
        ":requester_name": case.requester.name,
        ":reply_to": case.reply_to.email,
        ":reply_to_name": case.reply_to.name,
        ":utc_offset_seconds": case.utc_offset_seconds,
        ":language": case.language,
        ":assignee": case.assignee,
        ":opened_at": millis(case.opened_at),
        ":closed_at": case.closed_at.map(millis),
        ":reviewed_at": case.reviewed_at.map(millis),
        ":last_public_at": case.last_public_at.map(millis),
        ":hold_until": case.hold_until.map(millis),
        ":duplicate_of": case.duplicate_of.map(|c| c.0),
        ":spam": case.spam,
        ":etr": case.etr.map(millis),
    })?;
    Ok(())
}

pub fn by_id(db: &Connection, id: CaseId) -> Result<Case, StoreError> {
    one(db, &format!("SELECT {COLUMNS} FROM cases WHERE id = ?1"), id.0)?
        .ok_or_else(|| StoreError::Unreadable(format!("case number {} is missing", id.0)))
}

/// The cases that were opened after this one, in their order.
pub fn after(db: &Connection, id: i64) -> Result<Vec<Case>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM cases WHERE id > ?1 ORDER BY id");
    db.prepare_cached(&sql)?.query_and_then([id], case)?.collect()
}

pub fn by_reference(db: &Connection, reference: Reference) -> Result<Option<Case>, StoreError> {
    one(db, &format!("SELECT {COLUMNS} FROM cases WHERE reference = ?1"), reference.to_string())
}

fn one(db: &Connection, sql: &str, key: impl rusqlite::ToSql) -> Result<Option<Case>, StoreError> {
    db.prepare_cached(sql)?.query_row([key], |row| Ok(case(row))).optional()?.transpose()
}

/// The cases on which a mail with this Message-ID is kept, the newest first.
pub fn by_mail(db: &Connection, message_id: &str) -> Result<Vec<Case>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM cases
         WHERE id IN (SELECT case_id FROM mails WHERE message_id = ?1 AND case_id IS NOT NULL)
         ORDER BY id DESC
         LIMIT 20"
    );
    db.prepare_cached(&sql)?.query_and_then([message_id], case)?.collect()
}

/// The newest case that goes on with this one's matter.
pub fn successor(db: &Connection, of: CaseId) -> Result<Option<Case>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM cases
         WHERE id = (SELECT MAX(from_case) FROM links WHERE to_case = ?1 AND kind = 'continues')"
    );
    one(db, &sql, of.0)
}

/// The case in which the matter of this one lives now: the main case of a duplicate, the newest successor of a closed
/// one. An open case is its own.
pub fn living(db: &Connection, start: Case) -> Result<Case, StoreError> {
    let mut case = start;
    // Neither kind of link can make a circle (merging refuses it, successors are always newer); bounded all the same.
    for _ in 0..1000 {
        let next = match case.duplicate_of {
            Some(main) => Some(by_id(db, main)?),
            None if case.status.is_closed() => successor(db, case.id)?,
            None => None,
        };
        match next {
            Some(next) => case = next,
            None => break,
        }
    }
    Ok(case)
}

pub fn add_participant(tx: &Connection, id: CaseId, person: &Address) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO participants (case_id, email, name) VALUES (?1, ?2, ?3)
         ON CONFLICT (case_id, email) DO NOTHING",
    )?
    .execute(params![id.0, person.email, person.name])?;
    Ok(())
}

/// People in Cc of a case; the requester is not among them.
pub fn participants(db: &Connection, id: CaseId) -> Result<Vec<Address>, StoreError> {
    Ok(db
        .prepare_cached("SELECT name, email FROM participants WHERE case_id = ?1 ORDER BY email")?
        .query_map([id.0], |row| Ok(Address { name: row.get(0)?, email: row.get(1)? }))?
        .collect::<Result<_, _>>()?)
}

pub fn add_link(tx: &Connection, link: &Link, at: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO links (from_case, to_case, kind, linked_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (from_case, to_case, kind) DO NOTHING",
    )?
    .execute(params![link.from.0, link.to.0, link.kind.as_str(), millis(at)])?;
    Ok(())
}

pub fn remove_link(tx: &Connection, from: CaseId, to: CaseId, kind: LinkKind) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM links WHERE from_case = ?1 AND to_case = ?2 AND kind = ?3")?.execute(params![
        from.0,
        to.0,
        kind.as_str()
    ])?;
    Ok(())
}

/// The open cases that were opened since a time, the oldest first.
pub fn open_since(db: &Connection, from: DateTime<Utc>) -> Result<Vec<Case>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM cases WHERE closed_at IS NULL AND opened_at >= ?1 AND spam = 0 ORDER BY id");
    db.prepare_cached(&sql)?.query_and_then([millis(from)], case)?.collect()
}

/// A link as seen from one of its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedCase {
    /// "continues", "continued-by", …
    pub how: &'static str,
    pub reference: Reference,
}

/// The links of a case, from both ends.
pub fn links(db: &Connection, id: CaseId) -> Result<Vec<LinkedCase>, StoreError> {
    db.prepare_cached(
        "SELECT kind, reference, 1 AS from_here, linked_at FROM links JOIN cases ON id = to_case WHERE from_case = ?1
         UNION ALL
         SELECT kind, reference, 0 AS from_here, linked_at FROM links JOIN cases ON id = from_case WHERE to_case = ?1
         ORDER BY linked_at, reference",
    )?
    .query_and_then([id.0], |row| {
        let word: String = row.get("kind")?;
        let kind = LinkKind::parse(&word).ok_or(StoreError::Unreadable(word))?;
        let how = if row.get("from_here")? { kind.as_str() } else { kind.seen_from_there() };
        Ok(LinkedCase { how, reference: known(&row.get::<_, String>("reference")?)? })
    })?
    .collect()
}

/// The open cases of requesters with these addresses, or at these domains and those below them, the newest first.
pub fn open_of(db: &Connection, emails: &[String], domains: &[String]) -> Result<Vec<Case>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM cases
         WHERE closed_at IS NULL AND status <> 'duplicate'
           AND (requester IN (SELECT value FROM json_each(?1))
                OR EXISTS (SELECT 1 FROM json_each(?2)
                           WHERE requester LIKE '%@' || value OR requester LIKE '%.' || value))
         ORDER BY id DESC
         LIMIT 1000"
    );
    let values = [serde_json::json!(emails).to_string(), serde_json::json!(domains).to_string()];
    db.prepare(&sql)?.query_and_then(values, case)?.collect()
}

/// Which cases a list shows, and in which order.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// none: every status
    pub statuses: Vec<&'static str>,
    pub priority: Option<String>,
    /// part of the requester's address or name
    pub requester: Option<String>,
    /// part of the subject
    pub subject: Option<String>,
    pub assignee: Option<Option<String>>,
    pub unreviewed: bool,
    pub spam: Option<bool>,
    pub sort: Sort,
    pub reverse: bool,
    pub limit: u32,
    pub offset: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Opened,
    Closed,
    Priority,
    Status,
    Requester,
    Subject,
}

/// The cases of a list's page, and how many there are on all pages.
pub fn list(db: &Connection, filter: &Filter) -> Result<(Vec<Case>, u64), StoreError> {
    let mut conditions = vec!["TRUE".to_owned()];
    let mut values: Vec<rusqlite::types::Value> = Vec::new();
    let mut value = |v: String| {
        values.push(v.into());
        format!("?{}", values.len())
    };
    if !filter.statuses.is_empty() {
        let words: Vec<String> = filter.statuses.iter().map(|s| value((*s).to_owned())).collect();
        conditions.push(format!("status IN ({})", words.join(", ")));
    }
    if let Some(priority) = &filter.priority {
        conditions.push(format!("priority = {}", value(priority.clone())));
    }
    if let Some(part) = &filter.requester {
        let pattern = value(like(part));
        conditions.push(format!("(requester LIKE {pattern} ESCAPE '\\' OR requester_name LIKE {pattern} ESCAPE '\\')"));
    }
    if let Some(part) = &filter.subject {
        conditions.push(format!("subject LIKE {} ESCAPE '\\'", value(like(part))));
    }
    match &filter.assignee {
        Some(Some(email)) => conditions.push(format!("assignee = {}", value(email.clone()))),
        Some(None) => conditions.push("assignee IS NULL".to_owned()),
        None => {}
    }
    if filter.unreviewed {
        conditions.push("reviewed_at IS NULL AND closed_at IS NULL".to_owned());
    }
    if let Some(spam) = filter.spam {
        conditions.push(format!("spam = {}", u8::from(spam)));
    }
    let column = match filter.sort {
        Sort::Opened => "opened_at",
        Sort::Closed => "closed_at",
        // "P1G" is before "P1" for people, after it for a database.
        Sort::Priority => "CASE priority WHEN 'P1G' THEN 'P0' ELSE priority END",
        Sort::Status => "status",
        Sort::Requester => "requester",
        Sort::Subject => "subject",
    };
    let direction = if filter.reverse { "DESC" } else { "ASC" };
    let condition = conditions.join(" AND ");
    let total: i64 = db.query_row(
        &format!("SELECT COUNT(*) FROM cases WHERE {condition}"),
        rusqlite::params_from_iter(&values),
        |row| row.get(0),
    )?;
    let sql = format!(
        "SELECT {COLUMNS} FROM cases WHERE {condition} ORDER BY {column} {direction}, id {direction}
         LIMIT {} OFFSET {}",
        filter.limit, filter.offset
    );
    let cases =
        db.prepare(&sql)?.query_and_then(rusqlite::params_from_iter(&values), case)?.collect::<Result<_, _>>()?;
    Ok((cases, u64::try_from(total).unwrap_or(0)))
}

pub(super) fn like(part: &str) -> String {
    format!("%{}%", part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}
