//! A mail of the desk that will not arrive: its case learns of it, and staff do, once for a case.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::json;

use super::office::Office;
use crate::{
    desk::{
        case::Case,
        lifecycle::{self, Event},
        notice::{Notice, NoticeKind},
    },
    store::{
        StoreError, cases,
        commit::{Manner, commit},
        outbox,
    },
};

/// A delivery that ended without success.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lost<'a> {
    pub notice: &'a outbox::StoredNotice,
    pub recipient: &'a str,
    pub reason: &'a str,
    /// what follows from it for the address, said to staff
    pub effect: Option<&'a str>,
}

/// The case learns of it, and so do staff.
pub(super) fn not_delivered(
    tx: &Connection,
    office: &Office,
    lost: &Lost<'_>,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Lost { notice, recipient, reason, effect } = *lost;
    let Some(case) = notice.case else { return Ok(()) };
    let case = cases::by_id(tx, case)?;
    // What is suppressed would be again: the command refuses it.
    let failed = |d: &outbox::Delivery| d.recipient == recipient && d.state == outbox::State::Failed;
    let number = outbox::deliveries(tx, notice.id)?.iter().any(failed).then_some(notice.id);
    let event = Event::NotDelivered { kind: notice.kind, number, recipient, reason };
    let Ok(mut decision) = lifecycle::decide(&case, &event, &office.desk.policy, now) else { return Ok(()) };
    // A warning that warned nobody needs a decision each time; all else is said once.
    let needs_decision = |n: &Notice| n.data.get("effect").is_some_and(|effect| !effect.is_null());
    if is_told(tx, &case, recipient)? {
        decision.notices.retain(needs_decision);
    }
    for told in decision.notices.iter_mut().filter(|_| effect.is_some()) {
        if !needs_decision(told) {
            told.data.insert("effect".to_owned(), json!(effect));
        }
    }
    commit(tx, &office.desk, &decision, &Manner { cause, ..Manner::default() }, now)
}

/// Do staff know that mail of this case does not arrive? Of the requester they are told even when they know of somebody
/// in Cc: then nobody answers any more.
fn is_told(tx: &Connection, case: &Case, recipient: &str) -> Result<bool, StoreError> {
    let requester = recipient == case.reply_to.email || recipient == case.requester.email;
    let told = outbox::of_case(tx, case.id)?;
    Ok(told.iter().filter(|n| n.kind == NoticeKind::StaffUndelivered).any(|n| {
        let same = n.data.get("recipient").and_then(|v| v.as_str()) == Some(recipient);
        same || !requester
    }))
}
