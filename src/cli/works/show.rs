//! `casepost works show`.

use std::io::Write;

use clap::Args;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::works_id;
use crate::{
    cli::{case::json::time, context::Context, exit::NotFound, paint::plain, streams},
    desk::{
        hours::{Zone, say, say_short},
        policy::Policy,
        reference::Reference,
        works::{Affected, DeskWorks, Place, Window, WorksId, approval},
    },
    store::{
        works::desk as works,
        works_answers::{self, WorksAnswer},
    },
};

#[derive(Debug, Args)]
pub struct Show {
    /// The works, such as PW-0012
    #[arg(value_parser = works_id)]
    id: WorksId,
    /// One object instead of a page
    #[arg(long)]
    json: bool,
}

pub fn run(context: &Context, command: &Show) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let id = command.id;
    let none = || NotFound(format!("the desk has no planned works {id}; `casepost works list --all` shows all"));
    let one = works::by_id(&db, id)?.ok_or_else(none)?;
    let policy = context.service_desk(&config)?.policy;
    if command.json {
        let mut object = object(&one, &policy);
        object["organisations"] = json!(works::organisations(&db, one.affected.iter())?);
        object["cases"] = json!(cases(&db, id)?);
        object["answers"] = works_answers::of_works(&db, id.0)?.iter().map(answer).collect();
        object["history"] = works::history(&db, id)?
            .into_iter()
            .map(|line| json!({ "at": time(line.at), "actor": line.actor, "text": line.text }))
            .collect();
        say!("{}", serde_json::to_string_pretty(&object)?);
        return Ok(());
    }
    let mut out = streams::out();
    writeln!(out, "{id}  {}", plain(&one.description))?;
    let mut fact = |name: &str, value: &str| writeln!(out, "  {name:<12} {}", plain(value));
    let waits = approval::waits(&one, &policy).map(|what| format!(", {what}")).unwrap_or_default();
    fact("state", &format!("{}{waits}", one.state))?;
    fact("kind", one.kind.as_str())?;
    let zone = Zone::Named(one.zone);
    for window in &one.windows {
        fact("window", &format!("{} to {}", say(window.starts_at, &zone), say(window.ends_at, &zone)))?;
    }
    for touched in &one.affected {
        match &touched.place {
            Place::Platform(key) => {
                let title = policy.platforms.get(key).unwrap_or(key);
                fact("platform", &format!("{title} ({key}): {}", touched.impact))?;
            }
            Place::Service { name, .. } => fact("service", &format!("{name}: {}", touched.impact))?,
        }
    }
    fact("customers", &format!("{} with a touched service", works::organisations(&db, one.affected.iter())?))?;
    fact("reason", &one.reason)?;
    let optional = [
        ("emergency", &one.emergency),
        ("forced", &one.forced),
        ("contact", &one.contact),
        ("roll-back", &one.roll_back),
        ("approved by", &one.approver),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            fact(name, value)?;
        }
    }
    if !one.planner.is_empty() {
        fact("planned by", &one.planner)?;
    }
    for (name, at) in [("started", one.started_at), ("ended", one.ended_at)] {
        if let Some(at) = at {
            fact(name, &say(at, &zone))?;
        }
    }
    if let Some(pending) = &one.pending {
        fact("to approve", &format!("{}, as {} wants", pending.in_words(one.zone), pending.by))?;
    }
    if let Some(at) = one.remind_at {
        fact("reminder", &say(at, &Zone::Named(policy.zone)))?;
    }
    for reference in cases(&db, id)? {
        fact("case", &reference)?;
    }
    for answer in works_answers::of_works(&db, id.0)? {
        let window = answer.window.map(|number| format!(" (window {number})")).unwrap_or_default();
        let comment = answer.comment.map(|comment| format!(": {comment}")).unwrap_or_default();
        fact("answer", &format!("{} by {}{window}{comment}", answer.said.as_str(), answer.email))?;
    }
    writeln!(out)?;
    for line in works::history(&db, id)? {
        let actor = if line.actor.is_empty() { "the desk" } else { &line.actor };
        writeln!(out, "{} * {}: {}", say_short(line.at, &Zone::Named(policy.zone)), plain(actor), plain(&line.text))?;
    }
    Ok(())
}

fn cases(db: &Connection, id: WorksId) -> anyhow::Result<Vec<String>> {
    Ok(works::cases(db, id)?.iter().map(Reference::to_string).collect())
}

/// What somebody's calendar answered, for programs.
fn answer(one: &WorksAnswer) -> Value {
    json!({
        "email": one.email,
        "window": one.window,
        "answer": one.said.as_str(),
        "at": time(one.at),
        "sequence": one.sequence,
        "comment": one.comment,
    })
}

/// The desk's works for programs.
pub fn object(one: &DeskWorks, policy: &Policy) -> Value {
    let pending = one.pending.as_ref().map(|pending| {
        json!({
            "by": pending.by,
            "windows": windows(&pending.windows),
            "places": pending.change.affected.as_deref().map(places),
            "text": pending.text,
        })
    });
    json!({
        "works": one.id.to_string(),
        "whose": "desk",
        "kind": one.kind.as_str(),
        "state": one.state.as_str(),
        "zone": one.zone.name(),
        "waits_for_approval": approval::waits(one, policy).is_some(),
        "pending": pending,
        "windows": windows(&one.windows),
        "places": places(&one.affected),
        "impact": one.impact().as_str(),
        "description": one.description,
        "reason": one.reason,
        "contact": one.contact,
        "roll_back": one.roll_back,
        "emergency": one.emergency,
        "forced": one.forced,
        "planner": Some(&one.planner).filter(|name| !name.is_empty()),
        "planned_at": time(one.planned_at),
        "approver": one.approver,
        "announced_at": one.announced_at.map(time),
        "remind_at": one.remind_at.map(time),
        "started_at": one.started_at.map(time),
        "ended_at": one.ended_at.map(time),
        "recurring": one.occurrence.as_ref().map(|occurrence| &occurrence.name),
        "sequence": one.sequence,
    })
}

fn windows(all: &[Window]) -> Vec<Value> {
    all.iter().map(|window| json!({ "starts_at": time(window.starts_at), "ends_at": time(window.ends_at) })).collect()
}

fn places(all: &[Affected]) -> Vec<Value> {
    all.iter()
        .map(|touched| match &touched.place {
            Place::Platform(key) => json!({ "platform": key, "impact": touched.impact.as_str() }),
            Place::Service { name, .. } => json!({ "service": name, "impact": touched.impact.as_str() }),
        })
        .collect()
}
