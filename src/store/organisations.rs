//! Organisations, with their domains and lists; and to which of them an address belongs.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, next_id};
use crate::desk::directory::{Affiliation, Organisation, domains_of, key, name_key};

const COLUMNS: &str = "id, name, customer_number, reference_pattern, clocks";

fn organisation(db: &Connection, row: &Row<'_>) -> Result<Organisation, StoreError> {
    let id: i64 = row.get("id")?;
    Ok(Organisation {
        id,
        name: row.get("name")?,
        customer_number: row.get("customer_number")?,
        domains: words(db, "SELECT domain FROM organisation_domains WHERE organisation = ?1", id)?,
        reference_pattern: row.get("reference_pattern")?,
        lists: words(db, "SELECT email FROM organisation_lists WHERE organisation = ?1", id)?,
        clocks: row.get("clocks")?,
    })
}

fn words(db: &Connection, sql: &str, id: i64) -> Result<BTreeSet<String>, StoreError> {
    Ok(db.prepare_cached(sql)?.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

fn one(db: &Connection, sql: &str, value: impl rusqlite::ToSql) -> Result<Option<Organisation>, StoreError> {
    db.prepare_cached(sql)?.query_row([value], |row| Ok(organisation(db, row))).optional()?.transpose()
}

pub fn by_id(db: &Connection, id: i64) -> Result<Organisation, StoreError> {
    one(db, &format!("SELECT {COLUMNS} FROM organisations WHERE id = ?1"), id)?
        .ok_or_else(|| StoreError::Unreadable(format!("organisation number {id} is missing")))
}

pub fn by_name(db: &Connection, name: &str) -> Result<Option<Organisation>, StoreError> {
    one(db, &format!("SELECT {COLUMNS} FROM organisations WHERE name_key = ?1"), name_key(name))
}

pub fn by_number(db: &Connection, customer_number: &str) -> Result<Option<Organisation>, StoreError> {
    one(db, &format!("SELECT {COLUMNS} FROM organisations WHERE number_key = ?1"), key(customer_number))
}

/// By name, else by customer number: as people name one.
pub fn named(db: &Connection, who: &str) -> Result<Option<Organisation>, StoreError> {
    match by_name(db, who)? {
        None => by_number(db, who),
        found => Ok(found),
    }
}

/// The organisation to which a domain was given, and its name.
pub fn of_domain(db: &Connection, domain: &str) -> Result<Option<(i64, String)>, StoreError> {
    let sql = "SELECT id, name
               FROM organisation_domains JOIN organisations ON id = organisation
               WHERE domain = ?1";
    Ok(db.prepare_cached(sql)?.query_row([domain], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// The organisation that has one of these addresses as its list, and its name.
pub fn of_list(db: &Connection, addresses: &[String]) -> Result<Option<(i64, String)>, StoreError> {
    let sql = "SELECT id, name
               FROM organisation_lists JOIN organisations ON id = organisation
               WHERE email IN (SELECT value FROM json_each(?1))
               ORDER BY email
               LIMIT 1";
    let all = serde_json::json!(addresses).to_string();
    Ok(db.prepare_cached(sql)?.query_row([all], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// The organisation of this number, as far as its mail needs it.
pub fn affiliation(db: &Connection, id: i64) -> Result<Option<Affiliation>, StoreError> {
    let sql = "SELECT id, name, reference_pattern, clocks FROM organisations WHERE id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], brief).optional()?)
}

/// The organisation to which an address belongs by its domain; of several the one with the most specific domain.
pub fn affiliation_by_domain(db: &Connection, email: &str) -> Result<Option<Affiliation>, StoreError> {
    let sql = "SELECT id, name, reference_pattern, clocks
               FROM organisation_domains JOIN organisations ON id = organisation
               WHERE domain = ?1";
    let mut statement = db.prepare_cached(sql)?;
    for domain in domains_of(email) {
        if let Some(found) = statement.query_row([domain], brief).optional()? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn brief(row: &Row<'_>) -> rusqlite::Result<Affiliation> {
    Ok(Affiliation { id: row.get(0)?, name: row.get(1)?, reference_pattern: row.get(2)?, clocks: row.get(3)? })
}

/// The organisations that have an arrangement of clocks of their own: their names, and its.
pub fn arrangements(db: &Connection) -> Result<Vec<(String, String)>, StoreError> {
    db.prepare_cached("SELECT name, clocks FROM organisations WHERE clocks IS NOT NULL ORDER BY name")?
        .query_and_then([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// The names that stand somewhere in a text, letter by letter, from so many characters on.
pub fn names_in(db: &Connection, text: &str, shortest: u32) -> Result<Vec<String>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT name FROM organisations WHERE length(name) >= ?2 AND instr(?1, name) > 0 ORDER BY name",
        )?
        .query_map(params![text, shortest], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// Those with this part in name, customer number or domain, by name; all where no part is given.
pub fn list(db: &Connection, part: Option<&str>, limit: u32, offset: u32) -> Result<Vec<Organisation>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM organisations
         WHERE ?1 IS NULL OR name_key LIKE ?1 ESCAPE '\\' OR customer_number LIKE ?1 ESCAPE '\\'
            OR id IN (SELECT organisation FROM organisation_domains WHERE domain LIKE ?1 ESCAPE '\\')
         ORDER BY name_key
         LIMIT ?2 OFFSET ?3"
    );
    let pattern = part.map(|part| super::cases::like(&part.to_lowercase()));
    db.prepare(&sql)?.query_and_then(params![pattern, limit, offset], |row| organisation(db, row))?.collect()
}

/// Writes an organisation as it is to be; with the number 0 a new one. Gives its number.
pub fn put(tx: &Connection, organisation: &Organisation) -> Result<i64, StoreError> {
    let id = if organisation.id == 0 { next_id(tx, "organisation")? } else { organisation.id };
    tx.prepare_cached(
        "INSERT INTO organisations (id, name, name_key, customer_number, number_key, reference_pattern, clocks)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET
             name = excluded.name,
             name_key = excluded.name_key,
             customer_number = excluded.customer_number,
             number_key = excluded.number_key,
             reference_pattern = excluded.reference_pattern,
             clocks = excluded.clocks",
    )?
    .execute(params![
        id,
        organisation.name,
        name_key(&organisation.name),
        organisation.customer_number,
        organisation.customer_number.as_deref().map(key),
        organisation.reference_pattern,
        organisation.clocks
    ])?;
    remove_words(tx, id)?;
    for domain in &organisation.domains {
        tx.prepare_cached("INSERT INTO organisation_domains (domain, organisation) VALUES (?1, ?2)")?
            .execute(params![domain, id])?;
    }
    for email in &organisation.lists {
        tx.prepare_cached("INSERT INTO organisation_lists (email, organisation) VALUES (?1, ?2)")?
            .execute(params![email, id])?;
    }
    Ok(id)
}

fn remove_words(tx: &Connection, id: i64) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM organisation_domains WHERE organisation = ?1")?.execute([id])?;
    tx.prepare_cached("DELETE FROM organisation_lists WHERE organisation = ?1")?.execute([id])?;
    Ok(())
}

/// How many contacts and services an organisation has.
pub fn belongings(db: &Connection, id: i64) -> Result<(u64, u64), StoreError> {
    let sql = "SELECT (SELECT COUNT(*) FROM contacts WHERE organisation = ?1),
                      (SELECT COUNT(*) FROM services WHERE organisation = ?1)";
    let (contacts, services): (i64, i64) =
        db.prepare_cached(sql)?.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((u64::try_from(contacts).unwrap_or(0), u64::try_from(services).unwrap_or(0)))
}

/// Removes an organisation that has neither contacts nor services.
pub fn remove(tx: &Connection, id: i64) -> Result<(), StoreError> {
    remove_words(tx, id)?;
    tx.execute("DELETE FROM organisations WHERE id = ?1", [id])?;
    Ok(())
}
