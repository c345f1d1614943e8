//! What staff need to know of a case beside what somebody wrote: who the customer is, their services, what is due when,
//! and what happened last. Each line is short and stands for itself; what has no value has no line.

use chrono::{DateTime, Utc};

use super::{
    case::Case,
    directory::{Listed, Role, Service},
    hours::{Zone, say, say_short},
    lifecycle::{Clock, Decision, What},
    notice::{NoticeKind, written},
    policy::Policy,
};
use crate::mail::{address::Address, thread::Standing};

/// So many entries of the history.
const ENTRIES: usize = 5;
/// What is shown of a text in the history.
const TEXT_CHARS: usize = 100;
/// Services beyond this are only counted.
const SERVICES: usize = 5;

/// All that is known, as the store has it.
#[derive(Debug, Clone)]
pub struct Known<'a> {
    pub case: &'a Case,
    /// what the directory knows of the requester
    pub requester: &'a Listed,
    pub participants: &'a [Address],
    /// the services that the case names
    pub services: &'a [Service],
    /// the name of the assignee
    pub assignee: Option<&'a str>,
    /// the number that the customer has for the matter
    pub their_reference: Option<&'a str>,
    /// how a case is linked to this one, and its reference
    pub links: &'a [(String, String)],
    pub clocks: &'a [(Clock, DateTime<Utc>)],
    /// the newest first
    pub history: &'a [Happened],
}

/// An entry of the history, as the store has it.
#[derive(Debug, Clone)]
pub struct Happened {
    pub at: DateTime<Utc>,
    pub actor: String,
    pub what: What,
}

/// Does this notice's template have a place for the briefing?
pub fn has_place(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::StaffNewCase | NoticeKind::StaffCustomerWrote)
}

/// Puts the briefing into the notices of a decision that have a place for it.
pub fn tell(decision: &mut Decision, known: &Known<'_>, policy: &Policy, now: DateTime<Utc>) {
    let (facts, history) = (facts(known, policy, now), history(known, policy));
    for notice in &mut decision.notices {
        if has_place(notice.kind) {
            notice.data.insert("facts".to_owned(), facts.clone().into());
            notice.data.insert("history".to_owned(), history.clone().into());
        }
    }
}

/// The lines of the briefing: the people, the services, the state, the times.
pub fn facts(known: &Known<'_>, policy: &Policy, now: DateTime<Utc>) -> Vec<String> {
    let zone = Zone::Named(policy.zone);
    let mut facts = vec![customer(known, now)];
    if known.case.reply_to.email != known.case.requester.email {
        facts.push(format!("Answers go to: {}", written(&known.case.reply_to)));
    }
    if !known.participants.is_empty() {
        facts.push(format!("In copy: {}", known.participants.iter().map(written).collect::<Vec<_>>().join(", ")));
    }
    facts.extend(known.their_reference.map(|theirs| format!("They call it: {theirs}")));
    facts.extend(known.services.iter().take(SERVICES).map(|s| format!("Service: {}", service(s, known))));
    if known.services.len() > SERVICES {
        facts.push(format!("and {} more services", known.services.len() - SERVICES));
    }
    facts.push(format!("Assigned to: {}", known.assignee.unwrap_or("nobody")));
    facts.extend(known.case.hold_until.map(|until| format!("On hold until: {}", say(until, &zone))));
    let mut clocks = known.clocks.to_vec();
    clocks.sort_by_key(|(_, due)| *due);
    facts.extend(
        clocks.iter().map(|(clock, due)| format!("Clock: {}, {}", clock.as_str().replace('-', " "), say(*due, &zone))),
    );
    facts.extend(known.links.iter().map(|(how, reference)| format!("Link: {} {reference}", how.replace('-', " "))));
    facts
}

fn customer(known: &Known<'_>, now: DateTime<Utc>) -> String {
    let contact = known.requester.contact.as_ref();
    let mut parts = vec![written(&known.case.requester)];
    parts.extend(known.requester.organisation.as_ref().map(|organisation| organisation.name.clone()));
    parts.extend(contact.and_then(|c| c.title.clone()));
    let roles: Vec<String> = contact.iter().flat_map(|c| &c.roles).map(Role::to_string).collect();
    parts.extend(Some(roles.join(", ").replace('-', " ")).filter(|roles| !roles.is_empty()));
    parts.extend(contact.and_then(|c| c.telephone.as_ref()).map(|number| format!("telephone {number}")));
    let zone = contact.and_then(|c| c.zone).or(known.case.requester_zone);
    parts.extend(zone.map(|zone| format!("zone {zone} (now {} there)", now.with_timezone(&zone).format("%a %H:%M"))));
    format!("Customer: {}", parts.join(", "))
}

fn service(service: &Service, known: &Known<'_>) -> String {
    let named = |what: &str, value: &Option<String>| value.as_ref().map(|value| format!("{what} {value}"));
    let mut parts: Vec<String> = service.service_id.iter().cloned().collect();
    parts.extend(named("circuit", &service.circuit_id));
    parts.extend(named("order", &service.order_number));
    parts.extend(named("platform", &service.platform));
    parts.extend(service.site.clone());
    if known.requester.organisation_id().is_some_and(|organisation| organisation != service.organisation) {
        parts.push("of another organisation".to_owned());
    }
    parts.join(", ")
}

/// What happened last, the newest first.
pub fn history(known: &Known<'_>, policy: &Policy) -> Vec<String> {
    let zone = Zone::Named(policy.zone);
    let told = known.history.iter().filter_map(|entry| {
        let what = in_words(&entry.what)?;
        Some(format!("{} {}: {what}", say_short(entry.at, &zone), entry.actor))
    });
    told.take(ENTRIES).collect()
}

