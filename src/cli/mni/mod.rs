//! `casepost mni …`: major network incidents, each with a parent case and many children.

mod shown;

use std::{fs, path::PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use rusqlite::Connection;

use super::{
    case::reference,
    context::{Context, Desk},
    exit::NotFound,
    meant::Meant,
};
use crate::{
    daemon::{
        incident::{Found, NewIncident, Rehearsed, find, unheard},
        staff::{self, Command, StaffError},
    },
    desk::{
        case::Case,
        hours::{Zone, say},
        incident::{Incident, Say, Scope, ScopeError},
        lifecycle::Refusal,
        reference::Reference,
        staff_member::StaffMember,
    },
    mail::command::When,
    store::incidents,
};

#[derive(Debug, Subcommand)]
#[command(
    after_help = "Staff with the right for P1G run incidents (may = [\"p1g\"] in the configuration); the same by mail: \
    reply to a mail of a case with #mni, to one of an incident with #update, #etr, #link, #close, #withdraw."
)]
pub enum MniCommand {
    /// Open an incident: a parent case at P1G; what is about it is linked, and its customers are told
    #[command(after_help = "Examples:\n  \
        casepost mni open --platform voice --impact 'No incoming calls.'\n  \
        casepost mni open --platform voice --site Denver --impact 'No calls.' \\\n      \
        --text 'A card has failed. We are changing it.' --began 07:40 \\\n      \
        --manager Tom --case 1-0123456789")]
    Open(Open),
    /// Tell its customers how it stands
    #[command(after_help = "Examples:\n  \
        casepost mni update MNI-0007 'The card is changed. We are testing.'\n  \
        casepost mni update MNI-0007 --file update.txt --etr 16:00\n  \
        casepost mni update MNI-0007 --internal 'The supplier does not answer.'\n  \
        casepost mni update MNI-0007 --manager Tom")]
    Update(Update),
    /// Hand it over: another incident manager from now on
    #[command(after_help = "Example:\n  \
        casepost mni assign MNI-0007 Tom")]
    Assign(Assign),
    /// Tell its customers by when it is expected to be solved
    #[command(after_help = "Examples:\n  \
        casepost mni etr MNI-0007 16:00 --text 'The card is on its way.'\n  \
        casepost mni etr MNI-0007 none")]
    Etr(Etr),
    /// It is over: its cases are resolved, and its customers are told the cause in plain words
    #[command(after_help = "Example:\n  \
        casepost mni close MNI-0007 'A card had failed in Denver. It has been changed.'")]
    Close(Close),
    /// It was opened by mistake: its cases go on, each by itself, and whoever was told of it is told so
    #[command(after_help = "Example:\n  \
        casepost mni withdraw MNI-0007 'Only one line was cut.'")]
    Withdraw(Withdraw),
    /// Link cases that are about it
    #[command(after_help = "Examples:\n  \
        casepost mni link MNI-0007 1-0123456789\n  \
        casepost mni link MNI-0007 --proposed")]
    Link(Link),
    /// Take cases out: each goes on alone
    #[command(after_help = "Example:\n  \
        casepost mni unlink MNI-0007 1-0123456789")]
    Unlink(Unlink),
    /// List incidents, the newest first
    #[command(after_help = "Examples:\n  \
        casepost mni list\n  \
        casepost mni list --all")]
    List(shown::List),
    /// Show an incident: what is affected, what customers were told, its cases
    #[command(after_help = "Example:\n  \
        casepost mni show MNI-0007")]
    Show(shown::Show),
}

#[derive(Debug, Args)]
pub struct Which {
    /// The incident, such as MNI-0007, or its parent case
    #[arg(value_name = "INCIDENT")]
    which: String,
}

impl Which {
    fn find(&self, db: &Connection) -> anyhow::Result<Incident> {
        let found = find(db, &self.which)?;
        Ok(found.ok_or_else(|| {
            NotFound(format!("there is no incident \"{}\"; `casepost mni list --all` shows all", self.which))
        })?)
    }
}

