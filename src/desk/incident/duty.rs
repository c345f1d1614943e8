//! The duty to tell customers how it stands: by when, who is reminded of it, and who hears when it was missed.
//!
//! The next update is due as the policy promises updates of P1G; an estimated time of resolution stands in for it until it
//! has come. Before it is due the incident manager is reminded; when it was missed the next level hears of it, one level
//! further up for each one that is missed in a row.

use chrono::{DateTime, Utc};

use super::{Followed, Incident, notices};
use crate::{
    desk::{
        case::{Actor, Case},
        lifecycle::{Clock, ClockChange, Decision, What},
        policy::Policy,
        priority::Priority,
        service_desk::ServiceDesk,
        sla::PromiseKind,
    },
    mail::address::Address,
};

/// Says by when the next update is due, and when to look again.
pub(super) fn schedule(incident: &mut Incident, policy: &Policy) -> ClockChange {
    incident.next_update = due_at(incident, policy, incident.updated_at);
    clock(incident, policy)
}

/// When to look at the duty again.
pub(super) fn clock(incident: &Incident, policy: &Policy) -> ClockChange {
    match look_at(incident, policy).filter(|_| incident.is_open()) {
        Some(at) => ClockChange::Set(Clock::MniUpdate, at),
        None => ClockChange::Clear(Clock::MniUpdate),
    }
}

/// By when the next update is due, counted from an instant.
fn due_at(incident: &Incident, policy: &Policy, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !incident.is_open() {
        return None;
    }
    let promised = policy.service_levels.terms(None).promised(PromiseKind::Update, Priority::P1G);
    incident.etr.or_else(|| promised.map(|promised| promised.from(from)))
}

fn look_at(incident: &Incident, policy: &Policy) -> Option<DateTime<Utc>> {
    let due = incident.next_update?;
    let remind_at = due - policy.mni.remind_before;
    // Right after an update nobody has to be reminded of the next.
    let reminds = incident.reminded_at.is_none() && remind_at > incident.updated_at;
    Some(if reminds { remind_at } else { due })
}

/// The clock of the duty has run.
pub fn clock_ran(
    case: &Case,
    incident: &Incident,
    proposed: usize,
    desk: &ServiceDesk,
    now: DateTime<Utc>,
) -> Followed {
    let policy = &desk.policy;
    let mut decision = Decision::unchanged(case);
    let mut incident = incident.clone();
    match incident.next_update {
        Some(due) if incident.is_open() && due <= now => {
            incident.missed = incident.missed.saturating_add(1);
            decision.note(now, &Actor::Desk, What::Remark { text: "the update that was due did not come".to_owned() });
            // What was expected has not come true: the updates go on from here.
            incident.etr = incident.etr.filter(|etr| *etr > now);
            decision.case.etr = incident.etr;
            for person in hear_of_missed(&incident, desk, now) {
                decision.notices.push(notices::missed(case, &incident, due, &person, desk));
            }
            incident.next_update = due_at(&incident, policy, now);
            incident.reminded_at = None;
        }
        Some(due) if incident.is_open() && incident.reminded_at.is_none() && due - policy.mni.remind_before <= now => {
            incident.reminded_at = Some(now);
            decision.notices.push(notices::reminder(case, &incident, due, proposed, desk));
        }
        // Overtaken by an update.
        _ => {}
    }
    decision.clocks.push(clock(&incident, policy));
    Followed { decision, incident, said: None }
}

/// The manager, the leads, and whoever can be mailed of the level above; a level further up each time.
fn hear_of_missed(incident: &Incident, desk: &ServiceDesk, now: DateTime<Utc>) -> Vec<Address> {
    let rules = &desk.policy.escalation;
    let level = rules.start_level.saturating_add(incident.missed).min(rules.top());
    let products = &incident.scope.platforms;
    let manager = desk.staff.iter().map(|person| &person.address).filter(|person| person.email == incident.manager);
    let mut all: Vec<Address> = manager.cloned().chain(desk.leads()).collect();
    for reach in rules.level(level).map(|level| level.people_at(products, &rules.hours, now)).unwrap_or_default() {
        let name = reach.name.as_deref();
        all.extend(reach.address.as_deref().map(|email| Address::new(name, email)));
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|person| !desk.is_own(&person.email) && seen.insert(person.email.clone()));
    all
}
