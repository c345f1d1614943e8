//! `casepost.toml`: where mail comes from and goes to, who the desk and its staff are. Paths are relative to the file.
//!
//! [`file`] is the file as it is written, [`Config`] what the program works with; [`default_text`] writes a new one.

pub mod exposure;
mod file;
pub mod person;
mod secret;
pub mod url;
mod written;

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

pub use file::{Staff as WrittenStaff, understand_staff};
pub use secret::SecretSource;
pub use written::{InitAnswers, ServerAnswers, default_text};

use chrono_tz::Tz;

use crate::{
    desk::{policy::Week, staff_member::Right},
    mail::address::Address,
    post::{After, ImapSettings, Login, SecretReader, ServerSettings, Tls},
    toml_file::TomlError,
};

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}: {why}")]
    Read { path: String, why: String },
    #[error(
        "there is no {path}; `casepost init` writes one, --config FILE names another; without it casepost.toml in this \
         folder is read, else /etc/casepost/casepost.toml"
    )]
    Missing { path: String },
    #[error("{path} is a folder; name the file in it: --config {}", Path::new(path).join("casepost.toml").display())]
    Folder { path: String },
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
    pub web: WebConfig,
}

/// Where the status page is. Without any of it there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebConfig {
    /// where the daemon serves it
    pub listen: Option<SocketAddr>,
    /// where the public finds it, without a slash at its end: mails lead there
    pub url: Option<String>,
    /// where the daemon writes its files
    pub directory: Option<PathBuf>,
}

/// What `casepost status` has to know, also of a configuration that is not right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// the database
    pub data: PathBuf,
    /// their names; none where they can't be read
    pub mailboxes: Option<Vec<String>>,
}

