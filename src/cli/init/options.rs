//! The options of `casepost init`: all that the dialogue asks for can be given here instead.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::{
    config::{InitAnswers, SecretSource, ServerAnswers, Start},
    post::Tls,
};

#[derive(Debug, Args)]
#[command(
    after_help = "On a terminal, init asks for what is not given, finds the servers where it can, and tries the logins; \
    when the desk's address and both servers are given, or with --no-input, or without a terminal, it asks nothing.\n\n\
    Writes the configuration (--config, or casepost.toml in this folder) and casepost.key beside it; never \
    overwrites either; where only the key is missing, it writes that. What is not given stands in the file as an example to be filled in.\n\n\
    Examples:\n  \
    casepost init\n  \
    casepost init --name 'Example Support' --address support@example.com \\\n      \
    --imap 'imaps://support%40example.com@mail.example.com/INBOX' \\\n      \
    --smtp 'smtps://support%40example.com@mail.example.com' \\\n      \
    --staff 'First line <first.line@example.com>'\n  \
    casepost init --address support@localhost --maildir inbox --smtp maildir:sent"
)]
pub struct Init {
    /// Ask nothing, not even on a terminal
    #[arg(long)]
    pub no_input: bool,
    /// The desk's name, as customers see it
    #[arg(long)]
    pub name: Option<String>,
    /// The desk's address: what it writes as, and reads
    #[arg(long, value_name = "ADDRESS")]
    pub address: Option<String>,
    /// Where the database is to lie [default: casepost.db, beside the configuration]
    #[arg(long, value_name = "FILE")]
    pub data: Option<String>,
    /// One of the staff: 'Name <address>'; may be given several times
    #[arg(long, value_name = "PERSON")]
    pub staff: Vec<String>,
    /// By which policy the desk works
    #[arg(long)]
    pub policy: Option<String>,
    #[command(flatten)]
    incoming: Incoming,
    #[command(flatten)]
    outgoing: Outgoing,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Where mail comes from")]
struct Incoming {
    /// An IMAP folder: imaps://user@host/folder; an @ in the user is written %40
    #[arg(long, value_name = "URL", conflicts_with = "maildir")]
    imap: Option<String>,
    /// With imap://: how the connection is encrypted
    #[arg(long, value_name = "HOW")]
    imap_tls: Option<PlainTls>,
    /// The authority that signed the server's certificate, if it is your own
    #[arg(long, value_name = "FILE")]
    imap_ca_file: Option<String>,
    /// A file with the mailbox's password
    #[arg(long, value_name = "FILE", group = "imap_secret")]
    imap_password_file: Option<PathBuf>,
    /// An environment variable with it
    #[arg(long, value_name = "NAME", group = "imap_secret")]
    imap_password_env: Option<String>,
    /// A command that prints it
    #[arg(long, value_name = "COMMAND", group = "imap_secret")]
    imap_password_command: Option<String>,
    /// A command that prints an OAuth 2.0 access token
    #[arg(long, value_name = "COMMAND", group = "imap_secret")]
    imap_token_command: Option<String>,
    /// What of the mail that is there is taken in
    #[arg(long, value_name = "WHAT")]
    start: Option<First>,
    /// A Maildir instead
    #[arg(long, value_name = "DIR")]
    maildir: Option<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Where mail goes")]
struct Outgoing {
    /// smtps://user@host, smtp://… or maildir:DIR
    #[arg(long, value_name = "URL")]
    smtp: Option<String>,
    /// With smtp://: how the connection is encrypted
    #[arg(long, value_name = "HOW")]
    smtp_tls: Option<PlainTls>,
    /// The authority that signed the server's certificate, if it is your own
    #[arg(long, value_name = "FILE")]
    smtp_ca_file: Option<String>,
    /// A file with the password for sending
    #[arg(long, value_name = "FILE", group = "smtp_secret")]
    smtp_password_file: Option<PathBuf>,
    /// An environment variable with it
    #[arg(long, value_name = "NAME", group = "smtp_secret")]
    smtp_password_env: Option<String>,
    /// A command that prints it
    #[arg(long, value_name = "COMMAND", group = "smtp_secret")]
    smtp_password_command: Option<String>,
    /// A command that prints an OAuth 2.0 access token
    #[arg(long, value_name = "COMMAND", group = "smtp_secret")]
    smtp_token_command: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PlainTls {
    Starttls,
    /// plain text, only where nobody listens in
    None,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum First {
    All,
    /// only what comes from now on
    New,
}

impl Init {
    /// What was given, as the configuration's writer takes it.
    pub fn answers(&self) -> InitAnswers {
        let (incoming, outgoing) = (&self.incoming, &self.outgoing);
        InitAnswers {
            name: self.name.clone(),
            address: self.address.clone(),
            data: self.data.clone(),
            imap: ServerAnswers {
                url: incoming.imap.clone(),
                tls: incoming.imap_tls.map(Tls::from),
                ca_file: incoming.imap_ca_file.clone(),
                secret: source(
                    incoming.imap_password_file.as_ref(),
                    incoming.imap_password_env.as_ref(),
                    incoming.imap_password_command.as_ref(),
                    incoming.imap_token_command.as_ref(),
                ),
            },
            maildir: incoming.maildir.clone(),
            start: incoming.start.map(Start::from),
            smtp: ServerAnswers {
                url: outgoing.smtp.clone(),
                tls: outgoing.smtp_tls.map(Tls::from),
                ca_file: outgoing.smtp_ca_file.clone(),
                secret: source(
                    outgoing.smtp_password_file.as_ref(),
                    outgoing.smtp_password_env.as_ref(),
                    outgoing.smtp_password_command.as_ref(),
                    outgoing.smtp_token_command.as_ref(),
                ),
            },
            staff: (!self.staff.is_empty()).then(|| self.staff.clone()),
            policy: self.policy.clone(),
        }
    }
}

/// At most one is given: each server's are a group.
fn source(
    file: Option<&PathBuf>,
    env: Option<&String>,
    command: Option<&String>,
    token: Option<&String>,
) -> Option<SecretSource> {
    file.cloned()
        .map(SecretSource::File)
        .or_else(|| env.cloned().map(SecretSource::Env))
        .or_else(|| command.cloned().map(SecretSource::Command))
        .or_else(|| token.cloned().map(SecretSource::TokenCommand))
}

impl From<PlainTls> for Tls {
    fn from(tls: PlainTls) -> Tls {
        match tls {
            PlainTls::Starttls => Tls::StartTls,
            PlainTls::None => Tls::None,
        }
    }
}

impl From<First> for Start {
    fn from(first: First) -> Start {
        match first {
            First::All => Start::All,
            First::New => Start::New,
        }
    }
}
