//! Planned works: the customers' own, and in [`desk`] the desk's. Both have numbers of one row, and their windows in one
//! table.

pub mod desk;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, macd::one_of, millis, next_id, services, time};
use crate::desk::{
    case::CaseId,
    directory::key,
    works::{ToldWindow, Touched, Whose, Works, WorksKind, WorksState},
};

const COLUMNS: &str = "id, whose, kind, state, case_id, organisation, customer_number, owner, announced_at, late";

fn works(db: &Connection, row: &Row<'_>) -> Result<Works, StoreError> {
    let id: i64 = row.get("id")?;
    Ok(Works {
        id,
        whose: one_of(&Whose::ALL, Whose::as_str, row.get("whose")?)?,
        kind: one_of(&WorksKind::ALL, WorksKind::as_str, row.get("kind")?)?,
        state: one_of(&WorksState::ALL, WorksState::as_str, row.get("state")?)?,
        case: row.get::<_, Option<i64>>("case_id")?.map(CaseId),
        organisation: row.get("organisation")?,
        customer_number: row.get("customer_number")?,
        owner: row.get("owner")?,
        announced_at: time(row.get("announced_at")?),
        late: row.get("late")?,
        windows: windows(db, id)?,
        services: touched(db, id)?,
    })
}

fn windows(db: &Connection, works: i64) -> Result<Vec<ToldWindow>, StoreError> {
    Ok(db
        .prepare_cached("SELECT starts_at, ends_at FROM work_windows WHERE works = ?1 ORDER BY position")?
        .query_map([works], |row| {
            Ok(ToldWindow {
                starts_at: row.get::<_, Option<i64>>(0)?.map(time),
                ends_at: row.get::<_, Option<i64>>(1)?.map(time),
            })
        })?
        .collect::<Result<_, _>>()?)
}

fn touched(db: &Connection, works: i64) -> Result<Vec<Touched>, StoreError> {
    Ok(db
        .prepare_cached("SELECT name, service FROM work_services WHERE works = ?1 ORDER BY name_key")?
        .query_map([works], |row| Ok(Touched { name: row.get(0)?, service: row.get(1)? }))?
        .collect::<Result<_, _>>()?)
}

/// Writes works as they are to be; with the number 0 new ones. Services of the organisation are found by their names.
pub fn put(tx: &Connection, works: &Works) -> Result<i64, StoreError> {
    let id = if works.id == 0 { next_id(tx, "works")? } else { works.id };
    tx.prepare_cached(
        "INSERT INTO works (id, whose, kind, state, case_id, organisation, customer_number, owner, announced_at, late)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (id) DO UPDATE SET
             state = excluded.state,
             organisation = excluded.organisation,
             customer_number = excluded.customer_number,
             owner = excluded.owner,
             late = excluded.late",
    )?
    .execute(params![
        id,
        works.whose.as_str(),
        works.kind.as_str(),
        works.state.as_str(),
        works.case.map(|case| case.0),
        works.organisation,
        works.customer_number,
        works.owner,
        millis(works.announced_at),
        works.late,
    ])?;
    tx.prepare_cached("DELETE FROM work_windows WHERE works = ?1")?.execute([id])?;
    for (position, window) in works.windows.iter().enumerate() {
        tx.prepare_cached("INSERT INTO work_windows (works, position, starts_at, ends_at) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![id, position as i64, window.starts_at.map(millis), window.ends_at.map(millis)])?;
    }
    tx.prepare_cached("DELETE FROM work_services WHERE works = ?1")?.execute([id])?;
    for touched in &works.services {
        let known = services::by_ids(tx, std::slice::from_ref(&touched.name))?;
        let own =
            known.iter().find(|service| Some(service.organisation) == works.organisation).map(|service| service.id);
        tx.prepare_cached(
            "INSERT INTO work_services (works, name_key, name, service) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (works, name_key) DO NOTHING",
        )?
        .execute(params![id, key(&touched.name), touched.name, touched.service.or(own)])?;
    }
    Ok(id)
}

/// The works that a case is about.
pub fn of_case(db: &Connection, case: CaseId) -> Result<Option<Works>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM works WHERE case_id = ?1 ORDER BY id LIMIT 1");
    db.prepare_cached(&sql)?.query_row([case.0], |row| Ok(works(db, row))).optional()?.transpose()
}

/// Which works a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// any name of a service
    pub service: Option<String>,
    pub organisation: Option<i64>,
    /// those that end after it, or of which nobody knows when
    pub ends_after: Option<DateTime<Utc>>,
    pub limit: u32,
}

/// By their beginning; those without one come last.
pub fn list(db: &Connection, filter: &Filter) -> Result<Vec<Works>, StoreError> {
    // A service is found by whichever of its names the works were announced.
    let names: Option<Vec<String>> = match &filter.service {
        Some(name) => {
            let known = services::by_ids(db, std::slice::from_ref(name))?;
            let of = |s: crate::desk::directory::Service| [s.service_id, s.circuit_id, s.order_number];
            Some(known.into_iter().flat_map(of).flatten().chain([name.clone()]).map(|name| key(&name)).collect())
        }
        None => None,
    };
    let sql = format!(
        "SELECT {COLUMNS},
                (SELECT MIN(starts_at) FROM work_windows WHERE work_windows.works = works.id) AS begins
         FROM works
         WHERE whose = 'customer'
           AND (?1 IS NULL OR organisation = ?1)
           AND (?2 IS NULL OR id IN (
               SELECT works FROM work_services WHERE name_key IN (SELECT value FROM json_each(?2))
           ))
           AND (?4 IS NULL OR IFNULL(
               (SELECT MAX(ends_at) FROM work_windows WHERE work_windows.works = works.id) > ?4, TRUE
           ))
         ORDER BY begins IS NULL, begins, id
         LIMIT ?3"
    );
    let names = names.map(|names| serde_json::json!(names).to_string());
    db.prepare_cached(&sql)?
        .query_and_then(params![filter.organisation, names, filter.limit, filter.ends_after.map(millis)], |row| {
            works(db, row)
        })?
        .collect()
}
