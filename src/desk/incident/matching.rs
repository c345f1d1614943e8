//! Is a case about an incident? Certain: it is linked at once. Likely: staff decide.
//!
//! Certain is what names a service of the writer's own organisation, as the directory has it, that the incident affects.
//! Likely is what sounds like an outage and comes from an organisation that has an affected service. Either way the case
//! has to be of the incident's time, and must not ask for something else (a change, an invoice).

use chrono::{DateTime, Utc};

use super::Incident;
use crate::desk::{
    case::{Case, Status},
    cues::Request,
    directory::Service,
    policy::Policy,
};

/// What is known of a case for this.
#[derive(Debug, Clone, Default)]
pub struct Facts<'a> {
    /// the services that its mails name without a doubt, as the directory has them
    pub named: &'a [Service],
    /// all services of its requester's organisation
    pub owned: &'a [Service],
    /// the requester's organisation
    pub organisation: Option<i64>,
    pub requests: &'a [Request],
    /// what its mails say of the impact, in the cues' words or the customer's own
    pub impacts: &'a [&'a str],
    /// all of its text that could name a platform, in lower case
    pub text: &'a str,
    /// it answers a mail about the incident that was made for its writer
    pub answers: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// linked at once
    Certain(&'static str),
    /// proposed to staff
    Likely(&'static str),
    No,
}

/// Compares a case with an open incident.
pub fn judge(incident: &Incident, case: &Case, facts: &Facts<'_>, policy: &Policy) -> Match {
    if !may_belong(incident, case, policy) || asks_for_something_else(facts.requests) {
        return Match::No;
    }
    if facts.answers {
        return Match::Certain("answers a mail about it");
    }
    let own = |service: &&Service| facts.organisation == Some(service.organisation);
    if facts.named.iter().filter(own).any(|service| incident.scope.affects(service)) {
        return Match::Certain("names an affected service");
    }
    // Whoever names another service speaks of that one.
    if facts.named.iter().any(|service| own(&service)) {
        return Match::No;
    }
    let affected: Vec<&Service> = facts.owned.iter().filter(|service| incident.scope.affects(service)).collect();
    let sounds_so = facts.requests.contains(&Request::Incident)
        || facts.impacts.iter().any(|impact| matches!(*impact, "service-affecting" | "degradation"));
    if affected.is_empty() || !(sounds_so || names_platform(incident, facts.text, policy)) {
        return Match::No;
    }
    Match::Likely(if sounds_so { "sounds like an outage, and has an affected service" } else { "names the platform" })
}

/// Is it a live matter of the incident's time that is no child of another one?
fn may_belong(incident: &Incident, case: &Case, policy: &Policy) -> bool {
    incident.is_open()
        && !case.status.is_closed()
        && case.status != Status::Resolved
        && !case.spam
        && !case.awaits_approval()
        && case.id != incident.case
        && case.incident.is_none()
        && case.opened_at >= earliest(incident, policy)
}

/// Cases from before this are about something else.
pub fn earliest(incident: &Incident, policy: &Policy) -> DateTime<Utc> {
    incident.began_at - policy.mni.look_back
}

fn asks_for_something_else(requests: &[Request]) -> bool {
    requests.iter().any(|request| {
        matches!(
            request,
            Request::Move
                | Request::Add
                | Request::Change
                | Request::Delete
                | Request::OwnPlannedWorks
                | Request::Billing
                | Request::PlannedWorksQuestion
                | Request::Subscribe
                | Request::Unsubscribe
                | Request::ChangeAddress
        )
    })
}

fn names_platform(incident: &Incident, text: &str, policy: &Policy) -> bool {
    let titles = incident.scope.platform_titles(policy);
    let names = incident.scope.platforms.iter().cloned().chain(titles.into_iter().map(|title| title.to_lowercase()));
    names.into_iter().any(|name| has_word(text, &name))
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut from = 0;
    while let Some(at) = text[from..].find(word).filter(|_| !word.is_empty()) {
        let (begin, end) = (from + at, from + at + word.len());
        if !is_part(text[..begin].chars().next_back()) && !is_part(text[end..].chars().next()) {
            return true;
        }
        from = end;
    }
    false
}
