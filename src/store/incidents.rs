//! Major network incidents: what customers were told, which cases are their children, and which may be.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    StoreError,
    broadcasts::Reader,
    cases, clocks, history, known, millis, next_id,
    services::{self, Numbers},
    time,
};
use crate::{
    desk::{
        case::{Actor, CaseId, LinkKind},
        directory::Service,
        incident::{Followed, Incident, IncidentNumber, Scope, Update, UpdateKind},
        lifecycle::{Clock, Entry, What},
        reference::Reference,
        topic::Topic,
    },
    mail::address::Address,
};

const COLUMNS: &str = "case_id, number, title, impact, scope, began_at, etr, cause, closed_at, opened_at, opened_by,
    manager, updated_at, next_update, reminded_at, missed, updates,
    (SELECT text FROM incident_updates AS said WHERE said.incident = incidents.case_id AND said.kind = 'withdrawn')
        AS withdrawn";

fn incident(row: &Row<'_>) -> Result<Incident, StoreError> {
    let at = |column: &str| Ok::<_, StoreError>(row.get::<_, Option<i64>>(column)?.map(time));
    let scope: String = row.get("scope")?;
    Ok(Incident {
        case: CaseId(row.get("case_id")?),
        number: IncidentNumber(row.get("number")?),
        title: row.get("title")?,
        impact: row.get("impact")?,
        scope: scope.parse::<Scope>().map_err(|e| StoreError::Unreadable(e.to_string()))?,
        began_at: time(row.get("began_at")?),
        etr: at("etr")?,
        cause: row.get("cause")?,
        withdrawn: row.get("withdrawn")?,
        closed_at: at("closed_at")?,
        opened_at: time(row.get("opened_at")?),
        opened_by: row.get("opened_by")?,
        manager: row.get("manager")?,
        updated_at: time(row.get("updated_at")?),
        next_update: at("next_update")?,
        reminded_at: at("reminded_at")?,
        missed: row.get("missed")?,
        updates: row.get("updates")?,
    })
}

pub fn allocate(tx: &Connection) -> Result<IncidentNumber, StoreError> {
    next_id(tx, "incident").map(IncidentNumber)
}

/// The incident of which this case is the parent.
pub fn by_case(db: &Connection, case: CaseId) -> Result<Option<Incident>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM incidents WHERE case_id = ?1");
    db.prepare_cached(&sql)?.query_row([case.0], |row| Ok(incident(row))).optional()?.transpose()
}

pub fn by_number(db: &Connection, number: IncidentNumber) -> Result<Option<Incident>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM incidents WHERE number = ?1");
    db.prepare_cached(&sql)?.query_row([number.0], |row| Ok(incident(row))).optional()?.transpose()
}

/// Those that are not over, the oldest first.
pub fn open(db: &Connection) -> Result<Vec<Incident>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM incidents WHERE closed_at IS NULL ORDER BY number");
    db.prepare_cached(&sql)?.query_and_then([], incident)?.collect()
}

/// Those that were open at some time since then, the newest first.
pub fn since(db: &Connection, from: DateTime<Utc>) -> Result<Vec<Incident>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM incidents WHERE closed_at IS NULL OR closed_at >= ?1 ORDER BY number DESC");
    db.prepare_cached(&sql)?.query_and_then([millis(from)], incident)?.collect()
}

/// A page of them, the newest first.
pub fn list(db: &Connection, with_closed: bool, limit: u32, offset: u32) -> Result<Vec<Incident>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM incidents WHERE ?1 OR closed_at IS NULL ORDER BY number DESC LIMIT ?2 OFFSET ?3"
    );
    db.prepare(&sql)?.query_and_then(params![with_closed, limit, offset], incident)?.collect()
}

