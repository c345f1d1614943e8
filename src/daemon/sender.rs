//! From the outbox to the mail server.
//!
//! The oldest due notice first; each is composed once, its bytes kept, then sent to those recipients who still wait,
//! and each recipient's answer is written down with what follows from it (a warning that was taken starts its last
//! day; a refused mail is shown on the case). A crash between the server's 250 and that write sends the same bytes
//! again, under the same Message-ID. Only one process sends (the daemon's lock), so nothing has to be claimed in the
//! database.

use std::{collections::HashSet, sync::Arc};

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use tokio::task::JoinSet;
use tracing::{info, warn};

use super::{letter, office::Office, time::Time, undelivered::not_delivered};
use crate::{
    desk::{
        lifecycle::{self, Event},
        notice::NoticeKind,
        retry::next_try,
    },
    post::{Letter, Outcome, Transport},
    store::{
        StoreError, cases,
        commit::{Manner, commit},
        outbox::{self, State, StoredNotice},
        suppressions,
        writer::Writer,
    },
};

/// Notices under way at once: some more than there are connections, so that none of these idles.
const UNDER_WAY: usize = 16;

#[derive(Clone)]
pub struct Sender {
    pub office: Arc<Office>,
    pub writer: Writer,
    pub transport: Arc<Transport>,
    pub time: Time,
}

/// What a round of sending did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    pub accepted: u64,
    pub deferred: u64,
    pub failed: u64,
    pub suppressed: u64,
}

impl std::ops::AddAssign for Sent {
    fn add_assign(&mut self, other: Sent) {
        self.accepted += other.accepted;
        self.deferred += other.deferred;
        self.failed += other.failed;
        self.suppressed += other.suppressed;
    }
}

impl Sender {
    /// Sends all that is due, until nothing is.
    pub async fn send_due(&self) -> Result<Sent, StoreError> {
        let mut total = Sent::default();
        let mut under_way: HashSet<i64> = HashSet::new();
        let mut tasks: JoinSet<(i64, Result<Sent, StoreError>)> = JoinSet::new();
        loop {
            let now = self.time.now();
            let at_most = u32::try_from(UNDER_WAY * 2).unwrap_or(u32::MAX);
            let due = self.writer.run(move |tx| outbox::due(tx, now, at_most)).await?;
            for notice in due {
                if under_way.len() < UNDER_WAY && under_way.insert(notice) {
                    let sender = self.clone();
                    tasks.spawn(async move { (notice, sender.send(notice).await) });
                }
            }
            let Some(done) = tasks.join_next().await else { return Ok(total) };
            let (notice, sent) = done.map_err(|e| StoreError::Panicked(e.to_string()))?;
            under_way.remove(&notice);
            total += sent?;
        }
    }

    /// One notice: composed if it is not yet, sent to all who wait, and every answer written down.
    async fn send(&self, id: i64) -> Result<Sent, StoreError> {
        let now = self.time.now();
        let office = self.office.clone();
        let claimed = self.writer.run(move |tx| claim(tx, &office, id, now)).await?;
        let Some(mut claimed) = claimed else { return Ok(Sent { suppressed: 1, ..Sent::default() }) };
        let frozen = match claimed.notice.letter.take() {
            Some(frozen) => frozen,
            None => match self.compose(&claimed).await? {
                Ok(frozen) => frozen,
                Err(why) => return self.give_up(claimed, why).await,
            },
        };
        let letter = Letter {
            envelope_from: frozen.envelope_from,
            recipients: claimed.waiting.iter().map(|d| d.recipient.clone()).collect(),
            message_id: frozen.message_id,
            bytes: frozen.bytes,
        };
        let outcomes = self.transport.send(&letter).await;
        self.write_down(claimed, outcomes).await
    }

    async fn compose(&self, claimed: &Claimed) -> Result<Result<outbox::Frozen, String>, StoreError> {
        let office = self.office.clone();
        let (notice, thread) = (claimed.notice.clone(), claimed.thread.clone());
        let written = tokio::task::spawn_blocking(move || letter::write(&office, &notice, &thread))
            .await
            .unwrap_or_else(|e| Err(format!("writing the mail failed: {e}")));
        let Ok(frozen) = written else { return Ok(written) };
        let id = claimed.notice.id;
        let kept = frozen.clone();
        self.writer.run(move |tx| outbox::freeze(tx, id, &kept)).await?;
        Ok(Ok(frozen))
    }

    async fn give_up(&self, claimed: Claimed, why: String) -> Result<Sent, StoreError> {
        let outcomes = claimed.waiting.iter().map(|_| Outcome::Refused(why.clone())).collect();
        self.write_down(claimed, outcomes).await
    }

    async fn write_down(&self, claimed: Claimed, outcomes: Vec<Outcome>) -> Result<Sent, StoreError> {
        let office = self.office.clone();
        let now = self.time.now();
        self.writer
            .run(move |tx| {
                let mut sent = Sent::default();
                for (delivery, outcome) in claimed.waiting.iter().zip(&outcomes) {
                    sent += settle(tx, &office, &claimed.notice, delivery, outcome, now)?;
                }
                Ok(sent)
            })
            .await
    }
}

struct Claimed {
    notice: StoredNotice,
    thread: letter::Thread,
    waiting: Vec<outbox::Delivery>,
}

/// Who of a notice's recipients is to get it now; suppression is looked up here, at the last moment.
fn claim(tx: &Connection, office: &Office, id: i64, now: DateTime<Utc>) -> Result<Option<Claimed>, StoreError> {
    let Some(notice) = outbox::load(tx, id)? else { return Ok(None) };
    let case = notice.case.map(|case| cases::by_id(tx, case)).transpose()?;
    let overtaken = case.as_ref().is_some_and(|c| lifecycle::is_overtaken(c, notice.kind, notice.decided_at));
    let mut waiting = Vec::new();
    for delivery in outbox::deliveries(tx, id)? {
        let recipient = &delivery.recipient;
        if delivery.state != State::Waiting || delivery.next_try_at > now {
            continue;
        }
        if overtaken {
            outbox::settle(tx, id, recipient, State::Cancelled, "overtaken: the case has moved on", now)?;
        } else if notice.automatic && suppressions::is_suppressed(tx, recipient)? {
            suppressed(tx, office, &notice, recipient, now)?;
        } else {
            waiting.push(delivery);
        }
    }
    if waiting.is_empty() {
        return Ok(None);
    }
    let thread = letter::thread(tx, &notice)?;
    Ok(Some(Claimed { notice, thread, waiting }))
}

/// A warning that is kept back warns nobody: then staff decide, as with one that is refused.
fn suppressed(
    tx: &Connection,
    office: &Office,
    notice: &StoredNotice,
    recipient: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let why = "this address gets no automatic mail";
    outbox::settle(tx, notice.id, recipient, State::Suppressed, why, now)?;
    if notice.kind == NoticeKind::NoResponseWarning {
        let cause = format!("suppressed:{}:{recipient}", notice.id);
        not_delivered(tx, office, notice, recipient, why, &cause, now)?;
    }
    Ok(())
}

fn settle(
    tx: &Connection,
    office: &Office,
    notice: &StoredNotice,
    delivery: &outbox::Delivery,
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
        not_delivered(tx, office, notice, recipient, why, cause, now)?;
    }
    Ok(Sent { failed: 1, ..Sent::default() })
}
