//! Who is told of a step: the people of the new and of the old level, the assignee, and the customer.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Around, By, Escalation, title, title_in_words};
use crate::{
    desk::{
        directory::{Contact, Role},
        lifecycle::{Decision, say_to_staff},
        notice::{Audience, Notice, NoticeKind},
        policy::Reach,
    },
    mail::address::Address,
};

/// The matrix as staff read it, from the first level up: `2. Incident manager: Ada, +44 20 7946 0002`.
pub fn matrix(around: &Around<'_>, now: DateTime<Utc>) -> Vec<String> {
    let line = |level: u8| format!("{level}. {}: {}", title(level, around.rules()), reach_of(level, around, now));
    levels(around).map(line).collect()
}

/// The same for customers.
pub(super) fn matrix_in_words(around: &Around<'_>, now: DateTime<Utc>) -> Vec<Value> {
    let line = |level: u8| {
        let title = title_in_words(level, around.rules());
        json!({ "level": level.to_string(), "title": title, "reach": reach_of(level, around, now) })
    };
    levels(around).map(line).collect()
}

fn levels(around: &Around<'_>) -> impl Iterator<Item = u8> {
    (1..=around.rules().levels.len()).filter_map(|level| u8::try_from(level).ok())
}

/// Who is at a level now, and how to reach them; empty where nobody is.
pub fn reach_of(level: u8, around: &Around<'_>, now: DateTime<Utc>) -> String {
    reach(&around.people(level, now))
}

fn reach(people: &[&Reach]) -> String {
    people.iter().map(|reach| reach.in_words()).collect::<Vec<_>>().join("; ")
}

/// Everybody gets a mail of their own: those of the new level, those of the old one, and whoever works the case. Where the
/// new level has no address, the leads are told, who have to telephone.
pub(super) fn tell_staff(
    decision: &mut Decision,
    escalation: &Escalation,
    by: &By<'_>,
    around: &Around<'_>,
    now: DateTime<Utc>,
) {
    let to = escalation.level;
    let data = data(decision, escalation, by, around, now);
    let own = |person: &Address| around.desk.is_own(&person.email);
    let mails = |level: u8| -> Vec<Address> {
        around.people(level, now).into_iter().filter_map(Reach::mail).filter(|person| !own(person)).collect()
    };
    let new = mails(to);
    let by_telephone = new.is_empty() && around.rules().level(to).is_some();
    let new = if new.is_empty() { around.desk.leads() } else { new };
    let workers = around.desk.staff_for(decision.case.assignee.as_deref());
    let others = mails(to - 1).into_iter().chain(workers).map(|person| (person, false));
    let mut told: BTreeSet<String> = BTreeSet::new();
    let mut notices = Vec::new();
    for (person, is_new) in new.into_iter().map(|person| (person, true)).chain(others) {
        if told.insert(person.email.clone()) {
            let mut data = data.clone();
            data["yours"] = json!(is_new && !by_telephone);
            data["by_telephone"] = json!(is_new && by_telephone);
            let notice = Notice::to_staff(NoticeKind::StaffEscalated, &decision.case, data);
            notices.push(Notice { audience: Audience::Person(person), ..notice });
        }
    }
    decision.notices.extend(notices);
}

fn data(decision: &Decision, escalation: &Escalation, by: &By<'_>, around: &Around<'_>, now: DateTime<Utc>) -> Value {
    let (rules, case) = (around.rules(), &decision.case);
    let (from, to) = (escalation.level - 1, escalation.level);
    let why = match by {
        By::Age => format!("It has reached the age at which a {} goes up by itself.", case.priority),
        By::Staff { name, .. } => format!("{name} has escalated it."),
        By::Mail { writer, .. } => format!("{} asked for it by mail.", writer.display()),
        By::Plan { task, .. } => format!("A task of its action plan has not brought the result: {task}"),
    };
    let said = match by {
        By::Age => None,
        By::Staff { reason, .. } | By::Plan { why: reason, .. } => *reason,
        By::Mail { excerpt, .. } => Some(*excerpt).filter(|excerpt| !excerpt.is_empty()),
    };
    let next = (to < rules.top()).then(|| format!("{} ({})", to + 1, title(to + 1, rules)));
    let people = |level| Some(reach(&around.people(level, now))).filter(|people| !people.is_empty());
    json!({
        "level": to.to_string(),
        "title": title(to, rules),
        "reach": people(to),
        "from_title": title(from, rules),
        "from_reach": people(from),
        "next": next,
        "why": why,
        "said": said,
        "opened_at": say_to_staff(case.opened_at, &around.desk.policy),
        "assignee": case.assignee.as_deref().map(|email| around.desk.staff_name(email)),
        "organisation": around.organisation,
        "telephone": around.telephone,
        "telephone_reference": case.reference.telephone(),
        "at_customer": around.at_customer.iter().map(at_customer).collect::<Vec<_>>(),
    })
}

/// `escalation-1: Ada Lovelace, Head of IT, +44 20 7946 0003, ada@books.example`
pub fn at_customer(contact: &Contact) -> String {
    let level = contact.roles.iter().find(|role| matches!(role, Role::Escalation(_)));
    let known = [&contact.name, &contact.title, &contact.telephone].into_iter().flatten();
    let known: Vec<&str> = known.map(String::as_str).chain([contact.email.as_str()]).collect();
    match level {
        Some(level) => format!("{level}: {}", known.join(", ")),
        None => known.join(", "),
    }
}

pub(super) fn tell_customer(
    decision: &mut Decision,
    escalation: &Escalation,
    by: &By<'_>,
    around: &Around<'_>,
    now: DateTime<Utc>,
) {
    let told = match by {
        By::Staff { silent, .. } => !silent,
        By::Mail { .. } => true,
        By::Age | By::Plan { .. } => around.in_touch,
    };
    if told {
        let notice = to_customer(decision, escalation, by, around, now, Repeats::No);
        decision.notices.push(notice);
    }
}

/// Does a mail ask for what has been done already?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeats {
    No,
    /// a step was taken so short a time ago that this mail takes no further one
    Soon,
    /// there is no level above
    Top,
}

pub(super) fn to_customer(
    decision: &Decision,
    escalation: &Escalation,
    by: &By<'_>,
    around: &Around<'_>,
    now: DateTime<Utc>,
    repeats: Repeats,
) -> Notice {
    let rules = around.rules();
    let level = escalation.level;
    let in_matrix = rules.level(level).is_some();
    let people = reach(&around.people(level, now));
    let next_allowed = escalation.by_mail_at.filter(|_| repeats == Repeats::Soon).map(|at| at + rules.by_mail_every);
    let data = json!({
        "level": in_matrix.then(|| level.to_string()),
        "title": in_matrix.then(|| title_in_words(level, rules)),
        "reach": Some(people).filter(|people| !people.is_empty()),
        "since": escalation.escalated_at.map(|at| decision.say(at, &around.desk.policy)),
        "next_allowed": next_allowed.map(|at| decision.say(at, &around.desk.policy)),
        "asked": matches!(by, By::Mail { .. }) && repeats == Repeats::No,
        "again": repeats != Repeats::No,
        "top": repeats == Repeats::Top,
        "telephone_reference": decision.case.reference.telephone(),
    });
    Notice::automatic(NoticeKind::Escalated, &decision.case, data)
}
