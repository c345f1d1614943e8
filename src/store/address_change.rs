//! A contact gets another address: so do the cases on which they are, since it is the same person.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};

use super::{
    StoreError, contacts,
    directory_history::{self, Record},
    history,
};
use crate::desk::{
    case::{Actor, CaseId},
    directory::Contact,
    lifecycle::{Entry, What},
};

/// Changes the address of a contact and of their cases. `actor` is who said so. The new address must be nobody's yet.
pub fn change(
    tx: &Connection,
    contact: &Contact,
    new_email: &str,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let old = &contact.email;
    contacts::put(tx, &Contact { email: new_email.to_owned(), ..contact.clone() })?;
    let what = format!("address: {old} -> {new_email}");
    directory_history::add(tx, (Record::Contact, contact.id), actor, &what, now)?;
    let open: Vec<i64> = tx
        .prepare_cached("SELECT id FROM cases WHERE requester = ?1 AND closed_at IS NULL ORDER BY id")?
        .query_map([old], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    tx.execute(
        "UPDATE cases
         SET reply_to = CASE WHEN reply_to = requester THEN ?2 ELSE reply_to END,
             requester = ?2
         WHERE requester = ?1",
        params![old, new_email],
    )?;
    tx.execute(
        "INSERT INTO participants (case_id, email, name)
         SELECT case_id, ?2, name FROM participants WHERE email = ?1
         ON CONFLICT (case_id, email) DO NOTHING",
        params![old, new_email],
    )?;
    tx.execute("DELETE FROM participants WHERE email = ?1", [old])?;
    // Who waits for a report waits at the new address; one who does so already waits once.
    tx.execute(
        "UPDATE rfos
         SET email = ?2
         WHERE email = ?1
           AND NOT EXISTS (
               SELECT 1
               FROM rfos AS other
               WHERE other.case_id = rfos.case_id AND other.kind = rfos.kind AND other.email = ?2
           )",
        params![old, new_email],
    )?;
    for case in open {
        let what = What::Remark { text: format!("{old} is now {new_email}") };
        history::add(tx, CaseId(case), &Entry { at: now, actor: Actor::Staff(actor.to_owned()), what })?;
    }
    Ok(())
}
