//! What people are told of an incident: values for templates, each in the zone of whoever reads it.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{Incident, Update, UpdateKind};
use crate::{
    desk::{
        case::Case,
        hours::Zone,
        lifecycle::in_staff_words,
        notice::{Notice, NoticeKind, written},
        policy::Policy,
        reference::Reference,
        service_desk::ServiceDesk,
        staff_member::StaffMember,
    },
    mail::{address::Address, wording},
};

/// Proposals that one mail shows; all are told by `casepost mni show`.
const SHOWN: usize = 50;

/// What all are told. Instants are kept under names of their own, for [`told_to_one`] to say them in each reader's zone.
pub fn told_to_all(incident: &Incident, update: &Update, policy: &Policy) -> Map<String, Value> {
    let data = json!({
        "number": incident.number.to_string(),
        "title": incident.title,
        "impact": incident.impact,
        "platforms": incident.scope.platform_titles(policy),
        "sites": incident.scope.sites,
        "body": Some(update.text.as_str()).filter(|text| !text.is_empty()),
        "began_at": wording::time(incident.began_at, &Zone::Named(policy.zone)),
        "said_at": wording::time(update.at, &Zone::Named(policy.zone)),
        "next_update": instant(update.next_update, policy),
        "etr": instant(update.etr, policy),
        "staff_name": update.author,
    });
    let Value::Object(mut data) = data else { return Map::new() };
    data.retain(|_, value| !value.is_null());
    data
}

fn instant(at: Option<DateTime<Utc>>, policy: &Policy) -> Option<Value> {
    at.map(|at| wording::time(at, &Zone::Named(policy.zone)))
}

/// What one reader is told beside that.
#[derive(Debug, Clone)]
pub struct OneReader {
    pub zone: Zone,
    pub greeting_name: Option<String>,
    /// their own cases about it, the oldest first
    pub references: Vec<Reference>,
    /// their own services that it affects, by the number that they know best
    pub services: Vec<String>,
    /// when their cases are closed without objection; only of an incident that is over
    pub closes_at: Option<DateTime<Utc>>,
}

/// What one reader is told of `data`, which all are told: times by their own clock, and what is theirs alone.
pub fn told_to_one(data: &Map<String, Value>, reader: &OneReader) -> Map<String, Value> {
    let mut own = Map::new();
    for (name, value) in data {
        if let Some(wording::Wording::Time { at, .. }) = wording::read(value) {
            own.insert(name.clone(), wording::time(at, &reader.zone));
        }
    }
    let references: Vec<String> = reader.references.iter().map(Reference::to_string).collect();
    own.insert("several_cases".to_owned(), json!(references.len() > 1));
    own.insert("cases".to_owned(), json!(references));
    own.insert("services".to_owned(), json!(reader.services));
    if let Some(name) = &reader.greeting_name {
        own.insert("greeting_name".to_owned(), json!(name));
    }
    if let Some(at) = reader.closes_at {
        own.insert("closes_at".to_owned(), wording::time(at, &reader.zone));
    }
    own
}

/// What is known of an incident, for the acknowledgement of a case that is linked to it at once.
pub fn known(incident: &Incident, last: Option<&Update>, zone: &Zone) -> Map<String, Value> {
    let say = |at: DateTime<Utc>| wording::time(at, zone);
    let data = json!({
        "incident": incident.title,
        "incident_text": last.map(|update| update.text.as_str()).filter(|text| !text.is_empty()),
        "incident_etr": incident.etr.map(say),
        "incident_next_update": incident.next_update.map(say),
    });
    let Value::Object(mut data) = data else { return Map::new() };
    data.retain(|_, value| !value.is_null());
    data
}

/// Staff read the same words whatever happened; `headline` is what.
fn for_staff(case: &Case, incident: &Incident, about: &str, headline: String, policy: &Policy, more: Value) -> Value {
    let mut data = json!({
        "number": incident.number.to_string(),
        "about": about,
        "headline": headline,
        "facts": facts(case, incident, policy),
        "text": null,
        "proposals": [],
        "more": null,
    });
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    data
}

fn facts(case: &Case, incident: &Incident, policy: &Policy) -> Vec<String> {
    let say = |at| in_staff_words(at, policy);
    let mut facts = vec![
        format!("Affected: {}", incident.scope),
        format!("Impact: {}", incident.impact),
        format!("Since: {}", say(incident.began_at)),
        format!("Incident manager: {}", incident.manager),
    ];
    facts.extend(incident.etr.map(|at| format!("Expected to be solved: {}", say(at))));
    facts.extend(incident.next_update.map(|at| format!("Next update due: {}", say(at))));
    facts.push(format!("Parent case: {}", case.reference));
    facts
}

