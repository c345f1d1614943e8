//! Mail that can't be taken in: held with its bytes, told to staff, and tried again on command.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::json;

use super::{
    office::Office,
    reading::ReadMail,
    take_in::{Taken, take_in},
    tell_staff::tell_staff,
};
use crate::{
    desk::{hours::Zone, notice::NoticeKind},
    mail::wording,
    store::{
        StoreError,
        mailboxes::{self, Finish, Place, Position, Step},
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
        return Ok(Taken::Again);
    }
    let number =
        quarantine::hold(tx, place, unfit.received_at, unfit.raw.as_deref(), unfit.size_bytes, unfit.reason, now)?;
    mailboxes::arrived(tx, place, None, Finish::KeepThere)?;
    let zone = Zone::Named(office.desk.policy.zone);
    let data = json!({
        "number": number.to_string(),
        "mailbox": place.mailbox,
        "key": place.key,
        "received_at": wording::time(unfit.received_at, &zone),
        "reason": unfit.reason,
    });
    tell_staff(tx, office, NoticeKind::StaffQuarantine, &data, &format!("quarantine:{number}"), now)?;
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
