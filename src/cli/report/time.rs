//! `casepost report time`: work time, a line for each entry that was not removed.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use clap::Args;
use rusqlite::Connection;

use crate::{
    cli::context::Context,
    desk::work_time::{WorkTime, duration, sum},
    store::{cases, contacts, organisations, work_times},
};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    casepost report time --from 2026-11-01 --to 2026-11-30 --csv > november.csv")]
pub struct TimeReport {
    /// The first day, in the policy's zone
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// The last day
    #[arg(long, value_name = "DATE")]
    to: NaiveDate,
    /// Comma-separated values with a header (RFC 4180) instead of a page
    #[arg(long)]
    csv: bool,
}

const COLUMNS: [&str; 10] = [
    "date",
    "reference",
    "organisation",
    "customer_number",
    "who",
    "minutes",
    "billed_minutes",
    "price",
    "currency",
    "note",
];

pub fn run(context: &Context, command: &TimeReport) -> anyhow::Result<()> {
    anyhow::ensure!(command.from <= command.to, "--from {} is after --to {}", command.from, command.to);
    let (config, db) = context.read()?;
    let zone = context.service_desk(&config)?.policy.zone;
    let after = command.to.checked_add_days(Days::new(1)).unwrap_or(command.to);
    let all = work_times::between(&db, midnight(command.from, zone), midnight(after, zone))?;
    if command.csv {
        let mut written = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
        written.write_record(COLUMNS)?;
        for time in &all {
            written.write_record(line(&db, time, zone)?.map(as_text))?;
        }
        let text = String::from_utf8(written.into_inner().map_err(|e| e.into_error())?)?;
        say!("{}", text.trim_end_matches("\r\n"));
        return Ok(());
    }
    let mut shown = crate::cli::directory::table::table([
        "DATE",
        "REFERENCE",
        "ORGANISATION",
        "NUMBER",
        "WHO",
        "MINUTES",
        "BILLED",
        "PRICE",
        "CURRENCY",
        "NOTE",
    ]);
    for time in &all {
        shown.add_row(line(&db, time, zone)?.map(|value| crate::cli::paint::fit(&value, 40)));
    }
    let (minutes, billed, prices) = sum(&all);
    let prices: Vec<String> = prices.iter().map(ToString::to_string).collect();
    if !all.is_empty() {
        say!("{shown}");
    }
    say!(
        "{} {}: {}, billed {}: {}",
        all.len(),
        if all.len() == 1 { "entry" } else { "entries" },
        duration(minutes),
        duration(billed),
        match prices.is_empty() {
            true => "nothing".to_owned(),
            false => prices.join(" and "),
        }
    );
    Ok(())
}

/// The beginning of a day; where a zone skips midnight, the first instant after it.
fn midnight(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let local = date.and_time(NaiveTime::MIN);
    (0..=3)
        .find_map(|hours| (local + chrono::Duration::hours(hours)).and_local_timezone(zone).earliest())
        .map_or_else(|| local.and_utc(), |at| at.to_utc())
}

fn line(db: &Connection, time: &WorkTime, zone: Tz) -> anyhow::Result<[String; 10]> {
    let case = cases::by_id(db, time.case)?;
    let organisation = match contacts::known_of(db, &case.requester.email)?.organisation_id() {
        Some(id) => Some(organisations::by_id(db, id)?),
        None => None,
    };
    let (name, number) = organisation.map_or((String::new(), None), |o| (o.name, o.customer_number));
    Ok([
        time.entered_at.with_timezone(&zone).date_naive().to_string(),
        case.reference.to_string(),
        name,
        number.unwrap_or_default(),
        time.who.clone(),
        time.minutes.to_string(),
        time.billed_minutes.to_string(),
        time.price.as_ref().map(|price| price.amount()).unwrap_or_default(),
        time.price.as_ref().map(|price| price.currency.clone()).unwrap_or_default(),
        time.note.clone().unwrap_or_default(),
    ])
}

/// Spreadsheets take a value with one of these in front for a formula.
fn as_text(value: String) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{value}") } else { value }
}