/// Writes an incident as it is to be, and what was said of it. Its parent case is there.
pub fn put(tx: &Connection, followed: &Followed) -> Result<(), StoreError> {
    let incident = &followed.incident;
    tx.prepare_cached(
        "INSERT INTO incidents (case_id, number, title, impact, scope, began_at, etr, cause, closed_at, opened_at,
                                opened_by, manager, updated_at, next_update, reminded_at, missed, updates)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
         ON CONFLICT (case_id) DO UPDATE SET
             etr = excluded.etr,
             cause = excluded.cause,
             closed_at = excluded.closed_at,
             manager = excluded.manager,
             updated_at = excluded.updated_at,
             next_update = excluded.next_update,
             reminded_at = excluded.reminded_at,
             missed = excluded.missed,
             updates = excluded.updates",
    )?
    .execute(params![
        incident.case.0,
        incident.number.0,
        incident.title,
        incident.impact,
        incident.scope.words().join("\n"),
        millis(incident.began_at),
        incident.etr.map(millis),
        incident.cause,
        incident.closed_at.map(millis),
        millis(incident.opened_at),
        incident.opened_by,
        incident.manager,
        millis(incident.updated_at),
        incident.next_update.map(millis),
        incident.reminded_at.map(millis),
        incident.missed,
        incident.updates,
    ])?;
    if let Some(update) = &followed.said {
        tx.prepare_cached(
            "INSERT INTO incident_updates (incident, number, kind, at, author, text, etr, next_update)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            incident.case.0,
            update.number,
            update.kind.as_str(),
            millis(update.at),
            update.author,
            update.text,
            update.etr.map(millis),
            update.next_update.map(millis),
        ])?;
    }
    Ok(())
}

fn update(row: &Row<'_>) -> Result<Update, StoreError> {
    let at = |column: &str| Ok::<_, StoreError>(row.get::<_, Option<i64>>(column)?.map(time));
    Ok(Update {
        number: row.get("number")?,
        kind: known::<UpdateKind>(&row.get::<_, String>("kind")?)?,
        at: time(row.get("at")?),
        author: row.get("author")?,
        text: row.get("text")?,
        etr: at("etr")?,
        next_update: at("next_update")?,
    })
}

/// What customers were told, the oldest first.
pub fn updates(db: &Connection, incident: CaseId) -> Result<Vec<Update>, StoreError> {
    db.prepare_cached(
        "SELECT number, kind, at, author, text, etr, next_update FROM incident_updates WHERE incident = ?1 ORDER BY number",
    )?
    .query_and_then([incident.0], update)?
    .collect()
}

/// The last of that which has a text.
pub fn last_in_words(db: &Connection, incident: CaseId) -> Result<Option<Update>, StoreError> {
    db.prepare_cached(
        "SELECT number, kind, at, author, text, etr, next_update
         FROM incident_updates
         WHERE incident = ?1 AND text <> ''
         ORDER BY number DESC
         LIMIT 1",
    )?
    .query_row([incident.0], |row| Ok(update(row)))
    .optional()?
    .transpose()
}

/// What an incident means for the promises of its child.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quiet {
    /// when its customers were told something since the case is linked
    pub told_at: Vec<DateTime<Utc>>,
    /// the estimated time of resolution, while it is open
    pub etr: Option<DateTime<Utc>>,
}

pub fn quiet(db: &Connection, child: CaseId) -> Result<Quiet, StoreError> {
    let etr: Option<Option<i64>> = db
        .prepare_cached(
            "SELECT incidents.etr
             FROM incident_children AS child JOIN incidents ON incidents.case_id = child.incident
             WHERE child.case_id = ?1 AND child.unlinked_at IS NULL AND incidents.closed_at IS NULL",
        )?
        .query_row([child.0], |row| row.get(0))
        .optional()?;
    let told_at = told_on(db, child)?.into_iter().map(|(at, _, _)| at).collect();
    Ok(Quiet { told_at, etr: etr.flatten().map(time) })
}

