//! `casepost.toml`: where mail comes from and goes to, who the desk and its staff are. Paths are relative to the file.
//!
//! [`file`] is the file as it is written, [`Config`] what the program works with; [`default_text`] writes a new one.

pub mod exposure;
mod file;
mod secret;
mod url;
mod written;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

pub use secret::SecretSource;
pub use written::{InitAnswers, default_text};

use crate::{
    post::{After, Tls},
    toml_file::TomlError,
};

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}: {why}; `casepost init` writes a new one")]
    Read { path: String, why: String },
    #[error(
        "cannot read {path}: {why}; the desk's own user may (with the Debian package: sudo -u casepost casepost …)"
    )]
    Forbidden { path: String, why: String },
    #[error(transparent)]
    Toml(#[from] TomlError),
    #[error("{0}")]
    Secret(String),
    #[error("{0}")]
    Init(String),
}

#[derive(Debug, Clone)]
pub struct Config {
    /// the database
    pub data: PathBuf,
    /// a folder under rules/
    pub policy: String,
    pub answer_within: chrono::Duration,
    /// own folders, laid over the built-in ones
    pub rules: Option<PathBuf>,
    pub templates: Option<PathBuf>,
    pub desk: DeskConfig,
    pub mailboxes: Vec<MailboxConfig>,
    pub smtp: SmtpConfig,
    pub staff: Vec<StaffConfig>,
}

#[derive(Debug, Clone)]
pub struct DeskConfig {
    pub name: String,
    pub address: String,
    pub key_file: PathBuf,
}

#[derive(Debug, Clone)]
pub struct MailboxConfig {
    pub name: String,
    pub address: String,
    pub aliases: Vec<String>,
    pub source: SourceConfig,
    pub after: After,
    pub start: Start,
    pub poll: Duration,
    pub idle: bool,
    pub max_size_bytes: u64,
    pub authserv_id: Option<String>,
}

#[derive(Debug, Clone)]
pub enum SourceConfig {
    Imap(ImapConfig),
    Maildir(PathBuf),
}

#[derive(Debug, Clone)]
pub struct ImapConfig {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub ca_file: Option<PathBuf>,
    pub username: String,
    pub folder: String,
    pub secret: Option<SecretSource>,
}

/// What of a mailbox is taken in when it is read for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    All,
    /// only what comes from now on
    New,
}

#[derive(Debug, Clone)]
pub struct SmtpConfig {
    pub outlet: SmtpOutlet,
    pub connections: usize,
}

#[derive(Debug, Clone)]
pub enum SmtpOutlet {
    Smtp(SmtpServer),
    Maildir(PathBuf),
}

#[derive(Debug, Clone)]
pub struct SmtpServer {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub ca_file: Option<PathBuf>,
    pub username: Option<String>,
    pub secret: Option<SecretSource>,
}

#[derive(Debug, Clone)]
pub struct StaffConfig {
    pub name: String,
    pub address: String,
}

impl Config {
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|e| {
            let (path, why) = (path.display().to_string(), e.to_string());
            match e.kind() {
                std::io::ErrorKind::PermissionDenied => ConfigError::Forbidden { path, why },
                _ => ConfigError::Read { path, why },
            }
        })?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(file::understand(&path.display().to_string(), &text, &folder)?)
    }

    /// All addresses that belong to the desk, in lower case.
    pub fn own_addresses(&self) -> Vec<String> {
        let of_mailboxes = self.mailboxes.iter().flat_map(|m| std::iter::once(&m.address).chain(&m.aliases));
        let mut all: Vec<String> =
            std::iter::once(&self.desk.address).chain(of_mailboxes).map(|a| a.to_lowercase()).collect();
        all.sort();
        all.dedup();
        all
    }

    /// What is allowed, but hardly meant.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.staff.is_empty() {
            warnings.push("no [[staff]]: nobody is told of new cases".to_owned());
        }
        let secrets = self.mailboxes.iter().filter_map(|m| match &m.source {
            SourceConfig::Imap(imap) => imap.secret.as_ref(),
            SourceConfig::Maildir(_) => None,
        });
        let outgoing = match &self.smtp.outlet {
            SmtpOutlet::Smtp(server) => server.secret.as_ref(),
            SmtpOutlet::Maildir(_) => None,
        };
        warnings.extend(secrets.chain(outgoing).filter_map(SecretSource::warning));
        warnings
    }
}

impl MailboxConfig {
    /// Does mail to this address arrive in this mailbox?
    pub fn reads(&self, address: &str) -> bool {
        std::iter::once(&self.address).chain(&self.aliases).any(|a| a.eq_ignore_ascii_case(address))
    }
}