#[derive(Debug, Args)]
pub struct Open {
    /// A platform that is affected ([platforms] of the policy); may be given several times
    #[arg(long = "platform", value_name = "NAME")]
    platforms: Vec<String>,
    /// A service that is affected, by its service ID, circuit ID or order number; may be given several times
    #[arg(long = "service", value_name = "ID")]
    services: Vec<String>,
    /// A site that is affected; beside platforms, only these at that site
    #[arg(long = "site", value_name = "NAME")]
    sites: Vec<String>,
    /// What customers notice; they read it, and so does everybody on the status page
    #[arg(long, value_name = "TEXT")]
    impact: String,
    /// Its title; without it, what is affected and the impact
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// What customers are told first
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Since when: 07:40, "2026-11-24 07:40", RFC 3339; without it, since the case, or since now
    #[arg(long, value_name = "TIME", value_parser = super::when)]
    began: Option<When>,
    /// By when it is expected to be solved: 16:00, tomorrow 09:00, +2h
    #[arg(long, value_name = "TIME", value_parser = super::when)]
    etr: Option<When>,
    /// The incident manager; without it, you
    #[arg(long, value_name = "NAME")]
    manager: Option<String>,
    /// A case that is about it
    #[arg(long, value_name = "REFERENCE", value_parser = reference)]
    case: Option<Reference>,
    /// Open it though another incident is open on the same platform, service or site
    #[arg(long)]
    again: bool,
    /// Say what would be linked, and who would be told; nothing is opened
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    meant: Meant,
}

#[derive(Debug, Args)]
pub struct Update {
    #[command(flatten)]
    which: Which,
    /// What customers are told; everybody reads it on the status page
    text: Option<String>,
    /// The same from a file
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,
    /// By when it is expected to be solved: 16:00, tomorrow 09:00, +2h
    #[arg(long, value_name = "TIME", value_parser = super::when)]
    etr: Option<When>,
    /// The text stays in the history of the parent case
    #[arg(long, conflicts_with = "etr")]
    internal: bool,
    /// Another incident manager from now on
    #[arg(long, value_name = "NAME")]
    manager: Option<String>,
    #[command(flatten)]
    meant: Meant,
}

#[derive(Debug, Args)]
pub struct Assign {
    #[command(flatten)]
    which: Which,
    /// One of the staff with the right for it: a name, a first name or an address
    #[arg(value_name = "STAFF")]
    to: String,
}

#[derive(Debug, Args)]
pub struct Etr {
    #[command(flatten)]
    which: Which,
    /// The time in the zone of the policy: 16:00, "2026-12-18 16:00", +2h, RFC 3339; or `none` to take back what was said
    #[arg(value_name = "TIME|none", value_parser = super::case::time_or_none)]
    at: super::case::Estimate,
    /// What to tell customers beside the time
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    #[command(flatten)]
    meant: Meant,
}

#[derive(Debug, Args)]
pub struct Close {
    #[command(flatten)]
    which: Which,
    /// The cause, in plain words: customers read it
    cause: String,
    #[command(flatten)]
    meant: Meant,
}

#[derive(Debug, Args)]
pub struct Withdraw {
    #[command(flatten)]
    which: Which,
    /// The reason, in plain words: customers read it
    reason: String,
    #[command(flatten)]
    meant: Meant,
}

#[derive(Debug, Args)]
pub struct Link {
    #[command(flatten)]
    which: Which,
    /// The cases
    #[arg(value_parser = reference)]
    cases: Vec<Reference>,
    /// All that are proposed
    #[arg(long)]
    proposed: bool,
}

#[derive(Debug, Args)]
pub struct Unlink {
    #[command(flatten)]
    which: Which,
    /// The cases
    #[arg(required = true, value_parser = reference)]
    cases: Vec<Reference>,
}

pub fn run(context: &Context, command: &MniCommand) -> anyhow::Result<()> {
    match command {
        MniCommand::Open(command) => open(context, command),
        MniCommand::Update(command) => update(context, command),
        MniCommand::Assign(command) => assign(context, command),
        MniCommand::Etr(command) => etr(context, command),
        MniCommand::Close(command) => close(context, command),
        MniCommand::Withdraw(command) => withdraw(context, command),
        MniCommand::Link(command) => link(context, command),
        MniCommand::Unlink(command) => unlink(context, command),
        MniCommand::List(command) => shown::list(context, command),
        MniCommand::Show(command) => shown::show(context, command),
    }
}

fn scope(command: &Open) -> Result<Scope, ScopeError> {
    let mut scope = Scope::default();
    let all = [("platform", &command.platforms), ("service", &command.services), ("site", &command.sites)];
    for (kind, names) in all {
        names.iter().try_for_each(|name| scope.add(&format!("{kind}:{name}")))?;
    }
    Ok(scope)
}

