//! Services: what organisations bought, found by any of the numbers that it has.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, next_id};
use crate::desk::directory::{Service, key};

const COLUMNS: &str = "id, organisation, service_id, circuit_id, order_number, platform, site";

fn service(row: &Row<'_>) -> rusqlite::Result<Service> {
    Ok(Service {
        id: row.get("id")?,
        organisation: row.get("organisation")?,
        service_id: row.get("service_id")?,
        circuit_id: row.get("circuit_id")?,
        order_number: row.get("order_number")?,
        platform: row.get("platform")?,
        site: row.get("site")?,
    })
}

/// The services that have one of these as service ID, circuit ID or order number, compared in capitals without blanks.
pub fn by_ids(db: &Connection, ids: &[String]) -> Result<Vec<Service>, StoreError> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let keys: Vec<String> = ids.iter().map(|id| key(id)).filter(|key| !key.is_empty()).collect();
    let sql = format!(
        "SELECT {COLUMNS}
         FROM services
         WHERE id IN (
             SELECT id FROM services WHERE service_key IN (SELECT value FROM json_each(?1))
             UNION
             SELECT id FROM services WHERE circuit_key IN (SELECT value FROM json_each(?1))
             UNION
             SELECT id FROM services WHERE order_key IN (SELECT value FROM json_each(?1))
         )
         ORDER BY id"
    );
    let keys = serde_json::json!(keys).to_string();
    Ok(db.prepare_cached(&sql)?.query_map([keys], service)?.collect::<Result<_, _>>()?)
}

pub fn by_service_id(db: &Connection, service_id: &str) -> Result<Option<Service>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM services WHERE service_key = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([key(service_id)], service).optional()?)
}

/// The service without a service ID that has this circuit; else without both, this order.
pub fn without_service_id(
    db: &Connection,
    circuit_id: Option<&str>,
    order_number: Option<&str>,
) -> Result<Option<Service>, StoreError> {
    let (column, value) = match (circuit_id, order_number) {
        (Some(circuit), _) => ("circuit_key", circuit),
        (None, Some(order)) => ("circuit_key IS NULL AND order_key", order),
        (None, None) => return Ok(None),
    };
    let sql = format!("SELECT {COLUMNS} FROM services WHERE {column} = ?1 AND service_key IS NULL ORDER BY id LIMIT 1");
    Ok(db.prepare_cached(&sql)?.query_row([key(value)], service).optional()?)
}

/// The platforms that services are on, each once.
pub fn platforms(db: &Connection) -> Result<Vec<String>, StoreError> {
    Ok(db
        .prepare_cached("SELECT DISTINCT platform FROM services WHERE platform IS NOT NULL ORDER BY platform")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

pub fn of_organisation(db: &Connection, organisation: i64) -> Result<Vec<Service>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM services WHERE organisation = ?1 ORDER BY id");
    Ok(db.prepare_cached(&sql)?.query_map([organisation], service)?.collect::<Result<_, _>>()?)
}

/// The numbers, in capitals, that stand somewhere in a text that is in capitals, from so many characters on.
pub fn numbers_in(db: &Connection, text: &str, shortest: u32) -> Result<Vec<String>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT DISTINCT number
             FROM (SELECT upper(service_id) AS number FROM services
                   UNION ALL
                   SELECT upper(circuit_id) FROM services
                   UNION ALL
                   SELECT upper(order_number) FROM services)
             WHERE length(number) >= ?2 AND instr(?1, number) > 0
             ORDER BY number",
        )?
        .query_map(params![text, shortest], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// The organisations that have these services, each once.
pub fn organisations_of(db: &Connection, ids: &[i64]) -> Result<Vec<i64>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT DISTINCT organisation
             FROM services
             WHERE id IN (SELECT value FROM json_each(?1))
             ORDER BY organisation",
        )?
        .query_map([serde_json::json!(ids).to_string()], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// All sites where services are.
pub fn sites(db: &Connection) -> Result<Vec<String>, StoreError> {
    Ok(db
        .prepare_cached("SELECT DISTINCT site FROM services WHERE site IS NOT NULL ORDER BY site")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// What touches services: their platforms, or numbers of theirs; with `by_site` all that have a site.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<'a> {
    /// in lower case
    pub platforms: &'a BTreeSet<String>,
    /// as they are compared
    pub keys: &'a BTreeSet<String>,
    pub by_site: bool,
}

/// The services that could be touched. Which of them are is the core's to say.
pub fn touched(db: &Connection, by: &Numbers<'_>) -> Result<Vec<Service>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM services
         WHERE platform IN (SELECT value FROM json_each(?1))
            OR service_key IN (SELECT value FROM json_each(?2))
            OR circuit_key IN (SELECT value FROM json_each(?2))
            OR order_key IN (SELECT value FROM json_each(?2))
            OR (?3 AND site IS NOT NULL)
         ORDER BY id"
    );
    let (platforms, keys) = (serde_json::json!(by.platforms).to_string(), serde_json::json!(by.keys).to_string());
    Ok(db.prepare_cached(&sql)?.query_map(params![platforms, keys, by.by_site], service)?.collect::<Result<_, _>>()?)
}

/// Which services a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// part of service ID, circuit ID, order number or site
    pub part: Option<String>,
    pub organisation: Option<i64>,
    pub platform: Option<String>,
    pub limit: u32,
    pub offset: u32,
}

