//! Adapters to mail: where it comes from ([`imap`], [`maildir`]) and where it goes ([`smtp`], [`maildir`]).
//!
//! They move bytes and say precisely what happened; they decide nothing about cases and know no database.

mod error;
pub mod imap;
mod imap_fetch;
mod imap_session;
mod imap_text;
mod login;
pub mod maildir;
pub mod smtp;
mod smtp_session;
pub mod tls;
mod wire;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, Utc};

pub use error::PostError;
pub use login::{Login, Secret, SecretReader};
pub use tls::CertificateProblem;

/// Which mail of a source: an IMAP UID, or the unique name of a file in a Maildir (before `:2,`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MailKey {
    Uid(u32),
    File(String),
}

impl std::fmt::Display for MailKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            MailKey::Uid(uid) => write!(f, "{uid}"),
            MailKey::File(name) => f.write_str(name),
        }
    }
}

/// A mail that is there to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub key: MailKey,
    pub size_bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Whole(Vec<u8>),
    /// above the size that the desk accepts: the header and the first part of the text
    Partial(Vec<u8>),
    /// the server names this mail but does not give it up, even asked for alone
    Unreadable(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub key: MailKey,
    pub size_bytes: u64,
    /// INTERNALDATE, or the file's time, in whole seconds
    pub received_at: DateTime<Utc>,
    pub body: Body,
}

/// How much of a mail above the accepted size is fetched.
const PARTIAL_BYTES: u64 = 256 * 1024;

/// Mails that one look into a source names.
const WAITING: usize = 5000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxState {
    /// UIDVALIDITY; 0 for a Maildir
    pub epoch: u32,
    /// UIDNEXT, when the server says it
    pub next_uid: Option<u32>,
    pub messages: u32,
}

/// What is done at the source with a mail that is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    Seen,
    Move(String),
    Delete,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    Implicit,
    StartTls,
    /// plain text, only where the configuration says so
    None,
}

#[derive(Debug, Clone)]
pub struct ServerSettings {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// the authority that signed the server's certificate, instead of the system's
    pub ca_file: Option<PathBuf>,
    pub login: Option<Login>,
    /// how long a silent server is waited for
    pub patience: Duration,
}

impl ServerSettings {
    /// `host:port`, for errors.
    fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

#[derive(Debug, Clone)]
pub struct ImapSettings {
    pub server: ServerSettings,
    pub folder: String,
    /// A mail that the server does not give is reported as unreadable also when there is no other beside it, by which to
    /// tell whether the mail is to blame or the server.
    pub last_resort: bool,
}

/// Where mail comes from.
pub enum Source {
    Imap(Box<imap::ImapSource>),
    Maildir(maildir::MaildirSource),
}

impl Source {
    pub async fn open_imap(settings: &ImapSettings) -> Result<Source, PostError> {
        Ok(Source::Imap(Box::new(imap::ImapSource::open(settings).await?)))
    }

    pub fn open_maildir(path: &Path) -> Result<Source, PostError> {
        Ok(Source::Maildir(maildir::MaildirSource::open(path)?))
    }

    pub async fn state(&mut self) -> Result<MailboxState, PostError> {
        match self {
            Source::Imap(imap) => Ok(imap.state()),
            Source::Maildir(maildir) => maildir.state(),
        }
    }

    /// What waits, in the mailbox's order, at most five thousand: of an IMAP mailbox the mails from this UID on, of a
    /// Maildir the files in `new/`.
    pub async fn waiting(&mut self, from_uid: u32) -> Result<Vec<Waiting>, PostError> {
        match self {
            Source::Imap(imap) => imap.waiting(from_uid).await,
            Source::Maildir(maildir) => maildir.waiting(),
        }
    }

    /// The mails of a batch, in the given order. One that is gone meanwhile is left out; that it is gone is certain.
    pub async fn fetch(&mut self, batch: &[Waiting], max_size_bytes: u64) -> Result<Vec<Fetched>, PostError> {
        match self {
            Source::Imap(imap) => imap.fetch(batch, max_size_bytes).await,
            Source::Maildir(maildir) => maildir.fetch(batch, max_size_bytes),
        }
    }

    /// Marks, moves or deletes mails that are committed. May be done again without harm.
    pub async fn finish(&mut self, keys: &[MailKey], after: &After) -> Result<(), PostError> {
        match self {
            Source::Imap(imap) => imap.finish(keys, after).await,
            Source::Maildir(maildir) => maildir.finish(keys, after),
        }
    }

    /// Waits for new mail: until the server tells of some (with `idle`, where it can), until `at_most` has passed, or
    /// until `stop`.
    pub async fn wait(
        &mut self,
        at_most: Duration,
        idle: bool,
        stop: impl Future<Output = ()>,
    ) -> Result<(), PostError> {
        match self {
            Source::Imap(imap) => imap.wait(at_most, idle, stop).await,
            Source::Maildir(_) => {
                tokio::select! {
                    () = tokio::time::sleep(at_most) => {}
                    () = stop => {}
                }
                Ok(())
            }
        }
    }

    pub async fn close(self) {
        if let Source::Imap(imap) = self {
            imap.close().await;
        }
    }
}

/// A mail on its way out: the same bytes at every try.
#[derive(Debug, Clone)]
pub struct Letter {
    pub envelope_from: String,
    pub recipients: Vec<String>,
    pub message_id: String,
    pub bytes: Vec<u8>,
}

/// What the mail server said about one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Accepted(String),
    /// for good (5xx)
    Refused(String),
    /// for now: 4xx, no connection, silence before the final dot
    Deferred(String),
    /// no answer after the final dot: the server may have it
    Unknown(String),
}

/// What became of a letter that a server was asked to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// one per recipient, in their order
    pub outcomes: Vec<Outcome>,
    /// the connection was lost over it
    pub broke: bool,
}

/// Where mail goes.
pub enum Transport {
    Smtp(Box<smtp::SmtpPool>),
    Maildir(PathBuf),
}

impl Transport {
    pub fn smtp(settings: smtp::SmtpSettings) -> Transport {
        Transport::Smtp(Box::new(smtp::SmtpPool::new(settings)))
    }

    pub fn maildir(path: PathBuf) -> Transport {
        Transport::Maildir(path)
    }

    /// Sends a letter. An error means that there is no way out at all: nothing was said of this letter, and no other
    /// would fare better.
    pub async fn send(&self, letter: &Letter) -> Result<Sent, PostError> {
        match self {
            Transport::Smtp(pool) => pool.send(letter).await,
            Transport::Maildir(path) => {
                maildir::deliver(path, letter)?;
                let outcomes = vec![Outcome::Accepted("written".to_owned()); letter.recipients.len()];
                Ok(Sent { outcomes, broke: false })
            }
        }
    }

    /// Letters that may be under way at once.
    pub fn connections(&self) -> usize {
        match self {
            Transport::Smtp(pool) => pool.connections(),
            Transport::Maildir(_) => 4,
        }
    }

    /// Connects and logs in, and sends nothing.
    pub async fn check(&self) -> Result<(), PostError> {
        match self {
            Transport::Smtp(pool) => pool.check().await,
            Transport::Maildir(path) => maildir::make(path),
        }
    }

    pub async fn close(&self) {
        if let Transport::Smtp(pool) = self {
            pool.close().await;
        }
    }
}
