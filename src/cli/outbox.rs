//! `casepost outbox …`: mail that waits to go out, or could not.

use std::io::Write;

use clap::{Args, Subcommand, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};

use super::{
    context::Context,
    exit::{NotFound, Refused},
    paint::fit,
};
use crate::{
    desk::hours::{Zone, say_short},
    store::{
        cases,
        outbox::{self, Filter, State},
        suppressions::{self, Cause},
    },
};

#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// List what waits or failed (or, with --state, anything)
    List(List),
    /// Try a notice again now: one that failed, was cancelled, or waits for its next try
    Retry(One),
    /// Give up a notice that waits
    Cancel(One),
}

#[derive(Debug, Args)]
pub struct List {
    #[arg(long, value_enum)]
    state: Option<StateName>,
    /// How many on a page
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Which page
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    /// One array of objects instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum StateName {
    Waiting,
    Accepted,
    Failed,
    Suppressed,
    Cancelled,
}

impl From<StateName> for State {
    fn from(name: StateName) -> State {
        match name {
            StateName::Waiting => State::Waiting,
            StateName::Accepted => State::Accepted,
            StateName::Failed => State::Failed,
            StateName::Suppressed => State::Suppressed,
            StateName::Cancelled => State::Cancelled,
        }
    }
}

#[derive(Debug, Args)]
pub struct One {
    /// The notice's number, as `casepost outbox list` shows it
    notice: i64,
}

pub fn run(context: &Context, command: &OutboxCommand) -> anyhow::Result<()> {
    match command {
        OutboxCommand::List(command) => list(context, command),
        OutboxCommand::Retry(One { notice }) => {
            let mut desk = context.desk()?;
            let now = desk.now;
            let tried = desk.write(|tx, _| {
                exists(tx, *notice)?;
                // Whoever sends it again knows better than the answer that came back.
                for delivery in outbox::deliveries(tx, *notice)? {
                    if delivery.state == State::Failed {
                        suppressions::lift(tx, &delivery.recipient, Cause::Bounce, now)?;
                    }
                }
                Ok(outbox::retry(tx, *notice, now)?)
            })?;
            nothing_left(tried, *notice, "accepted already or suppressed: nothing to try again")?;
            say!("notice {notice}: {tried} to be tried again now");
            Ok(())
        }
        OutboxCommand::Cancel(One { notice }) => {
            let mut desk = context.desk()?;
            let now = desk.now;
            let given_up = desk.write(|tx, staff| {
                exists(tx, *notice)?;
                Ok(outbox::cancel(tx, *notice, staff.name, now)?)
            })?;
            nothing_left(given_up, *notice, "nothing of it waits any more")?;
            say!("notice {notice}: {given_up} given up");
            Ok(())
        }
    }
}

fn exists(tx: &rusqlite::Connection, notice: i64) -> anyhow::Result<()> {
    match outbox::load(tx, notice)? {
        Some(_) => Ok(()),
        None => Err(NotFound(format!("there is no notice {notice}; `casepost outbox list` shows what waits")).into()),
    }
}

fn nothing_left(changed: usize, notice: i64, why: &str) -> anyhow::Result<()> {
    match changed {
        0 => Err(Refused(format!("notice {notice}: {why}")).into()),
        _ => Ok(()),
    }
}

fn list(context: &Context, command: &List) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let zone = Zone::Named(context.service_desk(&config)?.policy.zone);
    let filter = Filter {
        state: command.state.map(State::from),
        limit: command.limit,
        offset: (command.page - 1).saturating_mul(command.limit),
    };
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["NOTICE", "CASE", "WHAT", "TO", "STATE", "TRIES", "NEXT TRY", "LAST ANSWER"]);
    let mut objects: Vec<Value> = Vec::new();
    for notice in outbox::list(&db, &filter)? {
        let case = notice.case.map(|id| cases::by_id(&db, id)).transpose()?.map(|c| c.reference.to_string());
        for delivery in outbox::deliveries(&db, notice.id)? {
            let waits = delivery.state == State::Waiting;
            objects.push(json!({
                "notice": notice.id, "case": case, "kind": notice.kind.as_str(), "recipient": delivery.recipient,
                "state": delivery.state.as_str(), "attempts": delivery.attempts, "answer": delivery.answer,
                "next_try_at": waits.then(|| delivery.next_try_at.to_rfc3339()),
            }));
            table.add_row([
                notice.id.to_string(),
                case.clone().unwrap_or_else(|| "-".to_owned()),
                notice.kind.to_string(),
                fit(&delivery.recipient, 32),
                delivery.state.as_str().to_owned(),
                delivery.attempts.to_string(),
                if waits { say_short(delivery.next_try_at, &zone) } else { "-".to_owned() },
                fit(delivery.answer.as_deref().unwrap_or("-"), 60),
            ]);
        }
    }
    let mut out = crate::cli::streams::out();
    if command.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&objects)?)?;
        return Ok(());
    }
    if !objects.is_empty() {
        writeln!(out, "{table}")?;
    }
    let totals = outbox::totals(&db)?;
    writeln!(out, "{} waiting, {} failed", totals.waiting, totals.failed)?;
    Ok(())
}