/// What was said of the incidents of a case while it was their child, the oldest first: a line of its history each.
pub fn told_on(db: &Connection, case: CaseId) -> Result<Vec<(DateTime<Utc>, String, What)>, StoreError> {
    db.prepare_cached(
        "SELECT said.at, said.author, said.text, said.etr, incidents.number, said.kind
         FROM incident_children AS child
              JOIN incident_updates AS said ON said.incident = child.incident
              JOIN incidents ON incidents.case_id = child.incident
         WHERE child.case_id = ?1 AND said.at >= child.linked_at
           AND (child.unlinked_at IS NULL OR said.at < child.unlinked_at)
         ORDER BY said.at, said.number",
    )?
    .query_and_then([case.0], |row| {
        let number = IncidentNumber(row.get(4)?);
        let etr = row.get::<_, Option<i64>>(3)?.map(time);
        let what = What::Updated {
            incident: number.to_string(),
            kind: known(&row.get::<_, String>(5)?)?,
            text: row.get(2)?,
            etr,
        };
        Ok((time(row.get(0)?), row.get(1)?, what))
    })?
    .collect()
}

/// Makes a case a child, from now on.
pub fn link(tx: &Connection, incident: CaseId, child: CaseId, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO incident_children (case_id, incident, linked_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (case_id, incident, linked_at) DO UPDATE SET unlinked_at = NULL",
    )?
    .execute(params![child.0, incident.0, millis(now)])?;
    settle(tx, incident, child, "linked", now)
}

/// The same for many that nothing else happens to, by the desk itself: what each is to have of it, and no more.
pub fn link_many(
    tx: &Connection,
    incident: CaseId,
    children: &[(CaseId, &'static str)],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let what = What::Linked { to: incident, kind: LinkKind::ChildOf };
    let entry = Entry { at: now, actor: Actor::Desk, what };
    for (child, _) in children {
        history::add(tx, *child, &entry)?;
    }
    // One statement each for all of them: [[case, why], …].
    let rows: Vec<(i64, &str)> = children.iter().map(|(child, why)| (child.0, *why)).collect();
    let rows = serde_json::json!(rows).to_string();
    tx.prepare_cached(
        "INSERT INTO links (from_case, to_case, kind, linked_at)
         SELECT value ->> 0, ?2, ?3, ?4 FROM json_each(?1) WHERE TRUE
         ON CONFLICT (from_case, to_case, kind) DO NOTHING",
    )?
    .execute(params![rows, incident.0, LinkKind::ChildOf.as_str(), millis(now)])?;
    tx.prepare_cached(
        "INSERT INTO incident_children (case_id, incident, linked_at)
         SELECT value ->> 0, ?2, ?3 FROM json_each(?1) WHERE TRUE
         ON CONFLICT (case_id, incident, linked_at) DO UPDATE SET unlinked_at = NULL",
    )?
    .execute(params![rows, incident.0, millis(now)])?;
    tx.prepare_cached(
        "INSERT INTO incident_proposals (incident, case_id, why, proposed_at, told_at, settled)
         SELECT ?2, value ->> 0, value ->> 1, ?3, ?3, 1 FROM json_each(?1) WHERE TRUE
         ON CONFLICT (incident, case_id) DO UPDATE SET settled = 1",
    )?
    .execute(params![rows, incident.0, millis(now)])?;
    tx.prepare_cached(
        "DELETE FROM clocks WHERE clock IN (?2, ?3) AND case_id IN (SELECT value ->> 0 FROM json_each(?1))",
    )?
    .execute(params![rows, Clock::Review.as_str(), Clock::Escalation.as_str()])?;
    Ok(())
}

/// The child goes on alone; it is not proposed again.
pub fn unlink(tx: &Connection, incident: CaseId, child: CaseId, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE incident_children SET unlinked_at = ?3 WHERE case_id = ?1 AND incident = ?2 AND unlinked_at IS NULL",
    )?
    .execute(params![child.0, incident.0, millis(now)])?;
    cases::remove_link(tx, child, incident, LinkKind::ChildOf)?;
    clocks::clear(tx, child, Clock::MniOver)?;
    settle(tx, incident, child, "taken out", now)
}

fn settle(tx: &Connection, incident: CaseId, child: CaseId, why: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO incident_proposals (incident, case_id, why, proposed_at, told_at, settled)
         VALUES (?1, ?2, ?3, ?4, ?4, 1)
         ON CONFLICT (incident, case_id) DO UPDATE SET settled = 1",
    )?
    .execute(params![incident.0, child.0, why, millis(now)])?;
    Ok(())
}

