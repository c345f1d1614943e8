//! The promises of a change request: first response and completion. Each has one clock, which first warns the assignee
//! and then, at the end, tells the leads.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Macd, State, ask::in_words};
use crate::desk::{
    case::{Actor, Case, Status},
    lifecycle::{Clock, ClockChange, Decision, What, say_to_staff},
    notice::{Notice, NoticeKind},
    policy::Policy,
};

pub(super) fn start_clocks(decision: &mut Decision, macd: &Macd, policy: &Policy, now: DateTime<Utc>) {
    for clock in [Clock::MacdResponse, Clock::MacdDone] {
        if let Some(due) = macd.due(clock) {
            decision.clocks.push(ClockChange::Set(clock, first_run(due, policy, now)));
        }
    }
}

/// When a clock runs first: at the warning, or where it is too late for one, at the end.
fn first_run(due: DateTime<Utc>, policy: &Policy, now: DateTime<Utc>) -> DateTime<Utc> {
    let warning = due - policy.macd.warn_before;
    if warning > now { warning } else { due }
}

/// A clock of a change request has run.
pub fn clock_ran(case: &Case, macd: &Macd, clock: Clock, policy: &Policy, now: DateTime<Utc>) -> Decision {
    let mut decision = Decision::unchanged(case);
    decision.clocks.push(ClockChange::Clear(clock));
    let Some(due) = macd.due(clock).filter(|_| !is_kept(case, macd, clock)) else { return decision };
    let breached = now >= due;
    decision.note(now, &Actor::Desk, What::ClockRan { clock });
    let what = if clock == Clock::MacdResponse { "first response" } else { "completion" };
    let data = json!({
        "what": what,
        "due": say_to_staff(due, policy),
        "request": in_words(macd),
        "at_any_hour": false,
        "breached": breached,
    });
    if breached {
        decision.notices.push(Notice::to_leads(NoticeKind::StaffMacd, case, data));
    } else {
        decision.clocks.push(ClockChange::Set(clock, due));
        decision.notices.push(Notice::to_staff(NoticeKind::StaffMacd, case, data));
    }
    decision
}

/// Is there nothing to keep any more? The first mail of a person since the approval is the response.
fn is_kept(case: &Case, macd: &Macd, clock: Clock) -> bool {
    let answered = || case.last_public_at.zip(macd.decided_at).is_some_and(|(said, approved)| said >= approved);
    let ended = case.status.is_closed() || case.status == Status::Resolved;
    macd.state != State::Approved || ended || clock == Clock::MacdResponse && answered()
}

/// A carrier or supplier needs longer: the completion is promised for then. None while nothing is promised.
pub fn delay(
    decision: &mut Decision,
    macd: &Macd,
    until: DateTime<Utc>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<Macd> {
    let later = macd.state == State::Approved && macd.done_by.is_some_and(|done_by| done_by < until);
    later.then(|| {
        decision.clocks.push(ClockChange::Set(Clock::MacdDone, first_run(until, policy, now)));
        Macd { done_by: Some(until), ..macd.clone() }
    })
}