fn person<'a>(staff: &Command<'a>, name: &str) -> Result<&'a StaffMember, StaffError> {
    Ok(staff.office.desk.find_staff(name).map_err(|why| Refusal(why.to_string()))?)
}

fn open(context: &Context, command: &Open) -> anyhow::Result<()> {
    let scope = scope(command).map_err(|why| StaffError::Refused(Refusal(why.to_string())))?;
    let mut desk = context.desk()?;
    let zone = Zone::Named(desk.office.desk.policy.zone);
    let opened = desk.write(|tx, staff| {
        let manager = command.manager.as_deref().map(|name| person(staff, name)).transpose()?;
        let first = command.case.map(|reference| staff::find(tx, reference)).transpose()?;
        let at = |when: Option<When>| when.map(|when| instant(staff, when));
        let new = NewIncident {
            scope: scope.clone(),
            title: command.title.as_deref(),
            impact: &command.impact,
            text: command.text.as_deref(),
            began_at: at(command.began),
            etr: at(command.etr),
            manager,
            first: first.as_ref(),
            again: command.again,
        };
        if command.dry_run {
            return Ok(Opened::Rehearsed(command.meant.by(staff).rehearse_incident(tx, &new)?));
        }
        Ok(Opened::Really(Box::new(command.meant.by(staff).open_incident(tx, &new)?)))
    })?;
    match opened {
        Opened::Really(opened) => {
            let (incident, case, found) = *opened;
            say!("{} opened, parent case {}", incident.number, case.reference);
            say!("{} linked, {} proposed; its customers are told", count(found.linked, "case"), found.proposed);
            say_unheard(&unheard(&desk.db, &desk.office, &incident)?);
            tell_next(&incident, &zone);
        }
        Opened::Rehearsed(Rehearsed { title, found, told, unheard }) => {
            say!("{title} (dry run: nothing was opened, nobody is told)");
            say!("{} would be linked, {} proposed", count(found.linked, "case"), found.proposed);
            say!("{} would be told", count(told.len(), "customer contact or subscriber"));
            told.iter().take(SHOWN).try_for_each(|email| {
                say!("  {email}");
                Ok::<(), anyhow::Error>(())
            })?;
            if told.len() > SHOWN {
                say!("  and {} more", told.len() - SHOWN);
            }
            say_unheard(&unheard);
        }
    }
    Ok(())
}

/// Addresses that a rehearsal shows.
const SHOWN: usize = 20;

/// Organisations that are named one by one.
const NAMED: usize = 3;

fn say_unheard(organisations: &[String]) {
    if organisations.is_empty() {
        return;
    }
    let mut names = organisations.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if organisations.len() > NAMED {
        names.push_str(&format!(" and {} more", organisations.len() - NAMED));
    }
    let has = if organisations.len() == 1 { "has" } else { "have" };
    say!(
        "{} {has} nobody to be told (no contact for master cases): {names}",
        count(organisations.len(), "affected organisation")
    );
}

enum Opened {
    Really(Box<(Incident, Case, Found)>),
    Rehearsed(Rehearsed),
}

