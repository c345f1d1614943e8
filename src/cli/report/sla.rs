//! `casepost report sla`: how promises were kept.

use std::io::Write;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;

use crate::{
    cli::{context::Context, exit::Refused, paint::fit, streams},
    desk::sla::report::{Report, Tally},
    store::promises,
};

#[derive(Debug, Args)]
#[command(
    after_help = "Counted is what was promised from the first day to the last, in the policy's zone: first responses \
    and resolutions from when the request came (or the case was reopened), updates from the mail before. What the closing \
    of a case ended before its time counts for nothing. The median is the time that half of the customers waited at most, \
    around the clock.\n\n\
    Examples:\n  \
    casepost report sla --from 2026-11-01 --to 2026-11-30\n  \
    casepost report sla --from 2026-11-01 --to 2026-11-30 --csv > november.csv"
)]
pub struct Sla {
    /// The first day
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// The last day
    #[arg(long, value_name = "DATE")]
    to: NaiveDate,
    /// As CSV: one line for each priority, organisation and promise
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// One array of objects instead of a table
    #[arg(long)]
    json: bool,
}

pub fn run(context: &Context, command: &Sla) -> anyhow::Result<()> {
    if command.to < command.from {
        return Err(Refused(format!("--to {} is before --from {}", command.to, command.from)).into());
    }
    let (config, db) = context.read()?;
    let desk = context.service_desk(&config)?;
    let now = context.now(&db)?;
    let zone = desk.policy.zone;
    let end = command.to.succ_opt().unwrap_or(command.to);
    let mut report = Report::default();
    promises::made_between(&db, midnight(command.from, zone), midnight(end, zone), |found| {
        report.count(&found.promise, found.organisation, found.paused, now);
    })?;
    let mut out = streams::out();
    if command.csv {
        return csv(&mut out, &report);
    }
    if command.json {
        let all: Vec<_> = report
            .rows
            .iter()
            .map(|(key, tally)| {
                json!({ "priority": key.priority.as_str(), "organisation": key.organisation, "promise": key.kind.as_str(),
                    "met": tally.met, "missed": tally.missed, "open": tally.open, "kept_percent": tally.kept(),
                    "median_seconds": tally.median().map(|time| time.num_seconds()) })
            })
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(());
    }
    if report.rows.is_empty() {
        writeln!(out, "nothing was promised from {} to {}", command.from, command.to)?;
        return Ok(());
    }
    writeln!(out, "{}", table(&report))?;
    Ok(())
}

/// The beginning of a day; where the zone skips it, the first instant after.
fn midnight(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let local = date.and_time(NaiveTime::MIN);
    let found = zone.from_local_datetime(&local).earliest();
    let found = found.or_else(|| zone.from_local_datetime(&(local + Duration::hours(1))).earliest());
    found.map_or_else(|| local.and_utc(), |at| at.to_utc())
}

const COLUMNS: [&str; 8] =
    ["priority", "organisation", "promise", "met", "missed", "open", "kept_percent", "median_seconds"];

fn csv(out: &mut impl Write, report: &Report) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    for (key, tally) in &report.rows {
        csv.write_record([
            key.priority.as_str().to_owned(),
            harmless(key.organisation.as_deref().unwrap_or_default()),
            key.kind.as_str().to_owned(),
            tally.met.to_string(),
            tally.missed.to_string(),
            tally.open.to_string(),
            tally.kept().map(|kept| format!("{kept:.1}")).unwrap_or_default(),
            tally.median().map(|time| time.num_seconds().to_string()).unwrap_or_default(),
        ])?;
    }
    csv.flush()?;
    Ok(())
}

/// Spreadsheets take a name that begins so for a formula.
fn harmless(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{name}") } else { name.to_owned() }
}

fn table(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["PRI", "PROMISE", "ORGANISATION", "MET", "MISSED", "OPEN", "KEPT", "MEDIAN"]);
    for ((priority, kind), tally) in report.by_priority() {
        table.add_row(row(priority.as_str(), kind.as_str(), "all", &tally));
        for (key, tally) in report.rows.iter().filter(|(key, _)| (key.priority, key.kind) == (priority, kind)) {
            let name = key.organisation.as_deref().map_or("(not in the directory)".to_owned(), |name| fit(name, 30));
            table.add_row(row("", "", &format!("  {name}"), tally));
        }
    }
    table
}

fn row(priority: &str, kind: &str, organisation: &str, tally: &Tally) -> [String; 8] {
    [
        priority.to_owned(),
        kind.to_owned(),
        organisation.to_owned(),
        tally.met.to_string(),
        tally.missed.to_string(),
        tally.open.to_string(),
        tally.kept().map_or("-".to_owned(), |kept| format!("{kept:.0} %")),
        tally.median().map_or("-".to_owned(), waited),
    ]
}

/// `2 d 03:15` or `00:15`
fn waited(time: Duration) -> String {
    let (days, hours, minutes) = (time.num_days(), time.num_hours() % 24, time.num_minutes() % 60);
    if days > 0 { format!("{days} d {hours:02}:{minutes:02}") } else { format!("{hours:02}:{minutes:02}") }
}
