//! `casepost backup`: a copy of the database, taken while the desk works.

use std::path::PathBuf;

use clap::Args;

use super::context::Context;
use crate::store::open;

#[derive(Debug, Args)]
#[command(
    after_help = "The copy is whole and consistent, whatever the daemon does meanwhile; copying the file by other \
    means is not, unless the daemon is stopped. Keep the configuration and the signing key (casepost.key) with it: \
    without the key, answers to mails that the desk has sent are not recognised by their ids.\n\n\
    To go back to it: stop the daemon, put the copy in the database's place, remove the files with -wal and -shm beside \
    it, start the daemon. Mail that has come since is still in the mailbox and is read again.\n\n\
    Example:\n  \
    casepost backup /var/backups/casepost-$(date +%F).db"
)]
pub struct Backup {
    /// Where to write it; the file must not be there yet
    file: PathBuf,
}

pub fn run(context: &Context, command: &Backup) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    open::copy(&db, &command.file)?;
    let size = std::fs::metadata(&command.file).map(|m| m.len() / 1_000_000).unwrap_or_default();
    say!("copied {} to {} ({size} MB)", config.data.display(), command.file.display());
    Ok(())
}
