//! `casepost contact …`: the people of organisations, and robots of theirs.

use clap::{Args, Subcommand};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{
    Import, Page, Values, change, history, history_json, import, in_words, name_of, organisation_named, pairs,
    table::{facts, section, table},
};
use crate::{
    cli::{
        case,
        context::Context,
        exit::{NotFound, Refused},
        paint::fit,
    },
    daemon::{directory::Clerk, take_in::ask_to_confirm_address},
    desk::{
        directory::{Contact, Role, columns},
        hours::Zone,
    },
    store::{
        cases,
        contacts::{self, Filter},
        directory_history::Record,
    },
};

#[derive(Debug, Subcommand)]
pub enum ContactCommand {
    /// Read contacts from a CSV file: by their address new ones are added, others changed
    #[command(after_help = "Columns, in any order; only `address` must be there:\n  \
        address, name, title, telephone\n  \
        organisation  its name or customer number; import organisations first\n  \
        roles         separated by blanks, of main-primary, main-secondary,\n                \
                      maintenance, master-case, escalation-1 … escalation-9\n  \
        language      en, de, fr, bg, ja …\n  \
        zone          Europe/Berlin …: times in mails are told in it\n  \
        system        yes for a ticket system or monitoring: what it writes counts\n                \
                      as a person's mail\n  \
        invitations   yes: mails about planned works ask their calendar to accept\n                \
                      or decline\n\n\
        An empty value takes away what was there; a column that is not in the file leaves it.\n\n\
        Example:\n  \
        casepost contact import contacts.csv --dry-run")]
    Import(Import),
    /// List contacts
    List(List),
    /// Show a contact with their organisation and open cases, and who changed what
    Show(Show),
    /// Change a contact, or add one (--new)
    #[command(after_help = "Keys: address, name, title, telephone, organisation, roles, language, zone, system,\n  \
        invitations.\n\n\
        Examples:\n  \
        casepost contact set ada@example.com telephone='+47 22 00 00 00' zone=Europe/Oslo\n  \
        casepost contact set ada@example.com invitations=yes\n  \
        casepost contact set ada@example.com address=ada.lovelace@example.com\n  \
        casepost contact set ada@example.com --ask address=ada.lovelace@example.com\n  \
        casepost contact set grace@example.com --new name='Grace Hopper' organisation=Example roles=main-primary")]
    Set(Set),
    /// Remove a contact; their cases stay
    Remove(Remove),
}

#[derive(Debug, Args)]
pub struct List {
    /// Only contacts with this in their address or name
    part: Option<String>,
    /// Only those of this organisation (name or customer number)
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// Only those with this role
    #[arg(long)]
    role: Option<Role>,
    /// Only robots (`--system false`: only people)
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    system: Option<bool>,
    #[command(flatten)]
    page: Page,
}

