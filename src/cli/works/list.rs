//! `casepost works list`: the calendar, with the desk's works and the customers' own.

use clap::Args;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::show;
use crate::{
    cli::{case::json::time, context::Context, directory::table::table, exit::NotFound, paint::fit},
    daemon::works::list::{Filter, Line, One, list, names, organisation_of, reference_of},
    desk::{hours::Zone, policy::Policy, works::WorksId},
    store::{StoreError, organisations, services},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Customers announce works of their own by mail, where the policy says so ([customer_works]).\n\n\
    Examples:\n  \
    casepost works list                    what is coming\n  \
    casepost works list --platform voice --all\n  \
    casepost works list --service IS-4711\n  \
    casepost works list --organisation Books --json"
)]
pub struct List {
    /// Those of this service: service ID, circuit ID or order number
    #[arg(long, value_name = "ID")]
    service: Option<String>,
    /// Those of this organisation: its name or customer number
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// Those of the desk that touch this platform, or a service on it
    #[arg(long, value_name = "KEY", conflicts_with_all = ["service", "organisation"])]
    platform: Option<String>,
    /// Also those of the desk that are over or cancelled
    #[arg(long)]
    all: bool,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// One array of objects instead of a page
    #[arg(long)]
    json: bool,
}

pub fn run(context: &Context, command: &List) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let desk = context.service_desk(&config)?;
    let platforms = &desk.policy.platforms;
    let platform = command.platform.as_ref().map(|key| key.to_lowercase());
    if let Some(key) = platform.as_ref().filter(|key| !platforms.contains_key(*key)) {
        let known = platforms.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(NotFound(format!("there is no platform \"{key}\" ([platforms] of the policy has: {known})")).into());
    }
    let organisation = match &command.organisation {
        Some(who) => Some(organisations::named(&db, who)?.ok_or_else(|| {
            NotFound(format!("there is no organisation \"{who}\"; `casepost organisation list` shows all"))
        })?),
        None => None,
    };
    let filter = Filter {
        service: command.service.clone(),
        organisation: organisation.map(|o| o.id),
        platform,
        desks_after: if command.all { None } else { Some(context.now(&db)?) },
        customers_after: None,
        // One more shows that there are more.
        limit: command.limit.saturating_add(1),
    };
    let mut found = list(&db, &filter)?;
    let more = found.len() > command.limit as usize;
    found.truncate(command.limit as usize);
    if let Some(name) = command.service.as_ref().filter(|_| found.is_empty())
        && services::by_ids(&db, std::slice::from_ref(name))?.is_empty()
    {
        return Err(NotFound(format!("there is no service \"{name}\"; `casepost service list` shows all")).into());
    }
    if command.json {
        let all = found.iter().map(|one| object(&db, one, &desk.policy)).collect::<Result<Vec<_>, _>>()?;
        say!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    if found.is_empty() {
        say!("no works");
        return Ok(());
    }
    let zone = Zone::Named(desk.policy.zone);
    let mut shown = table(["WORKS", "BEGINS", "ENDS", "STATE", "TOUCHES", "WHAT", "ORGANISATION", "CASE"]);
    for one in &found {
        shown.add_row(row(one.line(&db, &zone, &desk.policy)?));
    }
    say!("times in {}", desk.policy.zone);
    say!("{shown}");
    if more {
        say!("there are more: --limit shows as many as it says");
    }
    Ok(())
}

fn row(line: Line) -> Vec<String> {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let touches = line.touches.join(", ");
    let touches = line.impact.map_or(touches.clone(), |impact| format!("{impact}: {touches}"));
    vec![
        line.works,
        or_none(line.begins),
        or_none(line.ends),
        line.state,
        fit(&touches, 40),
        fit(&line.what, 40),
        fit(&or_none(line.organisation), 30),
        or_none(line.case),
    ]
}

fn object(db: &Connection, one: &One, policy: &Policy) -> Result<Value, StoreError> {
    let works = match one {
        One::Desk(works) => return Ok(show::object(works, policy)),
        One::Customers(works) => works,
    };
    let windows: Vec<Value> = works
        .windows
        .iter()
        .map(|window| json!({ "starts_at": window.starts_at.map(time), "ends_at": window.ends_at.map(time) }))
        .collect();
    Ok(json!({
        "works": WorksId(works.id).to_string(),
        "whose": works.whose.as_str(),
        "kind": works.kind.as_str(),
        "state": works.state.as_str(),
        "late": works.late,
        "windows": windows,
        "services": names(works),
        "organisation": organisation_of(db, works)?,
        "customer_number": works.customer_number,
        "owner": works.owner,
        "announced_at": time(works.announced_at),
        "case": reference_of(db, works)?,
    }))
}
