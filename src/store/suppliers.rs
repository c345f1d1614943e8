//! What lies at suppliers.

use rusqlite::{Connection, Row, params};

use super::{StoreError, millis, next_id, time};
use crate::desk::{case::CaseId, directory::domains_of, supplier::Supplier};

const COLUMNS: &str = "case_id, number, name, their_reference, domain, opened_at, first_response_by, expected_by,
    delays_until, closed_at";

fn supplier(row: &Row<'_>) -> rusqlite::Result<Supplier> {
    let at = |column: &str| -> rusqlite::Result<_> { Ok(row.get::<_, Option<i64>>(column)?.map(time)) };
    Ok(Supplier {
        case: CaseId(row.get("case_id")?),
        number: row.get("number")?,
        name: row.get("name")?,
        their_reference: row.get("their_reference")?,
        domain: row.get("domain")?,
        opened_at: time(row.get("opened_at")?),
        first_response_by: at("first_response_by")?,
        expected_by: at("expected_by")?,
        delays_until: at("delays_until")?,
        closed_at: at("closed_at")?,
    })
}

pub fn next_number(db: &Connection, case: CaseId) -> Result<u32, StoreError> {
    Ok(db
        .prepare_cached("SELECT COALESCE(MAX(number), 0) + 1 FROM suppliers WHERE case_id = ?1")?
        .query_row([case.0], |row| row.get(0))?)
}

pub fn put(tx: &Connection, supplier: &Supplier) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO suppliers (id, case_id, number, name, their_reference, domain, opened_at, first_response_by,
                                expected_by, delays_until, closed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (case_id, number) DO UPDATE SET
             first_response_by = excluded.first_response_by,
             expected_by = excluded.expected_by,
             delays_until = excluded.delays_until,
             closed_at = excluded.closed_at",
    )?
    .execute(params![
        next_id(tx, "supplier")?,
        supplier.case.0,
        supplier.number,
        supplier.name,
        supplier.their_reference,
        supplier.domain,
        millis(supplier.opened_at),
        supplier.first_response_by.map(millis),
        supplier.expected_by.map(millis),
        supplier.delays_until.map(millis),
        supplier.closed_at.map(millis),
    ])?;
    Ok(())
}

pub fn of_case(db: &Connection, case: CaseId) -> Result<Vec<Supplier>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM suppliers WHERE case_id = ?1 ORDER BY number");
    Ok(db.prepare_cached(&sql)?.query_map([case.0], supplier)?.collect::<Result<_, _>>()?)
}

/// The last thousand matters that lay at a supplier who writes from this address, the newest first.
pub fn of_writer(db: &Connection, email: &str) -> Result<Vec<Supplier>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM suppliers
         WHERE domain IN (SELECT value FROM json_each(?1))
         ORDER BY id DESC
         LIMIT 1000"
    );
    let domains = serde_json::json!(domains_of(email)).to_string();
    Ok(db.prepare_cached(&sql)?.query_map([domains], supplier)?.collect::<Result<_, _>>()?)
}
