//! What follows from a mail server's answer for a recipient: the delivery has ended or is tried again, and the case
//! learns of it.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use tracing::{info, warn};

use super::Sent;
use crate::{
    daemon::{
        office::Office,
        undelivered::{Lost, names_no_mailbox, not_delivered, suppress},
    },
    desk::{
        case::Actor,
        lifecycle::{self, Entry, Event, What},
        retry::next_try,
    },
    post::Outcome,
    store::{
        StoreError, cases,
        commit::{Manner, commit},
        history,
        outbox::{self, Delivery, State, StoredNotice},
    },
};

pub(in crate::daemon) fn settle(
    tx: &Connection,
    office: &Office,
    notice: &StoredNotice,
    delivery: &Delivery,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<Sent, StoreError> {
    let recipient = &delivery.recipient;
    let cause = format!("delivery:{}:{recipient}:{}", notice.id, delivery.created_at.timestamp_millis());
    let attempt = delivery.attempts + 1;
    match outcome {
        Outcome::Accepted(answer) => {
            if outbox::settle(tx, notice.id, recipient, State::Accepted, answer, now)? {
                info!(notice = notice.id, kind = notice.kind.as_str(), attempt, decision = "accepted", "delivery");
                accepted(tx, office, notice, &cause, now)?;
            }
            Ok(Sent { accepted: 1, ..Sent::default() })
        }
        Outcome::Deferred(answer) | Outcome::Unknown(answer) => {
            let seed = u64::try_from(notice.id).unwrap_or_default();
            match next_try(delivery.created_at, attempt, seed, now) {
                Some(at) => {
                    warn!(
                        notice = notice.id,
                        kind = notice.kind.as_str(),
                        attempt,
                        answer,
                        decision = "deferred",
                        "delivery"
                    );
                    outbox::defer(tx, notice.id, recipient, answer, at)?;
                    Ok(Sent { deferred: 1, ..Sent::default() })
                }
                None => {
                    failed(tx, office, notice, recipient, &format!("given up after three days: {answer}"), &cause, now)
                }
            }
        }
        Outcome::Refused(answer) => failed(tx, office, notice, recipient, answer, &cause, now),
    }
}

fn accepted(
    tx: &Connection,
    office: &Office,
    notice: &StoredNotice,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(case) = notice.case else { return Ok(()) };
    let case = cases::by_id(tx, case)?;
    let event = Event::Accepted { kind: notice.kind, decided_at: notice.decided_at };
    match lifecycle::decide(&case, &event, &office.desk.policy, now) {
        Ok(decision) => commit(tx, &office.desk, &decision, &Manner { cause, ..Manner::default() }, now),
        Err(_) => Ok(()),
    }
}

fn failed(
    tx: &Connection,
    office: &Office,
    notice: &StoredNotice,
    recipient: &str,
    why: &str,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<Sent, StoreError> {
    if outbox::settle(tx, notice.id, recipient, State::Failed, why, now)? {
        warn!(notice = notice.id, kind = notice.kind.as_str(), why, decision = "failed", "delivery");
        let gone = names_no_mailbox(why).then(|| suppress(tx, recipient, format!("a mail was refused: {why}"), now));
        let effect = gone.transpose()?.flatten();
        not_delivered(tx, office, &Lost { notice, recipient, reason: why, effect: effect.as_deref() }, cause, now)?;
        if let (Some(text), Some(case)) = (effect, notice.case) {
            history::add(tx, case, &Entry { at: now, actor: Actor::Desk, what: What::Remark { text } })?;
        }
    }
    Ok(Sent { failed: 1, ..Sent::default() })
}
