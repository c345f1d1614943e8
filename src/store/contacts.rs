//! Contacts: people of organisations, and what the directory knows of an address.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, known, next_id, organisations};
use crate::desk::directory::{Contact, Listed, Role};

const COLUMNS: &str = "id, email, name, title, telephone, organisation, language, zone, system, invitations";

fn contact(db: &Connection, row: &Row<'_>) -> Result<Contact, StoreError> {
    let id: i64 = row.get("id")?;
    let zone: Option<String> = row.get("zone")?;
    Ok(Contact {
        id,
        email: row.get("email")?,
        name: row.get("name")?,
        title: row.get("title")?,
        telephone: row.get("telephone")?,
        organisation: row.get("organisation")?,
        roles: roles(db, id)?,
        language: row.get("language")?,
        // A zone that a later list of zones does not have any more is none.
        zone: zone.and_then(|name| name.parse().ok()),
        system: row.get("system")?,
        invitations: row.get("invitations")?,
    })
}

fn roles(db: &Connection, id: i64) -> Result<BTreeSet<Role>, StoreError> {
    db.prepare_cached("SELECT role FROM contact_roles WHERE contact = ?1")?
        .query_and_then([id], |row| known(&row.get::<_, String>(0)?))?
        .collect()
}

pub fn by_email(db: &Connection, email: &str) -> Result<Option<Contact>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM contacts WHERE email = ?1");
    db.prepare_cached(&sql)?.query_row([email], |row| Ok(contact(db, row))).optional()?.transpose()
}

pub fn by_id(db: &Connection, id: i64) -> Result<Option<Contact>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM contacts WHERE id = ?1");
    db.prepare_cached(&sql)?.query_row([id], |row| Ok(contact(db, row))).optional()?.transpose()
}

/// What the directory knows of an address: a look-up by address, and one by each part of its domain where the contact
/// says nothing of an organisation.
pub fn known_of(db: &Connection, email: &str) -> Result<Listed, StoreError> {
    if email.is_empty() {
        return Ok(Listed::default());
    }
    let contact = by_email(db, email)?;
    let organisation = match contact.as_ref().and_then(|contact| contact.organisation) {
        Some(id) => organisations::affiliation(db, id)?,
        None => organisations::affiliation_by_domain(db, email)?,
    };
    Ok(Listed { contact, organisation })
}

/// Is one of these addresses a contact's?
pub fn any_of(db: &Connection, addresses: &[String]) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM contacts WHERE email IN (SELECT value FROM json_each(?1))";
    Ok(db.prepare_cached(sql)?.exists([serde_json::json!(addresses).to_string()])?)
}

/// The people of an organisation, main contacts first, then by address.
pub fn of_organisation(db: &Connection, organisation: i64) -> Result<Vec<Contact>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM contacts WHERE organisation = ?1 ORDER BY email");
    let mut all: Vec<Contact> =
        db.prepare_cached(&sql)?.query_and_then([organisation], |row| contact(db, row))?.collect::<Result<_, _>>()?;
    all.sort_by_key(|contact| contact.roles.first().copied().map_or((1, None), |role| (0, Some(role))));
    Ok(all)
}

/// The main points of contact of an organisation, the primary first.
pub fn main_of(db: &Connection, organisation: i64) -> Result<Vec<Contact>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM contacts
         WHERE organisation = ?1
           AND id IN (SELECT contact FROM contact_roles WHERE role IN ('main-primary', 'main-secondary'))
         ORDER BY email"
    );
    let mut all: Vec<Contact> =
        db.prepare_cached(&sql)?.query_and_then([organisation], |row| contact(db, row))?.collect::<Result<_, _>>()?;
    all.sort_by_key(|contact| contact.roles.first().copied());
    Ok(all)
}

/// Which contacts a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// part of the address or the name, in any case of letters
    pub part: Option<String>,
    pub organisation: Option<i64>,
    pub role: Option<Role>,
    /// robots only, or people only
    pub system: Option<bool>,
    pub limit: u32,
    pub offset: u32,
}

/// Contacts by address.
pub fn list(db: &Connection, filter: &Filter) -> Result<Vec<Contact>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}
         FROM contacts
         WHERE (?1 IS NULL OR email LIKE ?1 ESCAPE '\\' OR name LIKE ?1 ESCAPE '\\')
           AND (?2 IS NULL OR organisation = ?2)
           AND (?3 IS NULL OR id IN (SELECT contact FROM contact_roles WHERE role = ?3))
           AND (?4 IS NULL OR system = ?4)
         ORDER BY email
         LIMIT ?5 OFFSET ?6"
    );
    let pattern = filter.part.as_deref().map(super::cases::like);
    let role = filter.role.map(|role| role.to_string());
    let values = params![pattern, filter.organisation, role, filter.system, filter.limit, filter.offset];
    db.prepare(&sql)?.query_and_then(values, |row| contact(db, row))?.collect()
}

/// Writes a contact as it is to be; with the number 0 a new one. Gives its number.
pub fn put(tx: &Connection, contact: &Contact) -> Result<i64, StoreError> {
    let id = if contact.id == 0 { next_id(tx, "contact")? } else { contact.id };
    tx.prepare_cached(
        "INSERT INTO contacts (id, email, name, title, telephone, organisation, language, zone, system, invitations)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (id) DO UPDATE SET
             email = excluded.email,
             name = excluded.name,
             title = excluded.title,
             telephone = excluded.telephone,
             organisation = excluded.organisation,
             language = excluded.language,
             zone = excluded.zone,
             system = excluded.system,
             invitations = excluded.invitations",
    )?
    .execute(params![
        id,
        contact.email,
        contact.name,
        contact.title,
        contact.telephone,
        contact.organisation,
        contact.language,
        contact.zone.map(|zone| zone.name()),
        contact.system,
        contact.invitations
    ])?;
    tx.prepare_cached("DELETE FROM contact_roles WHERE contact = ?1")?.execute([id])?;
    for role in &contact.roles {
        tx.prepare_cached("INSERT INTO contact_roles (contact, role) VALUES (?1, ?2)")?
            .execute(params![id, role.to_string()])?;
    }
    Ok(id)
}

pub fn remove(tx: &Connection, id: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM contact_roles WHERE contact = ?1", [id])?;
    tx.execute("DELETE FROM contacts WHERE id = ?1", [id])?;
    Ok(())
}
