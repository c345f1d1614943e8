//! When a case goes up by itself, and what moves that time.

use chrono::{DateTime, Utc};

use super::{Escalation, is_superseded, waits};
use crate::desk::{
    case::Case,
    lifecycle::{Clock, ClockChange, Decision},
    policy::Policy,
};

/// When the case has the age of its next step; none when its priority has no further age, or while it stands still.
pub fn next_step(case: &Case, escalation: &Escalation, policy: &Policy) -> Option<DateTime<Utc>> {
    let rules = &policy.escalation;
    let stands = waits(case.status) || case.status.is_closed() || case.spam || is_superseded(case, rules);
    if stands || escalation.level >= rules.top() {
        return None;
    }
    let ages = rules.after.get(&case.priority)?;
    let n = usize::from(escalation.level.checked_sub(rules.start_level)?);
    let at = |n: usize| Some(ages.get(n)?.after(escalation.counts_from, &policy.hours));
    let due = at(n)?;
    let before = n.checked_sub(1).and_then(at).unwrap_or(escalation.counts_from);
    Some(match escalation.step_from {
        Some(step) => due.max(step + (due - before)),
        None => due,
    })
}

pub(super) fn set_clock(decision: &mut Decision, escalation: &Escalation, policy: &Policy) {
    if policy.escalation.after.is_empty() {
        return;
    }
    decision.clocks.push(match next_step(&decision.case, escalation, policy) {
        Some(due) => ClockChange::Set(Clock::Escalation, due),
        None => ClockChange::Clear(Clock::Escalation),
    });
}

/// What a decision about a case (`before` it: none of one that opens) does to the age that counts. Gives how the case
/// stands then, where that is anything new.
pub fn follow(
    before: Option<&Case>,
    decision: &mut Decision,
    escalation: &Escalation,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<Escalation> {
    if policy.escalation.after.is_empty() {
        return None;
    }
    let after = &decision.case;
    let mut new = escalation.clone();
    let reopens = before.is_some_and(|before| before.status.is_closed()) && !after.status.is_closed();
    if reopens {
        new.counts_from = now;
        new.step_from = new.step_from.map(|_| now);
        new.waiting_since = None;
    }
    match (new.waiting_since, waits(after.status)) {
        (None, true) => new.waiting_since = Some(if before.is_none() { after.opened_at } else { now }),
        (Some(since), false) => {
            // The time for which it waited is no age.
            new.counts_from += now - since;
            new.step_from = new.step_from.map(|step| step + (now - since.max(step)));
            new.waiting_since = None;
        }
        _ => {}
    }
    let changed = new != *escalation;
    let counts_otherwise = reopens || before.is_none_or(|before| before.priority != after.priority);
    if changed || counts_otherwise {
        set_clock(decision, &new, policy);
    }
    changed.then_some(new)
}
