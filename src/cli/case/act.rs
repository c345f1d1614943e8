//! The short commands on a case: each is one act of the staff.

use chrono::{DateTime, Utc};
use clap::Args;

use super::reference;
use crate::{
    cli::{context::Context, exit::NotFound},
    daemon::staff::find,
    desk::{
        case::{Case, Status},
        lifecycle::{Act, Tell},
        priority::Priority,
        reference::Reference,
    },
};

#[derive(Debug, Args)]
pub struct Note {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// What to note
    text: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Statuses: in-progress, awaiting-customer, on-hold (--until), shipping, resolved, closed, \
    closed-no-response.\n\
    The customer is told by mail unless --silent. A closed case is reopened with `casepost case reopen`.")]
pub struct StatusChange {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    status: Status,
    /// Until when it is on hold
    #[arg(long, value_name = "RFC3339", value_parser = crate::cli::instant)]
    until: Option<DateTime<Utc>>,
    /// What to tell the customer beside the status
    #[arg(long, value_name = "TEXT", conflicts_with = "silent")]
    text: Option<String>,
    /// Send no mail
    #[arg(long)]
    silent: bool,
}

#[derive(Debug, Args)]
pub struct PriorityChange {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// P1 to P4; P1G with the right for it
    priority: Priority,
}

#[derive(Debug, Args)]
pub struct Assign {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// Name or address of one of the staff, or `none`
    to: String,
}

#[derive(Debug, Args)]
pub struct Close {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// What to tell the customer beside that it is closed
    #[arg(long, value_name = "TEXT", conflicts_with = "silent")]
    text: Option<String>,
    /// Send no mail
    #[arg(long)]
    silent: bool,
}

#[derive(Debug, Args)]
pub struct Reopen {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// Send no mail
    #[arg(long)]
    silent: bool,
}

#[derive(Debug, Args)]
pub struct Link {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// The other case
    #[arg(value_parser = reference)]
    other: Reference,
}

#[derive(Debug, Args)]
pub struct Merge {
    /// The case that ends as a duplicate
    #[arg(value_parser = reference)]
    duplicate: Reference,
    /// The case that goes on
    #[arg(value_parser = reference)]
    main: Reference,
    /// Send no mail
    #[arg(long)]
    silent: bool,
}

#[derive(Debug, Args)]
pub struct Spam {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
}

pub fn note(context: &Context, command: &Note) -> anyhow::Result<()> {
    act(context, command.reference, &Act::Note { text: &command.text })
}

pub fn status(context: &Context, command: &StatusChange) -> anyhow::Result<()> {
    let (to, until, text) = (command.status, command.until, command.text.as_deref());
    act(context, command.reference, &Act::Status { to, until, text, tell: tell(command.silent) })
}

pub fn priority(context: &Context, command: &PriorityChange) -> anyhow::Result<()> {
    act(context, command.reference, &Act::Priority(command.priority))
}

pub fn close(context: &Context, command: &Close) -> anyhow::Result<()> {
    act(context, command.reference, &Act::Close { text: command.text.as_deref(), tell: tell(command.silent) })
}

pub fn spam(context: &Context, command: &Spam) -> anyhow::Result<()> {
    act(context, command.reference, &Act::Spam)
}

pub fn assign(context: &Context, command: &Assign) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let staff = &desk.office.desk;
    let to = match command.to.as_str() {
        "none" => None,
        who => Some(staff.find_staff(who).map_err(|why| NotFound(why.to_string()))?.address.clone()),
    };
    let case = desk.write(|tx, command_of| {
        let case = find(tx, command.reference)?;
        Ok(command_of.act(tx, &case, &Act::Assign { to: to.as_ref() }, &[])?)
    })?;
    say!("{}: assigned to {}", case.reference, to.as_ref().map_or("nobody", |a| a.display()));
    Ok(())
}

pub fn reopen(context: &Context, command: &Reopen) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let case = desk.write(|tx, staff| {
        let case = find(tx, command.reference)?;
        Ok(staff.reopen(tx, &case, tell(command.silent))?)
    })?;
    match case.reference == command.reference {
        true => say!("{}: {}", case.reference, case.status),
        false => say!(
            "{} was closed more than its seven days ago: {} is open and linked to it",
            command.reference,
            case.reference
        ),
    }
    Ok(())
}

pub fn link(context: &Context, command: &Link) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    desk.write(|tx, staff| {
        let (case, other) = (find(tx, command.reference)?, find(tx, command.other)?);
        Ok(staff.act(tx, &case, &Act::Link { other: &other }, &[])?)
    })?;
    say!("{} and {} are linked", command.reference, command.other);
    Ok(())
}

pub fn merge(context: &Context, command: &Merge) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    desk.write(|tx, staff| {
        let (case, main) = (find(tx, command.duplicate)?, find(tx, command.main)?);
        let requesters = staff.requesters(tx, &case, &main)?;
        Ok(staff.act(tx, &case, &Act::Merge { main: &main, tell: tell(command.silent), requesters }, &[])?)
    })?;
    say!("{} is a duplicate; {} goes on, for mail to either", command.duplicate, command.main);
    Ok(())
}

fn act(context: &Context, reference: Reference, act: &Act<'_>) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let case: Case = desk.write(|tx, staff| {
        let case = find(tx, reference)?;
        Ok(staff.act(tx, &case, act, &[])?)
    })?;
    say!("{}: {}, {}", case.reference, case.status, case.priority);
    Ok(())
}

fn tell(silent: bool) -> Tell {
    if silent { Tell::Nobody } else { Tell::Customer }
}
