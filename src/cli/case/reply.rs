//! `casepost case reply`: answer the customer.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;

use super::reference;
use crate::{
    cli::context::Context,
    daemon::staff::find,
    desk::{
        lifecycle::{Act, Then},
        reference::Reference,
    },
    mail::{address::Address, compose::Attachment},
};

/// What goes with one reply at most; more is refused by nearly every mail server.
const ATTACHMENTS_BYTES: u64 = 20_000_000;

#[derive(Debug, Args)]
#[command(after_help = "The mail goes to the requester, with the case's participants in Cc.\n\n\
    Examples:\n  \
    casepost case reply 1-0123456789 --file answer.txt --await\n  \
    echo 'The line is up again.' | casepost case reply 1-0123456789 --resolve")]
pub struct Reply {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// The text: a file, or `-` for standard input
    #[arg(long, value_name = "FILE", default_value = "-", conflicts_with = "text")]
    file: PathBuf,
    /// The text itself
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Somebody else to get this mail, and from now on the mails of staff on this case
    #[arg(long, value_name = "ADDRESS")]
    cc: Vec<String>,
    /// A file to go with it
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
    /// The customer has to answer: two business days of silence bring a warning, one more the closing
    #[arg(long = "await", conflicts_with = "resolve")]
    awaiting: bool,
    /// The work is done: the customer is asked to confirm
    #[arg(long)]
    resolve: bool,
}

pub fn run(context: &Context, command: &Reply) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let text = text(command)?;
    let attachments = command.attach.iter().map(|p| attachment(p)).collect::<anyhow::Result<Vec<_>>>()?;
    let total: u64 = attachments.iter().map(|a| a.bytes.len() as u64).sum();
    anyhow::ensure!(
        total <= ATTACHMENTS_BYTES,
        "the attachments have {total} bytes; more than {ATTACHMENTS_BYTES} arrive nowhere"
    );
    let cc = command.cc.iter().map(|a| address(a, "--cc")).collect::<anyhow::Result<Vec<_>>>()?;
    let then = match (command.awaiting, command.resolve) {
        (true, _) => Then::Await,
        (_, true) => Then::Resolve,
        _ => Then::Keep,
    };
    let case = desk.write(|tx, staff| {
        let case = find(tx, command.reference)?;
        Ok(staff.act(tx, &case, &Act::Reply { text: &text, cc: &cc, then }, &attachments)?)
    })?;
    say!("{}: the reply is in the outbox; status {}", case.reference, case.status);
    Ok(())
}

fn text(command: &Reply) -> anyhow::Result<String> {
    if let Some(text) = &command.text {
        return Ok(text.clone());
    }
    if command.file == Path::new("-") {
        let mut text = String::new();
        crate::cli::streams::input().read_to_string(&mut text).context("cannot read the reply from standard input")?;
        return Ok(text.trim_end().to_owned());
    }
    let text = std::fs::read_to_string(&command.file)
        .with_context(|| format!("cannot read the reply {}", command.file.display()))?;
    Ok(text.trim_end().to_owned())
}

/// An address as it was given with an option.
pub(super) fn address(text: &str, option: &str) -> anyhow::Result<Address> {
    let bare = text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end_matches('>'));
    let name = text.rsplit_once('<').map(|(name, _)| name.trim().trim_matches('"'));
    let address = Address::new(name, bare);
    anyhow::ensure!(
        address.email.contains('@') && !address.email.contains(char::is_whitespace),
        "{option} \"{text}\" is no mail address"
    );
    Ok(address)
}

fn attachment(path: &Path) -> anyhow::Result<Attachment> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the attachment {}", path.display()))?;
    let name = path.file_name().map_or_else(|| "attachment".to_owned(), |n| n.to_string_lossy().into_owned());
    let content_type = match path.extension().and_then(|e| e.to_str()).map(str::to_lowercase).as_deref() {
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("txt" | "log") => "text/plain",
        Some("csv") => "text/csv",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    };
    Ok(Attachment { name, content_type: content_type.to_owned(), bytes })
}
