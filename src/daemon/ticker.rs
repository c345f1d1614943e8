//! Clocks and lists that have come due. Runs inside a writer's job; a few at a time, so that mail is not held up.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::{attention, broadcast, escalation, incident, macd, office::Office, plan, rfo, works};
use crate::{
    desk::{
        case::Case,
        hours::Zone,
        lifecycle::{self, Clock, Event},
        notice::{self, NoticeKind, written},
    },
    mail::{address::Address, wording},
    store::{
        StoreError, broadcasts, cases,
        clocks::{self, DueClock},
        commit::{Manner, commit},
        digests::{self, DigestKind, DueDigest},
        outbox::{self, NewNotice, Recipients},
    },
};

/// Clocks that one job runs.
const AT_ONCE: u32 = 50;
/// Cases that a list for staff shows one by one: on the first day of a desk there may be thousands.
const LISTED: usize = 200;

/// Runs what is due, at most fifty clocks; says how many things it did. With `all_mail_read` false, nothing is done
/// that a customer's unread answer could forbid, and no list of late mail goes out half.
pub fn run_due(tx: &Connection, office: &Office, all_mail_read: bool, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let mut done = 0;
    for clock in clocks::due(tx, now, all_mail_read, AT_ONCE)? {
        if !clocks::still_due(tx, &clock)? {
            continue;
        }
        run_clock(tx, office, &clock, now)?;
        done += 1;
    }
    for digest in digests::due(tx, now)? {
        if digest.kind == DigestKind::Late && !all_mail_read {
            continue;
        }
        send_list(tx, office, &digest, now)?;
        done += 1;
    }
    done += works::run_due(tx, office, now)?;
    Ok(done + broadcast::tell_next(tx, office, now)?)
}

/// When the next thing of all that [`run_due`] runs falls due.
pub fn next_due(db: &Connection, office: &Office, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
    let works = works::next_due(db, office, now)?;
    let due = [clocks::next_due(db)?, digests::next_due(db)?, broadcasts::next_due(db)?, works];
    Ok(due.into_iter().flatten().min())
}

fn run_clock(tx: &Connection, office: &Office, clock: &DueClock, now: DateTime<Utc>) -> Result<(), StoreError> {
    let cause = format!("clock:{}:{}:{}", clock.case.0, clock.clock.as_str(), clock.due.timestamp_millis());
    match clock.clock {
        Clock::Rfo => return rfo::clock_ran(tx, office, clock, &cause, now),
        Clock::CallBack => return attention::clock_ran(tx, office, clock, &cause, now),
        Clock::Plan => return plan::clock_ran(tx, office, clock, &cause, now),
        Clock::MniUpdate | Clock::MniProposed | Clock::MniOver => {
            return incident::clock_ran(tx, office, clock, &cause, now);
        }
        _ => {}
    }
    let case = cases::by_id(tx, clock.case)?;
    let of_feature = match clock.clock {
        Clock::MacdResponse | Clock::MacdDone => macd::clock_ran(tx, office, &case, clock.clock, now)?,
        Clock::Escalation => Some(escalation::clock_ran(tx, office, &case, now)?),
        _ => None,
    };
    // Only what staff do can be refused.
    let decided = lifecycle::decide(&case, &Event::ClockRan(clock.clock), &office.desk.policy, now).ok();
    if let Some(decision) = of_feature.or(decided) {
        commit(tx, &office.desk, &decision, &Manner { cause: &cause, ..Manner::default() }, now)?;
    }
    Ok(())
}

fn send_list(tx: &Connection, office: &Office, digest: &DueDigest, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut ids = digests::take(tx, digest)?;
    let more = match digest.kind {
        DigestKind::Acknowledgements => 0,
        // The newest say most of how things stand.
        DigestKind::Staff | DigestKind::Late => ids.drain(..ids.len().saturating_sub(LISTED)).count(),
    };
    let mut all = Vec::new();
    for id in ids {
        all.push(cases::by_id(tx, id)?);
    }
    let Some(newest) = all.last() else { return Ok(()) };
    let (kind, person, data) = match digest.kind {
        DigestKind::Acknowledgements => (
            NoticeKind::Digest,
            newest.requester.clone(),
            json!({ "cases": lines(&all, |case| case.zone(&office.desk.policy)), "language": newest.language }),
        ),
        DigestKind::Staff | DigestKind::Late => {
            let zone = Zone::Named(office.desk.policy.zone);
            let title = match digest.kind {
                DigestKind::Late => "Mail that was too old to be answered automatically when it was read",
                _ => "More cases than one mail each is good for",
            };
            let person = office.desk.staff.iter().map(|s| &s.address).find(|s| s.email == digest.email).cloned();
            let person = person.unwrap_or_else(|| Address::bare(&digest.email));
            let more = (more > 0).then(|| more.to_string());
            (NoticeKind::StaffList, person, json!({ "title": title, "more": more, "cases": lines(&all, |_| zone) }))
        }
    };
    let empty = Map::new();
    let to = Address { name: person.name.filter(|_| person.email == digest.email), email: digest.email.clone() };
    let notice = NewNotice {
        case: None,
        topic: None,
        kind,
        automatic: true,
        decided_at: now,
        data: data.as_object().unwrap_or(&empty),
        recipients: &Recipients { to: vec![to], cc: vec![] },
        cause: &format!("digest:{}:{}:{}", digest.kind.as_str(), digest.email, digest.due.timestamp_millis()),
        attachments: &[],
    };
    outbox::add(tx, &notice, None)?;
    Ok(())
}

fn lines(cases: &[Case], zone: impl Fn(&Case) -> Zone) -> Vec<Value> {
    cases
        .iter()
        .map(|case| {
            json!({
                "reference": case.reference.to_string(),
                "subject": notice::subject(&case.subject),
                "requester": written(&case.requester),
                "received_at": wording::time(case.opened_at, &zone(case)),
            })
        })
        .collect()
}