/// Have staff decided about this case, or is it linked?
pub fn is_settled(db: &Connection, incident: CaseId, case: CaseId) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT 1 FROM incident_proposals WHERE incident = ?1 AND case_id = ?2 AND settled = 1")?
        .exists([incident.0, case.0])?)
}

/// A case may belong to an incident: staff are to decide.
pub fn propose(
    tx: &Connection,
    incident: CaseId,
    case: CaseId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO incident_proposals (incident, case_id, why, proposed_at, settled)
         VALUES (?1, ?2, ?3, ?4, 0)
         ON CONFLICT (incident, case_id) DO NOTHING",
    )?
    .execute(params![incident.0, case.0, why, millis(now)])?;
    Ok(())
}

/// Proposals upon which nobody has decided, of cases that are still open, the oldest first, and why; `untold`: those of
/// which staff have not been told.
pub fn proposals(
    db: &Connection,
    incident: CaseId,
    untold: bool,
    at_most: usize,
) -> Result<Vec<(CaseId, String)>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT proposal.case_id, proposal.why
             FROM incident_proposals AS proposal JOIN cases ON cases.id = proposal.case_id
             WHERE proposal.incident = ?1 AND proposal.settled = 0 AND (NOT ?2 OR proposal.told_at IS NULL)
               AND cases.closed_at IS NULL AND cases.status <> 'resolved' AND cases.spam = 0
               AND NOT EXISTS (SELECT 1 FROM incident_children AS child JOIN incidents ON incidents.case_id = child.incident
                               WHERE child.case_id = cases.id AND child.unlinked_at IS NULL AND incidents.closed_at IS NULL)
             ORDER BY proposal.case_id
             LIMIT ?3",
        )?
        .query_map(params![incident.0, untold, i64::try_from(at_most).unwrap_or(i64::MAX)], |row| {
            Ok((CaseId(row.get(0)?), row.get(1)?))
        })?
        .collect::<Result<_, _>>()?)
}

/// Staff have been told of all proposals so far.
pub fn proposals_told(tx: &Connection, incident: CaseId, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE incident_proposals SET told_at = ?2 WHERE incident = ?1 AND told_at IS NULL")?
        .execute(params![incident.0, millis(now)])?;
    Ok(())
}

/// Nothing that was proposed is asked any more.
pub fn drop_proposals(tx: &Connection, incident: CaseId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE incident_proposals SET settled = 1 WHERE incident = ?1")?.execute([incident.0])?;
    Ok(())
}

/// How many cases are children now.
pub fn count_children(db: &Connection, incident: CaseId) -> Result<u64, StoreError> {
    let count: i64 = db
        .prepare_cached("SELECT COUNT(*) FROM incident_children WHERE incident = ?1 AND unlinked_at IS NULL")?
        .query_row([incident.0], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// The children, the oldest first.
pub fn children(db: &Connection, incident: CaseId, at_most: u32) -> Result<Vec<CaseId>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT case_id FROM incident_children WHERE incident = ?1 AND unlinked_at IS NULL ORDER BY case_id LIMIT ?2",
        )?
        .query_map(params![incident.0, at_most], |row| Ok(CaseId(row.get(0)?)))?
        .collect::<Result<_, _>>()?)
}

/// The open children on which somebody is the requester or takes part, the oldest first.
pub fn children_of(db: &Connection, incident: CaseId, email: &str) -> Result<Vec<(CaseId, Reference)>, StoreError> {
    children_by_reader(db, incident, email, false)
}

/// The same with those that were taken out.
pub fn once_children_of(
    db: &Connection,
    incident: CaseId,
    email: &str,
) -> Result<Vec<(CaseId, Reference)>, StoreError> {
    children_by_reader(db, incident, email, true)
}

