//! `casepost works …`: planned works on the calendar.

use clap::{Args, Subcommand};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{case::json::time, context::Context, exit::NotFound, paint::fit};
use crate::{
    desk::{
        hours::{Zone, say_short},
        works::Works,
    },
    store::{StoreError, cases, organisations, works},
};

#[derive(Debug, Subcommand)]
pub enum WorksCommand {
    /// List planned works by their beginning
    List(List),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Customers announce works of their own by mail, where the policy says so ([customer_works]).\n\n\
    Examples:\n  \
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
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// One array of objects instead of a page
    #[arg(long)]
    json: bool,
}

pub fn run(context: &Context, command: &WorksCommand) -> anyhow::Result<()> {
    let WorksCommand::List(command) = command;
    let (config, db) = context.read()?;
    let organisation = match &command.organisation {
        Some(who) => Some(organisations::named(&db, who)?.ok_or_else(|| {
            NotFound(format!("there is no organisation \"{who}\"; `casepost organisation list` shows all"))
        })?),
        None => None,
    };
    let filter = works::Filter {
        service: command.service.clone(),
        organisation: organisation.map(|o| o.id),
        limit: command.limit,
    };
    let found = works::list(&db, &filter)?;
    if command.json {
        let all = found.iter().map(|one| object(&db, one)).collect::<Result<Vec<_>, _>>()?;
        say!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    if found.is_empty() {
        say!("no works");
        return Ok(());
    }
    let desk = context.service_desk(&config)?;
    let zone = Zone::Named(desk.policy.zone);
    let mut shown =
        super::directory::table::table(["BEGINS", "ENDS", "WHOSE", "STATE", "SERVICES", "ORGANISATION", "CASE"]);
    for one in &found {
        let window = one.windows.first().copied().unwrap_or_default();
        let at = |at: Option<_>| at.map_or("-".to_owned(), |at| say_short(at, &zone));
        let late = if one.late { ", late" } else { "" };
        shown.add_row([
            at(window.starts_at),
            at(window.ends_at),
            one.whose.as_str().to_owned(),
            format!("{}{late}", one.state.as_str()),
            fit(&names(one).join(", "), 40),
            fit(&organisation_of(&db, one)?.unwrap_or_else(|| "-".to_owned()), 30),
            reference_of(&db, one)?.unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    say!("times in {}", desk.policy.zone);
    say!("{shown}");
    Ok(())
}

fn names(works: &Works) -> Vec<String> {
    works.services.iter().map(|touched| touched.name.clone()).collect()
}

fn organisation_of(db: &Connection, works: &Works) -> Result<Option<String>, StoreError> {
    // It may have been removed from the directory.
    let Some(id) = works.organisation else { return Ok(None) };
    Ok(organisations::affiliation(db, id)?.map(|organisation| organisation.name))
}

fn reference_of(db: &Connection, works: &Works) -> Result<Option<String>, StoreError> {
    works.case.map(|id| Ok(cases::by_id(db, id)?.reference.to_string())).transpose()
}

fn object(db: &Connection, works: &Works) -> Result<Value, StoreError> {
    let windows: Vec<Value> = works
        .windows
        .iter()
        .map(|window| json!({ "starts_at": window.starts_at.map(time), "ends_at": window.ends_at.map(time) }))
        .collect();
    Ok(json!({
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
