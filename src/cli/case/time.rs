//! `casepost case time`: work on a case.

use clap::Args;

use super::{macd::minutes, reference};
use crate::{
    cli::context::Context,
    daemon::staff::find,
    desk::{
        reference::Reference,
        work_time::{WorkTime, duration, in_words, sum},
    },
    store::work_times,
};

#[derive(Debug, Args)]
#[command(
    after_help = "Each entry is rounded up to the policy's step ([macd] step). Work on an approved change request has \
    a price; on other cases it is only written down.\n\n\
    Examples:\n  \
    casepost case time 1-0123456789 50m --note 'two extensions'\n  \
    casepost case time 1-0123456789 1h15m --by grace@desk.example --free\n  \
    casepost case time 1-0123456789 list\n  \
    casepost case time 1-0123456789 remove 2"
)]
pub struct Time {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// How long somebody worked (30m, 2h, 1h15m), or `list`, or `remove`
    what: String,
    /// Which entry to remove: its number in the list
    number: Option<u32>,
    /// What was done
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Who did it, when it was not you
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
    /// It costs the customer nothing
    #[arg(long)]
    free: bool,
}

pub fn run(context: &Context, command: &Time) -> anyhow::Result<()> {
    match (command.what.as_str(), command.number) {
        ("list", None) => list(context, command),
        ("remove", Some(number)) => remove(context, command, number),
        ("remove", None) => {
            anyhow::bail!("say which entry: `casepost case time {} list` has their numbers", command.reference)
        }
        (_, Some(_)) => anyhow::bail!("a number goes with `remove` only"),
        (text, None) => {
            let minutes = minutes(text).map_err(|why| anyhow::anyhow!("\"{text}\": {why}, or list, or remove"))?;
            enter(context, command, minutes)
        }
    }
}

fn enter(context: &Context, command: &Time, minutes: u32) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let time = desk.write(|tx, staff| {
        let case = find(tx, command.reference)?;
        let how = (command.note.as_deref(), command.free);
        Ok(staff.enter_time(tx, &case, minutes, command.by.as_deref(), how)?)
    })?;
    say!("{}: work time {}: {}", command.reference, time.number, in_words(&time));
    Ok(())
}

fn remove(context: &Context, command: &Time, number: u32) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let time = desk.write(|tx, staff| {
        let case = find(tx, command.reference)?;
        Ok(staff.remove_time(tx, &case, number)?)
    })?;
    say!("{}: work time {} removed: {}", command.reference, time.number, in_words(&time));
    Ok(())
}

fn list(context: &Context, command: &Time) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let desk = context.service_desk(&config)?;
    let zone = crate::desk::hours::Zone::Named(desk.policy.zone);
    let all = work_times::of_case(&db, find(&db, command.reference)?.id)?;
    for time in &all {
        let removed = time.removed.as_ref().map(|by| format!("  [removed by {}]", by.by)).unwrap_or_default();
        let at = crate::desk::hours::say_short(time.entered_at, &zone);
        say!("{:>3}  {at}  {}{removed}", time.number, crate::cli::paint::plain(&in_words(time)));
    }
    say!("{}", total(&all));
    Ok(())
}

/// `2 entries: 1h5m, billed 1h15m: 125.00 USD`
pub(super) fn total(all: &[WorkTime]) -> String {
    let count = all.iter().filter(|time| time.removed.is_none()).count();
    let (minutes, billed, prices) = sum(all);
    let prices: Vec<String> = prices.iter().map(ToString::to_string).collect();
    let cost = match prices.is_empty() {
        true => String::new(),
        false => format!(", billed {}: {}", duration(billed), prices.join(" and ")),
    };
    format!("{count} {}: {}{cost}", if count == 1 { "entry" } else { "entries" }, duration(minutes))
}
