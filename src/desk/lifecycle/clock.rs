//! What follows when a clock runs out, or when a mail server has answered for a notice.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Clock, ClockChange, Decision, What, reopen_until, say_to_staff};
use crate::desk::{
    case::{Actor, Case, Status},
    notice::{Notice, NoticeKind},
    policy::Policy,
};

pub(super) fn clock_ran(case: &Case, clock: Clock, policy: &Policy, now: DateTime<Utc>) -> Decision {
    let mut decision = Decision::unchanged(case);
    decision.clocks.push(ClockChange::Clear(clock));
    match (clock, case.status) {
        (Clock::Review, status) if !status.is_closed() && case.reviewed_at.is_none() => {
            decision.note(now, &Actor::Desk, What::ClockRan { clock });
            let opened_at = say_to_staff(case.opened_at, policy);
            let data = json!({ "opened_at": opened_at, "minutes": policy.review_after.num_minutes().to_string() });
            if case.assignee.is_some() {
                // Whoever was given it may have left for the day.
                decision.notices.push(Notice::to_leads(NoticeKind::StaffReview, case, data.clone()));
            }
            decision.notices.push(Notice::to_staff(NoticeKind::StaffReview, case, data));
        }
        (Clock::NoResponseWarning, Status::AwaitingCustomer) => warn(&mut decision, case, policy, now),
        (Clock::NoResponseClose, Status::AwaitingCustomer) => {
            decision.move_to(Status::ClosedNoResponse, "no answer after the warning", &Actor::Desk, now);
            let until = decision
                .case
                .closed_at
                .filter(|_| !policy.closed_no_response_links)
                .map(|at| decision.say(reopen_until(at, policy), policy));
            decision.notices.push(Notice::automatic(
                NoticeKind::ClosedNoResponse,
                &decision.case,
                json!({ "reopen_until": until }),
            ));
        }
        (Clock::HoldEnd, Status::OnHold) => {
            decision.move_to(Status::InProgress, "the time on hold is over", &Actor::Desk, now);
            decision.notices.push(Notice::to_staff(
                NoticeKind::StaffDecide,
                &decision.case,
                json!({ "reason": "The time for which this case was on hold is over; it is in progress again." }),
            ));
        }
        (Clock::ResolvedClose, Status::Resolved) => {
            decision.move_to(Status::Closed, "resolved, and nobody objected", &Actor::Desk, now);
            let until = decision.case.closed_at.map(|at| decision.say(reopen_until(at, policy), policy));
            decision.notices.push(Notice::automatic(
                NoticeKind::Closed,
                &decision.case,
                json!({ "reopen_until": until }),
            ));
        }
        (Clock::Etr, status) if !status.is_closed() && case.etr.is_some_and(|etr| etr <= now) => {
            decision.note(now, &Actor::Desk, What::ClockRan { clock });
            decision.case.etr = None;
            let etr = case.etr.map(|etr| say_to_staff(etr, policy));
            decision.notices.push(Notice::to_staff(NoticeKind::StaffEtr, case, json!({ "etr": etr })));
        }
        // Overtaken: the case has moved on since the clock was set.
        _ => {}
    }
    decision
}

fn warn(decision: &mut Decision, case: &Case, policy: &Policy, now: DateTime<Utc>) {
    let closes_at = policy.hours.add_business_days(now, policy.no_response_close_business_days);
    decision.note(now, &Actor::Desk, What::Warned { closes_at });
    let asked_at = decision.say(case.last_public_at.unwrap_or(case.opened_at), policy);
    let closes_at = decision.say(closes_at, policy);
    decision.notices.push(Notice::automatic(
        NoticeKind::NoResponseWarning,
        case,
        json!({ "asked_at": asked_at, "closes_at": closes_at }),
    ));
    if case.reply_to.email.is_empty() {
        // Nobody can be warned, so nobody may be closed.
        decision.notices.push(needs_decision(case, "nobody can be warned: the request named no sender"));
    }
}

/// A warning that the mail server took starts the last business day. Other notices change nothing.
///
/// `decided_at` is when the warning was decided: one that is older than the desk's last public mail is overtaken.
pub(super) fn accepted(
    case: &Case,
    kind: NoticeKind,
    decided_at: DateTime<Utc>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Decision {
    let mut decision = Decision::unchanged(case);
    if kind == NoticeKind::NoResponseWarning && !is_overtaken(case, kind, decided_at) {
        let closes_at = policy.hours.add_business_days(now, policy.no_response_close_business_days);
        decision.clocks.push(ClockChange::Set(Clock::NoResponseClose, closes_at));
    }
    decision
}

/// Is a notice that waits to go out overtaken by what has happened since it was decided? A warning is, once the case
/// does not await the customer any more, or the desk has asked anew.
pub fn is_overtaken(case: &Case, kind: NoticeKind, decided_at: DateTime<Utc>) -> bool {
    let asked_anew = case.last_public_at.is_some_and(|at| at > decided_at);
    match kind {
        NoticeKind::NoResponseWarning => case.status != Status::AwaitingCustomer || asked_anew,
        // The customer has heard from us since, or there is nothing left to hear.
        NoticeKind::StaffPromiseWarning => case.status.is_closed() || asked_anew,
        _ => false,
    }
}

/// Staff are told of every mail that does not arrive; a warning that does not arrive closes nothing.
pub(super) fn not_delivered(
    case: &Case,
    kind: NoticeKind,
    number: Option<i64>,
    recipient: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Decision {
    let mut decision = Decision::unchanged(case);
    if kind.is_for_staff() {
        // Telling staff by mail that mail to staff fails would only make more of it.
        return decision;
    }
    decision.note(
        now,
        &Actor::Desk,
        What::NotDelivered { notice: kind.to_string(), recipient: recipient.to_owned(), reason: reason.to_owned() },
    );
    let warning_lost = kind == NoticeKind::NoResponseWarning && case.status == Status::AwaitingCustomer;
    if warning_lost {
        decision.clocks.push(ClockChange::Clear(Clock::NoResponseClose));
    }
    let effect = warning_lost.then_some("The case stays open: the customer has not been warned. Please decide.");
    decision.notices.push(Notice::to_staff(
        NoticeKind::StaffUndelivered,
        case,
        json!({
            "recipient": recipient,
            "what": kind.as_str(),
            "reason": reason,
            "effect": effect,
            "number": number.map(|number| number.to_string()),
        }),
    ));
    decision
}

fn needs_decision(case: &Case, reason: &str) -> Notice {
    Notice::to_staff(NoticeKind::StaffDecide, case, json!({ "reason": reason }))
}
