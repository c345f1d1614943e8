//! The desk's own planned works: what they are, whom they touch, and what was done to them.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::json;

use super::windows;
use crate::{
    desk::{
        case::CaseId,
        directory::Service,
        reference::Reference,
        works::{Affected, DeskWorks, Occurrence, Place, Window, WorksId, said::Standing},
    },
    mail::address::Address,
    store::{StoreError, broadcasts::Reader, known, millis, next_id, services, time},
};

const SELECT: &str = "SELECT id, kind, state, works.announced_at AS planned_at, zone, description, reason, contact,
        roll_back, planner, approver, desk_works.announced_at AS announced_at, emergency, forced, sequence, moved,
        recurring, occurs_on, remind_at, reminded_at, ask_at, pending, started_at, ended_at
 FROM works JOIN desk_works ON desk_works.works = works.id";

fn works(db: &Connection, row: &Row<'_>) -> Result<DeskWorks, StoreError> {
    let id: i64 = row.get("id")?;
    let at = |column: &str| -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(row.get::<_, Option<i64>>(column)?.map(time))
    };
    let word = |column: &str| row.get::<_, String>(column);
    let unreadable = |what: String| StoreError::Unreadable(what);
    let zone = word("zone")?;
    let occurrence = match (row.get::<_, Option<String>>("recurring")?, row.get::<_, Option<String>>("occurs_on")?) {
        (Some(name), Some(date)) => {
            let date: NaiveDate = date.parse().map_err(|_| unreadable(date.clone()))?;
            Some(Occurrence { name, date })
        }
        _ => None,
    };
    let pending: Option<String> = row.get("pending")?;
    Ok(DeskWorks {
        id: WorksId(id),
        kind: word("kind")?.parse().map_err(unreadable)?,
        state: word("state")?.parse().map_err(unreadable)?,
        windows: whole(db, id)?,
        zone: zone.parse().map_err(|_| unreadable(zone.clone()))?,
        affected: affected(db, id)?,
        description: word("description")?,
        reason: word("reason")?,
        contact: row.get("contact")?,
        roll_back: row.get("roll_back")?,
        planner: word("planner")?,
        planned_at: time(row.get("planned_at")?),
        approver: row.get("approver")?,
        announced_at: at("announced_at")?,
        emergency: row.get("emergency")?,
        forced: row.get("forced")?,
        sequence: row.get("sequence")?,
        moved: row.get("moved")?,
        occurrence,
        remind_at: at("remind_at")?,
        reminded_at: at("reminded_at")?,
        ask_at: at("ask_at")?,
        pending: pending.map(|text| serde_json::from_str(&text)).transpose().map_err(|e| unreadable(e.to_string()))?,
        started_at: at("started_at")?,
        ended_at: at("ended_at")?,
    })
}

fn whole(db: &Connection, id: i64) -> Result<Vec<Window>, StoreError> {
    let told = windows(db, id)?.into_iter();
    let windows = told.filter_map(|w| Some(Window { starts_at: w.starts_at?, ends_at: w.ends_at? }));
    Ok(windows.collect())
}

fn affected(db: &Connection, id: i64) -> Result<Vec<Affected>, StoreError> {
    db.prepare_cached("SELECT platform, service, name, impact FROM work_places WHERE works = ?1 ORDER BY position")?
        .query_and_then([id], |row| {
            let place = match (row.get::<_, Option<String>>(0)?, row.get::<_, Option<i64>>(1)?) {
                (Some(key), _) => Place::Platform(key),
                (None, id) => Place::Service { id: id.unwrap_or_default(), name: row.get(2)? },
            };
            let impact: String = row.get(3)?;
            Ok(Affected { place, impact: impact.parse().map_err(StoreError::Unreadable)? })
        })?
        .collect()
}

pub fn by_id(db: &Connection, id: WorksId) -> Result<Option<DeskWorks>, StoreError> {
    let sql = format!("{SELECT} WHERE id = ?1");
    db.prepare_cached(&sql)?.query_row([id.0], |row| Ok(works(db, row))).optional()?.transpose()
}

