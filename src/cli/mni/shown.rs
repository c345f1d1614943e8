//! Incidents on a screen, and as JSON.

use std::io::Write;

use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::Which;
use crate::{
    cli::{
        case::json::time,
        context::Context,
        paint::{fit, plain},
        streams,
    },
    desk::{
        hours::{Zone, say, say_short},
        incident::Incident,
        service_desk::ServiceDesk,
    },
    store::{StoreError, cases, incidents},
};

/// Cases that a page shows.
const CASES: u32 = 100;

#[derive(Debug, Args)]
pub struct List {
    /// Those that are over, too
    #[arg(long)]
    all: bool,
    /// How many on a page
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Which page
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    /// One array of objects instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    which: Which,
    /// One object instead of a page
    #[arg(long)]
    json: bool,
}

pub fn list(context: &Context, command: &List) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let zone = Zone::Named(context.service_desk(&config)?.policy.zone);
    let all = incidents::list(&db, command.all, command.limit, (command.page - 1).saturating_mul(command.limit))?;
    if command.json {
        let objects = all.iter().map(|one| object(&db, one)).collect::<Result<Vec<_>, _>>()?;
        say!("{}", serde_json::to_string_pretty(&objects)?);
        return Ok(());
    }
    if all.is_empty() {
        match (command.page, command.all) {
            (1, false) => say!("no open incidents (--all shows the closed ones)"),
            (1, true) => say!("no incidents"),
            _ => say!("no incident on this page"),
        }
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["INCIDENT", "SINCE", "STATE", "CASES", "NEXT UPDATE", "TITLE"]);
    for incident in &all {
        table.add_row([
            incident.number.to_string(),
            say_short(incident.began_at, &zone),
            state(incident).to_owned(),
            incidents::count_children(&db, incident.case)?.to_string(),
            incident.next_update.map_or("-".to_owned(), |at| say_short(at, &zone)),
            fit(&incident.title, 60),
        ]);
    }
    say!("{table}");
    Ok(())
}

fn state(incident: &Incident) -> &'static str {
    match (incident.is_open(), &incident.withdrawn) {
        (true, _) => "open",
        (false, Some(_)) => "withdrawn",
        (false, None) => "over",
    }
}

pub fn show(context: &Context, command: &Show) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let desk = context.service_desk(&config)?;
    let incident = command.which.find(&db)?;
    if command.json {
        say!("{}", serde_json::to_string_pretty(&object(&db, &incident)?)?);
        return Ok(());
    }
    page(&db, &desk, &incident)
}

fn page(db: &Connection, desk: &ServiceDesk, incident: &Incident) -> anyhow::Result<()> {
    let zone = Zone::Named(desk.policy.zone);
    let mut out = streams::out();
    writeln!(out, "{}  {}", incident.number, plain(&incident.title))?;
    let mut fact = |name: &str, value: &str| writeln!(out, "  {name:<12} {}", plain(value));
    fact("state", state(incident))?;
    fact("affected", &incident.scope.to_string())?;
    fact("impact", &incident.impact)?;
    fact("since", &say(incident.began_at, &zone))?;
    if let Some(at) = incident.etr {
        fact("solved by", &format!("{} (estimated)", say(at, &zone)))?;
    }
    if let Some(at) = incident.next_update {
        fact("next update", &say(at, &zone))?;
    }
    if let Some(at) = incident.closed_at {
        fact(state(incident), &say(at, &zone))?;
    }
    if let Some(cause) = &incident.cause {
        fact("cause", cause)?;
    }
    if let Some(reason) = &incident.withdrawn {
        fact("reason", reason)?;
    }
    fact("manager", desk.staff_name(&incident.manager))?;
    fact("parent", &cases::by_id(db, incident.case)?.reference.to_string())?;
    fact("opened", &format!("{} by {}", say(incident.opened_at, &zone), incident.opened_by))?;
    fact("cases", &incidents::count_children(db, incident.case)?.to_string())?;
    for child in incidents::children(db, incident.case, CASES)? {
        let case = cases::by_id(db, child)?;
        fact("", &format!("{} {} {}", case.reference, case.status, fit(&case.subject, 60)))?;
    }
    for (case, why) in incidents::proposals(db, incident.case, false, CASES as usize)? {
        let case = cases::by_id(db, case)?;
        fact("proposed", &format!("{} {} ({why})", case.reference, fit(&case.subject, 60)))?;
    }
    for update in incidents::updates(db, incident.case)? {
        let etr = update.etr.map(|at| format!(", expected to be solved {}", say_short(at, &zone)));
        writeln!(out)?;
        let head = format!("* {}: {}{}", update.author, update.kind.as_str(), etr.unwrap_or_default());
        writeln!(out, "{} {}", say_short(update.at, &zone), plain(&head))?;
        plain(&update.text).lines().try_for_each(|line| writeln!(out, "    {line}"))?;
    }
    Ok(())
}

fn object(db: &Connection, incident: &Incident) -> Result<Value, StoreError> {
    let mut children = Vec::new();
    for child in incidents::children(db, incident.case, u32::MAX)? {
        children.push(cases::by_id(db, child)?.reference.to_string());
    }
    let mut proposed = Vec::new();
    for (case, why) in incidents::proposals(db, incident.case, false, usize::MAX)? {
        proposed.push(json!({ "case": cases::by_id(db, case)?.reference.to_string(), "why": why }));
    }
    let updates: Vec<Value> = incidents::updates(db, incident.case)?
        .iter()
        .map(|update| {
            json!({ "number": update.number, "kind": update.kind.as_str(), "at": time(update.at),
                "author": update.author, "text": update.text, "etr": update.etr.map(time),
                "next_update": update.next_update.map(time) })
        })
        .collect();
    Ok(json!({
        "incident": incident.number.to_string(), "title": incident.title, "impact": incident.impact,
        "state": state(incident), "platforms": incident.scope.platforms, "services": incident.scope.services,
        "sites": incident.scope.sites, "began_at": time(incident.began_at), "etr": incident.etr.map(time),
        "next_update": incident.next_update.map(time), "missed": incident.missed, "cause": incident.cause,
        "withdrawn": incident.withdrawn,
        "closed_at": incident.closed_at.map(time), "manager": incident.manager,
        "parent": cases::by_id(db, incident.case)?.reference.to_string(), "opened_at": time(incident.opened_at),
        "opened_by": incident.opened_by, "cases": children, "proposed": proposed, "updates": updates,
    }))
}
