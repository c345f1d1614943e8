//! What happens in a story, in words.

use rusqlite::Connection;

use super::scenario::{Event, Step};
use crate::{
    cli::case::show,
    desk::{case::Case, lifecycle::What, service_desk::ServiceDesk},
    store::history,
};

/// A line of a case's history for people.
pub fn in_words(db: &Connection, desk: &ServiceDesk, case: &Case, line: &history::Line) -> anyhow::Result<String> {
    if let Some(text) = show::in_words(db, desk, case, line)? {
        return Ok(text);
    }
    Ok(match &line.what {
        What::Wrote { standing } => format!("{} wrote ({standing})", line.actor),
        What::Recorded { kind, why } => format!("{}: recorded without effect: {kind}, {why}", line.actor),
        What::Replied { text } => format!("{} replied: {text}", line.actor),
        What::Warned { .. } => format!("{} warned the customer", line.actor),
        other => format!("{}: {}", line.actor, serde_json::to_string(other)?),
    })
}

/// What a step tells, in one line.
pub fn headline(step: &Step) -> String {
    let what = match &step.event {
        Event::Nothing => "time passes".to_owned(),
        Event::Mail(told) => {
            let mail = &told.mail;
            let who = mail.from.as_deref().unwrap_or("the mail system");
            let kind = mail.kind.in_words();
            match (&mail.subject, &mail.reply_to, &mail.file) {
                (.., Some(file)) => format!("a mail comes in ({file})"),
                (_, Some(what), _) => format!("{who} answers ({what}){kind}"),
                (Some(subject), None, _) => format!("{who} writes{kind}: \"{subject}\""),
                (None, None, _) => format!("{who} writes{kind}"),
            }
        }
        Event::Command { staff, command } => {
            format!("{staff}: {}", command.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        Event::DaemonStops => "the daemon stops".to_owned(),
        Event::DaemonStarts => "the daemon starts".to_owned(),
        Event::MailServer(does) => format!("the mail server {}", does.in_words()),
    };
    match &step.note {
        Some(note) => format!("{what}  ({note})"),
        None => what,
    }
}
