//! `casepost explain`: what the desk takes a mail for, whose case it would join and why, and the mails that would go out.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use clap::Args;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{
    context::Context,
    exit::SaidAlready,
    paint::{Ink, Paint, plain},
};
use crate::{
    daemon::{
        explain::{Arrival, Explained, explain},
        office::Office,
    },
    desk::{notice::written, policy, service_desk::ServiceDesk},
    mail::{address::Address, sort::Kind, template::Templates, token::Keyring},
    store::{meta, open},
};

#[derive(Debug, Args)]
pub struct Explain {
    /// Mails, each in a file of its own as mail programs save them (.eml); - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One object a line for each file, instead of a page
    #[arg(long)]
    json: bool,
    /// The mailbox by which it came in [default: the first of the configuration]
    #[arg(long, value_name = "NAME")]
    mailbox: Option<String>,
    /// When the desk's mail server had it [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = super::instant)]
    received: Option<DateTime<Utc>>,
}

/// A desk to try a mail on.
struct Bench {
    office: Office,
    db: Connection,
    mailbox: String,
    authserv_id: Option<String>,
    now: DateTime<Utc>,
}

pub fn run(context: &Context, command: &Explain) -> anyhow::Result<()> {
    let mut bench = if context.has_config() { configured(context, command)? } else { empty(context)? };
    let mut out = std::io::stdout().lock();
    let mut unread = 0;
    for (n, file) in command.files.iter().enumerate() {
        let shown = file.to_string_lossy();
        let explained = bytes(file).map_err(|e| format!("cannot read it: {e}")).and_then(|raw| {
            let arrival = Arrival {
                raw: &raw,
                mailbox: &bench.mailbox,
                authserv_id: bench.authserv_id.as_deref(),
                received_at: command.received.unwrap_or(bench.now),
            };
            explain(&mut bench.db, &bench.office, &arrival, bench.now).map_err(|e| e.to_string())
        });
        unread += u32::from(explained.is_err());
        if command.json {
            writeln!(out, "{}", object(&shown, &explained))?;
        } else {
            if n > 0 {
                writeln!(out)?;
            }
            page(&mut out, &shown, &explained)?;
        }
    }
    if unread > 0 { Err(SaidAlready.into()) } else { Ok(()) }
}

fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut raw = Vec::new();
        std::io::stdin().lock().read_to_end(&mut raw)?;
        return Ok(raw);
    }
    std::fs::read(file)
}

/// The desk as configured. Its database is written to, but nothing of it is kept.
fn configured(context: &Context, command: &Explain) -> anyhow::Result<Bench> {
    let config = context.config()?;
    let office = Office::load(&config)?;
    let wanted = command.mailbox.as_deref();
    let mailbox = config.mailboxes.iter().find(|m| wanted.is_none_or(|name| m.name == name));
    let Some(mailbox) = mailbox else {
        let known: Vec<&str> = config.mailboxes.iter().map(|m| m.name.as_str()).collect();
        anyhow::bail!("there is no mailbox \"{}\" (known: {})", wanted.unwrap_or_default(), known.join(", "));
    };
    let db = if config.data.exists() { open::open_to_rehearse(&config.data)? } else { in_memory()? };
    let now = context.now(&db)?;
    Ok(Bench { office, mailbox: mailbox.name.clone(), authserv_id: mailbox.authserv_id.clone(), db, now })
}

/// A desk without a history, by the base policy.
fn empty(context: &Context) -> anyhow::Result<Bench> {
    let sender = Address::new(Some("Support"), "support@desk.example");
    let desk = ServiceDesk {
        own_addresses: vec![sender.email.clone()],
        sender,
        staff: vec![],
        policy: policy::Policy::load("base", &policy::built_in)?,
        answer_within: chrono::Duration::days(3),
    };
    let keyring = Keyring::parse(&Keyring::generate("k1", [0; 32]))?;
    let office = Office { desk, keyring, templates: Templates::new(vec![])? };
    let now = context.now_option().unwrap_or_else(Utc::now);
    Ok(Bench { office, db: in_memory()?, mailbox: "support".to_owned(), authserv_id: None, now })
}

