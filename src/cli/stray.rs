//! `casepost stray list`: mail that belongs to no case.

use std::io::Write;

use clap::{Args, Subcommand};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;

use super::{context::Context, exit::NotFound, paint::fit};
use crate::{
    daemon::take_in::{OpenedBy, open_kept},
    desk::hours::{Zone, say_short},
    store::mails,
};

#[derive(Debug, Subcommand)]
pub enum StrayCommand {
    /// List mail that belongs to no case, the newest first
    List(List),
    /// Open a case by a mail that belongs to none, as of when it was received
    #[command(
        after_help = "For mail of unknown senders that was refused or not confirmed, and for whatever was taken for \
        something else than it is. A person's mail is acknowledged, if it is not too old.\n\n\
        Example:\n  casepost stray open 4711"
    )]
    Open(Open),
}

#[derive(Debug, Args)]
pub struct Open {
    /// Its number in the list
    number: i64,
}

#[derive(Debug, Args)]
pub struct List {
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

pub fn run(context: &Context, command: &StrayCommand) -> anyhow::Result<()> {
    match command {
        StrayCommand::List(command) => list(context, command),
        StrayCommand::Open(command) => open(context, command),
    }
}

fn open(context: &Context, command: &Open) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let (office, name, now) = (&desk.office, desk.name.clone(), desk.now);
    let number = command.number;
    let case = crate::store::open::transaction(&mut desk.db, |tx| -> anyhow::Result<_> {
        if !mails::is_stray(tx, number)? {
            return Err(
                NotFound(format!("no stray mail has the number {number}; `casepost stray list` shows all")).into()
            );
        }
        let opened = open_kept(tx, office, number, OpenedBy::Staff(&name), now)?;
        opened.ok_or_else(|| anyhow::anyhow!("mail {number} can't be read any more"))
    })?;
    say!("{case} opened");
    Ok(())
}

fn list(context: &Context, command: &List) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let zone = Zone::Named(context.service_desk(&config)?.policy.zone);
    let strays = mails::strays(&db, command.limit, (command.page - 1).saturating_mul(command.limit))?;
    let mut out = crate::cli::streams::out();
    if command.json {
        let all: Vec<_> = strays
            .iter()
            .map(|m| {
                json!({ "number": m.id, "kind": m.kind, "from": m.sender.email, "subject": m.subject, "why": m.why,
                    "mailbox": m.mailbox, "message_id": m.message_id, "received_at": m.received_at.to_rfc3339() })
            })
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(());
    }
    if strays.is_empty() {
        writeln!(out, "no stray mail on this page")?;
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["NUMBER", "RECEIVED", "MAILBOX", "WHAT", "FROM", "SUBJECT", "WHY"]);
    for mail in &strays {
        table.add_row([
            mail.id.to_string(),
            say_short(mail.received_at, &zone),
            mail.mailbox.clone(),
            mail.kind.clone(),
            fit(&mail.sender.email, 32),
            fit(&mail.subject, 40),
            fit(&mail.why.join("; "), 60),
        ]);
    }
    writeln!(out, "{table}")?;
    Ok(())
}
