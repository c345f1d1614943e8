//! How a case goes up: level by level, strictly in order, by its age, by staff, by the customer's mail, or because a
//! task of its action plan has failed.
//!
//! The matrix is the policy's ([`EscalationRules`]). Each step is written into the case's history, its new and its old
//! level are told by mail, and so is the customer. The age counts from the opening or the reopening, without the time for
//! which the case waits (for the customer, on hold, resolved); between two steps by age there is at least the time that
//! lies between their ages, so that a case that became urgent late does not run through all levels at once. A closed case
//! goes nowhere; one that is reopened is where it was, since the people there know it.

mod ages;
mod answer;
mod told;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub use ages::{follow, next_step};
pub use answer::{Asked, asked_by_mail, asked_in_first_mail};
pub use told::{at_customer, matrix, reach_of};

use super::{
    case::{Actor, Case, Status},
    directory::Contact,
    lifecycle::{Clock, ClockChange, Decision, Refusal, What},
    policy::{EscalationRules, Reach},
    priority::Priority,
    service_desk::ServiceDesk,
};
use crate::mail::address::Address;

/// Where a case stands in the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// 0: below the first
    pub level: u8,
    /// the last step
    pub escalated_at: Option<DateTime<Utc>>,
    /// the last step that a customer's mail asked for
    pub by_mail_at: Option<DateTime<Utc>>,
    /// its age counts from here
    pub counts_from: DateTime<Utc>,
    /// the age since the last step counts from here
    pub step_from: Option<DateTime<Utc>>,
    /// it waits, and its age stands still
    pub waiting_since: Option<DateTime<Utc>>,
}

impl Escalation {
    /// Where cases begin.
    pub fn of_new(case: &Case, rules: &EscalationRules) -> Escalation {
        Escalation {
            level: rules.start_level,
            escalated_at: None,
            by_mail_at: None,
            counts_from: case.opened_at,
            step_from: None,
            waiting_since: None,
        }
    }
}

/// What brings a case up.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    Age,
    Staff {
        name: &'a str,
        reason: Option<&'a str>,
        /// the level that they name; none: the next one
        to: Option<u8>,
        /// the customer is not told
        silent: bool,
    },
    Mail {
        writer: &'a Address,
        excerpt: &'a str,
    },
    /// a task of its action plan has not brought the result
    Plan {
        staff: &'a str,
        task: &'a str,
        why: Option<&'a str>,
    },
}

/// What a step has to know beside the case.
#[derive(Debug, Clone)]
pub struct Around<'a> {
    pub desk: &'a ServiceDesk,
    /// what the case is about, in lower case
    pub products: BTreeSet<String>,
    /// the requester's organisation
    pub organisation: Option<String>,
    /// the requester's telephone
    pub telephone: Option<String>,
    /// the customer's own escalation list, from its first level up
    pub at_customer: Vec<Contact>,
    /// The desk has written to the customer on this case: who was never answered (a robot, say) is not told of steps.
    pub in_touch: bool,
}

impl Around<'_> {
    fn rules(&self) -> &EscalationRules {
        &self.desk.policy.escalation
    }

    /// Who is there at a level now; empty where the matrix is, or the level is none.
    fn people(&self, level: u8, now: DateTime<Utc>) -> Vec<&Reach> {
        let rules = self.rules();
        rules.level(level).map(|level| level.people_at(&self.products, &rules.hours, now)).unwrap_or_default()
    }
}

/// What a level of the matrix is called, for customers.
fn title_in_words(level: u8, rules: &EscalationRules) -> Value {
    rules.level(level).map_or_else(|| json!(title(level, rules)), |level| level.title.in_words())
}

/// What a level is called by staff.
pub fn title(level: u8, rules: &EscalationRules) -> String {
    match (rules.level(level), level) {
        (Some(level), _) => level.title.for_staff().to_owned(),
        (None, 0) => "support desk".to_owned(),
        (None, _) => "leads".to_owned(),
    }
}

