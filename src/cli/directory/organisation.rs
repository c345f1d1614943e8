//! `casepost organisation …`: the customers.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Import, Page, Values, change, contact, history, history_json, import, in_words, organisation_named, pairs, service,
    table::{facts, section, table},
};
use crate::{
    cli::{case, context::Context, exit::NotFound, paint::fit},
    daemon::directory::Clerk,
    desk::{
        directory::{Organisation, columns},
        hours::Zone,
    },
    store::{cases, contacts, directory_history::Record, organisations, services},
};

#[derive(Debug, Subcommand)]
pub enum OrganisationCommand {
    /// Read organisations from a CSV file: by customer number or name new ones are added, others changed
    #[command(after_help = "Columns, in any order; `name` or `customer_number` must be there:\n  \
        name, customer_number (OCN)\n  \
        domains            separated by blanks; whoever writes from one, or from\n                     \
                           one below it, is of this organisation\n  \
        reference_pattern  a regular expression of their own ticket numbers,\n                     \
                           such as INC[0-9]{7}; where it has a group, the group\n                     \
                           is the number\n  \
        lists              addresses of their mailing lists\n  \
        clocks             the name of their own arrangement of clocks\n\n\
        An empty value takes away what was there; a column that is not in the file leaves it.")]
    Import(Import),
    /// List organisations
    List(List),
    /// Show an organisation with its contacts, services and open cases, and who changed what
    Show(Show),
    /// Change an organisation, or add one (--new)
    #[command(after_help = "Keys: name, customer_number, domains, reference_pattern, lists, clocks.\n\n\
        Examples:\n  \
        casepost organisation set 'Example Ltd' --new domains='example.com example.org'\n  \
        casepost organisation set 'Example Ltd' reference_pattern='INC[0-9]{7}'")]
    Set(Set),
    /// Show the secret address of an organisation's calendar of planned works, and make it when there is none
    #[command(
        after_help = "Whoever has the address sees all planned works of the organisation's services: give it to the \
        organisation alone. --revoke and --renew make it worthless.\n\n\
        Examples:\n  \
        casepost organisation calendar 'Example Ltd'\n  \
        casepost organisation calendar 'Example Ltd' --renew"
    )]
    Calendar(super::calendar::Calendar),
    /// Remove an organisation that has neither contacts nor services
    Remove(Remove),
}

#[derive(Debug, Args)]
pub struct List {
    /// Only those with this in name, customer number or a domain
    part: Option<String>,
    #[command(flatten)]
    page: Page,
}