#[derive(Debug, Clone)]
pub struct DeskConfig {
    pub name: String,
    pub address: String,
    /// as whom it writes of planned works; none: as of everything else
    pub planned_works: Option<Address>,
    pub key_file: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceConfig {
    Imap(ImapConfig),
    Maildir(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImapConfig {
    pub server: ServerConfig,
    pub folder: String,
}

/// A mail server and how the desk logs in there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub ca_file: Option<PathBuf>,
    pub login: Option<LoginConfig>,
    /// how long it may be silent
    pub timeout: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginConfig {
    pub username: String,
    pub secret: SecretSource,
}

/// What of a mailbox is taken in when it is read for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    All,
    /// only what comes from now on
    New,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpConfig {
    pub outlet: SmtpOutlet,
    pub connections: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmtpOutlet {
    Smtp(ServerConfig),
    Maildir(PathBuf),
}

#[derive(Debug, Clone)]
pub struct StaffConfig {
    pub name: String,
    pub address: String,
    /// hears of what the assignee let pass
    pub lead: bool,
    pub rights: BTreeSet<Right>,
    /// platforms and products that they know, in lower case
    pub products: BTreeSet<String>,
    /// when they are at work, in `zone`
    pub shift: Option<Week>,
    /// none: the policy's
    pub zone: Option<Tz>,
    pub telephone: Option<String>,
}

impl Config {
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|e| {
            let (path, why) = (path.display().to_string(), e.to_string());
            match e.kind() {
                std::io::ErrorKind::PermissionDenied => ConfigError::Forbidden { path, why },
                std::io::ErrorKind::NotFound => ConfigError::Missing { path },
                std::io::ErrorKind::IsADirectory => ConfigError::Folder { path },
                _ => ConfigError::Read { path, why },
            }
        })?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Ok(file::understand(&path.display().to_string(), &text, &folder)?)
    }

    /// Understands a configuration that is no file.
    pub fn of_text(name: &str, text: &str) -> Result<Config, ConfigError> {
        Ok(file::understand(name, text, Path::new(""))?)
    }

    pub fn outline(&self) -> Outline {
        let names = self.mailboxes.iter().map(|m| m.name.clone()).collect();
        Outline { data: self.data.clone(), mailboxes: Some(names) }
    }

    /// What can be known of a file that is not right; none where not even its database can.
    pub fn outline_of(path: &Path) -> Option<Outline> {
        let text = std::fs::read_to_string(path).ok()?;
        file::outline(&text, path.parent().unwrap_or(Path::new("")))
    }

    /// All addresses that belong to the desk, in lower case.
    pub fn own_addresses(&self) -> Vec<String> {
        let of_mailboxes = self.mailboxes.iter().flat_map(|m| std::iter::once(&m.address).chain(&m.aliases));
        let mut all: Vec<String> = std::iter::once(&self.desk.address)
            .chain(self.desk.planned_works.as_ref().map(|address| &address.email))
            .chain(of_mailboxes)
            .map(|a| a.to_lowercase())
            .collect();
        all.sort();
        all.dedup();
        all
    }

    /// What of another configuration takes effect only when the daemon starts.
    pub fn differences_that_need_a_restart(&self, other: &Config) -> Vec<&'static str> {
        let mut parts = Vec::new();
        if self.data != other.data {
            parts.push("data");
        }
        if self.mailboxes != other.mailboxes {
            parts.push("[[mailbox]]");
        }
        if self.smtp != other.smtp {
            parts.push("[smtp]");
        }
        if self.web != other.web {
            parts.push("[web]");
        }
        parts
    }

    /// What is allowed, but hardly meant.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Some(own) = self.desk.planned_works.as_ref().filter(|own| !self.is_read(&own.email)) {
            warnings.push(format!(
                "[desk] planned_works: no mailbox reads {}: name it in the aliases of the one to which its mail comes",
                own.email
            ));
        }
        if self.staff.is_empty() {
            warnings.push("no [[staff]]: nobody is told of new cases".to_owned());
        }
        if let Some(listen) = self.web.listen.filter(|listen| !listen.ip().is_loopback()) {
            warnings.push(format!(
                "[web] listen = \"{listen}\" is open to other machines without TLS: let a web server on this machine stand \
                 before it, and listen on 127.0.0.1"
            ));
        }
        warnings.extend(self.logins().filter_map(|login| login.secret.warning()));
        warnings
    }

    /// Does a mailbox get mail to this address?
    fn is_read(&self, email: &str) -> bool {
        let of_mailboxes = self.mailboxes.iter().flat_map(|m| std::iter::once(&m.address).chain(&m.aliases));
        of_mailboxes.into_iter().any(|own| own.eq_ignore_ascii_case(email))
    }

    /// Files that are to hold passwords, and are not there.
    pub fn missing_password_files(&self) -> Vec<&Path> {
        let mut missing: Vec<&Path> = Vec::new();
        for login in self.logins() {
            match &login.secret {
                SecretSource::File(path) if !path.exists() && !missing.contains(&path.as_path()) => missing.push(path),
                _ => {}
            }
        }
        missing
    }

    fn logins(&self) -> impl Iterator<Item = &LoginConfig> {
        let incoming = self.mailboxes.iter().filter_map(|m| match &m.source {
            SourceConfig::Imap(imap) => Some(&imap.server),
            SourceConfig::Maildir(_) => None,
        });
        let outgoing = match &self.smtp.outlet {
            SmtpOutlet::Smtp(server) => Some(server),
            SmtpOutlet::Maildir(_) => None,
        };
        incoming.chain(outgoing).filter_map(|server| server.login.as_ref())
    }
}

impl ServerConfig {
    pub fn settings(&self) -> ServerSettings {
        let login = self.login.clone().map(|login| {
            let source = login.secret;
            let secret: SecretReader = Arc::new(move || source.read().map_err(|e| e.to_string()));
            Login { username: login.username, secret }
        });
        ServerSettings {
            host: self.host.clone(),
            port: self.port,
            tls: self.tls,
            ca_file: self.ca_file.clone(),
            login,
            patience: self.timeout,
        }
    }
}

impl ImapConfig {
    pub fn settings(&self) -> ImapSettings {
        ImapSettings { server: self.server.settings(), folder: self.folder.clone(), last_resort: false }
    }
}

impl MailboxConfig {
    /// Does mail to this address arrive in this mailbox?
    pub fn reads(&self, address: &str) -> bool {
        std::iter::once(&self.address).chain(&self.aliases).any(|a| a.eq_ignore_ascii_case(address))
    }
}
