//! `casepost service …`: what organisations bought.

use clap::{Args, Subcommand};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{
    Import, Page, Values, change, history, history_json, import, in_words, name_of, organisation_named, pairs,
    table::{facts, section, table},
};
use crate::{
    cli::{context::Context, exit::NotFound, paint::fit},
    daemon::directory::Clerk,
    desk::{
        directory::{Service, columns},
        hours::Zone,
    },
    store::{
        directory_history::Record,
        services::{self, Filter},
    },
};

#[derive(Debug, Subcommand)]
pub enum ServiceCommand {
    /// Read services from a CSV file: by service ID (else circuit ID, else order number) new ones are added, others changed
    #[command(after_help = "Columns, in any order; one of the first three must be there:\n  \
        service_id, circuit_id, order_number, platform, site\n  \
        organisation  its name or customer number; `casepost organisation import` comes first\n\n\
        An empty value takes away what was there; a column that is not in the file leaves it.")]
    Import(Import),
    /// List services
    List(List),
    /// Show a service: by service ID, circuit ID or order number
    Show(Show),
    /// Change a service, or add one (--new)
    #[command(after_help = "Keys: service_id, circuit_id, order_number, platform, site, organisation.\n\n\
        Example:\n  \
        casepost service set IS-4711 --new circuit_id=FRA/OSL/IA-00012 organisation='Example Ltd' site=Oslo")]
    Set(Set),
    /// Remove a service
    Remove(Remove),
}

#[derive(Debug, Args)]
pub struct List {
    /// Only those with this in service ID, circuit ID, order number or site
    part: Option<String>,
    /// Only those of this organisation (name or customer number)
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// Only those of this platform
    #[arg(long, value_name = "NAME")]
    platform: Option<String>,
    #[command(flatten)]
    page: Page,
}

#[derive(Debug, Args)]
pub struct Show {
    /// Service ID, circuit ID or order number
    id: String,
    /// One array of objects instead of a page
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Set {
    /// Service ID, circuit ID or order number; of a new one the service ID
    id: String,
    #[command(flatten)]
    values: Values,
}

#[derive(Debug, Args)]
pub struct Remove {
    /// Service ID, circuit ID or order number
    id: String,
}

pub fn run(context: &Context, command: &ServiceCommand) -> anyhow::Result<()> {
    match command {
        ServiceCommand::Import(command) => {
            let put: import::Put = |clerk, fields| clerk.import_service(fields);
            let keys = &["service_id", "circuit_id", "order_number"];
            let kind = import::Kind { what: "services", columns: &columns::SERVICE, keys, put };
            import::run(context, command, &kind)?;
            warn_of_platforms(context)
        }
        ServiceCommand::List(command) => list(context, command),
        ServiceCommand::Show(command) => show(context, command),
        ServiceCommand::Set(command) => set(context, command),
        ServiceCommand::Remove(command) => {
            let mut desk = context.desk()?;
            let (office, name, now) = (&desk.office, &desk.name, desk.now);
            crate::store::open::transaction(&mut desk.db, |tx| -> anyhow::Result<()> {
                Ok(Clerk::new(tx, office, name, now).remove_service(&one(tx, &command.id)?)?)
            })?;
            say!("{} removed", command.id);
            Ok(())
        }
    }
}

fn find(db: &Connection, id: &str) -> anyhow::Result<Vec<Service>> {
    Ok(services::by_ids(db, &[id.to_owned()])?)
}

/// The service of this number; a circuit can have several.
fn one(db: &Connection, id: &str) -> anyhow::Result<Service> {
    let mut found = find(db, id)?;
    if let Some(by_id) = services::by_service_id(db, id)? {
        return Ok(by_id);
    }
    match found.len() {
        0 => Err(NotFound(format!("there is no service {id}; `casepost service list` shows all")).into()),
        1 => Ok(found.remove(0)),
        n => anyhow::bail!("{n} services have {id}: name one by its service ID"),
    }
}

fn set(context: &Context, command: &Set) -> anyhow::Result<()> {
    let fields = pairs(&columns::SERVICE, &command.values.values)?;
    change(context, &command.id, command.values.force, |tx, clerk| {
        let service = match (find(tx, &command.id)?.is_empty(), command.values.new) {
            (false, _) => one(tx, &command.id)?,
            (true, true) => Service { service_id: Some(command.id.trim().to_owned()), ..Service::default() },
            (true, false) => {
                return Err(NotFound(format!("there is no service {}; with --new it is added", command.id)).into());
            }
        };
        clerk.set_service(&service, &fields).map_err(in_words)
    })?;
    match fields.iter().any(|(column, _)| *column == "platform") {
        true => warn_of_platforms(context),
        false => Ok(()),
    }
}

/// A service on a platform that nobody knows is touched by no works and no incident: more likely somebody mistyped it.
fn warn_of_platforms(context: &Context) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let known = context.service_desk(&config)?.policy.platforms;
    if known.is_empty() {
        return Ok(());
    }
    let unknown: Vec<String> = services::platforms(&db)?.into_iter().filter(|key| !known.contains_key(key)).collect();
    if !unknown.is_empty() {
        let known = known.into_keys().collect::<Vec<_>>().join(", ");
        let unknown = unknown.join(", ");
        say!(
            "warning: there are services on platforms that [platforms] of the policy does not have: {unknown} (known: {known})"
        );
    }
    Ok(())
}

