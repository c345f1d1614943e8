//! Telling staff of something that is about no case.

use chrono::{DateTime, Duration, Utc};
use rusqlite::Connection;
use serde_json::{Map, Value};

use super::office::Office;
use crate::{
    desk::notice::NoticeKind,
    store::{
        StoreError,
        outbox::{self, NewNotice, Recipients},
    },
};

/// To one of the staff, of one kind. Not of all kinds together: what a thousand cases have to say must not keep back that
/// the desk does not work.
const MOST_PER_HOUR: u32 = 60;

/// A mail to each of the staff, whom the same cause never tells twice. The last within an hour's limit says that it is
/// the last (`is_last`): the command line lists what else there is.
pub(super) fn tell_staff(
    tx: &Connection,
    office: &Office,
    kind: NoticeKind,
    data: &Value,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let empty = Map::new();
    let hour = Duration::hours(1);
    for person in office.desk.staff.iter().map(|s| &s.address).filter(|p| !office.desk.is_own(&p.email)) {
        let told = outbox::automatic_since(tx, &person.email, now - hour, &[kind])?;
        if told >= MOST_PER_HOUR {
            continue;
        }
        let mut data = data.as_object().unwrap_or(&empty).clone();
        data.insert("is_last".to_owned(), Value::Bool(told + 1 == MOST_PER_HOUR));
        let notice = NewNotice {
            case: None,
            topic: None,
            kind,
            automatic: true,
            decided_at: now,
            data: &data,
            recipients: &Recipients { to: vec![person.clone()], cc: vec![] },
            cause,
            attachments: &[],
        };
        outbox::add(tx, &notice, None)?;
    }
    Ok(())
}
