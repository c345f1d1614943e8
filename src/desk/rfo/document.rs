//! What a report on an outage says: from the case's own events, and from what staff have written.
//!
//! Words stand in the templates; here are times, names, numbers and flags.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::RfoKind;
use crate::desk::{
    case::{Case, Status},
    lifecycle::{Decision, Refusal, What},
    policy::Policy,
};

/// What staff write: the times come from the case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    pub impact: Option<String>,
    pub cause: Option<String>,
    pub resolution: Option<String>,
    pub preventive: Vec<Preventive>,
}

/// Something that is done so that it does not happen again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preventive {
    pub text: String,
    pub due: Option<DateTime<Utc>>,
    pub done: bool,
}

/// All that a report is made of.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub case: &'a Case,
    pub kind: RfoKind,
    /// the customer's organisation, as the directory has it
    pub organisation: Option<&'a str>,
    /// the names of services that the mails tell
    pub services: &'a [String],
    /// what the mails say of the impact, in the cues' words or the customer's own
    pub told_impact: Option<&'a str>,
    pub history: &'a [(DateTime<Utc>, What)],
    /// the first mail that one of the staff wrote to the customer
    pub first_response: Option<DateTime<Utc>>,
    pub written: &'a Written,
    /// who of the staff answers for it
    pub staff_name: &'a str,
}

impl Facts<'_> {
    /// May it be sent? A report names cause and preventive actions (SERVICE.md, interspace).
    pub fn is_complete(&self) -> Result<(), Refusal> {
        let reference = self.case.reference;
        let lacks = match (self.written.cause.is_none(), self.written.preventive.is_empty()) {
            (false, false) => return Ok(()),
            (true, true) => "the cause (--cause) and what is done so that it does not happen again (--preventive)",
            (true, false) => "the cause (--cause)",
            (false, true) => "what is done so that it does not happen again (--preventive)",
        };
        Err(Refusal(format!(
            "{reference}: the {} lacks {lacks}: casepost case rfo {reference} draft, or link the case \
            to its problem",
            self.kind.in_words()
        )))
    }

    /// When the work was done: the last time that the case was resolved, else when it was closed.
    pub fn restored_at(&self) -> Option<DateTime<Utc>> {
        let became = |wanted: Status| {
            let moves = self.history.iter().rev();
            moves.filter(|(_, what)| matches!(what, What::Status { to, .. } if *to == wanted)).map(|(at, _)| *at).next()
        };
        became(Status::Resolved).or(self.case.closed_at)
    }
}

/// The data of the mail and of the document.
pub fn document(facts: &Facts<'_>, policy: &Policy, now: DateTime<Utc>) -> Value {
    let case = facts.case;
    let decision = Decision::unchanged(case);
    let say = |at: DateTime<Utc>| decision.say(at, policy);
    let restored_at = facts.restored_at();
    let written = facts.written;
    let duration = restored_at.map(|at| (at - case.opened_at).num_minutes().max(0));
    let told = facts.told_impact.filter(|_| written.impact.is_none());
    let is = |word: &str| told == Some(word);
    let in_own_words =
        told.filter(|word| !["service-affecting", "degradation", "not-service-affecting"].contains(word));
    let preventive: Vec<Value> = written
        .preventive
        .iter()
        .map(|action| json!({ "text": action.text, "due": action.due.map(say), "done": action.done }))
        .collect();
    json!({
        "incident_report": facts.kind == RfoKind::IncidentReport,
        "customer": facts.organisation.or(case.requester.name.as_deref()).unwrap_or(&case.requester.email),
        "services": facts.services,
        "reported_at": say(case.opened_at),
        "first_response_at": facts.first_response.map(say),
        "restored_at": restored_at.map(say),
        "closed_at": case.closed_at.map(say),
        "duration": duration.is_some(),
        "days": duration.map(|minutes| minutes / 1440).filter(|days| *days > 0).map(|n| n.to_string()),
        "hours": duration.map(|minutes| minutes / 60 % 24).filter(|_| duration >= Some(60)).map(|n| n.to_string()),
        "minutes": duration.map(|minutes| (minutes % 60).to_string()),
        "timeline": timeline(facts, policy),
        "impact": written.impact.as_deref().or(in_own_words),
        "is_service_affecting": is("service-affecting"),
        "is_degradation": is("degradation"),
        "is_not_service_affecting": is("not-service-affecting"),
        "cause": written.cause,
        "resolution": written.resolution,
        "preventive": preventive,
        "staff_name": facts.staff_name,
        "written_at": say(now),
    })
}

/// Reported, first response, and each change of the status, in the order of time.
fn timeline(facts: &Facts<'_>, policy: &Policy) -> Vec<Value> {
    let decision = Decision::unchanged(facts.case);
    let line = |at: DateTime<Utc>, status: Option<Status>| {
        let reported = at == facts.case.opened_at && status.is_none();
        let status_words = status.map(Status::in_words);
        let value = json!({ "at": decision.say(at, policy), "reported": reported,
            "first_response": !reported && status.is_none(), "status": status_words });
        (at, value)
    };
    let mut all = vec![line(facts.case.opened_at, None)];
    all.extend(facts.first_response.map(|at| line(at, None)));
    for (at, what) in facts.history {
        if let What::Status { to, .. } = what {
            all.push(line(*at, Some(*to)));
        }
    }
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, value)| value).collect()
}