fn list(context: &Context, command: &List) -> anyhow::Result<()> {
    let (_, db) = context.read()?;
    let organisation = command.organisation.as_deref().map(|who| organisation_named(&db, who)).transpose()?;
    let filter = Filter {
        part: command.part.clone(),
        organisation: organisation.map(|o| o.id),
        platform: command.platform.clone(),
        limit: command.page.limit(),
        offset: command.page.offset(),
    };
    let found = services::list(&db, &filter)?;
    if command.page.json {
        let all = found.iter().map(|s| object(&db, s)).collect::<anyhow::Result<Vec<_>>>()?;
        say!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    if found.is_empty() {
        say!("no services");
        return Ok(());
    }
    let mut shown = table(["SERVICE", "CIRCUIT", "ORDER", "ORGANISATION", "PLATFORM", "SITE"]);
    for service in &found {
        let text = |value: &Option<String>| fit(value.as_deref().unwrap_or("-"), 30);
        shown.add_row([
            text(&service.service_id),
            text(&service.circuit_id),
            text(&service.order_number),
            text(&name_of(&db, Some(service.organisation))?),
            text(&service.platform),
            text(&service.site),
        ]);
    }
    say!("{shown}");
    Ok(())
}

pub(super) fn object(db: &Connection, service: &Service) -> anyhow::Result<Value> {
    Ok(json!({
        "service_id": service.service_id, "circuit_id": service.circuit_id, "order_number": service.order_number,
        "platform": service.platform, "site": service.site, "organisation": name_of(db, Some(service.organisation))?,
    }))
}

pub(super) fn in_a_line(service: &Service) -> String {
    let parts = [&service.service_id, &service.circuit_id, &service.order_number, &service.platform, &service.site];
    parts.into_iter().flatten().cloned().collect::<Vec<_>>().join("  ")
}

fn show(context: &Context, command: &Show) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let found = find(&db, &command.id)?;
    if found.is_empty() {
        return Err(one(&db, &command.id).map(drop).err().unwrap_or_else(|| NotFound(String::new()).into()));
    }
    if command.json {
        let mut all = Vec::new();
        for service in &found {
            let mut shown = object(&db, service)?;
            shown["history"] = history_json(&db, (Record::Service, service.id))?;
            all.push(shown);
        }
        say!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    let desk = context.service_desk(&config)?;
    for service in &found {
        say!("{}", service.service_id.as_ref().unwrap_or(&command.id));
        facts(&[
            ("circuit", service.circuit_id.clone()),
            ("order", service.order_number.clone()),
            ("organisation", name_of(&db, Some(service.organisation))?),
            ("platform", service.platform.clone()),
            ("site", service.site.clone()),
        ]);
        section("history", &history(&db, (Record::Service, service.id), &Zone::Named(desk.policy.zone))?);
    }
    Ok(())
}