#[derive(Debug, Args)]
pub struct Show {
    /// Name or customer number
    name: String,
    /// One object instead of a page
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Set {
    /// Name or customer number
    name: String,
    #[command(flatten)]
    values: Values,
}

#[derive(Debug, Args)]
pub struct Remove {
    /// Name or customer number
    name: String,
}

pub fn run(context: &Context, command: &OrganisationCommand) -> anyhow::Result<()> {
    match command {
        OrganisationCommand::Import(command) => {
            let put: import::Put = |clerk, fields| clerk.import_organisation(fields);
            let keys = &["name", "customer_number"];
            let kind = import::Kind { what: "organisations", columns: &columns::ORGANISATION, keys, put };
            import::run(context, command, &kind)
        }
        OrganisationCommand::List(command) => list(context, command),
        OrganisationCommand::Show(command) => show(context, command),
        OrganisationCommand::Set(command) => set(context, command),
        OrganisationCommand::Calendar(command) => super::calendar::run(context, command),
        OrganisationCommand::Remove(command) => {
            let mut desk = context.desk()?;
            let (office, name, now) = (&desk.office, &desk.name, desk.now);
            crate::store::open::transaction(&mut desk.db, |tx| -> anyhow::Result<()> {
                let organisation = organisation_named(tx, &command.name)?;
                Clerk::new(tx, office, name, now).remove_organisation(&organisation).map_err(in_words)
            })?;
            say!("{} removed", command.name);
            Ok(())
        }
    }
}

fn set(context: &Context, command: &Set) -> anyhow::Result<()> {
    let fields = pairs(&columns::ORGANISATION, &command.values.values)?;
    change(context, &command.name, command.values.force, |tx, clerk| {
        let done = match (organisations::named(tx, &command.name)?, command.values.new) {
            (Some(organisation), _) => clerk.set_organisation(&organisation, &fields),
            (None, true) => {
                let new = Organisation { name: command.name.trim().to_owned(), ..Organisation::default() };
                clerk.set_organisation(&new, &fields)
            }
            (None, false) => {
                let message = format!("there is no organisation \"{}\"; with --new it is added", command.name);
                return Err(NotFound(message).into());
            }
        };
        done.map_err(in_words)
    })
}

fn list(context: &Context, command: &List) -> anyhow::Result<()> {
    let (_, db) = context.read()?;
    let found = organisations::list(&db, command.part.as_deref(), command.page.limit(), command.page.offset())?;
    if command.page.json {
        let all: Vec<Value> = found.iter().map(object).collect();
        say!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    if found.is_empty() {
        say!("no organisations");
        return Ok(());
    }
    let mut shown = table(["NAME", "NUMBER", "CONTACTS", "SERVICES", "DOMAINS"]);
    for organisation in &found {
        let (contacts, services) = organisations::belongings(&db, organisation.id)?;
        shown.add_row([
            fit(&organisation.name, 40),
            organisation.customer_number.clone().unwrap_or_else(|| "-".to_owned()),
            contacts.to_string(),
            services.to_string(),
            fit(&organisation.domains.iter().cloned().collect::<Vec<_>>().join(" "), 60),
        ]);
    }
    say!("{shown}");
    Ok(())
}

fn object(organisation: &Organisation) -> Value {
    json!({
        "name": organisation.name, "customer_number": organisation.customer_number, "domains": organisation.domains,
        "reference_pattern": organisation.reference_pattern, "lists": organisation.lists, "clocks": organisation.clocks,
    })
}

fn show(context: &Context, command: &Show) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let organisation = organisation_named(&db, &command.name)?;
    let record = (Record::Organisation, organisation.id);
    let people = contacts::of_organisation(&db, organisation.id)?;
    let bought = services::of_organisation(&db, organisation.id)?;
    let emails: Vec<String> = people.iter().map(|c| c.email.clone()).collect();
    let domains: Vec<String> = organisation.domains.iter().cloned().collect();
    let open = cases::open_of(&db, &emails, &domains)?;
    if command.json {
        let now = context.now(&db)?;
        let mut shown = object(&organisation);
        shown["contacts"] = json!(people.iter().map(|c| contact::object(&db, c)).collect::<anyhow::Result<Vec<_>>>()?);
        shown["services"] = json!(bought.iter().map(|s| service::object(&db, s)).collect::<anyhow::Result<Vec<_>>>()?);
        shown["open_cases"] = open.iter().map(|c| case::json::case(&db, c, now)).collect::<Result<_, _>>()?;
        shown["history"] = history_json(&db, record)?;
        say!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(());
    }
    let desk = context.service_desk(&config)?;
    say!("{}", organisation.name);
    facts(&[
        ("customer number", organisation.customer_number.clone()),
        ("domains", Some(domains.join(" "))),
        ("their references", organisation.reference_pattern.clone()),
        ("lists", Some(organisation.lists.iter().cloned().collect::<Vec<_>>().join(" "))),
        ("clocks", organisation.clocks.clone()),
    ]);
    section("contacts", &people.iter().map(person_in_a_line).collect::<Vec<_>>());
    section("services", &bought.iter().map(service::in_a_line).collect::<Vec<_>>());
    section("open cases", &open.iter().map(contact::in_a_line).collect::<Vec<_>>());
    section("history", &history(&db, record, &Zone::Named(desk.policy.zone))?);
    Ok(())
}

fn person_in_a_line(contact: &crate::desk::directory::Contact) -> String {
    let roles: Vec<String> = contact.roles.iter().map(ToString::to_string).collect();
    let parts = [contact.name.clone(), Some(contact.email.clone()), contact.telephone.clone(), Some(roles.join(" "))];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}