/// `1 case`, `2 cases`.
fn count(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

fn instant(staff: &Command<'_>, when: When) -> DateTime<Utc> {
    when.instant(staff.now, &staff.office.desk.policy.hours)
}

fn tell_next(incident: &Incident, zone: &Zone) {
    match incident.next_update {
        Some(at) => say!("next update due {}", say(at, zone)),
        None if incident.is_open() => say!("no update is due at any time: the policy has no [update] P1G"),
        None => {}
    }
}

fn update(context: &Context, command: &Update) -> anyhow::Result<()> {
    let text = match &command.file {
        Some(path) => {
            let read = fs::read_to_string(path);
            Some(read.map_err(|why| anyhow::anyhow!("cannot read the update from {}: {why}", path.display()))?)
        }
        None => command.text.clone(),
    };
    let mut desk = context.desk()?;
    let says = text.is_some() || command.etr.is_some();
    let incident = desk.write(|tx, staff| {
        let mut incident = command.which.find(tx)?;
        if let Some(name) = &command.manager {
            incident = staff.hand_over_incident(tx, &incident, person(staff, name)?)?;
        }
        if says || command.manager.is_none() {
            let say = Say {
                text: text.as_deref(),
                etr: command.etr.map(|at| Some(instant(staff, at))),
                internal: command.internal,
            };
            incident = command.meant.by(staff).update_incident(tx, &incident, say)?;
        }
        Ok(incident)
    })?;
    match (says, command.internal) {
        (true, true) => say!("{}: kept in the history of its parent case", incident.number),
        (true, false) => say!("{}: its customers are told", incident.number),
        (false, _) => say!("{}: its manager is {} now", incident.number, staff_name(&desk, &incident)),
    }
    tell_next(&incident, &Zone::Named(desk.office.desk.policy.zone));
    Ok(())
}

fn staff_name<'a>(desk: &'a Desk, incident: &'a Incident) -> &'a str {
    desk.office.desk.staff_name(&incident.manager)
}

fn assign(context: &Context, command: &Assign) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let incident = desk.write(|tx, staff| {
        let to = person(staff, &command.to)?;
        Ok(staff.hand_over_incident(tx, &command.which.find(tx)?, to)?)
    })?;
    say!("{}: its manager is {} now", incident.number, staff_name(&desk, &incident));
    Ok(())
}

fn etr(context: &Context, command: &Etr) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let incident = desk.write(|tx, staff| {
        let say = Say {
            text: command.text.as_deref(),
            etr: Some(command.at.0.map(|at| instant(staff, at))),
            internal: false,
        };
        Ok(command.meant.by(staff).update_incident(tx, &command.which.find(tx)?, say)?)
    })?;
    match incident.etr {
        Some(at) => {
            let at = say(at, &Zone::Named(desk.office.desk.policy.zone));
            say!("{}: expected to be solved by {at}; its customers are told", incident.number);
        }
        None => say!("{}: no estimated time any more; its customers are told", incident.number),
    }
    Ok(())
}

fn close(context: &Context, command: &Close) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let incident = desk.write(|tx, staff| {
        let incident = command.which.find(tx)?;
        Ok(command.meant.by(staff).close_incident(tx, &incident, &command.cause)?)
    })?;
    say!("{} is over: its cases are resolved, and its customers are told", incident.number);
    Ok(())
}

fn withdraw(context: &Context, command: &Withdraw) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let (incident, freed) = desk.write(|tx, staff| {
        let incident = command.which.find(tx)?;
        let children = incidents::count_children(tx, incident.case)?;
        Ok((command.meant.by(staff).withdraw_incident(tx, &incident, &command.reason)?, children))
    })?;
    let freed = match freed {
        0 => "it had no cases".to_owned(),
        1 => "its case goes on by itself".to_owned(),
        n => format!("its {n} cases go on, each by itself"),
    };
    say!("{} is withdrawn: {freed}; whoever was told of it is told so", incident.number);
    Ok(())
}

fn link(context: &Context, command: &Link) -> anyhow::Result<()> {
    if command.cases.is_empty() && !command.proposed {
        let why = format!(
            "name the cases, or --proposed for all that are proposed (casepost mni show {})",
            command.which.which
        );
        return Err(StaffError::Refused(Refusal(why)).into());
    }
    let mut desk = context.desk()?;
    let (incident, linked) = desk.write(|tx, staff| {
        let incident = command.which.find(tx)?;
        let mut linked = command.cases.len();
        if linked > 0 {
            staff.link_children(tx, &incident, &found(tx, &command.cases)?)?;
        }
        if command.proposed {
            linked += staff.link_proposed(tx, &incident)?;
        }
        Ok((incident, linked))
    })?;
    say!("{} linked to {}", count(linked, "case"), incident.number);
    Ok(())
}

fn found(tx: &Connection, references: &[Reference]) -> Result<Vec<Case>, StaffError> {
    references.iter().map(|reference| staff::find(tx, *reference)).collect()
}

fn unlink(context: &Context, command: &Unlink) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let incident = desk.write(|tx, staff| {
        let incident = command.which.find(tx)?;
        staff.unlink_children(tx, &incident, &found(tx, &command.cases)?)?;
        Ok(incident)
    })?;
    let cases = command.cases.iter().map(Reference::to_string).collect::<Vec<_>>().join(", ");
    say!("not linked to {} any more: {cases}", incident.number);
    Ok(())
}
