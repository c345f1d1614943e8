//! `casepost case rfo`: reasons for outage and incident reports of a case.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{json as as_json, reference, reply};
use crate::{
    cli::{context::Context, paint::plain},
    daemon::{
        rfo::{Report, document, report},
        staff::find,
    },
    desk::{
        hours::{Zone, say},
        notice::written,
        reference::Reference,
        rfo::{Preventive, Rfo, RfoKind, State, Written},
    },
    toml_file,
};

#[derive(Debug, Args)]
#[command(
    after_help = "A customer asks by mail; for one who telephoned, `ask` writes it down. The times, the services and \
    the timeline come from the case; the cause and what is done so that it does not happen again are yours, or come \
    from the problem to which the case is linked.\n\n\
    Examples:\n  \
    casepost case rfo 1-0123456789 ask\n  \
    casepost case rfo 1-0123456789 draft --cause 'A card had failed.' --preventive 'All cards of this batch are changed'\n  \
    casepost case rfo 1-0123456789 show --html report.html\n  \
    casepost case rfo 1-0123456789 send"
)]
pub struct RfoOf {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    #[command(subcommand)]
    command: RfoCommand,
}

#[derive(Debug, Subcommand)]
enum RfoCommand {
    /// Somebody asked for it by telephone
    Ask(Ask),
    /// Write the report, or some of it; what is not given stays as it is
    Draft(Draft),
    /// Show who waits for it, and what it says so far
    Show(Show),
    /// Send it to all who wait for it; where nobody does, to the requester
    Send(Which),
    /// Nobody gets it any more; nobody is told
    Cancel(Which),
}

#[derive(Debug, Args)]
struct Which {
    /// Reason for outage or incident report: rfo, incident-report
    #[arg(long, default_value_t = RfoKind::Rfo)]
    kind: RfoKind,
}

#[derive(Debug, Args)]
struct Ask {
    #[command(flatten)]
    which: Which,
    /// Who asked, if it is not the requester
    #[arg(long, value_name = "ADDRESS")]
    by: Option<String>,
    /// Send no mail that says by when they will have it
    #[arg(long)]
    silent: bool,
}

#[derive(Debug, Args)]
struct Draft {
    /// The root cause
    #[arg(long, value_name = "TEXT")]
    cause: Option<String>,
    /// What is done so that it does not happen again; give it several times for several actions
    #[arg(long, value_name = "TEXT")]
    preventive: Vec<String>,
    /// What ended it
    #[arg(long, value_name = "TEXT")]
    resolution: Option<String>,
    /// What could not be used, if the mails do not say it well
    #[arg(long, value_name = "TEXT")]
    impact: Option<String>,
    /// All of this as a TOML file: cause, resolution and impact are texts, preventive is a list of texts
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cause", "preventive", "resolution", "impact"])]
    file: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Show {
    #[command(flatten)]
    which: Which,
    /// Write the document into a file, to look at it before it is sent
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    html: Option<PathBuf>,
    /// One object instead of a page
    #[arg(long)]
    json: bool,
}

pub fn run(context: &Context, command: &RfoOf) -> anyhow::Result<()> {
    match &command.command {
        RfoCommand::Ask(options) => ask(context, command.reference, options),
        RfoCommand::Draft(options) => draft(context, command.reference, options),
        RfoCommand::Show(options) => show(context, command.reference, options),
        RfoCommand::Send(which) => send(context, command.reference, which.kind),
        RfoCommand::Cancel(which) => cancel(context, command.reference, which.kind),
    }
}

fn ask(context: &Context, reference: Reference, options: &Ask) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let zone = Zone::Named(desk.office.desk.policy.zone);
    let by = options.by.as_deref().map(|text| reply::address(text, "--by")).transpose()?;
    let kind = options.which.kind;
    let all = desk.write(|tx, staff| {
        let case = find(tx, reference)?;
        let person = by.clone().unwrap_or_else(|| case.requester.clone());
        let all = staff.ask_rfo(tx, &case, kind, &person, !options.silent)?;
        Ok(all.into_iter().filter(|rfo| rfo.kind == kind && rfo.person.email == person.email).collect::<Vec<_>>())
    })?;
    for rfo in all {
        say!("{reference}: {}", line(&rfo, &zone));
    }
    Ok(())
}

