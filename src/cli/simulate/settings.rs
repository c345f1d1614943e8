//! What all stories of a policy share: its rules and templates, read once, and an empty database to copy.

use std::{cell::Cell, path::PathBuf, sync::Arc};

use rusqlite::Connection;

use super::scenario::{Scenario, Told};
use crate::{
    config::Config,
    daemon::office::{Office, OfficeError, staff},
    desk::{
        policy::{PolicyError, RuleFile},
        service_desk::ServiceDesk,
    },
    mail::token::Keyring,
    store::{meta, open},
};

/// A desk that nobody has: its mailbox and its mail server are the simulation's.
pub const CONFIG: &str = r#"
[desk]
name = "Example Support"
address = "support@desk.example"
[[mailbox]]
name = "support"
aliases = ["help@desk.example"]
maildir = "inbox"
authserv_id = "mx.desk.example"
[smtp]
url = "maildir:sent"
"#;

/// By which a policy's stories are played.
pub struct Settings {
    pub config: Config,
    pub office: Office,
    /// an empty database
    model: Connection,
    /// one that a story has left
    spare: Cell<Option<Connection>>,
}

/// A policy and the own folders that lie over the built-in ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub policy: String,
    pub rules: Option<PathBuf>,
    pub templates: Option<PathBuf>,
    /// what the story has other than the policy
    pub changes: Option<Changes>,
}

/// Keys of a policy as a scenario has them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Changes {
    /// how they are named in errors
    pub shown: String,
    /// as in a policy's file
    pub text: String,
}

impl Settings {
    pub fn load(place: &Place) -> anyhow::Result<Settings> {
        let mut config = Config::of_text("the desk of the scenarios", CONFIG)?;
        config.policy.clone_from(&place.policy);
        config.rules.clone_from(&place.rules);
        config.templates.clone_from(&place.templates);
        // Always the same key, so that the same story is the same to the last letter.
        let keyring = Keyring::parse(&Keyring::generate("k1", [7; 32]))?;
        let office = match &place.changes {
            Some(changes) => changes.office(&config, keyring)?,
            None => Office::with_key(&config, keyring)?,
        };
        Ok(Settings { config, office, model: empty(open::in_memory()?)?, spare: Cell::new(None) })
    }

    /// The desk of a story: this policy's, with the story's staff.
    pub fn tell(&self, scenario: Scenario) -> Told {
        let mut config = self.config.clone();
        config.staff.clone_from(&scenario.staff);
        let of_story = staff(&scenario.staff, &self.office.desk.policy);
        let desk = ServiceDesk { staff: of_story, ..self.office.desk.clone() };
        Told { scenario, config, office: Arc::new(Office { desk, ..self.office.clone() }) }
    }

    /// An empty database in memory.
    pub fn database(&self) -> anyhow::Result<Connection> {
        if let Some(db) = self.spare.take()
            && open::clear(&db).is_ok()
        {
            return empty(db);
        }
        Ok(open::in_memory_like(&self.model)?)
    }

    /// A story has ended with this database, which another one may have.
    pub fn give_back(&self, db: Connection) {
        self.spare.set(Some(db));
    }
}

impl Changes {
    fn office(&self, config: &Config, keyring: Keyring) -> Result<Office, OfficeError> {
        let text = format!("extends = \"{}\"\n{}", config.policy, self.text);
        let file = RuleFile { shown: self.shown.clone(), text };
        Office::with_changes(config, keyring, &file).map_err(|e| match e {
            // The lines are not those of the scenario.
            OfficeError::Policy(PolicyError::Toml(mut e)) if e.file == self.shown => {
                e.line = None;
                PolicyError::Toml(e).into()
            }
            e => e,
        })
    }
}

/// Gives a new database the references that all stories have.
pub fn empty(mut db: Connection) -> anyhow::Result<Connection> {
    open::transaction(&mut db, |tx| meta::give_reference_key(tx, [7; 32]))?;
    Ok(db)
}
