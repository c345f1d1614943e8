//! Telling staff of something that is about no case.

use chrono::{DateTime, Duration, Utc};
use rusqlite::Connection;
use serde_json::{Map, Value};

use super::office::Office;
use crate::{
    desk::notice::NoticeKind,
    store::{
        StoreError,
        commit::STAFF_MAILS_PER_HOUR,
        outbox::{self, NewNotice, Recipients},
    },
};

/// A mail to each of the staff, whom the same cause never tells twice. Beyond an hour's limit nobody is told: the
/// command line lists what there is.
pub(super) fn tell_staff(
    tx: &Connection,
    office: &Office,
    kind: NoticeKind,
    data: &Value,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let empty = Map::new();
    for person in office.desk.staff.iter().filter(|p| !office.desk.is_own(&p.email)) {
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
