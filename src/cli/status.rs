//! `casepost status`: how the desk fares, for people and for monitoring.

use std::{io::Write, path::Path};

use chrono::{DateTime, Utc};
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};

use super::{
    case::json::time,
    context::Context,
    exit::{Act, Look},
    paint::{Ink, Paint, fit},
};
use crate::{
    config::{Config, ConfigError},
    daemon::{office, status},
    desk::{
        health::{Verdict, in_words},
        hours::{Zone, say_short},
    },
    store::open,
};

#[derive(Debug, Args)]
#[command(after_help = "\
    Reads what the daemon wrote down; asks no server. For monitoring, the exit code tells how the desk fares:\n  \
    0   well\n  \
    5   look: something is not as it should be, and the desk works on it\n  \
    6   act: somebody has to do something\n\
    What each line means and what to do is told in docs/operating.md.")]
pub struct Status {
    /// One object, for monitoring
    #[arg(long)]
    json: bool,
}

pub fn run(context: &Context, command: &Status) -> anyhow::Result<()> {
    let path = context.config_path();
    let (config, outline, wrong) = match Config::load(path) {
        Ok(config) => (Some(config.clone()), config.outline(), None),
        // A mistake in the file must not keep from monitoring how the desk fares.
        Err(why @ ConfigError::Toml(_)) => match Config::outline_of(path).filter(|known| known.data.exists()) {
            Some(outline) => (None, outline, Some(why.to_string())),
            None => return Err(why.into()),
        },
        Err(why) => return Err(why.into()),
    };
    let db = open::open_to_read(&outline.data)?;
    let now = context.now(&db)?;
    let status = status::status(&db, &outline, wrong, now)?;
    let mut out = std::io::stdout().lock();
    if command.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&object(&status, &outline.data))?)?;
    } else {
        // Bad rules are a reason to look here, not to see nothing.
        let desk = config.and_then(|config| office::service_desk(&config).ok());
        let zone = Zone::Named(desk.map_or(chrono_tz::UTC, |desk| desk.policy.zone));
        write!(out, "{}", Page { status: &status, data: &outline.data, zone, paint: Paint::stdout() }.text())?;
    }
    match status.verdict() {
        Verdict::Well => Ok(()),
        Verdict::Look => Err(Look.into()),
        Verdict::Act => Err(Act.into()),
    }
}

struct Page<'a> {
    status: &'a status::Status,
    /// the database
    data: &'a Path,
    zone: Zone,
    paint: Paint,
}

impl Page<'_> {
    fn text(&self) -> String {
        let status = self.status;
        let mut text = String::new();
        for finding in &status.findings {
            let (ink, word) = match finding.verdict {
                Verdict::Act => (Ink::Red, "ACT "),
                Verdict::Look | Verdict::Well => (Ink::Yellow, "look"),
            };
            text += &format!("{}  {}\n", self.paint.ink(ink, word), finding.text);
        }
        if status.findings.is_empty() {
            text += &format!("{}  all is well\n", self.paint.ink(Ink::Green, "ok  "));
        }
        let running = match &status.process {
            Some(process) => format!("running (process {process})"),
            None => "not running".to_owned(),
        };
        text += &format!("\ncasepost {} on {}: {running}\n\n", env!("CARGO_PKG_VERSION"), self.data.display());
        text += &self.mailboxes();
        let queue = &status.queue;
        let oldest = queue.oldest_waiting_since.map(|at| format!(", the oldest for {}", in_words(status.now - at)));
        text +=
            &format!("\nto go out: {} waiting{}; {} failed\n", queue.waiting, oldest.unwrap_or_default(), queue.failed);
        let next = status.clocks.next_due.map_or("none".to_owned(), |at| say_short(at, &self.zone));
        text += &format!("clocks: next {next}, {} late\n", status.clocks.late);
        text += &format!("in quarantine: {}\n", status.held);
        if let Some(disk) = status.disk {
            text += &format!("disk: {} MB free\n", disk.free_bytes / 1_000_000);
        }
        text + &self.troubles()
    }

    fn mailboxes(&self) -> String {
        let ago = |at: Option<DateTime<Utc>>| {
            at.map_or("never".to_owned(), |at| format!("{} ago", in_words(self.status.now - at)))
        };
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(["MAILBOX", "CONNECTED SINCE", "LAST READ", "LAST MAIL", "BEHIND BY"]);
        for mailbox in &self.status.mailboxes {
            let connected = mailbox.connected_since.filter(|_| self.status.process.is_some());
            table.add_row([
                fit(&mailbox.name, 30),
                connected.map_or("-".to_owned(), |at| say_short(at, &self.zone)),
                ago(mailbox.looked_at),
                ago(mailbox.last_mail_at),
                mailbox.behind.to_string(),
            ]);
        }
        format!("{table}\n")
    }

    fn troubles(&self) -> String {
        let mut text = String::new();
        for trouble in &self.status.troubles {
            let when = match trouble.ended_at {
                Some(at) => format!("{} to {}", say_short(trouble.began_at, &self.zone), say_short(at, &self.zone)),
                None => {
                    let times = if trouble.times == 1 { "once".to_owned() } else { format!("{} times", trouble.times) };
                    format!("since {}, {times}", say_short(trouble.began_at, &self.zone))
                }
            };
            text += &format!("  {when}  {}: {}\n", trouble.area, fit(&trouble.error, 160));
        }
        if text.is_empty() { text } else { format!("\nlast errors:\n{text}") }
    }
}

fn object(status: &status::Status, data: &Path) -> Value {
    let maybe = |at: Option<DateTime<Utc>>| at.map(time);
    let mailboxes: Vec<Value> = status
        .mailboxes
        .iter()
        .map(|m| {
            json!({
                "name": m.name,
                "connected_since": maybe(m.connected_since.filter(|_| status.process.is_some())),
                "looked_at": maybe(m.looked_at),
                "last_mail_at": maybe(m.last_mail_at),
                "behind": m.behind,
            })
        })
        .collect();
    let troubles: Vec<Value> = status
        .troubles
        .iter()
        .map(|t| {
            json!({
                "area": t.area.to_string(),
                "nature": t.nature.as_str(),
                "error": t.error,
                "began_at": time(t.began_at),
                "last_at": time(t.last_at),
                "times": t.times,
                "told_at": maybe(t.told_at),
                "ended_at": maybe(t.ended_at),
            })
        })
        .collect();
    let findings: Vec<Value> =
        status.findings.iter().map(|f| json!({ "verdict": f.verdict.as_str(), "text": f.text })).collect();
    json!({
        "verdict": status.verdict().as_str(),
        "findings": findings,
        "version": env!("CARGO_PKG_VERSION"),
        "now": time(status.now),
        "database": data.display().to_string(),
        "process": status.process,
        "mailboxes": mailboxes,
        "queue": {
            "waiting": status.queue.waiting,
            "oldest_waiting_since": maybe(status.queue.oldest_waiting_since),
            "failed": status.queue.failed,
        },
        "clocks": { "next_due": maybe(status.clocks.next_due), "late": status.clocks.late },
        "quarantine": { "held": status.held },
        "disk": status.disk.map(|d| json!({ "free_bytes": d.free_bytes, "total_bytes": d.total_bytes })),
        "troubles": troubles,
    })
}