fn in_memory() -> anyhow::Result<Connection> {
    let mut db = open::in_memory()?;
    open::transaction(&mut db, |tx| meta::give_reference_key(tx, [0; 32]))?;
    Ok(db)
}

/// What kinds of mail never get an automatic answer (SERVICE.md, kinds of mail).
fn answerable(explained: &Explained) -> bool {
    matches!(explained.mail.sorted.kind, Kind::Person)
}

fn object(file: &str, explained: &Result<Explained, String>) -> Value {
    let explained = match explained {
        Ok(explained) => explained,
        Err(why) => return json!({ "file": file, "ok": false, "why": [why] }),
    };
    let mail = &explained.mail.incoming;
    let sorted = &explained.mail.sorted;
    let emails = |people: &[Address]| people.iter().map(|a| a.email.clone()).collect::<Vec<_>>();
    let bounce = mail.report.as_ref().map(|report| {
        let recipients: Vec<Value> = report
            .recipients
            .iter()
            .map(|r| {
                json!({ "address": r.address, "status": r.status, "permanent": r.is_permanent(), "reason": r.reason,
                    "diagnostic": r.diagnostic })
            })
            .collect();
        json!({ "recipients": recipients, "original_message_id": report.original_message_id })
    });
    let attachments: Vec<Value> = mail
        .attachments
        .iter()
        .map(|a| json!({ "name": a.name, "type": a.content_type, "size": a.size_bytes, "inline": a.inline }))
        .collect();
    let letters: Vec<Value> = explained
        .letters
        .iter()
        .map(
            |l| json!({ "notice": l.notice, "to": l.to, "language": l.language, "subject": l.subject, "text": l.text }),
        )
        .collect();
    let outcome = &explained.outcome;
    json!({
        "file": file,
        "ok": true,
        "message_id": mail.message_id,
        "from": mail.from.as_ref().map(|a| json!({ "name": a.name, "address": a.email })),
        "to": emails(&mail.to),
        "subject": mail.subject,
        "date": mail.date.map(|d| d.to_rfc3339()),
        "references": mail.references,
        "kind": sorted.kind.as_str(),
        "why": sorted.why,
        "answerable": answerable(explained),
        "bounce": bounce,
        "text": mail.text,
        "reply": explained.mail.said.reply,
        "signature": explained.mail.said.signature,
        "language": null,
        "attachments": attachments,
        "requests": explained.asked.request_words(),
        "fields": explained.asked.fields_object(),
        "missing": explained.missing.iter().map(|name| name.key()).collect::<Vec<_>>(),
        "case": {
            "action": outcome.action.as_str(),
            "reference": outcome.reference,
            "linked_to": outcome.linked_to,
            "evidence": explained.evidence,
        },
        "mails": letters,
    })
}

fn page(out: &mut impl Write, file: &str, explained: &Result<Explained, String>) -> std::io::Result<()> {
    let paint = Paint::stdout();
    writeln!(out, "{}", paint.ink(Ink::Bold, &plain(file)))?;
    let explained = match explained {
        Ok(explained) => explained,
        Err(why) => return writeln!(out, "  {}", paint.ink(Ink::Red, &plain(why))),
    };
    let mail = &explained.mail.incoming;
    let mut fact =
        |name: &str, value: &str| writeln!(out, "  {} {}", paint.ink(Ink::Dim, &format!("{name:<12}")), plain(value));
    fact("from", &mail.from.as_ref().map(written).unwrap_or_default())?;
    fact("subject", &mail.subject)?;
    fact("kind", &format!("{} ({})", explained.mail.sorted.kind.as_str(), explained.mail.sorted.why.join("; ")))?;
    fact("decision", explained.outcome.action.as_str())?;
    Ok(())
}