fn draft(context: &Context, reference: Reference, options: &Draft) -> anyhow::Result<()> {
    let fresh = match &options.file {
        Some(path) => from_file(path)?,
        None => Written {
            impact: options.impact.clone(),
            cause: options.cause.clone(),
            resolution: options.resolution.clone(),
            preventive: options.preventive.iter().map(|text| preventive(text)).collect(),
        },
    };
    anyhow::ensure!(
        fresh != Written::default(),
        "nothing to write: give --cause, --preventive, --resolution or --impact"
    );
    let mut desk = context.desk()?;
    desk.write(|tx, staff| {
        let case = find(tx, reference)?;
        Ok(staff.draft_rfo(tx, &case, fresh)?)
    })?;
    say!("{reference}: kept; casepost case rfo {reference} show");
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftFile {
    cause: Option<String>,
    resolution: Option<String>,
    impact: Option<String>,
    #[serde(default)]
    preventive: Vec<String>,
}

fn from_file(path: &std::path::Path) -> anyhow::Result<Written> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the draft {}", path.display()))?;
    let file: DraftFile = toml_file::parse(&path.display().to_string(), &text)?;
    let said = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    Ok(Written {
        impact: said(file.impact),
        cause: said(file.cause),
        resolution: said(file.resolution),
        preventive: file.preventive.iter().map(|text| preventive(text)).collect(),
    })
}

fn preventive(text: &str) -> Preventive {
    Preventive { text: text.trim().to_owned(), ..Preventive::default() }
}

fn show(context: &Context, reference: Reference, options: &Show) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let office = crate::daemon::office::Office::load(&config)?;
    let case = find(&db, reference)?;
    let (kind, now) = (options.which.kind, context.now(&db)?);
    let report = report(&db, &office, &case, kind, config.desk.name.as_str(), now)?;
    if let Some(path) = &options.html {
        let html = document(&db, &office, &case, &report)?;
        std::fs::write(path, html).with_context(|| format!("cannot write {}", path.display()))?;
        say!("{} is written", path.display());
        return Ok(());
    }
    if options.json {
        say!("{}", serde_json::to_string_pretty(&object(&report))?);
        return Ok(());
    }
    page(&report, &Zone::Named(office.desk.policy.zone));
    Ok(())
}

fn page(report: &Report, zone: &Zone) {
    if report.requests.is_empty() {
        say!("nobody has asked for one");
    }
    report.requests.iter().for_each(|rfo| say!("{}", plain(&line(rfo, zone))));
    let texts = [
        ("impact", report.data["impact"].as_str()),
        ("cause", report.written.cause.as_deref()),
        ("resolution", report.written.resolution.as_deref()),
    ];
    for (name, text) in texts.into_iter().filter_map(|(name, text)| Some((name, text?))) {
        say!("\n{name}");
        plain(text).lines().for_each(|line| say!("    {line}"));
    }
    if !report.written.preventive.is_empty() {
        say!("\npreventive actions");
        report.written.preventive.iter().for_each(|action| say!("  - {}", plain(&action.text)));
    }
    if let Some(lacks) = &report.lacks {
        say!("\n{lacks}");
    }
}

/// `RFO for Ada <ada@…>: due Tue 1 December 2026, 11:25 (MST)`
pub(super) fn line(rfo: &Rfo, zone: &Zone) -> String {
    let state = match (rfo.state, rfo.due, rfo.settled_at) {
        (State::Kept, _, _) => "kept until the case is resolved".to_owned(),
        (State::Due, Some(due), _) => {
            let overdue = if rfo.overdue_at.is_some() { ", overdue" } else { "" };
            format!("due {}{overdue}", say(due, zone))
        }
        (State::Due, None, _) => "to be written; no time is promised".to_owned(),
        (State::Sent, _, Some(at)) => format!("sent {}", say(at, zone)),
        (State::NotGiven, _, _) => "not given: the policy has none for this priority".to_owned(),
        (state, _, _) => state.as_str().to_owned(),
    };
    format!("{} for {}: {state}", rfo.kind.in_words(), written(&rfo.person))
}

fn object(report: &Report) -> Value {
    json!({
        "requests": report.requests.iter().map(request_object).collect::<Vec<_>>(),
        "report": report.data,
        "complete": report.lacks.is_none(),
    })
}

pub(super) fn request_object(rfo: &Rfo) -> Value {
    json!({
        "kind": rfo.kind.as_str(), "person": rfo.person.email, "state": rfo.state.as_str(),
        "asked_at": as_json::time(rfo.asked_at), "due": rfo.due.map(as_json::time),
        "overdue": rfo.overdue_at.is_some(), "settled_at": rfo.settled_at.map(as_json::time),
    })
}

fn send(context: &Context, reference: Reference, kind: RfoKind) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let sent = desk.write(|tx, staff| {
        let case = find(tx, reference)?;
        Ok(staff.send_rfo(tx, &case, kind)?)
    })?;
    let to = sent.iter().map(|rfo| written(&rfo.person)).collect::<Vec<_>>().join(", ");
    let to = if to.is_empty() { "the requester".to_owned() } else { to };
    say!("{reference}: the {} to {to} is in the outbox", kind.in_words());
    Ok(())
}

fn cancel(context: &Context, reference: Reference, kind: RfoKind) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    desk.write(|tx, staff| {
        let case = find(tx, reference)?;
        Ok(staff.cancel_rfo(tx, &case, kind)?)
    })?;
    say!("{reference}: nobody waits for an {} any more", kind.in_words());
    Ok(())
}
