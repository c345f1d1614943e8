//! Mail that can't be taken in: held with its bytes, told to staff, and tried again on command.

use std::borrow::Cow;

use chrono::{DateTime, Duration, Utc};
use rusqlite::Connection;
use serde_json::json;

use super::{
    office::Office,
    reading::ReadMail,
    take_in::{Taken, take_in},
};
use crate::{
    desk::{
        hours::{Zone, say},
        notice::NoticeKind,
    },
    store::{
        StoreError,
        commit::STAFF_MAILS_PER_HOUR,
        mailboxes::{self, Finish, Place, Position, Step},
        outbox::{self, NewNotice, Recipients},
        quarantine,
    },
};

/// A mail as far as it is there.
#[derive(Debug, Clone)]
pub struct Unfit<'a> {
    pub place: &'a Place,
    pub received_at: DateTime<Utc>,
    pub raw: Option<Cow<'a, [u8]>>,
    pub size_bytes: u64,
    pub reason: &'a str,
}

/// Holds a mail that can't be taken in, with its bytes, and tells staff.
pub fn hold(
    tx: &Connection,
    office: &Office,
    unfit: &Unfit<'_>,
    step: Option<Step>,
    now: DateTime<Utc>,
) -> Result<Taken, StoreError> {
    let place = unfit.place;
    if let Some(step) = step {
        mailboxes::advance(tx, &place.mailbox, step)?;
    }
    if mailboxes::has_arrived(tx, place)? {
        return Ok(Taken::Known);
    }
    let number =
        quarantine::hold(tx, place, unfit.received_at, unfit.raw.as_deref(), unfit.size_bytes, unfit.reason, now)?;
    mailboxes::arrived(tx, place, None, Finish::KeepThere)?;
    let zone = Zone::Named(office.desk.policy.zone);
    let data = json!({
        "number": number.to_string(),
        "mailbox": place.mailbox,
        "key": place.key,
        "received_at": say(unfit.received_at, &zone),
        "reason": unfit.reason,
    });
    tell_staff_of_no_case(tx, office, NoticeKind::StaffQuarantine, &data, &format!("quarantine:{number}"), now)?;
    Ok(Taken::Held { number })
}

/// Takes in a mail that was held.
pub fn take_again(
    tx: &Connection,
    office: &Office,
    mail: &ReadMail,
    held: &quarantine::Held,
    now: DateTime<Utc>,
) -> Result<Taken, StoreError> {
    mailboxes::forget(tx, &held.place)?;
    let taken = take_in(tx, office, mail, &held.place, None, now)?;
    quarantine::release(tx, held.id, now)?;
    Ok(taken)
}

/// Has a mail fetched again whose bytes the server did not give: the mailbox's position goes back to it.
pub fn fetch_again(tx: &Connection, held: &quarantine::Held, now: DateTime<Utc>) -> Result<(), StoreError> {
    let place = &held.place;
    mailboxes::forget(tx, place)?;
    if let (Some(position), Ok(uid)) = (mailboxes::position(tx, &place.mailbox)?, place.key.parse()) {
        let next_uid = position.next_uid.min(uid);
        mailboxes::set_position(tx, &place.mailbox, Position { next_uid, ..position })?;
    }
    quarantine::release(tx, held.id, now)
}

/// A notice to each of the staff that is about no case.
fn tell_staff_of_no_case(
    tx: &Connection,
    office: &Office,
    kind: NoticeKind,
    data: &serde_json::Value,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let empty = serde_json::Map::new();
    for person in office.desk.staff.iter().filter(|p| !office.desk.is_own(&p.email)) {
        // Beyond the limit the list of what is held has to do.
        if outbox::automatic_since(tx, &person.email, now - Duration::hours(1), false)? >= STAFF_MAILS_PER_HOUR {
            continue;
        }
        let notice = NewNotice {
            case: None,
            kind,
            automatic: true,
            decided_at: now,
            data: data.as_object().unwrap_or(&empty),
            recipients: &Recipients { to: vec![person.clone()], cc: vec![] },
            cause,
            attachments: &[],
        };
        outbox::add(tx, &notice, None)?;
    }
    Ok(())
}