fn children_by_reader(
    db: &Connection,
    incident: CaseId,
    email: &str,
    with_unlinked: bool,
) -> Result<Vec<(CaseId, Reference)>, StoreError> {
    // By the reader, as CROSS JOIN says: an incident may have ten thousand children, one of its readers has few.
    db.prepare_cached(
        "SELECT DISTINCT cases.id, cases.reference
         FROM (SELECT id FROM cases WHERE reply_to = ?2 AND closed_at IS NULL
               UNION
               SELECT case_id FROM participants WHERE email = ?2) AS theirs
              CROSS JOIN cases ON cases.id = theirs.id
              CROSS JOIN incident_children AS child ON child.case_id = cases.id AND child.incident = ?1
         WHERE (?3 OR child.unlinked_at IS NULL) AND cases.closed_at IS NULL AND cases.spam = 0
         ORDER BY cases.id
         LIMIT 200",
    )?
    .query_and_then(params![incident.0, email, with_unlinked], |row| {
        Ok((CaseId(row.get(0)?), known(&row.get::<_, String>(1)?)?))
    })?
    .collect()
}

/// Of the children that are still open: whoever asked, and whoever takes part, each once, with their oldest case.
pub fn readers_of_children(db: &Connection, incident: CaseId) -> Result<Vec<Reader>, StoreError> {
    let mut all = Vec::new();
    // Requesters first: of the rows of one address the first counts.
    for sql in [
        "SELECT reply_to, reply_to_name, MIN(cases.id)
         FROM incident_children AS child JOIN cases ON cases.id = child.case_id
         WHERE child.incident = ?1 AND child.unlinked_at IS NULL
           AND cases.closed_at IS NULL AND cases.spam = 0 AND reply_to <> ''
         GROUP BY reply_to",
        "SELECT participants.email, participants.name, MIN(cases.id)
         FROM incident_children AS child
              JOIN cases ON cases.id = child.case_id
              JOIN participants ON participants.case_id = cases.id
         WHERE child.incident = ?1 AND child.unlinked_at IS NULL AND cases.closed_at IS NULL AND cases.spam = 0
         GROUP BY participants.email",
    ] {
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query([incident.0])?;
        while let Some(row) = rows.next()? {
            let address = Address { email: row.get(0)?, name: row.get(1)? };
            let case = Some(CaseId(row.get(2)?));
            all.push(Reader { address, organisation: None, case, subscription: None });
        }
    }
    Ok(all)
}

