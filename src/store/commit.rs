//! Makes a [`Decision`] so: the case, its links, clocks and history, and what is to be said, in the caller's
//! transaction.
//!
//! Here a notice meets its recipients, and the limits of automatic mail: at most `acknowledgements_per_hour` first
//! answers to one address, then one list; at most `automatic_per_hour` of everything automatic, whatever the reason.

use chrono::{DateTime, Duration, Utc};
use rusqlite::Connection;

use super::{
    StoreError, cases, clocks,
    digests::{self, DigestKind},
    escalations, history,
    outbox::{self, NewNotice, Recipients},
    promises, rfos, their_references,
};
use crate::{
    desk::{
        case::{Case, CaseId},
        lifecycle::{Clock, ClockChange, Decision, Event, What, decide},
        notice::{Notice, NoticeKind, recipients},
        rfo,
        service_desk::ServiceDesk,
    },
    mail::{address::Address, compose::Attachment},
};

/// Staff mails to one person in an hour; what is beyond comes as one list.
const STAFF_MAILS_PER_HOUR: u32 = 60;

/// How a decision is made so.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner<'a> {
    /// what brought it about, unique for ever: the same cause never says the same thing twice
    pub cause: &'a str,
    /// nobody is told by mail; staff get the case on their list of mail that was too old to answer
    pub late: bool,
    /// files that go with what staff write
    pub attachments: &'a [Attachment],
}

pub fn commit(
    tx: &Connection,
    desk: &ServiceDesk,
    decision: &Decision,
    manner: &Manner<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    write(tx, desk, decision, manner, now)?;
    start_reports(tx, desk, decision, manner, now)
}

fn write(
    tx: &Connection,
    desk: &ServiceDesk,
    decision: &Decision,
    manner: &Manner<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut decision = decision.clone();
    escalations::keep(tx, &desk.policy, &mut decision, now)?;
    if manner.late {
        // The list of late mail is what staff review by; a clock for each of a thousand old mails helps nobody.
        decision.clocks.retain(|change| !matches!(change, ClockChange::Set(Clock::Review | Clock::Escalation, _)));
    }
    cases::put(tx, &decision.case)?;
    promises::keep(tx, desk, &mut decision, manner.late, now)?;
    let case = &decision.case;
    for person in &decision.participants {
        let requester = person.email == case.requester.email || person.email == case.reply_to.email;
        if !requester && !desk.is_own(&person.email) {
            cases::add_participant(tx, case.id, person)?;
        }
    }
    for link in &decision.links {
        cases::add_link(tx, link, now)?;
    }
    for entry in &decision.history {
        history::add(tx, case.id, entry)?;
    }
    for change in &decision.clocks {
        match change {
            ClockChange::Set(clock, due) => clocks::set(tx, case.id, *clock, *due)?,
            ClockChange::Clear(clock) => clocks::clear(tx, case.id, *clock)?,
        }
    }
    if manner.late && decision.notices.is_empty() {
        return Ok(());
    }
    if manner.late {
        return list_for_staff(tx, desk, case.id, DigestKind::Late, now);
    }
    if decision.notices.is_empty() {
        return Ok(());
    }
    let others = cases::participants(tx, case.id)?;
    let theirs = their_references::of_case(tx, case.id)?;
    for (n, notice) in decision.notices.iter().enumerate() {
        let cause = cause_of(n, &decision.notices, manner.cause);
        let manner = &Manner { cause: &cause, ..*manner };
        match &theirs {
            Some(theirs) => {
                // What the other side calls the case stands in the subject of all that it is sent.
                let mut notice = notice.clone();
                notice.data.insert("their_reference".to_owned(), theirs.as_str().into());
                put_notice(tx, desk, case, &others, &notice, manner, now)?;
            }
            None => put_notice(tx, desk, case, &others, notice, manner, now)?,
        }
    }
    Ok(())
}

/// One cause may say several things of one kind, two tasks that are due at once, say: each has a cause of its own, which is
/// the same whenever this is decided again.
fn cause_of(n: usize, notices: &[Notice], cause: &str) -> String {
    let this = &notices[n];
    let mut others: Vec<&Notice> = Vec::new();
    for notice in notices[..n].iter().filter(|before| before.kind == this.kind) {
        if notice.data == this.data {
            break;
        }
        if others.iter().all(|other| other.data != notice.data) {
            others.push(notice);
        }
    }
    if others.is_empty() { cause.to_owned() } else { format!("{cause}:{}", others.len() + 1) }
}

/// Whatever resolved the case: the time of the reports that were asked for before begins.
fn start_reports(
    tx: &Connection,
    desk: &ServiceDesk,
    decision: &Decision,
    manner: &Manner<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let case = &decision.case;
    if !decision.history.iter().any(|entry| matches!(entry.what, What::Status { .. })) {
        return Ok(());
    }
    let known = rfos::of_case(tx, case.id)?;
    let Some(followed) = rfo::case_moved(case, &known, &desk.policy, now) else { return Ok(()) };
    for rfo in &followed.rfos {
        rfos::put(tx, rfo)?;
    }
    let cause = format!("{}:rfo", manner.cause);
    commit(tx, desk, &followed.decision, &Manner { cause: &cause, late: manner.late, attachments: &[] }, now)
}

fn list_for_staff(
    tx: &Connection,
    desk: &ServiceDesk,
    case: CaseId,
    kind: DigestKind,
    due: DateTime<Utc>,
) -> Result<(), StoreError> {
    for person in desk.staff.iter().map(|s| &s.address).filter(|p| !desk.is_own(&p.email)) {
        digests::add(tx, &person.email, kind, case, due)?;
    }
    Ok(())
}

