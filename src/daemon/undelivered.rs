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
        suppressions::{self, Cause, Suppression},
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

/// Takes an address that will never get mail from the list of those that get automatic mail; says so when that is new.
pub(super) fn suppress(
    tx: &Connection,
    email: &str,
    reason: String,
    at: DateTime<Utc>,
) -> Result<Option<String>, StoreError> {
    let new = Suppression {
        email: email.to_owned(),
        cause: Cause::Bounce,
        reason,
        actor: "desk".to_owned(),
        at,
        until: None,
    };
    Ok(suppressions::add(tx, &new)?.then(|| {
        format!(
            "No automatic mail goes to {email} any more, on any case, until a person writes from there, or \
             `casepost suppression lift {email}`."
        )
    }))
}

/// Does a mail server's answer to the recipient mean that there is no such mailbox? Only the words of RFC 3463 that are
/// about the address count: a relay that is set up wrong says 550 to everybody.
pub(super) fn names_no_mailbox(answer: &str) -> bool {
    let codes = ["5.1.1", "5.1.2", "5.1.6", "5.1.10", "5.2.1"];
    answer.split(|c: char| !(c.is_ascii_digit() || c == '.')).any(|word| codes.contains(&word))
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

#[cfg(test)]
mod tests {
    use super::names_no_mailbox;

    #[test]
    fn only_an_answer_about_the_address_ends_mail_to_it() {
        assert!(names_no_mailbox("550 5.1.1 <x@y.test>: no such user"));
        assert!(names_no_mailbox("550-5.1.1 The email account does not exist"));
        for other in ["550 no", "554 5.7.1 relay access denied", "550 5.1.8 sender", "552 5.2.2 full", "550 15.1.1"] {
            assert!(!names_no_mailbox(other), "{other}");
        }
    }
}