/// How works stand, in one look: it is asked for each of a hundred thousand readers.
pub fn standing(db: &Connection, id: WorksId) -> Result<Option<Standing>, StoreError> {
    let sql = "SELECT state, moved FROM works JOIN desk_works ON desk_works.works = works.id WHERE id = ?1";
    db.prepare_cached(sql)?
        .query_row([id.0], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
        .optional()?
        .map(|(state, moved)| Ok(Standing { state: state.parse().map_err(StoreError::Unreadable)?, moved }))
        .transpose()
}

/// Writes works as they are to be, with the line of what was done; with the number 0 new ones. Gives their number.
pub fn put(
    tx: &Connection,
    works: &DeskWorks,
    (actor, line): (&str, &str),
    now: DateTime<Utc>,
) -> Result<WorksId, StoreError> {
    let id = if works.id.0 == 0 { next_id(tx, "works")? } else { works.id.0 };
    tx.prepare_cached(
        "INSERT INTO works (id, whose, kind, state, announced_at, late)
         VALUES (?1, 'desk', ?2, ?3, ?4, 0)
         ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, state = excluded.state",
    )?
    .execute(params![id, works.kind.as_str(), works.state.as_str(), millis(works.planned_at)])?;
    tx.prepare_cached(
        "INSERT INTO desk_works (works, zone, description, reason, contact, roll_back, planner, approver, announced_at,
                                 emergency, forced, sequence, moved, recurring, occurs_on, remind_at, started_at,
                                 ended_at, reminded_at, ask_at, pending)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
         ON CONFLICT (works) DO UPDATE SET
             zone = excluded.zone,
             description = excluded.description,
             reason = excluded.reason,
             contact = excluded.contact,
             roll_back = excluded.roll_back,
             planner = excluded.planner,
             approver = excluded.approver,
             announced_at = excluded.announced_at,
             emergency = excluded.emergency,
             forced = excluded.forced,
             sequence = excluded.sequence,
             moved = excluded.moved,
             remind_at = excluded.remind_at,
             started_at = excluded.started_at,
             ended_at = excluded.ended_at,
             reminded_at = excluded.reminded_at,
             ask_at = excluded.ask_at,
             pending = excluded.pending",
    )?
    .execute(params![
        id,
        works.zone.name(),
        works.description,
        works.reason,
        works.contact,
        works.roll_back,
        works.planner,
        works.approver,
        works.announced_at.map(millis),
        works.emergency,
        works.forced,
        works.sequence,
        works.moved,
        works.occurrence.as_ref().map(|occurrence| &occurrence.name),
        works.occurrence.as_ref().map(|occurrence| occurrence.date.to_string()),
        works.remind_at.map(millis),
        works.started_at.map(millis),
        works.ended_at.map(millis),
        works.reminded_at.map(millis),
        works.ask_at.map(millis),
        works.pending.as_ref().map(|pending| json!(pending).to_string()),
    ])?;
    tx.prepare_cached("DELETE FROM work_windows WHERE works = ?1")?.execute([id])?;
    for (position, window) in works.windows.iter().enumerate() {
        tx.prepare_cached("INSERT INTO work_windows (works, position, starts_at, ends_at) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![id, position as i64, millis(window.starts_at), millis(window.ends_at)])?;
    }
    tx.prepare_cached("DELETE FROM work_places WHERE works = ?1")?.execute([id])?;
    for (position, one) in works.affected.iter().enumerate() {
        let (platform, service, name) = match &one.place {
            Place::Platform(key) => (Some(key), None, key),
            Place::Service { id, name } => (None, Some(*id), name),
        };
        tx.prepare_cached(
            "INSERT INTO work_places (works, position, platform, service, name, impact) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![id, position as i64, platform, service, name, one.impact.as_str()])?;
    }
    tx.prepare_cached("INSERT INTO works_history (id, works, at, actor, text) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![next_id(tx, "works-history")?, id, millis(now), actor, line])?;
    Ok(WorksId(id))
}

/// A line of what was done.
#[derive(Debug, Clone)]
pub struct Line {
    pub at: DateTime<Utc>,
    /// empty: the desk itself
    pub actor: String,
    pub text: String,
}

pub fn history(db: &Connection, id: WorksId) -> Result<Vec<Line>, StoreError> {
    Ok(db
        .prepare_cached("SELECT at, actor, text FROM works_history WHERE works = ?1 ORDER BY id")?
        .query_map([id.0], |row| Ok(Line { at: time(row.get(0)?), actor: row.get(1)?, text: row.get(2)? }))?
        .collect::<Result<_, _>>()?)
}

/// When something was done to works last.
pub fn changed_at(db: &Connection, works: &DeskWorks) -> Result<DateTime<Utc>, StoreError> {
    let at: Option<i64> = db
        .prepare_cached("SELECT MAX(at) FROM works_history WHERE works = ?1")?
        .query_row([works.id.0], |row| row.get(0))?;
    Ok(at.map_or(works.planned_at, time))
}

/// Which works a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// services in the directory: those works that touch one of them, by itself or by its platform
    pub services: Option<Vec<i64>>,
    pub platform: Option<String>,
    /// those that end after it, and are not cancelled
    pub coming_after: Option<DateTime<Utc>>,
    /// those whose last window ends after it, whatever became of them
    pub ends_after: Option<DateTime<Utc>>,
    /// those of which customers know, also ones that are over
    pub public: bool,
    pub limit: u32,
}

/// By their beginning.
pub fn list(db: &Connection, filter: &Filter) -> Result<Vec<DeskWorks>, StoreError> {
    let sql = format!(
        "{SELECT}
         WHERE (?1 IS NULL OR id IN (
                   SELECT works FROM work_places WHERE service IN (SELECT value FROM json_each(?1))
                   UNION
                   SELECT works FROM work_places
                   WHERE platform IN (SELECT platform FROM services WHERE id IN (SELECT value FROM json_each(?1)))
               ))
           AND (?2 IS NULL OR id IN (
                   SELECT works FROM work_places WHERE platform = ?2
                   UNION
                   SELECT works FROM work_places JOIN services ON services.id = service WHERE services.platform = ?2
               ))
           AND (?3 IS NULL OR (
                   state NOT IN ('cancelled', 'completed')
                   AND (SELECT MAX(ends_at) FROM work_windows WHERE work_windows.works = id) > ?3
               ))
           AND (?4 = 0 OR desk_works.announced_at IS NOT NULL)
           AND (?6 IS NULL OR (SELECT MAX(ends_at) FROM work_windows WHERE work_windows.works = id) > ?6)
         ORDER BY (SELECT MIN(starts_at) FROM work_windows WHERE work_windows.works = id), id
         LIMIT ?5"
    );
    let services = filter.services.as_ref().map(|ids| json!(ids).to_string());
    let after = filter.coming_after.map(millis);
    let ends_after = filter.ends_after.map(millis);
    db.prepare_cached(&sql)?
        .query_and_then(params![services, filter.platform, after, filter.public, filter.limit, ends_after], |row| {
            works(db, row)
        })?
        .collect()
}

/// Those whose reminder is due, at most so many.
pub fn due(db: &Connection, now: DateTime<Utc>, at_most: u32) -> Result<Vec<DeskWorks>, StoreError> {
    let sql = format!("{SELECT} WHERE remind_at <= ?1 ORDER BY remind_at, id LIMIT ?2");
    db.prepare_cached(&sql)?.query_and_then(params![millis(now), at_most], |row| works(db, row))?.collect()
}

/// Those of which staff are to be asked what has become of them, at most so many.
pub fn to_ask(db: &Connection, now: DateTime<Utc>, at_most: u32) -> Result<Vec<DeskWorks>, StoreError> {
    let sql = format!("{SELECT} WHERE ask_at <= ?1 ORDER BY ask_at, id LIMIT ?2");
    db.prepare_cached(&sql)?.query_and_then(params![millis(now), at_most], |row| works(db, row))?.collect()
}

/// When the next of [`due`] and [`to_ask`] is.
pub fn next_due(db: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
    let due: Option<i64> = db
        .prepare_cached(
            "SELECT MIN(at)
             FROM (SELECT MIN(remind_at) AS at FROM desk_works WHERE remind_at IS NOT NULL
                   UNION ALL
                   SELECT MIN(ask_at) FROM desk_works WHERE ask_at IS NOT NULL)",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(due.map(time))
}

/// The last date for which a recurring works is in the calendar.
pub fn last_occurrence(db: &Connection, name: &str) -> Result<Option<NaiveDate>, StoreError> {
    let last: Option<String> = db
        .prepare_cached("SELECT MAX(occurs_on) FROM desk_works WHERE recurring = ?1")?
        .query_row([name], |row| row.get(0))?;
    last.map(|date| date.parse().map_err(|_| StoreError::Unreadable(date.clone()))).transpose()
}

/// Is there a service on one of these platforms?
pub fn anything_on(db: &Connection, platforms: &[&str]) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM services WHERE platform IN (SELECT value FROM json_each(?1))";
    Ok(db.prepare_cached(sql)?.exists([json!(platforms).to_string()])?)
}

/// The places of works as the queries below take them.
fn places<'a>(affected: impl Iterator<Item = &'a Affected>) -> (String, String) {
    let (mut services, mut platforms) = (Vec::new(), Vec::new());
    for one in affected {
        match &one.place {
            Place::Platform(key) => platforms.push(key),
            Place::Service { id, .. } => services.push(id),
        }
    }
    (json!(services).to_string(), json!(platforms).to_string())
}

/// Who of the customers is told: the maintenance contacts of each organisation with a touched service, else its main
/// contacts; nobody twice.
pub fn readers<'a>(db: &Connection, affected: impl Iterator<Item = &'a Affected>) -> Result<Vec<Reader>, StoreError> {
    let (services, platforms) = places(affected);
    Ok(db
        .prepare_cached(
            "WITH touched AS (
                 SELECT organisation FROM services WHERE id IN (SELECT value FROM json_each(?1))
                 UNION
                 SELECT organisation FROM services WHERE platform IN (SELECT value FROM json_each(?2))
             )
             SELECT email, name, touched.organisation
             FROM touched JOIN contacts ON contacts.organisation = touched.organisation
             WHERE EXISTS (SELECT 1 FROM contact_roles WHERE contact = contacts.id AND role = 'maintenance')
                OR EXISTS (SELECT 1 FROM contact_roles
                           WHERE contact = contacts.id AND role IN ('main-primary', 'main-secondary'))
                   AND NOT EXISTS (SELECT 1
                                   FROM contacts AS others JOIN contact_roles ON contact_roles.contact = others.id
                                   WHERE others.organisation = touched.organisation AND role = 'maintenance')
             ORDER BY email",
        )?
        .query_map(params![services, platforms], |row| {
            Ok(Reader {
                address: Address { email: row.get(0)?, name: row.get(1)? },
                organisation: row.get(2)?,
                case: None,
                subscription: None,
            })
        })?
        .collect::<Result<_, _>>()?)
}