pub fn list(db: &Connection, filter: &Filter) -> Result<Vec<Service>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM services
         WHERE (?1 IS NULL OR service_id LIKE ?1 ESCAPE '\\' OR circuit_id LIKE ?1 ESCAPE '\\'
                OR order_number LIKE ?1 ESCAPE '\\' OR site LIKE ?1 ESCAPE '\\')
           AND (?2 IS NULL OR organisation = ?2)
           AND (?3 IS NULL OR platform = lower(?3))
         ORDER BY COALESCE(service_key, circuit_key, order_key), id
         LIMIT ?4 OFFSET ?5"
    );
    let pattern = filter.part.as_deref().map(super::cases::like);
    let values = params![pattern, filter.organisation, filter.platform, filter.limit, filter.offset];
    Ok(db.prepare(&sql)?.query_map(values, service)?.collect::<Result<_, _>>()?)
}

/// Writes a service as it is to be; with the number 0 a new one. Gives its number.
pub fn put(tx: &Connection, service: &Service) -> Result<i64, StoreError> {
    let id = if service.id == 0 { next_id(tx, "service")? } else { service.id };
    let keyed = |id: &Option<String>| id.as_deref().map(key);
    tx.prepare_cached(
        "INSERT INTO services (id, organisation, service_id, service_key, circuit_id, circuit_key, order_number,
                               order_key, platform, site)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (id) DO UPDATE SET
             organisation = excluded.organisation,
             service_id = excluded.service_id,
             service_key = excluded.service_key,
             circuit_id = excluded.circuit_id,
             circuit_key = excluded.circuit_key,
             order_number = excluded.order_number,
             order_key = excluded.order_key,
             platform = excluded.platform,
             site = excluded.site",
    )?
    .execute(params![
        id,
        service.organisation,
        service.service_id,
        keyed(&service.service_id),
        service.circuit_id,
        keyed(&service.circuit_id),
        service.order_number,
        keyed(&service.order_number),
        service.platform,
        service.site
    ])?;
    Ok(id)
}

pub fn remove(tx: &Connection, id: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM services WHERE id = ?1", [id])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{desk::directory::Organisation, store::organisations};

    #[test]
    fn a_service_is_found_by_any_of_its_numbers_however_they_are_written() {
        let db = crate::store::open::in_memory().unwrap();
        let books = Organisation { name: "Books".to_owned(), ..Organisation::default() };
        let organisation = organisations::put(&db, &books).unwrap();
        let line = Service {
            organisation,
            service_id: Some("IS-4711".to_owned()),
            circuit_id: Some("FRA/BER/IA 12".to_owned()),
            order_number: Some("o-1".to_owned()),
            ..Service::default()
        };
        let id = put(&db, &line).unwrap();
        put(&db, &Service { service_id: Some("IS-4712".to_owned()), ..line.clone() }).unwrap();
        let found = |asked: &[&str]| {
            let asked: Vec<String> = asked.iter().map(|id| (*id).to_owned()).collect();
            by_ids(&db, &asked).unwrap().into_iter().map(|service| service.id).collect::<Vec<_>>()
        };
        assert_eq!(found(&["is-4711"]), [id]);
        assert_eq!(found(&["fra/ber/ia12"]), [id, id + 1], "two services of one circuit");
        assert_eq!(found(&[" O-1 ", "IS-4711"]), [id, id + 1]);
        assert!(found(&["", "4711"]).is_empty());
        assert!(found(&[]).is_empty());
    }
}
