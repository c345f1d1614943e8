//! What staff put into the directory: one record at a time, from a line of a file or from the command line, checked and
//! written in the caller's transaction, with a line of history.

mod contact;
mod organisation;
mod service;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::office::Office;
use crate::store::{
    StoreError,
    directory_history::{self, Record},
    organisations,
};

/// Column and value, in the order in which they were given. A value that is empty takes away what was there.
pub type Fields = [(&'static str, String)];

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    New,
    Changed,
    Same,
}

#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// `field` is the column that must be corrected
    #[error("{message}")]
    Wrong { field: Option<&'static str>, message: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn wrong(field: &'static str, message: impl Into<String>) -> DirectoryError {
    DirectoryError::Wrong { field: Some(field), message: message.into() }
}

/// Writes records into the directory.
pub struct Clerk<'a> {
    tx: &'a Connection,
    office: &'a Office,
    /// under which name the history shows it
    actor: &'a str,
    now: DateTime<Utc>,
    /// domains at which everybody can have an address are taken, too
    forced: bool,
    /// a file names the same organisations over and over
    organisations: HashMap<String, i64>,
}

impl<'a> Clerk<'a> {
    pub fn new(tx: &'a Connection, office: &'a Office, actor: &'a str, now: DateTime<Utc>) -> Clerk<'a> {
        Clerk { tx, office, actor, now, forced: false, organisations: HashMap::new() }
    }

    /// Also takes domains at which everybody can have an address.
    pub fn forced(self, forced: bool) -> Clerk<'a> {
        Clerk { forced, ..self }
    }

    /// The number of an organisation by its name or customer number.
    fn organisation(&mut self, who: &str) -> Result<i64, DirectoryError> {
        if let Some(id) = self.organisations.get(who) {
            return Ok(*id);
        }
        let found = organisations::named(self.tx, who)?.ok_or_else(|| {
            wrong("organisation", format!("there is no organisation \"{who}\" (name or customer number): add it first"))
        })?;
        self.organisations.insert(who.to_owned(), found.id);
        Ok(found.id)
    }

    fn note(&self, record: (Record, i64), what: &str) -> Result<(), StoreError> {
        directory_history::add(self.tx, record, self.actor, what, self.now)
    }

    fn note_changes(&self, record: (Record, i64), is_new: bool, changes: &[String]) -> Result<Change, StoreError> {
        if is_new {
            self.note(record, "added")?;
            return Ok(Change::New);
        }
        if changes.is_empty() {
            return Ok(Change::Same);
        }
        self.note(record, &changes.join("; "))?;
        Ok(Change::Changed)
    }
}

/// `name: old -> new`, where the two differ.
fn changed(changes: &mut Vec<String>, field: &str, before: &str, after: &str) {
    let shown = |value: &str| if value.is_empty() { "nothing".to_owned() } else { value.to_owned() };
    if before != after {
        changes.push(format!("{field}: {} -> {}", shown(before), shown(after)));
    }
}

/// None for an empty text; blanks at both ends go, and line ends become blanks.
fn text(value: &str) -> Option<String> {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    (!value.is_empty()).then_some(value)
}

/// The words of a cell: divided by blanks, commas or semicolons.
fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty())
}

/// The value that is given for a column.
fn given<'f>(fields: &'f Fields, name: &str) -> Option<&'f str> {
    fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.trim())
}