/// How many organisations have a touched service.
pub fn organisations<'a>(db: &Connection, affected: impl Iterator<Item = &'a Affected>) -> Result<u64, StoreError> {
    let (services, platforms) = places(affected);
    let number: i64 = db
        .prepare_cached(
            "SELECT COUNT(DISTINCT organisation)
             FROM services
             WHERE id IN (SELECT value FROM json_each(?1)) OR platform IN (SELECT value FROM json_each(?2))",
        )?
        .query_row(params![services, platforms], |row| row.get(0))?;
    Ok(u64::try_from(number).unwrap_or_default())
}

/// Those of an organisation's services that have one of these numbers, or are on one of these platforms.
pub fn services_of(
    db: &Connection,
    organisation: i64,
    ids: &[i64],
    platforms: &[&str],
) -> Result<Vec<Service>, StoreError> {
    let mut all = services::of_organisation(db, organisation)?;
    all.retain(|s| ids.contains(&s.id) || s.platform.as_deref().is_some_and(|on| platforms.contains(&on)));
    Ok(all)
}

/// By which an organisation is known to itself: its customer number, else its name. None when it was removed.
pub fn account(db: &Connection, organisation: i64) -> Result<Option<String>, StoreError> {
    let sql = "SELECT COALESCE(customer_number, name) FROM organisations WHERE id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([organisation], |row| row.get(0)).optional()?)
}

