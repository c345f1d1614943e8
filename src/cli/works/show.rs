//! `casepost works show`.

use std::io::Write;

use clap::Args;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::works_id;
use crate::{
    cli::{case::json::time, context::Context, paint::plain, streams},
    daemon::works::{find, page::page},
    desk::{
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
#[command(after_help = "Examples:\n  casepost works show PW-0012\n  casepost works show PW-0012 --json")]
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
    let one = find(&db, id)?;
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
    let page = page(&db, &one, &policy)?;
    let mut out = streams::out();
    writeln!(out, "{id}  {}", plain(&one.description))?;
    for (name, value) in page.facts.iter().chain(&page.more) {
        writeln!(out, "  {name:<12} {}", plain(value))?;
    }
    writeln!(out)?;
    for line in &page.history {
        writeln!(out, "{}", plain(line))?;
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
            "description": pending.change.description,
            "reason": pending.change.reason,
            "contact": pending.change.contact,
            "roll_back": pending.change.roll_back,
            "text": pending.text,
            "force": pending.force,
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