/// Whoever has a mail about an incident, or is about to have one, in whose thread, and for which subscription: by mails of
/// its own, or by an acknowledgement that told of it.
pub fn hearers(db: &Connection, incident: &Incident) -> Result<Vec<Reader>, StoreError> {
    // The staff's mail of its beginning is the first about it: what was written before that need not be looked at.
    Ok(db
        .prepare_cached(
            "SELECT recipient, name, case_id, subscription
             FROM (SELECT recipient, recipients ->> '$.to[0].name' AS name, case_id,
                          data ->> 'subscription' AS subscription
                   FROM notices CROSS JOIN deliveries ON deliveries.notice = notices.id
                   WHERE notices.id >= IFNULL((SELECT MIN(id) FROM notices WHERE case_id = ?1), 0) AND topic = ?2
                     AND state IN ('accepted', 'waiting')
                   UNION ALL
                   SELECT recipient, recipients ->> '$.to[0].name', notices.case_id, NULL
                   FROM incident_children AS child
                        CROSS JOIN notices ON notices.case_id = child.case_id
                        CROSS JOIN deliveries ON deliveries.notice = notices.id
                   WHERE child.incident = ?1 AND kind IN ('acknowledgement', 'linked') AND data ->> 'incident' = ?3
                     AND state IN ('accepted', 'waiting'))
             ORDER BY case_id IS NULL, case_id",
        )?
        .query_map(params![incident.case.0, Topic::Incident(incident.case).to_string(), incident.title], |row| {
            Ok(Reader {
                address: Address { email: row.get(0)?, name: row.get(1)? },
                organisation: None,
                case: row.get::<_, Option<i64>>(2)?.map(CaseId),
                subscription: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?)
}

/// Has a mail about an incident gone to this address, or is one on its way? What waits for another try is not.
pub fn has_heard(db: &Connection, incident: &Incident, email: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    // By the reader, who has few mails. What told of the incident beside something else is sent in any case.
    Ok(db
        .prepare_cached(
            "SELECT 1
             FROM deliveries CROSS JOIN notices ON notices.id = deliveries.notice
             WHERE recipient = ?1
               AND (topic = ?2 AND kind <> 'mni-withdrawn'
                    AND (state = 'accepted' OR state = 'waiting' AND message_id IS NOT NULL AND next_try_at <= ?4)
                 OR kind IN ('acknowledgement', 'linked') AND data ->> 'incident' = ?3
                    AND state IN ('accepted', 'waiting'))",
        )?
        .exists(params![email, Topic::Incident(incident.case).to_string(), incident.title, millis(now)])?)
}

/// The services that an incident affects.
pub fn affected(db: &Connection, scope: &Scope) -> Result<Vec<Service>, StoreError> {
    let numbers = Numbers { platforms: &scope.platforms, keys: &scope.services, by_site: scope.platforms.is_empty() };
    let mut found = services::touched(db, &numbers)?;
    found.retain(|service| scope.affects(service));
    Ok(found)
}

/// The people for master cases of these organisations.
pub fn master_contacts(db: &Connection, organisations: &[i64]) -> Result<Vec<Reader>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT email, name, organisation
             FROM contacts
             WHERE organisation IN (SELECT value FROM json_each(?1))
               AND id IN (SELECT contact FROM contact_roles WHERE role = 'master-case')
             ORDER BY email",
        )?
        .query_map([serde_json::json!(organisations).to_string()], |row| {
            let address = Address { email: row.get(0)?, name: row.get(1)? };
            Ok(Reader { address, organisation: row.get(2)?, case: None, subscription: None })
        })?
        .collect::<Result<_, _>>()?)
}

/// Every child is to be resolved or, of an incident that is withdrawn, to go on alone: a clock each, which runs at once. One
/// statement, however many there are.
pub fn end_children(tx: &Connection, incident: &Incident, now: DateTime<Utc>) -> Result<usize, StoreError> {
    Ok(tx
        .prepare_cached(
            "INSERT INTO clocks (case_id, clock, due)
             SELECT child.case_id, ?2, ?3
             FROM incident_children AS child JOIN cases ON cases.id = child.case_id
             WHERE child.incident = ?1 AND child.unlinked_at IS NULL AND (cases.closed_at IS NULL OR ?4)
             ON CONFLICT (case_id, clock) DO UPDATE SET due = excluded.due",
        )?
        .execute(params![incident.case.0, Clock::MniOver.as_str(), millis(now), incident.withdrawn.is_some()])?)
}

/// The incident that ended last while the case was its child, and whose child it still is.
pub fn ended_of(db: &Connection, case: CaseId) -> Result<Option<Incident>, StoreError> {
    let id: Option<i64> = db
        .prepare_cached(
            "SELECT child.incident
             FROM incident_children AS child JOIN incidents ON incidents.case_id = child.incident
             WHERE child.case_id = ?1 AND child.unlinked_at IS NULL AND incidents.closed_at IS NOT NULL
             ORDER BY incidents.closed_at DESC
             LIMIT 1",
        )?
        .query_row([case.0], |row| row.get(0))
        .optional()?;
    id.map_or(Ok(None), |id| by_case(db, CaseId(id)))
}

/// The incident whose child a case is, or was last.
pub fn latest_of(db: &Connection, case: CaseId) -> Result<Option<Incident>, StoreError> {
    let id: Option<i64> = db
        .prepare_cached(
            "SELECT incident
             FROM incident_children
             WHERE case_id = ?1 AND unlinked_at IS NULL
             ORDER BY linked_at DESC
             LIMIT 1",
        )?
        .query_row([case.0], |row| row.get(0))
        .optional()?;
    id.map_or(Ok(None), |id| by_case(db, CaseId(id)))
}
