//! `casepost case attachment`: what was attached to a case's mails, out of the raw mail as it came.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;

use super::reference;
use crate::{
    cli::{
        context::Context,
        exit::{NotFound, Refused},
        paint::{fit, plain},
    },
    daemon::staff,
    desk::reference::Reference,
    mail::incoming::{self, Attachment},
    store::mails,
};

#[derive(Debug, Args)]
pub struct Attachments {
    /// The case: 1-0123456789, or 10123456789 as on the telephone
    #[arg(value_parser = reference)]
    reference: Reference,
    /// Write this one, by its number in the list or its name; without it all are listed
    #[arg(value_name = "NAME|NUMBER")]
    which: Option<String>,
    /// Only of this mail of the case: 1 is the oldest
    #[arg(long, value_name = "N")]
    mail: Option<usize>,
    /// Write it to this file, or into this folder under its own name; an existing file is never overwritten. Without it
    /// it goes to standard output
    #[arg(long, value_name = "FILE", requires = "which")]
    out: Option<PathBuf>,
    /// One array of objects instead of a table
    #[arg(long, conflicts_with = "which")]
    json: bool,
}

/// An attachment and the mail of the case that brought it.
struct Found {
    /// its number among all of the case
    number: usize,
    /// 1 is the oldest
    mail: usize,
    from: String,
    attachment: Attachment,
}

pub fn run(context: &Context, command: &Attachments) -> anyhow::Result<()> {
    let (_, db) = context.read()?;
    let case = staff::find(&db, command.reference)?;
    let mut found = Vec::new();
    for (n, mail) in mails::of_case(&db, case.id)?.into_iter().enumerate() {
        // What can't be read was kept all the same: its neighbours' attachments are still to be had.
        let attachments = incoming::attachments(&mails::raw(&db, mail.id)?).unwrap_or_default();
        for attachment in attachments {
            found.push(Found { number: found.len() + 1, mail: n + 1, from: mail.sender.email.clone(), attachment });
        }
    }
    found.retain(|one| command.mail.is_none_or(|mail| one.mail == mail));
    match &command.which {
        Some(which) => write(command, chosen(command.reference, &found, which)?),
        None => list(command, &found),
    }
}

fn list(command: &Attachments, found: &[Found]) -> anyhow::Result<()> {
    let mut out = crate::cli::streams::out();
    if command.json {
        let all: Vec<_> = found
            .iter()
            .map(|one| {
                let info = &one.attachment.info;
                json!({ "number": one.number, "mail": one.mail, "from": one.from, "name": info.name,
                    "type": info.content_type, "size": info.size_bytes, "inline": info.inline })
            })
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(());
    }
    if found.is_empty() {
        writeln!(out, "nothing is attached")?;
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["NUMBER", "MAIL", "FROM", "BYTES", "TYPE", "NAME"]);
    for one in found {
        let info = &one.attachment.info;
        table.add_row([
            one.number.to_string(),
            one.mail.to_string(),
            fit(&one.from, 40),
            info.size_bytes.to_string(),
            fit(&info.content_type, 40),
            plain(&info.name),
        ]);
    }
    writeln!(out, "{table}")?;
    Ok(())
}

/// By its number, or by its name where only one has it.
fn chosen<'a>(case: Reference, found: &'a [Found], which: &str) -> anyhow::Result<&'a Found> {
    let named: Vec<&Found> = found.iter().filter(|one| one.attachment.info.name == which).collect();
    let number = which.parse::<usize>().ok();
    let by_number = || found.iter().find(|one| Some(one.number) == number);
    match named[..] {
        [one] => Ok(one),
        [] => by_number().ok_or_else(|| {
            NotFound(format!("no attachment of {case} is \"{}\"; see `casepost case attachment {case}`", plain(which)))
                .into()
        }),
        _ => {
            let numbers: Vec<String> = named.iter().map(|one| one.number.to_string()).collect();
            let name = plain(which);
            Err(Refused(format!(
                "several attachments are called \"{name}\": name one by its number ({})",
                numbers.join(", ")
            ))
            .into())
        }
    }
}

fn write(command: &Attachments, one: &Found) -> anyhow::Result<()> {
    let bytes = &one.attachment.bytes;
    let Some(out) = &command.out else {
        let mut stdout = crate::cli::streams::out();
        if stdout.is_terminal() && bytes.iter().any(|b| b.is_ascii_control() && !b.is_ascii_whitespace()) {
            return Err(Refused(
                "it is no text, and a terminal may take it for commands: write it with --out FILE".to_owned(),
            )
            .into());
        }
        return Ok(stdout.write_all(bytes).and_then(|()| stdout.flush())?);
    };
    let path = if out.is_dir() { out.join(&one.attachment.info.name) } else { out.clone() };
    create(&path, bytes)?;
    writeln!(io::stderr(), "{}: {} bytes", path.display(), bytes.len())?;
    Ok(())
}

fn create(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            let path = path.display();
            return Err(Refused(format!(
                "{path} exists already, and nothing is overwritten: give another name with --out"
            ))
            .into());
        }
        opened => opened.with_context(|| format!("cannot write {}: give another name with --out", path.display()))?,
    };
    file.write_all(bytes).with_context(|| format!("cannot write all of it to {}", path.display()))
}
