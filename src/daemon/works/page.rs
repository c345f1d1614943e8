//! One of the desk's works as staff read it, on the command line and by mail: what is known of it, and what was done.

use rusqlite::Connection;

use crate::{
    desk::{
        hours::{Zone, say, say_short},
        policy::Policy,
        works::{DeskWorks, Place, Window, approval},
    },
    store::{StoreError, works::desk as works, works_answers},
};

/// Name and value.
type Fact = (&'static str, String);

#[derive(Debug, Clone)]
pub struct Page {
    /// what staff are told in each mail about them, too
    pub facts: Vec<Fact>,
    pub more: Vec<Fact>,
    /// a line for each thing that was done, the oldest first
    pub history: Vec<String>,
}

pub fn page(db: &Connection, one: &DeskWorks, policy: &Policy) -> Result<Page, StoreError> {
    Ok(Page { facts: facts(one, policy), more: more(db, one, policy)?, history: history(db, one, policy)? })
}

fn facts(one: &DeskWorks, policy: &Policy) -> Vec<Fact> {
    let zone = Zone::Named(one.zone);
    let mut facts = vec![("state", approval::stands(one, policy)), ("kind", one.kind.to_string())];
    let window = |at: &Window| format!("{} to {}", say(at.starts_at, &zone), say(at.ends_at, &zone));
    facts.extend(one.windows.iter().map(|at| ("window", window(at))));
    facts.extend(one.affected.iter().map(|touched| match &touched.place {
        Place::Platform(key) => {
            let title = policy.platforms.get(key).unwrap_or(key);
            ("platform", format!("{title} ({key}): {}", touched.impact))
        }
        Place::Service { name, .. } => ("service", format!("{name}: {}", touched.impact)),
    }));
    facts.push(("reason", one.reason.clone()));
    let optional = [
        ("emergency", &one.emergency),
        ("forced", &one.forced),
        ("roll-back", &one.roll_back),
        ("contact", &one.contact),
    ];
    facts.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
    if let Some(pending) = &one.pending {
        facts.push(("to approve", format!("{}, as {} wants", pending.in_words(one.zone), pending.by)));
        let text = pending.text.as_deref().map(|text| ("customers are told", text));
        let all = pending.details().into_iter().chain(text);
        facts.extend(all.map(|(name, value)| ("to approve", format!("{name}: {value}"))));
    }
    facts
}

fn more(db: &Connection, one: &DeskWorks, policy: &Policy) -> Result<Vec<Fact>, StoreError> {
    let zone = Zone::Named(one.zone);
    let customers = works::organisations(db, one.affected.iter())?;
    let mut facts = vec![("customers", format!("{customers} with a touched service"))];
    facts.extend(one.approver.iter().map(|name| ("approved by", name.clone())));
    if !one.planner.is_empty() {
        facts.push(("planned by", one.planner.clone()));
    }
    let times = [("started", one.started_at), ("ended", one.ended_at)];
    facts.extend(times.into_iter().filter_map(|(name, at)| Some((name, say(at?, &zone)))));
    facts.extend(one.remind_at.map(|at| ("reminder", say(at, &Zone::Named(policy.zone)))));
    facts.extend(works::cases(db, one.id)?.iter().map(|case| ("case", case.to_string())));
    for answer in works_answers::of_works(db, one.id.0)? {
        let window = answer.window.map(|number| format!(" (window {number})")).unwrap_or_default();
        let comment = answer.comment.map(|comment| format!(": {comment}")).unwrap_or_default();
        facts.push(("answer", format!("{} by {}{window}{comment}", answer.said.as_str(), answer.email)));
    }
    Ok(facts)
}

fn history(db: &Connection, one: &DeskWorks, policy: &Policy) -> Result<Vec<String>, StoreError> {
    let zone = Zone::Named(policy.zone);
    let line = |line: works::Line| {
        let actor = if line.actor.is_empty() { "the desk" } else { &line.actor };
        format!("{} * {actor}: {}", say_short(line.at, &zone), line.text)
    };
    Ok(works::history(db, one.id)?.into_iter().map(line).collect())
}
