//! Which notices are next, and to whom of their recipients they still go.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::{
    daemon::{
        incident, letter,
        office::Office,
        subscription,
        undelivered::{Lost, not_delivered},
        works,
    },
    desk::{lifecycle, notice::NoticeKind},
    store::{
        StoreError, cases,
        outbox::{self, Delivery, State, StoredNotice},
        suppressions,
    },
};

/// A notice that is to be sent now.
pub(in crate::daemon) struct Claimed {
    pub notice: StoredNotice,
    pub thread: letter::Thread,
    pub waiting: Vec<Delivery>,
}

impl Claimed {
    pub(in crate::daemon) fn recipients(&self) -> impl Iterator<Item = String> {
        self.waiting.iter().map(|delivery| delivery.recipient.clone())
    }
}

/// Who of a notice's recipients is to get it now; suppression is looked up here, at the last moment.
pub(in crate::daemon) fn claim(
    tx: &Connection,
    office: &Office,
    id: i64,
    now: DateTime<Utc>,
) -> Result<Option<Claimed>, StoreError> {
    let Some(notice) = outbox::load(tx, id)? else { return Ok(None) };
    let case = notice.case.map(|case| cases::by_id(tx, case)).transpose()?;
    let overtaken = works::is_overtaken(tx, &notice)?
        || incident::is_overtaken(tx, &notice, now)?
        || case.as_ref().is_some_and(|c| lifecycle::is_overtaken(c, notice.kind, notice.decided_at));
    let left = subscription::is_left(tx, &notice)?;
    let mut waiting = Vec::new();
    for delivery in outbox::deliveries(tx, id)? {
        let recipient = &delivery.recipient;
        if delivery.state != State::Waiting || delivery.next_try_at > now {
            continue;
        }
        if overtaken {
            outbox::settle(tx, id, recipient, State::Cancelled, "overtaken: the case has moved on", now)?;
        } else if left {
            outbox::settle(tx, id, recipient, State::Cancelled, "withdrawn: no longer subscribed", now)?;
        } else if let Some(why) = silence(tx, &notice, recipient, now)? {
            suppressed(tx, office, &notice, recipient, &why, now)?;
        } else {
            waiting.push(delivery);
        }
    }
    if waiting.is_empty() {
        return Ok(None);
    }
    let thread = letter::thread(tx, office, &notice)?;
    Ok(Some(Claimed { notice, thread, waiting }))
}

/// Why this recipient gets no automatic mail; what staff write goes out to everybody.
fn silence(
    tx: &Connection,
    notice: &StoredNotice,
    recipient: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, StoreError> {
    let suppression = if notice.automatic { suppressions::of(tx, recipient, now)? } else { None };
    Ok(suppression.map(|s| format!("this address gets no automatic mail: {}", s.reason)))
}

/// A warning that is kept back warns nobody: then staff decide, as with one that is refused.
fn suppressed(
    tx: &Connection,
    office: &Office,
    notice: &StoredNotice,
    recipient: &str,
    why: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    outbox::settle(tx, notice.id, recipient, State::Suppressed, why, now)?;
    if notice.kind == NoticeKind::NoResponseWarning {
        let cause = format!("suppressed:{}:{recipient}", notice.id);
        not_delivered(tx, office, &Lost { notice, recipient, reason: why, effect: None }, &cause, now)?;
    }
    Ok(())
}
