//! `casepost stray list`: mail that belongs to no case.

use std::io::Write;

use clap::{Args, Subcommand};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;

use super::{context::Context, paint::fit};
use crate::{
    desk::hours::{Zone, say_short},
    store::mails,
};

#[derive(Debug, Subcommand)]
pub enum StrayCommand {
    /// List mail that belongs to no case, the newest first
    List(List),
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

pub fn run(context: &Context, StrayCommand::List(command): &StrayCommand) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let zone = Zone::Named(crate::daemon::office::service_desk(&config)?.policy.zone);
    let strays = mails::strays(&db, command.limit, (command.page - 1).saturating_mul(command.limit))?;
    let mut out = std::io::stdout().lock();
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
    table.set_header(["RECEIVED", "MAILBOX", "WHAT", "FROM", "SUBJECT", "WHY"]);
    for mail in &strays {
        table.add_row([
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
