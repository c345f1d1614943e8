//! `casepost works list`: the calendar, with the desk's works and the customers' own.

use chrono::{DateTime, Utc};
use clap::Args;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::show;
use crate::{
    cli::{case::json::time, context::Context, directory::table::table, exit::NotFound, paint::fit},
    desk::{
        hours::{Zone, say_short},
        policy::Policy,
        works::{DeskWorks, Place, Works, WorksId, approval},
    },
    store::{StoreError, cases, organisations, services, works},
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

/// A line of the calendar.
enum One {
    Desk(Box<DeskWorks>),
    Customers(Works),
}

impl One {
    fn begins(&self) -> Option<DateTime<Utc>> {
        match self {
            One::Desk(works) => works.starts_at(),
            One::Customers(works) => works.windows.iter().filter_map(|window| window.starts_at).min(),
        }
    }
}

pub fn run(context: &Context, command: &List) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let desk = context.service_desk(&config)?;
    let platforms = &desk.policy.platforms;
    if let Some(key) = command.platform.as_ref().filter(|key| !platforms.contains_key(*key)) {
        let known = platforms.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(NotFound(format!("there is no platform \"{key}\" ([platforms] of the policy has: {known})")).into());
    }
    let organisation = match &command.organisation {
        Some(who) => Some(organisations::named(&db, who)?.ok_or_else(|| {
            NotFound(format!("there is no organisation \"{who}\"; `casepost organisation list` shows all"))
        })?),
        None => None,
    };
    let organisation = organisation.map(|o| o.id);
    let mut found: Vec<One> = desks(&db, command, organisation, context.now(&db)?)?
        .into_iter()
        .map(|works| One::Desk(Box::new(works)))
        .collect();
    if command.platform.is_none() {
        let filter = works::Filter { service: command.service.clone(), organisation, limit: command.limit };
        found.extend(works::list(&db, &filter)?.into_iter().map(One::Customers));
    }
    found.sort_by_key(|one| (one.begins().is_none(), one.begins()));
    found.truncate(command.limit as usize);
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
        shown.add_row(row(&db, one, &zone, &desk.policy)?);
    }
    say!("times in {}", desk.policy.zone);
    say!("{shown}");
    Ok(())
}

fn desks(
    db: &Connection,
    command: &List,
    organisation: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Vec<DeskWorks>, StoreError> {
    let mut touched = None;
    if let Some(name) = &command.service {
        touched = Some(services::by_ids(db, std::slice::from_ref(name))?);
    }
    if let Some(id) = organisation {
        let theirs = services::of_organisation(db, id)?;
        touched = Some(match touched {
            Some(named) => named.into_iter().filter(|service| service.organisation == id).collect(),
            None => theirs,
        });
    }
    let filter = works::desk::Filter {
        services: touched.map(|all| all.into_iter().map(|service| service.id).collect()),
        platform: command.platform.clone(),
        coming_after: (!command.all).then_some(now),
        public: false,
        limit: command.limit,
        ends_after: None,
    };
    works::desk::list(db, &filter)
}

fn row(db: &Connection, one: &One, zone: &Zone, policy: &Policy) -> Result<Vec<String>, StoreError> {
    let at = |at: Option<_>| at.map_or("-".to_owned(), |at| say_short(at, zone));
    let none = || "-".to_owned();
    Ok(match one {
        One::Desk(works) => {
            let touches = works.affected.iter().map(|touched| match &touched.place {
                Place::Platform(name) | Place::Service { name, .. } => name.clone(),
            });
            let touches = format!("{}: {}", works.impact(), touches.collect::<Vec<_>>().join(", "));
            let waits = approval::waits(works, policy).map(|what| format!(", {what}")).unwrap_or_default();
            vec![
                works.id.to_string(),
                at(works.starts_at()),
                at(works.ends_at()),
                format!("{}{waits}", works.state),
                fit(&touches, 40),
                fit(&works.description, 40),
                none(),
                none(),
            ]
        }
        One::Customers(works) => {
            let window = works.windows.first().copied().unwrap_or_default();
            let late = if works.late { ", late" } else { "" };
            vec![
                WorksId(works.id).to_string(),
                at(window.starts_at),
                at(window.ends_at),
                format!("{}{late}", works.state.as_str()),
                fit(&names(works).join(", "), 40),
                "customer's own".to_owned(),
                fit(&organisation_of(db, works)?.unwrap_or_else(none), 30),
                reference_of(db, works)?.unwrap_or_else(none),
            ]
        }
    })
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
