//! `casepost quarantine …`: mail that could not be taken in.

use std::io::Write;

use clap::{Args, Subcommand};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;

use super::{
    context::{Context, Desk},
    exit::{NotFound, Refused},
    paint::{fit, plain},
};
use crate::{
    daemon::{
        hold::{fetch_again, take_again},
        reading::{Bytes, read},
        take_in::Taken,
    },
    desk::hours::{Zone, say, say_short},
    store::quarantine,
};

#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// List what is held
    List(List),
    /// Show why a mail is held, and its beginning; with --raw, write the whole mail to standard output
    Show(Show),
    /// Try to take a held mail in again (after an upgrade, or with another max_size)
    Retry(Retry),
    /// Say that a held mail needs nothing more: it no longer counts; its bytes stay, and `retry` still takes it in
    Discard(Discard),
}

#[derive(Debug, Args)]
pub struct List {
    /// Also mails that were taken in later or discarded
    #[arg(long)]
    all: bool,
    /// One array of objects instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Show {
    /// Its number, as `casepost quarantine list` shows it
    number: i64,
    /// The bytes as they came, and nothing else
    #[arg(long)]
    raw: bool,
}

#[derive(Debug, Args)]
pub struct Retry {
    /// Its number, as `casepost quarantine list` shows it
    number: i64,
}

#[derive(Debug, Args)]
pub struct Discard {
    /// Its number, as `casepost quarantine list` shows it
    number: i64,
}

pub fn run(context: &Context, command: &QuarantineCommand) -> anyhow::Result<()> {
    match command {
        QuarantineCommand::List(command) => list(context, command),
        QuarantineCommand::Show(command) => show(context, command),
        QuarantineCommand::Retry(command) => retry(context, command),
        QuarantineCommand::Discard(command) => discard(context, command),
    }
}

fn list(context: &Context, command: &List) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let zone = Zone::Named(context.service_desk(&config)?.policy.zone);
    let held = quarantine::list(&db, command.all)?;
    let mut out = crate::cli::streams::out();
    if command.json {
        let all: Vec<_> = held
            .iter()
            .map(|h| {
                json!({ "number": h.id, "mailbox": h.place.mailbox, "key": h.place.key, "size_bytes": h.size_bytes,
                    "received_at": h.received_at.to_rfc3339(), "held_at": h.held_at.to_rfc3339(),
                    "released_at": h.released_at.map(|at| at.to_rfc3339()), "discarded_by": h.discarded_by,
                    "reason": h.reason })
            })
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(());
    }
    if held.is_empty() {
        writeln!(out, "nothing is held")?;
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["NUMBER", "RECEIVED", "MAILBOX", "MAIL", "BYTES", "WHY"]);
    for h in &held {
        table.add_row([
            h.id.to_string(),
            say_short(h.received_at, &zone),
            h.place.mailbox.clone(),
            fit(&h.place.key, 24),
            h.size_bytes.to_string(),
            fit(&h.reason, 80),
        ]);
    }
    writeln!(out, "{table}")?;
    Ok(())
}

fn find(db: &rusqlite::Connection, number: i64) -> anyhow::Result<quarantine::Held> {
    let held = quarantine::by_id(db, number)?;
    Ok(held.ok_or_else(|| NotFound(format!("nothing is held under {number}; see `casepost quarantine list --all`")))?)
}

fn show(context: &Context, command: &Show) -> anyhow::Result<()> {
    const BEGINNING: usize = 4000;
    let (config, db) = context.read()?;
    let zone = Zone::Named(context.service_desk(&config)?.policy.zone);
    let held = find(&db, command.number)?;
    let raw = quarantine::raw(&db, held.id)?;
    let mut out = crate::cli::streams::out();
    if command.raw {
        let raw = raw.ok_or_else(|| NotFound("the server never gave this mail's bytes".to_owned()))?;
        out.write_all(&raw)?;
        return Ok(());
    }
    writeln!(out, "held        {}", say(held.held_at, &zone))?;
    writeln!(out, "received    {}", say(held.received_at, &zone))?;
    writeln!(out, "mailbox     {}, mail {}, {} bytes", held.place.mailbox, held.place.key, held.size_bytes)?;
    writeln!(out, "why         {}", plain(&held.reason))?;
    match (held.released_at, &held.discarded_by) {
        (Some(at), Some(by)) => writeln!(out, "discarded   {}, by {}", say(at, &zone), plain(by))?,
        (Some(at), None) => writeln!(out, "taken in    {}", say(at, &zone))?,
        (None, _) => {}
    }
    match raw {
        None => writeln!(out, "\nThe server did not give its bytes: look at it in the mailbox.")?,
        Some(raw) => {
            let beginning = String::from_utf8_lossy(&raw[..raw.len().min(BEGINNING)]).into_owned();
            writeln!(out, "\n{}", plain(&beginning))?;
            if raw.len() > BEGINNING {
                writeln!(out, "… (--raw gives all {} bytes)", raw.len())?;
            }
        }
    }
    Ok(())
}

fn retry(context: &Context, command: &Retry) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let held = find(&desk.db, command.number)?;
    refuse_if_taken_in(&held)?;
    match quarantine::raw(&desk.db, held.id)? {
        Some(raw) => take(&mut desk, &held, &raw),
        None => {
            let now = desk.now;
            desk.write(|tx, _| Ok(fetch_again(tx, &held, now)?))?;
            say!("mail {} of {} is fetched again by the next run", held.place.key, held.place.mailbox);
            Ok(())
        }
    }
}

fn discard(context: &Context, command: &Discard) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let held = find(&desk.db, command.number)?;
    refuse_if_taken_in(&held)?;
    if let Some(by) = &held.discarded_by {
        return Err(Refused(format!("mail {} of the quarantine was discarded already, by {by}", held.id)).into());
    }
    desk.write(|tx, staff| Ok(quarantine::discard(tx, held.id, staff.name, staff.now)?))?;
    say!("mail {} of the quarantine needs nothing more; `casepost quarantine list --all` still shows it", held.id);
    Ok(())
}

fn refuse_if_taken_in(held: &quarantine::Held) -> Result<(), Refused> {
    if held.released_at.is_some() && held.discarded_by.is_none() {
        return Err(Refused(format!("mail {} of the quarantine was taken in already", held.id)));
    }
    Ok(())
}

fn take(desk: &mut Desk, held: &quarantine::Held, raw: &[u8]) -> anyhow::Result<()> {
    let mailbox = desk.config.mailboxes.iter().find(|m| m.name == held.place.mailbox);
    let authserv_id = mailbox.and_then(|m| m.authserv_id.clone());
    let bytes = Bytes { raw, size_bytes: held.size_bytes, truncated: false, received_at: held.received_at };
    let mail = read(&desk.office, bytes, authserv_id.as_deref())
        .map_err(|why| Refused(format!("it still can't be taken in: {why}")))?;
    let now = desk.now;
    let taken = desk.write(|tx, staff| Ok::<Taken, anyhow::Error>(take_again(tx, staff.office, &mail, held, now)?))?;
    match taken {
        Taken::Kept { case: Some(case), disposition, .. } => say!("taken in: {} on {case}", disposition.as_str()),
        Taken::Kept { disposition, .. } => say!("taken in: {}", disposition.as_str()),
        Taken::Again | Taken::Known | Taken::Held { .. } => say!("it had been taken in by another way"),
    }
    Ok(())
}
