//! A mail of the desk that will not arrive: its case learns of it, and so do staff.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::office::Office;
use crate::{
    desk::lifecycle::{self, Event},
    store::{
        StoreError, cases,
        commit::{Manner, commit},
        outbox,
    },
};

/// A delivery that ended without success: the case learns of it, and so do staff.
pub(super) fn not_delivered(
    tx: &Connection,
    office: &Office,
    notice: &outbox::StoredNotice,
    recipient: &str,
    reason: &str,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(case) = notice.case else { return Ok(()) };
    let case = cases::by_id(tx, case)?;
    // What is suppressed would be again: the command refuses it.
    let failed = |d: &outbox::Delivery| d.recipient == recipient && d.state == outbox::State::Failed;
    let number = outbox::deliveries(tx, notice.id)?.iter().any(failed).then_some(notice.id);
    let event = Event::NotDelivered { kind: notice.kind, number, recipient, reason };
    if let Ok(decision) = lifecycle::decide(&case, &event, &office.desk.policy, now) {
        commit(tx, &office.desk, &decision, &Manner { cause, ..Manner::default() }, now)?;
    }
    Ok(())
}
