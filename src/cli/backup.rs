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
    let file = command.file.display();
    let folder = command.file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        anyhow::bail!("cannot write the backup {file}: there is no folder {}; make it first", folder.display());
    }
    open::copy(&db, &command.file)?;
    let size_bytes = std::fs::metadata(&command.file).map(|m| m.len()).unwrap_or_default();
    say!("copied {} to {file} ({})", config.data.display(), in_units(size_bytes));
    Ok(())
}

fn in_units(size_bytes: u64) -> String {
    match size_bytes {
        0..1_000_000 => format!("{} kB", size_bytes / 1000),
        _ => format!("{} MB", size_bytes / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_copy_is_not_said_to_be_empty() {
        assert_eq!(in_units(786_432), "786 kB");
        assert_eq!(in_units(12_345_678), "12 MB");
    }
}