#[derive(Debug, Args)]
pub struct Show {
    /// Their mail address, by which the desk knows them
    address: String,
    /// One object instead of a page
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Set {
    /// Their mail address, by which the desk knows them
    address: String,
    /// With `address=`: ask the contact by mail; it is changed when they say yes from the address that they have
    #[arg(long)]
    ask: bool,
    #[command(flatten)]
    values: Values,
}

#[derive(Debug, Args)]
pub struct Remove {
    /// Their mail address, by which the desk knows them
    address: String,
}

pub fn run(context: &Context, command: &ContactCommand) -> anyhow::Result<()> {
    match command {
        ContactCommand::Import(command) => {
            let put: import::Put = |clerk, fields| clerk.import_contact(fields);
            let kind = import::Kind { what: "contacts", columns: &columns::CONTACT, keys: &["address"], put };
            import::run(context, command, &kind)
        }
        ContactCommand::List(command) => list(context, command),
        ContactCommand::Show(command) => show(context, command),
        ContactCommand::Set(command) => set(context, command),
        ContactCommand::Remove(command) => {
            let mut desk = context.desk()?;
            let (office, name, now) = (&desk.office, &desk.name, desk.now);
            crate::store::open::transaction(&mut desk.db, |tx| -> anyhow::Result<()> {
                Ok(Clerk::new(tx, office, name, now).remove_contact(&find(tx, &command.address)?)?)
            })?;
            say!("{} removed", command.address);
            Ok(())
        }
    }
}

fn find(db: &Connection, address: &str) -> anyhow::Result<Contact> {
    let email = address.trim().to_lowercase();
    let not_found = || NotFound(format!("there is no contact {email}; `casepost contact list` shows all"));
    Ok(contacts::by_email(db, &email)?.ok_or_else(not_found)?)
}

fn set(context: &Context, command: &Set) -> anyhow::Result<()> {
    let fields = pairs(&columns::CONTACT, &command.values.values)?;
    if command.ask {
        return ask(context, command, &fields);
    }
    change(context, &command.address, command.values.force, |tx, clerk| {
        let email = command.address.trim().to_lowercase();
        let found = contacts::by_email(tx, &email)?;
        let done = match (found, command.values.new) {
            (Some(contact), _) => clerk.set_contact(&contact, &fields),
            (None, true) => {
                let mut all = vec![("address", email)];
                all.extend(fields);
                clerk.import_contact(&all)
            }
            (None, false) => {
                return Err(NotFound(format!("there is no contact {email}; with --new it is added")).into());
            }
        };
        done.map_err(in_words)
    })
}

/// Has the contact confirm a new address, by a reply from the old one.
fn ask(context: &Context, command: &Set, fields: &[(&'static str, String)]) -> anyhow::Result<()> {
    let [("address", new)] = fields else {
        anyhow::bail!("--ask is for a new address alone: casepost contact set OLD --ask address=NEW");
    };
    let mut desk = context.desk()?;
    let (office, now) = (&desk.office, desk.now);
    crate::store::open::transaction(&mut desk.db, |tx| -> anyhow::Result<()> {
        let contact = find(tx, &command.address)?;
        if ask_to_confirm_address(tx, office, &contact, new, now)? {
            return Ok(());
        }
        Err(Refused(format!(
            "{} is not asked: \"{new}\" is no address, another contact's or the desk's own, or they were asked often today",
            contact.email
        ))
        .into())
    })?;
    say!("{} is asked; it is changed when they say yes", command.address);
    Ok(())
}

fn list(context: &Context, command: &List) -> anyhow::Result<()> {
    let (_, db) = context.read()?;
    let organisation = command.organisation.as_deref().map(|who| organisation_named(&db, who)).transpose()?;
    let filter = Filter {
        part: command.part.clone(),
        organisation: organisation.map(|o| o.id),
        role: command.role,
        system: command.system,
        limit: command.page.limit(),
        offset: command.page.offset(),
    };
    let found = contacts::list(&db, &filter)?;
    if command.page.json {
        let all = found.iter().map(|c| object(&db, c)).collect::<anyhow::Result<Vec<_>>>()?;
        say!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    if found.is_empty() {
        say!("no contacts");
        return Ok(());
    }
    let mut shown = table(["ADDRESS", "NAME", "ORGANISATION", "ROLES", "TELEPHONE"]);
    for contact in &found {
        let system = if contact.system { Some("system".to_owned()) } else { None };
        let roles: Vec<String> = contact.roles.iter().map(ToString::to_string).chain(system).collect();
        shown.add_row([
            fit(&contact.email, 40),
            fit(contact.name.as_deref().unwrap_or("-"), 30),
            fit(name_of(&db, contact.organisation)?.as_deref().unwrap_or("-"), 30),
            roles.join(" "),
            contact.telephone.clone().unwrap_or_default(),
        ]);
    }
    say!("{shown}");
    Ok(())
}

pub(super) fn object(db: &Connection, contact: &Contact) -> anyhow::Result<Value> {
    let roles: Vec<String> = contact.roles.iter().map(ToString::to_string).collect();
    Ok(json!({
        "address": contact.email, "name": contact.name, "title": contact.title, "telephone": contact.telephone,
        "organisation": name_of(db, contact.organisation)?, "roles": roles, "language": contact.language,
        "zone": contact.zone.map(|zone| zone.name()), "system": contact.system,
        "invitations": contact.invitations,
    }))
}

fn show(context: &Context, command: &Show) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let contact = find(&db, &command.address)?;
    let record = (Record::Contact, contact.id);
    let open = cases::open_of(&db, std::slice::from_ref(&contact.email), &[])?;
    let known = contacts::known_of(&db, &contact.email)?;
    if command.json {
        let now = context.now(&db)?;
        let mut shown = object(&db, &contact)?;
        shown["belongs_to"] = json!(known.organisation.map(|o| o.name));
        shown["open_cases"] = open.iter().map(|c| case::json::case(&db, c, now)).collect::<Result<_, _>>()?;
        shown["history"] = history_json(&db, record)?;
        say!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(());
    }
    let desk = context.service_desk(&config)?;
    let by_domain = if contact.organisation.is_none() { " (by the domain)" } else { "" };
    say!("{}", contact.email);
    facts(&[
        ("name", contact.name.clone()),
        ("title", contact.title.clone()),
        ("telephone", contact.telephone.clone()),
        ("organisation", known.organisation.map(|o| format!("{}{by_domain}", o.name))),
        ("roles", Some(contact.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))),
        ("language", contact.language.clone()),
        ("zone", contact.zone.map(|zone| zone.name().to_owned())),
        ("system", contact.system.then(|| "yes: what it writes counts as a person's mail".to_owned())),
        ("invitations", contact.invitations.then(|| "yes: their calendar is asked about planned works".to_owned())),
    ]);
    section("open cases", &open.iter().map(in_a_line).collect::<Vec<_>>());
    section("history", &history(&db, record, &Zone::Named(desk.policy.zone))?);
    Ok(())
}

/// A case among others.
pub(super) fn in_a_line(case: &crate::desk::case::Case) -> String {
    format!("{} {} {}  {}", case.reference, case.priority, case.status, fit(&case.subject, 60))
}