/// The case that somebody's earlier answer to a mail about works has opened, the newest.
pub fn case_of(db: &Connection, id: WorksId, email: &str) -> Result<Option<CaseId>, StoreError> {
    let sql = "SELECT cases.id
               FROM works_cases JOIN cases ON cases.id = case_id
               WHERE works = ?1 AND requester = ?2
               ORDER BY cases.id DESC
               LIMIT 1";
    Ok(db.prepare_cached(sql)?.query_row(params![id.0, email], |row| Ok(CaseId(row.get(0)?))).optional()?)
}

/// Have the works a window with this number, counted from 1?
pub fn has_window(db: &Connection, id: WorksId, number: u32) -> Result<bool, StoreError> {
    let windows = windows(db, id.0)?.len();
    Ok((1..=windows).contains(&(number as usize)))
}

/// A case is about works.
pub fn link_case(tx: &Connection, id: WorksId, case: CaseId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO works_cases (works, case_id) VALUES (?1, ?2) ON CONFLICT (works, case_id) DO NOTHING",
    )?
    .execute(params![id.0, case.0])?;
    Ok(())
}

/// The cases about works, the oldest first.
pub fn cases(db: &Connection, id: WorksId) -> Result<Vec<Reference>, StoreError> {
    db.prepare_cached(
        "SELECT reference
         FROM works_cases JOIN cases ON cases.id = case_id
         WHERE works = ?1
         ORDER BY case_id",
    )?
    .query_and_then([id.0], |row| known(&row.get::<_, String>(0)?))?
    .collect()
}

/// The desk's works that a case is about.
pub fn of_case(db: &Connection, case: CaseId) -> Result<Vec<WorksId>, StoreError> {
    Ok(db
        .prepare_cached("SELECT works FROM works_cases WHERE case_id = ?1 ORDER BY works")?
        .query_map([case.0], |row| Ok(WorksId(row.get(0)?)))?
        .collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests;