fn put_notice(
    tx: &Connection,
    desk: &ServiceDesk,
    case: &Case,
    others: &[Address],
    notice: &Notice,
    manner: &Manner<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (to, cc) = recipients(&notice.audience, case, others, desk);
    if notice.kind.is_for_staff() {
        // One mail each: whoever of the staff is told shall not see whose mailbox refuses it.
        for person in to {
            put_for_staff(tx, desk, case, notice, person, manner, now)?;
        }
        return Ok(());
    }
    if to.is_empty() || (notice.automatic && case.spam) {
        return Ok(());
    }
    let recipients = Recipients { to, cc };
    let limit = if notice.automatic { limit_reached(tx, desk, notice, &recipients, now)? } else { None };
    match limit {
        Some(Limit::Acknowledgements) => {
            for person in recipients.all() {
                digests::add(tx, &person.email, DigestKind::Acknowledgements, case.id, now + Duration::hours(1))?;
            }
            Ok(())
        }
        Some(Limit::Everything) => {
            let reason = format!(
                "not sent: {} automatic mails to this address within an hour is the limit (automatic_per_hour)",
                desk.policy.automatic_per_hour
            );
            let number = add(tx, case, notice, &recipients, manner, Some(&reason), now)?;
            not_sent(tx, desk, case, notice, number, &recipients, &reason, manner, now)
        }
        None => add(tx, case, notice, &recipients, manner, None, now).map(drop),
    }
}

enum Limit {
    Acknowledgements,
    Everything,
}

fn limit_reached(
    tx: &Connection,
    desk: &ServiceDesk,
    notice: &Notice,
    recipients: &Recipients,
    now: DateTime<Utc>,
) -> Result<Option<Limit>, StoreError> {
    let since = now - Duration::hours(1);
    for person in recipients.all() {
        let first_answers = notice.kind.is_acknowledgement()
            && outbox::automatic_since(tx, &person.email, since, &NoticeKind::ACKNOWLEDGEMENTS)?
                >= desk.policy.acknowledgements_per_hour;
        if first_answers {
            return Ok(Some(Limit::Acknowledgements));
        }
        if outbox::automatic_since(tx, &person.email, since, &[])? >= desk.policy.automatic_per_hour {
            return Ok(Some(Limit::Everything));
        }
    }
    Ok(None)
}

#[expect(clippy::too_many_arguments, reason = "the parts of one insertion")]
fn not_sent(
    tx: &Connection,
    desk: &ServiceDesk,
    case: &Case,
    notice: &Notice,
    number: Option<i64>,
    recipients: &Recipients,
    reason: &str,
    manner: &Manner<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for person in recipients.all() {
        let event = Event::NotDelivered { kind: notice.kind, number, recipient: &person.email, reason };
        if let Ok(follows) = decide(case, &event, &desk.policy, now) {
            commit(tx, desk, &follows, manner, now)?;
        }
    }
    Ok(())
}

fn put_for_staff(
    tx: &Connection,
    desk: &ServiceDesk,
    case: &Case,
    notice: &Notice,
    person: Address,
    manner: &Manner<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    // A flood of new cases must not hide what happens on the others.
    let told = || outbox::automatic_since(tx, &person.email, now - Duration::hours(1), &[notice.kind]);
    match notice.kind {
        NoticeKind::StaffNewCase if told()? >= STAFF_MAILS_PER_HOUR => {
            return digests::add(tx, &person.email, DigestKind::Staff, case.id, now + Duration::hours(1));
        }
        // Nobody writes so many commands: a robot answers there. What it did stands in the history.
        NoticeKind::StaffCommand if told()? >= STAFF_MAILS_PER_HOUR => return Ok(()),
        _ => {}
    }
    let recipients = Recipients { to: vec![person], cc: vec![] };
    let number = add(tx, case, notice, &recipients, manner, None, now)?;
    // Nobody knows how much a case matters that nobody has reviewed.
    if let Some(number) = number.filter(|_| notice.kind.may_be_held() && case.reviewed_at.is_some()) {
        let from = desk.policy.service_levels.staff_mail_from(case.priority, now);
        if from > now {
            outbox::hold(tx, number, from)?;
        }
    }
    Ok(())
}

/// Its number; none when the same cause has said it already.
fn add(
    tx: &Connection,
    case: &Case,
    notice: &Notice,
    recipients: &Recipients,
    manner: &Manner<'_>,
    refused: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<i64>, StoreError> {
    let new = NewNotice {
        case: Some(case.id),
        topic: None,
        kind: notice.kind,
        automatic: notice.automatic,
        decided_at: now,
        data: &notice.data,
        recipients,
        cause: manner.cause,
        attachments: if notice.automatic { &[] } else { manner.attachments },
    };
    outbox::add(tx, &new, refused)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_one_cause_says_twice_is_one_mail_and_what_differs_are_several() {
        let case = Case::sample(DateTime::UNIX_EPOCH);
        let task = |task: &str| Notice::to_leads(NoticeKind::StaffTask, &case, json!({ "task": task }));
        let other = Notice::to_leads(NoticeKind::StaffRfo, &case, json!({}));
        let notices = [task("one"), other, task("two"), task("one"), task("two"), task("three")];
        let causes: Vec<String> = (0..notices.len()).map(|n| cause_of(n, &notices, "clock:1")).collect();
        assert_eq!(causes, ["clock:1", "clock:1", "clock:1:2", "clock:1", "clock:1:2", "clock:1:3"]);
    }
}