/// All others of the staff hear what customers are told.
pub fn posted(case: &Case, incident: &Incident, update: &Update, staff: &str, desk: &ServiceDesk) -> Vec<Notice> {
    let number = incident.number;
    let (about, headline) = match update.kind {
        UpdateKind::Opened => (format!("{number} opened"), format!("{staff} has opened a major network incident.")),
        UpdateKind::Update => (format!("{number} update"), format!("{staff} has told all customers how it stands.")),
        UpdateKind::Closed => (format!("{number} over"), format!("{staff} has closed it. Its cases are resolved.")),
    };
    let text = Some(update.text.as_str()).filter(|text| !text.is_empty());
    let data = for_staff(case, incident, &about, headline, &desk.policy, json!({ "text": text }));
    let is_author = |person: &StaffMember| person.address.display() == staff;
    let others = desk.staff.iter().filter(|person| !is_author(person) && !desk.is_own(&person.address.email));
    others.map(|person| Notice::to_staff_member(&person.address, NoticeKind::StaffMni, case, data.clone())).collect()
}

pub(super) fn handed_over(case: &Case, incident: &Incident, to: &StaffMember, staff: &str, policy: &Policy) -> Notice {
    let about = format!("{} is yours", incident.number);
    let headline = format!("You are the incident manager now ({staff} has handed it over).");
    let data = for_staff(case, incident, &about, headline, policy, json!({}));
    Notice::to_staff_member(&to.address, NoticeKind::StaffMni, case, data)
}

pub(super) fn reminder(
    case: &Case,
    incident: &Incident,
    due: DateTime<Utc>,
    proposed: usize,
    desk: &ServiceDesk,
) -> Notice {
    let about = format!("{} update due", incident.number);
    let waits = if proposed > 0 {
        let who = if proposed == 1 { "1 case waits" } else { &format!("{proposed} cases wait") };
        format!(" {who} for your word whether it belongs to it (#link all).")
    } else {
        String::new()
    };
    let headline = format!("Customers were promised to hear from you by {}.{waits}", in_staff_words(due, &desk.policy));
    let data = for_staff(case, incident, &about, headline, &desk.policy, json!({}));
    to_manager(case, incident, data)
}

pub(super) fn missed(
    case: &Case,
    incident: &Incident,
    due: DateTime<Utc>,
    person: &Address,
    policy: &Policy,
) -> Notice {
    let about = format!("{} update missed", incident.number);
    let times = match incident.missed {
        0 | 1 => String::new(),
        n => format!(" That makes {n} in a row."),
    };
    let due = in_staff_words(due, policy);
    let headline = format!("Customers were promised to hear from us by {due}, and have heard nothing.{times}");
    let data = for_staff(case, incident, &about, headline, policy, json!({}));
    Notice::to_staff_member(person, NoticeKind::StaffMni, case, data)
}

/// Cases that may belong to an incident, on one mail to its manager.
pub fn proposed(case: &Case, incident: &Incident, proposals: &[(Case, String)], desk: &ServiceDesk) -> Notice {
    let line = |(case, why): &(Case, String)| {
        format!("{} {} ({}; {why})", case.reference, case.subject, written(&case.requester))
    };
    let lines: Vec<String> = proposals.iter().take(SHOWN).map(line).collect();
    let more = proposals.len().checked_sub(SHOWN).filter(|more| *more > 0).map(|more| more.to_string());
    let about = format!("{} may have more cases", incident.number);
    let headline = match proposals.len() {
        1 => "A case may belong to it. Does it?".to_owned(),
        n => format!("{n} cases may belong to it. Do they?"),
    };
    let more = json!({ "proposals": lines, "more": more });
    to_manager(case, incident, for_staff(case, incident, &about, headline, &desk.policy, more))
}

/// A customer wrote on a child: the manager of the incident sees it, too.
pub fn wrote_on_child(
    parent: &Case,
    incident: &Incident,
    child: &Case,
    writer: &Address,
    excerpt: &str,
    policy: &Policy,
) -> Notice {
    let about = format!("{} customer wrote", incident.number);
    let headline = format!("{} wrote on {}. Answer there, or tell all by an update.", written(writer), child.reference);
    to_manager(parent, incident, for_staff(parent, incident, &about, headline, policy, json!({ "text": excerpt })))
}

fn to_manager(case: &Case, incident: &Incident, data: Value) -> Notice {
    Notice::to_staff_member(&Address::bare(&incident.manager), NoticeKind::StaffMni, case, data)
}
