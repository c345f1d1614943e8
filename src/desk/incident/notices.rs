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
        staff_member::{Right, StaffMember},
    },
    mail::{address::Address, wording},
};

/// Proposals that one mail shows; all are told by `casepost mni show`.
const SHOWN: usize = 50;

/// What all are told. Instants are kept under names of their own, for [`told_to_one`] to say them in each reader's zone.
pub fn told_to_all(incident: &Incident, update: &Update, policy: &Policy) -> Map<String, Value> {
    let is_etr_taken_back = update.kind == UpdateKind::Update && update.text.is_empty() && update.etr.is_none();
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
        // Such an update says nothing else.
        "etr_taken_back": is_etr_taken_back.then_some(true),
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

/// Why a mail is sent, in its subject and in its first line.
struct News {
    about: String,
    headline: String,
}

/// A mail to one of those who hear of an incident. How to command it stands there for whoever may, while it is open.
fn to_one(
    case: &Case,
    incident: &Incident,
    person: &Address,
    News { about, headline }: News,
    desk: &ServiceDesk,
    more: Value,
) -> Notice {
    let colleague = desk.staff.iter().find(|one| one.address.email == person.email);
    let mut data = json!({
        "number": incident.number.to_string(),
        "about": about,
        "headline": headline,
        "facts": facts(case, incident, desk),
        "commands": incident.is_open() && colleague.is_some_and(|one| one.may(Right::P1G)),
        "text": null,
        "cases": [],
        "more": null,
        "proposed": false,
    });
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    Notice::to_staff_member(person, NoticeKind::StaffMni, case, data)
}

fn facts(case: &Case, incident: &Incident, desk: &ServiceDesk) -> Vec<String> {
    let say = |at| in_staff_words(at, &desk.policy);
    let scope = &incident.scope;
    let mut affected = scope.platform_titles(&desk.policy);
    affected.extend(scope.sites.iter().cloned());
    affected.extend(scope.services.iter().map(|number| format!("service {number}")));
    let mut facts = vec![
        format!("Affected: {}", affected.join(", ")),
        format!("Impact: {}", incident.impact),
        format!("Since: {}", say(incident.began_at)),
        format!("Incident manager: {}", desk.staff_name(&incident.manager)),
    ];
    facts.extend(incident.etr.map(|at| format!("Expected to be solved: {}", say(at))));
    facts.extend(incident.next_update.map(|at| format!("Next update due: {}", say(at))));
    facts.push(format!("Parent case: {}", case.reference));
    facts
}

/// The staff hear what customers are told. Of its beginning whoever opened it hears as well: who runs it by mail needs a
/// mail to reply to.
pub fn posted(case: &Case, incident: &Incident, update: &Update, staff: &str, desk: &ServiceDesk) -> Vec<Notice> {
    let number = incident.number;
    let text = Some(update.text.as_str()).filter(|text| !text.is_empty());
    let notice = |person: &StaffMember| {
        let is_author = person.address.display() == staff;
        let who = if is_author { "You have" } else { &format!("{staff} has") };
        let (about, headline) = match update.kind {
            UpdateKind::Opened => {
                let yours = person.address.email == incident.manager;
                let (about, yours) =
                    if yours { ("is yours", " You are the incident manager.") } else { ("opened", "") };
                (format!("{number} {about}"), format!("{who} opened a major network incident.{yours}"))
            }
            UpdateKind::Update => (format!("{number} update"), format!("{who} told all customers how it stands.")),
            UpdateKind::Closed => {
                (format!("{number} over"), format!("{who} closed it. Its cases are resolved. The cause:"))
            }
            UpdateKind::Withdrawn => {
                let headline = format!(
                    "{who} withdrawn it. Its cases go on, each by itself, and whoever was told of it is told so. The reason:"
                );
                (format!("{number} withdrawn"), headline)
            }
        };
        let hears = !is_author || update.kind == UpdateKind::Opened;
        let news = News { about, headline };
        hears.then(|| to_one(case, incident, &person.address, news, desk, json!({ "text": text })))
    };
    desk.staff.iter().filter(|person| !desk.is_own(&person.address.email)).filter_map(notice).collect()
}

/// Whoever has it now, and whoever had it, unless they did it themselves.
pub(super) fn handed_over(
    case: &Case,
    incident: &Incident,
    before: &str,
    to: &StaffMember,
    staff: &str,
    desk: &ServiceDesk,
) -> Vec<Notice> {
    let number = incident.number;
    let headline = format!("You are the incident manager now ({staff} has handed it over).");
    let news = News { about: format!("{number} is yours"), headline };
    let mut notices = vec![to_one(case, incident, &to.address, news, desk, json!({}))];
    let earlier = desk.staff.iter().find(|person| person.address.email == before && person.address.display() != staff);
    notices.extend(earlier.map(|person| {
        let headline = format!("{staff} has handed it over: {} is the incident manager now.", to.address.display());
        let news = News { about: format!("{number} handed over"), headline };
        to_one(case, incident, &person.address, news, desk, json!({}))
    }));
    notices
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
    to_manager(case, incident, News { about, headline }, desk, json!({}))
}

pub(super) fn missed(
    case: &Case,
    incident: &Incident,
    due: DateTime<Utc>,
    person: &Address,
    desk: &ServiceDesk,
) -> Notice {
    let about = format!("{} update missed", incident.number);
    let times = match incident.missed {
        0 | 1 => String::new(),
        n => format!(" That makes {n} in a row."),
    };
    let due = in_staff_words(due, &desk.policy);
    let headline = format!("Customers were promised to hear from us by {due}, and have heard nothing.{times}");
    to_one(case, incident, person, News { about, headline }, desk, json!({}))
}

/// Cases that may belong to an incident, on one mail to its manager.
pub fn proposed(case: &Case, incident: &Incident, proposals: &[(Case, String)], desk: &ServiceDesk) -> Notice {
    let line = |(case, why): &(Case, String)| {
        format!("{} {} ({}; {why})", case.reference, case.subject, written(&case.requester))
    };
    let about = format!("{} may have more cases", incident.number);
    let headline = match proposals.len() {
        1 => "A case may belong to it. Does it?".to_owned(),
        n => format!("{n} cases may belong to it. Do they?"),
    };
    let mut more = listed(proposals.iter().map(line));
    more["proposed"] = true.into();
    to_manager(case, incident, News { about, headline }, desk, more)
}

/// As many as a mail has room for.
fn listed(lines: impl ExactSizeIterator<Item = String>) -> Value {
    let more = lines.len().checked_sub(SHOWN).filter(|more| *more > 0).map(|more| more.to_string());
    json!({ "cases": lines.take(SHOWN).collect::<Vec<_>>(), "more": more })
}

/// Somebody else has linked cases: their customers are told from now on.
pub fn linked(case: &Case, incident: &Incident, children: &[Case], staff: &str, desk: &ServiceDesk) -> Option<Notice> {
    let headline = match children.len() {
        1 => format!("{staff} has linked a case to it."),
        n => format!("{staff} has linked {n} cases to it."),
    };
    let about = format!("{} has more cases", incident.number);
    of_children(case, incident, children, News { about, headline }, staff, desk)
}

/// Somebody else has taken cases out.
pub fn unlinked(
    case: &Case,
    incident: &Incident,
    children: &[Case],
    staff: &str,
    desk: &ServiceDesk,
) -> Option<Notice> {
    let headline = match children.len() {
        1 => format!("{staff} has taken a case out: it goes on by itself."),
        n => format!("{staff} has taken {n} cases out: each goes on by itself."),
    };
    let about = format!("{} has fewer cases", incident.number);
    of_children(case, incident, children, News { about, headline }, staff, desk)
}

fn of_children(
    case: &Case,
    incident: &Incident,
    children: &[Case],
    news: News,
    staff: &str,
    desk: &ServiceDesk,
) -> Option<Notice> {
    let line = |child: &Case| format!("{} {} ({})", child.reference, child.subject, written(&child.requester));
    let is_manager = desk.staff_name(&incident.manager) == staff;
    (!is_manager).then(|| to_manager(case, incident, news, desk, listed(children.iter().map(line))))
}

/// A customer wrote on a child: the manager of the incident sees it, too.
pub fn wrote_on_child(
    parent: &Case,
    incident: &Incident,
    child: &Case,
    writer: &Address,
    excerpt: &str,
    desk: &ServiceDesk,
) -> Notice {
    let about = format!("{} customer wrote", incident.number);
    let headline = format!("{} wrote on {}. Answer there, or tell all by an update.", written(writer), child.reference);
    to_manager(parent, incident, News { about, headline }, desk, json!({ "text": excerpt }))
}

/// Somebody else has kept a note on the incident.
pub(super) fn noted(case: &Case, incident: &Incident, text: &str, staff: &str, desk: &ServiceDesk) -> Option<Notice> {
    if desk.staff_name(&incident.manager) == staff {
        return None;
    }
    let about = format!("{} note", incident.number);
    let headline = format!("{staff} has written a note. Customers don't see it.");
    Some(to_manager(case, incident, News { about, headline }, desk, json!({ "text": text })))
}

fn to_manager(case: &Case, incident: &Incident, news: News, desk: &ServiceDesk, more: Value) -> Notice {
    to_one(case, incident, &Address::bare(&incident.manager), news, desk, more)
}
