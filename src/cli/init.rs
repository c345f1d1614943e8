//! `casepost init`: a commented configuration and the signing key.

use std::{
    fs::{OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use anyhow::Context as _;
use clap::Args;

use super::context::Context;
use crate::{config, mail::token::Keyring};

#[derive(Debug, Args)]
#[command(
    after_help = "Writes the configuration (--config, or casepost.toml in this folder) and casepost.key beside it; never \
    overwrites either; where only the key is missing, it writes that. What is not given stands in the file as an example to be filled in.\n\n\
    Examples:\n  \
    casepost init --name 'Example Support' --address support@example.com \\\n      \
    --imap 'imaps://support%40example.com@mail.example.com/INBOX' \\\n      \
    --smtp 'smtps://support%40example.com@mail.example.com' --staff 'First line <first.line@example.com>'\n  \
    casepost init --address support@localhost --maildir inbox --smtp maildir:sent"
)]
pub struct Init {
    /// The desk's name, as customers see it
    #[arg(long)]
    name: Option<String>,
    /// The desk's address: what it writes as, and reads
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
    /// Where the database is to lie [default: casepost.db, beside the configuration]
    #[arg(long, value_name = "FILE")]
    data: Option<String>,
    /// Where mail comes from: imaps://user@host/folder; an @ in the user is written %40
    #[arg(long, value_name = "URL", conflicts_with = "maildir")]
    imap: Option<String>,
    /// Where mail comes from: a Maildir instead
    #[arg(long, value_name = "DIR")]
    maildir: Option<String>,
    /// A file with the mailbox's password
    #[arg(long, value_name = "FILE")]
    imap_password_file: Option<String>,
    /// Where mail goes: smtps://user@host, smtp://… or maildir:DIR
    #[arg(long, value_name = "URL")]
    smtp: Option<String>,
    /// A file with the password for sending
    #[arg(long, value_name = "FILE")]
    smtp_password_file: Option<String>,
    /// One of the staff: 'Name <address>'; may be given several times
    #[arg(long, value_name = "PERSON")]
    staff: Vec<String>,
    /// By which policy the desk works
    #[arg(long)]
    policy: Option<String>,
}

pub fn run(context: &Context, command: &Init) -> anyhow::Result<()> {
    let path = context.config_path();
    let key = path.with_file_name("casepost.key");
    if path.exists() && !key.exists() {
        write_secret(&key, &new_key()?)?;
        say!("{} exists and stays as it is", path.display());
        say!("wrote {}: the key that signs the desk's mail; keep it, and keep it to yourself", key.display());
        return Ok(());
    }
    for file in [path, &key] {
        anyhow::ensure!(!file.exists(), "{} exists; it is not overwritten", file.display());
    }
    let answers = config::InitAnswers {
        name: command.name.clone(),
        address: command.address.clone(),
        data: command.data.clone(),
        imap: command.imap.clone(),
        maildir: command.maildir.clone(),
        imap_password_file: command.imap_password_file.clone(),
        smtp: command.smtp.clone(),
        smtp_password_file: command.smtp_password_file.clone(),
        staff: command.staff.clone(),
        policy: command.policy.clone(),
    };
    let text = config::default_text(&answers)?;
    write_new(path, &text, 0o644)?;
    write_secret(&key, &new_key()?)?;
    say!("wrote {}: read it and fill in what is missing", path.display());
    say!("wrote {}: the key that signs the desk's mail; keep it, and keep it to yourself", key.display());
    say!("next: casepost --config {} check", path.display());
    Ok(())
}

/// The text of a new key file.
pub fn new_key() -> anyhow::Result<String> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!("the system gives no random numbers: {e}"))?;
    Ok(Keyring::generate("a", random))
}

/// Writes a new file that only its owner may read.
pub fn write_secret(path: &Path, text: &str) -> anyhow::Result<()> {
    write_new(path, text, 0o600)
}

fn write_new(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        if gives_files_to_its_group(path.parent()) {
            // Said again, since root's umask may have taken it away.
            file.set_permissions(Permissions::from_mode(mode | 0o040))?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Setgid, as /etc/casepost of the Debian package: there root writes what the service's group has to read.
fn gives_files_to_its_group(folder: Option<&Path>) -> bool {
    const SETGID: u32 = 0o2000;
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::metadata(folder).is_ok_and(|folder| folder.mode() & SETGID != 0)
}