fn in_words(what: &What) -> Option<String> {
    Some(match what {
        What::Opened { by } => format!("opened by {by}"),
        What::Wrote { standing } if standing == Standing::Staff.as_str() => "wrote to the desk".to_owned(),
        What::Wrote { .. } => "wrote".to_owned(),
        What::Status { from, to, why } => format!("{from} -> {to}, {why}"),
        What::Priority { from, to } if from == to => format!("priority {to} confirmed"),
        What::Priority { from, to } => format!("priority {from} -> {to}"),
        What::Assigned { to: Some(to), .. } => format!("assigned to {to}"),
        What::Assigned { to: None, .. } => "assigned to nobody".to_owned(),
        What::Note { text } => format!("note: {}", shortened(text)),
        What::Replied { text } => format!("answered: {}", shortened(text)),
        What::Warned { .. } => "the customer was warned that it will be closed".to_owned(),
        What::NotDelivered { notice, recipient, .. } => format!("{notice} did not reach {recipient}"),
        What::Recorded { kind, .. } => format!("sent a mail taken for {kind}"),
        What::Remark { text } => shortened(text),
        What::Updated { incident, kind, text, .. } => format!("{} {incident}: {}", kind.in_words(), shortened(text)),
        What::Escalated { to, title, .. } => format!("taken up to level {to}, {title}"),
        // The facts tell the links; that a clock ran is told by what it did.
        What::Linked { .. } | What::ClockRan { .. } => return None,
    })
}

fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(TEXT_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{
        directory::{Affiliation, Contact},
        policy,
    };

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn case() -> Case {
        Case::sample(at("2026-11-03T10:00:00Z"))
    }

    fn known<'a>(case: &'a Case, requester: &'a Listed) -> Known<'a> {
        Known {
            case,
            requester,
            participants: &[],
            services: &[],
            assignee: None,
            their_reference: None,
            links: &[],
            clocks: &[],
            history: &[],
        }
    }

    #[test]
    fn of_a_stranger_only_the_address_is_told() {
        let (policy, case, nobody) =
            (policy::Policy::load("base", &policy::built_in).unwrap(), case(), Listed::default());
        let facts = facts(&known(&case, &nobody), &policy, at("2026-11-03T10:00:00Z"));
        assert_eq!(facts, ["Customer: Ada <ada@books.example>", "Assigned to: nobody"]);
    }

    #[test]
    fn all_that_is_known_of_customer_services_links_and_clocks_is_told() {
        let (policy, case) = (policy::Policy::load("base", &policy::built_in).unwrap(), case());
        let contact = Contact {
            title: Some("IT lead".to_owned()),
            telephone: Some("+49 30 5550".to_owned()),
            zone: Some(chrono_tz::Europe::Berlin),
            roles: [Role::MainPrimary].into(),
            ..Contact::default()
        };
        let organisation = Affiliation { id: 1, name: "Books Ltd".to_owned(), reference_pattern: None, clocks: None };
        let listed = Listed { contact: Some(contact), organisation: Some(organisation) };
        let ours = Service {
            organisation: 1,
            service_id: Some("VPN-1".to_owned()),
            site: Some("Ulm".to_owned()),
            ..Service::default()
        };
        let other = Service { organisation: 2, circuit_id: Some("C/1".to_owned()), ..Service::default() };
        let facts = facts(
            &Known {
                services: &[ours, other],
                links: &[("continued-by".to_owned(), "1-0000000000".to_owned())],
                clocks: &[(Clock::HoldEnd, at("2026-11-04T10:00:00Z")), (Clock::Review, at("2026-11-03T10:30:00Z"))],
                their_reference: Some("INC1"),
                ..known(&case, &listed)
            },
            &policy,
            at("2026-11-03T10:00:00Z"),
        );
        let role = Role::MainPrimary.to_string().replace('-', " ");
        assert_eq!(
            facts,
            [
                format!(
                    "Customer: Ada <ada@books.example>, Books Ltd, IT lead, {role}, telephone +49 30 5550, zone \
                     Europe/Berlin (now Tue 11:00 there)"
                ),
                "They call it: INC1".to_owned(),
                "Service: VPN-1, Ulm".to_owned(),
                "Service: circuit C/1, of another organisation".to_owned(),
                "Assigned to: nobody".to_owned(),
                format!("Clock: review, {}", say(at("2026-11-03T10:30:00Z"), &Zone::Named(policy.zone))),
                format!("Clock: hold end, {}", say(at("2026-11-04T10:00:00Z"), &Zone::Named(policy.zone))),
                "Link: continued by 1-0000000000".to_owned(),
            ]
        );
    }

    #[test]
    fn the_last_entries_are_told_the_newest_first_and_short() {
        let (policy, case, nobody) =
            (policy::Policy::load("base", &policy::built_in).unwrap(), case(), Listed::default());
        let entry = |n: usize| Happened {
            at: at("2026-11-03T10:00:00Z"),
            actor: "Tom".to_owned(),
            what: What::Note { text: format!("{n}\n{}", "x".repeat(200)) },
        };
        let entries: Vec<Happened> = (0..9).rev().map(entry).collect();
        let told = history(&Known { history: &entries, ..known(&case, &nobody) }, &policy);
        assert_eq!(told.len(), ENTRIES);
        assert!(told[0].contains("Tom: note: 8 xxx") && told[0].ends_with('…'), "{}", told[0]);
        assert!(told[0].chars().count() < TEXT_CHARS + 50);
    }
}