/// Does the case wait for somebody else, so that its age stands still?
fn waits(status: Status) -> bool {
    matches!(status, Status::AwaitingCustomer | Status::OnHold | Status::Resolved)
}

/// Is the case part of a major network incident, whose own process goes instead?
pub fn is_superseded(case: &Case, rules: &EscalationRules) -> bool {
    rules.superseded_by_mni && (case.priority == Priority::P1G || case.incident.is_some())
}

/// Takes a case one level up.
pub fn step(
    decision: &mut Decision,
    escalation: &mut Escalation,
    by: &By<'_>,
    around: &Around<'_>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let rules = around.rules();
    let (from, to) = (escalation.level, escalation.level + 1);
    may_step(&decision.case, from, by, rules)?;
    if let By::Staff { .. } | By::Plan { .. } = by {
        // Whoever of the staff acts on a case has reviewed it.
        decision.case.reviewed_at = Some(now);
        decision.clocks.push(ClockChange::Clear(Clock::Review));
    }
    escalation.level = to;
    escalation.escalated_at = Some(now);
    escalation.step_from = Some(now);
    let (actor, why) = match by {
        By::Age => (Actor::Desk, "by its age".to_owned()),
        By::Staff { name, reason, .. } => (Actor::Staff((*name).to_owned()), reason.unwrap_or_default().to_owned()),
        By::Mail { writer, .. } => {
            escalation.by_mail_at = Some(now);
            (Actor::Writer(writer.email.clone()), "asked for by mail".to_owned())
        }
        By::Plan { staff, task, .. } => {
            (Actor::Staff((*staff).to_owned()), format!("a task of the plan has failed: {task}"))
        }
    };
    decision.note(now, &actor, What::Escalated { from, to, title: title(to, rules), why });
    told::tell_staff(decision, escalation, by, around, now);
    told::tell_customer(decision, escalation, by, around, now);
    ages::set_clock(decision, escalation, &around.desk.policy);
    Ok(())
}

fn may_step(case: &Case, from: u8, by: &By<'_>, rules: &EscalationRules) -> Result<(), Refusal> {
    let this = case.reference;
    if case.status.is_closed() {
        let why = format!("{this} is {}: reopen it first (casepost case reopen {this})", case.status);
        return Err(Refusal(why));
    }
    if is_superseded(case, rules) {
        let why = format!(
            "{this} is part of a major network incident, and during one the crisis process takes the place of the \
             escalation matrix ([escalation] superseded_by_mni)"
        );
        return Err(Refusal(why));
    }
    if from >= rules.top() {
        let why = format!("{this} is at level {from} ({}) already: there is none above it", title(from, rules));
        return Err(Refusal(why));
    }
    let next = from + 1;
    match by {
        By::Staff { to: Some(to), .. } if *to != next => Err(Refusal(format!(
            "levels are taken strictly in order: {this} is at level {from}, so the next one is {next} ({}), not {to}",
            title(next, rules)
        ))),
        _ => Ok(()),
    }
}

/// A case has reached the age of its next step.
pub fn clock_ran(case: &Case, escalation: &mut Escalation, around: &Around<'_>, now: DateTime<Utc>) -> Decision {
    let mut decision = Decision::unchanged(case);
    decision.clocks.push(ClockChange::Clear(Clock::Escalation));
    let due = next_step(case, escalation, &around.desk.policy);
    // Overtaken: it waits, was closed, or the policy has other ages by now.
    if waits(case.status) || due.is_none_or(|due| due > now) {
        ages::set_clock(&mut decision, escalation, &around.desk.policy);
        return decision;
    }
    // Closed or in a major network incident: nothing to do, and nobody to tell.
    let _refused = step(&mut decision, escalation, &By::Age, around, now);
    decision
}

#[cfg(test)]
mod tests;
