//! The children of an incident: how a case becomes one, and how it ends to be one.

use chrono::{DateTime, Utc};

use super::{Incident, refuse, shortened};
use crate::desk::{
    case::{Actor, Case, Link, LinkKind, Status},
    lifecycle::{Clock, ClockChange, Decision, Refusal, What},
    policy::Policy,
};

/// The incident is over: its child is resolved, follow-up required; its requester is told by the incident's own mail.
/// None when it is closed or resolved already, or about another one meanwhile.
pub fn resolve_child(child: &Case, incident: &Incident, policy: &Policy, now: DateTime<Utc>) -> Option<Decision> {
    if child.status.is_closed() || child.status == Status::Resolved || child.spam || child.incident.is_some() {
        return None;
    }
    let mut decision = Decision::unchanged(child);
    let cause = incident.cause.as_deref().unwrap_or_default();
    let why = format!("{} is over: {}", incident.number, shortened(cause));
    decision.move_to(Status::Resolved, &why, &Actor::Desk, now);
    decision.clocks.push(ClockChange::Clear(Clock::Review));
    decision.clocks.push(ClockChange::Clear(Clock::MniOver));
    decision.clocks.push(ClockChange::Set(Clock::ResolvedClose, closes_at(policy, now)));
    decision.case.last_public_at = Some(now);
    Some(decision)
}

/// When a resolved child is closed without objection.
pub fn closes_at(policy: &Policy, now: DateTime<Utc>) -> DateTime<Utc> {
    policy.hours.add_business_days(now, policy.resolved_close_business_days)
}

/// Makes a case a child. `is_parent`: it is the parent of an incident itself.
pub fn link(
    child: &Case,
    incident: &Incident,
    parent: &Case,
    by: &Actor,
    is_parent: bool,
    now: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let this = child.reference;
    if !incident.is_open() {
        return Err(refuse(format!("{} is over: nothing can be linked to it", incident.number)));
    }
    if is_parent || child.id == parent.id {
        return Err(refuse(format!("{this} is a parent itself: only cases of customers are linked")));
    }
    match child.incident {
        Some(other) if other == parent.id => {
            return Err(refuse(format!("{this} is linked to {} already", incident.number)));
        }
        Some(_) => {
            return Err(refuse(format!("{this} is linked to another incident: unlink it first (casepost mni unlink)")));
        }
        None => {}
    }
    if child.status.is_closed() || child.status == Status::Resolved {
        return Err(refuse(format!("{this} is {}: reopen it first (casepost case reopen {this})", child.status)));
    }
    if child.spam {
        return Err(refuse(format!("{this} is marked as spam")));
    }
    let mut decision = Decision::unchanged(child);
    decision.links.push(Link { from: child.id, to: parent.id, kind: LinkKind::ChildOf });
    decision.case.incident = Some(parent.id);
    decision.note(now, by, What::Linked { to: parent.id, kind: LinkKind::ChildOf });
    // What the customer was asked, or what it was parked for, waits for the incident now.
    if matches!(child.status, Status::AwaitingCustomer | Status::OnHold) {
        decision.move_to(Status::InProgress, &format!("part of {}", incident.number), by, now);
    }
    // Whoever manages the incident knows of it: nobody has to look at each of its cases.
    decision.clocks.push(ClockChange::Clear(Clock::Review));
    decision.clocks.push(ClockChange::Clear(Clock::Escalation));
    Ok(decision)
}

/// A case goes on alone.
pub fn unlink(
    child: &Case,
    incident: &Incident,
    staff: &str,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let this = child.reference;
    if child.incident != Some(incident.case) {
        return Err(refuse(format!("{this} is not linked to {}", incident.number)));
    }
    let text = format!("not linked to {} any more", incident.number);
    let child = Case { incident: None, ..child.clone() };
    Ok(alone(&child, &Actor::Staff(staff.to_owned()), text, policy, now))
}

/// The incident was withdrawn: its child goes on alone.
pub fn free(child: &Case, incident: &Incident, policy: &Policy, now: DateTime<Utc>) -> Decision {
    let text = format!("not linked to {} any more: it was withdrawn", incident.number);
    alone(child, &Actor::Desk, text, policy, now)
}

fn alone(child: &Case, by: &Actor, text: String, policy: &Policy, now: DateTime<Utc>) -> Decision {
    let mut decision = Decision::unchanged(child);
    decision.note(now, by, What::Remark { text });
    // As a case of its own it is to be looked at, if nobody has.
    if child.reviewed_at.is_none() && child.incident.is_none() && !child.status.is_closed() {
        decision.ask_for_review(now, policy);
    }
    decision
}
