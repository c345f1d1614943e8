//! `casepost status-page …`: the public page, without the daemon.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::context::Context;
use crate::daemon::{office::Office, status_page};

#[derive(Debug, Subcommand)]
pub enum StatusPageCommand {
    /// Write the status page's files into a folder, once
    Write(Write),
}

#[derive(Debug, Args)]
#[command(
    after_help = "The daemon writes the folder that `[web] directory` in the configuration names by itself. This is for a \
    desk that cron runs, and for looking at a page before it is public. Each file is replaced whole, one that has not \
    changed is left untouched, and what is gone is removed. A folder that holds files of others, and none of the page's, is refused.\n\n\
    Examples:\n  \
    casepost status-page write\n  \
    casepost status-page write /tmp/status-page"
)]
pub struct Write {
    /// The folder [default: that of `[web] directory`]
    folder: Option<PathBuf>,
}

pub fn run(context: &Context, command: &StatusPageCommand) -> anyhow::Result<()> {
    let StatusPageCommand::Write(command) = command;
    let (config, db) = context.read()?;
    let Some(folder) = command.folder.as_ref().or(config.web.directory.as_ref()) else {
        anyhow::bail!("no folder is named: give one, or set `directory` under [web] in the configuration");
    };
    let now = context.now(&db)?;
    // No key is needed for what is public, but the desk's templates and policy are.
    let office = Office::load(&config)?;
    let page = status_page::gather(&db, &office, &config.web, now)?;
    let done = status_page::write(&page, &office, folder, now)?;
    say!(
        "{}: {} files written, {} unchanged, {} removed",
        folder.display(),
        done.written,
        done.unchanged,
        done.removed
    );
    Ok(())
}
