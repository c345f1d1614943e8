//! `casepost contact …`, `casepost organisation …`, `casepost service …`: who the desk's customers are.

mod calendar;
pub(super) mod contact;
mod import;
pub(super) mod organisation;
pub(super) mod service;
pub(super) mod table;

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{context::Context, exit::NotFound};
use crate::{
    daemon::directory::{Change, Clerk, DirectoryError},
    desk::{
        directory::{
            Organisation,
            columns::{self, Column},
        },
        hours::{Zone, say_short},
    },
    store::{
        directory_history::{self, Record},
        open, organisations,
    },
};

/// A file to read records from.
#[derive(Debug, Args)]
pub struct Import {
    /// A CSV file in UTF-8 with a header line, its values separated by commas or semicolons; `-` is the standard input
    file: PathBuf,
    /// Say what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Also take domains at which everybody can have an address, and the desk's own
    #[arg(long)]
    force: bool,
}

/// Values to set.
#[derive(Debug, Args)]
pub struct Values {
    /// What to set: `key=value`; with nothing behind the `=` it is taken away
    #[arg(required = true, value_name = "KEY=VALUE")]
    values: Vec<String>,
    /// Add it; without this only what is there is changed
    #[arg(long)]
    new: bool,
    /// Also take domains at which everybody can have an address, and the desk's own
    #[arg(long)]
    force: bool,
}

/// A page of a list.
#[derive(Debug, Args)]
pub struct Page {
    /// How many on a page; 50, or with --json all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Which page
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    /// One array of objects instead of a table
    #[arg(long)]
    json: bool,
}

impl Page {
    fn limit(&self) -> u32 {
        self.limit.unwrap_or(if self.json { u32::MAX } else { 50 })
    }

    fn offset(&self) -> u32 {
        (self.page - 1).saturating_mul(self.limit())
    }
}

/// `key=value` as columns.
fn pairs(columns: &[Column], values: &[String]) -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut all = Vec::new();
    for pair in values {
        let Some((key, value)) = pair.split_once('=') else {
            bail!("\"{pair}\": write key=value (keys: {})", columns::names(columns));
        };
        let Some(column) = columns::find(columns, key) else {
            bail!("\"{key}\" is unknown (known: {})", columns::names(columns));
        };
        all.push((column, value.to_owned()));
    }
    Ok(all)
}

/// Runs one change in a transaction, and says what came of it.
fn change(
    context: &Context,
    shown: &str,
    force: bool,
    work: impl FnOnce(&Connection, &mut Clerk<'_>) -> anyhow::Result<Change>,
) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let (office, name, now) = (&desk.office, &desk.name, desk.now);
    let done = open::transaction(&mut desk.db, |tx| work(tx, &mut Clerk::new(tx, office, name, now).forced(force)))?;
    match done {
        Change::New => say!("{shown} added"),
        Change::Changed => say!("{shown} changed"),
        Change::Same => say!("{shown} is so already"),
    }
    Ok(())
}

fn in_words(error: DirectoryError) -> anyhow::Error {
    match error {
        DirectoryError::Wrong { field: Some(field), message } => anyhow::anyhow!("{field}: {message}"),
        DirectoryError::Wrong { field: None, message } => super::exit::Refused(message).into(),
        DirectoryError::Store(e) => e.into(),
    }
}

fn organisation_named(db: &Connection, who: &str) -> anyhow::Result<Organisation> {
    let found = organisations::named(db, who)?;
    let not_found = || NotFound(format!("there is no organisation \"{who}\"; `casepost organisation list` shows all"));
    Ok(found.ok_or_else(not_found)?)
}

fn name_of(db: &Connection, organisation: Option<i64>) -> anyhow::Result<Option<String>> {
    Ok(organisation.map(|id| organisations::by_id(db, id)).transpose()?.map(|o| o.name))
}

/// The lines of a record's history, for people.
fn history(db: &Connection, record: (Record, i64), zone: &Zone) -> anyhow::Result<Vec<String>> {
    let lines = directory_history::of(db, record)?;
    Ok(lines.iter().map(|line| format!("{} {}: {}", say_short(line.at, zone), line.actor, line.what)).collect())
}

fn history_json(db: &Connection, record: (Record, i64)) -> anyhow::Result<Value> {
    let lines = directory_history::of(db, record)?;
    Ok(lines
        .iter()
        .map(|line| json!({ "at": super::case::json::time(line.at), "actor": line.actor, "what": line.what }))
        .collect())
}
