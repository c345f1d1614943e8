//! `casepost explain`: what the desk takes a mail for, whose case it would join and why, and the mails that would go out.

mod object;
mod page;

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use clap::Args;
use rusqlite::Connection;

use super::{context::Context, exit::SaidAlready};
use crate::{
    daemon::{
        explain::{Arrival, ExplainError, Explained, explain},
        office::Office,
    },
    store::{meta, open},
};

/// Of a mailbox that says nothing else.
const MAX_SIZE_BYTES: u64 = 25_000_000;
/// What `--json` prints, as a JSON Schema.
const SCHEMA: &str = include_str!("schema.json");

#[derive(Debug, Args)]
#[command(
    long_about = "Say of mails what the desk takes them for and why, what they say and ask for, whose case they would join \
        (with all the evidence that was weighed), and what would follow: the decision, and each mail that would go out.\n\n\
        Nothing is written and nothing is sent. With a configuration the desk's own database, policy and templates are \
        used, as if the mail came in now; without one, a desk that has no cases yet, by the base policy.",
    after_help = "For example:\n  \
        casepost explain mail.eml                     a page to read\n  \
        casepost explain --json mails/*.eml | jq .kind\n  \
        casepost quarantine show --raw 3 | casepost explain -"
)]
pub struct Explain {
    /// Mails, each in a file of its own as mail programs save them (.eml); - is standard input
    #[arg(required_unless_present = "schema", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One object a line for each file, in their order, instead of a page
    #[arg(long)]
    json: bool,
    /// Print the JSON Schema of what --json prints, and nothing else
    #[arg(long)]
    schema: bool,
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
    max_size_bytes: u64,
    now: DateTime<Utc>,
}

pub fn run(context: &Context, command: &Explain) -> anyhow::Result<()> {
    if command.schema {
        print!("{SCHEMA}");
        return Ok(());
    }
    let mut bench = if context.has_config() { configured(context, command)? } else { empty(context)? };
    let mut out = std::io::stdout().lock();
    let mut failed = false;
    for (n, file) in command.files.iter().enumerate() {
        let explained = bench.explain(file, command.received);
        failed |= explained.is_err();
        let file = file.to_string_lossy();
        if command.json {
            writeln!(out, "{}", object::object(&file, &explained))?;
        } else {
            if n > 0 {
                writeln!(out)?;
            }
            page::write(&mut out, &file, &explained, &bench.office.desk)?;
        }
    }
    if failed { Err(SaidAlready.into()) } else { Ok(()) }
}

/// Why a file is not explained; the others are all the same.
#[derive(Debug, thiserror::Error)]
enum NotExplained {
    #[error("cannot read the file: {0}")]
    File(#[from] std::io::Error),
    #[error(transparent)]
    Mail(#[from] ExplainError),
}

impl Bench {
    fn explain(&mut self, file: &Path, received_at: Option<DateTime<Utc>>) -> Result<Explained, NotExplained> {
        let (raw, truncated) = bytes(file, self.max_size_bytes)?;
        let arrival = Arrival {
            raw: &raw,
            truncated,
            mailbox: &self.mailbox,
            authserv_id: self.authserv_id.as_deref(),
            received_at: received_at.unwrap_or(self.now),
        };
        Ok(explain(&mut self.db, &self.office, &arrival, self.now)?)
    }
}

/// The bytes of a mail, at most so many, and whether there are more.
fn bytes(file: &Path, at_most: u64) -> std::io::Result<(Vec<u8>, bool)> {
    let mut raw = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(at_most + 1).read_to_end(&mut raw)?;
    } else {
        let file = std::fs::File::open(file)?;
        // A device or a pipe may never end.
        if !file.metadata()?.is_file() {
            return Err(std::io::Error::other("it is no regular file"));
        }
        file.take(at_most + 1).read_to_end(&mut raw)?;
    }
    let truncated = raw.len() as u64 > at_most;
    raw.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
    Ok((raw, truncated))
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
    Ok(Bench {
        office,
        mailbox: mailbox.name.clone(),
        authserv_id: mailbox.authserv_id.clone(),
        max_size_bytes: mailbox.max_size_bytes,
        db,
        now,
    })
}

/// A desk without a history, by the base policy.
fn empty(context: &Context) -> anyhow::Result<Bench> {
    let office = Office::to_try()?;
    let now = context.now_option().unwrap_or_else(Utc::now);
    Ok(Bench {
        office,
        db: in_memory()?,
        mailbox: "support".to_owned(),
        authserv_id: None,
        max_size_bytes: MAX_SIZE_BYTES,
        now,
    })
}

fn in_memory() -> anyhow::Result<Connection> {
    let mut db = open::in_memory()?;
    open::transaction(&mut db, |tx| meta::give_reference_key(tx, [0; 32]))?;
    Ok(db)
}
